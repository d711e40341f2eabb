"""The manifest's records of documents, compressed for the many documents of a collection."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from copy import copy
from dataclasses import dataclass
from itertools import chain
from threading import Lock
from typing import Any

from policysearch.citation.versions import VersionRecord
from policysearch.documents.removals import RemovedCount
from policysearch.indexing.record_columns import (
    BLOCK,
    KEY_BYTES,
    SENTENCE_BYTES,
    TEXT_BYTES,
    TITLE_BYTES,
    Columns,
    DocumentRecord,
)
from policysearch.indexing.shapes import shaped

__all__ = ["Documents"]

_UNPACKED = 256  # number of cached blocks: an update iterates over all records some twenty times, before and after
_NO_LIMIT = 1 << 63


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

        def end() -> None:
            nonlocal last
            if len(last) == BLOCK:
                found._count(last)
                found._blocks.append(_packed(last))
                last = Columns()

        def add(columns: Columns, start: int, stop: int) -> None:
            while start < stop:
                until = min(stop, start + BLOCK - len(last))
                last.extend(columns, start, until)
                start = until
                end()

        waiting = iter(others)
        pending = next(waiting, None)
        before = 0
        for columns in chain(self.blocks(), (Columns(self.rest),)):
            own = numbers[before : before + len(columns)]
            before += len(columns)
            at, complete = 0, 0 not in own
            while at < len(own):
                start, limit = at, pending[0] if pending else _NO_LIMIT
                if complete:
                    at = bisect_left(own, limit, at)
                while at < len(own) and 0 < own[at] < limit:
                    at += 1
                add(columns, start, at)
                if pending and at < len(own) and own[at]:
                    last.append(pending[1])
                    end()
                    pending = next(waiting, None)
                else:
                    at += 1
        found._count(last)
        found.rest = last.records()
        return found.followed_by(one for _, one in chain((pending,) if pending else (), waiting))

    @property
    def only(self) -> DocumentRecord | None:
        """The record, if there is one only."""
        return self.rest[0] if len(self.rest) == 1 and not self._blocks else None

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
        """Return them as plain values for JSON, and bytes."""
        return _state(self._blocks, self.rest)

    @classmethod
    def from_state(cls, state: Any) -> Documents:
        """Return the records from the result of ``to_state``. Raises ``ValueError`` for anything else."""
        found = cls()
        held = _stored(state)
        found._blocks = held.blocks
        for block in found._blocks:
            found._count(_unpacked(block))
        for one in held.rest:
            found.append(one)
        return found

    @staticmethod
    def state_of(records: Sequence[DocumentRecord]) -> Any:
        """Return records as ``to_state`` does; they are not cached."""
        last = len(records) // BLOCK * BLOCK
        return _state(
            [Columns(records[at : at + BLOCK]).packed() for at in range(0, last, BLOCK)], list(records[last:])
        )

    @staticmethod
    def records_in(state: Any) -> Iterator[DocumentRecord]:
        """Yield the records of a state; they are not cached. Raises ``ValueError`` when it is not one."""
        held = _stored(state)
        for block in held.blocks:
            yield from Columns.unpacked(block).records()
        yield from held.rest


@dataclass(slots=True)
class _Stored:
    blocks: list[bytes]
    rest: list[DocumentRecord]


def _state(blocks: list[bytes], rest: list[DocumentRecord]) -> Any:
    return {"blocks": blocks, "rest": rest} if blocks else rest


def _stored(state: Any) -> _Stored:
    """Return the blocks and the records after them from a state. Raises ``ValueError`` for anything else."""
    held = shaped(_Stored, state if type(state) is dict else {"blocks": [], "rest": state})
    if len(held.rest) >= BLOCK:
        raise ValueError("a block expected")
    if any(min(one.sections, one.characters, one.bytes) < 0 for one in held.rest):
        raise ValueError("counts expected")
    if not all(map(_are_hashes, held.rest)):
        raise ValueError("hashes expected")
    return held


def _are_hashes(record: DocumentRecord) -> bool:
    """Return whether the hashes of a record have the sizes that they have in columns. Raises ``ValueError`` too."""
    sizes = len(bytes.fromhex(record.text_hash)), len(bytes.fromhex(record.title_hash))
    return (
        sizes == (TEXT_BYTES, TITLE_BYTES)
        and len(bytes.fromhex(record.key)) in (0, KEY_BYTES)
        and len(bytes.fromhex(record.longest_sentences)) % SENTENCE_BYTES == 0
    )


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
