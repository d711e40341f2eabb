"""Scores of the sections and documents of a segment, in numpy: what ``ranking`` gives, faster for many questions."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from policysearch.engines.whoosh.evaluation import Kept, LiveSegment
from policysearch.engines.whoosh.postings import group_array
from policysearch.engines.whoosh.ranking import Best, PlainRanker, Weighted
from policysearch.scoring import HEADING_FACTOR

__all__ = ["ArrayRanker"]

Postings: TypeAlias = tuple[NDArray[Any], NDArray[Any]]
Numbers: TypeAlias = NDArray[np.uint32]
Scores: TypeAlias = NDArray[np.float64]

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
        self._known = Kept[tuple[str, str], Postings]()
        self._known_documents = Kept[tuple[str, str], Postings]()
        self._live_sections = np.ones(data.sections, bool)
        for document in live.removed:
            self._live_sections[data.first[document] : data.first[document + 1]] = False
        self._factors = np.ones(data.sections)
        self._factors[_array(data.bare)] = HEADING_FACTOR
        self._spread: dict[int, Scores] = {}

    def _postings(self, field: str, term: str) -> Postings:
        """Return the live sections that hold a term, by frequency, and how often each does."""
        key = (field, term)
        found = self._known.get(key)
        if found is None:
            found = self._read(field, term)
            self._known.keep(key, found, 2 * len(found[0]))
        return found

    def _read(self, field: str, term: str) -> Postings:
        groups = self._live.groups(field, term)
        if not groups:
            return np.zeros(0, np.uint16), np.zeros(0, np.uint16)
        file = self._live.data.file.map
        sections = np.concatenate([group_array(group, file) for group in groups])
        frequencies = np.repeat(np.array([group.frequency for group in groups], np.uint16), [g.size for g in groups])
        if self._live.removed:
            kept = self._live_sections[sections]
            sections, frequencies = sections[kept], frequencies[kept]
        return sections, frequencies

    def _norms(self, term: Weighted, lengths: NDArray[np.uint8]) -> Scores:
        """Return what is added to a frequency, for each section or document."""
        key = id(term.norms)  # the engine keeps them as long as it is open
        found = self._spread.get(key)
        if found is None:
            found = self._spread[key] = np.array(term.norms)[lengths]
        return found

    def documents_holding(self, field: str, term: str) -> int:
        """Return how many live documents hold a term."""
        return len(self._document_postings(field, term)[0])

    def documents_of(self, wanted: Any) -> int:
        """Return how many documents have a wanted section."""
        return int(np.count_nonzero(_new(self._document_of[_array(wanted)])))

    def _document_postings(self, field: str, term: str) -> Postings:
        """Return the live documents that hold a term, in order, and how often each does."""
        key = (field, term)
        found = self._known_documents.get(key)
        if found is None:
            sections, frequencies = self._postings(field, term)
            totals = np.bincount(self._document_of[sections], frequencies, self._live.data.documents)
            documents = np.flatnonzero(totals)
            found = documents, totals[documents]
            self._known_documents.keep(key, found, 8 * len(documents))
        return found

    def _scores(self, numbers: Numbers, terms: Sequence[Weighted]) -> Scores:
        """Return the scores of some sections."""
        scores = np.zeros(len(numbers))
        for term in terms:
            sections, frequencies = self._postings(term.field, term.text)
            held = np.zeros(self._live.data.sections)
            held[sections] = frequencies
            frequency = held[numbers]
            norms = self._norms(term, self._lengths[term.field])[numbers]
            scores += term.weight * frequency / (frequency + norms)
        if terms:
            scores *= self._factors[numbers]
        return scores

    def _extra(self, numbers: Numbers, bonuses: Sequence[tuple[Any, float]]) -> Scores:
        extra = np.zeros(self._live.data.sections)
        for sections, bonus in bonuses:
            extra[_array(sections)] += bonus
        return extra[numbers]

    def sections(
        self, wanted: Any, terms: Sequence[Weighted], bonuses: Sequence[tuple[Any, float]], count: int | None
    ) -> list[Best]:
        """Return the best ``count`` of the wanted sections, best first, equal scores by section."""
        if not terms and not bonuses:
            return [Best(0.0, s) for s in islice(wanted, count)]
        if len(wanted) < _FEW:
            return self._plain.sections(wanted, terms, bonuses, count)
        numbers = _array(wanted)
        scores = self._scores(numbers, terms)
        for bonus in bonuses:
            scores += self._extra(numbers, [bonus])
        order = _first(scores, count)
        return [Best(score, s) for score, s in zip(scores[order].tolist(), numbers[order].tolist(), strict=True)]

    def documents(
        self,
        wanted: Any,
        terms: Sequence[Weighted],
        bonuses: Sequence[tuple[Any, float]],
        document_terms: Sequence[Weighted],
        count: int | None,
    ) -> list[Best]:
        """Return the best ``count`` documents that have a wanted section, each by its best section."""
        numbers = _array(wanted)
        if not len(numbers):
            return []
        extra = self._extra(numbers, bonuses)
        scores = self._scores(numbers, terms) + extra
        whole = np.zeros(self._live.data.documents)
        for term in document_terms:
            norms = self._norms(term, self._document_lengths[term.field])
            documents, frequencies = self._document_postings(term.field, term.text)
            whole[documents] += term.weight * frequencies / (frequencies + norms[documents])
        owners = self._document_of[numbers]
        first = np.flatnonzero(_new(owners))
        held = np.diff(np.append(first, len(numbers)))
        most = np.maximum.reduceat(scores, first)
        reach = np.flatnonzero(scores == np.repeat(most, held))
        _, where = np.unique(np.repeat(np.arange(len(first)), held)[reach], return_index=True)
        chosen = reach[where]
        total = whole[owners[first]] + extra[chosen]
        order = _first(total, count)
        return [
            Best(*values)
            for values in zip(total[order].tolist(), numbers[chosen[order]].tolist(), held[order].tolist(), strict=True)
        ]

    def by_column(self, wanted: Any, ranks: Sequence[int], count: int | None, grouped: bool) -> list[Best]:
        """Return the first ``count`` wanted sections, or documents, by their documents' ranks, then by section."""
        numbers = _array(wanted)
        owners = self._document_of[numbers]
        held = np.ones(len(numbers), np.int64)
        if grouped and len(numbers):
            first = np.flatnonzero(_new(owners))
            held = np.diff(np.append(first, len(numbers)))
            numbers, owners = numbers[first], owners[first]
        order = _first(-np.array(ranks, np.float64)[owners], count)
        return [Best(0.0, s, n) for s, n in zip(numbers[order].tolist(), held[order].tolist(), strict=True)]


def _new(owners: Numbers) -> NDArray[np.bool_]:
    """Tell of each number whether it is not the one before."""
    new = np.ones(len(owners), bool)
    np.not_equal(owners[1:], owners[:-1], out=new[1:])
    return new


def _array(bitmap: Any) -> Numbers:
    return np.frombuffer(bitmap.to_array(), np.uint32)


def _first(scores: Scores, count: int | None) -> NDArray[np.int64]:
    """Return the places of the greatest scores, greatest first, equal ones by place."""
    places = np.arange(len(scores))
    if count is not None and count < len(scores):
        if not count:
            return places[:0]
        least: float = np.partition(scores, len(scores) - count)[len(scores) - count]
        places = np.flatnonzero(scores >= least)
    falling: NDArray[np.int64] = np.argsort(-scores[places], kind="stable")
    return np.asarray(places[falling][:count], np.int64)
