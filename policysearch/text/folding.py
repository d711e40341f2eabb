"""Folding of text for comparison: character by character, and without white space.

There are two steps, both the same for texts and for queries:

``fold`` maps every character to the one it is compared as. Lengths and
offsets never change.

``reduce`` folds and then removes white space, except between two ASCII letters
or digits, where any run of it becomes one space. In a text, a run that contains
an empty line or a tab marks a border (between blocks, between cells of a row)
and is kept as one line feed, which no query contains. An exact phrase matches a
section when the reduced phrase is a substring of the section's reduced text;
every other part of the program is a faster way to the same result.
"""

from __future__ import annotations

import re
import sys
from bisect import bisect_right
from collections.abc import Callable, Sequence
from functools import lru_cache

from policysearch.frozen import frozen
from policysearch.text.folding_table import COMPARED, FINGERPRINT, WRITTEN

__all__ = [
    "BORDER",
    "FINGERPRINT",
    "Reduced",
    "expect_texts",
    "fold",
    "line_breaks_of",
    "may_overlap",
    "offsets_of",
    "reduce",
    "reduce_folded",
    "reduce_folded_with_offsets",
    "reduce_text",
    "reduce_with_offsets",
]

BORDER = "\n"
"""The character for a border in a reduced text."""

_TABLE = str.maketrans(WRITTEN, COMPARED)
_fold_long: Callable[[str], str] | None = None
_LONG = 30  # number of characters from which numpy is faster
_SHORT = 200  # maximum length of the texts whose folded forms are cached, in characters
_SPACES = re.compile(r"\s+")
_BORDER = re.compile(r"\t|\n[^\S\n]*\n")
_ASCII = frozenset("0123456789abcdefghijklmnopqrstuvwxyz")


def fold(text: str) -> str:
    """Return ``text`` with each character replaced by the one it is compared as.

    >>> fold("國發〔２０２３〕１號")
    '国发(2023)1号'
    >>> len(fold("ﬁ…㈠\\n")) == len("ﬁ…㈠\\n")
    True
    """
    return _cached(text) if len(text) <= _SHORT else _folded(text)


def _folded(text: str) -> str:
    if _fold_long is not None and len(text) >= _LONG:
        return _fold_long(text)
    return text.translate(_TABLE)


_cached = lru_cache(maxsize=16)(_folded)  # the text of a short record is its title too, and folded some five times


def expect_texts() -> None:
    """Load numpy, which folds long texts, as in a build, in a seventh of the time.

    ``str.translate`` looks up each character in a dict, mostly without a result: a tenth of the time of a build.
    """
    global _fold_long
    if _fold_long is None:
        import numpy as np

        from policysearch.text.code_points import code_points

        table = np.arange(sys.maxunicode + 1, dtype=np.uint32)
        table[np.fromiter(_TABLE, np.uint32)] = np.fromiter(_TABLE.values(), np.uint32)

        def fold_long(text: str) -> str:
            return table[code_points(text)].tobytes().decode("utf-32-le", "surrogatepass")

        _fold_long = fold_long


def reduce(text: str) -> str:
    """Return ``text`` folded, without insignificant white space and without borders.

    >>> reduce("2023 年　GDP  Growth\\n增长")
    '2023年gdp growth增长'
    """
    return reduce_folded(fold(text))


def reduce_text(text: str) -> str:
    """Return ``reduce`` of a text, with its borders.

    >>> reduce_text("加强农业\\n\\n银行\\n监管\\t8 项")
    '加强农业\\n银行监管\\n8项'
    """
    folded = fold(text)
    if "\t" not in folded and "\n" not in folded:
        return reduce_folded(folded)
    return BORDER.join(filter(None, map(reduce_folded, _BORDER.split(folded))))


def reduce_folded(folded: str) -> str:
    """Return ``reduce`` of a text that is already folded."""
    pieces = folded.split()
    if len(pieces) < 2:
        return pieces[0] if pieces else ""
    out = [pieces[0]]
    last = pieces[0][-1] in _ASCII
    for piece in pieces[1:]:
        if last and piece[0] in _ASCII:
            out.append(" ")
        out.append(piece)
        last = piece[-1] in _ASCII
    return "".join(out)


@frozen
class Reduced:
    """A reduced text with the offsets of its characters in the original.

    Attributes:
        text: The reduced text.
        breaks: Offsets in ``text`` before which white space was removed or shortened, ascending.
        shifts: For each break, the cumulative number of original characters
            removed up to it.
    """

    text: str
    breaks: Sequence[int]
    shifts: Sequence[int]

    def spans(self, spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
        """Return the original spans of reduced spans, none of which may be empty."""
        breaks, shifts = self.breaks, self.shifts
        if not breaks:
            return list(spans)
        out = []
        for start, end in spans:
            i = bisect_right(breaks, start)
            j = bisect_right(breaks, end - 1, i)
            out.append((start + shifts[i - 1] if i else start, end + shifts[j - 1] if j else end))
        return out


def reduce_with_offsets(text: str) -> Reduced:
    """Return ``reduce_text(text)`` with the mapping of its offsets to those of ``text``."""
    return reduce_folded_with_offsets(fold(text))


def offsets_of(text: str, reduced: str) -> Reduced:
    """Return ``reduce_with_offsets(text)``, given ``reduce_text(text)``, so that only white space is examined."""
    if len(text) == len(reduced) or len(text.rstrip()) == len(reduced):
        return Reduced(reduced, (), ())
    breaks: list[int] = []
    shifts: list[int] = []
    left_out = 0
    for space in _SPACES.finditer(text):
        start, end = space.span()
        # most spaces are next to Han characters, which folding leaves alone
        kept = (
            start
            and end < len(text)
            and (
                (not "一" <= text[end] <= "鿿" and fold(text[start - 1]) in _ASCII and fold(text[end]) in _ASCII)
                or _is_border(space[0])
            )
        )
        left_out += end - start - bool(kept)
        breaks.append(end - left_out)
        shifts.append(left_out)
    return Reduced(reduced, tuple(breaks), tuple(shifts))


def line_breaks_of(text: str, reduced: Reduced) -> list[int]:
    """Return the offsets in a reduced text of the characters that follow a line break of the text, ascending."""
    if not reduced.breaks:  # both have the same offsets; a line break may be a space that was kept
        return [found.end() for found in re.finditer("\n", text)]
    found, before = [], 0
    for place, shift in zip(reduced.breaks, reduced.shifts, strict=True):
        # the white space ends at place + shift; a space or border that was kept is part of it
        if "\n" in text[place - 1 + before if place else 0 : place + shift]:
            found.append(place)
        before = shift
    return found


def reduce_folded_with_offsets(folded: str) -> Reduced:
    """Return ``reduce_with_offsets`` of a text that is already folded."""
    if folded.split(None, 1) == [folded] or not folded:  # as most short texts; a search takes four times as long
        return Reduced(folded, (), ())
    out: list[str] = []
    breaks: list[int] = []
    shifts: list[int] = []
    at = length = 0
    for space in _SPACES.finditer(folded):
        start, end = space.span()
        out.append(folded[at:start])
        length += start - at
        at = end
        if start and end < len(folded):
            if _is_border(space[0]):
                out.append(BORDER)
                length += 1
            elif folded[start - 1] in _ASCII and folded[end] in _ASCII:
                out.append(" ")
                length += 1
        breaks.append(length)
        shifts.append(end - length)
    out.append(folded[at:])
    return Reduced("".join(out), tuple(breaks), tuple(shifts))


def _is_border(space: str) -> bool:
    """Return whether white space of a text contains an empty line or a tab."""
    return space == "\t" or (len(space) > 1 and _BORDER.search(space) is not None)


def may_overlap(text: str) -> bool:
    """Return whether two places of a text can overlap: whether it ends as it begins."""
    return text[0] in text[1:] and any(text.endswith(text[:size]) for size in range(1, len(text)))
