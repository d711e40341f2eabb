"""search: print the sections that best match a query."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click
from click.core import ParameterSource

from policysearch.cli.destination import OutputOptions, on_terminal, output_options
from policysearch.cli.manifest import keep_manifest, manifest_option
from policysearch.cli.options import (
    QueryCommand,
    completion,
    duplicates_of,
    duplicates_option,
    filter_options,
    index_option,
    note,
    opened_index,
    quiet_option,
    search_options,
    tell_of_emptiness,
    tell_of_inside,
    tell_of_names,
)
from policysearch.cli.session import in_terminal
from policysearch.frozen import asdict, replace
from policysearch.output.search import SEARCH_FORMATS, write_hits
from policysearch.output.terminal import counted, printable
from policysearch.vocabulary import FACET_FIELDS, MATCH_MODES, fields_named

if TYPE_CHECKING:
    from policysearch.index import Index
    from policysearch.search.hits import Hits
    from policysearch.search.options import SearchOptions

__all__ = ["command"]


def _fields(ctx: click.Context, param: click.Parameter, value: str | None) -> tuple[str, ...]:
    """Return the fields of a list separated by commas."""
    fields = tuple(filter(None, fields_named(value or "")))
    if value is not None and not (fields and set(fields) <= set(FACET_FIELDS)):
        wrong = next((one for one in fields if one not in FACET_FIELDS), value)
        raise click.UsageError(
            f"Unknown facet '{wrong}'; expected one of: {', '.join(FACET_FIELDS)}.",
            ctx,
        )
    return fields


@click.command(cls=QueryCommand)
@click.argument("query", nargs=-1)
@search_options
@click.option(
    "--match",
    type=click.Choice(MATCH_MODES),
    default="auto",
    show_default=True,
    help="Matching mode. all: every word; any: at least one; exact: each group as a phrase; auto: all, or any if that "
    "finds nothing and for questions.",
)
@duplicates_option()
@click.option(
    "--facets",
    metavar="FIELDS",
    callback=_fields,
    shell_complete=completion("facets"),
    help="Print how many sections and documents of the complete answer have each value of these fields, separated by "
    f"commas; each without its own filter: {', '.join(FACET_FIELDS)}.",
)
@click.option(
    "--cite",
    is_flag=True,
    help="In text, show each hit with its citation, in the form used in official and legal texts.",
)
@click.option("--full", is_flag=True, help="Print the complete text of each section instead of a snippet.")
@click.option("--tag", default="policysearch", show_default=True, help="Tag of the run, with --format trec.")
@manifest_option
@output_options(*SEARCH_FORMATS)
@filter_options
@index_option
@quiet_option
def command(
    query: tuple[str, ...],
    options: SearchOptions,
    match: str,
    duplicates: str | None,
    facets: tuple[str, ...],
    cite: bool,
    full: bool,
    tag: str,
    manifest: Path | None,
    output: OutputOptions,
    index_folder: str,
    quiet: bool,
) -> int:
    """Print the sections that best match QUERY, best first.

    A query of words matches sections that contain all of them; "…" or “…”
    match a phrase exactly. Operators: AND, OR, NOT, -, ( ), heading:…,
    region:…, year:2020..2024, 句(A B), 段(A B) and A ~10 B.
    """
    with opened_index(index_folder) as index, output.opened() as to:
        if to.format == "trec" and options.sort != "score":
            raise click.UsageError("A run file is sorted by score; remove --sort.")
        if to.format == "ids" and (options.sort != "score" or options.offset or _given("limit")):
            raise click.UsageError("--format ids prints all ids, in their order; remove --limit, --offset and --sort.")
        if options.explain and to.format not in ("text", "json"):
            raise click.UsageError(f"--explain is not available in {to.format}; use --format text or json.")
        if facets and to.format not in ("text", "json"):
            raise click.UsageError(f"--facets is not available in {to.format}; use --format text or json.")
        options = replace(
            options,
            facets=facets,
            full=full,
            match=match,
            duplicates=duplicates_of(duplicates, to.format),
            # the other formats do not include it
            count_exact=options.count_exact and to.format not in ("jsonl", "trec", "csl"),
        )
        if to.format == "ids":
            options = replace(options, limit=0)
        asked = asdict(options)
        found = index.search(QueryCommand.query(query), **asked)
        if not (options.plain or options.exact or quiet):
            from policysearch.query.foreign import remarks

            for remark in remarks(found.query):
                note(remark)
        tell_of_names(found.expanded, quiet)
        for remark in found.remarks:
            note(remark, quiet)
        if found.all_words is not None:
            note(_question(found, options.group), quiet)
            if found.facets is not None and found.facets.match == "all":
                note("The facets count only the sections that have all of its words.", quiet)
        elif found.relaxed or (found.suggestion and not found.total):
            note(_relaxed(found, options.group), quiet)
        if not found.total or found.relaxed or found.read_as == {"kind": "question"}:
            from policysearch.cli.advising import of_file

            if named := of_file(index, found.query):
                note(named, quiet)
        empty = not found.total and tell_of_emptiness(index, index_folder, quiet)
        advised = empty or (not quiet and _advise(index, found, options))
        if to.format == "ids":
            _write_ids(index, found, options, to.stream)
        else:
            rendering = replace(to.rendering, tag=tag, cite=cite, full=full)
            write_hits(found, to.stream, rendering, grouped=options.grouped)
        run = {"query": found.query, **asked, "tag": tag, "cite": cite}
        keep_manifest(to, manifest, index, run)
        if in_terminal():
            from policysearch.cli.recent import keep_hits

            keep_hits(index, index_folder, found)
    tell_of_inside(sum(hit.snippet.inside for hit in found.hits), "match", "matches", quiet)
    if not found.total and not advised:
        note("Nothing found.", quiet or to.format != "text" or not on_terminal())
    return 0 if found.total else 1


def _advise(index: Index, found: Hits, options: SearchOptions) -> bool:
    """Print alternatives to a query without hits as notes; return whether there are any."""
    lost = not found.total or found.relaxed or (found.read_as == {"kind": "question"} and not found.all_words)
    if not lost and not options.filters and ":" not in found.query and "：" not in found.query:
        return False
    from policysearch.cli.advising import advice_lines, missing_extra
    from policysearch.search.advice import Advice

    advice = index.advise(found.query, options) if lost else Advice(index.absent_values(found.query, options))
    lines = list(advice_lines(advice, options.filters, options.group, found.total > 0))
    if not lines and not found.total and not advice.by_sound:  # otherwise filters or spellings are the reason
        lines.append(missing_extra())
    for line in lines:
        note(line)
    return bool(lines)


def _given(name: str) -> bool:
    return click.get_current_context().get_parameter_source(name) is ParameterSource.COMMANDLINE


def _write_ids(index: Index, found: Hits, options: SearchOptions, stream: TextIO) -> None:
    """Write the id of every section, or document, that matches."""
    chosen = asdict(options)
    for name in ("limit", "offset", "sort", "explain", "count_exact", "facets", "full"):
        del chosen[name]
    # only the mode auto reads citations; any other answer need not be searched for twice
    chosen["match"] = options.match if (found.read_as or {}).get("kind") == "citation" else found.match
    ids = index.ids(found.query, **chosen)
    stream.writelines(f"{printable(one)}\n" for one in ids)


def _question(found: Hits, group: str) -> str:
    many = found.all_words or 0
    having = f"{counted(many, group)} {'has' if many == 1 else 'have'}" if many else f"no {group} has"
    message = f"Read as a question, answered by any of its words, best first; {having} all of them."
    return f"{message}{_suggested(found, group)}"


def _suggested(found: Hits, group: str) -> str:
    if found.suggestion is None:
        return ""
    many = found.suggestion_total
    return f" Did you mean ({counted(many or 0, group)}): {found.suggestion}"


def _relaxed(found: Hits, group: str) -> str:
    if not found.total:
        return f"Nothing found, neither for all of these words nor for any of them.{_suggested(found, group)}"
    return f"No section has all of these words; these have some of them.{_suggested(found, group)}"
