"""targets: print the targets that reports state."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from policysearch.cli.destination import OutputOptions, output_options
from policysearch.cli.manifest import keep_manifest, manifest_option
from policysearch.cli.once import where_option
from policysearch.cli.options import (
    LINES,
    filter_options,
    filters_of,
    index_option,
    note,
    opened_index,
    quiet_option,
)
from policysearch.cli.waiting import waiting
from policysearch.output.targets import FORMATS
from policysearch.output.terminal import counted

__all__ = ["command"]


@click.command()
@click.option(
    "--indicator",
    multiple=True,
    metavar="NAME",
    help="Filter by indicator, in any form of its name: 地区生产总值, GDP. Repeat for alternatives.  [default: all]",
)
@click.option(
    "--indicators",
    "indicators_file",
    metavar="FILE",
    type=LINES,
    help="Add the indicators of FILE (- is stdin): one name per line; or name, tab, term.",
)
@click.option(
    "--kind",
    "kinds",
    multiple=True,
    type=click.Choice(["target", "actual"]),
    default=("target",),
    show_default=True,
    help="Targets, or results of past years. Repeat for both.",
)
@click.option("--everywhere", is_flag=True, help="Include targets for the year outside the targets passage.")
@click.option(
    "--fill", is_flag=True, help="Write a row with operator none for each indicator without a target in a report."
)
@click.option("--wide", is_flag=True, help="Write one row per report and horizon, with columns for the indicators.")
@where_option("Read only sections that match QUERY.")
@manifest_option
@output_options(*FORMATS)
@filter_options
@index_option
@quiet_option
def command(
    indicator: tuple[str, ...],
    indicators_file: Any,
    kinds: tuple[str, ...],
    everywhere: bool,
    fill: bool,
    wide: bool,
    where: str | None,
    document: tuple[str, ...],
    manifest: Path | None,
    output: OutputOptions,
    index_folder: str,
    quiet: bool,
    **options: Any,
) -> int:
    """Print the targets that reports state: indicator, value, horizon, and the sentence.

    Reads work reports, other reports and plans, or the types given by --type.
    Prints one row per report, indicator, figure, horizon and kind.
    """
    from policysearch.output.targets import write_targets

    more = None
    if indicators_file is not None:
        from policysearch.corpus.term_dictionary import read_terms

        more = read_terms(indicators_file, indicators_file.name)
    asked: dict[str, Any] = {
        "kinds": list(dict.fromkeys(kinds)),
        "everywhere": everywhere,
        "fill": fill,
        "where": where,
        "document": list(document),
        "filters": filters_of(options),
    }
    with opened_index(index_folder) as index, output.opened() as to:
        with waiting("Reading the targets of the documents", quiet):
            found = index.targets(indicator, more=more, **asked)
        write_targets(found, to.stream, to.rendering, wide=wide)
        run = {**asked, "indicators": list(indicator), "more": more, "wide": wide}
        keep_manifest(to, manifest, index, run)
    if found.elsewhere:
        note(
            f"{counted(found.elsewhere, 'more target')} {'is' if found.elsewhere == 1 else 'are'} outside the targets "
            "passages; include them with --everywhere.",
            quiet,
        )
    return 0
