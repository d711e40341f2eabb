"""Tables with one document per row (CSV, TSV)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

from policysearch.errors import SourceError
from policysearch.sources.encodings import Decoded
from policysearch.sources.readers.collection_records import Records
from policysearch.sources.readers.reading import FailedRecord, Reading

__all__ = ["delimiter_of", "header_names", "read_csv", "read_row", "rows_of", "unreadable_from_here"]

_DELIMITERS = ",\t;|"
# The limit of the csv module, in characters: more than any document has.
_FIELD_LIMIT = 2**28


def read_csv(decoded: Decoded, *, delimiter: str | None, text_field: str | None) -> Iterator[Reading | FailedRecord]:
    """Yield each record of a table whose first row names the columns.

    A row that has more or fewer fields than there are columns fails, since
    its text may be in the wrong one.

    Raises:
        SourceError: There is no column with texts, or no row.
    """
    text = decoded.text.replace("\0", "")
    head = text[: text.find("\n") + 1] or text
    if not text.strip():
        raise SourceError("It contains no text.")
    before = csv.field_size_limit(_FIELD_LIMIT)
    try:
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter or delimiter_of(head), strict=False)
        yield from _records(rows, Records(decoded, text_field))
    finally:
        csv.field_size_limit(before)


def rows_of(lines: Iterable[str], delimiter: str) -> Iterator[list[str]]:
    """Yield the rows of lines; the csv module's limit of a field is raised only while a row is read."""
    rows = csv.reader(lines, delimiter=delimiter, strict=False)
    while True:
        before = csv.field_size_limit(_FIELD_LIMIT)
        try:
            row = next(rows, None)
        finally:
            csv.field_size_limit(before)
        if row is None:
            return
        yield row


def header_names(row: Iterable[str]) -> tuple[str, ...]:
    """Return the names of columns in the first row of a table."""
    return tuple(name.strip().lstrip("\ufeff") for name in row)


def unreadable_from_here(error: csv.Error) -> str:
    """Return the reason for a record that, with all records after it, cannot be read."""
    return f"The table cannot be read from here on: {error}."


def delimiter_of(head: str) -> str:
    return max(_DELIMITERS, key=head.count) if any(each in head for each in _DELIMITERS) else ","


def read_row(number: int, columns: Sequence[str], row: list[str], records: Records) -> Reading | FailedRecord:
    """Return the reading of a row, counted from 1."""
    extra = [value for value in row[len(columns) :] if value.strip()]
    if extra or len(row) < len(columns):
        reason = f"It has {len(row)} fields, but the first row names {len(columns)}."
        return FailedRecord(str(number), f"{reason} Put texts that contain delimiters or quotes in quotes.")
    return records.record(number, dict(zip(columns, row, strict=False)))


def _records(rows: Iterator[list[str]], records: Records) -> Iterator[Reading | FailedRecord]:
    columns = header_names(next(rows, []))
    records.choose_text_field(columns)
    number = 0
    try:
        for row in rows:
            if not any(value.strip() for value in row):
                continue
            number += 1
            yield read_row(number, columns, row, records)
    except csv.Error as error:
        yield FailedRecord(str(number + 1), unreadable_from_here(error))
    if not number:
        raise SourceError("It is a table without rows.")
