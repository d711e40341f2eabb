"""The period that a sentence of a report is about: the planned year, the past year, or several years."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from policysearch.frozen import frozen
from policysearch.text.quantities import chinese_number

__all__ = ["Period", "markers", "of_heading", "of_section"]


@frozen
class Period:
    """A range of years, planned or past.

    Attributes:
        kind: ``target`` or ``actual``.
        first: The first year.
        last: The last year; equal to ``first`` for a single year.
    """

    kind: str
    first: int
    last: int

    @property
    def several(self) -> bool:
        """Return whether it has more than one year."""
        return self.last > self.first

    @property
    def horizon(self) -> str:
        """``2026``, or ``2026-2030``."""
        return f"{self.first}-{self.last}" if self.several else str(self.first)


_NUMBERS = {"一": 1, "两": 2, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9, "十": 10}
_FIVE_YEARS = (
    '"?(?P<plan>十[一二三四五六七八九])五"?|第(?P<ordinal>[六七八九十]|十[一二三四五六七八九])个五年(?:规划|计划)'
)

_YEAR = r"(?:\d{4}|[一二][〇零一二三四五六七八九]{3})"
_MARKER = re.compile(
    r"(?:(?<![比较与同超])(?P<last_year>去年|上一?年|过去的?一年|一年来|刚刚过去的)"
    r"|(?P<this_year>今年|本年)"
    rf"|(?P<until>[到至])(?P<until_year>{_YEAR})年"
    rf"|(?<![比较从由自于与以\d])(?P<year>{_YEAR})年(?!代|以来|以前|之前|为基|的基)"
    r"|(?P<past>(?:过去|近|前)的?(?P<past_years>[一两二三四五]|[1-5])年|(?P<years_gone>[三四五])年来|(?P<these>这五年|五年间)|五年累计|累计五年)"
    r"|(?P<coming>(?:今后|未来|再?用|经过)的?(?P<coming_years>[一两二三四五]|[1-5])年)"
    r"|(?P<century>本?世纪末)"
    rf"|(?:{_FIVE_YEARS})(?:规划|计划)?(?:时期|期间|期?末|以来|(?:经济社会)?(?:发展)?的?(?:主要|总体|预期|发展)(?:目标|指标)))"
)
_MAY_NAME = re.compile('年|世纪|五"|五时|五期|五规|五发')
_IN_A_HEADING = re.compile(_FIVE_YEARS)
_LOOKS_BACK = re.compile("回顾|回眸|总结|成就|成绩|完成情况|执行情况")


def _plan(found: re.Match[str], year: int, part: str) -> Period:
    """Return the years of the five-year plan that a match names; the third started in 1966."""
    numeral = found["plan"] or found["ordinal"]
    number = 10 + _NUMBERS[numeral[1]] if len(numeral) > 1 else _NUMBERS[numeral]
    first = 1966 + 5 * (number - 3)
    over = first + 4 < year or (part == "review" and first < year) or found[0].endswith("以来")
    return Period("actual" if over else "target", first, first + 4)


def markers(reduced: str, start: int, end: int, year: int, part: str) -> Iterator[tuple[int, Period]]:
    """Yield the end of each time expression in a sentence, and its period.

    Args:
        reduced: A reduced text.
        start: Start of the sentence.
        end: End of the sentence.
        year: The year that the report plans.
        part: The section's part.
    """
    if _MAY_NAME.search(reduced, start, end) is None:
        return
    for found in _MARKER.finditer(reduced, start, end):
        if found["last_year"]:
            period = Period("actual", year - 1, year - 1)
        elif found["this_year"]:
            period = Period("target", year, year)
        elif found["until"] or found["year"]:
            named = _year(found["until_year"] or found["year"])
            if not 1900 <= named <= 2100:
                continue
            period = Period("actual", named, named) if named < year else Period("target", year, named)
        elif found["past"]:
            if found["these"] and part != "review":
                continue  # years to come as well as past ones
            many = _count(found["past_years"] or found["years_gone"] or "五")
            period = Period("actual", year - many, year - 1)
        elif found["coming"]:
            many = _count(found["coming_years"])
            over = part == "review"  # 经过五年努力
            period = Period("actual", year - many, year - 1) if over else Period("target", year, year + many - 1)
        elif found["century"]:
            if year >= 2000:
                continue
            period = Period("target", year, 2000)
        else:
            period = _plan(found, year, part)
        yield found.end(), period


def _year(numeral: str) -> int:
    return int(numeral) if numeral[0].isascii() else int(chinese_number(numeral) or 0)


def _count(numeral: str) -> int:
    return int(numeral) if numeral.isascii() else _NUMBERS[numeral]


def of_section(path: Sequence[str], part: str, year: int) -> Period | None:
    """Return the default period of the sentences of a section, or None."""
    if part in ("glossary", "attachment"):
        return None
    for heading in reversed(path):
        if _LOOKS_BACK.search(heading):
            break
        several = [one for _, one in markers(heading, 0, len(heading), year, part) if one.several]
        if several:
            return several[0]
        found = _IN_A_HEADING.search(heading)
        if found and str(year) not in heading and "今年" not in heading and part != "review":
            return _plan(found, year, part)
        if found is None and any(one.kind == "target" for _, one in markers(heading, 0, len(heading), year, part)):
            break
    if part == "review":
        return Period("actual", year - 1, year - 1)
    if part in ("plan", "targets", "self_building"):
        return Period("target", year, year)
    return None


def of_heading(line: str, year: int) -> Period | None:
    """Return the period that a heading-like line gives to the text after it, or None."""
    if _LOOKS_BACK.search(line):
        return of_section([line], "review", year)
    named = [period for _, period in markers(line, 0, len(line), year, "plan")]
    return named[0] if named else None
