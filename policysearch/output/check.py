"""What a check found, as text or JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

from policysearch.output.json import dump
from policysearch.output.terminal import printable

if TYPE_CHECKING:
    from policysearch.indexing.checking import Checked

__all__ = ["write_checked"]

_MOST_LISTED = 50


def write_checked(checked: Checked, output_format: str, out: TextIO) -> None:
    """Write the account of a check."""
    if output_format == "json":
        out.write(dump(checked.to_dict()) + "\n")
        return
    lines = [*checked.damage, *(f"Made by another version: {one}." for one in checked.outdated)]
    lines += [f"{d.state:<8} {d.source}" + (f": {d.reason}" if d.reason else "") for d in checked.differences]
    for line in lines[:_MOST_LISTED]:
        out.write(printable(line).replace("\n", " ") + "\n")
    if len(lines) > _MOST_LISTED:
        out.write(f"… and {len(lines) - _MOST_LISTED} more; all of them with --format json\n")
    if checked.damage:
        out.write("The index cannot be trusted. Mend it with: policysearch check --repair\n")
        return
    out.write(
        f"The index is whole: generation {checked.generation}, {checked.documents} documents, {checked.sections} "
        f"sections, {checked.characters} characters; {checked.phrases} phrases found again.\n"
    )
    if checked.clean:
        out.write(f"It says what its {checked.sources} sources say.\n")
    else:
        out.write("It does not say what its sources say now. Refresh it with: policysearch index\n")
