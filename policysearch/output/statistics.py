"""Output of corpus statistics, in every format of their commands."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING, Any, TextIO

from policysearch.output.grid import GridColumn, grid_lines
from policysearch.output.terminal import Style, counted, filled, printable

if TYPE_CHECKING:
    from policysearch.corpus.statistics.table import Table
    from policysearch.corpus.statistics.trend import Trend, TrendRow
    from policysearch.output.rendering import Rendering

__all__ = ["FORMATS", "statistic", "write_table"]

FORMATS = ("text", "json", "jsonl", "csv", "tsv", "xlsx")

_HEADINGS = {
    "documents_in_group": "of documents",
    "log_dice": "log Dice",
    "log_likelihood": "log-likelihood",
    "log_ratio": "log ratio",
    "log_ratio_conservative": "conservative log ratio",
    "mi": "MI",
    "occurrences": "times",
    "per_10000": "per 10,000",
    "reference": "reference times",
    "reference_documents": "reference documents",
}
_LEAST = (
    "documents",
    "expected",
    "per_10000",
    "p",
    "reference_documents",
    "log_ratio_conservative",
    "characters",
    "documents_in_group",
)
"""Columns that text may leave out, the last first."""


def write_table(found: Table, stream: TextIO, rendering: Rendering) -> None:
    """Write a table; undefined values are NA in csv and tsv, and null in JSON.

    In text, a table wider than the lines loses columns; a trend has a layout of its own.
    """
    if rendering.format == "text":
        from policysearch.corpus.statistics.trend import Trend

        style, columns = Style(rendering.color), rendering.room
        text = _trend_lines(found, style, columns) if isinstance(found, Trend) else _lines(found, style, columns)
        stream.writelines(line + "\n" for line in text)
    else:
        rendering.records(
            stream, found.to_dict, found.rows(), found.columns, partial(_with_na, measured=found.measured)
        )


def _with_na(row: dict[str, Any], measured: frozenset[str]) -> dict[str, Any]:
    return {name: "NA" if cell is None and name in measured else cell for name, cell in row.items()}


def _lines(found: Table, style: Style, columns: int) -> Iterator[str]:
    rows = list(found.rows())
    if rows:
        yield from grid_lines([_column(found, name, rows) for name in found.text_columns], style, columns)
    yield from _dim(_sizes(found.totals()), style, columns)


def _column(found: Table, name: str, rows: list[dict[str, Any]]) -> GridColumn:
    left = all(isinstance(row[name], str | None) for row in rows)
    cells = [_cell(name, row[name], name in found.measured) for row in rows]
    if name in found.row_names:
        return GridColumn(printable(name), cells, left, 0, True)
    if name in found.term_columns:
        return GridColumn(printable(name), cells, left)
    least = _LEAST.index(name) + 1 if name in _LEAST else 0
    heading = _HEADINGS.get(name, name.replace("_", " "))
    if name == "documents_in_group" and "documents" not in found.columns:
        heading = "documents"
    return GridColumn(heading, cells, left, least)


def _cell(name: str, value: Any, measured: bool) -> str:
    return statistic(name, value) if value is not None else "NA" if measured else "(none)"


def statistic(name: str, value: Any) -> str:
    """Return a value of a column for text: two decimals, thousands separated, a probability as in papers."""
    if name == "year":
        return str(value)
    if name == "p" and isinstance(value, float):
        return _probability(value)
    if isinstance(value, float):
        return f"{value:.4g}" if value and abs(value) < 0.01 else f"{value:,.2f}"
    return f"{value:,}" if isinstance(value, int) else " ".join(printable(str(value)).split())


def _probability(value: float) -> str:
    """Return a probability as papers give it.

    >>> _probability(0.0), _probability(0.0312), _probability(1.0)
    ('<.001', '.031', '1.000')
    """
    return "<.001" if value < 0.001 else f"{value:.3f}".removeprefix("0")


def _sizes(totals: Mapping[str, Any]) -> Iterator[str]:
    """Yield the sizes of the texts counted in, in pieces between which a line may end."""
    if "phrase" in totals:
        window = totals["window"]
        near = "the sentences with it" if window == "sentence" else f"{window} characters on each side"
        yield printable(f"{totals['phrase']}:")
        yield f"{counted(totals['occurrences'], 'time')};"
        yield f"{near}:"
        yield f"{counted(totals['window_characters'], 'Han character')};"
    yield from _size(totals, "", ";" if "reference_documents" in totals else "")
    if "reference_documents" in totals:
        yield "reference:"
        yield from _size(totals, "reference_", "")


def _size(totals: Mapping[str, Any], before: str, after: str) -> Iterator[str]:
    yield f"{counted(totals[before + 'documents'], 'document')},"
    yield f"{counted(totals[before + 'sections'], 'section')},"
    yield f"{counted(totals[before + 'characters'], 'Han character')}{after}"


def _dim(pieces: Iterable[str], style: Style, columns: int) -> Iterator[str]:
    yield from (f"{style.dim}{line}{style.end}" for line in filled(pieces, columns))


def _trend_lines(found: Trend, style: Style, columns: int) -> Iterator[str]:
    """Yield for each term its first occurrence, and a line for each year that has documents."""
    empty = 0
    for term, several in groupby(found, lambda one: one.term):
        rows = list(several)
        yield f"{style.bold}{printable(term)}{style.end}"
        if not any(one.occurrences for one in rows):
            yield from ("    does not occur", "")
            continue
        known = [one for one in rows if one.documents_in_year]
        empty = len(rows) - len(known)
        yield from _first_said(rows, columns)
        yield from grid_lines(_years(known), style, columns)
        yield ""
    if empty:
        yield from _dim([f"{counted(empty, 'year')} without documents left out;"], style, columns)
    yield from _dim(_sizes(found.totals()), style, columns)


def _first_said(rows: Iterable[TrendRow], columns: int) -> Iterator[str]:
    for one in (row.first for row in rows if row.first.first_date is not None):
        others = (one.first_documents or 1) - 1
        more = f" and {counted(others, 'other document')} of that date" if others else ""
        said = f"first used {one.first_date} in {one.first_title or one.first_document_id}{more}:"
        pieces = printable(f"{said} {one.first_sentence or ''}").split()
        yield from ("    " + line for line in filled(pieces, columns - 4))
        return


def _years(rows: list[TrendRow]) -> list[GridColumn]:
    def column(heading: str, cells: Iterable[str]) -> GridColumn:
        return GridColumn(heading, list(cells))

    return [
        column("year", ("(none)" if one.year is None else str(one.year) for one in rows)),
        column("places", (f"{one.places:,}/{one.places_in_year:,}" for one in rows)),
        column("share", ("NA" if one.share is None else f"{one.share:.0%}" for one in rows)),
        column("documents", (f"{one.documents:,}/{one.documents_in_year:,}" for one in rows)),
        column("times", (f"{one.occurrences:,}" for one in rows)),
        column("per 10,000", (_cell("per_10000", one.per_10000, True) for one in rows)),
    ]
