"""Scores of the sections and documents of a segment, in numpy: the results of ``ranking``, faster for many queries."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from itertools import islice
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from pyroaring import BitMap

from policysearch.engines.scoring import HEADING_FACTOR
from policysearch.engines.whoosh.live_segment import MOST_GRAMS, Kept, LiveSegment
from policysearch.engines.whoosh.postings import MOST_COUNTED, arrays, bitmap_of, group_bitmap
from policysearch.engines.whoosh.ranking import Best, Weighted, Weights
from policysearch.engines.whoosh.segment_reader import FIELDS, GRAMS, WORDS

__all__ = ["ArrayRanker", "ArrayTerms"]

Postings: TypeAlias = tuple[NDArray[np.uint16], NDArray[np.uint16]]
Numbers: TypeAlias = NDArray[np.intp]
Scores: TypeAlias = NDArray[np.float64]

_NONE = np.zeros(0, np.uint16), np.zeros(0, np.uint16)
_FEW = 100  # number of scores from which selecting the greatest is faster than sorting


class ArrayTerms:
    """Looks up terms with numpy."""

    def __init__(self, live: LiveSegment) -> None:
        self._data = live.data
        live.data.build_skip_index()
        self._files = {name: np.frombuffer(live.data.file.view(f"{name}.postings"), np.uint16) for name in FIELDS}
        self._known = Kept[tuple[str, str], Postings]()
        self._bitmaps = Kept[tuple[str, str], BitMap]()
        self._live: NDArray[np.bool_] | None = None
        if live.removed:
            self._live = np.ones(live.data.sections, bool)
            for document in live.removed:
                self._live[live.data.first[document] : live.data.first[document + 1]] = False

    def postings(self, field: str, term: str) -> Postings:
        """Return the live sections that contain a term, by frequency, and the frequency in each."""
        key = (field, term)
        found = self._known.get(key)
        if found is None:
            pointer = self._data.pointer(field, term)
            found = _NONE if pointer is None else arrays(pointer, self._files[field])
            if self._live is not None:
                kept = self._live[found[0]]
                found = found[0][kept], found[1][kept]
            self._known.keep(key, found, 2 * len(found[0]))
        return found

    def document_frequency(self, field: str, term: str) -> int:
        """Return the number of live sections that contain a term."""
        return len(self.postings(field, term)[0])

    def sections_with(self, field: str, term: str) -> BitMap:
        """Return the live sections that contain a term, as a bitmap."""
        key = (field, term)
        found = self._bitmaps.get(key)
        if found is None:
            sections, frequencies = self.postings(field, term)
            found = bitmap_of(sections, not len(sections) or frequencies[0] == frequencies[-1])
            self._bitmaps.keep(key, found, len(sections))
        return found


class ArrayRanker:
    """Ranks with numpy."""

    def __init__(self, live: LiveSegment) -> None:
        self._live = live
        self.terms = ArrayTerms(live)
        data = live.data
        self._document_of = np.frombuffer(data.document_numbers, np.uint32)
        self._lengths = {name: np.frombuffer(norms, np.uint8) for name, norms in data.norms.items()}
        self._document_lengths = {name: np.frombuffer(norms, np.uint8) for name, norms in data.document_norms.items()}
        self._known_places = Kept[str, Postings]()
        self._known_documents = Kept[tuple[str, str], tuple[NDArray[Any], NDArray[Any]]]()
        self._bare = np.zeros(data.sections, bool)
        self._bare[_array(data.bare)] = True
        self._norms: dict[int, Scores] = {}
        self._room: list[NDArray[np.uint16]] = []

    def _norms_of(self, term: Weighted, lengths: NDArray[Any]) -> Scores:
        """Return the values added to the frequencies of sections or documents with these lengths."""
        key = id(term.norms)  # the engine holds references to them while it is open
        found = self._norms.get(key)
        if found is None:
            found = self._norms[key] = np.array(term.norms)
        return found.take(lengths)

    def documents_with_term(self, field: str, term: str) -> int:
        """Return the number of live documents that contain a term."""
        return len(self._document_postings(field, term)[0])

    def _places(self, text: str) -> Postings:
        """Return the live sections that have a text as typed, and its number of places in each, overlaps included."""
        if len(text) == 2:
            return self.terms.postings(GRAMS, text)
        found = self._known_places.get(text)
        if found is None:
            live = self._live
            if len(text) == 1:
                counts = np.zeros(live.data.sections, np.uint32)
                for groups in live.data.groups_beginning(text):
                    for group in groups:
                        counts[_array(group_bitmap(group, live.data.file.map) & live.all)] += group.frequency
                standing = np.flatnonzero(counts)
                found = standing.astype(np.uint16), np.minimum(counts[standing], MOST_COUNTED).astype(np.uint16)
            else:
                found = self._places_of_string(text)
            self._known_places.keep(text, found, 2 * len(found[0]))
        return found

    def _places_of_string(self, text: str) -> Postings:
        """Return the same for a text of three characters or more.

        It occurs at most as often as each of its bigrams, and at least as often as the word of that form. The texts of
        the sections for which these differ are read.
        """
        live, terms = self._live, self.terms
        grams = sorted({text[i : i + 2] for i in range(len(text) - 1)}, key=partial(terms.document_frequency, GRAMS))
        with_text = live.known_texts.get(text)
        if with_text is None:
            sections, most = terms.postings(GRAMS, grams[0])
        else:
            sections = _array(with_text).astype(np.uint16)
            most = np.full(len(sections), MOST_COUNTED, np.uint16)
        room = np.zeros(live.data.sections, np.uint16)
        for gram in grams[:MOST_GRAMS]:
            if not len(sections):
                break
            most = np.minimum(most, _frequencies(terms.postings(GRAMS, gram), sections, room))
            (some,) = most.nonzero()
            sections, most = sections[some], most[some]
        times = _frequencies(terms.postings(WORDS, text), sections, room)
        (unsure,) = ((times != most) | (times == MOST_COUNTED)).nonzero()
        read = live.counts_in(sections[unsure].tolist(), text)
        times[unsure] = np.minimum(read, MOST_COUNTED)
        (some,) = times.nonzero()
        sections, times = sections[some], times[some]
        if with_text is None:
            live.known_texts.keep(text, bitmap_of(sections, in_order=False), len(sections))
        return sections, times

    def sections_having(self, text: str) -> int:
        """Return the number of live sections that have a text as typed."""
        return len(self._places(text)[0])

    def documents_having(self, text: str) -> int:
        """Return the number of live documents that have a text as typed."""
        return len(self._document_places(text)[0])

    def _document_places(self, text: str) -> tuple[NDArray[Any], NDArray[Any]]:
        """Return the live documents that have a text as typed, in order, and its number of places in each."""
        return self._by_document(("text", text), self._places)

    def documents_of(self, wanted: BitMap) -> int:
        """Return the number of documents that have a wanted section."""
        return int(np.count_nonzero(_new(self._document_of[_array(wanted)])))

    def _document_postings(self, field: str, term: str) -> tuple[NDArray[Any], NDArray[Any]]:
        """Return the live documents that contain a term, in order, and the frequency in each."""
        return self._by_document((field, term), lambda text: self.terms.postings(field, text))

    def _by_document(
        self, key: tuple[str, str], postings: Callable[[str], Postings]
    ) -> tuple[NDArray[Any], NDArray[Any]]:
        found = self._known_documents.get(key)
        if found is None:
            sections, frequencies = postings(key[1])
            totals = np.bincount(self._document_of[sections.astype(np.intp)], frequencies, self._live.data.documents)
            documents = np.flatnonzero(totals)
            found = documents, totals[documents]
            self._known_documents.keep(key, found, 8 * len(documents))
        return found

    def _scores(self, numbers: Numbers, weights: Weights) -> tuple[Scores, Scores | None]:
        """Return the scores of some live sections, without exact boosts; and the exact boosts, if there are any."""
        scores = np.zeros(len(numbers))
        extra: Scores | None = None
        norms: dict[str, Scores] = {}
        having: list[NDArray[np.bool_]] = []
        # allocating memory takes longer than all the rest; threads share one buffer in turns
        try:
            room = self._room.pop()
        except IndexError:
            room = np.zeros(self._live.data.sections, np.uint16)

        def score(term: Weighted, postings: Postings) -> tuple[NDArray[Any], Scores]:
            """Return the frequency of a term in each section, and the resulting scores."""
            sections, frequencies = postings
            room[sections.astype(np.intp)] = frequencies  # numpy is slow with two-byte indexes
            held = room.take(numbers)
            frequency = held.astype(np.float64)
            room.fill(0)
            if term.field not in norms:
                norms[term.field] = self._norms_of(term, self._lengths[term.field].take(numbers))
            more = term.weight * frequency
            frequency += norms[term.field]
            more /= frequency
            return held, more

        for group, exact_boost in zip(weights.groups, weights.exact_boosts, strict=True):
            held, more = score(group, self._places(group.text))
            standing = held > 0
            having.append(standing)
            scores += more
            if exact_boost:
                raised: Scores = np.where(standing, exact_boost, 0.0)
                extra = raised if extra is None else extra + raised
        left: dict[tuple[int, ...], NDArray[np.bool_] | None] = {}  # where a term of these groups scores
        for term, owners in zip(weights.terms, weights.owners, strict=True):
            among: NDArray[np.bool_] | None = None
            if owners is not None:
                if owners not in left:
                    replaced = np.logical_and.reduce([having[i] for i in owners])
                    left[owners] = None if replaced.all() else ~replaced
                among = left[owners]
                if among is None:
                    continue
            _, more = score(term, self.terms.postings(term.field, term.text))
            scores += more if among is None else more * among
        self._room.append(room)
        bare = self._bare.take(numbers)
        if np.logical_or.reduce(bare):
            scores[bare] *= HEADING_FACTOR
        return scores, extra

    def sections(self, wanted: BitMap, weights: Weights, count: int | None) -> list[Best]:
        """Return the best ``count`` of the wanted sections, best first, equal scores by section."""
        if not weights.terms and not weights.groups:
            return [Best(0.0, s) for s in islice(wanted, count)]
        numbers = _array(wanted)
        scores, extra = self._scores(numbers, weights)
        if extra is not None:
            scores += extra
        order = _first(scores, count)
        return [Best(score, s) for score, s in zip(scores[order].tolist(), numbers[order].tolist(), strict=True)]

    def documents(self, wanted: BitMap, weights: Weights, whole: Weights, count: int | None) -> list[Best]:
        """Return the best ``count`` documents that have a wanted section, each by its best section."""
        numbers = _array(wanted)
        if not len(numbers):
            return []
        scores, extra = self._scores(numbers, weights)
        if extra is None:
            extra = np.zeros(len(numbers))
        scores += extra
        totals = self._document_scores(whole)
        owners = self._document_of[numbers]
        first = np.flatnonzero(_new(owners))
        held = np.diff(np.append(first, len(numbers)))
        most = np.maximum.reduceat(scores, first)
        reach = np.flatnonzero(scores == np.repeat(most, held))
        _, where = np.unique(np.repeat(np.arange(len(first)), held)[reach], return_index=True)
        chosen = reach[where]
        total = totals[owners[first]] + extra[chosen]
        order = _first(total, count)
        return [
            Best(*values)
            for values in zip(total[order].tolist(), numbers[chosen[order]].tolist(), held[order].tolist(), strict=True)
        ]

    def _document_scores(self, whole: Weights) -> Scores:
        """Return the scores of all documents as complete texts."""
        totals = np.zeros(self._live.data.documents)
        having = []
        for group in whole.groups:
            documents, places = self._document_places(group.text)
            norms = self._norms_of(group, self._document_lengths[group.field][documents])
            totals[documents] += group.weight * places / (places + norms)
            standing = np.zeros(len(totals), bool)
            standing[documents] = True
            having.append(standing)
        for term, owners in zip(whole.terms, whole.owners, strict=True):
            documents, held = self._document_postings(term.field, term.text)
            norms = self._norms_of(term, self._document_lengths[term.field][documents])
            more = term.weight * held / (held + norms)
            if owners is not None:
                more *= ~np.logical_and.reduce([having[i] for i in owners])[documents]
            totals[documents] += more
        return totals

    def by_column(self, wanted: BitMap, ranks: Sequence[int], count: int | None, grouped: bool) -> list[Best]:
        """Return the first ``count`` wanted sections, or documents, by their documents' ranks, then by section."""
        numbers = _array(wanted)
        owners = self._document_of[numbers]
        held: NDArray[np.int64] = np.ones(len(numbers), np.int64)
        if grouped and len(numbers):
            first = np.flatnonzero(_new(owners))
            held = np.diff(np.append(first, len(numbers)))
            numbers, owners = numbers[first], owners[first]
        order = _first(-np.array(ranks, np.float64)[owners], count)
        return [Best(0.0, s, n) for s, n in zip(numbers[order].tolist(), held[order].tolist(), strict=True)]


def _new(owners: NDArray[Any]) -> NDArray[np.bool_]:
    """Return, for each number, whether it differs from the one before."""
    new = np.ones(len(owners), bool)
    np.not_equal(owners[1:], owners[:-1], out=new[1:])
    return new


def _frequencies(postings: Postings, sections: NDArray[np.uint16], room: NDArray[np.uint16]) -> NDArray[np.uint16]:
    """Return the frequency of a term in some sections; ``room`` has a zero for every section of the segment."""
    room[postings[0].astype(np.intp)] = postings[1]  # numpy is slow with two-byte indexes
    found = room.take(sections)
    room.fill(0)
    return found


def _array(bitmap: BitMap) -> Numbers:
    return np.frombuffer(bitmap.to_array(), np.uint32).astype(np.intp)


def _first(scores: Scores, count: int | None) -> Numbers:
    """Return the indexes of the greatest scores, greatest first, equal ones by index."""
    falling = -scores
    if not count or len(scores) <= max(count, _FEW):
        return falling.argsort(kind="stable")[:count]
    best = falling.copy()
    best.partition(count - 1)
    (places,) = (falling <= best[count - 1]).nonzero()
    order = falling[places].argsort(kind="stable")[:count]
    return np.asarray(places[order])
