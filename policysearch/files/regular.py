"""Opening of regular files only: pipes and devices, which may block or never end, are refused at once."""

from __future__ import annotations

import errno
import os
import stat
import time
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from policysearch.errors import InputError

__all__ = ["bounded_lines", "digest", "open_regular", "read_regular", "without_waiting"]

_LONGEST_LINE = 1_000_000  # bytes; a query has at most 5,000 characters
_BLOCK = 1 << 20


def open_regular(path: str | Path) -> BinaryIO:
    """Open a regular file for reading, without ever blocking.

    The null device counts as an empty file. Raises ``OSError``, with ``EINVAL``
    for a pipe, another device, a socket, or a folder, even if the file was
    replaced after a check.
    """
    _refuse_other(path, os.stat(path))  # before opening: opening a device can have side effects
    file = open(path, "rb", opener=without_waiting)  # noqa: SIM115
    try:
        _refuse_other(path, os.fstat(file.fileno()))
    except BaseException:
        file.close()
        raise
    return file


def without_waiting(path: str, flags: int) -> int:
    """Open a file for ``open``, which waits for no one: the opening of a pipe would block."""
    return os.open(path, flags | os.O_NONBLOCK | os.O_CLOEXEC)


def _refuse_other(path: str | Path, status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode) and not os.path.samestat(status, os.stat(os.devnull)):
        raise OSError(errno.EINVAL, "Not a regular file", str(path))


def read_regular(path: str | Path, most: int) -> bytes:
    """Return the contents of a regular file. Raises ``OSError``, with ``EFBIG`` above ``most`` bytes."""
    with open_regular(path) as file:
        data = file.read(most + 1) if os.fstat(file.fileno()).st_size <= most else None
    if data is None or len(data) > most:
        raise OSError(errno.EFBIG, f"Larger than {most // 1_000_000} MB", str(path))
    return data


def digest(path: str | Path, most: int, seconds: float | None = None) -> str | None:
    """Return a file's SHA-256.

    None when it cannot be read, is not a regular file, has more than ``most``
    bytes, or takes longer than ``seconds``.
    """
    import hashlib  # 3 ms, which a search does not need

    until = None if seconds is None else time.monotonic() + seconds
    found = hashlib.sha256()
    try:
        with open_regular(path) as file:
            left = os.fstat(file.fileno()).st_size
            if left > most:
                return None
            while block := file.read(_BLOCK):
                found.update(block)
                left -= len(block)
                # a file that grows while it is read may never end
                if left < 0 or (until is not None and time.monotonic() > until):
                    return None
    except OSError:
        return None
    return found.hexdigest()


def bounded_lines(file: BinaryIO, name: str) -> Iterator[bytes]:
    """Yield the lines of a file. Raises ``InputError`` for one longer than a million bytes."""
    number = 0
    while line := file.readline(_LONGEST_LINE + 1):
        number += 1
        if len(line) > _LONGEST_LINE:
            raise InputError(
                f"'{name}', line {number}: longer than {_LONGEST_LINE:,} bytes. Expected text, one entry per line."
            )
        yield line
