"""Columns of numbers as bytes, in big-endian order on every machine."""

from __future__ import annotations

import sys
from array import array

__all__ = ["big_endian", "numbers_of"]


def numbers_of(kind: str, written: bytes | bytearray) -> array[int]:
    """Return numbers that are written in big-endian order, given their type code."""
    numbers = array(kind, bytes(written))
    if sys.byteorder == "little":
        numbers.byteswap()
    return numbers


def big_endian(numbers: array[int]) -> bytes:
    """Return numbers in big-endian order."""
    return numbers_of(numbers.typecode, numbers.tobytes()).tobytes()
