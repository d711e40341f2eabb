"""The Whoosh engine, open for reading."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from policysearch import scoring
from policysearch.engine import Answer, DocumentTexts, Ranked, Request, Stored
from policysearch.engines.whoosh.evaluation import LiveSegment, Weighted
from policysearch.engines.whoosh.generations import SegmentName, read_current
from policysearch.engines.whoosh.segment import GRAMS, WORDS, Segment
from policysearch.errors import IndexUnusableError
from policysearch.tree import Node, Term

__all__ = ["WhooshEngine"]

# What damaged postings, offsets or records raise when they are used.
_DAMAGE = (ValueError, IndexError, KeyError, TypeError, OverflowError)


class _Key(NamedTuple):
    segment: int
    section: int


@contextmanager
def _damage_named(live: LiveSegment) -> Iterator[None]:
    try:
        yield
    except _DAMAGE as error:
        raise live.data.file.damaged(f"what it holds makes no sense ({error})") from error


def _opened(folder: Path, name: SegmentName) -> LiveSegment:
    segment = Segment(folder / name.name, name.size, name.seal)
    try:
        return LiveSegment(segment, name.removed)
    except _DAMAGE as error:
        raise segment.file.damaged(f"what it holds makes no sense ({error})") from error


class WhooshEngine:
    """One generation of the index in a folder.

    Opening it reads one small file and maps the segments into memory.
    Raises ``IndexUnusableError`` when there is no index that can be used.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        # a writer may remove the files of a generation between our reading of CURRENT and opening them
        for _ in range(20):
            self.generation = read_current(folder)
            try:
                self._live = [_opened(folder, name) for name in self.generation.segments]
                break
            except IndexUnusableError:
                if read_current(folder).number == self.generation.number:
                    raise
        else:
            raise IndexUnusableError(f"The index at '{folder}' changes faster than it can be opened.")

    @property
    def description(self) -> Mapping[str, Any]:
        """What the index is made of."""
        return {"generation": self.generation.number, **self.generation.description}

    def close(self) -> None:
        """Let go of the segments."""
        self._live = []

    def whoosh_reader(self) -> Any:
        """Return a Whoosh reader of this generation, for Whoosh's own queries and searchers."""
        from policysearch.engines.whoosh.codec import open_reader

        return open_reader(self._live)

    # statistics of live sections

    @cached_property
    def _statistics(self) -> dict[str, tuple[int, int]]:
        """For each field: sections that have it, and the sum of their lengths."""
        found = {}
        for name in (WORDS, GRAMS):
            sections = total = 0
            for live in self._live:
                lengths = live.data.lengths[name]
                kept = [lengths[s] for s in live.all] if live.removed else lengths.tolist()
                sections += len(kept) - kept.count(0)
                total += sum(kept)
            found[name] = (sections, total)
        return found

    def _weighted(self, terms: Sequence[Term]) -> list[Weighted]:
        weighted = []
        norms = {
            name: scoring.norms(total / sections if sections else 0.0)
            for name, (sections, total) in self._statistics.items()
        }
        for term in terms:
            holding = 0
            for live in self._live:
                with _damage_named(live):
                    holding += live.holding(term.field, term.text)
            if holding:
                weight = term.weight * scoring.idf(self._statistics[term.field][0], holding)
                weighted.append(Weighted(term.field, term.text, weight, norms[term.field]))
        return weighted

    # searching

    def search(self, request: Request) -> Answer:
        """Answer a request."""
        wanted = []
        for live in self._live:
            with _damage_named(live):
                wanted.append(live.select(request.node))
        if request.group == "document":
            return self._search_documents(request, wanted)
        total = sum(map(len, wanted))
        stop = None if request.limit is None else request.offset + request.limit
        hits = islice(self._in_order(request, wanted, stop), request.offset, stop)
        return Answer(total, tuple(Ranked(_Key(i, s), score) for score, i, s in hits))

    def _in_order(self, request: Request, wanted: Sequence[Any], count: int | None) -> Iterator[tuple[float, int, int]]:
        """Yield (score, segment, section) in the order asked for; at least the first ``count``."""
        weighted = self._weighted(request.terms) if request.sort == "score" else []
        lists = []
        for i, (live, sections) in enumerate(zip(self._live, wanted, strict=True)):
            with _damage_named(live):
                if request.sort in ("score", "document"):
                    lists.append(self._ranked(i, request, sections, weighted, count))
                else:
                    lists.append(self._by_value(i, request.sort, sections))
        for _, score, i, s in heapq.merge(*lists):
            yield score, i, s

    def _ranked(
        self, i: int, request: Request, sections: Any, weighted: Sequence[Weighted], count: int | None
    ) -> list[tuple[tuple[Any, ...], float, int, int]]:
        live = self._live[i]
        bonuses = [(live.select(node), request.bonus) for node in request.exact] if request.sort == "score" else []
        segment = live.data
        return [
            ((-score, segment.document_id(segment.document_of(s)), s), score, i, s)
            for score, s in live.best(sections, weighted, bonuses, count)
        ]

    def _by_value(self, i: int, sort: str, sections: Any) -> list[tuple[tuple[Any, ...], float, int, int]]:
        """Return the sections by a value of their documents; those without it come last."""
        segment = self._live[i].data
        name = sort.lstrip("-").replace("date", "when")
        values = segment.column_values[name]
        column = segment.column(name)
        ranked = []
        for s in sections:
            document = segment.document_of(s)
            value = values[column[document]]
            order = _sortable(value, descending=sort.startswith("-"))
            ranked.append(((order, segment.document_id(document), s), 0.0, i, s))
        ranked.sort()
        return ranked

    def _search_documents(self, request: Request, wanted: Sequence[Any]) -> Answer:
        """Answer with the best section of each document."""
        counts: dict[tuple[int, int], int] = {}
        for i, sections in enumerate(wanted):
            document_of = self._live[i].data.document_of
            for s in sections:
                key = (i, document_of(s))
                counts[key] = counts.get(key, 0) + 1
        hits: list[Ranked] = []
        seen: set[tuple[int, int]] = set()
        stop = None if request.limit is None else request.offset + request.limit
        for score, i, s in self._in_order(request, wanted, None):
            if stop is not None and len(hits) >= stop:
                break
            key = (i, self._live[i].data.document_of(s))
            if key not in seen:
                seen.add(key)
                hits.append(Ranked(_Key(i, s), score, counts[key]))
        return Answer(len(counts), tuple(hits[request.offset :]))

    # what is stored

    def stored(self, key: Any) -> Stored:
        """Return the section behind the key of a hit."""
        live = self._live[key.segment]
        with _damage_named(live):
            return self._stored(live, key.section, None)

    def _stored(self, live: LiveSegment, section: int, document: Mapping[str, Any] | None) -> Stored:
        segment = live.data
        number = segment.document_of(section)
        reduced = segment.reduced(section)
        own_number, heading, level, page, path = segment.record(section)
        return Stored(
            self._document(live, number) if document is None else document,
            section - segment.first[number] + 1,
            segment.first[number + 1] - segment.first[number],
            own_number,
            heading,
            level,
            path,
            segment.figures["parts"][segment.parts[section]],
            segment.starts[section],
            page,
            reduced,
            segment.text(section, reduced),
        )

    def _document(self, live: LiveSegment, number: int) -> dict[str, Any]:
        fields = live.data.document(number)
        fields["duplicate_of"] = self.generation.duplicates.get(fields["document_id"])
        return fields

    def values(self, field: str) -> Sequence[Any]:
        """Return a document field's distinct values, null left out."""
        found: dict[Any, None] = {}
        for live in self._live:
            with _damage_named(live):
                found.update(dict.fromkeys(live.data.column_values[field]))
        found.pop(None, None)
        return list(found)

    def find_document(self, document_id: str) -> tuple[Any, ...]:
        """Return the keys of a document's sections in order."""
        for i, live in enumerate(self._live):
            with _damage_named(live):
                number = live.data.find_document(document_id)
                if number is not None and number not in live.removed:
                    first = live.data.first
                    return tuple(_Key(i, s) for s in range(first[number], first[number + 1]))
        return ()

    def _documents_in_order(self) -> Iterator[tuple[LiveSegment, int, int]]:
        """Yield (segment, its place, document) of all live documents in order of their ids."""

        def listed(i: int, live: LiveSegment) -> Iterator[tuple[str, int, int]]:
            for number in live.live_documents:
                yield live.data.document_id(number), i, number

        for _, i, number in heapq.merge(*(listed(i, live) for i, live in enumerate(self._live))):
            yield self._live[i], i, number

    def _selected(self, node: Node) -> Iterator[tuple[LiveSegment, int, list[int]]]:
        """Yield (segment, document, its selected sections) in order of the documents' ids."""
        wanted = []
        for live in self._live:
            with _damage_named(live):
                wanted.append(live.select(node))
        for live, i, number in self._documents_in_order():
            with _damage_named(live):
                first = live.data.first
                sections = list(_within(wanted[i], first[number], first[number + 1]))
            if sections:
                yield live, number, sections

    def stream(self, node: Node) -> Iterator[Stored]:
        """Yield all sections that ``node`` selects, in order of their ids."""
        for live, number, sections in self._selected(node):
            with _damage_named(live):
                document = self._document(live, number)
                for section in sections:
                    yield self._stored(live, section, document)

    def texts(self, node: Node) -> Iterator[DocumentTexts]:
        """Yield the documents of which ``node`` selects a section, in order of their ids."""
        for live, number, sections in self._selected(node):
            with _damage_named(live):
                segment = live.data
                names, parts = segment.figures["parts"], segment.parts
                yield DocumentTexts(
                    self._document(live, number),
                    tuple(names[parts[s]] for s in sections),
                    tuple(map(segment.reduced, sections)),
                )

    def documents(self, node: Node) -> Iterator[tuple[Mapping[str, Any], int]]:
        """Yield the same documents' metadata, and how many sections are selected of each."""
        for live, number, sections in self._selected(node):
            with _damage_named(live):
                yield self._document(live, number), len(sections)


def _within(sections: Any, start: int, end: int) -> Iterator[int]:
    for s in sections.iter_equal_or_larger(start):
        if s >= end:
            return
        yield s


def _sortable(value: Any, descending: bool) -> tuple[Any, ...]:
    """Return what sorts values rising or falling, with None last either way."""
    if value is None:
        return (1,)
    if not descending:
        return (0, value)
    if isinstance(value, str):
        return (0, tuple(-ord(c) for c in value), 1)
    return (0, -value)
