"""Counting of very many strings at once (``count`` counts few): a trie that all places of a text traverse.

All places advance at the same time, in numpy; a place from which no string continues is dropped. So the time depends
little on the number of strings.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from policysearch.corpus.statistics.key_tables import DirectTable, KeyTable
from policysearch.engines.joined_texts import JoinedTexts
from policysearch.text.code_points import code_points
from policysearch.text.folding import may_overlap

__all__ = ["StringCounter"]

Numbers: TypeAlias = NDArray[np.int64]
_Small: TypeAlias = NDArray[np.int32]

_MOST_DIRECT = 40_000_000  # size of a table
_MOST_MARKS = 16_000_000  # number of pairs of a string and a document that are marked at once
_PIECE = 1 << 16
_SPARSE = 30  # number of marks per place from which places are sorted instead


class StringCounter:
    """Counts non-overlapping places of strings, left to right, as ``counting.count`` does. Thread-safe.

    It may be shared by threads.

    Attributes:
        lengths: The length of each string.

    Args:
        strings: Reduced strings, not empty, each once.
    """

    def __init__(self, strings: Sequence[str]) -> None:
        self._size = len(strings)
        self.lengths = np.array([len(one) for one in strings], np.int64)
        self._may_overlap = np.array([may_overlap(one) for one in strings], bool)
        codes = code_points("".join(strings))
        alphabet = np.flatnonzero(np.bincount(codes))  # np.unique would import numpy.ma
        self._number = np.zeros(0x11_0000, np.int32)
        self._number[alphabet] = np.arange(1, len(alphabet) + 1)
        self._width = len(alphabet) + 1
        numbers = self._number[codes].astype(np.int64)
        starts = np.cumsum(self.lengths) - self.lengths
        self._begins = np.zeros(0x11_0000, bool)
        self._begins[codes[starts]] = True
        # for each step: the string that ends with each state, or -1; and the transitions from the states before
        self._ends: list[Numbers] = []
        self._steps: list[KeyTable | DirectTable] = []
        left = np.arange(self._size)
        states = np.zeros(0, np.int64)
        many = self._width
        step = 0
        while len(left):
            following = numbers[starts[left] + step]
            if step:
                known, inverse = np.unique(states * self._width + following, return_inverse=True)
                size = many * self._width
                self._steps.append(DirectTable(known, size) if size <= _MOST_DIRECT else KeyTable(known))
                states, many = inverse.reshape(-1) + 1, len(known) + 1
            else:
                states = following
            ends = np.full(many, -1, np.int64)
            done = self.lengths[left] == step + 1
            ends[states[done]] = left[done]
            self._ends.append(ends)
            left, states = left[~done], states[~done]
            step += 1

    def __len__(self) -> int:
        return self._size

    def count(self, texts: JoinedTexts) -> tuple[Numbers, Numbers]:
        """Return, for each string, its number of places in some texts, and the number of documents that contain it.

        The texts should have about a million characters at most.
        """
        if not self._size:
            return np.zeros(0, np.int64), np.zeros(0, np.int64)
        sizes = texts.document_sizes
        characters = self._number.take(texts.codes)
        string, place = self._longer(characters)
        occurrences = np.bincount(string, minlength=self._size)
        of = self._documents(string, np.searchsorted(np.cumsum(sizes), place, side="right"), len(sizes))
        self._add_single(characters, sizes, occurrences, of)
        return occurrences, of

    def _add_single(self, characters: _Small, sizes: Numbers, occurrences: Numbers, documents: Numbers) -> None:
        """Count the strings of one character."""
        ends = self._ends[0]
        single = np.flatnonzero(ends >= 0)
        if not len(single):
            return
        document = np.repeat(np.arange(len(sizes)) * self._width, sizes)
        counts = np.bincount(document + characters, minlength=len(sizes) * self._width)
        held = counts.reshape(len(sizes), self._width)[:, single]
        occurrences[ends[single]] += held.sum(axis=0)
        documents[ends[single]] += np.count_nonzero(held, axis=0)

    def places(self, codes: NDArray[Any]) -> tuple[Numbers, Numbers]:
        """Return the string and the offset of every place that counts in a text: code points, the last of them a zero.

        It is fast for strings that begin with few characters.
        """
        if not self._size:
            return np.zeros(0, np.int64), np.zeros(0, np.int64)
        place = np.flatnonzero(self._begins.take(codes))
        state = self._number.take(codes.take(place))
        return self._from(0, place, state, lambda places: self._number.take(codes.take(places)))

    def _longer(self, characters: _Small) -> tuple[Numbers, Numbers]:
        """Return the string and the offset of every place that counts, for strings of two characters or more."""
        if len(self._ends) < 2:
            return np.zeros(0, np.int64), np.zeros(0, np.int64)
        padded = np.append(characters, np.zeros(len(self._ends), np.int32))
        return self._from(1, *self._pairs(characters), padded.take)

    def _from(
        self, step: int, place: Numbers, state: _Small, characters_at: Callable[[Numbers], _Small]
    ) -> tuple[Numbers, Numbers]:
        """Return the string and the offset of every place that counts, given the places and states after a step."""
        strings: list[Numbers] = []
        places: list[Numbers] = []
        while True:
            string = self._ends[step].take(state)
            here = np.flatnonzero(string >= 0)
            strings.append(string.take(here))
            places.append(place.take(here))
            step += 1
            if step == len(self._ends):
                return self._apart(np.concatenate(strings), np.concatenate(places))
            key = state.astype(np.int64)
            key *= self._width
            key += characters_at(place + step)
            on, state = self._steps[step - 1].find(key)
            place = place.take(on)

    def _pairs(self, characters: _Small) -> tuple[Numbers, _Small]:
        """Return the places where the first two characters of a string are, and the states there."""
        places: list[Numbers] = [np.zeros(0, np.int64)]
        states: list[_Small] = [np.zeros(0, np.int32)]
        for at in range(0, len(characters) - 1, _PIECE):  # the results for a piece fit into the processor's cache
            some = characters[at : at + _PIECE + 1]
            key = some[:-1].astype(np.int64)
            key *= self._width
            key += some[1:]
            on, state = self._steps[0].find(key)
            places.append(on + at)
            states.append(state)
        return np.concatenate(places), np.concatenate(states)

    def _apart(self, string: Numbers, place: Numbers) -> tuple[Numbers, Numbers]:
        """Drop places that overlap an earlier one of the same string."""
        may = np.flatnonzero(self._may_overlap.take(string))
        if not len(may):
            return string, place
        may = may[np.lexsort((place[may], string[may]))]
        strings, places = string[may], place[may]
        gap = np.diff(places, prepend=-1)
        close = np.concatenate(([False], strings[1:] == strings[:-1])) & (gap < self.lengths[strings])
        dropped = []
        free = -1
        run = -2
        for i in np.flatnonzero(close).tolist():
            if i != run + 1:  # the place before counts, as it overlaps none
                free = int(places[i - 1] + self.lengths[strings[i - 1]])
            run = i
            if places[i] < free:
                dropped.append(may[i])
            else:
                free = int(places[i] + self.lengths[strings[i]])
        if dropped:
            keep = np.ones(len(string), bool)
            keep[dropped] = False
            string, place = string[keep], place[keep]
        return string, place

    def _documents(self, string: Numbers, document: Numbers, documents: int) -> Numbers:
        """Return the number of documents that contain each string."""
        if documents * self._size > _SPARSE * len(string):
            distinct = np.unique(document * self._size + string)
            return np.bincount(distinct % self._size, minlength=self._size)
        found = np.zeros(self._size, np.int64)
        at_once = max(1, _MOST_MARKS // self._size)
        for first in range(0, documents, at_once):
            marks = np.zeros(min(at_once, documents - first) * self._size, bool)
            here = (document >= first) & (document < first + at_once)
            marks[(document[here] - first) * self._size + string[here]] = True
            found += np.bincount(np.flatnonzero(marks) % self._size, minlength=self._size)
        return found
