"""Where a command's output goes and in which format: stdout, or a file that is there whole or not at all."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from io import TextIOWrapper
from pathlib import Path
from typing import Any, TextIO, TypeVar

import click

from policysearch.cli.options import screen
from policysearch.errors import InputError

__all__ = ["ENDINGS", "Destination", "destination", "output_options", "written_whole"]

F = TypeVar("F", bound=Callable[..., Any])

ENDINGS = {
    ".csv": "csv",
    ".json": "json",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".run": "trec",
    ".trec": "trec",
    ".tsv": "tsv",
    ".txt": "text",
}


def output_options(*formats: str) -> Callable[[F], F]:
    """Return what adds ``--format``, ``-o``, ``--raw``, ``--bom`` and ``--color``; see ``destination``."""

    def add(function: F) -> F:
        for option in reversed(
            (
                click.option(
                    "--format",
                    "output_format",
                    type=click.Choice(formats),
                    help="Format of the output.  [default: by the ending of FILE, else text]",
                ),
                click.option(
                    "-o",
                    "--output",
                    metavar="FILE",
                    type=click.Path(path_type=Path, dir_okay=False),
                    help="Write to FILE, which appears when it is whole.",
                ),
                click.option(
                    "--raw",
                    is_flag=True,
                    help="In csv and tsv, leave cells that a spreadsheet takes for formulas alone.",
                ),
                click.option("--bom", is_flag=True, help="Begin csv and tsv with a byte order mark, for Excel."),
                click.option(
                    "--color",
                    type=click.Choice(["auto", "always", "never"]),
                    default="auto",
                    show_default=True,
                    help="Whether text output has bold and colour; auto: on a terminal, unless NO_COLOR is set.",
                ),
            )
        ):
            function = option(function)
        return function

    return add


class Destination:
    """A stream to write to.

    Attributes:
        format: One of the command's formats.
        stream: Open for text.
        colored: Whether text has colour there.
        columns: How wide text may be.
    """

    def __init__(self, output_format: str, stream: TextIO, colored: bool, columns: int) -> None:
        self.format = output_format
        self.stream = stream
        self.colored = colored
        self.columns = columns


def format_of(output_format: str | None, output: Path | None, formats: Sequence[str]) -> str:
    """Return the format asked for, else the one that the file's ending says, else ``text``."""
    if output_format is not None or output is None:
        return output_format or "text"
    found = ENDINGS.get(output.suffix.lower(), "")
    if found not in formats:
        raise click.UsageError(f"The ending of '{output}' tells no format; add --format {'|'.join(formats)}.")
    return found


@contextlib.contextmanager
def destination(
    output_format: str | None, output: Path | None, color: str, formats: Sequence[str]
) -> Iterator[Destination]:
    """Open where the output goes. A file is put in place when all is written and nothing was raised."""
    chosen = format_of(output_format, output, formats)
    if output is None:
        out, colored, columns = screen(color)
        yield Destination(chosen, out, colored, columns)
        return
    with written_whole(output) as stream:
        yield Destination(chosen, stream, color == "always", 80)


@contextlib.contextmanager
def written_whole(path: Path) -> Iterator[TextIOWrapper]:
    """Open a file for writing that takes its name when it is whole; until then what was there stays.

    It keeps the mode and the owner of the file that was there. What is no plain
    file (a pipe, ``/dev/stdout``) is written to directly. Raises ``InputError``
    when it cannot be written.
    """
    from policysearch.files.atomic import Draft

    direct = path.exists() and not path.is_file()
    draft = None
    try:
        draft = None if direct else Draft(path.resolve())
        stream = open(  # noqa: SIM115
            path if draft is None else draft.handle, "w", encoding="utf-8", errors="surrogateescape", newline="\n"
        )
    except OSError as error:
        raise InputError(f"'{path}' cannot be written: {error.strerror}.") from error
    try:
        with stream:
            yield stream
            stream.flush()
            if draft is not None:
                os.fsync(stream.fileno())
                draft.put_in_place()  # before it is closed, and can be taken for one that was left behind
    except OSError as error:
        named = None if draft is None else str(draft.path)
        if isinstance(error, BrokenPipeError) or error.filename not in (None, str(path), named):
            raise
        raise InputError(f"'{path}' cannot be written: {error.strerror}.") from error
    finally:
        if draft is not None:
            draft.discard()


def on_terminal() -> bool:
    """Tell whether stderr is a terminal, where progress may be shown."""
    return sys.stderr.isatty()
