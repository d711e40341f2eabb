"""Threads that work on requests, with limits of time and of waiting requests."""

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

_SLOWNESS = 3  # factor of the time limit of slow requests
_PATIENCE = 30  # factor of their waiting time
_KEPT = 60.0  # seconds for which the result of a slow request is cached
_GRACE = 0.5  # seconds in which a thread must end after its time limit


class TimeLimitError(Exception):
    """A request exceeded its time limit."""


class BusyError(Exception):
    """Too many requests are waiting for an answer."""


class WaitingError(Exception):
    """The answer to a request is still in progress."""


class _Interrupted(BaseException):
    """Raised in a thread after its time limit; not a subclass of ``Exception``, so that no handler catches it."""


class Workers:
    """Threads that answer requests.

    Args:
        threads: Number of requests answered at the same time; half as many more for counts.
        seconds: Time limit of a request, including the time that it waits for a thread.
        waiting: Maximum number of requests that wait for a thread.

    Counts have threads of their own, so that searches and documents need not wait for them. Slow requests share one
    thread, and are answered one at a time in the order of arrival: their time limit, three times as long, counts from
    their start. Equal requests that arrive meanwhile share one answer.
    """

    def __init__(self, threads: int, seconds: float, waiting: int) -> None:
        self._quick = CapacityLimiter(threads)
        self._counting = CapacityLimiter(max(1, threads // 2))
        self._slow = CapacityLimiter(1)
        self._seconds = seconds
        self._waiting = waiting
        self._under_way: dict[Hashable, asyncio.Task[Any]] = {}

    async def run(self, ask: Callable[[], T], *, counting: bool = False) -> T:
        """Return the result of ``ask``, a count or a quick request. Raises ``TimeLimitError`` and ``BusyError``."""
        limiter = self._counting if counting else self._quick
        return cast("T", await self._run(_Work(ask), limiter, self._seconds))

    async def run_slowly(self, ask: Callable[[], T], key: Hashable, patience: float) -> T:
        """Return the result of ``ask``, which may take seconds.

        Args:
            ask: What to do.
            key: Equal for requests with the same answer.
            patience: Seconds after which to raise ``WaitingError``; the work continues, and a request with the same key
                within a minute of its end gets the result.

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
        task.add_done_callback(lambda _: work.cancel_timer())
        done, _ = await asyncio.wait({task}, timeout=seconds + _GRACE)
        if not done:  # the thread waits for something else, such as a cluster, and is occupied until that ends
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
    """Retrieve the error of a task whose result is not requested, so that it is not reported as lost."""
    if not task.cancelled():
        task.exception()


class _Work:
    """The work of one thread, which an exception at its next step of Python code can end.

    Args:
        ask: What to do.
        seconds: Time limit from its start; None without one.

    The event loop keeps the time: in CPython 3.11 a thread that is being started has the id of the one that starts it,
    so an exception for the latter can end the former, whose start is then waited for without end.
    """

    def __init__(self, ask: Callable[[], Any], seconds: float | None = None) -> None:
        self._ask = ask
        self._seconds = seconds
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._lock = threading.Lock()
        self._thread: int | None = None
        self._over = threading.Event()

    def run(self) -> Any:
        try:
            with self._lock:
                if self._over.is_set():
                    raise TimeLimitError
                self._thread = threading.get_ident()
            try:
                if self._seconds is not None:
                    self._loop.call_soon_threadsafe(self._start_timer, self._seconds)
                return self._ask()
            finally:
                with self._lock:
                    self._thread = None
                # An exception that was sent and has not arrived arrives here. To take it back instead would leave
                # CPython 3.11 with a check at each step, in which a debugger or a measurement of coverage never ends.
                for _ in range(100):
                    pass
        except _Interrupted as error:
            clear_frames(error.__traceback__)  # otherwise the error would keep the objects of the work alive
        raise TimeLimitError

    def _start_timer(self, seconds: float) -> None:
        self._timer = self._loop.call_later(seconds, self.interrupt)

    def cancel_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def interrupt(self) -> None:
        """Send the exception, once, to the thread that does the work, if any."""
        with self._lock:
            if self._thread is not None and not self._over.is_set():
                ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(self._thread), ctypes.py_object(_Interrupted))
            self._over.set()
