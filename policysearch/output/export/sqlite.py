"""Export of tables to an SQLite file."""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from policysearch.errors import InputError
from policysearch.files.atomic import file_draft
from policysearch.output.export.schema import ExportTable
from policysearch.output.tables import encodable

__all__ = ["SqliteSink"]

_TYPES = {"text": "TEXT", "texts": "TEXT", "integer": "INTEGER", "boolean": "INTEGER", "number": "REAL"}


class SqliteSink:
    """Writes an SQLite file, which replaces an existing one when all is written.

    Lists are JSON, true and false 1 and 0. Raises ``InputError`` when the file cannot be written.
    """

    def __init__(self, path: Path, tables: Sequence[ExportTable]) -> None:
        self._path = path
        self._tables = tables

    def __enter__(self) -> SqliteSink:
        self._stack = contextlib.ExitStack()
        self._draft = self._stack.enter_context(file_draft(self._path))
        # an unfinished draft is discarded, so that no journal is needed
        self._base = self._stack.enter_context(contextlib.closing(sqlite3.connect(self._draft.path)))
        with self._checked():
            self._base.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; BEGIN")
            for table in self._tables:
                self._base.execute(_definition(table))
        self._inserts = {
            table.name: f"INSERT INTO {table.name} VALUES ({', '.join('?' * len(table.columns))})"
            for table in self._tables
        }
        return self

    def write(self, table: str, rows: Iterable[Sequence[Any]]) -> None:
        """Store rows."""
        with self._checked():
            self._base.executemany(self._inserts[table], (tuple(map(_cell, row)) for row in rows))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._stack:
            if kind is not None:
                return
            with self._checked():
                for table in self._tables:
                    for column in table.columns:
                        if column.of and not column.key:
                            name = f"{table.name}_{column.name}"
                            self._base.execute(f'CREATE INDEX "{name}" ON {table.name} ("{column.name}")')
                self._base.execute("COMMIT")
                self._base.close()
            os.fsync(self._draft.handle)
            self._draft.put_in_place()

    @contextlib.contextmanager
    def _checked(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise InputError(f"'{self._path}' cannot be written: {error}.") from error


def _definition(table: ExportTable) -> str:
    lines = [f'"{one.name}" {_TYPES[one.kind]}' for one in table.columns]
    keys = [f'"{one.name}"' for one in table.columns if one.key]
    if keys:
        lines.append(f"PRIMARY KEY ({', '.join(keys)})")
    for one in table.columns:
        if one.of:
            lines.append(f'FOREIGN KEY ("{one.name}") REFERENCES {one.of} ("{one.name}")')
    return f"CREATE TABLE {table.name} (\n  " + ",\n  ".join(lines) + "\n)"


def _cell(value: Any) -> Any:
    if isinstance(value, str):
        return encodable(value)
    if isinstance(value, int) and abs(value) >= 2**63:  # out of the range of SQLite's integers
        return float(value)
    if isinstance(value, Sequence):
        return encodable(json.dumps(list(value), ensure_ascii=False))
    return value
