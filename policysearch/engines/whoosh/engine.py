"""The Whoosh engine, open for reading."""

from __future__ import annotations

import heapq
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property, partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from pyroaring import BitMap

from policysearch.engines import scoring
from policysearch.engines.protocol import (
    Accepts,
    Answer,
    DocumentTexts,
    Frequencies,
    Request,
    ScoredKey,
    Stored,
    TermScore,
)
from policysearch.engines.tree import Node, ScoredGroup, Term, owned_terms
from policysearch.engines.whoosh.copies import Copies, SectionPlace
from policysearch.engines.whoosh.damage import DAMAGE, corrupt_segment, damage_named
from policysearch.engines.whoosh.generations import SegmentName, other_equal, read_current, refuse_other_counts
from policysearch.engines.whoosh.live_segment import LiveSegment
from policysearch.engines.whoosh.orders import merged, ranks_of
from policysearch.engines.whoosh.ranking import Best, PlainRanker, Ranker, Weighted, Weights, best_of_documents
from policysearch.engines.whoosh.records import KeptRecords, stored
from policysearch.engines.whoosh.segment_reader import GRAMS, WORDS, Segment
from policysearch.errors import IndexClosedError, IndexUnusableError

if TYPE_CHECKING:
    from policysearch.engines.joined_texts import JoinedTexts
    from policysearch.engines.section_table import SectionTable
    from policysearch.engines.whoosh.generations import Generation

__all__ = ["WhooshEngine"]

_PLAIN_SEARCHES = 3  # number of requests after which importing numpy is worthwhile


def _opened(folder: Path, name: SegmentName) -> LiveSegment:
    segment = Segment(folder / name.name, name.size, name.seal)
    try:
        return LiveSegment(segment, name.removed)
    except DAMAGE as error:
        raise corrupt_segment(segment, error) from error


class _Closed(list[LiveSegment]):
    """Replaces the segments of an index when it is closed.

    So a thread never mistakes an index that another thread closed for an empty one: it has the segments already, or
    gets an error.
    """

    def _refuse(self, *_: object) -> NoReturn:
        raise IndexClosedError

    __iter__ = __len__ = __getitem__ = _refuse


class WhooshEngine:
    """One generation of the index in a folder, by default the published one; its segments are mapped into memory.

    Raises ``IndexUnusableError`` when there is no index that can be used.
    """

    def __init__(self, folder: Path, generation: Generation | None = None) -> None:
        self.folder = folder
        self._searches = 0
        self._rankers: dict[int, Ranker] = {}
        self._known_norms: dict[tuple[str, bool], tuple[float, ...]] = {}
        self._known_ranks: dict[tuple[str, str], list[int]] = {}
        # a writer may remove the files of a generation between our reading of CURRENT and opening them
        for _ in range(20):
            self.generation = generation or read_current(folder)
            try:
                self._live = [_opened(folder, name) for name in self.generation.segments]
                refuse_other_counts(folder, self.generation.description, self._live)
                self._records = KeptRecords(self.generation.duplicates)
                break
            except IndexUnusableError:
                if generation or read_current(folder).number == self.generation.number:
                    raise
        else:
            raise IndexUnusableError(f"The index at '{folder}' changes faster than it can be opened. Try again later.")

    @property
    def description(self) -> Mapping[str, Any]:
        """Versions, fingerprints, roots and counts of the index."""
        return {"generation": self.generation.number, **self.generation.description}

    @property
    def duplicates(self) -> Mapping[str, str]:
        """The id of each document with the same text as an earlier one, and the id of the first one."""
        return self.generation.duplicates

    def verify(self) -> None:
        """Raise ``IndexUnusableError`` when a segment is corrupt."""
        for live in self._live:
            broken = list(live.data.file.broken_regions())
            if broken:
                raise live.data.file.corrupt(f"its checksums are wrong ({', '.join(broken)})")

    def close(self) -> None:
        """Release the segments. Any later call raises ``IndexClosedError``."""
        self._live = _Closed()
        self._rankers = {}
        self._records = KeptRecords({})

    @property
    def segments(self) -> tuple[LiveSegment, ...]:
        """The segments, in the order in which keys of hits number them."""
        return tuple(self._live)

    # ranking

    def prepare(self) -> None:
        """Load numpy, and the data that it ranks by."""
        import policysearch.engines.whoosh.ranking_numpy  # noqa: F401

        for i in range(len(self._live)):
            with damage_named(self._live[i]):
                self._ranker(i)

    def _ranker(self, i: int) -> Ranker:
        ranker = self._rankers.get(i)
        if ranker is None or (self._searches > _PLAIN_SEARCHES and isinstance(ranker, PlainRanker)):
            live = self._live[i]
            if self._searches <= _PLAIN_SEARCHES and "numpy" not in sys.modules:
                ranker = self._rankers[i] = PlainRanker(live)
            else:
                from policysearch.engines.whoosh.ranking_numpy import ArrayRanker

                arrays = ranker = self._rankers[i] = ArrayRanker(live)
                live.arrays = arrays.terms
        return ranker

    @cached_property
    def _statistics(self) -> dict[str, tuple[int, int, int]]:
        """For each field: live sections that have it, live documents that have it, and the sum of their lengths."""
        found = {}
        for name in (WORDS, GRAMS):
            totals = [0, 0, 0]
            for live in self._live:
                with damage_named(live):
                    for i, more in enumerate(live.lengths(name)):
                        totals[i] += more
            found[name] = (totals[0], totals[1], totals[2])
        return found

    def _typed(self, groups: Sequence[ScoredGroup], documents: bool) -> dict[str, Weighted]:
        """Return each group as typed, with its weight among sections or among documents."""
        return {group.text: self._weighted_group(group.text, documents) for group in groups if group.text}

    def _weights(
        self,
        groups: Sequence[ScoredGroup],
        typed: Mapping[str, Weighted],
        exact_boost: float,
        documents: bool,
        wanted: Sequence[BitMap] | None = None,
    ) -> Weights:
        """Return the weights among sections or among documents, without terms that occur nowhere.

        Given the wanted sections of each segment, terms that score in none of them are dropped too, which speeds up a
        search for a word or a phrase.
        """
        everywhere = wanted is not None and all(group.text and typed[group.text].weight for group in groups)
        if everywhere and self._stand([group.text for group in groups], wanted or ()):
            exact_boosts = tuple([exact_boost if group.raises else 0.0 for group in groups])
            return Weights(tuple([typed[group.text] for group in groups]), exact_boosts)
        standing, owned = owned_terms(groups, lambda text: typed[text].weight > 0)
        terms = []
        of = []
        score: dict[tuple[int, ...] | None, bool] = {None: True}
        for term, owners in owned.items():
            if owners not in score:
                score[owners] = wanted is None or not self._stand([standing[i].text for i in owners or ()], wanted)
            if score[owners] and (one := self._weighted(term, documents)).weight:
                terms.append(one)
                of.append(owners)
        exact_boosts = tuple([exact_boost if group.raises else 0.0 for group in standing])
        return Weights(tuple([typed[group.text] for group in standing]), exact_boosts, tuple(terms), tuple(of))

    def _stand(self, texts: Sequence[str], wanted: Sequence[BitMap]) -> bool:
        """Return whether all wanted sections contain all of some texts as typed."""
        for live, sections in zip(self._live, wanted, strict=True):
            with damage_named(live):
                if not all(sections.issubset(live.with_text(text)) for text in texts):
                    return False
        return True

    def _weighted(self, term: Term, documents: bool) -> Weighted:
        document_frequency = self._document_frequency(term, documents)
        having = self._statistics[term.field][int(documents)]
        weight = term.weight * scoring.idf(having, document_frequency) if document_frequency else 0.0
        return Weighted(term.field, term.text, weight, self._norms(term.field, documents))

    def _weighted_group(self, text: str, documents: bool) -> Weighted:
        document_frequency = self._document_frequency(Term("text", text), documents)
        having = self._statistics[WORDS][int(documents)]
        return Weighted(
            WORDS,
            text,
            scoring.idf(having, document_frequency) if document_frequency else 0.0,
            self._norms(WORDS, documents),
        )

    def _document_frequency(self, term: Term, documents: bool) -> int:
        """Return the number of sections or documents that contain a term, or a text as typed."""
        document_frequency = 0
        for i, live in enumerate(self._live):
            with damage_named(live):
                if term.field == "text":
                    ranker = self._ranker(i)
                    document_frequency += (ranker.documents_having if documents else ranker.sections_having)(term.text)
                elif documents:
                    document_frequency += self._ranker(i).documents_with_term(term.field, term.text)
                else:
                    document_frequency += live.terms.document_frequency(term.field, term.text)
        return document_frequency

    def _norms(self, field: str, documents: bool) -> tuple[float, ...]:
        key = (field, documents)
        found = self._known_norms.get(key)
        if found is None:
            having, total = self._statistics[field][int(documents)], self._statistics[field][2]
            found = self._known_norms[key] = scoring.norms(total / having if having else 0.0)
        return found

    def search(self, request: Request) -> Answer:
        """Answer a request."""
        by_score, grouped = request.sort == "score", request.group == "document"
        scored = (by_score or grouped) and request.limit != 0  # in any order a document is shown by its best section
        self._searches += scored  # counting alone is as fast without numpy
        # first, so that the sections of a group as typed are cached for the selection
        typed = self._typed(request.groups, documents=False) if scored else {}
        wanted = []
        for live in self._live:
            with damage_named(live):
                wanted.append(live.select(request.node))
        stop = None if request.limit is None else request.offset + request.limit
        total = distinct = self._count(wanted, grouped)
        folded = None
        if request.fold and total and self.generation.duplicates:
            try:
                folded = self._copies.fold(wanted, request.node, grouped)
            except (IndexError, ValueError) as error:
                raise other_equal(self.folder) from error
            wanted = folded.shown
            distinct = self._count(wanted, grouped) if folded.has_copies else total
        weights = Weights()
        if scored and total:
            weights = self._weights(request.groups, typed, request.exact_boost, documents=False, wanted=wanted)
        hits: tuple[ScoredKey, ...] = ()
        if total and (stop is None or request.offset < min(stop, distinct)):
            order = self._in_order(request, wanted, weights if by_score else Weights(), stop)
            hits = tuple(islice(order, request.offset, stop))
            if not by_score and (weights.terms or weights.groups):
                hits = tuple(self._by_best_sections(hits, wanted, weights))
            if folded is not None and folded.has_copies:
                hits = tuple(folded.named(hits, grouped))
        return Answer(total, hits, total - distinct)

    def _count(self, wanted: Sequence[Any], grouped: bool) -> int:
        return sum([self._ranker(i).documents_of(one) if grouped else len(one) for i, one in enumerate(wanted)])

    @cached_property
    def _copies(self) -> Copies:
        return Copies(self._live, self.generation.equal)

    def _in_order(
        self, request: Request, wanted: Sequence[Any], weights: Weights, count: int | None
    ) -> Iterator[ScoredKey]:
        """Yield hits in the requested order; at least the first ``count``."""
        grouped = request.group == "document"
        whole = Weights()
        if grouped and (weights.terms or weights.groups):
            whole = self._weights(request.groups, self._typed(request.groups, documents=True), 0.0, documents=True)
        lists: list[list[Best]] = []
        alone = len(self._live) == 1
        for i, (live, sections) in enumerate(zip(self._live, wanted, strict=True)):
            if not sections:
                lists.append([])
                continue
            with damage_named(live):
                ranker = self._ranker(i)
                if request.sort not in ("score", "document"):
                    best = ranker.by_column(sections, self._ranks(live, request.sort), count, grouped)
                elif grouped:
                    best = ranker.documents(sections, weights, whole, count)
                else:
                    best = ranker.sections(sections, weights, count)
                if alone:
                    yield from (ScoredKey(SectionPlace(i, section), score, held) for score, section, held in best)
                    return
                lists.append(best)
        yield from merged(lists, [live.data for live in self._live], request.sort, self.name)

    def _by_best_sections(
        self, hits: Sequence[ScoredKey], wanted: Sequence[BitMap], weights: Weights
    ) -> Iterator[ScoredKey]:
        """Yield documents in the same order, each with its best section instead of its first one."""
        chosen: dict[int, list[int]] = {}
        for hit in hits:
            chosen.setdefault(hit.key.segment, []).append(hit.key.section)
        best: dict[SectionPlace, SectionPlace] = {}
        for i, sections in chosen.items():
            with damage_named(self._live[i]):
                found = best_of_documents(self._ranker(i), self._live[i].data, sections, wanted[i], weights)
            best.update((SectionPlace(i, one), SectionPlace(i, other)) for one, other in found.items())
        return (hit._replace(key=best[hit.key]) for hit in hits)

    def explain(self, key: Any | None, groups: Sequence[ScoredGroup], group: str) -> tuple[TermScore, ...]:
        """Return the score of each group as typed, then of each term, in a hit; without a key, their weights."""
        from policysearch.engines.whoosh.explain import parts

        documents = group == "document"
        weights = self._weights(groups, self._typed(groups, documents), 0.0, documents)
        terms = {(term.field, term.text): term for one in groups for term in one.terms}
        named = [(Term("text", one.text), one) for one in weights.groups]
        named += [(terms[one.field, one.text], one) for one in weights.terms]
        document_frequency = [self._document_frequency(term, documents) for term, _ in named]
        having = [self._statistics[one.field][int(documents)] for _, one in named]
        idfs = list(map(scoring.idf, having, document_frequency))
        return tuple(parts(self._live, weights, named, document_frequency, idfs, key, documents))

    def _ranks(self, live: LiveSegment, sort: str) -> Sequence[int]:
        """Return the rank of each document of a segment in an order."""
        key = (live.data.name, sort)
        found = self._known_ranks.get(key)
        if found is None:
            found = self._known_ranks[key] = ranks_of(live.data, sort)
        return found

    # stored fields

    def stored(self, keys: Iterable[Any]) -> list[Stored]:
        """Return the sections of the keys of hits."""
        segments, section = self._live, self._records.section
        return [section(key, segments[key[0]].data) for key in keys]

    def name(self, key: Any) -> tuple[str, int]:
        """Return the document id and the ordinal of a key's section."""
        live = self._live[key.segment]
        with damage_named(live):
            data = live.data
            number = data.document_of(key.section)
            return data.document_id(number), key.section - data.first[number] + 1

    def ids(self, node: Node) -> list[str]:
        """Return the ids of all sections that ``node`` selects, in order of documents and sections."""
        found: list[tuple[str, list[str]]] = []
        for live in self._live:
            with damage_named(live):
                found += live.data.ids(live.select(node))
        found.sort()  # those of one segment are in order
        return [one for _, ids in found for one in ids]

    def values(self, field: str) -> Sequence[Any]:
        """Return the distinct values of a document field, without null."""
        found: dict[Any, None] = {}
        for live in self._live:
            with damage_named(live):
                if field == "document_id":
                    found.update((live.data.document_id(number), None) for number in live.live_documents)
                    continue
                values, codes = live.data.column(field)
                if live.removed:
                    values = [values[code] for code in {codes[document] for document in live.live_documents}]
                found.update(dict.fromkeys(values))
        found.pop(None, None)
        return list(found)

    def find_document(self, document_id: str) -> tuple[Any, ...]:
        """Return the keys of a document's sections in order."""
        i, sections = self._sections_of(document_id)
        return tuple(SectionPlace(i, section) for section in sections)

    def _sections_of(self, document_id: str) -> tuple[int, range]:
        """Return in which segment a document is, and its sections there; no sections for an unknown document."""
        for i, live in enumerate(self._live):
            with damage_named(live):
                number = live.data.find_document(document_id)
                if number is not None and number not in live.removed:
                    return i, range(live.data.first[number], live.data.first[number + 1])
        return 0, range(0)

    def numbers(self, document_id: str) -> Sequence[str | None]:
        """Return the numbers of a document's sections in order; empty for an unknown document."""
        i, sections = self._sections_of(document_id)
        if not sections:
            return ()
        with damage_named(self._live[i]):
            return list(map(self._live[i].data.number, sections))

    def _selected(self, node: Node) -> Iterator[tuple[LiveSegment, int, list[int]]]:
        """Yield (segment, document, its selected sections) in order of the documents' ids."""

        def listed(i: int, live: LiveSegment) -> Iterator[tuple[str, int, int, list[int]]]:
            with damage_named(live):
                for number, own in live.data.by_document(live.select(node)):
                    yield live.data.document_id(number), i, number, own

        listings = [listed(i, live) for i, live in enumerate(self._live)]
        return ((self._live[i], number, own) for _, i, number, own in heapq.merge(*listings))

    def stream(self, node: Node) -> Iterator[Stored]:
        """Yield all sections that ``node`` selects, in order of their ids."""
        for live, number, sections in self._selected(node):
            with damage_named(live):
                document = self._records.document(live.data, number)
                for section in sections:
                    yield stored(live.data, section, number, document)

    def texts(self, node: Node) -> Iterator[DocumentTexts]:
        """Yield the documents with a section that ``node`` selects, in order of their ids."""
        for live, number, sections in self._selected(node):
            with damage_named(live):
                segment = live.data
                names, parts = segment.figures["parts"], segment.parts
                reduced = segment.reduced_texts(sections)
                yield DocumentTexts(
                    self._records.document(live.data, number),
                    tuple(names[parts[s]] for s in sections),
                    reduced,
                    tuple([s - segment.first[number] + 1 for s in sections]),
                    partial(_line_breaks, live, sections, reduced),
                )

    def frequencies(self, node: Node, accepts: Accepts | None = None) -> Frequencies:
        """Return the frequencies in the sections that ``node`` selects, of documents that ``accepts`` accepts."""
        from policysearch.engines.whoosh.frequencies import PostingFrequencies

        return PostingFrequencies(self._accepted(node, accepts))

    def joined_texts(self, node: Node, accepts: Accepts | None, characters: int) -> Iterator[JoinedTexts]:
        """Yield the texts of the same sections, of about so many characters at a time, in no particular order."""
        from policysearch.engines.whoosh.joining import joined_texts

        for live, sections in self._accepted(node, accepts):
            with damage_named(live):
                yield from joined_texts(live, sections, characters)

    def section_tables(self, node: Node, accepts: Accepts | None = None) -> Iterator[SectionTable]:
        """Yield the same sections as arrays, of all segments in a fixed order, also of those without any."""
        from policysearch.engines.whoosh.section_tables import segment_counts

        for i, (live, sections) in enumerate(self._accepted(node, accepts)):
            with damage_named(live):
                yield segment_counts(live).table(sections, self._repeats[i])

    @cached_property
    def _repeats(self) -> list[list[int]]:
        """The documents of each segment that repeat the text of another."""
        return self.generation.equal.later(len(self._live))

    def _accepted(self, node: Node, accepts: Accepts | None) -> Iterator[tuple[LiveSegment, BitMap]]:
        for live in self._live:
            with damage_named(live):
                sections = live.select(node)
                if accepts is not None:
                    sections = sections.copy()
                    for number in live.documents_with(sections):
                        if not accepts(self._records.document(live.data, number)):
                            sections.remove_range(live.data.first[number], live.data.first[number + 1])
                yield live, sections

    def facets(self, node: Node, fields: Sequence[str]) -> Mapping[str, Mapping[Any, tuple[int, int]]]:
        """Return, for each field and each of its values, the numbers of selected sections and of their documents."""
        from policysearch.engines.whoosh.facets import tallied

        return tallied(self._live, node, fields)

    def documents(self, node: Node) -> Iterator[tuple[Mapping[str, Any], int]]:
        """Yield the metadata of the same documents, each with its number of selected sections."""
        for live, number, sections in self._selected(node):
            with damage_named(live):
                yield self._records.document(live.data, number), len(sections)


def _line_breaks(live: LiveSegment, sections: Sequence[int], reduced: Sequence[str]) -> list[Sequence[int]]:
    with damage_named(live):
        return list(map(live.data.line_breaks, sections, reduced))
