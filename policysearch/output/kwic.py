"""The places of a phrase, in every format of the kwic command."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, TextIO

from policysearch.output.json import dump
from policysearch.output.terminal import Style, printable
from policysearch.text.width import columns_of, width

if TYPE_CHECKING:
    from policysearch.corpus.concordance import Concordance, KwicLine

__all__ = ["FORMATS", "LINE_FORMATS", "write_concordance", "write_lines"]

FORMATS = ("text", "json", "jsonl", "csv", "tsv", "xlsx")
LINE_FORMATS = ("jsonl", "csv", "tsv")
_LABEL = 20  # most columns of place and year in text
_BREAK = re.compile(r"\s")


def write_concordance(
    concordance: Concordance,
    output_format: str,
    stream: TextIO,
    *,
    asked_width: int | None = None,
    color: bool = False,
    columns: int = 80,
    raw: bool = False,
    bom: bool = False,
) -> None:
    """Write a concordance; ``asked_width`` is what was asked for on each side, None for what fits the screen."""
    if output_format == "json":
        stream.write(dump(concordance.to_dict()) + "\n")
    elif output_format == "text":
        _write_text(concordance, stream, Style(color), columns, asked_width)
    else:
        write_lines(concordance.lines, output_format, stream, raw=raw, bom=bom)


def write_lines(
    lines: Iterable[KwicLine], output_format: str, stream: TextIO, *, raw: bool = False, bom: bool = False
) -> int:
    """Write lines as they come, in one of ``LINE_FORMATS``; return how many there were."""
    written = 0

    def counted() -> Iterator[KwicLine]:
        nonlocal written
        for line in lines:
            yield line
            written += 1

    if output_format == "jsonl":
        stream.writelines(dump(line.to_dict()) + "\n" for line in counted())
    else:
        from policysearch.corpus.concordance import COLUMNS
        from policysearch.output.tables import TableWriter

        table = TableWriter(stream, COLUMNS, tabs=output_format == "tsv", raw=raw, bom=bom)
        table.rows(map(_row, counted()))
    return written


def _row(line: KwicLine) -> dict[str, Any]:
    """Return a line's cells; each stays on one line of the file, and offsets hold."""
    fields = line.to_dict()
    on_one_line = {name: _BREAK.sub(" ", fields[name]) for name in ("left", "match", "right")}
    duplicates = None if line.duplicates is None else " ".join(line.duplicates)
    return {**fields, "path": " / ".join(line.path), "duplicates": duplicates, **on_one_line}


def _write_text(concordance: Concordance, stream: TextIO, style: Style, columns: int, asked_width: int | None) -> None:
    labels = [_label(line) for line in concordance.lines]
    label_width = max(map(width, labels), default=0)
    matches = [_shown(line.match) for line in concordance.lines]
    match_width = max(map(width, matches), default=0)
    side = asked_width
    if side is None:
        side = max(8, (columns - label_width - match_width - 4) // 2)
    for line, label, match in zip(concordance.lines, labels, matches, strict=True):
        left = _cut(_shown(line.left)[::-1], side)[::-1]
        right = _cut(_shown(line.right), side)
        lead = " " * (label_width - width(label) + 2 + side - width(left))
        stream.write(
            f"{style.dim}{label}{style.end}{lead}{left} {style.mark}{match}{style.end} {right}".rstrip() + "\n"
        )
    if concordance.lines:
        shown, many = len(concordance.lines), concordance.distinct
        places = f"{shown} of {many} places" if shown < many else f"{shown} places"
        copies = f" ({concordance.total} with copies)" if many < concordance.total else ""
        stream.write(f"{style.dim}{places}{copies}{style.end}\n")


def _label(line: KwicLine) -> str:
    about = " ".join(str(part) for part in (line.region, line.year) if part is not None)
    return _cut(_shown(about or line.title or line.document_id), _LABEL)


def _shown(text: str) -> str:
    return _BREAK.sub(" ", printable(text))


def _cut(text: str, columns: int) -> str:
    """Return the longest prefix that fits."""
    for at, character in enumerate(text):
        columns -= columns_of(character)
        if columns < 0:
            return text[:at]
    return text
