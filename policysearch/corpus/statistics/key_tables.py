"""Hash tables of integers for numpy, for millions of keys at once."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = ["DirectTable", "KeyTable", "hash_of"]

Numbers: TypeAlias = NDArray[np.int64]
Small: TypeAlias = NDArray[np.int32]

_MULTIPLIER = np.uint64(0x9E37_79B9_7F4A_7C15)  # Knuth's multiplicative hashing: 2 ** 64 over the golden ratio
_MARK_BITS = 3  # marks have so many more bits than slots


def hash_of(keys: Numbers, bits: int) -> Numbers:
    """Return a hash of so many bits for each key."""
    hashed = keys.view(np.uint64) * _MULTIPLIER
    hashed >>= np.uint64(64 - bits)
    return hashed.view(np.int64)


class KeyTable:
    """Looks up positive keys: a hash table with open addressing, after a filter that excludes most other keys."""

    def __init__(self, keys: Numbers) -> None:
        bits = max(8, int(len(keys) * 2).bit_length())
        self._last = np.int64((1 << bits) - 1)
        self._bits = bits + _MARK_BITS
        self._keys = np.zeros(1 << bits, np.int64)
        self._values = np.zeros(1 << bits, np.int32)
        self._marks = np.zeros(1 << self._bits, bool)
        values = np.arange(1, len(keys) + 1, dtype=np.int32)
        hashed = self._hashed(keys)
        self._marks[hashed] = True
        slots = hashed >> _MARK_BITS
        while len(keys):
            # of the keys for one free slot the last one gets it
            free = self._keys[slots] == 0
            self._keys[slots[free]] = keys[free]
            self._values[slots[free]] = values[free]
            left = self._keys[slots] != keys
            keys, values, slots = keys[left], values[left], (slots[left] + 1) & self._last

    def _hashed(self, keys: Numbers) -> Numbers:
        return hash_of(keys, self._bits)

    def find(self, keys: Numbers) -> tuple[Numbers, Small]:
        """Return the indices of the keys that are found, ascending, and the number of each of these, from 1."""
        hashed = self._hashed(keys)
        perhaps = np.flatnonzero(self._marks.take(hashed))
        keys, slots = keys.take(perhaps), hashed.take(perhaps)
        slots >>= _MARK_BITS
        held = self._keys.take(slots)
        found = self._values.take(slots)
        unsure = np.flatnonzero(held != keys)
        found[unsure] = 0
        slots, held = slots.take(unsure), held.take(unsure)
        while len(unsure):
            on = np.flatnonzero(held)
            unsure, slots = unsure.take(on), (slots.take(on) + 1) & self._last
            held = self._keys.take(slots)
            there = held == keys.take(unsure)
            found[unsure[there]] = self._values.take(slots[there])
            held[there] = 0
        there = np.flatnonzero(found)
        return perhaps.take(there), found.take(there)


class DirectTable:
    """Looks up small keys in an array indexed by them."""

    def __init__(self, keys: Numbers, size: int) -> None:
        self._values = np.zeros(size, np.int32)
        self._values[keys] = np.arange(1, len(keys) + 1)

    def find(self, keys: Numbers) -> tuple[Numbers, Small]:
        """Return the same as ``KeyTable.find``."""
        found = self._values.take(keys)
        there = np.flatnonzero(found != 0)  # in a seventh of the time for truth values
        return there, found.take(there)
