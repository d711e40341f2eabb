"""Tokenization with jieba's words: in search mode for texts, plain for queries.

This is jieba's own algorithm over jieba's own dictionary and model, and gives
the same words (a test compares the two); it is reimplemented so that log
probabilities are computed once instead of at every step, and so that a query
can be segmented with a dictionary that is read in place from its file.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from math import log
from typing import TYPE_CHECKING, NamedTuple

from policysearch.text.dictionary import (
    TrieWords,
    UserWord,
    WordDictionary,
    cached_words,
    dictionary_fingerprint,
    load_dictionary,
    open_words,
)
from policysearch.text.folding import expect_texts, fold, reduce_folded, reduce_folded_with_offsets

if TYPE_CHECKING:
    from policysearch.text.fast_words import FastWords

__all__ = ["Analyzer", "GradualAnalyzer", "LocatedWord", "QueryAnalyzer", "is_word"]

# Runs that jieba segments as one unit (its re_han_default), after folding.
_RUN = r"[一-鿕a-zA-Z0-9+#&._%\-]+|[^\s]"
_BROKEN = re.compile("[\n\t]")  # no word crosses the end of a line or of a cell
_CACHE_LIMIT = 30_000
_SLOW_START = 150_000  # characters that the plain analyzer tokenizes in the time that the fast one takes to load
_FEW = 100_000  # characters: more would take longer than the dictionary takes to load


def is_word(token: str) -> bool:
    """Return whether a token is a word: whether it contains a letter, a digit or a Han character."""
    return token.isalnum() or any(map(str.isalnum, token))


class LocatedWord(NamedTuple):
    """A word with its position and offsets.

    Attributes:
        text: The word, folded.
        position: Its ordinal from 0; punctuation marks count, and the shorter words inside a word share its position.
        start: Offset of its first character in the text, in characters.
        end: Offset after its last one.
    """

    text: str
    position: int
    start: int
    end: int


def _located(
    text: str, cut: Callable[[str], list[str]], shorter: Callable[[str], list[tuple[int, str]]]
) -> Iterator[LocatedWord]:
    """Yield the words of ``text`` in order, each followed by the shorter words in it."""
    position = line_start = 0
    for line in _BROKEN.split(fold(text)):
        reduced = reduce_folded_with_offsets(line)
        for run in re.finditer(_RUN, reduced.text):
            at = run.start()
            for word in cut(run[0]):
                found = [(0, word), *shorter(word)]
                words = [(at + i, one) for i, one in found if is_word(one)]
                spans = reduced.spans([(start, start + len(one)) for start, one in words])
                for (_, one), (start, end) in zip(words, spans, strict=True):
                    yield LocatedWord(one, position, line_start + start, line_start + end)
                position += 1
                at += len(word)
        line_start += len(line) + 1


def _words_of_route(run: str, ends: list[int], known: Callable[[str], object]) -> list[str]:
    """Return the words of ``run``, given the end of the best word from each place.

    Adjacent single characters are passed to jieba's model, unless the dictionary
    has them as a word (then they were split on purpose).
    """
    out: list[str] = []
    at = alone = 0
    size = len(run)
    while at < size:
        end = ends[at]
        if end - at > 1:
            if at > alone:
                _add_singles(run[alone:at], out, known)
            out.append(run[at:end])
            alone = end
        at = end
    if size > alone:
        _add_singles(run[alone:], out, known)
    return out


def _add_singles(singles: str, out: list[str], known: Callable[[str], object]) -> None:
    if len(singles) == 1:
        out.append(singles)
    elif known(singles):
        out.extend(singles)
    else:
        from policysearch.text.unknown_words import cut_unknown  # and jieba with it

        out.extend(cut_unknown(singles))


class _SearchMode:
    """jieba's search mode: each word is preceded by the shorter words in it."""

    def __init__(self, known: dict[str, int] | TrieWords) -> None:
        self._known = known
        self._cache: dict[str, list[str]] = {}

    def _cut_run(self, run: str) -> list[str]:
        raise NotImplementedError

    def _search_words(self, run: str) -> list[str]:
        """Return the words of a run, each preceded by the shorter words in it (jieba's search mode)."""
        return self._with_shorter(self._cut_run(run))

    def _unknown_words(self, singles: str) -> list[str]:
        """Return the words of adjacent single characters of a run, as ``_search_words`` does."""
        out: list[str] = []
        _add_singles(singles, out, self._known.get)
        return self._with_shorter(out)

    def _with_shorter(self, words: list[str]) -> list[str]:
        out: list[str] = []
        for word in words:
            if len(word) > 2:
                out.extend([shorter for _, shorter in self._shorter_words(word)])
            out.append(word)
        return [word for word in out if is_word(word)]

    def _shorter_words(self, word: str) -> list[tuple[int, str]]:
        """Return the words of two and of three characters inside a longer word, with their offsets in it."""
        known, size = self._known, len(word)
        found = [(i, pair) for i in range(size - 1) if (pair := word[i : i + 2]) in known] if size > 2 else []
        if size > 3:
            found += [(i, three) for i in range(size - 2) if (three := word[i : i + 3]) in known]
        return found

    def located(self, text: str) -> Iterator[LocatedWord]:
        """Yield the words that ``words`` returns with their places, each before the shorter ones in it."""
        return _located(text, self._cut_run, self._shorter_words)

    def words(self, text: str) -> list[str]:
        """Return the words of ``text`` in order, folded, in search mode; no word crosses a line break."""
        return self.words_of_folded(fold(text))

    def words_of_folded(self, folded: str) -> list[str]:
        """Return ``words`` of a text that is already folded."""
        out: list[str] = []
        cache = self._cache
        if len(cache) > _CACHE_LIMIT:
            cache.clear()
        for line in _BROKEN.split(folded):
            for run in re.findall(_RUN, reduce_folded(line)):
                words = cache.get(run)
                if words is None:
                    words = cache[run] = self._search_words(run)
                out.extend(words)
        return out


class Analyzer(_SearchMode):
    """Tokenizes texts for the index. Not thread-safe.

    Args:
        dictionary: The words and their frequencies.
        fast: Whether rjieba is used for long texts, if it is installed; the words are the same.
        many: Whether it is loaded at once.
    """

    def __init__(self, dictionary: WordDictionary, *, fast: bool = True, many: bool = False) -> None:
        super().__init__(dictionary.frequencies)
        self.dictionary = dictionary
        self._fast: FastWords | None = None
        self._slow = (0 if many else _SLOW_START) if fast else -1  # characters until rjieba is loaded; never below 0
        self._weights: dict[str, float | None] | None = None  # until they are needed
        self._floor = -log(dictionary.total)

    def _cut_run(self, run: str) -> list[str]:
        size, floor = len(run), self._floor
        if size == 1:
            return [run]
        if self._weights is None:
            self._weights = self.dictionary.weights()
        weights = self._weights
        best = [0.0] * (size + 1)
        ends = [0] * size
        for at in range(size - 1, -1, -1):
            end = at + 1
            top = floor + best[end]
            top_end = end
            weight = weights.get(run[at:end], 0.0)
            found = False
            while weight != 0.0:
                if weight is not None:
                    score = weight + best[end]
                    if not found or score >= top:
                        top, top_end, found = score, end, True
                end += 1
                if end > size:
                    break
                weight = weights.get(run[at:end], 0.0)
            best[at] = top
            ends[at] = top_end
        return _words_of_route(run, ends, self._known.get)

    def words_of_folded(self, folded: str) -> list[str]:
        """Return ``words`` of a text that is already folded."""
        return self.words_of_each([folded])[0]

    def words_of_each(self, folded: Sequence[str]) -> list[list[str]]:
        """Return ``words`` of each of some texts that are already folded."""
        if self._fast is None and self._slow >= 0:
            self._slow -= sum(map(len, folded))
            if self._slow < 0:
                from policysearch.text import fast_words

                # compared in place where it can be: the plain analyzer computes all weights first, which takes 0.1 s
                words = cached_words(self.dictionary.fingerprint)
                plain = self if words is None or self._weights is not None else _InPlaceAnalyzer(words)
                self._fast = fast_words.load_fast_words(self.dictionary, plain._search_words, self._unknown_words)
                if self._fast is not None:
                    self._weights = None
        if self._fast is not None:
            return self._fast.words(["\n".join(map(reduce_folded, _BROKEN.split(one))) for one in folded])
        return list(map(super().words_of_folded, folded))


class _InPlaceAnalyzer(_SearchMode):
    """Tokenizes texts with a dictionary that is read in place from its file: at once, but at a third of the speed."""

    def __init__(self, words: TrieWords) -> None:
        super().__init__(words)
        self._words = words

    def _cut_run(self, run: str) -> list[str]:
        return _cut_in_place(run, self._words)


class GradualAnalyzer:
    """Tokenizes texts for the index as ``Analyzer`` does, but loads the dictionary only for more than a few texts.

    To load it takes longer than all the rest of an update with a new document or two. Not thread-safe.
    """

    def __init__(self, user_words: Iterable[UserWord] = ()) -> None:
        self._user_words = tuple(user_words)
        self._expected = 0
        words = cached_words(dictionary_fingerprint(self._user_words))
        self._few = _InPlaceAnalyzer(words) if words is not None else None
        self._left = _FEW
        self._many: Analyzer | None = None

    def expect(self, characters: int) -> None:
        """Load what so many characters need at once, not only after a part of them: 0.8 s of CPU time less."""
        self._expected = characters
        if characters > _FEW:
            self._few = None

    def words_of_each(self, folded: Sequence[str]) -> list[list[str]]:
        """Return the words of each of some texts that are already folded, as ``Analyzer.words`` does."""
        if self._few is not None:
            self._left -= sum(map(len, folded))
            if self._left >= 0:
                return list(map(self._few.words_of_folded, folded))
            self._few = None
        if self._many is None:
            expect_texts()
            self._many = Analyzer(load_dictionary(self._user_words), many=self._expected > _SLOW_START)
        return self._many.words_of_each(folded)


def _route(run: str, words: TrieWords) -> tuple[float, list[int]]:
    """Return the log probability of the best words of a run, and the end of the best word from each place."""
    size = len(run)
    best = [0.0] * (size + 1)
    ends = [0] * size
    for at in range(size - 1, -1, -1):
        top, top_end = words.floor + best[at + 1], at + 1
        found = False
        for word in words.prefixes(run[at : at + 40]):
            weight = words.get(word)
            end = at + len(word)
            if weight is None:
                continue
            score = weight + best[end]
            if not found or score >= top:
                top, top_end, found = score, end, True
        best[at] = top
        ends[at] = top_end
    return best[0], ends


def _cut_in_place(run: str, words: TrieWords) -> list[str]:
    return _words_of_route(run, _route(run, words)[1], words.get)


class QueryAnalyzer:
    """Tokenizes queries with a dictionary that is read in place from its file."""

    def __init__(self, fingerprint: str, user_words: Iterable[UserWord] = ()) -> None:
        self._fingerprint = fingerprint
        self._user_words = tuple(user_words)
        self._words: TrieWords | None = None

    def _opened(self) -> TrieWords:
        if self._words is None:
            self._words = open_words(self._fingerprint, self._user_words)
        return self._words

    def log_probability(self, reduced: str) -> float:
        """Return the natural logarithm of the probability of a reduced text's words, by their frequencies alone.

        The text must not contain white space or punctuation marks.
        """
        return _route(reduced, self._opened())[0]

    def knows(self, word: str) -> bool:
        """Return whether the dictionary has a reduced text as a word."""
        return word in self._opened()

    def cut(self, reduced: str) -> list[str]:
        """Return the words of a reduced text in order, without the shorter words inside them."""
        words = self._opened()
        out: list[str] = []
        for run in re.findall(_RUN, reduced):
            out.extend(word for word in _cut_in_place(run, words) if is_word(word))
        return out

    def located(self, text: str) -> Iterator[LocatedWord]:
        """Yield the words of a text, which need not be reduced, with their places."""
        words = self._opened()
        return _located(text, lambda run: _cut_in_place(run, words), lambda _: [])
