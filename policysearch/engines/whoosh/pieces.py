"""Pieces of bytes in a segment, one for each section or document: concatenated, with the offset of each.

If most are empty, such as the headings of a collection's records, only the others have an offset, and their numbers are
stored with these.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from functools import cached_property
from typing import TYPE_CHECKING, Any

from pyroaring import BitMap

from policysearch.engines.whoosh.region_file import RegionFile, RegionWriter

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Pieces", "PiecesWriter", "write_pieces"]

_NOTHING = memoryview(b"")
_DENSE = 2 / 3  # the share from which offsets of all take no more space than numbers of two bytes and offsets of some


class PiecesWriter:
    """Collects pieces."""

    def __init__(self) -> None:
        self._bytes = bytearray()
        self._sizes = array("I")

    def add(self, piece: bytes) -> None:
        """Add the next piece."""
        self._bytes += piece
        self._sizes.append(len(piece))

    def write(self, out: RegionWriter, name: str) -> None:
        """Write them as regions of this name."""
        import numpy as np

        write_pieces(out, name, self._bytes, np.frombuffer(self._sizes, np.uint32))


def write_pieces(out: RegionWriter, name: str, joined: bytes | bytearray, sizes: NDArray[Any]) -> None:
    """Write pieces of bytes, given the size of each."""
    import numpy as np

    (held,) = sizes.nonzero()
    if len(held) < _DENSE * len(sizes):
        sizes = sizes[held]
        out.numbers(f"{name}.numbers", array("I", held.astype(np.uint32).tobytes()))
    ends = np.cumsum(sizes, dtype=np.int64)
    out.region(name, joined)
    out.region(f"{name}.offsets", np.concatenate(([0], ends)).astype(np.uint32).tobytes())


class Pieces:
    """The pieces of a name in a segment. Reading raises ``ValueError`` or ``IndexError`` when they are corrupt."""

    def __init__(self, file: RegionFile, name: str, count: int) -> None:
        self._count = count
        self._data = file.view(name)
        self._offsets = file.view(f"{name}.offsets", "I")
        some = f"{name}.numbers"
        self._numbers = file.numbers(some, len(self._offsets) - 1) if file.has(some) else None
        if self._numbers is None and len(self._offsets) != count + 1:
            raise ValueError(f"{name} has {len(self._offsets) - 1} pieces instead of {count}")

    def __getitem__(self, number: int) -> memoryview:
        """Return a piece."""
        if self._numbers is not None:
            if number not in self._held:
                return _NOTHING
            number = bisect_left(self._numbers, number)
        return self._data[self._offsets[number] : self._offsets[number + 1]]

    def among(self, numbers: BitMap) -> BitMap:
        """Return those of some numbers whose pieces may not be empty."""
        return numbers if self._numbers is None else numbers & self._held

    @cached_property
    def _held(self) -> BitMap:
        return BitMap(array("I", self._numbers or ()))

    @property
    def joined(self) -> memoryview:
        """All pieces, concatenated."""
        return self._data

    @property
    def offsets(self) -> NDArray[Any]:
        """The offset of each piece, and of the end."""
        import numpy as np

        offsets = np.frombuffer(self._offsets, np.uint32).astype(np.int64)
        if self._numbers is None:
            return offsets
        sizes = np.zeros(self._count, np.int64)
        sizes[np.array(self._numbers, np.int64)] = np.diff(offsets)
        return np.concatenate(([0], np.cumsum(sizes)))
