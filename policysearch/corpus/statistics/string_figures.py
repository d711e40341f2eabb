"""The figures of strings in one selection or two, and the strings with the greatest weights."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from policysearch.corpus.statistics.selection import Totals
from policysearch.corpus.statistics.tally import Tally
from policysearch.frozen import frozen

__all__ = ["StringFigures", "StringRanking", "best_of", "no_tally"]

Numbers: TypeAlias = NDArray[np.int64]
Floats: TypeAlias = NDArray[np.float64]


@frozen
class StringFigures:
    """Strings and their figures.

    Attributes:
        strings: The strings, in no particular order; more than requested if several have equal weight.
        figures: For each, the occurrences in the first selection and in the second, the documents of the first and of
            the second.
        first: The totals of the first selection.
        second: The totals of the second.
    """

    strings: tuple[str, ...]
    figures: tuple[Numbers, Numbers, Numbers, Numbers]
    first: Totals
    second: Totals


@frozen
class StringRanking:
    """The parameters of a comparison; see ``compared``."""

    basis: str
    limit: int | None
    min_documents: int
    negative: bool
    stop: frozenset[str]
    alone: bool

    def weights(self, counts: tuple[Numbers, Numbers], sizes: tuple[int, int]) -> Floats:
        """Return the weight of each string; negative for strings to drop."""
        one, other = (column.astype(np.float64) for column in counts)
        if self.alone:
            return np.where(one > 0, one, -1.0)
        size, other_size = (np.maximum(float(n), column) for n, column in zip(sizes, (one, other), strict=True))
        more = one * other_size < other * size if self.negative else one * other_size > other * size
        return np.where(more, _log_likelihoods(one, other, size, other_size), -1.0)

    def chosen(self, weights: Floats, limit: int | None) -> Numbers:
        """Return the strings with the greatest weights, and all with the weight of the last one."""
        some = np.flatnonzero(weights >= 0)
        if limit is not None and len(some) > limit:
            if not limit:
                return some[:0]
            held = weights[some]
            least = np.partition(held, len(held) - limit)[len(held) - limit]
            some = some[held >= least * (1 - 1e-9)]  # sums are rounded differently here and in the rows
        return some


def best_of(strings: list[str], one: Tally, other: Tally, among: Numbers, asked: StringRanking) -> StringFigures:
    """Return the strings with the greatest weights, given their counts in both selections and their numbers."""
    needed = (other if asked.negative else one).documents
    among = among[needed[among] >= asked.min_documents]
    by_documents = asked.basis == "documents"
    counts = (one.documents, other.documents) if by_documents else (one.occurrences, other.occurrences)
    totals = one.totals, other.totals
    sizes = [side.documents if by_documents else side.characters for side in totals]
    weights = asked.weights((counts[0][among], counts[1][among]), (sizes[0], sizes[1]))
    chosen = among[asked.chosen(weights, asked.limit)]
    columns = one.occurrences, other.occurrences, one.documents, other.documents
    figures = tuple(column[chosen] for column in columns)
    return StringFigures(tuple(strings[at] for at in chosen.tolist()), figures, *totals)  # type: ignore[arg-type]


def no_tally(strings: int) -> Tally:
    """Return the counts of so many strings in no text."""
    return Tally(np.zeros(strings, np.int64), np.zeros(strings, np.int64), Totals(0, 0, 0))


def _log_likelihoods(one: Floats, other: Floats, size: Floats, other_size: Floats) -> Floats:
    """Return ``measures.log_likelihood`` of each, up to rounding."""
    found = np.zeros(len(one))
    both, total = one + other, size + other_size
    for cells, row in ((one, size), (other, other_size)):
        for cell, column in ((cells, both), (row - cells, total - both)):
            by_chance = row * column / np.maximum(total, 1)
            some = (cell > 0) & (by_chance > 0)
            found[some] += cell[some] * np.log(cell[some] / by_chance[some])
    return np.maximum(2 * found, 0.0)
