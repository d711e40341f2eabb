"""matrix: how often each term stands in each document or group."""

from __future__ import annotations

from typing import Any

import click

from policysearch.cli.corpus import corpus_options, fields_of, write_answer
from policysearch.cli.options import QueryCommand, completion
from policysearch.cli.terms import dictionary_options, terms_typed
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
    help=f"What the rows are, separated by commas: {', '.join(COUNT_FIELDS)}.  [default: document]",
)
@click.option(
    "--value",
    type=click.Choice(VALUES),
    default="occurrences",
    show_default=True,
    help="Values in the cells.",
)
@click.option(
    "--longest", is_flag=True, help="Where several terms stand at a place, count the longest only: no character twice."
)
@click.option("--fill", is_flag=True, help="Write combinations of values without documents too, as NA.")
@corpus_options
def command(
    term: tuple[str, ...],
    by: tuple[str, ...],
    value: str,
    longest: bool,
    fill: bool,
    **options: Any,
) -> int:
    """Print a row for each document or group, and in it how often each TERM stands there, literally."""
    terms = terms_typed(QueryCommand.typed(term), options, options["quiet"])
    run: dict[str, Any] = {"by": fields_of(by) or ["document"], "value": value, "longest": longest, "fill": fill}
    write_answer(
        lambda index, selecting: index.matrix(terms, **run, **selecting), {"terms": terms.to_dict(), **run}, options
    )
    return 0
