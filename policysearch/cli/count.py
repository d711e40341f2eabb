"""count: count occurrences, sections and documents of literal terms."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from policysearch.cli.corpus import fields_of
from policysearch.cli.destination import OutputOptions, output_options
from policysearch.cli.manifest import keep_manifest, manifest_option
from policysearch.cli.once import where_option
from policysearch.cli.options import (
    QueryCommand,
    completion,
    counted_duplicates_option,
    filter_options,
    filters_of,
    index_option,
    note,
    opened_index,
    quiet_option,
    tell_of_inside,
    tell_of_names_in,
    word_option,
)
from policysearch.cli.plot import Plotting, plot_options
from policysearch.cli.terms import dictionary_options, tell_of_absent, terms_in_manifest, terms_typed
from policysearch.cli.waiting import waiting
from policysearch.corpus.panels import ACROSS, VALUES
from policysearch.output.count import FORMATS
from policysearch.vocabulary import COUNT_FIELDS

if TYPE_CHECKING:
    from policysearch.corpus.counts import Counts

__all__ = ["command"]


@click.command(cls=QueryCommand)
@click.argument("term", nargs=-1)
@dictionary_options
@click.option(
    "--by",
    multiple=True,
    metavar="FIELDS",
    shell_complete=completion("groups"),
    help=f"Group the counts by these fields, separated by commas: {', '.join(COUNT_FIELDS)}.",
)
@where_option("Count only in sections that match QUERY.")
@click.option(
    "--longest", is_flag=True, help="Count only the longest term at each place, so that no character counts twice."
)
@word_option
@counted_duplicates_option
@click.option("--no-duplicates", is_flag=True, help="The same as --duplicates hide.")
@click.option("--fill", is_flag=True, help="Include combinations of values without documents, as NA.")
@click.option("--nonzero", is_flag=True, help="Leave out rows of terms that do not occur in their group.")
@click.option(
    "--sort",
    metavar="COLUMN",
    help="Sort the rows by a column; -COLUMN: greatest first.  [default: places by their code, years rising]",
)
@click.option("--wide", type=click.Choice(ACROSS), help="Write a column for each year or term.")
@click.option(
    "--value",
    type=click.Choice(VALUES),
    default=VALUES[0],
    show_default=True,
    help="Values in the columns of --wide.",
)
@click.option(
    "--dispersion",
    is_flag=True,
    help="Add the number of documents of the group that contain the term (range), and how unevenly it is spread over "
    "them (Gries' DP; 0: evenly).",
)
@manifest_option
@plot_options
@output_options(*FORMATS)
@filter_options
@index_option
@quiet_option
def command(
    term: tuple[str, ...],
    by: tuple[str, ...],
    where: str | None,
    longest: bool,
    word: bool,
    duplicates: str,
    no_duplicates: bool,
    fill: bool,
    nonzero: bool,
    sort: str | None,
    wide: str | None,
    value: str,
    dispersion: bool,
    document: tuple[str, ...],
    manifest: Path | None,
    output: OutputOptions,
    index_folder: str,
    quiet: bool,
    **options: Any,
) -> int:
    """Count how often each TERM occurs in the texts, literally.

    Overlapping occurrences count once. documents_in_group and characters (Han)
    are totals over all selected documents, with or without the term.
    """
    plot = Plotting(options)
    if wide is None and value != VALUES[0]:
        raise click.UsageError(f"--value selects the values of a wide table; add --wide {' or --wide '.join(ACROSS)}.")
    if wide is not None and dispersion:
        raise click.UsageError("--dispersion adds columns to rows, which a wide table does not have. Leave out one.")
    dictionary = terms_typed(QueryCommand.typed(term), options, quiet)
    asked: dict[str, Any] = {
        "by": fields_of(by),
        "where": where,
        "longest": longest,
        "duplicates": "hide" if no_duplicates else duplicates,
        "fill": fill,
        "word": word,
        "nonzero": nonzero,
        "dispersion": dispersion,
        "document": list(document),
        "filters": filters_of(options),
    }
    tell_of_names_in(where, quiet)
    with opened_index(index_folder) as index, output.opened() as to:
        with waiting("Counting", quiet):
            counts = index.count(dictionary, **asked)
        incomplete = plot.draw(counts)
        from policysearch.output.count import write_counts

        if sort is None and wide is None:
            write_counts(counts, to.stream, to.rendering)
        else:
            from policysearch.corpus.panels import panel
            from policysearch.output.statistics import write_table

            write_table(panel(counts, sort=sort, wide=wide, value=value), to.stream, to.rendering)
        shape = {"sort": sort, "wide": wide, "value": value}
        keep_manifest(to, manifest, index, {**asked, **shape, **terms_in_manifest(dictionary), **plot.asked})
    tell_of_absent(counts.absent, quiet)
    if incomplete:
        note("The plot does not have the documents without a year; the table has them.", quiet)
    _tell_of_duplicates(counts, quiet)
    if counts.undated:
        many = f"{counts.undated} {'document has' if counts.undated == 1 else 'documents have'}"
        note(f"{many} neither date nor year; terms that are valid for a time were not counted there.", quiet)
    tell_of_inside(counts.inside, "place", "places", quiet)
    return 0


def _tell_of_duplicates(counts: Counts, quiet: bool) -> None:
    if not counts.duplicates:
        return
    many = f"{counts.duplicates} {'document repeats' if counts.duplicates == 1 else 'documents repeat'}"
    what = "excluded" if counts.left_out else "included; exclude with --no-duplicates"
    note(f"{many} the text of another: {what}.", quiet)
