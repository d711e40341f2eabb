"""collocates: print the words that occur near a phrase more often than expected by chance."""

from __future__ import annotations

from typing import Any

import click

from policysearch.cli.corpus import corpus_options, jobs_option, limit_option, stop_option, stop_words, write_answer
from policysearch.cli.options import AMOUNT, QueryCommand, note
from policysearch.cli.terms import tell_of_absent

__all__ = ["command"]


@click.command(cls=QueryCommand)
@click.argument("phrase", nargs=-1, required=True)
@click.option(
    "--window",
    default="sentence",
    show_default=True,
    metavar="sentence|N",
    help="Search in the sentences that contain PHRASE, or N characters on each side of it.",
)
@limit_option("words")
@click.option(
    "--min-together",
    type=AMOUNT,
    default=5,
    show_default=True,
    metavar="N",
    help="Print only words that occur near PHRASE in at least N places.",
)
@stop_option
@jobs_option
@corpus_options
def command(
    phrase: tuple[str, ...],
    window: str,
    limit: int,
    min_together: int,
    stop_file: Any,
    jobs: int,
    **options: Any,
) -> int:
    """Print the words that occur near PHRASE more often than expected by chance.

    PHRASE is taken literally. The columns left and right count the
    places before and after PHRASE.
    """
    if window != "sentence" and not (window.isascii() and window.isdigit() and 0 < int(window) <= 1_000_000):
        raise click.BadParameter(f"'{window}' is neither 'sentence' nor a number of characters.", param_hint="--window")
    run: dict[str, Any] = {
        "window": window if window == "sentence" else int(window),
        "limit": limit,
        "min_together": max(1, min_together),
        "stop": stop_words(stop_file),
    }
    query = QueryCommand.query(phrase)
    found = write_answer(
        lambda index, selecting: index.collocates(query, **run, **selecting, jobs=jobs),
        {"phrase": query, **run},
        options,
        units=("word",),
    )
    if not found.totals()["occurrences"]:
        note("The phrase does not occur in the selected sections.", options["quiet"])
        tell_of_absent([query], options["quiet"])
    return 0
