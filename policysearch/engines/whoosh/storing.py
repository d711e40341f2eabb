"""The Whoosh engine, as its one writer sees it."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from policysearch.engines.whoosh.generations import (
    Generation,
    SegmentName,
    locked,
    publish,
    read_current,
    read_state,
    sweep,
)
from policysearch.engines.whoosh.segment import Segment
from policysearch.engines.whoosh.writing import SegmentBuilder, write_segment
from policysearch.entries import DocumentEntry
from policysearch.errors import IndexUnusableError, InputError

__all__ = ["SegmentSink", "WhooshStore"]

_NUMBERED = re.compile(r"([0-9]+)-[0-9]+-[0-9]+\.segment$|sources-([0-9]+)\.json$")


@dataclass(frozen=True, slots=True)
class SegmentSink:
    """Writes segment files of one task."""

    folder: Path
    prefix: str

    def write(self, entries: Sequence[DocumentEntry]) -> list[SegmentName]:
        """Write the documents as one segment or more, and return their names."""
        names: list[SegmentName] = []
        builder = SegmentBuilder()
        for entry in entries:
            if not builder.fits(entry):
                names.append(self._write(builder, len(names)))
                builder = SegmentBuilder()
            builder.add(entry)
        if builder.documents:
            names.append(self._write(builder, len(names)))
        return names

    def _write(self, builder: SegmentBuilder, count: int) -> SegmentName:
        name = f"{self.prefix}-{count + 1}.segment"
        return SegmentName(name, write_segment(self.folder / name, builder.documents))


class WhooshStore:
    """The folder of an index."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._generation: Generation | None = None
        self._next = 1

    @contextmanager
    def lock(self, wait: float, waiting: Callable[[str], None] | None = None) -> Iterator[None]:
        """Hold the right to write; the folder is made when it is not there."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with locked(self.folder, wait, waiting):
                try:
                    yield
                finally:
                    self._sweep()
        except OSError as error:
            where = error.filename or self.folder
            raise InputError(
                f"Cannot write the index at '{where}': {error.strerror or error}. What was there is as it was."
            ) from error

    def _sweep(self) -> None:
        """Remove what an ended build left; what cannot be removed now is removed next time."""
        try:
            current: Generation | None = read_current(self.folder)
        except IndexUnusableError:
            # the only good generation may be one that another version wrote
            return
        with suppress(OSError):
            sweep(self.folder, current)

    def current(self) -> tuple[Mapping[str, Any], Any] | None:
        """Return the published description and state."""
        self._generation = None
        self._next = self._unused()
        if not (self.folder / "CURRENT").exists():
            return None
        self._generation = read_current(self.folder)
        self._next = self._generation.number + 1
        return (
            {"generation": self._generation.number, **self._generation.description},
            read_state(self.folder, self._generation),
        )

    def _unused(self) -> int:
        """Return a number that no generation had whose files are still there."""
        names = (_NUMBERED.match(path.name) for path in self.folder.iterdir())
        return 1 + max((int(name[1] or name[2]) for name in names if name), default=0)

    def sink(self, task: int) -> SegmentSink:
        """Return a sink whose files nobody else writes."""
        return SegmentSink(self.folder, f"{self._next:06d}-{task:04d}")

    def publish(
        self,
        receipts: Sequence[Any],
        removed: Collection[str],
        description: Mapping[str, Any],
        duplicates: Mapping[str, str],
        state: Any,
        fresh: bool,
    ) -> int:
        """Make a new generation."""
        before = self._generation
        kept = () if before is None or fresh else self._without(before.segments, removed)
        new = tuple(name for receipt in receipts for name in receipt)
        generation = Generation(self._next, (*kept, *new), description, duplicates)
        self._generation = publish(self.folder, generation, state)
        self._next += 1
        return self._generation.number

    def _without(self, segments: Sequence[SegmentName], removed: Collection[str]) -> tuple[SegmentName, ...]:
        """Return the segments less some documents; one that has none left is left out."""
        if not removed:
            return tuple(segments)
        kept = []
        for name in segments:
            segment = Segment(self.folder / name.name, name.size)
            gone = set(name.removed)
            gone.update(n for document_id in removed if (n := segment.find_document(document_id)) is not None)
            if len(gone) < segment.documents:
                kept.append(SegmentName(name.name, name.size, tuple(sorted(gone))))
        return tuple(kept)
