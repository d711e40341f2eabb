"""The result of every reader: one text, as extracted from the format."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, NamedTuple

from policysearch.frozen import frozen

if TYPE_CHECKING:
    from policysearch.sources.encodings import Broken

__all__ = [
    "FURNITURE",
    "PLACES",
    "FailedRecord",
    "HeadingLine",
    "Note",
    "Reading",
    "Removed",
    "StatedField",
    "undecodable",
]


FURNITURE = ("navigation", "page mark", "footer")
"""The rules that may remove a line that occurs only once in its source: parts of a page other than its document.

``navigation`` is text above and around the document (paths, buttons, origin, captions, header tables), ``page mark``
numbers of pages and lines that recur on them, ``footer`` text below the document.
"""


PLACES = (
    "header table",
    "front matter",
    "saved head",
    "meta",
    "heading",
    "byline",
    "page title",
    "link",
    "properties",
    "column",
)
"""The places outside the text where a source states metadata of its document.

``header table``: labels and values (索引号, 发文字号 …) above a document; ``front matter``: the YAML block of Markdown;
``saved head``: the first lines (``Title:``, ``URL Source:`` …) that a reader service puts above a page; ``meta``:
``<meta>`` of a page; ``heading``: an ``<h1>`` or ``<ucaptitle>``; ``byline``: a line near a page's title (发布时间：…
来源：…); ``page title``: ``<title>`` without the name of the site; ``link``: ``<link rel="canonical">``, and the
address that a browser adds when it saves a page; ``properties``: of a DOCX or PDF file; ``column``: of a record.
"""


@frozen
class StatedField:
    """One statement of metadata outside the text.

    Attributes:
        name: The field that it states, by the names of ``Document`` where the label is a known one (``title``,
            ``date``, ``issuer``, ``document_number``, ``url``, ``status`` …), also ``publish_date`` (when the page, not
            the document, was published), ``content_source`` (the origin of the page's text), ``site_name``,
            ``column_name``, ``effective_date``, ``index_number``, ``subject``, ``keywords``, ``author``; else the label
            as written.
        value: As written, never empty, without white space at its ends.
        place: One of ``PLACES``.
    """

    name: str
    value: str
    place: str


@frozen
class Removed:
    """A piece of the source that is in no section, and the rule that removed it.

    Attributes:
        text: The piece, unchanged.
        reason: The rule that removed it: one of ``FURNITURE``, or repeated body,
            markup, link, image, front matter, not shown, comment, deleted in
            the document, control character, undecodable bytes, page without text.
        line: Number of its line in the reading's text, from 1; for a piece that a reader removed, of the line that
            follows. None for characters from many places.
    """

    text: str
    reason: str
    line: int | None = None


@frozen
class HeadingLine:
    """A line that the format itself marks as a heading (``##``, ``<h2>``, a Word style).

    Attributes:
        start: Offset of the line's first character in the reading's text.
        level: Depth according to the format, from 1.
    """

    start: int
    level: int


class Note(NamedTuple):
    """A note for the account on a text that was converted or repaired.

    Attributes:
        kind: ``converted`` (by another program), ``corrupt`` (some bytes could not be read), ``repaired`` (text that
            was decoded wrongly before it was saved), ``recognized`` (from a picture).
        text: One sentence or more.
    """

    kind: str
    text: str


@frozen
class Reading:
    """One text of a source, before any cleaning.

    Attributes:
        text: Paragraphs as lines, each ending in a line feed if the format distinguishes paragraphs; for plain text the
            text itself. Line ends are ``\\n`` only; NFC; no BOM, zero-width characters, variation selectors, soft
            hyphens, or controls except tab and line feed.
        record: Id of the record or archive member this text is from, raw
            (not yet percent-encoded); None when the source is one document.
        fields: Metadata the format states, by the names of ``Document``
            where the reader knows them (``title``, ``issuer``,
            ``document_number``, ``date``, ``url`` ...), values as written;
            of several statements of one name the reader's choice.
        headings: Lines the format marks as headings, in order.
        pages: Offset of each page's first character, in order; empty
            when the source has no pages.
        removed: The pieces that the reader removed from the text.
        encoding: Name of the character encoding that was used.
        confidence: Confidence in the encoding, 0 to 1.
        statements: All metadata stated outside the text, by place as in ``PLACES``, in the order of the source; a name
            may occur more than once.
        borders: Offsets of the lines that follow a border, ascending: no phrase crosses it. None when the format marks
            no blocks; else a tab occurs only between the cells of a row.
        notes: Notes on the reading for the account of the source.
    """

    text: str
    record: str | None = None
    fields: Mapping[str, str] = {}
    headings: tuple[HeadingLine, ...] = ()
    pages: tuple[int, ...] = ()
    removed: tuple[Removed, ...] = ()
    encoding: str | None = None
    confidence: float | None = None
    statements: tuple[StatedField, ...] = ()
    borders: tuple[int, ...] | None = None
    notes: tuple[Note, ...] = ()


@frozen
class FailedRecord:
    """A record of a collection, or a member of an archive, that could not be read; the others can.

    Attributes:
        record: Its id, raw, as in ``Reading.record``.
        reason: The reason, and what to do about it.
        skipped: Whether it contains no document by its kind, and so has not failed.
    """

    record: str
    reason: str
    skipped: bool = False


def undecodable(broken: Iterable[Broken]) -> tuple[Removed, ...]:
    """Return a sentence that lists the places of a source with invalid bytes."""
    return tuple(Removed(place.text, "undecodable bytes") for place in broken)
