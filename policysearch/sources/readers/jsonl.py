"""JSON lines, or one JSON array, with one document per object."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from policysearch.errors import SourceError
from policysearch.sources.encodings import Decoded
from policysearch.sources.readers.collection_records import Records
from policysearch.sources.readers.json_values import are_parts, line_value, value_text
from policysearch.sources.readers.reading import FailedRecord, Reading

__all__ = ["read_json", "read_jsonl", "read_line"]

_NO_OBJECT = "It is not a JSON object: "


def read_jsonl(decoded: Decoded, *, text_field: str | None) -> Iterator[Reading | FailedRecord]:
    """Yield each line's record; a line that is not a JSON object fails, the others do not.

    Raises:
        SourceError: There is no line, or the first is not a JSON object.
    """
    records = Records(decoded, text_field)
    number = 0
    for line in decoded.text.split("\n"):
        if not line.strip():
            continue
        number += 1
        read = read_line(number, line, records)
        if number == 1 and isinstance(read, FailedRecord) and read.reason.startswith(_NO_OBJECT):
            raise SourceError(f"Its first line{read.reason.removeprefix('It')}")
        yield read
    if not number:
        raise SourceError("It contains no text.")


def read_line(number: int, line: str, records: Records) -> Reading | FailedRecord:
    """Return the reading of a line that is not empty, counted from 1."""
    try:
        value = line_value(line)
    except (ValueError, RecursionError) as error:
        return FailedRecord(str(number), f"{_NO_OBJECT}{_short(error)}.")
    return _record(number, value, records)


def read_json(decoded: Decoded, *, text_field: str | None) -> Iterator[Reading | FailedRecord]:
    """Yield each object of an array, or the one object; JSON lines named ``.json`` are read as such.

    Raises:
        SourceError: It is not JSON, or contains values other than objects.
    """
    try:
        value = json.loads(decoded.text)
    except (ValueError, RecursionError) as error:
        if isinstance(error, json.JSONDecodeError) and error.msg == "Extra data":
            yield from read_jsonl(decoded, text_field=text_field)
            return
        raise SourceError(f"It is not JSON: {_short(error)}.") from error
    values = value if isinstance(value, list) else [value]
    if not values:
        raise SourceError("It is an empty array.")
    records = Records(decoded, text_field)
    for number, each in enumerate(values, 1):
        yield _record(number, each, records)


def _short(error: Exception) -> str:
    return "it is nested too deeply" if isinstance(error, RecursionError) else str(error)[:200]


def _record(number: int, value: Any, records: Records) -> Reading | FailedRecord:
    if not isinstance(value, dict):
        return FailedRecord(str(number), "It is not a JSON object.")
    values = {name: value_text(each) for name, each in value.items()}
    parts = [name for name, each in value.items() if are_parts(each)]
    return records.record(number, values, max(parts, key=lambda name: len(values[name])) if parts else None)
