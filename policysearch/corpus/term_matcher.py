"""Finds literal terms in a text, all at once: an Aho-Corasick automaton, its matches as arrays."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from itertools import chain
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.int64]

__all__ = ["TermMatcher", "utf8"]

_FEW = 50  # terms, each compared with each
_SHORT = 100  # characters, of which each beginning is compared


class TermMatcher:
    """Finds where terms stand.

    Args:
        terms: Not empty, each once.
        longest: Whether only the longest of all terms counts at each place, and matching goes on behind it, left to
            right; else each term is matched as if it were alone, its own overlapping places once.
        every: Whether some places will be ruled out before that is settled, so that every one must be known.
    """

    def __init__(self, terms: Sequence[str], longest: bool, every: bool = False) -> None:
        # of bytes: characters would be counted anew in every text, which takes longer than the search
        from ahocorasick_rs import BytesAhoCorasick, MatchKind

        # terms that cannot overlap one another may be matched as if only the longest counted, in half of the time
        self._one_by_one = longest and every
        self._longest = (longest or _are_apart(terms)) and not every
        kind = MatchKind.LeftmostLongest if self._longest else MatchKind.Standard
        self._automaton = BytesAhoCorasick([utf8(term) for term in terms], kind)
        self._overlapping = [] if self._longest else [i for i, term in enumerate(terms) if _may_overlap(term)]

    def matches(
        self, text: bytes, ruled_out: Callable[[Numbers, Numbers, Numbers], NDArray[np.bool_]] | None = None
    ) -> tuple[Numbers, Numbers, Numbers]:
        """Return where each match begins in a text, made by ``utf8``, and ends, and the number of its term.

        Those of one term rise. ``ruled_out`` takes the same of every place, and returns which do not count.
        """
        import numpy as np

        found = self._automaton.find_matches_as_indexes(text, overlapping=not self._longest)
        # through an array: numpy takes its time with tuples
        numbers = np.frombuffer(array("q", chain.from_iterable(found)), np.int64).reshape(-1, 3)
        term, start, end = numbers[:, 0], numbers[:, 1], numbers[:, 2]
        if ruled_out is not None:
            counting = ~ruled_out(start, end, term)
            start, end, term = start[counting], end[counting], term[counting]
        if self._one_by_one:
            return _longest_of(start, end, term)
        if not self._overlapping:
            return start, end, term
        keep = np.ones(len(start), bool)
        for one in self._overlapping:
            own = np.flatnonzero(term == one)
            free = 0
            for i, begins, ends in zip(own.tolist(), start[own].tolist(), end[own].tolist(), strict=True):
                if begins < free:
                    keep[i] = False
                else:
                    free = ends
        return start[keep], end[keep], term[keep]


def _longest_of(start: Numbers, end: Numbers, term: Numbers) -> tuple[Numbers, Numbers, Numbers]:
    """Return the longest match at each place, left to right, going on behind each."""
    import numpy as np

    order = np.lexsort((-end, start))
    kept = []
    free = 0
    for i, begins, ends in zip(order.tolist(), start[order].tolist(), end[order].tolist(), strict=True):
        if begins >= free:
            kept.append(i)
            free = ends
    chosen = np.array(kept, np.int64)
    return start[chosen], end[chosen], term[chosen]


def utf8(text: str) -> bytes:
    """Return the bytes in which terms are looked for."""
    return text.encode("utf-8", "surrogatepass")


def _are_apart(terms: Sequence[str]) -> bool:
    """Return whether no term can overlap or hold another one; of many or long terms that is not looked at."""
    if len(terms) > _FEW or max(map(len, terms)) > _SHORT:
        return False
    return not any(
        one in other or any(one.endswith(other[:size]) for size in range(1, len(other)))
        for one in terms
        for other in terms
        if one is not other
    )


def _may_overlap(term: str) -> bool:
    """Return whether two places of a term can overlap: whether it ends as it begins; a long one may."""
    return len(term) > _SHORT or any(term[-size:] == term[:size] for size in range(1, len(term)))
