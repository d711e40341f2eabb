"""A line on stderr, in a terminal, that shows the work in progress."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable, Iterator
from typing import TextIO

from policysearch.cli.destination import on_terminal

__all__ = ["waiting"]

_PATIENCE = 1.0  # seconds without a line


@contextlib.contextmanager
def waiting(
    what: str, quiet: bool = False, stream: TextIO | None = None, patience: float = _PATIENCE
) -> Iterator[Callable[[], None]]:
    """Show on stderr the work and its duration while the body runs, from one second on; remove the line in the end.

    Yields a function that removes the line, to be called before the body prints
    anything. Nothing is shown with ``quiet``, or when stderr is not a terminal.
    """
    if quiet or (stream is None and not on_terminal()):
        yield lambda: None
        return
    from threading import Event, Thread

    out = sys.stderr if stream is None else stream
    done = Event()
    began = time.monotonic()
    shown = False

    def clear() -> None:
        nonlocal shown
        if shown:
            with contextlib.suppress(OSError, ValueError):  # a closed terminal needs no line
                out.write("\r\x1b[K")
                out.flush()
            shown = False

    def show() -> None:
        nonlocal shown
        with contextlib.suppress(OSError, ValueError):
            while not done.wait(patience):
                out.write(f"\r{what} … ({time.monotonic() - began:.0f} s)")
                shown = True
                out.flush()

    line = Thread(target=show, daemon=True)
    line.start()
    try:
        yield clear
    finally:
        done.set()
        line.join()
        clear()
