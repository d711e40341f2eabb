"""Collections read in portions by all workers: the results, combined in the order of the records.

Unchanged records are not read again: a collection that grew costs a comparison of each record (1 µs), or of its
beginning as a whole if that is as it was, and the reading of the new ones.
"""

from __future__ import annotations

import heapq
from array import array
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from operator import itemgetter

from policysearch.documents.removals import add_counts
from policysearch.errors import SourceError
from policysearch.indexing.document_records import Documents
from policysearch.indexing.record_columns import BLOCK
from policysearch.indexing.source_records import SourceRecord
from policysearch.sources.finding import Source
from policysearch.sources.hash_set import are_rising
from policysearch.sources.known_records import KnownRecords
from policysearch.sources.portions import PORTION_BYTES, Divided, Portion

__all__ = ["Collection", "ReadRecord", "reason_of"]

_MOST_NAMED = 5


@dataclass(slots=True)
class ReadRecord(SourceRecord):
    """The outcome of reading a source, with values that are not stored.

    Attributes:
        numbers: The number of the record of each document in a collection.
        failures: The number of each record that failed, and the reason.
        gone: Ids of the documents that it had before, without those that were not read again; None for all.
    """

    numbers: list[int] = field(default_factory=list)
    failures: list[tuple[int, str]] = field(default_factory=list)
    gone: Sequence[str] | None = None


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
        self._complete = before is not None and before.reason is None  # every record before is a document
        self._known = KnownRecords()
        self._given = deque[int]()  # the first number of each portion that is being read
        self._ended: dict[int, tuple[list[int], Documents]] = {}  # those that others before them wait for
        self._numbers = array("I")  # of what was read
        self._read = Documents()
        self._failures: list[tuple[int, str]] = []
        self.most_portions = found.size // PORTION_BYTES + 1

    def portions(self) -> Iterator[Portion]:
        """Yield the portions that have to be read."""
        keys = self._before.keys()
        if keys:  # None when it was read whole
            self._known = KnownRecords(keys, self._before.ids())
        try:
            grown = bool(keys) and self._complete
            for portion in self._found.portions(self._known, grown=grown, multiple=BLOCK):
                self._given.append(portion.numbers[0])
                yield portion
        except SourceError as error:
            self._failures.append((0, f"{self._source.source_id}: {error}"))

    def add(self, portion: Portion, read: ReadRecord) -> None:
        """Add the outcome of a portion."""
        if read.reason is not None and not read.documents and not read.failures:
            self.lost(portion, read.reason)
            return
        self._failures += read.failures
        self._end(portion, read.numbers, read.documents)

    def lost(self, portion: Portion, reason: str) -> None:
        """Record that a portion could not be read."""
        first, last = portion.numbers[0], portion.numbers[-1]
        self._failures.append((first, f"{self._source.source_id}, records {first} to {last}: {reason}"))
        self._end(portion, [], Documents())

    def _end(self, portion: Portion, numbers: list[int], documents: Documents) -> None:
        """Put what was read into the order of the collection."""
        self._ended[portion.numbers[0]] = numbers, documents
        while self._given and self._given[0] in self._ended:
            numbers, documents = self._ended.pop(self._given.popleft())
            self._numbers.extend(numbers)
            self._read.extend(documents)

    def record(self) -> ReadRecord:
        """Return the record of the complete collection."""
        source, kept = self._source, self._known.numbers
        gone = self._gone() if kept else None
        documents = self._documents()
        record = ReadRecord(str(source.root), source.size, source.mtime_ns, self._found.sha256, documents=documents)
        if len(documents):
            record.encoding, record.confidence = "utf-8", 1.0
        record.removed = add_counts(documents.removed())
        record.gone = gone
        record.corrections = self._corrections(record)
        failures = [reason for _, reason in sorted(self._failures)]
        record.reason = reason_of(failures) if failures or len(documents) else "It has no document."
        return record

    def _gone(self) -> list[str]:
        """Return the ids of the documents that it had before, without those that were not read again."""
        kept = self._known.numbers
        if 0 not in kept:
            return []
        return [name for name, number in zip(self._before.ids(), kept, strict=True) if not number]

    def _documents(self) -> Documents:
        """Return every record, in order."""
        kept = self._known.numbers
        if not kept:
            return self._read
        held = array("I", filter(None, kept))
        rising = are_rising(held)
        if rising and len(held) == len(kept) and held[-1] < min(self._numbers, default=held[-1] + 1):
            # it grew at its end
            return self._before.followed_by(self._read)
        read = zip(self._numbers, self._read, strict=True)
        if rising:
            return self._before.merged(kept, read)
        before = sorted(((number, one) for number, one in zip(kept, self._before, strict=True) if number), key=_number)
        return Documents(one for _, one in heapq.merge(read, before, key=_number))


_number = itemgetter(0)


def reason_of(failures: list[str]) -> str | None:
    """Return the reason of a source in which some records failed; None without any."""
    if not failures:
        return None
    more = len(failures) - _MOST_NAMED
    return " ".join(failures[:_MOST_NAMED]) + (f" And {more} more." if more > 0 else "")
