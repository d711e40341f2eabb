"""Lines to paragraphs: which lines go on in the next."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["CLOSERS", "MARK", "STOPS", "Line", "is_kept", "joined", "line_at", "lines_of", "paragraph_offset"]

CLOSERS = "”’」』）)】》〉\"'"
STOPS = frozenset("。！？!?；;：:…")
MARK = re.compile(
    r"[（(〔\[［]?[ \u3000]*[〇零一二三四五六七八九十百]{1,4}[ \u3000]*[）)〕\]］、．.]"
    r"|第[ ]?[〇零一二三四五六七八九十百千\d]{1,7}[ ]?[编章节条部分款]"
    r"|[（(\[［][ ]?\d{1,3}[ ]?[）)\]］]|\d{1,3}[、．.)）](?!\d)|[一二三四五六七八九十]{1,3}[是要]"
    r"|[①-⑳⑴-⒇㈠-㈩⒈-⒛]"
    r"|附件|附录|附表|目[ \u3000]*录|名词解释|注释|各位代表|——|●|◆|■|□|★|▲"
)


@dataclass(slots=True)
class Line:
    """One line that is not empty: its text without white space at the ends."""

    start: int
    text: str
    indented: bool
    after_blank: bool
    reason: str = ""


def lines_of(text: str) -> list[Line]:
    lines = []
    start = 0
    blank = False
    for raw in text.split("\n"):
        stripped = raw.strip()
        if stripped:
            lead = len(raw) - len(raw.lstrip())
            lines.append(Line(start + lead, stripped, lead > 0, blank))
        blank = not stripped
        start += len(raw) + 1
    return lines


def line_at(lines: list[Line], offset: int) -> int:
    """Return the number of the first line that begins at ``offset`` or after it."""
    return bisect_left(lines, offset, key=lambda line: line.start)


def is_kept(lines: list[Line], offset: int) -> bool:
    at = line_at(lines, offset)
    return at < len(lines) and not lines[at].reason


def paragraph_offset(lines: list[Line], starts: list[int], offset: int) -> int:
    """Return where the character at ``offset`` before joining stands afterwards.

    For one that was dropped it is the place of the next one kept.
    """
    at = bisect_right(lines, offset, key=lambda line: line.start) - 1
    if at < 0:
        return 0
    line = lines[at]
    if line.reason or offset - line.start >= len(line.text):
        return starts[at + 1]
    return starts[at] + offset - line.start


def joined(lines: list[Line], fixed: set[int]) -> tuple[str, list[int]]:
    """Return the kept lines as paragraphs and where each line now begins.

    The list has one more entry than there are lines: the length of the text.
    A line that was dropped has the place of the next one kept.
    """
    width = _wrap_width([line for line in lines if not line.reason])
    indents = sum(line.indented for line in lines) / (len(lines) or 1)
    starts: list[int] = []
    pieces: list[str] = []
    length = 0
    before: Line | None = None
    before_fixed = False
    for i, line in enumerate(lines):
        if line.reason:
            starts.append(-1)
            continue
        if before is not None:
            free = not before_fixed and i not in fixed and "\t" not in before.text and "\t" not in line.text
            joined = free and (_wrapped(before, line, width, indents) if width else _cut(before.text, line.text))
            glue = _glue(before.text, line.text) if joined else "\n"
            pieces.append(glue)
            length += len(glue)
        starts.append(length)
        pieces.append(line.text)
        length += len(line.text)
        before, before_fixed = line, i in fixed
    starts.append(length)
    for i in range(len(lines) - 1, -1, -1):
        if starts[i] < 0:
            starts[i] = starts[i + 1]
    return "".join(pieces), starts


def _glue(left: str, right: str) -> str:
    """Return what stands between two parts of a broken line: a space between Latin words."""
    return " " if left[-1].isascii() and left[-1].isalpha() and right[0].isascii() and right[0].isalpha() else ""


NARROWEST, WIDEST = 20, 90
"""Characters between which the lines of a wrapped text are wide."""


def _wrap_width(lines: Sequence[Line]) -> int:
    """Return the width at which the lines of a text were broken, in characters, or 0.

    A text is taken for wrapped when many of its lines have the length of its
    longest ones, most of those do not end where a sentence does, and there
    are sentences at all: lines of a list are not joined.
    """
    if len(lines) < 6:
        return 0
    lengths = sorted(len(line.text) for line in lines)
    widest = lengths[int(len(lengths) * 0.95)]
    if not NARROWEST <= widest <= WIDEST:
        return 0
    full = [line for line in lines if widest - 3 <= len(line.text) <= widest + 3]
    open_ended = sum(line.text.rstrip(CLOSERS)[-1:] not in STOPS for line in full)
    sentences = sum("。" in line.text for line in lines)
    if len(full) < 0.35 * len(lines) or open_ended < 0.6 * len(full) or 8 * sentences < len(lines):
        return 0
    return widest


_UNIT = re.compile(r"第[〇零一二三四五六七八九十百千\d]{1,7}(?:条(?:之[一二三四五六七八九十]{1,3})?|[编章节])[ \u3000]")


def _wrapped(before: Line, line: Line, width: int, indents: float) -> bool:
    """Tell whether ``line`` continues ``before`` in a text broken at ``width``."""
    ends = before.text.rstrip(CLOSERS)[-1:] in STOPS
    if (line.indented and indents < 0.6) or _UNIT.match(line.text):
        return False
    full = len(before.text) >= width - 4
    if not full:
        return before.text[-1] in "，,、"
    if ends:
        return indents >= 0.05 and not line.indented and not MARK.match(line.text)
    return indents >= 0.05 or not MARK.match(line.text) or not _closed(before.text)


def _closed(text: str) -> bool:
    """Tell whether a full line without a stop may be a whole heading."""
    return MARK.match(text) is not None and "。" not in text


def _cut(left: str, right: str) -> bool:
    """Tell whether a paragraph was cut in two: an unfinished sentence, and its end on the next line."""
    if left[-1] in STOPS or len(left) < 40 or left.rstrip(CLOSERS)[-1:] in STOPS:
        return False
    stop = max(left.rfind("。"), left.rfind("；"), left.rfind("！"))
    if stop < 0 and left[-1] not in "，,、":
        return False
    if MARK.match(left[stop + 1 :].lstrip()) or MARK.match(right):
        return False
    return "。" in right and right.rstrip(CLOSERS)[-1:] in STOPS
