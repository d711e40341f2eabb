"""The manifest's records of sources."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from policysearch.documents.removals import RemovedCount
from policysearch.indexing.document_records import Documents
from policysearch.indexing.record_columns import DocumentRecord
from policysearch.indexing.shapes import shaped
from policysearch.indexing.source_columns import USUAL, SourceRow, columns_of_rows, rows_in
from policysearch.sources.readers.reading import Note

__all__ = ["SourceRecord", "records_from_state", "records_to_state"]


@dataclass(slots=True)
class SourceRecord:
    """The manifest's record of a source."""

    root: str
    size: int = -1
    mtime_ns: int = -1
    sha256: str | None = None
    encoding: str | None = None
    confidence: float | None = None
    reason: str | None = None
    skipped: dict[str, str] = field(default_factory=dict)  # ids of skipped members, or its own, with the reasons
    corrections: str = ""  # fingerprint of the corrections for its documents
    removed: dict[str, RemovedCount] = field(default_factory=dict)
    notes: list[Note] = field(default_factory=list)  # how its texts were obtained
    documents: Documents = field(default_factory=Documents)

    @property
    def document_ids(self) -> list[str]:
        """The ids of its documents, in the order of the source."""
        return self.documents.ids()

    def says_the_same(self, other: SourceRecord) -> bool:
        """Return whether another record of the source differs from this one in nothing but the time of the file."""
        return all(getattr(self, name) == getattr(other, name) for name in _OF_RECORD if name != "mtime_ns")

    def to_state(self) -> dict[str, Any]:
        """Return the record as plain values for JSON, and bytes."""
        # asdict would copy every list and be many times slower
        return {name: getattr(self, name) for name in _OF_RECORD} | {"documents": self.documents.to_state()}


_OF_RECORD = tuple(f.name for f in fields(SourceRecord))


def records_to_state(records: Mapping[str, SourceRecord], roots: Iterable[str]) -> dict[str, Any]:
    """Return the records of sources, by their ids, as plain values for JSON, and bytes."""
    single: list[DocumentRecord] = []

    def row_of(source: str, record: SourceRecord) -> SourceRow:
        others = {name: value for name, usual in USUAL.items() if (value := getattr(record, name)) != usual}
        if (only := record.documents.only) is not None:
            single.append(only)
        else:
            others["documents"] = record.documents.to_state()
        return SourceRow(source, record.root, record.size, record.mtime_ns, record.sha256, others)

    columns = columns_of_rows((row_of(source, record) for source, record in sorted(records.items())), roots)
    return {**columns, "documents": Documents.state_of(single)}


def records_from_state(columns: Any, roots: Collection[str]) -> dict[str, SourceRecord]:
    """Return the records from the result of ``records_to_state``.

    Raises ``ValueError``, ``KeyError``, ``TypeError`` or ``AttributeError`` for anything else.
    """
    found: dict[str, SourceRecord] = {}
    single = Documents.records_in(columns["documents"])
    encoding, confidence = USUAL["encoding"], USUAL["confidence"]
    for source, root, size, mtime_ns, sha256, others in rows_in(columns, roots):
        documents = None
        if "documents" not in others:
            only = next(single, None)
            if only is None:
                raise ValueError("more documents expected")
            documents = Documents((only,))
        if documents and not others:  # the other values of ``USUAL`` are the defaults; none needs a check
            found[source] = SourceRecord(root, size, mtime_ns, sha256, encoding, confidence, documents=documents)
            continue
        own = {"root": root, "size": size, "mtime_ns": mtime_ns, "sha256": sha256}
        if not own.keys().isdisjoint(others):
            raise ValueError("values outside of columns expected")
        found[source] = shaped(SourceRecord, {**own, **USUAL, **others})
        if documents:
            found[source].documents = documents
    if next(single, None) is not None:
        raise ValueError("fewer documents expected")
    return found
