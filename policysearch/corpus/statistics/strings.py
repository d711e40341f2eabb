"""The words or n-grams of one selection or two, those that matter most, with their figures."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from heapq import nlargest
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from policysearch.corpus.statistics.ngrams import ngrams
from policysearch.corpus.statistics.selection import Selection, Totals
from policysearch.corpus.statistics.string_counter import StringCounter
from policysearch.corpus.statistics.tally import Tally, tally
from policysearch.corpus.statistics.units import DEFINITIONS, cut_words
from policysearch.engines.protocol import KeepsFrequencies, Request
from policysearch.engines.tree import And, Or
from policysearch.errors import InputError
from policysearch.frozen import frozen, replace
from policysearch.text.folding import reduce

__all__ = ["StringFigures", "compared", "overlapping", "refuse_unknown"]

Numbers: TypeAlias = NDArray[np.int64]
Floats: TypeAlias = NDArray[np.float64]

_WORDS_AT_ONCE = 200
_AT_ONCE = 1_000  # n-grams that are looked at closely, at least


@frozen
class StringFigures:
    """Strings and their figures.

    Attributes:
        strings: In no particular order; more than were asked for where several matter equally.
        figures: Of each, the occurrences in the first selection and in the second, the documents of the first and of
            the second.
        first: What was counted in.
        second: Likewise.
    """

    strings: tuple[str, ...]
    figures: tuple[Numbers, Numbers, Numbers, Numbers]
    first: Totals
    second: Totals


@frozen
class _Asked:
    """The parameters of a comparison; see ``compared``."""

    basis: str
    limit: int | None
    min_documents: int
    negative: bool
    stop: frozenset[str]
    alone: bool

    def weights(self, counts: tuple[Numbers, Numbers], sizes: tuple[int, int]) -> Floats:
        """Return how much each string matters; below 0 where it does not."""
        one, other = (column.astype(np.float64) for column in counts)
        if self.alone:
            return np.where(one > 0, one, -1.0)
        size, other_size = (np.maximum(float(n), column) for n, column in zip(sizes, (one, other), strict=True))
        more = one * other_size < other * size if self.negative else one * other_size > other * size
        return np.where(more, _log_likelihoods(one, other, size, other_size), -1.0)

    def chosen(self, weights: Floats, limit: int | None) -> Numbers:
        """Return the strings that matter most, all that matter as much as the last one among them."""
        some = np.flatnonzero(weights >= 0)
        if limit is not None and len(some) > limit:
            if not limit:
                return some[:0]
            held = weights[some]
            least = np.partition(held, len(held) - limit)[len(held) - limit]
            some = some[held >= least * (1 - 1e-9)]  # sums are rounded here otherwise than where rows are made
        return some


def compared(
    first: Selection,
    second: Selection | None,
    *,
    unit: str,
    limit: int | None,
    min_documents: int,
    stop: Collection[str],
    jobs: int,
    basis: str = "occurrences",
    negative: bool = False,
    overlap: bool = False,
) -> StringFigures:
    """Return the strings of a selection that are most frequent, or that it says more often than another.

    Args:
        first: The selection.
        second: The other; None for none.
        overlap: Whether a section is in both.

    The others are those of ``keywords``.
    """
    stopped = frozenset(map(reduce, stop))
    asked = _Asked(basis, limit, min_documents, negative, stopped, second is None)
    if unit == "ngram":
        return _ngrams(first, second, asked, jobs)
    return _words(first, second, asked, overlap, jobs)


def _words(first: Selection, second: Selection | None, asked: _Asked, overlap: bool, jobs: int) -> StringFigures:
    if second is None and asked.limit is not None and isinstance(first.engine, KeepsFrequencies):
        return _most_frequent(first, asked, asked.limit, jobs)
    cut = _cut(first, second, overlap)
    # a word stands at most twice as often as it was cut
    least = (asked.min_documents + 1) // 2
    words = sorted(word for word, count in cut.items() if count >= least and word not in asked.stop)
    counter = StringCounter(words)
    one = tally(first, counter, jobs)
    other = _nothing(len(words)) if second is None else tally(second, counter, jobs)
    times = np.array([cut[word] for word in words], np.int64)
    common = np.flatnonzero(2 * times >= one.occurrences + other.occurrences)
    return _best(words, one, other, common, asked)


def _most_frequent(selection: Selection, asked: _Asked, limit: int, jobs: int) -> StringFigures:
    """Return the most frequent words of a selection whose engine keeps frequencies, counting few of all words.

    A word stands at most twice as often as it was cut. So words are looked at in the order of how often they were cut,
    until no other can be among the first; then their documents are counted, and more words where these are too few.
    """
    engine = selection.engine
    assert isinstance(engine, KeepsFrequencies)
    frequencies = engine.frequencies(selection.node, selection.accepting)
    cut = frequencies.words()
    waiting = sorted((word for word in cut if word not in asked.stop), key=lambda word: (-cut[word], word))
    found: dict[str, int] = {}
    wanted, at = limit, 0
    while True:
        while at < len(waiting) and (len(found) < wanted or 2 * cut[waiting[at]] >= _largest(found, wanted)):
            some = waiting[at : at + _WORDS_AT_ONCE]
            at += len(some)
            counted = zip(some, frequencies.of(some), strict=True)
            found.update((word, often) for word, often in counted if 2 * cut[word] >= often)
        least = _largest(found, wanted)
        words = sorted(word for word, often in found.items() if often >= least)
        one = tally(selection, StringCounter(words), jobs)
        best = _best(words, one, _nothing(len(words)), np.arange(len(words)), asked)
        if len(best.strings) >= limit or (at == len(waiting) and len(words) == len(found)):
            return best
        wanted *= 4


def _largest(found: Mapping[str, int], wanted: int) -> int:
    """Return the least of the so many greatest numbers; 0 where there are fewer, or none is wanted."""
    if not 0 < wanted <= len(found):
        return 0
    return nlargest(wanted, found.values())[-1]


def _cut(first: Selection, second: Selection | None, overlap: bool) -> Mapping[str, int]:
    """Return how often each word was cut in both selections together, in sections of both twice."""
    if second is None:
        return cut_words(first)
    if not overlap and first.document == second.document:
        return cut_words(replace(first, node=Or((first.node, second.node))))
    found = dict(cut_words(first))
    for word, count in cut_words(second).items():
        found[word] = found.get(word, 0) + count
    return found


def _ngrams(first: Selection, second: Selection | None, asked: _Asked, jobs: int) -> StringFigures:
    """Return n-grams: those that seem to matter most are counted, until enough of them do."""
    found = ngrams(first, second, asked.min_documents, int(asked.negative))
    counts = found.first, found.second
    weights = asked.weights(counts, found.sizes)
    least = counts[int(asked.negative)] >= asked.min_documents
    weights[~least] = -1.0
    at_once = None if asked.limit is None else max(_AT_ONCE, 5 * asked.limit)
    while True:
        strings = [found.string(at) for at in asked.chosen(weights, at_once).tolist()]
        strings = sorted(one for one in strings if one not in asked.stop)
        counter = StringCounter(strings)
        one = tally(first, counter, jobs)
        other = _nothing(len(strings)) if second is None else tally(second, counter, jobs)
        best = _best(strings, one, other, np.arange(len(strings)), asked)
        everything = at_once is None or at_once >= np.count_nonzero(weights >= 0)
        if everything or len(best.strings) >= (asked.limit or 0):
            return best
        at_once = 4 * (at_once or 0)


def _best(strings: list[str], one: Tally, other: Tally, among: Numbers, asked: _Asked) -> StringFigures:
    needed = (other if asked.negative else one).documents
    among = among[needed[among] >= asked.min_documents]
    by_documents = asked.basis == "documents"
    counts = (one.documents, other.documents) if by_documents else (one.occurrences, other.occurrences)
    totals = one.totals, other.totals
    sizes = [side.documents if by_documents else side.characters for side in totals]
    weights = asked.weights((counts[0][among], counts[1][among]), (sizes[0], sizes[1]))
    chosen = among[asked.chosen(weights, asked.limit)]
    columns = one.occurrences, other.occurrences, one.documents, other.documents
    figures = tuple(column[chosen] for column in columns)
    return StringFigures(tuple(strings[at] for at in chosen.tolist()), figures, *totals)  # type: ignore[arg-type]


def _nothing(strings: int) -> Tally:
    return Tally(np.zeros(strings, np.int64), np.zeros(strings, np.int64), Totals(0, 0, 0))


def _log_likelihoods(one: Floats, other: Floats, size: Floats, other_size: Floats) -> Floats:
    """Return ``measures.log_likelihood`` of each, but for rounding."""
    found = np.zeros(len(one))
    both, total = one + other, size + other_size
    for cells, row in ((one, size), (other, other_size)):
        for cell, column in ((cells, both), (row - cells, total - both)):
            by_chance = row * column / np.maximum(total, 1)
            some = (cell > 0) & (by_chance > 0)
            found[some] += cell[some] * np.log(cell[some] / by_chance[some])
    return np.maximum(2 * found, 0.0)


def overlapping(first: Selection, second: Selection) -> int:
    """Return the number of sections that are in both selections."""
    return first.engine.search(Request(And((first.node, second.node)), limit=0)).total


def refuse_unknown(unit: str, limit: int | None, min_documents: int, jobs: int) -> None:
    """Raise ``InputError`` for an option that cannot be."""
    if unit not in DEFINITIONS:
        raise InputError(f"Unknown unit {unit!r}; expected one of: {', '.join(DEFINITIONS)}.")
    for what, number, least in (("limit", limit or 0, 0), ("min_documents", min_documents, 1), ("jobs", jobs, 1)):
        if not isinstance(number, int) or number < least:
            raise InputError(f"{what} must be a number from {least}, not {number!r}.")
