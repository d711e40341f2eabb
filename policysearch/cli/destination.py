"""Destination and format of a command's output: stdout, or a file written atomically."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO, TypeVar

import click

from policysearch.cli.options import screen
from policysearch.cli.session import SESSION
from policysearch.errors import InputError

if TYPE_CHECKING:
    from policysearch.output.workbook import Workbook

__all__ = ["ENDINGS", "Destination", "destination", "on_terminal", "output_options", "written_whole"]

F = TypeVar("F", bound=Callable[..., Any])

ENDINGS = {
    ".csv": "csv",
    ".htm": "html",
    ".html": "html",
    ".json": "json",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".run": "trec",
    ".trec": "trec",
    ".tsv": "tsv",
    ".txt": "text",
    ".xlsx": "xlsx",
}


def output_options(*formats: str) -> Callable[[F], F]:
    """Return a decorator that adds ``--format``, ``-o``, ``--raw``, ``--bom`` and ``--color``; see ``destination``."""

    def add(function: F) -> F:
        for option in reversed(
            (
                click.option(
                    "--format",
                    "output_format",
                    type=click.Choice(formats),
                    help="Output format.  [default: by the suffix of FILE, else text]",
                ),
                click.option(
                    "-o",
                    "--output",
                    metavar="FILE",
                    type=click.Path(path_type=Path, dir_okay=False),
                    help="Write to FILE, atomically.",
                ),
                click.option(
                    "--raw",
                    is_flag=True,
                    help="In csv and tsv, do not escape cells that spreadsheets read as formulas.",
                ),
                click.option("--bom", is_flag=True, help="Start csv and tsv with a byte order mark, for Excel."),
                click.option(
                    "--color",
                    type=click.Choice(["auto", "always", "never"]),
                    default="auto",
                    show_default=True,
                    help="Use bold and colour in text output; auto: on a terminal, unless NO_COLOR is set.",
                ),
            )
        ):
            function = option(function)
        return function

    return add


class Destination:
    """A stream to write to.

    Attributes:
        format: One of the command's formats; for a workbook csv, whose rows it takes.
        workbook: The workbook that is written, None for any other format.
        stream: A text stream.
        colored: Whether to use colour.
        columns: Width for text, in columns.
    """

    def __init__(
        self, output_format: str, stream: TextIO, colored: bool, columns: int, workbook: Workbook | None = None
    ) -> None:
        self.format = output_format
        self.workbook = workbook
        self.stream = stream
        self.colored = colored
        self.columns = columns


def format_of(output_format: str | None, output: Path | None, formats: Sequence[str]) -> str:
    """Return the requested format, else the one of the file's suffix, else ``text``."""
    if output_format is not None or output is None:
        return output_format or "text"
    found = ENDINGS.get(output.suffix.lower(), "")
    if found not in formats:
        raise click.UsageError(f"The suffix of '{output}' is not that of a format; add --format {'|'.join(formats)}.")
    return found


@contextlib.contextmanager
def destination(
    output_format: str | None, output: Path | None, color: str, formats: Sequence[str]
) -> Iterator[Destination]:
    """Open the destination. A file is renamed into place when all is written without an error."""
    chosen = format_of(output_format, output, formats)
    if chosen == "xlsx":
        session = SESSION.get()
        if output is None and session is None:
            raise click.UsageError("A workbook is written to a file; add -o FILE.xlsx.")
        from policysearch.output.workbook import Workbook

        file = contextlib.nullcontext(session.out) if output is None and session else written_whole(output or Path())
        with contextlib.closing(Workbook()) as workbook, file as stream:
            yield Destination("csv", workbook, False, 80, workbook)
            stream.buffer.write(workbook.finished())
        return
    if output is None:
        out, colored, columns = screen(color)
        yield Destination(chosen, out, colored, columns)
        return
    with written_whole(output) as stream:
        yield Destination(chosen, stream, color == "always", 80)


@contextlib.contextmanager
def written_whole(path: Path) -> Iterator[TextIOWrapper]:
    """Open a file for atomic writing: an existing file stays until the new one is complete.

    The mode and the owner of an existing file are kept. Anything but a regular
    file (a pipe, ``/dev/stdout``) is written directly. Raises ``InputError``
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
                draft.put_in_place()  # before closing, which unlocks it: others would remove it
    except OSError as error:
        named = None if draft is None else str(draft.path)
        if isinstance(error, BrokenPipeError) or error.filename not in (None, str(path), named):
            raise
        raise InputError(f"'{path}' cannot be written: {error.strerror}.") from error
    finally:
        if draft is not None:
            draft.discard()


def on_terminal() -> bool:
    """Return whether stderr is a terminal, where progress is shown."""
    return SESSION.get() is None and sys.stderr.isatty()
