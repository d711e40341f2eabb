"""Matching of many literal terms at once with an Aho-Corasick automaton; matches are returned as arrays."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from itertools import chain
from typing import TYPE_CHECKING

from policysearch.text.folding import may_overlap

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.int64]

__all__ = ["TermMatcher", "utf8"]

_FEW = 50  # maximum number of terms that are compared pairwise
_SHORT = 100  # maximum length of a term whose prefixes are all compared


class TermMatcher:
    """Finds the matches of terms.

    Args:
        terms: The terms, not empty. With ``every`` one may be there more than once, each with its own matches.
        longest: Whether only the longest of all terms counts at each place, and matching resumes after it, left to
            right; otherwise each term is matched independently, its own overlapping matches once.
        every: Whether some matches will be ruled out before overlaps are resolved, so that all are needed.
    """

    def __init__(self, terms: Sequence[str], longest: bool, every: bool = False) -> None:
        # on bytes: with characters, the offsets of every text would be recounted, which takes longer than the search
        from ahocorasick_rs import BytesAhoCorasick, MatchKind

        # terms that cannot overlap one another are matched in the mode for the longest, in half of the time
        self._one_by_one = longest and every
        self._longest = (longest or _are_apart(terms)) and not every
        kind = MatchKind.LeftmostLongest if self._longest else MatchKind.Standard
        self._automaton = BytesAhoCorasick([utf8(term) for term in terms], kind)
        self._overlapping = [] if self._longest else [i for i, term in enumerate(terms) if _may_overlap(term)]

    def matches(
        self,
        text: bytes,
        ruled_out: Callable[[Numbers, Numbers, Numbers], NDArray[np.bool_]] | None = None,
        more: tuple[Numbers, Numbers, Numbers] | None = None,
    ) -> tuple[Numbers, Numbers, Numbers]:
        """Return start and end of each match in a text encoded by ``utf8``, and the number of its term.

        The matches of one term ascend. ``ruled_out`` is called with all matches, and returns which to drop. ``more``
        are matches of other kinds of terms, with higher numbers, that none of these rules out.
        """
        import numpy as np

        start, end, term = self.all_matches(text)
        if ruled_out is not None:
            counting = ~ruled_out(start, end, term)
            start, end, term = start[counting], end[counting], term[counting]
        if more is not None:
            start, end, term = (np.concatenate(both) for both in zip((start, end, term), more, strict=True))
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

    def all_matches(self, text: bytes) -> tuple[Numbers, Numbers, Numbers]:
        """Return the same before overlaps are resolved, unless they are while matching (not with ``every``)."""
        import numpy as np

        found = self._automaton.find_matches_as_indexes(text, overlapping=not self._longest)
        # through an array: numpy is slow with tuples
        numbers = np.frombuffer(array("q", chain.from_iterable(found)), np.int64).reshape(-1, 3)
        return numbers[:, 1], numbers[:, 2], numbers[:, 0]


def _longest_of(start: Numbers, end: Numbers, term: Numbers) -> tuple[Numbers, Numbers, Numbers]:
    """Return the longest match at each place, left to right, resuming after each."""
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
    """Return the bytes in which terms are searched."""
    return text.encode("utf-8", "surrogatepass")


def _are_apart(terms: Sequence[str]) -> bool:
    """Return whether no term can overlap or contain another; False without a test for many or long terms."""
    if len(terms) > _FEW or max(map(len, terms), default=0) > _SHORT:
        return False
    return not any(
        one in other or any(one.endswith(other[:size]) for size in range(1, len(other)))
        for one in terms
        for other in terms
        if one is not other
    )


def _may_overlap(term: str) -> bool:
    """Return whether two matches of a term can overlap: whether a prefix is also a suffix; True for a long term."""
    return len(term) > _SHORT or may_overlap(term)
