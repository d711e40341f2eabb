"""Word documents in one XML file, of Word 2003 and later: converted to the parts of DOCX, and read as such.

Word 2003's elements have the names that ECMA-376 adopted, in another namespace; notes, headers, comments and changes
are within the text there, and numbers of lists are written out.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from typing import Any

from policysearch.errors import SourceError
from policysearch.sources.readers.docx import parse_xml, read_docx
from policysearch.sources.readers.reading import Reading

__all__ = ["looks_like_word_xml", "read_word_xml"]

_OLD = b"http://schemas.microsoft.com/office/word/2003/wordml"
_PACKAGE = b"http://schemas.microsoft.com/office/2006/xmlPackage"
_MAIN = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_W = f"{{{_MAIN}}}"
_P = f"{{{_PACKAGE.decode()}}}"
_WX = "{http://schemas.microsoft.com/office/word/2003/auxHint}"
_AML = "{http://schemas.microsoft.com/aml/2001/core}"
_O = "{urn:schemas-microsoft-com:office:office}"
_TITLE = (
    '<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties"'
    ' xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title/></cp:coreProperties>'
)


def looks_like_word_xml(data: bytes) -> bool:
    """Return whether a file is a Word document in one XML file."""
    head = data[:16_384].removeprefix(b"\xef\xbb\xbf").lstrip()
    return head.startswith(b"<") and (_OLD in head or (_PACKAGE in head and b"Word.Document" in head))


def read_word_xml(data: bytes) -> Iterator[Reading]:
    """Yield one reading, as ``read_docx`` does.

    Raises:
        SourceError: It is corrupt, declares entities, or contains no text.
    """
    root = parse_xml(data.replace(_OLD, _MAIN.encode()) if _OLD in data[:16_384] else data, "the document")
    parts = _parts_of_package(root) if root.tag == f"{_P}package" else _parts_of_document(root)
    with zipfile.ZipFile(out := io.BytesIO(), "w") as archive:
        for name, part in parts:
            archive.writestr(name, part)
    yield from read_docx(out.getvalue())


def _parts_of_package(root: Any) -> Iterator[tuple[str, bytes]]:
    from lxml import etree

    seen = set()
    for part in root.iter(f"{_P}part"):
        name = part.get(f"{_P}name", "").lstrip("/")
        content = part.find(f"{_P}xmlData")
        if name and name not in seen and content is not None and len(content):
            seen.add(name)
            yield name, etree.tostring(content[0], encoding="utf-8")


def _parts_of_document(root: Any) -> Iterator[tuple[str, bytes]]:
    from lxml import etree

    body = root.find(f"{_W}body")
    if body is None:
        raise SourceError("It is not a Word document: it has no body. Save it again as DOCX.")

    def part(name: str, elements: list[Any]) -> bytes:
        new = etree.Element(f"{_W}{name}")
        new.extend(elements)
        written: bytes = etree.tostring(new, encoding="utf-8")
        return written

    notes: dict[str, list[Any]] = {"footnote": [], "endnote": []}
    beside: dict[str, list[Any]] = {"hdr": [], "ftr": [], "comment": []}
    for element in list(body.iter(f"{_W}hdr", f"{_W}ftr", f"{_W}footnote", f"{_W}endnote", f"{_AML}annotation")):
        kind = etree.QName(element).localname
        if kind == "annotation":
            _take_annotation(element, beside["comment"])
        elif kind in notes and element.getparent().tag == f"{_W}r":
            _refer(element, kind, notes[kind])
        elif kind in beside:
            _take_out(element)
            beside[kind].append(element)
    for properties in body.iter(f"{_W}listPr"):
        _write_number(properties)
    for merged in body.iter(f"{_W}vmerge"):
        merged.tag = f"{_W}vMerge"
    yield "word/document.xml", part("document", [body])
    styles = root.find(f"{_W}styles")
    if styles is not None:
        yield "word/styles.xml", etree.tostring(styles, encoding="utf-8")
    for kind, found in notes.items():
        if found:
            yield f"word/{kind}s.xml", part(f"{kind}s", found)
    for kind, name in (("hdr", "header1"), ("ftr", "footer1"), ("comment", "comments")):
        if beside[kind]:
            yield f"word/{name}.xml", part(kind, beside[kind])
    title = root.find(f"{_O}DocumentProperties/{_O}Title")
    if title is not None and title.text:
        core = etree.fromstring(_TITLE)
        core[0].text = title.text
        yield "docProps/core.xml", etree.tostring(core, encoding="utf-8")


def _take_out(element: Any) -> None:
    """Remove an element from its parent, but not the text that follows it."""
    outer = element.getparent()
    before = element.getprevious()
    if element.tail and before is not None:
        before.tail = (before.tail or "") + element.tail
    elif element.tail:
        outer.text = (outer.text or "") + element.tail
    outer.remove(element)
    element.tail = None


def _refer(note: Any, kind: str, notes: list[Any]) -> None:
    """Replace a note by a reference."""
    reference = note.makeelement(f"{_W}{kind}Reference", {f"{_W}id": str(len(notes) + 1)})
    reference.tail = note.tail
    note.getparent().replace(note, reference)
    note.tail = None
    note.attrib.clear()
    note.set(f"{_W}id", reference.get(f"{_W}id"))
    notes.append(note)


def _take_annotation(annotation: Any, comments: list[Any]) -> None:
    kind = annotation.get(f"{_W}type", "")
    if kind == "Word.Deletion":
        annotation.tag = f"{_W}del"
    elif kind == "Word.Comment":
        _take_out(annotation)
        comments.append(annotation)


def _write_number(properties: Any) -> None:
    """Write the list number of a paragraph before its text."""
    number = properties.find(f"{_WX}t")
    paragraph = next(properties.iterancestors(f"{_W}p"), None)
    stated = "" if number is None else number.get(f"{_WX}val", "")
    # bullets are characters of symbol fonts
    if paragraph is None or not stated.strip() or any("\ue000" <= each <= "\uf8ff" for each in stated):
        return
    run = paragraph.makeelement(f"{_W}r")
    text = paragraph.makeelement(f"{_W}t")
    text.text = stated
    run.append(text)
    at = paragraph.find(f"{_W}pPr")
    paragraph.insert(0 if at is None else paragraph.index(at) + 1, run)
