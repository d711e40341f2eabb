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
    newline = np.flatnonzero(data == _NEWLINE)
    text = np.searchsorted(offsets, newline, side="right") - 1
    start = offsets[text]
    width = np.array([1, 2, 4])[data[start]]
    breaks, others = (_number(data, start + 1 + at * width, width) for at in (0, 1))
    numbers = start + 1 + 2 * width
    behind = numbers + (2 * breaks + others) * width
    if (behind > offsets[text + 1]).any():
        raise ValueError("edits are truncated")
    written = newline >= behind  # other bytes with this value are in numbers
    newline, text, width, breaks, others, numbers, behind = (
        one[written] for one in (newline, text, width, breaks, others, numbers, behind)
    )
    # characters are counted by their first bytes
    first = np.flatnonzero((data & 0xC0) != 0x80)
    at = np.searchsorted(first, newline) - np.searchsorted(first, behind)
    is_other = at < others
    spaces = first[np.minimum(np.searchsorted(first, behind) + others, len(first) - 1)]
    between = np.flatnonzero(data == 0)
    space = np.searchsorted(between, newline) - np.searchsorted(between, spaces)
    if (~is_other & (space >= breaks)).any():
        raise ValueError("edits are truncated")
    index = np.where(is_other, 2 * breaks + at, space)
    place = _number(data, numbers + index * width, width) + is_other
    place, text = place[place > 0], text[place > 0]
    order = np.lexsort((place, text))
    return text[order], place[order]


def _number(data: _Bytes, at: Numbers, width: Numbers) -> Numbers:
    """Return the little-endian numbers of one, two or four bytes at some offsets."""
    found = data[at].astype(np.int64)
    for more in (1, 2, 3):
        there = width > more
        found[there] |= data[at[there] + more].astype(np.int64) << 8 * more
    return found
