"""The kind of a source: by its content, or else by its suffix.

Here and in ``reader``, the readers of formats that have signatures, or markup, are imported when a source may be of
such a format: an update whose sources are text or tables takes 16 ms less.
"""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from policysearch.errors import NoDocumentError, SourceError
from policysearch.sources.encodings import count_controls, is_binary
from policysearch.sources.leftovers import refuse_leftover
from policysearch.vocabulary import alternatives

__all__ = ["HEAD", "OFFICE_ENDINGS", "TEXT_ENDINGS", "ending_of", "kind_of", "may_be_office", "refuse_by_head"]

HEAD = 16_384
"""Number of bytes that determine a kind (generated pages begin with much white space); others are not read further."""

TEXT_ENDINGS = {
    ".txt": "text",
    ".text": "text",
    ".md": "markdown",
    ".markdown": "markdown",
    ".html": "html",
    ".htm": "html",
    ".shtml": "html",
    ".xhtml": "html",
    ".csv": "csv",
    ".tsv": "tsv",
    ".tab": "tsv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "json",
}
"""Suffixes of formats without a signature, and their kinds."""

OFFICE_ENDINGS = {".doc": ".doc", ".dot": ".doc", ".wps": ".doc", ".wpt": ".doc", ".rtf": ".rtf", ".odt": ".odt"}
"""Suffixes of files that may have to be converted, and the suffix under which LibreOffice gets them."""

# Suffixes of formats with a signature; without it, such a file is a web page or corrupt.
_SIGNED = {
    ".pdf": "PDF file",
    ".docx": "Word file",
    ".doc": "Word file",
    ".wps": "Word file",
    ".rtf": "RTF file",
    ".odt": "OpenDocument text",
    ".zip": "ZIP file",
    ".xlsx": "workbook",
    ".xls": "workbook",
    ".et": "workbook",
    ".ods": "workbook",
    ".mht": "saved page",
    ".mhtml": "saved page",
    ".eml": "message",
    ".ofd": "OFD file",
    ".epub": "e-book",
}
# Suffixes of saved pages that a program generated; the program's own source has such a suffix too.
_PAGES = frozenset({".jsp", ".jspx", ".do", ".action", ".aspx", ".asp", ".ashx", ".php", ".cgi"})
# Suffixes under which programs export plain text, and whether it may be a table.
_EXPORTED = {".doc": False, ".wps": False, ".rtf": False, ".xls": True, ".et": True}
_MARK = b"\xef\xbb\xbf"
_PROGRAM = re.compile(rb"<%|<\?php|<\?=", re.I)
_USUAL = (
    ".txt",
    ".md",
    ".html",
    ".csv",
    ".tsv",
    ".jsonl",
    ".json",
    ".pdf",
    ".docx",
    ".doc",
    ".wps",
    ".rtf",
    ".odt",
    ".xlsx",
    ".xls",
    ".ods",
    ".mht",
    ".eml",
    ".ofd",
    ".epub",
    ".zip",
)
_SUPPORTED = f"Files that are read end in {alternatives(_USUAL)}."

_ZIPS = (b"PK\x03\x04", b"PK\x05\x06")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_CONVERT = "Convert it, for example with LibreOffice: soffice --headless --convert-to docx FILE"
_IMAGE = "It is an image. Run text recognition (OCR) on it first."
# Files without a document, by their first bytes; others with a signature that is not read may contain one.
_NO_DOCUMENT = (
    (b"\x89PNG", _IMAGE),
    (b"\xff\xd8\xff", _IMAGE),
    (b"GIF8", _IMAGE),
    (b"II*\0", _IMAGE),
    (b"MM\0*", _IMAGE),
    (b"SQLite format 3", "It is a database, not a document."),
)
_UNREADABLE = (
    (b"Rar!", "It is a RAR archive. Unpack it, or pack it again as ZIP."),
    (b"7z\xbc\xaf", "It is a 7z archive. Unpack it, or pack it again as ZIP."),
    (b"\x1f\x8b", "It is a gzip file. Unpack it, or pack it again as ZIP."),
    (b"BZh", "It is a bzip2 file. Unpack it, or pack it again as ZIP."),
    (b"\xfd7zXZ", "It is an xz file. Unpack it, or pack it again as ZIP."),
)
_OFFICE_PARTS = {
    "xl/workbook.xml": "workbook",
    "xl/workbook.bin": "workbook",
    "ppt/presentation.xml": "presentation",
    "content.xml": "OpenDocument",
}
_REFUSED_PARTS = {
    "presentation": "It is a presentation. Save it as PDF.",
    "OpenDocument": f"It is an OpenDocument file. {_CONVERT}",
}
_ODS = b"application/vnd.oasis.opendocument.spreadsheet"
_ODT = b"application/vnd.oasis.opendocument.text"
# The stream of an OLE file that identifies its kind; streams that other kinds contain too come last.
_OLE_STREAMS = {
    "EncryptedPackage": "encrypted",
    "__properties_version1.0": "message",
    "PowerPoint Document": "presentation",
    "WordDocument": "document",
    "Workbook": "workbook",
    "Book": "workbook",
}
_REFUSED_OLE = {
    "encrypted": "It is encrypted with a password. Save it without one.",
    "message": "It is an Outlook message. Save it as .eml or .html.",
    "presentation": "It is a presentation. Save it as PDF.",
    "": f"It is an old Office document of a kind that is not read. {_CONVERT}",
}


def may_be_office(name: str) -> bool:
    """Return whether a file of this name may have to be converted."""
    return PurePosixPath(name).suffix.lower() in OFFICE_ENDINGS


def refuse_by_head(head: bytes, name: str) -> None:
    """Raise for a source that its first ``HEAD`` bytes show to be unsupported, as ``kind_of`` does for all of it."""
    if not head.startswith((*_ZIPS, _OLE)):  # the kind of these is in later parts
        kind_of(head, name)


def ending_of(name: str) -> str:
    """Return the suffix of a file name in lower case, without the parameters that a browser appends to it.

    >>> ending_of("报告.TXT"), ending_of("show.jsp;jsessionid=1A"), ending_of("README")
    ('.txt', '.jsp', '')
    """
    found = re.match(r"\.\w+", PurePosixPath(name).suffix.lower())
    return found[0] if found else ""


def kind_of(data: bytes, name: str) -> str:
    """Return the kind of a source.

    It is a value of ``TEXT_ENDINGS``, tab-separated, spreadsheet XML, pdf, docx, word XML, workbook, mail, OFD, e-book,
    archive, or .doc, .rtf, .odt.
    A web page is one under any name, except that of plain text or of a table.

    Raises:
        NoDocumentError: It is of none, and contains no document; the message names what it is.
        SourceError: It is of none; the message names what it is.
    """
    refuse_leftover(name)
    if not data:
        raise NoDocumentError("It is empty.")
    ending = ending_of(name)
    if data.startswith(_ZIPS):
        return _kind_of_zip(data)
    if data.startswith(b"%PDF-") or (ending == ".pdf" and b"%PDF-" in data[:1024]):
        return "pdf"
    if data.startswith(_OLE):
        return _kind_of_ole(data, ending)
    if data.startswith(b"{\\rtf"):
        return ".rtf"
    for signature, reason in _NO_DOCUMENT:
        if data.startswith(signature):
            raise NoDocumentError(reason)
    for signature, reason in _UNREADABLE:
        if data.startswith(signature):
            raise SourceError(reason)
    if TEXT_ENDINGS.get(ending, "html") != "html":
        return TEXT_ENDINGS[ending]
    return _kind_of_page(data, ending)


def _kind_of_page(data: bytes, ending: str) -> str:
    """Return the kind of a source that is likely to be a web page, or text under another suffix."""
    from policysearch.sources.readers.html.page_reader import looks_like_html
    from policysearch.sources.readers.mail import looks_like_mail
    from policysearch.sources.readers.word_xml import looks_like_word_xml
    from policysearch.sources.readers.workbook import SPREADSHEET

    if looks_like_word_xml(data):
        return "word XML"
    if looks_like_mail(data):
        return "mail"
    if ending in TEXT_ENDINGS or looks_like_html(data):
        return "html"
    if ending in _PAGES and not _PROGRAM.search(data[:HEAD]):
        raise SourceError(f"It is named {ending} but is not a complete web page. Save the page again, as HTML.")
    if SPREADSHEET in data[:HEAD] and data.removeprefix(_MARK).lstrip().startswith(b"<"):
        return "spreadsheet XML"
    if ending in _EXPORTED and _is_text(data[:HEAD]):
        return "tab-separated" if _EXPORTED[ending] and b"\t" in data else "text"
    if ending in _SIGNED:
        raise SourceError(f"It is named {ending} but is not a {_SIGNED[ending]}, or is corrupt. Get another copy.")
    raise NoDocumentError(f"Files {f'named {ending}' if ending else 'without a suffix'} are not read. {_SUPPORTED}")


def _is_text(head: bytes) -> bool:
    return b"\0" not in head and not is_binary(len(head), count_controls(head))


def _kind_of_zip(data: bytes) -> str:
    from policysearch.sources.readers import docx, epub, ofd
    from policysearch.sources.readers.zipped import open_zip, read_member

    parts = {**_OFFICE_PARTS, ofd.ENTRY: "OFD", epub.CONTAINER: "e-book"}
    with open_zip(data) as opened:
        names = opened.NameToInfo
        if any(map(docx.is_main_part, names)):
            return "docx"
        for part, kind in parts.items():
            if part not in names or not ("[Content_Types].xml" in names or "mimetype" in names or part == ofd.ENTRY):
                continue
            if kind == "OpenDocument" and "mimetype" in names:
                stated = read_member(opened, names["mimetype"], HEAD)
                if stated.startswith((_ODS, _ODT)):
                    return "workbook" if stated.startswith(_ODS) else ".odt"
            if kind in _REFUSED_PARTS:
                raise SourceError(_REFUSED_PARTS[kind])
            return kind
    return "archive"


def _kind_of_ole(data: bytes, ending: str) -> str:
    """Return the kind of an OLE file by its streams; those of embedded objects are among them."""
    kinds = [kind for stream, kind in _OLE_STREAMS.items() if _has_stream(data, stream)]
    if "document" in kinds and "workbook" in kinds and ending in (".xls", ".et", ".xlt"):
        kinds = ["workbook"]
    if not kinds and ending in OFFICE_ENDINGS:
        raise SourceError("It is a corrupt Word document, or a part of one. Get another copy.")
    kind = kinds[0] if kinds else ""
    if kind in _REFUSED_OLE:
        raise SourceError(_REFUSED_OLE[kind])
    return ".doc" if kind == "document" else kind


def _has_stream(data: bytes, name: str) -> bool:
    """Return whether the directory of an OLE file has an entry of this name ([MS-CFB] 2.6: 128 bytes each)."""
    written = name.encode("utf-16-le") + b"\0\0"
    at = data.find(written, 512)
    while at >= 0:
        if at % 128 == 0 and int.from_bytes(data[at + 64 : at + 66], "little") == len(written):
            return True
        at = data.find(written, at + 1)
    return False
