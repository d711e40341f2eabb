"""Frequencies of words and other strings in some sections of a segment, computed from its postings."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cached_property, partial

import numpy as np
from numpy.typing import NDArray
from pyroaring import BitMap

from policysearch.engines.tree import Node
from policysearch.engines.whoosh.damage import damage_named
from policysearch.engines.whoosh.live_segment import LiveSegment
from policysearch.engines.whoosh.postings import PostingRun, decode_postings, group_bitmap, totals
from policysearch.engines.whoosh.segment_reader import Segment
from policysearch.text.chinese import HAN_SCRIPT_RANGES
from policysearch.text.code_points import are_within, code_points

__all__ = ["PostingFrequencies"]


class _Frequencies:
    """Some live sections of a segment.

    Args:
        live: The segment.
        sections: The sections.
        takes: A predicate on the number of a document that includes its sections; None for all.
    """

    def __init__(self, live: LiveSegment, sections: BitMap, takes: Callable[[int], bool] | None) -> None:
        self._live = live
        self._data = data = live.data
        if takes is not None:
            sections = sections.copy()
            for document in live.documents_with(sections):
                if not takes(document):
                    sections.remove_range(data.first[document], data.first[document + 1])
        self._sections = sections
        self._all = len(sections) == data.sections

    def totals(self) -> tuple[int, int, int]:
        """Return the numbers of documents, sections and Han characters."""
        data = self._data
        if self._all:
            heads, counts = self._characters
            return data.documents, data.sections, int(counts[are_within(heads, HAN_SCRIPT_RANGES)].sum())
        codes = code_points("".join(map(data.reduced, self._sections)))
        han = int(np.count_nonzero(are_within(codes, HAN_SCRIPT_RANGES)))
        return len(self._live.documents_with(self._sections)), len(self._sections), han

    @cached_property
    def _characters(self) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
        """The first characters of bigrams, ascending, with their frequencies; every character starts a bigram."""
        view = self._data.file.view
        before = np.concatenate(([0], np.cumsum(self._counts("grams"))))
        starts = np.frombuffer(view("grams.starts"), np.uint32).astype(np.int64)
        return np.frombuffer(view("grams.heads"), np.uint32), before[starts[1:]] - before[starts[:-1]]

    def add_words(self, found: dict[str, int], beginnings: NDArray[np.uint64] | None) -> None:
        """Add the frequency of each word in the sections to its count; only of words with these beginnings."""
        if not self._sections:
            return
        counts = self._counts("words")
        terms, offsets = self._data.words
        if beginnings is not None:
            counts[~np.isin(_beginnings_of(terms, np.array(offsets, np.int64)), beginnings)] = 0
        standing = np.flatnonzero(counts)
        words = [terms[offsets[i] : offsets[i + 1]].decode("utf-8", "surrogatepass") for i in standing.tolist()]
        for word, count in zip(words, counts[standing].tolist(), strict=True):
            found[word] = found.get(word, 0) + count

    def _counts(self, field: str) -> NDArray[np.int64]:
        """Return the frequency of each term of a field in the sections."""
        file = self._data.file
        pointers = np.frombuffer(file.view(f"{field}.pointers"), np.uint32)
        postings = np.frombuffer(file.view(f"{field}.postings"), np.uint16)
        if self._all:
            return totals(pointers, postings)
        wanted = np.zeros(65_536, bool)
        wanted[np.frombuffer(self._sections.to_array(), np.uint32)] = True
        key = decode_postings(pointers, postings)
        key = key[wanted[key & 0xFFFF]]
        return np.bincount(key >> 32, key >> 16 & 0xFFFF, len(pointers)).astype(np.int64)

    def of_string(self, string: str) -> int:
        """Return the frequency of a string in the sections; overlapping occurrences count once, left to right."""
        data, live = self._data, self._live
        if len(string) == 1:
            heads, counts = self._characters
            at = int(np.searchsorted(heads, ord(string)))
            return int(counts[at]) if at < len(heads) and heads[at] == ord(string) else 0
        if len(string) == 2 and string[0] != string[1]:
            return sum(map(self._of_run, live.groups("grams", string)))
        reduced = data.reduced
        return sum([reduced(s).count(string) for s in live.candidates(string) & self._sections])

    def _of_run(self, run: PostingRun) -> int:
        size = run.size
        if not self._all:
            size = len(group_bitmap(run, self._data.file.map) & self._sections)
        return run.frequency * size


class PostingFrequencies:
    """The sections that a node selects in all segments.

    Args:
        segments: The live segments.
        node: Selects sections.
        takes: A predicate on a segment and the number of a document that includes its sections; None for all.
    """

    def __init__(
        self, segments: Sequence[LiveSegment], node: Node, takes: Callable[[Segment, int], bool] | None
    ) -> None:
        self._segments = []
        for live in segments:
            with damage_named(live):
                taken = takes and partial(takes, live.data)
                self._segments.append((live, _Frequencies(live, live.select(node), taken)))

    def totals(self) -> tuple[int, int, int]:
        """Return the numbers of documents, sections and Han characters."""
        documents = sections = characters = 0
        for live, one in self._segments:
            with damage_named(live):
                more = one.totals()
            documents, sections, characters = documents + more[0], sections + more[1], characters + more[2]
        return documents, sections, characters

    def words(self, beginnings: Collection[str] | None = None) -> Mapping[str, int]:
        """Return the indexed words of the sections with their frequencies.

        With ``beginnings``, only the words whose first two characters, or whose only one, are one of these.
        """
        wanted = None
        if beginnings is not None:
            encoded = (one.encode("utf-8", "surrogatepass") for one in beginnings)
            wanted = np.array([int.from_bytes(one.ljust(8, b"\0"), "big") for one in encoded], np.uint64)
        found: dict[str, int] = {}
        for live, one in self._segments:
            with damage_named(live):
                one.add_words(found, wanted)
        return found

    def of(self, strings: Sequence[str]) -> list[int]:
        """Return the frequency of each string in the sections; overlapping occurrences count once, left to right."""
        found = [0] * len(strings)
        for live, one in self._segments:
            with damage_named(live):
                found = [before + one.of_string(string) for before, string in zip(found, strings, strict=True)]
        return found


def _beginnings_of(terms: bytes, offsets: NDArray[np.int64]) -> NDArray[np.uint64]:
    """Return the first two characters of each term in UTF-8 as a number, most significant byte first, zeros behind."""
    data = np.frombuffer(bytes(terms) + bytes(8), np.uint8)
    starts, lengths = offsets[:-1], np.diff(offsets)
    first = _UTF8_LENGTHS[data[starts]]
    size = np.minimum(first + _UTF8_LENGTHS[data[starts + first]], lengths)
    found = np.zeros(len(starts), np.uint64)
    for at in range(8):
        byte = np.where(at < size, data[starts + at], 0).astype(np.uint64)
        found |= byte << np.uint64(8 * (7 - at))
    return found


_UTF8_LENGTHS = np.array([1] * 0xC0 + [2] * 0x20 + [3] * 0x10 + [4] * 0x10, np.int64)
"""The length of a character by its first byte."""
