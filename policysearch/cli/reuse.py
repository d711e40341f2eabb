"""reuse: print the passages that documents share."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from policysearch.cli.destination import OutputOptions, output_options
from policysearch.cli.manifest import keep_manifest, manifest_option
from policysearch.cli.once import where_option
from policysearch.cli.options import Integers, filter_options, filters_of, index_option, opened_index, quiet_option
from policysearch.cli.waiting import waiting
from policysearch.output.reuse import FORMATS, write_passages

__all__ = ["command"]


@click.command()
@click.option(
    "--of",
    multiple=True,
    required=True,
    metavar="NAME",
    help="Print passages of this document; a pattern with * and ? selects several. Repeatable.",
)
@click.option(
    "--in",
    "among",
    multiple=True,
    metavar="ID",
    help="Compare with this document, or those of a pattern. Repeatable.  [default: all others]",
)
@click.option(
    "--min-length",
    type=Integers(15, 1_000_000),
    default=15,
    show_default=True,
    help="Minimum length of a passage, in characters without white space.",
)
@where_option("Compare only with sections that match QUERY.")
@manifest_option
@output_options(*FORMATS)
@filter_options
@index_option
@quiet_option
def command(
    of: tuple[str, ...],
    among: tuple[str, ...],
    min_length: int,
    where: str | None,
    document: tuple[str, ...],
    manifest: Path | None,
    output: OutputOptions,
    index_folder: str,
    quiet: bool,
    **options: Any,
) -> int:
    """Print the passages of documents that others contain word for word, and how many others contain each."""
    asked: dict[str, Any] = {"of": list(of), "among": list(among), "min_length": min_length, "where": where}
    asked |= {"document": list(document), "filters": filters_of(options)}
    with opened_index(index_folder) as index, output.opened() as to:
        with waiting("Comparing the documents", quiet):
            found = index.reuse(**asked)
        write_passages(found, to.stream, to.rendering)
        keep_manifest(to, manifest, index, asked)
    return 0
