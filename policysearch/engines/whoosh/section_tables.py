"""Counts by section of a segment: its characters, and the places of strings, most of them from the postings."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property, partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pyroaring import BitMap

from policysearch.engines.joined_texts import Numbers
from policysearch.engines.section_table import SectionTable
from policysearch.engines.whoosh.damage import damage_named
from policysearch.engines.whoosh.encoded_texts import encode_text
from policysearch.engines.whoosh.joining import document_numbers, joined_texts, section_numbers, text_spans
from policysearch.engines.whoosh.live_segment import Kept, LiveSegment
from policysearch.engines.whoosh.postings import MOST_COUNTED, decode_postings
from policysearch.engines.whoosh.ranking_numpy import ArrayTerms
from policysearch.engines.whoosh.segment_reader import GRAMS, WORDS
from policysearch.text.code_points import code_points, han_table, places_apart
from policysearch.text.folding import may_overlap

__all__ = ["SegmentCounts", "segment_counts"]

_AT_ONCE = 1_000_000  # characters

Places = tuple[NDArray[np.uint16], NDArray[np.int32]]


class SegmentCounts:
    """Counts in the live sections of a segment; those that take long are kept.

    Args:
        live: The segment.
    """

    def __init__(self, live: LiveSegment) -> None:
        self._live = live
        self._data = live.data
        self._terms = live.arrays if isinstance(live.arrays, ArrayTerms) else ArrayTerms(live)
        self._repeats: NDArray[np.bool_] | None = None
        self._characters = np.full(live.data.sections, -1, np.int32)
        self._places = Kept[str, Places]()
        self._parts = np.frombuffer(live.data.parts, f"u{live.data.parts.itemsize}")

    def table(self, sections: BitMap, repeats: Sequence[int]) -> SectionTable:
        """Return some live sections as arrays.

        ``repeats`` has the numbers of all documents that repeat the text of another, always the same.
        """
        numbers = section_numbers(sections)
        if self._repeats is None:
            self._repeats = np.zeros(self._data.documents, bool)
            self._repeats[list(repeats)] = True
        return SectionTable(
            document_numbers(self._data, numbers),
            self._parts[numbers],
            self._data.figures["parts"],
            self._repeats,
            self._data.document_id,
            self._column,
            partial(self._characters_of, numbers),
            partial(self._among, numbers),
        )

    def _column(self, field: str) -> tuple[Sequence[Any], NDArray[Any]]:
        if field == "region_code":
            return self._region_codes
        values, codes = self._data.column(field)
        return values, np.frombuffer(codes, f"u{codes.itemsize}")

    @cached_property
    def _region_codes(self) -> tuple[Sequence[Any], NDArray[Any]]:
        """The codes of the places of documents, which are not stored as a column."""
        values: dict[Any, int] = {}
        row_codes = self._data.row_codes
        rows = [values.setdefault(row["region_code"], len(values)) for row in self._data.decoded_rows()]
        return list(values), np.array(rows, np.int64)[np.frombuffer(row_codes, f"u{row_codes.itemsize}")]

    def _characters_of(self, sections: Numbers) -> Numbers:
        """Return the number of Han characters of sections; the texts of each are read once."""
        with damage_named(self._live):
            unknown = sections[self._characters[sections] < 0]
            if len(unknown):
                at = 0
                for texts in joined_texts(self._live, BitMap(unknown.astype(np.uint32)), _AT_ONCE):
                    han = han_table().take(texts.codes).view(np.uint8)
                    counts = np.add.reduceat(han, texts.starts, dtype=np.int32)
                    self._characters[unknown[at : at + len(counts)]] = counts
                    at += len(counts)
            return self._characters[sections].astype(np.int64)

    def _among(self, sections: Numbers, text: str) -> tuple[Numbers, Numbers]:
        with damage_named(self._live):
            held, times = self.places(text)
            if len(sections) == self._data.sections:
                return held.astype(np.int64), times.astype(np.int64)
            index = np.full(self._data.sections, -1, np.int64)
            index[sections] = np.arange(len(sections))
            at = index[held]
            some = at >= 0
            return at[some], times[some].astype(np.int64)

    def places(self, text: str) -> Places:
        """Return the live sections with a string, ascending, and its number of places in each.

        Places that overlap an earlier one do not count.
        """
        found = self._places.get(text)
        if found is None:
            sections, times = self._counted(text)
            order = np.argsort(sections, kind="stable")
            found = sections[order], times[order].astype(np.int32)
            self._places.keep(text, found, 3 * len(sections))
        return found

    def _counted(self, text: str) -> tuple[NDArray[np.uint16], NDArray[Any]]:
        if len(text) == 1:
            return self._of_character(text)
        if len(text) == 2 and text[0] != text[1]:
            sections, times = self._terms.postings(GRAMS, text)
            capped = np.flatnonzero(times == MOST_COUNTED)
            if len(capped):
                times = times.astype(np.int64)
                times[capped] = self._read(text, sections[capped])
            return sections, times
        return self._of_longer(text)

    def _of_character(self, character: str) -> tuple[NDArray[np.uint16], NDArray[Any]]:
        """Return the same for a character: every one starts a bigram."""
        data, view = self._data, self._data.file.view
        grams = data.grams_beginning(character)
        if not grams:
            return np.zeros(0, np.uint16), np.zeros(0, np.int64)
        pointers = np.frombuffer(view("grams.pointers"), np.uint32)[grams.start : grams.stop]
        key = decode_postings(pointers, np.frombuffer(view("grams.postings"), np.uint16))
        frequency = key >> 16 & 0xFFFF
        counts = np.bincount(key & 0xFFFF, frequency, data.sections).astype(np.int64)
        if len(self._live.all) < data.sections:
            gone = np.ones(data.sections, bool)
            gone[section_numbers(self._live.all)] = False
            counts[gone] = 0
        sections = np.flatnonzero(counts).astype(np.uint16)
        if (frequency == MOST_COUNTED).any():
            return sections, self._read(character, sections)
        return sections, counts[sections]

    def _of_longer(self, text: str) -> tuple[NDArray[np.uint16], NDArray[Any]]:
        """Return the same for a string of three characters or more, or of two equal ones.

        It occurs at most as often as each of its bigrams, and at least as often as the word of that form. The texts of
        the sections where these differ are read.
        """
        most: NDArray[np.uint16] = np.zeros(0, np.uint16)
        for gram in dict.fromkeys(text[i : i + 2] for i in range(len(text) - 1)):
            sections, frequencies = self._terms.postings(GRAMS, gram)
            here = np.zeros(self._data.sections, np.uint16)
            here[sections] = frequencies
            most = np.minimum(most, here) if len(most) else here
        held = np.flatnonzero(most != 0).astype(np.uint16)
        least = np.zeros(self._data.sections, np.uint16)
        if not may_overlap(text):  # a word that overlaps itself may have more tokens than counted places
            sections, frequencies = self._terms.postings(WORDS, text)
            least[sections] = frequencies
        times = least[held].astype(np.int64)
        unsure = np.flatnonzero((times != most[held]) | (times == MOST_COUNTED))
        times[unsure] = self._read(text, held[unsure])
        some = times > 0
        return held[some], times[some]

    def _read(self, text: str, sections: NDArray[np.uint16]) -> Numbers:
        """Return the number of places of a string in sections, by their texts; the sections ascend."""
        encoded = encode_text(text)
        if len(text) > 2 and not self._live.may_straddle(encoded):  # in half of the time
            starts, ends = text_spans(self._data, sections.astype(np.int64))
            file = self._data.file.map
            spans = zip(starts.tolist(), ends.tolist(), strict=True)
            return np.array([file[start:end].count(encoded) for start, end in spans], np.int64)
        found: list[NDArray[np.intp]] = [np.zeros(0, np.intp)]
        wanted = code_points(text).tolist()
        for texts in joined_texts(self._live, BitMap(sections.astype(np.uint32)), _AT_ONCE):
            places = places_apart(texts.codes, wanted)
            section = np.searchsorted(texts.starts, places, side="right") - 1
            found.append(np.bincount(section, minlength=len(texts.sizes)))
        return np.concatenate(found)


def segment_counts(live: LiveSegment) -> SegmentCounts:
    """Return the counts of a segment, which are kept with it."""
    found: SegmentCounts | None = live.counts
    if found is None:
        found = live.counts = SegmentCounts(live)
    return found
