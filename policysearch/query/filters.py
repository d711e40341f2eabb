"""Parsing of filter values from the query language, from options and from topics."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, TypeAlias, TypeVar

from policysearch.errors import InputError, QueryError
from policysearch.frozen import replace
from policysearch.query.syntax import AllOf, Expression, Filter, normalize_query
from policysearch.text.characters import normalize
from policysearch.text.chinese import read_numeral
from policysearch.text.folding import reduce
from policysearch.vocabulary import FILTERS, Filterable, filter_named, meanings

__all__ = [
    "FilterValues",
    "field_filter",
    "id_matches",
    "ids_matching",
    "issuer_and_figures",
    "named_values",
    "several",
    "truth_as_typed",
    "with_filters",
]

T = TypeVar("T")


def field_filter(field: str, value: str, query: str, position: int) -> Filter:
    """Return a filter by one of ``vocabulary.FILTERS``, except those by date.

    Raises ``QueryError`` at ``position`` of ``query`` for an invalid value.
    """
    declared = filter_named(field)
    if declared is None:
        return Filter(field, value, position)
    if declared.kind == "years":
        from policysearch.query.periods import years_of

        (low, high), *others = years_of(value, query, position)
        return Filter(field, value, position, low, high, tuple(others))
    if declared.values and not meanings(declared, reduce(value)):
        raise QueryError(_unknown(declared, value), query, position)
    return Filter(field, value, position)


def _unknown(declared: Filterable, value: str) -> str:
    """Return the message for a value outside a fixed set."""
    from difflib import get_close_matches

    near = get_close_matches(reduce(value), [*declared.values, *declared.short], 1, 0.5)
    near = near or [one for one in declared.values if set(reduce(value)) & set(one)][:1]
    hint = f" Did you mean {near[0]}?" if near else ""
    return f"Unknown {declared.name} '{value}'.{hint} Expected one of: {', '.join(declared.values)}."


def id_matches(document_id: str, patterns: Sequence[str]) -> bool:
    """Return whether a document's id or path matches one of some patterns (``*``, ``?``), or there are none.

    A path is the part of the id before a record's or a member's name. Both match with and without percent-encoding.
    """
    return not patterns or any(map(_pattern(tuple(patterns)), _names_of(document_id)))


def ids_matching(document_ids: Iterable[str], pattern: str) -> frozenset[str]:
    """Return those of some document ids that match a pattern, as in ``id_matches``."""
    matches = _pattern((pattern,))
    return frozenset(one for one in document_ids if any(map(matches, _names_of(one))))


def _names_of(document_id: str) -> Iterator[str]:
    path = document_id.partition("#")[0]
    for name in (document_id,) if path == document_id else (document_id, path):
        yield name
        if "%" in name:
            from urllib.parse import unquote

            yield unquote(name, errors="surrogateescape")


@lru_cache(16)
def _pattern(patterns: tuple[str, ...]) -> Callable[[str], object]:
    """Return the test of a name; brackets in patterns are not wildcards, since names of files contain them."""
    wild = {"*": ".*", "?": "."}
    forms = ("".join(wild.get(c) or re.escape(c) for c in normalize(pattern)) for pattern in patterns)
    matches = re.compile("|".join(f"(?:{form})" for form in forms), re.DOTALL).fullmatch
    return lambda name: matches(name) or (not name.isascii() and matches(normalize(name)))


def named_values(values: Sequence[Any], kind: str) -> Mapping[str, Sequence[str]]:
    """Return the values of a field by the reduced names that a filter of this kind may call them."""
    found: dict[str, list[str]] = {}
    for stored in values:
        for name in _names(reduce(stored), kind):
            found.setdefault(name, []).append(stored)
    return found


def _names(stored: str, kind: str) -> Iterator[str]:
    yield stored
    if kind == "place":
        # also places that are not in the table: 云麓 for 云麓省
        yield from (stored[: -len(one)] for one in _ENDINGS if stored.endswith(one) and len(stored) > len(one) + 1)
    elif kind == "bodies":
        yield from re.split("[、,; ]", stored)


_ENDINGS = ("自治区", "自治州", "自治县", "自治旗", "地区", "特别行政区", "新区", "林区", *"省市县区州盟旗")


def issuer_and_figures(number: str) -> tuple[str, tuple[str, ...]]:
    """Return the issuer and the figures of a reduced document number, the same in any spelling.

    >>> issuer_and_figures("国发(2018)41号"), issuer_and_figures("国发2018年第041号")
    (('国发', ('2018', '41')), ('国发', ('2018', '41')))
    """
    number = _CHINESE_FIGURES.sub(lambda found: str(read_numeral(found[1]) or found[1]), number)
    figures = tuple(one.lstrip("0") for one in re.findall("[0-9]+", number))
    return re.split("[0-9(\\[〔【{]", number, maxsplit=1)[0].removesuffix("第"), figures


_CHINESE_FIGURES = re.compile("(?<=[(\\[〔【第)\\]〕】])([〇零一二三四五六七八九十百千]+)(?=[)\\]〕】号])")


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
        values = truth_as_typed(name, values)
        for typed in map(normalize_query, _values(name, values)):
            if not reduce(typed):
                raise QueryError(f"Expected a value for the filter {name}.", typed, 0)
            if declared.kind in ("since", "until", "as-of"):
                from policysearch.query.periods import day_of, lower_bound

                day = day_of(name, typed)
                if declared.kind == "as-of":
                    added.append(Filter(declared.name, typed, 0, None, day))
                    continue
                bounds = (lower_bound(day), None) if declared.kind == "since" else (None, day)
                added.append(Filter("when", typed, 0, *bounds))
            else:
                added.append(field_filter(name, typed, typed, 0))
    if not added:
        return expression
    own = expression.children if isinstance(expression, AllOf) else (expression,)
    return AllOf((*own, *_joined_bounds(added)))


def several(value: Any) -> Any:
    """Return several texts as a sequence: of a text not its characters, and of an iterator what it yields once."""
    if isinstance(value, str):
        return (value,)
    return tuple(value) if isinstance(value, Iterator) else value


def truth_as_typed(name: str, value: T) -> T | str:
    """Return a truth value of the filter ``latest`` as it is typed, and any other value as it is."""
    declared = filter_named(name) if isinstance(value, bool) else None
    return str(value).lower() if declared and declared.kind == "latest" else value


def _values(name: str, values: FilterValues) -> list[str]:
    """Return the values of a filter as text."""
    some = [values] if isinstance(values, (str, int)) or not isinstance(values, Iterable) else list(values)
    if any(isinstance(one, bool) or not isinstance(one, (str, int)) for one in some):
        raise InputError(f"The filter {name} takes a text, a number or several of these, not {values!r}.")
    return list(map(str, some))


def _first(*filters: Filter) -> str | None:
    return min((str(one.low) for one in filters if one.low), default=None)


def _last(*filters: Filter) -> str | None:
    return max(
        (str(one.high) for one in filters if one.high), default=None, key=lambda day: f"{day}~"
    )  # 2024 after 2024-03


def _joined_bounds(filters: Iterable[Expression]) -> list[Expression]:
    """Return the filters with ``since`` and ``until`` combined into one range: one of each must match."""
    out: list[Expression] = []
    bounds: Filter | None = None
    for one in filters:
        if isinstance(one, Filter) and one.field == "when":
            bounds = one if bounds is None else replace(bounds, low=_first(bounds, one), high=_last(bounds, one))
        else:
            out.append(one)
    low, high = (bounds.low, bounds.high) if bounds else (None, None)
    if low and high and str(low) > f"{high}~":
        raise QueryError(f"since {low} is later than until {high}; give the earlier one to since.", str(low), 0)
    return [*out, bounds] if bounds else out
