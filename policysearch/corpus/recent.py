"""A cache of the most recently used values, of a limited size."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from typing import Generic, TypeVar

__all__ = ["Recent"]

T = TypeVar("T")

_PATIENCE = 60.0  # seconds for which a thread waits for a value that another one computes
_OVERHEAD = 1_000  # bytes of an entry in addition to its content


class Recent(Generic[T]):
    """The most recently used values by key, of a limited size. Thread-safe.

    Args:
        most: Maximum number of bytes of all values.
        largest: Maximum number of bytes of one value.
    """

    def __init__(self, most: int = 16_000_000, largest: int = 400_000) -> None:
        self._most = most
        self._largest = largest
        self._lock = threading.Lock()
        self._held: OrderedDict[Hashable, tuple[T, int]] = OrderedDict()
        self._size = 0
        self._making: dict[Hashable, threading.Lock] = {}

    def get(self, key: Hashable) -> T | None:
        """Return the cached value, or None."""
        with self._lock:
            found = self._held.get(key)
            if found is None:
                return None
            self._held.move_to_end(key)
            return found[0]

    def keep(self, key: Hashable, value: T, size: int) -> None:
        """Cache a value of so many bytes, unless it is too large; the least recently used ones are dropped."""
        if size > self._largest:
            return
        size += _OVERHEAD
        with self._lock:
            before = self._held.pop(key, None)
            self._size += size - (before[1] if before else 0)
            self._held[key] = (value, size)
            while self._size > self._most:
                _, (_, freed) = self._held.popitem(last=False)
                self._size -= freed

    def once(self, key: Hashable, make: Callable[[], T], size: Callable[[T], int] = lambda _: 0) -> T:
        """Return the cached value, or compute and cache it; other threads wait for it meanwhile."""
        found = self.get(key)
        if found is not None:
            return found
        with self._maker(key):
            found = self.get(key)
            if found is None:
                found = make()
                self.keep(key, found, size(found))
            return found

    @contextmanager
    def _maker(self, key: Hashable) -> Iterator[None]:
        with self._lock:
            making = self._making.setdefault(key, threading.Lock())
        held = False
        try:
            end = time.monotonic() + _PATIENCE
            while not held and time.monotonic() < end:
                held = making.acquire(timeout=0.1)  # if an interrupt of the thread arrives in between
            yield
        finally:
            if held:
                making.release()
            with self._lock:
                self._making.pop(key, None)
