"""Joining of readings that are the parts of one document."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

from policysearch.frozen import replace
from policysearch.sources.readers.reading import Reading

__all__ = ["one_of"]


def one_of(readings: Sequence[Reading]) -> Reading:
    """Return the texts of at least one reading joined in order, with a border between them.

    Fields, encoding and record are those of the first.
    """
    if len(readings) == 1:
        return readings[0]
    texts: list[str] = []
    starts: list[int] = []
    lines: list[int] = []
    offset = line = 0
    for reading in readings:
        text = reading.text if reading.text.endswith("\n") else reading.text + "\n"
        texts.append(text)
        starts.append(offset)
        lines.append(line)
        offset += len(text)
        line += text.count("\n")
    each = list(zip(readings, starts, lines, strict=True))
    return replace(
        readings[0],
        text="".join(texts),
        headings=tuple(replace(one, start=one.start + start) for r, start, _ in each for one in r.headings),
        pages=tuple(page + start for r, start, _ in each for page in r.pages),
        removed=tuple(
            replace(one, line=None if one.line is None else one.line + line) for r, _, line in each for one in r.removed
        ),
        statements=tuple(chain.from_iterable(r.statements for r in readings)),
        notes=tuple(chain.from_iterable(r.notes for r in readings)),
        borders=tuple(
            border + start
            for at, (r, start, _) in enumerate(each)
            for border in (*((0,) if at else ()), *(one for one in r.borders or () if one or not at))
        ),
    )
