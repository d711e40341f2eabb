"""External merge sort: orders more hits than fit in memory by sorted runs in a temporary file."""

from __future__ import annotations

import heapq
import json
import os
import weakref
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from tempfile import TemporaryFile, gettempdir
from typing import IO, Any

from policysearch.errors import PolicySearchError

__all__ = ["first_of"]

_RUN = 20_000  # hits sorted in memory
_PIECE = 100  # hits of each run that are in memory while merging
_FEW = 10_000


def first_of(found: Iterable[tuple[Any, ...]], count: int | None) -> Iterator[tuple[Any, ...]]:
    """Consume all tuples; return the first ``count`` of them in order, or all for None.

    They consist of numbers, texts, None and tuples of these, and no two are equal.
    """
    if count is not None and count <= _FEW:
        return islice(heapq.nsmallest(max(1, count), found), count)
    runs = _Runs()
    coming = iter(found)
    last: list[tuple[Any, ...]] = []
    for run in iter(lambda: sorted(islice(coming, _RUN)), []):
        if last:
            runs.add(last)
        last = run
    return islice(runs.merged(last), count)


class _Runs:
    """Sorted runs in one file, which is deleted with its last reader.

    Runs that cannot be written stay in memory: a full disk does not fail a query.
    """

    def __init__(self) -> None:
        self._file: IO[bytes] | None = None
        self._pieces: list[list[tuple[int, int]]] = []  # of each run, the offsets and sizes of its pieces
        self._in_memory: list[list[tuple[Any, ...]]] = []

    def add(self, run: list[tuple[Any, ...]]) -> None:
        """Store a sorted run."""
        try:
            if self._file is None:
                # unbuffered: a buffer that could not be written would be written again before every read
                self._file = TemporaryFile(prefix="policysearch-", buffering=0)  # noqa: SIM115 (closed when unread)
                weakref.finalize(self, self._file.close)
            self._pieces.append(list(self._write(run, self._file)))
        except OSError:
            self._in_memory.append(run)

    def _write(self, run: list[tuple[Any, ...]], file: IO[bytes]) -> Iterator[tuple[int, int]]:
        for at in range(0, len(run), _PIECE):
            piece = json.dumps(run[at : at + _PIECE]).encode()
            place = file.seek(0, os.SEEK_END)
            left = memoryview(piece)
            while left:
                left = left[file.write(left) :]
            yield place, len(piece)

    def merged(self, last: Sequence[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
        """Merge the stored runs and the ``last`` one, which was not added; yield all in order."""
        return heapq.merge(*map(self._read, self._pieces), *self._in_memory, last)

    def _read(self, places: Sequence[tuple[int, int]]) -> Iterator[tuple[Any, ...]]:
        assert self._file is not None
        for place, size in places:
            try:
                yield from map(_tuple, json.loads(os.pread(self._file.fileno(), size, place)))
            except OSError as error:
                raise PolicySearchError(
                    f"A temporary file with the sorted hits can no longer be read: {error.strerror or error}. Check "
                    f"the disk of '{gettempdir()}', or set TMPDIR to a folder on another disk."
                ) from error


def _tuple(values: list[Any]) -> tuple[Any, ...]:
    """Convert the lists that JSON returns back to tuples."""
    return tuple([_tuple(one) if isinstance(one, list) else one for one in values])
