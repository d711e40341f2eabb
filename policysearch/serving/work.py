"""Work for a request, in a thread, with limits of time and of how many may wait."""

from __future__ import annotations

import asyncio
import ctypes
import threading
from collections.abc import Callable
from typing import Any, TypeVar, cast

from anyio import CapacityLimiter, to_thread

__all__ = ["BusyError", "TimeLimitError", "Workers"]

T = TypeVar("T")


class TimeLimitError(Exception):
    """A request took longer than is allowed."""


class BusyError(Exception):
    """Too many requests wait for an answer."""


class _Interrupted(BaseException):
    """Raised in a thread whose time is over; no handler of ``Exception`` stops it."""


class Workers:
    """Threads that answer requests.

    Args:
        threads: How many requests are answered at a time.
        seconds: How long one may take, the time that it waits for a thread included.
        waiting: How many may wait for a thread.

    Those that take seconds are answered one at a time, so that the others need not wait for them.
    """

    def __init__(self, threads: int, seconds: float, waiting: int) -> None:
        self._quick = CapacityLimiter(threads)
        self._slow = CapacityLimiter(1)
        self._seconds = seconds
        self._waiting = waiting

    async def run(self, ask: Callable[[], T], *, slow: bool = False) -> T:
        """Return the result of ``ask``, which may take seconds if ``slow``.

        Raises ``TimeLimitError`` and ``BusyError``.
        """
        limiter = self._slow if slow else self._quick
        if limiter.statistics().tasks_waiting >= self._waiting:
            raise BusyError
        work = _Work(ask)
        timer = asyncio.get_running_loop().call_later(self._seconds, work.interrupt)
        try:
            return cast("T", await to_thread.run_sync(work.run, limiter=limiter))
        finally:
            timer.cancel()


class _Work:
    """The work of one thread, and its end: an exception that arrives at its next step of Python code."""

    def __init__(self, ask: Callable[[], Any]) -> None:
        self._ask = ask
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
                return self._ask()
            finally:
                with self._lock:
                    thread, self._thread = self._thread, None
                    if thread is not None and self._over.is_set():
                        _raise_in(thread, None)  # an exception that was sent and has not arrived
        except _Interrupted:
            raise TimeLimitError from None

    def interrupt(self) -> None:
        with self._lock:
            self._over.set()
            if self._thread is not None:
                _raise_in(self._thread, _Interrupted)


def _raise_in(thread: int, error: type[BaseException] | None) -> None:
    wanted = None if error is None else ctypes.py_object(error)
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), wanted)
