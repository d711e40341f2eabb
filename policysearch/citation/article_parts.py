"""The paragraphs (款), items (项) and points (目) of an article, and where each is in its text."""

from __future__ import annotations

import re
from collections.abc import Sequence

from policysearch.citation.section_marks import SectionMark, leading_mark, written
from policysearch.frozen import frozen
from policysearch.text.folding import fold

__all__ = ["LOWER_UNITS", "ArticlePart", "below_article", "cited_parts", "parts_at", "parts_in"]

LOWER_UNITS = ("款", "项", "目")
"""The units below an article, outermost first."""

_ITEM = r"\([ ]?[一二三四五六七八九十百〇零0-9]{1,4}[ ]?\)"
_POINT = r"[0-9]{1,2}[ ]?[.、](?![0-9])"
_AT_START = re.compile(rf"[ \t\u3000]*(?:(?P<item>{_ITEM})|(?P<point>{_POINT}))")
_WITHIN = re.compile(rf"(?<=[:;。])[ \t\u3000]*(?:(?P<item>{_ITEM})|(?P<point>{_POINT}))")
_ENDS = '。;:!?")》'
_ROW = re.compile(rf"{_ITEM}(?:[ ]?[、和与及至]?[ ]?{_ITEM})+(?:[ ]?项)?$")  # 第（二）、（四）项
_WRAPPED = 24  # a line of so many characters that ends within a sentence is broken, as are others of its text


@frozen
class ArticlePart:
    """A part of an article.

    Attributes:
        marks: The numbers of the paragraph, the item and the point.
        start: Its offset in the text, in characters.
        end: Its end, with the parts below it.
    """

    marks: tuple[SectionMark, ...]
    start: int
    end: int


def parts_in(text: str) -> list[ArticlePart]:
    """Return the parts of an article's text, in order, each before those below it.

    Empty if its lines are broken within sentences, so that its paragraphs cannot be told.
    """
    folded = fold(text)
    starts: list[tuple[int, tuple[SectionMark, ...]]] = []
    above: tuple[SectionMark, ...] = ()  # the paragraph, and its last item
    style: str | None = None  # of the items of the paragraph: others below them are points
    paragraphs, at, goes_on = 0, 0, False
    for line in folded.split("\n"):
        begin, at = at, at + len(line) + 1
        if not line.strip():
            continue
        first = _AT_START.match(line)
        if first is None and not goes_on:
            paragraphs += 1
            above, style = (SectionMark("款", paragraphs),), None
            starts.append((begin, above))
        for one in ([first] if first else []) + list(_WITHIN.finditer(line, first.end() if first else 0)):
            mark = leading_mark(one[0].strip())
            if mark is None:
                continue
            style = style or _style(one)
            if style == _style(one):
                above = (*above[:1], SectionMark("项", mark.value)) if paragraphs else (SectionMark("项", mark.value),)
                starts.append((begin + one.start(), above))
            else:
                starts.append((begin + one.start(), (*above, SectionMark("目", mark.value))))
        body = line.rstrip()
        goes_on = body[-1] not in _ENDS
        if goes_on and len(body) >= _WRAPPED and folded[at:].strip() and not _AT_START.match(folded[at:].lstrip()):
            return []
    return [ArticlePart(marks, start, _end(starts, i, len(text))) for i, (start, marks) in enumerate(starts)]


def _style(found: re.Match[str]) -> str:
    return "point" if found["item"] is None else "digit" if re.search("[0-9]", found[0]) else "numeral"


def _end(starts: Sequence[tuple[int, tuple[SectionMark, ...]]], at: int, size: int) -> int:
    """Return the start of the next part that is not below a part, or the end of the text."""
    marks = starts[at][1]
    following = (start for start, other in starts[at + 1 :] if other[: len(marks)] != marks)
    return next(following, size)


def below_article(text: str, marks: Sequence[SectionMark]) -> tuple[tuple[SectionMark, ...], ...]:
    """Return the parts of an article that a reference names, of several items in a row each: 第（二）（四）项.

    ``text`` is the reference as written, ``marks`` its numbers.
    """
    lower = tuple(mark for mark in marks if mark.unit in LOWER_UNITS)
    if not lower:
        return ()
    row = _ROW.search(fold(text)) if lower[-1].unit == "项" else None
    items = [leading_mark(one[0]) for one in re.finditer(_ITEM, row[0])] if row else []
    return tuple(dict.fromkeys((lower, *((*lower[:-1], SectionMark("项", one.value)) for one in items if one))))


def cited_parts(text: str, numbers: Sequence[tuple[SectionMark, ...]]) -> list[tuple[int, int]] | None:
    """Return the spans of the parts of an article with one of some numbers; None if it has none or that is unknown.

    A number without its paragraph is that of an item of any.
    """
    parts = parts_in(text)
    found = []
    for number in numbers:
        for part in parts:
            marks = part.marks if number[0].unit == "款" else tuple(one for one in part.marks if one.unit != "款")
            if marks == number:
                found.append((part.start, part.end))
    return found or None


def parts_at(text: str, at: int) -> str | None:
    """Return the number of the innermost part at an offset in an article's text, as written after the article's."""
    marks: tuple[SectionMark, ...] = ()
    parts = parts_in(text)
    for part in parts:
        if part.start <= at < part.end:
            marks = part.marks
    if len({part.marks[0] for part in parts if part.marks[0].unit == "款"}) == 1 and len(marks) > 1:
        marks = marks[1:]  # the only paragraph
    return "".join(map(written, marks)) or None
