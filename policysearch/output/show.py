"""Output of a section or a document, as text or JSON."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, TextIO

from policysearch.output.json import dump
from policysearch.output.terminal import Style, printable, width, wrap
from policysearch.text.shell import pasted

if TYPE_CHECKING:
    from policysearch.search.hits import View

__all__ = ["write_view"]


def write_view(shown: View, output_format: str, stream: TextIO, *, color: bool, columns: int) -> None:
    """Write the result of ``Index.show``: as text, json, csl, or its citation alone (cite)."""
    if output_format in ("json", "csl"):
        stream.write(dump(shown.to_dict() if output_format == "json" else [shown.to_csl()]) + "\n")
        return
    if output_format == "cite":
        stream.write(printable(shown.citation) + "\n")
        return
    style = Style(color)
    document = shown.document
    about = [document.get(name) for name in ("type", "issuer", "document_number", "region", "date", "status", "url")]
    for line in wrap(printable(document["title"] or document["document_id"]), columns):
        stream.write(f"{style.bold}{line}{style.end}\n")
    for line in wrap(printable(" · ".join(map(str, filter(None, about)))), columns) or [""]:
        stream.write(f"{style.dim}{line}{style.end}\n")
    for line in _about_versions(shown):
        stream.write(f"{style.dim}{printable(line)}{style.end}\n")
    for section in shown.in_context:
        stream.write("\n")
        if shown.around:
            mark = style.bold if section["section_id"] == shown.stored[0].section_id else style.dim
            stream.write(f"{mark}{printable(pasted(section['section_id']))}{style.end}\n")
        if shown.one and section["path"]:
            for line in wrap(printable(" › ".join(section["path"])), columns):
                stream.write(f"{style.dim}{line}{style.end}\n")
        for line in printable(section["text"]).rstrip("\n").split("\n"):
            for piece in wrap(line.strip(), columns) or [""]:
                stream.write(piece + "\n")
    if shown.one:
        near = (("before", shown.before), ("after", shown.after))
        around = [f"{name}: {pasted(value)}" for name, value in near if value]
        together = printable("   ".join(around))
        lines = [together] if width(together) <= columns else map(printable, around)
        stream.write("\n" + "".join(f"{style.dim}{line}{style.end}\n" for line in lines))


def _about_versions(shown: View) -> Iterator[str]:
    """Yield the place of the source, and the other versions."""
    yield shown.file or f"source: {shown.document['source']}"
    if shown.superseded_by is not None:
        yield f"superseded by {pasted(shown.superseded_by)}"
    for one in shown.versions:
        if one.document_id != shown.document["document_id"]:
            until = f", until {one.until} (inferred)" if one.until else ""
            since = f"since {one.since}{' (inferred)' if 'since' in one.inferred else ''}"
            told = " · ".join(filter(None, (one.version, one.status, since + until)))
            yield f"version: {pasted(one.document_id)}  {told}"
