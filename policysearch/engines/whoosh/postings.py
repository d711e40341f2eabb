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
from typing import TYPE_CHECKING, Any, NamedTuple

from pyroaring import BitMap

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["MOST_SECTIONS", "Group", "encode", "group_bitmap", "group_sections", "read_groups"]

MOST_SECTIONS = 65_536
_MOST_IN_LIST = 4_096
_FLAGS = 4_096  # units of two bytes
_ONCE = 0x8000_0000
_HEADER = struct.Struct("<IIHHI")
_COOKIE = 12_346  # Roaring: containers without runs


class Group(NamedTuple):
    """Sections that hold a term equally often.

    Attributes:
        frequency: How often, at most 65,535.
        size: How many sections.
        container: Their numbers as two-byte integers, or 8,192 bytes of flags when ``size`` > 4,096.
    """

    frequency: int
    size: int
    container: memoryview | bytes


def encode(
    terms: int, term: NDArray[np.int64], section: NDArray[np.int64], frequency: NDArray[np.int64]
) -> tuple[NDArray[np.uint32], NDArray[np.uint16]]:
    """Return each term's pointer, and the postings that the pointers lead to.

    Args:
        terms: How many terms there are, numbered from 0; each has a posting.
        term: The term of each posting.
        section: Its section; no pair of term and section comes twice.
        frequency: How often the term stands there, from 1.
    """
    import numpy as np

    frequency = np.minimum(frequency, 65_535)
    key = term << 32 | frequency << 16 | section
    key.sort()
    per_term = np.bincount(term, minlength=terms)
    once = (per_term[key >> 32] == 1) & ((key >> 16 & 0xFFFF) == 1)
    pointers = np.zeros(terms, np.uint32)
    pointers[key[once] >> 32] = _ONCE | (key[once] & 0xFFFF)
    key = key[~once]
    if not len(key):
        return pointers, np.zeros(0, np.uint16)

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
    pointers[owner[opens]] = at[opens] - 1
    return pointers, out


def read_groups(pointer: int, postings: memoryview) -> list[Group]:
    """Return the groups behind a pointer; ``postings`` are two-byte numbers.

    Raises ``ValueError`` or ``IndexError`` when they are damaged.
    """
    if pointer & _ONCE:
        return [Group(1, 1, (pointer & 0xFFFF).to_bytes(2, "little"))]
    groups = []
    at = pointer + 1
    for _ in range(postings[pointer]):
        count = postings[at + 1] + 1
        end = at + 2 + (count if count <= _MOST_IN_LIST else _FLAGS)
        container = postings[at + 2 : end]
        if len(container) != end - at - 2:
            raise ValueError("postings are cut off")
        groups.append(Group(postings[at], count, container.cast("B")))
        at = end
    return groups


def group_sections(group: Group) -> NDArray[np.int64]:
    """Return the group's sections as numbers, rising."""
    import numpy as np

    if group.size > _MOST_IN_LIST:
        return np.flatnonzero(np.unpackbits(np.frombuffer(group.container, np.uint8), bitorder="little"))
    return np.frombuffer(group.container, np.uint16).astype(np.int64)


def group_bitmap(group: Group) -> Any:
    """Return the group's sections as a bitmap. Raises ``ValueError`` when its container is damaged."""
    header = _HEADER.pack(_COOKIE, 1, 0, group.size - 1, _HEADER.size)
    return BitMap.deserialize(header + bytes(group.container))
