"""Another Python that does work for this one, and never outlives it.

``multiprocessing`` imports the program's main module again, which would run a
script that has no guard, and leaves its processes in the terminal's group,
where Ctrl-C makes each of them complain. These do neither.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from multiprocessing.connection import Connection
from multiprocessing.reduction import ForkingPickler

from policysearch.errors import DEBUG, PolicySearchError, unforeseen
from policysearch.parallel import bootstrap

__all__ = ["Process", "sendable", "serve"]


class Process:
    """A process that was just started, and does what it is sent.

    Attributes:
        connection: To it. What is sent is pickled.
    """

    def __init__(self, work: Callable[[Connection], None]) -> None:
        """Start it; there ``work`` is called with the other end of the connection."""
        with contextlib.ExitStack() as opened:
            here, there = socket.socketpair()
            opened.callback(there.close)
            opened.callback(here.close)
            end, lifeline = os.pipe()
            opened.callback(os.close, end)
            kept = opened.enter_context(contextlib.ExitStack())
            kept.callback(os.close, lifeline)
            self._process = subprocess.Popen(
                bootstrap.command(__name__, "serve", there.fileno(), end),
                pass_fds=(there.fileno(), end),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C is for this process, which ends the others
            )
            kept.pop_all()
            self.connection = Connection(here.detach())
            self._lifeline: int | None = lifeline  # the other process reads its end when this one is gone
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # its end is noticed when it is listened to
            self.connection.send(work)

    @property
    def number(self) -> int:
        """Its number, as the system knows it."""
        return self._process.pid

    def kill(self) -> None:
        """End it at once, and what it started."""
        if self._process.returncode is None:  # else its number may be another's by now
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)

    def end(self, seconds: float = 0.0) -> int:
        """Wait so long for it to end by itself, end it, and return its exit status."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            if seconds:
                self._process.wait(seconds)
        self.kill()
        if self._lifeline is not None:
            os.close(self._lifeline)
            self._lifeline = None
        status = self._process.wait()
        self.connection.close()
        return status


# in the other process


def serve(handle: int, lifeline: int) -> None:
    """Do the work that comes first through a connection; both arguments are file descriptors."""
    threading.Thread(target=_end_with_parent, args=(lifeline,), daemon=True).start()
    connection = Connection(handle)
    try:
        work: Callable[[Connection], None] = connection.recv()
        work(connection)
    except (EOFError, BrokenPipeError, ConnectionResetError):
        os._exit(0)
    except (OSError, ImportError, MemoryError) as error:
        sys.stderr.write(f"A process that was to help cannot go on: {error}\n")
        os._exit(1)
    except Exception as error:
        sys.stderr.write(f"A process that was to help cannot go on: {unforeseen(error)}\n")
        os._exit(1)


def sendable(error: Exception) -> Exception:
    """Return an error as it can be sent to another process; with ``POLICYSEARCH_DEBUG`` its traceback is shown here."""
    if os.environ.get(DEBUG):
        sys.stderr.write(f"In a process that helps: {unforeseen(error)}\n")
    try:
        ForkingPickler.loads(ForkingPickler.dumps(error))  # as a connection does
    except Exception:  # such as that it was not made with what its message is
        own = isinstance(error, PolicySearchError)
        return PolicySearchError(str(error)) if own else RuntimeError(f"{type(error).__name__}: {error}")
    return error


def _end_with_parent(lifeline: int) -> None:
    """End this process, and what it started, when the one that started it has ended, however that came."""
    os.read(lifeline, 1)
    os.killpg(0, signal.SIGKILL)  # it leads a group of its own
