"""The frequencies and places of words in a text, by its pairs of characters."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from policysearch.text.chinese import HAN_SCRIPT_RANGES
from policysearch.text.code_points import apart, are_within, code_points

__all__ = ["WindowText"]

Numbers: TypeAlias = NDArray[np.int64]

_MOST_COUNTED = 16_000_000  # number of pairs that are counted in an array; if more are possible they are sorted
_MOST_SMALL = 46_000  # characters whose pairs have numbers of four bytes
_PIECE = 1 << 17
_ANY = np.iinfo(np.int64).max


class WindowText:
    """A text in which words with a minimum frequency are counted.

    Args:
        text: Code points, with a zero at the end and wherever there is no word.
        least: The minimum frequency.
    """

    def __init__(self, text: NDArray[Any], least: int) -> None:
        self._text = text
        self._times = _character_counts(text)
        # a pair with a rarer character is rarer too, and has no number
        frequent = np.flatnonzero(self._times >= least)
        self._width = len(frequent) + 1
        small = np.int32 if self._width < _MOST_SMALL else np.int64
        self._number = np.zeros(len(self._times), small)
        self._number[frequent] = np.arange(1, len(frequent) + 1)
        self._pair: NDArray[Any] = np.empty(max(0, len(text) - 1), small)
        for at, piece in _pieces(text):
            number = self._number.take(text[at : at + len(piece) + 1])
            pair = self._pair[at : at + len(number) - 1]
            np.multiply(number[:-1], self._width, out=pair)
            pair += number[1:]
        self._in_places = self._width**2 <= _MOST_COUNTED
        if self._in_places:
            self._count = np.bincount(self._pair, minlength=self._width**2)
        else:
            self._pairs, self._count = np.unique(self._pair, return_counts=True)

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
        if not len(lengths):
            return np.zeros(0, np.int64)
        found: Numbers = np.minimum.reduceat(self._pair_counts(codes, lengths), lengths.cumsum() - lengths)
        return found

    def _pair_counts(self, codes: NDArray[Any], lengths: Numbers) -> Numbers:
        """Return, for each character of words, the frequency of the pair of it and the next one of its word.

        For the last character it is a large number; for the only one, its own frequency.
        """
        codes = np.where(codes < len(self._times), codes, 0)
        number = self._number[codes].astype(np.int64)
        found = np.zeros(len(codes), np.int64)
        found[:-1] = self._counts(number[:-1] * self._width + number[1:])
        found[:-1][(number[:-1] == 0) | (number[1:] == 0)] = 0
        last = lengths.cumsum() - 1
        found[last] = np.where(lengths == 1, self._times[codes[last]], _ANY)
        return found

    def _counts(self, pair: Numbers) -> Numbers:
        if self._in_places:
            return self._count[pair]
        if not len(self._pairs):
            return np.zeros(len(pair), np.int64)
        at = np.minimum(np.searchsorted(self._pairs, pair), len(self._pairs) - 1)
        found: Numbers = np.where(self._pairs[at] == pair, self._count[at], 0)
        return found

    def places(self, words: Sequence[str]) -> list[Numbers]:
        """Return the places of each word, ascending, without those that overlap an earlier one of the word.

        The words have two characters or more, and can occur ``least`` times.
        """
        lengths = np.array([len(word) for word in words], np.int64)
        codes = code_points("".join(words))
        counts = self._pair_counts(codes, lengths)
        starts = lengths.cumsum() - lengths
        rarest = np.array(
            [int(counts[a : a + n].argmin()) for a, n in zip(starts.tolist(), lengths.tolist(), strict=True)], np.int64
        )
        number = self._number[codes]
        at = starts + rarest
        pair = number[at].astype(np.int64) * self._width + number[at + 1]
        of_pairs = self._places_of(np.unique(pair))
        found = []
        for i, word in enumerate(words):
            places = of_pairs[int(pair[i])] - rarest[i]
            if len(word) > 2:
                places = places[(places >= 0) & (places + len(word) < len(self._text))]
                for more, character in enumerate(word):
                    if more not in (rarest[i], rarest[i] + 1):
                        places = places[self._text[places + more] == ord(character)]
            found.append(apart(places, len(word)))
        return found

    def counted_where(self, words: Sequence[str], where: Callable[[int], NDArray[np.bool_]]) -> Numbers:
        """Return the number of places of each word at which a truth value is set.

        Args:
            words: The words, which can occur ``least`` times.
            where: Returns the truth values for words of a length, one for each character of the text.
        """
        found = np.zeros(len(words), np.int64)
        single = [at for at, word in enumerate(words) if len(word) == 1]
        if single:
            held = where(1)
            counts = _character_counts(self._text[held], len(self._times))
            found[single] = counts[[ord(words[at]) for at in single]]
        longer = [at for at, word in enumerate(words) if len(word) > 1]
        chosen = {length: where(length) for length in {len(words[at]) for at in longer}}
        for at, places in zip(longer, self.places([words[at] for at in longer]), strict=True):
            found[at] = np.count_nonzero(chosen[len(words[at])].take(places))
        return found

    def _places_of(self, pairs: Numbers) -> dict[int, Numbers]:
        """Return the places of some pairs."""
        if self._in_places:
            marked = np.zeros(self._width**2, bool)
            marked[pairs] = True
            here = [np.flatnonzero(marked.take(piece)) + at for at, piece in _pieces(self._pair)]
            places = np.concatenate([pairs[:0], *here])
        else:
            places = np.flatnonzero(np.isin(self._pair, pairs))
        held = np.searchsorted(pairs, self._pair[places])
        # numbers of two bytes are sorted by radix
        places = places[np.argsort(held.astype(np.uint16) if len(pairs) < 1 << 16 else held, kind="stable")]
        ends = np.cumsum(self._counts(pairs)).tolist()
        return {pair: places[start:end] for pair, start, end in zip(pairs.tolist(), [0, *ends][:-1], ends, strict=True)}


def _character_counts(text: NDArray[Any], size: int = 1) -> Numbers:
    """Return the frequency of each character in a text, as an array of at least ``size``; that of the zero is 0."""
    found = np.zeros(size, np.int64)
    for _, piece in _pieces(text):
        more = np.bincount(piece, minlength=len(found))
        more[: len(found)] += found
        found = more
    found[0] = 0
    return found


def _pieces(numbers: NDArray[Any]) -> Iterator[tuple[int, NDArray[Any]]]:
    """Yield pieces of an array, and the start of each: the results for one fit into the processor's cache."""
    for at in range(0, len(numbers), _PIECE):
        yield at, numbers[at : at + _PIECE]
