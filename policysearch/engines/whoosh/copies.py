"""Folding of sections of documents with equal text: the first in order of ids is shown."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from pyroaring import BitMap

from policysearch.engines.protocol import ScoredKey
from policysearch.engines.whoosh.live_segment import LiveSegment
from policysearch.text.folding import reduce_folded

__all__ = ["Copies", "SectionPlace"]

_FEW = 20  # documents of a segment per lookup, below which reading all ids is faster


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
        found = _found(live, {name for group in names.values() for name in group})
        self._groups = [[found[name] for name in sorted(group) if name in found] for group in names.values()]
        self._group_of = {one: number for number, group in enumerate(self._groups) for one in group}
        self._later = [BitMap() for _ in live]  # sections of all documents but the first of each group
        for group in self._groups:
            for i, document in group[1:]:
                first_of = live[i].data.first
                self._later[i].add_range(first_of[document], first_of[document + 1])
        self._aligned: dict[int, bool] = {}

    @classmethod
    def of_few(
        cls, live: Sequence[LiveSegment], duplicates: Mapping[str, str], wanted: Sequence[BitMap]
    ) -> Copies | None:
        """Return the copies among the documents of few sections; None if looking them up takes longer than reading all.

        Reading the ids of all documents takes 45 ms in 1 GB of text.
        """
        if _FEW * sum(map(len, wanted)) > sum([one.data.documents for one in live]):
            return None
        names: set[str] = set()
        for one, held in zip(live, wanted, strict=True):
            names.update(one.data.document_id(document) for document, _ in one.data.by_document(held))
        originals = {duplicates.get(name, name) for name in names}
        return cls(live, {copy: original for copy, original in duplicates.items() if original in originals})

    def fold(self, wanted: Sequence[BitMap], grouped: bool) -> list[BitMap]:
        """Return the wanted sections that are shown.

        Of equal documents, the first of several equal sections is paired with
        the first in another document. With ``grouped``, all wanted sections
        of the first of equal documents are shown, and none of the others.
        """
        gone: list[list[int]] = [[] for _ in wanted]
        done: set[int] = set()
        for i, sections in enumerate(wanted):
            for document in self._documents_of(i, sections & self._later[i]):
                number = self._group_of[i, document]
                if number not in done:
                    done.add(number)
                    for segment, hidden in self._hidden(number, wanted, grouped):
                        gone[segment] += hidden
        return [one - BitMap(left_out) if left_out else one for one, left_out in zip(wanted, gone, strict=True)]

    def _hidden(self, number: int, wanted: Sequence[BitMap], grouped: bool) -> Iterator[tuple[int, list[int]]]:
        """Yield the wanted sections of a group's documents that are not shown, with their segment."""
        held = self._held(number, wanted)
        if grouped:
            yield from ((one.segment, one.sections) for one in held[1:])
        elif len(held) > 1:
            before: set[object] = set()
            for one in held:
                keys = self._keys(number, one)
                yield one.segment, [section for section, key in zip(one.sections, keys, strict=True) if key in before]
                before.update(keys)

    def named(self, hits: Iterable[ScoredKey], wanted: Sequence[BitMap], grouped: bool) -> Iterator[ScoredKey]:
        """Yield hits with the sections hidden in favour of them, given what ``fold`` was given.

        The hit of a document has the first wanted sections of the others.
        """
        paired: dict[int, dict[SectionPlace, list[SectionPlace]]] = {}  # by the number of the group
        for hit in hits:
            i, section = hit.key
            document = self._live[i].data.document_of(section)
            number = self._group_of.get((i, document))
            if number is None:
                yield hit
                continue
            if number not in paired:
                paired[number] = self._paired(number, wanted, grouped)
            place = SectionPlace(i, self._live[i].data.first[document] if grouped else section)
            others = paired[number].get(place)
            yield hit._replace(copies=tuple(map(self._name, others))) if others else hit

    def _paired(self, number: int, wanted: Sequence[BitMap], grouped: bool) -> dict[SectionPlace, list[SectionPlace]]:
        """Return the hidden sections of a group by the shown one, or by the first one of the shown document."""
        held = self._held(number, wanted)
        if grouped:
            shown = SectionPlace(held[0].segment, self._live[held[0].segment].data.first[held[0].document])
            return {shown: [SectionPlace(one.segment, one.sections[0]) for one in held[1:]]}
        together: dict[object, list[SectionPlace]] = {}
        for one in held:
            for section, key in zip(one.sections, self._keys(number, one), strict=True):
                together.setdefault(key, []).append(SectionPlace(one.segment, section))
        return {first: others for first, *others in together.values()}

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

    def _keys(self, number: int, held: _Held) -> Sequence[object]:
        """Return a value for each wanted section of a document, equal for equal sections of the group's documents."""
        data = self._live[held.segment].data
        if self._is_aligned(number):
            first = data.first[held.document]
            return [section - first for section in held.sections]
        times: dict[str, int] = {}
        keys = []
        for section in held.sections:
            text = reduce_folded(data.reduced(section))
            times[text] = times.get(text, 0) + 1
            keys.append((text, times[text]))
        return keys

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


def _found(live: Sequence[LiveSegment], names: set[str]) -> dict[str, tuple[int, int]]:
    """Return the segment and the number of each document, by id."""
    found = {}
    encoded = {name.encode("utf-8", "surrogatepass"): name for name in names}
    for i, one in enumerate(live):
        data = one.data
        if data.documents < _FEW * len(names):
            numbers = [(encoded[name], document) for document, name in enumerate(data.document_ids) if name in encoded]
        else:
            looked_up = ((name, data.find_document(name)) for name in names)
            numbers = [(name, document) for name, document in looked_up if document is not None]
        found.update({name: (i, document) for name, document in numbers if document not in one.removed})
    return found
