"""A pool of worker processes with a timeout per item, in which a task that hangs or crashes affects no other.

``concurrent.futures`` breaks the entire pool when one process dies, and cannot
kill one that hangs; malformed files make both happen. pebble can, but with a
timeout per task, not per source in it; and it starts its processes by
``multiprocessing``, see ``processes``.
"""

from __future__ import annotations

import contextlib
import signal
import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from math import inf
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from policysearch.frozen import frozen

if TYPE_CHECKING:  # an update that starts no worker takes 6 ms less without them
    from multiprocessing.connection import Connection

    from policysearch.parallel.processes import Process

__all__ = ["Ended", "ItemWatch", "Lost", "run_tasks", "took_too_long"]

_TICK = 0.5  # seconds between two looks at what the workers do
_COUNT = 28  # bits of a worker's note for its progress: twice the number of items read, and 1 while it reads one

Item = TypeVar("Item")
Work = Callable[[Sequence[Any], Any, Callable[[int], None]], Any]


@frozen
class Ended(Generic[Item]):
    """A finished task: its items, and the result of the work function."""

    items: Sequence[Item]
    outcome: Any


@frozen
class Lost(Generic[Item]):
    """An item that failed, and the reason."""

    item: Item
    reason: str


class ItemWatch(Protocol):
    """The progress of items while tasks run."""

    def item_passed(self, item: Any, /) -> None:
        """Receive an item that was read or lost; more than once when a worker process died."""

    def item_at(self, item: Any, since: float, /) -> None:
        """Receive, at least twice a second, the item being read for the longest time, or None, and since when."""


@dataclass(slots=True)
class _Worker(Generic[Item]):
    process: Process
    items: Sequence[Item] = ()
    noted: int = 0  # its note when it was looked at
    at: int | None = None  # the item being read, None before the first and after the last
    since: float = 0.0
    passed: int = 0  # number of items read


def run_tasks(
    work: Work,
    tasks: Iterable[Sequence[Item]],
    *,
    prepared: Callable[[int], Any],
    processes: int,
    seconds: float,
    noticed: Callable[[str], None] | None = None,
    name: Callable[[Item], str] = str,
    watch: ItemWatch | None = None,
) -> Generator[Ended[Item] | Lost[Item], None, None]:
    """Yield the result of every task, in any order; each item is in one ``Ended`` or is ``Lost``.

    Args:
        work: Called in a worker process with a task, the result of ``prepared`` for it, and a function to call with
            the index of each item before it is read, and with -1 after the last. Its exceptions are raised here.
        tasks: Lists of items, consumed as workers become idle; tasks and results are pickled.
        prepared: Called with a number that is unique to each attempt of each task.
        processes: Maximum number of worker processes.
        seconds: Timeout of one item.
        noticed: Called with a message when a worker process dies.
        name: Returns an item's name for messages.
        watch: Receives the items that were read, and those being read.

    When the generator ends, for any reason, all its processes have ended.
    """
    pool = _Pool(work, tasks, prepared, processes, seconds, noticed, name, watch)
    try:
        yield from pool.run()
    finally:
        pool.end()


class _Pool(Generic[Item]):
    def __init__(
        self,
        work: Work,
        tasks: Iterable[Sequence[Item]],
        prepared: Callable[[int], Any],
        processes: int,
        seconds: float,
        noticed: Callable[[str], None] | None,
        name: Callable[[Item], str],
        watch: ItemWatch | None,
    ) -> None:
        self._work = work
        self._prepared = prepared
        self._tasks = iter(tasks)
        self._waiting: deque[Sequence[Item]] = deque()  # to be repeated
        self._processes = processes
        self._seconds = seconds
        self._noticed = noticed
        self._name = name
        self._watch = watch
        self._given = 0
        self._workers: list[_Worker[Item]] = []

    def run(self) -> Iterator[Ended[Item] | Lost[Item]]:
        from multiprocessing.connection import wait

        while True:
            self._give()
            busy = [worker for worker in self._workers if worker.items]
            if not busy:
                return
            patience = self._patience(busy)
            before = time.monotonic()
            ready = wait([worker.process.connection for worker in busy], patience)
            now = time.monotonic()
            late = now - before - (patience or 0.0)
            for worker in busy:
                self._look(worker)
                if patience is not None and late > 1.0:
                    worker.since = min(worker.since + late, now)  # this process was suspended; the workers are not late
            for worker in busy:
                if worker.process.connection in ready:
                    yield from self._hear(worker)
                elif worker.at is not None and time.monotonic() - worker.since > self._seconds:
                    yield from self._time_out(worker)
            self._tell(busy)

    def _tell(self, busy: Sequence[_Worker[Item]]) -> None:
        """Report the item that has been read for the longest time."""
        if self._watch is not None:
            reading = [worker for worker in busy if worker.at is not None and worker.items]
            longest = min(reading, key=lambda worker: worker.since, default=None)
            item = None if longest is None or longest.at is None else longest.items[longest.at]
            self._watch.item_at(item, 0.0 if longest is None else longest.since)

    def _look(self, worker: _Worker[Item]) -> None:
        """Look at what a worker has noted about its progress."""
        noted = worker.process.note[0]
        if noted != worker.noted:
            worker.noted = noted
            read, reading = divmod(noted & (1 << _COUNT) - 1, 2)
            worker.at = read if reading else None
            worker.since = (noted >> _COUNT) / 100
            self._pass(worker, read)

    def _pass(self, worker: _Worker[Item], end: int) -> None:
        """Report the items before ``end`` that a worker has read."""
        if self._watch is not None:
            for item in worker.items[worker.passed : end]:
                self._watch.item_passed(item)
        worker.passed = end

    def end(self) -> None:
        """Kill all worker processes."""
        for worker in self._workers:
            worker.process.kill()
        for worker in tuple(self._workers):
            self._discard(worker)

    def _give(self) -> None:
        for worker in self._workers:
            if not worker.items and (task := self._next()) is not None:
                self._hand(worker, task)
        while len(self._workers) < self._processes and (task := self._next()) is not None:
            self._hand(self._start(), task)

    def _next(self) -> Sequence[Item] | None:
        return next(self._tasks, None) or (self._waiting.popleft() if self._waiting else None)

    def _start(self) -> _Worker[Item]:
        from policysearch.parallel.processes import Process

        worker: _Worker[Item] = _Worker(Process(partial(_serve, self._work)))
        self._workers.append(worker)
        return worker

    def _hand(self, worker: _Worker[Item], task: Sequence[Item]) -> None:
        worker.items, worker.at, worker.passed = task, None, 0
        worker.process.note[0] = worker.noted = 0
        self._given += 1
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # noticed when its connection is read
            worker.process.connection.send((worker.items, self._prepared(self._given)))

    def _patience(self, busy: Sequence[_Worker[Item]]) -> float | None:
        if self._watch is None and self._seconds == inf:
            return None
        left = [worker.since + self._seconds - time.monotonic() for worker in busy if worker.at is not None]
        return max(0.0, min(_TICK, self._seconds, *left)) + 0.01

    def _hear(self, worker: _Worker[Item]) -> Iterator[Ended[Item] | Lost[Item]]:
        try:
            kind, said = worker.process.connection.recv()
        except (EOFError, ConnectionResetError):
            yield from self._died(worker)
            return
        if kind == "raised":
            raise said
        self._pass(worker, len(worker.items))
        items, worker.items, worker.at = worker.items, (), None
        yield Ended(items, said)

    def _discard(self, worker: _Worker[Item], seconds: float = 0.0) -> int:
        """Wait up to ``seconds`` for a process to exit, kill it, and return its exit status."""
        self._workers.remove(worker)
        return worker.process.end(seconds)

    def _time_out(self, worker: _Worker[Item]) -> Iterator[Lost[Item]]:
        assert worker.at is not None
        self._discard(worker)
        slow = worker.items[worker.at]
        if self._watch is not None:
            self._watch.item_passed(slow)
        yield Lost(slow, took_too_long(self._seconds))
        others = [item for item in worker.items if item is not slow]
        if others:
            self._waiting.append(others)

    def _died(self, worker: _Worker[Item]) -> Iterator[Lost[Item]]:
        process = worker.process.number
        how = _ending(self._discard(worker, 1.0))
        if len(worker.items) == 1:
            yield Lost(worker.items[0], f"The worker process that read it died {how}; it may have run out of memory.")
            return
        if self._noticed:
            place = f", which was reading '{self._name(worker.items[worker.at])}'," if worker.at is not None else ""
            self._noticed(f"Worker process {process}{place} died {how}; its sources are read again one by one.")
        self._waiting.extend([item] for item in worker.items)


def _ending(status: int) -> str:
    if status < 0:
        try:
            return f"by signal {-status} ({signal.Signals(-status).name})"
        except ValueError:
            return f"by signal {-status}"
    return f"with status {status}"


def took_too_long(seconds: float | None) -> str:
    """Return the reason for an item that timed out."""
    return f"Reading it took longer than {seconds:g} seconds. Allow more with --timeout SECONDS."


# in the worker process


def _serve(work: Work, connection: Connection) -> None:
    """Run tasks until there are no more."""
    from policysearch.parallel.processes import own_note, sendable

    note, read = own_note(), 0

    def report(at: int) -> None:
        """Note the time in hundredths of a second, for up to 21 years, and, in the lowest bits, the progress."""
        nonlocal read
        read = read + 1 if at < 0 else at
        note[0] = int(time.monotonic() * 100) << _COUNT | 2 * read + (at >= 0)

    while True:
        items, prepared = connection.recv()
        try:
            said = "done", work(items, prepared, report)
        except Exception as error:
            said = "raised", sendable(error)
        connection.send(said)
