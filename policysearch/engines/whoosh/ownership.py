"""Which files of a folder are an index's own: no other is removed, cut or written over.

A name proves nothing, since people name files as they like. A file is an
index's own when the index's account names it and its checksum is the one
written there, when it begins with the program's header, or when its name has
the random token of a build that the index's LOCK notes.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import stat
import zlib
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import Any

from policysearch.engines.whoosh.generations import CURRENT, HEAD, LARGEST, STATE_MARK, File
from policysearch.engines.whoosh.lock import LOCK, TOKEN, lock_note
from policysearch.engines.whoosh.region_file import MAGIC, is_finished, open_regular, read_regular, sync_folder
from policysearch.errors import InputError, raise_if_limit

__all__ = ["named", "numbers", "refuse_foreign", "sweep"]

_STATE_HEAD = json.dumps(STATE_MARK, separators=(",", ":"))[:-1].encode()
_SEGMENT = re.compile(rf"(?P<number>[0-9]{{6,18}})-(?:(?P<token>{TOKEN})-)?[0-9a-z-]+\.segment")
_STATE = re.compile(rf"sources-(?P<number>[0-9]{{1,18}})(?:-(?P<token>{TOKEN}))?\.json")
_NEW = re.compile(rf"CURRENT(?:-(?P<token>{TOKEN}))?\.new")
_HEADS = ((_SEGMENT, MAGIC), (_STATE, _STATE_HEAD), (_NEW, HEAD))


def refuse_foreign(folder: Path) -> None:
    """Raise ``InputError`` when there is something in a folder that is neither an index nor what one left.

    Files that begin with a dot or README may be there, and what is left of a
    first build that did not end. Raises ``OSError`` when that cannot be known.
    """
    try:
        names = sorted(os.listdir(folder))
    except (FileNotFoundError, NotADirectoryError):
        return
    advice = "Nothing in it was touched. Name a folder that is new, empty or an index with: --index FOLDER"
    if CURRENT in names:
        # one that is damaged stands among files that are not
        if _begins(folder / CURRENT, HEAD) or any(_is_headed(folder / name) for name in names):
            return
        raise InputError(f"The folder '{folder}' is no index: this program did not write its '{CURRENT}'. {advice}")
    foreign = [name for name in names if not name.startswith((".", "README")) and not _is_left(folder / name)]
    # another first build may have ended meanwhile, and taken away or renamed what was its own
    foreign = [name for name in foreign if os.path.lexists(folder / name)]
    if foreign:
        more = f" and {len(foreign) - 1:,} more" if len(foreign) > 1 else ""
        raise InputError(
            f"The folder '{folder}' is neither empty nor an index: it holds '{foreign[0]}'{more}. {advice}"
        )


def _is_left(path: Path) -> bool:
    """Whether a file can be what a first build leaves that was ended: it has the header, or no contents yet."""
    if path.name == LOCK:
        return _is_file(path) and lock_note(_beginning(path, 4096).decode("utf-8", "replace")) is not None
    if _is_headed(path):
        return True
    try:
        return _token(path.name) is not None and _is_file(path) and path.lstat().st_size == 0
    except FileNotFoundError:
        return False


def _is_headed(path: Path) -> bool:
    """Whether a file is named as those of an index are, and begins with the header of its kind."""
    return any(pattern.fullmatch(path.name) and _begins(path, head) for pattern, head in _HEADS)


def _token(name: str) -> str | None:
    """Return the token in the name of a file of an index, None when there is none."""
    found = next(filter(None, (pattern.fullmatch(name) for pattern, _ in _HEADS)), None)
    return found["token"] if found else None


def _is_file(path: Path) -> bool:
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except OSError:
        return False


def _beginning(path: Path, size: int) -> bytes:
    """Return the first bytes of a file; none when it cannot be read."""
    try:
        with open_regular(path) as file:
            return file.read(size)
    except OSError as error:
        raise_if_limit(path, error)
        return b""


def _begins(path: Path, head: bytes) -> bool:
    return _is_file(path) and _beginning(path, len(head)) == head


def numbers(folder: Path) -> Iterator[int]:
    """Yield the numbers of the generations whose files are there."""
    for name in os.listdir(folder):
        found = _SEGMENT.fullmatch(name) or _STATE.fullmatch(name)
        if found and _is_headed(folder / name):
            yield int(found["number"])


def named(folder: Path) -> list[File]:
    """Return the files of an index that cannot be used, or of a first build that did not end.

    These are all that have the header, and those that a CURRENT of any format names.
    """
    files: list[File] = [(path.name, path.lstat().st_size, 0) for path in folder.iterdir() if _is_headed(path)]
    fields: Any = {}
    with contextlib.suppress(OSError, ValueError, RecursionError):
        head, _, body = read_regular(folder / CURRENT, LARGEST).partition(b"\n")
        fields = json.loads(body) if head.startswith(HEAD) else {}
    with contextlib.suppress(KeyError, TypeError, ValueError, OverflowError):
        name, size, checksum = fields["state"]
        if _STATE.fullmatch(name):
            files.append((name, int(size), int(checksum)))
    return files


def _is_as_written(path: Path, size: int, checksum: int) -> bool:
    """Whether a file is the one that an account names: has its checksum, or, when it was damaged, still the header."""
    if _is_headed(path):
        return True
    try:
        return path.lstat().st_size == size and _is_file(path) and zlib.crc32(path.read_bytes()) == checksum
    except OSError:
        return False


def sweep(folder: Path, keep: Collection[str], replaced: Iterable[File], builds: Collection[str]) -> None:
    """Remove what is the index's own and not to be kept; only the lock's holder may.

    Args:
        folder: Of the index.
        keep: Names of the files of its generation.
        replaced: What its account says that earlier generations had.
        builds: Tokens of builds that did not end, and of the one that does now.
    """
    before = {name: (size, checksum) for name, size, checksum in replaced}
    doomed = []
    for path in folder.iterdir():
        if path.name in keep or not any(pattern.fullmatch(path.name) for pattern, _ in _HEADS):
            continue
        if _token(path.name) in builds:
            gone = _is_file(path)
        elif path.name in before:
            gone = _is_as_written(path, *before[path.name])
        else:
            # whole ones that no account names were put here by somebody
            gone = bool(keep) and _is_headed(path) and not _is_whole(path)
        if gone:
            doomed.append(path)
    if doomed:
        # a CURRENT that is not down yet must not outlive what the one before it names
        sync_folder(folder)
    for path in doomed:
        # a reader that has it open keeps what it has; one about to open it looks at CURRENT again
        path.unlink(missing_ok=True)


def _is_whole(path: Path) -> bool:
    if _SEGMENT.fullmatch(path.name):
        return is_finished(path)
    if _STATE.fullmatch(path.name):
        try:
            json.loads(read_regular(path, LARGEST))
        except (OSError, ValueError, RecursionError):
            return False
        return True
    return False  # a CURRENT that was not put in place
