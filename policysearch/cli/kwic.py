"""kwic: print every occurrence of terms in context."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from policysearch.cli.destination import OutputOptions, on_terminal, output_options
from policysearch.cli.manifest import keep_manifest, manifest_option
from policysearch.cli.once import Once, where_option
from policysearch.cli.options import (
    AMOUNT,
    COLUMNS,
    SEED,
    QueryCommand,
    duplicates_of,
    duplicates_option,
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
from policysearch.cli.terms import dictionary_options, tell_of_absent, terms_in_manifest, terms_typed
from policysearch.corpus.concordance import ALL_COLUMNS, ORDERS
from policysearch.frozen import replace
from policysearch.output.kwic import FORMATS
from policysearch.text.shell import pasted

if TYPE_CHECKING:
    from policysearch.index import Index

__all__ = ["command"]

_TABLES = ("csv", "tsv")
_JOINED = "Give all names in one, separated by commas."


@click.command(cls=QueryCommand)
@click.argument("phrase", nargs=-1, metavar="[TERM]...")
@dictionary_options
@click.option(
    "--width",
    type=COLUMNS,
    metavar="COLUMNS",
    help="Columns of context on each side; a Chinese character takes two.  [default: 60; in text as many as fit]",
)
@click.option("--sentence", is_flag=True, help="Print the whole sentence as context, and as a column.")
@click.option(
    "--sort",
    type=click.Choice(ORDERS),
    default="position",
    show_default=True,
    help="Order of the lines; left and right: by the context on that side, read outwards from the match; date: by the "
    "document's date, undated last.",
)
@click.option("-n", "--limit", type=AMOUNT, metavar="N", help="Print only the first N lines.")
@click.option("--sample", type=AMOUNT, metavar="N", help="Print a random sample of N occurrences.")
@click.option("--seed", type=SEED, default=0, show_default=True, help="Random seed of the sample.")
@click.option(
    "--columns",
    "fields",
    metavar="NAMES",
    cls=Once,
    instead=_JOINED,
    help=f"Print these columns, separated by commas; in text, before the match. Columns: {', '.join(ALL_COLUMNS)}.",
)
@click.option(
    "--code",
    "codes",
    metavar="NAMES",
    cls=Once,
    instead=_JOINED,
    help="Add empty columns with these names, separated by commas, to be filled in by hand.",
)
@where_option("Search only in sections that match QUERY; without a term, print the matches of QUERY.")
@word_option
@duplicates_option()
@manifest_option
@output_options(*FORMATS)
@filter_options
@index_option
@quiet_option
def command(
    phrase: tuple[str, ...],
    width: int | None,
    sentence: bool,
    sort: str,
    limit: int | None,
    sample: int | None,
    seed: int,
    fields: str | None,
    codes: str | None,
    where: str | None,
    word: bool,
    duplicates: str | None,
    manifest: Path | None,
    output: OutputOptions,
    index_folder: str,
    quiet: bool,
    **options: Any,
) -> int:
    """Print every occurrence of each TERM in context.

    TERM is literal, and counts as in count; a phrase with spaces needs quotes.
    start is an offset in the section's text, in characters; id names the line.
    """
    typed = QueryCommand.typed(phrase)
    has_terms = bool(typed or options["terms_file"])
    if not has_terms and where is None:
        raise click.UsageError("Give a term, a dictionary with --terms, or a query with --where.")
    terms = terms_typed(typed, options, quiet) if has_terms else None
    columns, coded = _columns(fields), _columns(codes, known=())
    if "sentence" in columns and not sentence:
        raise click.UsageError("The column sentence needs --sentence; add it.")
    tell_of_names_in(where, quiet)
    with opened_index(index_folder) as index, output.opened() as to:
        from policysearch.output.kwic import LINE_FORMATS, write_concordance, write_lines

        if coded and to.format not in _TABLES:
            raise click.UsageError("--code adds columns to a table; add --format csv, tsv or xlsx.")
        asked: dict[str, Any] = {"where": where, "word": word}
        asked.update(filters=filters_of(options), sentence=sentence, duplicates=duplicates_of(duplicates, to.format))
        if width is not None:
            asked["width"] = width
        if len(typed) > 1 and not quiet:
            _tell_of_phrase(index, typed, {name: asked[name] for name in ("where", "word", "filters")})
        table: dict[str, Any] = {"sentence": sentence, "fields": columns, "codes": coded}
        if to.format in LINE_FORMATS and sort == "position" and sample is None:
            lines = index.kwic_lines(terms, **asked)
            total = write_lines(islice(lines, limit), to.stream, to.rendering, **table)
            total += any(True for _ in lines)
            inside = lines.inside
        else:
            concordance = index.kwic(terms, sort=sort, sample=sample, seed=seed, **asked)
            total, inside = concordance.total, concordance.inside
            first = replace(concordance, lines=concordance.lines[:limit])
            write_concordance(first, to.stream, to.rendering, asked_width=width, **table)
        run = {"sort": sort, "limit": limit, "sample": sample, "seed": seed, "columns": columns, "code": coded}
        keep_manifest(to, manifest, index, {**asked, **terms_in_manifest(terms), **run})
    tell_of_inside(inside, "place", "places", quiet)
    if not total:
        note("Nothing found.", quiet or not on_terminal())
        tell_of_absent(terms.concepts if terms else (), quiet)
    return 0 if total else 1


def _columns(typed: str | None, known: Sequence[str] = ALL_COLUMNS) -> tuple[str, ...]:
    """Return the columns of an option: some of ``known``, or new ones if that is empty; none without the option."""
    names = () if typed is None else tuple(name.strip() for name in typed.split(","))
    for name in names:
        if known and name not in known:
            raise click.UsageError(f"Unknown column '{name}'; expected one of: {', '.join(known)}.")
        if not known and (not name or name in ALL_COLUMNS):
            raise click.UsageError(f"A column to code by hand cannot be called '{name}'.")
    if len(set(names)) < len(names):
        raise click.UsageError("A column was given twice.")
    return names


def _tell_of_phrase(index: Index, typed: Sequence[str], asked: dict[str, Any]) -> None:
    """Print a note if the terms, which are separate, also occur as one phrase."""
    phrase = " ".join(typed)
    (row,) = index.count([phrase], **asked)
    if row.occurrences:
        many = f"{row.occurrences} {'place' if row.occurrences == 1 else 'places'}"
        note(f"Read as {len(typed)} terms. As one phrase they occur at {many}: policysearch kwic {pasted(phrase)}")
