"""The lines of a text, and signs at their starts and ends."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from policysearch.documents.structure.marks import Mark, article_at, mark_at
from policysearch.text.chinese import read_numeral
from policysearch.text.patterns import lazy_pattern

__all__ = ["CLOSERS", "MARK", "STOPS", "Line", "is_row", "line_at", "number_at_start", "paragraph_offset", "read_lines"]

CLOSERS = "”’」』）)】》〉\"'"
STOPS = frozenset("。！？!?；;：:…")
MARK = lazy_pattern(
    r"[（(〔\[［]?[ \u3000]*[〇零一二三四五六七八九十百]{1,4}[ \u3000]*[）)〕\]］、．.]"
    r"|第[ ]?[〇零一二三四五六七八九十百千\d]{1,7}(?:[-－]\d{1,2})?[ ]?[编編章节節条條部分款]"
    r"|[（(\[［][ ]?\d{1,3}[ ]?[）)\]］]|\d{1,3}(?:[、．.)）](?!\d)|[.．](?=(?:19|20)\d\d年))"
    r"|[一二三四五六七八九十]{1,3}[是要]"
    r"|[①-⑳⑴-⒇㈠-㈩⒈-⒛]|[（(]?[壹贰叁肆伍陆柒捌玖拾貳參陸]{1,3}[）)、．.]|(?:[A-Z]|[IVX]{2,4}|[Ⅰ-Ⅻ])[、．.)）](?![A-Za-z\d])"
    r"|附件|附录|附表|目[ \u3000]*录|名词解释|注释|各位代表|——|●|◆|■|□|★|▲"
)


@dataclass(slots=True)
class Line:
    """One line that is not empty: its text without white space at the ends; ``bordered`` from the one before."""

    start: int
    text: str
    indented: bool
    after_blank: bool
    reason: str = ""
    bordered: bool = False


def read_lines(text: str) -> list[Line]:
    lines = []
    start = 0
    blank = False
    for raw in text.split("\n"):
        stripped = raw.strip()
        if stripped:
            lead = 0 if stripped is raw else len(raw) - len(raw.lstrip())
            lines.append(Line(start + lead, stripped, lead > 0, blank))
        blank = not stripped
        start += len(raw) + 1
    return lines


def line_at(begins: Sequence[int], offset: int) -> int:
    """Return the number of the first line that begins at ``offset`` or after it, given where each begins."""
    return bisect_left(begins, offset)


def paragraph_offset(lines: list[Line], begins: Sequence[int], starts: list[int], offset: int) -> int:
    """Return the offset after joining of the character at ``offset`` before it.

    For a removed character it is that of the next one kept.
    """
    at = bisect_right(begins, offset) - 1
    if at < 0:
        return 0
    line = lines[at]
    if line.reason or offset - line.start >= len(line.text):
        return starts[at + 1]
    return starts[at] + offset - line.start


def is_row(text: str) -> bool:
    """Return whether a line is a row of a table: its cells are separated by tabs, or by the lines of a drawn table."""
    return "\t" in text or text[0] in "│┃║┌┏╔├┣╠└┗╚|"


_ORDINAL = lazy_pattern(r"([一二三四五六七八九十]{1,3})[是要]")


def number_at_start(text: str) -> Mark | None:
    """Return the number that a line begins with, one that counts sentences (一是) included; None without one."""
    found = article_at(text, 0, len(text)) or mark_at(text, 0, len(text))
    if found is None and (ordinal := _ORDINAL.match(text)):
        return Mark("ordinal", read_numeral(ordinal[1]) or 0, 0, ordinal.end())
    return found
