"""Sources to readings: which reader, by content and by ending."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from policysearch.errors import NoDocumentError, SourceError
from policysearch.files.regular import open_regular
from policysearch.sources.encodings import Decoded, decode, known_encoding
from policysearch.sources.readers import archive, csv, docx, jsonl, markdown, pdf, text
from policysearch.sources.readers.html import reader as html
from policysearch.sources.readers.reading import FailedRecord, Reading
from policysearch.sources.readers.zipped import open_zip
from policysearch.vocabulary import alternatives

__all__ = [
    "LARGEST",
    "NATIVE_ENDINGS",
    "READER_VERSIONS",
    "content",
    "read",
    "read_bytes",
]

READER_VERSIONS: dict[str, int] = {
    "archive": archive.READER_VERSION,
    "csv": csv.READER_VERSION,
    "docx": docx.READER_VERSION,
    "html": html.READER_VERSION,
    "jsonl": jsonl.READER_VERSION,
    "markdown": markdown.READER_VERSION,
    "pdf": pdf.READER_VERSION,
    "text": text.READER_VERSION,
}
"""The version of each reader: a source read by an older version is read again."""

LARGEST = 2**30
"""How many bytes a source may have; it is read whole."""

# Bytes that tell a kind; what is of none is not read further.
_HEAD = 4096

# Endings of formats that have a signature; without it, such a file is a web page or corrupt.
_SIGNED = {".pdf": "PDF", ".docx": "Word", ".doc": "Word", ".wps": "Word", ".zip": "ZIP"}

_ZIPS = (b"PK\x03\x04", b"PK\x05\x06")
_CONVERT = "Convert it, for example with LibreOffice: soffice --headless --convert-to docx FILE"
_IMAGE = "It is an image; text recognition (OCR) must make text of it first."
# What holds no document, by its first bytes; all else with a signature that is not read may hold one.
_NO_DOCUMENT = (
    (b"\x89PNG", _IMAGE),
    (b"\xff\xd8\xff", _IMAGE),
    (b"GIF8", _IMAGE),
    (b"II*\0", _IMAGE),
    (b"MM\0*", _IMAGE),
    (b"SQLite format 3", "It is a database, no document."),
)
_UNREADABLE = (
    (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        f"It is an old Office document (.doc, .xls, .wps) or an encrypted new one. {_CONVERT}",
    ),
    (b"{\\rtf", f"It is an RTF document. {_CONVERT}"),
    (b"Rar!", "It is a RAR archive. Unpack it, or pack it again as ZIP."),
    (b"7z\xbc\xaf", "It is a 7z archive. Unpack it, or pack it again as ZIP."),
    (b"\x1f\x8b", "It is a gzip file. Unpack it, or pack it again as ZIP."),
    (b"BZh", "It is a bzip2 file. Unpack it, or pack it again as ZIP."),
    (b"\xfd7zXZ", "It is an xz file. Unpack it, or pack it again as ZIP."),
)
_OFFICE_PARTS = {
    "xl/workbook.xml": "It is an Excel workbook. Save the sheet as CSV with one document a row.",
    "ppt/presentation.xml": "It is a presentation. Save it as PDF.",
    "content.xml": f"It is an OpenDocument file. {_CONVERT}",
    "OFD.xml": "It is an OFD document. Save it as PDF or text.",
    "META-INF/container.xml": "It is an e-book. Save it as HTML or text.",
}


@dataclass(frozen=True, slots=True)
class _Options:
    encoding: str | None
    text_field: str | None
    depth: int = 0


class _Format(NamedTuple):
    """A format without a signature: recognized by the ending, and read once it is decoded.

    Attributes:
        endings: The usual one first.
        read: Takes the text and the options.
        native: Whether it is read by Python alone, which can be interrupted.
    """

    endings: tuple[str, ...]
    read: Callable[[Decoded, _Options], Iterator[Reading | FailedRecord]]
    native: bool = True


_FORMATS = {
    "text": _Format((".txt", ".text"), lambda decoded, options: text.read_text(decoded)),
    "markdown": _Format((".md", ".markdown"), lambda decoded, options: markdown.read_markdown(decoded)),
    "html": _Format(
        (".html", ".htm", ".shtml", ".xhtml"), lambda decoded, options: html.read_html(decoded), native=False
    ),
    "csv": _Format(
        (".csv",), lambda decoded, options: csv.read_csv(decoded, delimiter=None, text_field=options.text_field)
    ),
    "tsv": _Format(
        (".tsv", ".tab"),
        lambda decoded, options: csv.read_csv(decoded, delimiter="\t", text_field=options.text_field),
    ),
    "jsonl": _Format(
        (".jsonl", ".ndjson"), lambda decoded, options: jsonl.read_jsonl(decoded, text_field=options.text_field)
    ),
    "json": _Format((".json",), lambda decoded, options: jsonl.read_json(decoded, text_field=options.text_field)),
}
_BY_ENDING = {ending: kind for kind, one in _FORMATS.items() for ending in one.endings}
_USUAL = (*(one.endings[0] for one in _FORMATS.values()), ".pdf", ".docx", ".zip")
_SUPPORTED = f"Read are {alternatives(_USUAL, 'and')}."

NATIVE_ENDINGS = frozenset(ending for ending, kind in _BY_ENDING.items() if _FORMATS[kind].native)
"""Endings of files that are read by Python alone, unless their first bytes say that they are something else."""


def read(path: Path, *, encoding: str | None = None, text_field: str | None = None) -> Iterator[Reading | FailedRecord]:
    """Yield the texts of one source, in its own order.

    ``encoding`` is obeyed for text formats; ``text_field`` names the text's
    column in collections. Content decides before the ending does: a PDF named
    ``.txt`` is read as a PDF; but a web page named ``.txt`` is text.

    Raises:
        NoDocumentError: It is empty, or holds no document by its kind.
        SourceError: It cannot be read, though it may hold one.
        InputError: There is no such encoding.
    """
    yield from read_bytes(content(path), path.name, encoding=encoding, text_field=text_field)


def content(path: Path) -> bytes:
    """Return the bytes of a source that will be read.

    Raises ``SourceError`` for one that cannot be opened, is not a regular file,
    is too large, or is of a kind that its first bytes say is not read; none of
    these is read further than that.
    """
    try:
        with open_regular(path) as file:
            size = os.fstat(file.fileno()).st_size
            head = file.read(min(size, _HEAD))
            if not head.startswith(_ZIPS):  # what a ZIP is, its end tells
                _kind(head, path.suffix.lower())
            if size > LARGEST:
                raise SourceError("It is larger than 1 GB; split it.")
            # one that grows while it is read is read as it was
            file.seek(0)
            return file.read(size)
    except OSError as error:
        raise SourceError(f"It cannot be opened: {error.strerror or error}.") from error


def read_bytes(
    data: bytes, name: str, *, encoding: str | None = None, text_field: str | None = None
) -> Iterator[Reading | FailedRecord]:
    """Yield the texts of a source that is in memory, called ``name``; as ``read`` otherwise."""
    if encoding is not None:
        encoding = known_encoding(encoding)
    yield from _read(data, name, _Options(encoding, text_field))


def _read(data: bytes, name: str, options: _Options) -> Iterator[Reading | FailedRecord]:
    kind = _kind(data, PurePosixPath(name).suffix.lower())
    if kind == "pdf":
        return pdf.read_pdf(data)
    if kind == "docx":
        return docx.read_docx(data)
    if kind == "archive":
        inner = _Options(options.encoding, options.text_field, options.depth + 1)
        return archive.read_archive(data, lambda member, path: _read(member, path, inner), depth=options.depth)
    decoded = _decoded(data, kind, options)
    if not decoded.text.strip():
        raise NoDocumentError("It is empty.")
    return _FORMATS[kind].read(decoded, options)


def _kind(data: bytes, ending: str) -> str:
    """Which reader: by signature, else by ending.

    Raises:
        NoDocumentError: None, and it holds no document; the message names what it is.
        SourceError: None; the message names what it is.
    """
    if not data:
        raise NoDocumentError("It is empty.")
    if data.startswith(_ZIPS):
        return _kind_of_zip(data)
    if data.startswith(b"%PDF-") or (ending == ".pdf" and b"%PDF-" in data[:1024]):
        return "pdf"
    for signature, reason in _NO_DOCUMENT:
        if data.startswith(signature):
            raise NoDocumentError(reason)
    for signature, reason in _UNREADABLE:
        if data.startswith(signature):
            raise SourceError(reason)
    if ending in _BY_ENDING:
        return _BY_ENDING[ending]
    if ending in _SIGNED:
        if html.looks_like_html(data):
            return "html"
        raise SourceError(f"It is named {ending} but is not a {_SIGNED[ending]} file, or a corrupt one. Get it again.")
    raise NoDocumentError(f"Files {f'named {ending}' if ending else 'without an ending'} are not read. {_SUPPORTED}")


def _kind_of_zip(data: bytes) -> str:
    with open_zip(data) as opened:
        names = opened.NameToInfo
        if any(map(docx.is_main_part, names)):
            return "docx"
        for part, reason in _OFFICE_PARTS.items():
            if part in names and ("[Content_Types].xml" in names or "mimetype" in names or part == "OFD.xml"):
                raise SourceError(reason)
    return "archive"


def _decoded(data: bytes, kind: str, options: _Options) -> Decoded:
    declared = html.declared_encoding(data) if kind == "html" else None
    return decode(data, options.encoding, declared=declared)
