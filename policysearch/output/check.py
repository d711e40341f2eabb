"""Output of a check report, as text or JSON."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, TextIO

from policysearch.output.json import dump
from policysearch.output.terminal import counted, printable

if TYPE_CHECKING:
    from policysearch.indexing.checking import CheckReport
    from policysearch.indexing.removed_pieces import DocumentRemovals

__all__ = ["write_check_report"]

_MOST_LISTED = 50


def write_check_report(
    checked: CheckReport, output_format: str, out: TextIO, removals: Iterable[DocumentRemovals] | None = None
) -> None:
    """Write the report of a check, and the removed pieces of each document if requested."""
    if output_format == "json":
        listed: dict[str, Any] = {} if removals is None else {"removed": [one.to_dict() for one in removals]}
        out.write(dump({**checked.to_dict(), **listed}) + "\n")
        return
    for document in removals or ():
        if document.reason is not None:
            out.write(printable(f"{document.document_id}: {document.reason}").replace("\n", " ") + "\n")
        for piece in document.removed:
            where = f" (line {piece.line})" if piece.line is not None else ""
            said = f"{document.document_id}{where}: {piece.reason}: {' '.join(piece.text.split())}"
            out.write(printable(said) + "\n")
    lines = [*checked.damage, *(f"Built by another version: {one}." for one in checked.outdated)]
    sources = (*checked.differences, *checked.failed)
    lines += [f"{d.state:<8} {d.source}" + (f": {d.reason}" if d.reason else "") for d in sources]
    for line in lines[:_MOST_LISTED]:
        out.write(printable(line).replace("\n", " ") + "\n")
    if len(lines) > _MOST_LISTED:
        out.write(f"… and {len(lines) - _MOST_LISTED} more; all of them with --format json\n")
    if checked.damage:
        out.write("The index is corrupt, or of another version. Repair it with: policysearch check --repair\n")
        return
    out.write(
        f"The index is intact: generation {checked.generation}, {counted(checked.documents, 'document')}, "
        f"{counted(checked.sections, 'section')}.\n"
        f"{counted(checked.characters, 'character')} of text; {counted(checked.phrases, 'phrase')} searched for and "
        "found again.\n"
    )
    if checked.clean and checked.failed:
        out.write(
            f"It matches its {counted(checked.sources, 'source')}, except for {len(checked.failed)} that could not be "
            "read.\n"
        )
    elif checked.clean:
        out.write(f"It matches its {counted(checked.sources, 'source')}.\n")
    elif any(one.state == "vanished" for one in checked.differences):
        out.write(
            "Sources have vanished: if something is not mounted, mount it; if they were deleted, refresh the index "
            "with: policysearch index --allow-removals\n"
        )
    else:
        out.write("It is out of date with its sources. Refresh it with: policysearch index\n")
