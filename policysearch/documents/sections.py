"""Division of a clean text into sections: the structure of an official document."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence

from policysearch.documents.structure.blocks import Block, blocks, contents_lines, listed_names
from policysearch.documents.structure.glossary import terms
from policysearch.documents.structure.heads import Head, Lines, numbered_lines
from policysearch.documents.structure.leads import leads
from policysearch.documents.structure.marks import mark_at
from policysearch.documents.structure.outline import BODY_LINE, outline
from policysearch.documents.structure.parts import is_glossary_heading, part_of
from policysearch.documents.structure.statutes import articles_apart, is_statute_text, statute
from policysearch.documents.structure.tails import with_rest, with_signature, with_tails
from policysearch.frozen import frozen
from policysearch.sources.readers.reading import HeadingLine
from policysearch.text.chinese import HAN
from policysearch.text.patterns import lazy_pattern

__all__ = ["STRUCTURE_VERSION", "Section", "split_sections"]

STRUCTURE_VERSION = 17
"""Incremented whenever the same text may give other sections or metadata; stored in the index."""

READABLE = 1000
"""Maximum length of a section of several paragraphs without headings, in characters."""


LONGEST_PARAGRAPH = 3000
"""Length from which a paragraph without headings around it is divided, in characters."""


@frozen
class Section:
    """One headed part of a document: the unit that is indexed, ranked and returned.

    Attributes:
        section_id: ``document_id#n``, n from 1 in document order.
        number: The number as written (``一、``, ``(一)``, ``第十二条``), or None.
        heading: The heading without its number, or None.
        level: Depth in the tree, from 1.
        path: Number and heading of each level from the outermost to this
            one, as written; an article is its number alone.
        part: preamble, review, plan, targets, self_building, glossary,
            body or attachment.
        start: Offset of the section's first character in the document's text.
        end: Offset just after its last character.
        page: The page it begins on, from 1, or None.
        text: ``document.text[start:end]``: heading and own text.
    """

    section_id: str
    number: str | None
    heading: str | None
    level: int
    path: tuple[str, ...]
    part: str
    start: int
    end: int
    page: int | None
    text: str


def split_sections(
    document_id: str,
    text: str,
    headings: Sequence[HeadingLine] = (),
    pages: Sequence[int] = (),
    shown: str | None = None,
) -> tuple[Section, ...]:
    """Return the sections of a clean text, in order; joined, their texts are ``text``.

    ``headings`` and ``pages`` are offsets into ``text``, as cleaning returns them. The sections are parts of ``shown``
    if given: the same text with other white space, of the same length.
    """
    if not text:
        return ()
    shown = text if shown is None else shown
    if not (headings or pages) and _is_paragraph(text):
        return (Section(f"{document_id}#1", None, None, 1, (), "body", 0, len(text), None, shown),)
    lines = articles_apart(numbered_lines(text))
    report = _is_report(text)
    heads = _find_heads(lines, headings, report)
    return _sections(document_id, shown, heads, pages, report)


_LONGEST_ALONE = 150  # characters; a longer line may contain headings after lost line breaks


def _is_paragraph(text: str) -> bool:
    """Return whether a text is one line without headings or divisions, in a tenth of the time of the rules.

    Without a number, only a line of exactly ``BODY_LINE`` characters can be a heading without text below it; with one,
    only the first of its series.
    """
    size = len(text)
    if size > _LONGEST_ALONE or size == BODY_LINE or "\n" in text or text.count("第") > 2:
        return False
    mark = mark_at(text, 0, size)
    return mark is None or (mark.value != 1 and not _is_report(text))


def _find_heads(lines: Lines, headings: Sequence[HeadingLine], report: bool) -> list[Head]:
    """Return the start of each section, in order, with number, heading and level."""
    marked = {lines.at(h.start): h.level for h in headings}
    heads: list[Head] = []
    if len(lines) == 1 and lines.mark(0) and lines.size(0) <= _LONGEST_ALONE and not (marked or report):
        # the other rules need lines above or below it: a third of the time
        heads = _with_leads(lines, outline(lines, 0, 1, marked, set()), 0, 1)
    else:
        for block in blocks(lines):
            heads += _block_heads(lines, block, marked, report)
    if not any(head.heading or head.number for head in heads):
        return _groups(lines, 0, len(lines), "body")
    return heads


def _is_report(text: str) -> bool:
    """Return whether a text is a report to a congress, whose parts are recognized."""
    return "各位代表" in text[:4000] or "政府工作报告" in text[:600] or "主要预期目标" in text


def _block_heads(lines: Lines, block: Block, marked: dict[int, int], report: bool) -> list[Head]:
    root = 1 if block.head else 0
    first = lines.at(block.head.end) + 1 if block.head else block.first
    if block.head and block.head.heading and is_glossary_heading(lines.text[slice(*block.head.heading)]):
        return [block.head, *terms(lines, first, block.last, 2)]
    skip = contents_lines(lines, first, block.last) | listed_names(lines, first, block.last)
    articles = is_statute_text(lines, first, block.last)
    if articles:
        heads = statute(lines, first, block.last, skip)
    else:
        heads = outline(lines, first, block.last, marked, skip)
        heads = _with_leads(lines, heads, first, block.last)
    for head in heads:
        head.level += root
    heads = with_tails(lines, heads, first, block.last, root, report)
    if not (articles or report):
        heads = with_rest(lines, heads, first, block.last, root)
    above = [block.head] if block.head else []
    heads = with_signature(lines, [*above, *heads], first, block.last, root)[len(above) :]
    begin = lines.at(heads[0].start) if heads else block.last
    begin += bool(heads) and heads[0].start > lines.starts[begin]
    preamble = "attachment" if block.head else "preamble" if heads else "body"
    opening = _opening(lines, first, begin, preamble, root) if not block.head else []
    opening = [head for head in opening if not heads or head.start < heads[0].start]
    return [*([block.head] if block.head else []), *opening, *heads]


def _with_leads(lines: Lines, heads: list[Head], first: int, last: int) -> list[Head]:
    """Return ``heads`` with the glossary's terms and the headings that have no number."""
    result: list[Head] = []
    spans: list[tuple[int, int, int]] = []
    for n, head in enumerate(heads):
        begin = lines.at(head.end) + 1
        end = lines.at(heads[n + 1].start) if n + 1 < len(heads) else last
        if head.heading and is_glossary_heading(lines.text[slice(*head.heading)]):
            inner = [h for h in heads if head.start < h.start]
            glossary_end = next((lines.at(h.start) for h in inner if h.style == "part"), last)
            heads = [h for h in heads if h.start <= head.start or lines.at(h.start) >= glossary_end]
            head.part = "glossary"
            result += terms(lines, begin, glossary_end, head.level + 1)
            return sorted([*heads, *result, *leads(lines, spans)], key=lambda h: h.start)
        if begin < end:
            spans.append((begin, end, head.level))
    return sorted([*heads, *leads(lines, spans)], key=lambda h: h.start)


_SALUTATION = lazy_pattern(
    r"各位(?:代表|委员|同志)[^。\n]{0,20}[:：!！]?|^.{2,60}(?:人民政府|委员会|厅|局|部委|机构|单位|国务院)[^。\n]{0,40}[:：]$",
    re.M,
)


_OTHERS_ADDRESSED = lazy_pattern(rf"(?:[{HAN}]{{1,12}}、)+$")  # 主任、各位副主任、秘书长、各位委员


def _opening(lines: Lines, first: int, last: int, part: str, root: int) -> list[Head]:
    """Return the sections before the first heading: title block, salutation and what follows it."""
    if first >= last:
        return []
    end = lines.ends[last - 1]
    salutation = _SALUTATION.search(lines.text, lines.starts[first], min(end, lines.starts[first] + 3000))
    if part != "preamble" or salutation is None or salutation.start() == lines.starts[first]:
        return _groups(lines, first, last, part)
    at = lines.at(salutation.start())
    title = _groups(lines, first, max(at, first + 1), part)
    others = _OTHERS_ADDRESSED.search(lines.text, lines.starts[at], salutation.start())
    start = others.start() if others else salutation.start()
    begin = Head(start, start, "none", part=part)
    rest = _groups(lines, at + 1, last, part)
    return [*title, begin, *(h for h in rest[1:])]


def _groups(lines: Lines, first: int, last: int, part: str) -> list[Head]:
    """Return a start without heading for each group of paragraphs of readable size.

    A paragraph of more than ``LONGEST_PARAGRAPH`` is divided after sentences.
    """
    heads: list[Head] = []
    size = 0
    for i in range(first, last):
        if not heads or size + lines.size(i) > READABLE:
            heads.append(Head(lines.starts[i], lines.starts[i], "none", part=part))
            size = 0
        size += lines.size(i)
        if lines.size(i) > LONGEST_PARAGRAPH:
            heads += [Head(at, at, "none", part=part) for at in _sentences(lines, i)]
    return heads


def _sentences(lines: Lines, i: int) -> Iterator[int]:
    """Yield the offsets at which line ``i`` is divided: after the first sentence that fills a readable piece."""
    at, end = lines.starts[i], lines.ends[i]
    while end - at > LONGEST_PARAGRAPH:
        stop = lines.text.find("。", at + READABLE, at + LONGEST_PARAGRAPH)
        at = stop + 1 if stop >= 0 else at + LONGEST_PARAGRAPH
        if at < end:
            yield at


def _sections(
    document_id: str, text: str, heads: list[Head], pages: Sequence[int], report: bool
) -> tuple[Section, ...]:
    reviewed = False
    latest = _latest_year(text, heads) if report else None
    sections: list[Section] = []
    stack: list[tuple[int, str, str]] = []
    for n, head in enumerate(heads):
        start = 0 if n == 0 else head.start
        end = heads[n + 1].start if n + 1 < len(heads) else len(text)
        heading = text[slice(*head.heading)].replace("\n", "") if head.heading else None
        while stack and stack[-1][0] >= head.level:
            stack.pop()
        outer = stack[-1][2] if stack else "plan" if reviewed and heading else "body"
        part = head.part or (part_of(heading, head.level, outer) if heading and report else None) or outer
        if part == "plan" and head.level == 1 and heading and _is_year_before(heading, latest):
            part = "review"
        reviewed = reviewed or part == "review"
        label = _label(text, head)
        stack.append((head.level, label, part))
        sections.append(
            Section(
                section_id=f"{document_id}#{n + 1}",
                number=text[slice(*head.number)].strip() if head.number else None,
                heading=heading,
                level=head.level,
                path=tuple(label for _, label, _ in stack if label),
                part=part,
                start=start,
                end=end,
                page=bisect_right(pages, start) or 1 if pages else None,
                text=text[start:end],
            )
        )
    return tuple(sections)


_OF_YEAR = lazy_pattern(r"((?:19|20)\d\d)年度?(?!以来|[至到—-])")


def _latest_year(text: str, heads: Sequence[Head]) -> int | None:
    """Return the latest year that a part of a report is named for: 2024年主要工作."""
    years = (_OF_YEAR.match(text, *head.heading) for head in heads if head.level == 1 and head.heading)
    return max((int(found[1]) for found in years if found), default=None)


def _is_year_before(heading: str, latest: int | None) -> bool:
    """Return whether a part is named for the year before the latest one, which a report to a congress looks back on."""
    found = _OF_YEAR.match(heading) if latest is not None else None
    return found is not None and int(found[1]) + 1 == latest


def _label(text: str, head: Head) -> str:
    begin = head.number or head.heading
    if begin is None:
        return ""
    if head.style == "article" or not head.heading:
        return text[slice(*begin)]
    if head.style == "attachment" and head.number:
        return f"{text[slice(*head.number)]} {text[slice(*head.heading)]}".replace("\n", "")
    return " ".join(text[begin[0] : head.heading[1]].replace("\n", "").split())
