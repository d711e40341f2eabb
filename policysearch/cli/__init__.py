"""The command line: one module a command, loaded when it is called."""

from __future__ import annotations

import importlib
import io
import os
import signal
import sys
from collections.abc import Sequence
from types import FrameType
from typing import Any

import click

import policysearch
from policysearch.errors import PolicySearchError, QueryError

__all__ = ["COMMANDS", "commands", "main"]

FOUND, NOTHING, FAILED = 0, 1, 2
"""Exit statuses, as grep has them."""

COMMANDS = {
    "index": "Read sources and bring the index up to date.",
    "search": "Print the sections that best match a query.",
    "batch": "Answer many queries from a file.",
    "count": "Count terms in the texts, by place, year and more.",
    "kwic": "Print every place of a phrase in its context.",
    "list": "List the documents, or the values that a field has.",
    "show": "Print a section or a document.",
    "outline": "Show the structure found in a source, without any index.",
    "info": "Show what the index is made of.",
    "check": "Check that the index is whole and says what its sources say.",
}


class _PipeClosedError(Exception):
    """Whoever read the output has had enough."""


class CommandGroup(click.Group):
    """A group that imports a command's module only when that command is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(f"policysearch.cli.{name}").command
        return command

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except BrokenPipeError as error:
            raise _PipeClosedError from error  # click would exit with status 1

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=CommandGroup)
@click.version_option(policysearch.__version__, prog_name="policysearch")
def commands() -> None:
    """Search Chinese policy documents by section."""


class _Terminated(BaseException):
    """SIGTERM, so that what is open is closed on the way out."""


def _terminate(number: int, frame: FrameType | None) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # once is enough; a second must not stop the cleaning up
    raise _Terminated


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program and return its exit status."""
    for stream in (sys.stdout, sys.stderr):
        # UTF-8 whatever the locale; a byte of a file name that is no UTF-8 goes out as it came
        stream.reconfigure(encoding="utf-8", errors="surrogateescape", newline="\n")  # type: ignore[union-attr]
    signal.signal(signal.SIGTERM, _terminate)
    try:
        status = commands.main(arguments, prog_name="policysearch", standalone_mode=False)
        sys.stdout.flush()
        return status if isinstance(status, int) else FOUND
    except click.ClickException as error:
        from policysearch.output.terminal import printable

        said = io.StringIO()
        error.show(said)
        sys.stderr.write(printable(said.getvalue()))
        return FAILED
    except QueryError as error:
        from policysearch.output.terminal import caret, printable

        print(f"Error: {printable(str(error))}\n{caret(error.query, error.position)}", file=sys.stderr)
        return FAILED
    except PolicySearchError as error:
        from policysearch.output.terminal import printable

        print(f"Error: {printable(str(error))}", file=sys.stderr)
        return FAILED
    except (_PipeClosedError, BrokenPipeError):
        # there is nothing to say, and nothing may be said at exit either
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FOUND
    except (KeyboardInterrupt, click.Abort):
        return 128 + signal.SIGINT
    except _Terminated:
        return 128 + signal.SIGTERM
