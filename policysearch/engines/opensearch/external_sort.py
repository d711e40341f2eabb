"""More hits than memory should hold, in order: sorted in runs, which wait in a temporary file."""

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

_RUN = 20_000  # in memory while they come
_PIECE = 100  # of each run, while they go
_FEW = 10_000


def first_of(found: Iterable[tuple[Any, ...]], count: int | None) -> Iterator[tuple[Any, ...]]:
    """Take all tuples, and return the first ``count`` of them in order; None for all.

    They are of numbers, texts, None and tuples of these, and no two are equal.
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
    """Sorted runs in one file, which goes when nobody can read from it any more.

    Those that there is no room for stay in memory: a full disk costs no answer.
    """

    def __init__(self) -> None:
        self._file: IO[bytes] | None = None
        self._pieces: list[list[tuple[int, int]]] = []  # of each run, where its pieces begin, and their sizes
        self._in_memory: list[list[tuple[Any, ...]]] = []

    def add(self, run: list[tuple[Any, ...]]) -> None:
        """Put a sorted run away."""
        try:
            if self._file is None:
                # not buffered: what could not be written would be tried again whenever anything is read
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
        """Yield all in order; the ``last`` run was not added."""
        return heapq.merge(*map(self._read, self._pieces), *self._in_memory, last)

    def _read(self, places: Sequence[tuple[int, int]]) -> Iterator[tuple[Any, ...]]:
        assert self._file is not None
        for place, size in places:
            try:
                yield from map(_tuple, json.loads(os.pread(self._file.fileno(), size, place)))
            except OSError as error:
                raise PolicySearchError(
                    f"What was kept in a temporary file cannot be read any more: {error.strerror or error}. See to the "
                    f"disk of '{gettempdir()}', or set TMPDIR to a folder on another one."
                ) from error


def _tuple(values: list[Any]) -> tuple[Any, ...]:
    """Return as tuples what JSON has made lists of."""
    return tuple([_tuple(one) if isinstance(one, list) else one for one in values])
