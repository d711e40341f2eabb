"""Scores of the sections and documents of a segment, in numpy: what ``ranking`` gives, faster for many questions."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from policysearch.engines.whoosh.evaluation import LiveSegment
from policysearch.engines.whoosh.ranking import Best, PlainRanker, Weighted
from policysearch.scoring import HEADING_FACTOR

__all__ = ["ArrayRanker"]


_FEW = 200  # sections that are scored one by one sooner than all at once


class ArrayRanker:
    """Ranks with numpy."""

    def __init__(self, live: LiveSegment) -> None:
        self._live = live
        self._plain = PlainRanker(live)
        data = live.data
        self._document_of = np.frombuffer(data.document_numbers, np.uint32)
        self._lengths = {name: np.frombuffer(norms, np.uint8) for name, norms in data.norms.items()}
        self._document_lengths = {name: np.frombuffer(norms, np.uint8) for name, norms in data.document_norms.items()}
        self._numbers: dict[tuple[str, str], list[tuple[int, NDArray[np.uint32]]]] = {}
        self._bare = self._array(data.bare)
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
        return np.frombuffer(bitmap.to_array(), np.uint32)

    def _norms(self, term: Weighted, lengths: NDArray[np.uint8]) -> NDArray[np.float64]:
        """Return what is added to a frequency, for each section or document."""
        key = id(term.norms)  # the engine keeps them as long as it is open
        found = self._spread.get(key)
        if found is None:
            found = self._spread[key] = np.array(term.norms)[lengths]
        return found

    def document_frequencies(self, field: str, term: str) -> dict[int, int]:
        """Return how often each live document holds a term, in order of the documents."""
        documents, frequencies = self._document_postings(field, term)
        return dict(zip(documents.tolist(), frequencies.tolist(), strict=True))

    def _document_postings(self, field: str, term: str) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        totals = np.zeros(self._live.data.documents)
        for frequency, sections in self._postings(field, term):
            totals += np.bincount(self._document_of[sections], minlength=len(totals)) * float(frequency)
        documents = np.flatnonzero(totals)
        return documents, totals[documents]

    def _scores(self, terms: Sequence[Weighted]) -> NDArray[np.float64]:
        scores = np.zeros(self._live.data.sections)
        for term in terms:
            norms = self._norms(term, self._lengths[term.field])
            weight = term.weight
            for frequency, sections in self._postings(term.field, term.text):
                scores[sections] += weight * frequency / (frequency + norms[sections])
        scores[self._bare] *= HEADING_FACTOR
        return scores

    def sections(
        self, wanted: Any, terms: Sequence[Weighted], bonuses: Sequence[tuple[Any, float]], count: int | None
    ) -> list[Best]:
        """Return the best ``count`` of the wanted sections, best first, equal scores by section."""
        if not terms and not bonuses:
            return [Best(0.0, s) for s in islice(wanted, count)]
        if len(wanted) < _FEW:
            return self._plain.sections(wanted, terms, bonuses, count)
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
        places = np.arange(len(scores))
        if count is not None and count < len(scores):
            if not count:
                return places[:0]
            least: float = np.partition(scores, len(scores) - count)[len(scores) - count]
            places = np.flatnonzero(scores >= least)
        falling: NDArray[np.int64] = np.argsort(-scores[places], kind="stable")
        return np.asarray(places[falling][:count], np.int64)

    def documents(
        self,
        wanted: Any,
        terms: Sequence[Weighted],
        bonuses: Sequence[tuple[Any, float]],
        document_terms: Sequence[Weighted],
        count: int | None,
    ) -> list[Best]:
        """Return the best ``count`` documents that have a wanted section, each by its best section."""
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
