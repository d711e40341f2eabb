"""Output of citations, in every format of the citations command."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import TYPE_CHECKING, TextIO

from policysearch.output.terminal import Style, counted, printable, width, wrap
from policysearch.text.shell import pasted

if TYPE_CHECKING:
    from policysearch.output.rendering import Rendering
    from policysearch.quoting.citations import Citations, Mention

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
        yield f"{style.bold}{printable(pasted(section_id))}{style.end}"
        for sentence, cited in groupby(several, lambda one: one.sentence):
            for one in cited:
                yield from _cited(one, style, columns)
            yield from (f"        {style.dim}{line}{style.end}" for line in wrap(printable(sentence), columns - 8))
    known_ones = sum(one.document_id is not None for one in found)
    yield f"{style.dim}{counted(len(found), 'citation')}, {known_ones:,} of documents of the index{style.end}"


def _cited(one: Mention, style: Style, columns: int) -> Iterator[str]:
    """Yield the relation, the name and the document: after the name, or below it for lack of space."""
    lines = wrap(printable(f"{one.relation}  {one.cited}{one.article or ''}"), columns - 4)
    known = printable(pasted(one.document_id)) if one.document_id else ""
    if known and width(lines[-1]) + width(known) + 6 <= columns:
        *lines, last = lines
        lines, known = [*lines, f"{last}  {style.dim}{known}{style.end}"], ""
    yield from (f"    {line}" for line in lines)
    if known:
        yield f"          {style.dim}{known}{style.end}"
