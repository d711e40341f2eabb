"""Scores of the sections and documents of a segment, and the best of them.

Two ways that give the same floats to the last bit, because each score is the
same sum in the same order: plain Python, which is what a single search uses,
and numpy, which a program that goes on asking is switched to. Only the first
is there before numpy has been imported, which takes longer than a search.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from policysearch.engines.whoosh.evaluation import LiveSegment

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["ArrayRanker", "Best", "PlainRanker", "Ranker", "Weighted"]


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


class PlainRanker:
    """Ranks without numpy."""

    def __init__(self, live: LiveSegment) -> None:
        self._live = live

    def document_frequencies(self, field: str, term: str) -> dict[int, int]:
        """Return how often each live document holds a term, in order of the documents."""
        document_of = self._live.data.document_numbers
        found: dict[int, int] = {}
        for frequency, sections in self._live.postings(field, term):
            for s in sections:
                document = document_of[s]
                found[document] = found.get(document, 0) + frequency
        return found

    def sections(
        self, wanted: Any, terms: Sequence[Weighted], bonuses: Sequence[tuple[Any, float]], count: int | None
    ) -> list[Best]:
        """Return the best ``count`` of the wanted sections, best first, equal scores by section."""
        if not terms and not bonuses:
            return [Best(0.0, s) for s in islice(wanted, count)]
        scores = self._scores(wanted, terms, bonuses)
        if count is None:
            order = sorted(wanted, key=lambda s: -scores[s])
        else:
            order = heapq.nsmallest(count, wanted, key=lambda s: -scores[s])
        return [Best(scores[s], s) for s in order]

    def _scores(self, wanted: Any, terms: Sequence[Weighted], bonuses: Sequence[tuple[Any, float]]) -> Sequence[float]:
        """Return a score for each section of the segment; those not wanted may have any."""
        data = self._live.data
        scores = [0.0] * data.sections
        few = len(wanted) * 2 < data.sections
        for term in terms:
            norms, lengths, weight = term.norms, data.norms[term.field], term.weight
            for frequency, sections in self._live.postings(term.field, term.text):
                for s in sections & wanted if few else sections:
                    scores[s] += weight * frequency / (frequency + norms[lengths[s]])
        for sections, bonus in bonuses:
            for s in sections & wanted:
                scores[s] += bonus
        return scores

    def documents(
        self,
        wanted: Any,
        terms: Sequence[Weighted],
        bonuses: Sequence[tuple[Any, float]],
        document_terms: Sequence[Weighted],
        count: int | None,
    ) -> list[Best]:
        """Return the best ``count`` documents that have a wanted section, each by its best section.

        A document scores as one text, and has the bonuses of its best section.
        """
        data = self._live.data
        scores = self._scores(wanted, terms, bonuses)
        extra = [0.0] * data.sections
        for sections, bonus in bonuses:
            for s in sections & wanted:
                extra[s] += bonus
        whole: dict[int, float] = {}
        for term in document_terms:
            norms, lengths, weight = term.norms, data.document_norms[term.field], term.weight
            for document, frequency in self.document_frequencies(term.field, term.text).items():
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


class ArrayRanker:
    """Ranks with numpy."""

    def __init__(self, live: LiveSegment) -> None:
        import numpy as np

        self._np = np
        self._live = live
        data = live.data
        self._document_of = np.frombuffer(data.document_numbers, np.uint32)
        self._lengths = {name: np.frombuffer(norms, np.uint8) for name, norms in data.norms.items()}
        self._document_lengths = {name: np.frombuffer(norms, np.uint8) for name, norms in data.document_norms.items()}
        self._numbers: dict[tuple[str, str], list[tuple[int, NDArray[np.uint32]]]] = {}
        self._spread: dict[int, NDArray[np.float64]] = {}

    def _postings(self, field: str, term: str) -> list[tuple[int, NDArray[np.uint32]]]:
        key = (field, term)
        found = self._numbers.get(key)
        if found is None:
            found = [(f, self._array(sections)) for f, sections in self._live.postings(field, term)]
            if len(self._numbers) > 5_000:
                self._numbers.clear()
            self._numbers[key] = found
        return found

    def _array(self, bitmap: Any) -> NDArray[np.uint32]:
        return self._np.frombuffer(bitmap.to_array(), self._np.uint32)

    def _norms(self, term: Weighted, lengths: NDArray[np.uint8]) -> NDArray[np.float64]:
        """Return what is added to a frequency, for each section or document."""
        key = id(term.norms)  # the engine keeps them as long as it is open
        found = self._spread.get(key)
        if found is None:
            found = self._spread[key] = self._np.array(term.norms)[lengths]
        return found

    def document_frequencies(self, field: str, term: str) -> dict[int, int]:
        """Return how often each live document holds a term, in order of the documents."""
        documents, frequencies = self._document_postings(field, term)
        return dict(zip(documents.tolist(), frequencies.tolist(), strict=True))

    def _document_postings(self, field: str, term: str) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        np = self._np
        totals = np.zeros(self._live.data.documents)
        for frequency, sections in self._postings(field, term):
            totals += np.bincount(self._document_of[sections], minlength=len(totals)) * float(frequency)
        documents = np.flatnonzero(totals)
        return documents, totals[documents]

    def _scores(self, terms: Sequence[Weighted]) -> NDArray[np.float64]:
        scores = self._np.zeros(self._live.data.sections)
        for term in terms:
            norms = self._norms(term, self._lengths[term.field])
            weight = term.weight
            for frequency, sections in self._postings(term.field, term.text):
                scores[sections] += weight * frequency / (frequency + norms[sections])
        return scores

    def sections(
        self, wanted: Any, terms: Sequence[Weighted], bonuses: Sequence[tuple[Any, float]], count: int | None
    ) -> list[Best]:
        """Return the best ``count`` of the wanted sections, best first, equal scores by section."""
        if not terms and not bonuses:
            return [Best(0.0, s) for s in islice(wanted, count)]
        scores = self._scores(terms)
        for sections, bonus in bonuses:
            scores[self._array(sections)] += bonus
        numbers = self._array(wanted)
        order = self._first(scores[numbers], count)
        return [
            Best(score, s) for score, s in zip(scores[numbers[order]].tolist(), numbers[order].tolist(), strict=True)
        ]

    def _first(self, scores: NDArray[np.float64], count: int | None) -> NDArray[np.int64]:
        """Return the places of the greatest scores, greatest first, equal ones by place."""
        np = self._np
        places = np.arange(len(scores))
        if count is not None and count < len(scores):
            if not count:
                return places[:0]
            least = np.partition(scores, len(scores) - count)[len(scores) - count]
            places = np.flatnonzero(scores >= least)
        return places[np.argsort(-scores[places], kind="stable")][:count]  # type: ignore[no-any-return]

    def documents(
        self,
        wanted: Any,
        terms: Sequence[Weighted],
        bonuses: Sequence[tuple[Any, float]],
        document_terms: Sequence[Weighted],
        count: int | None,
    ) -> list[Best]:
        """Return the best ``count`` documents that have a wanted section, each by its best section."""
        np = self._np
        numbers = self._array(wanted)
        if not len(numbers):
            return []
        extra = np.zeros(self._live.data.sections)
        for sections, bonus in bonuses:
            extra[self._array(sections)] += bonus
        scores = self._scores(terms) + extra
        whole = np.zeros(self._live.data.documents)
        for term in document_terms:
            norms = self._norms(term, self._document_lengths[term.field])
            documents, frequencies = self._document_postings(term.field, term.text)
            whole[documents] += term.weight * frequencies / (frequencies + norms[documents])
        owners = self._document_of[numbers]
        first = np.flatnonzero(np.concatenate(([True], owners[1:] != owners[:-1])))
        held = np.diff(np.append(first, len(numbers)))
        most = np.maximum.reduceat(scores[numbers], first)
        reach = np.flatnonzero(scores[numbers] == np.repeat(most, held))
        _, where = np.unique(np.repeat(np.arange(len(first)), held)[reach], return_index=True)
        chosen = numbers[reach[where]]
        total = whole[owners[first]] + extra[chosen]
        order = self._first(total, count)
        return [
            Best(*values)
            for values in zip(total[order].tolist(), chosen[order].tolist(), held[order].tolist(), strict=True)
        ]


Ranker = PlainRanker | ArrayRanker
