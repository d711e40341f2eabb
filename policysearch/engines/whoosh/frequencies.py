"""Frequencies of words and other strings in some sections of a segment, computed from its postings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from pyroaring import BitMap

from policysearch.engines.joined_texts import Wanted, distinct
from policysearch.engines.whoosh.damage import damage_named
from policysearch.engines.whoosh.joining import document_numbers, joined_texts, section_numbers
from policysearch.engines.whoosh.live_segment import LiveSegment
from policysearch.engines.whoosh.postings import MOST_SECTIONS, PostingRun, group_bitmap, totals, totals_among
from policysearch.engines.whoosh.section_tables import segment_counts
from policysearch.text.chinese import HAN_SCRIPT_RANGES
from policysearch.text.code_points import are_within, code_points

__all__ = ["PostingFrequencies"]

_AT_ONCE = 2_000_000  # characters
_Characters: TypeAlias = tuple[NDArray[np.uint32], NDArray[np.int64]]

_KEPT = 20  # size of a string and its frequency, in numbers


class _Frequencies:
    """Some live sections of a segment.

    Args:
        live: The segment.
        sections: The sections.
    """

    def __init__(self, live: LiveSegment, sections: BitMap) -> None:
        self._live = live
        self._data = live.data
        self._sections = sections
        self._all = len(sections) == live.data.sections

    def totals(self) -> tuple[int, int, int]:
        """Return the numbers of documents, sections and Han characters."""
        data, sections = self._data, self._sections
        codes, counts = self._characters
        han = int(counts[are_within(codes, HAN_SCRIPT_RANGES)].sum())
        if self._all:
            return data.documents, data.sections, han
        return self._number_of_documents(section_numbers(sections)), len(sections), han

    @cached_property
    def _characters(self) -> _Characters:
        """The characters of the sections, ascending, with their frequencies."""
        if self._all:
            found: _Characters | None = self._live.known_characters
            if found is None:
                found = self._live.known_characters = self._all_characters()
            return found
        rest = self._live.all - self._sections
        if len(rest) >= len(self._sections) or len(self._live.all) < self._data.sections:
            return self._read_characters(self._sections)
        # without the texts of these sections, which are more
        codes, counts = _Frequencies(self._live, self._live.all)._characters
        others, less = self._read_characters(rest)
        counts = counts.copy()
        counts[np.searchsorted(codes, others)] -= less
        return codes, counts

    def _read_characters(self, sections: BitMap) -> _Characters:
        """Return the characters of sections, ascending, with their frequencies, by their texts."""
        counts: NDArray[np.intp] = np.zeros(1, np.intp)
        for joined in joined_texts(self._live, sections, _AT_ONCE):
            more = np.bincount(joined.codes, minlength=len(counts))
            more[: len(counts)] += counts
            counts = more
        counts[0] = 0  # the zero after each section
        held = np.flatnonzero(counts)
        return held.astype(np.uint32), counts[held]

    def _all_characters(self) -> _Characters:
        """Return the same of the entire segment: every character starts a bigram."""
        view = self._data.file.view
        before = np.concatenate(([0], np.cumsum(self._counts("grams", None))))
        starts = np.frombuffer(view("grams.starts"), np.uint32).astype(np.int64)
        return np.frombuffer(view("grams.heads"), np.uint32), before[starts[1:]] - before[starts[:-1]]

    def add_words(self, found: dict[str, int], wanted: Wanted | None) -> None:
        """Add the frequency of each word in the sections to its count; only of wanted words."""
        if not self._sections:
            return
        text, offsets = self._joined_words()
        some = None
        if wanted is not None:
            some = np.flatnonzero(wanted(code_points(text), np.diff(offsets)))
        counts = self._counts("words", some)
        standing = np.flatnonzero(counts)
        counts = counts[standing]
        if some is not None:
            standing = some[standing]
        spans = zip(offsets[standing].tolist(), offsets[standing + 1].tolist(), counts.tolist(), strict=True)
        for start, end, count in spans:
            word = text[start:end]
            found[word] = found.get(word, 0) + count

    def words_beside(self, other: _Frequencies) -> tuple[list[str], NDArray[np.int64]]:
        """Return the words of these or other sections of the segment, and the frequency of each in both."""
        none = np.zeros(len(self._data.file.view("words.pointers", "I")), np.int64)
        both = np.stack([one._counts("words", None) if one._sections else none for one in (self, other)])
        held = np.flatnonzero(both.any(axis=0))
        text, offsets = self._joined_words()
        spans = zip(offsets[held].tolist(), offsets[held + 1].tolist(), strict=True)
        return [text[start:end] for start, end in spans], both[:, held]

    def _joined_words(self) -> tuple[str, NDArray[np.int64]]:
        """Return the words of the segment, joined, and the offset of each and of the end, in characters."""
        view = self._data.file.view
        terms, offsets = bytes(view("words.terms")), np.frombuffer(view("words.terms.offsets"), np.uint32)
        before = np.zeros(len(terms) + 1, np.int32)
        np.cumsum(np.frombuffer(terms, np.uint8) & 0xC0 != 0x80, out=before[1:])  # bytes that characters begin with
        return terms.decode("utf-8", "surrogatepass"), before[offsets].astype(np.int64)

    def _counts(self, field: str, some: NDArray[np.int64] | None) -> NDArray[np.int64]:
        """Return the frequency of terms of a field, given by their numbers, in the sections; of all for None."""
        file = self._data.file
        pointers = np.frombuffer(file.view(f"{field}.pointers"), np.uint32)
        if some is not None:
            pointers = pointers[some]
        postings = np.frombuffer(file.view(f"{field}.postings"), np.uint16)
        return totals(pointers, postings) if self._all else totals_among(pointers, postings, self._selected)

    def of_pairs(self, pairs: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the frequency of pairs of characters in the sections, as ``PostingFrequencies.pairs``."""
        view = self._data.file.view
        heads = np.frombuffer(view("grams.heads"), np.uint32).astype(np.int64)
        starts = np.frombuffer(view("grams.starts"), np.uint32).astype(np.int64)
        seconds = np.asarray(self._data.seconds)
        if starts[-1] != len(seconds):  # corrupt: it would allocate more memory than there is
            raise ValueError("the offsets of bigrams do not end with them")
        # the number of the first character, and one more than that of the second
        grams = np.repeat(np.arange(len(heads)) << 32, np.diff(starts)) | seconds
        found = np.zeros(len(pairs), np.int64)
        codes, counts = self._characters
        alone, at = _places_in(codes.astype(np.int64) << 32, pairs)
        found[alone] = counts[at]
        first, second = (np.full(len(pairs), -1) for _ in range(2))
        for number, half in ((first, pairs >> 32), (second, pairs & 0xFFFF_FFFF)):
            known, at = _places_in(heads, half)
            number[known] = at
        both = np.flatnonzero((first >= 0) & (second >= 0))
        there, at = _places_in(grams, first[both] << 32 | (second[both] + 1))
        found[both[there]] = self._counts("grams", at)
        return found

    def documents_with(self, string: str) -> int:
        """Return the number of documents with one of the sections that contains a string."""
        sections, _ = segment_counts(self._live).places(string)
        return self._number_of_documents(sections if self._all else sections[self._selected[sections]])

    def _number_of_documents(self, sections: NDArray[Any]) -> int:
        """Return the number of documents of sections, which ascend."""
        return distinct(document_numbers(self._data, sections))

    @cached_property
    def _selected(self) -> NDArray[np.bool_]:
        """Whether each number of two bytes is a selected section."""
        found = np.zeros(MOST_SECTIONS, bool)
        found[section_numbers(self._sections)] = True
        return found

    def of_string(self, string: str) -> int:
        """Return the frequency of a string in the sections; overlapping occurrences count once, left to right."""
        live = self._live
        if len(string) == 1:
            codes, counts = self._characters
            at = int(np.searchsorted(codes, ord(string)))
            return int(counts[at]) if at < len(codes) and codes[at] == ord(string) else 0
        if len(string) == 2 and string[0] != string[1]:
            return sum(map(self._of_run, live.groups("grams", string)))
        known = live.known_counts if self._all else None
        found = known.get(string) if known is not None else None
        if found is None:
            sections, times = segment_counts(live).places(string)
            found = int((times if self._all else times[self._selected[sections]]).sum())
            if known is not None:
                known.keep(string, found, _KEPT)
        return found

    def _of_run(self, run: PostingRun) -> int:
        size = run.size
        if not self._all:
            size = len(group_bitmap(run, self._data.file.map) & self._sections)
        return run.frequency * size


class PostingFrequencies:
    """Some sections of all segments.

    Args:
        selected: The live segments, each with some of its sections.
    """

    def __init__(self, selected: Iterable[tuple[LiveSegment, BitMap]]) -> None:
        self._segments = [(live, _Frequencies(live, sections)) for live, sections in selected]

    def totals(self) -> tuple[int, int, int]:
        """Return the numbers of documents, sections and Han characters."""
        documents = sections = characters = 0
        for live, one in self._segments:
            with damage_named(live):
                more = one.totals()
            documents, sections, characters = documents + more[0], sections + more[1], characters + more[2]
        return documents, sections, characters

    def words(self, wanted: Wanted | None = None) -> Mapping[str, int]:
        """Return the indexed words of the sections with their frequencies; optionally only the wanted ones."""
        found: dict[str, int] = {}
        for live, one in self._segments:
            with damage_named(live):
                one.add_words(found, wanted)
        return found

    def words_beside(self, other: PostingFrequencies) -> tuple[list[str], NDArray[np.int64]]:
        """Return the indexed words of these or other sections of the index, and the frequency of each in both."""
        numbers: dict[str, int] = {}
        found = []
        for (live, one), (_, another) in zip(self._segments, other._segments, strict=True):
            with damage_named(live):
                words, counts = one.words_beside(another)
            found.append((np.array([numbers.setdefault(word, len(numbers)) for word in words], np.int64), counts))
        every = np.zeros((2, len(numbers)), np.int64)
        for at, counts in found:
            every[:, at] += counts
        return list(numbers), every

    def of(self, strings: Sequence[str]) -> list[int]:
        """Return the frequency of each string in the sections; overlapping occurrences count once, left to right."""
        return self._sums(strings, _Frequencies.of_string)

    def documents(self, strings: Sequence[str]) -> list[int]:
        """Return the number of documents with a section that contains each string."""
        return self._sums(strings, _Frequencies.documents_with)

    def _sums(self, strings: Sequence[str], figure: Callable[[_Frequencies, str], int]) -> list[int]:
        """Return the sum over the segments of a figure of each string."""
        found = [0] * len(strings)
        for live, one in self._segments:
            with damage_named(live):
                found = [before + figure(one, string) for before, string in zip(found, strings, strict=True)]
        return found

    def pairs(self, pairs: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the frequency of pairs of characters, overlapping ones too.

        The code point of the first character is in the higher four bytes of a number, that of the second in the lower;
        0 there means the first character alone.
        """
        found = np.zeros(len(pairs), np.int64)
        for live, one in self._segments:
            with damage_named(live):
                found += one.of_pairs(pairs)
        return found


def _places_in(ascending: NDArray[np.int64], wanted: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return whether each number is among ascending ones, and its index there."""
    if not len(ascending):
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    at = np.minimum(np.searchsorted(ascending, wanted), len(ascending) - 1)
    there = np.flatnonzero(ascending[at] == wanted)
    return there, at[there]
