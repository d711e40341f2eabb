"""The metadata that a source states outside the text, in order of trust."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property

from policysearch.frozen import frozen
from policysearch.sources.readers.reading import Reading, StatedField

__all__ = ["CATALOGUE", "PAGE", "PAGE_DAYS", "StatedFields", "stated_fields"]

CATALOGUE = ("header table", "front matter", "column")
"""Places that describe the document, in order of trust."""

PAGE = ("saved head", "meta", "heading", "byline", "link")
"""Places that describe the page of the document, in order of trust."""

PAGE_DAYS = (*CATALOGUE, "saved head", "byline", "meta")
"""Places that state when a page was published; the ``<meta>`` of some sites states when it was last generated."""


@frozen
class StatedFields:
    """The metadata that a source and its name state.

    Attributes:
        statements: In the order of the source.
        stem: The file's name without its suffix.
        folders: The folders above it, separated by ``/``.
    """

    statements: tuple[StatedField, ...] = ()
    stem: str = ""
    folders: str = ""

    def all(self, name: str, *places: str) -> Iterator[str]:
        """Return the values of a field in these places, in the order of the places; in all places if none are given."""
        named = self._by_name.get(name)
        if named is None:  # nearly always
            return iter(())
        order = places or (*CATALOGUE, *PAGE, "page title", "properties")
        if len(named) == 1:
            place, value = named[0]
            return iter((value,) if place in order else ())
        return (value for wanted in order for place, value in named if place == wanted)

    @cached_property
    def _by_name(self) -> dict[str, list[tuple[str, str]]]:
        """The place and the value of each statement, by the fields."""
        found: dict[str, list[tuple[str, str]]] = {}
        for one in self.statements:
            if value := one.value.strip():
                found.setdefault(one.name, []).append((one.place, value))
        return found

    def values(self) -> Iterator[str]:
        """Yield every value, in the order of the source."""
        return (one.value for one in self.statements)

    def first(self, name: str, *places: str) -> str | None:
        """Return the first of ``all``, or None."""
        return next(self.all(name, *places), None)


def stated_fields(reading: Reading, source_id: str) -> StatedFields:
    """Return the metadata that a reading and the id of its document state."""
    file, _, record = source_id.partition("#")
    named_record = "." in record and bool(re.search(r"\.\w{2,8}$", record))
    path = record if named_record else file
    folders, _, name = path.rpartition("/")
    stem = re.sub(r"\.(?!\d)\w{1,8}$", "", name)
    folders = f"{file}/{folders}" if named_record else folders
    statements = reading.statements
    if not statements and reading.fields:
        of_text = re.search(r"\.(?:md|markdown|txt|text)$", path.lower())
        of_record = reading.record is not None and not named_record
        place = "front matter" if of_text else "column" if of_record else "header table"
        statements = tuple(StatedField(name, value, place) for name, value in reading.fields.items())
    return StatedFields(statements, "" if reading.record is not None and not named_record else stem, folders)
