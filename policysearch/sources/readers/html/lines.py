"""The layout of a page to lines: blocks and ``<br>`` are lines, rows of tables lines with tabs."""

from __future__ import annotations

import re
from typing import Any

from policysearch.sources.readers.html.header_table import WHITE
from policysearch.sources.readers.html.layout import CONTROLS, UNSEEN, Page, names
from policysearch.sources.readers.lines import LineWriter
from policysearch.text.characters import holds_text

__all__ = ["write"]

_BLOCKS = names(
    "address article aside blockquote body caption center dd details div dl dt fieldset figcaption figure"
    " footer form h1 h2 h3 h4 h5 h6 header hr legend li main nav ol p pre section summary table tbody td"
    " tfoot th thead tr ul ucapcontent ucaptitle"
)
_CODE = names("head script style template")
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
# A line break of the file between two Chinese characters is no space.
_SOFT_BREAK = re.compile("(?<=[\u2e80-\uffef])[ \t]*[\r\n][ \t\r\n]*(?=[\u2e80-\uffef])")


class _Line:
    """The line being put together, and where finished lines go."""

    def __init__(self, writer: LineWriter) -> None:
        self.writer = writer
        self.parts: list[str] = []
        self.level: int | None = None
        self.cells: list[str] | None = None
        self.outside: list[str] = []
        self.reason = ""

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
            self.cells[-1:] = [f"{self.cells[-1]} {text}".strip() if self.cells else text]
        else:
            self.writer.line(text, self.level)

    def end_row(self) -> None:
        self.end()
        if self.cells is not None and any(self.cells):
            self.writer.line("\t".join(self.cells).rstrip("\t"))
        if self.cells is not None:
            self.cells = []

    def switch(self, reason: str) -> None:
        """From here on, lines are left out for ``reason``, or kept when it is empty."""
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
    pre = 0
    for event, element in walk:
        tag = element.tag
        if event == "start":
            if tag in UNSEEN:
                walk.skip_subtree()
                if tag not in _CODE and holds_text(unseen := _unseen_text(element)):
                    writer.leave_out(unseen, "not shown")
                continue
            reason = _reason(element, page, reasons[-1])
            reasons.append(reason)
            if reason != line.reason:
                line.switch(reason)
            _open(tag, element, page, line)
            pre += tag == "pre"
            line.add(element.text, preformatted=pre > 0)
            continue
        if tag not in UNSEEN:
            pre -= tag == "pre"
            _close(tag, element, page, line)
            reasons.pop()
            if reasons and reasons[-1] != line.reason:
                line.switch(reasons[-1])
        if element is not root:
            line.add(element.tail, preformatted=pre > 0)
    line.end()
    line.switch("")


def _unseen_text(element: Any) -> str:
    """The text within an element that is no content, a piece a line, without code."""
    pieces = element.xpath("descendant::text()[not(ancestor::script or ancestor::style or ancestor::template)]")
    return "\n".join(" ".join(piece.split()) for piece in pieces if piece.strip())


def _reason(element: Any, page: Page, outer: str) -> str:
    """Why the element is left out, or an empty string."""
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
    line.level = _HEADINGS.get(tag, line.level)
    if line.reason:
        return
    if element in page.data_tables:
        line.cells = []
    elif tag in ("td", "th") and line.cells is not None:
        line.cells.append("")


def _close(tag: str, element: Any, page: Page, line: _Line) -> None:
    if tag not in _BLOCKS:
        return
    line.end()
    if tag in _HEADINGS:
        line.level = None
    if tag == "tr":
        line.end_row()
    if element in page.data_tables:
        line.end_row()
        line.cells = None
