"""Headings of reports, notices and plans: parts, 一、 (一) 1. and their nesting."""

from __future__ import annotations

from policysearch.documents.structure.glued import inline_parts, split_glued
from policysearch.documents.structure.heads import Head, Lines, heading_span
from policysearch.documents.structure.marks import INLINE_NUMBER, Mark, mark_at
from policysearch.documents.structure.nesting import nested
from policysearch.documents.structure.parts import is_glossary_heading, is_part_heading
from policysearch.documents.structure.tails import OF_THE_WHOLE
from policysearch.text.chinese import HAN
from policysearch.text.patterns import lazy_pattern

__all__ = ["BODY_LINE", "outline"]

LONGEST_PLAIN = 26
"""Maximum length of an un-numbered heading line without a stop, in characters."""

LONGEST_DECIMAL = 40
"""Maximum length of a line that is a heading because of a number like 1.1; a longer one may begin with a figure."""

BODY_LINE = 40
"""Length from which a line is body text and not another heading, in characters."""


def outline(lines: Lines, first: int, last: int, marked: dict[int, int], skip: set[int]) -> list[Head]:
    """Return the headings in lines ``first`` to ``last`` (exclusive), levels from 1.

    ``marked`` contains the lines that the format marks as headings, with their level; lines in ``skip`` are a table of
    contents.
    """
    candidates = _candidates(lines, first, last, marked, skip)
    heads = nested(candidates)
    for _ in range(3):
        items = _list_items(lines, heads, last)
        if not items:
            break
        heads = nested([head for head in heads if id(head) not in items])
    if any(head.inline for head in heads):
        _mend(lines, heads, last)
    _strip_provisions(lines, heads, last)
    _strip_sentences(lines, heads, last)
    return heads


_PROVISION = lazy_pattern(
    r"是指|应当|不得|予以|必须按|方可|给予|减按|减半|适用于?|执行$|(?:自|从)\d{4}年|按\d|(?:可|可以)(?:按|向|申请|享受|抵)|^同意|^将"
)


def _strip_provisions(lines: Lines, heads: list[Head], last: int) -> None:
    """Reduce siblings to their numbers if most of them are provisions: sentences that order, not name."""
    for group in _siblings(lines, heads, last):
        for style in {head.style for head, _, _ in group} & {"dun", "paren"}:
            same = [head for head, _, _ in group if head.style == style]
            named = sum(_names(lines.text, head) for head in same)
            for head in same if 2 * named < len(same) else ():
                if head.heading and head.number and lines.text[head.end : head.end + 1] == "。":
                    head.heading, head.end = None, head.number[1]


def _strip_sentences(lines: Lines, heads: list[Head], last: int) -> None:
    """Reduce siblings to their numbers if half of them are sentences too long for a heading."""
    for group in _siblings(lines, heads, last):
        for style in {head.style for head, _, _ in group} - {"part", "plain"}:
            same = [head for head, _, _ in group if head.style == style]
            without = sum(head.heading is None for head in same)
            for head in same if without and 2 * without >= len(same) else ():
                if head.heading and head.number and lines.text[head.end : head.end + 1] in "。；;":
                    head.heading, head.end = None, head.number[1]


def _names(text: str, head: Head) -> bool:
    return head.heading is not None and not _PROVISION.search(text, *head.heading)


def _mend(lines: Lines, heads: list[Head], last: int) -> None:
    groups: list[list[Head]] = []
    limits: list[int] = []
    for group in _siblings(lines, heads, last):
        for style in {head.style for head, _, _ in group} - {"part", "plain"}:
            same = [(head, end) for head, end, _ in group if head.style == style]
            if any(head.inline for head, _ in same):
                groups.append([head for head, _ in same])
                limits += [end for _, end in same]
    split_glued(lines.text, groups, limits)


def _candidates(lines: Lines, first: int, last: int, marked: dict[int, int], skip: set[int]) -> list[Head]:
    found: list[Head] = []
    body = _body_start(lines, first, last)
    top = min((level for i, level in marked.items() if i >= body), default=None)
    above = _marked_above(lines, first, body, marked)
    titled = -1
    decimals = _decimals(lines, first, last)
    for i in range(first, last):
        if i in skip or i == titled:
            continue
        start, end = lines.starts[i], lines.ends[i]
        mark = mark_at(lines.text, start, end)
        if lines.text.find("\t", mark.end + 1 if mark else start, end) >= 0:
            continue
        if mark and mark.style.startswith("decimal") and i not in decimals:
            continue
        inside = _inline(lines, i) if end - start > 150 else []
        if mark:
            found.append(_numbered(lines.text, mark, end, flat=bool(inside)))
            found[-1].declared = marked.get(i)
            titled = _title_below(lines, found[-1], i, last)
        elif (i >= body or i in above) and _plain(lines, i, first, last, marked):
            span = heading_span(lines.text, start, end)
            if span:
                style = "part" if _is_outermost(lines.line(i), marked.get(i), top) else "plain"
                found.append(Head(start, span[1], style, heading=span, declared=marked.get(i)))
        found += inside
    return _one_tier(lines, found)


def _marked_above(lines: Lines, first: int, body: int, marked: dict[int, int]) -> set[int]:
    """Return the headings that the format marks directly below the title: of a lower level, which others have too."""
    above = [i for i in range(first, body) if i in marked]
    title = min((marked[i] for i in above), default=0)
    levels = {level for i, level in marked.items() if i >= body}
    return {i for i in above if title < marked[i] and marked[i] in levels and not _NO_PLAIN.search(lines.line(i))}


_DECIMAL = lazy_pattern(r"\d{1,2}(?:[.．]\d{1,2}){1,4}")


def _decimals(lines: Lines, first: int, last: int) -> set[int]:
    """Return the lines that begin with a number like 11.5.14 which continues the one before it.

    A figure or a reference at a line's start does not: it is lower, or far
    off. A long line is a provision if its number has three parts.
    """
    found: set[int] = set()
    before: tuple[int, ...] = ()
    for i in range(first, last):
        mark = lines.mark(i)
        if mark is None or not mark.style.startswith("decimal"):
            continue
        match = _DECIMAL.match(lines.text, mark.start, mark.end)
        parts = tuple(map(int, match[0].replace("．", ".").split("."))) if match else ()
        if lines.size(i) > LONGEST_DECIMAL and (len(parts) < 3 or lines.text[mark.end - 1] not in " \u3000"):
            continue
        stopped = i == first or lines.text[lines.ends[i - 1] - 1] not in "，,、（(《第"
        if not before or (parts > before and (stopped or _is_near(before, parts))):
            found.add(i)
            before = parts
        elif len(parts) < 3:
            found.add(i)
    return found


def _is_near(before: tuple[int, ...], parts: tuple[int, ...]) -> bool:
    """Return whether one number follows another: the first part that differs is not much larger."""
    differing = next((n for n, (a, b) in enumerate(zip(before, parts, strict=False)) if a != b), None)
    return differing is None or parts[differing] - before[differing] <= 3


_UNITS = ("dun", "formal", "book", "subbook", "chapter", "section")


def _title_below(lines: Lines, head: Head, i: int, last: int) -> int:
    """Join a number alone on line ``i`` with the title below it; return that line, or -1."""
    if head.heading or head.style not in _UNITS or i + 1 >= last or lines.size(i + 1) > LONGEST_PLAIN:
        return -1
    line = lines.line(i + 1)
    if _NO_PLAIN.search(line) or lines.mark(i + 1):
        return -1
    head.heading = heading_span(lines.text, lines.starts[i + 1], lines.ends[i + 1])
    head.end = lines.ends[i + 1]
    return i + 1


def _is_outermost(line: str, marked: int | None, top: int | None) -> bool:
    """Return whether an un-numbered heading opens a part: by its words, or as the format's outermost level."""
    return is_part_heading(line) or is_glossary_heading(line) or (marked is not None and marked == top)


def _opens_numbers(found: list[Head], head: Head) -> bool:
    """Return whether numbers begin again right below an un-numbered heading."""
    after = next((other for other in found if other.start > head.start), None)
    return after is not None and after.value == 1 and after.start - head.end <= 2


def _one_tier(lines: Lines, found: list[Head]) -> list[Head]:
    """Return the candidates, with un-numbered headings on one level unless some are clearly above the others.

    A single one among numbers that nothing confirms is dropped.
    """
    plain = [head for head in found if head.style == "plain"]
    openings = {lines.text[head.start : head.start + 2] for head in found if head.style == "part"}
    for head in plain:
        if lines.text[head.start : head.start + 2] in openings:
            head.style = "part"
    plain = [head for head in plain if head.style == "plain"]
    if len(plain) == 1 and len(found) > 1 and plain[0].declared is None and not _opens_numbers(found, plain[0]):
        found.remove(plain[0])
        return found
    parts = [
        head
        for head in found
        if head.style == "part" and not is_glossary_heading(lines.text[slice(*head.heading or (0, 0))])
    ]
    if plain and (len(parts) < 2 or plain[0].start < parts[0].start):
        for head in plain:
            head.style = "part"
    return found


def _numbered(text: str, mark: Mark, end: int, flat: bool = False, inline: bool = False) -> Head:
    """Return the heading that ``mark`` begins; in a ``flat`` text a space may replace a line break."""
    gap = _GAP.search(text, mark.end + 4, min(end, mark.end + 40)) if flat else None
    span = heading_span(text, mark.end, gap.start() if gap else end)
    return Head(
        mark.start, span[1] if span else mark.end, mark.style, mark.value, (mark.start, mark.end), span, inline=inline
    )


_GAP = lazy_pattern(rf"(?<=[{HAN}”）])[ \u3000]+(?=[{HAN}（(“\d●■◆])")
"""The remainder of a line break between a heading and its body."""


def _inline(lines: Lines, i: int) -> list[Head]:
    """Return headings whose line break was lost: numbers after a sentence within line ``i``."""
    text, start, end = lines.text, lines.starts[i], lines.ends[i]
    marks = [mark_at(text, m.start("mark"), end) for m in INLINE_NUMBER.finditer(text, start, end)]
    kept = [mark for mark in marks if mark]
    ends = [*(mark.start for mark in kept[1:]), end]
    numbered = [_numbered(text, mark, stop, flat=True, inline=True) for mark, stop in zip(kept, ends, strict=False)]
    return numbered + inline_parts(text, start, end)


_SALUTATION = lazy_pattern(r"(?:各位|同志们|.{2,60}[:：]$)")


def _body_start(lines: Lines, first: int, last: int) -> int:
    """Return the first line that may be a plain heading: after the salutation or the title block."""
    for i in range(first, min(last, first + 40)):
        line = lines.line(i)
        if line.startswith(("各位代表", "各位委员", "同志们")):
            return i + 1
    for i in range(first, min(last, first + 12)):
        if lines.size(i) >= BODY_LINE or lines.mark(i):
            return i
    return first + 1


_NO_PLAIN = lazy_pattern(
    r"[。！？!?；;，,、：:…）)%％]$|^[图表][ \u3000]*\d|^[-—－●◆■□★▲·•*]|^附[件录表注]"
    r"|^[（(【\[〔<《“]?(?:注|来源|备注|单位|图|表|摘自|此件|本文)"
    r"|\d{4}年\d{1,2}月\d{1,2}日|[〇○一二三四五六七八九]{4}年|^各位|^[\d.,，%％\s]+$|^第.{1,6}[条款项]"
    r"|^\S*(?:人民政府|委员会|办公厅|办公室|部|局|院)$|[|｜\t]"
)


def _plain(lines: Lines, i: int, first: int, last: int, marked: dict[int, int]) -> bool:
    """Return whether line ``i`` is a heading without a number."""
    line = lines.line(i)
    if i in marked and len(line) <= 60:
        return True
    if not 2 <= len(line) <= 40 or (i > first and lines.text[lines.ends[i - 1] - 1] in "，,、（(《“"):
        return False
    if is_glossary_heading(line):
        return True
    if is_part_heading(line) and not _NO_PLAIN.search(line):
        return True
    if len(line) > LONGEST_PLAIN or _NO_PLAIN.search(line):
        return False
    if i + 1 >= last or (i > first and lines.text[lines.ends[i - 1] - 1] not in "。！？!?：:；;”"):
        return False
    follows = lines.mark(i + 1)
    if follows:
        return follows.value == 1 and follows.style in ("dun", "paren")
    return lines.size(i + 1) >= BODY_LINE and "。" in lines.line(i + 1)


_LIST_STYLES = frozenset(("digit_dot", "digit_paren", "digit_half", "digit_bare", "circled"))


def _list_items(lines: Lines, heads: list[Head], last: int) -> set[int]:
    """Return the ids of heads that number the items of a list: 一、 to the last of their siblings.

    Items end in semicolons, or, with Arabic numerals, are one sentence each.
    """
    items: set[int] = set()
    for group in _siblings(lines, heads, last):
        for style in {head.style for head, _, _ in group} - {"part", "plain"}:
            same = [member for member in group if member[0].style == style]
            if _is_list(lines.text, same):
                items.update(id(head) for head, _, _ in same)
    return items


def _siblings(lines: Lines, heads: list[Head], last: int) -> list[list[tuple[Head, int, bool]]]:
    """Return the children of each parent: head, where its own text ends, whether it has no children."""
    groups: dict[int, list[tuple[Head, int, bool]]] = {}
    parents: list[Head] = []
    for n, head in enumerate(heads):
        while parents and parents[-1].level >= head.level:
            parents.pop()
        end = heads[n + 1].start if n + 1 < len(heads) else lines.ends[last - 1]
        leaf = n + 1 == len(heads) or heads[n + 1].level <= head.level
        groups.setdefault(id(parents[-1]) if parents else 0, []).append((head, end, leaf))
        parents.append(head)
    return list(groups.values())


def _is_list(text: str, group: list[tuple[Head, int, bool]]) -> bool:
    """Return whether most members, except the last, end in semicolons, or have Arabic numerals and no body."""
    ends = [leaf and text[head.start : end].rstrip()[-1:] in "；;" for head, end, leaf in group]
    considered = ends[:-1] or ends
    if 2 * sum(considered) >= len(considered) and any(considered):
        return True
    if group[0][0].style not in _LIST_STYLES:
        return False
    empty = sum(leaf and _is_empty(text, head, _before_closing(text, head.end, end)) for head, end, leaf in group)
    return 2 * empty >= len(group) and (empty > 1 or len(group) == 1)


def _before_closing(text: str, start: int, end: int) -> int:
    """Return the end of the text that may belong to a section: before a line about the document as a whole."""
    at = text.find("\n", start, end)
    while at >= 0:
        if OF_THE_WHOLE.match(text, at + 1):
            return at + 1
        at = text.find("\n", at + 1, end)
    return end


def _is_empty(text: str, head: Head, end: int) -> bool:
    return head.heading is None or not text[head.end : end].strip(" \u3000\n。：:；;")
