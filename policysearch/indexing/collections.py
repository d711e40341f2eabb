"""Collections read in portions by all workers: the results, combined in the order of the records.

Unchanged records are not read again: a collection that grew costs a comparison of each record (4 µs), and the reading
of the new ones.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from operator import itemgetter

from policysearch.documents.removals import add_counts
from policysearch.errors import SourceError
from policysearch.indexing.document_records import Documents
from policysearch.indexing.records import SourceRecord
from policysearch.sources.finding import Source
from policysearch.sources.portions import PORTION_BYTES, Divided, Portion

__all__ = ["Collection", "ReadRecord", "reason_of"]

_MOST_NAMED = 5


@dataclass(slots=True)
class ReadRecord(SourceRecord):
    """The outcome of reading a source, with values that are not stored.

    Attributes:
        numbers: The number of the record of each document in a collection.
        failures: The number of each record that failed, and the reason.
        kept: Ids of the documents that were not read again.
    """

    numbers: list[int] = field(default_factory=list)
    failures: list[tuple[int, str]] = field(default_factory=list)
    kept: frozenset[str] = frozenset()


class Collection:
    """A collection while its portions are read."""

    def __init__(
        self, source: Source, before: SourceRecord | None, found: Divided, corrections: Callable[[SourceRecord], str]
    ) -> None:
        """``before``: its previous record, None when every record has to be read again."""
        self._source = source
        self._found = found
        self._corrections = corrections
        self._before = Documents() if before is None else before.documents
        self._kept: list[tuple[int, str]] = []
        self._read: list[tuple[list[int], Documents]] = []
        self._failures: list[tuple[int, str]] = []
        self.most_portions = found.size // PORTION_BYTES + 1

    def portions(self) -> Iterator[Portion]:
        """Yield the portions that have to be read."""
        known = {one.key: one.document_id for one in self._before if one.key}
        try:
            yield from self._found.portions(known, self._kept)
        except SourceError as error:
            self._failures.append((0, f"{self._source.source_id}: {error}"))

    def add(self, portion: Portion, read: ReadRecord) -> None:
        """Add the outcome of a portion."""
        if read.reason is not None and not read.documents and not read.failures:
            self.lost(portion, read.reason)
            return
        if read.numbers:
            self._read.append((read.numbers, read.documents))
        self._failures += read.failures

    def lost(self, portion: Portion, reason: str) -> None:
        """Record that a portion could not be read."""
        first, last = portion.numbers[0], portion.numbers[-1]
        self._failures.append((first, f"{self._source.source_id}, records {first} to {last}: {reason}"))

    def record(self) -> ReadRecord:
        """Return the record of the complete collection."""
        source = self._source
        documents = self._documents()
        record = ReadRecord(str(source.root), source.size, source.mtime_ns, self._found.sha256, documents=documents)
        if len(documents):
            record.encoding, record.confidence = "utf-8", 1.0
        record.removed = add_counts(one.removed for one in documents if one.removed)
        keys = {key for _, key in self._kept}
        record.kept = frozenset(one.document_id for one in self._before if one.key in keys)
        record.corrections = self._corrections(record)
        failures = [reason for _, reason in sorted(self._failures)]
        record.reason = reason_of(failures) if failures or len(documents) else "It has no document."
        return record

    def _grew_at_its_end(self) -> bool:
        """Return whether all previous records are unchanged, and new ones only follow them."""
        if len(self._kept) != len(self._before):
            return False
        if self._kept and self._read and self._read[0][0][0] < self._kept[-1][0]:
            return False
        return all(one.key == key for one, (_, key) in zip(self._before, self._kept, strict=True))

    def _documents(self) -> Documents:
        """Return every record, in order."""
        self._read.sort(key=lambda one: one[0][0])
        read = (
            (number, one) for numbers, documents in self._read for number, one in zip(numbers, documents, strict=True)
        )
        if self._grew_at_its_end():
            return self._before.followed_by(one for _, one in read)
        number_of = {key: number for number, key in self._kept}
        kept = ((number_of[one.key], one) for one in self._before if one.key in number_of)
        rising = all(a < b for a, b in pairwise(number_of[one.key] for one in self._before if one.key in number_of))
        return Documents(
            one for _, one in heapq.merge(read, kept if rising else sorted(kept, key=itemgetter(0)), key=itemgetter(0))
        )


def reason_of(failures: list[str]) -> str | None:
    """Return the reason of a source in which some records failed; None without any."""
    if not failures:
        return None
    more = len(failures) - _MOST_NAMED
    return " ".join(failures[:_MOST_NAMED]) + (f" And {more} more." if more > 0 else "")
