"""export: write the index as tables for other programs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from policysearch.cli.destination import WRITTEN
from policysearch.cli.manifest import manifest_of, manifest_option, write_manifest
from policysearch.cli.once import where_option
from policysearch.cli.options import (
    filter_options,
    filters_of,
    index_option,
    note,
    opened_index,
    quiet_option,
)
from policysearch.cli.waiting import waiting
from policysearch.vocabulary import MATCH_MODES

__all__ = ["command"]


@click.command()
@click.option(
    "--sqlite",
    metavar="FILE",
    type=WRITTEN,
    help="Write an SQLite file, atomically.",
)
@click.option(
    "--parquet",
    metavar="DIR",
    type=click.Path(path_type=Path, file_okay=False),
    help="Write one Parquet file for each table into DIR, atomically.",
)
@click.option(
    "--query",
    "queries",
    multiple=True,
    metavar="QUERY",
    help="Also write the hits and matches of QUERY. Repeat for more queries.",
)
@click.option(
    "--match",
    type=click.Choice(MATCH_MODES),
    default="all",
    show_default=True,
    help="How queries match: all words, any word, exact phrases; auto: as search does.",
)
@where_option("Write only sections that match QUERY.")
@manifest_option
@filter_options
@index_option
@quiet_option
def command(
    sqlite: Path | None,
    parquet: Path | None,
    queries: tuple[str, ...],
    match: str,
    where: str | None,
    document: tuple[str, ...],
    manifest: Path | None,
    index_folder: str,
    quiet: bool,
    **options: Any,
) -> int:
    """Write documents, sections, targets and matches as tables for other programs.

    Tables: documents, sections (with text), targets, hits and matches (of --query), manifest.
    """
    written = {"sqlite": sqlite, "parquet": parquet}
    if not any(written.values()):
        raise click.UsageError("Add --sqlite FILE, --parquet DIR or both.")
    from policysearch.output.export.export import export_tables

    asked: dict[str, Any] = {
        "queries": list(queries),
        "match": match,
        "where": where,
        "document": list(document),
        "filters": filters_of(options),
    }
    with opened_index(index_folder) as index:
        made_of = manifest_of(index, {**asked, "format": [name for name, path in written.items() if path]})
        with waiting("Writing the tables", quiet):
            rows = export_tables(index, sqlite=sqlite, parquet=parquet, manifest=made_of, **asked)
        if manifest is not None:
            write_manifest(manifest, made_of)
    of_queries = () if queries else ("hits", "matches")
    note(", ".join(f"{many:,} {name}" for name, many in rows.items() if name not in ("manifest", *of_queries)), quiet)
    return 0
