"""Headings of statutes: 编, 分编, 章, 节 and the articles, numbered in one series."""

from __future__ import annotations

import re

from policysearch.documents.structure.heads import Head, Lines, heading_span
from policysearch.documents.structure.marks import Mark, article_at, mark_at, own_rank

__all__ = ["articles_apart", "is_statute", "statute"]

_CN = "[〇零一二三四五六七八九十百千]"
_INLINE = re.compile(
    rf"(?<=[。；;：:”）])[ \u3000]*(?P<mark>第{_CN}{{1,7}}(?:条(?:之{_CN}{{1,3}})?|[编章节])[ \u3000【])"
    r"|(?P<first>第一[编章][ \u3000](?=[^。]{1,40}第一条[ \u3000]))"
    rf"|(?P<after>第{_CN}{{1,7}}[条节][ \u3000])"
)
LONG_LINE = 150
"""Characters from which a line may hold several articles whose line breaks were lost."""


def articles_apart(lines: Lines) -> Lines:
    """Return the lines with a new one at each article inside a line, where three follow each other so."""
    apart = Lines(lines.text)
    for i in range(len(lines)):
        places = _inline_articles(lines, i) if lines.size(i) > LONG_LINE else []
        apart.starts += [lines.starts[i], *places]
        apart.ends += [*places, lines.ends[i]]
    return apart


def _inline_articles(lines: Lines, i: int) -> list[int]:
    """Return where articles and chapters begin inside line ``i``, if their numbers rise by one."""
    text, end = lines.text, lines.ends[i]
    places: list[int] = []
    before = rising = 0
    chapter = -1
    for found in _INLINE.finditer(text, lines.starts[i], end):
        at = found.start(found.lastgroup or 0)
        mark = article_at(text, at, end)
        near = not found["after"] or 0 < at - chapter <= 40
        if mark is None and near:
            chapter = at
            places.append(at)
        elif mark is not None and near and (not before or mark.value in (before, before + 1)):
            rising += mark.value == before + 1
            before = mark.value
            places.append(at)
    return [at for at in places if at > lines.starts[i]] if rising >= 2 else []


_UNITS = ("book", "subbook", "chapter", "section")
_REFERENCE = re.compile(r"(?:[、，,。；;：:的和或至及与所中之起]|规定|款|第|明确|确定|还|修改|增加|删除|删去)")


def is_statute(lines: Lines, first: int, last: int) -> bool:
    """Tell whether articles in rising order begin lines: three, or two where no 一、 does."""
    before = rising = pairs = 0
    numbered = False
    for i in range(first, last):
        mark = article_at(lines.text, lines.starts[i], lines.ends[i])
        if mark:
            rising = rising + 1 if mark.value == before + 1 else 1
            before = mark.value
            pairs += rising == 2
            if rising == 3:
                return True
        elif (mark := mark_at(lines.text, lines.starts[i], lines.ends[i])) and mark.style == "dun":
            numbered = True
    return pairs > 0 and not numbered


def statute(lines: Lines, first: int, last: int, skip: set[int]) -> list[Head]:
    """Return chapters and articles in lines ``first`` to ``last`` (exclusive), levels from 1."""
    heads: list[Head] = []
    stack: list[Head] = []
    before: Mark | None = None
    again = _last_places(lines, first, last)
    for i in range(first, last):
        if i in skip:
            continue
        head, before = _head(lines, i, last, before, again)
        if head is None:
            continue
        while stack and own_rank(stack[-1].style) >= own_rank(head.style):
            stack.pop()
        stack.append(head)
        head.level = len(stack)
        heads.append(head)
    return heads


def _last_places(lines: Lines, first: int, last: int) -> dict[tuple[int, int], int]:
    """Return the last line that each article's number begins."""
    marks = ((i, article_at(lines.text, lines.starts[i], lines.ends[i])) for i in range(first, last))
    return {(mark.value, mark.again): i for i, mark in marks if mark}


def _head(
    lines: Lines, i: int, last: int, before: Mark | None, again: dict[tuple[int, int], int]
) -> tuple[Head | None, Mark | None]:
    text, start, end = lines.text, lines.starts[i], lines.ends[i]
    article = article_at(text, start, end)
    if article:
        refers = _REFERENCE.match(text, article.end) and again[article.value, article.again] > i
        if refers or not _follows(text, article, before):
            return None, before
        return _article(text, article, end), article
    mark = mark_at(text, start, end)
    if mark is None or mark.style not in (*_UNITS, "dun") or end - start > 60:
        return None, before
    if mark.style == "dun" and not _stands_above_article(lines, i, last):
        return None, before
    span = heading_span(text, mark.end, end)
    if (
        span is None
        and i + 1 < last
        and lines.size(i + 1) <= 30
        and not article_at(text, lines.starts[i + 1], lines.ends[i + 1])
    ):
        span = heading_span(text, lines.starts[i + 1], lines.ends[i + 1])
    style = "section" if mark.style == "dun" else mark.style
    return Head(start, span[1] if span else mark.end, style, mark.value, (mark.start, mark.end), span), before


def _stands_above_article(lines: Lines, i: int, last: int) -> bool:
    """Tell whether line ``i`` is a heading with an article right below it."""
    if i + 1 >= last or lines.text[lines.ends[i] - 1] in "。；;：:，,":
        return False
    return article_at(lines.text, lines.starts[i + 1], lines.ends[i + 1]) is not None


def _follows(text: str, mark: Mark, before: Mark | None) -> bool:
    """Tell whether an article's number continues the series; a reference at a line's start does not."""
    if before is None:
        return not _REFERENCE.match(text, mark.end)
    if mark.again:
        return mark.value == before.value and mark.again == before.again + 1
    if mark.value == before.value + 1:
        return True
    if mark.value == 1 or before.value < mark.value <= before.value + 5:
        return not _REFERENCE.match(text, mark.end)
    return False


_TITLED = re.compile(r"[ \u3000]*[【〔\[]([^】〕\]]{1,30})[】〕\]]")


def _article(text: str, mark: Mark, end: int) -> Head:
    titled = _TITLED.match(text, mark.end, end)
    span = titled.span(1) if titled else None
    return Head(mark.start, titled.end() if titled else mark.end, "article", mark.value, (mark.start, mark.end), span)
