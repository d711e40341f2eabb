"""show: print a section or a document."""

from __future__ import annotations

import click

from policysearch.cli.options import color_option, index_option, note, open_index, quiet_option, screen

__all__ = ["command"]


@click.command()
@click.argument("name", metavar="ID")
@click.option(
    "--format",
    "output_format",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="Output format.",
)
@index_option
@color_option
@quiet_option
def command(name: str, output_format: str, index_folder: str, color: str, quiet: bool) -> int:
    """Print the section or the document called ID, as text or JSON."""
    with open_index(index_folder) as index:
        shown = index.show(name)
        if shown is None:
            note(f"There is no section or document '{name}'. List the documents with: policysearch list", quiet)
            return 1
        out, colored, columns = screen(color)
        from policysearch.output.show import write_view

        write_view(shown, output_format, out, color=colored, columns=columns)
    return 0
