"""Tables of aligned columns in text, within the width of the lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from policysearch.frozen import frozen
from policysearch.output.terminal import Style, filled, shortened_front, width

__all__ = ["GridColumn", "grid_lines"]

_GAP = 2
_WIDE, _NARROW = 28, 12  # width to which cells of text are cut before other columns are left out, and after


@frozen
class GridColumn:
    """A column of a table.

    Attributes:
        heading: One line; if the table is too wide, it is divided into two at its last space or hyphen.
        cells: The cells, one line each.
        left: Whether cells are aligned to the left.
        least: Priority for leaving the column out, greatest first; 0 for one that stays.
        name: Whether it names the rows: it is repeated in each part of a divided table.
    """

    heading: str
    cells: Sequence[str]
    left: bool = False
    least: int = 0
    name: bool = False


def grid_lines(columns: Sequence[GridColumn], style: Style, room: int) -> Iterator[str]:
    """Yield the lines of a table, the headings first.

    A name equal to that of the row above is blank, if another column names the rows too.
    A table wider than ``room`` gets headings of two lines; then cells at the left
    are shortened, columns are left out, and what is still too wide is divided into
    several tables, one below the other.
    """
    headings = [[column.heading] for column in columns]
    widths = _widths(columns, headings)
    if _total(widths) > room:
        headings = [_broken(column.heading) for column in columns]
        widths = _widths(columns, headings)
    _narrow(columns, widths, room, _WIDE)
    shown = list(range(len(columns)))
    for at in sorted((at for at in shown if columns[at].least), key=lambda at: -columns[at].least):
        if _total([widths[one] for one in shown]) <= room:
            break
        shown.remove(at)
    if _total([widths[one] for one in shown]) > room:
        _narrow(columns, widths, room, _NARROW)
    parts = _parts(columns, shown, widths, room)
    for number, part in enumerate(parts):
        if number:
            yield ""
        high = max(len(headings[at]) for at in part)
        for line in range(high):
            cells = [(["", *headings[at]] if len(headings[at]) < high else headings[at])[line] for at in part]
            yield f"{style.dim}{_line(columns, part, cells, widths)}{style.end}"
        for row in range(len(columns[0].cells)):
            cells = [columns[at].cells[row] for at in part]
            same = _repeated(columns, row)
            yield _line(
                columns, part, ["" if at in same else cell for at, cell in zip(part, cells, strict=True)], widths
            )
    left_out = [column.heading for at, column in enumerate(columns) if at not in shown]
    if left_out:
        said = f"not shown for lack of room: {', '.join(left_out)}"
        yield from (f"{style.dim}{line}{style.end}" for line in filled(said.split(), room))


def _repeated(columns: Sequence[GridColumn], row: int) -> set[int]:
    """Return the columns of names, except the last one, whose cells repeat those of the row above."""
    found: set[int] = set()
    for at in [at for at, column in enumerate(columns) if column.name][:-1]:
        if not row or columns[at].cells[row] != columns[at].cells[row - 1]:
            break
        found.add(at)
    return found


def _widths(columns: Sequence[GridColumn], headings: Sequence[Sequence[str]]) -> list[int]:
    return [
        max(map(width, [*heading, *column.cells]), default=0) for column, heading in zip(columns, headings, strict=True)
    ]


def _total(widths: Sequence[int]) -> int:
    return sum(widths) + _GAP * (len(widths) - 1)


def _broken(heading: str) -> list[str]:
    at = max(heading.rfind(" "), heading.rfind("-"))
    return [heading] if at < 0 else [heading[: at + 1].rstrip(), heading[at + 1 :]]


def _narrow(columns: Sequence[GridColumn], widths: list[int], room: int, least: int) -> None:
    """Narrow the widest columns of text, down to ``least``, until the table fits."""
    while _total(widths) > room:
        wide = max((at for at, one in enumerate(columns) if one.left), key=lambda at: widths[at], default=None)
        if wide is None or widths[wide] <= least:
            return
        widths[wide] -= 1


def _parts(columns: Sequence[GridColumn], shown: Sequence[int], widths: Sequence[int], room: int) -> list[list[int]]:
    """Return the columns of each part of a table: all in one when they fit."""
    names = [at for at in shown if columns[at].name]
    parts: list[list[int]] = []
    for at in shown:
        if at in names:
            continue
        if parts and _total([widths[one] for one in (*parts[-1], at)]) <= room:
            parts[-1].append(at)
        else:
            parts.append([*names, at])
    return parts or [names]


def _line(columns: Sequence[GridColumn], part: Sequence[int], cells: Sequence[str], widths: Sequence[int]) -> str:
    out = []
    for at, cell in zip(part, cells, strict=True):
        cell = shortened_front(cell, widths[at])
        space = " " * (widths[at] - width(cell))
        out.append(cell + space if columns[at].left else space + cell)
    return (" " * _GAP).join(out).rstrip()
