"""Detection of duplicate documents: documents with the same text as another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath

from policysearch.indexing.records import SourceRecord
from policysearch.sources.hash_set import HashSet

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
    seen = HashSet()
    repeated: set[int] = set()
    for record in records.values():
        for one in record.documents:
            number = int(one.text_hash[:_DIGITS], 16)
            if not seen.add(number):
                repeated.add(number)
    del seen
    return duplicates_among(
        (one.document_id, source, one.text_hash, one.title_hash)
        for source, record in records.items()
        for one in record.documents
        if int(one.text_hash[:_DIGITS], 16) in repeated
    )


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
    ordered = sorted(documents)
    for name, source, text, title in ordered:
        if not is_record(name, source):
            title_of.setdefault(text, title)
    out = {}
    for name, source, text, title in ordered:
        apart = is_record(name, source) and title_of.get(text) != title
        original = first.setdefault((text, title if apart else None), name)
        if original != name:
            out[name] = original
    return out
