"""Sources to documents: reading, cleaning, structure and metadata put together."""

from __future__ import annotations

from dataclasses import dataclass

from policysearch.readers.reading import Removed
from policysearch.sections import Section

__all__ = ["Document"]


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
