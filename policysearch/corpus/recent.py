"""The answers that were given last, which are given again without work while the index is the same."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

__all__ = ["Recent"]

T = TypeVar("T")

_OVERHEAD = 1_000  # bytes of an entry beside its content


class Recent(Generic[T]):
    """Values by what was asked, those used last, of a bounded size; used by many threads.

    Args:
        most: The greatest number of bytes of all.
        largest: The greatest number of bytes of one that is kept.
    """

    def __init__(self, most: int = 16_000_000, largest: int = 400_000) -> None:
        self._most = most
        self._largest = largest
        self._lock = threading.Lock()
        self._held: OrderedDict[Hashable, tuple[T, int]] = OrderedDict()
        self._size = 0

    def get(self, key: Hashable) -> T | None:
        """Return the value that was kept for this, or None."""
        with self._lock:
            found = self._held.get(key)
            if found is None:
                return None
            self._held.move_to_end(key)
            return found[0]

    def keep(self, key: Hashable, value: T, size: int) -> None:
        """Keep a value of so many bytes, unless it is too large; those used longest ago make room."""
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
