"""Saved web pages and fragments of them to lines: the main content, not the navigation around it.

Nothing of the main content is dropped, tables and signatures included; what
stands outside it is named in ``removed``, and so is text in elements that a
browser does not show as text. Scripts, styles and comments are no text.
Extractors such as trafilatura find the same prose, but report neither what
they leave out, nor where headings stand, nor header tables, and take 144 ms
and a dozen packages to import.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from policysearch.sources.encodings import Decoded
from policysearch.sources.readers.fields import named_fields
from policysearch.sources.readers.html.fields import byline, meta_columns, title
from policysearch.sources.readers.html.layout import measure
from policysearch.sources.readers.html.lines import write
from policysearch.sources.readers.html.parser import parse
from policysearch.sources.readers.lines import LineWriter
from policysearch.sources.readers.reading import Reading, undecodable

__all__ = ["READER_VERSION", "declared_encoding", "looks_like_html", "read_html"]

READER_VERSION = 2

_CHARSET = re.compile(
    rb"""<meta[^>]{0,300}?charset\s*=\s*["']?\s*([\w-]+)|<\?xml[^>]{0,100}?encoding=["']([\w-]+)""", re.I
)
_HTML_START = re.compile(
    rb"\s*(?:<!--[^>]{0,500}-->\s*)*<(?:!doctype\s+html|html|head|body|meta|title|div|table|p|style|script)[\s>/]",
    re.I,
)


def looks_like_html(data: bytes) -> bool:
    """Whether the first bytes are those of a web page."""
    return _HTML_START.match(data[:4096].removeprefix(b"\xef\xbb\xbf")) is not None


def declared_encoding(data: bytes) -> str | None:
    """Return the encoding that the page says it is in, if it does."""
    found = _CHARSET.search(data[:4096])
    return (found[1] or found[2]).decode("ascii") if found else None


def read_html(decoded: Decoded) -> Iterator[Reading]:
    """Yield one reading: blocks and ``<br>`` are lines, rows of tables lines with tabs.

    Fields come from a header table (索引号, 发文字号 …), which is left out of the
    text, then from ``<meta>``, then from ``<title>``.

    Raises:
        SourceError: There is no text, or elements stand in each other more than 2,000 deep.
    """
    root = parse(decoded.text)
    page = measure(root)
    writer = LineWriter()
    for place in undecodable(decoded.broken):
        writer.leave_out(place.text, place.reason)
    write(root, page, writer)
    fields = {
        **named_fields(meta_columns(root, decoded.text)),
        **named_fields(byline(writer)),
        **named_fields(page.header),
    }
    if "title" not in fields and (stated := title(root, writer)):
        fields["title"] = stated
    yield writer.reading(fields, encoding=decoded.encoding, confidence=decoded.confidence)
