"""The number of worker processes that this machine has processors and memory for."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

__all__ = ["default_jobs", "free_memory"]

# Memory bound in bytes of a build of any size: for the main process with two workers, and for each further worker.
# ``scripts/benchmark.py`` measures both.
_TWO = 600_000_000
_EACH = 200_000_000


def default_jobs() -> int:
    """Return the default number of workers: one per processor, fewer when memory is short."""
    try:
        processors = len(os.sched_getaffinity(0))
    except AttributeError:  # macOS
        processors = os.cpu_count() or 1
    free = free_memory()
    return processors if free is None else min(processors, fitting(free))


def fitting(free: int) -> int:
    """Return the number of workers that fit into so many bytes; at least one, which has to try.

    >>> fitting(599_000_000), fitting(600_000_000), fitting(1_000_000_000)
    (1, 2, 4)
    """
    return 1 if free < _TWO else 2 + (free - _TWO) // _EACH


def free_memory(root: Path = Path("/")) -> int | None:
    """Return the number of bytes available without swapping, or None when it is unknown.

    That is the kernel's estimate of available memory, or less in a control
    group (a container, a service) with a limit: the rest of the limit, with the
    file cache, which the kernel would drop first, counted as free.

    Args:
        root: The folder that contains ``proc`` and ``sys``.
    """
    found = [free for free in (_available(root), *_left_in_groups(root)) if free is not None]
    return max(0, min(found)) if found else _physical()


def _available(root: Path) -> int | None:
    for line in _lines(root / "proc/meminfo"):
        name, _, value = line.partition(":")
        if name == "MemAvailable":
            return int(value.split()[0]) * 1024
    return None


def _physical() -> int | None:
    """Return half of the physical memory, for systems that do not report free memory."""
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2
    except (AttributeError, OSError, ValueError):
        return None


def _left_in_groups(root: Path) -> Iterator[int]:
    """Yield the rest of the memory limit of each control group, version 1 or 2, of this process.

    A container may see its own group as the root, whatever its path outside: missing groups have no limit, and the
    root is always read.
    """
    for line in _lines(root / "proc/self/cgroup"):
        _, controllers, path = line.split(":", 2)
        if not controllers:
            top, names = root / "sys/fs/cgroup", ("memory.max", "memory.current", "inactive_file")
        elif "memory" in controllers.split(","):
            top = root / "sys/fs/cgroup/memory"
            names = ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file")
        else:
            continue
        group = top / path.strip("/")
        for folder in (group, *group.parents):
            left = _left(folder, *names)
            if left is not None:
                yield left
            if folder == top:
                break


def _left(folder: Path, limit_name: str, usage_name: str, cache_name: str) -> int | None:
    limit, usage = (_number(folder / name) for name in (limit_name, usage_name))
    if limit is None or usage is None:  # "max" means no limit
        return None
    cache = sum(int(line.split()[1]) for line in _lines(folder / "memory.stat") if line.split()[0] == cache_name)
    return limit - usage + cache


def _number(path: Path) -> int | None:
    text = "".join(_lines(path))
    return int(text) if text.isascii() and text.isdigit() else None


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return []
