"""Sources to documents: reading, cleaning, structure and metadata put together."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from policysearch.cleaning import clean
from policysearch.readers.reading import Reading, Removed
from policysearch.sections import Section, split_sections

__all__ = ["Document", "read_documents"]


@dataclass(frozen=True, slots=True)
class Document:
    """One text read and cleaned, with its metadata and its sections.

    What the text does not tell is None. Laws that always hold: the sections'
    texts, joined in order, are ``text``; ``section.text`` is
    ``text[section.start:section.end]``.
    """

    document_id: str
    title: str | None
    type: str
    issuer: str | None
    document_number: str | None
    region: str | None
    region_code: str | None
    city: str | None
    province: str | None
    level: str | None
    year: int | None
    date: str | None
    speaker: str | None
    status: str | None
    url: str | None
    source: str
    encoding: str | None
    sha256: str
    duplicate_of: str | None
    inferred: tuple[str, ...]
    text: str
    sections: tuple[Section, ...]
    removed: tuple[Removed, ...]


def read_documents(path: Path, source_id: str) -> Iterator[Document]:
    data = path.read_bytes()
    text = data.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    cleaned = clean(Reading(text, encoding="utf-8"))
    yield Document(
        document_id=source_id, title=None, type="其他", issuer=None, document_number=None, region=None,
        region_code=None, city=None, province=None, level=None, year=None, date=None, speaker=None, status=None,
        url=None, source=source_id, encoding="utf-8", sha256=hashlib.sha256(data).hexdigest(), duplicate_of=None,
        inferred=(), text=cleaned.text, sections=split_sections(source_id, cleaned.text, cleaned.headings, cleaned.pages),
        removed=cleaned.removed,
    )
