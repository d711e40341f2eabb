"""The cover of a standard: its number, title, days and issuer."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from policysearch.documents.metadata.dates import find_dates, half_width
from policysearch.documents.metadata.issuers import is_body, split_bodies
from policysearch.text.chinese import HAN, has_han
from policysearch.text.patterns import lazy_pattern

__all__ = ["Standard", "read_standard"]

_COVER_LINES = 30


class Standard(NamedTuple):
    """The data on the cover of a standard.

    Attributes:
        number: As written, with one space after the code: GB/T 2260—2007, DB11/T 1234—2020.
        title: Its name in Chinese, or None.
        date: The day of publication, ISO, or None.
        effective: The day from which it is in force, likewise.
        issuer: The bodies that published it, joined by 、, or None.
        national: Whether it is a standard of the state or of a trade.
    """

    number: str
    title: str | None
    date: str | None
    effective: str | None
    issuer: str | None
    national: bool


_NUMBER = lazy_pattern(
    r"(?P<code>[A-Z]{1,5}\d{0,6}(?:/(?:[A-Z]{1,8}|\d{2,6}))?) ?(?P<rest>\d{1,6}(?:\.\d{1,3})?) ?"
    r"[-—–－‐] ?(?P<year>(?:19|20)?\d\d)"
)
_BEGINS = lazy_pattern(r"\s*[A-ZＡ-Ｚ]")
_MAY_BE_NUMBER = lazy_pattern(r"[A-Z][A-Z\d/]* ?\d[\d.]* ?[-—–－‐] ?\d")
_KIND = lazy_pattern(
    rf"(?P<nation>中华人民共和国)?(?P<place>[{HAN}]{{0,16}}?)(?P<kind>国家|行业|地方|团体|企业|[{HAN}]{{2,8}}行业)(?:推荐性|强制性)?标准"
)
_DAY = lazy_pattern(r"\s*(?P<what>发布|批准|实施|施行)(?!日期|时间)")
_LABEL = lazy_pattern(r"(?P<what>发布|批准|实施|施行)(?:日期|时间)\W*$")
_REPLACES = lazy_pattern(r"代替|替代|部分代替|ICS|CCS|备案号|[发實实]施|发布|目次|前言|目录|UDC")


def read_standard(lines: Sequence[str]) -> Standard | None:
    """Return the standard whose cover the first lines of a text are, or None.

    A cover has the number on a line of its own, or before the title, and says what kind of standard it is or on which
    days it was published and comes into force.
    """
    if not any(map(_BEGINS.match, lines[:_COVER_LINES])):  # nearly always
        return None
    cover = [" ".join(half_width(line).split()) for line in lines[:_COVER_LINES]]
    for at, line in enumerate(cover):
        if not _MAY_BE_NUMBER.match(line):
            continue
        number = _NUMBER.match(line)
        title = line[number.end() :].strip() if number else ""
        if number is None or (title and not has_han(title)):
            continue
        kinds = [kind for one in cover[: at + 4] if (kind := _KIND.fullmatch("".join(one.split())))]
        days = {what: day for one in cover for what, day in _days(one)}
        if not kinds and len(days) < 2:
            return None
        return Standard(
            f"{number['code']} {number['rest']}—{number['year']}",
            title or _title(cover[at + 1 :]),
            days.get("发布"),
            days.get("实施"),
            _issuer(cover),
            bool(kinds and (kinds[0]["nation"] or kinds[0]["kind"] not in ("地方", "团体", "企业"))),
        )
    return None


def _days(line: str) -> list[tuple[str, str]]:
    """Return the days of a line that are followed by what was done then: 2020-06-24发布 2020-10-01实施."""
    found = []
    for stated in find_dates(line):
        if what := _LABEL.search(line[: stated.start]) or _DAY.match(line, stated.end):
            found.append(("发布" if what["what"] in ("发布", "批准") else "实施", stated.date))
    return found


def _title(lines: Sequence[str]) -> str | None:
    """Return the title that begins in the first possible line, with the line in which it continues."""
    for at, line in enumerate(lines):
        if _may_be_title(line):
            after = lines[at + 1] if at + 1 < len(lines) else ""
            part = " " if after.startswith("第") else ""
            return f"{line}{part}{after}" if _may_be_title(after) and not next(find_dates(after), None) else line
    return None


def _may_be_title(line: str) -> bool:
    squashed = "".join(line.split())
    other = _REPLACES.search(squashed) or _KIND.fullmatch(squashed) or is_body(squashed) or squashed[-1:] in "。；;:"
    return has_han(squashed) and 3 < len(squashed) <= 60 and not other


def _issuer(cover: Sequence[str]) -> str | None:
    """Return the bodies in the lines that end with 发布, and in those directly above it."""
    for at, line in enumerate(cover):
        name = re.sub(r"联?合?发布$", "", line).strip()
        if name == line or next(find_dates(line), None):
            continue
        names = [name] if name and is_body(name) else []
        for above in reversed(cover[max(0, at - 4) : at]):
            if next(find_dates(above), None) or not is_body(above):
                break
            names.insert(0, above)
        if names:
            plain = (one.removeprefix("中华人民共和国") for name in names for one in split_bodies(name))
            return "、".join(plain)
    return None
