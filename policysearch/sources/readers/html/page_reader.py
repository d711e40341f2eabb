"""Saved web pages and fragments of them: the lines of the main content, without the navigation around it.

The main content is kept completely, with tables and signatures; the text outside of it is listed in ``removed``, and so
is text in elements that a browser does not show as text. Scripts, styles and comments are not text. Extractors such as
trafilatura find the same prose, but report neither removed text nor the places of headings nor header tables, and take
144 ms and a dozen packages to import.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from policysearch.sources.encodings import Decoded
from policysearch.sources.readers.bylines import byline_statements
from policysearch.sources.readers.fields import field_statements, named_fields
from policysearch.sources.readers.html.layout import measure
from policysearch.sources.readers.html.page_fields import page_statements
from policysearch.sources.readers.html.page_lines import write
from policysearch.sources.readers.html.page_parser import parse_page
from policysearch.sources.readers.line_writer import LineWriter
from policysearch.sources.readers.reading import Reading, undecodable

__all__ = ["declared_encoding", "looks_like_html", "read_html"]

# Generated pages may begin with pages of white space.
_HEAD = 16_384

_CHARSET = re.compile(
    rb"""<meta[^>]{0,300}?charset\s*=\s*["']?\s*([\w-]+)|<\?xml[^>]{0,100}?encoding=["']([\w-]+)""", re.I
)
_HTML_START = re.compile(
    rb"<(?:!doctype\s+html|html|head|body|meta|title|link|base|div|table|p|style|script|center|ucapcontent)[\s>/]", re.I
)
_BEFORE = ((b"<?xml", b"?>"), (b"<!--", b"-->"))


def looks_like_html(data: bytes) -> bool:
    """Return whether the first bytes are those of a web page."""
    head = data[:_HEAD]
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        head = head.decode("utf-16", "ignore").encode()
    at = len(head) - len(head.removeprefix(b"\xef\xbb\xbf").lstrip())
    while closing := next((end for start, end in _BEFORE if head.startswith(start, at)), b""):
        at = head.find(closing, at)
        if at < 0:
            return False
        at += len(closing)
        at += len(head[at:]) - len(head[at:].lstrip())
    return _HTML_START.match(head, at) is not None


def declared_encoding(data: bytes) -> str | None:
    """Return the encoding that the page declares, or None."""
    found = _CHARSET.search(data[:_HEAD])
    return (found[1] or found[2]).decode("ascii") if found else None


def read_html(decoded: Decoded) -> Iterator[Reading]:
    """Yield one reading: blocks and ``<br>`` are lines, rows of tables lines with tabs.

    ``statements`` are those of header tables (索引号, 发文字号 …; removed from the text), then of ``<meta>``, headings,
    ``<title>``, links, and bylines outside the content. ``fields`` contains for each name the header table's value,
    else the byline's, else that of ``<meta>``, else of the others in that order.

    Raises:
        SourceError: There is no text, or elements are nested more than 2,000 levels deep.
    """
    root = parse_page(decoded.text)
    page = measure(root)
    writer = LineWriter()
    for place in undecodable(decoded.broken):
        writer.leave_out(place.text, place.reason)
    write(root, page, writer)
    of_page = page_statements(root, decoded.text, writer)
    bylines = list(byline_statements(each.text for each in writer.removed if each.reason == "navigation"))
    fields = dict(named_fields(page.header))
    for one in (*bylines, *(one for one in of_page if one.place != "heading")):
        fields.setdefault(one.name, one.value)
    yield writer.reading(
        fields,
        (*field_statements(page.header, "header table"), *of_page, *bylines),
        encoding=decoded.encoding,
        confidence=decoded.confidence,
    )
