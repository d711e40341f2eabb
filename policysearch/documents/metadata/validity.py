"""The period in which a document is in force, if its own text states it."""

from __future__ import annotations

import datetime

from policysearch.documents.metadata.dates import find_dates, half_width, parse_date
from policysearch.text.chinese import HAN, read_numeral
from policysearch.text.patterns import lazy_pattern

__all__ = ["read_validity"]

_LOOKED_AT = 4_000  # number of last characters of a document, where this is stated
_EFFECTIVE = lazy_pattern(
    rf"本[{HAN}]{{1,12}}?,?(?:自|从)(?P<day>[^,。;\n]{{8,16}}?)(?:之日)?起,?(?:正式|开始|试)?(?:施行|实施|执行|生效|行)"
)
_UNTIL = lazy_pattern(r"有效期(?:限)?(?:截?至|到|为?至)(?P<day>[^,。;\n]{8,14})")
_YEARS = lazy_pattern(
    rf"(?:本[{HAN}]{{1,12}}|实施|施行|执行|印发)[^。;\n]{{0,12}}有效期(?:限)?(?:为)?(?P<years>[1-9一二两三四五六七八九十])年"
)


def read_validity(text: str, date: str | None) -> tuple[str | None, str | None]:
    """Return the first and the last day on which a document is in force, in ISO form; None if not stated.

    Args:
        text: The document's text.
        date: Its date, from which a term of years is counted if the text states no other day.

    >>> read_validity("本办法自2020年3月1日起施行，有效期5年。", "2020-02-03")
    ('2020-03-01', '2025-02-28')
    """
    if "起" not in text and "效" not in text:  # as in nearly all short ones
        return None, None
    end = "".join(half_width(text[-_LOOKED_AT:]).replace("，", ",").replace("；", ";").split(" "))
    effective = None
    for found in _EFFECTIVE.finditer(end):
        effective = parse_date(found["day"]) or effective
    until = None
    for found in _UNTIL.finditer(end):
        until = next((day.date for day in find_dates(found["day"])), until)
    if until is None and "有效期" in end and (found_years := _YEARS.search(end)):
        years = 2 if found_years["years"] == "两" else read_numeral(found_years["years"])
        until = _years_after(effective or date, years or 0)
    return effective, until


def _years_after(date: str | None, years: int) -> str | None:
    """Return the last day of a number of years that begin on a day."""
    if not date or len(date) != 10 or not years:
        return None
    year, month, day = map(int, date.split("-"))
    try:
        after = datetime.date(year + years, month, day)
    except ValueError:  # the 29th of February
        after = datetime.date(year + years, 3, 1)
    return (after - datetime.timedelta(days=1)).isoformat()
