"""kwic: every place of a phrase in its context."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from policysearch.cli.destination import destination, on_terminal, output_options
from policysearch.cli.options import (
    AMOUNT,
    COLUMNS,
    SEED,
    QueryCommand,
    filter_options,
    filters_of,
    index_option,
    note,
    open_index,
    quiet_option,
)
from policysearch.corpus.concordance import ORDERS
from policysearch.output.kwic import FORMATS

__all__ = ["command"]


@click.command(cls=QueryCommand)
@click.argument("phrase", nargs=-1, required=True)
@click.option(
    "--width",
    type=COLUMNS,
    metavar="COLUMNS",
    help="Most columns of context on each side; a Chinese character takes two.  [default: 60; in text what fits]",
)
@click.option(
    "--sort",
    type=click.Choice(ORDERS),
    default="position",
    show_default=True,
    help="Order of the lines; left and right: by what stands there, read from the match outwards.",
)
@click.option("--sample", type=AMOUNT, metavar="N", help="Only N places, drawn by chance.")
@click.option("--seed", type=SEED, default=0, show_default=True, help="Which sample; the same seed draws the same.")
@click.option("--where", metavar="QUERY", help="Look only in the sections that have all that QUERY asks for.")
@output_options(*FORMATS)
@filter_options
@index_option
@quiet_option
def command(
    phrase: tuple[str, ...],
    width: int | None,
    sort: str,
    sample: int | None,
    seed: int,
    where: str | None,
    output_format: str | None,
    output: Path | None,
    raw: bool,
    bom: bool,
    color: str,
    index_folder: str,
    quiet: bool,
    **options: Any,
) -> int:
    """Print every place where PHRASE stands in a section, in its context.

    PHRASE is taken literally. start counts characters of the section's text.
    """
    with open_index(index_folder) as index, destination(output_format, output, color, FORMATS) as to:
        from policysearch.output.kwic import LINE_FORMATS, write_concordance, write_lines

        query = QueryCommand.query(phrase)
        asked: dict[str, Any] = {"where": where, "filters": filters_of(options)}
        if width is not None:
            asked["width"] = width
        if to.format in LINE_FORMATS and sort == "position" and sample is None:
            total = write_lines(index.kwic_lines(query, **asked), to.format, to.stream, raw=raw, bom=bom)
        else:
            concordance = index.kwic(query, sort=sort, sample=sample, seed=seed, **asked)
            total = concordance.total
            write_concordance(
                concordance,
                to.format,
                to.stream,
                asked_width=width,
                color=to.colored,
                columns=to.columns,
                raw=raw,
                bom=bom,
            )
    if not total:
        note("Nothing found.", quiet or not on_terminal())
    return 0 if total else 1
