"""Sources that are not there any more: deleted, or on something that is not mounted just now.

A folder over which nothing is mounted looks like one whose files were deleted.
So a loss that is too large to be meant, or of all that was on another file
system, is taken for one that nobody meant.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence, Sized
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from policysearch.errors import InputError
from policysearch.sources.finding import Source, UnreadableSource, encode_id

__all__ = ["Loss", "Record", "losses", "moved_sources", "refuse", "too_many"]

_FEW = 10  # documents that may go at once, however large a part of a root they are


class Record(Protocol):
    """The record of a source: its root, its size and time, and its documents."""

    root: str
    size: int
    mtime_ns: int

    @property
    def documents(self) -> Sized: ...


@dataclass(frozen=True, slots=True)
class Loss:
    """Documents that would go from an index though nobody may have meant it.

    Attributes:
        root: Where their sources were.
        sources: Ids of these, in order, without those that are elsewhere now.
        documents: How many documents they had.
        whole: How many documents all sources of the root had.
        unmounted: The folder in which another file system was, where all sources that it held are gone.
    """

    root: str
    sources: tuple[str, ...]
    documents: int
    whole: int
    unmounted: str | None = None


def device_of(path: str) -> int:
    """Return the number of the file system that something is on, -1 when it is not there."""
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
        records: What is known of every source, by its id.
        found: The sources that are there now.
        roots: Those that were looked at.
        devices: The file system that each root was on, and each folder that another one was mounted on.
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
    """Return the sources that are not where they were, but elsewhere, with the same size and time."""
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
    """Return the folder of a root on which another file system was of which nothing is to be seen any more."""
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
    """Return the error that stops an update from removing so much."""
    if loss.unmounted is not None:
        said = f"what was mounted on '{loss.unmounted}' is gone, and all {len(loss.sources):,} sources with it"
    else:
        said = f"{loss.documents:,} of the {loss.whole:,} documents of '{loss.root}' would be removed from the index"
    return InputError(
        f"Nothing was changed: {said}, such as '{loss.sources[0]}'. If something is not mounted there, mount it and "
        f"try again. If the root was moved: policysearch index --moved '{loss.root}' NEW. If this is intended: "
        "policysearch index --allow-removals, or remove the root with: "
        f"policysearch index --remove '{loss.root}'"
    )
