"""Rows of tables as lines: a cell that spans rows is repeated in each of them, within limits."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

__all__ = ["CELL_SEPARATOR", "Cell", "Repeats", "SpannedRows", "row_line"]

CELL_SEPARATOR = "\t"
"""The separator of the cells of a row."""

WIDEST, TALLEST = 1_000, 65_534
"""Maximum number of columns and rows that one cell may span, as in HTML."""

# The text that repeated cells may add: so many times the characters of the source, plus so many.
_SHARE, _LEAST = 8, 4_000


class Cell(NamedTuple):
    """A cell: its text on one line, and the numbers of columns and rows that it spans, each at least 1."""

    text: str
    columns: int = 1
    rows: int = 1


class Repeats:
    """Limits the text that repeated cells add to a table or a document, so that it stays linear in its source."""

    def __init__(self) -> None:
        self._left = _LEAST

    def written(self, text: str) -> None:
        """Count the text of the source itself."""
        self._left += _SHARE * len(text)

    def allow(self, text: str) -> bool:
        """Return whether the cell may be repeated; if so, it is counted."""
        if self._left <= len(text):
            return False
        self._left -= len(text) + 1
        return True


class _Span(NamedTuple):
    """A cell of a row above that reaches into the next ones."""

    start: int
    end: int
    text: str
    rows: int


class SpannedRows:
    """The rows of one table, in order, each completed by the cells that reach into it from above."""

    def __init__(self) -> None:
        self._open: list[_Span] = []  # in order of their columns
        self._repeats = Repeats()

    def row(self, cells: Iterable[Cell]) -> list[str]:
        """Return the texts of the next row, with those from above at their columns; empty if it has no text of its own.

        A cell that spans columns is included once, at the first of them.
        """
        texts: list[str] = []
        still_open: list[_Span] = []
        above = iter(self._open)
        waiting = next(above, None)
        column = 0
        stated = False

        def take(span: _Span) -> int:
            if self._repeats.allow(span.text):
                texts.append(span.text)
                if span.rows > 1:
                    still_open.append(span._replace(rows=span.rows - 1))
            return max(column, span.end)

        for text, columns, rows in cells:
            while waiting is not None and waiting.start <= column:
                column = take(waiting)
                waiting = next(above, None)
            self._repeats.written(text)
            texts.append(text)
            stated |= text != ""
            end = column + min(columns, WIDEST)
            if rows > 1:
                still_open.append(_Span(column, end, text, min(rows, TALLEST) - 1))
            column = end
        while waiting is not None:
            column = take(waiting)
            waiting = next(above, None)
        self._open = still_open
        return texts if stated else []

    def end_group(self) -> None:
        """End all spans: no cell spans beyond its group of rows."""
        self._open = []


def row_line(texts: Iterable[str]) -> str:
    """Return a row as one line; empty when all cells are.

    >>> row_line(["粮食", "", "32", ""])
    '粮食\\t\\t32'
    """
    return CELL_SEPARATOR.join(texts).rstrip(CELL_SEPARATOR)
