"""Files that are written under a name of their own and take their place when they are whole.

The process that writes one holds a lock on it, which goes with the process,
however that ends: a draft without a lock is one that was left behind.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import stat
from pathlib import Path

__all__ = ["Draft", "clear", "create"]

_NAME = re.compile(r"\.policysearch-[0-9a-f]{16}\.part")


def create(folder: Path, mode: int = 0o600) -> tuple[int, Path]:
    """Create a draft in a folder, and remove those that were left there by processes that were killed.

    Returns what it is open as, for reading and writing, and its path. It is
    locked until it is closed. ``mode`` is less what the umask takes away.
    Raises ``OSError`` when it cannot be made.
    """
    clear(folder)
    while True:
        path = folder / f".policysearch-{os.urandom(8).hex()}.part"
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
        with contextlib.suppress(OSError):  # a file system without locks
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if _is_at(handle, path):
            return handle, path
        os.close(handle)  # another process has found it before it was locked


def _is_at(handle: int, path: Path) -> bool:
    """Whether an open file is the one of this name."""
    try:
        return os.path.samestat(os.fstat(handle), path.lstat())
    except FileNotFoundError:
        return False


def clear(folder: Path) -> None:
    """Remove this user's drafts in a folder that no process holds."""
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


class Draft:
    """What is to be a file, which may be there already: it keeps its mode and its owner.

    Attributes:
        handle: What it is open as; whoever writes to it closes it.
        path: Where it is.
    """

    def __init__(self, target: Path) -> None:
        """Begin. Raises ``OSError`` when the file cannot be written."""
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
                # it cannot be another file with the same owner
                self._in_place = True
                return
        os.fchmod(self.handle, stat.S_IMODE(before.st_mode))

    def put_in_place(self) -> None:
        """Take the place of the file, with what was written and brought to the disk. Raises ``OSError``."""
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
        """Leave nothing behind."""
        self.path.unlink(missing_ok=True)
