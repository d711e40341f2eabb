"""The lines of a page: blocks and ``<br>`` are lines, rows of tables lines with tabs."""

from __future__ import annotations

from typing import Any

from policysearch.sources.readers.borders import stands_between
from policysearch.sources.readers.html.header_table import WHITE
from policysearch.sources.readers.html.layout import CONTROLS, UNSEEN, Page, names
from policysearch.sources.readers.line_writer import LineWriter
from policysearch.sources.readers.tables import CELL_SEPARATOR, TALLEST, Cell, SpannedRows, row_line
from policysearch.text.characters import holds_text
from policysearch.text.patterns import lazy_pattern
from policysearch.text.superscripts import superscript

__all__ = ["write"]

_BLOCKS = names(
    "address article aside blockquote body caption center dd details div dl dt fieldset figcaption figure"
    " footer form h1 h2 h3 h4 h5 h6 header hr legend li main nav ol p pre section summary table tbody td"
    " tfoot th thead tr ul ucapcontent ucaptitle"
)
_CODE = names("head script style template")
# Elements within the text that are not part of it, with the rule that removes them.
_NAMED = {
    "del": "deleted in the document",
    "rp": "not shown",
    "rt": "not shown",
    "rtc": "not shown",
    "title": "not shown",
}
# Blocks that are separate from the next, whatever their punctuation.
_APART = names("caption dd dt figcaption h1 h2 h3 h4 h5 h6 legend li summary td th tr")
_ROW_GROUPS = names("tbody tfoot thead")
_SPAN = lazy_pattern(r"\s*\+?0*(\d{1,9})")
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
# A line break of the file between two Chinese characters is not a space.
_SOFT_BREAK = lazy_pattern("(?<=[\u2e80-\uffef])[ \t]*[\r\n][ \t\r\n]*(?=[\u2e80-\uffef])")


class _OpenCell:
    """A cell of a data table while its text is being read."""

    def __init__(self, columns: int, rows: int) -> None:
        self.columns, self.rows = columns, rows
        self.texts: list[str] = []

    def cell(self) -> Cell:
        return Cell(CELL_SEPARATOR.join(self.texts), self.columns, self.rows)

    def add(self, text: str, apart: bool) -> None:
        """Add a line of the cell; ``apart`` if an item or a heading ends or begins there."""
        if self.texts and not (apart or stands_between(self.texts[-1], text)):
            self.texts[-1] += " " + text
        else:
            self.texts.append(text)


class _Line:
    """Collects the current line, and passes finished lines on."""

    def __init__(self, writer: LineWriter) -> None:
        self.writer = writer
        self.parts: list[str] = []
        self.level: int | None = None
        self.cells: list[_OpenCell] | None = None
        self.rows = SpannedRows()
        self.outside: list[str] = []
        self.reason = ""
        self.apart = False

    def edge(self, sure: bool) -> None:
        """Note that a block ends here or begins."""
        self.apart |= sure
        self.writer.edge(sure)

    def add(self, text: str | None, *, preformatted: bool = False) -> None:
        if not text:
            return
        if preformatted:
            first, *others = text.split("\n")
            self.parts.append(first)
            for other in others:
                self.end()
                self.parts.append(other)
        else:
            self.parts.append(WHITE.sub(" ", _SOFT_BREAK.sub("", text)) if "\n" in text else WHITE.sub(" ", text))

    def end(self) -> None:
        if not self.parts:
            return
        text = WHITE.sub(" ", "".join(self.parts)).strip()
        self.parts = []
        if not text:
            return
        if self.reason:
            self.outside.append(text)
        elif self.cells is not None:
            if not self.cells:
                self.cells.append(_OpenCell(1, 1))
            self.cells[-1].add(text, self.apart)
            self.apart = False
        else:
            self.writer.line(text, self.level)

    def end_row(self) -> None:
        self.end()
        if self.cells:
            if line := row_line(self.rows.row(cell.cell() for cell in self.cells)):
                self.writer.row(line)
            self.cells = []

    def begin_table(self) -> None:
        self.cells, self.rows = [], SpannedRows()

    def end_table(self) -> None:
        self.end_row()
        self.cells = None

    def leave_out(self, text: str) -> None:
        """Remove text that the page hides: with the removed text around it, or by a rule of its own."""
        if self.reason:
            self.outside += [text] if text else []
        else:
            self.writer.leave_out(text, "not shown")

    def switch(self, reason: str) -> None:
        """Remove the following lines for ``reason``, or keep them when it is empty."""
        self.end()
        if reason != self.reason and self.outside:
            self.writer.leave_out("\n".join(self.outside), self.reason)
            self.outside = []
        self.reason = reason


def write(root: Any, page: Page, writer: LineWriter) -> None:
    from lxml import etree

    line = _Line(writer)
    line.switch("navigation")
    reasons = ["navigation"]
    walk = etree.iterwalk(root, events=("start", "end"))
    pre = raised = 0
    for event, element in walk:
        tag = element.tag
        if event == "start":
            if tag in UNSEEN:
                walk.skip_subtree()
                if tag in _NAMED or (tag not in _CODE and holds_text(_unseen_text(element))):
                    writer.leave_out(_unseen_text(element), _NAMED.get(tag, "not shown"))
                continue
            if element in page.hidden:
                walk.skip_subtree()
                line.leave_out(_unseen_text(element))
                continue
            reason = _reason(element, page, reasons[-1])
            reasons.append(reason)
            if reason != line.reason:
                line.switch(reason)
            _open(tag, element, page, line)
            pre += tag == "pre"
            raised += tag == "sup"
            text = superscript(element.text) if raised and element.text else element.text
            line.add(text, preformatted=pre > 0)
            continue
        if tag not in UNSEEN and element not in page.hidden:
            pre -= tag == "pre"
            raised -= tag == "sup"
            _close(tag, element, page, line)
            reasons.pop()
            if reasons and reasons[-1] != line.reason:
                line.switch(reasons[-1])
        if element is not root:
            text = superscript(element.tail) if raised and element.tail else element.tail
            line.add(text, preformatted=pre > 0)
    line.end()
    line.switch("")


def _unseen_text(element: Any) -> str:
    """Return the text of an element outside the content, one piece per line, without code."""
    pieces = element.xpath("descendant::text()[not(ancestor::script or ancestor::style or ancestor::template)]")
    return "\n".join(" ".join(piece.split()) for piece in pieces if piece.strip())


def _reason(element: Any, page: Page, outer: str) -> str:
    """Return the rule that removes an element, or an empty string."""
    if element in page.header_elements:
        return "navigation"
    if element is page.main:
        return ""
    if element in page.boilerplate or element.tag in CONTROLS:
        return outer or "navigation"
    return outer


def _open(tag: str, element: Any, page: Page, line: _Line) -> None:
    if tag == "br":
        line.end()
        return
    if tag not in _BLOCKS:
        return
    line.end()
    line.edge(tag in _APART)
    line.level = _HEADINGS.get(tag, line.level)
    if line.reason:
        return
    if element in page.data_tables:
        line.begin_table()
    elif tag in ("td", "th") and line.cells is not None:
        line.cells.append(_OpenCell(_span(element, "colspan"), _span(element, "rowspan")))


def _close(tag: str, element: Any, page: Page, line: _Line) -> None:
    if tag not in _BLOCKS:
        return
    line.end()
    line.edge(tag in _APART)
    if tag in _HEADINGS:
        line.level = None
    if tag == "tr":
        line.end_row()
    if tag in _ROW_GROUPS and line.cells is not None:
        line.rows.end_group()
    if element in page.data_tables:
        line.end_table()


def _span(cell: Any, name: str) -> int:
    """Return the number of columns or rows that a cell spans; 0 rows mean all that follow."""
    stated = _SPAN.match(cell.get(name, ""))
    if stated is None:
        return 1
    return int(stated[1]) or (TALLEST if name == "rowspan" else 1)
