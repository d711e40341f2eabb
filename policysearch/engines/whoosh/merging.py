"""Merging of segments into fewer and larger ones, so that search speed does not depend on an index's history.

A build writes a segment for every few million characters of each worker, and
every update adds some and removes documents from others. Each segment costs
every query time, so small ones are merged as soon as they add up to a larger
one. Nothing is read or tokenized again: records are copied and postings
renumbered.
"""

from __future__ import annotations

from array import array
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from policysearch.engines.whoosh.generations import SegmentName
from policysearch.engines.whoosh.live_segment import LiveSegment
from policysearch.engines.whoosh.pieces import Pieces, write_pieces
from policysearch.engines.whoosh.postings import MOST_SECTIONS, decode_postings
from policysearch.engines.whoosh.region_file import RegionWriter
from policysearch.engines.whoosh.segment_reader import GRAMS, SECTION_NUMBERS, WORDS, Segment
from policysearch.engines.whoosh.segment_writer import (
    COLUMNS,
    write_first,
    write_grams,
    write_ids,
    write_lengths,
    write_metadata,
    write_words,
)

__all__ = ["Size", "merge_segments", "processes_for", "size_of", "to_merge"]

MOST_CHARACTERS = 9_000_000
"""Maximum number of characters of a merged segment: merging takes some 40 bytes of memory for each."""

_WORTH = 3
"""A segment is merged with smaller ones when it is at most this many times as large as all of them, or as the
segments just added. So each section is rewritten only a few times, however often an index is updated."""

_WORTH_A_PROCESS = 1_000_000
"""Number of characters that are merged in twice the time that a process takes to start."""

_MOST_REMOVED = 0.3
"""The share of removed sections from which a segment is rewritten even alone."""

Numbers = NDArray[np.int64]


# selection


class Size(NamedTuple):
    """The size of a segment.

    Attributes:
        sections: Number of live sections.
        characters: Their approximate number of characters.
        name: The file's name.
        holed: Whether a large share of it was removed.
    """

    sections: int
    characters: int
    name: str
    holed: bool


def size_of(live: LiveSegment) -> Size:
    """Return the size of a segment."""
    share = len(live.all) / max(1, live.data.sections)
    return Size(len(live.all), int(live.data.figures["characters"] * share), live.data.name, share < 1 - _MOST_REMOVED)


def to_merge(segments: Sequence[Size], new: Collection[str]) -> list[list[str]]:
    """Return the names of the segments to merge, one list for each merged segment.

    ``new`` are the names of the segments just added.
    """
    left = sorted(segments)
    added = sum(size.sections for size in left if size.name in new)
    groups = []
    while left:
        group = [left.pop(0)]
        while left and _may_join(group, left[0], added):
            group.append(left.pop(0))
        if len(group) > 1 or group[0].holed:
            groups.append([size.name for size in group])
    return groups


def _may_join(group: Sequence[Size], size: Size, added: int) -> bool:
    sections = sum(one.sections for one in group)
    characters = sum(one.characters for one in group)
    worth = size.holed or size.sections <= _WORTH * max(sections, added)
    return worth and sections + size.sections <= MOST_SECTIONS and characters + size.characters <= MOST_CHARACTERS


def processes_for(sizes: Iterable[Size], groups: Sequence[Sequence[str]]) -> int:
    """Return the number of processes that can merge some groups at once in the memory that the largest merge takes.

    Two workers merge 100,000 short records in 0.6 of the time. It is one where starting them takes longer.
    """
    characters = {size.name: size.characters for size in sizes}
    each = [sum(map(characters.__getitem__, group)) for group in groups]
    largest = max(each, default=0)
    return min(len(each), MOST_CHARACTERS // largest) if sum(each) - largest >= _WORTH_A_PROCESS else 1


# merging


def merge_segments(segments: Sequence[LiveSegment], path: Path) -> SegmentName:
    """Write the live documents of some segments as one segment; return its name.

    Raises ``IndexUnusableError`` when a segment is corrupt, so that corrupt data
    never gets a valid checksum.
    """
    for live in segments:
        broken = list(live.data.file.broken_regions())
        if broken:
            raise live.data.file.corrupt(f"its checksums are wrong ({', '.join(broken)})")
    with RegionWriter(path) as out:
        return SegmentName(path.name, *_Merger(segments, out).write())


class _Merger:
    """Merges segments: each column is concatenated, then brought into the order of the documents.

    Neighbouring records of a collection are rarely neighbours in the order of their ids (``#9``, ``#90``, ``#900``).
    """

    def __init__(self, segments: Sequence[LiveSegment], out: RegionWriter) -> None:
        self._segments = segments
        self._data = [live.data for live in segments]
        self._out = out
        before = _sums([live.data.documents for live in segments])
        ids = {
            int(start) + number: live.data.document_id(number)
            for start, live in zip(before, segments, strict=False)
            for number in live.live_documents
        }
        order = sorted(ids, key=ids.__getitem__)
        self._ids = list(map(ids.__getitem__, order))
        self._documents = np.array(order, np.int64)  # numbers in the concatenation of all segments, in the new order
        self._begins = _sums([live.data.sections for live in segments])
        firsts = [np.array(live.data.first, np.int64) for live in segments]
        sizes = np.concatenate(list(map(np.diff, firsts)))[self._documents]
        starts = np.concatenate([first[:-1] + begin for first, begin in zip(firsts, self._begins, strict=False)])
        self._first = _sums(sizes)
        # the same of sections
        self._sections = np.repeat(starts[self._documents] - self._first[:-1], sizes) + np.arange(self._first[-1])
        # the new number of each section of each segment; -1 for removed ones
        places = np.full(self._begins[-1], -1, np.int64)
        places[self._sections] = np.arange(len(self._sections))
        self._places = np.split(places, self._begins[1:-1])

    def write(self) -> tuple[int, int]:
        out = self._out
        self._texts()
        for name in ("edits", "heading", "names"):
            self._pieces(name)
        write_ids(out, self._ids)
        write_first(out, self._first.tolist())
        for name in SECTION_NUMBERS:
            self._numbers(f"section.{name}", [data.section_numbers(name) for data in self._data], self._sections)
        parts, _ = self._coded(
            "section.part",
            [(data.figures["parts"], data.parts) for data in self._data],
            self._sections,
        )
        bare = np.concatenate(
            [
                places[_view(live.data, "section.bare")]
                for places, live in zip(self._places, self._segments, strict=True)
            ]
        )
        out.region("section.bare", np.sort(bare[bare >= 0]).astype(np.uint32).tobytes())
        rows, chosen = self._coded(
            "document.row",
            [(data.rows, data.row_codes) for data in self._data],
            self._documents,
        )
        titles, _ = self._coded("column.title", [data.stored_titles for data in self._data], self._documents)
        columns = {
            name: self._coded(f"column.{name}", [data.column_of_rows(name) for data in self._data], chosen)[0]
            for name in COLUMNS
        }
        write_metadata(out, rows, titles, columns)
        self._words()
        self._grams()
        characters, size = self._characters()
        return out.finish(
            {
                "sections": int(self._first[-1]),
                "documents": len(self._first) - 1,
                "characters": characters,
                "bytes": size,
                "parts": parts,
                "fields": self._data[0].figures["fields"],
                "rows": len(rows),
                "titles": len(titles),
                "lengths": {"words": self._lengths("words"), "grams": self._lengths("grams")},
            }
        )

    def _texts(self) -> None:
        joined, sizes = self._joined([(data.file.view("text"), _view(data, "text.offsets")) for data in self._data])
        self._out.region("text", joined)
        self._out.region("text.offsets", _sums(sizes).astype(np.uint32).tobytes())

    def _pieces(self, name: str) -> None:
        of_segments = [Pieces(data.file, name, data.sections) for data in self._data]
        write_pieces(self._out, name, *self._joined([(pieces.joined, pieces.offsets) for pieces in of_segments]))

    def _joined(self, of_segments: Sequence[tuple[memoryview, NDArray[Any]]]) -> tuple[bytes, Numbers]:
        """Return the pieces of bytes of all sections, concatenated, and their sizes, given those of each segment."""
        every = b"".join([data for data, _ in of_segments])
        sizes = np.concatenate([np.diff(offsets.astype(np.int64)) for _, offsets in of_segments])
        ends = np.cumsum(sizes)
        sections = self._sections
        first = np.flatnonzero(np.diff(sections, prepend=-2) != 1)  # of each run of neighbours
        last = np.append(first[1:], len(sections)) - 1
        starts = ends[sections[first]] - sizes[sections[first]]
        runs = [every[start:end] for start, end in zip(starts.tolist(), ends[sections[last]].tolist(), strict=True)]
        return b"".join(runs), sizes[sections]

    def _numbers(self, region: str, of_segments: Sequence[memoryview], order: Numbers) -> None:
        self._out.numbers(region, _array(np.concatenate(list(map(np.asarray, of_segments)))[order]))

    def _coded(
        self, region: str, of_segments: Sequence[tuple[Sequence[Any], memoryview]], order: Numbers
    ) -> tuple[list[Any], Numbers]:
        """Write a column as numbers of the values still in use, in the order of their first use.

        Return the values, and the place of each in the concatenation of those of all segments.
        """
        every = [value for values, _ in of_segments for value in values]
        starts = _sums([len(values) for values, _ in of_segments])
        codes = np.concatenate(
            [np.asarray(codes) + start for (_, codes), start in zip(of_segments, starts, strict=False)]
        )[order]
        used, first = np.unique(codes, return_index=True)
        known: dict[Any, int] = {}
        numbers = np.zeros(len(every), np.int64)
        chosen: list[int] = []
        for code in used[np.argsort(first)].tolist():
            numbers[code] = known.setdefault(every[code], len(known))
            if len(known) > len(chosen):
                chosen.append(code)
        self._out.numbers(region, _array(numbers[codes]))
        return list(known), np.array(chosen, np.int64)

    def _lengths(self, name: Literal["words", "grams"]) -> list[int]:
        lengths = np.concatenate([np.asarray(data.lengths[name]) for data in self._data])[self._sections]
        return write_lengths(self._out, name, _array(lengths), self._first.tolist())

    def _characters(self) -> tuple[int, int]:
        """Return the lengths of the texts in characters and in bytes of UTF-8."""
        characters = size = 0
        for live in self._segments:
            data = live.data
            characters += data.figures["characters"]
            size += data.figures["bytes"]
            for document in live.removed:
                for section in range(data.first[document], data.first[document + 1]):
                    text = data.shown(section, data.reduced(section)).text
                    characters -= len(text)
                    size -= len(text.encode("utf-8", "surrogatepass"))
        return characters, size

    # terms

    def _words(self) -> None:
        lists = [list(_words_of(live.data)) for live in self._segments]
        union = sorted(set().union(*lists))
        numbers = dict(zip(union, range(len(union)), strict=True))
        ranks = [np.fromiter(map(numbers.__getitem__, words), np.int64, len(words)) for words in lists]
        held, key = self._postings(WORDS, ranks)
        write_words(self._out, [union[i] for i in held.tolist()], key)

    def _grams(self) -> None:
        lists = [_grams_of(live.data) for live in self._segments]
        union = np.concatenate(lists)
        union.sort(kind="stable")  # fast on sorted pieces: np.unique takes ten times as long
        union = union[np.diff(union, prepend=-1) > 0]
        held, key = self._postings(GRAMS, [np.searchsorted(union, grams) for grams in lists])
        write_grams(self._out, union[held], key)

    def _postings(self, field: str, ranks: Sequence[Numbers]) -> tuple[Numbers, Numbers]:
        """Return the terms still in use, as numbers in the union of all, and their postings in order."""
        found = []
        for live, places, rank in zip(self._segments, self._places, ranks, strict=True):
            key = decode_postings(_view(live.data, f"{field}.pointers"), _view(live.data, f"{field}.postings", "H"))
            section = places[key & 0xFFFF]
            kept = section >= 0
            found.append(rank[key[kept] >> 32] << 32 | key[kept] & 0xFFFF_0000 | section[kept])
        key = np.concatenate(found)
        del found
        term = key >> 32
        holds = np.zeros(1 + max((int(rank[-1]) for rank in ranks if len(rank)), default=-1), bool)
        holds[term] = True
        term = (np.cumsum(holds) - 1)[term]
        term <<= 32
        key &= 0xFFFF_FFFF
        key |= term
        return np.flatnonzero(holds), key


def _sums(sizes: NDArray[Any] | Sequence[int]) -> Numbers:
    """Return the sums of the first 0, 1, 2 … sizes."""
    return np.concatenate(([0], np.cumsum(sizes, dtype=np.int64)))


def _array(numbers: NDArray[Any]) -> array[int]:
    return array("I", numbers.astype(np.uint32).tobytes())


def _view(data: Segment, region: str, kind: Literal["B", "H", "I"] = "I") -> NDArray[Any]:
    return np.frombuffer(data.file.view(region), {"B": np.uint8, "H": np.uint16, "I": np.uint32}[kind])


def _words_of(data: Segment) -> Iterator[bytes]:
    terms = bytes(data.file.view("words.terms"))
    offsets = data.file.view("words.terms.offsets", "I").tolist()
    for start, end in pairwise(offsets):
        yield terms[start:end]


def _grams_of(data: Segment) -> Numbers:
    heads, starts = _view(data, "grams.heads").astype(np.int64), _view(data, "grams.starts").astype(np.int64)
    grams: Numbers = np.repeat(heads, np.diff(starts)) << 21 | np.concatenate(([0], heads))[np.asarray(data.seconds)]
    return grams
