"""The memory of a process that serves: what is free goes back to the system."""

from __future__ import annotations

import ctypes
import os
import sys
from functools import lru_cache
from typing import Any

__all__ = ["bound_free_memory", "return_free_memory"]

# parameters of mallopt(3)
_TRIM_THRESHOLD = -1
_MMAP_THRESHOLD = -3
_ARENA_MAX = -8

_FREE_AT_THE_END = 4 * 2**20  # bytes
_LARGE = 4 * 2**20  # bytes: such an array is a mapping of its own, which is gone when it is freed


def bound_free_memory() -> None:
    """Let threads share two heaps of the C library, and give large arrays back when they are freed.

    By itself glibc has up to eight heaps for each processor, one for each thread that works at the time, and raises
    the size from which an array is a mapping of its own to that of the arrays that were freed. What a statistic needed
    for a moment then stays with every heap in which one was made: 1.3 GB after two minutes of load on 100 MB of text,
    of which less than a tenth was in use. Values that the environment sets (``MALLOC_ARENA_MAX`` …) are left as they
    are. Where there is no glibc, nothing is done.
    """
    library = _glibc()
    if library is None:
        return
    for parameter, value, name in (
        (_ARENA_MAX, 2, "MALLOC_ARENA_MAX"),
        (_MMAP_THRESHOLD, _LARGE, "MALLOC_MMAP_THRESHOLD_"),
        (_TRIM_THRESHOLD, _FREE_AT_THE_END, "MALLOC_TRIM_THRESHOLD_"),
    ):
        if name not in os.environ:
            library.mallopt(parameter, value)


def return_free_memory() -> None:
    """Give the pages of the heaps that nothing uses back to the system; some 10 ms."""
    library = _glibc()
    if library is not None:
        library.malloc_trim(0)


@lru_cache(maxsize=1)
def _glibc() -> Any:
    """Return the C library if it is glibc, else None."""
    if not sys.platform.startswith("linux"):
        return None
    try:
        library = ctypes.CDLL(None)
        library.mallopt.argtypes = (ctypes.c_int, ctypes.c_int)
        library.malloc_trim.argtypes = (ctypes.c_size_t,)
    except (OSError, AttributeError):
        return None
    return library
