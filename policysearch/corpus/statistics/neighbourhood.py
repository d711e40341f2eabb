"""The windows around the places of a phrase, and which words stand in them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from policysearch.corpus.concordance import reduced_phrase
from policysearch.corpus.counting import han_table
from policysearch.corpus.sentences import sentences
from policysearch.corpus.statistics.selection import Selection, Totals
from policysearch.corpus.statistics.string_counter import StringCounter
from policysearch.corpus.statistics.tally import tally
from policysearch.corpus.statistics.units import cut_words
from policysearch.engines.protocol import KeepsFrequencies, Stored
from policysearch.engines.tree import And, Contains
from policysearch.frozen import frozen, replace
from policysearch.query.matching import Span, occurrences
from policysearch.text.folding import reduce

__all__ = ["Neighbourhood", "neighbourhood"]

Numbers: TypeAlias = NDArray[np.int64]

_AT_ONCE = 50  # words that are looked at closely


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
    windows = _Windows(reduced, window)
    for section in replace(selection, node=And((Contains(reduced), selection.node))).stored():
        windows.add(section)
    text = np.frombuffer("".join(windows.pieces).encode("utf-32-le", "surrogatepass"), "<u4")
    stopped = {reduced, *map(reduce, stop)}
    begins = _beginnings(text, least)
    known = _Known(selection, begins, jobs)
    words = sorted(word for word in known.cut if word[:2] in begins and word not in stopped)
    counter = StringCounter(words)
    word, place = counter.places(text)
    together = np.bincount(word, minlength=len(words))
    before = windows.before(place, np.array([len(one) for one in words], np.int64)[word])
    left = np.bincount(word[before], minlength=len(words))
    near = np.flatnonzero(together >= least)
    best, anywhere = known.best([words[at] for at in near.tolist()], together[near], windows.occurrences, limit)
    near = near[best]
    return Neighbourhood(
        tuple(words[at] for at in near.tolist()),
        together[near],
        left[near],
        anywhere,
        windows.occurrences,
        int(np.count_nonzero(han_table().take(text))),
        known.totals,
    )


def _beginnings(text: NDArray[np.uint32], least: int) -> set[str]:
    """Return the characters and pairs of characters that stand so often in a text."""
    found: set[str] = set()
    pair = text[:-1].astype(np.int64) << 32 | text[1:]
    for keys in (text.astype(np.int64) << 32, pair):
        distinct, times = np.unique(keys, return_counts=True)
        for key in distinct[times >= least].tolist():
            found.add((chr(key >> 32) + chr(key & 0xFFFF_FFFF)).rstrip("\0"))
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


class _Windows:
    """All windows, joined.

    Attributes:
        pieces: The windows in text order with a zero behind each; zeros stand for the phrase.
        occurrences: How many places of the phrase they have.
    """

    def __init__(self, phrase: str, window: str | int) -> None:
        self._phrase = phrase
        self._window = window
        self._size = 0
        self._starts: list[int] = []  # of each place of the phrase in the joined windows
        self._owners: list[int] = []  # the window of each
        self._borders: list[int] = []  # where each window begins
        self.pieces: list[str] = []

    @property
    def occurrences(self) -> int:
        return len(self._starts)

    def add(self, section: Stored) -> None:
        """Add the windows of a section."""
        places = occurrences(self._phrase, section.reduced, apart=True)
        for (start, end), held in self._spans(section, places):
            owner = len(self._borders)
            self._borders.append(self._size)
            at = start
            for begins, ends in held:
                self._starts.append(self._size + begins - start)
                self._owners.append(owner)
                self.pieces += [section.reduced[at:begins], "\0" * (ends - begins)]
                at = ends
            self.pieces += [section.reduced[at:end], "\0"]
            self._size += end - start + 1

    def _spans(self, section: Stored, places: Sequence[Span]) -> Iterator[tuple[Span, list[Span]]]:
        """Yield each window, and the places of the phrase in it."""
        if self._window == "sentence":
            units = sentences(section)
        else:
            size = int(self._window)
            units = [(max(0, start - size), min(len(section.reduced), end + size)) for start, end in places]
        at = 0
        number = 0
        while at < len(places):
            while units[number][1] <= places[at][0]:
                number += 1
            start, end = units[number]
            held = []
            # a place that goes beyond the end of its sentence takes the next one in
            while at < len(places) and places[at][0] < end:
                held.append(places[at])
                at += 1
                while number + 1 < len(units) and (held[-1][1] > end or self._touches(units[number + 1], end)):
                    number += 1
                    end = max(end, units[number][1])
            yield (min(start, held[0][0]), max(end, held[-1][1])), held

    def _touches(self, following: Span, end: int) -> bool:
        return self._window != "sentence" and following[0] <= end

    def before(self, place: Numbers, length: Numbers) -> NDArray[np.bool_]:
        """Return, for places of words in the joined windows, whether each stands before the nearest phrase."""
        if not self._starts:
            return np.zeros(len(place), bool)
        starts, owners = np.array(self._starts), np.array(self._owners)
        owner = np.searchsorted(self._borders, place, side="right") - 1
        following = np.searchsorted(starts, place)
        last = len(starts) - 1
        there = (following <= last) & (owners[np.minimum(following, last)] == owner)
        to_next = starts[np.minimum(following, last)] - (place + length)
        behind = (following > 0) & (owners[np.maximum(following - 1, 0)] == owner)
        from_last = place - (starts[np.maximum(following - 1, 0)] + len(self._phrase))
        result: NDArray[np.bool_] = there & (~behind | (to_next < from_last))
        return result
