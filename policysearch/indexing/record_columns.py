"""The manifest's records of a thousand documents as columns, and these as a block of bytes."""

from __future__ import annotations

import json
import struct
import zlib
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, chain, compress, pairwise, repeat
from typing import NamedTuple, TypeVar

from policysearch.citation.versions import VersionRecord
from policysearch.documents.removals import RemovedCount
from policysearch.files.numbers import big_endian, numbers_of
from policysearch.indexing.shapes import shaped

__all__ = ["BLOCK", "KEY_BYTES", "SENTENCE_BYTES", "TEXT_BYTES", "TITLE_BYTES", "Columns", "DocumentRecord"]

SENTENCE_BYTES = 4
"""Size in bytes of each hash in ``DocumentRecord.longest_sentences``: collisions only cost a comparison."""

TEXT_BYTES, TITLE_BYTES, KEY_BYTES = 16, 8, 8
"""Sizes in bytes of ``DocumentRecord.text_hash``, ``title_hash`` and ``key``."""

BLOCK = 1000
"""Number of records that are compressed together."""

_MOST_BYTES = 1 << 26  # maximum size of a block in bytes; a larger one is invalid
_NO_KEY = "00" * KEY_BYTES
_AS_TEXT = "00" * TITLE_BYTES
_HEAD = struct.Struct("<I")
_ONES = array("Q", [1] * BLOCK)


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
        titles: Hashes of titles, 8 bytes each; zeros for the beginning of the text's, since most are the complete text.
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
        same = record.text_hash.startswith(record.title_hash)
        self.titles += bytes(TITLE_BYTES) if same else bytes.fromhex(record.title_hash)
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
        self.many += (many := other.many[start:stop])
        self.texts += other.texts[TEXT_BYTES * start : TEXT_BYTES * stop]
        self.titles += other.titles[TITLE_BYTES * start : TITLE_BYTES * stop]
        self.keys += other.keys[KEY_BYTES * start : KEY_BYTES * stop]
        before, count = (start, stop - start) if other.many == _ONES else (sum(other.many[:start]), sum(many))
        self.sentences += other.sentences[SENTENCE_BYTES * before : SENTENCE_BYTES * (before + count)]

    def record(self, number: int) -> DocumentRecord:
        """Return a record by its number from 0."""
        one = Columns()
        one.extend(self, number, number + 1)
        return one.records()[0]

    def records(self) -> list[DocumentRecord]:
        """Return the records."""
        longest = [self.sentences[a:b].hex() for a, b in self._sentence_places()]
        keys = _hexed(self.keys, KEY_BYTES)
        for number in self.unkeyed:
            keys[number] = ""
        numbers = range(len(self.ids))
        versions = map(self.versions.get, numbers) if self.versions else repeat(None)
        removed = (self.removed.get(number, {}) for number in numbers) if self.removed else repeat({})
        texts = _hexed(self.texts, TEXT_BYTES)
        titles = [
            text[: 2 * TITLE_BYTES] if title == _AS_TEXT else title
            for text, title in zip(texts, _hexed(self.titles, TITLE_BYTES), strict=True)
        ]
        hashes = (texts, titles, longest)
        rows = zip(self.ids, self.sections, self.characters, self.bytes, *hashes, versions, keys, removed, strict=False)
        return list(map(DocumentRecord._make, rows))

    def hashes(self, number: int) -> tuple[str, str]:
        """Return the hashes of the text and of the title of a record, by its number from 0."""
        text = self.texts[TEXT_BYTES * number : TEXT_BYTES * (number + 1)].hex()
        title = self.titles[TITLE_BYTES * number : TITLE_BYTES * (number + 1)].hex()
        return text, text[: 2 * TITLE_BYTES] if title == _AS_TEXT else title

    def text_numbers(self) -> array[int]:
        """Return the first 8 bytes of each hash of a text as numbers."""
        return numbers_of("Q", self.texts)[::2]

    def key_numbers(self) -> array[int]:
        """Return the keys as numbers."""
        return numbers_of("Q", self.keys)

    def sentence_numbers(self) -> tuple[Sequence[str], Sequence[int]]:
        """Return hashes of longest sentences as numbers, each once for a document, and for each the document's id."""
        numbers = numbers_of("I", self.sentences)
        if self.many == _ONES:
            return self.ids, numbers
        if max(self.many, default=0) < 2:
            return list(compress(self.ids, self.many)), numbers
        size = SENTENCE_BYTES
        every = [set(numbers[a // size : b // size]) for a, b in self._sentence_places()]
        names = [name for name, own in zip(self.ids, every, strict=True) for _ in own]
        return names, list(chain.from_iterable(every))

    def _sentence_places(self) -> Iterator[tuple[int, int]]:
        return pairwise(accumulate([SENTENCE_BYTES * many for many in self.many], initial=0))

    def packed(self) -> bytes:
        """Return the thousand records as bytes: ids, marks and numbers are compressed; hashes follow, which cannot be.

        Most records have one section and one hash of sentences, which is noted for all of them.
        """
        marks = [{str(number): one for number, one in of.items()} for of in (self.unkeyed, self.versions, self.removed)]
        single = [self.sections == _ONES, self.many == _ONES]
        # in ASCII: an id may have any character
        head = json.dumps([self.ids, *marks, single], separators=(",", ":")).encode()
        counts = [one for one in (self.sections, self.many) if one != _ONES]
        numbers = map(big_endian, (*counts, self.characters, self.bytes))
        # most titles are missing or the complete text, so their hashes can be compressed
        compressed = zlib.compress(b"".join((_HEAD.pack(len(head)), head, *numbers, self.titles)), 1)
        return compressed + self.texts + self.keys + self.sentences

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
        if type(read) is not list or len(read) != 5 or not reading.eof:
            raise ValueError("a block of records expected")
        found = cls()
        found.ids, *read_marks, single = read
        # the same checks as ``shaped``, ten times as fast
        if type(found.ids) is not list or len(found.ids) != BLOCK or set(map(type, found.ids)) != {str}:
            raise ValueError("ids expected")
        single_section, single_hash = shaped(_Single, {"records": single}).records
        numbers = data[_HEAD.size + size :]
        if len(numbers) != 8 * BLOCK * (5 - single_section - single_hash):
            raise ValueError("numbers expected")
        found.titles += numbers[-TITLE_BYTES * BLOCK :]
        numbers = numbers[: -TITLE_BYTES * BLOCK]
        if not numbers[::8].isascii():
            raise ValueError("counts below 2**63 expected")
        columns = [numbers_of("Q", numbers[at : at + 8 * BLOCK]) for at in range(0, len(numbers), 8 * BLOCK)]
        found.sections = _ONES[:] if single_section else columns.pop(0)
        found.many = _ONES[:] if single_hash else columns.pop(0)
        found.characters, found.bytes = columns
        marks = shaped(_Marks, dict(zip(("unkeyed", "version", "removed"), read_marks, strict=True)))
        found.unkeyed, found.versions = _numbered(marks.unkeyed), _numbered(marks.version)
        found.removed = _numbered(marks.removed)
        hashes = reading.unused_data
        widths = (TEXT_BYTES * BLOCK, KEY_BYTES * BLOCK, SENTENCE_BYTES * sum(found.many))
        if len(hashes) != sum(widths):
            raise ValueError("hashes expected")
        places = pairwise(accumulate(widths, initial=0))
        found.texts, found.keys, found.sentences = (bytearray(hashes[a:b]) for a, b in places)
        return found


_Mark = TypeVar("_Mark")


def _between(marks: dict[int, _Mark], start: int, stop: int, shift: int) -> dict[int, _Mark]:
    few: Iterable[int] = range(start, stop) if stop - start < len(marks) else marks
    return {number + shift: marks[number] for number in few if start <= number < stop and number in marks}


def _numbered(marks: dict[str, _Mark]) -> dict[int, _Mark]:
    numbers = {int(name): one for name, one in marks.items()}
    if numbers and not (len(numbers) == len(marks) and 0 <= min(numbers) <= max(numbers) < BLOCK):
        raise ValueError("numbers of records expected")
    return numbers


def _hexed(hashes: bytearray, width: int) -> list[str]:
    written = hashes.hex()
    return [written[at : at + 2 * width] for at in range(0, len(written), 2 * width)]


@dataclass(slots=True)
class _Single:
    records: tuple[bool, bool]


@dataclass(slots=True)
class _Marks:
    """Fields that few records of a block have, by the numbers of the records."""

    unkeyed: dict[str, str]
    version: dict[str, VersionRecord]
    removed: dict[str, dict[str, RemovedCount]]
