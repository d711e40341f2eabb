"""words: what some sections say most often."""

from __future__ import annotations

from typing import Any

import click

from policysearch.cli.corpus import corpus_options, limit_option, stop_option, stop_words, write_answer
from policysearch.cli.options import AMOUNT, PROCESSES

__all__ = ["command"]


@click.command()
@click.option(
    "--unit",
    type=click.Choice(["word", "ngram"]),
    default="word",
    show_default=True,
    help="What is counted: words of the dictionary, or strings of characters that the texts repeat.",
)
@limit_option("terms")
@click.option(
    "--min-documents",
    type=AMOUNT,
    default=1,
    show_default=True,
    metavar="N",
    help="Only terms that stand in N documents.",
)
@stop_option
@click.option("--jobs", type=PROCESSES, default=2, show_default=True, metavar="N", help="Threads that count.")
@corpus_options
def command(unit: str, limit: int, min_documents: int, stop_file: Any, jobs: int, **options: Any) -> int:
    """Print the most frequent words or n-grams, and in how many documents each stands."""
    run: dict[str, Any] = {
        "unit": unit,
        "limit": limit,
        "min_documents": max(1, min_documents),
        "stop": stop_words(stop_file),
    }
    write_answer(lambda index, selecting: index.words(**run, **selecting, jobs=jobs), run, options, units=(unit,))
    return 0
