"""A matrix of documents or groups and the occurrences of terms."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from policysearch.corpus.counting import count
from policysearch.corpus.counts import Count, Counts
from policysearch.corpus.panels import VALUES
from policysearch.corpus.statistics.selection import Selection
from policysearch.corpus.statistics.table import Table
from policysearch.corpus.term_dictionary import Terms
from policysearch.errors import InputError
from policysearch.frozen import frozen

__all__ = ["Matrix", "matrix"]

_ABOUT = ("documents_in_group", "characters")


@frozen
class Matrix(Table):
    """A matrix: rows are groups, in order of their values; columns their values, their totals, and the terms.

    Attributes:
        counts: The count.
        value: The values in the cells, one of ``VALUES``. None in a row without documents.
    """

    counts: Counts
    value: str

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns, as in every output."""
        return (*self.counts.by, *self._places, *_ABOUT, *self.counts.terms)

    @property
    def _places(self) -> tuple[str, ...]:
        return tuple(
            name for name in ("region_code", "level") if name in self.counts.told and name not in self.counts.by
        )

    @property
    def text_columns(self) -> tuple[str, ...]:
        """Names of the columns in text output: a document as a group has one."""
        each = "document" in self.counts.by
        return tuple(name for name in self.columns if not each or name != "documents_in_group")

    @property
    def measured(self) -> frozenset[str]:
        """Names of the columns whose None is NA."""
        return frozenset(self.counts.terms)

    @property
    def row_names(self) -> tuple[str, ...]:
        """Names of the columns that name the rows."""
        return self.counts.by

    @property
    def term_columns(self) -> tuple[str, ...]:
        """Names of the columns that are terms."""
        return self.counts.terms

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
        return {**group, **{name: getattr(one, name) for name in (*self._places, *_ABOUT)}}

    def totals(self) -> dict[str, Any]:
        """Return the totals of the selection as plain values for JSON."""
        names = ("documents", "sections", "characters")
        found = {"value": self.value, **{name: getattr(self.counts, name) for name in names}}
        expanded = {term: list(others) for term, others in self.counts.expanded.items()}
        return {**found, "expanded": expanded} if expanded else found


def matrix(
    selection: Selection,
    terms: Terms,
    *,
    by: str | Sequence[str] = ("document",),
    value: str = "occurrences",
    longest: bool = False,
    fill: bool = False,
    word: bool = False,
) -> Matrix:
    """Return a matrix of documents or groups and the occurrences of terms.

    Args:
        selection: The sections to count in.
        terms: As in ``counting.count``.
        by: The fields that make the rows, likewise.
        value: The values in the cells, one of ``VALUES``.
        longest: As in ``counting.count``.
        fill: Whether groups without documents have rows, likewise.
        word: Likewise.

    Raises ``InputError`` for an invalid term, field or value.
    """
    if value not in VALUES:
        raise InputError(f"Unknown value {value!r}; expected one of: {', '.join(VALUES)}.")
    counts = count(
        selection.engine, selection.node, terms, by=by, longest=longest, fill=fill, word=word, accepts=selection.accepts
    )
    taken = {*counts.by, *counts.told, *_ABOUT} & set(counts.terms)
    if taken:
        raise InputError(f"A term has the name of another column: {', '.join(sorted(taken))}.")
    if value == "weighted" and not counts.weighted:
        raise InputError("The terms have no weights; give a dictionary with weights, or another value.")
    return Matrix(counts, value)
