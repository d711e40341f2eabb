"""Output of counts, in every format of the count command."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, TextIO

from policysearch.output.grid import GridColumn, grid_lines
from policysearch.output.terminal import Style, counted, filled, printable, width

if TYPE_CHECKING:
    from policysearch.corpus.counts import Count, Counts
    from policysearch.output.rendering import Rendering

__all__ = ["FORMATS", "write_counts"]

FORMATS = ("text", "json", "jsonl", "csv", "tsv", "xlsx")
_LONGEST_BAR = 20
_BLOCKS = " ▏▎▍▌▋▊▉█"


def write_counts(counts: Counts, stream: TextIO, rendering: Rendering) -> None:
    """Write the rows of a count."""
    if rendering.format == "text":
        _write_text(counts, stream, Style(rendering.color), rendering.room)
    else:
        rendering.records(stream, counts.to_dict, counts.rows(), counts.columns, _with_na)


def _with_na(row: dict[str, Any]) -> dict[str, Any]:
    """Return the row with NA for undefined counts, since an empty cell means an unknown group value."""
    if row["occurrences"] is None:
        row = {**row, **dict.fromkeys(("occurrences", "sections", "documents", "per_10000"), "NA")}
    return {**row, **{name: "NA" for name in ("per_10000", "range", "dp") if name in row and row[name] is None}}


def _write_text(counts: Counts, stream: TextIO, style: Style, room: int) -> None:
    """Write a table; a single term is its heading, and rates are drawn as bars if there is space."""
    rows = list(counts)
    alone = len({one.term for one in rows}) == 1 and bool(counts.by)
    table = [*_names(counts, rows, alone), *_figures(counts, rows)]
    used = sum(max(map(width, (one.heading, *one.cells))) + 2 for one in table)
    most = max((one.per_10000 or 0.0 for one in rows), default=0.0)
    longest = min(_LONGEST_BAR, room - used)
    bars = [_bar(one.per_10000 or 0.0, most, longest) for one in rows]
    if any(bars):
        table.append(GridColumn("", [bar.ljust(longest) for bar in bars]))
    if alone:
        stream.write(f"{style.bold}{printable(rows[0].term)}{style.end}\n")
    stream.writelines(line + "\n" for line in grid_lines(table, style, room))
    sizes = (
        f"{counted(counts.documents, 'document')},",
        f"{counted(counts.sections, 'section')},",
        counted(counts.characters, "Han character"),
    )
    stream.writelines(f"{style.dim}{line}{style.end}\n" for line in filled(sizes, room))


def _names(counts: Counts, rows: Sequence[Count], alone: bool) -> Iterator[GridColumn]:
    for at, field in enumerate(counts.by):
        values = (one.group[at] for one in rows)
        cells = ["(none)" if value is None else printable(str(value)) for value in values]
        yield GridColumn(field, cells, left=True, name=True)
    if not alone:
        yield GridColumn("term", [printable(one.term) for one in rows], left=True, name=True)


def _figures(counts: Counts, rows: Sequence[Count]) -> Iterator[GridColumn]:
    def column(heading: str, cell: Callable[[Count], str]) -> GridColumn:
        return GridColumn(heading, ["NA" if one.occurrences is None else cell(one) for one in rows])

    yield column("times", lambda one: f"{one.occurrences:,}")
    yield column("sections", lambda one: f"{one.sections:,}")
    if "document" not in counts.by:
        yield column("documents", lambda one: f"{one.documents:,}/{one.documents_in_group:,}")
    yield column("per 10,000", lambda one: "" if one.per_10000 is None else f"{one.per_10000:,.2f}")
    if counts.weighted:
        yield column("weighted", lambda one: f"{one.weighted or 0:g}")
    if counts.spread is not None:
        deviations = (row["dp"] for row in counts.rows())
        yield GridColumn("DP", ["NA" if dp is None else f"{dp:.2f}" for dp in deviations])


def _bar(number: float, most: float, columns: int) -> str:
    """Return a bar of at most ``columns`` columns, in steps of an eighth; empty when there is no space."""
    if columns < 4 or not most or not number:
        return ""
    eighths = max(1, round(number / most * columns * 8))
    return "█" * (eighths // 8) + _BLOCKS[eighths % 8].strip()
