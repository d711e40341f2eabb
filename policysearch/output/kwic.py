"""Output of concordances, in every format of the kwic command."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, TextIO

from policysearch.output.json import dump
from policysearch.output.terminal import Style, counted, printable, shortened, wrap
from policysearch.text.width import columns_of, width

if TYPE_CHECKING:
    from policysearch.corpus.concordance import Concordance, KwicLine
    from policysearch.output.rendering import Rendering

__all__ = ["FORMATS", "LINE_FORMATS", "write_concordance", "write_lines"]

FORMATS = ("text", "json", "jsonl", "csv", "tsv", "xlsx")
LINE_FORMATS = ("jsonl", "csv", "tsv")
_PLACE = 21  # maximum width of a place in a label: 恩施土家族苗族自治州 has 20 columns
_NAMED = 36  # maximum width of other labels
_BREAK = re.compile(r"\s")


def write_concordance(
    concordance: Concordance,
    stream: TextIO,
    rendering: Rendering,
    *,
    asked_width: int | None = None,
    sentence: bool = False,
    fields: Sequence[str] = (),
    codes: Sequence[str] = (),
) -> None:
    """Write a concordance.

    Args:
        concordance: The concordance.
        stream: Where to.
        rendering: How.
        asked_width: Columns of context on each side; None for as many as fit the screen.
        sentence: Whether the sentence is the context.
        fields: The columns; by default the usual ones.
        codes: Further columns of a table, which are empty.
    """
    if rendering.format == "json":
        found = concordance.to_dict()
        if fields:
            found["lines"] = [{name: line.get(name) for name in fields} for line in found["lines"]]
        stream.write(dump(found) + "\n")
    elif rendering.format == "text":
        text = _Text(concordance, stream, Style(rendering.color), rendering.room, fields, asked_width)
        text.write(sentence)
    else:
        write_lines(concordance.lines, stream, rendering, sentence=sentence, fields=fields, codes=codes)


def write_lines(
    lines: Iterable[KwicLine],
    stream: TextIO,
    rendering: Rendering,
    *,
    sentence: bool = False,
    fields: Sequence[str] = (),
    codes: Sequence[str] = (),
) -> int:
    """Write lines as they are generated, in one of ``LINE_FORMATS``; return their number.

    The arguments are those of ``write_concordance``.
    """
    written = 0

    def counted() -> Iterator[KwicLine]:
        nonlocal written
        for line in lines:
            yield line
            written += 1

    if rendering.format == "jsonl":
        for line in counted():
            found = line.to_dict()
            stream.write(dump({name: found.get(name) for name in fields} if fields else found) + "\n")
    else:
        from policysearch.corpus.concordance import COLUMNS

        names = fields or ((*COLUMNS, "sentence") if sentence else COLUMNS)
        rendering.table(stream, [*names, *codes]).rows(map(_row, counted()))
    return written


def _row(line: KwicLine) -> dict[str, Any]:
    """Return a line's cells, without line breaks; offsets remain valid."""
    fields = line.to_dict()
    on_one_line = {name: _BREAK.sub(" ", fields[name]) for name in ("left", "match", "right")}
    duplicates = None if line.duplicates is None else " ".join(line.duplicates)
    return {**fields, "path": " / ".join(line.path), "duplicates": duplicates, **on_one_line}


class _Text:
    """Writes a concordance for people."""

    def __init__(
        self,
        concordance: Concordance,
        stream: TextIO,
        style: Style,
        columns: int,
        fields: Sequence[str],
        asked_width: int | None,
    ) -> None:
        self._concordance = concordance
        self._stream = stream
        self._style = style
        self._columns = columns
        self._asked_width = asked_width
        # contexts that fit the screen need the space
        named = _NAMED if asked_width is not None else max(_PLACE, min(_NAMED, columns * 3 // 10))
        self._labels = list(_labels(concordance.lines, fields, named))

    def write(self, sentence: bool) -> None:
        """Write the lines and their number."""
        if sentence:
            self._write_sentences()
        else:
            self._write_aligned()
        concordance, style = self._concordance, self._style
        if concordance.lines:
            shown, many = len(concordance.lines), concordance.distinct
            places = f"{shown:,} of {counted(many, 'place')}" if shown < many else counted(shown, "place")
            copies = f" ({concordance.total:,} with copies)" if many < concordance.total else ""
            self._stream.write(f"{style.dim}{places}{copies}{style.end}\n")

    def _write_aligned(self) -> None:
        style = self._style
        matches = [_shown(line.match) for line in self._concordance.lines]
        # with the section's number, for show
        sections = (line.section_id.rpartition("#")[2] for line in self._concordance.lines)
        labels = [f"{label} #{section}" for label, section in zip(self._labels, sections, strict=True)]
        label_width = max(map(width, labels), default=0)
        match_width = max(map(width, matches), default=0)
        side = self._asked_width
        if side is None:
            side = max(8, (self._columns - label_width - match_width - 4) // 2)
        for line, label, match in zip(self._concordance.lines, labels, matches, strict=True):
            left = _cut(_shown(line.left)[::-1], side)[::-1]
            right = _cut(_shown(line.right), side)
            lead = " " * (label_width - width(label) + 2 + side - width(left))
            self._stream.write(
                f"{style.dim}{label}{style.end}{lead}{left} {style.mark}{match}{style.end} {right}".rstrip() + "\n"
            )

    def _write_sentences(self) -> None:
        style = self._style
        for line, label in zip(self._concordance.lines, self._labels, strict=True):
            left, match, right = (_shown(text) for text in (line.left, line.match, line.right))
            span = (len(left), len(left) + len(match))
            lines = wrap(left + match + right, self._columns - 4, [span], (style.mark, style.end))
            self._stream.write(f"{style.dim}{label}  {_shown(line.section_id)}{style.end}\n")
            self._stream.writelines(f"    {one}\n" for one in lines)


def _labels(lines: Sequence[KwicLine], fields: Sequence[str], named: int) -> Iterator[str]:
    """Yield the label of each line: the given fields, or place and year if these identify the document.

    If one of them is missing, or several documents of the lines share both, it is the title, in ``named`` columns.
    """
    documents: dict[tuple[Any, Any], set[str]] = {}
    for line in lines:
        documents.setdefault((line.region, line.year), set()).add(line.document_id)
    for line in lines:
        if fields:
            said = [getattr(line, name) for name in fields]
            joined = (
                " / ".join(map(str, one)) if isinstance(one, tuple) else str(one) for one in said if one is not None
            )
            yield _shown("  ".join(joined))
        elif line.region is None or line.year is None or len(documents[line.region, line.year]) > 1:
            yield shortened(_shown(line.title or line.document_id), named)
        else:
            yield f"{shortened(_shown(line.region), _PLACE)} {line.year}"


def _shown(text: str) -> str:
    return _BREAK.sub(" ", printable(text))


def _cut(text: str, columns: int) -> str:
    """Return the longest prefix that fits."""
    for at, character in enumerate(text):
        columns -= columns_of(character)
        if columns < 0:
            return text[:at]
    return text
