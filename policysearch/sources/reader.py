"""Reading of sources: the reader is chosen by content and suffix."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from policysearch.errors import NoDocumentError, SourceError
from policysearch.files.regular import open_regular
from policysearch.frozen import frozen, replace
from policysearch.sources.encodings import Decoded, decode, known_encoding
from policysearch.sources.kinds import HEAD, OFFICE_ENDINGS, TEXT_ENDINGS, kind_of, refuse_by_head
from policysearch.sources.leftovers import refuse_leftover
from policysearch.sources.mojibake import repair
from policysearch.sources.readers import csv, jsonl, markdown, text
from policysearch.sources.readers.reading import FailedRecord, Note, Reading

__all__ = [
    "LARGEST",
    "NATIVE_ENDINGS",
    "content",
    "read",
    "read_bytes",
]

LARGEST = 2**30
"""Maximum size of a source in bytes; it is read into memory."""


_DEEPEST = 4  # maximum nesting of messages and archives


@frozen
class _Options:
    encoding: str | None
    text_field: str | None
    depth: int = 0


NATIVE_ENDINGS = frozenset(ending for ending, kind in TEXT_ENDINGS.items() if kind != "html")
"""Suffixes of files that are read without a child process, unless their first bytes are those of another format."""


def read(path: Path, *, encoding: str | None = None, text_field: str | None = None) -> Iterator[Reading | FailedRecord]:
    """Yield the texts of one source, in its own order.

    ``encoding`` applies to text formats; ``text_field`` names the column of the text in collections. The content takes
    precedence over the suffix: a PDF named ``.txt`` is read as a PDF; but a web page named ``.txt`` is text.

    Raises:
        NoDocumentError: It is empty, or contains no document by its kind.
        SourceError: It cannot be read, though it may contain one.
        InputError: There is no such encoding.
    """
    yield from read_bytes(content(path), path.name, encoding=encoding, text_field=text_field)


def content(path: Path) -> bytes:
    """Return the bytes of a source.

    Raises ``SourceError`` for one that cannot be opened, is not a regular file,
    is too large, or is of an unsupported kind by its first bytes; none of these is read further than that.
    """
    refuse_leftover(path.name)  # a lock may not be readable
    try:
        with open_regular(path) as file:
            size = os.fstat(file.fileno()).st_size
            refuse_by_head(file.read(min(size, HEAD)), path.name)
            if size > LARGEST:
                raise SourceError("It is larger than 1 GB; split it.")
            # a file that grows while it is read is read as it was
            file.seek(0)
            return file.read(size)
    except OSError as error:
        raise SourceError(f"It cannot be opened: {error.strerror or error}.") from error


def read_bytes(
    data: bytes, name: str, *, encoding: str | None = None, text_field: str | None = None
) -> Iterator[Reading | FailedRecord]:
    """Yield the texts of a source in memory with the given name, as ``read`` does."""
    if encoding is not None:
        encoding = known_encoding(encoding)
    yield from _read(data, name, _Options(encoding, text_field))


def _read(data: bytes, name: str, options: _Options) -> Iterator[Reading | FailedRecord]:
    kind = kind_of(data, name)
    if kind == "pdf":
        from policysearch.sources.readers.pdf import read_pdf

        return read_pdf(data)
    if kind == "workbook":
        from policysearch.sources.readers.workbook import read_workbook

        return read_workbook(data, text_field=options.text_field)
    if kind == "spreadsheet XML":
        from policysearch.sources.readers.workbook import read_spreadsheet_xml

        return read_spreadsheet_xml(data, text_field=options.text_field)
    if kind == "docx":
        from policysearch.sources.readers.docx import read_docx

        return read_docx(data)
    if kind in OFFICE_ENDINGS:
        from policysearch.sources.readers.office import read_office

        return read_office(data, kind)
    if kind == "OFD":
        from policysearch.sources.readers.ofd import read_ofd

        return read_ofd(data)
    if kind == "e-book":
        from policysearch.sources.readers.epub import read_epub

        return read_epub(data, lambda page: _decoded(page, "html", options)[0])
    if kind == "word XML":
        from policysearch.sources.readers.word_xml import read_word_xml

        return read_word_xml(data)
    if kind in ("archive", "mail"):
        inner = _Options(options.encoding, options.text_field, options.depth + 1)

        def member(content: bytes, path: str) -> Iterator[Reading | FailedRecord]:
            return _read(content, path, inner)

        if kind == "archive":
            from policysearch.sources.readers.archive import read_archive

            return read_archive(data, member, depth=options.depth)
        if options.depth > _DEEPEST:
            raise SourceError("It is a message within others. Save it as a file of its own.")
        from policysearch.sources.readers.mail import read_mail

        return read_mail(data, lambda part, stated: _decoded(part, "html", options, stated), member)
    decoded, notes = _decoded(data, kind, options)
    if not decoded.text.strip():
        raise NoDocumentError("It is empty.")
    found = _read_decoded(decoded, kind, options)
    return _noted(found, notes) if notes else found


def _read_decoded(decoded: Decoded, kind: str, options: _Options) -> Iterator[Reading | FailedRecord]:
    """Yield the readings of a decoded text of a kind in ``TEXT_ENDINGS``, or of a table separated by tabs."""
    if kind == "html":
        from policysearch.sources.readers.html.page_reader import read_html

        return read_html(decoded)
    if kind == "tab-separated":
        from policysearch.sources.readers.workbook import read_tab_separated

        return read_tab_separated(decoded, text_field=options.text_field)
    if kind == "markdown":
        return markdown.read_markdown(decoded)
    if kind in ("csv", "tsv"):
        return csv.read_csv(decoded, delimiter="\t" if kind == "tsv" else None, text_field=options.text_field)
    if kind == "jsonl":
        return jsonl.read_jsonl(decoded, text_field=options.text_field)
    if kind == "json":
        return jsonl.read_json(decoded, text_field=options.text_field)
    return text.read_text(decoded)


def _decoded(data: bytes, kind: str, options: _Options, stated: str | None = None) -> tuple[Decoded, tuple[Note, ...]]:
    """Return a decoded text, repaired where it was decoded wrongly before, and notes for the account."""
    if kind == "html" and not stated:
        from policysearch.sources.readers.html.page_reader import declared_encoding

        stated = declared_encoding(data)
    decoded = decode(data, options.encoding, declared=stated)
    repaired = repair(decoded.text, corrupt=bool(decoded.broken))
    if repaired.notes:
        decoded = replace(decoded, text=repaired.text)
    return decoded, (*_damage(decoded), *repaired.notes)


def _damage(decoded: Decoded) -> Iterator[Note]:
    if decoded.broken:
        places = [f"line {one.line} (byte {one.offset:,}): {' '.join(one.text.split())}" for one in decoded.broken[:5]]
        more = f"; and {decoded.places - 5:,} more" if decoded.places > 5 else ""
        yield Note("corrupt", f"Some bytes cannot be read as {decoded.encoding}: {'; '.join(places)}{more}")


def _noted(found: Iterator[Reading | FailedRecord], notes: tuple[Note, ...]) -> Iterator[Reading | FailedRecord]:
    """Yield the readings, the first reading with the notes."""
    for one in found:
        if notes and isinstance(one, Reading):
            one, notes = replace(one, notes=(*notes, *one.notes)), ()
        yield one
