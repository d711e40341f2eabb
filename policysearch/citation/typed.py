"""Readings of a typed query as a reference: where names begin and end, and the numbers after them.

A query is short and is a reference as a whole, while ``references`` searches for references anywhere in a text: so
names need no words that introduce them, numbers may be abbreviated (第39、40条), and headings may follow any name.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import islice

from policysearch.citation.cited_names import name_key, version_year
from policysearch.citation.references import Reference, place_and_year
from policysearch.citation.section_marks import BRACKETED, CHAIN, SectionMark, chain_marks
from policysearch.documents.metadata.document_numbers import normal_number
from policysearch.frozen import frozen
from policysearch.text.chinese import HAN, NUMERAL
from policysearch.text.folding import fold, reduce

__all__ = ["LOWER", "Attempt", "Typed", "numbers_at", "numbers_in", "title_before_number", "typed_number"]

_S = r"[ \t\u3000]*"
_N = f"[{NUMERAL}0-9]{{1,9}}"
_AND = rf"{_S}(?:以及|或者|直至|[、,和与及或至到~-]){_S}"
# 第39、40条; 三、（二）1.; （二）
_SHORT = re.compile(rf"第{_S}{_N}{_S}(?:{_AND}{_N}{_S})+(?:条|章|节|编)")
_LISTED = re.compile(rf"{_N}{_S}(?:、|(?=\())(?:{_S}\({_S}{_N}{_S}\))?(?:{_S}[0-9]{{1,3}}\.(?![0-9]))?|{BRACKETED}")
# 39条, 1044条第2款: typed without 第
_BARE = re.compile(
    rf"(?<![第0-9.{NUMERAL}]){_N}{_S}(?:条|章|节)(?:{_S}之{_S}{_N})?(?:{_S}第{_S}{_N}{_S}款)?(?:{_S}第{_S}\(?{_N}\)?{_S}项)?"
)
# a group that is a numeral: 通知 三
_ALONE = re.compile(r"(?<![^ ])[一二三四五六七八九十]{1,3}(?= |$)")
_PATTERNS = (_SHORT, re.compile(CHAIN), _LISTED, _BARE, _ALONE)
_BETWEEN_TWO = re.compile(rf"{_AND}|{_S}")
_RANGE = re.compile(rf"{_S}(?:直至|[至到~-]){_S}")
_MOST_IN_RANGE = 200
_MOST_NUMBERS = 20  # numbers after which a query is read further; a pasted list of citations has hundreds
_MOST_STARTS = 60  # groups before a number in which its name may begin, apart from the first
_RANKS = {
    "附件": 0,
    "编": 1,
    "分编": 2,
    "章": 3,
    "节": 4,
    "、": 5,
    "()": 6,
    ".": 7,
    "条": 8,
    "款": 9,
    "项": 10,
    "目": 11,
}
LOWER = ("款", "项", "目")
"""The units below an article."""

# Words around a reference that only introduce or follow it.
_LEAD = re.compile(
    "(?:请问|查询|查阅|查看|查找|检索|搜索|根据|依照|依据|按照|遵照|违反|适用|参照|符合|对照|引用|参见|详见|现行|我国|依|按|据|查|见)+的?"
)
_TAIL = re.compile(
    "(?:的|中的?|之)?(?:具体|相关|有关)?(?:规定|内容|条文|原文|全文|正文|条款|法条)?(?:是什么|是啥|有哪些|怎么规定的?|如何规定的?"
    "|规定了什么|说什么|说了什么|讲什么|讲了什么|怎么说)?[?。!,;]*"
)
_BETWEEN = re.compile(r"(?:中的?|里的?|的|之|[,:])?[ \t\u3000]*$")
_YEAR_LEAD = re.compile(r"((?:19|20)\d\d)年?(?:版|修正|修订|修改|公布|通过|施行|制定)?的?(?=.)")
# 反洗钱法2006年修订, 反洗钱法（2006）, 《反洗钱法(2006-10-31)》
_YEAR_BEHIND = re.compile(
    r"\(?((?:19|20)\d\d)(?:[年./-]\d{1,2}(?:[月./-]\d{1,2}日?|月)?|年)?(?:版|修正|修订|修改|公布|通过|施行|本)?\)?》?$"
)
_NUMBER_BEHIND = re.compile(r"(?P<title>.{2,}?)\((?P<number>[^()]*(?:\((?:19|20)\d\d年?\))?[^()]*号)\)$")
_REPORT = re.compile(r"(?P<lead>.*)政府工作报告(?:\((?P<year>(?:19|20)\d\d)年?\))?$")

_NUMBER_BEFORE = re.compile(
    r"([^《》()（）]{2,20}(?:[(（〔\[【][^《》()（）]{4,6}[)）〕\]】])?[^《》()（）]{1,8}号令?)([^令)）].{2,})$"
)
_ARTICLES_FIRST = re.compile(rf"{_S}第?{_S}[{NUMERAL}0-9 、,和与及或至到~-]{{1,40}}(?:条|章|节)")

# document numbers as typed: 国办发2018年126号, 国办发〔2018〕126
_LETTER = re.compile(
    rf"(?P<code>[A-Za-z{HAN}]{{2,20}}?)第?(?:\((?P<a>(?:19|20)\d\d)年?\)|(?P<b>(?:19|20)\d\d)年)第?(?P<n>\d{{1,5}})(?P<end>号?)"
)
_ORDER = re.compile(rf"(?P<body>[{HAN}、]{{2,40}}?)(?:第?(?P<n>\d{{1,5}}|[{NUMERAL}]{{1,7}})号令)")


@frozen
class Attempt:
    """One reading of the groups before a number.

    Attributes:
        first: The group that it begins in.
        reference: The document that they name in this reading.
    """

    first: int
    reference: Reference


class Typed:
    """The groups of a query, as one text; numbers of sections before a name (第1042条 民法典) are put after it."""

    def __init__(self, groups: Sequence[str]) -> None:
        groups = _names_first([piece for group in groups for piece in _after_number(group)])
        self.text = " ".join(groups)
        self.folded = fold(self.text)
        self._starts: list[int] = []
        at = 0
        for group in groups:
            self._starts.append(at)
            at += len(group) + 1
        self._ends = [start + len(group) for start, group in zip(self._starts, groups, strict=True)]

    def between(self, first: int, last: int) -> str:
        """Return some groups as typed."""
        return self.text[self._starts[first] : self._ends[last]]

    def _group_at(self, place: int) -> int:
        return next(i for i, end in enumerate(self._ends) if place < end or i == len(self._ends) - 1)

    def numbered(self) -> Iterator[tuple[list[Attempt], list[tuple[SectionMark, ...]], int]]:
        """Yield the readings of the groups before a number, the numbers, and the group that these end in."""
        for start, end in islice(self._numbers(), _MOST_NUMBERS):
            last = self._group_at(end - 1)
            if not _TAIL.fullmatch(self.folded, end, self._ends[last]):
                continue
            numbers = numbers_in(self.folded[start:end])
            attempts = self.attempts(start)
            if numbers and attempts:
                yield attempts, numbers, last

    def _numbers(self) -> Iterator[tuple[int, int]]:
        """Yield the start of each number, and the end of the row of numbers that it is in."""
        for row in _rows(self.folded):
            # a bracket may belong to the name before the numbers: 解释（二）第三条
            yield from ((piece.start(), row[-1].end()) for piece in row)

    def attempts(self, end: int, *, names: bool = False) -> list[Attempt]:
        """Return the readings of the groups that end at a place, the longest first."""
        between = _BETWEEN.search(self.folded, 0, end)
        edge = end if names or not between else between.start()
        found: dict[tuple[int, Reference], None] = {}
        starts = list(enumerate(self._starts[: bisect_left(self._starts, edge)]))
        for group, start in (*starts[:1], *starts[1:][-_MOST_STARTS:]):
            lead = _LEAD.match(self.folded, start, edge)
            for begin in (start, lead.end() if lead else start):
                if begin < edge:
                    for reference in _readings(self.text[begin:edge], self.folded[begin:edge]):
                        found[group, reference] = None
        return [Attempt(group, reference) for group, reference in found]

    def without(self, first: int, last: int) -> list[str]:
        """Return the groups other than some, as typed."""
        return [self.between(i, i) for i in range(len(self._starts)) if not first <= i <= last]

    def document_numbers(self) -> Iterator[tuple[int, int, str]]:
        """Yield the document numbers that groups consist of: the first group, the last and the number."""
        for first in range(len(self._starts)):
            for last in range(min(first + 3, len(self._starts)) - 1, first - 1, -1):
                typed = self.between(first, last)
                lead, tail = _LEAD.match(typed), _NUMBER_BEHIND.match(fold(typed))
                for one in (typed, typed[lead.end() :] if lead else "", tail["number"] if tail else ""):
                    if one and (number := typed_number(one)):
                        yield first, last, number
                        break


def _names_first(groups: Sequence[str]) -> Sequence[str]:
    """Return groups with a number of articles at their beginning as the last group."""
    text = " ".join(groups)
    folded = fold(text)
    first = next(_rows(folded), None) if _ARTICLES_FIRST.match(folded) else None
    if first is None or first[0].start():
        return groups
    end = first[-1].end()
    name = re.sub(rf"^{_S}的?{_S}", "", text[end:])
    return (*name.split(), text[:end].replace(" ", "")) if name else groups


def _after_number(group: str) -> Sequence[str]:
    """Return a document number and the title directly after it as two groups: 国务院令第722号某某条例."""
    found = _NUMBER_BEFORE.match(group)
    return (found[1], found[2]) if found and typed_number(found[1]) else (group,)


def _readings(text: str, folded: str) -> Iterator[Reference]:
    """Yield the references that a text may be, without numbers of sections."""
    behind = _NUMBER_BEHIND.match(folded)
    number = typed_number(text) or (typed_number(behind["number"]) if behind else None)
    if number:
        yield Reference("document_number", 0, len(text), text, number=number)
    report = _REPORT.match(name_key(text))
    if report:
        lead = re.sub(r"((?:19|20)\d\d)(?![年\d])", r"\1年", report["lead"])
        place, year, _ = place_and_year(lead.removesuffix("人民"))
        year = int(report["year"]) if report["year"] else year
        if place is not None or year is not None:
            yield Reference("report", 0, len(text), text, text, place=place, year=year)
    name = text[: behind.end("title")] if behind and typed_number(behind["number"]) else text
    if len(name_key(name)) < 2:
        return
    yield Reference("title", 0, len(text), text, name, year=version_year(name))
    year_behind = _YEAR_BEHIND.search(folded)
    if year_behind and year_behind.start() > 1:
        yield Reference("title", 0, len(text), text, text[: year_behind.start()], year=int(year_behind[1]))
    year_lead = _YEAR_LEAD.match(folded)
    if year_lead and len(name) - year_lead.end() > 1:
        rest = name[year_lead.end() :]
        yield Reference("title", 0, len(text), rest, rest, year=int(year_lead[1]))


def title_before_number(text: str) -> str | None:
    """Return the title before a document number in brackets; None if there is none.

    >>> title_before_number("城市管理办法（市政府令第31号）"), title_before_number("市政府令第31号")
    ('城市管理办法', None)
    """
    found = _NUMBER_BEHIND.match(fold(text))
    return text[: found.end("title")] if found and typed_number(found["number"]) else None


# numbers


def typed_number(text: str) -> str | None:
    """Return a document number in its normal spelling, None for anything else.

    >>> [typed_number(text) for text in ("国办发2018年126号", "国办发[2018]第126号", "国务院第714号令", "门牌88号")]
    ['国办发〔2018〕126号', '国办发〔2018〕126号', '国务院令第714号', None]
    """
    plain = reduce(text).replace(" ", "")
    letter = _LETTER.fullmatch(plain)
    notice = letter and letter["code"].endswith(("公告", "通告", "令"))
    if letter and not notice and (letter["end"] or letter["a"]):
        return normal_number(
            f"{letter['code']}〔{letter['a'] or letter['b']}〕{letter['n']}号".upper()
        ) or normal_number(f"{letter['code']}〔{letter['a'] or letter['b']}〕{letter['n']}号")
    order = _ORDER.fullmatch(plain)
    if order:
        return normal_number(f"{order['body']}令第{order['n']}号")
    return normal_number(text) if plain.endswith("号") else None


def _piece(folded: str, at: int) -> re.Match[str] | None:
    """Return the number at a place of a folded text."""
    return next(filter(None, (pattern.match(folded, at) for pattern in _PATTERNS)), None)


def _row(folded: str, first: re.Match[str]) -> list[re.Match[str]]:
    """Return the numbers in a row from the first on."""
    row = [first]
    while between := _BETWEEN_TWO.match(folded, row[-1].end()):
        more = _piece(folded, between.end())
        if more is None:
            break
        row.append(more)
    return row


def _rows(folded: str) -> Iterator[list[re.Match[str]]]:
    """Yield the rows of numbers in a folded text."""
    at = 0
    while True:
        found = [match for pattern in _PATTERNS if (match := pattern.search(folded, at))]
        if not found:
            return
        row = _row(folded, min(found, key=lambda match: match.start()))
        yield row
        at = row[-1].end()


def numbers_at(folded: str, at: int) -> list[tuple[SectionMark, ...]]:
    """Return the numbers in a row at a place of a folded text."""
    first = _piece(folded, at)
    return numbers_in(folded[at : _row(folded, first)[-1].end()]) if first else []


def numbers_in(row: str) -> list[tuple[SectionMark, ...]]:
    """Return the numbers of a row, each as marks, outermost first.

    >>> [len(numbers_in(row)) for row in ("第39条第2款", "第39、40条", "第三十八条至第四十条", "三、（二）")]
    [1, 2, 3, 1]
    """
    folded = fold(row)
    found: list[tuple[SectionMark, ...]] = []
    end = 0
    for piece in (piece for pieces in _rows(folded) for piece in pieces):
        between = folded[end : piece.start()]
        end = piece.end()
        if piece.re is _SHORT:
            numbers = list(_short(piece[0]))
        else:
            whole = f"第{piece[0]}" if piece.re is _BARE else f"{piece[0]}、" if piece.re is _ALONE else piece[0]
            numbers = _apart(chain_marks(whole))
        for i, marks in enumerate(numbers):
            if not marks:
                continue
            if found and not i and not between.strip() and _RANKS[found[-1][-1].unit] < _RANKS[marks[0].unit]:
                found[-1] = (*found[-1], *marks)  # 附件2第三条
                continue
            if found and marks[0].unit in LOWER:
                rank = _RANKS[marks[0].unit]
                marks = (*(mark for mark in found[-1] if _RANKS[mark.unit] < rank), *marks)
            if found and not i and _RANGE.fullmatch(between):
                found += _between(found[-1], marks)
            found.append(marks)
    return list(dict.fromkeys(found))


def _apart(marks: Sequence[SectionMark]) -> list[tuple[SectionMark, ...]]:
    """Return marks as numbers: each begins with a mark that is not below the one before."""
    found: list[list[SectionMark]] = []
    for mark in marks:
        if found and _RANKS[found[-1][-1].unit] < _RANKS[mark.unit]:
            found[-1].append(mark)
        else:
            found.append([mark])
    return [tuple(one) for one in found]


def _between(first: Sequence[SectionMark], last: Sequence[SectionMark]) -> list[tuple[SectionMark, ...]]:
    """Return the numbers between two of the same unit."""
    a, b = first[-1], last[-1]
    if a.unit != b.unit or a.inserted or b.inserted or not a.value < b.value <= a.value + _MOST_IN_RANGE:
        return []
    return [(*first[:-1], SectionMark(a.unit, value)) for value in range(a.value + 1, b.value)]


def _short(text: str) -> Iterator[tuple[SectionMark, ...]]:
    """Yield the numbers of 第39、40条."""
    unit = re.search("[条章节编]$", text)
    assert unit
    pieces = re.split(rf"({_AND})", text[1 : unit.start()])
    before: tuple[SectionMark, ...] = ()
    for i in range(0, len(pieces), 2):
        marks = chain_marks(f"第{pieces[i].strip()}{unit[0]}")
        if i and _RANGE.fullmatch(pieces[i - 1]):
            yield from _between(before, marks)
        yield marks
        before = marks
