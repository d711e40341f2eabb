"""The line breaks of many edited texts at once; see ``text_edits`` for the form of edits."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = ["edited_lines"]

Numbers: TypeAlias = NDArray[np.int64]
_Small: TypeAlias = NDArray[np.int32]
_Bytes: TypeAlias = NDArray[np.uint8]

_NEWLINE = 10
_AT_ONCE = 4_000  # texts: their arrays use the same memory again, which takes a third of the time


def edited_lines(joined: memoryview, offsets: Numbers) -> tuple[_Small, _Small]:
    """Return the line breaks of texts, given their joined edits and the offset of each text's edits and of the end.

    They are those of ``EditedText.line_breaks``: the number of them before each text and in all, and the offset of
    each in its text, ascending. Offsets may be beyond the reduced text, but not below 1.

    Raises ``ValueError`` or ``IndexError`` when the edits are corrupt.
    """
    before = np.zeros(len(offsets), np.int32)
    places: list[_Small] = [np.zeros(0, np.int32)]
    data = np.frombuffer(joined, np.uint8)
    for first in range(0, len(offsets) - 1, _AT_ONCE):
        some = offsets[first : first + _AT_ONCE + 1]
        text, place = _lines(data[some[0] : some[-1]], some - some[0])
        before[first + 1 : first + len(some)] = np.bincount(text, minlength=len(some) - 1)
        places.append(place.astype(np.int32))
    return before.cumsum(dtype=np.int32), np.concatenate(places)


def _lines(data: _Bytes, offsets: Numbers) -> tuple[Numbers, Numbers]:
    """Return the text of each line break and its offset there, both ascending."""
    is_newline = data == _NEWLINE
    held = np.diff(_before(is_newline)[offsets])  # bytes with this value of each text, some of them in numbers
    texts = np.flatnonzero(held)
    start, held = offsets[texts], held[texts]
    width = np.array([1, 2, 4])[data[start]]
    breaks, others = (_number(data, start + 1 + at * width, width) for at in (0, 1))
    numbers = start + 1 + 2 * width
    behind = numbers + (2 * breaks + others) * width
    if (behind > offsets[texts + 1]).any():
        raise ValueError("edits are truncated")
    # characters are counted by their first bytes
    is_first = (data & 0xC0) != 0x80
    first, characters = np.flatnonzero(is_first), _before(is_first)
    spaces = first[np.minimum(characters[behind] + others, len(first) - 1)]
    between = _before(data == 0)
    newline = np.flatnonzero(is_newline)
    text = np.repeat(np.arange(len(texts)), held)
    written = newline >= behind[text]
    newline, text = newline[written], text[written]
    at = characters[newline] - characters[behind][text]
    is_other = at < others[text]
    space = between[newline] - between[spaces][text]
    if (~is_other & (space >= breaks[text])).any():
        raise ValueError("edits are truncated")
    index = np.where(is_other, 2 * breaks[text] + at, space)
    width = width[text]
    place = _number(data, numbers[text] + index * width, width) + is_other
    key = (texts[text] << 32 | place)[place > 0]
    key.sort(kind="stable")  # fast, as only those of one text are out of order
    return key >> 32, key & 0xFFFF_FFFF


def _before(there: NDArray[np.bool_]) -> NDArray[np.int32]:
    """Return, for each offset and for the end, the number of true values before it."""
    found = np.zeros(len(there) + 1, np.int32)
    np.cumsum(there, out=found[1:])
    return found


def _number(data: _Bytes, at: Numbers, width: Numbers) -> Numbers:
    """Return the little-endian numbers of one, two or four bytes at some offsets."""
    found = data[at].astype(np.int64)
    for more in (1, 2, 3):
        there = np.flatnonzero(width > more)
        if not len(there):
            break
        found[there] |= data[at[there] + more].astype(np.int64) << 8 * more
    return found
