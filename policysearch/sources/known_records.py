"""The records of a collection as it was read last, recognised by their keys."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Sequence

from policysearch.sources.hash_set import are_rising, ascending, places_among

__all__ = ["KnownRecords"]


class KnownRecords:
    """The records that a collection had when it was read last, in their order.

    Attributes:
        numbers: For each the number of the record that is as it was; 0 for one that is gone or changed.
    """

    def __init__(self, keys: array[int] | None = None, names: Iterable[str] = ()) -> None:
        """Take the key of each record as a number of 64 bits, and the document's id."""
        self._names = array("q", map(hash, names))
        self._keys, self._places = array("Q"), array("q")  # ascending keys, and the place of each
        if keys:
            self._keys, self._places = ascending(keys)
            if not are_rising(self._keys):  # two are the same: not of records that were read so
                self._keys, self._places = array("Q"), array("q")
        self._sorted_names: tuple[array[int], array[int]] | None = None
        self._replaced: set[int] = set()  # the places of those whose id a record before them has
        self.numbers = array("I", bytes(4 * len(self._names)))

    def __len__(self) -> int:
        return len(self._names)

    @property
    def distinct(self) -> bool:
        """Whether they have keys, and no two the same, as those of all records that were read so."""
        return bool(self._keys)

    def hold_all(self) -> None:
        """Note that all records are as they were, at the beginning of the collection."""
        self.numbers = array("I", range(1, len(self) + 1))

    def key_of(self, place: int) -> int:
        """Return the key of a record."""
        return self._keys[self._places.index(place)]

    def places_of(self, keys: Sequence[bytes]) -> Sequence[int]:
        """Return the place of the record with each of these keys, -1 for a key that is not known."""
        if not self._keys:
            return [-1] * len(keys)
        return places_among(self._keys, self._places, b"".join(keys))

    def hold(self, places: Sequence[int], start: int, number: int) -> int:
        """Note that records are as they were, given their places and the number of the one with which to ``start``.

        Return how many: up to the first that is not known, or whose id a record before it has.
        """
        numbers, replaced = self.numbers, self._replaced
        at, size = start, len(places)
        while at < size and (place := places[at]) >= 0 and not numbers[place] and place not in replaced:
            numbers[place] = number
            number += 1
            at += 1
        return at - start

    def replace(self, name: str) -> bool:
        """Note a record with the id of a document that is not as it was; return False if a record before it has it."""
        if not self._names:
            return True
        if self._sorted_names is None:
            self._sorted_names = ascending(self._names)
        names, places = self._sorted_names
        at = bisect_left(names, hash(name))
        if at == len(names) or names[at] != hash(name):
            return True
        if self.numbers[places[at]] or places[at] in self._replaced:
            return False
        self._replaced.add(places[at])
        return True
