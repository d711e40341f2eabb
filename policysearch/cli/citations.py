"""citations: print the places where documents cite others."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from policysearch.cli.destination import OutputOptions, output_options
from policysearch.cli.manifest import keep_manifest, manifest_option
from policysearch.cli.once import where_option
from policysearch.cli.options import filter_options, filters_of, index_option, opened_index, quiet_option
from policysearch.cli.waiting import waiting
from policysearch.output.citations import FORMATS, write_citations

__all__ = ["command"]


@click.command()
@click.option("--of", metavar="NAME", help="Print only the citations in this document or section.")
@click.option("--to", metavar="ID|REFERENCE", help="Print only citations of this document, section or article.")
@where_option("Read only sections that match QUERY.")
@manifest_option
@output_options(*FORMATS)
@filter_options
@index_option
@quiet_option
def command(
    of: str | None,
    to: str | None,
    where: str | None,
    document: tuple[str, ...],
    manifest: Path | None,
    output: OutputOptions,
    index_folder: str,
    quiet: bool,
    **options: Any,
) -> int:
    """Print the places where documents cite others, by title, short name or number.

    Relations: 依据 (根据…), 修改, 废止, 转发, 印发, and 引用 for any other.
    """
    asked: dict[str, Any] = {"of": of, "to": to, "where": where, "document": list(document)}
    asked["filters"] = filters_of(options)
    with opened_index(index_folder) as index, output.opened() as target:
        with waiting("Reading the references of the documents", quiet):
            found = index.citations(**asked)
        write_citations(found, target.stream, target.rendering)
        keep_manifest(target, manifest, index, asked)
    return 0
