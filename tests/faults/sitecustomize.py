"""Makes the system fail under a command: Python imports this before anything else where it is on the path.

What happens is asked for in the environment:

    FAULT_FOLDER  the folder whose files are watched
    FAULT_LOG     a file that gets a line of JSON for every change of the folder, in the order of all processes
    FAULT_AT      the number of the change, from 1, that does not happen, or the name of an operation
    FAULT_KIND    ``kill``: all is ended there with SIGKILL; else the name of an error, such as ENOSPC

    FAULT_MODULES  a file that gets the name of every module that any process imports or tries to, a line each

Whatever these say, reading a source whose name holds ``kill-me`` ends the
process, once (``kill-me-always``: each time; FAULT_SPENT is a file that
remembers it), and reading one whose name holds ``hang-me`` takes for ever.
"""

from __future__ import annotations

import base64
import builtins
import errno
import fcntl
import io
import json
import os
import pathlib
import runpy
import signal
import stat
import subprocess
import sys
import time
from typing import Any

FOLDER = os.path.realpath(os.environ.get("FAULT_FOLDER", "/nowhere"))
LOG = os.environ.get("FAULT_LOG", "")
AT = os.environ.get("FAULT_AT", "")
KIND = os.environ.get("FAULT_KIND", "")
MAIN = int(os.environ.setdefault("FAULT_MAIN", str(os.getpid())))

_open, _os_open, _fsync, _replace, _unlink, _mkdir = io.open, os.open, os.fsync, os.replace, os.unlink, os.mkdir


def watched(path: Any) -> bool:
    if not LOG or not isinstance(path, (str, os.PathLike)):
        return False
    full = os.path.realpath(os.fspath(path))
    return full == FOLDER or os.path.dirname(full) == FOLDER


def change(operation: str, path: str, **details: Any) -> None:
    """Write a change down; fail, or end all, when it is the one that does not happen."""
    handle = _os_open(LOG, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        number = os.pread(handle, os.fstat(handle).st_size, 0).count(b'{"op": "') + 1
        line = json.dumps({"op": operation, "name": os.path.basename(path), "pid": os.getpid(), **details})
        os.write(handle, line.encode() + b"\n")
    finally:
        os.close(handle)
    if AT not in (str(number), operation):
        return
    if KIND == "kill":
        os.kill(MAIN, signal.SIGKILL)
        time.sleep(60)  # a worker ends when it sees that its parent has
    code = getattr(errno, KIND)
    raise OSError(code, os.strerror(code))


class Raw(io.FileIO):
    """A file of the folder that is open for writing."""

    def write(self, data: Any) -> int:
        view = bytes(data)
        inode = os.fstat(self.fileno()).st_ino
        change("write", str(self.name), inode=inode, at=self.tell(), data=base64.b64encode(view).decode())
        return super().write(view)


def opened(file: Any, mode: str = "r", buffering: int = -1, *rest: Any, **named: Any) -> Any:
    if isinstance(file, (str, os.PathLike)) and "-me" in str(file):
        trap(os.path.basename(os.fspath(file)))
    if "b" in mode and set(mode) & set("wxa") and watched(file):
        change("create", os.fspath(file), inode=None)
        raw = Raw(file, mode.replace("b", ""))
        note_inode(os.fspath(file), os.fstat(raw.fileno()).st_ino)
        return io.BufferedWriter(raw)
    return _open(file, mode, buffering, *rest, **named)


def note_inode(path: str, inode: int) -> None:
    handle = _os_open(LOG, os.O_WRONLY | os.O_APPEND)
    os.write(handle, json.dumps({"name": os.path.basename(path), "inode": inode}).encode() + b"\n")
    os.close(handle)


def trap(name: str) -> None:
    frame: Any = sys._getframe()
    while frame and frame.f_code.co_name != "_read":  # where a source is read, not merely looked at
        frame = frame.f_back
    if not frame:
        return
    if "hang-me" in name:
        time.sleep(600)
    if "kill-me" in name:
        spent = pathlib.Path(os.environ["FAULT_SPENT"])
        if "always" in name or not spent.exists():
            spent.touch()
            os.kill(os.getpid(), signal.SIGKILL)


def fsync(handle: Any) -> None:
    path = os.path.realpath(f"/proc/self/fd/{handle}")
    if watched(path):
        status = os.fstat(handle)
        change("fsyncdir" if stat.S_ISDIR(status.st_mode) else "fsync", path, inode=status.st_ino)
    _fsync(handle)


def replace(source: Any, target: Any, **named: Any) -> None:
    if watched(target):
        change("rename", os.fspath(source), to=os.path.basename(os.fspath(target)))
    _replace(source, target, **named)


def unlink(path: Any, **named: Any) -> None:
    if watched(path) and os.path.lexists(path):
        change("unlink", os.fspath(path))
    _unlink(path, **named)


def mkdir(path: Any, *rest: Any, **named: Any) -> None:
    if watched(path):
        change("mkdir", os.fspath(path))
    _mkdir(path, *rest, **named)


class Popen(subprocess.Popen[Any]):
    """Has the processes that the program starts fail too, which are kept from what the environment says."""

    def __init__(self, command: Any, *rest: Any, **named: Any) -> None:
        if isinstance(command, list) and "-I" in command:
            place = next((at for at, word in enumerate(command) if str(word).endswith("bootstrap.py")), len(command))
            command = [*command[:place], os.path.abspath(__file__), *command[place:]]
        super().__init__(command, *rest, **named)


io.open = builtins.open = opened
subprocess.Popen = Popen  # type: ignore[misc, assignment]
os.fsync, os.replace, os.unlink, os.mkdir = fsync, replace, unlink, mkdir  # type: ignore[assignment]
if accessor := getattr(pathlib, "_NormalAccessor", None):  # before Python 3.11, pathlib keeps these functions itself
    for function in (replace, unlink, mkdir):
        setattr(accessor, function.__name__, staticmethod(function))
    accessor.open = staticmethod(opened)


def name_modules(log: str) -> None:
    """Write down every module that is here already, is imported, or is tried."""
    handle = _os_open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    known: set[str] = set()

    def hook(event: str, arguments: Any) -> None:
        if event == "import":
            new = {str(arguments[0]), *tuple(sys.modules)} - known
            known.update(new)
            os.write(handle, "".join(f"{name}\n" for name in new).encode())

    sys.addaudithook(hook)


if os.environ.get("FAULT_MODULES"):
    name_modules(os.environ["FAULT_MODULES"])
if __name__ == "__main__":
    del sys.argv[0]
    runpy.run_path(sys.argv[0], run_name="__main__")
