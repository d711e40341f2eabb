"""The greatest possible frequencies of words in texts, by their pairs of characters."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from policysearch.text.chinese import HAN_SCRIPT_RANGES
from policysearch.text.code_points import are_within

__all__ = ["WindowText"]

Numbers: TypeAlias = NDArray[np.int64]

_MOST_COUNTED = 32_000_000  # number of pairs that are counted in an array; if more are possible they are sorted
_PIECE = 1 << 16  # pairs that are counted at a time: they fit into the processor's cache
_WORDS = 10_000  # words that are looked up at a time, for the same reason
_ANY = np.iinfo(np.int64).max


class WindowText:
    """Texts in which words with a minimum frequency are counted.

    Args:
        texts: Code points, with a zero at the end of each text and wherever there is no word.
        sides: For each text, whether a pair at each place is on a side whose pairs are also counted alone.
        least: The minimum frequency.
    """

    def __init__(self, texts: Sequence[NDArray[Any]], sides: Iterable[NDArray[np.bool_]], least: int) -> None:
        self._times = _character_counts(texts)
        # a pair with a rarer character is rarer too, and has no number
        frequent = np.flatnonzero(self._times >= least)
        self._width = len(frequent) + 1
        self._number = np.zeros(len(self._times), np.int64)
        self._number[frequent] = np.arange(1, len(frequent) + 1)
        # the number of a pair on the side is odd
        self._in_places = 2 * self._width**2 <= _MOST_COUNTED
        pairs = (pair for text, side in zip(texts, sides, strict=True) for pair in self._pairs_of(text, side))
        if self._in_places:
            self._count: NDArray[np.int32 | np.int64] = np.zeros(2 * self._width**2, np.int32)
            one = np.int32(1)
            for pair in pairs:
                np.add.at(self._count, pair, one)
        else:
            self._pairs, self._count = np.unique(np.concatenate([np.zeros(0, np.int64), *pairs]), return_counts=True)

    def _pairs_of(self, text: NDArray[Any], side: NDArray[np.bool_]) -> Iterator[Numbers]:
        """Yield the pairs of a text, some at a time."""
        for at in range(0, len(text) - 1, _PIECE):
            number = self._number.take(text[at : at + _PIECE + 1])
            pair = number[:-1] * self._width
            pair += number[1:]
            pair += pair
            pair += side[at : at + len(pair)]
            yield pair

    @property
    def han(self) -> int:
        """The number of Han characters of the text."""
        codes = np.flatnonzero(self._times)
        return int(self._times[codes[are_within(codes, HAN_SCRIPT_RANGES)]].sum())

    def at_most(self, codes: NDArray[Any], lengths: Numbers) -> Numbers:
        """Return the maximum number of occurrences of each of some words: that of its rarest pair.

        For a word of one character, or of two different ones, it is exact, or less than ``least``.

        Args:
            codes: The code points of the words, joined.
            lengths: The length of each word.
        """
        found: list[Numbers] = [np.zeros(0, np.int64)]
        ends = lengths.cumsum()
        for at in range(0, len(lengths), _WORDS):
            some = lengths[at : at + _WORDS]
            starts = ends[at : at + _WORDS] - some
            of_each = self._pair_counts(codes[starts[0] : ends[at + len(some) - 1]], some)
            found.append(np.minimum.reduceat(of_each, starts - starts[0]))
        return np.concatenate(found)

    def _pair_counts(self, codes: NDArray[Any], lengths: Numbers) -> Numbers:
        """Return, for each character of words, the frequency of the pair of it and the next one of its word.

        For the last character it is a large number; for the only one, its own frequency.
        """
        codes = np.where(codes < len(self._times), codes, 0)
        number = self._number[codes]
        found = np.zeros(len(codes), np.int64)
        pair = 2 * (number[:-1] * self._width + number[1:])
        found[:-1] = self._counts(pair) + self._counts(pair + 1)
        found[:-1][(number[:-1] == 0) | (number[1:] == 0)] = 0
        last = lengths.cumsum() - 1
        found[last] = np.where(lengths == 1, self._times[codes[last]], _ANY)
        return found

    def beside(self, codes: NDArray[Any]) -> Numbers:
        """Return how many of the occurrences of words are on the side, as exactly as ``at_most``.

        Args:
            codes: The code points of the words, each of two different characters, joined.
        """
        number = self._number[np.where(codes < len(self._times), codes, 0)].reshape(-1, 2)
        pair = number[:, 0] * self._width + number[:, 1]
        return np.where(number.all(axis=1), self._counts(2 * pair + 1), 0)

    def _counts(self, pair: Numbers) -> Numbers:
        """Return the frequency of pairs on one side."""
        if self._in_places:
            return self._count[pair].astype(np.int64)
        if not len(self._pairs):
            return np.zeros(len(pair), np.int64)
        at = np.minimum(np.searchsorted(self._pairs, pair), len(self._pairs) - 1)
        found: Numbers = np.where(self._pairs[at] == pair, self._count[at], 0)
        return found


def _character_counts(texts: Sequence[NDArray[Any]]) -> Numbers:
    """Return the frequency of each character in texts; that of the zero is 0."""
    found: NDArray[np.intp] = np.zeros(1, np.intp)
    for text in texts:
        more = np.bincount(text, minlength=len(found))
        more[: len(found)] += found
        found = more
    found[0] = 0
    return found
