"""The result of every reader: one text, as extracted from the format."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

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
"""The rules that may take a line that stands once in its source: what a page has beside its document.

``navigation`` is what stands above and around the document (paths, buttons, origin, captions, header
tables), ``page mark`` numbers of pages and lines that return on them, ``footer`` what stands below.
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
"""Where a source says something of its document beside the text.

``header table``: labels and values (索引号, 发文字号 …) above a document; ``front matter``: the YAML block of Markdown;
``saved head``: the first lines (``Title:``, ``URL Source:`` …) that a reader service puts above a page; ``meta``:
``<meta>`` of a page; ``heading``: an ``<h1>`` or ``<ucaptitle>``; ``byline``: a line beside a page's title (发布时间：…
来源：…); ``page title``: ``<title>`` less the name of the site; ``link``: ``<link rel="canonical">``, and the address
that a browser notes when it saves a page; ``properties``: of a DOCX or PDF file; ``column``: of a record.
"""


@dataclass(frozen=True, slots=True)
class StatedField:
    """One thing that a source says of its document beside the text.

    Attributes:
        name: The field that it tells, by the names of ``Document`` where the
            label is a known one (``title``, ``date``, ``issuer``,
            ``document_number``, ``url``, ``status`` …), also ``publish_date``
            (when the page, not the document, was published),
            ``content_source`` (whom the page has it from), ``site_name``,
            ``column_name``, ``effective_date``, ``index_number``, ``subject``,
            ``keywords``, ``author``; else the label as written.
        value: As written, never empty, without white space at its ends.
        place: One of ``PLACES``.
    """

    name: str
    value: str
    place: str


@dataclass(frozen=True, slots=True)
class Removed:
    """A piece of the source that is in no section, and why.

    Attributes:
        text: The piece as it stood.
        reason: The rule that took it: one of ``FURNITURE``, or repeated body,
            markup, link, image, front matter, not shown, comment, deleted in
            the document, control character, undecodable bytes, page without text.
        line: Where it stood: number of a line of the reading's text, from 1;
            for what a reader left out, of the line that follows. None for
            characters from all over the source.
    """

    text: str
    reason: str
    line: int | None = None


@dataclass(frozen=True, slots=True)
class HeadingLine:
    """A line that the format itself marks as a heading (``##``, ``<h2>``, a Word style).

    Attributes:
        start: Offset of the line's first character in the reading's text.
        level: Depth the format gives it, from 1.
    """

    start: int
    level: int


class Note(NamedTuple):
    """A note for the account on a text that was not only read: converted, repaired.

    Attributes:
        kind: ``converted`` (by another program), ``corrupt`` (some bytes could not be read), ``repaired`` (text that
            was decoded wrongly before it was saved), ``recognized`` (from a picture).
        text: One sentence or more.
    """

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Reading:
    """One text of a source, before any cleaning.

    Attributes:
        text: Paragraphs as lines, each ending in a line feed where the
            format tells paragraphs apart; for plain text the text itself.
            Line ends are ``\\n`` only; NFC; no BOM, zero-width characters,
            variation selectors, soft hyphens, or controls but tab and
            line feed.
        record: Id of the record or archive member this text is from, raw
            (not yet percent-encoded); None when the source is one document.
        fields: Metadata the format states, by the names of ``Document``
            where the reader knows them (``title``, ``issuer``,
            ``document_number``, ``date``, ``url`` ...), values as written;
            of several statements of one name the reader's choice.
        headings: Lines the format marks as headings, in order.
        pages: Offset of each page's first character, in order; empty
            when the source has no pages.
        removed: What the reader left out of the text.
        encoding: Name of the character encoding that was used.
        confidence: How sure the guess of the encoding is, 0 to 1.
        statements: All that the source says beside the text, of each place
            in ``PLACES`` in the order in which it stands there; a name may
            come more than once.
        borders: Offsets of the lines before which a border stands, rising:
            no phrase goes over it. None when the format marks no blocks;
            else a tab stands only between the cells of a row.
        notes: What the account of the source says of how the text was got.
    """

    text: str
    record: str | None = None
    fields: Mapping[str, str] = field(default_factory=dict)
    headings: tuple[HeadingLine, ...] = ()
    pages: tuple[int, ...] = ()
    removed: tuple[Removed, ...] = ()
    encoding: str | None = None
    confidence: float | None = None
    statements: tuple[StatedField, ...] = ()
    borders: tuple[int, ...] | None = None
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class FailedRecord:
    """A record of a collection, or a member of an archive, that could not be read; the others can.

    Attributes:
        record: Its id, raw, as in ``Reading.record``.
        reason: Why, and what to do about it.
        skipped: Whether it contains no document by its kind, and so has not failed.
    """

    record: str
    reason: str
    skipped: bool = False


def undecodable(broken: Iterable[Broken]) -> tuple[Removed, ...]:
    """Name the places of a source with invalid bytes."""
    return tuple(Removed(place.text, "undecodable bytes") for place in broken)
