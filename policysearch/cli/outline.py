"""outline: show the structure and metadata of a source, without an index."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from policysearch.cli.options import READABLE, index_option, note, opened_index, screen
from policysearch.frozen import asdict
from policysearch.text.shell import pasted
from policysearch.vocabulary import DOCUMENT_FIELDS

if TYPE_CHECKING:
    from policysearch.documents.document import Document

__all__ = ["command"]

TOLD = (*DOCUMENT_FIELDS, "confidence")
"""The document fields that are shown with the text."""

_FIGURES = 21  # columns before a heading


class Failure(click.ClickException):
    """A source, or a part of it, could not be read: exit status 2, as in all commands."""

    exit_code = 2


@click.command(short_help="show the structure and metadata of a source")
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option("--document", metavar="ID", help="Show a document of the index instead of a file.")
@click.option(
    "--format",
    "output_format",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="Output format; json has one object per document, one per line for a collection.",
)
@click.option("--removed", is_flag=True, help="Show the text that was removed, and why.")
@click.option("--encoding", metavar="E", help="Character encoding of the file.  [default: detected]")
@click.option("--text-field", metavar="F", help="Column or field with the text, in a collection.")
@index_option
def command(
    file: Path | None,
    document: str | None,
    output_format: str,
    removed: bool,
    encoding: str | None,
    text_field: str | None,
    index_folder: str,
) -> int:
    """Show the structure and metadata of FILE, without an index."""
    if (file is None) == (document is None):
        raise click.UsageError("Give a file, or --document ID.")
    if file is None:
        if removed or encoding is not None or text_field is not None:
            raise click.UsageError(
                "--document cannot be combined with --removed, --encoding or --text-field, which apply to a file."
            )
        return _indexed(str(document), output_format, index_folder)
    if file.is_dir():
        raise click.UsageError(f"'{file}' is a folder. Give one file.")
    if not file.exists():
        indexed = f"policysearch outline --document {pasted(str(file))}"
        raise click.UsageError(f"There is no file '{file}'. For a document of the index: {indexed}")
    _read(file, output_format, removed, encoding, text_field)
    return 0


def _indexed(name: str, output_format: str, index_folder: str) -> int:
    """Show the outline of a document of the index."""
    from policysearch.output.json import dump

    out, _, columns = screen("never")
    with opened_index(index_folder) as index:
        shown = index.show(name)
    if shown is None or shown.one:
        note(f"There is no document '{name}'. List the documents with: policysearch list")
        return 1
    if output_format == "json":
        out.write(dump(shown.to_dict()) + "\n")
        return 0
    columns = min(columns, READABLE)
    out.writelines(f"{line}\n" for line in _as_text(shown.document, shown.sections, (), columns))
    return 0


def _read(file: Path, output_format: str, removed: bool, encoding: str | None, text_field: str | None) -> None:
    from policysearch.documents.document import FailedDocument, read_documents
    from policysearch.documents.metadata.corrections import SIDECAR_NAMES, load_sidecars
    from policysearch.errors import PolicySearchError
    from policysearch.output.json import dump
    from policysearch.output.terminal import printable
    from policysearch.sources.finding import encode_id

    failed = 0
    try:
        corrected = any((file.parent / name).exists() for name in SIDECAR_NAMES)
        corrections = load_sidecars(file.parent) if corrected else None
        unusable = {} if corrections is None else corrections.failed
        for name, reason in unusable.items():
            click.echo(printable(f"{name}: {reason}"), err=True)
        for document in read_documents(
            file,
            encode_id(file.name),
            encoding=encoding,
            text_field=text_field,
            corrections=corrections,
        ):
            if isinstance(document, FailedDocument):
                failed += not document.skipped
                click.echo(printable(f"{document.document_id}: {document.reason}"), err=True)
            elif output_format == "json":
                _write([dump(_as_json(document, removed))])
            else:
                sections = [asdict(section) for section in document.sections]
                pieces = [(piece.reason, piece.text) for piece in document.removed] if removed else []
                columns = min(screen("never")[2], READABLE)
                _write(_as_text(_told(document), sections, pieces, columns))
    except PolicySearchError as error:
        raise Failure(f"'{file}': {error}") from error
    if failed:
        raise Failure(f"'{file}': {failed} of its records could not be read.")
    if unusable:
        raise Failure(f"'{file}': corrections could not be read; they are not applied.")


def _write(lines: list[str] | Iterator[str]) -> None:
    """Write lines as UTF-8 in any locale; unencodable characters become ``?``."""
    out = sys.stdout.buffer
    for line in lines:
        out.write(line.encode("utf-8", "replace") + b"\n")
    out.flush()


def _told(document: Document) -> dict[str, Any]:
    return {name: getattr(document, name) for name in (*TOLD, "notes")}


def _as_json(document: Document, removed: bool) -> dict[str, Any]:
    fields = {**_told(document), "notes": [note._asdict() for note in document.notes]}
    sections = [asdict(section) for section in document.sections]
    pieces = {"removed": [asdict(piece) for piece in document.removed]} if removed else {}
    return {"document": fields, "sections": sections, **pieces}


def _as_text(
    document: Mapping[str, Any],
    sections: Sequence[Mapping[str, Any]],
    removed: Sequence[tuple[str, str]],
    columns: int,
) -> Iterator[str]:
    """Yield the metadata, and the lines of each section: its complete heading, or the beginning of its text."""
    from policysearch.output.terminal import counted, printable, shortened, wrap

    def cut(text: str, room: int) -> str:
        return shortened(printable(" ".join(text.split())), max(20, room))

    yield from wrap(printable(document["title"] or document["document_id"]), columns)
    for name in TOLD:
        value = document.get(name)
        if value and name not in ("title", "inferred") and (name != "source" or value != document["document_id"]):
            said = printable(f"{name}: {value}" + (" (inferred)" if name in document["inferred"] else ""))
            yield from (f"  {'  ' if at else ''}{line}" for at, line in enumerate(wrap(said, columns - 4)))
    for one in document.get("notes", ()):
        yield from (
            f"  {'  ' if at else ''}{line}" for at, line in enumerate(wrap(printable(f"note: {one.text}"), columns - 4))
        )
    characters = sum(len(section["text"]) for section in sections)
    yield f"  {counted(len(sections), 'section')}, {counted(characters, 'character')}"
    yield ""
    yield "section  characters  heading"
    outer = ""
    for n, section in enumerate(sections, 1):
        part = f"  [{section['part']}]" if section["part"] != outer else ""
        outer = section["part"]
        page = f"  p. {section['page']}" if section["page"] else ""
        indent = "    " * (section["level"] - 1)
        room = max(20, columns - _FIGURES - len(indent))
        if section["number"] or section["heading"]:
            lines = wrap(printable(f"{section['path'][-1]}{part}{page}"), room) or [""]
        else:
            lines = [f"{cut('… ' + section['text'], room - len(part + page))}{part}{page}"]
        yield f"{n:>7}  {len(section['text']):>10,}  {indent}{lines[0]}"
        yield from (f"{'':<{_FIGURES}}{indent}{line}" for line in lines[1:])
    if removed:
        yield ""
        yield f"removed: {counted(len(removed), 'piece')}"
        for reason, text in removed:
            yield f"  {reason}: {cut(text, columns - len(reason) - 4)}"
    yield ""
