"""Sources that no longer exist: deleted, or on a file system that is not mounted.

A mount point without its file system looks like a folder whose files were deleted. So an implausibly large loss, or
that of all sources on another file system, needs a confirmation.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence, Sized
from pathlib import Path
from typing import Protocol

from policysearch.errors import InputError
from policysearch.frozen import frozen
from policysearch.sources.finding import Source, UnreadableSource, encode_id

__all__ = ["Loss", "Record", "losses", "moved_sources", "refuse", "too_many"]

_FEW = 10  # number of documents that may be removed at once, whatever their share of a root


class Record(Protocol):
    """The record of a source: its root, its size and time, and its documents."""

    root: str
    size: int
    mtime_ns: int

    @property
    def documents(self) -> Sized: ...


@frozen
class Loss:
    """An implausible removal of documents from an index.

    Attributes:
        root: The root of their sources.
        sources: Ids of these, in order, without those that were moved.
        documents: Number of their documents.
        whole: Number of documents of all sources of the root.
        unmounted: The former mount point, if all sources on a file system are gone; else None.
    """

    root: str
    sources: tuple[str, ...]
    documents: int
    whole: int
    unmounted: str | None = None


def device_of(path: str) -> int:
    """Return the device number of a path, -1 when it does not exist."""
    try:
        return os.stat(path).st_dev
    except OSError:
        return -1


def too_many(going: int, whole: int) -> bool:
    """Return whether this many removed documents of a root need a confirmation: over half, and over ten."""
    return going > _FEW and 2 * going > whole


def losses(
    records: Mapping[str, Record],
    found: Mapping[str, Source | UnreadableSource],
    roots: Sequence[str],
    devices: Mapping[str, int],
) -> Iterator[Loss]:
    """Yield the implausible removals of each root.

    Args:
        records: The record of every source, by its id.
        found: The current sources.
        roots: The scanned roots.
        devices: The previous device number of each root and of each mount point below it.
    """
    held = {root: list[str]() for root in roots}
    for source, record in records.items():
        if record.documents and record.root in held:
            held[record.root].append(source)
    moved = moved_sources(records, found)
    for root, sources in held.items():
        gone = [source for source in sorted(sources) if not isinstance(found.get(source), Source)]
        lost = [source for source in gone if source not in moved]
        if not lost:
            continue
        count = sum(len(records[source].documents) for source in lost)
        whole = sum(len(records[source].documents) for source in sources)
        unmounted = _unmounted(root, sources, set(gone), devices)
        if unmounted or too_many(count, whole):
            yield Loss(root, tuple(lost), count, whole, unmounted)


def moved_sources(records: Mapping[str, Record], found: Mapping[str, Source | UnreadableSource]) -> set[str]:
    """Return the sources that were moved: they exist at another path with the same size and time."""
    new = Counter(
        (one.size, one.mtime_ns) for source, one in found.items() if source not in records and isinstance(one, Source)
    )
    moved = set()
    for source, record in records.items() if new else ():
        if source not in found and new[record.size, record.mtime_ns] > 0:
            new[record.size, record.mtime_ns] -= 1
            moved.add(source)
    return moved


def _unmounted(root: str, sources: Sequence[str], gone: set[str], devices: Mapping[str, int]) -> str | None:
    """Return the former mount point below a root from which all sources have vanished, or None."""
    for folder, device in devices.items():
        path = Path(folder)
        if device_of(folder) == device or not path.is_relative_to(root):
            continue
        below = encode_id(path.relative_to(root).as_posix())
        inside = [source for source in sources if below == "." or source.startswith(f"{below}/")]
        if inside and gone.issuperset(inside):
            return folder
    return None


def refuse(loss: Loss) -> InputError:
    """Return the error that prevents an update from removing so many documents."""
    if loss.unmounted is not None:
        said = f"'{loss.unmounted}' is no longer mounted, and all {len(loss.sources):,} sources on it are gone"
    else:
        said = f"{loss.documents:,} of the {loss.whole:,} documents of '{loss.root}' would be removed from the index"
    return InputError(
        f"Nothing was changed: {said}, such as '{loss.sources[0]}'. If something is not mounted there, mount it and "
        f"try again. If the root was moved: policysearch index --moved '{loss.root}' NEW. If this is intended: "
        "policysearch index --allow-removals, or remove the root with: "
        f"policysearch index --remove '{loss.root}'"
    )
