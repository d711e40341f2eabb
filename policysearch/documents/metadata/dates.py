"""Dates in official documents, converted to ISO."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from policysearch.text.chinese import read_numeral
from policysearch.text.patterns import lazy_pattern

__all__ = ["REPUBLIC", "Stated", "find_dates", "half_width", "parse_date", "parse_day", "year_of_value"]

# Full-width ASCII and the ideographic space to their half-width forms, one character each, so that
# offsets stay what they were.
_HALF_WIDTH = {chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)} | {"\u3000": " "}
_FULL_WIDTH = lazy_pattern("[\uff01-\uff5e\u3000]")
_MAY_BE_DATE = lazy_pattern(r"[年\d]")


def half_width(text: str) -> str:
    """Return a text with full-width ASCII and ideographic spaces as half-width ones.

    A text has few different ones: replacing each takes a fifth of the time of ``str.translate``, which looks up every
    character.
    """
    for wide in set(_FULL_WIDTH.findall(text)):
        text = text.replace(wide, _HALF_WIDTH[wide])
    return text


_ZEROS = "〇○零ＯOo0"
_AS_ZERO = str.maketrans(dict.fromkeys(_ZEROS, "〇"))
_ARABIC = (
    r"(?<!\d)(?P<year>(?:19|20)\d\d) ?(?:"
    r"年 ?(?P<month>1[0-2]|0?[1-9]|元) ?月 ?(?P<day>3[01]|[12]\d|0?[1-9]) ?日"
    r"|(?P<mark>[-/.])(?P<month2>1[0-2]|0?[1-9])(?P=mark)(?P<day2>3[01]|[12]\d|0?[1-9])(?!\d))"
)
_CHINESE = (
    rf"(?P<years>[一二][{_ZEROS}一二三四五六七八九]{{3}}) ?年 ?"
    r"(?P<months>十[一二]?|[一二三四五六七八九元]) ?月 ?"
    r"(?P<days>[二三]?十[一二三四五六七八九]?|[一二三四五六七八九]|廿[一二三四五六七八九]?) ?日"
)
REPUBLIC = r"(?:中[华華])?民[国國] ?(?:\d{1,3}|[一二三四五六七八九十百〇○零元]{1,6}) ?年"
"""A year of the Republic, which 1912 is the first of: 民國112年, 中華民國一百一十二年."""

FIRST_YEAR_OF_REPUBLIC = 1912

_IN_REPUBLIC = (
    r"民[国國] ?(?P<era>\d{1,3}|[一二三四五六七八九十百〇○零元]{1,6}) ?年 ?"
    r"(?P<month3>1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九]) ?月 ?"
    r"(?P<day3>3[01]|[12]\d|0?[1-9]|[二三]?十[一二三四五六七八九]?|[一二三四五六七八九]|廿[一二三四五六七八九]?) ?日"
)
_DATE = lazy_pattern(f"{_ARABIC}|{_CHINESE}")
_DATE_IN_ANY_ERA = lazy_pattern(f"{_ARABIC}|{_CHINESE}|{_IN_REPUBLIC}")


class Stated(NamedTuple):
    """A date in a text.

    Attributes:
        start: Offset of its first character.
        end: Offset just after its last one.
        date: The day in ISO form.
    """

    start: int
    end: int
    date: str


def _number(written: str) -> int:
    return int(written) if written.isdecimal() else read_numeral(written.translate(_AS_ZERO).replace("元", "一")) or 0


def _iso(match: re.Match[str]) -> str | None:
    if match["years"]:
        year, month, day = map(_number, match.group("years", "months", "days"))
    elif "era" in match.re.groupindex and match["era"]:
        year, month, day = map(_number, match.group("era", "month3", "day3"))
        year += FIRST_YEAR_OF_REPUBLIC - 1
    else:
        year = int(match["year"])
        month, day = _number(match["month"] or match["month2"]), int(match["day"] or match["day2"])
    try:
        return datetime.date(year, month, day).isoformat()
    except ValueError:
        return None


def find_dates(text: str) -> Iterator[Stated]:
    """Full dates in order: 2023年1月6日, 2023-01-06, 2023/1/6, 2023.1.6, 二〇二三年元月六日, 民國112年1月6日.

    Days that do not exist are ignored.

    >>> [found.date for found in find_dates("二〇二三年十一月二十日,2023-2-30,2024/1/6,中華民國一百一十二年五月一日")]
    ['2023-11-20', '2024-01-06', '2023-05-01']
    >>> [found.date for found in find_dates("2024年元月5日,二〇二四年元月五日")]
    ['2024-01-05', '2024-01-05']
    """
    if not _MAY_BE_DATE.search(text):
        return
    pattern = _DATE_IN_ANY_ERA if "民國" in text or "民国" in text else _DATE
    for match in pattern.finditer(half_width(text)):
        if date := _iso(match):
            yield Stated(match.start(), match.end(), date)


def parse_date(value: str) -> str | None:
    """Return the first date in a value, in ISO form; None when there is none.

    >>> parse_date("2018年12月04日")
    '2018-12-04'
    """
    return next((found.date for found in find_dates(value)), None)


_COMPACT = lazy_pattern(r"(?<!\d)((?:19|20)\d\d)(\d\d)(\d\d)(?!\d)")


@lru_cache(maxsize=1024)  # many records of a collection have the same day
def parse_day(value: str) -> str | None:
    """Return the date of a value that consists of one, with or without a time; None for others.

    Data sets also have days without marks, the numbers of spreadsheets, and seconds or milliseconds since 1970, of
    which the day is that of China.

    >>> parse_day("20230106"), parse_day("2023-01-06T08:00:00Z"), parse_day("20231306")
    ('2023-01-06', '2023-01-06', None)
    >>> parse_day("45291"), parse_day("1710432000"), parse_day("1710432000000")
    ('2023-12-31', '2024-03-15', '2024-03-15')
    """
    return parse_date(value) or parse_date(_COMPACT.sub(r"\1-\2-\3", value)) or _counted_day(value.strip())


_SPREADSHEET = datetime.date(1899, 12, 30)  # day 0 of Excel and of LibreOffice
_CHINA = datetime.timezone(datetime.timedelta(hours=8))


def _counted_day(value: str) -> str | None:
    """Return the day that a number of days, seconds or milliseconds means, from 1950 and 1990 on; else None."""
    if not value.isascii() or not value.isdigit() or len(value) not in (5, 10, 13):
        return None
    number = int(value)
    if len(value) == 5:
        day = _SPREADSHEET + datetime.timedelta(days=number)
        return day.isoformat() if 1950 <= day.year < 2100 else None
    moment = datetime.datetime.fromtimestamp(number / (1000 if len(value) == 13 else 1), _CHINA)
    return moment.date().isoformat() if 1990 <= moment.year < 2100 else None


_YEAR_OR_MONTH = lazy_pattern(
    r"((?:19|20)\d\d)(?:[ ]?年(?:[ ]?(?:1[0-2]|0?[1-9])[ ]?月)?|[-/.](?:1[0-2]|0?[1-9])|)(?:份|度)?$"
)


def year_of_value(value: str) -> int | None:
    """Return the year of a value that consists of a year or a month; None for others.

    >>> year_of_value("2021年"), year_of_value("2021-03"), year_of_value("2021年13月")
    (2021, 2021, None)
    """
    found = _YEAR_OR_MONTH.match(half_width(value).strip())
    return int(found[1]) if found else None
