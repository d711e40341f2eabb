"""keywords: print the terms that are more frequent in some sections."""

from __future__ import annotations

from typing import Any

import click

from policysearch.cli.corpus import (
    corpus_options,
    jobs_option,
    limit_option,
    min_documents_option,
    stop_option,
    stop_words,
    unit_option,
    write_answer,
)
from policysearch.cli.once import JOINED_BY_OPERATORS, Once
from policysearch.cli.options import note

__all__ = ["command"]


@click.command()
@click.option(
    "--against",
    metavar="QUERY",
    cls=Once,
    instead=JOINED_BY_OPERATORS,
    help="Compare with the sections that match QUERY.  [default: all others]",
)
@unit_option("compared")
@click.option(
    "--by",
    type=click.Choice(["occurrences", "documents"]),
    default="occurrences",
    show_default=True,
    help="Compare numbers of occurrences or of documents.",
)
@limit_option("terms")
@min_documents_option(3, " of the side where they are more frequent, or in all if it has fewer")
@click.option("--negative", is_flag=True, help="Print the terms that are less frequent instead.")
@stop_option
@jobs_option
@corpus_options
def command(
    against: str | None,
    unit: str,
    by: str,
    limit: int,
    min_documents: int,
    negative: bool,
    stop_file: Any,
    jobs: int,
    **options: Any,
) -> int:
    """Print the terms that are more frequent in the sections of --where than in those of --against, by keyness.

    The filters and --document apply to both selections. Without --against,
    the second is everything else; without --where, the filters select the
    first, and so does --document alone.
    """
    run: dict[str, Any] = {
        "against": against,
        "unit": unit,
        "by": by,
        "limit": limit,
        "min_documents": max(1, min_documents),
        "negative": negative,
        "stop": stop_words(stop_file),
    }
    found = write_answer(
        lambda index, selecting: index.keywords(**run, **selecting, jobs=jobs), run, options, units=(unit,)
    )
    overlap = found.totals()["overlap"]
    if overlap:
        note(f"{overlap} {'section is' if overlap == 1 else 'sections are'} on both sides.", options["quiet"])
    return 0
