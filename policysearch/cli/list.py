"""list: list the documents of the index, or the values of a field."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from policysearch.cli.destination import OutputOptions, output_options
from policysearch.cli.manifest import keep_manifest, manifest_option
from policysearch.cli.once import where_option
from policysearch.cli.options import (
    AMOUNT,
    duplicates_of,
    duplicates_option,
    filter_options,
    filters_of,
    index_option,
    opened_index,
    quiet_option,
)
from policysearch.cli.waiting import waiting
from policysearch.output.list import FORMATS
from policysearch.vocabulary import DOCUMENT_SORTS, LIST_FIELDS

__all__ = ["command"]


@click.command()
@click.option(
    "--by",
    type=click.Choice(LIST_FIELDS),
    metavar="FIELD",
    help=f"List the values of FIELD instead, with counts of documents and sections: {', '.join(LIST_FIELDS)}.",
)
@where_option("List only documents with sections that match QUERY.")
@click.option("--title", metavar="TEXT", help="List only documents whose title contains TEXT.")
@click.option(
    "--sort",
    type=click.Choice(DOCUMENT_SORTS),
    default="document",
    show_default=True,
    help="Order of the documents; with a minus, the latest or largest first.",
)
@click.option("-n", "--limit", type=AMOUNT, metavar="N", help="List only the first N documents or values.")
@duplicates_option()
@click.option("--skipped", is_flag=True, help="List the files without a document (pictures, empty files) instead.")
@click.option("--failed", is_flag=True, help="List the files that could not be read instead, with the reason.")
@click.option(
    "--near-duplicates",
    is_flag=True,
    help="List the documents that share 95 % of their sentences with another one instead.",
)
@manifest_option
@output_options(*FORMATS)
@filter_options
@index_option
@quiet_option
def command(
    by: str | None,
    where: str | None,
    title: str | None,
    sort: str,
    limit: int | None,
    duplicates: str | None,
    skipped: bool,
    failed: bool,
    near_duplicates: bool,
    manifest: Path | None,
    output: OutputOptions,
    index_folder: str,
    quiet: bool,
    **options: Any,
) -> int:
    """List the documents of the index.

    With --skipped or --failed: the sources of which it has nothing, and why.
    """
    from policysearch.output.list import write_documents, write_unused, write_values

    filters = filters_of(options)
    if by is not None and sort != "document":
        raise click.UsageError(
            "--sort orders documents; it cannot be combined with --by, whose values have an order of their own."
        )
    selecting = (
        by is not None or filters or where is not None or title is not None or manifest is not None or limit is not None
    )
    if near_duplicates:
        import policysearch
        from policysearch.output.list import write_near_duplicates

        if skipped or failed or selecting:
            raise click.UsageError(
                "--near-duplicates cannot be combined with --by, --skipped, --failed, --manifest, -n or filters."
            )
        with waiting("Comparing the documents", quiet):
            near = policysearch.near_duplicates(index_folder)
        with output.opened() as to:
            write_near_duplicates(near, to.stream, to.rendering)
        return 0
    if skipped or failed:
        import policysearch

        if (skipped and failed) or selecting:
            raise click.UsageError(
                "--skipped and --failed cannot be combined with each other, --by, --manifest, -n or filters."
            )
        unused = policysearch.unused_sources(index_folder, state="skipped" if skipped else "failed")
        with output.opened() as to:
            write_unused(unused, to.stream, to.rendering)
        return 0
    selected: dict[str, Any] = {"where": where, "title": title, "filters": filters}
    with opened_index(index_folder) as index, output.opened() as to:
        if by is not None:
            values = index.values(by, **selected, duplicates=duplicates or "fold")
            write_values(values[:limit], by, to.stream, to.rendering)
        else:
            documents = index.documents(**selected, sort=sort, duplicates=duplicates_of(duplicates, to.format))
            write_documents(documents, to.stream, to.rendering, limit=limit)
        run = {**selected, "by": by, "sort": sort, "limit": limit, "duplicates": duplicates_of(duplicates, to.format)}
        keep_manifest(to, manifest, index, run)
    return 0
