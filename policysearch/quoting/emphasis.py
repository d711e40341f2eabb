"""The marks of emphasis, code and strikethrough in a draft, as Markdown pairs them.

A mark without its counterpart stands for itself, as in CommonMark: a lone ``*`` refers to a note.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import NamedTuple

__all__ = ["mark_spans"]

_RUN = re.compile(r"\\[*_`~]|\*+|__+|`+|~~+|\n[ \t\u3000>]*(?=\n)")
_DEEPEST = 64  # maximum number of open marks, so that hostile drafts take no longer than others


class _Opener(NamedTuple):
    """A run of marks that may open an emphasis, with those of its marks that are not paired."""

    start: int
    end: int
    length: int  # of the complete run
    closes: bool  # whether it may close one, too

    @property
    def left(self) -> int:
        return self.end - self.start


def mark_spans(text: str) -> list[tuple[int, int]]:
    """Return the spans of the marks that are not part of the text, in order: paired ones, and backslashes before marks.

    >>> mark_spans("**每月**检查，增长*按可比价格")
    [(0, 2), (4, 6)]
    """
    found: list[tuple[int, int]] = []
    paragraph: list[tuple[int, int]] = []
    for run in _RUN.finditer(text):
        if run[0][0] == "\n":
            found += _of_paragraph(text, paragraph)
            paragraph = []
        else:
            paragraph.append(run.span())
    found += _of_paragraph(text, paragraph)
    return sorted(found)


def _of_paragraph(text: str, runs: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Yield the spans of the marks of a paragraph, given all runs of marks."""
    if not runs:
        return
    ticks: dict[int, list[int]] = {}
    for start, end in runs:
        if text[start] == "`":
            ticks.setdefault(end - start, []).append(start)
    openers: list[_Opener] = []
    code_ends = 0  # in a span of code all characters stand for themselves
    for start, end in runs:
        if start < code_ends:
            continue
        kind = text[start]
        if kind == "\\":
            yield start, start + 1
        elif kind == "`":
            same = ticks[end - start]
            i = bisect_right(same, start)
            if i < len(same):
                code_ends = same[i] + end - start
                yield start, end
                yield same[i], code_ends
        else:
            yield from _paired(text, openers, start, end)
            del openers[:-_DEEPEST]


def _paired(text: str, openers: list[_Opener], start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield the marks that a run pairs with open ones; what is left of the run may open an emphasis."""
    kind, length = text[start], end - start
    least = 1 if kind == "*" else 2
    before, behind = text[start - 1 : start], text[end : end + 1]
    opens = bool(behind) and not behind.isspace() and not (kind == "_" and _in_name(before))
    closes = bool(before) and not before.isspace() and not (kind == "_" and _in_name(behind))
    i = len(openers) - 1
    while closes and i >= 0 and end - start >= least:
        one = openers[i]
        if text[one.start] != kind or not _fit(one, length, opens):
            i -= 1
            continue
        used = 2 if min(one.left, end - start) >= 2 else 1
        yield one.end - used, one.end
        yield start, start + used
        start += used
        del openers[i + 1 :]
        if one.left - used >= least:
            openers[i] = one._replace(end=one.end - used)
        else:
            del openers[i]
            i -= 1
    if opens and end - start >= least:
        openers.append(_Opener(start, end, length, closes))


def _in_name(neighbour: str) -> bool:
    """Return whether a character next to an underscore makes it a part of a name: file__name."""
    return neighbour.isascii() and neighbour.isalnum()


def _fit(one: _Opener, length: int, opens: bool) -> bool:
    """Return whether two runs may pair: not the two of a text in ** with one in the middle of it, *."""
    if not (one.closes or opens) or (one.length + length) % 3:
        return True
    return not one.length % 3 and not length % 3
