"""show: print a section or a document."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from policysearch.cli.options import color_option, completion, index_option, note, open_index, quiet_option, screen

if TYPE_CHECKING:
    from policysearch.search.hits import View

__all__ = ["command"]

_UNWRAPPED = 1_000_000_000


@click.command()
@click.argument("name", metavar="ID", shell_complete=completion("document"))
@click.option(
    "--context", type=click.IntRange(0, 1_000), default=0, help="Print so many sections before and after, too."
)
@click.option("--cite", is_flag=True, help="Print only the citation, as official and legal prose has it.")
@click.option("--open", "opened", is_flag=True, help="Open the source in the program that the system opens it with.")
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
    name: str,
    context: int,
    cite: bool,
    opened: bool,
    output_format: str,
    index_folder: str,
    color: str,
    quiet: bool,
) -> int:
    """Print the section or the document called ID, as text or JSON."""
    with open_index(index_folder) as index:
        shown = index.show(name, context=context)
        if shown is None:
            note(f"There is no section or document '{name}'. List the documents with: policysearch list", quiet)
            return 1
        if opened:
            return _open(shown, quiet)
        out, colored, columns = screen(color)
        from policysearch.output.show import write_view

        # lines are as long as those of the text where a program reads them
        columns = columns if out.isatty() else _UNWRAPPED
        write_view(shown, "cite" if cite else output_format, out, color=colored, columns=columns)
    return 0


def _open(shown: View, quiet: bool) -> int:
    """Open the source of a document, else its address."""
    url = shown.document["url"] or ""
    target = shown.file or (url if url.startswith(("https://", "http://")) else None)
    if target is None:
        source = shown.document["source"]
        raise click.ClickException(f"The source '{source}' is on none of the index's roots here, and has no address.")
    note(target, quiet)
    if click.launch(target):
        raise click.ClickException(f"The system has no program that opens '{target}'.")
    return 0
