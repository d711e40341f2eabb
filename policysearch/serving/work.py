"""Work for a request, in a thread, with limits of time and of how many may wait."""

from __future__ import annotations

import asyncio
import ctypes
import threading
from collections.abc import Callable, Hashable
from functools import partial
from traceback import clear_frames
from typing import Any, TypeVar, cast

from anyio import CapacityLimiter, to_thread

__all__ = ["BusyError", "TimeLimitError", "WaitingError", "Workers"]

T = TypeVar("T")

_SLOWNESS = 3  # times as long as a quick one a slow one may take
_PATIENCE = 30  # likewise with its wait
_KEPT = 60.0  # seconds for which the result of one is at hand
_GRACE = 0.5  # seconds in which a thread whose time is over may end


class TimeLimitError(Exception):
    """A request took longer than is allowed."""


class BusyError(Exception):
    """Too many requests wait for an answer."""


class WaitingError(Exception):
    """The answer to a request is not there yet, and is worked on."""


class _Interrupted(BaseException):
    """Raised in a thread whose time is over; no handler of ``Exception`` stops it."""


class Workers:
    """Threads that answer requests.

    Args:
        threads: How many requests are answered at a time; half as many more that count.
        seconds: How long one may take, the time that it waits for a thread included.
        waiting: How many may wait for a thread.

    Those that count have threads of their own, so that searches and documents need not wait for them. Those that take
    seconds have one of their own, and are answered one at a time in the order in which they came: their time, three
    times as much, counts from when they begin. Equal ones that come meanwhile share one answer.
    """

    def __init__(self, threads: int, seconds: float, waiting: int) -> None:
        self._quick = CapacityLimiter(threads)
        self._counting = CapacityLimiter(max(1, threads // 2))
        self._slow = CapacityLimiter(1)
        self._seconds = seconds
        self._waiting = waiting
        self._under_way: dict[Hashable, asyncio.Task[Any]] = {}

    async def run(self, ask: Callable[[], T], *, counting: bool = False) -> T:
        """Return the result of ``ask``, which counts or is quick. Raises ``TimeLimitError`` and ``BusyError``."""
        limiter = self._counting if counting else self._quick
        return cast("T", await self._run(_Work(ask), limiter, self._seconds))

    async def run_slowly(self, ask: Callable[[], T], key: Hashable, patience: float) -> T:
        """Return the result of ``ask``, which may take seconds.

        Args:
            ask: What to do.
            key: Equal for requests with the same answer.
            patience: After how many seconds to raise ``WaitingError``; the work goes on, and whoever asks with the same
                key within a minute of its end gets the result.

        Raises ``TimeLimitError`` and ``BusyError`` too.
        """
        task = self._under_way.get(key)
        if task is None:
            if len(self._under_way) >= self._waiting:
                raise BusyError
            work = _Work(ask, _SLOWNESS * self._seconds)
            task = asyncio.create_task(self._run(work, self._slow, _PATIENCE * self._seconds))
            self._under_way[key] = task
            task.add_done_callback(partial(self._ended, key))
        done, _ = await asyncio.wait({task}, timeout=patience)
        if not done:
            raise WaitingError
        self._forget(key, task)
        return cast("T", task.result())

    async def _run(self, work: _Work, limiter: CapacityLimiter, seconds: float) -> Any:
        if limiter.statistics().tasks_waiting >= self._waiting:
            raise BusyError
        timer = asyncio.get_running_loop().call_later(seconds, work.interrupt)
        task = asyncio.ensure_future(to_thread.run_sync(work.run, limiter=limiter))
        task.add_done_callback(lambda _: timer.cancel())
        done, _ = await asyncio.wait({task}, timeout=seconds + _GRACE)
        if not done:  # the thread waits for something else, as a cluster, and holds its place until that ends
            task.add_done_callback(_told_to_nobody)
            raise TimeLimitError
        return task.result()

    def _ended(self, key: Hashable, task: asyncio.Task[Any]) -> None:
        _told_to_nobody(task)
        if not task.cancelled():
            asyncio.get_running_loop().call_later(_KEPT, self._forget, key, task)

    def _forget(self, key: Hashable, task: asyncio.Task[Any]) -> None:
        if self._under_way.get(key) is task:
            del self._under_way[key]


def _told_to_nobody(task: asyncio.Future[Any]) -> None:
    """Take the error of a task whose result nobody asks for, so that it is not told as lost."""
    if not task.cancelled():
        task.exception()


class _Work:
    """The work of one thread, and its end: an exception that arrives at its next step of Python code.

    Args:
        ask: What to do.
        seconds: How long it may take once it has begun; None for no limit of its own.
    """

    def __init__(self, ask: Callable[[], Any], seconds: float | None = None) -> None:
        self._ask = ask
        self._seconds = seconds
        self._lock = threading.Lock()
        self._thread: int | None = None
        self._over = threading.Event()

    def run(self) -> Any:
        try:
            with self._lock:
                if self._over.is_set():
                    raise TimeLimitError
                self._thread = threading.get_ident()
            timer = None
            if self._seconds is not None:
                timer = threading.Timer(self._seconds, self.interrupt)
                timer.daemon = True
                timer.start()
            try:
                return self._ask()
            finally:
                if timer is not None:
                    timer.cancel()
                with self._lock:
                    thread, self._thread = self._thread, None
                    if thread is not None and self._over.is_set():
                        _raise_in(thread, None)  # an exception that was sent and has not arrived
        except _Interrupted as error:
            clear_frames(error.__traceback__)  # or what the work held lives on with the error
        raise TimeLimitError

    def interrupt(self) -> None:
        with self._lock:
            self._over.set()
            if self._thread is not None:
                _raise_in(self._thread, _Interrupted)


def _raise_in(thread: int, error: type[BaseException] | None) -> None:
    wanted = None if error is None else ctypes.py_object(error)
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), wanted)
