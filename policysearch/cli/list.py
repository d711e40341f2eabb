"""list: the documents of the index, or the values of a field."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from policysearch.cli.destination import destination, output_options
from policysearch.cli.options import filter_options, filters_of, index_option, open_index, quiet_option
from policysearch.output.list import FORMATS
from policysearch.vocabulary import LIST_FIELDS

__all__ = ["command"]


@click.command()
@click.option(
    "--by",
    type=click.Choice(LIST_FIELDS),
    metavar="FIELD",
    help=f"List the values of FIELD instead, and how many documents and sections have each: {', '.join(LIST_FIELDS)}.",
)
@output_options(*FORMATS)
@filter_options
@index_option
@quiet_option
def command(
    by: str | None,
    output_format: str | None,
    output: Path | None,
    raw: bool,
    bom: bool,
    color: str,
    index_folder: str,
    quiet: bool,
    **options: Any,
) -> int:
    """List the documents of the index, in order of their ids."""
    from policysearch.output.list import write_documents, write_values

    filters = filters_of(options)
    with open_index(index_folder) as index, destination(output_format, output, color, FORMATS) as to:
        if by is not None:
            values = index.values(by, filters=filters)
            write_values(values, by, to.format, to.stream, color=to.colored, raw=raw, bom=bom)
        else:
            documents = index.documents(filters=filters)
            write_documents(documents, to.format, to.stream, color=to.colored, columns=to.columns, raw=raw, bom=bom)
    return 0
