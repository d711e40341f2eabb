"""The program's analysis as Whoosh analyzers, for this index and for any other."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from whoosh.analysis import Analyzer, Token

from policysearch.errors import IndexUnusableError
from policysearch.text import analyzer as tokens
from policysearch.text.analyzer import LocatedWord, QueryAnalyzer
from policysearch.text.dictionary import UserWord, dictionary_fingerprint, load_dictionary
from policysearch.text.folding import reduce, reduce_with_offsets

__all__ = ["GramAnalyzer", "WordAnalyzer", "occurrence_spans"]


_NO_CHARACTERS = re.compile("[\0\ud800-\udfff]")
_NO_BORDERS = str.maketrans("\t\n", "  ")


@lru_cache(maxsize=2)
def _index_analyzer(user_words: tuple[UserWord, ...]) -> tokens.Analyzer:
    return tokens.Analyzer(load_dictionary(user_words))


@lru_cache(maxsize=2)
def _query_analyzer(user_words: tuple[UserWord, ...]) -> QueryAnalyzer:
    return QueryAnalyzer(dictionary_fingerprint(user_words), user_words)


class _LocatingAnalyzer(Analyzer):  # type: ignore[misc]
    """Converts located words to Whoosh tokens."""

    def _located(self, text: str, mode: str) -> Iterable[LocatedWord]:
        raise NotImplementedError

    def __call__(
        self,
        value: str,
        positions: bool = False,
        chars: bool = False,
        keeporiginal: bool = False,
        removestops: bool = True,
        start_pos: int = 0,
        start_char: int = 0,
        mode: str = "",
        tokenize: bool = True,
        **options: Any,
    ) -> Iterator[Any]:
        """Yield the tokens of ``value``, reusing one ``Token`` object, as Whoosh's tokenizers do.

        Args:
            value: The text.
            positions: Whether tokens have ``pos``.
            chars: Whether tokens have ``startchar`` and ``endchar``, offsets in ``value`` in characters.
            keeporiginal: Whether tokens have ``original``, the characters as they are in ``value``.
            removestops: Ignored; there are no stop words.
            start_pos: Added to positions.
            start_char: Added to offsets.
            mode: ``query`` for a query, anything else for a text that is indexed or highlighted.
            tokenize: False yields the whole reduced value as one token.
            options: Further attributes of the tokens.
        """
        token = Token(positions, chars, removestops=removestops, mode=mode, **options)
        words = self._located(value, mode) if tokenize else [LocatedWord(reduce(value), 0, 0, len(value))]
        for word in words:
            token.text = word.text
            token.boost = 1.0
            if keeporiginal:
                token.original = value[word.start : word.end]
            token.stopped = False
            if positions:
                token.pos = start_pos + word.position
            if chars:
                token.startchar = start_char + word.start
                token.endchar = start_char + word.end
            yield token


class WordAnalyzer(_LocatingAnalyzer):
    """Segments Chinese text into jieba's words, folded; it is pickled as its user words alone.

    Texts are segmented in jieba's search mode: each word is followed by the
    shorter words inside it, at the same position. Queries are segmented without
    these.

    Args:
        user_words: Words added to jieba's dictionary.
        made_by: The fingerprint of the dictionary that an index was built with; None for the one installed here.

    Tokenizing raises ``IndexUnusableError`` when the installed dictionary has another fingerprint.
    """

    def __init__(self, user_words: Iterable[UserWord | tuple[str, int]] = (), made_by: str | None = None) -> None:
        self.user_words = tuple(sorted(UserWord(*word) for word in user_words))
        self.made_by = made_by
        self._checked = made_by is None

    def __getstate__(self) -> dict[str, Any]:
        return {"user_words": tuple(map(tuple, self.user_words)), "made_by": self.made_by}

    def __setstate__(self, state: Mapping[str, Any]) -> None:
        self.__init__(state["user_words"], state["made_by"])  # type: ignore[misc]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, WordAnalyzer) and self.__getstate__() == other.__getstate__()

    def __hash__(self) -> int:
        return hash(self.user_words)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(user_words={len(self.user_words)})"

    def _located(self, text: str, mode: str) -> Iterable[LocatedWord]:
        if not self._checked:
            installed = dictionary_fingerprint(self.user_words)
            if installed != self.made_by:
                raise IndexUnusableError(
                    f"The index was built with another dictionary ({self.made_by}; here: {installed}). "
                    "Build it again with: policysearch index --rebuild"
                )
            self._checked = True
        analyzer = _query_analyzer if mode == "query" else _index_analyzer
        # the index has no such characters, and the dictionary cannot look them up
        return analyzer(self.user_words).located(_NO_CHARACTERS.sub("\ufffd", text))

    def words(self, text: str) -> list[str]:
        """Return the words of an indexed text, in the order of ``__call__``."""
        return [word.text for word in self._located(text, "index")]


class GramAnalyzer(_LocatingAnalyzer):
    """Splits text into overlapping pairs of characters; in an indexed text, the last character is a term too."""

    def _located(self, text: str, mode: str) -> Iterable[LocatedWord]:
        reduced = reduce_with_offsets(text.translate(_NO_BORDERS) if mode == "query" else text)
        size = len(reduced.text)
        last = size - 1 if mode == "query" and size > 1 else size
        grams = [(i, min(i + 2, size)) for i in range(last)]
        for i, (span, (start, end)) in enumerate(zip(grams, reduced.spans(grams), strict=True)):
            yield LocatedWord(reduced.text[slice(*span)], i, start, end)


def occurrence_spans(text: str, reduced: str) -> list[tuple[int, int]]:
    """Return the start and end of each place of a text in a reduced one, left to right, overlapping ones included."""
    return [found.span(1) for found in re.finditer(f"(?=({re.escape(text)}))", reduced)]
