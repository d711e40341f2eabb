"""trend: print the first occurrence of terms, and the share of the places that use them by year."""

from __future__ import annotations

from typing import Any

import click

from policysearch.cli.corpus import corpus_options, write_answer
from policysearch.cli.options import QueryCommand, word_option
from policysearch.cli.terms import dictionary_options, tell_of_absent, terms_in_manifest, terms_typed

__all__ = ["command"]


@click.command(cls=QueryCommand)
@click.argument("term", nargs=-1)
@dictionary_options
@word_option
@corpus_options
def command(term: tuple[str, ...], word: bool, **options: Any) -> int:
    """Print for each TERM and year the share of places whose documents contain it.

    TERM is matched literally. The row of the year in which it first occurs
    also names the first document and sentence. A year without documents has
    NA.
    """
    terms = terms_typed(QueryCommand.typed(term), options, options["quiet"])
    run: dict[str, Any] = {"word": word}
    found = write_answer(
        lambda index, selecting: index.trend(terms, **run, **selecting), {**terms_in_manifest(terms), **run}, options
    )
    tell_of_absent(found.counts.absent, options["quiet"])
    return 0
