"""Reading what a command writes to a terminal, and hearing the signals that one sends."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import time

_END = b"\x00end of output\x00"


def hear_signals() -> None:
    """Undo what a shell does to what it runs in the background, and ``nohup`` to all: these tests, for instance."""
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


def read_terminal(master: int, slave: int, process: subprocess.Popen[bytes], seconds: float = 120) -> bytes:
    """Return all that a process writes to a terminal until it ends, and close both ends.

    The terminal is kept open until its last byte has been read: Linux may discard what nobody has read when the last
    process closes it, which a busy machine makes likely.
    """
    limit = time.monotonic() + seconds
    written = b""
    ended = False
    try:
        while not written.endswith(_END):
            assert time.monotonic() < limit, written.decode("utf-8", "replace")
            if select.select([master], [], [], 0.02)[0]:
                written += os.read(master, 1 << 16)
            elif not ended and process.poll() is not None:
                ended = True
                os.write(slave, _END)
    finally:
        os.close(slave)
        os.close(master)
    return written.removesuffix(_END)
