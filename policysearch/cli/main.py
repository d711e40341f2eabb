"""The command line: one module a command, loaded when it is called."""

from __future__ import annotations

import _thread
import contextlib
import errno
import importlib
import io
import os
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from types import FrameType
from typing import Any

import click

import policysearch
from policysearch.errors import DEBUG, PolicySearchError, QueryError, unforeseen
from policysearch.output.terminal import caret, printable

__all__ = ["COMMANDS", "commands", "main"]

FOUND, NOTHING, FAILED = 0, 1, 2
"""Exit statuses, as grep has them."""

COMMANDS = {
    "index": "Read sources and bring the index up to date.",
    "search": "Print the sections that best match a query.",
    "batch": "Answer many queries from a file.",
    "count": "Count terms in the texts, by place, year and more.",
    "matrix": "Print how often each term stands in each document or group.",
    "trend": "Print when terms were first said, and how many places say them by year.",
    "words": "Print the most frequent words or n-grams.",
    "collocates": "Print the words that stand near a phrase.",
    "keywords": "Print what some sections say more often than others.",
    "kwic": "Print every place of a phrase in its context.",
    "targets": "Print the aims that reports state, as a table.",
    "list": "List the documents, or the values that a field has.",
    "show": "Print a section or a document.",
    "outline": "Show the structure found in a source, without any index.",
    "info": "Show what the index is made of.",
    "check": "Check that the index is whole and says what its sources say.",
}


class _PipeClosedError(Exception):
    """Whoever read the output has had enough."""


@contextlib.contextmanager
def _pipe_may_close() -> Iterator[None]:
    """Keep from click, which would exit with status 1, that nobody reads the output any more."""
    try:
        yield
    except BrokenPipeError as error:
        raise _PipeClosedError from error


class CommandGroup(click.Group):
    """A group that imports a command's module only when that command is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(f"policysearch.cli.{name}").command
        return command

    def make_context(self, *arguments: Any, **named: Any) -> click.Context:
        with _pipe_may_close():  # while help is printed
            return super().make_context(*arguments, **named)

    def invoke(self, ctx: click.Context) -> Any:
        with _pipe_may_close():
            return super().invoke(ctx)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=CommandGroup)
@click.version_option(policysearch.__version__, prog_name="policysearch")
def commands() -> None:
    """Search Chinese policy documents by section."""


class _Terminated(BaseException):
    """A signal that asks to end, so that what is open is closed on the way out."""

    def __init__(self, number: int) -> None:
        self.number = number


def _terminate(number: int, frame: FrameType | None) -> None:
    signal.signal(number, signal.SIG_IGN)  # once is enough; a second must not stop the cleaning up
    raise _Terminated(number)


def _ask_again(unraisable: sys.UnraisableHookArgs) -> None:
    """Send a signal again that came while Python did what nothing can be raised from, such as a callback."""
    error = unraisable.exc_value
    if isinstance(error, KeyboardInterrupt):
        number = int(signal.SIGINT)
    elif isinstance(error, _Terminated):
        number = error.number
        signal.signal(number, _terminate)
    else:
        if os.environ.get(DEBUG):  # nothing depends on it, and nobody could do anything about it
            sys.__unraisablehook__(unraisable)
        return

    def ask() -> None:
        time.sleep(0.01)
        os.kill(os.getpid(), number)

    _thread.start_new_thread(ask, ())


def _mind_signals() -> None:
    """Have the signals that ask to end raise exceptions, unless whoever started this wants them ignored."""
    sys.unraisablehook = _ask_again
    if signal.getsignal(signal.SIGINT) is signal.SIG_DFL:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, _terminate)


def _failed(message: str) -> int:
    with contextlib.suppress(OSError):  # the exit status says it too
        sys.stderr.write(printable(message) + "\n")
    return FAILED


def _of_the_system(error: Exception) -> str:
    """Return what to say of an error that no command foresaw: the disk is full, the memory used up."""
    if isinstance(error, MemoryError):
        return "There is not enough memory."
    if isinstance(error, OSError) and error.filename:
        return f"'{error.filename}' cannot be read or written: {error.strerror or error}."
    if isinstance(error, OSError):
        no_room = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)
        return f"{'The output cannot be written' if no_room else 'The system says'}: {error.strerror or error}."
    return f"A part of the program cannot be loaded: {error}"


def _forget_output() -> None:
    """Have nothing of the output written at exit: whoever read it has had enough, or it has no room."""
    with contextlib.suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _open_streams() -> None:
    """Open the standard streams that are closed, so that no file of the index takes the number of one."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.open(os.devnull, os.O_RDWR), mode, encoding="utf-8"))  # noqa: SIM115


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program and return its exit status."""
    _open_streams()
    for stream in (sys.stdout, sys.stderr):
        # UTF-8 whatever the locale; a byte of a file name that is no UTF-8 goes out as it came
        stream.reconfigure(encoding="utf-8", errors="surrogateescape", newline="\n")  # type: ignore[union-attr]
    try:
        _mind_signals()
        status = commands.main(arguments, prog_name="policysearch", standalone_mode=False)
        sys.stdout.flush()
        return status if isinstance(status, int) else FOUND
    except click.ClickException as error:
        said = io.StringIO()
        error.show(said)
        return _failed(said.getvalue().rstrip("\n"))
    except QueryError as error:
        return _failed(f"Error: {error}\n{caret(error.query, error.position)}")
    except PolicySearchError as error:
        return _failed(f"Error: {error}")
    except (_PipeClosedError, BrokenPipeError):
        _forget_output()
        return FOUND
    except (OSError, ImportError, MemoryError) as error:
        _forget_output()
        return _failed(f"Error: {_of_the_system(error)}")
    except (KeyboardInterrupt, click.Abort):
        return 128 + signal.SIGINT
    except _Terminated as ended:
        return 128 + ended.number
    except (Exception, SystemExit) as error:
        if isinstance(error, SystemExit) and not error.code:  # click has written what a shell completes commands with
            return FOUND
        _forget_output()
        return _failed(f"Error: {unforeseen(error)}")
