"""Parsing of filter values from the query language, from options and from topics."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import TypeAlias

from policysearch.errors import InputError, QueryError
from policysearch.frozen import replace
from policysearch.query.syntax import AllOf, Expression, Filter, normalize_query
from policysearch.text.folding import reduce
from policysearch.vocabulary import FILTERS, filter_named

__all__ = ["FilterValues", "field_filter", "id_matches", "with_filters"]


def field_filter(field: str, value: str, query: str, position: int) -> Filter:
    """Return a filter by one of ``vocabulary.FILTERS`` but those of dates.

    Raises ``QueryError`` at ``position`` of ``query`` for an invalid value.
    """
    declared = filter_named(field)
    if declared is not None and declared.kind == "years":
        return Filter(field, value, position, *year_range(value, query, position))
    known = () if declared is None else declared.values
    if known and reduce(value) not in map(reduce, known):
        expected = ", ".join(known)
        raise QueryError(f"Unknown {field} '{value}'; expected one of: {expected}.", query, position)
    return Filter(field, value, position)


def id_matches(document_id: str, patterns: Sequence[str]) -> bool:
    """Return whether a document id matches one of some patterns (``*``, ``?``), or there are none."""
    return not patterns or any(fnmatchcase(document_id, pattern) for pattern in patterns)


FilterValues: TypeAlias = "str | int | Iterable[str | int]"
"""One filter value or several alternatives."""


def with_filters(expression: Expression, filters: Mapping[str, FilterValues]) -> Expression:
    """Return the expression with filters added, as if they had been typed.

    Raises ``InputError`` for an unknown filter or a value of another type, ``QueryError`` for an invalid value.
    """
    added: list[Expression] = []
    for name, values in filters.items():
        declared = filter_named(name)
        if declared is None:
            known = ", ".join(one.name for one in FILTERS)
            raise InputError(f"Unknown filter '{name}'; expected one of: {known}.")
        for typed in map(normalize_query, _values(name, values)):
            if not reduce(typed):
                raise QueryError(f"Expected a value for the filter {name}.", typed, 0)
            if declared.kind in ("since", "until"):
                day = _day(name, typed)
                added.append(Filter("when", typed, 0, *((day, None) if declared.kind == "since" else (None, day))))
            else:
                added.append(field_filter(name, typed, typed, 0))
    if not added:
        return expression
    own = expression.children if isinstance(expression, AllOf) else (expression,)
    return AllOf((*own, *_joined_bounds(added)))


def _values(name: str, values: FilterValues) -> list[str]:
    """Return the values of a filter as text."""
    several = [values] if isinstance(values, (str, int)) or not isinstance(values, Iterable) else list(values)
    if any(isinstance(one, bool) or not isinstance(one, (str, int)) for one in several):
        raise InputError(f"The filter {name} takes a text, a number or several of these, not {values!r}.")
    return list(map(str, several))


def _joined_bounds(filters: Iterable[Expression]) -> list[Expression]:
    """Return the filters with ``since`` and ``until`` combined into one range, since both must match."""
    out: list[Expression] = []
    bounds: Filter | None = None
    for one in filters:
        if isinstance(one, Filter) and one.field == "when":
            bounds = one if bounds is None else replace(bounds, low=bounds.low or one.low, high=bounds.high or one.high)
        else:
            out.append(one)
    return [*out, bounds] if bounds else out


def _day(name: str, value: str) -> str:
    """Validate an ISO date: a year, a month or a day; return it unchanged."""
    text = reduce(value)
    parts = text.split("-")
    fits = (
        1 <= len(parts) <= 3
        and [len(p) for p in parts] == [4, 2, 2][: len(parts)]
        and all(p.isascii() and p.isdigit() for p in parts)
    )
    if not fits:
        raise QueryError(f"Expected a date such as 2023, 2023-01 or 2023-01-31 for {name}.", value, 0)
    return text


_YEAR = re.compile(r"([0-9]{4})年?")


def _year(text: str, query: str, position: int) -> int:
    found = _YEAR.fullmatch(text)
    if not found:
        raise QueryError(f"Expected a year such as 2023, or years such as 2020..2024, not '{text}'.", query, position)
    return int(found[1])


def year_range(value: str, query: str, position: int) -> tuple[int | None, int | None]:
    """Return the first and the last year of ``2023``, ``2020..2024``, ``2020..`` or ``..2024``."""
    text = reduce(value)
    if ".." not in text:
        year = _year(text, query, position)
        return year, year
    first, _, last = text.partition("..")
    if not first and not last:
        raise QueryError("Expected a year before or after '..', as in 2020..2024.", query, position)
    low = _year(first, query, position) if first else None
    high = _year(last, query, position) if last else None
    if low is not None and high is not None and low > high:
        raise QueryError(f"Expected the earlier year first: {high}..{low}.", query, position)
    return low, high
