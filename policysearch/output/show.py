"""Output of a section or a document, as text or JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

from policysearch.output.json import dump
from policysearch.output.terminal import Style, printable, wrap

if TYPE_CHECKING:
    from policysearch.search.hits import View

__all__ = ["write_view"]


def write_view(shown: View, output_format: str, stream: TextIO, *, color: bool, columns: int) -> None:
    """Write the result of ``Index.show``."""
    if output_format == "json":
        stream.write(dump(shown.to_dict()) + "\n")
        return
    style = Style(color)
    document = shown.document
    about = [document.get(name) for name in ("type", "issuer", "document_number", "region", "date", "status", "url")]
    stream.write(f"{style.bold}{printable(document['title'] or document['document_id'])}{style.end}\n")
    stream.write(f"{style.dim}{printable(' · '.join(map(str, filter(None, about))))}{style.end}\n")
    for section in shown.sections:
        stream.write("\n")
        if shown.one and section["path"]:
            stream.write(f"{style.dim}{printable(' › '.join(section['path']))}{style.end}\n")
        for line in printable(section["text"]).rstrip("\n").split("\n"):
            for piece in wrap(line.strip(), columns) or [""]:
                stream.write(piece + "\n")
    if shown.one:
        around = [f"{name}: {value}" for name, value in (("before", shown.before), ("after", shown.after)) if value]
        stream.write(f"\n{style.dim}{printable('   '.join(around))}{style.end}\n")
