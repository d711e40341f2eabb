"""Documents of a source: reading, cleaning, structure and metadata combined."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from policysearch.documents.cleaning.clean import clean
from policysearch.documents.metadata.corrections import Sidecars, apply
from policysearch.documents.metadata.metadata import find_metadata
from policysearch.documents.metadata.record import Metadata
from policysearch.documents.sections import Section, split_sections
from policysearch.frozen import asdict, frozen, replace
from policysearch.sources import reader
from policysearch.sources.finding import document_id, encode_id
from policysearch.sources.readers.reading import FailedRecord, Note, Reading, Removed

__all__ = ["Document", "FailedDocument", "documents_in", "documents_of", "read_documents"]


@frozen
class Document(Metadata):
    """One text read and cleaned, with its metadata and its sections.

    Invariants: the sections' texts, joined in order, are ``text``;
    ``section.text`` is ``text[section.start:section.end]``.

    Attributes:
        document_id: The path below the root, with ``/``; a record's follows a ``#``.
        source: Id of the source that it was read from.
        encoding: Name of the source's encoding, None if the format has its own.
        sha256: Of the source's bytes; of its own text for a record of a collection.
        duplicate_of: Id of the document of the index with the same text, None for the first of them.
        text: The complete text.
        sections: In order.
        removed: The pieces of the source that are not in the text, and the rules that removed them.
        confidence: Confidence in the encoding, from 0 to 1; None where it was stated.
        notes: Notes on a text that was converted, partly corrupt or repaired.

    The rest as in ``Metadata``.
    """

    document_id: str
    source: str
    encoding: str | None
    sha256: str
    duplicate_of: str | None
    text: str
    sections: tuple[Section, ...]
    removed: tuple[Removed, ...]
    confidence: float | None = None
    notes: tuple[Note, ...] = ()


@frozen
class FailedDocument:
    """A record of a collection, or a source, that gave no document.

    Attributes:
        document_id: The id it would have had.
        source: The id of its source.
        reason: The reason, and what to do about it.
        skipped: Whether it contains no document by its kind, as a picture in an archive, and so has not failed.
    """

    document_id: str
    source: str
    reason: str
    skipped: bool = False


def read_documents(
    path: str | Path,
    source_id: str | None = None,
    *,
    encoding: str | None = None,
    text_field: str | None = None,
    corrections: Sidecars | None = None,
) -> Iterator[Document | FailedDocument]:
    """Yield the documents of one source, in its own order, and the records that failed.

    Args:
        path: A file of any format that can be indexed.
        source_id: The source's id, with which ids of documents begin; None for the name of the file.
        encoding: Its encoding, such as ``gb18030``; None to detect it.
        text_field: Column of the text, in CSV, JSON lines and workbooks; None for the usual names.
        corrections: Values that replace extracted ones; sidecars such as ``metadata.csv`` are not read.

    Raises:
        SourceError: The source cannot be read at all.
        InputError: There is no such encoding.
    """
    path = Path(path)
    data = reader.content(path)
    yield from documents_in(
        data,
        path.name,
        encode_id(path.name) if source_id is None else source_id,
        hashlib.sha256(data).hexdigest(),
        encoding=encoding,
        text_field=text_field,
        corrections=corrections,
    )


def documents_in(
    data: bytes,
    name: str,
    source_id: str,
    sha256: str,
    *,
    encoding: str | None = None,
    text_field: str | None = None,
    corrections: Sidecars | None = None,
) -> Iterator[Document | FailedDocument]:
    """Yield the documents of a source in memory, as ``read_documents`` does; ``name`` is that of its file.

    A source that is one document has the SHA-256 of its bytes; a record of
    a collection, or a member of an archive, that of its own text.
    """
    yield from documents_of(
        reader.read_bytes(data, name, encoding=encoding, text_field=text_field), source_id, sha256, corrections
    )


def documents_of(
    readings: Iterable[Reading | FailedRecord], source_id: str, sha256: str, corrections: Sidecars | None = None
) -> Iterator[Document | FailedDocument]:
    """Yield the document of each reading of a source."""
    seen: set[str] = set()
    for reading in readings:
        document_name = document_id(source_id, reading.record)
        if isinstance(reading, FailedRecord):
            yield FailedDocument(document_name, source_id, reading.reason, reading.skipped)
        elif document_name in seen:
            yield FailedDocument(document_name, source_id, "Another record has this id; give it an id of its own.")
        else:
            seen.add(document_name)
            document = _document(reading, document_name, source_id, sha256, corrections)
            if document.text:
                yield document
            else:
                yield FailedDocument(document_name, source_id, "It contains only navigation, page marks or footers.")


def _document(reading: Reading, name: str, source_id: str, sha256: str, corrections: Sidecars | None) -> Document:
    cleaned = clean(reading)
    if cleaned.statements != reading.statements:
        # with the bylines inside the content, which only cleaning distinguishes from the text
        reading = replace(reading, statements=cleaned.statements)
    metadata = find_metadata(reading, cleaned, name)
    if corrections is not None:
        metadata = apply(metadata, corrections.for_document(name))
    if reading.record is not None:
        sha256 = hashlib.sha256(reading.text.encode("utf-8", "surrogatepass")).hexdigest()
    # a tab divides cells only where the source marks them; elsewhere it still shows the structure of rows
    text = cleaned.text if reading.borders is not None else cleaned.text.replace("\t", " ")
    return Document(
        document_id=name,
        source=source_id,
        encoding=reading.encoding,
        confidence=reading.confidence,
        sha256=sha256,
        duplicate_of=None,
        text=text,
        sections=split_sections(name, cleaned.text, cleaned.headings, cleaned.pages, text),
        removed=cleaned.removed,
        notes=reading.notes,
        **asdict(metadata),
    )
