"""The writing of terms in the texts: folding makes 覆 and 复 equal, and a term is printed as it stands there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING

from policysearch.corpus.statistics.selection import Selection
from policysearch.engines.tree import And, Contains
from policysearch.frozen import replace
from policysearch.query.matching import occurrences
from policysearch.text.written_words import as_written, folded_characters

if TYPE_CHECKING:
    from policysearch.text.analyzer import QueryAnalyzer

__all__ = ["writings"]

_SECTIONS = 50  # read for a term
_MOST_TERMS = 500  # whose texts are read: they take 3 ms each in 100 MB


def writings(selections: Sequence[Selection], terms: Iterable[str]) -> dict[str, str]:
    """Return the writing of folded terms that differs from them or may differ.

    That of a word of the dictionary is the most frequent one there, if that is the folded form; of other terms it is
    the most frequent one in the first sections of the first selection that contains the term. Places in traditional
    characters do not count.
    """
    found: dict[str, str] = {}
    ambiguous = frozenset(folded_characters().values())
    read = 0
    for term in terms:
        if ambiguous.isdisjoint(term):
            continue
        found[term] = as_written(term)
        if read < _MOST_TERMS and (found[term] != term or not _is_word(selections[0], term)):
            read += 1
            found[term] = next(filter(None, (_in_texts(one, term) for one in selections)), found[term])
    return found


def _in_texts(selection: Selection, term: str) -> str | None:
    """Return the most frequent writing of a term in the first sections that contain it."""
    counted: Counter[str] = Counter()
    containing = replace(selection, node=And((Contains(term), selection.node)))
    for section in islice(containing.stored(), _SECTIONS):
        text = section.text
        for start, end in section.shown.way_back.spans(occurrences(term, section.reduced, apart=True)):
            written = "".join(text[start:end].split())
            if len(written) == len(term) and all(
                own == one or folded_characters().get(own) == one or own.lower() == one
                for own, one in zip(written, term, strict=True)
            ):
                counted[written.lower()] += 1
    return counted.most_common(1)[0][0] if counted else None


def _is_word(selection: Selection, term: str) -> bool:
    analysis = selection.engine.description["analysis"]
    return _words(analysis["fingerprint"], tuple(map(tuple, analysis["user_words"]))).knows(term)


@lru_cache(maxsize=2)
def _words(fingerprint: str, user_words: tuple[tuple[str, int], ...]) -> QueryAnalyzer:
    from policysearch.text.analyzer import QueryAnalyzer
    from policysearch.text.dictionary import UserWord

    return QueryAnalyzer(fingerprint, (UserWord(*one) for one in user_words))
