"""The records of open segments: documents' metadata and sections, with a cache of those read last."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from policysearch.engines.protocol import Stored
from policysearch.engines.whoosh.damage import DAMAGE, corrupt_segment
from policysearch.engines.whoosh.live_segment import Kept
from policysearch.engines.whoosh.segment_reader import Segment

__all__ = ["KeptRecords", "stored"]

_MOST_DOCUMENTS = 20_000  # of 1.5 kB or so
_MOST_KEPT = 8_000_000  # size of the cache in numbers of two bytes: 16 MB, some 6,000 sections of 300 characters
_SIZE = 700  # size of a section in such numbers, without its texts


class KeptRecords:
    """Reads records of open segments.

    Caching sections saves a fifth of the time of a batch whose results share sections with earlier ones.

    Args:
        duplicates: For the documents that repeat the text of another one, the id of that.
    """

    def __init__(self, duplicates: Mapping[str, str]) -> None:
        self._duplicates = duplicates
        self._documents: dict[tuple[str, int], dict[str, Any]] = {}
        self._sections = Kept[tuple[int, int], Stored](_MOST_KEPT)

    def document(self, data: Segment, number: int) -> dict[str, Any]:
        """Return a document's metadata."""
        key = (data.name, number)
        fields = self._documents.get(key)
        if fields is None:
            fields = data.document(number)
            fields["duplicate_of"] = self._duplicates.get(fields["document_id"])
            if len(self._documents) >= _MOST_DOCUMENTS:
                self._documents.clear()
            self._documents[key] = fields
        return fields

    def section(self, key: tuple[int, int], data: Segment) -> Stored:
        """Return a section by its key, given its segment. Raises ``IndexUnusableError`` when it is corrupt."""
        found = self._sections.get(key)
        if found is None:
            try:
                number = data.document_of(key[1])
                found = stored(data, key[1], number, self.document(data, number))
            except DAMAGE as error:  # like ``damage_named``, without its cost
                raise corrupt_segment(data, error) from error
            self._sections.keep(key, found, _SIZE + 2 * len(found.reduced))
        return found


def stored(data: Segment, section: int, document_number: int, document: Mapping[str, Any]) -> Stored:
    """Return a section of a segment, given its document."""
    first = data.first[document_number]
    reduced = data.reduced(section)
    number, heading, level, path, start, page = data.record(section)
    return Stored(
        document,
        section - first + 1,
        data.first[document_number + 1] - first,
        number,
        heading,
        level,
        path,
        data.figures["parts"][data.parts[section]],
        start,
        page,
        reduced,
        data.shown(section, reduced),
    )
