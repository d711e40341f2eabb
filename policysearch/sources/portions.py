"""Collections with a record on each line (JSON lines, CSV, TSV), divided into portions that are read separately.

The file is read twice from beginning to end, a block at a time, and is never completely in memory: first to make sure
that it is UTF-8 (to detect any other encoding takes the complete file, and such a file is read at once), then record by
record. The readings of a portion are those that the reader of the complete file would give.
"""

from __future__ import annotations

import codecs
import csv
import hashlib
import io
import json
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from policysearch.errors import SourceError
from policysearch.files.regular import open_regular
from policysearch.sources.encodings import Decoded, count_controls, is_binary, known_encoding
from policysearch.sources.finding import document_id
from policysearch.sources.hash_set import HashSet
from policysearch.sources.kinds import HEAD, kind_of
from policysearch.sources.mojibake import may_need_repair
from policysearch.sources.readers import csv as tables
from policysearch.sources.readers import jsonl
from policysearch.sources.readers.collection_records import ID_FIELDS, Records, id_of
from policysearch.sources.readers.json_values import value_text
from policysearch.sources.readers.reading import FailedRecord, Reading

__all__ = ["LEAST", "LINE_ENDINGS", "PORTION_BYTES", "Divided", "KnownRecords", "Portion", "divided", "read_portion"]

LEAST = 1_500_000
"""Minimum size in bytes; a smaller collection is read at once."""

LINE_ENDINGS = frozenset({".jsonl", ".ndjson", ".csv", ".tsv", ".tab"})
"""Suffixes of files that may be such collections."""

PORTION_BYTES = 750_000
"""Approximate size of a portion, in bytes."""

_PORTION = PORTION_BYTES // 3  # characters
_BLOCK = 1 << 20
_KEY_BYTES = 8
_TABLES = ("csv", "tsv")


@dataclass(frozen=True, slots=True)
class Portion:
    """Some records of a collection.

    Attributes:
        kind: ``jsonl``, ``csv`` or ``tsv``.
        text_field: The column of the text; None for the usual names.
        columns: The columns of a table.
        delimiter: Its delimiter.
        numbers: The number of each record in the collection, from 1.
        records: The text of each.
        keys: The key of each; see ``Divided.portions``.
        seen: Ids of records before this portion that some of its records repeat.
    """

    kind: str
    text_field: str | None
    columns: tuple[str, ...]
    delimiter: str
    numbers: list[int] = field(default_factory=list)
    records: list[str] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)


def read_portion(portion: Portion) -> Iterator[Reading | FailedRecord]:
    """Yield the reading of each record of a portion, as the reader of its format does for the complete collection."""
    records = Records(Decoded("", "utf-8", 1.0), portion.text_field, portion.seen)
    if portion.kind not in _TABLES:
        for number, line in zip(portion.numbers, portion.records, strict=True):
            yield jsonl.read_line(number, line, records)
        return
    records.choose_text_field(portion.columns)
    for number, text in zip(portion.numbers, portion.records, strict=True):
        try:
            row = next(tables.rows_of(io.StringIO(text, newline=""), portion.delimiter))
        except csv.Error as error:
            yield FailedRecord(str(number), tables.unreadable_from_here(error))
            continue
        yield tables.read_row(number, portion.columns, row, records)


class KnownRecords:
    """The records that a collection had when it was read last, in their order.

    Attributes:
        numbers: For each the number of the record that is as it was; 0 for one that is gone or changed.
    """

    def __init__(self, records: Iterable[tuple[str, str]] = ()) -> None:
        """Take the key and the document's id of each record; keys are in hexadecimal."""
        self._keys, self._ids = HashSet(), array("q")
        for key, name in records:
            self._keys.add(int(key, 16))
            self._ids.append(hash(name))
        if len(self._keys) < len(self._ids):  # not of records that were read so
            self._keys = HashSet()
        self.numbers = array("I", bytes(4 * len(self._ids)))

    def is_first(self, key: bytes, number: int, seen: HashSet) -> bool:
        """Return whether a record is as it was and none before it has its id; if so, note its number, and its id."""
        place = self._keys.find(int.from_bytes(key, "big"))
        if place < 0 or not seen.add(self._ids[place]):
            return False
        self.numbers[place] = number
        return True


@dataclass(slots=True)
class Divided:
    """A collection that can be divided.

    Attributes:
        path: Its path.
        source_id: The id of the source.
        kind: ``jsonl``, ``csv`` or ``tsv``.
        text_field: The column of the text; None for the usual names.
        size: In bytes.
        encoding: The name of its encoding for Python.
        sha256: Of the file.
    """

    path: Path
    source_id: str
    kind: str
    text_field: str | None
    size: int
    encoding: str
    sha256: str
    columns: tuple[str, ...] = ()
    delimiter: str = ""

    def portions(self, known: KnownRecords) -> Iterator[Portion]:
        """Yield portions with the records that are not known, in order.

        A record's key is a hash of the columns and of its text, and of its number where it has no id: records with
        the same key are read as the same document.

        ``known`` receives the number of each record that it has.

        Raises ``SourceError`` when the file has changed.
        """
        seen = HashSet()  # of ids: of any two, no more than one in 10¹⁹ pairs is taken for equal
        here: set[str] = set()  # those that occur first in the portion
        portion, size = self._empty(), 0
        head = f"{self.columns}{self.delimiter}".encode()
        for number, text, row in self._records():
            data = text.encode()
            key = _key(head, data)
            if known.is_first(key, number, seen):  # not parsed: that would take as long as the rest
                continue
            value = _object(text) if self.kind == "jsonl" else row
            stated = self._id_of(value)
            if not stated:
                stated = str(number)
                key = _key(b"%d %b" % (number, head), data)
                if known.is_first(key, number, seen):
                    continue
            name = document_id(self.source_id, stated)
            if value is not None and seen.add(hash(name)):
                here.add(name)
            elif name not in here and seen.find(hash(name)) >= 0:
                portion.seen.append(stated)
            portion.numbers.append(number)
            portion.records.append(text)
            portion.keys.append(key.hex())
            size += len(text)
            if size >= _PORTION:
                yield portion
                portion, size = self._empty(), 0
                here.clear()
        if portion.numbers:
            yield portion

    def _empty(self) -> Portion:
        return Portion(self.kind, self.text_field, self.columns, self.delimiter)

    def _id_of(self, value: Any) -> str:
        if isinstance(value, dict):
            return id_of({name: value_text(value[name]) for name in ID_FIELDS if name in value})
        return "" if value is None else id_of(dict(zip(self.columns, value, strict=False)))

    def _records(self) -> Iterator[tuple[int, str, list[str] | None]]:
        """Yield the number and the text of each record, and its row; None for an invalid one, and in JSON lines."""
        try:
            with open_regular(self.path) as file:
                newline = "" if self.kind in _TABLES else "\n"
                lines = io.TextIOWrapper(_Beginning(file, self.size), encoding=self.encoding, newline=newline)  # type: ignore[type-var]
                yield from self._rows(lines) if self.kind in _TABLES else _lines(lines)
        except UnicodeDecodeError as error:
            raise SourceError("It was changed while it was read. Index it again.") from error
        except OSError as error:
            raise SourceError(f"It cannot be read: {error.strerror or error}.") from error

    def _rows(self, lines: Iterator[str]) -> Iterator[tuple[int, str, list[str] | None]]:
        taken: list[str] = []

        def noted() -> Iterator[str]:
            for line in lines:
                taken.append(line)
                yield line

        number, width = 0, len(self.columns)
        rows = tables.rows_of(noted(), self.delimiter)
        next(rows, None)
        taken.clear()
        try:
            for row in rows:
                text = "".join(taken)
                taken.clear()
                if any(map(str.strip, row)):
                    number += 1
                    whole = len(row) >= width and not any(map(str.strip, row[width:]))
                    yield number, text, row if whole else None
        except csv.Error:  # which the reader of the portion reports
            yield number + 1, "".join(taken), None


def _lines(lines: Iterator[str]) -> Iterator[tuple[int, str, None]]:
    number = 0
    for line in lines:
        if not line.isspace():
            number += 1
            yield number, line.removesuffix("\n"), None


def _object(line: str) -> dict[str, Any] | None:
    """Return the object on a line, None for anything else."""
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _key(*data: bytes) -> bytes:
    found = hashlib.blake2b(digest_size=_KEY_BYTES)
    for one in data:
        found.update(one)
        found.update(b"\0")
    return found.digest()


class _Beginning(io.RawIOBase):
    """The first bytes of a file, so that a file that grows while it is read is read as it was."""

    def __init__(self, file: BinaryIO, size: int) -> None:
        self._file = file
        self._left = size

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(self._left if size < 0 else min(size, self._left))
        self._left -= len(data)
        return data

    read1 = read


def divided(path: Path, source_id: str, encoding: str | None, text_field: str | None) -> Divided | None:
    """Return a collection that can be divided; None for a source that must be read at once.

    Such a source is not a collection with a record on each line, or is small, not UTF-8, or without a readable record.
    """
    if path.suffix.lower() not in LINE_ENDINGS:
        return None
    if encoding is not None and known_encoding(encoding) not in ("utf-8", "utf-8-sig"):
        return None
    try:
        with open_regular(path) as file:
            head = file.read(HEAD)
            kind = kind_of(head, path.name)
            if kind not in (*_TABLES, "jsonl"):
                return None
            file.seek(0)
            looked_at = _looked_at(file)
        if looked_at is None:
            return None
        size, sha256 = looked_at
        name = "utf-8-sig" if head.startswith(codecs.BOM_UTF8) else "utf-8"
        found = Divided(path, source_id, kind, text_field, size, name, sha256)
        return found if _begins_well(found) else None
    except (OSError, SourceError):  # which reading it at once will report
        return None


def _looked_at(file: BinaryIO) -> tuple[int, str] | None:
    """Return the size and the SHA-256 of a file, or None when it is small, not UTF-8, or in need of repair."""
    digest, decoder = hashlib.sha256(), codecs.getincrementaldecoder("utf-8")()
    left = size = file.seek(0, io.SEEK_END)
    file.seek(0)
    if size < LEAST:
        return None
    controls = 0
    while left and (block := file.read(min(_BLOCK, left))):
        left -= len(block)
        digest.update(block)
        controls += count_controls(block)
        try:
            decoder.decode(block, final=not left)
        except UnicodeDecodeError:
            return None
        if b"\0" in block or may_need_repair(block):
            return None
    return None if left or is_binary(size, controls) else (size, digest.hexdigest())


def _begins_well(found: Divided) -> bool:
    """Set the columns of a table; return whether there are a text field and a first record."""
    if found.kind in _TABLES:
        with open_regular(found.path) as file:
            lines = io.TextIOWrapper(file, encoding=found.encoding, newline="")
            line = lines.readline(_PORTION)
            if not line.endswith("\n"):
                return False
            found.delimiter = "\t" if found.kind == "tsv" else tables.delimiter_of(line)
            lines.seek(0)
            try:
                found.columns = tables.header_names(next(tables.rows_of(lines, found.delimiter), []))
            except csv.Error:
                return False
        Records(None, found.text_field).choose_text_field(found.columns)
    first = next(iter(found._records()), None)
    return first is not None and (found.kind in _TABLES or _object(first[1]) is not None)
