"""Texts as HTML: escaped, with their matches marked, in paragraphs and tables."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence

from markupsafe import Markup, escape

from policysearch.output.terminal import printable

__all__ = ["Marks", "marked_text", "paragraphs"]

Span = tuple[int, int]


class Marks:
    """The matches in a text, each with a number in its document.

    Attributes:
        spans: Their offsets, left to right.
        first: The number of the first, from 1; 0 for matches that are not numbered.
        at: The number of the current one.
    """

    def __init__(self, spans: Sequence[Span] = (), first: int = 0, at: int = 0) -> None:
        self.spans = spans
        self.first = first
        self.at = at

    def within(self, start: int, end: int) -> Iterator[tuple[int, int, int, bool]]:
        """Yield the matches between two offsets, cut to them: start, end, number, and whether it begins there."""
        place = bisect_right(self.spans, (start, start))
        place -= bool(place and self.spans[place - 1][1] > start)
        while place < len(self.spans) and self.spans[place][0] < end:
            low, high = self.spans[place]
            yield max(low, start), min(high, end), self.first + place if self.first else 0, low >= start
            place += 1


def _plain(text: str) -> Markup:
    return escape(printable(text))


def marked_text(text: str, marks: Marks, start: int = 0, end: int | None = None) -> Markup:
    """Return a part of a text, escaped, its matches in ``<mark>``."""
    end = len(text) if end is None else end
    pieces: list[str] = []
    at = start
    for low, high, number, begins in marks.within(start, end):
        low = max(low, at)
        pieces.append(_plain(text[at:low]))
        name = f' id="m{number}"' if number and begins else ""
        here = ' class="at"' if number and number == marks.at else ""
        pieces.append(f"<mark{name}{here}>{_plain(text[low:high])}</mark>")
        at = high
    pieces.append(_plain(text[at:end]))
    return Markup("".join(pieces))


def paragraphs(text: str, marks: Marks, start: int, end: int, strong: int = 0) -> Markup:
    """Return a part of a text as paragraphs, one per line; lines with tabs are rows of a table.

    The text before ``strong`` is a heading on the same line as its text.
    """
    pieces: list[str] = []
    rows: list[str] = []
    width = 0
    for low, high in _lines(text, start, end):
        line = text[low:high]
        if "\t" in line:
            cells = list(_cells(text, marks, low, high))
            if len(cells) != width:
                pieces += _table(rows)
                rows, width = [], len(cells)
            rows.append(f"<tr>{''.join(cells)}</tr>")
        elif line.strip():  # there may be an empty line between two rows
            pieces += _table(rows)
            rows = []
            lead = len(line) - len(line.lstrip())
            low, high = low + lead, low + len(line.rstrip())
            head = min(max(strong, low), high)
            bold = f"<strong>{marked_text(text, marks, low, head)}</strong>" if head > low else ""
            pieces.append(f"<p>{bold}{marked_text(text, marks, head, high)}</p>")
    return Markup("".join([*pieces, *_table(rows)]))


def _table(rows: Sequence[str]) -> list[str]:
    return (
        [f'<div class="scroll" tabindex="0"><table class="cells"><tbody>{"".join(rows)}</tbody></table></div>']
        if rows
        else []
    )


def _cells(text: str, marks: Marks, start: int, end: int) -> Iterator[str]:
    for low, high in _between(text, start, end, "\t"):
        yield f"<td>{marked_text(text, marks, low, high)}</td>"


def _lines(text: str, start: int, end: int) -> Iterator[Span]:
    return _between(text, start, end, "\n")


def _between(text: str, start: int, end: int, mark: str) -> Iterator[Span]:
    at = start
    while at <= end:
        stop = text.find(mark, at, end)
        stop = end if stop < 0 else stop
        yield at, stop
        at = stop + 1
