"""Word documents (DOCX): the lines that a reader of the printed page would see, in order.

Reads the XML itself. Of the sample document's 29 lines, python-docx 1.2 gives 10: not those with
numbers that Word generates, nor tables and footnotes; docx2python 3.7 ends with KeyError. (Reports
that have none of these read the same with all three.) Names and meanings of elements: ECMA-376,
part 1, chapter 17.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from policysearch.errors import SourceError
from policysearch.sources.readers.borders import stands_between
from policysearch.sources.readers.fields import field_statements, named_fields
from policysearch.sources.readers.line_writer import LineWriter
from policysearch.sources.readers.numbering import Numbering
from policysearch.sources.readers.reading import Reading
from policysearch.sources.readers.tables import CELL_SEPARATOR, WIDEST, Repeats, row_line
from policysearch.sources.readers.zipped import open_zip, read_member
from policysearch.text.superscripts import superscript

__all__ = ["is_main_part", "parse_xml", "read_docx"]

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_STRICT = b"http://purl.oclc.org/ooxml/wordprocessingml/main"
_TRANSITIONAL = b"http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_CORE = "{http://purl.org/dc/elements/1.1/}"
# The size of a part, in bytes; a thousand pages are 20 MB.
_PART_LIMIT = 96 * 2**20

_NOT_TEXT = (
    "del moveFrom instrText delText delInstrText pPr rPr sectPr tblPr tblGrid trPr tcPr sdtPr sdtEndPr"
    " rubyPr rt ffData bookmarkStart bookmarkEnd proofErr commentRangeStart commentRangeEnd"
)
_LEFT_OUT = frozenset(_W + name for name in str.split(_NOT_TEXT)) | {f"{_MC}Fallback"}
_DIGITS = re.compile("[0-9]")
_CHARACTERS = {
    f"{_W}tab": " ",
    f"{_W}ptab": " ",
    f"{_W}br": "\n",
    f"{_W}cr": "\n",
    f"{_W}noBreakHyphen": "-",
}
_MAIN_PART = re.compile(r"word/document\d*\.xml")
_BESIDE = {"header": "page mark", "footer": "page mark", "comments": "comment"}
_BESIDE_PART = re.compile(rf"word/({'|'.join(_BESIDE)})\d*\.xml")
_HEADING_STYLE = re.compile("(?:heading|标题) ?([1-9])", re.I)


def read_docx(data: bytes) -> Iterator[Reading]:
    """Yield one reading: each paragraph is a line, each row of a table a line with tabs.

    Notes are in brackets at the end of the paragraph that refers to them; text boxes after the paragraph they are
    anchored to. Tracked insertions are text; deletions, headers, footers and comments are named in ``removed``.
    Paragraphs of heading styles are ``headings``.

    Raises:
        SourceError: It is corrupt, encrypted, not a Word document, or contains no text.
    """
    with open_zip(data) as archive:
        main = next(filter(is_main_part, archive.namelist()), None)
        document = None if main is None else _part(archive, main)
        if document is None:
            raise SourceError("It is not a Word document: it has no main part. Save it again as DOCX.")
        package = _Package(archive)
        fields = _core_fields(archive)
        beside = list(_beside(archive))
    writer = LineWriter()
    for text, rule in beside:
        writer.leave_out(text, rule)
    _Body(package, writer).write(document)
    yield writer.reading(fields, field_statements(fields.items(), "properties"))


def _beside(archive: zipfile.ZipFile) -> Iterator[tuple[str, str]]:
    """Yield the text of each part other than the document, and the rule that removes it."""
    for name in dict.fromkeys(archive.namelist()):
        kind = _BESIDE_PART.fullmatch(name)
        if kind is None:
            continue
        try:
            part = _part(archive, name)
        except SourceError:
            continue  # the document can be read without it
        lines = ("".join(run.text or "" for run in line.iter(f"{_W}t")) for line in part.iter(f"{_W}p"))
        yield "\n".join(filter(str.strip, lines)), _BESIDE[kind[1]]


def is_main_part(name: str) -> bool:
    """Return whether a member of this name identifies an archive as a Word document; some programs number it."""
    return _MAIN_PART.fullmatch(name) is not None


def _part(archive: zipfile.ZipFile, name: str) -> Any:
    """Return the root element of a part, or None when there is no such part.

    Raises:
        SourceError: The part is corrupt, too large, or declares entities.
    """
    try:
        member = archive.getinfo(name)
    except KeyError:
        return None
    return parse_xml(read_member(archive, member, _PART_LIMIT), name)


def parse_xml(xml: bytes, name: str) -> Any:
    """Return the root element of a part of a document.

    Raises:
        SourceError: It is corrupt, or declares entities.
    """
    from lxml import etree

    if _STRICT in xml:
        xml = xml.replace(_STRICT, _TRANSITIONAL)
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    if b"<!DOCTYPE" in xml[:4096] or b"<!ENTITY" in xml[:4096]:
        raise SourceError("It declares XML entities, which Word never writes, and is not read. Save it again in Word.")
    try:
        root = etree.fromstring(xml, parser)
    except etree.XMLSyntaxError as error:
        raise SourceError(f"It is corrupt ({name}: {error}). Open and save it again in Word or LibreOffice.") from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise SourceError("It declares XML entities, which Word never writes, and is not read. Save it again in Word.")
    return root


class _Package:
    """The parts other than the main one: styles, numbering and notes."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        styles = _part(archive, "word/styles.xml")
        self.styles = {} if styles is None else {_value(style, "styleId"): style for style in styles.iter(f"{_W}style")}
        self.numbering = Numbering(_part(archive, "word/numbering.xml"), self.styles)
        self.footnotes = _notes(_part(archive, "word/footnotes.xml"), "footnote")
        self.endnotes = _notes(_part(archive, "word/endnotes.xml"), "endnote")
        self._levels: dict[str, int | None] = {}

    def heading_level(self, paragraph: Any) -> int | None:
        """Return the outline level of a paragraph from 1, its own or that of its style; None for body text."""
        own = paragraph.find(f"{_W}pPr/{_W}outlineLvl")
        if own is not None:
            return _outline_level(own)
        style = paragraph.find(f"{_W}pPr/{_W}pStyle")
        return None if style is None else self._style_level(_value(style, "val"))

    def _style_level(self, style_id: str) -> int | None:
        if style_id not in self._levels:
            self._levels[style_id] = None
            for style in self.ancestry(style_id):
                outline = style.find(f"{_W}pPr/{_W}outlineLvl")
                name = style.find(f"{_W}name")
                named = None if name is None else _HEADING_STYLE.fullmatch(_value(name, "val"))
                if outline is not None or named is not None:
                    self._levels[style_id] = int(named[1]) if outline is None and named else _outline_level(outline)
                    break
        return self._levels[style_id]

    def ancestry(self, style_id: str) -> Iterator[Any]:
        """Yield a style and those it is based on, nearest first."""
        seen: set[str] = set()
        while style_id in self.styles and style_id not in seen:
            seen.add(style_id)
            yield self.styles[style_id]
            based_on = self.styles[style_id].find(f"{_W}basedOn")
            style_id = "" if based_on is None else _value(based_on, "val")


def _value(element: Any, name: str) -> str:
    return str(element.get(f"{_W}{name}", ""))


def _outline_level(element: Any) -> int | None:
    value = _value(element, "val")
    return int(value) + 1 if value in set("01234567") | {"8"} else None


def _notes(root: Any, name: str) -> dict[str, Any]:
    if root is None:
        return {}
    return {_value(note, "id"): note for note in root.iter(f"{_W}{name}") if _value(note, "type") in ("", "normal")}


def _core_fields(archive: zipfile.ZipFile) -> dict[str, str]:
    """Return the title in the file's properties; the author there is the person who typed it, so it is ignored."""
    try:
        core = _part(archive, "docProps/core.xml")
    except SourceError:
        return {}
    title = None if core is None else core.find(f"{_CORE}title")
    return named_fields([("title", title.text or "")]) if title is not None else {}


class _Block(NamedTuple):
    """A paragraph, an item of a list, a row, or an end of the frame around text; and the level of a heading."""

    text: str
    kind: str
    level: int | None = None


def _cell_text(blocks: Iterable[_Block]) -> str:
    """Return a cell on one line, with a tab at each border between its blocks."""
    out = ""
    apart = False
    for block in blocks:
        stands = block.kind != "paragraph" or block.level is not None
        cells = [" ".join(cell.split()) for cell in block.text.split(CELL_SEPARATOR)] if block.kind == "row" else []
        text = CELL_SEPARATOR.join(filter(None, cells)) if cells else " ".join(block.text.split())
        if text and out:
            out += CELL_SEPARATOR if stands or apart or stands_between(out, text) else " "
        out += text
        apart = stands if text else apart or stands
    return out


class _Body:
    """Writes blocks (paragraphs, tables) as lines."""

    def __init__(self, package: _Package, writer: LineWriter) -> None:
        self.package = package
        self.writer = writer
        self._boxes: list[Any] = []
        self._repeats = Repeats()
        self._notes: list[str] = []

    def write(self, document: Any) -> None:
        for line in self._lines(document):
            if line.kind == "row":
                self.writer.row(line.text)
                continue
            if line.kind == "frame":
                self.writer.edge(sure=True)
                continue
            self.writer.edge(line.kind == "item")
            self.writer.line(line.text, line.level)
            self.writer.edge(line.kind == "item")

    def _lines(self, container: Any) -> Iterator[_Block]:
        """Yield the blocks within ``container``, at any depth."""
        stack = [iter(container)]
        while stack:
            element = next(stack[-1], None)
            if element is None:
                stack.pop()
            elif element.tag == f"{_W}p":
                yield from self._paragraph(element)
            elif element.tag == f"{_W}tbl" and (cell := _only_cell(element)) is not None:
                yield _Block("", "frame")
                yield from self._lines(cell)
                yield _Block("", "frame")
            elif element.tag == f"{_W}tbl":
                yield from (_Block(row, "row") for row in self._rows(element))
            elif element.tag in _LEFT_OUT:
                self._leave_out(element)
            else:
                stack.append(iter(element))

    def _paragraph(self, paragraph: Any) -> Iterator[_Block]:
        boxes, self._boxes = self._boxes, []
        notes, self._notes = self._notes, []
        text = self._inline(paragraph)
        number = self.package.numbering.next_number(paragraph) if text.strip() else ""
        level = self.package.heading_level(paragraph) if text.strip() else None
        found_boxes, self._boxes = self._boxes, boxes
        found_notes, self._notes = self._notes, notes
        if found_notes:
            text += "（注：" + "；".join(found_notes) + "）"
        in_a_list = self.package.numbering.lists(paragraph)
        yield _Block(number + text, "item" if in_a_list else "paragraph", level)
        for box in found_boxes:
            yield from self._lines(box)

    def _inline(self, paragraph: Any) -> str:
        parts: list[str] = []
        stack = [iter(paragraph)]
        while stack:
            element = next(stack[-1], None)
            if element is None:
                stack.pop()
                continue
            tag = element.tag
            if tag in (f"{_W}t", f"{_M}t"):
                text = element.text or ""
                parts.append(superscript(text) if _DIGITS.search(text) and _is_raised(element) else text)
            elif tag in _CHARACTERS:
                parts.append(_CHARACTERS[tag] if _value(element, "type") in ("", "textWrapping") else "")
            elif tag == f"{_W}sym":
                parts.append(_symbol(element))
            elif tag == f"{_W}txbxContent":
                self._boxes.append(element)
            elif tag in (f"{_W}footnoteReference", f"{_W}endnoteReference"):
                self._refer(element)
            elif tag in _LEFT_OUT:
                self._leave_out(element)
            else:
                stack.append(iter(element))
        text = "".join(parts)
        self._repeats.written(text)
        return text

    def _refer(self, reference: Any) -> None:
        notes = self.package.footnotes if reference.tag.endswith("footnoteReference") else self.package.endnotes
        note = notes.pop(_value(reference, "id"), None)
        if note is not None:
            text = " ".join(" ".join(line.text.split()) for line in self._lines(note) if line.text.strip())
            if text:
                self._notes.append(text)

    def _leave_out(self, element: Any) -> None:
        if element.tag in (f"{_W}del", f"{_W}moveFrom"):
            text = "".join(each.text or "" for each in element.iter(f"{_W}delText", f"{_W}t"))
            self.writer.leave_out(text, "deleted in the document")

    def _rows(self, table: Any) -> Iterator[str]:
        """Yield the rows as lines; a cell that spans rows is repeated in each of them."""
        above: dict[int, str] = {}
        for row in table.iter(f"{_W}tr"):
            if _table_of(row) is not table:
                continue
            texts: list[str] = []
            reaching: dict[int, str] = {}
            column = _columns(row, "trPr", "gridBefore", 0)
            stated = False
            for cell in row.iter(f"{_W}tc"):
                if _row_of(cell) is not row:
                    continue
                text = _cell_text(self._lines(cell))
                stated |= text != ""
                merged = cell.find(f"{_W}tcPr/{_W}vMerge")
                if merged is not None:
                    first = above.get(column, "")
                    if not text and _value(merged, "val") != "restart" and self._repeats.allow(first):
                        text = first
                    reaching[column] = text
                texts.append(text)
                column += _columns(cell, "tcPr", "gridSpan", 1)
            above = reaching
            if stated:
                yield row_line(texts)


def _only_cell(table: Any) -> Any:
    """Return the cell of a table that has no other: a frame around text, such as 专栏; else None."""
    cells = (cell for cell in table.iter(f"{_W}tc") if _table_of(cell) is table)
    first = next(cells, None)
    return first if first is not None and next(cells, None) is None else None


def _columns(element: Any, properties: str, name: str, least: int) -> int:
    """Return the number of columns of the table's grid that a cell spans, or that precede a row."""
    found = element.find(f"{_W}{properties}/{_W}{name}")
    stated = "" if found is None else _value(found, "val")
    return max(least, min(int(stated), WIDEST)) if stated.isdecimal() and len(stated) < 10 else least


def _table_of(element: Any) -> Any:
    return next(element.iterancestors(f"{_W}tbl"), None)


def _row_of(element: Any) -> Any:
    return next(element.iterancestors(f"{_W}tr"), None)


def _is_raised(text: Any) -> bool:
    """Return whether a text is a superscript by the format of its run."""
    align = text.getparent().find(f"{_W}rPr/{_W}vertAlign")
    return align is not None and _value(align, "val") == "superscript"


def _symbol(element: Any) -> str:
    """Return a character of a symbol font; it is a private one except in Unicode fonts."""
    try:
        code = int(_value(element, "char"), 16)
    except ValueError:
        return ""
    return "" if 0xF000 <= code <= 0xF0FF or code > 0x10FFFF or 0xD800 <= code <= 0xDFFF else chr(code)
