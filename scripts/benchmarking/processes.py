"""Commands to what they took: wall, CPU and memory of each, in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

__all__ = ["PYTHON", "ROOT", "Took", "run"]

ROOT = Path(__file__).resolve().parent.parent.parent
_EVERY = 0.05  # seconds between two looks at the memory


@dataclass(frozen=True, slots=True)
class Took:
    """Time and memory of one run of a command.

    Attributes:
        wall: Seconds.
        cpu: Seconds, of it and all its processes that it waited for.
        peak: Most resident memory at any time, in 10⁶ bytes, of all its processes together; pages that two of them
            share count twice. Without ``watch``: of the largest process.
        own: Most private (anonymous) memory at any time of all its processes together; 0 without ``watch``.
        largest: Most resident memory of each process and most private memory of it, the largest first; empty without
            ``watch``.
        out: What it printed.
    """

    wall: float
    cpu: float
    peak: float
    own: float
    largest: tuple[tuple[float, float], ...]
    out: str


PYTHON = (sys.executable, "-W", "ignore")


def run(
    command: Sequence[str],
    *,
    environment: Mapping[str, str],
    watch: bool = False,
    allowed: Sequence[int] = (0, 1),
    program: Sequence[str] = PYTHON,
) -> Took:
    """Run Python, or another program, with these arguments.

    Raises ``RuntimeError`` when it does not end as allowed (1 is a search that found nothing).
    """
    nowhere = tempfile.TemporaryDirectory()  # where there is nothing that Python could take for a module
    begun = time.perf_counter()
    process = subprocess.Popen(
        [*program, *command],
        cwd=nowhere.name,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout
    assert process.stderr
    watcher = _Watcher(process.pid) if watch else None
    said: list[bytes] = []
    listener = threading.Thread(target=_listen, args=(process.stderr, said))
    listener.start()
    with process.stdout as stream:
        out = stream.read()
    _, status, used = os.wait4(process.pid, 0)
    wall = time.perf_counter() - begun
    process.returncode = os.waitstatus_to_exitcode(status)
    listener.join()
    nowhere.cleanup()
    if watcher:
        watcher.end()
    if process.returncode not in allowed or b"Traceback" in said[0]:
        words = " ".join(command)[:200]
        raise RuntimeError(f"status {process.returncode}: {words}\n{said[0].decode(errors='replace')[-4000:]}")
    peak = used.ru_maxrss * (1 if sys.platform == "darwin" else 1024) / 1e6
    return Took(
        wall,
        used.ru_utime + used.ru_stime,
        max(watcher.together, peak) if watcher else peak,
        watcher.own if watcher else 0.0,
        watcher.largest if watcher else (),
        out.decode(),
    )


def _listen(stream: IO[bytes], said: list[bytes]) -> None:
    with stream:
        said.append(stream.read())


class _Watcher:
    """Looks at the memory of a process and its descendants, where there is /proc."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._over = threading.Event()
        self._most: dict[int, tuple[float, float]] = {}
        self.together = self.own = 0.0
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    @property
    def largest(self) -> tuple[tuple[float, float], ...]:
        return tuple(sorted(self._most.values(), reverse=True))

    def end(self) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(_EVERY):
            together = own = 0.0
            for pid in _family(self._pid):
                resident, private, most = _memory(pid)
                together += resident
                own += private
                if most:
                    before = self._most.get(pid, (0.0, 0.0))
                    self._most[pid] = max(most, before[0]), max(private, before[1])
            self.together, self.own = max(self.together, together), max(self.own, own)


def _family(pid: int) -> set[int]:
    """Return a process and its descendants."""
    parents: dict[int, int] = {}
    for name in os.listdir("/proc") if os.path.isdir("/proc") else ():
        if name.isdigit():
            try:
                stat = Path(f"/proc/{name}/stat").read_text(errors="replace")
            except OSError:  # it has ended
                continue
            parents[int(name)] = int(stat.rpartition(")")[2].split()[1])
    found = {pid}
    more = True
    while more:
        children = {child for child, parent in parents.items() if parent in found and child not in found}
        found |= children
        more = bool(children)
    return found


def _memory(pid: int) -> tuple[float, float, float]:
    """Return a process's resident memory, its private part, and the most it ever was, in 10⁶ bytes."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0.0, 0.0, 0.0
    values = {line.split(":")[0]: line.split()[1] for line in lines if line.startswith(("VmRSS", "VmHWM", "RssAnon"))}
    kib = [int(values.get(name, 0)) * 1024 / 1e6 for name in ("VmRSS", "RssAnon", "VmHWM")]
    return kib[0], kib[1], kib[2]
