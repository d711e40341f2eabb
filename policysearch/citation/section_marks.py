"""Numbers of sections in one form, independent of their spelling in documents and references."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from policysearch.text.chinese import NUMERAL, read_numeral, write_numeral
from policysearch.text.folding import fold, reduce

__all__ = ["CHAIN", "LIST_CHAIN", "SectionMark", "chain_marks", "leading_mark", "spelled", "spellings", "written"]

_N = f"[{NUMERAL}0-9]{{1,9}}"
_SPACES = " \t\u3000"
_S = rf"[{_SPACES}]*"
_UNITS = "分编|编|章|节|条|部分"


class SectionMark(NamedTuple):
    """One number.

    Attributes:
        unit: 编, 分编, 章, 节, 条, 款, 项, 目, 附件, or the marks around a number without a unit: ``、`` (一、, also
            第一部分), ``()`` (（一）), ``.`` (1.).
        value: The number; 0 for a 附件 without one.
        inserted: The number after 之 (第十条之一: 1); 0 without.
    """

    unit: str
    value: int
    inserted: int = 0


def written(mark: SectionMark) -> str:
    """Return a number in its usual spelling.

    >>> marks = SectionMark("条", 10, 1), SectionMark("项", 3), SectionMark("、", 3), SectionMark("附件", 0)
    >>> [written(mark) for mark in marks]
    ['第十条之一', '第（三）项', '三、', '附件']
    """
    if mark.unit == "附件":
        return f"附件{mark.value or ''}"
    if mark.unit == ".":
        return f"{mark.value}."
    number = write_numeral(mark.value)
    if mark.unit == "、":
        return f"{number}、"
    if mark.unit == "()":
        return f"（{number}）"
    if mark.unit == "项":
        return f"第（{number}）项"
    return f"第{number}{mark.unit}" + (f"之{write_numeral(mark.inserted)}" if mark.inserted else "")


def spellings(mark: SectionMark) -> tuple[SectionMark, ...]:
    """Return the marks that a section with this number may have: a single 附件 is often written without its number."""
    if mark.unit == "附件" and mark.value in (0, 1):
        return (SectionMark("附件", 0), SectionMark("附件", 1))
    return (mark,)


def spelled(marks: Sequence[SectionMark]) -> list[str]:
    """Return the usual spellings of a number, reduced: 第三十九条, 第39条."""
    usual = reduce("".join(map(written, marks)))
    digits = "".join(map(_in_digits, marks))
    found = [usual, digits, usual.replace("零", "〇")]
    if [mark.unit for mark in marks] == ["、"]:
        found.append(f"第{write_numeral(marks[0].value)}部分")
    if [mark.unit for mark in marks] == ["附件"] and marks[0].value:
        found.append(f"附件{write_numeral(marks[0].value)}")
    return list(dict.fromkeys(found))


def _in_digits(mark: SectionMark) -> str:
    inserted = f"之{write_numeral(mark.inserted)}" if mark.inserted else ""
    if mark.unit == "项":
        return f"第({mark.value})项"
    if mark.unit in ("附件", "、", "()", "."):
        return reduce(written(mark))
    return f"第{mark.value}{mark.unit}{inserted}"


# 第三十九条之一第二款第(三)项第1目, 第三章第二节, 第39条(三)
_ATOM = rf"第{_S}{_N}{_S}(?:{_UNITS})(?:{_S}之{_S}(?:{_N}))?"
_NO_YEAR = rf"(?!(?:19|20)[0-9][0-9]{_S}\))"  # of a version: 反洗钱法（2006）
BRACKETED = rf"\({_S}{_NO_YEAR}{_N}{_S}\)"
"""A pattern of （三） in folded text."""

_ITEM = rf"第{_S}(?:\(?{_S}{_N}{_S}\)?|{BRACKETED}(?:{_S}[、和与及]?{_S}{BRACKETED})+){_S}项"
_ITEMS = rf"{_ITEM}|{BRACKETED}(?:(?:{_S}[、和与及]?{_S}{BRACKETED})*{_S}项)?"
_LOWER = rf"(?:{_S}第{_S}{_N}{_S}款)?(?:{_S}(?:{_ITEMS}))?(?:{_S}第{_S}{_N}{_S}目)?"
_ANNEX_NUMBER = rf"(?:[{NUMERAL}0-9]{{1,3}}(?![{NUMERAL}0-9年])|)"  # 附件 2023年度计划 has none
_ANNEX = rf"附件{_S}(?:第{_S})?{_ANNEX_NUMBER}"
CHAIN = rf"(?:{_ATOM}{_S})*{_ATOM}{_LOWER}|{_ANNEX}|第{_S}{_N}{_S}款(?:{_S}{_ITEM})?"
"""A pattern of a number of a statute or an annex in folded text, with those below it.

It takes 9 ms to compile, and is compiled on first use: a search needs no pattern of this module.
"""

LIST_CHAIN = rf"(?:第{_S}{_N}{_S}部分|{_N}{_S}、|(?=\())(?:{_S}\({_S}{_N}{_S}\))?(?:{_S}[0-9]{{1,3}}\.(?![0-9]))?"
"""A pattern of 三、（二）1. in folded text; may be empty."""

_PARTS = (
    rf"第{_S}\(?{_S}(?P<n>{_N}){_S}\)?{_S}(?P<unit>{_UNITS}|款|项|目)(?:{_S}之{_S}(?P<inserted>{_N}))?"
    rf"|附件{_S}(?:第{_S})?(?P<annex>{_ANNEX_NUMBER})"
    rf"|(?P<head>{_N}){_S}、"
    rf"|\({_S}{_NO_YEAR}(?P<item>{_N}){_S}\)(?:{_S}项)?"
    rf"|(?P<point>[0-9]{{1,3}})\."
)


def chain_marks(text: str) -> tuple[SectionMark, ...]:
    """Return the numbers of a reference, outermost first.

    ``text`` is what ``CHAIN`` or ``LIST_CHAIN`` matches, as written or folded.

    For items in a row (第（二）（四）项) it is the first.

    >>> [(mark.unit, mark.value) for mark in chain_marks("第39条第2款第(三)项")]
    [('条', 39), ('款', 2), ('项', 3)]
    """
    found: list[SectionMark] = []
    for part in re.finditer(_PARTS, fold(text)):
        mark = _mark(part)
        if mark is None:
            return ()
        if mark.unit == "()" and found and found[-1].unit in ("条", "款"):
            mark = SectionMark("项", mark.value)  # 第39条（三）
        elif mark.unit == "()" and found and found[-1].unit == "项":
            continue  # 第39条第（三）（四）项
        found.append(mark)
    return tuple(found)


def _mark(part: re.Match[str]) -> SectionMark | None:
    if part["unit"]:
        value, inserted = read_numeral(part["n"]), read_numeral(part["inserted"] or "0")
        unit = "、" if part["unit"] == "部分" else part["unit"]
        return None if value is None or inserted is None else SectionMark(unit, value, inserted)
    if part["annex"] is not None:
        value = read_numeral(part["annex"]) if part["annex"] else 0
        return None if value is None else SectionMark("附件", value)
    for name, unit in (("head", "、"), ("item", "()"), ("point", ".")):
        if part[name]:
            value = read_numeral(part[name])
            return None if value is None else SectionMark(unit, value)
    return None  # pragma: no cover - one of the alternatives has matched


@lru_cache(maxsize=16_384)
def leading_mark(label: str) -> SectionMark | None:
    """Return the number that a section's number, or an entry of its path, begins with.

    >>> leading_mark("第 12 條"), leading_mark("一般规定")
    (SectionMark(unit='条', value=12, inserted=0), None)
    >>> leading_mark("第三章 监督"), leading_mark("二、工作安排")
    (SectionMark(unit='章', value=3, inserted=0), SectionMark(unit='、', value=2, inserted=0))
    """
    # without regular expressions, which take 3.3 ms to compile: 4 % of a cold search
    text = fold(label).lstrip(_SPACES)
    if text.startswith("第"):
        return _leading_unit(text[1:])
    if text.startswith("附件"):
        number, rest = _split_number(text[2:])
        return _mark_of("附件", "0" if not number or len(number) > 3 or rest.startswith("年") else number)
    if text.startswith("("):
        number, rest = _split_number(text[1:])
        return _mark_of("()", number) if rest.lstrip(_SPACES).startswith(")") else None
    number, rest = _split_number(text)
    behind = rest.lstrip(_SPACES)
    if rest in ("", "\n") or rest.startswith("是") or behind.startswith(("、", ",")):
        return _mark_of("、", number)
    return _mark_of(".", number) if behind.startswith(".") and number.isascii() and len(number) <= 3 else None


_EVERY_UNIT = tuple(_UNITS.split("|"))


def _leading_unit(text: str) -> SectionMark | None:
    """Return the number after 第 at the start of a text, if a unit follows it."""
    number, rest = _split_number(text)
    rest = rest.lstrip(_SPACES)
    unit = next(filter(rest.startswith, _EVERY_UNIT), None)
    if unit is None:
        return None
    more = rest.removeprefix(unit).lstrip(_SPACES)
    inserted = _split_number(more[1:])[0] if more.startswith("之") else ""
    return _mark_of("、" if unit == "部分" else unit, number, inserted[:9])


def _split_number(text: str) -> tuple[str, str]:
    """Return the numeral at the start of a text, without white space before it, and the rest."""
    text = text.lstrip(_SPACES)
    rest = text.lstrip(f"{NUMERAL}0123456789")
    return text[: len(text) - len(rest)], rest


@lru_cache(maxsize=1024)
def _mark_of(unit: str, number: str, inserted: str = "") -> SectionMark | None:
    value, more = read_numeral(number), read_numeral(inserted or "0")
    return None if value is None or more is None else SectionMark(unit, value, more)
