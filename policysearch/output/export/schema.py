"""The tables of an export: their columns and keys."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Protocol

from policysearch.corpus.targets.target_table import COLUMNS as TARGET_FIELDS
from policysearch.frozen import frozen
from policysearch.vocabulary import DOCUMENT_FIELDS

__all__ = ["TABLES", "Column", "ExportTable", "TableSink"]


@frozen
class Column:
    """A column of a table.

    Attributes:
        name: Its name.
        kind: ``text``, ``integer``, ``number``, ``boolean``, or ``texts`` (a list of texts).
        key: Whether it is the primary key, or part of it.
        of: The table whose primary key it has; empty for none.
    """

    name: str
    kind: str = "text"
    key: bool = False
    of: str = ""


@frozen
class ExportTable:
    """A table.

    Attributes:
        name: Its name.
        columns: Its columns, in order.
    """

    name: str
    columns: tuple[Column, ...]


_KINDS = {
    **dict.fromkeys(("year", "start", "end", "page", "ordinal", "sections", "characters"), "integer"),
    **dict.fromkeys(("value", "value_high", "value_si", "stretch_value"), "number"),
    **dict.fromkeys(("inferred", "path", "also"), "texts"),
}
_SECTION = Column("section_id", of="sections")
_DOCUMENT = Column("document_id", of="documents")


def _columns(*names: str) -> tuple[Column, ...]:
    return tuple(Column(name, _KINDS.get(name, "text")) for name in names)


def _tables() -> tuple[ExportTable, ...]:
    documents = [name for name in DOCUMENT_FIELDS if name != "document_id"]
    section = ("number", "heading", "level", "path", "part", "start", "end", "page", "characters", "text")
    targets = _columns(*TARGET_FIELDS)
    return (
        ExportTable("documents", (Column("document_id", key=True), *_columns(*documents, "sections"))),
        ExportTable(
            "sections",
            (
                Column("section_id", key=True),
                _DOCUMENT,
                Column("ordinal", "integer"),
                *(Column("level", "integer") if one.name == "level" else one for one in _columns(*section)),
            ),
        ),
        ExportTable("targets", (_DOCUMENT, *(_SECTION if one.name == "section_id" else one for one in targets))),
        ExportTable(
            "hits",
            (
                Column("query", key=True),
                Column("section_id", key=True, of="sections"),
                _DOCUMENT,
                Column("rank", "integer"),
                Column("score", "number"),
                Column("exact", "boolean"),
                Column("matches", "integer"),
            ),
        ),
        ExportTable("matches", (Column("query"), _SECTION, _DOCUMENT, *_columns("start", "end", "text"))),
        ExportTable("manifest", (Column("name", key=True), Column("value"))),
    )


TABLES = _tables()
"""The tables, each after those it refers to."""


class TableSink(Protocol):
    """Takes the rows of tables."""

    def write(self, table: str, rows: Iterable[Sequence[Any]]) -> None:
        """Store rows, with the columns of the table."""
