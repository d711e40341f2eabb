"""The most frequent or most distinctive words or n-grams of one selection or two, with their figures."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np

from policysearch.corpus.statistics.ngrams import ngrams
from policysearch.corpus.statistics.posting_words import most_different, most_frequent
from policysearch.corpus.statistics.selection import Selection, Totals
from policysearch.corpus.statistics.string_counter import StringCounter
from policysearch.corpus.statistics.string_figures import StringFigures, StringRanking, best_of, no_tally
from policysearch.corpus.statistics.tally import tally
from policysearch.corpus.statistics.units import DEFINITIONS, cut_words
from policysearch.engines.protocol import KeepsFrequencies, Request
from policysearch.engines.tree import And, Or
from policysearch.errors import InputError
from policysearch.frozen import replace
from policysearch.text.folding import reduce

__all__ = ["compared", "overlapping", "refuse_unknown"]

_AT_ONCE = 1_000  # minimum number of n-grams that are counted exactly


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
    """Return the strings of a selection that are most frequent, or more frequent than in another one.

    Args:
        first: The selection.
        second: The other selection, or None.
        overlap: Whether a section is in both.

    The others are those of ``keywords``.
    """
    if limit == 0:
        sides = [Totals(0, 0, 0) if side is None else _totals(side, jobs) for side in (first, second)]
        none = np.zeros(0, np.int64)
        return StringFigures((), (none, none, none, none), *sides)
    stopped = frozenset(map(reduce, stop))
    asked = StringRanking(basis, limit, min_documents, negative, stopped, second is None)
    if unit == "ngram":
        return _ngrams(first, second, asked, jobs)
    return _words(first, second, asked, overlap, jobs)


def _totals(selection: Selection, jobs: int) -> Totals:
    """Return the size of a selection."""
    if isinstance(selection.engine, KeepsFrequencies):
        return Totals(*selection.engine.frequencies(selection.node, selection.accepting).totals())
    return tally(selection, StringCounter(()), jobs).totals


def _words(first: Selection, second: Selection | None, asked: StringRanking, overlap: bool, jobs: int) -> StringFigures:
    if asked.limit and isinstance(first.engine, KeepsFrequencies):
        if second is None:
            return most_frequent(first, first.engine, asked, asked.limit)
        if asked.basis == "occurrences":
            found = most_different((first, second), first.engine, asked, overlap, jobs)
            if found is not None:
                return found
    cut = _cut(first, second, overlap)
    # a word has at most twice as many places as tokens
    least = (asked.min_documents + 1) // 2
    words = sorted(word for word, count in cut.items() if count >= least and word not in asked.stop)
    counter = StringCounter(words)
    one = tally(first, counter, jobs)
    other = no_tally(len(words)) if second is None else tally(second, counter, jobs)
    times = np.array([cut[word] for word in words], np.int64)
    common = np.flatnonzero(2 * times >= one.occurrences + other.occurrences)
    return best_of(words, one, other, common, asked)


def _cut(first: Selection, second: Selection | None, overlap: bool) -> Mapping[str, int]:
    """Return the number of tokens of each word in both selections, counting sections of both twice."""
    if second is None:
        return cut_words(first)
    if not overlap and first.document == second.document:
        return cut_words(replace(first, node=Or((first.node, second.node))))
    found = dict(cut_words(first))
    for word, count in cut_words(second).items():
        found[word] = found.get(word, 0) + count
    return found


def _ngrams(first: Selection, second: Selection | None, asked: StringRanking, jobs: int) -> StringFigures:
    """Return n-grams: candidates with the greatest estimated weights are counted until there are enough."""
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
        other = no_tally(len(strings)) if second is None else tally(second, counter, jobs)
        best = best_of(strings, one, other, np.arange(len(strings)), asked)
        everything = at_once is None or at_once >= np.count_nonzero(weights >= 0)
        if everything or len(best.strings) >= (asked.limit or 0):
            return best
        at_once = 4 * (at_once or 0)


def overlapping(first: Selection, second: Selection) -> int:
    """Return the number of sections that are in both selections, which have the same documents to choose from."""
    both = And((first.node, second.node))
    if first.document:
        return sum(len(one.ordinals) for one in replace(first, node=both).texts())
    return first.engine.search(Request(both, limit=0)).total


def refuse_unknown(unit: str, limit: int | None, min_documents: int, jobs: int) -> None:
    """Raise ``InputError`` for an invalid option."""
    if unit not in DEFINITIONS:
        raise InputError(f"Unknown unit {unit!r}; expected one of: {', '.join(DEFINITIONS)}.")
    for what, number, least in (("limit", limit or 0, 0), ("min_documents", min_documents, 1), ("jobs", jobs, 1)):
        if not isinstance(number, int) or number < least:
            raise InputError(f"{what} must be a number from {least}, not {number!r}.")
