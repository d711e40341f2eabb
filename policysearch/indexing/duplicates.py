"""Detection of duplicate documents: documents with the same text as another."""

from __future__ import annotations

from array import array
from collections.abc import Container, Iterable, Iterator, Mapping
from pathlib import PurePosixPath

from policysearch.indexing.document_records import Documents
from policysearch.indexing.source_records import SourceRecord
from policysearch.sources.hash_set import repeated

__all__ = ["duplicates_among", "duplicates_in", "is_record"]

_DIGITS = 16  # of a hash: enough to tell nearly all apart
_COLLECTIONS = frozenset({".csv", ".tsv", ".tab", ".json", ".jsonl", ".ndjson"})


def is_record(document_id: str, source: str) -> bool:
    """Return whether a document is a record of a collection: a row of a table or an object of JSON, packed or not."""
    if document_id == source:
        return False
    if "/" not in document_id[len(source) :]:  # not inside an archive
        return source[source.rfind(".") :].lower() in _COLLECTIONS
    inside = PurePosixPath(document_id[len(source) + 1 :]).parent  # inside an archive
    return any(PurePosixPath(name).suffix.lower() in _COLLECTIONS for name in (source, *inside.parts))


def duplicates_in(records: Mapping[str, SourceRecord]) -> dict[str, str]:
    """Return ``duplicates_among`` the documents of sources, given by the sources' ids."""
    numbers = array("Q")
    for record in records.values():
        for block in record.documents.blocks():
            numbers += block.text_numbers()
        numbers.extend([int(one.text_hash[:_DIGITS], 16) for one in record.documents.rest])
    equal = repeated(numbers)
    if not equal:
        return {}
    return duplicates_among(
        (name, source, text, title)
        for source, record in records.items()
        for name, text, title in _with_text(record.documents, equal)
    )


def _with_text(documents: Documents, numbers: Container[int]) -> Iterator[tuple[str, str, str]]:
    """Yield the id, and the hashes of text and title, of the documents whose text has one of these numbers."""
    for block in documents.blocks():
        for at, number in enumerate(block.text_numbers()):
            if number in numbers:
                yield block.ids[at], *block.hashes(at)
    for one in documents.rest:
        if int(one.text_hash[:_DIGITS], 16) in numbers:
            yield one.document_id, one.text_hash, one.title_hash


def duplicates_among(documents: Iterable[tuple[str, str, str, str]]) -> dict[str, str]:
    """Return, for each duplicate document, the first id with the same text.

    Documents with equal text are duplicates; records of collections only if
    their titles are equal too: among themselves, and with that of the first
    document that is not a record.

    Args:
        documents: For each document its id, its source, and the hashes of its text and its title.
    """
    first: dict[tuple[str, str | None], str] = {}
    title_of: dict[str, str] = {}  # of the first document with a text that is not a record
    ordered = [(name, is_record(name, source), text, title) for name, source, text, title in sorted(documents)]
    for _, recorded, text, title in ordered:
        if not recorded:
            title_of.setdefault(text, title)
    out = {}
    for name, recorded, text, title in ordered:
        apart = recorded and title_of.get(text) != title
        original = first.setdefault((text, title if apart else None), name)
        if original != name:
            out[name] = original
    return out
