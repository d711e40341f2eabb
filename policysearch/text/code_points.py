"""Texts as arrays of code points, for computations in numpy."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["are_within", "code_points"]


def code_points(text: str) -> NDArray[np.uint32]:
    """Return the code point of each character of a text, lone surrogates included; the array is read-only."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), "<u4")


def are_within(codes: NDArray[Any], ranges: Iterable[tuple[int, int]]) -> NDArray[np.bool_]:
    """Return, for each code point, whether it is in one of the ranges, each given by its first and last code point."""
    found = np.zeros(len(codes), bool)
    for first, last in ranges:
        found |= (codes >= first) & (codes <= last)
    return found
