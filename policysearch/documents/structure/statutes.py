"""Headings of statutes: 编, 分编, 章, 节 and the articles, numbered in one series."""

from __future__ import annotations

from collections import Counter

from policysearch.documents.structure.heads import Head, Lines, heading_span
from policysearch.documents.structure.marks import Mark, article_at, mark_at, own_rank
from policysearch.text.patterns import lazy_pattern

__all__ = ["articles_apart", "is_statute_text", "statute"]

_CN = r"[〇零一二三四五六七八九十百千\d]"
_INLINE = lazy_pattern(
    rf"(?<=[。；;：:”）])[ \u3000]*(?P<mark>第 ?{_CN}{{1,7}} ?(?:[条條](?:之{_CN}{{1,3}})?|[编編章节節])[ \u3000【])"
    rf"|(?P<first>第 ?一 ?[编編章][ \u3000](?=[^。]{{1,40}}第 ?[一1] ?[条條][ \u3000]))"
    rf"|(?P<opens>第 ?[一1] ?[条條])(?=[^。]{{1,300}}。[ \u3000]?第 ?[二2] ?[条條])"
    rf"|(?P<after>第 ?{_CN}{{1,7}} ?[条條节節][ \u3000])"
    rf"|(?<=[。）])(?P<bare>第{_CN}{{1,7}}[条條])"
)
LONG_LINE = 50
"""Length from which a line may contain several articles whose line breaks were lost, in characters."""

TITLE = 60
"""Maximum length of a title before the first article on its line, in characters."""


def articles_apart(lines: Lines) -> Lines:
    """Return the lines, divided at each article inside a line if there are three such articles in a row."""
    found: list[int] = []
    for i, (start, end) in enumerate(zip(lines.starts, lines.ends, strict=True)):
        if end - start > LONG_LINE and lines.text.count("第", start, end) > 2:
            found += _inline_articles(lines, i)
    return Lines(lines.text, sorted([*lines.starts, *found]), sorted([*lines.ends, *found])) if found else lines


def _inline_articles(lines: Lines, i: int) -> list[int]:
    """Return where articles and chapters begin inside line ``i``, if their numbers ascend by one."""
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
        elif mark is not None and found["opens"]:
            if not before and at - lines.starts[i] <= TITLE:
                before = 1
                places.append(at)
        elif mark is not None and found["bare"]:
            if mark.value == before + 1 and not _REFERENCE.match(text, mark.end):
                rising += 1
                before = mark.value
                places.append(at)
        elif mark is not None and near and (not before or mark.value in (before, before + 1)):
            rising += mark.value == before + 1
            before = mark.value
            places.append(at)
    return [at for at in places if at > lines.starts[i]] if rising >= 2 else []


_UNITS = ("book", "subbook", "chapter", "section")
_REFERENCE = lazy_pattern(
    r"[、，,。；;：:）)》”的和或至及与與所中之起]|[ \u3000]?(?:[规規]定|第[一二三四五六七八九十\d]{1,3}[款項项])"
    r"|款|項|项|第|明确|确定|还|修改|增加|删除|删去"
)
_APART = " \t\u3000\xa0【〔[（("
"""The separator between an article's number and its text."""


def is_statute_text(lines: Lines, first: int, last: int) -> bool:
    """Return whether articles in ascending order begin lines: three, or two where no 一、 does."""
    before = rising = pairs = 0
    numbered = False
    for i in range(first, last):
        mark = lines.article(i)
        if mark:
            follows = mark.value == before + 1 or (mark.value > before > 0 and _looks_like_one(lines, i, mark))
            rising = rising + 1 if follows else 1
            before = mark.value
            pairs += rising == 2
            if rising == 3:
                return True
        elif (mark := lines.mark(i)) and mark.style == "dun":
            numbered = True
    return pairs > 0 and not numbered


def _looks_like_one(lines: Lines, i: int, mark: Mark) -> bool:
    """Return whether a line that begins with an article's number is that article, and not a reference to it.

    White space, a bracket or the end of the line follows its number; and the line before is complete.
    """
    text, end = lines.text, lines.ends[i]
    if mark.end < end and (text[mark.end] not in _APART or _REFERENCE.match(text, mark.end, end)):
        return False
    return i == 0 or text[lines.ends[i - 1] - 1 : lines.ends[i - 1]] not in ("，", ",", "、", "第", "《", "（")


_SUPPLEMENT = lazy_pattern(r"附[ \u3000]*[则則][ \u3000]*$")


def statute(lines: Lines, first: int, last: int, skip: set[int]) -> list[Head]:
    """Return chapters and articles in lines ``first`` to ``last`` (exclusive), levels from 1.

    If a text contains several laws, the heading of each (一、《…条例》, or its name alone above the first article) is
    above its articles. 附则 needs no number: it has the level of the outermost units.
    """
    heads: list[Head] = []
    stack: list[Head] = []
    before: Mark | None = None
    articles = _articles(lines, first, last)
    again = {(mark.value, mark.again): i for i, mark in articles.items()}
    laws = _laws(lines, first, last, articles)
    for i in range(first, last):
        if i in skip:
            continue
        head: Head | None
        if i in laws:
            head, before = laws[i], None
        elif i + 1 in articles and _SUPPLEMENT.match(lines.text, lines.starts[i], lines.ends[i]):
            style = next((above.style for above in stack if above.style in _UNITS), "chapter")
            span = (lines.starts[i], lines.ends[i])
            head = Head(*span, style, heading=span)
        else:
            head, before = _head(lines, i, last, before, again, articles)
        if head is None:
            continue
        while stack and own_rank(stack[-1].style) >= own_rank(head.style):
            stack.pop()
        stack.append(head)
        head.level = len(stack)
        heads.append(head)
    return heads


def _articles(lines: Lines, first: int, last: int) -> dict[int, Mark]:
    """Return the article number at the start of each line that has one."""
    marks = ((i, lines.article(i)) for i in range(first, last))
    return {i: mark for i, mark in marks if mark}


def _head(
    lines: Lines, i: int, last: int, before: Mark | None, again: dict[tuple[int, int], int], articles: dict[int, Mark]
) -> tuple[Head | None, Mark | None]:
    """Return the heading that line ``i`` is, if any, and the last article's number.

    ``again`` contains the last line that each number begins, ``articles`` the number that each line begins with.
    """
    text, start, end = lines.text, lines.starts[i], lines.ends[i]
    article = articles.get(i)
    if article:
        refers = _REFERENCE.match(text, article.end) and again[article.value, article.again] > i
        if refers or not _follows(lines, i, article, before):
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


LONGEST_LAW = 90
"""Maximum length of a line that is a law's name, in characters."""

_LAW = lazy_pattern(
    r"《[^《》]{2,50}》(?:[（(][^（）()]{1,30}[)）])?[:：]?$"
    r"|[^，。；：]{2,50}(?:法|条例|條例|规定|規定|办法|辦法|细则|細則|规则|規則|章程)(?:[（(][^（）()]{1,30}[)）])?[:：]?$"
)


def _laws(lines: Lines, first: int, last: int, articles: dict[int, Mark]) -> dict[int, Head]:
    """Return the names of laws above their articles, by line, if there are several of one kind."""
    found: dict[int, Head] = {}
    before = 0
    for i in range(first, last):
        article = articles.get(i)
        if article:
            before = article.value
        elif head := _law(lines, i, last, before):
            found[i] = head
    kinds = Counter(_kind(lines.text, head) for head in found.values())
    return {i: head for i, head in found.items() if (kind := _kind(lines.text, head)) == "《" or kinds[kind] > 1}


def _kind(text: str, head: Head) -> str:
    """Return the form of a law's name: 《 after a number, else its number's style or none."""
    if head.number is None:
        return head.style
    return "《" if head.heading and text[head.heading[0]] == "《" else "numbered"


def _law(lines: Lines, i: int, last: int, before: int) -> Head | None:
    """Return a law's name in line ``i``, if the articles below it are not those of the law before."""
    start, end = lines.starts[i], lines.ends[i]
    if end - start > LONGEST_LAW or lines.text[end - 1] in "。；，":
        return None
    mark = mark_at(lines.text, start, end)
    span = heading_span(lines.text, mark.end if mark else start, end, LONGEST_LAW)
    if span is None or not _LAW.match(lines.text, span[0], end) or (mark and mark.style in _UNITS):
        return None
    for k in range(i + 1, min(i + 3, last)):
        below = lines.article(k)
        if below is None:
            below = lines.mark(k)
            if below is None or below.style not in _UNITS:
                continue
        elif not _looks_like_one(lines, k, below):
            return None
        anew = not before or below.value == 1 or below.value <= before or (mark and lines.text[span[0]] == "《")
        number = (mark.start, mark.end) if mark else None
        style = "book" if mark else "part"
        return Head(start, span[1], style, mark.value if mark else 0, number, span) if anew else None
    return None


def _stands_above_article(lines: Lines, i: int, last: int) -> bool:
    """Return whether line ``i`` is a heading directly above an article."""
    if i + 1 >= last or lines.text[lines.ends[i] - 1] in "。；;：:，,":
        return False
    return lines.article(i + 1) is not None


def _follows(lines: Lines, i: int, mark: Mark, before: Mark | None) -> bool:
    """Return whether an article's number continues the series; a reference at a line's start does not.

    A number out of sequence, higher or lower, is that of an article if the line has the form of one.
    """
    text = lines.text
    if before is None:
        return not _REFERENCE.match(text, mark.end)
    if mark.again and mark.value == before.value and mark.again == before.again + 1:
        return True
    if mark.value == before.value + 1 and not mark.again:
        return True
    if mark.value == 1 or before.value < mark.value <= before.value + 5:
        return not _REFERENCE.match(text, mark.end)
    return _looks_like_one(lines, i, mark)


_TITLED = lazy_pattern(r"[ \u3000]*[【〔\[]([^】〕\]]{1,30})[】〕\]]")


def _article(text: str, mark: Mark, end: int) -> Head:
    titled = _TITLED.match(text, mark.end, end)
    span = titled.span(1) if titled else None
    return Head(mark.start, titled.end() if titled else mark.end, "article", mark.value, (mark.start, mark.end), span)
