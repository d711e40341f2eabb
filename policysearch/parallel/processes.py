"""Worker processes that never outlive the process that started them.

``multiprocessing`` imports the program's main module again, which would run a
script without a ``__main__`` guard, and leaves its processes in the terminal's
process group, where Ctrl-C gives a traceback of each. These do neither.
"""

from __future__ import annotations

import contextlib
import errno
import gc
import mmap
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from multiprocessing.connection import Connection
from multiprocessing.reduction import ForkingPickler
from typing import IO

from policysearch.errors import DEBUG, PolicySearchError, unforeseen
from policysearch.parallel import bootstrap

__all__ = ["Process", "own_note", "run_worker", "sendable"]

_NOTE = 8  # bytes


class Process:
    """A worker process.

    Attributes:
        connection: The connection to it; objects are pickled.
        note: A number of 64 bits, 0 at first, which the process has as ``own_note``. A message takes both processes
            55 µs: with two of each source, they were 3 % of a build.
    """

    def __init__(self, work: Callable[[Connection], None]) -> None:
        """Start the process, which calls ``work`` with the other end of the connection."""
        with contextlib.ExitStack() as opened:
            here, there = socket.socketpair()
            opened.callback(there.close)
            opened.callback(here.close)
            end, lifeline = os.pipe()
            opened.callback(os.close, end)
            shared = opened.enter_context(_memory())
            shared.truncate(_NOTE)
            self.note = _mapped(shared.fileno())
            kept = opened.enter_context(contextlib.ExitStack())
            kept.callback(os.close, lifeline)
            handles = (there.fileno(), end, shared.fileno())
            self._process = subprocess.Popen(
                bootstrap.worker_command(__name__, "run_worker", *handles),
                pass_fds=handles,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C goes to this process, which ends the workers
            )
            kept.pop_all()
            self.connection = Connection(here.detach())
            self._lifeline: int | None = lifeline  # the worker reads end-of-file when this process is gone
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # noticed when the connection is read
            self.connection.send(work)

    @property
    def number(self) -> int:
        """The process id."""
        return self._process.pid

    def kill(self) -> None:
        """Kill the process and its children."""
        if self._process.returncode is None:  # otherwise its id may already be another process's
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)

    def end(self, seconds: float = 0.0) -> int:
        """Wait up to ``seconds`` for the process to exit, kill it, and return its exit status."""
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


def _memory() -> IO[bytes]:
    """Return a file without a name, in memory where there are such files."""
    if hasattr(os, "memfd_create"):
        try:
            return open(os.memfd_create("policysearch"), "r+b", buffering=0)
        except OSError as error:
            if error.errno not in (errno.EPERM, errno.ENOSYS):  # as a container may refuse it
                raise
    import tempfile

    return tempfile.TemporaryFile(buffering=0)


def _mapped(handle: int) -> memoryview:
    """Return the number in an open file, as a sequence of one."""
    return memoryview(mmap.mmap(handle, _NOTE)).cast("Q")


# in the worker process

_own: memoryview | None = None


def own_note() -> memoryview:
    """Return the number that the process which started this one reads: a sequence of one."""
    assert _own is not None
    return _own


def run_worker(handle: int, lifeline: int, shared: int) -> None:
    """Receive the work function from a connection and call it; the arguments are file descriptors."""
    global _own
    gc.set_threshold(100_000)  # as in the main process, see ``__main__``: 5 % of a build
    threading.Thread(target=_end_with_parent, args=(lifeline,), daemon=True).start()
    connection = Connection(handle)
    try:
        _own = _mapped(shared)
        os.close(shared)
        work: Callable[[Connection], None] = connection.recv()
        work(connection)
    except (EOFError, BrokenPipeError, ConnectionResetError):
        os._exit(0)
    except (OSError, ImportError, MemoryError) as error:
        sys.stderr.write(f"A worker process failed to start: {error}\n")
        os._exit(1)
    except Exception as error:
        sys.stderr.write(f"A worker process failed to start: {unforeseen(error)}\n")
        os._exit(1)


def sendable(error: Exception) -> Exception:
    """Return an error that can be pickled; with ``POLICYSEARCH_DEBUG``, also print its traceback."""
    if os.environ.get(DEBUG):
        sys.stderr.write(f"In a worker process: {unforeseen(error)}\n")
    try:
        ForkingPickler.loads(ForkingPickler.dumps(error))  # like the connection
    except Exception:  # for example when its constructor takes other arguments than its message
        own = isinstance(error, PolicySearchError)
        return PolicySearchError(str(error)) if own else RuntimeError(f"{type(error).__name__}: {error}")
    return error


def _end_with_parent(lifeline: int) -> None:
    """Kill this process and its children when its parent has ended for any reason."""
    os.read(lifeline, 1)
    os.killpg(0, signal.SIGKILL)  # the worker leads its own process group
