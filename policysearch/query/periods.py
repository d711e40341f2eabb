"""Parsing of typed years and days: 2023, 2020..2024, 二〇二三年; 2025-1, 20250105, 2025年1月5日."""

from __future__ import annotations

import re
from typing import NoReturn

from policysearch.errors import QueryError
from policysearch.text.chinese import read_numeral
from policysearch.text.folding import reduce

__all__ = ["day_of", "lower_bound", "years_of"]

_DIGITS = "〇零一二三四五六七八九"
_YEAR = re.compile(rf"([0-9]{{4}}|[{_DIGITS}]{{4}})(?:年度?)?")
_RANGE = re.compile(r"(?P<low>.*?)(?:\.{2,}|…+|‥)(?P<high>.*)|(?P<from>.+?)[-~至到](?P<to>.+)")
_LIST = re.compile("[,、;]")
_DAY = re.compile(
    rf"(?P<year>[0-9]{{4}}|[{_DIGITS}]{{4}})"
    r"(?:年(?:(?P<month>[0-9]{1,2}|[一二三四五六七八九十]{1,3})月(?:(?P<day>[0-9]{1,2}|[一二三四五六七八九十]{1,3})[日号]?)?)?"
    r"|(?P<mark>[-/.])(?P<month2>[0-9]{1,2})(?:(?P=mark)(?P<day2>[0-9]{1,2}))?"
    r"|(?P<month3>[0-9]{2})(?P<day3>[0-9]{2})?)?"
)

Years = tuple[int | None, int | None]


def years_of(value: str, query: str, position: int) -> tuple[Years, ...]:
    """Return the ranges of ``2023``, ``2020..2024``, ``2020-2024``, ``2020..``, ``..2024``, ``2020,2024``, 二〇二三年.

    Each is the first and the last year, None for an open end. Raises ``QueryError`` at ``position`` of ``query``.
    """
    return tuple([_range(one, value, query, position) for one in _LIST.split(reduce(value))])


def _range(text: str, value: str, query: str, position: int) -> Years:
    ends = _RANGE.fullmatch(text)
    if not ends:
        year = _year(text, value, query, position)
        return year, year
    first, last = ends["low"] or ends["from"], ends["high"] or ends["to"]
    if not first and not last:
        raise QueryError("Expected a year before or after '..', as in 2020..2024.", query, position)
    low = _year(first, value, query, position) if first else None
    high = _year(last, value, query, position) if last else None
    if low is not None and high is not None and low > high:
        raise QueryError(f"Expected the earlier year first: {high}..{low}.", query, position)
    return low, high


def _year(text: str, value: str, query: str, position: int) -> int:
    found = _YEAR.fullmatch(text)
    year = read_numeral(found[1]) if found else None
    if not year:
        dated = _DAY.fullmatch(reduce(value))
        hint = " For months and days there are since and until." if dated and dated["year"] != value else ""
        raise QueryError(
            f"Expected a year such as 2023, or years such as 2020..2024, not '{value}'.{hint}", query, position
        )
    return year


def day_of(name: str, value: str) -> str:
    """Return a year, a month or a day in ISO form: 2025, 2025-01 or 2025-01-05.

    Raises ``QueryError`` for anything else, and for a date that does not exist; ``name`` is the filter's.
    """
    found = _DAY.fullmatch(reduce(value))
    if not found:
        _fail(name, value, "it is not a date")
    parts = (found["year"], *(found[part] or found[f"{part}2"] or found[f"{part}3"] for part in ("month", "day")))
    year, month, day = (None if part is None else read_numeral(part) for part in parts)
    if not year:
        _fail(name, value, f"there is no year {found['year']}")
    if month is not None and not 1 <= month <= 12:
        _fail(name, value, f"there is no month {month}")
    if month is not None and day is not None:
        last = _days(year, month)
        if not 1 <= day <= last:
            _fail(name, value, f"{year:04}-{month:02} has {last} days")
    return "-".join([f"{year:04}", *(f"{part:02}" for part in (month, day) if part is not None)])


def lower_bound(day: str) -> str:
    """Return the year or month that begins with a day, so that documents of this year without a date are not before it.

    >>> lower_bound("2024-01-01"), lower_bound("2024-03-01"), lower_bound("2024-03-02")
    ('2024', '2024-03', '2024-03-02')
    """
    month = day.removesuffix("-01") if len(day) == 10 else day
    return month.removesuffix("-01") if len(month) == 7 else month


def _days(year: int, month: int) -> int:
    if month == 2:
        return 29 if year % 4 == 0 and (year % 100 or year % 400 == 0) else 28
    return 30 if month in (4, 6, 9, 11) else 31


def _fail(name: str, value: str, reason: str) -> NoReturn:
    message = f"'{value}' cannot be the value of {name}: {reason}; expected a date such as 2023, 2023-01 or 2023-01-31."
    raise QueryError(message, value, 0)
