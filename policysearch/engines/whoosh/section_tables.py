"""Counts by section of a segment: its characters, and the places of strings, most of them from the postings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property, partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pyroaring import BitMap

from policysearch.engines.joined_texts import Numbers
from policysearch.engines.section_table import SectionTable
from policysearch.engines.whoosh.damage import damage_named
from policysearch.engines.whoosh.joining import document_numbers, joined_texts, section_numbers
from policysearch.engines.whoosh.live_segment import Kept, LiveSegment
from policysearch.engines.whoosh.postings import group_bitmap
from policysearch.engines.whoosh.ranking_numpy import ArrayTerms
from policysearch.engines.whoosh.segment_reader import GRAMS, WORDS
from policysearch.text.code_points import code_points, han_table, places_apart
from policysearch.text.folding import may_overlap

__all__ = ["SegmentCounts"]

_AT_ONCE = 1_000_000  # characters
_CAPPED = 65_535  # a frequency in the postings that may be greater

Places = tuple[NDArray[np.uint16], Numbers]


class SegmentCounts:
    """Counts in the live sections of a segment; those that take long are kept.

    Args:
        live: The segment.
        duplicates: The ids of documents that repeat the text of another, as keys.
    """

    def __init__(self, live: LiveSegment, duplicates: Mapping[str, str]) -> None:
        self._live = live
        self._data = live.data
        self._duplicates = duplicates
        self._terms = live.arrays if isinstance(live.arrays, ArrayTerms) else ArrayTerms(live)
        self._characters = np.full(live.data.sections, -1, np.int32)
        self._places = Kept[str, Places]()
        self._parts = np.frombuffer(live.data.parts, f"u{live.data.parts.itemsize}")

    def table(self, sections: BitMap) -> SectionTable:
        """Return some live sections as arrays."""
        numbers = section_numbers(sections)
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

    @cached_property
    def _repeats(self) -> NDArray[np.bool_]:
        found = np.zeros(self._data.documents, bool)
        held = map(self._data.find_document, self._duplicates)
        found[[number for number in held if number is not None]] = True
        return found

    def _column(self, field: str) -> tuple[Sequence[Any], NDArray[Any]]:
        if field == "region_code":
            return self._region_codes
        codes = self._data.column(field)
        return self._data.column_values[field], np.frombuffer(codes, f"u{codes.itemsize}")

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
            held, times = self._of(text)
            if len(sections) == len(self._live.all) == self._data.sections:
                return held.astype(np.int64), times
            index = np.full(self._data.sections, -1, np.int64)
            index[sections] = np.arange(len(sections))
            at = index[held]
            some = at >= 0
            return at[some], times[some]

    def _of(self, text: str) -> Places:
        """Return the live sections with a string, ascending, and its number of places in each."""
        found = self._places.get(text)
        if found is None:
            sections, times = self._counted(text)
            order = np.argsort(sections, kind="stable")
            found = sections[order], times[order].astype(np.int64)
            self._places.keep(text, found, 5 * len(sections))
        return found

    def _counted(self, text: str) -> tuple[NDArray[np.uint16], NDArray[Any]]:
        if len(text) == 1:
            return self._of_character(text)
        if len(text) == 2 and text[0] != text[1]:
            sections, times = self._terms.postings(GRAMS, text)
            capped = np.flatnonzero(times == _CAPPED)
            if len(capped):
                times = times.astype(np.int64)
                times[capped] = self._read(text, sections[capped])
            return sections, times
        return self._of_longer(text)

    def _of_character(self, character: str) -> tuple[NDArray[np.uint16], NDArray[Any]]:
        """Return the same for a character: every one starts a bigram."""
        counts = np.zeros(self._data.sections, np.int64)
        capped = False
        for groups in self._data.groups_beginning(character):
            for group in groups:
                held = group_bitmap(group, self._data.file.map) & self._live.all
                counts[section_numbers(held)] += group.frequency
                capped |= group.frequency == _CAPPED
        sections = np.flatnonzero(counts).astype(np.uint16)
        return sections, self._read(character, sections) if capped else counts[sections]

    def _of_longer(self, text: str) -> tuple[NDArray[np.uint16], NDArray[Any]]:
        """Return the same for a string of three characters or more, or of two equal ones.

        It occurs at most as often as each of its bigrams, and at least as often as the word of that form. The texts of
        the sections where these differ are read.
        """
        most = np.zeros(0, np.uint16)
        for gram in dict.fromkeys(text[i : i + 2] for i in range(len(text) - 1)):
            sections, frequencies = self._terms.postings(GRAMS, gram)
            here = np.zeros(self._data.sections, np.uint16)
            here[sections] = frequencies
            most = np.minimum(most, here) if len(most) else here
        held = np.flatnonzero(most).astype(np.uint16)
        least = np.zeros(self._data.sections, np.uint16)
        if not may_overlap(text):  # a word that overlaps itself may have more tokens than counted places
            sections, frequencies = self._terms.postings(WORDS, text)
            least[sections] = frequencies
        times = least[held].astype(np.int64)
        unsure = np.flatnonzero((times != most[held]) | (times == _CAPPED))
        times[unsure] = self._read(text, held[unsure])
        some = times > 0
        return held[some], times[some]

    def _read(self, text: str, sections: NDArray[np.uint16]) -> Numbers:
        """Return the number of places of a string in sections, by their texts; the sections ascend."""
        found = [np.zeros(0, np.int64)]
        wanted = code_points(text).tolist()
        for texts in joined_texts(self._live, BitMap(sections.astype(np.uint32)), _AT_ONCE):
            places = places_apart(texts.codes, wanted)
            section = np.searchsorted(texts.starts, places, side="right") - 1
            found.append(np.bincount(section, minlength=len(texts.sizes)))
        return np.concatenate(found)
