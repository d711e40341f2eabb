"""The write lock of an index folder: an operating-system lock on a file that names its holder.

The file also lists the builds in progress by the random token in the names of
their files, which identifies the files left by a killed build.
(filelock locks files in the same way, but does not name the holder.)
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import re
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import TextIO

from policysearch.errors import IndexUnusableError, InputError

__all__ = ["LOCK", "TOKEN", "Lock", "lock_note", "locked"]

LOCK = "LOCK"
TOKEN = "[0-9a-f]{8}"
"""Pattern of the random part of the names of one build's files."""

_NOTE = re.compile(rf"(?P<holder>process [0-9]+ since \S+)?\n?(?:builds(?P<tokens>(?: {TOKEN})+))?")
_MOST_NOTED = 20


def lock_note(text: str) -> tuple[str, list[str]] | None:
    """Return the holder and the build tokens in a lock file; None when it is not an index's lock file."""
    found = _NOTE.fullmatch(text.strip("\0"))
    return (found["holder"] or "", (found["tokens"] or "").split()) if found else None


class Lock:
    """A held write lock.

    Attributes:
        unfinished: Tokens of earlier builds that were interrupted, at most the last ones.
    """

    def __init__(self, file: TextIO, unfinished: Sequence[str]) -> None:
        self._file = file
        self.unfinished = tuple(unfinished)[-_MOST_NOTED:]
        self._noted: tuple[str, ...] = ()
        self._holder = f"process {os.getpid()} since {datetime.now().astimezone().isoformat(timespec='seconds')}"
        self._write(self._holder)

    def note(self, token: str) -> None:
        """Register this build's token on disk, before any of its files exists."""
        if token not in self._noted:
            self._noted = (*self._noted, token)
            self._write(self._holder)
            os.fsync(self._file.fileno())

    def settle(self, token: str) -> None:
        """Unregister a build: each of its files was deleted or is part of a generation."""
        self._noted = tuple(one for one in self._noted if one != token)

    def release(self) -> None:
        """Release the lock; only the tokens of interrupted builds stay in the file."""
        self._write("")

    def _write(self, holder: str) -> None:
        tokens = (*self.unfinished, *self._noted)
        self._file.seek(0)
        self._file.truncate()
        self._file.write(holder + (f"\nbuilds {' '.join(tokens)}" if tokens else ""))
        self._file.flush()


@contextlib.contextmanager
def locked(folder: Path, wait: float, waiting: Callable[[str], None] | None = None) -> Iterator[Lock]:
    """Hold the folder's write lock, waiting up to ``wait`` seconds for it.

    The operating system releases the lock with the process, however that
    ends. ``waiting`` is called once with the holder before a wait. Raises
    ``IndexUnusableError`` naming the holder after the timeout, ``InputError``
    when the lock file is not an index's.
    """
    # a symbolic link of this name would lead elsewhere
    handle = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o666)
    with open(handle, "r+", encoding="utf-8", errors="replace") as file:
        deadline = time.monotonic() + wait
        reported = False
        while not _taken(file):
            note = lock_note(_text_of(file))
            holder = (note and note[0]) or "another process"
            if time.monotonic() >= deadline:
                raise IndexUnusableError(
                    f"The index at '{folder}' is being written by {holder}. Try again when it has finished."
                )
            if waiting and not reported:
                waiting(holder)
                reported = True
            time.sleep(0.05)
        note = lock_note(_text_of(file))
        if note is None:
            raise InputError(
                f"'{folder / LOCK}' was not written by this program and is left as it is. Move it away, then try again."
            )
        lock = Lock(file, note[1])
        try:
            yield lock
        finally:
            with contextlib.suppress(OSError):
                lock.release()


def _taken(file: TextIO) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno not in (errno.EAGAIN, errno.EACCES):
            raise
        return False
    return True


def _text_of(file: TextIO) -> str:
    file.seek(0)
    return file.read(4096)
