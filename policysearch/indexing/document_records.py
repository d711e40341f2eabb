"""The manifest's records of documents, compressed for the many documents of a collection."""

from __future__ import annotations

import json
import struct
import sys
import zlib
from array import array
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator, Sequence
from copy import copy
from dataclasses import dataclass
from itertools import accumulate, chain, pairwise, repeat
from threading import Lock
from typing import Any, NamedTuple, TypeVar

from policysearch.citation.versions import VersionRecord
from policysearch.documents.removals import RemovedCount
from policysearch.indexing.shapes import shaped

__all__ = ["BLOCK", "SENTENCE_BYTES", "TEXT_BYTES", "TITLE_BYTES", "Columns", "DocumentRecord", "Documents"]

SENTENCE_BYTES = 4
"""Size in bytes of each hash in ``DocumentRecord.longest_sentences``: collisions only cost a comparison."""

TEXT_BYTES, TITLE_BYTES = 16, 8
"""Sizes in bytes of ``DocumentRecord.text_hash`` and ``title_hash``."""

BLOCK = 1000
"""Number of records that are compressed together."""

_MOST_BYTES = 1 << 26  # maximum size of a block in bytes; a larger one is invalid
_KEY_BYTES = 8
_NO_KEY = "00" * _KEY_BYTES
_UNPACKED = 128  # number of cached blocks: an update iterates over all records some twenty times
_HEAD = struct.Struct("<I")
_NO_LIMIT = 1 << 63


class DocumentRecord(NamedTuple):
    """The manifest's record of a document.

    Attributes:
        document_id: The document's id.
        sections: Number of its sections.
        characters: Length of its text in characters.
        bytes: Length of its text in bytes of UTF-8.
        text_hash: A hash of its text in hexadecimal, 16 bytes, equal for texts that compare as equal.
        title_hash: The same for its title, 8 bytes.
        longest_sentences: Hashes by which possible near-duplicates are found; see ``near_duplicates``.
        version: The values by which its versions are found; None for a document that cannot have any.
        key: The hash by which an unchanged record of a collection is recognized; see ``portions.Divided``. Empty for
            others.
        removed: The text removed from a record of a collection; empty for others.
    """

    document_id: str
    sections: int
    characters: int
    bytes: int
    text_hash: str
    title_hash: str
    longest_sentences: str
    version: VersionRecord | None = None
    key: str = ""
    removed: dict[str, RemovedCount] = {}  # noqa: RUF012


class Columns:
    """Records of documents as columns, in order: a thousand are checked and compared in the time of forty tuples.

    Attributes:
        ids: The id of each document.
        sections: Number of its sections.
        characters: Length of its text in characters.
        bytes: Length of its text in bytes of UTF-8.
        texts: Hashes of texts, 16 bytes each.
        titles: Hashes of titles, 8 bytes each.
        keys: Keys, 8 bytes each; zeros for a record without one.
        many: Number of hashes that each has in ``sentences``.
        sentences: ``longest_sentences`` of all, 4 bytes for each hash.
        unkeyed: The numbers, from 0, of records without a key.
        versions: Those with a ``version``, with it.
        removed: Those with a text removed, with it.
    """

    def __init__(self, records: Iterable[DocumentRecord] = ()) -> None:
        self.ids: list[str] = []
        self.sections, self.characters, self.bytes, self.many = array("Q"), array("Q"), array("Q"), array("Q")
        self.texts, self.titles, self.keys, self.sentences = bytearray(), bytearray(), bytearray(), bytearray()
        self.unkeyed: dict[int, str] = {}
        self.versions: dict[int, VersionRecord] = {}
        self.removed: dict[int, dict[str, RemovedCount]] = {}
        for one in records:
            self.append(one)

    def __len__(self) -> int:
        return len(self.ids)

    def append(self, record: DocumentRecord) -> None:
        """Add a record."""
        if not record.key:
            self.unkeyed[len(self.ids)] = ""
        if record.version is not None:
            self.versions[len(self.ids)] = record.version
        if record.removed:
            self.removed[len(self.ids)] = record.removed
        self.ids.append(record.document_id)
        self.sections.append(record.sections)
        self.characters.append(record.characters)
        self.bytes.append(record.bytes)
        self.many.append(len(record.longest_sentences) // (2 * SENTENCE_BYTES))
        self.texts += bytes.fromhex(record.text_hash)
        self.titles += bytes.fromhex(record.title_hash)
        self.keys += bytes.fromhex(record.key or _NO_KEY)
        self.sentences += bytes.fromhex(record.longest_sentences)

    def extend(self, other: Columns, start: int, stop: int) -> None:
        """Add the records of another one from number ``start`` to before ``stop``."""
        shift = len(self.ids) - start
        self.unkeyed |= _between(other.unkeyed, start, stop, shift)
        self.versions |= _between(other.versions, start, stop, shift)
        self.removed |= _between(other.removed, start, stop, shift)
        self.ids += other.ids[start:stop]
        self.sections += other.sections[start:stop]
        self.characters += other.characters[start:stop]
        self.bytes += other.bytes[start:stop]
        self.many += other.many[start:stop]
        self.texts += other.texts[TEXT_BYTES * start : TEXT_BYTES * stop]
        self.titles += other.titles[TITLE_BYTES * start : TITLE_BYTES * stop]
        self.keys += other.keys[_KEY_BYTES * start : _KEY_BYTES * stop]
        before = SENTENCE_BYTES * sum(other.many[:start])
        self.sentences += other.sentences[before : before + SENTENCE_BYTES * sum(other.many[start:stop])]

    def record(self, number: int) -> DocumentRecord:
        """Return a record by its number from 0."""
        one = Columns()
        one.extend(self, number, number + 1)
        return one.records()[0]

    def records(self) -> list[DocumentRecord]:
        """Return the records."""
        longest = [self.sentences[a:b].hex() for a, b in self._sentence_places()]
        keys = _hexed(self.keys, _KEY_BYTES)
        for number in self.unkeyed:
            keys[number] = ""
        numbers = range(len(self.ids))
        versions = map(self.versions.get, numbers) if self.versions else repeat(None)
        removed = (self.removed.get(number, {}) for number in numbers) if self.removed else repeat({})
        hashes = (_hexed(self.texts, TEXT_BYTES), _hexed(self.titles, TITLE_BYTES), longest)
        rows = zip(self.ids, self.sections, self.characters, self.bytes, *hashes, versions, keys, removed, strict=False)
        return list(map(DocumentRecord._make, rows))

    def hashes(self, number: int) -> tuple[str, str]:
        """Return the hashes of the text and of the title of a record, by its number from 0."""
        text = self.texts[TEXT_BYTES * number : TEXT_BYTES * (number + 1)]
        return text.hex(), self.titles[TITLE_BYTES * number : TITLE_BYTES * (number + 1)].hex()

    def text_numbers(self) -> array[int]:
        """Return the first 8 bytes of each hash of a text as numbers."""
        return _numbers("Q", self.texts)[::2]

    def key_numbers(self) -> array[int]:
        """Return the keys as numbers."""
        return _numbers("Q", self.keys)

    def sentence_numbers(self) -> tuple[Sequence[str], Sequence[int]]:
        """Return hashes of longest sentences as numbers, each once for a document, and for each the document's id."""
        numbers = _numbers("I", self.sentences)
        if len(numbers) == len(self.ids) and min(self.many, default=1):  # one for each, as for records
            return self.ids, numbers
        size = SENTENCE_BYTES
        every = [set(numbers[a // size : b // size]) for a, b in self._sentence_places()]
        names = [name for name, own in zip(self.ids, every, strict=True) for _ in own]
        return names, list(chain.from_iterable(every))

    def _sentence_places(self) -> Iterator[tuple[int, int]]:
        return pairwise(accumulate([SENTENCE_BYTES * many for many in self.many], initial=0))

    def packed(self) -> bytes:
        """Return the records as bytes: ids, marks and numbers are compressed; hashes, which cannot be, follow them."""
        marks = [{str(number): one for number, one in of.items()} for of in (self.unkeyed, self.versions, self.removed)]
        head = json.dumps([self.ids, *marks], separators=(",", ":")).encode()  # in ASCII: an id may have any character
        # most titles are missing or the complete text: such a hash is that of no title, or the beginning of the text's
        pairs = zip(_numbers("Q", self.titles), self.text_numbers(), strict=True)
        titles = array("Q", [0 if title == text else title for title, text in pairs])
        numbers = _big_endian(self.sections + self.characters + self.bytes + self.many + titles)
        hashes = self.texts + self.keys + self.sentences
        return zlib.compress(_HEAD.pack(len(head)) + head + numbers, 1) + hashes

    @classmethod
    def unpacked(cls, block: bytes) -> Columns:
        """Return the thousand records of a block, not to be changed. Raises ``ValueError`` when it is corrupt."""
        reading = zlib.decompressobj()
        try:
            data = reading.decompress(block, _MOST_BYTES)
            (size,) = _HEAD.unpack_from(data)
            read = json.loads(data[_HEAD.size : _HEAD.size + size])
        except (zlib.error, struct.error, RecursionError) as error:
            raise ValueError("a block of records expected") from error
        if type(read) is not list or len(read) != 4 or not reading.eof:
            raise ValueError("a block of records expected")
        found = cls()
        found.ids = read[0]
        # the same checks as ``shaped``, ten times as fast
        if type(found.ids) is not list or len(found.ids) != BLOCK or set(map(type, found.ids)) != {str}:
            raise ValueError("ids expected")
        numbers = data[_HEAD.size + size :]
        if len(numbers) != 5 * 8 * BLOCK:
            raise ValueError("numbers expected")
        every = _numbers("Q", numbers)
        found.sections, found.characters, found.bytes, found.many, titles = (
            every[at : at + BLOCK] for at in range(0, 5 * BLOCK, BLOCK)
        )
        if max(every[: 4 * BLOCK]) >= 1 << 63:
            raise ValueError("counts expected")
        marks = shaped(_Marks, dict(zip(("unkeyed", "version", "removed"), read[1:], strict=True)))
        found.unkeyed, found.versions = _numbered(marks.unkeyed), _numbered(marks.version)
        found.removed = _numbered(marks.removed)
        hashes = reading.unused_data
        widths = (TEXT_BYTES * BLOCK, _KEY_BYTES * BLOCK, SENTENCE_BYTES * sum(found.many))
        if len(hashes) != sum(widths):
            raise ValueError("hashes expected")
        places = pairwise(accumulate(widths, initial=0))
        found.texts, found.keys, found.sentences = (bytearray(hashes[a:b]) for a, b in places)
        pairs = zip(titles, found.text_numbers(), strict=True)
        found.titles += _big_endian(array("Q", [title or text for title, text in pairs]))
        return found


_cached: dict[bytes, Columns] = {}
_caching = Lock()


def _packed(columns: Columns) -> bytes:
    block = columns.packed()
    _cache(block, columns)
    return block


def _unpacked(block: bytes) -> Columns:
    found = _cached.get(block)
    if found is None:
        found = Columns.unpacked(block)
        _cache(block, found)
    return found


def _cache(block: bytes, columns: Columns) -> None:
    with _caching:
        if len(_cached) >= _UNPACKED:
            del _cached[next(iter(_cached))]
        _cached[block] = columns


_Mark = TypeVar("_Mark")


def _between(marks: dict[int, _Mark], start: int, stop: int, shift: int) -> dict[int, _Mark]:
    few: Iterable[int] = range(start, stop) if stop - start < len(marks) else marks
    return {number + shift: marks[number] for number in few if start <= number < stop and number in marks}


def _numbered(marks: dict[str, _Mark]) -> dict[int, _Mark]:
    numbers = {int(name): one for name, one in marks.items()}
    if numbers and not (len(numbers) == len(marks) and 0 <= min(numbers) <= max(numbers) < BLOCK):
        raise ValueError("numbers of records expected")
    return numbers


def _are_hashes(record: DocumentRecord) -> bool:
    """Return whether the hashes of a record have the sizes that they have in columns. Raises ``ValueError`` too."""
    sizes = len(bytes.fromhex(record.text_hash)), len(bytes.fromhex(record.title_hash))
    return (
        sizes == (TEXT_BYTES, TITLE_BYTES)
        and len(bytes.fromhex(record.key)) in (0, _KEY_BYTES)
        and len(bytes.fromhex(record.longest_sentences)) % SENTENCE_BYTES == 0
    )


def _hexed(hashes: bytearray, width: int) -> list[str]:
    written = hashes.hex()
    return [written[at : at + 2 * width] for at in range(0, len(written), 2 * width)]


def _numbers(kind: str, written: bytes | bytearray) -> array[int]:
    """Return numbers that are written in big-endian order."""
    numbers = array(kind, bytes(written))
    if sys.byteorder == "little":
        numbers.byteswap()
    return numbers


def _big_endian(numbers: array[int]) -> bytes:
    return _numbers(numbers.typecode, numbers.tobytes()).tobytes()


class Documents:
    """Records of documents, in order.

    Each thousand is compressed as soon as it is complete, to some 35 bytes per record, and decompressed only where it
    is needed. The rest is a list, and so are the records of nearly all sources.

    Attributes:
        rest: The records after the last complete thousand.
        sections: Number of sections of all.
        characters: Length of all texts in characters.
        bytes: Length of all texts in bytes of UTF-8.
        versions: Number of records with a ``version``.
    """

    def __init__(self, records: Iterable[DocumentRecord] = ()) -> None:
        self._blocks: list[bytes] = []
        self.rest: list[DocumentRecord] = []
        self.sections = self.characters = self.bytes = self.versions = 0
        for one in records:
            self.append(one)

    def append(self, record: DocumentRecord) -> None:
        """Add a record."""
        self.sections += record.sections
        self.characters += record.characters
        self.bytes += record.bytes
        self.versions += record.version is not None
        self.rest.append(record)
        if len(self.rest) == BLOCK:
            self._blocks.append(_packed(Columns(self.rest)))
            self.rest = []

    def extend(self, other: Documents) -> None:
        """Add the records of another one, which is not read again."""
        if not self.rest:  # its blocks are complete here too
            self._blocks += other._blocks
            self.rest = other.rest.copy()
            self.sections += other.sections
            self.characters += other.characters
            self.bytes += other.bytes
            self.versions += other.versions
            return
        for block in other._blocks:
            for one in Columns.unpacked(block).records():
                self.append(one)
        for one in other.rest:
            self.append(one)

    def _count(self, columns: Columns) -> None:
        self.sections += sum(columns.sections)
        self.characters += sum(columns.characters)
        self.bytes += sum(columns.bytes)
        self.versions += len(columns.versions)

    def followed_by(self, records: Iterable[DocumentRecord]) -> Documents:
        """Return these records followed by others; blocks are not decompressed."""
        found = copy(self)
        found._blocks, found.rest = self._blocks.copy(), self.rest.copy()
        for one in records:
            found.append(one)
        return found

    def merged(self, numbers: Sequence[int], others: Iterable[tuple[int, DocumentRecord]]) -> Documents:
        """Return these records and others in the order of their numbers, which are above 0 and ascend in both.

        ``numbers`` has one for each of these, or 0 for a record that is left out.
        """
        found, last = Documents(), Columns()

        def add(columns: Columns, start: int, stop: int) -> None:
            nonlocal last
            while start < stop:
                until = min(stop, start + BLOCK - len(last))
                last.extend(columns, start, until)
                start = until
                if len(last) == BLOCK:
                    found._count(last)
                    found._blocks.append(_packed(last))
                    last = Columns()

        waiting = iter(others)
        pending = next(waiting, None)
        before = 0
        for columns in chain(self.blocks(), (Columns(self.rest),)):
            own = numbers[before : before + len(columns)]
            before += len(columns)
            at = 0
            while at < len(own):
                start, limit = at, pending[0] if pending else _NO_LIMIT
                while at < len(own) and 0 < own[at] < limit:
                    at += 1
                add(columns, start, at)
                if pending and at < len(own) and own[at]:
                    add(Columns((pending[1],)), 0, 1)
                    pending = next(waiting, None)
                else:
                    at += 1
        found._count(last)
        found.rest = last.records()
        return found.followed_by(one for _, one in chain((pending,) if pending else (), waiting))

    def __len__(self) -> int:
        return BLOCK * len(self._blocks) + len(self.rest)

    def blocks(self) -> Iterator[Columns]:
        """Yield the complete thousands, not to be changed."""
        # iterating over more blocks than are cached would evict each before it is used again
        return map(_unpacked if len(self._blocks) <= _UNPACKED else Columns.unpacked, self._blocks)

    def __iter__(self) -> Iterator[DocumentRecord]:
        for block in self.blocks():
            yield from block.records()
        yield from self.rest

    def __getitem__(self, number: int) -> DocumentRecord:
        """Return a record by its number from 0."""
        block, at = divmod(number, BLOCK)
        return _unpacked(self._blocks[block]).record(at) if block < len(self._blocks) else self.rest[at]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Documents) and (self._blocks, self.rest) == (other._blocks, other.rest)

    __hash__ = None  # type: ignore[assignment]

    def ids(self) -> list[str]:
        """Return the ids of all."""
        return [*chain.from_iterable(block.ids for block in self.blocks()), *(one.document_id for one in self.rest)]

    def keys(self) -> array[int] | None:
        """Return the keys of all as numbers, None when one has none."""
        found = array("Q")
        for block in self.blocks():
            if block.unkeyed:
                return None
            found += block.key_numbers()
        if not all(one.key for one in self.rest):
            return None
        found.extend(int(one.key, 16) for one in self.rest)
        return found

    def versioned(self) -> Iterator[tuple[str, VersionRecord]]:
        """Yield the ids and versions of the records that have one."""
        if self.versions:
            for block in self.blocks():
                yield from ((block.ids[number], version) for number, version in sorted(block.versions.items()))
        yield from ((one.document_id, one.version) for one in self.rest if one.version is not None)

    def removed(self) -> Iterator[dict[str, RemovedCount]]:
        """Yield the removed text of each record of which some was."""
        for block in self.blocks():
            yield from (block.removed[number] for number in sorted(block.removed))
        yield from (one.removed for one in self.rest if one.removed)

    def to_state(self) -> Any:
        """Return them as plain values for JSON."""
        if not self._blocks:
            return self.rest
        return {"blocks": [b64encode(block).decode() for block in self._blocks], "rest": self.rest}

    @classmethod
    def from_state(cls, state: Any) -> Documents:
        """Return the records from the result of ``to_state``. Raises ``ValueError`` for anything else."""
        found = cls()
        if type(state) is dict:
            held = shaped(_Stored, state)
            found._blocks = [b64decode(block, validate=True) for block in held.blocks]
            for block in found._blocks:
                found._count(_unpacked(block))
            state = held.rest
        rest = shaped(_Listed, {"records": state}).records
        if len(rest) >= BLOCK:
            raise ValueError("a block expected")
        if any(min(one.sections, one.characters, one.bytes) < 0 for one in rest):
            raise ValueError("counts expected")
        for one in rest:
            if not _are_hashes(one):
                raise ValueError("hashes expected")
            found.append(one)
        return found


@dataclass(slots=True)
class _Stored:
    blocks: list[str]
    rest: Any


@dataclass(slots=True)
class _Listed:
    records: list[DocumentRecord]


@dataclass(slots=True)
class _Marks:
    """Fields that few records of a block have, by the numbers of the records."""

    unkeyed: dict[str, str]
    version: dict[str, VersionRecord]
    removed: dict[str, dict[str, RemovedCount]]
