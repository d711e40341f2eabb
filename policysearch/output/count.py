"""Output of counts, in every format of the count command."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, TextIO

from policysearch.output.terminal import Style, counted, printable, shortened_front, width

if TYPE_CHECKING:
    from policysearch.corpus.counts import Count, Counts
    from policysearch.output.rendering import Rendering

__all__ = ["FORMATS", "write_counts"]

FORMATS = ("text", "json", "jsonl", "csv", "tsv", "xlsx")
_WIDEST, _NARROWEST = 28, 8  # columns of a name in text
_LONGEST_BAR = 20
_BLOCKS = " ▏▎▍▌▋▊▉█"


def write_counts(counts: Counts, stream: TextIO, rendering: Rendering) -> None:
    """Write the rows of a count."""
    if rendering.format == "text":
        _write_text(counts, stream, Style(rendering.color), rendering.columns)
    else:
        rendering.records(stream, counts.to_dict, counts.rows(), counts.columns, _with_na)


def _with_na(row: dict[str, Any]) -> dict[str, Any]:
    """Return the row with NA for undefined counts, since an empty cell means an unknown group value."""
    if row["occurrences"] is None:
        row = {**row, **dict.fromkeys(("occurrences", "sections", "documents", "per_10000"), "NA")}
    return {**row, **{name: "NA" for name in ("range", "dp") if name in row and row[name] is None}}


def _write_text(counts: Counts, stream: TextIO, style: Style, columns: int) -> None:
    head = [*counts.by, "term", "times", "sections", "documents", "per 10,000"] + ["weighted"] * counts.weighted
    names = len(counts.by) + 1
    if counts.spread is not None:
        _write_spread(counts, stream, style, [*head, "DP"], names)
        return
    widths = [width(name) for name in head]
    most = 0.0
    for one in counts:
        widths = [max(a, width(cell)) for a, cell in zip(widths, _cells(one, counts.weighted), strict=True)]
        most = max(most, one.per_10000 or 0.0)
    widths = _fitted(widths, names, columns)
    bar = min(_LONGEST_BAR, columns - sum(widths) - 2 * len(widths))
    stream.write(style.dim + _line(head, widths, names) + style.end + "\n")
    for one in counts:
        drawn = _bar(one.per_10000 or 0.0, most, bar)
        stream.write((_line(_cells(one, counts.weighted), widths, names) + "  " + drawn).rstrip() + "\n")
    stream.write(
        f"{style.dim}{counted(counts.documents, 'document')}, {counted(counts.sections, 'section')}, "
        f"{counted(counts.characters, 'Han character')}{style.end}\n"
    )


def _write_spread(counts: Counts, stream: TextIO, style: Style, head: Sequence[str], names: int) -> None:
    deviations = (row["dp"] for row in counts.rows())
    cells = [
        [*_cells(one, counts.weighted), "NA" if dp is None else f"{dp:.2f}"]
        for one, dp in zip(counts, deviations, strict=True)
    ]
    widths = [max(map(width, column)) for column in zip(head, *cells, strict=True)]
    widths = [min(wide, _WIDEST) if at < names else wide for at, wide in enumerate(widths)]
    stream.write(style.dim + _line(head, widths, names) + style.end + "\n")
    stream.writelines(_line(line, widths, names) + "\n" for line in cells)


def _fitted(widths: Sequence[int], names: int, columns: int) -> list[int]:
    """Return the widths with the widest names narrowed until a line fits or no name is wide."""
    fitted = [min(wide, _WIDEST) if at < names else wide for at, wide in enumerate(widths)]
    while sum(fitted) + 2 * (len(fitted) - 1) > columns:
        widest = max(range(names), key=lambda at: fitted[at])
        if fitted[widest] <= _NARROWEST:
            break
        fitted[widest] -= 1
    return fitted


def _cells(one: Count, weighted: bool) -> list[str]:
    names = [printable("" if part is None else str(part)) for part in (*one.group, one.term)]
    if one.occurrences is None:
        return [*names, *["NA"] * (5 if weighted else 4)]
    rate = "" if one.per_10000 is None else f"{one.per_10000:,.2f}"
    documents = f"{one.documents:,}/{one.documents_in_group:,}"
    cells = [*names, f"{one.occurrences:,}", f"{one.sections:,}", documents, rate]
    return [*cells, f"{one.weighted or 0:g}"] if weighted else cells


def _line(cells: Sequence[str], widths: Sequence[int], names: int) -> str:
    return "  ".join(_padded(cells, widths, names)).rstrip()


def _padded(cells: Sequence[str], widths: Sequence[int], names: int) -> Iterator[str]:
    for at, (cell, wide) in enumerate(zip(cells, widths, strict=True)):
        if at < names:
            cell = shortened_front(cell, wide)
        space = " " * (wide - width(cell))
        yield cell + space if at < names else space + cell


def _bar(number: float, most: float, columns: int) -> str:
    """Return a bar of at most ``columns`` columns, in steps of an eighth; empty when there is no room."""
    if columns < 4 or not most or not number:
        return ""
    eighths = max(1, round(number / most * columns * 8))
    return "█" * (eighths // 8) + _BLOCKS[eighths % 8].strip()
