"""Export of tables to Parquet files."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from policysearch.errors import InputError
from policysearch.files.atomic import FileDraft, file_draft
from policysearch.output.export.schema import ExportTable
from policysearch.output.tables import encodable

__all__ = ["ParquetSink"]

_ROWS, _CHARACTERS = 100_000, 16_000_000  # rows of a row group


class ParquetSink:
    """Writes one Parquet file for each table into a folder; when all are written, they replace existing ones.

    Raises ``InputError`` when pyarrow is not installed, and when a file cannot be written.
    """

    def __init__(self, folder: Path, tables: Sequence[ExportTable]) -> None:
        try:
            import pyarrow
            import pyarrow.parquet
        except ImportError:
            raise InputError(
                "Parquet files need the package pyarrow. Install it with: pip install 'policysearch[parquet]'"
            ) from None
        self._arrow: Any = pyarrow
        self._parquet: Any = pyarrow.parquet
        self._folder = folder
        self._tables = tables

    def __enter__(self) -> ParquetSink:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise InputError(f"The folder '{self._folder}' cannot be created: {error.strerror}.") from error
        self._writers: dict[str, _Writer] = {}
        with contextlib.ExitStack() as stack:
            for table in self._tables:
                draft = stack.enter_context(file_draft(self._folder / f"{table.name}.parquet"))
                schema = self._arrow.schema([(one.name, self._type(one.kind)) for one in table.columns])
                stream = stack.enter_context(os.fdopen(os.dup(draft.handle), "wb"))
                writer = stack.enter_context(
                    contextlib.closing(self._parquet.ParquetWriter(stream, schema, compression="zstd"))
                )
                self._writers[table.name] = _Writer(self._arrow, schema, writer, stream, draft)
            self._stack = stack.pop_all()
        return self

    def _type(self, kind: str) -> Any:
        arrow = self._arrow
        types = {"integer": arrow.int64(), "number": arrow.float64(), "boolean": arrow.bool_()}
        return arrow.list_(arrow.string()) if kind == "texts" else types.get(kind, arrow.string())

    def write(self, table: str, rows: Iterable[Sequence[Any]]) -> None:
        """Store rows."""
        self._writers[table].write(rows)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._stack:
            if kind is None:
                for writer in self._writers.values():
                    writer.finish()
                for writer in self._writers.values():
                    writer.draft.put_in_place()


class _Writer:
    """Writes the file of one table, a row group at a time."""

    def __init__(self, arrow: Any, schema: Any, writer: Any, stream: Any, draft: FileDraft) -> None:
        self._arrow = arrow
        self._schema = schema
        self._writer = writer
        self._stream = stream
        self._rows: list[Sequence[Any]] = []
        self._characters = 0
        self.draft = draft

    def write(self, rows: Iterable[Sequence[Any]]) -> None:
        for row in rows:
            self._rows.append(row)
            self._characters += len(row[-1]) if isinstance(row[-1], str) else 0
            if len(self._rows) >= _ROWS or self._characters >= _CHARACTERS:
                self._flush()

    def _flush(self) -> None:
        columns = [
            self._arrow.array([_cell(value, field.type) for value in column], field.type)
            for field, column in zip(self._schema, zip(*self._rows, strict=True), strict=True)
        ]
        self._writer.write_table(self._arrow.table(columns, schema=self._schema))
        self._rows, self._characters = [], 0

    def finish(self) -> None:
        if self._rows:
            self._flush()
        self._writer.close()
        self._stream.flush()
        os.fsync(self._stream.fileno())


def _cell(value: Any, kind: Any) -> Any:
    if isinstance(value, str):
        return encodable(value)
    if isinstance(value, Sequence):
        return [encodable(one) for one in value]
    return float(value) if kind == "double" and isinstance(value, int) else value
