"""A section to its sentences."""

from __future__ import annotations

import re

from policysearch.engines.protocol import Stored

__all__ = ["sentence_at", "sentences"]

_END = re.compile("[。!?;]")  # folded


def sentences(section: Stored) -> list[tuple[int, int]]:
    """Return where the sentences stand in a section's reduced text; each begins where the one before ends.

    A sentence ends behind one of 。！？； and where a line does.
    """
    borders = {found.end() for found in _END.finditer(section.reduced)}
    borders.update(section.shown.line_breaks)
    borders.discard(len(section.reduced))
    ends = [*sorted(borders), len(section.reduced)]
    return list(zip([0, *ends], ends, strict=False))


def sentence_at(section: Stored, place: int) -> str:
    """Return the sentence around a place of a section's reduced text, as shown, on one line."""
    span = next((one for one in sentences(section) if one[0] <= place < one[1]), (0, len(section.reduced)))
    ((start, end),) = section.shown.way_back.spans([span])
    pieces = section.shown.part(start, end).split()
    line = pieces[0] if pieces else ""
    for piece in pieces[1:]:  # a break between Chinese characters is none
        line += (" " if line[-1].isascii() and piece[0].isascii() else "") + piece
    return line
