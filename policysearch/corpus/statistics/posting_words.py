"""The most frequent or most distinctive words, by the frequencies that an engine stores: only few words are counted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from heapq import nlargest
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from policysearch.corpus.statistics.selection import Selection, Totals
from policysearch.corpus.statistics.string_counter import StringCounter
from policysearch.corpus.statistics.string_figures import StringFigures, StringRanking, best_of, no_tally
from policysearch.corpus.statistics.tally import Tally, tally
from policysearch.engines.protocol import Frequencies, KeepsFrequencies
from policysearch.engines.tree import MatchAll
from policysearch.text.code_points import code_points
from policysearch.text.folding import may_overlap

__all__ = ["most_different", "most_frequent"]

Numbers: TypeAlias = NDArray[np.int64]
Truths: TypeAlias = NDArray[np.bool_]

_AT_ONCE = 50
_FIRST = 4  # number of words counted first, per requested word


def most_frequent(selection: Selection, engine: KeepsFrequencies, asked: StringRanking, limit: int) -> StringFigures:
    """Return the most frequent words of a selection.

    A word has at most twice as many places as tokens. So words are counted in the order of their numbers of tokens,
    until no other can be among the first; then their documents are counted, and more words if these are too few.
    """
    frequencies = engine.frequencies(selection.node, selection.accepting)
    cut = frequencies.words()
    least = (asked.min_documents + 1) // 2  # tokens of a word in so many documents
    words = [word for word, count in cut.items() if count >= least and word not in asked.stop]
    times = np.array([cut[word] for word in words], np.int64)
    waiting = np.argsort(-times, kind="stable")
    totals = Totals(*frequencies.totals())
    found: dict[str, int] = {}
    wanted, at = limit, 0
    while True:
        while at < len(waiting) and 2 * times[waiting[at]] >= _largest(found, wanted):
            some = [words[one] for one in waiting[at : at + _AT_ONCE].tolist()]
            at += len(some)
            counted = zip(some, frequencies.of(some), strict=True)
            found.update((word, often) for word, often in counted if 2 * cut[word] >= often)
        fewest = _largest(found, wanted)
        first = sorted(word for word, often in found.items() if often >= fewest)
        occurrences = np.array([found[word] for word in first], np.int64)
        one = Tally(occurrences, np.array(frequencies.documents(first), np.int64), totals)
        best = best_of(first, one, no_tally(len(first)), np.arange(len(first)), asked)
        if len(best.strings) >= limit or (at == len(waiting) and len(first) == len(found)):
            return best
        wanted *= 4


def _largest(found: Mapping[str, int], wanted: int) -> int:
    """Return the least of the so many greatest numbers; 0 if there are fewer."""
    return nlargest(wanted, found.values())[-1] if wanted <= len(found) else 0


def most_different(
    sides: tuple[Selection, Selection], engine: KeepsFrequencies, asked: StringRanking, overlap: bool, jobs: int
) -> StringFigures | None:
    """Return the words that are more frequent in one selection, by occurrences; None if all must be counted.

    The frequency of a word of one character or of two different ones is in the postings. That of a longer one is at
    least its number of tokens and at most that of its rarest pair of characters; so the texts are read only for those
    that can be among the first.
    """
    limit = asked.limit or 0
    both = [engine.frequencies(side.node, side.accepting) for side in sides]
    totals = [Totals(*one.totals()) for one in both]
    counts = _Counts(both, None if overlap else engine.frequencies(MatchAll()))
    words, cut = counts.words(asked)
    low, high, exact = counts.bounds(words, cut)
    sizes = totals[0].characters, totals[1].characters
    if any(len(most) and most.max() > size for most, size in zip(high, sizes, strict=True)):
        return None  # more such characters than Han characters: G² need not grow with a count
    common = ~exact | (2 * (cut[0] + cut[1]) >= high[0] + high[1])
    bound = asked.weights((low[0], high[1]) if asked.negative else (high[0], low[1]), sizes)
    bound[~common] = -1.0
    order = np.flatnonzero(bound >= 0)
    order = order[np.argsort(-bound[order], kind="stable")]
    size = min(len(order), _FIRST * limit)
    known: dict[int, tuple[int, int, int, int]] = {}
    while True:
        new = [at for at in order[:size].tolist() if at not in known]
        short, long = [at for at in new if exact[at]], [at for at in new if not exact[at]]
        of_short = [one.documents([words[at] for at in short]) for one in both]
        occurrences = (high[side][short].tolist() for side in (0, 1))
        known.update(zip(short, zip(*occurrences, *of_short, strict=True), strict=True))
        counter = StringCounter([words[at] for at in long])
        columns = [tally(side, counter, jobs) for side in sides] if long else [no_tally(0)] * 2
        figures = [*(one.occurrences.tolist() for one in columns), *(one.documents.tolist() for one in columns)]
        known.update(zip(long, zip(*figures, strict=True), strict=True))
        held = [at for at, (a, b, *_) in known.items() if 2 * (cut[0][at] + cut[1][at]) >= a + b]
        table = np.array([known[at] for at in held], np.int64).reshape(-1, 4)
        one, other = (Tally(table[:, side], table[:, 2 + side], totals[side]) for side in (0, 1))
        strings = [words[at] for at in held]
        best = best_of(strings, one, other, np.arange(len(held)), asked)
        if size == len(order):
            return best
        if len(best.strings) >= limit:
            weights = asked.weights((best.figures[0], best.figures[1]), sizes)
            if np.sort(weights)[-limit] * (1 - 1e-9) > bound[order[size]]:
                return best
        size = min(len(order), 4 * size)


class _Counts:
    """Counts in two selections.

    Args:
        both: Their frequencies.
        every: Those of the entire index if no section is in both; then the sections of one are not in the other.
    """

    def __init__(self, both: Sequence[Frequencies], every: Frequencies | None) -> None:
        self._both = both
        sections = [one.totals()[1] for one in both]
        self._every = every if every is not None and every.totals()[1] == sum(sections) else None

    def words(self, asked: StringRanking) -> tuple[list[str], tuple[Numbers, Numbers]]:
        """Return the words that can be among the requested ones, and the tokens of each in both selections."""
        other = self._both[1] if self._every is None else self._every
        every, (one, two) = self._both[0].words_beside(other)
        if self._every is not None:
            two = two - one
        least = (asked.min_documents + 1) // 2  # a word has at most twice as many places as tokens
        some = [at for at in np.flatnonzero(one + two >= least).tolist() if every[at] not in asked.stop]
        return [every[at] for at in some], (one[some], two[some])

    def bounds(self, words: Sequence[str], cut: tuple[Numbers, Numbers]) -> tuple[list[Numbers], list[Numbers], Truths]:
        """Return the minimum and the maximum frequency of each word in each selection, and whether they are equal.

        A string with more than twice as many places in both selections together as tokens is not a word.
        """
        lengths = np.array([len(word) for word in words], np.int64)
        first = code_points("".join(words)).astype(np.int64)
        last = lengths.cumsum() - 1
        # few words contain their first character twice, and only these may overlap themselves
        twice = first == np.repeat(first[last - lengths + 1], lengths)
        repeats = np.add.reduceat(twice, last - lengths + 1, dtype=np.int64) > 1 if words else np.zeros(0, bool)
        repeats[repeats] = [may_overlap(words[at]) for at in np.flatnonzero(repeats).tolist()]
        exact = (lengths < 3) & ~repeats
        second = np.append(first[1:], 0)
        second[last] = 0
        counted = np.ones(len(first), bool)
        counted[last[lengths > 1]] = False
        pairs, pair = np.unique(first[counted] << 32 | second[counted], return_inverse=True)
        low, high = [], []
        for counts, times in zip(self._pairs(pairs), cut, strict=True):
            found = np.full(len(first), np.iinfo(np.int64).max)
            found[counted] = counts[pair.reshape(-1)]
            most = np.minimum.reduceat(found, lengths.cumsum() - lengths) if len(words) else found
            high.append(most)
            # a word that overlaps itself may have more tokens than counted places
            low.append(np.where(exact, most, np.where(repeats, 0, times)))
        both = 2 * (cut[0] + cut[1])
        high = [
            np.where(exact, most, np.minimum(most, both - least))
            for most, least in zip(high, reversed(low), strict=True)
        ]
        return low, high, exact

    def _pairs(self, pairs: Numbers) -> tuple[Numbers, Numbers]:
        one = self._both[0].pairs(pairs)
        return one, self._both[1].pairs(pairs) if self._every is None else self._every.pairs(pairs) - one
