"""Texts as arrays of code points, for computations in numpy."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from policysearch.text.chinese import HAN_SCRIPT_RANGES

__all__ = ["apart", "are_within", "code_points", "han_table", "places_apart"]


def code_points(text: str) -> NDArray[np.uint32]:
    """Return the code point of each character of a text, lone surrogates included; the array is read-only."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), "<u4")


def are_within(codes: NDArray[Any], ranges: Iterable[tuple[int, int]]) -> NDArray[np.bool_]:
    """Return, for each code point, whether it is in one of the ranges, each given by its first and last code point."""
    found = np.zeros(len(codes), bool)
    for first, last in ranges:
        found |= (codes >= first) & (codes <= last)
    return found


@lru_cache(maxsize=1)
def han_table() -> NDArray[np.bool_]:
    """Return, for each code point, whether it is Han."""
    table = np.zeros(0x110000, bool)
    for first, last in HAN_SCRIPT_RANGES:
        table[first : last + 1] = True
    return table


def places_apart(text: NDArray[Any], phrase: Sequence[int]) -> NDArray[np.int64]:
    """Return the offsets of a phrase in a text, both as code points, without places that overlap an earlier one."""
    found: NDArray[np.int64] = np.flatnonzero(text[: max(0, len(text) - len(phrase) + 1)] == phrase[0])
    for at in range(1, len(phrase)):
        found = found[text[found + at] == phrase[at]]
    return apart(found, len(phrase))


def apart(places: NDArray[np.int64], size: int) -> NDArray[np.int64]:
    """Return ascending places of a string of some size without those that overlap an earlier one that is returned."""
    if not len(places) or np.diff(places, prepend=places[0] - size).min() >= size:
        return places
    found = []
    free = 0
    for place in places.tolist():
        if place >= free:
            found.append(place)
            free = place + size
    return np.array(found, np.int64)
