"""Output of targets, in every format of the targets command."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TextIO

from policysearch.output.terminal import Style, counted, printable, shortened, width

if TYPE_CHECKING:
    from policysearch.corpus.targets.target_table import Target, Targets
    from policysearch.output.rendering import Rendering

__all__ = ["FORMATS", "write_targets"]

FORMATS = ("text", "json", "jsonl", "csv", "tsv", "xlsx")
_WIDEST_PLACE, _WIDEST_CELL = 24, 20  # columns in text


def write_targets(found: Targets, stream: TextIO, rendering: Rendering, *, wide: bool = False) -> None:
    """Write the rows of a table of targets.

    ``wide`` applies to all formats but text, which is always a table of places
    and years for each indicator and figure.
    """
    if rendering.format == "text":
        _write_text(found, stream, Style(rendering.color), rendering.room)
        return
    from policysearch.corpus.targets.target_table import COLUMNS

    names: Sequence[str] = COLUMNS
    rows: Sequence[dict[str, Any]] = [one.to_dict() for one in found] if not wide else []
    if wide:
        names, rows = found.wide()
    cells = None if wide else _cells
    rendering.records(stream, lambda: {**found.to_dict(), "rows": rows}, rows, names, cells)


def _cells(row: Mapping[str, Any]) -> dict[str, Any]:
    return {**row, "also": " ".join(row["also"])}


def _write_text(found: Targets, stream: TextIO, style: Style, columns: int) -> None:
    from policysearch.corpus.targets.target_table import FIGURES, KINDS

    for indicator in found.indicators:
        rows = [one for one in found if one.indicator == indicator]
        stated = {(one.figure, one.kind) for one in rows if one.figure}
        for kind in KINDS:
            # an indicator without any statement has no figure; it is shown with the first figure that a report states
            figures: list[str | None] = [figure for figure in FIGURES if (figure, kind) in stated]
            if not figures and any(one.kind == kind for one in rows):
                figures = [None]
            for figure in figures:
                shown = [one for one in rows if one.kind == kind and one.figure == figure]
                if figure == figures[0]:
                    shown = [one for one in rows if one.kind == kind and one.figure in (figure, None)]
                about = " ".join(part for part in (figure, kind if kind != KINDS[0] else None) if part)
                head = f"{style.bold}{printable(indicator)}{style.end}"
                stream.write(f"{head} {style.dim}{about}{style.end}\n" if about else f"{head}\n")
                stream.writelines(line.rstrip() + "\n" for line in _table(shown, columns))
                stream.write("\n")
    read = f"{counted(len(found), 'row')}, {counted(found.reports, 'report')} read"
    stream.write(f"{style.dim}{read}{style.end}\n")


def _table(rows: Sequence[Target], columns: int) -> Iterator[str]:
    """Yield the lines of a table of places and horizons; if it is too wide, of several tables, one below the other."""
    in_order = sorted(rows, key=lambda one: one.region_code or "")
    places = list(dict.fromkeys(_short(one.region or "", _WIDEST_PLACE) for one in in_order))
    horizons = sorted({one.horizon for one in rows}, key=lambda horizon: (len(horizon), horizon))
    cells: dict[tuple[str, str], list[str]] = {}
    for one in rows:
        key = (_short(one.region or "", _WIDEST_PLACE), one.horizon)
        cells.setdefault(key, []).append("-" if one.operator == "none" else one.written or "")
    text = {key: _short(" / ".join(dict.fromkeys(values)), _WIDEST_CELL) for key, values in cells.items()}
    first = max(map(width, places))
    widths = {h: max([width(h), *(width(cell) for (_, at), cell in text.items() if at == h)]) for h in horizons}
    parts = 0
    while horizons:
        if parts:
            yield ""
        parts += 1
        shown, room = horizons[:1], first + 2 + widths[horizons[0]]
        for horizon in horizons[1:]:
            room += 2 + widths[horizon]
            if room > columns:
                break
            shown.append(horizon)
        horizons = horizons[len(shown) :]
        yield " " * first + "".join("  " + _padded(horizon, widths[horizon]) for horizon in shown)
        for place in places:
            if any((place, horizon) in text for horizon in shown):
                row = (_padded(text.get((place, horizon), ""), widths[horizon]) for horizon in shown)
                yield _padded(place, first) + "".join("  " + cell for cell in row)


def _padded(text: str, room: int) -> str:
    return text + " " * (room - width(text))


def _short(text: str, room: int) -> str:
    """Return text cut to at most ``room`` columns, on one line."""
    return shortened(printable(" ".join(text.split())), room)
