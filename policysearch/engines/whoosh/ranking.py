"""Scores of the sections and documents of a segment, and the best of them, in plain Python.

A single search uses this module, because importing numpy takes longer than a
search. A program that runs more queries is switched to ``ranking_numpy``,
which gives the same floats to the last bit, because each score is the same sum
in the same order.
"""

from __future__ import annotations

import heapq
from bisect import bisect_left
from collections.abc import Sequence
from itertools import chain, groupby, islice
from itertools import count as count_from
from math import isqrt
from typing import Any, NamedTuple, Protocol

from pyroaring import BitMap

from policysearch.engines.scoring import HEADING_FACTOR
from policysearch.engines.whoosh.live_segment import LiveSegment
from policysearch.engines.whoosh.segment_reader import Segment

__all__ = ["Best", "PlainRanker", "Ranker", "Weighted", "Weights", "best_of_documents"]

_MANY = 300  # number of sections from which leaving some unscored is faster


class Weighted(NamedTuple):
    """A scored term, or a group as typed, with its weight over the entire index.

    Attributes:
        field: ``words`` or ``grams``; ``words`` for a group, whose lengths it is scored by.
        text: The term.
        weight: Its own weight times its idf; 0 when it occurs nowhere.
        norms: Per length byte, the value added to the frequency in the denominator.
    """

    field: str
    text: str
    weight: float
    norms: tuple[float, ...]


class Weights(NamedTuple):
    """The weighted groups and terms of a query, with their weights over the entire index.

    Attributes:
        groups: Groups as typed that occur somewhere.
        exact_boosts: For each group, the boost of a section that contains it.
        terms: Terms that occur somewhere.
        owners: For each term, the groups that it belongs to; it scores where one of them does not occur. None for a
            term that always scores.
    """

    groups: tuple[Weighted, ...] = ()
    exact_boosts: tuple[float, ...] = ()
    terms: tuple[Weighted, ...] = ()
    owners: tuple[tuple[int, ...] | None, ...] = ()


class Best(NamedTuple):
    """One of the best sections of a segment, or the best section of one of its best documents.

    Attributes:
        score: Its score, or the document's.
        section: Its number in the segment.
        sections: Number of matching sections of the document; 1 when sections are ranked.
    """

    score: float
    section: int
    sections: int = 1


class Ranker(Protocol):
    """Ranks the sections and documents of one segment."""

    def documents_with_term(self, field: str, term: str) -> int:
        """Return the number of live documents that contain a term."""

    def sections_having(self, text: str) -> int:
        """Return the number of live sections that have a text as typed."""

    def documents_having(self, text: str) -> int:
        """Return the number of live documents that have a text as typed."""

    def documents_of(self, wanted: BitMap) -> int:
        """Return the number of documents with a wanted section."""

    def sections(self, wanted: BitMap, weights: Weights, count: int | None) -> list[Best]:
        """Return the best ``count`` of the wanted sections, best first, equal scores by section."""

    def documents(self, wanted: BitMap, weights: Weights, whole: Weights, count: int | None) -> list[Best]:
        """Return the best ``count`` documents that have a wanted section, each by its best section.

        A document is scored as one text, plus the exact boosts of its best section.
        """

    def by_column(self, wanted: BitMap, ranks: Sequence[int], count: int | None, grouped: bool) -> list[Best]:
        """Return the first ``count`` wanted sections, or documents, by their documents' ranks, then by section.

        A document is represented by its first wanted section.
        """


class PlainRanker:
    """Ranks without numpy."""

    def __init__(self, live: LiveSegment) -> None:
        self._live = live

    def documents_with_term(self, field: str, term: str) -> int:
        """Return the number of live documents that contain a term."""
        return len(self._document_frequencies(field, term))

    def documents_of(self, wanted: BitMap) -> int:
        """Return the number of documents with a wanted section."""
        return len(self._live.documents_with(wanted))

    def _document_frequencies(self, field: str, term: str) -> dict[int, int]:
        document_of = self._live.data.document_numbers
        found: dict[int, int] = {}
        for frequency, sections in self._live.postings(field, term):
            for s in sections:
                document = document_of[s]
                found[document] = found.get(document, 0) + frequency
        return found

    def sections_having(self, text: str) -> int:
        """Return the number of live sections that have a text as typed."""
        return self._live.having(text)

    def documents_having(self, text: str) -> int:
        """Return the number of live documents that have a text as typed."""
        return len(self._document_places(text))

    def _document_places(self, text: str) -> dict[int, int]:
        document_of = self._live.data.document_numbers
        found: dict[int, int] = {}
        for s, places in self._live.places(text).items():
            document = document_of[s]
            found[document] = found.get(document, 0) + places
        return found

    def sections(self, wanted: BitMap, weights: Weights, count: int | None) -> list[Best]:
        """Return the best ``count`` of the wanted sections, best first, equal scores by section."""
        if not weights.terms and not weights.groups:
            return [Best(0.0, s) for s in islice(wanted, count)]
        if count and len(wanted) > max(_MANY, 4 * count) and len(weights.groups) == 1 and not weights.terms:
            wanted = self._contenders(wanted, weights, count)
        scores, extra = self._scores(wanted, weights)
        for s, more in extra.items():
            scores[s] += more
        if count is None:
            order = sorted(wanted, key=lambda s: -scores[s])
        else:
            order = heapq.nsmallest(count, wanted, key=lambda s: -scores[s])
        return [Best(scores[s], s) for s in order]

    def _contenders(self, wanted: BitMap, weights: Weights, count: int) -> BitMap:
        """Return those of the wanted sections that may be the best ``count`` for one group.

        The best of some of them give a lower bound for the score of a hit, and so an upper bound for the length of a
        section with a given number of places. Only the sections within it are scored: a cold search for 三 in 100 MB
        takes 30 ms less.
        """
        (group,), (exact_boost,) = weights.groups, weights.exact_boosts
        norms, weight, lengths = group.norms, group.weight, self._live.data.norms[group.field]
        live, text = self._live, group.text
        by_places = live.by_places(text)
        many = chain.from_iterable(sections for _, sections in reversed(by_places))
        some = BitMap(islice(many, isqrt(live.having(text) * count))) & wanted  # as many more should be candidates
        scores, _ = self._scores(some, weights)
        known = heapq.nlargest(count, map(scores.__getitem__, some))
        if len(known) < count:
            return wanted
        least = known[-1] + exact_boost

        def too_long(frequency: int) -> int:
            """Return the lowest length byte with which a section scores less."""
            return bisect_left(
                norms, True, key=lambda norm: weight * frequency / (frequency + norm) + exact_boost < least
            )

        fewest = next(filter(too_long, count_from(1)))
        contending = BitMap()
        for places, sections in by_places:
            if places >= fewest:
                longest = too_long(places)
                contending.update([s for s in sections if lengths[s] < longest])
        return contending & wanted

    def _scores(self, wanted: BitMap, weights: Weights) -> tuple[Any, dict[int, float]]:
        """Return the scores without boosts, valid for wanted sections only, and the boosts."""
        data = self._live.data
        few = len(wanted) * 2 < data.sections
        scores: Any = dict.fromkeys(wanted, 0.0) if few else [0.0] * data.sections
        extra: dict[int, float] = {}
        having = []
        for group, exact_boost in zip(weights.groups, weights.exact_boosts, strict=True):
            norms, lengths, weight = group.norms, data.norms[group.field], group.weight
            standing = self._live.with_text(group.text) & wanted
            places = self._live.places_in(standing, group.text)
            having.append(standing)
            for s in standing:
                frequency = places[s]
                scores[s] += weight * frequency / (frequency + norms[lengths[s]])
                if exact_boost:
                    extra[s] = extra.get(s, 0.0) + exact_boost
        for term, owners in zip(weights.terms, weights.owners, strict=True):
            among = wanted
            if owners is not None:
                among = wanted - BitMap.intersection(*(having[i] for i in owners))
                if not among:
                    continue
            norms, lengths, weight = term.norms, data.norms[term.field], term.weight
            for frequency, sections in self._live.postings(term.field, term.text):
                for s in sections & among:
                    scores[s] += weight * frequency / (frequency + norms[lengths[s]])
        for s in data.bare & wanted:
            scores[s] *= HEADING_FACTOR
        return scores, extra

    def documents(self, wanted: BitMap, weights: Weights, whole: Weights, count: int | None) -> list[Best]:
        """Return the best ``count`` documents that have a wanted section, each by its best section."""
        scores, extra = self._scores(wanted, weights)
        for s, more in extra.items():
            scores[s] += more
        totals = self._document_scores(whole)
        best: dict[int, Best] = {}
        document_of = self._live.data.document_numbers
        for s in wanted:
            document = document_of[s]
            known = best.get(document)
            if known is None:
                best[document] = Best(scores[s], s)
            else:
                keep = known if known.score >= scores[s] else Best(scores[s], s)
                best[document] = Best(keep.score, keep.section, known.sections + 1)
        ranked = [
            Best(totals.get(document, 0.0) + extra.get(one.section, 0.0), one.section, one.sections)
            for document, one in best.items()
        ]
        if count is None:
            return sorted(ranked, key=lambda one: -one.score)
        return heapq.nsmallest(count, ranked, key=lambda one: -one.score)

    def _document_scores(self, whole: Weights) -> dict[int, float]:
        """Return the scores of documents as complete texts, without those that score nothing."""
        data = self._live.data
        totals: dict[int, float] = {}
        having = []
        for group in whole.groups:
            norms, lengths, weight = group.norms, data.document_norms[group.field], group.weight
            places = self._document_places(group.text)
            having.append(places.keys())
            for document, frequency in places.items():
                more = weight * frequency / (frequency + norms[lengths[document]])
                totals[document] = totals.get(document, 0.0) + more
        for term, owners in zip(whole.terms, whole.owners, strict=True):
            norms, lengths, weight = term.norms, data.document_norms[term.field], term.weight
            for document, frequency in self._document_frequencies(term.field, term.text).items():
                if owners is not None and all(document in having[i] for i in owners):
                    continue
                more = weight * frequency / (frequency + norms[lengths[document]])
                totals[document] = totals.get(document, 0.0) + more
        return totals

    def by_column(self, wanted: BitMap, ranks: Sequence[int], count: int | None, grouped: bool) -> list[Best]:
        """Return the first ``count`` wanted sections, or documents, by their documents' ranks, then by section."""
        document_of = self._live.data.document_numbers
        if grouped:
            together = [list(held) for _, held in groupby(wanted, document_of.__getitem__)]
            found = [Best(0.0, held[0], len(held)) for held in together]
        else:
            found = [Best(0.0, s) for s in wanted]
        if count is None:
            return sorted(found, key=lambda one: ranks[document_of[one.section]])
        return heapq.nsmallest(count, found, key=lambda one: ranks[document_of[one.section]])


def best_of_documents(
    ranker: Ranker, data: Segment, sections: Sequence[int], wanted: BitMap, weights: Weights
) -> dict[int, int]:
    """Return, for each of some sections of different documents, the best wanted section of its document."""
    documents = list(map(data.document_of, sections))
    own = BitMap()
    for document in documents:
        own.add_range(data.first[document], data.first[document + 1])
    ranked = ranker.documents(wanted & own, weights, Weights(), None)
    best = {data.document_of(one.section): one.section for one in ranked}
    return {section: best[document] for section, document in zip(sections, documents, strict=True)}
