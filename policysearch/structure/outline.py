"""Headings of reports, notices and plans: parts, 一、 (一) 1. and their nesting."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence

from policysearch.structure.glued import inline_parts, mend
from policysearch.structure.heads import Head, Lines, heading_span
from policysearch.structure.marks import INLINE_NUMBER, Mark, mark_at, own_rank
from policysearch.structure.parts import is_glossary_heading, is_part_heading

__all__ = ["outline"]

LONGEST_PLAIN = 26
"""Characters of an un-numbered heading line that has no stop."""

BODY_LINE = 50
"""Characters from which a line is body text and not another heading."""


def outline(lines: Lines, first: int, last: int, marked: dict[int, int], skip: set[int]) -> list[Head]:
    """Return the headings in lines ``first`` to ``last`` (exclusive), levels from 1.

    ``marked`` has the lines that the format itself calls headings, with
    their level; lines in ``skip`` are a table of contents.
    """
    candidates = _candidates(lines, first, last, marked, skip)
    heads = _nested(candidates)
    for _ in range(3):
        items = _list_items(lines, heads, last)
        if not items:
            break
        heads = _nested([head for head in heads if id(head) not in items])
    if any(head.inline for head in heads):
        _mend(lines, heads, last)
    return heads


def _mend(lines: Lines, heads: list[Head], last: int) -> None:
    groups: list[list[Head]] = []
    limits: list[int] = []
    for group in _siblings(lines, heads, last):
        for style in {head.style for head, _, _ in group} - {"part"}:
            same = [(head, end) for head, end, _ in group if head.style == style]
            if any(head.inline for head, _ in same):
                groups.append([head for head, _ in same])
                limits += [end for _, end in same]
    mend(lines.text, groups, limits)


def _candidates(lines: Lines, first: int, last: int, marked: dict[int, int], skip: set[int]) -> list[Head]:
    found: list[Head] = []
    body = _body_start(lines, first, last)
    for i in range(first, last):
        if i in skip:
            continue
        start, end = lines.starts[i], lines.ends[i]
        mark = mark_at(lines.text, start, end)
        if lines.text.find("\t", mark.end + 1 if mark else start, end) >= 0:
            continue
        if mark:
            found.append(_numbered(lines.text, mark, end))
        elif i >= body and _plain(lines, i, first, last, marked):
            span = heading_span(lines.text, start, end)
            if span:
                found.append(Head(start, span[1], "part", heading=span))
        if end - start > 150:
            found += _inline(lines, i)
    return found


def _numbered(text: str, mark: Mark, end: int, inline: bool = False) -> Head:
    span = heading_span(text, mark.end, end)
    return Head(
        mark.start, span[1] if span else mark.end, mark.style, mark.value, (mark.start, mark.end), span, inline=inline
    )


def _inline(lines: Lines, i: int) -> list[Head]:
    """Return headings whose line break was lost: numbers after a sentence within line ``i``."""
    text, start, end = lines.text, lines.starts[i], lines.ends[i]
    marks = [mark_at(text, m.start("mark"), end) for m in INLINE_NUMBER.finditer(text, start + 1, end)]
    kept = [mark for mark in marks if mark]
    ends = [*(mark.start for mark in kept[1:]), end]
    numbered = [_numbered(text, mark, stop, inline=True) for mark, stop in zip(kept, ends, strict=False)]
    return numbered + inline_parts(text, start, end)


_SALUTATION = re.compile(r"(?:各位|同志们|.{2,60}[:：]$)")


def _body_start(lines: Lines, first: int, last: int) -> int:
    """Return the first line that may be a plain heading: after the salutation or the title block."""
    for i in range(first, min(last, first + 40)):
        line = lines.line(i)
        if line.startswith(("各位代表", "各位委员", "同志们")):
            return i + 1
    for i in range(first, min(last, first + 12)):
        if lines.size(i) >= BODY_LINE or mark_at(lines.text, lines.starts[i], lines.ends[i]):
            return i
    return first + 1


_NO_PLAIN = re.compile(
    r"[。！？!?；;，,、：:…）)]$|^[图表][ \u3000]*\d|^[-—－●◆■□★▲·•*]|^附[件录表注]|^[（(【\[〔<《“]?(?:注|来源|备注|单位|图|表|摘自|此件|本文)"
    r"|\d{4}年\d{1,2}月\d{1,2}日|[〇○一二三四五六七八九]{4}年|^各位|^[\d.,，%％\s]+$|^第.{1,6}[条款项]|^\S*(?:人民政府|委员会|办公厅|办公室|部|局|院)$|[|｜\t]"
)


def _plain(lines: Lines, i: int, first: int, last: int, marked: dict[int, int]) -> bool:
    """Tell whether line ``i`` is a heading without a number."""
    line = lines.line(i)
    if i in marked and len(line) <= 60:
        return True
    if not 2 <= len(line) <= 40:
        return False
    if is_glossary_heading(line):
        return True
    if is_part_heading(line) and not _NO_PLAIN.search(line):
        return True
    if len(line) > LONGEST_PLAIN or _NO_PLAIN.search(line):
        return False
    if i + 1 >= last or (i > first and lines.text[lines.ends[i - 1] - 1] not in "。！？!?：:；;”"):
        return False
    follows = mark_at(lines.text, lines.starts[i + 1], lines.ends[i + 1])
    if follows:
        return follows.value == 1 and follows.style in ("dun", "paren")
    return lines.size(i + 1) >= BODY_LINE and "。" in lines.line(i + 1)


def _nested(candidates: list[Head]) -> list[Head]:
    """Return the candidates whose numbers run in sequence, with levels from the nesting."""
    candidates.sort(key=lambda head: head.start)
    places: dict[tuple[str, int], list[int]] = defaultdict(list)
    for at, head in enumerate(candidates):
        places[head.style, head.value].append(at)

    def next_place(style: str, value: int, at: int) -> int:
        found = places.get((style, value), ())
        k = bisect_right(found, at)
        return found[k] if k < len(found) else len(candidates)

    stack: list[Head] = []
    closed: dict[str, int] = {}
    kept: list[Head] = []

    def goes_on(depth: int, at: int) -> bool:
        """Tell whether the numbers of ``stack[depth]`` go on after ``at``, in the same parent."""
        open_head = stack[depth]
        if not open_head.value:
            return False
        place = next_place(open_head.style, open_head.value + 1, at)
        if place == len(candidates) or next_place(open_head.style, 1, at) < place:
            return False
        return all(place < next_place(s.style, s.value + 1, at) for s in stack[:depth] if s.value)

    for at, head in enumerate(candidates):
        if head.style == "part":
            depth = _part_depth(stack, at, goes_on, candidates)
        else:
            same = _same_style(stack, head)
            if not _in_sequence(head, at, stack, same, closed, next_place, candidates):
                continue
            if same is None or (head.value == 1 and _is_inner(stack, same, at, next_place)):
                depth = _new_depth(stack, head, at, goes_on) if same is None else len(stack)
            else:
                depth = same
        for old in stack[depth:]:
            closed[old.style] = old.value
        del stack[depth:]
        stack.append(head)
        head.level = len(stack)
        kept.append(head)
    return kept


def _same_style(stack: list[Head], head: Head) -> int | None:
    """Return the depth of the open heading that ``head`` follows: of its style, the innermost in sequence."""
    depths = [depth for depth, open_head in enumerate(stack) if open_head.style == head.style]
    following = [depth for depth in depths if stack[depth].value + 1 == head.value]
    return (following or depths or [None])[-1]


def _is_inner(stack, same, at, next_place) -> bool:  # type: ignore[no-untyped-def]
    """Tell whether a number one belongs to a list inside the last heading: what is between goes on after it."""
    inner = stack[same + 1 :]
    return any(
        s.value and next_place(s.style, s.value + 1, at) < min(next_place(s.style, 1, at), next_place("part", 0, at))
        for s in inner
    )


def _in_sequence(head, at, stack, same, closed, next_place, candidates) -> bool:  # type: ignore[no-untyped-def]
    if same is not None:
        last = stack[same].value
        if head.value == last + 1:
            return True
        if head.inline:
            return head.value == 1 and _has_second(head, at, next_place, candidates)
        return head.value == 1 or last <= head.value <= last + 3
    if head.inline:
        return head.value == 1 and _has_second(head, at, next_place, candidates)
    if head.value == 1 or closed.get(head.style, -2) + 1 == head.value:
        return True
    return next_place(head.style, head.value + 1, at) < next_place(head.style, 1, at)


def _has_second(head, at, next_place, candidates) -> bool:  # type: ignore[no-untyped-def]
    second = next_place(head.style, 2, at)
    return second < min(len(candidates), next_place(head.style, 1, at)) and (
        candidates[second].start - head.start >= 60
    )


def _new_depth(stack, head, at, goes_on) -> int:  # type: ignore[no-untyped-def]
    depth = len(stack)
    while depth and own_rank(stack[depth - 1].style) > own_rank(head.style) and not goes_on(depth - 1, at):
        depth -= 1
    return depth


def _part_depth(stack, at, goes_on, candidates) -> int:  # type: ignore[no-untyped-def]
    """Return the depth of an un-numbered heading: inside the innermost number that goes on, else outermost."""
    for depth in range(len(stack) - 1, -1, -1):
        if goes_on(depth, at):
            return depth + 1
    parts = [depth for depth, head in enumerate(stack) if head.style == "part"]
    return parts[0] if parts else 0


_LIST_STYLES = frozenset(("digit_dot", "digit_paren", "digit_half", "digit_bare", "circled"))


def _list_items(lines: Lines, heads: list[Head], last: int) -> set[int]:
    """Return the ids of heads that number the items of a list: 一、 to the last of their siblings.

    Items end in semicolons, or, with Arabic numerals, are one sentence each.
    """
    items: set[int] = set()
    for group in _siblings(lines, heads, last):
        for style in {head.style for head, _, _ in group} - {"part"}:
            same = [member for member in group if member[0].style == style]
            listed = sum(_is_item(lines.text, head, end, leaf) for head, end, leaf in same)
            if 2 * listed >= len(same) and (listed > 1 or len(same) == 1):
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


def _is_item(text: str, head: Head, end: int, leaf: bool) -> bool:
    if not leaf:
        return False
    whole = text[head.start : end].rstrip()
    if whole[-1:] in "；;":
        return True
    if head.style not in _LIST_STYLES:
        return False
    body = text[head.end : end].strip(" \u3000\n。：:；;")
    return head.heading is None or not body
