"""The progress of an update, as one line of a terminal that is rewritten."""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING, TextIO

from policysearch.output.terminal import printable
from policysearch.text.width import columns_of, width

if TYPE_CHECKING:
    from policysearch.indexing.progress import Progress

__all__ = ["ProgressLine", "described"]

_OFTEN = 0.1  # seconds between two updates of the line
_LONG = 2.0  # seconds after which a file that is being read is named
_SURE = 1.0  # seconds after the first file before speed and time left are shown
_STAGES = {"looking": "Looking for sources …", "writing": "Writing the index …"}


class ProgressLine:
    """Writes the line, and other lines above it; removes it in the end."""

    def __init__(self, stream: TextIO, columns: int) -> None:
        self._stream = stream
        self._columns = columns
        self._shown = ""
        self._stage = ""
        self._last = self._stage_began = 0.0
        self._began: tuple[float, int] | None = None  # the time when the first source was read, and its size

    def __enter__(self) -> ProgressLine:
        return self

    def __call__(self, progress: Progress) -> None:
        now = time.monotonic()
        if self._began is None and progress.size:
            self._began = now, progress.size
        if progress.stage != self._stage:
            self._stage, self._stage_began = progress.stage, now
        elif now - self._last < _OFTEN and progress.files < progress.all_files:
            return
        self._last = now
        since, size = self._began or (now, 0)
        speed = (progress.size - size) / (now - since) if now - since >= _SURE else 0.0
        line = _cut(
            printable(described(progress, speed, now - self._stage_began)).replace("\n", " "), self._columns - 1
        )
        if line != self._shown:
            self._write(f"\r{line}\x1b[K")
            self._shown = line

    def say(self, message: str) -> None:
        """Write a separate line above the line of progress."""
        self._write(("\r\x1b[K" if self._shown else "") + printable(message) + "\n")
        self._shown = ""

    def __exit__(self, *_: object) -> None:
        if self._shown:
            self._write("\r\x1b[K")
            self._shown = ""

    def _write(self, text: str) -> None:
        with contextlib.suppress(OSError):  # a closed terminal needs no line
            self._stream.write(text)
            self._stream.flush()


def described(progress: Progress, speed: float, elapsed: float = 0.0) -> str:
    """Return the text of a state.

    ``speed`` is in bytes per second, 0 if unknown; the stage has lasted ``elapsed`` seconds.

    >>> from policysearch.indexing.progress import Progress
    >>> described(Progress("reading", 1200, 3500, 30_000_000, 90_000_000, "a.pdf", 5.0), 3e6)
    'Reading 1,200 of 3,500 files  33 %  3.0 MB/s  0:20 left  a.pdf (5 s)'
    """
    if progress.stage in _STAGES:
        return _STAGES[progress.stage]
    parts = [f"Reading {progress.files:,} of {progress.all_files:,} files"]
    if percent := 100 * progress.size // max(1, progress.all_size):
        parts.append(f"{percent} %")
    if not progress.files and progress.source is None:
        parts.append(f"loading the dictionary ({elapsed:.0f} s)")
    if speed > 0:
        parts += [f"{speed / 1e6:.1f} MB/s", f"{_clock((progress.all_size - progress.size) / speed)} left"]
    if progress.source is not None and progress.seconds >= _LONG:
        parts.append(f"{progress.source} ({progress.seconds:.0f} s)")
    return "  ".join(parts)


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _cut(line: str, columns: int) -> str:
    """Return a line that takes so many columns at most."""
    if width(line) <= columns:
        return line
    used, end = 1, 0
    while end < len(line) and (used := used + columns_of(line[end])) <= columns:
        end += 1
    return line[:end] + "…"
