"""Tables for other programs: an index as documents, sections, targets and matches, in SQLite or Parquet."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from policysearch.corpus.targets.target_table import KINDS
from policysearch.engines.protocol import Stored
from policysearch.errors import InputError
from policysearch.output.export.schema import TABLES, TableSink
from policysearch.output.workbook import flat
from policysearch.query.filters import FilterValues, id_matches, several
from policysearch.search.hits import section_fields
from policysearch.search.options import SearchOptions
from policysearch.text.chinese import HAN_SCRIPT_RANGES

if TYPE_CHECKING:
    from policysearch.index import Index

__all__ = ["export_tables"]


_HAN = re.compile("[" + "".join(f"{chr(first)}-{chr(last)}" for first, last in HAN_SCRIPT_RANGES) + "]+")
"""Runs of the characters that ``count`` counts as Han."""


def export_tables(
    index: Index,
    *,
    sqlite: str | Path | None = None,
    parquet: str | Path | None = None,
    queries: Sequence[str] = (),
    match: str = "all",
    where: str | None = None,
    document: Sequence[str] = (),
    filters: Mapping[str, FilterValues] | None = None,
    manifest: Mapping[str, Any] | None = None,
) -> dict[str, int]:
    """Write documents, sections, targets, and the hits and matches of queries, as tables for other programs.

    Args:
        index: The open index.
        sqlite: An SQLite file to write; an existing one is replaced when all is written.
        parquet: A folder to write one Parquet file for each table into; existing ones are replaced likewise.
        queries: Queries, whose hits and matches among the exported sections are written too.
        match: How queries match, as in ``search``.
        where: Export only sections that match this query.
        document: Export only documents whose ids match one of these patterns (``*``, ``?``).
        filters: As in ``search``.
        manifest: The contents of the table ``manifest``, nested names joined by a point.

    Returns the number of rows of each table. Documents are those with an exported section; targets those of
    ``Index.targets`` for them, of both kinds. Rows are in order of ids, hits and matches by query and rank.

    Raises ``QueryError`` for a malformed query, ``InputError`` for a file that cannot be written, without any file, or
    when pyarrow is not installed for ``parquet``.
    """
    if sqlite is None and parquet is None:
        raise InputError("Name a file for the tables: sqlite, parquet or both.")
    rows = {table.name: 0 for table in TABLES}
    with contextlib.ExitStack() as stack:
        sinks: list[TableSink] = []
        if sqlite is not None:
            from policysearch.output.export.sqlite import SqliteSink

            sinks.append(stack.enter_context(SqliteSink(Path(sqlite), TABLES)))
        if parquet is not None:
            from policysearch.output.export.parquet import ParquetSink

            sinks.append(stack.enter_context(ParquetSink(Path(parquet), TABLES)))
        selecting: dict[str, Any] = {"where": where, "document": several(document), "filters": filters}
        for name, some in _rows(index, queries, match, selecting, manifest or {}):
            rows[name] += len(some)
            for sink in sinks:
                sink.write(name, some)
    return rows


def _rows(
    index: Index,
    queries: Sequence[str],
    match: str,
    selecting: Mapping[str, Any],
    manifest: Mapping[str, Any],
) -> Iterator[tuple[str, list[Sequence[Any]]]]:
    """Yield lists of rows, each with the name of its table."""
    order = {one.name: [column.name for column in one.columns] for one in TABLES}

    def made(name: str, rows: Iterable[Mapping[str, Any]]) -> tuple[str, list[Sequence[Any]]]:
        return name, [[row.get(column) for column in order[name]] for row in rows]

    exported: set[str] = set()
    for one, sections in _documents(index, selecting):
        exported.update(stored.section_id for stored in sections)
        yield made("documents", [{**one, "inferred": one.get("inferred") or (), "sections": len(sections)}])
        yield made("sections", map(_section, sections))
    targets = index.targets(kinds=KINDS, **selecting)
    named = ({**row.to_dict(), "document_id": _document_of(row.section_id)} for row in targets)
    yield made("targets", named)
    for query in dict.fromkeys(queries):
        rank = 0
        options = SearchOptions(limit=None, match=match, filters=selecting["filters"], duplicates="show")
        _, hits = index.search_matches(query, options)
        for hit, matches in hits:
            if hit.section_id not in exported:
                continue
            rank += 1
            about = {"query": query, "section_id": hit.section_id, "document_id": hit.document_id}
            fields = {"rank": rank, "score": hit.score, "exact": hit.exact, "matches": hit.matches}
            yield made("hits", [{**about, **fields}])
            yield made("matches", ({**about, **one._asdict()} for one in matches))
    yield made("manifest", ({"name": name, "value": value} for name, value in flat(manifest)))


def _documents(index: Index, selecting: Mapping[str, Any]) -> Iterator[tuple[Mapping[str, Any], list[Stored]]]:
    """Yield the documents with a selected section, each with these, in order of ids."""
    node = index.selection(selecting["where"], selecting["filters"])
    for name, sections in groupby(index.engine.stream(node), key=lambda stored: stored.document["document_id"]):
        if id_matches(name, selecting["document"]):
            found = list(sections)
            yield found[0].document, found


def _section(stored: Stored) -> dict[str, Any]:
    fields = section_fields(stored)
    characters = sum(map(len, _HAN.findall(stored.reduced)))
    about = {"document_id": stored.document["document_id"], "ordinal": stored.ordinal, "characters": characters}
    return {**fields, **about}


def _document_of(name: str | None) -> str | None:
    return None if name is None else name.rpartition("#")[0]
