"""Folding of sections of documents with equal text: the first in order of ids is shown."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property, partial
from typing import NamedTuple

from pyroaring import BitMap

from policysearch.engines.protocol import ScoredKey
from policysearch.engines.tree import And, Contains, MatchAll, Node, Not, OfDocuments, Or, Range, ValueIn, Verified
from policysearch.engines.whoosh.damage import damage_named
from policysearch.engines.whoosh.equal_documents import (
    EqualDocuments,
    Group,
    group_at,
    group_starts,
    joined_groups,
    later_documents,
)
from policysearch.engines.whoosh.live_segment import Kept, LiveSegment
from policysearch.text.folding import reduce_folded

__all__ = ["Copies", "Folding", "SectionPlace"]

_MOST_KEPT = 2_000_000  # maximum size of the cache of filters, in documents


class SectionPlace(NamedTuple):
    """A section.

    Attributes:
        segment: Its segment's number.
        section: Its number there.
    """

    segment: int
    section: int


Document = tuple[int, int]
"""The number of a segment, and of a document in it."""


class _Held(NamedTuple):
    """The wanted sections of a document, ascending."""

    segment: int
    document: int
    sections: list[int]


class Folding:
    """Wanted sections without those that are hidden.

    Attributes:
        shown: The sections that are shown, of each segment.
        has_copies: Whether any section is hidden.
        copies_of: Returns the sections that are hidden in favour of one that is shown: with grouping, of the first one
            of a document.
    """

    def __init__(
        self,
        live: Sequence[LiveSegment],
        shown: list[BitMap],
        has_copies: bool,
        copies_of: Callable[[SectionPlace], Sequence[SectionPlace]],
    ) -> None:
        self._live = live
        self.shown = shown
        self.has_copies = has_copies
        self.copies_of = copies_of

    def named(self, hits: Iterable[ScoredKey], grouped: bool) -> Iterator[ScoredKey]:
        """Yield hits with the sections hidden in favour of them."""
        for hit in hits:
            i, section = hit.key
            if grouped:  # named by the first wanted section of the document
                data = self._live[i].data
                section = next(self.shown[i].iter_equal_or_larger(data.first[data.document_of(section)]))
            others = self.copies_of(SectionPlace(i, section))
            yield hit._replace(copies=tuple(map(self._name, others))) if others else hit

    def _name(self, place: SectionPlace) -> tuple[str, int]:
        """Return the document id and the ordinal of a section."""
        data = self._live[place.segment].data
        document = data.document_of(place.section)
        return data.document_id(document), place.section - data.first[document] + 1


class Copies:
    """The documents of a generation with equal text.

    Args:
        live: The segments of the generation.
        equal: Its documents with equal texts.

    Folding raises ``ValueError`` or ``IndexError`` for documents that do not exist.
    """

    def __init__(self, live: Sequence[LiveSegment], equal: EqualDocuments) -> None:
        self._live = live
        self._equal = equal
        self._filtered = Kept[tuple[Node, ...], _Filtered](_MOST_KEPT)

    def fold(self, wanted: Sequence[BitMap], node: Node, grouped: bool) -> Folding:
        """Return the sections that ``node`` selects without hidden ones.

        Of equal documents, the first of several equal sections is paired with
        the first in another document. With ``grouped``, all wanted sections
        of the first of equal documents are shown, and its first one is paired
        with the first ones of the others.
        """
        filters = _filters_of(node)
        if filters is None:
            return self._every.fold(wanted, grouped)
        # of documents with the same sections, all that pass the filters have the same ones of them selected
        among = self._among(filters)
        hidden = [sections & later for sections, later in zip(wanted, among.later, strict=True)]
        left = [sections - more if more else sections for sections, more in zip(wanted, hidden, strict=True)]
        others = self._others.fold(left, grouped)

        def copies_of(place: SectionPlace) -> Sequence[SectionPlace]:
            data = self._live[place.segment].data
            document = data.document_of(place.section)
            group = among.group_of((place.segment, document))
            if group is None:
                return others.copies_of(place)
            at = place.section - data.first[document]
            return [SectionPlace(i, self._live[i].data.first[other] + at) for i, other in group[1:]]

        return Folding(self._live, others.shown, others.has_copies or any(hidden), copies_of)

    def _among(self, filters: tuple[Node, ...]) -> _Filtered:
        """Return the documents with the same sections that pass some filters."""
        found = self._filtered.get(filters)
        if found is None:
            found = _Filtered(self._live, self._passing(filters) if filters else self._equal.alike)
            self._filtered.keep(filters, found, len(found.joined))
        return found

    def _passing(self, filters: tuple[Node, ...]) -> Sequence[int]:
        """Return the groups of those of the documents with the same sections that pass some filters."""
        passing = list(map(partial(_selected, And(filters)), self._live))
        first = [live.data.first for live in self._live]
        joined = self._equal.alike
        groups = (group_at(joined, at) for at in group_starts(joined))
        return joined_groups([(i, d) for i, d in group if first[i][d] in passing[i]] for group in groups)

    @cached_property
    def _others(self) -> _Each:
        return _Each(self._live, self._equal.others)

    @cached_property
    def _every(self) -> _Each:
        return _Each(self._live, (*self._equal.alike, *self._equal.others))


class _Filtered:
    """Documents with the same sections that filters select.

    Attributes:
        joined: Their groups; see ``EqualDocuments``.
        later: Of each segment, the sections of all but the first of each group.
    """

    def __init__(self, live: Sequence[LiveSegment], joined: Sequence[int]) -> None:
        self.joined = joined
        self.later = _later(live, joined)

    def group_of(self, document: Document) -> Group | None:
        """Return the group of which a document is the first, None if there is none."""
        at = self._starts.get(document)
        return None if at is None else group_at(self.joined, at)

    @cached_property
    def _starts(self) -> dict[Document, int]:
        joined = self.joined
        return {(joined[at + 1], joined[at + 2]): at for at in group_starts(joined)}


class _Each:
    """Folds groups of equal documents whose sections may differ, or may not all be selected, one by one."""

    def __init__(self, live: Sequence[LiveSegment], joined: Sequence[int]) -> None:
        self._live = live
        self._groups = [group_at(joined, at) for at in group_starts(joined)]
        self._group_of = {one: number for number, group in enumerate(self._groups) for one in group}
        self._later = _later(live, joined)
        self._aligned: dict[int, bool] = {}

    def fold(self, wanted: Sequence[BitMap], grouped: bool) -> Folding:
        """Return wanted sections without hidden ones."""
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
        left = [one - BitMap(left_out) if left_out else one for one, left_out in zip(wanted, gone, strict=True)]
        return Folding(self._live, left, bool(copies), lambda place: copies.get(place, ()))

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


def _selected(node: Node, live: LiveSegment) -> BitMap:
    with damage_named(live):
        return live.select(node)


def _later(live: Sequence[LiveSegment], joined: Sequence[int]) -> list[BitMap]:
    """Return the sections of each segment of all documents but the first of each group."""
    found = [BitMap() for _ in live]
    first = [one.data.first for one in live]
    for i, document in later_documents(joined):
        found[i].add_range(first[i][document], first[i][document + 1])
    return found


def _filters_of(node: Node) -> tuple[Node, ...] | None:
    """Return the parts of a node that select documents, if all others depend on the contents of sections only."""
    kind = _kind(node)
    if kind is not None:
        return (node,) if kind == "document" else ()
    if isinstance(node, Verified):
        return _filters_of(node.candidates)
    if not isinstance(node, And):
        return None
    found: list[Node] = []
    for child in node.children:
        more = _filters_of(child)
        if more is None:
            return None
        found += more
    return tuple(found)


def _kind(node: Node) -> str | None:
    """Return whether a node selects documents, or sections by their contents; None for both or neither."""
    match node:
        case Contains(_, "title") | Range() | OfDocuments():
            return "document"
        case ValueIn(field, _):
            return "section" if field == "part" else "document"
        case Contains() | MatchAll():
            return "section"
        case Not(child):
            return _kind(child)
        case And(children) | Or(children):
            kinds = set(map(_kind, children)) or {"section"}
            return kinds.pop() if len(kinds) == 1 else None
        case Verified(candidates, _):
            return "section" if _kind(candidates) == "section" else None
    return None
