"""Output of shared passages, in every format of the reuse command."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, TextIO

from policysearch.output.json import dump
from policysearch.output.terminal import Style, printable, wrap

if TYPE_CHECKING:
    from policysearch.output.rendering import Rendering
    from policysearch.quoting.reuse import Reuse

__all__ = ["FORMATS", "write_passages"]

FORMATS = ("text", "json", "jsonl", "csv", "tsv", "xlsx")


def write_passages(found: Reuse, stream: TextIO, rendering: Rendering) -> None:
    """Write passages: json as one object, jsonl, csv and tsv a line for each; ids joined by a space."""
    if rendering.format == "text":
        stream.writelines(line + "\n" for line in _text(found, Style(rendering.color), rendering.columns))
    elif rendering.format == "json":
        stream.write(dump(found.to_dict()) + "\n")
    elif rendering.format == "jsonl":
        stream.writelines(dump(one.to_dict()) + "\n" for one in found)
    else:
        from policysearch.quoting.reuse import COLUMNS

        table = rendering.table(stream, COLUMNS)
        for one in found:
            row = {**one.to_dict(), "text": " ".join(one.text.split()), "document_ids": " ".join(one.document_ids)}
            table.row(row)


def _text(found: Reuse, style: Style, columns: int) -> Iterator[str]:
    for one in found:
        more = f" and {one.documents - 1} more" if one.documents > 1 else ""
        yield f"{style.bold}{printable(one.section_id)}{style.end}  {printable(one.document_ids[0])}{more}"
        yield from ("    " + line for line in wrap(printable(" ".join(one.text.split())), columns - 4))
    yield f"{style.dim}{len(found)} {'passage' if len(found) == 1 else 'passages'}{style.end}"
