"""Clean text to sections: the structure of an official document."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from policysearch.readers.reading import HeadingLine
from policysearch.structure.heads import Head, Lines, lines_of
from policysearch.structure.outline import outline
from policysearch.structure.parts import part_of
from policysearch.structure.statutes import is_statute, statute

__all__ = ["STRUCTURE_VERSION", "Section", "split_sections"]

STRUCTURE_VERSION = 1
"""Rises whenever the same text may give other sections; an index keeps it."""

READABLE = 1000
"""Characters up to which paragraphs without headings are put into one section."""


@dataclass(frozen=True, slots=True)
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
    document_id: str, text: str, headings: Sequence[HeadingLine] = (), pages: Sequence[int] = ()
) -> tuple[Section, ...]:
    """Return the sections of a clean text, in order; joined, their texts are ``text``.

    ``headings`` and ``pages`` are offsets into ``text``, as the cleaning
    hands them on.
    """
    if not text:
        return ()
    lines = lines_of(text)
    heads = find_heads(lines, headings)
    return _sections(document_id, text, heads, pages)


def find_heads(lines: Lines, headings: Sequence[HeadingLine]) -> list[Head]:
    marked = {lines.at(h.start): h.level for h in headings}
    if is_statute(lines, 0, len(lines)):
        heads = statute(lines, 0, len(lines), set())
    else:
        heads = outline(lines, 0, len(lines), marked, set())
    if not heads:
        return _groups(lines, 0, len(lines), "body")
    first = lines.at(heads[0].start)
    return (_groups(lines, 0, first, "preamble") if heads[0].start else []) + heads


def _groups(lines: Lines, first: int, last: int, part: str) -> list[Head]:
    """Return a start without heading for each group of paragraphs of readable size."""
    heads: list[Head] = []
    size = 0
    for i in range(first, last):
        if not heads or size + lines.size(i) > READABLE:
            heads.append(Head(lines.starts[i], lines.starts[i], "none", part=part))
            size = 0
        size += lines.size(i)
    return heads


_YEAR = re.compile(r"([12]\d{3})年")


def _sections(document_id: str, text: str, heads: list[Head], pages: Sequence[int]) -> tuple[Section, ...]:
    report = "各位代表" in text[:3000] or "政府工作报告" in text[:500] or "主要预期目标" in text
    sections: list[Section] = []
    stack: list[tuple[int, str, str]] = []
    for n, head in enumerate(heads):
        start = 0 if n == 0 else head.start
        end = heads[n + 1].start if n + 1 < len(heads) else len(text)
        heading = text[slice(*head.heading)] if head.heading else None
        while stack and stack[-1][0] >= head.level:
            stack.pop()
        part = head.part or (heading and report and part_of(heading, (), head.level)) or (
            stack[-1][2] if stack else "body"
        )
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


def _label(text: str, head: Head) -> str:
    begin = head.number or head.heading
    if begin is None:
        return ""
    if head.style == "article" or not head.heading:
        return text[slice(*begin)]
    return " ".join(text[begin[0] : head.heading[1]].split())
