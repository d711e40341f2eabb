"""The sentences of a section."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence

from policysearch.engines.protocol import Stored

__all__ = ["SENTENCE_MARKS", "on_one_line", "sentence_at", "sentences", "shown_sentence"]

SENTENCE_MARKS = "。!?;"
"""The characters after which a sentence ends, folded."""

_END = re.compile(f"[{SENTENCE_MARKS}]")


def sentences(section: Stored) -> list[tuple[int, int]]:
    """Return the spans of the sentences in a section's reduced text; each begins where the one before ends.

    A sentence ends after one of 。！？； and at the end of a line.
    """
    borders = {found.end() for found in _END.finditer(section.reduced)}
    borders.update(section.shown.line_breaks)
    borders.discard(len(section.reduced))
    ends = [*sorted(borders), len(section.reduced)]
    return list(zip([0, *ends], ends, strict=False))


def sentence_at(section: Stored, start: int, end: int) -> str:
    """Return the sentences around a place of a section's reduced text, as shown, on one line."""
    begins, stops = shown_sentence(section, sentences(section), start, end)
    return on_one_line(section.shown.part(begins, stops))


def shown_sentence(section: Stored, units: Sequence[tuple[int, int]], start: int, end: int) -> tuple[int, int]:
    """Return the span in the text as shown, stripped, of the sentences around a place of the reduced text.

    Args:
        section: The section.
        units: Its ``sentences``.
        start: Start of the place.
        end: End of the place, which may be in a later sentence.
    """
    ends = [one[1] for one in units]
    first = min(bisect_right(ends, start), len(units) - 1)
    last = min(bisect_right(ends, max(start, end - 1)), len(units) - 1)
    ((begins, stops),) = section.shown.way_back.spans([(units[first][0], units[last][1])])
    text = section.shown.part(begins, stops)
    return begins + len(text) - len(text.lstrip()), stops - (len(text) - len(text.rstrip()))


def on_one_line(text: str) -> str:
    """Return a text with white space as one space, and without line breaks between Chinese characters."""
    pieces = text.split()
    line = pieces[0] if pieces else ""
    for piece in pieces[1:]:
        line += (" " if line[-1].isascii() and piece[0].isascii() else "") + piece
    return line
