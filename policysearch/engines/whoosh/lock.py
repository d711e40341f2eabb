"""The one writer of an index folder: a lock of the system, and a file that says who holds it.

The file also notes the builds that write, by the random token that is in the
names of their files: what a build leaves that is killed can be told by it.
(filelock locks files in the same way, but does not say who holds one.)
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
"""A pattern of the random part of the names of one build's files."""

_NOTE = re.compile(rf"(?P<holder>process [0-9]+ since \S+)?\n?(?:builds(?P<tokens>(?: {TOKEN})+))?")
_MOST_NOTED = 20


def lock_note(text: str) -> tuple[str, list[str]] | None:
    """Return who holds a lock and the tokens of the builds it notes; None when no index wrote it."""
    found = _NOTE.fullmatch(text.strip("\0"))
    return (found["holder"] or "", (found["tokens"] or "").split()) if found else None


class Lock:
    """The right to write a folder, as whoever has it sees it.

    Attributes:
        unfinished: Tokens of earlier builds that did not end, the last of them.
    """

    def __init__(self, file: TextIO, unfinished: Sequence[str]) -> None:
        self._file = file
        self.unfinished = tuple(unfinished)[-_MOST_NOTED:]
        self._noted: tuple[str, ...] = ()
        self._holder = f"process {os.getpid()} since {datetime.now().astimezone().isoformat(timespec='seconds')}"
        self._write(self._holder)

    def note(self, token: str) -> None:
        """Note on the disk that the files whose names have this token are this build's, before there are any."""
        if token not in self._noted:
            self._noted = (*self._noted, token)
            self._write(self._holder)
            os.fsync(self._file.fileno())

    def settle(self, token: str) -> None:
        """Forget a build: each of its files is gone, or part of a generation."""
        self._noted = tuple(one for one in self._noted if one != token)

    def release(self) -> None:
        """Leave only what builds did not end."""
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

    The lock is the system's own and goes with the process, however that
    ends. ``waiting`` is called once with the holder when there is a wait.
    Raises ``IndexUnusableError`` naming the holder when the time is over,
    ``InputError`` when the file of the lock is not an index's.
    """
    # a link of this name would lead elsewhere
    handle = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o666)
    with open(handle, "r+", encoding="utf-8", errors="replace") as file:
        deadline = time.monotonic() + wait
        told = False
        while not _taken(file):
            note = lock_note(_text_of(file))
            holder = (note and note[0]) or "another process"
            if time.monotonic() >= deadline:
                raise IndexUnusableError(
                    f"The index at '{folder}' is being written by {holder}. Try again when it has ended."
                )
            if waiting and not told:
                waiting(holder)
                told = True
            time.sleep(0.05)
        note = lock_note(_text_of(file))
        if note is None:
            raise InputError(
                f"'{folder / LOCK}' was not written by this program, and was not touched. Move it away, then try again."
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
