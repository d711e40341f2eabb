"""Tables of corpus statistics, in every format of their commands."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, TextIO

from policysearch.output.terminal import Style, printable, width
from policysearch.text.width import columns_of

if TYPE_CHECKING:
    from policysearch.corpus.statistics.table import Table
    from policysearch.output.rendering import Rendering

__all__ = ["FORMATS", "write_table"]

FORMATS = ("text", "json", "jsonl", "csv", "tsv", "xlsx")
_WIDEST = 28  # columns of a cell in text


def write_table(found: Table, stream: TextIO, rendering: Rendering) -> None:
    """Write a table; what cannot be said is NA in csv and tsv, and null in JSON."""
    if rendering.format == "text":
        _write_text(found, stream, Style(rendering.color))
    else:
        rendering.records(
            stream, found.to_dict, found.rows(), found.columns, partial(_with_na, measured=found.measured)
        )


def _with_na(row: dict[str, Any], measured: frozenset[str]) -> dict[str, Any]:
    return {name: "NA" if cell is None and name in measured else cell for name, cell in row.items()}


def _write_text(found: Table, stream: TextIO, style: Style) -> None:
    columns, rows = found.text_columns, list(found.rows())
    left = [bool(rows) and all(isinstance(row[name], str | None) for row in rows) for name in columns]
    cells = [[_cell(row[name], name in found.measured) for name in columns] for row in rows]
    table = [list(columns), *cells]
    widths = [max(width(line[at]) for line in table) for at in range(len(columns))]
    for number, line in enumerate(table):
        text = "  ".join(_padded(line, widths, left)).rstrip()
        stream.write(f"{style.dim}{text}{style.end}\n" if number == 0 else text + "\n")
    said = ", ".join(
        f"{name.replace('_', ' ')} {value}" for name, value in found.totals().items() if isinstance(value, int | str)
    )
    stream.write(f"{style.dim}{said}{style.end}\n")


def _padded(line: Sequence[str], widths: Sequence[int], left: Sequence[bool]) -> Iterator[str]:
    for cell, wide, to_the_left in zip(line, widths, left, strict=True):
        space = " " * (wide - width(cell))
        yield cell + space if to_the_left else space + cell


def _cell(value: Any, measured: bool) -> str:
    if value is None:
        return "NA" if measured else ""
    if isinstance(value, float):
        return f"{value:.4g}" if value and abs(value) < 0.01 else f"{value:.2f}"
    return _short(" ".join(printable(str(value)).split()))


def _short(text: str) -> str:
    if width(text) <= _WIDEST:
        return text
    out = ""
    for character in text:
        if width(out) + columns_of(character) > _WIDEST - 1:
            break
        out += character
    return out + "…"
