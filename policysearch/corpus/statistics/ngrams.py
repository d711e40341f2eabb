"""Strings that occur repeatedly, found without a dictionary: maximal n-grams of characters.

Texts are divided into runs of letters, digits and Han characters, and equal runs are joined with a weight, since
official texts repeat themselves. Then strings of n characters are grouped by their prefix of n - 1 characters and their
last character, for ascending n; a place continues only if both of its strings of n - 1 characters are frequent enough.
The work is done in pieces, so that memory contains little more than four numbers for each character.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from policysearch.corpus.statistics.key_tables import hash_of
from policysearch.corpus.statistics.selection import Selection
from policysearch.frozen import frozen
from policysearch.text.code_points import code_points

__all__ = ["LONGEST", "NGrams", "ngrams"]

Numbers: TypeAlias = NDArray[np.int64]
_Small: TypeAlias = NDArray[np.int32]

LONGEST = 50
"""Maximum number of characters of an n-gram."""

_RUN = re.compile(r"[^\W_]{2,}")
_PIECE = 4_000_000  # places at a time
_BUCKETS = 24  # bits
_NEARLY_ALL = 0.9
_MORE_THAN_ANYWHERE = 4


@frozen
class NGrams:
    """Maximal n-grams of two selections.

    Attributes:
        text: A text that contains each of them.
        start: The offset of each in it.
        length: The length of each in characters.
        first: Number of places of each in the first selection, overlapping ones included.
        second: Number of those in the second.
        sizes: Number of characters of the runs of each selection.
    """

    text: str
    start: Numbers
    length: Numbers
    first: Numbers
    second: Numbers
    sizes: tuple[int, int]

    def string(self, at: int) -> str:
        """Return the n-gram with a number."""
        start = int(self.start[at])
        return self.text[start : start + int(self.length[at])]


def ngrams(first: Selection, second: Selection | None, least: int, asked: int = 0) -> NGrams:
    """Return the n-grams that occur at least ``least`` times, which is more than 1, in two selections together.

    They are maximal in one of the selections: 0 is the first, 1 the second.
    """
    text, weights = _runs(first, second)
    return _Mining(text, weights, max(2, least), asked).found()


def _runs(first: Selection, second: Selection | None) -> tuple[str, NDArray[np.int32]]:
    """Return the distinct runs, joined, and the number of occurrences of each in the first and the second selection."""
    counts: list[Counter[str]] = [Counter(), Counter()]
    for selection, counter in zip((first, second), counts, strict=True):
        for batch in selection.batches() if selection else ():
            for sections in batch:
                for reduced in sections:
                    counter.update(_RUN.findall(reduced))
    runs = sorted({*counts[0], *counts[1]})
    weights = np.array([[counter[run] for run in runs] for counter in counts], np.int32).reshape(2, -1)
    return "\0".join(runs) + "\0", weights


class _Mining:
    """Extends strings of one character to longer ones.

    The strings of one length have numbers from 1; 0 is any that is too rare. ``_group`` contains the number of the
    string that begins at each place, ``_places`` the places where it is not 0, ascending.
    """

    def __init__(self, text: str, weights: NDArray[np.int32], least: int, asked: int) -> None:
        self._text = text
        self._least = least
        self._asked = asked
        codes = code_points(text)
        alphabet = np.unique(codes)
        alphabet = alphabet[alphabet > 0]
        number = np.zeros(0x11_0000, np.int32)
        number[alphabet] = np.arange(1, len(alphabet) + 1)
        self._characters = number.take(codes)
        self._width = len(alphabet) + 1
        self._run = np.zeros(len(codes), np.int32)  # of each place
        self._run[1:] = np.cumsum(codes[:-1] == 0, dtype=np.int32)
        self._weights = weights
        self._group = self._characters
        self._places = np.flatnonzero(self._group).astype(np.int32)

    def found(self) -> NGrams:
        """Return the maximal n-grams, by ascending length, then by their tokens."""
        kept: list[tuple[Numbers, int, Numbers, Numbers]] = []
        counts: Numbers = np.zeros((2, self._width), np.int64)
        for place in _pieces(self._places):
            held, run = self._characters.take(place), self._run.take(place)
            for side in (0, 1):
                counts[side] += np.bincount(held, self._weights[side].take(run), self._width).astype(np.int64)
        sizes = int(counts[0].sum()), int(counts[1].sum())
        often = counts.sum(axis=0) / max(1, sum(sizes))  # number of places of each character
        where: Numbers = np.zeros(self._width, np.int64)
        wanted = np.zeros(self._width, bool)  # strings of one character are not n-grams
        for length in range(1, LONGEST + 1):
            group = self._group
            longer = self._extend(length) if length < LONGEST else None
            if longer is not None:
                more, at = longer
                before, behind = group[at], group[at + 1]
                for shorter in (before, behind):
                    # nearly all places of the shorter one are places of the longer one
                    held, within = counts[self._asked, shorter[1:]], more[self._asked, 1:]
                    wanted[shorter[1:][within >= np.ceil(_NEARLY_ALL * held)]] = False
            chosen = np.flatnonzero(wanted)
            if len(chosen):
                kept.append((where[chosen], length, counts[0, chosen], counts[1, chosen]))
            if longer is None:
                break
            both = counts.sum(axis=0)
            wanted = np.ones(len(at), bool)
            for character, rest in ((self._characters[at], behind), (self._characters[at + length], before)):
                wanted &= more.sum(axis=0) >= _MORE_THAN_ANYWHERE * often[character] * both[rest]
            wanted[0] = False
            counts, where = more, at
        none: list[Numbers] = [np.zeros(0, np.int64)]
        return NGrams(
            self._text,
            np.concatenate(none + [one[0] for one in kept]),
            np.concatenate(none + [np.full(len(one[0]), one[1]) for one in kept]),
            np.concatenate(none + [one[2] for one in kept]),
            np.concatenate(none + [one[3] for one in kept]),
            sizes,
        )

    def _extend(self, length: int) -> tuple[Numbers, Numbers] | None:
        """Extend strings by one character; return their counts, and the first place of each.

        None if none is frequent enough.
        """
        place, start = self._sorted(length)
        if not len(place):
            return None
        counts = np.zeros((2, len(start)), np.int64)
        for side in (0, 1):
            counts[side] = np.add.reduceat(self._weights[side].take(self._run.take(place)), start)
        frequent = counts.sum(axis=0) >= self._least
        if not frequent.any():
            return None
        number = np.cumsum(frequent, dtype=np.int32)
        number[~frequent] = 0
        held = np.repeat(number, np.diff(start, append=len(place)))
        where = np.concatenate(([0], place[start[frequent]].astype(np.int64)))
        self._group = np.zeros(len(self._group), np.int32)
        for start_of in range(0, len(place), _PIECE):  # numpy makes its indexes twice as wide
            piece = slice(start_of, start_of + _PIECE)
            self._group[place[piece]] = held[piece]
        self._places = place.compress(held)
        self._places.sort()
        return np.concatenate((np.zeros((2, 1), np.int64), counts[:, frequent]), axis=1), where

    def _sorted(self, length: int) -> tuple[_Small, Numbers]:
        """Return the places of strings one character longer, equal ones together, and where each group begins.

        Most strings that are too rare are omitted.
        """
        frequent: NDArray[np.bool_] | None = None
        if len(self._places) > _PIECE and length > 1:
            buckets = np.zeros(1 << _BUCKETS, np.int32)
            for place, key in self._keys(length):
                weight = self._weights.sum(axis=0).take(self._run.take(place))
                buckets += np.bincount(hash_of(key, _BUCKETS), weight, len(buckets)).astype(np.int32)
            frequent = buckets >= self._least
            del buckets
        bits = len(self._group).bit_length()
        fits = (int(self._group.max()) + 1) * self._width < 1 << (63 - bits)
        # the maximum number: one array, since it is the largest
        keys: Numbers = np.empty(len(self._places), np.int64)
        places = np.empty(0 if fits else len(keys), np.int32)
        count = 0
        for place, key in self._keys(length):
            if frequent is not None:
                on = np.flatnonzero(frequent.take(hash_of(key, _BUCKETS)))
                place, key = place.take(on), key.take(on)
            some = slice(count, count + len(key))
            if fits:  # both in one number, which sorts in a third of the time
                key <<= bits
                key |= place
            else:
                places[some] = place
            keys[some] = key
            count += len(key)
        keys = keys[:count]
        if fits:
            keys.sort()
            place = keys.astype(np.int32)
            place &= (1 << bits) - 1
            keys >>= bits
        else:
            order = np.argsort(keys, kind="stable")
            place, keys = places[:count][order], keys[order]
        return place, np.flatnonzero(np.concatenate(([True], keys[1:] != keys[:-1]))[:count])

    def _keys(self, length: int) -> Iterator[tuple[_Small, Numbers]]:
        """Yield places where both shorter strings are frequent, and the keys of the longer ones there.

        A key is the shorter string and the character after it.
        """
        for piece in _pieces(self._places):
            place = piece.compress(self._group.take(piece + 1) > 0)
            key = self._group.take(place).astype(np.int64)
            key *= self._width
            key += self._characters.take(place + length)
            yield place, key


def _pieces(places: _Small) -> Iterator[_Small]:
    for start in range(0, len(places), _PIECE):
        yield places[start : start + _PIECE]
