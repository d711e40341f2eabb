"""How often each term stands in each document or group: a matrix, with a column for each term."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from policysearch.corpus.counting import count
from policysearch.corpus.counts import Count, Counts
from policysearch.corpus.statistics.selection import Selection
from policysearch.corpus.statistics.table import Table
from policysearch.errors import InputError
from policysearch.frozen import frozen

__all__ = ["VALUES", "Matrix", "matrix"]

VALUES = ("occurrences", "per_10000", "sections", "documents")
"""What stands in the cells."""

_ABOUT = ("documents_in_group", "characters")


@frozen
class Matrix(Table):
    """Rows are groups, in order of their values; columns their values, what they were counted in, and the terms.

    Attributes:
        counts: What was counted.
        value: What stands in the cells, one of ``VALUES``. None in a row without documents.
    """

    counts: Counts
    value: str

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns, as in every output."""
        return (*self.counts.by, *_ABOUT, *self.counts.terms)

    @property
    def measured(self) -> frozenset[str]:
        """Names of the columns whose None is NA."""
        return frozenset(self.counts.terms)

    def values(self) -> Sequence[dict[str, Any]]:
        """Return the rows."""
        return list(self.rows())

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield each row as plain values by the names of ``columns``."""
        row: dict[str, Any] = {}
        for one in self.counts:
            row[one.term] = getattr(one, self.value)
            if len(row) == len(self.counts.terms):
                yield {**self._about(one), **row}
                row = {}

    def _about(self, one: Count) -> dict[str, Any]:
        group = dict(zip(self.counts.by, one.group, strict=True))
        return {**group, **{name: getattr(one, name) for name in _ABOUT}}

    def totals(self) -> dict[str, Any]:
        """Return the totals of the selection as plain values for JSON."""
        names = ("documents", "sections", "characters")
        return {"value": self.value, **{name: getattr(self.counts, name) for name in names}}


def matrix(
    selection: Selection,
    terms: str | Sequence[str] | Mapping[str, str | Sequence[str]],
    *,
    by: str | Sequence[str] = ("document",),
    value: str = "occurrences",
    longest: bool = False,
    fill: bool = False,
) -> Matrix:
    """Return how often each term stands in each document or group.

    Args:
        selection: Where to count.
        terms: As in ``counting.count``.
        by: Likewise: what makes the rows.
        value: What stands in the cells, one of ``VALUES``.
        longest: As in ``counting.count``.
        fill: Likewise: whether groups without documents have rows.

    Raises ``InputError`` for a term, a field or a value that cannot be.
    """
    if value not in VALUES:
        raise InputError(f"There is no value {value!r}; there are: {', '.join(VALUES)}.")
    counts = count(
        selection.engine, selection.node, terms, by=by, longest=longest, fill=fill, accepts=selection.accepts
    )
    taken = {*counts.by, *_ABOUT} & set(counts.terms)
    if taken:
        raise InputError(f"A term has the name of another column: {', '.join(sorted(taken))}.")
    return Matrix(counts, value)
