"""search: the sections that best match a query."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from policysearch.cli.options import (
    QueryCommand,
    color_option,
    filter_options,
    filters_of,
    index_option,
    note,
    open_index,
    quiet_option,
    screen,
    search_options,
)
from policysearch.output.search import FORMATS, write_hits
from policysearch.vocabulary import MATCH_MODES

if TYPE_CHECKING:
    from policysearch.search.hits import Hits

__all__ = ["command"]


_MAY_BE_FOREIGN = frozenset("&＆<＜>＞=＝/／:：^~～*＊+＋!！aeonwAEONWａｅｏｎｗＡＥＯＮＷ")
"""Characters of which some stand in each operator of other programs: looked at first, since most queries have none."""


@click.command(cls=QueryCommand)
@click.argument("query", nargs=-1)
@search_options
@click.option(
    "--match",
    type=click.Choice(MATCH_MODES),
    default="auto",
    show_default=True,
    help="all: every word; any: at least one; exact: each group as a phrase; auto: all, else any; a question any.",
)
@click.option(
    "--format",
    "output_format",
    type=click.Choice(FORMATS),
    default="text",
    show_default=True,
    help="Format of the output.",
)
@click.option("--tag", default="policysearch", show_default=True, help="Name of the run, with --format trec.")
@click.option("--raw", is_flag=True, help="In csv and tsv, leave cells that a spreadsheet takes for formulas alone.")
@click.option("--bom", is_flag=True, help="Begin csv and tsv with a byte order mark, for Excel.")
@filter_options
@index_option
@color_option
@quiet_option
def command(
    query: tuple[str, ...],
    limit: int,
    offset: int,
    exact: bool,
    plain: bool,
    sort: str,
    group: str,
    no_exact: bool,
    explain: bool,
    match: str,
    output_format: str,
    tag: str,
    raw: bool,
    bom: bool,
    index_folder: str,
    color: str,
    quiet: bool,
    **options: Any,
) -> int:
    """Print the sections that best match QUERY, best first.

    Words find the sections that have all of them; "…" or “…” find exactly
    what is quoted; AND, OR, NOT, -, ( ), heading:…, region:…, year:2020..2024,
    句(A B), 段(A B) and A ~10 B narrow it down.
    """
    if output_format == "trec" and sort != "score":
        raise click.UsageError("A run file is in order of score; leave --sort out.")
    if explain and output_format not in ("text", "json"):
        raise click.UsageError(f"--explain has no place in {output_format}; use --format text or json.")
    with open_index(index_folder) as index:
        found = index.search(
            QueryCommand.query(query),
            limit=limit,
            offset=offset,
            match=match,
            exact=exact,
            plain=plain,
            sort=sort,
            group=group,
            filters=filters_of(options),
            explain=explain,
            # which the other formats do not have
            count_exact=not no_exact and output_format not in ("jsonl", "trec"),
        )
        if not (plain or exact or quiet) and _MAY_BE_FOREIGN.intersection(found.query):
            from policysearch.query.foreign import remarks

            for remark in remarks(found.query):
                note(remark)
        if found.all_words is not None:
            note(_question(found, group), quiet)
        elif found.relaxed:
            note(_relaxed(found.total, found.suggestion), quiet)
        out, colored, columns = screen(color)
        write_hits(
            found,
            output_format,
            out,
            color=colored,
            columns=columns,
            tag=tag,
            grouped=group == "document",
            raw=raw,
            bom=bom,
        )
    if not found.total:
        note("Nothing found.", quiet or output_format != "text" or not sys.stderr.isatty())
    return 0 if found.total else 1


def _question(found: Hits, group: str) -> str:
    count = found.all_words or "no"
    what = f"{group} has" if count in ("no", 1) else f"{group}s have"
    message = f"Read as a question, answered by any of its words, best first; {count} {what} all of them."
    return f"{message} Did you mean: {found.suggestion}" if found.suggestion else message


def _relaxed(total: int, suggestion: str | None) -> str:
    if not total:
        return "Nothing found, neither for all of these words nor for any of them."
    message = "No section has all of these words; these have some of them."
    return f"{message} Did you mean: {suggestion}" if suggestion else message
