"""Output of shared passages, in every format of the reuse command."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, TextIO

from policysearch.output.terminal import Style, counted, printable, width, wrap
from policysearch.text.shell import pasted

if TYPE_CHECKING:
    from policysearch.output.rendering import Rendering
    from policysearch.quoting.reuse import Reuse

__all__ = ["FORMATS", "write_passages"]

FORMATS = ("text", "json", "jsonl", "csv", "tsv", "xlsx")


def write_passages(found: Reuse, stream: TextIO, rendering: Rendering) -> None:
    """Write passages: json as one object, jsonl, csv and tsv a line for each; ids joined by a space."""
    if rendering.format == "text":
        stream.writelines(line + "\n" for line in _text(found, Style(rendering.color), rendering.columns))
    else:
        from policysearch.quoting.reuse import COLUMNS

        rendering.records(stream, found.to_dict, (one.to_dict() for one in found), COLUMNS, _cells)


def _cells(row: Mapping[str, Any]) -> dict[str, Any]:
    return {**row, "text": " ".join(row["text"].split()), "document_ids": " ".join(row["document_ids"])}


def _text(found: Reuse, style: Style, columns: int) -> Iterator[str]:
    for one in found:
        more = f" and {one.documents - 1:,} more" if one.documents > 1 else ""
        name, other = printable(pasted(one.section_id)), printable(pasted(one.document_ids[0])) + more
        beside = width(name) + 2 + width(other) <= columns
        yield f"{style.bold}{name}{style.end}" + (f"  {other}" if beside else "")
        if not beside:
            yield f"    {style.dim}{other}{style.end}"
        yield from ("    " + line for line in wrap(printable(" ".join(one.text.split())), columns - 4))
    yield f"{style.dim}{counted(len(found), 'passage')}{style.end}"
