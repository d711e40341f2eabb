"""Ownership of files in an index folder: only the index's own files are ever removed, truncated or overwritten.

A name proves nothing, since people name files as they like. A file belongs to
an index when the index's manifest names it with its checksum, when it starts
with the program's header, or when its name contains the random token of a
build that is registered in the index's LOCK.
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

from policysearch.engines.whoosh.generations import CURRENT, HEAD, LARGEST, STATE_MARK, File, count_of
from policysearch.engines.whoosh.lock import LOCK, TOKEN, lock_note
from policysearch.engines.whoosh.region_file import MAGIC, is_finished, open_index_file, read_index_file, sync_folder
from policysearch.errors import InputError, raise_if_limit
from policysearch.files.json_bytes import unpacked

__all__ = ["generation_numbers", "named", "refuse_foreign", "sweep"]

_STATE_HEAD = json.dumps(STATE_MARK, separators=(",", ":"))[:-1].encode()
_SEGMENT = re.compile(rf"(?P<number>[0-9]{{6,18}})-(?:(?P<token>{TOKEN})-)?[0-9a-z-]+\.segment")
_STATE = re.compile(rf"sources-(?P<number>[0-9]{{1,18}})(?:-(?P<token>{TOKEN}))?\.json")
_NEW = re.compile(rf"CURRENT(?:-(?P<token>{TOKEN}))?\.new")
_HEADS = ((_SEGMENT, MAGIC), (_STATE, _STATE_HEAD), (_NEW, HEAD))


def refuse_foreign(folder: Path) -> None:
    """Raise ``InputError`` when a folder contains files that are neither an index nor left by one.

    Files whose names start with a dot or README are allowed, and the files of an
    interrupted first build. Raises ``OSError`` when the folder cannot be read.
    """
    try:
        names = sorted(os.listdir(folder))
    except (FileNotFoundError, NotADirectoryError):
        return
    advice = "Nothing in it was changed. Name a folder that is new, empty or an index with: --index FOLDER"
    if CURRENT in names:
        # a corrupt CURRENT is accepted if the other files are an index's
        if _begins(folder / CURRENT, HEAD) or any(_is_headed(folder / name) for name in names):
            return
        raise InputError(f"The folder '{folder}' is not an index: this program did not write its '{CURRENT}'. {advice}")
    foreign = [name for name in names if not name.startswith((".", "README")) and not _is_left(folder / name)]
    # another first build may have finished meanwhile, and removed or renamed its files
    foreign = [name for name in foreign if os.path.lexists(folder / name)]
    if foreign:
        more = f" and {len(foreign) - 1:,} more" if len(foreign) > 1 else ""
        raise InputError(
            f"The folder '{folder}' is neither empty nor an index: it contains '{foreign[0]}'{more}. {advice}"
        )


def _is_left(path: Path) -> bool:
    """Return whether a file can be from an interrupted first build: it has the header, or no contents yet."""
    if path.name == LOCK:
        return _is_file(path) and lock_note(_beginning(path, 4096).decode("utf-8", "replace")) is not None
    if _is_headed(path):
        return True
    try:
        return _token(path.name) is not None and _is_file(path) and path.lstat().st_size == 0
    except FileNotFoundError:
        return False


def _is_headed(path: Path) -> bool:
    """Return whether a file has the name of an index file, and starts with the header of its kind."""
    return any(pattern.fullmatch(path.name) and _begins(path, head) for pattern, head in _HEADS)


def _token(name: str) -> str | None:
    """Return the build token in the name of an index file, or None."""
    found = next(filter(None, (pattern.fullmatch(name) for pattern, _ in _HEADS)), None)
    return found["token"] if found else None


def _is_file(path: Path) -> bool:
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except OSError:
        return False


def _beginning(path: Path, size: int) -> bytes:
    """Return the first bytes of a file, or no bytes when it cannot be read."""
    try:
        with open_index_file(path) as file:
            return file.read(size)
    except OSError as error:
        raise_if_limit(path, error)
        return b""


def _begins(path: Path, head: bytes) -> bool:
    return _is_file(path) and _beginning(path, len(head)) == head


def generation_numbers(folder: Path) -> Iterator[int]:
    """Yield the numbers of the generations that have files in a folder."""
    for name in os.listdir(folder):
        found = _SEGMENT.fullmatch(name) or _STATE.fullmatch(name)
        if found and _is_headed(folder / name):
            yield int(found["number"])


def named(folder: Path) -> list[File]:
    """Return the files of an unusable index or of an interrupted first build.

    These are all files with the header, and those that a CURRENT of any format names.
    """
    files: list[File] = [(path.name, path.lstat().st_size, 0) for path in folder.iterdir() if _is_headed(path)]
    fields: Any = {}
    with contextlib.suppress(OSError, ValueError, RecursionError):
        head, _, body = read_index_file(folder / CURRENT, LARGEST).partition(b"\n")
        fields = json.loads(body) if head.startswith(HEAD) else {}
    with contextlib.suppress(KeyError, TypeError, ValueError):
        name, size, checksum = fields["state"]
        if _STATE.fullmatch(name):
            files.append((name, count_of(size), count_of(checksum)))
    return files


def _is_as_written(path: Path, size: int, checksum: int) -> bool:
    """Return whether a file is the one that a manifest names: it has the checksum, or, if corrupt, the header."""
    if _is_headed(path):
        return True
    try:
        return path.lstat().st_size == size and _is_file(path) and zlib.crc32(path.read_bytes()) == checksum
    except OSError:
        return False


def sweep(folder: Path, keep: Collection[str], replaced: Iterable[File], builds: Collection[str]) -> None:
    """Remove files that belong to the index and are not to be kept; only the lock's holder may call it.

    Args:
        folder: The index folder.
        keep: Names of the files of its generation.
        replaced: Files of earlier generations, from its manifest.
        builds: Tokens of interrupted builds, and of the one that ends now.
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
            # complete files that no manifest names were put here by a user
            gone = bool(keep) and _is_headed(path) and not _is_whole(path)
        if gone:
            doomed.append(path)
    if doomed:
        # until CURRENT is synced, the files that the previous one names must be kept
        sync_folder(folder)
    for path in doomed:
        # a reader that has it open keeps it; one about to open it reads CURRENT again
        path.unlink(missing_ok=True)


def _is_whole(path: Path) -> bool:
    if _SEGMENT.fullmatch(path.name):
        return is_finished(path)
    if _STATE.fullmatch(path.name):
        try:
            unpacked(read_index_file(path, LARGEST))
        except (OSError, ValueError, RecursionError):
            return False
        return True
    return False  # a CURRENT that was never renamed into place
