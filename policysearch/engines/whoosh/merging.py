"""Merging of segments into fewer and larger ones, so that search speed does not depend on an index's history.

A build writes a segment for every few million characters of each worker, and
every update adds some and removes documents from others. Each segment costs
every query time, so small ones are merged as soon as they add up to a larger
one. Nothing is read or tokenized again: records are copied and postings
renumbered.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Collection, Iterator, Sequence
from itertools import groupby, pairwise
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
    write_grams,
    write_ids,
    write_lengths,
    write_metadata,
    write_words,
)

__all__ = ["Size", "merge_segments", "size_of", "to_merge"]

MOST_CHARACTERS = 9_000_000
"""Maximum number of characters of a merged segment: merging takes some 40 bytes of memory for each."""

_WORTH = 3
"""A segment is merged with smaller ones when it is at most this many times as large as all of them, or as the
segments just added. So each section is rewritten only a few times, however often an index is updated."""

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


# merging


class _Run(NamedTuple):
    """Documents that are consecutive both in a segment and in the merged one, and their sections."""

    data: Segment
    source: int
    documents: slice
    sections: slice


def merge_segments(segments: Sequence[LiveSegment], path: Path) -> SegmentName:
    """Write the live documents of some segments as one segment; return its name.

    Raises ``IndexUnusableError`` when a segment is corrupt, so that corrupt data
    never gets a valid checksum.
    """
    for live in segments:
        broken = list(live.data.file.broken_regions())
        if broken:
            raise live.data.file.corrupt(f"its checksums are wrong ({', '.join(broken)})")
    runs = list(_runs(segments))
    with RegionWriter(path) as out:
        return SegmentName(path.name, *_Merger(segments, runs, out).write())


def _runs(segments: Sequence[LiveSegment]) -> Iterator[_Run]:
    """Yield the documents in order of their ids, consecutive ones as one run."""

    merged = sorted(
        (live.data.document_id(number), i, number) for i, live in enumerate(segments) for number in live.live_documents
    )
    numbered = ((i, number, at) for at, (_, i, number) in enumerate(merged))
    for (i, _), together in groupby(numbered, lambda one: (one[0], one[1] - one[2])):
        numbers = [number for _, number, _ in together]
        data = segments[i].data
        documents = slice(numbers[0], numbers[-1] + 1)
        yield _Run(data, i, documents, slice(data.first[documents.start], data.first[documents.stop]))


class _Merger:
    def __init__(self, segments: Sequence[LiveSegment], runs: Sequence[_Run], out: RegionWriter) -> None:
        self._segments = segments
        self._runs = runs
        self._out = out
        sizes = self._gathered(lambda run: np.diff(_view(run.data, "document.first"))[run.documents])
        self._first = np.concatenate(([0], np.cumsum(sizes))).astype(np.uint32)
        # the new number of each section of each segment; -1 for removed ones
        self._places = [np.full(live.data.sections, -1, np.int64) for live in segments]
        at = 0
        for run in runs:
            count = run.sections.stop - run.sections.start
            self._places[run.source][run.sections] = np.arange(at, at + count)
            at += count

    def _gathered(self, of: Callable[[_Run], NDArray[Any]]) -> NDArray[Any]:
        return np.concatenate([of(run) for run in self._runs])

    def write(self) -> tuple[int, int]:
        out = self._out
        self._texts()
        for name in ("edits", "heading", "names"):
            self._pieces(name)
        write_ids(
            out, [run.data.document_id(n) for run in self._runs for n in range(run.documents.start, run.documents.stop)]
        )
        out.region("document.first", self._first.tobytes())
        for name in SECTION_NUMBERS:
            self._numbers(f"section.{name}", lambda run, name=name: run.data.section_numbers(name)[run.sections])  # type: ignore[misc]
        parts = self._coded(
            "section.part",
            [live.data.figures["parts"] for live in self._segments],
            lambda run: run.data.parts[run.sections],
        )
        bare = np.concatenate(
            [
                places[_view(live.data, "section.bare")]
                for places, live in zip(self._places, self._segments, strict=True)
            ]
        )
        out.region("section.bare", np.sort(bare[bare >= 0]).astype(np.uint32).tobytes())
        rows = self._coded(
            "document.row", [live.data.rows for live in self._segments], lambda run: run.data.row_codes[run.documents]
        )
        columns = {
            name: self._coded(
                f"column.{name}",
                [live.data.column_values[name] for live in self._segments],
                lambda run, name=name: run.data.column(name)[run.documents],  # type: ignore[misc]
            )
            for name in COLUMNS
        }
        write_metadata(out, rows, columns)
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
                "fields": self._segments[0].data.figures["fields"],
                "rows": len(rows),
                "titles": len(columns["title"]),
                "lengths": {"words": self._lengths("words"), "grams": self._lengths("grams")},
            }
        )

    def _texts(self) -> None:
        joined = bytearray()
        sizes = []
        for run in self._runs:
            offsets = _view(run.data, "text.offsets")[run.sections.start : run.sections.stop + 1]
            joined += run.data.file.view("text")[offsets[0] : offsets[-1]]
            sizes.append(np.diff(offsets))
        self._out.region("text", joined)
        offsets = np.concatenate(([0], np.cumsum(np.concatenate(sizes), dtype=np.int64)))
        self._out.region("text.offsets", offsets.astype(np.uint32).tobytes())

    def _pieces(self, name: str) -> None:
        of_segments = [Pieces(live.data.file, name, live.data.sections) for live in self._segments]
        every = [(pieces.joined, pieces.offsets) for pieces in of_segments]
        joined = bytearray()
        sizes = []
        for run in self._runs:
            data, offsets = every[run.source]
            offsets = offsets[run.sections.start : run.sections.stop + 1]
            joined += data[offsets[0] : offsets[-1]]
            sizes.append(np.diff(offsets))
        write_pieces(self._out, name, joined, np.concatenate(sizes))

    def _numbers(self, region: str, of: Callable[[_Run], memoryview]) -> None:
        numbers = self._gathered(lambda run: np.asarray(of(run)))
        self._out.numbers(region, array("I", numbers.astype(np.uint32).tobytes()))

    def _coded(self, region: str, values: Sequence[Sequence[Any]], of: Callable[[_Run], memoryview]) -> list[Any]:
        """Write a column as numbers of the values still in use, and return these values."""
        known: dict[Any, int] = {}
        codes = []
        for run in self._runs:
            used, where = np.unique(np.asarray(of(run)), return_inverse=True)
            new = [known.setdefault(values[run.source][code], len(known)) for code in used.tolist()]
            codes.append(np.array(new, np.uint32)[where])
        self._out.numbers(region, array("I", np.concatenate(codes).tobytes()))
        return list(known)

    def _lengths(self, name: Literal["words", "grams"]) -> list[int]:
        lengths = self._gathered(lambda run: np.asarray(run.data.lengths[name])[run.sections])
        return write_lengths(self._out, name, array("I", lengths.astype(np.uint32).tobytes()), self._first.tolist())

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
        union = np.unique(np.concatenate(lists))
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
