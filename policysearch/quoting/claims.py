"""The quotations of a draft, each with the reference to its source."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from itertools import pairwise

from policysearch.citation.references import Reference, place_and_year
from policysearch.citation.section_marks import SectionMark, chain_marks
from policysearch.frozen import frozen, replace
from policysearch.quoting.alignment import without_marks
from policysearch.quoting.emphasis import mark_spans
from policysearch.quoting.note_marks import BRACKETED_NOTE, without_spans
from policysearch.text.chinese import NUMERAL
from policysearch.text.folding import fold, reduce
from policysearch.text.superscripts import superscript

__all__ = [
    "MIN_LENGTH",
    "Quotation",
    "blanked",
    "find_quotations",
    "gaps_of",
    "is_term",
    "length_of",
    "names_the_same",
    "parts_of",
    "source_of",
]

MIN_LENGTH = 8
"""Minimum length of a quotation, in compared characters; shorter ones are words set off by quotation marks."""


@frozen
class Quotation:
    """A quotation in a draft.

    Attributes:
        claim: The quoted text, without the marks around it and those of Markdown, joined across page breaks.
        start: Its offset in the draft, in characters, after its mark.
        end: Its end.
        outer_start: Offset of its opening mark, or of its block.
        outer_end: End of its closing mark, or of its block.
        block: Whether it is a block of lines that begin with ``>``.
        with_marks: The same with its marks of emphasis, code and strikethrough, which may belong to the source; None
            if it has none.
    """

    claim: str
    start: int
    end: int
    outer_start: int
    outer_end: int
    block: bool = False
    with_marks: str | None = None


_PAIRS = {"“": "”", "「": "」", "『": "』", "‘": "’", "﹁": "﹂", "〝": "〞"}
_CLOSERS = {closer: opener for opener, closer in _PAIRS.items()} | {"〟": "〝"}
_MARK = re.compile('[“”「」『』‘’﹁﹂〝〞〟"＂]')
_FENCE = re.compile(r"^ {0,3}(```+|~~~+).*?(?:^ {0,3}\1[`~]*[ \t]*$|\Z)", re.M | re.S)
_BLOCK = re.compile(r"(?:^ {0,3}>.*(?:\n|\Z))+", re.M)
_BLOCK_MARK = re.compile(r"^ {0,3}>[> ]?[ \t]*", re.M)
_DASHED = re.compile(r"(?:^|\n)[ \t\u3000>]*(?:[—–―-]{1,3}|来源[:：]|出自|摘自|引自)[^\n]{2,80}\s*\Z")
_PAGE_MARK = re.compile(
    r"[ \t\u3000]*(?:\n[ \t\u3000]*(?:[—–―－-]{1,2} ?\d{1,4} ?[—–―－-]{1,2}"
    r"|第 ?\d{1,4} ?页(?:[ 共/，,]*\d{0,4} ?页?)?)[ \t\u3000]*)(?=\n|\Z)|\f"
)
_RAISED = re.compile(r"<sup(?:[ \t][^<>\n]{0,40})?>([^<>\n]{0,12})</sup>", re.I)
_LINK = re.compile(r"\[([^\[\]\n]*)\]\([^()\s]*\)|\[\^[^\]\s]{1,12}\]")


def find_quotations(text: str, *, min_length: int = MIN_LENGTH, titles: Sequence[Reference] = ()) -> list[Quotation]:
    """Return the texts that a draft quotes, in order; nested ones belong to the outer one. Some may be terms.

    A quotation is a text between a pair of quotation marks (“” ‘’ 「」 『』, and straight ones within a paragraph), or
    lines that begin with ``>``. A mark without its counterpart, or with such lines before that, is ignored. If each
    paragraph of a quotation has an opening mark and only the last a closing one, it is one quotation.

    Args:
        text: The draft.
        min_length: As ``MIN_LENGTH``.
        titles: References; quotation marks within 《》 are ignored.
    """
    fences = [found.span() for found in _FENCE.finditer(text)]
    marks = mark_spans(text)
    blocks = [
        _quoted(text, marks, found.span(), found.span(), block=True)
        for found in _BLOCK.finditer(text)
        if not _within(found.start(), fences)
    ]
    lines = sorted([*fences, *((one.start, one.end) for one in blocks)])
    taken = list(lines)
    taken += [(one.start, one.start + one.text.rindex("》") + 1) for one in titles if one.text.startswith("《")]
    taken.sort()
    pairs = [
        _quoted(text, marks, (start + 1, end - 1), (start, end))
        for start, end in _outermost(pair for pair in _pairs(text) if not _reaches_into(*pair, lines))
        if not _within(start, taken)
    ]
    found = [*blocks, *pairs]
    found.sort(key=lambda one: one.start)
    return [one for one in found if length_of(one.claim) >= min_length]


def is_term(text: str, one: Quotation) -> bool:
    """Return whether marks only set off a term: “互联网加政务服务”改革."""
    if one.block or length_of(one.claim) > _LONGEST_SCARE or _PUNCTUATED.search(one.claim):
        return False
    before = text[max(0, one.outer_start - 12) : one.outer_start]
    return bool(_GOES_ON.match(text, one.outer_end)) and not _SAID.search(before)


def length_of(claim: str) -> int:
    """Return the number of compared characters of a quotation."""
    return len(without_marks(reduce(claim)).rstrip(_END_MARKS))


_END_MARKS = "，。；：、！？,.;:!?…—-"


def _within(at: int, spans: Sequence[tuple[int, int]]) -> bool:
    i = bisect_right(spans, (at, len(spans) and 2**62)) - 1
    return i >= 0 and spans[i][0] <= at < spans[i][1]


def _reaches_into(start: int, end: int, spans: Sequence[tuple[int, int]]) -> bool:
    """Return whether one of the spans begins between two offsets."""
    return bisect_right(spans, (start, 2**62)) < bisect_left(spans, (end, 0))


def _quoted(
    text: str, marks: Sequence[tuple[int, int]], inner: tuple[int, int], outer: tuple[int, int], *, block: bool = False
) -> Quotation:
    """Return the quotation between two offsets of a draft, given the marks of emphasis in the draft."""
    start, end = inner
    written = text[start:end]
    within = marks[bisect_left(marks, (start, 0)) : bisect_left(marks, (end, 0))]
    claim = _claim(without_spans(written, [(at - start, to - start) for at, to in within]), block)
    return Quotation(claim, start, end, *outer, block, _claim(written, block) if within else None)


def _claim(written: str, block: bool) -> str:
    """Return the quoted text without links, page marks, marks of a block, and a last line that names the source."""
    claim = written
    if block:
        claim = _BLOCK_MARK.sub("", claim)
        claim = _DASHED.sub("", claim).strip()
        if len(claim) > 1 and _PAIRS.get(claim[0]) == claim[-1] and claim.count(claim[0]) == 1:
            claim = claim[1:-1]
    claim = _LINK.sub(lambda link: link[1] or "", claim)
    claim = _RAISED.sub(lambda raised: superscript(raised[1]), claim)
    return _PAGE_MARK.sub("", claim)


class _Open:
    """An opening mark without its closing one so far."""

    def __init__(self, kind: str, at: int, line: int) -> None:
        self.kind = kind
        self.at = at
        self.line = line  # offset of the paragraph that begins with it, or with the same mark again; -1 elsewhere


def _pairs(text: str) -> Iterator[tuple[int, int]]:
    """Yield the spans of pairs of marks, the closing one included."""
    lines = [found.start() for found in _LINE.finditer(text)]
    stack: list[_Open] = []
    straight: int | None = None
    for mark in _MARK.finditer(text):
        at, kind = mark.start(), mark[0]
        if kind in '"＂':
            if straight is not None and _BLANK_LINE.search(text, straight, at):
                straight = None
            if straight is None:
                straight = at
            else:
                yield straight, at + 1
                straight = None
        elif kind in _PAIRS:
            i = bisect_right(lines, at) - 1
            line = i if not text[lines[i] : at].strip() else -1
            same = next((one for one in reversed(stack) if one.kind == kind), None)
            if same and line > 0 and same.line == line - 1:
                same.line = line  # the next paragraph of the same quotation
            else:
                stack.append(_Open(kind, at, line))
        else:
            opener = _CLOSERS[kind]
            i = next((i for i in range(len(stack) - 1, -1, -1) if stack[i].kind == opener), -1)
            if i >= 0:
                yield stack[i].at, at + 1
                del stack[i:]


_LINE = re.compile(r"^.*\S.*$", re.M)
_BLANK_LINE = re.compile(r"\n[ \t\u3000]*\n")


def _outermost(pairs: Iterator[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    end = -1
    for start, stop in sorted(pairs, key=lambda one: (one[0], -one[1])):
        if start >= end:
            yield start, stop
            end = stop


# words set off by marks, not quoted

_LONGEST_SCARE = 12
_SAID = re.compile(
    r"(?:[:：,，、]|指出|提出|强调|要求|规定|明确|写道|称|说|表示|认为|载明|载|写明|写|指|是|为|即|曰|道|如下|所述|所谓|要|应|"
    r"原文|表述|做到|坚持|必须)[ \t\u3000]*$"
)
_PUNCTUATED = re.compile(r"[，。；：！？,;:!?\n]")
_GOES_ON = re.compile(
    r"[\u3000 ]*(?:改革|工程|行动|计划|战略|倡议|制度|模式|机制|体系|建设|平台|工作|理念|原则|政策|品牌|活动|试点|示范"
    r"|精神|方针|格局|经济|产业|规划|时期|期间|问题|现象|课程|项目|系统|专项|服务|会议|协议|思想|主题|教育|要求的?落实)"
)


# omissions in a quotation

_ELLIPSIS = re.compile(
    r"…+|\.{3,}|。{3,}|·{3,}|[(（\[〔【](?:上略|中略|下略|以下略|略|省略|前略|后略)[)）\]〕】]|—{4,}"
)
_INSERTED = re.compile(
    rf"\[(?!{BRACKETED_NOTE}\])[^\[\]\n]{{0,60}}\]|〔(?!(?:19|20)\d\d年?〕|{BRACKETED_NOTE}〕)[^〔〕\n]{{0,60}}〕"
    rf"|【(?!{BRACKETED_NOTE}】)[^【】\n]{{0,60}}】"
)


def parts_of(claim: str) -> list[tuple[int, int]]:
    """Return the spans of the parts of a quotation, which follow one another in its source.

    They are separated by an ellipsis, （略）, or an editor's insertion in [ ] or 〔 〕.
    """
    gaps = sorted([*(f.span() for f in _ELLIPSIS.finditer(claim)), *(f.span() for f in _INSERTED.finditer(claim))])
    out = []
    at = 0
    for start, end in [*gaps, (len(claim), len(claim))]:
        if start > at and without_marks(reduce(claim[at:start])).strip(_END_MARKS):
            out.append((at, start))
        at = max(at, end)
    return out


def gaps_of(claim: str) -> list[str]:
    """Return the ellipses and insertions between the parts of a quotation, as written."""
    parts = parts_of(claim)
    return [claim[end:start] for (_, end), (start, _) in pairwise(parts)]


# the source of a quotation

_SENTENCE_END = re.compile(r"[。!?;]|\n[ \t\u3000]*\n|\n(?=[ \t\u3000]*(?:#|[-*+] |[一二三四五六七八九十]+、))")
_LEADS_ON = re.compile(r"[::]\s*$")
_CITED_BEHIND = re.compile(
    r"[ \t\u3000]*[。,;]?[ \t\u3000]*(?:\(|-{1,2}|\n[ \t\u3000]*-{1,2})[ \t\u3000]*"
    r"(?:引自|出自|摘自|见|参见|载于?|语出|来源[::]?)?[ \t\u3000]*"
)
_CONJUNCTION = re.compile(r"[)）]?\s*(?:[、和与及或]|以及)\s*")
_RANGE = re.compile(r"\s*(?:至|到|直至|[—–~～-]{1,2})\s*")
_MOST_IN_RANGE = 200
_ONE_MORE_ITEM = re.compile(
    rf"\s*(?:[、,和与及或]|(?P<range>至|到))\s*(?P<item>第 ?\(? ?[{NUMERAL}0-9]{{1,4}} ?\)? ?项)"
)
_CONJUNCTION_AT_END = re.compile(r"(?:[、和与及或]|以及)$")
_LONGEST_LEAD = 30  # of a place or a year before a report, in characters
_FARTHEST = 200  # maximum number of characters between the name of a source and the quotation


def blanked(text: str, quotations: Sequence[Quotation]) -> str:
    """Return the draft with each character of its quotations replaced by ``\\0``.

    The last line of a block is kept if it names its source.
    """
    out = []
    at = 0
    for one in quotations:
        end = one.end
        if one.block:
            source = _DASHED.search(text[one.start : end].rstrip())
            end = one.start + source.start() if source else end
        out += [text[at : one.start], "\0" * (end - one.start)]
        at = end
    out.append(text[at:])
    return "".join(out)


def source_of(
    text: str, one: Quotation, references: Sequence[Reference], ends: Sequence[int]
) -> list[tuple[Reference, ...]]:
    """Return the references to the source of a quotation; none if the sentence names no source.

    The source is named directly after it in brackets or after a dash, else by the last reference before it in the same
    sentence; a paragraph that ends in a colon continues in the quotation. References that 和 or 、 join to it are
    returned too, as the quotation may be from any. A title and the number after it are together: they name one
    document.

    Args:
        text: The draft with its quotations blanked.
        one: The quotation.
        references: The references of that text, in order.
        ends: The ends of the references.
    """
    i = bisect_right(ends, one.outer_start)
    cited = _CITED_BEHIND.match(fold(text[one.outer_end : one.outer_end + 40]))
    for at, behind in enumerate(references[i : i + 4], i):
        within = one.block and one.outer_start <= behind.start < one.outer_end
        if within or (cited and behind.start == one.outer_end + cited.end()):
            return _joined(text, references, at)
    if not i or references[i - 1].defines:
        return []
    before = references[i - 1]
    between = fold(text[before.end : one.outer_start])
    if len(between) > _FARTHEST or (one.block and "\0" in between):
        return []
    for end in _SENTENCE_END.finditer(between):
        if end[0][0] != "\n" or not _LEADS_ON.search(between, 0, end.start()):
            return []
    return _joined(text, references, i - 1)


def _joined(text: str, references: Sequence[Reference], at: int) -> list[tuple[Reference, ...]]:
    """Return a reference with those that conjunctions join to it, each title with the number after it."""
    first, last = at, at + 1
    while first and _goes_on(text, references[first - 1], references[first]):
        first -= 1
    while last < len(references) and _goes_on(text, references[last - 1], references[last]):
        last += 1
    found: list[tuple[Reference, ...]] = []
    for one in references[first:last]:
        if found and _numbers(text, found[-1][-1], one):
            found[-1] = (*found[-1], one)
        else:
            if found and _RANGE.fullmatch(text[found[-1][-1].end : one.start]):
                found += ((between,) for between in _between(found[-1][-1], one))
            found.append((one,))
            found += ((item,) for item in _items_after(text, one))
    while found[0][0].kind == "report" and (before := _report_before(text, found[0][0])):
        found.insert(0, (before,))
    return found


def _items_after(text: str, reference: Reference) -> Iterator[Reference]:
    """Yield the references of the items after that of a reference: 第一项、第三项."""
    if reference.marks and reference.marks[-1].unit == "项":
        at = reference.end
        while item := _ONE_MORE_ITEM.match(fold(text[at : at + 24])):
            at += item.end()
            one = replace(reference, marks=(*reference.marks[:-1], *chain_marks(item["item"])))
            if item["range"]:
                yield from _between(reference, one)
            yield one
            reference = one


def _between(first: Reference, last: Reference) -> Iterator[Reference]:
    """Yield the references between two of a range: 第三条至第五条."""
    if not first.marks or not last.marks or first.marks[:-1] != last.marks[:-1]:
        return
    low, high = first.marks[-1], last.marks[-1]
    if low.unit == high.unit and high.value - low.value <= _MOST_IN_RANGE:
        for value in range(low.value + 1, high.value):
            yield replace(last, marks=(*last.marks[:-1], SectionMark(low.unit, value)))


def _report_before(text: str, report: Reference) -> Reference | None:
    """Return the report of which only the place or only the year stands before: 海南省和四川省2025年政府工作报告."""
    lead = text[max(0, report.start - _LONGEST_LEAD) : report.start]
    conjunction = _CONJUNCTION_AT_END.search(lead)
    if not conjunction:
        return None
    place, year, length = place_and_year(fold(lead[: conjunction.start()]))
    if (place is None) is (year is None):
        return None
    start, end = report.start - len(lead) + conjunction.start() - length, report.start - len(conjunction[0])
    return Reference(
        "report",
        start,
        end,
        text[start:end],
        place=report.place if place is None else place,
        year=report.year if year is None else year,
    )


def _goes_on(text: str, one: Reference, following: Reference) -> bool:
    between = text[one.end : following.start] if one.end <= following.start else ""
    joined = _CONJUNCTION.fullmatch(between) or (one.marks and following.marks and _RANGE.fullmatch(between))
    return bool(joined) or _numbers(text, one, following)


def _numbers(text: str, title: Reference, number: Reference) -> bool:
    if number.kind != "document_number":
        return False
    if title.kind == "report":
        return bool(_NUMBER_BEHIND.fullmatch(fold(text[title.end : number.start])))
    return names_the_same(text, title, number)


# between a title and its number: 《…》（以下简称《通知》，国发〔2024〕5号）, 《…》国发〔2024〕5号
_NUMBER_BEHIND = re.compile(r"\s*(?:\((?:[^();。\0]{0,40}[,、:\s])?\s*)?")
_TITLE_BEHIND = re.compile(r"(?:号?文件?|公告)?\s*\(?\s*")  # 国发〔2024〕5号文《…》


def names_the_same(text: str, title: Reference, number: Reference) -> bool:
    """Return whether a document number stands with a title, in brackets or directly before or after it."""
    if title.kind not in ("title", "name") or title.defines:
        return False
    if title.end <= number.start:
        return bool(_NUMBER_BEHIND.fullmatch(fold(text[title.end : number.start])))
    return title.kind == "title" and bool(_TITLE_BEHIND.fullmatch(fold(text[number.end : title.start])))
