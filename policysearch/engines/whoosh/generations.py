"""The folder of an index: generations, published one at a time.

A generation is a list of segment files, which never change once written, with
the documents that were removed from each since. It is described in one small
file, ``CURRENT``, that is put in place by a rename after everything it names
is on the disk. Whatever happens before the rename, the generation before
answers as it did.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import json
import os
import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from policysearch.errors import IndexUnusableError
from policysearch.values import value

__all__ = ["FORMAT", "Generation", "SegmentName", "locked", "publish", "read_current", "read_state", "sweep"]

FORMAT = 1
_CURRENT = "CURRENT"
_LOCK = "LOCK"
_HEAD = "policysearch index"


@value
class SegmentName:
    """One segment file of a generation.

    Attributes:
        name: The file in the index folder.
        size: Its size in bytes.
        removed: Numbers of its documents that are no longer part of the index, rising.
    """

    name: str
    size: int
    removed: tuple[int, ...] = ()


@value
class Generation:
    """One committed state of an index.

    Attributes:
        number: From 1, rising by one.
        segments: In order of their names.
        description: What the index is made of: fingerprints, counts, options; fit for JSON.
        duplicates: Id of each document that repeats another one's text, and that one's id.
        state: The file that accounts for every source, and its size and checksum.
    """

    number: int
    segments: tuple[SegmentName, ...]
    description: Mapping[str, Any]
    duplicates: Mapping[str, str]
    state: tuple[str, int, int] = ("", 0, 0)


def _no_index(folder: Path) -> IndexUnusableError:
    return IndexUnusableError(f"No index at '{folder}'. Build one with: policysearch index FOLDER")


def _damaged(path: Path, why: str) -> IndexUnusableError:
    return IndexUnusableError(
        f"'{path}' is damaged: {why}. Build the index again with: policysearch index --rebuild FOLDER"
    )


def read_current(folder: Path) -> Generation:
    """Return the published generation. Raises ``IndexUnusableError`` when there is none that can be used."""
    path = folder / _CURRENT
    try:
        data = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        raise _no_index(folder) from None
    except OSError as error:
        raise IndexUnusableError(f"The index at '{folder}' cannot be read: {error.strerror}.") from error
    head, _, body = data.partition(b"\n")
    words = head.decode("ascii", "replace").split(" ")
    if " ".join(words[:2]) != _HEAD or len(words) != 4:
        raise _damaged(path, "it does not begin as it should")
    if words[2] != str(FORMAT):
        raise IndexUnusableError(
            f"The index at '{folder}' has format {words[2]}; this program reads format {FORMAT}. "
            "Build it again with: policysearch index --rebuild FOLDER"
        )
    if words[3] != f"{zlib.crc32(body):08x}":
        raise _damaged(path, "its checksum is wrong")
    try:
        value = json.loads(body)
        return Generation(
            value["number"],
            tuple(SegmentName(s["name"], s["size"], tuple(s["removed"])) for s in value["segments"]),
            value["description"],
            value["duplicates"],
            tuple(value["state"]),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise _damaged(path, "its contents cannot be read") from error


def sync_folder(folder: Path) -> None:
    """Bring the folder's own entries to the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _write_synced(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def publish(folder: Path, generation: Generation, state: Any) -> Generation:
    """Make ``generation`` the current one, in one step; ``state`` is the account of its sources.

    All its segment files are on the disk already. Returns the generation as published.
    """
    data = json.dumps(state, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
    name = f"sources-{generation.number}.json"
    _write_synced(folder / name, data)
    published = Generation(
        generation.number,
        generation.segments,
        generation.description,
        generation.duplicates,
        (name, len(data), zlib.crc32(data)),
    )
    body = json.dumps(
        {
            "number": published.number,
            "segments": [{"name": s.name, "size": s.size, "removed": s.removed} for s in published.segments],
            "description": published.description,
            "duplicates": published.duplicates,
            "state": published.state,
        },
        ensure_ascii=False,
    ).encode("utf-8", "surrogatepass")
    new = folder / f"{_CURRENT}.new"
    _write_synced(new, f"{_HEAD} {FORMAT} {zlib.crc32(body):08x}\n".encode() + body)
    sync_folder(folder)
    os.replace(new, folder / _CURRENT)
    sync_folder(folder)
    return published


def read_state(folder: Path, generation: Generation) -> Any:
    """Return the account of sources that was published with a generation."""
    name, size, crc = generation.state
    path = folder / name
    try:
        data = path.read_bytes()
    except OSError as error:
        raise _damaged(path, error.strerror or str(error)) from error
    if len(data) != size or zlib.crc32(data) != crc:
        raise _damaged(path, "it is not what was written")
    return json.loads(data)


def sweep(folder: Path, generation: Generation | None) -> None:
    """Remove the files of other generations and of builds that did not end; only the lock's holder may."""
    keep = {s.name for s in generation.segments} | {generation.state[0]} if generation else set()
    for path in folder.iterdir():
        ours = path.suffix == ".segment" or path.name == f"{_CURRENT}.new"
        ours = ours or (path.name.startswith("sources-") and path.suffix == ".json")
        if ours and path.name not in keep:
            # a reader that has it open keeps what it has; one about to open it looks at CURRENT again
            path.unlink(missing_ok=True)


@contextlib.contextmanager
def locked(folder: Path, wait: float, waiting: Callable[[str], None] | None = None) -> Iterator[None]:
    """Hold the folder's write lock, waiting up to ``wait`` seconds for it.

    The lock is the system's own and goes with the process, however that
    ends. ``waiting`` is called once with the holder when there is a wait.
    Raises ``IndexUnusableError`` naming the holder when the time is over.
    """
    with (folder / _LOCK).open("a+") as file:
        deadline = time.monotonic() + wait
        told = False
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except OSError as error:
                if error.errno not in (errno.EAGAIN, errno.EACCES):
                    raise
            file.seek(0)
            holder = file.read().strip() or "another process"
            if time.monotonic() >= deadline:
                raise IndexUnusableError(
                    f"The index at '{folder}' is being written by {holder}. Try again when it has ended."
                )
            if waiting and not told:
                waiting(holder)
                told = True
            time.sleep(0.05)
        file.truncate(0)
        file.write(f"process {os.getpid()} since {datetime.now().astimezone().isoformat(timespec='seconds')}")
        file.flush()
        try:
            yield
        finally:
            file.truncate(0)
