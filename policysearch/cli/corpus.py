"""Options shared by the commands of corpus statistics: the selected sections, and the destination of the table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import click

from policysearch.cli.destination import OutputOptions, output_options
from policysearch.cli.manifest import keep_manifest, manifest_option
from policysearch.cli.once import where_option
from policysearch.cli.options import (
    AMOUNT,
    LINES,
    PROCESSES,
    counted_duplicates_option,
    filter_options,
    filters_of,
    index_option,
    opened_index,
    quiet_option,
    tell_of_names_in,
)
from policysearch.cli.terms import terms_of_file
from policysearch.cli.waiting import waiting
from policysearch.output.statistics import FORMATS
from policysearch.vocabulary import fields_named

if TYPE_CHECKING:
    from policysearch.corpus.statistics.table import Table
    from policysearch.index import Index

__all__ = [
    "corpus_options",
    "fields_of",
    "jobs_option",
    "limit_option",
    "min_documents_option",
    "stop_option",
    "stop_words",
    "unit_option",
    "write_answer",
]

F = TypeVar("F", bound=Callable[..., Any])
T = TypeVar("T", bound="Table")


def corpus_options(function: F) -> F:
    """Add the options for the selection and for the output: see ``write_answer``."""
    for option in reversed(
        (
            where_option("Count only in sections that match QUERY."),
            counted_duplicates_option,
            manifest_option,
            output_options(*FORMATS),
            filter_options,
            index_option,
            quiet_option,
        )
    ):
        function = option(function)
    return function


def write_answer(
    ask: Callable[[Index, dict[str, Any]], T],
    run: Mapping[str, Any],
    options: Mapping[str, Any],
    units: tuple[str, ...] = (),
) -> T:
    """Query an index, and write the table and the manifest.

    Args:
        ask: Returns the table, given the index and the selection.
        run: The command's own options, for the manifest.
        options: The values of ``corpus_options``.
        units: The unit of counting, whose definition the manifest contains.
    """
    selecting: dict[str, Any] = {
        "where": options["where"],
        "document": list(options["document"]),
        "duplicates": options["duplicates"],
        "filters": filters_of({**options, "document": ()}),
    }
    output: OutputOptions = options["output"]
    tell_of_names_in(options["where"], options["quiet"])
    with (
        opened_index(options["index_folder"]) as index,
        output.opened() as to,
    ):
        with waiting("Counting", options["quiet"]):
            found = ask(index, selecting)
        from policysearch.output.statistics import write_table

        write_table(found, to.stream, to.rendering)
        from policysearch.corpus.statistics.units import DEFINITIONS

        more = {"definitions": {unit: DEFINITIONS[unit] for unit in units}} if units else {}
        keep_manifest(to, options["manifest"], index, {**run, **selecting}, totals=found.totals(), **more)
    return found


def stop_option(function: F) -> F:
    """Add ``--stop``."""
    return click.option(
        "--stop",
        "stop_file",
        metavar="FILE",
        type=LINES,
        help="Leave out the terms in FILE (- is stdin), one per line.",
    )(function)


def stop_words(stop_file: Any) -> list[str]:
    """Return the terms of the file of ``--stop``; none without one."""
    return [] if stop_file is None else [entry.term for entry in terms_of_file(stop_file).entries]


def fields_of(by: tuple[str, ...]) -> list[str]:
    """Return the fields of ``--by``, which are separated by commas."""
    return [name for names in by for name in fields_named(names)]


def limit_option(what: str) -> Callable[[F], F]:
    """Return a decorator that adds ``-n``."""
    return click.option("-n", "--limit", type=AMOUNT, default=100, show_default=True, help=f"Maximum number of {what}.")


def unit_option(verb: str) -> Callable[[F], F]:
    """Return a decorator that adds ``--unit``; ``verb`` is a participle, such as counted."""
    return click.option(
        "--unit",
        type=click.Choice(["word", "ngram"]),
        default="word",
        show_default=True,
        help=f"What is {verb}: words, as the analyzer finds them, or strings that occur repeatedly (n-grams).",
    )


def min_documents_option(default: int, more: str = "") -> Callable[[F], F]:
    """Return a decorator that adds ``--min-documents``; ``more`` continues its help."""
    return click.option(
        "--min-documents",
        type=AMOUNT,
        default=default,
        show_default=True,
        metavar="N",
        help=f"Print only terms that occur in at least N documents{more}.",
    )


def jobs_option(function: F) -> F:
    """Add ``--jobs``."""
    return click.option("--jobs", type=PROCESSES, default=2, show_default=True, metavar="N", help="Number of threads.")(
        function
    )
