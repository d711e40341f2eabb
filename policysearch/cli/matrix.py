"""matrix: print a table of documents or groups and the occurrences of terms."""

from __future__ import annotations

from typing import Any

import click

from policysearch.cli.corpus import corpus_options, fields_of, write_answer
from policysearch.cli.options import QueryCommand, completion, word_option
from policysearch.cli.terms import dictionary_options, tell_of_absent, terms_in_manifest, terms_typed
from policysearch.corpus.panels import VALUES
from policysearch.vocabulary import COUNT_FIELDS

__all__ = ["command"]


@click.command(cls=QueryCommand)
@click.argument("term", nargs=-1)
@dictionary_options
@click.option(
    "--by",
    multiple=True,
    metavar="FIELDS",
    shell_complete=completion("groups"),
    help=f"Fields that make the rows, separated by commas: {', '.join(COUNT_FIELDS)}.  [default: document]",
)
@click.option(
    "--value",
    type=click.Choice(VALUES),
    default="occurrences",
    show_default=True,
    help="Values in the cells.",
)
@click.option(
    "--longest", is_flag=True, help="Count only the longest term at each place, so that no character counts twice."
)
@click.option("--fill", is_flag=True, help="Include combinations of values without documents, as NA.")
@word_option
@corpus_options
def command(
    term: tuple[str, ...],
    by: tuple[str, ...],
    value: str,
    longest: bool,
    fill: bool,
    word: bool,
    **options: Any,
) -> int:
    """Print a table with a row for each document or group, and a column with the occurrences of each TERM."""
    terms = terms_typed(QueryCommand.typed(term), options, options["quiet"])
    run: dict[str, Any] = {
        "by": fields_of(by) or ["document"],
        "value": value,
        "longest": longest,
        "fill": fill,
        "word": word,
    }
    found = write_answer(
        lambda index, selecting: index.matrix(terms, **run, **selecting), {**terms_in_manifest(terms), **run}, options
    )
    tell_of_absent(found.counts.absent, options["quiet"])
    return 0
