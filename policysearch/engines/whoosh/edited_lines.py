"""The line breaks of many edited texts at once; see ``text_edits`` for the form of edits."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = ["edited_lines"]

Numbers: TypeAlias = NDArray[np.int64]
_Bytes: TypeAlias = NDArray[np.uint8]

_NEWLINE = 10


def edited_lines(joined: memoryview, offsets: Numbers) -> tuple[Numbers, Numbers]:
    """Return the line breaks of texts, given their joined edits and the offset of each text's edits.

    They are those of ``EditedText.line_breaks``, each as the number of its text and its offset there, both ascending;
    offsets may be beyond the reduced text, but not below 1.

    Raises ``ValueError`` or ``IndexError`` when the edits are corrupt.
    """
    data = np.frombuffer(joined, np.uint8)
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
        there = width > more
        found[there] |= data[at[there] + more].astype(np.int64) << 8 * more
    return found
