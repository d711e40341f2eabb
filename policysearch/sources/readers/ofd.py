"""OFD, the fixed-layout format of Chinese official documents (GB/T 33190-2016).

A page is a list of pieces of text with coordinates. Consecutive pieces on one base line are a line.
"""

from __future__ import annotations

import posixpath
import zipfile
from collections.abc import Iterator
from itertools import pairwise
from typing import Any, NamedTuple

from policysearch.errors import SourceError
from policysearch.sources.readers.docx import parse_xml
from policysearch.sources.readers.fields import field_statements, named_fields
from policysearch.sources.readers.line_writer import LineWriter
from policysearch.sources.readers.reading import Reading
from policysearch.sources.readers.zipped import is_bomb, open_zip, read_member

__all__ = ["ENTRY", "read_ofd"]

ENTRY = "OFD.xml"
"""The member of an OFD file that lists the others."""

_PART_LIMIT = 64 * 2**20
_PAGE_LIMIT = 20_000
# Shares of a character's size: by how much base lines of one line may differ, and from which a gap is a space.
_LEVEL, _GAP = 0.5, 0.3


class _Piece(NamedTuple):
    """A text, the start of its base line, and its size, in millimetres."""

    text: str
    x: float
    y: float
    size: float


def read_ofd(data: bytes) -> Iterator[Reading]:
    """Yield one reading with the lines of all pages; the text of templates is removed as page marks.

    Raises:
        SourceError: It is corrupt, packed like a bomb, or contains no text (for example if it is scanned).
    """
    writer = LineWriter()
    title = ""
    with open_zip(data) as archive:
        package = _Package(archive, len(data))
        for body in _all(package.part(ENTRY), "DocBody"):
            title = title or " ".join("".join(_texts(body, "Title")).split())
            for root in _texts(body, "DocRoot"):
                _write_document(package, root.strip().lstrip("/"), writer)
    if not writer.beginning():
        raise SourceError("It contains no text: its pages may be images. Run text recognition (OCR) on it first.")
    fields = named_fields([("title", title)]) if title else {}
    yield writer.reading(fields, field_statements(fields.items(), "properties"), marked=False)


class _Package:
    """The members of an OFD file, each read once, within limits."""

    def __init__(self, archive: zipfile.ZipFile, packed: int) -> None:
        self._archive = archive
        self._packed = packed
        self._size = 0

    def part(self, name: str) -> Any:
        """Return the root element of a member. Raises ``SourceError``."""
        try:
            member = self._archive.getinfo(posixpath.normpath(name))
        except KeyError as error:
            raise SourceError(f"It is corrupt: it has no '{name}'. Get another copy.") from error
        xml = read_member(self._archive, member, _PART_LIMIT)
        self._size += len(xml)
        if is_bomb(self._size, self._packed):
            raise SourceError("It is packed like a decompression bomb (more than 200 to 1); it is not read.")
        return parse_xml(xml, name)


def _write_document(package: _Package, root: str, writer: LineWriter) -> None:
    document = package.part(root)
    folder = posixpath.dirname(root)

    def place(element: Any) -> str:
        stated = element.get("BaseLoc", "")
        return stated.lstrip("/") if stated.startswith("/") else posixpath.join(folder, stated)

    for template in _all(document, "TemplatePage"):
        writer.leave_out("\n".join(_lines(package.part(place(template)))), "page mark")
    for number, page in enumerate(_all(document, "Page")):
        if number == _PAGE_LIMIT:
            raise SourceError(f"It has more than {_PAGE_LIMIT:,} pages. Split it.")
        writer.page()
        lines = list(_lines(package.part(place(page))))
        if not lines:
            writer.leave_out(f"page {number + 1}", "page without text")
        for line in lines:
            writer.line(line)


def _lines(page: Any) -> Iterator[str]:
    line: list[_Piece] = []
    for piece in _pieces(page):
        if line and (abs(piece.y - line[-1].y) > _LEVEL * max(piece.size, 1) or piece.x < line[-1].x):
            yield _joined(line)
            line = []
        line.append(piece)
    if line:
        yield _joined(line)


def _joined(line: list[_Piece]) -> str:
    out = line[0].text
    for before, piece in pairwise(line):
        width = sum(before.size * (0.5 if each.isascii() else 1) for each in before.text)
        words = before.text[-1:].isascii() and piece.text[:1].isascii()
        out += (" " if words and piece.x - before.x - width > _GAP * before.size else "") + piece.text
    return out


def _pieces(page: Any) -> Iterator[_Piece]:
    for element in _all(page, "TextObject"):
        left, top, *_ = (*_numbers(element.get("Boundary", "")), 0.0, 0.0)
        size = next(iter(_numbers(element.get("Size", ""))), 3.5)
        for code in _all(element, "TextCode"):
            text = "".join(code.itertext()).strip("\r\n")
            x, y = (next(iter(_numbers(code.get(name, ""))), 0.0) for name in ("X", "Y"))
            if text.strip():
                yield _Piece(text, left + x, top + y, size)


def _numbers(stated: str) -> list[float]:
    found = []
    for each in stated[:200].split():
        try:
            found.append(float(each))
        except ValueError:
            return []
    return found


def _texts(root: Any, name: str) -> Iterator[str]:
    for element in _all(root, name):
        yield element.text or ""


def _all(root: Any, name: str) -> Iterator[Any]:
    """Yield the elements of this name in any namespace."""
    yield from root.iter(f"{{*}}{name}")
