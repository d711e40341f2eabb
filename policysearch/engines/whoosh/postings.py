"""Postings: which sections of a segment hold a term, and how often.

A segment has at most 65,536 sections, so that a section's number fits two
bytes. The postings of a term are groups of sections with the same frequency,
rising; each group is one container of the Roaring bitmap format: the sorted
numbers when there are at most 4,096 of them, else 8,192 bytes of flags. So a
group becomes a bitmap without a loop in Python, and its score needs to be
computed only once per length.

A term's pointer is the offset of its postings in units of two bytes, or, for
the many terms that stand once in one section, that section's number itself.
"""

from __future__ import annotations

import struct
from mmap import mmap
from typing import TYPE_CHECKING, Any, NamedTuple

from pyroaring import BitMap

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["MOST_SECTIONS", "Group", "decode", "encode", "group_array", "group_bitmap", "keys", "read_groups"]

MOST_SECTIONS = 65_536
_MOST_IN_LIST = 4_096
_FLAGS = 4_096  # units of two bytes
_ONCE = 0x8000_0000
_PIECE = 500_000  # postings encoded at a time
_HEADER = struct.Struct("<IIHHI")
_COOKIE = 12_346  # Roaring: containers without runs


class Group(NamedTuple):
    """Sections that hold a term equally often.

    Attributes:
        frequency: How often, at most 65,535.
        size: How many sections.
        place: Where in the file their container stands: their numbers as two-byte integers, or 8,192 bytes of flags
            when ``size`` > 4,096. The number of the one section, as ``~number``, where that stands in the pointer.
    """

    frequency: int
    size: int
    place: int


def keys(term: NDArray[np.int64], section: NDArray[np.int64], frequency: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return each posting as one number: its term, its frequency (at most 65,535), its section."""
    import numpy as np

    return term << 32 | np.minimum(frequency, 65_535) << 16 | section


def encode(terms: int, key: NDArray[np.int64]) -> tuple[NDArray[np.uint32], NDArray[np.uint16]]:
    """Return each term's pointer, and the postings that the pointers lead to.

    Args:
        terms: How many terms there are, numbered from 0; each has a posting.
        key: All postings as ``keys`` makes them, in any order; they are sorted in place. No pair of term and section
            comes twice.
    """
    import numpy as np

    key.sort()
    pointers = np.zeros(terms, np.uint32)
    pieces = [np.zeros(0, np.uint16)]
    start = begun = 0
    while start < len(key):
        # whole terms, some at a time, so that little more memory is needed than for the postings
        last = key[min(start + _PIECE, len(key)) - 1] >> 32
        end = int(np.searchsorted(key, last + 1 << 32))
        pieces.append(_encode_piece(key[start:end], pointers, begun))
        begun += len(pieces[-1])
        start = end
    return pointers, np.concatenate(pieces)


def _encode_piece(key: NDArray[np.int64], pointers: NDArray[np.uint32], begun: int) -> NDArray[np.uint16]:
    """Return the postings of some terms, which begin ``begun`` units after the first of all, and set their pointers."""
    import numpy as np

    term = key >> 32
    term -= term[0]
    once = (np.bincount(term)[term] == 1) & ((key >> 16 & 0xFFFF) == 1)
    pointers[key[once] >> 32] = _ONCE | (key[once] & 0xFFFF)
    key = key[~once]
    if not len(key):
        return np.zeros(0, np.uint16)
    group = key >> 16
    first = np.flatnonzero(np.concatenate(([True], group[1:] != group[:-1])))
    count = np.diff(np.append(first, len(key)))
    flags = count > _MOST_IN_LIST
    size = 2 + np.where(flags, _FLAGS, count)
    owner = group[first] >> 16
    opens = np.concatenate(([True], owner[1:] != owner[:-1]))
    # every term that begins here puts one number, its count of groups, before its first group
    at = np.cumsum(size + opens) - size
    groups = np.diff(np.append(np.flatnonzero(opens), len(first)))
    out = np.zeros(int(at[-1] + size[-1]), np.uint16)
    out[at[opens] - 1] = groups
    out[at] = group[first] & 0xFFFF
    out[at + 1] = count - 1
    listed = ~flags
    inside = np.arange(len(key)) - np.repeat(first, count)
    place = np.repeat(at + 2, count) + inside
    in_list = np.repeat(listed, count)
    out[place[in_list]] = key[in_list] & 0xFFFF
    for i in np.flatnonzero(flags):
        present = np.zeros(MOST_SECTIONS, bool)
        present[key[first[i] : first[i] + count[i]] & 0xFFFF] = True
        out[at[i] + 2 : at[i] + 2 + _FLAGS] = np.packbits(present, bitorder="little").view(np.uint16)
    pointers[owner[opens]] = begun + at[opens] - 1
    return out


def read_groups(pointer: int, postings: memoryview, start: int) -> list[Group]:
    """Return the groups behind a pointer; ``postings`` are two-byte numbers, and stand at ``start`` in the file.

    Raises ``ValueError`` or ``IndexError`` when they are damaged.
    """
    if pointer & _ONCE:
        return [Group(1, 1, ~(pointer & 0xFFFF))]
    groups = []
    at = pointer + 1
    for _ in range(postings[pointer]):
        count = postings[at + 1] + 1
        groups.append(Group(postings[at], count, start + 2 * (at + 2)))
        at += 2 + (count if count <= _MOST_IN_LIST else _FLAGS)
    if at > len(postings):
        raise ValueError("postings are cut off")
    return groups


def _container(group: Group, file: mmap) -> bytes:
    if group.place < 0:
        return (~group.place).to_bytes(2, "little")
    return file[group.place : group.place + 2 * (group.size if group.size <= _MOST_IN_LIST else _FLAGS)]


def decode(pointers: NDArray[np.uint32], postings: NDArray[np.uint16]) -> NDArray[np.int64]:
    """Return all postings of a field as ``keys`` makes them, in no particular order; the way back of ``encode``."""
    import numpy as np

    pointer = pointers.astype(np.int64)
    once = pointer >= _ONCE
    terms = np.flatnonzero(once)
    found = [keys(terms, pointer[once] & 0xFFFF, np.ones(len(terms), np.int64))]
    terms = np.flatnonzero(~once)
    at = pointer[terms]
    left = postings[at].astype(np.int64)  # groups of each term still to come
    at += 1
    while len(terms):
        frequency, count = postings[at].astype(np.int64), postings[at + 1].astype(np.int64) + 1
        at += 2
        start = terms << 32 | frequency << 16
        listed = count <= _MOST_IN_LIST
        size = count[listed]
        inside = np.arange(size.sum()) - np.repeat(np.cumsum(size) - size, size)
        found.append(np.repeat(start[listed], size) | postings[np.repeat(at[listed], size) + inside])
        for i in np.flatnonzero(~listed):
            flags = postings[at[i] : at[i] + _FLAGS].view(np.uint8)
            found.append(start[i] | np.flatnonzero(np.unpackbits(flags, bitorder="little")))
        at += np.where(listed, count, _FLAGS)
        left -= 1
        more = left > 0
        terms, at, left = terms[more], at[more], left[more]
    return np.concatenate(found)


def group_array(group: Group, file: mmap) -> NDArray[Any]:
    """Return the group's sections as numbers, rising. Raises ``ValueError`` when its container is damaged."""
    import numpy as np

    container = _container(group, file)
    if group.size <= _MOST_IN_LIST:
        return np.frombuffer(container, np.uint16)
    sections = np.flatnonzero(np.unpackbits(np.frombuffer(container, np.uint8), bitorder="little"))
    if len(sections) != group.size:
        raise ValueError("postings are not as many as was counted")
    return sections


def group_bitmap(group: Group, file: mmap) -> Any:
    """Return the group's sections as a bitmap. Raises ``ValueError`` when its container is damaged."""
    header = _HEADER.pack(_COOKIE, 1, 0, group.size - 1, _HEADER.size)
    return BitMap.deserialize(header + _container(group, file))
