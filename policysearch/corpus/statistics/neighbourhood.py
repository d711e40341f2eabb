"""The words that stand in the windows around the places of a phrase."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from policysearch.corpus.concordance import reduced_phrase
from policysearch.corpus.counting import han_table
from policysearch.corpus.statistics.selection import Selection, Totals
from policysearch.corpus.statistics.string_counter import StringCounter
from policysearch.corpus.statistics.tally import tally
from policysearch.corpus.statistics.units import cut_words
from policysearch.corpus.statistics.windows import Windows
from policysearch.engines.protocol import KeepsFrequencies
from policysearch.engines.tree import And, Contains
from policysearch.frozen import frozen, replace
from policysearch.text.code_points import code_points
from policysearch.text.folding import reduce

__all__ = ["Neighbourhood", "neighbourhood"]

Numbers: TypeAlias = NDArray[np.int64]

_AT_ONCE = 50  # words that are looked at closely
_FIRST = 20  # words that are counted first, for each that is asked for


@frozen
class Neighbourhood:
    """Words near a phrase.

    Attributes:
        words: In order of their characters.
        together: At how many places in the windows each stands.
        left: How many of these stand before the nearest phrase; where two are as near, behind the first of them.
        anywhere: How often each stands in the selection.
        occurrences: How often the phrase does.
        characters: How many Han characters the windows have.
        totals: What was counted in.
    """

    words: tuple[str, ...]
    together: Numbers
    left: Numbers
    anywhere: Numbers
    occurrences: int
    characters: int
    totals: Totals


def neighbourhood(
    selection: Selection,
    phrase: str,
    window: str | int,
    limit: int | None,
    least: int,
    stop: Collection[str],
    jobs: int,
) -> Neighbourhood:
    """Look at the windows around a phrase; the arguments are those of ``collocates``.

    Of the words near it, those are returned that have the greatest logDice, more than ``limit`` perhaps.
    """
    reduced = reduced_phrase(phrase)
    windows = Windows(replace(selection, node=And((Contains(reduced), selection.node))), reduced, window)
    text = windows.text
    stopped = {reduced, *map(reduce, stop)}
    frequent = _Frequent(text, least)
    known = _Known(selection, frequent.beginnings, jobs)
    words = sorted(word for word in known.cut if word[:2] in frequent.beginnings and word not in stopped)
    most = frequent.at_most(words)
    held = np.flatnonzero(most >= least)
    words, most = [words[at] for at in held.tolist()], most[held]
    bound = known.bound(words, most, windows.occurrences)
    order = np.argsort(-bound, kind="stable")
    size = len(order) if limit is None or not known.bounded else min(len(order), _FIRST * limit)
    while True:
        some = [words[at] for at in np.sort(order[:size]).tolist()]
        word, place = StringCounter(some, len(text)).places(text)
        together = np.bincount(word, minlength=len(some))
        near = np.flatnonzero(together >= least)
        best, anywhere = known.best([some[at] for at in near.tolist()], together[near], windows.occurrences, limit)
        near = near[best]
        reached = np.sort(2 * together[near] / (windows.occurrences + anywhere))[::-1]
        if size == len(order) or not limit or (len(reached) >= limit and reached[limit - 1] > bound[order[size]]):
            break
        size = min(len(order), 4 * size)
    words = some
    wanted = np.zeros(len(words), bool)
    wanted[near] = True
    looked_at = np.flatnonzero(wanted[word])
    word, place = word[looked_at], place[looked_at]
    before = windows.before(place, np.array([len(one) for one in words], np.int64)[word])
    left = np.bincount(word[before], minlength=len(words))
    return Neighbourhood(
        tuple(words[at] for at in near.tolist()),
        together[near],
        left[near],
        anywhere,
        windows.occurrences,
        int(np.count_nonzero(han_table().take(text))),
        known.totals,
    )


class _Frequent:
    """The characters and pairs of characters that stand often in a text.

    Attributes:
        beginnings: Those that stand ``least`` times.
    """

    def __init__(self, text: NDArray[np.uint32], least: int) -> None:
        self._times = np.bincount(text)
        frequent = np.flatnonzero(self._times >= least)
        # a pair of which a character is rarer is rarer too
        self._number = np.zeros(len(self._times), np.int32)
        self._number[frequent] = np.arange(1, len(frequent) + 1)
        self._width = len(frequent) + 1
        held = self._number.take(text).astype(np.int64)
        numbers = held[:-1] * self._width
        numbers += held[1:]
        self._pairs: Numbers | None = None
        if self._width**2 < 8 * len(text):
            self._pairs = np.bincount(numbers, minlength=self._width**2)
            distinct = np.flatnonzero(self._pairs >= least)
        else:
            distinct, repeated = np.unique(numbers, return_counts=True)
            distinct = distinct[repeated >= least]
        one, other = np.divmod(distinct, self._width)
        both = (one > 0) & (other > 0)
        found = set(map(chr, frequent.tolist()))
        characters = [chr(code) for code in frequent.tolist()]
        found.update(
            characters[a - 1] + characters[b - 1] for a, b in zip(one[both].tolist(), other[both].tolist(), strict=True)
        )
        self.beginnings = {pair.rstrip("\0") for pair in found}

    def at_most(self, words: Sequence[str]) -> Numbers:
        """Return how often each word can stand in the text at most: as often as the rarest pair of it."""
        if not words:
            return np.zeros(0, np.int64)
        lengths = np.array([len(word) for word in words], np.int64)
        codes = code_points("".join(words))
        inside = codes < len(self._times)
        codes = np.where(inside, codes, 0)
        times = np.where(inside, self._times[codes], 0)
        starts = lengths.cumsum() - lengths
        if self._pairs is not None and len(codes) > 1:
            numbers = np.where(inside, self._number[codes], 0).astype(np.int64)
            pairs = self._pairs[numbers[:-1] * self._width + numbers[1:]]
            pairs = np.where((numbers[:-1] > 0) & (numbers[1:] > 0), pairs, 0)
            opens = np.zeros(len(codes), bool)
            opens[starts] = True
            times[:-1] = np.where(opens[1:], times[:-1], np.minimum(times[:-1], pairs))
        found: Numbers = np.minimum.reduceat(times, starts)
        return found


class _Known:
    """Statistics of the words of a selection that begin with one of some characters or pairs of characters.

    Attributes:
        cut: The words, and how often each was cut, others perhaps among them.
        totals: What they were counted in.
    """

    def __init__(self, selection: Selection, begins: Collection[str], jobs: int) -> None:
        self._selection = selection
        self._jobs = jobs
        engine = selection.engine
        self._frequencies = None
        if isinstance(engine, KeepsFrequencies):
            self._frequencies = engine.frequencies(selection.node, selection.accepting)
            self.cut = self._frequencies.words(begins)
            self.totals = Totals(*self._frequencies.totals())
        else:
            self.cut = cut_words(selection)

    @property
    def bounded(self) -> bool:
        """Whether ``bound`` tells more than that a word may be among the first."""
        return self._frequencies is not None

    def bound(self, words: Sequence[str], most: Numbers, node: int) -> NDArray[np.float64]:
        """Return the greatest Dice coefficient that each word can have that stands ``most`` times near a phrase."""
        times = np.array([self.cut[word] for word in words], np.int64)
        found: NDArray[np.float64] = 2 * most / (node + np.maximum(times, most))
        return found

    def best(self, words: Sequence[str], together: Numbers, node: int, limit: int | None) -> tuple[Numbers, Numbers]:
        """Return which words have the greatest logDice with a phrase that stands ``node`` times, and how often each is.

        The frequency of a word is known by a look at the texts; it is at least its frequency as a token. So words are
        looked at in the order of the greatest logDice that they can have, until no other can be among the first.
        """
        times = np.array([self.cut[word] for word in words], np.int64)
        if self._frequencies is None:
            found = tally(self._selection, StringCounter(words), self._jobs)
            self.totals = found.totals
            common = np.flatnonzero(2 * times >= found.occurrences)
            return common, found.occurrences[common]
        most = 2 * together / (node + np.maximum(times, together))
        order = np.argsort(-most, kind="stable")
        chosen: list[int] = []
        anywhere: list[int] = []
        reached: list[float] = []
        for start in range(0, len(order), _AT_ONCE):
            if limit is not None and len(reached) >= limit and (not limit or reached[limit - 1] > most[order[start]]):
                break
            some = order[start : start + _AT_ONCE].tolist()
            for at, often in zip(some, self._frequencies.of([words[at] for at in some]), strict=True):
                if 2 * times[at] >= often:
                    chosen.append(at)
                    anywhere.append(often)
                    reached.append(2 * together[at] / (node + often))
            reached.sort(reverse=True)
        return np.array(chosen, np.int64), np.array(anywhere, np.int64)
