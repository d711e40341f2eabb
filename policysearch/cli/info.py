"""info: show the contents of the index, and how it was built."""

from __future__ import annotations

import click

from policysearch.cli.hints import hinted
from policysearch.cli.options import READABLE, index_option, opened_index, quiet_option, screen

__all__ = ["command"]


@click.command()
@click.option(
    "--format",
    "output_format",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="Output format.",
)
@click.option("-v", "--verbose", is_flag=True, help="Print versions and fingerprints too.")
@index_option
@quiet_option
def command(output_format: str, verbose: bool, index_folder: str, quiet: bool) -> int:
    """Show the contents of the index: counts and sizes, dates, places, years, types, roots, and sources that failed."""
    import policysearch
    from policysearch.output.info import detail_lines, info_lines
    from policysearch.output.json import dump

    out, _, columns = screen("never")
    with opened_index(index_folder) as index:
        if output_format == "json":
            out.write(dump(index.info) + "\n")
            return 0
        failed = policysearch.unused_sources(index_folder, state="failed") if index.info["failed"] else []
        lines = [
            *info_lines(index, failed, min(columns, READABLE))
        ]  # before anything is printed: a cluster may fail meanwhile
        if verbose:
            lines += ["", *detail_lines(index.info, min(columns, READABLE))]
        hinted(out).writelines(line + "\n" for line in lines)
    return 0
