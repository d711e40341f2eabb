"""Postings: the sections of a segment that contain a term, and its frequency in each.

A segment has at most 65,536 sections, so that a section's number fits two
bytes. The postings of a term are runs of sections with the same frequency, in
ascending order of frequency; each run is one container of the Roaring bitmap
format: the sorted numbers when there are at most 4,096 of them, else 8,192
bytes of flags. So a run becomes a bitmap without a loop in Python, and its
score is computed only once per length.

Layout, in two-byte numbers: the number of runs; for each its frequency and its
size less one; then all containers. So all sections of a term are contiguous,
and numpy reads them at once. Of a term that never occurs twice in a section,
as most bigrams, the only run needs one number: its size less one and a flag.

A term's pointer is the offset of its postings in units of two bytes, or, for
the many terms that occur once in one section, that section's number itself.
"""

from __future__ import annotations

import struct
from array import array
from collections import Counter
from collections.abc import Iterable, Sequence
from mmap import mmap
from typing import TYPE_CHECKING, Any, NamedTuple

from pyroaring import BitMap

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = [
    "MOST_COUNTED",
    "MOST_SECTIONS",
    "PostingRun",
    "arrays",
    "bitmap_of",
    "decode_postings",
    "encode_postings",
    "group_bitmap",
    "keys",
    "read_groups",
    "sections_by_places",
    "totals",
    "totals_among",
]

MOST_COUNTED = 65_535
"""Maximum frequency of a term in a section; higher ones are stored as this."""

MOST_SECTIONS = 65_536
_MOST_IN_LIST = 4_096
_FLAGS = 4_096  # units of two bytes
_ONCE = 0x8000_0000
_SINGLE = 0x8000  # one run of frequency 1
_LONG = 60  # number of sections of a run from which adding it as a bitmap is faster
_OFTEN = 16  # number of places from which this is so for any run
_PIECE = 500_000  # postings encoded at a time
_TERMS = 10_000  # terms totalled at a time
_HEADER = struct.Struct("<IIHHI")
_COOKIE = 12_346  # Roaring: containers without runs


class PostingRun(NamedTuple):
    """Sections that contain a term with the same frequency.

    Attributes:
        frequency: The term's frequency in each, at most 65,535.
        size: The number of sections.
        place: The offset of their container in the file: their numbers as two-byte integers, or 8,192 bytes of flags
            when ``size`` > 4,096. For a single section stored in the pointer itself, ``~number`` of it.
    """

    frequency: int
    size: int
    place: int


def keys(term: NDArray[np.int64], section: NDArray[np.int64], frequency: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return each posting as one number: its term, its frequency (at most ``MOST_COUNTED``), its section."""
    import numpy as np

    return term << 32 | np.minimum(frequency, MOST_COUNTED) << 16 | section


def encode_postings(terms: int, key: NDArray[np.int64]) -> tuple[NDArray[np.uint32], NDArray[np.uint16]]:
    """Return each term's pointer, and the postings that the pointers refer to.

    Args:
        terms: The number of terms, numbered from 0; each has a posting.
        key: All postings as ``keys`` returns them, in any order; they are sorted in place. No pair of term and
            section occurs twice.
    """
    import numpy as np

    # postings are sorted but for their frequencies, or in sorted pieces: a tenth of the time of numpy's general sort
    key.sort(kind="stable")
    pointers = np.zeros(terms, np.uint32)
    pieces: list[NDArray[np.uint16]] = [np.zeros(0, np.uint16)]
    start = begun = 0
    while start < len(key):
        # a limited number of complete terms at a time, so that memory hardly exceeds that of the postings
        last = key[min(start + _PIECE, len(key)) - 1] >> 32
        end = int(np.searchsorted(key, last + 1 << 32))
        pieces.append(_encode_piece(key[start:end], pointers, begun))
        begun += len(pieces[-1])
        start = end
    return pointers, np.concatenate(pieces)


def _encode_piece(key: NDArray[np.int64], pointers: NDArray[np.uint32], begun: int) -> NDArray[np.uint16]:
    """Return the postings of some terms, which start ``begun`` units after the very first, and set their pointers."""
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
    size = np.where(flags, _FLAGS, count)
    owner = group[first] >> 16
    opens = np.flatnonzero(np.concatenate(([True], owner[1:] != owner[:-1])))  # each term's first run
    groups = np.diff(np.append(opens, len(first)))
    single = (groups == 1) & (group[first[opens]] & 0xFFFF == 1) & ~flags[opens]
    heads = np.where(single, 0, 2 * groups)
    length = 1 + heads + np.add.reduceat(size, opens)
    begins = np.cumsum(length) - length
    before = np.cumsum(size) - size
    at = np.repeat(begins + 1 + heads - before[opens], groups) + before
    out = np.zeros(int(length.sum()), np.uint16)
    out[begins] = np.where(single, _SINGLE | count[opens] - 1, groups)
    several = np.repeat(~single, groups)
    head = (np.repeat(begins + 1 - 2 * opens, groups) + 2 * np.arange(len(first)))[several]
    out[head] = (group[first] & 0xFFFF)[several]
    out[head + 1] = (count - 1)[several]
    place = np.repeat(at - first, count) + np.arange(len(key))
    in_list = np.repeat(~flags, count)
    out[place[in_list]] = key[in_list] & 0xFFFF
    for i in np.flatnonzero(flags):
        out[at[i] : at[i] + _FLAGS] = _flags(key[first[i] : first[i] + count[i]] & 0xFFFF)
    pointers[owner[opens]] = begun + begins
    return out


def _flags(sections: NDArray[Any]) -> NDArray[np.uint16]:
    """Return a container of flags."""
    import numpy as np

    present = np.zeros(MOST_SECTIONS, bool)
    present[sections] = True
    return np.packbits(present, bitorder="little").view(np.uint16)


def _of_flags(size: int, container: NDArray[np.uint16]) -> NDArray[np.uint16]:
    """Return the ``size`` sections in a container of flags. Raises ``ValueError`` when it has another number."""
    import numpy as np

    # 35 times as fast as finding them with numpy
    return np.frombuffer(_bitmap(size, container.tobytes()).to_array(), np.uint32).astype(np.uint16)


def decode_postings(pointers: NDArray[np.uint32], postings: NDArray[np.uint16]) -> NDArray[np.int64]:
    """Return all postings of a field as ``keys`` returns them, in no particular order: inverts ``encode_postings``."""
    import numpy as np

    pointer = pointers.astype(np.int64)
    once = pointer >= _ONCE
    terms = np.flatnonzero(once)
    found = [keys(terms, pointer[once] & 0xFFFF, np.ones(len(terms), np.int64))]
    terms = np.flatnonzero(~once)
    head = pointer[terms]
    single = postings[head] >= _SINGLE
    found.append(_of_lists(terms[single] << 32 | 1 << 16, head[single] + 1, _sizes(postings, head[single]), postings))
    terms, head = terms[~single], head[~single]
    left = postings[head].astype(np.int64)  # remaining runs of each term
    head += 1
    at = head + 2 * left
    while len(terms):
        frequency, count = postings[head].astype(np.int64), postings[head + 1].astype(np.int64) + 1
        start = terms << 32 | frequency << 16
        listed = count <= _MOST_IN_LIST
        found.append(_of_lists(start[listed], at[listed], count[listed], postings))
        for i in np.flatnonzero(~listed):
            found.append(start[i] | _of_flags(int(count[i]), postings[at[i] : at[i] + _FLAGS]))
        head += 2
        at += np.where(listed, count, _FLAGS)
        left -= 1
        more = left > 0
        terms, head, at, left = terms[more], head[more], at[more], left[more]
    return np.concatenate(found)


def _sizes(postings: NDArray[np.uint16], head: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the sizes of single runs."""
    import numpy as np

    sizes: NDArray[np.int64] = postings[head].astype(np.int64)
    sizes -= _SINGLE - 1
    return sizes


def _of_lists(
    start: NDArray[np.int64], at: NDArray[np.int64], size: NDArray[np.int64], postings: NDArray[np.uint16]
) -> NDArray[np.int64]:
    """Return the postings of lists, given for each its key without a section, its start, and its size."""
    import numpy as np

    inside = np.arange(size.sum()) - np.repeat(np.cumsum(size) - size, size)
    found: NDArray[np.int64] = np.repeat(start, size) | postings[np.repeat(at, size) + inside]
    return found


def totals(pointers: NDArray[np.uint32], postings: NDArray[np.uint16]) -> NDArray[np.int64]:
    """Return the total frequency of each term in all sections, without reading the sections."""
    import numpy as np

    found = np.ones(len(pointers), np.int64)
    terms = np.flatnonzero(pointers < _ONCE)
    # take: numpy's indices take longer, which is a third of the time of all terms
    pointer = pointers.take(terms).astype(np.int64)
    runs = postings.take(pointer)
    found[terms] = runs - np.int64(_SINGLE - 1)
    several = np.flatnonzero(runs < _SINGLE)
    if not len(several):
        return found
    groups = runs.take(several).astype(np.int64)
    first = np.cumsum(groups) - groups
    head = np.repeat(pointer.take(several) + 1 - 2 * first, groups)
    head += 2 * np.arange(len(head))
    total = postings.take(head).astype(np.int64)
    total *= postings.take(head + 1).astype(np.int64) + 1
    found[terms.take(several)] = np.add.reduceat(total, first)
    return found


def totals_among(
    pointers: NDArray[np.uint32], postings: NDArray[np.uint16], chosen: NDArray[np.bool_]
) -> NDArray[np.int64]:
    """Return the total frequency of each term in chosen sections, in a third of the time that decoding takes.

    ``chosen`` has a truth value for every number of two bytes.
    """
    import numpy as np

    once = pointers >= _ONCE
    found = np.zeros(len(pointers), np.int64)
    found[once] = chosen[pointers[once] & 0xFFFF]
    terms = np.flatnonzero(~once)
    for at in range(0, len(terms), _TERMS):
        some = terms[at : at + _TERMS]
        found[some] = _among(pointers[some].astype(np.int64), postings, chosen)
    return found


def _among(pointer: NDArray[np.int64], postings: NDArray[np.uint16], chosen: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return the same of terms that do not occur once in one section."""
    import numpy as np

    single = postings[pointer] >= _SINGLE
    groups = np.where(single, 1, postings[pointer]).astype(np.int64)
    first = np.cumsum(groups) - groups
    runs = int(groups.sum())
    if runs > len(postings):  # corrupt: it would allocate more memory than there is
        raise ValueError("postings have more runs than numbers")
    frequency, size = np.ones(runs, np.int64), np.ones(runs, np.int64)
    size[first[single]] = _sizes(postings, pointer[single])
    several = np.flatnonzero(np.repeat(~single, groups))
    head = (np.repeat(pointer + 1 - 2 * first, groups) + 2 * np.arange(runs))[several]
    frequency[several] = postings[head]
    size[several] += postings[head + 1]
    flags = size > _MOST_IN_LIST
    units = np.where(flags, _FLAGS, size)
    before = np.cumsum(units) - units
    begin = np.repeat(pointer + 1 + np.where(single, 0, 2 * groups) - before[first], groups) + before
    # numbers that are not sections are looked up too, which is faster than leaving them out
    low, high = int(begin.min()), int((begin + units).max())
    if high > len(postings):
        raise ValueError("postings are truncated")
    until = np.zeros(high - low + 1, np.int32)
    np.cumsum(chosen.take(postings[low:high]), dtype=np.int32, out=until[1:])
    begin -= low
    count = (until[begin + units] - until[begin]).astype(np.int64)
    for i in np.flatnonzero(flags):
        container = postings[low + begin[i] : low + begin[i] + _FLAGS]
        count[i] = np.count_nonzero(chosen[_of_flags(int(size[i]), container)])
    found: NDArray[np.int64] = np.add.reduceat(frequency * count, first)
    return found


# one term: in plain Python, then in numpy


def read_groups(pointer: int, postings: memoryview, start: int) -> list[PostingRun]:
    """Return the runs of a pointer; ``postings`` are two-byte numbers, at offset ``start`` in the file.

    Raises ``ValueError`` or ``IndexError`` when they are corrupt.
    """
    if pointer & _ONCE:
        return [PostingRun(1, 1, ~(pointer & 0xFFFF))]
    runs = postings[pointer]
    if runs >= _SINGLE:
        size = runs - _SINGLE + 1
        if pointer + 1 + size > len(postings):
            raise ValueError("postings are truncated")
        return [PostingRun(1, size, start + 2 * pointer + 2)]
    at = pointer + 1 + 2 * runs
    heads = postings[pointer + 1 : at].tolist()
    groups = []
    for frequency, size in zip(heads[::2], heads[1::2], strict=True):
        groups.append(PostingRun(frequency, size + 1, start + 2 * at))
        at += min(size + 1, _FLAGS)
    if at > len(postings):
        raise ValueError("postings are truncated")
    return groups


def group_bitmap(group: PostingRun, file: mmap | memoryview) -> BitMap:
    """Return the run's sections as a bitmap. Raises ``ValueError`` when its container is corrupt."""
    return _bitmap(group.size, _container(group, file))


def _container(group: PostingRun, file: mmap | memoryview) -> bytes | memoryview:
    size, place = group.size, group.place
    return file[place : place + 2 * min(size, _FLAGS)] if place >= 0 else (~place).to_bytes(2, "little")


def sections_by_places(runs: Iterable[PostingRun], file: mmap | memoryview) -> list[tuple[int, BitMap]]:
    """Return (places, sections) for each number of places that sections have of some terms together, ascending.

    Raises ``ValueError`` when a container is corrupt.

    The n-th bitmap has the sections whose number of places has the n-th binary digit. A long run is added to all of
    its sections at once, in a fifth of the time that counting section by section takes; the sections of short runs are
    counted first.
    """
    digits: list[BitMap] = []
    short: list[bytes] = []
    for run in runs:
        if run.size < _LONG and run.frequency < _OFTEN:
            short.append(bytes(_container(run, file)) * run.frequency)
        else:
            _add(digits, run.frequency, group_bitmap(run, file))
    counted: dict[int, list[int]] = {}
    for s, places in Counter(array("H", b"".join(short))).items():
        counted.setdefault(places, []).append(s)
    for places, sections in counted.items():
        _add(digits, places, BitMap(sections))
    found = [(0, BitMap.union(*digits))] if digits else []
    for at, digit in reversed([*enumerate(digits)]):
        found = [
            (places, sections)
            for before, some in found
            for places, sections in ((before, some - digit), (before + (1 << at), some & digit))
            if sections
        ]
    return found


def _add(digits: list[BitMap], places: int, sections: BitMap) -> None:
    """Add a number of places of each section."""
    for digit in range(places.bit_length()):
        at, carried = digit, sections if places >> digit & 1 else BitMap()
        while carried:
            while at >= len(digits):
                digits.append(BitMap())
            digits[at], carried = digits[at] ^ carried, digits[at] & carried
            at += 1


def _bitmap(size: int, container: bytes | memoryview) -> BitMap:
    return BitMap.deserialize(_HEADER.pack(_COOKIE, 1, 0, size - 1, _HEADER.size) + container)


def arrays(pointer: int, postings: NDArray[np.uint16]) -> tuple[NDArray[np.uint16], NDArray[np.uint16]]:
    """Return the sections of a pointer's term, by frequency, and the frequency in each.

    Raises ``ValueError`` or ``IndexError`` when they are corrupt.
    """
    import numpy as np

    if pointer & _ONCE:
        return np.array([pointer & 0xFFFF], np.uint16), np.array([1], np.uint16)
    runs = int(postings[pointer])
    if runs >= _SINGLE:
        sections = postings[pointer + 1 : pointer + 2 + runs - _SINGLE]
        if len(sections) != runs - _SINGLE + 1:
            raise ValueError("the number of postings is wrong")
        return sections, np.ones(len(sections), np.uint16)
    at = pointer + 1 + 2 * runs
    heads = postings[pointer + 1 : at]
    sizes = heads[1::2].astype(np.intp)
    sizes += 1
    # ufuncs and methods: numpy's wrapper functions take as long as the work itself
    if np.add.reduce(sizes) > MOST_SECTIONS:  # corrupt: it would allocate more memory than there is
        raise ValueError("postings have more sections than a segment")
    frequencies = heads[::2].repeat(sizes)
    sections = postings[at : at + len(frequencies)]
    if len(frequencies) > _MOST_IN_LIST and sizes.max() > _MOST_IN_LIST:
        sections = _of_containers(sizes.tolist(), postings[at:])
    if len(frequencies) != len(sections):
        raise ValueError("the number of postings is wrong")
    return sections, frequencies


def _of_containers(sizes: Sequence[int], postings: NDArray[np.uint16]) -> NDArray[np.uint16]:
    """Return the sections in containers, some of which are flags."""
    import numpy as np

    found = []
    at = 0
    for size in sizes:
        units = min(size, _FLAGS)
        held = postings[at : at + units]
        if size > _MOST_IN_LIST:
            held = _of_flags(size, held)
        found.append(held)
        at += units
    return np.concatenate(found)


def bitmap_of(sections: NDArray[np.uint16], in_order: bool) -> BitMap:
    """Return the bitmap of distinct sections."""
    if not len(sections):
        return BitMap()
    if len(sections) > _MOST_IN_LIST:
        return _bitmap(len(sections), _flags(sections).tobytes())
    if not in_order:
        sections = sections.copy()
        sections.sort(kind="stable")  # radix sort, for two-byte numbers
    return _bitmap(len(sections), sections.tobytes())
