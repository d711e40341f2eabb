"""What formats and file names state of a document, beside its text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from policysearch.sources.readers.reading import Reading

__all__ = ["StatedFields", "stated_fields"]


@dataclass(frozen=True, slots=True)
class StatedFields:
    """What formats and file names state, by how far it is trusted."""

    tables: Mapping[str, str] = field(default_factory=dict)
    front: Mapping[str, str] = field(default_factory=dict)
    stem: str = ""
    folders: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)

    def first(self, name: str) -> str | None:
        found = (fields.get(name) for fields in (self.tables, self.front, self.columns))
        return next((value.strip() for value in found if value and value.strip()), None)


def stated_fields(reading: Reading, source_id: str) -> StatedFields:
    file, _, record = source_id.partition("#")
    named_record = bool(record) and bool(re.search(r"\.\w{2,8}$", record))
    path = record if named_record else file
    folders, _, name = path.rpartition("/")
    stem = re.sub(r"\.\w{1,8}$", "", name)
    folders = f"{file}/{folders}" if named_record else folders
    if re.search(r"\.(?:md|markdown|txt|text)$", path.lower()):
        return StatedFields(front=reading.fields, stem=stem, folders=folders)
    if reading.record is not None and not named_record:
        return StatedFields(stem=stem, folders=folders, columns=reading.fields)
    return StatedFields(tables=reading.fields, stem=stem, folders=folders)
