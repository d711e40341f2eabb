"""PDF files with a text layer.

Through PDFium, the reader in Chrome: it knows the Chinese character maps and fonts without an embedded
one, is fast, and may be used in an MIT program. It runs in a process of its own: a page whose forms draw each other
keeps it in an endless loop, and only a process can be stopped.
"""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

from policysearch.errors import SourceError
from policysearch.parallel import bootstrap
from policysearch.sources.readers.fields import field_statements
from policysearch.sources.readers.line_writer import LineWriter
from policysearch.sources.readers.reading import Reading

__all__ = ["read_pdf"]

# A yearbook has 1,500 pages and two million characters.
_PAGE_LIMIT = 20_000
_CHARACTER_LIMIT = 100_000_000
# Minimum text per page, in characters, without repeated lines.
_LEAST_TEXT = 5
# Seconds for opening and for each page; a page of a printed table takes a tenth.
_PAGE_SECONDS = 10
_FILE_SECONDS = 300
# In bytes, in addition to four times the size of the file.
_MEMORY_LIMIT = 2**30

# PDFium's marks for a hyphen at a line's end.
_HYPHENS = str.maketrans({"\x02": "-", "\ufffe": "-"})


def read_pdf(data: bytes) -> Iterator[Reading]:
    """Yield one reading with the lines of all pages.

    Raises:
        SourceError: It is scanned, encrypted, corrupt, or beyond the limits.
    """
    if importlib.util.find_spec("pypdfium2") is None:
        raise SourceError("PDF files need the package pypdfium2: pip install 'policysearch[pdf]'")
    try:
        child = subprocess.run(
            bootstrap.worker_command(__name__, "extract_pages"), input=data, capture_output=True, timeout=_FILE_SECONDS
        )
    except subprocess.TimeoutExpired as error:
        raise SourceError(f"Reading it takes longer than {_FILE_SECONDS} seconds. Split it.") from error
    if child.returncode == -14:  # SIGALRM
        raise SourceError(f"It loops: a page takes longer than {_PAGE_SECONDS} seconds. Print it to PDF again.")
    if child.returncode:
        raise SourceError("PDFium crashes on it. Print it to PDF again.")
    found = json.loads(child.stdout)
    if "error" in found:
        raise SourceError(found["error"])
    yield _reading(found["pages"], found["title"].strip())


def _reading(pages: list[str], title: str) -> Reading:
    pages = [page.translate(_HYPHENS).replace("\r\n", "\n").replace("\r", "\n") for page in pages]
    # A scanner's mark or a page number on each image is not a text layer.
    distinct = {"".join(line.split()) for page in pages for line in page.split("\n")}
    if sum(map(len, distinct)) < min(_LEAST_TEXT * len(pages), 200):
        raise SourceError("It is scanned: its pages are images without text. Run text recognition (OCR) on it first.")
    writer = LineWriter()
    for number, page in enumerate(pages, 1):
        writer.page()
        if not page.strip():
            writer.leave_out(f"page {number}", "page without text")
        for line in page.split("\n"):
            if line.strip():
                writer.line(line.rstrip())
    fields = {"title": title} if _is_title(title) else {}
    return writer.reading(fields, field_statements(fields.items(), "properties"), marked=False)


def _is_title(title: str) -> bool:
    """Return whether the title property is not a file name, which word processors store there."""
    lowered = title.lower()
    return len(title) > 3 and not title.isascii() and not lowered.startswith("microsoft") and "." not in lowered[-6:]


def extract_pages() -> None:
    """Read a PDF from standard input and write its pages as JSON; runs in the child process."""
    data = sys.stdin.buffer.read()
    _limit(len(data))
    json.dump(_extracted(data), sys.stdout)


def _limit(size: int) -> None:
    import resource
    import signal

    signal.alarm(_PAGE_SECONDS)
    memory = _MEMORY_LIMIT + 4 * size
    _, most = resource.getrlimit(resource.RLIMIT_AS)
    if sys.platform == "linux" and (most == resource.RLIM_INFINITY or most > memory):
        resource.setrlimit(resource.RLIMIT_AS, (memory, most))


def _extracted(data: bytes) -> dict[str, Any]:
    import signal

    import pypdfium2 as pdfium

    try:
        document = pdfium.PdfDocument(data)
        count = len(document)
        if count > _PAGE_LIMIT:
            return {"error": f"It has {count} pages; at most {_PAGE_LIMIT} are read. Split it."}
        pages: list[str] = []
        left = _CHARACTER_LIMIT
        for number in range(count):
            signal.alarm(_PAGE_SECONDS)
            pages.append(document[number].get_textpage().get_text_bounded(errors="replace"))
            left -= len(pages[-1])
            if left < 0:
                return {"error": f"Its text up to page {number + 1} is too long. Split it."}
        return {"title": document.get_metadata_value("Title") or "", "pages": pages}
    except pdfium.PdfiumError as error:
        if "password" in str(error).lower():
            return {"error": "It is encrypted with a password. Save it without one."}
        return {"error": f"It is a corrupt PDF: {error} Get another copy."}
