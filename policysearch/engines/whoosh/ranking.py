"""Scores of the sections and documents of a segment, and the best of them, in plain Python.

This is what a single search uses. A program that goes on asking is switched
to ``array_ranking``, which gives the same floats to the last bit, because each
score is the same sum in the same order; importing numpy takes longer than a
search.
"""

from __future__ import annotations

import heapq
from collections.abc import Mapping, Sequence
from itertools import groupby, islice
from typing import Any, NamedTuple, Protocol

from pyroaring import BitMap

from policysearch.engines.scoring import HEADING_FACTOR
from policysearch.engines.whoosh.live_segment import LiveSegment

__all__ = ["Best", "PlainRanker", "Ranker", "Weighted"]


class Weighted(NamedTuple):
    """A scored term with its weight settled over the whole index.

    Attributes:
        field: ``words`` or ``grams``.
        text: The term.
        weight: Its own weight times its idf.
        norms: Per length byte, what is added to the frequency in the denominator.
    """

    field: str
    text: str
    weight: float
    norms: tuple[float, ...]


class Best(NamedTuple):
    """One of the best sections of a segment, or the best section of one of its best documents.

    Attributes:
        score: Its score, or the document's.
        section: Its number in the segment.
        sections: How many sections of the document are wanted; 1 when sections are ranked.
    """

    score: float
    section: int
    sections: int = 1


class Ranker(Protocol):
    """Ranks the sections and documents of one segment."""

    def documents_with_term(self, field: str, term: str) -> int:
        """Return how many live documents hold a term."""

    def documents_of(self, wanted: BitMap) -> int:
        """Return how many documents have a wanted section."""

    def sections(
        self, wanted: BitMap, terms: Sequence[Weighted], exact_boosts: Sequence[tuple[BitMap, float]], count: int | None
    ) -> list[Best]:
        """Return the best ``count`` of the wanted sections, best first, equal scores by section."""

    def documents(
        self,
        wanted: BitMap,
        terms: Sequence[Weighted],
        exact_boosts: Sequence[tuple[BitMap, float]],
        document_terms: Sequence[Weighted],
        count: int | None,
    ) -> list[Best]:
        """Return the best ``count`` documents that have a wanted section, each by its best section.

        A document scores as one text, and has the bonuses of its best section.
        """

    def by_column(self, wanted: BitMap, ranks: Sequence[int], count: int | None, grouped: bool) -> list[Best]:
        """Return the first ``count`` wanted sections, or documents, by their documents' ranks, then by section.

        A document comes with its first wanted section.
        """


class PlainRanker:
    """Ranks without numpy."""

    def __init__(self, live: LiveSegment) -> None:
        self._live = live

    def documents_with_term(self, field: str, term: str) -> int:
        """Return how many live documents hold a term."""
        return len(self._document_frequencies(field, term))

    def documents_of(self, wanted: BitMap) -> int:
        """Return how many documents have a wanted section."""
        return len(self._live.documents_with(wanted))

    def _document_frequencies(self, field: str, term: str) -> dict[int, int]:
        document_of = self._live.data.document_numbers
        found: dict[int, int] = {}
        for frequency, sections in self._live.postings(field, term):
            for s in sections:
                document = document_of[s]
                found[document] = found.get(document, 0) + frequency
        return found

    def sections(
        self, wanted: BitMap, terms: Sequence[Weighted], exact_boosts: Sequence[tuple[BitMap, float]], count: int | None
    ) -> list[Best]:
        """Return the best ``count`` of the wanted sections, best first, equal scores by section."""
        if not terms and not exact_boosts:
            return [Best(0.0, s) for s in islice(wanted, count)]
        scores = self._scores(wanted, terms, exact_boosts)
        if count is None:
            order = sorted(wanted, key=lambda s: -scores[s])
        else:
            order = heapq.nsmallest(count, wanted, key=lambda s: -scores[s])
        return [Best(scores[s], s) for s in order]

    def _scores(
        self, wanted: BitMap, terms: Sequence[Weighted], exact_boosts: Sequence[tuple[BitMap, float]]
    ) -> Sequence[float] | Mapping[int, float]:
        """Return a score for each wanted section; others may have any."""
        data = self._live.data
        few = len(wanted) * 2 < data.sections
        scores: Any = dict.fromkeys(wanted, 0.0) if few else [0.0] * data.sections
        for term in terms:
            norms, lengths, weight = term.norms, data.norms[term.field], term.weight
            for frequency, sections in self._live.postings(term.field, term.text):
                for s in sections & wanted if few else sections:
                    scores[s] += weight * frequency / (frequency + norms[lengths[s]])
        if terms:
            for s in data.bare & wanted:
                scores[s] *= HEADING_FACTOR
        for sections, exact_boost in exact_boosts:
            for s in sections & wanted:
                scores[s] += exact_boost
        scored: Sequence[float] | Mapping[int, float] = scores
        return scored

    def documents(
        self,
        wanted: BitMap,
        terms: Sequence[Weighted],
        exact_boosts: Sequence[tuple[BitMap, float]],
        document_terms: Sequence[Weighted],
        count: int | None,
    ) -> list[Best]:
        """Return the best ``count`` documents that have a wanted section, each by its best section."""
        data = self._live.data
        scores = self._scores(wanted, terms, exact_boosts)
        extra = dict.fromkeys(wanted, 0.0)
        for sections, exact_boost in exact_boosts:
            for s in sections & wanted:
                extra[s] += exact_boost
        whole: dict[int, float] = {}
        for term in document_terms:
            norms, lengths, weight = term.norms, data.document_norms[term.field], term.weight
            for document, frequency in self._document_frequencies(term.field, term.text).items():
                more = weight * frequency / (frequency + norms[lengths[document]])
                whole[document] = whole.get(document, 0.0) + more
        best: dict[int, Best] = {}
        document_of = data.document_numbers
        for s in wanted:
            document = document_of[s]
            known = best.get(document)
            if known is None:
                best[document] = Best(scores[s], s)
            else:
                keep = known if known.score >= scores[s] else Best(scores[s], s)
                best[document] = Best(keep.score, keep.section, known.sections + 1)
        ranked = [
            Best(whole.get(document, 0.0) + extra[one.section], one.section, one.sections)
            for document, one in best.items()
        ]
        if count is None:
            return sorted(ranked, key=lambda one: -one.score)
        return heapq.nsmallest(count, ranked, key=lambda one: -one.score)

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
