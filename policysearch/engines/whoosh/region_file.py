"""The file format of a segment: named regions, written once, memory-mapped when read.

Layout: magic, regions (each starts at a multiple of 8), a JSON directory of
the regions and of the segment's own figures, and a trailer with the offset of
the directory. All numbers are little-endian. The width of numbers that are
mostly small is that of the greatest of them: 0, 1, 2 or 4 bytes, as recorded
in the directory; a column of a collection often has one value for all.
"""

from __future__ import annotations

import contextlib
import json
import mmap
import os
import stat
import struct
import sys
import zlib
from array import array
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Literal

from policysearch.errors import IndexUnusableError, refuse_unreadable
from policysearch.files.regular import without_waiting

__all__ = ["MAGIC", "RegionFile", "RegionWriter", "is_finished", "open_index_file", "read_index_file", "sync_folder"]

MAGIC = b"PSEARCH\x01"
"""Magic at the start and end of every region file."""

_Kind = Literal["", "B", "H", "I"]
_ENDS: tuple[tuple[_Kind, int], ...] = (("", 1), ("B", 1 << 8), ("H", 1 << 16), ("I", 1 << 32))
_TRAILER = struct.Struct("<QII8s")  # directory offset, length, crc32; magic

if sys.byteorder != "little":  # pragma: no cover
    raise ImportError("policysearch's index files are little-endian, and this machine is big-endian")


def open_index_file(path: Path) -> BinaryIO:
    """Open a file of an index for reading.

    Raises ``OSError``, also when it is not a regular file: opening a pipe would block for ever.
    """
    file = open(path, "rb", opener=without_waiting)  # noqa: SIM115 - returned
    try:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise OSError("It is not a regular file")
    except BaseException:
        file.close()
        raise
    return file


def read_index_file(path: Path, most: int) -> bytes:
    """Return the contents of such a file. Raises ``OSError``, also when it has more than ``most`` bytes."""
    with open_index_file(path) as file:
        size = os.fstat(file.fileno()).st_size
        if size > most:
            raise OSError(f"It has {size} bytes; the maximum is {most}")
        return file.read(size)  # read() allocates the requested size, whatever the file has


def sync_folder(folder: Path) -> None:
    """Sync a folder's directory entries to disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def is_finished(path: Path) -> bool:
    """Return whether a region file has a valid trailer."""
    try:
        with open_index_file(path) as file:
            size = os.fstat(file.fileno()).st_size
            file.seek(max(0, size - _TRAILER.size))
            offset, length, crc, magic = _TRAILER.unpack(file.read(_TRAILER.size))
            if magic != MAGIC or offset + length + _TRAILER.size != size:
                return False
            file.seek(offset)
            return bool(zlib.crc32(file.read(length)) == crc)
    except (OSError, struct.error):
        return False


class RegionWriter:
    """Writes a region file, which is valid only after ``finish`` has returned."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: BinaryIO = path.open("xb")
        self._regions: dict[str, tuple[int, int, int]] = {}
        self._kinds: dict[str, _Kind] = {}
        self._at = self._file.write(MAGIC)

    def region(self, name: str, data: bytes | bytearray | memoryview) -> None:
        """Append a region."""
        view = memoryview(data).cast("B") if not isinstance(data, (bytes, bytearray)) else data
        self._at += self._file.write(bytes(-self._at % 8))
        self._regions[name] = (self._at, len(view), zlib.crc32(view))
        self._at += self._file.write(view)

    def numbers(self, name: str, numbers: array[int]) -> None:
        """Append a region of integers of up to 32 bits, with the smallest width that fits."""
        most = max(numbers, default=0)
        kind = next(kind for kind, end in _ENDS if most < end)
        self._kinds[name] = kind
        self.region(name, array(kind, numbers).tobytes() if kind else b"")

    def finish(self, figures: Mapping[str, Any]) -> tuple[int, int]:
        """Write the directory, sync the file to disk, and return its size in bytes and its seal.

        The seal is the checksum of the directory, which contains those of all
        regions, so it identifies the contents of the file.
        """
        directory = json.dumps(
            {"regions": self._regions, "kinds": self._kinds, "figures": figures}, ensure_ascii=False
        ).encode()
        seal = zlib.crc32(directory)
        self._file.write(directory)
        self._file.write(_TRAILER.pack(self._at, len(directory), seal, MAGIC))
        self._file.flush()
        os.fsync(self._file.fileno())
        size = self._file.tell()
        self._file.close()
        return size, seal

    def __enter__(self) -> RegionWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self._file.close()
            return
        if isinstance(error, OSError) and error.filename is None:
            error.filename = str(self.path)
        # after a failed write, the flush on closing would fail as well
        with contextlib.suppress(OSError):
            self._file.close()
        with contextlib.suppress(OSError):
            self.path.unlink(missing_ok=True)


class RegionFile:
    """A memory-mapped region file. Raises ``IndexUnusableError`` when it is corrupt.

    Attributes:
        map: The file's bytes.
        figures: The figures that the writer stored with the regions.
    """

    def __init__(self, path: Path, size: int, seal: int) -> None:
        self.path = path
        try:
            with open_index_file(path) as file:
                found = os.fstat(file.fileno()).st_size
                if found != size:
                    raise self.corrupt(f"it has {found} bytes instead of {size}")
                self.map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except (OSError, ValueError) as error:
            if isinstance(error, OSError):
                refuse_unreadable(path, error)
            raise self.corrupt(getattr(error, "strerror", None) or str(error)) from error
        try:
            self._read_directory(size, seal)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError, struct.error) as error:
            raise self.corrupt("its directory could not be decoded") from error

    def corrupt(self, why: str) -> IndexUnusableError:
        """Return the error that this file is corrupt."""
        return IndexUnusableError(
            f"The index file '{self.path}' is corrupt: {why}. "
            "Repair the index with: policysearch check --repair, or build it again with: policysearch index --rebuild"
        )

    def _read_directory(self, size: int, seal: int) -> None:
        offset, length, crc, magic = _TRAILER.unpack_from(self.map, size - _TRAILER.size)
        if crc != seal:
            raise self.corrupt("its checksum differs from the one that this generation was published with")
        if magic != MAGIC or self.map[: len(MAGIC)] != MAGIC or offset + length + _TRAILER.size != size:
            raise ValueError("no trailer")
        data = self.map[offset : offset + length]
        if zlib.crc32(data) != crc:
            raise ValueError("checksum")
        directory = json.loads(data)
        self.figures: dict[str, Any] = directory["figures"]
        self._regions: dict[str, tuple[int, int, int]] = directory["regions"]
        self._kinds: dict[str, _Kind] = directory["kinds"]
        for start, count, _ in self._regions.values():
            if start < 0 or count < 0 or start + count > offset:
                raise ValueError("region outside the file")
        self._view = memoryview(self.map)

    def span(self, name: str) -> tuple[int, int]:
        """Return the start and end of a region in ``map``."""
        start, count, _ = self._regions[name]
        return start, start + count

    def view(self, name: str, kind: Literal["B", "H", "I"] = "B") -> memoryview:
        """Return a region as numbers of the given ``struct`` kind."""
        start, end = self.span(name)
        return self._view[start:end].cast(kind)

    @property
    def regions(self) -> Sequence[str]:
        """The names of its regions."""
        return tuple(self._regions)

    def has(self, name: str) -> bool:
        """Return whether there is such a region."""
        return name in self._regions

    def numbers(self, name: str, count: int) -> memoryview:
        """Return a region of so many numbers, of any width. Raises ``ValueError`` when it has another size."""
        kind = self._kinds[name]
        found = self.view(name, kind) if kind else memoryview(bytes(count))
        if len(found) != count:
            raise ValueError(f"{name} has {len(found)} numbers instead of {count}")
        return found

    def verify(self, name: str) -> None:
        """Raise ``IndexUnusableError`` when a region does not match its checksum."""
        start, count, crc = self._regions[name]
        if zlib.crc32(self._view[start : start + count]) != crc:
            raise self.corrupt(f"its checksums are wrong ({name})")

    def broken_regions(self) -> Iterator[str]:
        """Yield the corrupt parts of the file: names of regions, or the gaps between them."""
        at = len(MAGIC)
        for name, (start, count, crc) in self._regions.items():
            if any(self._view[at:start]):
                yield "the gap before " + name
            if zlib.crc32(self._view[start : start + count]) != crc:
                yield name
            at = start + count
