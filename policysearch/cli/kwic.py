"""kwic: print every occurrence of a phrase in context."""

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
    duplicates_of,
    duplicates_option,
    filter_options,
    filters_of,
    index_option,
    note,
    open_index,
    quiet_option,
    tell_of_inside,
    word_option,
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
    help="Columns of context on each side; a Chinese character takes two.  [default: 60; in text as many as fit]",
)
@click.option(
    "--sort",
    type=click.Choice(ORDERS),
    default="position",
    show_default=True,
    help="Order of the lines; left and right: by the context on that side, read outwards from the match.",
)
@click.option("--sample", type=AMOUNT, metavar="N", help="Print a random sample of N occurrences.")
@click.option("--seed", type=SEED, default=0, show_default=True, help="Random seed of the sample.")
@click.option("--where", metavar="QUERY", help="Search only in sections that match QUERY.")
@word_option
@duplicates_option()
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
    word: bool,
    duplicates: str | None,
    output_format: str | None,
    output: Path | None,
    raw: bool,
    bom: bool,
    color: str,
    index_folder: str,
    quiet: bool,
    **options: Any,
) -> int:
    """Print every occurrence of PHRASE in context.

    PHRASE is literal. start is an offset in the section's text, in characters.
    """
    with open_index(index_folder) as index, destination(output_format, output, color, FORMATS) as to:
        from policysearch.output.kwic import LINE_FORMATS, write_concordance, write_lines

        query = QueryCommand.query(phrase)
        asked: dict[str, Any] = {"where": where, "word": word, "filters": filters_of(options)}
        asked["duplicates"] = duplicates_of(duplicates, to.format)
        if width is not None:
            asked["width"] = width
        if to.format in LINE_FORMATS and sort == "position" and sample is None:
            lines = index.kwic_lines(query, **asked)
            total = write_lines(lines, to.format, to.stream, raw=raw, bom=bom)
            inside = lines.inside
        else:
            concordance = index.kwic(query, sort=sort, sample=sample, seed=seed, **asked)
            total, inside = concordance.total, concordance.inside
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
    tell_of_inside(inside, "place", "places", quiet)
    if not total:
        note("Nothing found.", quiet or not on_terminal())
    return 0 if total else 1
