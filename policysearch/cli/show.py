"""show: print a section or a document."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from policysearch.cli.options import (
    READABLE,
    Integers,
    color_option,
    completion,
    index_option,
    note,
    opened_index,
    quiet_option,
    screen,
)
from policysearch.text.shell import pasted

if TYPE_CHECKING:
    from policysearch.index import Index
    from policysearch.search.hits import View

__all__ = ["command"]

_UNWRAPPED = 1_000_000_000


@click.command()
@click.argument("name", nargs=-1, required=True, metavar="NAME", shell_complete=completion("document"))
@click.option("--context", type=Integers(0, 1_000), default=0, help="Also print this many sections before and after.")
@click.option("--cite", is_flag=True, help="Print only the citation, in the form used in official and legal texts.")
@click.option("--open", "opened", is_flag=True, help="Open the source file in the system's default program for it.")
@click.option(
    "--format",
    "output_format",
    type=click.Choice(["text", "json", "csl"]),
    default="text",
    show_default=True,
    help="Output format; csl: CSL-JSON, for citation managers.",
)
@index_option
@color_option
@quiet_option
def command(
    name: tuple[str, ...],
    context: int,
    cite: bool,
    opened: bool,
    output_format: str,
    index_folder: str,
    color: str,
    quiet: bool,
) -> int:
    """Print the section or the document called NAME, as text or JSON.

    NAME is an id or the path of a source; a citation (劳动合同法第三十九条,
    国办发〔2018〕126号); @3 for the third hit of the last search in this
    terminal; or a part that fits exactly one id.
    """
    typed = " ".join(name)
    with opened_index(index_folder) as index:
        shown = _found(index, index_folder, typed, context, quiet)
        if shown is None:
            return 1
        if opened:
            return _open(shown, quiet)
        out, colored, columns = screen(color)
        from policysearch.output.show import write_view

        # lines are not wrapped for programs
        columns = min(columns, READABLE) if out.isatty() else _UNWRAPPED
        write_view(shown, "cite" if cite else output_format, out, color=colored, columns=columns)
    return 0


def _found(index: Index, folder: str, name: str, context: int, quiet: bool) -> View | None:
    """Return the view of a name, and print notes on how it was read; None if nothing has the name."""
    rank = name[1:] if name[:1] in ("@", "＠") else ""
    named = index.find(name)
    if rank.isdecimal() and len(rank) < 10 and (named.view is None or named.remarks):
        from policysearch.cli.recent import kept_hit

        whole = kept_hit(index, folder, int(rank))
        note(f"{name} is {pasted(whole)}", quiet)
        return index.show(whole, context=context)
    if named.several:
        more = f"\n… and {len(named.several) - 10} more" if len(named.several) > 10 else ""
        listed = "\n".join(map(pasted, named.several[:10]))
        raise click.ClickException(f"'{name}' is part of {len(named.several)} ids; give one of them:\n{listed}{more}")
    for remark in named.remarks:
        note(remark, quiet)
    if named.view is None and not named.remarks:
        note(f"There is no section or document '{name}'. List the documents with: policysearch list", quiet)
    return index.show(named, context=context)


def _open(shown: View, quiet: bool) -> int:
    """Open the source of a document, else its address."""
    url = shown.document["url"] or ""
    target = shown.file or (url if url.startswith(("https://", "http://")) else None)
    if target is None:
        source = shown.document["source"]
        raise click.ClickException(f"The source '{source}' is not on this machine, and its document has no address.")
    note(target, quiet)
    if click.launch(target):
        raise click.ClickException(f"The system has no program that opens '{target}'.")
    return 0
