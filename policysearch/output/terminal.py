"""Text for terminals: safe to print, wrapped by display width.

Wrapping follows Chinese rules, with no closing mark at the start of a line,
which rich does not do; importing rich takes half as long (57 ms) as a search.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from policysearch.text.patterns import lazy_pattern
from policysearch.text.width import columns_of, width

__all__ = [
    "STEERING",
    "Style",
    "caret",
    "counted",
    "filled",
    "printable",
    "shortened",
    "shortened_front",
    "width",
    "wrap",
]

# Controls, bidirectional and invisible characters, and those that UTF-8 cannot encode.
STEERING = lazy_pattern(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff"
    "\U000e0000-\U000e0fff]"
)


def printable(text: str) -> str:
    """Return text without terminal control characters, which are escaped as \\x1b, \\u202e and so on.

    Tabs and line breaks are kept.
    """
    return STEERING.sub(_shown, text) if STEERING.search(text) else text


def _shown(found: re.Match[str]) -> str:
    code = ord(found[0])
    if 0xDC80 <= code <= 0xDCFF:  # a byte of a file name that is not UTF-8
        return f"\\x{code - 0xDC00:02x}"
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def caret(query: str, position: int) -> str:
    """Return the query on one line and, under it, a caret at ``position`` (in characters)."""
    line = printable(query).replace("\n", " ").replace("\t", " ")
    before = printable(query[:position]).replace("\n", " ").replace("\t", " ")
    return f"  {line}\n  {' ' * width(before)}^"


# Marks that do not start a line, and marks that do not end one.
_NOT_FIRST = frozenset("，。、；：！？）》」』”’】〕…,.;:!?)]}%％")
_NOT_LAST = frozenset("（《「『“‘【〔([{")
# Marks within numbers and their ranges, words and names: 7.1%, 2021-2025, 4.5%—5%.
_JOINING = frozenset(".,:-_~–—－～'")

_CLOSING = "".join(_NOT_FIRST)
_ROOM = 20  # minimum width at which the last line gets more than one character


class Style:
    """Escape sequences for emphasis, empty for output without emphasis."""

    def __init__(self, color: bool) -> None:
        self.bold = "\x1b[1m" if color else ""
        self.mark = "\x1b[1;31m" if color else ""
        self.dim = "\x1b[2m" if color else ""
        self.end = "\x1b[0m" if color else ""


def wrap(text: str, columns: int, spans: Iterable[tuple[int, int]] = (), mark: tuple[str, str] = ("", "")) -> list[str]:
    """Return ``text`` in lines of at most ``columns`` columns, with ``spans`` enclosed in the two strings of ``mark``.

    Lines break between any two characters except within ASCII words, numbers and
    ranges of numbers, before a closing mark or a slash, or after an opening mark.
    A last line with a single character takes two more from the line before it.
    """
    marked = [False] * len(text)
    for start, end in spans:
        marked[start:end] = [True] * (min(end, len(text)) - start)
    lines = []
    at = 0
    while at < len(text):
        while at < len(text) and text[at] == " ":
            at += 1
        end = _line_end(text, at, columns)
        if columns >= _ROOM and len(text) > end and len(text[end : end + columns].strip().rstrip(_CLOSING)) <= 1:
            end = _line_end(text, at, columns - 4)
        lines.append(_marked(text, at, end, marked, mark))
        at = end
    return lines


def _line_end(text: str, start: int, columns: int) -> int:
    used = 0
    end = start
    while end < len(text):
        used += columns_of(text[end])
        if used > columns and end > start:
            break
        end += 1
    if end == len(text):
        return end
    for place in range(end, max(start, end - max(24, columns // 2)), -1):
        if _may_break(text, place):
            return place
    return end


def _may_break(text: str, place: int) -> bool:
    before, after = text[place - 1], text[place]
    if before in _NOT_LAST or after in _NOT_FIRST or (after == "/" and not before.isspace()):
        return False
    if before in _JOINING:
        return not (_in_word(text[place - 2 : place - 1]) and _in_word(after))
    if after in _JOINING:
        return not (_in_word(before) and _in_word(text[place + 1 : place + 2]))
    return not (_in_word(before) and _in_word(after))


def _in_word(character: str) -> bool:
    return character.isascii() and (character.isalnum() or character == "%")


def _marked(text: str, start: int, end: int, marked: list[bool], mark: tuple[str, str]) -> str:
    out = []
    at = start
    while end > start and text[end - 1].isspace():
        end -= 1
    while at < end:
        stop = at
        while stop < end and marked[stop] == marked[at]:
            stop += 1
        piece = text[at:stop]
        out.append(mark[0] + piece + mark[1] if marked[at] else piece)
        at = stop
    return "".join(out)


def filled(pieces: Iterable[str], columns: int) -> list[str]:
    """Return pieces in lines of at most ``columns`` columns, separated by spaces; only a piece too long is divided."""
    lines: list[str] = []
    for piece in pieces:
        if lines and width(lines[-1]) + 1 + width(piece) <= columns:
            lines[-1] += " " + piece
        else:
            lines += wrap(piece, columns)
    return lines


def shortened(text: str, columns: int) -> str:
    """Return a text of at most ``columns`` columns, with an ellipsis for the end that does not fit.

    >>> shortened("优化营商环境", 7)
    '优化营…'
    """
    if width(text) <= columns:
        return text
    at, room = 0, columns - 1
    while room >= columns_of(text[at]):
        room -= columns_of(text[at])
        at += 1
    return text[:at] + "…"


def shortened_front(text: str, columns: int) -> str:
    """Return a text of at most ``columns`` columns, with an ellipsis for the beginning that does not fit.

    The ends of long names of files differ most.

    >>> shortened_front("优化营商环境", 7)
    '…商环境'
    """
    if width(text) <= columns:
        return text
    at, room = len(text), columns - 1
    while room >= columns_of(text[at - 1]):
        at -= 1
        room -= columns_of(text[at])
    return "…" + text[at:]


def counted(many: int, what: str) -> str:
    """Return a number and what it counts, in the singular or the plural.

    >>> counted(1, "document"), counted(1234, "match")
    ('1 document', '1,234 matches')
    """
    if many == 1:
        return f"1 {what}"
    return f"{many:,} {what}{'es' if what.endswith(('ch', 's', 'x')) else 's'}"
