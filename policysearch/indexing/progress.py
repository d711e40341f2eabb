"""The progress of an update of an index."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

from policysearch.sources.finding import Source

__all__ = ["Progress", "Watch"]


class Progress(NamedTuple):
    """The progress of an update of an index.

    Attributes:
        stage: ``looking`` for sources, ``reading`` them, or ``writing`` the new generation.
        files: Number of new or changed sources that were read.
        all_files: Number of all new or changed sources.
        size: Number of bytes read.
        all_size: Size of all these sources in bytes.
        source: Id of the source that has been read for the longest time now, or None.
        seconds: The time for which it has been read.
    """

    stage: str
    files: int = 0
    all_files: int = 0
    size: int = 0
    all_size: int = 0
    source: str | None = None
    seconds: float = 0.0


class Watch:
    """Counts the sources that were read, each once even if it is retried, and reports the progress."""

    def __init__(self, sources: Sequence[Source], tell: Callable[[Progress], None] | None) -> None:
        self._tell = tell
        self._all = (len(sources), sum(source.size for source in sources))
        self._read: set[str] = set()
        self._size = 0
        self.tick()

    def passed(self, source: Source) -> None:
        """Count a source that was read."""
        if source.source_id not in self._read:
            self._read.add(source.source_id)
            self._size += source.size

    def tick(self, source: Source | None = None, since: float = 0.0) -> None:
        """Report the progress; ``source`` has been read for the longest time, ``since`` this monotonic time."""
        if self._tell and self._all[0]:
            name, seconds = (None, 0.0) if source is None else (source.source_id, time.monotonic() - since)
            files, size = self._all
            self._tell(Progress("reading", len(self._read), files, self._size, size, name, seconds))
