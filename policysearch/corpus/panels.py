"""The rows of a count in another order or shape: sorted, or with a column for each year or term."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

from policysearch.corpus.counts import About, Counts, rank_in_rows
from policysearch.corpus.statistics.table import Table
from policysearch.errors import InputError
from policysearch.frozen import frozen, replace
from policysearch.vocabulary import field_order

__all__ = ["ACROSS", "VALUES", "Panel", "panel"]

ACROSS = ("year", "term")
"""The columns that a wide table may have."""

VALUES = ("occurrences", "per_10000", "sections", "documents", "weighted")
"""The values that the cells of a wide table may have."""

_UNKNOWN = "year unknown"


@frozen
class Panel(Table):
    """Rows of a count.

    Attributes:
        names: The columns.
        measures: The columns whose None is NA.
        lines: The rows.
        counts: The count.
    """

    names: tuple[str, ...]
    measures: frozenset[str]
    lines: tuple[dict[str, Any], ...]
    counts: Counts

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns, as in every output."""
        return self.names

    @property
    def text_columns(self) -> tuple[str, ...]:
        """Names of the columns that are shown to people: a place is named without its code and level."""
        told = {name for name in About._fields if name not in (*self.counts.by, "documents_in_group", "characters")}
        return tuple(name for name in self.names if name not in told)

    @property
    def row_names(self) -> tuple[str, ...]:
        """Names of the columns that name the rows."""
        return tuple(name for name in (*self.counts.by, "term") if name in self.names) or self.names[:1]

    @property
    def measured(self) -> frozenset[str]:
        """Names of the columns whose None is NA."""
        return self.measures

    def values(self) -> Sequence[dict[str, Any]]:
        """Return the rows."""
        return self.lines

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield each row as plain values by the names of ``columns``."""
        return iter(self.lines)

    def totals(self) -> dict[str, Any]:
        """Return the totals of the selection as plain values for JSON."""
        found: dict[str, Any] = self.counts.to_dict()
        return {name: value for name, value in found.items() if name != "rows"}


def panel(counts: Counts, *, sort: str | None = None, wide: str | None = None, value: str = "occurrences") -> Panel:
    """Return the rows of a count.

    Args:
        counts: The count.
        sort: A column, with a minus in front for greatest first; NA comes last, equal rows keep their order. None for
            the order of the count.
        wide: ``year`` or ``term`` for a column for each; None for a row for each.
        value: The values in these columns, one of ``VALUES``. None where the group has no documents.

    Raises ``InputError`` for an unknown column or value, or for columns of years without counts by year.
    """
    if value not in VALUES:
        raise InputError(f"Unknown value {value!r}; expected one of: {', '.join(VALUES)}.")
    if value == "weighted" and not counts.weighted:
        raise InputError("The terms have no weights; give a dictionary with weights, or another value.")
    if wide is None:
        names = counts.columns
        measured = frozenset((*VALUES, "range", "dp"))
        lines = list(counts.rows())
    else:
        names, measured, lines = _wide(counts, wide, value)
    if sort is not None:
        column, falling = sort.removeprefix("-"), sort.startswith("-")
        if column not in names:
            raise InputError(f"Unknown column '{column}' to sort by; expected one of: {', '.join(names)}.")
        known = [row for row in lines if row[column] is not None]
        # the sort is stable in both directions
        known.sort(key=partial(_rank, counts.by, column), reverse=falling)
        lines = known + [row for row in lines if row[column] is None]
    return Panel(names, measured, tuple(lines), counts)


def _rank(by: Sequence[str], column: str, row: dict[str, Any]) -> tuple[Any, ...]:
    if column in by:
        return rank_in_rows(column, row[column], row.get("region_code"))
    return field_order(column, row[column])


def _wide(counts: Counts, across: str, value: str) -> tuple[tuple[str, ...], frozenset[str], list[dict[str, Any]]]:
    if across not in ACROSS:
        raise InputError(f"A table cannot have columns for {across!r}, only for: {', '.join(ACROSS)}.")
    if across == "year" and "year" not in counts.by:
        raise InputError("A column for each year needs counts by year; add year to the fields to count by.")
    told = [name for name in counts.columns if name in About._fields and name not in counts.by]
    fields = [*(name for name in counts.by if name != across), *(["term"] if across == "year" else []), *told]
    if across == "term":
        fields += ["documents_in_group", "characters"]
    cells: dict[tuple[Any, ...], dict[str, Any]] = {}
    occurring: set[tuple[Any, ...]] = set()
    found: dict[str, None] = {}
    every = replace(counts.with_one_name_of_each_place(), nonzero=False)  # an empty cell is 0, not NA
    for row in every.rows():
        name = row[across] if row[across] is not None else _UNKNOWN
        found[str(name)] = None
        key = tuple(row[field] for field in fields)
        cells.setdefault(key, {})[str(name)] = row[value]
        if row["occurrences"]:
            occurring.add(key)
    names = [*found] if across == "term" else sorted(found, key=lambda name: (not name.isdigit(), name))
    twice = set(names) & set(fields)
    if twice:
        raise InputError(f"A term has the name of another column: {', '.join(sorted(twice))}.")
    lines = [
        {**dict(zip(fields, key, strict=True)), **{name: held.get(name) for name in names}}
        for key, held in cells.items()
        if key in occurring or not counts.nonzero
    ]
    return (*fields, *names), frozenset(names), lines
