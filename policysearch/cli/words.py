"""words: print the most frequent words or n-grams."""

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

__all__ = ["command"]


@click.command()
@unit_option("counted")
@limit_option("terms")
@min_documents_option(1)
@stop_option
@jobs_option
@corpus_options
def command(unit: str, limit: int, min_documents: int, stop_file: Any, jobs: int, **options: Any) -> int:
    """Print the most frequent words or n-grams, and the number of documents that contain each."""
    run: dict[str, Any] = {
        "unit": unit,
        "limit": limit,
        "min_documents": max(1, min_documents),
        "stop": stop_words(stop_file),
    }
    write_answer(lambda index, selecting: index.words(**run, **selecting, jobs=jobs), run, options, units=(unit,))
    return 0
