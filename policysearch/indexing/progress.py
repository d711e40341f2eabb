"""How far an update of an index is, while it continues."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

from policysearch.sources.finding import Source

__all__ = ["Progress", "Watch"]


class Progress(NamedTuple):
    """How far an update of an index is.

    Attributes:
        stage: ``looking`` for sources, ``reading`` them, or ``writing`` what is published.
        files: How many of the sources that are new or changed were read.
        all_files: How many of these there are.
        size: How many bytes were read.
        all_size: How many bytes these sources have.
        source: Id of the source that is being read longest now; None where none is.
        seconds: How long it is being read.
    """

    stage: str
    files: int = 0
    all_files: int = 0
    size: int = 0
    all_size: int = 0
    source: str | None = None
    seconds: float = 0.0


class Watch:
    """Counts what was read of some sources, each once, however often it is begun, and reports them."""

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
        """Tell how far it is; ``source`` is the one that is being read longest, ``since`` by the monotonic clock."""
        if self._tell and self._all[0]:
            name, seconds = (None, 0.0) if source is None else (source.source_id, time.monotonic() - since)
            files, size = self._all
            self._tell(Progress("reading", len(self._read), files, self._size, size, name, seconds))
