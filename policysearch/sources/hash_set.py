"""Many hashes in a few bytes each; ``set`` takes some 80."""

from __future__ import annotations

from array import array

__all__ = ["HashSet", "are_rising", "ascending", "places_among", "repeated"]

_SLOTS = 1 << 10
_ALL = (1 << 64) - 1
_FEW = 20_000  # numbers that a set compares in the time that numpy takes to load


class HashSet:
    """A set of numbers of 64 bits, evenly distributed in their low ones, in 14 to 20 bytes for each.

    A table with open addressing (Knuth, The Art of Computer Programming, volume 3, 6.4, algorithm L).
    """

    def __init__(self) -> None:
        self._numbers = array("Q")
        self._resize(_SLOTS)

    def __len__(self) -> int:
        return len(self._numbers)

    def add(self, number: int) -> bool:
        """Add a number, of which the low 64 bits count; return whether it was not in the set."""
        number &= _ALL
        at = self._slot_of(number)
        if self._slots[at]:
            return False
        self._numbers.append(number)
        self._slots[at] = len(self._numbers)
        if 3 * len(self._numbers) > 2 * self._mask:
            self._resize(2 * (self._mask + 1))
        return True

    def _slot_of(self, number: int) -> int:
        """Return the slot of a number: it has one more than the place, or 0 for a number that is not in the set."""
        numbers, slots, mask = self._numbers, self._slots, self._mask
        at = number & mask
        while (place := slots[at]) and numbers[place - 1] != number:
            at = (at + 1) & mask
        return at

    def _resize(self, size: int) -> None:
        self._mask = size - 1
        self._slots = slots = array("I", bytes(4 * size))
        for place, number in enumerate(self._numbers, 1):
            slots[self._slot_of(number)] = place


def repeated(numbers: array[int]) -> set[int]:
    """Return those of some numbers of 64 bits, of type ``Q``, that occur more than once; it takes 9 bytes for each."""
    if len(numbers) <= _FEW:
        seen: set[int] = set()
        return {number for number in numbers if number in seen or seen.add(number)}  # type: ignore[func-returns-value]
    import numpy as np

    ascending = np.sort(np.frombuffer(numbers, np.uint64))
    return set(ascending[1:][ascending[1:] == ascending[:-1]].tolist())


def ascending(numbers: array[int]) -> tuple[array[int], array[int]]:
    """Return numbers of 64 bits in ascending order, and the place that each had, as type ``q``."""
    import numpy as np

    every = np.frombuffer(numbers, numbers.typecode)
    places = np.argsort(every)
    return array(numbers.typecode, every[places].tobytes()), array("q", places.astype(np.int64).tobytes())


def are_rising(numbers: array[int]) -> bool:
    """Return whether each number is greater than the one before it."""
    import numpy as np

    every = np.frombuffer(numbers, numbers.typecode)
    return bool((every[1:] > every[:-1]).all())


def places_among(numbers: array[int], places: array[int], wanted: bytes) -> list[int]:
    """Return the places of hashes of eight bytes among numbers as ``ascending`` returns them; -1 for other hashes."""
    import numpy as np

    known, keys = np.frombuffer(numbers, np.uint64), np.frombuffer(wanted, ">u8").astype(np.uint64)
    at = np.minimum(np.searchsorted(known, keys), len(known) - 1)
    found: list[int] = np.where(known[at] == keys, np.frombuffer(places, np.int64)[at], -1).tolist()
    return found
