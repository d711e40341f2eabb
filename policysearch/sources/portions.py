"""Collections with a record on each line (JSON lines, CSV, TSV), divided into portions that are read separately.

The file is read twice from beginning to end, a block at a time, and is never completely in memory: first to make sure
that it is UTF-8 (to detect any other encoding takes the complete file, and such a file is read at once), then record by
record. The readings of a portion are those that the reader of the complete file would give.
"""

from __future__ import annotations

import codecs
import contextlib
import csv
import hashlib
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

from policysearch.errors import SourceError
from policysearch.files.regular import open_regular
from policysearch.sources.encodings import Decoded, count_controls, is_binary, known_encoding
from policysearch.sources.finding import document_id
from policysearch.sources.hash_set import HashSet
from policysearch.sources.kinds import HEAD, kind_of
from policysearch.sources.known_records import KnownRecords
from policysearch.sources.mojibake import may_need_repair
from policysearch.sources.readers import csv as tables
from policysearch.sources.readers import jsonl
from policysearch.sources.readers.collection_records import ID_FIELDS, Records, id_of
from policysearch.sources.readers.json_values import line_value, value_text
from policysearch.sources.readers.reading import FailedRecord, Reading

__all__ = ["LEAST", "LINE_ENDINGS", "PORTION_BYTES", "Divided", "Portion", "divided", "read_portion"]

LEAST = 1_500_000
"""Minimum size in bytes; a smaller collection is read at once."""

LINE_ENDINGS = frozenset({".jsonl", ".ndjson", ".csv", ".tsv", ".tab"})
"""Suffixes of files that may be such collections."""

PORTION_BYTES = 750_000
"""Approximate size of a portion, in bytes."""

_PORTION = PORTION_BYTES // 3  # characters
_BLOCK = 1 << 20
_KEY_BYTES = 8
_AT_ONCE = 5_000  # records whose keys are looked up together
_LONGEST_LAST, _MOST_LINES = 1 << 16, 200  # bytes and lines of the last record before those that were added
_LONGEST_SIGN = 8  # characters of a sign of a wrong decoding, at least
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


@dataclass(slots=True)
class Divided:
    """A collection that can be divided.

    Attributes:
        path: Its path.
        source_id: The id of the source.
        kind: ``jsonl``, ``csv`` or ``tsv``.
        text_field: The column of the text; None for the usual names.
        size: In bytes.
        mark: Size in bytes of the byte order mark at its beginning.
        sha256: Of the file.
        unchanged: Size in bytes of its beginning that is the complete file as it was read last; 0 if it is not.
    """

    path: Path
    source_id: str
    kind: str
    text_field: str | None
    size: int
    mark: int
    sha256: str
    unchanged: int = 0
    columns: tuple[str, ...] = ()
    delimiter: str = ""

    def portions(self, known: KnownRecords, *, grown: bool = False, multiple: int = 1) -> Iterator[Portion]:
        """Yield portions with the records that are not known, in order.

        One of more than ``multiple`` records has a multiple of it, unless that makes it too large.

        A record's key is a hash of the columns and of its text, and of its number where it has no id: records with
        the same key are read as the same document.

        ``known`` receives the number of each record that it has. ``grown``: whether it has all that the unchanged
        beginning contains, so that only the rest is read, if a record ends there.

        Raises ``SourceError`` when the file has changed.
        """
        seen = HashSet()  # of ids: of any two, no more than one in 10¹⁹ pairs is taken for equal
        here: set[str] = set()  # those that occur first in the portion
        portion, size = self._empty(), 0
        head = f"{self.columns}{self.delimiter}".encode()
        start = first = 0
        with contextlib.suppress(OSError):  # which reading it will report
            if grown and self.unchanged and known.distinct and self._ends_at(self.unchanged, known, head):
                known.hold_all()
                start, first = self.unchanged, len(known)
        for number, text, key in self._unknown(start, first, known, _hash_of(head)):
            value = self._value(text)
            stated = self._id_of(value)
            if not stated:
                stated = str(number)
                key = _numbered_key(number, head, text.encode())
                if known.hold(known.places_of([key]), 0, number):
                    continue
            name = document_id(self.source_id, stated)
            if value is not None:
                if known.replace(name) and seen.add(hash(name)):
                    here.add(name)
                elif name not in here:
                    portion.seen.append(stated)
            portion.numbers.append(number)
            portion.records.append(text)
            portion.keys.append(key.hex())
            size += len(text)
            count = len(portion.numbers)
            full = size >= _PORTION and count < multiple
            if full or size >= 2 * _PORTION or (size >= 0.75 * _PORTION and count % multiple == 0):
                yield portion
                portion, size = self._empty(), 0
                here.clear()
        if portion.numbers:
            yield portion

    def _empty(self) -> Portion:
        return Portion(self.kind, self.text_field, self.columns, self.delimiter)

    def _unknown(self, start: int, number: int, known: KnownRecords, head: Any) -> Iterator[tuple[int, str, bytes]]:
        """Yield the number, the text and the key of each record that is not known by its key alone.

        The others are not parsed: that would take as long as the rest.
        """
        records = self._records(start)
        while batch := list(islice(records, _AT_ONCE)):
            keys = [_key(head.copy(), data) for data in batch]
            places = known.places_of(keys)
            at = 0
            while at < len(batch):
                if places[at] >= 0 and (held := known.hold(places, at, number + 1)):
                    number += held
                    at += held
                    continue
                text = _decoded(batch[at])
                if text.strip():
                    number += 1
                    yield number, text, keys[at]
                at += 1

    def _value(self, text: str) -> Any:
        """Return the object or the row of a record; None for an invalid one."""
        if self.kind == "jsonl":
            return _object(text)
        try:
            row = next(tables.rows_of(io.StringIO(text, newline=""), self.delimiter))
        except csv.Error:  # which the reader of the portion reports
            return None
        width = len(self.columns)
        return row if len(row) >= width and not any(map(str.strip, row[width:])) else None

    def _id_of(self, value: Any) -> str:
        if isinstance(value, dict):
            return id_of({name: value_text(value[name]) for name in ID_FIELDS if name in value})
        return "" if value is None else id_of(dict(zip(self.columns, value, strict=False)))

    def _records(self, start: int = 0) -> Iterator[bytes]:
        """Yield each record from a place in bytes, and lines of white space between those of JSON lines."""
        try:
            with open_regular(self.path) as file:
                begin = file.seek(start or self.mark)
                beginning = _Beginning(file, self.size - begin)
                if self.kind in _TABLES:
                    lines = io.TextIOWrapper(beginning, encoding="utf-8", newline="")  # type: ignore[type-var]
                    yield from map(str.encode, self._rows(lines, whole=not start))
                else:
                    yield from _lines(beginning)
        except UnicodeDecodeError as error:
            raise _changed() from error
        except OSError as error:
            raise SourceError(f"It cannot be read: {error.strerror or error}.") from error

    def _rows(self, lines: Iterator[str], *, whole: bool) -> Iterator[str]:
        """Yield the text of each row that is not empty; ``whole``: whether the first names the columns."""
        taken: list[str] = []

        def noted() -> Iterator[str]:
            for line in lines:
                taken.append(line)
                yield line

        rows = tables.rows_of(noted(), self.delimiter)
        if whole:
            next(rows, None)
            taken.clear()
        try:
            for row in rows:
                text = "".join(taken)
                taken.clear()
                if any(map(str.strip, row)):
                    yield text
        except csv.Error:
            yield "".join(taken)

    def _ends_at(self, place: int, known: KnownRecords, head: bytes) -> bool:
        """Return whether a record ends at a place in bytes, before which is no other than those that are known."""
        with open_regular(self.path) as file:
            file.seek(max(0, place - _LONGEST_LAST))
            before = file.read(min(place, _LONGEST_LAST))
            if self.kind not in _TABLES:
                return place == self.size or b"\n" in (before[-1:], file.read(1))
        if not before.endswith(b"\n"):
            return False
        lines = before.splitlines(keepends=True)
        while lines and not lines[-1].decode("utf-8", "replace").replace(self.delimiter, "").strip():
            lines.pop()
        wanted, last = known.key_of(len(known) - 1), b""
        for line in reversed(lines[-_MOST_LINES:]):
            last = line + last
            keys = _key(_hash_of(head), last), _numbered_key(len(known), head, last)
            if wanted in [int.from_bytes(key, "big") for key in keys]:
                return _is_closed(last.decode(), self.delimiter)
        return False


def _is_closed(row: str, delimiter: str) -> bool:
    """Return whether a row would be the same if another line followed: whether no field with a quote is open."""
    try:
        return len(list(tables.rows_of([*io.StringIO(row, newline=""), "-\n"], delimiter))) == 2
    except csv.Error:
        return False


def _lines(file: _Beginning) -> Iterator[bytes]:
    pieces: list[bytes] = []
    while block := file.read(_BLOCK):
        first, *others = block.split(b"\n")
        pieces.append(first)
        if others:
            yield b"".join(pieces)
            pieces = [others.pop()]
            yield from others
    yield b"".join(pieces)


def _decoded(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise _changed() from error


def _changed() -> SourceError:
    return SourceError("It was changed while it was read. Index it again.")


def _object(line: str) -> dict[str, Any] | None:
    """Return the object on a line, None for anything else."""
    try:
        value = line_value(line)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _hash_of(head: bytes) -> Any:
    found = hashlib.blake2b(head, digest_size=_KEY_BYTES)
    found.update(b"\0")
    return found


def _key(found: Any, data: bytes) -> bytes:
    found.update(data)
    found.update(b"\0")
    key: bytes = found.digest()
    return key


def _numbered_key(number: int, head: bytes, data: bytes) -> bytes:
    return _key(_hash_of(b"%d %b" % (number, head)), data)


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


def divided(
    path: Path, source_id: str, encoding: str | None, text_field: str | None, before: tuple[int, str] | None = None
) -> Divided | None:
    """Return a collection that can be divided; None for a source that must be read at once.

    Such a source is not a collection with a record on each line, or is small, not UTF-8, or without a readable record.

    ``before``: the size and the SHA-256 of the file when it was divided last.
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
            looked_at = _looked_at(file, before)
        if looked_at is None:
            return None
        mark = len(codecs.BOM_UTF8) if head.startswith(codecs.BOM_UTF8) else 0
        found = Divided(path, source_id, kind, text_field, looked_at[0], mark, *looked_at[1:])
        return found if _begins_well(found) else None
    except (OSError, SourceError):  # which reading it at once will report
        return None


def _looked_at(file: BinaryIO, before: tuple[int, str] | None) -> tuple[int, str, int] | None:
    """Return the size and the SHA-256 of a file, and ``Divided.unchanged``.

    None when it is small, not UTF-8, or in need of repair, which is not asked again of the unchanged beginning.
    """
    size = file.seek(0, io.SEEK_END)
    file.seek(0)
    if size < LEAST:
        return None
    digest, controls = hashlib.sha256(), 0
    hashed = before[0] if before is not None and 0 < before[0] <= size else 0
    for block in _blocks_of(file, hashed):
        digest.update(block)
    unchanged = hashed if before is not None and digest.hexdigest() == before[1] else 0
    file.seek(unchanged)
    decoder, at, last = codecs.getincrementaldecoder("utf-8")(), unchanged, ""
    for block in _blocks_of(file, size - unchanged):
        at += len(block)
        digest.update(block[-(at - hashed) :] if at > hashed else b"")
        controls += count_controls(block)
        try:
            text = last + decoder.decode(block, final=at == size)
        except UnicodeDecodeError:
            return None
        if "\0" in text or may_need_repair(text):
            return None
        last = text[-_LONGEST_SIGN:]
    if unchanged and controls:  # without any, the file is not binary, since its beginning was not
        file.seek(0)
        controls += sum(map(count_controls, _blocks_of(file, unchanged)))
    return None if at < size or is_binary(size, controls) else (size, digest.hexdigest(), unchanged)


def _blocks_of(file: BinaryIO, size: int) -> Iterator[bytes]:
    while size and (block := file.read(min(_BLOCK, size))):
        size -= len(block)
        yield block


def _begins_well(found: Divided) -> bool:
    """Set the columns of a table; return whether there are a text field and a first record."""
    if found.kind in _TABLES:
        with open_regular(found.path) as file:
            lines = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
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
    first = next(filter(str.strip, map(_decoded, found._records())), None)
    return first is not None and (found.kind in _TABLES or _object(first) is not None)
