"""A segment's file: named regions, written once, mapped into memory when read.

Layout: magic, regions (each begins at a multiple of 8), a JSON directory of
the regions and of the segment's own figures, and a trailer that says where
the directory is. All numbers are little-endian.
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
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Literal

from policysearch.errors import IndexUnusableError, refuse_unreadable

__all__ = ["MAGIC", "RegionFile", "RegionWriter", "is_finished", "open_regular", "read_regular", "sync_folder"]

MAGIC = b"PSEARCH\x01"
"""What every region file begins and ends with."""

_TRAILER = struct.Struct("<QII8s")  # directory offset, length, crc32; magic

if sys.byteorder != "little":  # pragma: no cover
    raise ImportError("policysearch's index files are little-endian, and so must the machine be")


def open_regular(path: Path) -> BinaryIO:
    """Open a file for reading that an index names.

    Raises ``OSError``, also when it is no regular file: opening a pipe would wait for ever.
    """
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise OSError("It is no regular file")
        return open(handle, "rb")
    except BaseException:
        os.close(handle)
        raise


def read_regular(path: Path, most: int) -> bytes:
    """Return the whole of such a file. Raises ``OSError``, also when it has more than ``most`` bytes."""
    with open_regular(path) as file:
        size = os.fstat(file.fileno()).st_size
        if size > most:
            raise OSError(f"It has {size} bytes, and at most {most} are read")
        return file.read(size)  # room is made for as much as is asked for, whatever there is


def sync_folder(folder: Path) -> None:
    """Bring the folder's own entries to the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def is_finished(path: Path) -> bool:
    """Tell whether a region file has its end, as far as the file itself can tell."""
    try:
        with open_regular(path) as file:
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
    """Writes a region file. Nothing at the path can be used before ``finish`` has returned."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: BinaryIO = path.open("xb")
        self._regions: dict[str, tuple[int, int, int]] = {}
        self._at = self._file.write(MAGIC)

    def region(self, name: str, data: bytes | bytearray | memoryview) -> None:
        """Append a region."""
        view = memoryview(data).cast("B") if not isinstance(data, (bytes, bytearray)) else data
        self._at += self._file.write(bytes(-self._at % 8))
        self._regions[name] = (self._at, len(view), zlib.crc32(view))
        self._at += self._file.write(view)

    def finish(self, figures: Mapping[str, Any]) -> tuple[int, int]:
        """Write the directory, bring all to the disk, and return the file's size in bytes and its seal.

        The seal is the checksum of the directory, which holds those of all
        regions: a file with this seal has these contents.
        """
        directory = json.dumps({"regions": self._regions, "figures": figures}, ensure_ascii=False).encode()
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
        # what could not be written cannot be flushed on closing either
        with contextlib.suppress(OSError):
            self._file.close()
        with contextlib.suppress(OSError):
            self.path.unlink(missing_ok=True)


class RegionFile:
    """A region file, mapped into memory. Raises ``IndexUnusableError`` when it is not whole.

    Attributes:
        map: The file's bytes.
        figures: What the writer put beside the regions.
    """

    def __init__(self, path: Path, size: int, seal: int) -> None:
        self.path = path
        try:
            with open_regular(path) as file:
                found = os.fstat(file.fileno()).st_size
                if found != size:
                    raise self.damaged(f"it has {found} bytes instead of {size}")
                self.map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except (OSError, ValueError) as error:
            if isinstance(error, OSError):
                refuse_unreadable(path, error)
            raise self.damaged(getattr(error, "strerror", None) or str(error)) from error
        try:
            self._read_directory(size, seal)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError, struct.error) as error:
            raise self.damaged("its directory cannot be read") from error

    def damaged(self, why: str) -> IndexUnusableError:
        """Return the error that says this file cannot be used."""
        return IndexUnusableError(
            f"The index file '{self.path}' is damaged: {why}. "
            "Mend the index with: policysearch check --repair, or build it again with: policysearch index --rebuild"
        )

    def _read_directory(self, size: int, seal: int) -> None:
        offset, length, crc, magic = _TRAILER.unpack_from(self.map, size - _TRAILER.size)
        if crc != seal:
            raise self.damaged("it is not the one that this generation was published with")
        if magic != MAGIC or self.map[: len(MAGIC)] != MAGIC or offset + length + _TRAILER.size != size:
            raise ValueError("no trailer")
        data = self.map[offset : offset + length]
        if zlib.crc32(data) != crc:
            raise ValueError("checksum")
        directory = json.loads(data)
        self.figures: dict[str, Any] = directory["figures"]
        self._regions: dict[str, tuple[int, int, int]] = directory["regions"]
        for start, count, _ in self._regions.values():
            if start < 0 or count < 0 or start + count > offset:
                raise ValueError("region outside the file")
        self._view = memoryview(self.map)

    def span(self, name: str) -> tuple[int, int]:
        """Return where a region begins and ends in ``map``."""
        start, count, _ = self._regions[name]
        return start, start + count

    def view(self, name: str, kind: Literal["B", "H", "I"] = "B") -> memoryview:
        """Return a region as numbers of the given ``struct`` kind."""
        start, end = self.span(name)
        return self._view[start:end].cast(kind)

    def verify(self, name: str) -> None:
        """Raise ``IndexUnusableError`` when a region's bytes are not those that were written."""
        start, count, crc = self._regions[name]
        if zlib.crc32(self._view[start : start + count]) != crc:
            raise self.damaged(f"its checksums are wrong ({name})")

    def broken_regions(self) -> Iterator[str]:
        """Yield what in the file is not as it was written: names of regions, or the gaps between them."""
        at = len(MAGIC)
        for name, (start, count, crc) in self._regions.items():
            if any(self._view[at:start]):
                yield "the gap before " + name
            if zlib.crc32(self._view[start : start + count]) != crc:
                yield name
            at = start + count
