"""The user's own cache folder: if it is missing, full or corrupt, only the time to create its files again is lost."""

from __future__ import annotations

import os
import stat
import struct
import sys
import zlib
from pathlib import Path

from policysearch.files.regular import without_waiting

__all__ = ["cache_folder", "read_cached", "write_cached"]

_SEAL = struct.Struct("<I8s")  # crc32 of all before it
_SEAL_MAGIC = b"words\x00\x001"


def cache_folder(name: str = "") -> Path:
    """Return the user's own cache folder of the program, or one in it, created if missing.

    No other user may write there. It is the folder of platformdirs, which takes 32 ms to import and does not check
    permissions. Raises ``OSError`` when it cannot be used.
    """
    base = os.environ.get("XDG_CACHE_HOME")
    if not base:
        base = os.path.expanduser("~/Library/Caches") if sys.platform == "darwin" else os.path.expanduser("~/.cache")
    folder = Path(base) / "policysearch"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if name:
        folder = folder / name
        folder.mkdir(mode=0o700, exist_ok=True)
    for one in (folder.parent, folder) if name else (folder,):
        state = one.stat()
        if state.st_uid != os.getuid() or state.st_mode & 0o022:
            raise PermissionError(f"{one} is writable by other users")
    return folder


def read_cached(path: Path, most: int) -> memoryview:
    """Return the verified contents of a cached file of at most so many bytes.

    The file is read here and never passed to a library, which a corrupt one could crash. Raises ``OSError`` when it is
    missing, corrupt or another file.
    """
    with open(path, "rb", opener=without_waiting) as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode) or not _SEAL.size <= status.st_size <= most:
            raise OSError(f"'{path}' is another file")
        data = memoryview(file.read(status.st_size))
    written = data[: -_SEAL.size]
    if len(data) != status.st_size or _SEAL.unpack(data[-_SEAL.size :]) != (zlib.crc32(written), _SEAL_MAGIC):
        raise OSError(f"'{path}' is corrupt")
    return written


def write_cached(path: Path, data: bytes) -> None:
    """Write a file to the cache folder atomically. Raises ``OSError`` on failure."""
    from policysearch.files.atomic import create, discard

    handle, draft = create(path.parent)
    try:
        with open(handle, "wb") as file:  # locked while open
            file.write(data)
            file.write(_SEAL.pack(zlib.crc32(data), _SEAL_MAGIC))
            file.flush()
            os.replace(draft, path)
    finally:
        discard(draft)
