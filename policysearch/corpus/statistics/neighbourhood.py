"""The words in the windows around the places of a phrase."""

from __future__ import annotations

from collections.abc import Collection
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from policysearch.corpus.concordance import reduced_phrase
from policysearch.corpus.statistics.selection import Selection, Totals
from policysearch.corpus.statistics.string_counter import StringCounter
from policysearch.corpus.statistics.tally import tally
from policysearch.corpus.statistics.units import cut_words
from policysearch.corpus.statistics.window_text import WindowText
from policysearch.corpus.statistics.windows import Windows
from policysearch.engines.protocol import KeepsFrequencies
from policysearch.engines.tree import And, Contains
from policysearch.frozen import frozen, replace
from policysearch.text.code_points import code_points
from policysearch.text.folding import may_overlap, reduce

__all__ = ["Neighbourhood", "neighbourhood"]

Numbers: TypeAlias = NDArray[np.int64]

_AT_ONCE = 10  # number of words that are counted exactly
_SHARE = 200  # words that can occur near one of so many places of the phrase are counted first,
_LOWER = 20  # and then those that can occur near so many times fewer


@frozen
class Neighbourhood:
    """Words near a phrase.

    Attributes:
        words: The words, in order of their characters.
        together: Number of places of each in the windows.
        left: Number of these before the nearest phrase; between two equally near ones, a place is after the first.
        anywhere: Number of occurrences of each in the selection.
        occurrences: Number of occurrences of the phrase.
        characters: Number of Han characters in the windows.
        totals: The totals of the selection.
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
    """Return the words in the windows around a phrase; the arguments are those of ``collocates``.

    The words with the greatest logDice are returned, possibly more than ``limit``.
    """
    reduced = reduced_phrase(phrase)
    windows = Windows(replace(selection, node=And((Contains(reduced), selection.node))), reduced, window)
    stopped = {reduced, *map(reduce, stop)}
    # few words are frequent in the windows, and a rarer one has a low Dice coefficient; an engine that does not store
    # frequencies tokenizes all texts each time
    floor = least
    if limit is not None and isinstance(selection.engine, KeepsFrequencies):
        floor = max(least, windows.occurrences // _SHARE)
    while True:
        text = WindowText(windows.texts, windows.sides(2), floor)
        known = _Known(selection, text, floor, stopped, jobs)
        words, together, left, anywhere = _best_of(known, windows, least, limit)
        reached = np.sort(2 * together / (windows.occurrences + anywhere))[::-1]
        missed = 2 * floor / (windows.occurrences + floor)
        if floor == least or not limit or (len(reached) >= limit and reached[limit - 1] >= missed):
            break
        floor = max(least, floor // _LOWER)
    return Neighbourhood(tuple(words), together, left, anywhere, windows.occurrences, text.han, known.totals)


def _best_of(
    known: _Known, windows: Windows, least: int, limit: int | None
) -> tuple[list[str], Numbers, Numbers, Numbers]:
    """Return the words with the greatest logDice, their occurrences in the windows, those of them before the phrase,
    and those in the selection.

    Pairs of characters are short words already counted. So the text is searched only for the longer words that can be
    among the first, and for those of one character that are, to know on which side of the phrase they are.
    """
    node = windows.occurrences
    short = np.flatnonzero(known.is_short & (known.at_most >= least))
    best, anywhere = known.best(short, known.at_most[short], node, limit)
    short = short[best]
    fewest = 0.0
    if limit is not None and len(short) >= limit:
        fewest = np.sort(2 * known.at_most[short] / (node + anywhere))[-limit] if limit else np.inf
    single = known.lengths[short] == 1
    some = np.concatenate((short[single], np.flatnonzero(~known.is_short & (known.bound(node) >= fewest))))
    together, left = windows.count(StringCounter([known.words[at] for at in some.tolist()]))
    beside = known.beside(short)
    beside[single] = left[: single.sum()]
    near = np.flatnonzero(together >= least)
    near = near[near >= single.sum()]
    best, more = known.best(some[near], together[near], node, limit, fewest)
    near = near[best]
    words = [known.words[at] for at in (*short.tolist(), *some[near].tolist())]
    together = np.concatenate((known.at_most[short], together[near]))
    return words, together, np.concatenate((beside, left[near])), np.concatenate((anywhere, more))


class _Known:
    """Statistics of words that can occur in a text a minimum number of times, in order of their characters.

    Attributes:
        words: The words.
        lengths: The number of characters of each.
        at_most: Maximum number of occurrences of each in the text.
        is_short: Whether this is the number itself, for an engine that keeps frequencies.
        times: Number of tokens of each in the selection.
        totals: The totals of the selection.
    """

    def __init__(self, selection: Selection, text: WindowText, least: int, stop: Collection[str], jobs: int) -> None:
        self._selection = selection
        self._text = text
        self._jobs = jobs
        engine = selection.engine
        self._frequencies = None
        if isinstance(engine, KeepsFrequencies):
            self._frequencies = engine.frequencies(selection.node, selection.accepting)
            cut = self._frequencies.words(lambda codes, lengths: text.at_most(codes, lengths) >= least)
            self.totals = Totals(*self._frequencies.totals())
        else:
            cut = cut_words(selection)
        words = sorted(word for word in cut if word not in stop)
        lengths = np.array([len(word) for word in words], np.int64)
        at_most = text.at_most(code_points("".join(words)), lengths)
        held = np.flatnonzero(at_most >= least)
        self.words = [words[at] for at in held.tolist()]
        self.lengths = lengths[held]
        self.at_most = at_most[held]
        self.times = np.array([cut[word] for word in self.words], np.int64)
        # a word that overlaps itself may have more tokens than counted places
        overlaps = np.array([may_overlap(word) for word in self.words], bool)
        self._least = np.where(overlaps, 0, self.times)
        self.is_short = (self.lengths < 3) & ~overlaps & (self._frequencies is not None)

    def bound(self, node: int) -> NDArray[np.float64]:
        """Return the greatest possible Dice coefficient of each word with a phrase that occurs ``node`` times."""
        found: NDArray[np.float64] = 2 * self.at_most / (node + np.maximum(self._least, self.at_most))
        return found

    def beside(self, short: Numbers) -> Numbers:
        """Return the number of occurrences of some short words before the phrase; of those of one character, 0."""
        found = np.zeros(len(short), np.int64)
        pairs = np.flatnonzero(self.lengths[short] == 2)
        found[pairs] = self._text.beside(code_points("".join([self.words[at] for at in short[pairs].tolist()])))
        return found

    def best(
        self, some: Numbers, together: Numbers, node: int, limit: int | None, fewest: float = 0.0
    ) -> tuple[Numbers, Numbers]:
        """Return which of some words have the greatest logDice, and the occurrences of each in the selection.

        Words with a Dice coefficient below ``fewest`` may be left out.

        The frequency of a word requires a search in the texts; it is at least its number of tokens, unless the word
        overlaps itself. So words are counted in the order of their greatest possible logDice, until no other can be
        among the first.
        """
        words, times = [self.words[at] for at in some.tolist()], self.times[some]
        if self._frequencies is None:
            found = tally(self._selection, StringCounter(words), self._jobs)
            self.totals = found.totals
            common = np.flatnonzero(2 * times >= found.occurrences)
            return common, found.occurrences[common]
        most = 2 * together / (node + np.maximum(self._least[some], together))
        order = np.argsort(-most, kind="stable")
        order = order[most[order] >= fewest]
        chosen: list[int] = []
        anywhere: list[int] = []
        reached: list[float] = []
        for start in range(0, len(order), _AT_ONCE):
            if limit is not None and len(reached) >= limit and (not limit or reached[limit - 1] > most[order[start]]):
                break
            block = order[start : start + _AT_ONCE].tolist()
            for at, often in zip(block, self._frequencies.of([words[at] for at in block]), strict=True):
                if 2 * times[at] >= often:
                    chosen.append(at)
                    anywhere.append(often)
                    reached.append(2 * together[at] / (node + often))
            reached.sort(reverse=True)
        return np.array(chosen, np.int64), np.array(anywhere, np.int64)
