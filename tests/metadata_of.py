"""A text to its metadata, with no reader and no cleaning between."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from policysearch.documents.metadata.metadata import find_metadata
from policysearch.documents.metadata.record import Metadata
from policysearch.sources.readers.reading import HeadingLine, Reading, StatedField


@dataclass(frozen=True)
class Cleaned:
    text: str
    head: tuple[str, ...]
    tail: tuple[str, ...]


def metadata_of(
    text: str,
    fields: Mapping[str, str] | None = None,
    source: str = "a.txt",
    headings: tuple[HeadingLine, ...] = (),
    record: str | None = None,
    removed_head: tuple[str, ...] = (),
    removed_tail: tuple[str, ...] = (),
    statements: tuple[StatedField, ...] = (),
) -> Metadata:
    """Return the metadata of a text, as if cleaning had taken ``removed_head`` and ``removed_tail`` off it."""
    lines = [line for line in text.split("\n") if line.strip()]
    cleaned = Cleaned(text, removed_head + tuple(lines[:40]), tuple(lines[-15:]) + removed_tail)
    return find_metadata(Reading(text, record, fields or {}, headings, statements=statements), cleaned, source)
