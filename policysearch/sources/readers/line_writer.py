"""Collects lines into a ``Reading``, and computes all offsets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from policysearch.errors import SourceError
from policysearch.sources.readers.borders import stands_between
from policysearch.sources.readers.reading import HeadingLine, Reading, Removed, StatedField
from policysearch.text.characters import split_dropped

__all__ = ["LineWriter"]


class LineWriter:
    """Collects the lines of one text, with its headings, its pages and the removed text.

    Attributes:
        removed: The pieces removed so far, in order.
    """

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._offset = 0
        self._headings: list[HeadingLine] = []
        self._pages: list[int] = []
        self.removed: list[Removed] = []
        self._number = 1
        self._dropped: list[str] = []
        self._borders: list[int] = []
        self._last = ""
        self._edge = self._sure = False

    def edge(self, sure: bool = False) -> None:
        """Note that a block ends here or begins; ``sure`` for all but paragraphs (items, cells, rows, headings).

        Between two paragraphs there is a border only if the first of them has ended.
        """
        self._edge = True
        self._sure |= sure

    def row(self, line: str) -> None:
        """Add a row of a table, with tabs between its cells."""
        self.edge(sure=True)
        self.line(line, cells=True)
        self.edge(sure=True)

    def line(self, text: str, level: int | None = None, *, cells: bool = False) -> None:
        """Add one line, or several when ``text`` contains line breaks; ``level`` marks a heading.

        Tabs become spaces except between ``cells``.
        """
        text, dropped = split_dropped(text)
        if dropped:
            self._dropped.append(dropped)
        if not cells and "\t" in text:
            text = text.replace("\t", " ")
        self.normal_line(text, level)

    def normal_line(self, text: str, level: int | None = None) -> None:
        """Add ``text`` as ``line`` does, which is normalized already and has tabs only between cells."""
        if stripped := text.strip():
            sure = self._sure or level is not None
            if self._last and (sure or (self._edge and stands_between(self._last, stripped))):
                self._borders.append(self._offset)
            self._last, self._edge, self._sure = stripped[-40:], level is not None, level is not None
            if level is not None:
                self._headings.append(HeadingLine(self._offset, level))
        self._lines.append(text)
        self._offset += len(text) + 1
        self._number += 1 + text.count("\n")

    def page(self) -> None:
        """Begin a new page at the next line."""
        self._pages.append(self._offset)

    def leave_out(self, text: str, reason: str) -> None:
        """Record a piece that is not part of the text."""
        text = split_dropped(text)[0]
        if text.strip():
            self.removed.append(Removed(text, reason, self._number))

    def leave_out_characters(self, dropped: str) -> None:
        """Record characters that were removed before the lines were created."""
        if dropped:
            self._dropped.append(dropped)

    @property
    def is_empty(self) -> bool:
        """Whether no line so far has more than white space."""
        return not any(line.strip() for line in self._lines)

    def beginning(self) -> str:
        """The first fifty lines, without white space."""
        return "".join("".join(self._lines[:50]).split())

    def reading(
        self,
        fields: Mapping[str, str] | None = None,
        statements: Iterable[StatedField] = (),
        *,
        encoding: str | None = None,
        confidence: float | None = None,
        marked: bool = True,
    ) -> Reading:
        """Return the collected reading.

        Raises:
            SourceError: There is only white space.
        """
        text = "\n".join(self._lines) + "\n" if self._lines else ""
        if not text.strip():
            raise SourceError("It contains no text.")
        removed = self.removed
        if self._dropped:
            removed = [*removed, Removed("".join(self._dropped), "control character")]
        return Reading(
            text=text,
            fields=dict(fields or {}),
            statements=tuple(statements),
            headings=tuple(self._headings),
            pages=tuple(self._pages),
            removed=tuple(removed),
            encoding=encoding,
            confidence=confidence,
            borders=tuple(self._borders) if marked else None,
        )
