"""Atomic writing: files are written under a temporary name and renamed when complete.

The writing process holds a lock on the temporary file, which the operating
system releases with the process: a draft without a lock is a leftover.
"""

from __future__ import annotations

import atexit
import contextlib
import fcntl
import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path

from policysearch.errors import InputError

__all__ = ["FileDraft", "clear", "create", "discard", "file_draft"]

_NAME = re.compile(r"\.policysearch-[0-9a-f]{16}\.part")

_begun: set[Path] = set()
"""The drafts of this process that are neither complete nor discarded.

A signal can raise an exception between the creation of a draft and the first statement that would discard it.
"""


@atexit.register
def _discard_begun() -> None:
    for path in _begun:
        with contextlib.suppress(OSError):
            path.unlink()


os.register_at_fork(after_in_child=_begun.clear)


def create(folder: Path, mode: int = 0o600) -> tuple[int, Path]:
    """Create a draft in a folder, and remove those left there by killed processes.

    Returns its file descriptor, open for reading and writing, and its path. It
    is locked until it is closed. The umask applies to ``mode``. Raises
    ``OSError`` when it cannot be created.
    """
    clear(folder)
    while True:
        path = folder / f".policysearch-{os.urandom(8).hex()}.part"
        _begun.add(path)
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
        with contextlib.suppress(OSError):  # a file system without locks
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if _is_at(handle, path):
            return handle, path
        os.close(handle)  # another process removed it before it was locked
        _begun.discard(path)


def discard(path: Path) -> None:
    """Delete a draft, unless it was renamed. Raises ``OSError``."""
    path.unlink(missing_ok=True)
    _begun.discard(path)


def _is_at(handle: int, path: Path) -> bool:
    """Return whether a path refers to an open file."""
    try:
        return os.path.samestat(os.fstat(handle), path.lstat())
    except FileNotFoundError:
        return False


def clear(folder: Path) -> None:
    """Remove this user's drafts in a folder that no process has locked."""
    with contextlib.suppress(OSError):
        for name in os.listdir(folder):
            if _NAME.fullmatch(name):
                with contextlib.suppress(OSError):
                    _remove_left(folder / name)


def _remove_left(path: Path) -> None:
    handle = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        status = os.fstat(handle)
        if stat.S_ISREG(status.st_mode) and status.st_uid == os.geteuid():
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if _is_at(handle, path):
                path.unlink()
    finally:
        os.close(handle)


class FileDraft:
    """The draft of a new or existing file; an existing one keeps its mode and owner.

    Attributes:
        handle: The draft's file descriptor, which the writer closes.
        path: The draft's path.
    """

    def __init__(self, target: Path) -> None:
        """Create the draft. Raises ``OSError`` when the file cannot be written."""
        self._target = target
        self._in_place = False
        try:
            before = target.stat()
        except FileNotFoundError:
            self.handle, self.path = create(target.parent, 0o666)
            return
        if not os.access(target, os.W_OK):
            raise PermissionError(13, "Permission denied", str(target))
        self.handle, self.path = create(target.parent)
        try:
            self._be_like(before)
        except BaseException:
            os.close(self.handle)
            self.discard()
            raise

    def _be_like(self, before: os.stat_result) -> None:
        mine = os.fstat(self.handle)
        if (mine.st_uid, mine.st_gid) != (before.st_uid, before.st_gid):
            try:
                os.fchown(self.handle, before.st_uid, before.st_gid)
            except PermissionError:
                # the new file cannot get the same owner
                self._in_place = True
                return
        os.fchmod(self.handle, stat.S_IMODE(before.st_mode))

    def put_in_place(self) -> None:
        """Sync the draft to disk and rename it to the file's name. Raises ``OSError``."""
        if not self._in_place:
            self.path.replace(self._target)
            return
        import shutil

        with self.path.open("rb") as whole, self._target.open("r+b") as file:
            shutil.copyfileobj(whole, file)
            file.truncate()
            file.flush()
            os.fsync(file.fileno())

    def discard(self) -> None:
        """Delete the draft, unless it was put in place."""
        discard(self.path)


@contextlib.contextmanager
def file_draft(path: Path) -> Iterator[FileDraft]:
    """Create a draft of a regular file, which the caller writes and puts in place; it is discarded otherwise.

    Raises ``InputError`` when the file cannot be written, also for an ``OSError`` raised inside.
    """
    if path.exists() and not path.is_file():
        raise InputError(f"'{path}' cannot be written: it is not a regular file.")
    draft = None
    try:
        draft = FileDraft(path.resolve())
        yield draft
    except OSError as error:
        raise InputError(f"'{path}' cannot be written: {error.strerror or error}.") from error
    finally:
        if draft is not None:
            draft.discard()
            with contextlib.suppress(OSError):
                os.close(draft.handle)
