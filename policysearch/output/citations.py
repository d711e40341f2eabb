"""Output of citations, in every format of the citations command."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import TYPE_CHECKING, TextIO

from policysearch.output.terminal import Style, printable, wrap

if TYPE_CHECKING:
    from policysearch.output.rendering import Rendering
    from policysearch.quoting.citations import Citations

__all__ = ["FORMATS", "write_citations"]

FORMATS = ("text", "json", "jsonl", "csv", "tsv", "xlsx")


def write_citations(found: Citations, stream: TextIO, rendering: Rendering) -> None:
    """Write citations: json as one object, jsonl, csv and tsv a line for each."""
    if rendering.format == "text":
        stream.writelines(line + "\n" for line in _text(found, Style(rendering.color), rendering.columns))
    else:
        from policysearch.quoting.citations import COLUMNS

        rendering.records(stream, found.to_dict, (one.to_dict() for one in found), COLUMNS)


def _text(found: Citations, style: Style, columns: int) -> Iterator[str]:
    for section_id, several in groupby(found, lambda one: one.section_id):
        yield f"{style.bold}{printable(section_id)}{style.end}"
        for sentence, cited in groupby(several, lambda one: one.sentence):
            for one in cited:
                named = f"{one.relation}  {one.cited}{one.article or ''}"
                known = f"  {style.dim}{printable(one.document_id)}{style.end}" if one.document_id else ""
                yield f"    {printable(named)}{known}"
            yield from (f"        {style.dim}{line}{style.end}" for line in wrap(printable(sentence), columns - 8))
    known_ones = sum(one.document_id is not None for one in found)
    many = f"{len(found)} {'citation' if len(found) == 1 else 'citations'}"
    yield f"{style.dim}{many}, {known_ones} of documents of the index{style.end}"
