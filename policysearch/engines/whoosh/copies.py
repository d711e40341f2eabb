"""Folding of sections of documents with equal text: the first in order of ids is shown."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from pyroaring import BitMap

from policysearch.engines.protocol import ScoredKey
from policysearch.engines.whoosh.live_segment import LiveSegment
from policysearch.text.folding import reduce_folded

__all__ = ["Copies", "SectionPlace"]


class SectionPlace(NamedTuple):
    """A section.

    Attributes:
        segment: Its segment's number.
        section: Its number there.
    """

    segment: int
    section: int


class _Held(NamedTuple):
    """The wanted sections of a document, ascending."""

    segment: int
    document: int
    sections: list[int]


class Copies:
    """The documents of a generation with equal text.

    Args:
        live: The segments of the generation.
        duplicates: The id of each document with the same text as an earlier one, and the id of the first one.
    """

    def __init__(self, live: Sequence[LiveSegment], duplicates: Mapping[str, str]) -> None:
        self._live = live
        names: dict[str, list[str]] = {}
        for copy, first in duplicates.items():
            names.setdefault(first, [first]).append(copy)
        found = {name: (i, document) for i, one in enumerate(live) for name, document in one.equal}
        self._groups = [[found[name] for name in sorted(group) if name in found] for group in names.values()]
        self._group_of = {one: number for number, group in enumerate(self._groups) for one in group}
        self._later = [BitMap() for _ in live]  # sections of all documents but the first of each group
        for group in self._groups:
            for i, document in group[1:]:
                first_of = live[i].data.first
                self._later[i].add_range(first_of[document], first_of[document + 1])
        self._aligned: dict[int, bool] = {}

    def fold(
        self, wanted: Sequence[BitMap], grouped: bool
    ) -> tuple[list[BitMap], dict[SectionPlace, list[SectionPlace]]]:
        """Return the wanted sections that are shown, and the hidden ones by the one that is shown.

        Of equal documents, the first of several equal sections is paired with
        the first in another document. With ``grouped``, all wanted sections
        of the first of equal documents are shown, and its first one is paired
        with the first ones of the others.
        """
        gone: list[list[int]] = [[] for _ in wanted]
        copies: dict[SectionPlace, list[SectionPlace]] = {}
        done: set[int] = set()
        for i, sections in enumerate(wanted):
            for document in self._documents_of(i, sections & self._later[i]):
                number = self._group_of[i, document]
                if number in done:
                    continue
                done.add(number)
                held = self._held(number, wanted)
                if grouped:
                    copies[SectionPlace(held[0].segment, held[0].sections[0])] = [
                        SectionPlace(o[0], o.sections[0]) for o in held[1:]
                    ]
                    for one in held[1:]:
                        gone[one.segment] += one.sections
                    continue
                for shown, *others in self._equal(number, held):
                    if others:
                        copies[shown] = others
                        for segment, section in others:
                            gone[segment].append(section)
        return [one - BitMap(left_out) if left_out else one for one, left_out in zip(wanted, gone, strict=True)], copies

    def named(
        self,
        hits: Iterable[ScoredKey],
        shown: Sequence[BitMap],
        copies: Mapping[SectionPlace, Sequence[SectionPlace]],
        grouped: bool,
    ) -> Iterator[ScoredKey]:
        """Yield hits with the sections hidden in favour of them, given the result of ``fold``."""
        for hit in hits:
            i, section = hit.key
            if grouped:  # named by the first wanted section of the document
                data = self._live[i].data
                section = next(shown[i].iter_equal_or_larger(data.first[data.document_of(section)]))
            others = copies.get(SectionPlace(i, section))
            yield hit._replace(copies=tuple(map(self._name, others))) if others else hit

    def _name(self, place: SectionPlace) -> tuple[str, int]:
        """Return the document id and the ordinal of a section."""
        data = self._live[place.segment].data
        document = data.document_of(place.section)
        return data.document_id(document), place.section - data.first[document] + 1

    def _documents_of(self, i: int, sections: BitMap) -> Iterator[int]:
        """Yield the documents of some sections of a segment."""
        data = self._live[i].data
        section = next(iter(sections), None)
        while section is not None:
            document = data.document_of(section)
            yield document
            section = next(sections.iter_equal_or_larger(data.first[document + 1]), None)

    def _held(self, number: int, wanted: Sequence[BitMap]) -> list[_Held]:
        """Return the wanted sections of each document of a group that has any, in order of ids."""
        held = []
        for i, document in self._groups[number]:
            first = self._live[i].data.first
            sections = list(wanted[i] & BitMap(range(first[document], first[document + 1])))
            if sections:
                held.append(_Held(i, document, sections))
        return held

    def _equal(self, number: int, held: Sequence[_Held]) -> list[list[SectionPlace]]:
        """Return the wanted sections of a group's documents, grouped by equality, in order of their documents' ids."""
        aligned = self._is_aligned(number)
        together: dict[object, list[SectionPlace]] = {}
        for i, document, sections in held:
            data = self._live[i].data
            first = data.first[document]
            times: dict[str, int] = {}
            for section in sections:
                key: object = section - first
                if not aligned:
                    text = reduce_folded(data.reduced(section))
                    times[text] = times.get(text, 0) + 1
                    key = (text, times[text])
                together.setdefault(key, []).append(SectionPlace(i, section))
        return list(together.values())

    def _is_aligned(self, number: int) -> bool:
        """Return whether documents with equal text also have equal section boundaries."""
        found = self._aligned.get(number)
        if found is None:
            # offsets count borders, which only some formats mark: where they differ, the texts are read
            found = self._aligned[number] = self._agree(number, self._offsets) or self._agree(number, self._lengths)
        return found

    def _agree(self, number: int, measure: Callable[[int, int], list[int]]) -> bool:
        first, *others = (measure(i, document) for i, document in self._groups[number])
        return all(one == first for one in others)

    def _lengths(self, i: int, document: int) -> list[int]:
        """Return the length of each section's reduced text without borders."""
        data = self._live[i].data
        sections = range(data.first[document], data.first[document + 1])
        return [len(reduce_folded(data.reduced(section))) for section in sections]

    def _offsets(self, i: int, document: int) -> list[int]:
        """Return the offsets of a document's sections and of the last one's end in its reduced text, in bytes."""
        data = self._live[i].data
        offsets = data.text_offsets[1][data.first[document] : data.first[document + 1] + 1].tolist()
        return [offset - offsets[0] for offset in offsets]
