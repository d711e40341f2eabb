"""JSON lines, or one JSON array, with one document an object to one reading a record."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from policysearch.errors import SourceError
from policysearch.sources.encodings import Decoded
from policysearch.sources.readers.reading import FailedRecord, Reading
from policysearch.sources.readers.records import Records

__all__ = ["READER_VERSION", "read_json", "read_jsonl"]

READER_VERSION = 2


def read_jsonl(decoded: Decoded, *, text_field: str | None) -> Iterator[Reading | FailedRecord]:
    """Yield each line's record; a line that is no JSON object fails, the others do not.

    Raises:
        SourceError: There is no line, or the first is no JSON object.
    """
    records = Records(decoded, text_field)
    number = 0
    for line in decoded.text.split("\n"):
        if not line.strip():
            continue
        number += 1
        try:
            value = json.loads(line)
        except (ValueError, RecursionError) as error:
            if number == 1:
                raise SourceError(f"Its first line is no JSON object: {_short(error)}.") from error
            yield FailedRecord(str(number), f"It is no JSON object: {_short(error)}.")
            continue
        yield _record(number, value, records)
    if not number:
        raise SourceError("It holds no text.")


def read_json(decoded: Decoded, *, text_field: str | None) -> Iterator[Reading | FailedRecord]:
    """Yield each object of an array, or the one object; JSON lines named ``.json`` are read as such.

    Raises:
        SourceError: It is no JSON, or not of objects.
    """
    try:
        value = json.loads(decoded.text)
    except (ValueError, RecursionError) as error:
        if isinstance(error, json.JSONDecodeError) and error.msg == "Extra data":
            yield from read_jsonl(decoded, text_field=text_field)
            return
        raise SourceError(f"It is no JSON: {_short(error)}.") from error
    values = value if isinstance(value, list) else [value]
    if not values:
        raise SourceError("It is an empty array.")
    records = Records(decoded, text_field)
    for number, each in enumerate(values, 1):
        yield _record(number, each, records)


def _short(error: Exception) -> str:
    return "it is nested too deep" if isinstance(error, RecursionError) else str(error)[:200]


def _record(number: int, value: Any, records: Records) -> Reading | FailedRecord:
    if not isinstance(value, dict):
        return FailedRecord(str(number), "It is no JSON object.")
    values = {name: _text(each) for name, each in value.items()}
    parts = max(
        (name for name, each in value.items() if _are_parts(each)), key=lambda name: len(values[name]), default=None
    )
    return records.record(number, values, parts)


def _text(value: Any) -> str:
    """A value as a person would write it: lists of texts joined, nothing for null.

    A list of objects, of a statute's articles for example, is a line an
    object: its texts in their order, one space between them.
    """
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return "\n".join(value)
    if _are_parts(value):
        return "\n".join(" ".join(filter(None, (part.strip() for part in each.values() if part))) for each in value)
    return json.dumps(value, ensure_ascii=False)


def _are_parts(value: Any) -> bool:
    """Whether a value is a list of objects whose values are texts: the parts of one text."""
    return (
        isinstance(value, list)
        and bool(value)
        and all(isinstance(each, dict) and each for each in value)
        and all(part is None or isinstance(part, str) for each in value for part in each.values())
    )
