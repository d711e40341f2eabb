"""The manifest's records of documents, compressed for the many documents of a collection."""

from __future__ import annotations

import json
import struct
import zlib
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator, Sequence
from copy import copy
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, pairwise
from typing import Any, NamedTuple

from policysearch.citation.versions import VersionRecord
from policysearch.documents.removals import RemovedCount
from policysearch.indexing.shapes import shaped

__all__ = ["SENTENCE_BYTES", "DocumentRecord", "Documents"]

SENTENCE_BYTES = 4
"""Size in bytes of each hash in ``DocumentRecord.longest_sentences``: collisions only cost a comparison."""

_BLOCK = 1000  # records
_MOST_BYTES = 1 << 26  # maximum size of a block in bytes; a larger one is invalid
_TEXT_BYTES, _TITLE_BYTES, _KEY_BYTES = 16, 8, 8
_NO_KEY = "00" * _KEY_BYTES
_UNPACKED = 128  # number of cached blocks: an update iterates over all records some twenty times
_HEAD = struct.Struct("<I")


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


class Documents:
    """Records of documents, in order.

    Each thousand is compressed as soon as it is complete, to some 35 bytes per record, and decompressed only during
    iteration. The rest is a list, and so are the records of nearly all sources.

    Attributes:
        sections: Number of sections of all.
        characters: Length of all texts in characters.
        bytes: Length of all texts in bytes of UTF-8.
        versions: Number of records with a ``version``.
    """

    def __init__(self, records: Iterable[DocumentRecord] = ()) -> None:
        self._blocks: list[bytes] = []
        self._rest: list[DocumentRecord] = []
        self.sections = self.characters = self.bytes = self.versions = 0
        for one in records:
            self.append(one)

    def append(self, record: DocumentRecord) -> None:
        """Add a record."""
        self._count((record,))
        self._rest.append(record)
        if len(self._rest) == _BLOCK:
            self._blocks.append(_packed(self._rest))
            self._rest = []

    def extend(self, other: Documents) -> None:
        """Add the records of another one, which is not read again."""
        for block in other._blocks:
            for one in _unpacked.__wrapped__(block):
                self.append(one)
        for one in other._rest:
            self.append(one)

    def _count(self, records: Sequence[DocumentRecord]) -> None:
        self.sections += sum([one.sections for one in records])
        self.characters += sum([one.characters for one in records])
        self.bytes += sum([one.bytes for one in records])
        self.versions += sum([one.version is not None for one in records])

    def followed_by(self, records: Iterable[DocumentRecord]) -> Documents:
        """Return these records followed by others; blocks are not decompressed."""
        found = copy(self)
        found._blocks, found._rest = self._blocks.copy(), self._rest.copy()
        for one in records:
            found.append(one)
        return found

    def __len__(self) -> int:
        return _BLOCK * len(self._blocks) + len(self._rest)

    def __iter__(self) -> Iterator[DocumentRecord]:
        # iterating over more blocks than are cached would evict each before it is used again
        unpacked = _unpacked if len(self._blocks) <= _UNPACKED else _unpacked.__wrapped__
        for block in self._blocks:
            yield from unpacked(block)
        yield from self._rest

    def __getitem__(self, number: int) -> DocumentRecord:
        """Return a record by its number from 0."""
        block, at = divmod(number, _BLOCK)
        return _unpacked(self._blocks[block])[at] if block < len(self._blocks) else self._rest[at]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Documents) and (self._blocks, self._rest) == (other._blocks, other._rest)

    __hash__ = None  # type: ignore[assignment]

    def to_state(self) -> Any:
        """Return them as plain values for JSON."""
        if not self._blocks:
            return self._rest
        return {"blocks": [b64encode(block).decode() for block in self._blocks], "rest": self._rest}

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
        found._rest = shaped(_Listed, {"records": state}).records
        if len(found._rest) >= _BLOCK:
            raise ValueError("a block expected")
        if any(min(one.sections, one.characters, one.bytes) < 0 for one in found._rest):
            raise ValueError("counts expected")
        if any(len(bytes.fromhex(one.key)) not in (0, _KEY_BYTES) for one in found._rest):
            raise ValueError("keys expected")
        found._count(found._rest)
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


def _packed(records: list[DocumentRecord]) -> bytes:
    columns = (
        [one.document_id for one in records],
        [one.sections for one in records],
        [one.characters for one in records],
        [one.bytes for one in records],
        [len(one.longest_sentences) // (2 * SENTENCE_BYTES) for one in records],
        {str(i): "" for i, one in enumerate(records) if not one.key},
        {str(i): one.version for i, one in enumerate(records) if one.version is not None},
        {str(i): one.removed for i, one in enumerate(records) if one.removed},
    )
    head = json.dumps(columns, separators=(",", ":")).encode()  # in ASCII: an id may contain any character
    hashes = "".join(
        [
            *(one.text_hash for one in records),
            *(one.title_hash for one in records),
            *(one.key or _NO_KEY for one in records),
            *(one.longest_sentences for one in records),
        ]
    )
    return zlib.compress(_HEAD.pack(len(head)) + head + bytes.fromhex(hashes))


@lru_cache(maxsize=_UNPACKED)
def _unpacked(block: bytes) -> list[DocumentRecord]:
    """Return the records of a block, which the caller must not change. Raises ``ValueError`` when it is corrupt."""
    reading = zlib.decompressobj()
    try:
        data = reading.decompress(block, _MOST_BYTES)
        (size,) = _HEAD.unpack_from(data)
        found = json.loads(data[_HEAD.size : _HEAD.size + size])
    except (zlib.error, struct.error, RecursionError) as error:
        raise ValueError("a block of records expected") from error
    if type(found) is not list or len(found) != 8 or not reading.eof or reading.unused_data:
        raise ValueError("a block of records expected")
    ids, *numbers = found[:5]
    if type(ids) is not list or len(ids) != _BLOCK or set(map(type, ids)) != {str}:
        raise ValueError("ids expected")
    for column in numbers:
        # the same checks as ``shaped``, ten times as fast
        if type(column) is not list or len(column) != _BLOCK or set(map(type, column)) != {int}:
            raise ValueError("numbers expected")
        if min(column) < 0 or max(column) >= 1 << 63:
            raise ValueError("counts expected")
    marks = shaped(_Marks, dict(zip(("unkeyed", "version", "removed"), found[5:], strict=True)))
    hashes = data[_HEAD.size + size :].hex()
    at = 0

    def taken(width: int) -> list[str]:
        nonlocal at
        start, at = at, at + 2 * width * _BLOCK
        return [hashes[i : i + 2 * width] for i in range(start, at, 2 * width)]

    texts, titles, keys = taken(_TEXT_BYTES), taken(_TITLE_BYTES), taken(_KEY_BYTES)
    ends = list(accumulate([2 * SENTENCE_BYTES * many for many in numbers[3]], initial=at))
    if ends[-1] != len(hashes):
        raise ValueError("hashes expected")
    longest = [hashes[a:b] for a, b in pairwise(ends)]
    versions: list[VersionRecord | None] = [None] * _BLOCK
    removed: list[dict[str, RemovedCount]] = [{}] * _BLOCK
    try:
        for name in marks.unkeyed:
            keys[int(name)] = ""
        for name, version in marks.version.items():
            versions[int(name)] = version
        for name, counts in marks.removed.items():
            removed[int(name)] = counts
    except IndexError as error:
        raise ValueError("numbers of records expected") from error
    rows = zip(ids, *numbers[:3], texts, titles, longest, versions, keys, removed, strict=True)
    return list(map(DocumentRecord._make, rows))
