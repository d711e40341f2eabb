"""Output of comparisons of two texts, in every format of the compare command."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, TextIO

from policysearch.output.html import as_html, html_page
from policysearch.output.json import dump
from policysearch.output.labels import LABELS, labelled
from policysearch.output.terminal import Style, printable, width, wrap

if TYPE_CHECKING:
    from policysearch.output.rendering import Rendering
    from policysearch.quoting.comparison import Compared, Comparison

__all__ = ["FORMATS", "write_comparisons"]

FORMATS = ("text", "json", "csv", "tsv", "html")
COLUMNS = ("a", "b", "state", "a_number", "b_number", "a_section_id", "b_section_id", "a_text", "b_text", "changes")

_SIDE_BY_SIDE = 160
"""Minimum number of columns for the two texts side by side."""


def write_comparisons(found: Sequence[Comparison], stream: TextIO, rendering: Rendering) -> None:
    """Write comparisons: json an object for each, csv and tsv a row for each article, html a page."""
    if rendering.format == "json":
        stream.writelines(dump(one.to_dict()) + "\n" for one in found)
    elif rendering.format == "html":
        stream.write(_page(found))
    elif rendering.format == "text":
        for one in found:
            stream.writelines(line.rstrip() + "\n" for line in _text(one, Style(rendering.color), rendering))
    else:
        table = rendering.table(stream, COLUMNS)
        for one in found:
            for row in one:
                fields = row.to_dict()
                texts = {f"{side}_text": " ".join(_side(row, side)[0].split()) for side in "ab"}
                table.row({"a": one.a, "b": one.b, **fields, **texts, "changes": dump(fields["changes"])})


def _side(row: Compared, side: str) -> tuple[str, list[tuple[int, int]]]:
    """Return one side's text on one line, and the spans of it that differ."""
    text = ""
    spans = []
    for change in row.changes:
        piece = " ".join((change.a if side == "a" else change.b).split("\n"))
        if change.op != "equal" and piece.strip():
            spans.append((len(text), len(text) + len(piece)))
        text += piece
    return text, spans


def _text(found: Comparison, style: Style, rendering: Rendering) -> Iterator[str]:
    columns = rendering.columns
    yield f"{style.bold}{printable(found.a)} → {printable(found.b)}{style.end}"
    for row in found:
        if row.state == "same" and row.a_number == row.b_number:
            continue
        known = dict.fromkeys((row.a_number, row.b_number))
        numbers = "" if known == {None: None} else " → ".join(one or "–" for one in known)
        yield ""
        yield f"{style.bold}{row.state}{style.end}  {printable(numbers)}"
        if row.state in ("same", "moved"):
            continue
        marks = (style.mark, style.end) if style.mark else ("[", "]")
        if rendering.room >= _SIDE_BY_SIDE:
            yield from _beside(row, (rendering.room - 4) // 2, marks)
            continue
        for side, name in (("a", "-"), ("b", "+")):
            text, spans = _side(row, side)
            spans = [] if row.state in ("new", "gone") else spans
            for i, line in enumerate(wrap(printable(text), columns - 4, spans, marks)):
                yield f"{name if i == 0 else ' '} {line}"
    many = Counter(row.state for row in found)
    yield ""
    yield f"{style.dim}{', '.join(f'{count} {state}' for state, count in sorted(many.items()))}{style.end}"


def _beside(row: Compared, room: int, marks: tuple[str, str]) -> Iterator[str]:
    sides = []
    for side in "ab":
        text, spans = _side(row, side)
        sides.append(wrap(printable(text), room - 2, [] if row.state in ("new", "gone") else spans, marks))
    for i in range(max(map(len, sides))):
        left, right = (lines[i] if i < len(lines) else "" for lines in sides)
        seen = width(left.replace(marks[0], "").replace(marks[1], "") if marks[0] != "[" else left)
        yield f"{left}{' ' * max(2, room - seen)}{right}"


_STYLE = """
body { max-width: 90em; }
table { border-collapse: collapse; width: 100%; }
th, td { vertical-align: top; text-align: left; padding: .4em .6em; border-top: 1px solid #ddd; }
td.text { width: 44%; white-space: pre-wrap; overflow-wrap: anywhere; }
tr.same td { color: #666; }
"""


def _page(found: Sequence[Comparison]) -> str:
    return html_page(f"{LABELS['compare'][0]} compare", _STYLE, "\n".join(map(_compared, found)))


def _compared(found: Comparison) -> str:
    many = Counter(row.state for row in found)
    states = "，".join(f"{labelled('state', state)} {count}" for state, count in sorted(many.items()))
    heads = "".join(f"<th>{as_html(one)}</th>" for one in ("状态 state", f"甲 a：{found.a}", f"乙 b：{found.b}"))
    rows = "".join(map(_table_row, found))
    return (
        f"<h1>{as_html(found.a)} → {as_html(found.b)}</h1>\n"
        f'<p class="about">{LABELS["identical"][0] if found.same else ""}{states}</p>\n'
        f"<table>\n<tr>{heads}</tr>\n{rows}</table>"
    )


def _table_row(row: Compared) -> str:
    a, b = (
        "".join(
            as_html(text) if one.op == "equal" or not text else f"<{mark}>{as_html(text)}</{mark}>"
            for one, text in ((one, getattr(one, side)) for one in row.changes)
        )
        for side, mark in (("a", "del"), ("b", "ins"))
    )
    state = labelled("state", row.state)
    return f'<tr class="{row.state}"><td>{state}</td><td class="text">{a}</td><td class="text">{b}</td></tr>\n'
