"""PDF files with a text layer to lines and pages.

Through PDFium, the reader in Chrome: it knows the Chinese character maps and
fonts without an embedded map, is fast, and may be used in an MIT program.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from policysearch.errors import SourceError
from policysearch.readers.lines import LineWriter
from policysearch.readers.reading import Reading

__all__ = ["READER_VERSION", "read_pdf"]

READER_VERSION = 1

# A yearbook has 1,500 pages and two million characters.
_PAGE_LIMIT = 20_000
_CHARACTER_LIMIT = 100_000_000
# In seconds; a thousand pages take two.
_TIME_LIMIT = 120.0

# PDFium's marks for a hyphen at a line's end.
_HYPHENS = str.maketrans({"\x02": "-", "\ufffe": "-"})


def read_pdf(data: bytes) -> Iterator[Reading]:
    """Yield one reading: a line of the page a line, ``pages`` where each begins.

    Raises:
        SourceError: It is scanned, encrypted, damaged, or beyond the limits.
    """
    try:
        import pypdfium2 as pdfium
    except ImportError as error:
        raise SourceError("PDF files need the package pypdfium2: pip install 'policysearch[pdf]'") from error
    try:
        document = pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        raise _unopened(error) from error
    try:
        yield _reading(document)
    finally:
        document.close()


def _unopened(error: Exception) -> SourceError:
    if "password" in str(error).lower():
        return SourceError("It is encrypted with a password. Save it without one.")
    return SourceError(f"It is a damaged PDF: {error} Get it again from where it came.")


def _reading(document: Any) -> Reading:
    count = len(document)
    if count > _PAGE_LIMIT:
        raise SourceError(f"It has {count} pages; more than {_PAGE_LIMIT} are not read. Split it.")
    writer = LineWriter()
    characters = 0
    deadline = time.monotonic() + _TIME_LIMIT
    for number in range(count):
        writer.page()
        text = _page_text(document, number)
        characters += len(text.strip())
        if characters > _CHARACTER_LIMIT or time.monotonic() > deadline:
            raise SourceError(f"Its text up to page {number + 1} is beyond what is read. Split it.")
        for line in text.split("\n"):
            if line.strip():
                writer.line(line.rstrip())
    if characters < 10 * count and characters < 200:
        raise SourceError(
            "It is scanned: its pages are images without text. Run text recognition (OCR) on it first."
        )
    title = (document.get_metadata_value("Title") or "").strip()
    return writer.reading({"title": title} if _is_title(title) else {})


def _page_text(document: Any, number: int) -> str:
    import pypdfium2 as pdfium

    try:
        page = document[number]
        try:
            text_page = page.get_textpage()
            try:
                text = str(text_page.get_text_bounded(errors="replace"))
            finally:
                text_page.close()
        finally:
            page.close()
    except pdfium.PdfiumError as error:
        raise SourceError(
            f"Page {number + 1} is damaged: {error} Get it again from where it came."
        ) from error
    return text.translate(_HYPHENS).replace("\r\n", "\n").replace("\r", "\n")


def _is_title(title: str) -> bool:
    """Not the file name that word processors put there."""
    lowered = title.lower()
    return (
        len(title) > 3
        and not lowered.startswith("microsoft word")
        and "." not in lowered[-6:]
        and not title.isascii()
    )
