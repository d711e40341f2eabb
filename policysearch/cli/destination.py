"""Destination and format of a command's output: stdout, or a file written atomically."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from functools import wraps
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO, TypeVar

import click

from policysearch.cli.options import READABLE, screen
from policysearch.cli.session import SESSION
from policysearch.errors import InputError
from policysearch.frozen import frozen
from policysearch.output.rendering import Rendering

if TYPE_CHECKING:
    from policysearch.output.workbook import Workbook

__all__ = ["ENDINGS", "WRITTEN", "Destination", "OutputOptions", "on_terminal", "output_options", "written_whole"]

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


class _Written(click.Path):
    """A file to write in addition to the output, which alone goes to stdout: ``-`` is refused."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if value == "-":
            self.fail("It is written to a file; give the name of one instead of '-'.", param, ctx)
        return super().convert(value, param, ctx)


WRITTEN = _Written(path_type=Path, dir_okay=False)
"""The type of an option that names a file to write in addition to the output."""


class Destination:
    """A stream to write to.

    Attributes:
        stream: A text stream.
        rendering: How the output is written; the format of a workbook is csv, whose rows it takes.
        workbook: The workbook that is written, None for any other format.
    """

    def __init__(self, stream: TextIO, rendering: Rendering, workbook: Workbook | None = None) -> None:
        self.stream = stream
        self.rendering = rendering
        self.workbook = workbook

    @property
    def format(self) -> str:
        """The format of the rendering."""
        return self.rendering.format


@frozen
class OutputOptions:
    """The output options of a command.

    Attributes:
        formats: The command's formats.
        format: The requested one, or None.
        file: The file to write, or None for stdout.
        raw: As in ``Rendering``.
        bom: As in ``Rendering``.
        color: ``auto``, ``always`` or ``never``.
    """

    formats: tuple[str, ...]
    format: str | None
    file: Path | None
    raw: bool
    bom: bool
    color: str

    @contextlib.contextmanager
    def opened(self) -> Iterator[Destination]:
        """Open the destination. A file is renamed into place when all is written without an error."""
        chosen = self._chosen()
        if chosen == "xlsx":
            file = self._binary()
            from policysearch.output.workbook import Workbook

            with contextlib.closing(Workbook()) as workbook, file as stream:
                yield Destination(workbook, self._rendering("csv", False), workbook)
                stream.buffer.write(workbook.finished())
        elif self.file is None:
            out, colored, columns = screen(self.color)
            yield Destination(out, self._rendering(chosen, colored, columns))
        else:
            with written_whole(self.file) as stream:
                yield Destination(stream, self._rendering(chosen, self.color == "always"))

    def _binary(self) -> AbstractContextManager[TextIOWrapper]:
        """Return the stream whose buffer a workbook is written to."""
        if self.file is not None:
            return written_whole(self.file)
        session = SESSION.get()
        if session is None:
            raise click.UsageError("A workbook is written to a file; add -o FILE.xlsx.")
        return contextlib.nullcontext(session.out)

    def _chosen(self) -> str:
        """Return the requested format, else the one of the file's suffix, else ``text``."""
        if self.format is not None or self.file is None:
            return self.format or "text"
        found = ENDINGS.get(self.file.suffix.lower(), "")
        if found not in self.formats:
            named = "|".join(self.formats)
            raise click.UsageError(f"The suffix of '{self.file}' is not that of a format; add --format {named}.")
        return found

    def _rendering(self, chosen: str, colored: bool, room: int = 80) -> Rendering:
        return Rendering(chosen, colored, min(room, READABLE), room, self.raw, self.bom)


def output_options(*formats: str) -> Callable[[F], F]:
    """Return a decorator that adds ``--format``, ``-o``, ``--raw``, ``--bom`` and ``--color``.

    The command gets them as one ``OutputOptions``, by the name ``output``.
    """

    def add(command: F) -> F:
        @wraps(command)
        def function(
            *arguments: Any,
            output_format: str | None,
            output: Path | None,
            raw: bool,
            bom: bool,
            color: str,
            **more: Any,
        ) -> Any:
            output = None if output == Path("-") else output
            _apart({"--output": output, **{f"--{name}": more.get(name) for name in ("manifest", "plot")}})
            options = OutputOptions(formats, output_format, output, raw, bom, color)
            return command(*arguments, output=options, **more)

        added: Any = function
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
                    help="Write to FILE, atomically; - is stdout.",
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
            added = option(added)
        return added  # type: ignore[no-any-return]

    return add


def _apart(files: Mapping[str, Path | None]) -> None:
    """Raise an error if two options name one file to write: only the last output would remain."""
    known: dict[Path, str] = {}
    for option, file in files.items():
        if file is None or (file.exists() and not file.is_file()):  # a pipe takes both
            continue
        other = known.setdefault(file.resolve(), option)
        if other != option:
            raise click.UsageError(f"{other} and {option} name the same file.")


@contextlib.contextmanager
def written_whole(path: Path) -> Iterator[TextIOWrapper]:
    """Open a file for atomic writing: an existing file stays until the new one is complete.

    The mode and the owner of an existing file are kept. Anything but a regular
    file (a pipe, ``/dev/stdout``) is written directly. Raises ``InputError``
    when it cannot be written.
    """
    from policysearch.files.atomic import FileDraft

    direct = path.exists() and not path.is_file()
    draft = None
    try:
        draft = None if direct else FileDraft(path.resolve())
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
