"""The command line: one module per command, imported on use."""

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
from functools import partial
from types import FrameType
from typing import Any

import click

import policysearch
from policysearch.cli.command_names import COMMAND_GROUPS, COMMANDS
from policysearch.cli.help_text import HelpContext
from policysearch.cli.session import GIVEN_INDEX
from policysearch.errors import DEBUG, PolicySearchError, QueryError, unforeseen
from policysearch.output.terminal import caret, printable

__all__ = ["commands", "main"]

FOUND, NOTHING, FAILED = 0, 1, 2
"""Exit statuses, as grep has them."""


class _PipeClosedError(Exception):
    """The reader of the output closed the pipe."""


@contextlib.contextmanager
def _pipe_may_close() -> Iterator[None]:
    """Hide a closed pipe from click, which would exit with status 1."""
    try:
        yield
    except BrokenPipeError as error:
        raise _PipeClosedError from error


_FIRST = ("index FOLDER", "search 营商环境 --year 2023", "search --help")
"""Command lines for a beginner."""


class CommandGroup(click.Group):
    """A group that imports a command's module on use."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(f"policysearch.cli.{name}").command
        command.context_class = HelpContext
        command.format_epilog = partial(_write_examples, name)  # type: ignore[method-assign]
        return command

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        name = args[0]
        if name not in COMMANDS and name[:1] not in ("-", "－"):
            from difflib import get_close_matches

            near = get_close_matches(name, COMMANDS, 1, 0.7)
            hint = f" Did you mean {near[0]}?" if near else f" The commands are: {', '.join(COMMANDS)}."
            if not name.isascii():
                from policysearch.text.shell import pasted

                hint = f" To search for it: policysearch search {' '.join(map(pasted, args))}"
            raise click.UsageError(f"No such command '{name}'.{hint}", ctx)
        found = super().resolve_command(ctx, args)
        if found[1] is not None and not ctx.resilient_parsing:  # while the shell completes, a value may be missing
            _refuse_options_as_values(click.Context(found[1], ctx, name), args[1:])
        return found

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        typed = tuple(args)  # the parser empties the list
        try:
            return super().parse_args(ctx, args)
        except click.NoSuchOption as error:
            from policysearch.cli.hints import in_order

            line = in_order(typed)
            if line is None:
                raise
            raise click.UsageError(f"The command comes before its options: {line}", ctx) from error

    def make_context(self, *arguments: Any, **named: Any) -> click.Context:
        with _pipe_may_close():  # while help is printed
            return super().make_context(*arguments, **named)

    def invoke(self, ctx: click.Context) -> Any:
        with _pipe_may_close():
            try:
                return super().invoke(ctx)
            except click.UsageError as error:
                if error.ctx is not None and "unexpected extra argument" in error.message:
                    from policysearch.cli.hints import without_option

                    said = f"{error.message}{without_option(error.ctx.info_name)}"
                    raise click.UsageError(said, error.ctx) from error
                raise

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        longest = max(map(len, COMMANDS))
        for heading, group in COMMAND_GROUPS.items():
            with formatter.section(heading):
                formatter.write_dl([(name.ljust(longest), said) for name, said in group.items()])

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("To begin"):
            formatter.write("".join(f"  policysearch {line}\n" for line in _FIRST))


def _write_examples(name: str, ctx: click.Context, formatter: click.HelpFormatter) -> None:
    """Write the examples of a command at the end of its help."""
    from policysearch.cli.examples import EXAMPLES

    if name in EXAMPLES:
        with formatter.section("Examples"):
            formatter.write("".join(f"  policysearch {line}\n" for line in EXAMPLES[name]))


def _refuse_options_as_values(ctx: click.Context, args: Sequence[str]) -> None:
    """Raise ``click.UsageError`` if the value of an option is another option, because one was forgotten."""
    options = {name: one for one in ctx.command.params if isinstance(one, click.Option) for name in one.opts}
    rest = iter(args)
    for argument in rest:
        if argument == "--":
            return
        option = options.get(argument)
        if option is None or option.is_flag:
            continue
        for _ in range(option.nargs):
            value = next(rest, None)
            if value is None or value in options or value.partition("=")[0] in options:
                given = "nothing follows" if value is None else f"'{value}' is another option"
                takes = option.metavar or option.type.name.upper()
                raise click.UsageError(f"{argument} takes a value ({takes}), but {given}.", ctx)


@click.group(cls=CommandGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(policysearch.__version__, prog_name="policysearch")
def commands() -> None:
    """Search Chinese policy documents by section."""


class _Terminated(BaseException):
    """A termination signal, raised as an exception so that open resources are closed."""

    def __init__(self, number: int) -> None:
        self.number = number


def _terminate(number: int, frame: FrameType | None) -> None:
    signal.signal(number, signal.SIG_IGN)  # a second signal must not interrupt the cleanup
    raise _Terminated(number)


def _signal_of(error: BaseException | None) -> int | None:
    """Return the number of the signal that raised an exception, or None."""
    if isinstance(error, _Terminated):
        return error.number
    return int(signal.SIGINT) if isinstance(error, KeyboardInterrupt) else None


def _ask_again(unraisable: sys.UnraisableHookArgs) -> None:
    """Resend a signal that arrived where Python cannot raise an exception, as in a callback."""
    error = unraisable.exc_value
    number = _signal_of(error)
    if isinstance(error, _Terminated):
        signal.signal(error.number, _terminate)
    if number is None:
        if os.environ.get(DEBUG):  # nothing depends on it, and users cannot act on it
            sys.__unraisablehook__(unraisable)
        return

    def ask() -> None:
        time.sleep(0.01)
        os.kill(os.getpid(), number)

    _thread.start_new_thread(ask, ())


def _signal_behind(error: BaseException) -> int | None:
    """Return the number of the signal that caused an error; before Python 3.12, creating a class may wrap it."""
    cause = error.__cause__
    while cause is not None and _signal_of(cause) is None:
        cause = cause.__cause__
    return _signal_of(cause)


def _mind_signals() -> None:
    """Make termination signals raise exceptions, unless the parent process had them ignored."""
    sys.unraisablehook = _ask_again
    if signal.getsignal(signal.SIGINT) is signal.SIG_DFL:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, _terminate)


def _failed(message: str) -> int:
    if "policysearch " in message:
        from policysearch.cli.hints import with_index

        message = with_index(message)
    with contextlib.suppress(OSError):  # the exit status reports it as well
        sys.stderr.write(printable(message) + "\n")
    return FAILED


def _of_the_system(error: Exception) -> str:
    """Return the message for an unexpected error of the system: a full disk, exhausted memory."""
    if isinstance(error, MemoryError):
        return "Out of memory."
    if isinstance(error, OSError) and error.filename:
        return f"'{error.filename}' cannot be read or written: {error.strerror or error}."
    if isinstance(error, OSError):
        no_room = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)
        return f"{'The output cannot be written' if no_room else 'System error'}: {error.strerror or error}."
    return f"A part of the program cannot be loaded: {error}"


def _forget_output() -> None:
    """Discard buffered output at exit: the pipe is closed, or the disk is full."""
    with contextlib.suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _open_streams() -> None:
    """Open closed standard streams, so that no file of the index gets one of their descriptors."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.open(os.devnull, os.O_RDWR), mode, encoding="utf-8"))  # noqa: SIM115


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program and return its exit status."""
    _open_streams()
    GIVEN_INDEX.set(None)
    for stream in (sys.stdout, sys.stderr):
        # UTF-8 in any locale; bytes of file names that are not UTF-8 are written unchanged
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
        where = f"\n{caret(error.query, error.position)}" if error.query.strip() else ""
        return _failed(f"Error: {error}{where}")
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
        if isinstance(error, SystemExit) and not error.code:  # click has printed a shell completion
            return FOUND
        _forget_output()
        number = _signal_behind(error)
        return 128 + number if number else _failed(f"Error: {unforeseen(error)}")
