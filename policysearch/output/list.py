"""Output of documents, or of the values of a field, in every format of the list command."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TextIO

from policysearch.output.terminal import Style, counted, printable, shortened, wrap
from policysearch.text.shell import pasted
from policysearch.text.width import width

if TYPE_CHECKING:
    from policysearch.corpus.listing import DocumentRow, FieldValue
    from policysearch.indexing.near_duplicates import NearDuplicate
    from policysearch.indexing.unused import UnusedSource
    from policysearch.output.rendering import Rendering

__all__ = ["FORMATS", "near_said", "write_documents", "write_near_duplicates", "write_unused", "write_values"]

FORMATS = ("text", "json", "jsonl", "csv", "tsv", "xlsx")
NEAR_COLUMNS = ("document_id", "near_duplicate_of", "shared", "sentences")
UNUSED_COLUMNS = ("source", "state", "reason", "root")


def write_documents(
    documents: Sequence[DocumentRow], stream: TextIO, rendering: Rendering, *, limit: int | None = None
) -> None:
    """Write the first documents, and in text the number of all."""
    from policysearch.corpus.listing import COLUMNS

    if rendering.format != "text":
        _write_rows([one.to_dict() for one in documents[:limit]], COLUMNS, stream, rendering)
        return
    style, columns = Style(rendering.color), rendering.columns
    for one in documents[:limit]:
        about = [one.type, one.region, one.year if one.date is None else one.date, one.document_number, one.status]
        many = counted(one.sections, "section")
        said = " · ".join(str(part) for part in (*about, many) if part is not None)
        if one.duplicate_of is not None:
            said += f" · repeats {one.duplicate_of}"
        if one.duplicates:
            said += f" · the same as {', '.join(map(pasted, one.duplicates))}"
        for line in wrap(printable(pasted(one.document_id)), columns):
            stream.write(f"{style.bold}{line}{style.end}\n")
        for text in (one.title, said):
            for line in wrap(printable(text or ""), columns - 4):
                stream.write(f"    {line}\n")
    sections = sum(one.sections for one in documents)
    folded = sum(len(one.duplicates or ()) for one in documents)
    copies = f" ({len(documents) + folded} with copies)" if folded else ""
    cut = f"{limit:,} of " if limit is not None and limit < len(documents) else ""
    many = counted(len(documents), "document")
    stream.write(f"{style.dim}{cut}{many}{copies}, {counted(sections, 'section')}{style.end}\n")


def write_near_duplicates(near: Sequence[NearDuplicate], stream: TextIO, rendering: Rendering) -> None:
    """Write the documents that share nearly all of their sentences with an earlier one."""
    if rendering.format != "text":
        _write_rows([one._asdict() for one in near], NEAR_COLUMNS, stream, rendering)
        return
    style, columns = Style(rendering.color), rendering.columns
    for one in near:
        for line in wrap(printable(pasted(one.document_id)), columns):
            stream.write(f"{style.bold}{line}{style.end}\n")
        for line in wrap(printable(near_said(one)), columns - 4):
            stream.write(f"    {line}\n")
    stream.write(f"{style.dim}{counted(len(near), 'document')}{style.end}\n")


def near_said(one: NearDuplicate) -> str:
    """Return a phrase with the number of sentences that a document shares with another one."""
    return f"shares {one.shared:,} of {one.sentences:,} sentences with {one.near_duplicate_of}"


def write_unused(sources: Sequence[UnusedSource], stream: TextIO, rendering: Rendering) -> None:
    """Write the sources that are not in the index, and the reasons."""
    if rendering.format != "text":
        _write_rows([one._asdict() for one in sources], UNUSED_COLUMNS, stream, rendering)
        return
    style = Style(rendering.color)
    for one in sources:
        stream.write(_line(f"{one.source}: {one.reason}") + "\n")
    many = f"{len(sources):,} {sources[0].state}" if sources else "0 sources"
    stream.write(f"{style.dim}{many}{style.end}\n")


def write_values(values: Sequence[FieldValue], field: str, stream: TextIO, rendering: Rendering) -> None:
    """Write a field's values, under the field's name."""
    if rendering.format != "text":
        rows = [{field: one.value, "documents": one.documents, "sections": one.sections} for one in values]
        _write_rows(rows, (field, "documents", "sections"), stream, rendering)
        return
    style = Style(rendering.color)
    most = max(20, rendering.room - 21)
    names = [field, *("(none)" if one.value is None else shortened(_line(str(one.value)), most) for one in values)]
    first = ["documents", *(f"{one.documents:,}" for one in values)]
    second = ["sections", *(f"{one.sections:,}" for one in values)]
    room = max(map(width, names))
    for at, (name, documents, sections) in enumerate(zip(names, first, second, strict=True)):
        line = f"{name}{' ' * (room - width(name))}  {documents:>9}  {sections:>8}"
        stream.write(f"{style.dim}{line}{style.end}\n" if at == 0 else line + "\n")


def _line(text: str) -> str:
    return printable(text).replace("\n", " ")


def _write_rows(rows: Sequence[dict[str, Any]], columns: Sequence[str], stream: TextIO, rendering: Rendering) -> None:
    rendering.records(stream, lambda: rows, rows, columns, _cells)


def _cells(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _joined(name, cell) if isinstance(cell, list) else cell for name, cell in row.items()}


def _joined(name: str, values: Sequence[str]) -> str:
    return (" " if name == "duplicates" else ",").join(values)
