"""trend: when terms were first said, and which share of the places say them by year."""

from __future__ import annotations

from typing import Any

import click

from policysearch.cli.corpus import corpus_options, terms_of, terms_option, write_answer
from policysearch.cli.options import QueryCommand

__all__ = ["command"]


@click.command(cls=QueryCommand)
@click.argument("term", nargs=-1)
@terms_option
@corpus_options
def command(term: tuple[str, ...], terms_file: Any, **options: Any) -> int:
    """Print for each TERM and year how many places say it, of those that have documents of the year.

    TERM is taken literally. The row of the year in which it was first said
    names the first document and sentence, and how many documents of that date
    say it. A year without documents has NA.
    """
    terms = terms_of(QueryCommand.typed(term), terms_file)
    write_answer(lambda index, selecting: index.trend(terms, **selecting), {"terms": terms}, options)
    return 0
