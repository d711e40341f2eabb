"""How the lines of a text were broken: the range of their lengths, and whether they were broken after clauses too."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import Enum
from itertools import pairwise
from typing import NamedTuple

from policysearch.documents.cleaning.lines import CLOSERS, MARK
from policysearch.text.patterns import lazy_pattern

__all__ = ["Breaks", "Ending", "breaks_in", "ending"]


class Ending(Enum):
    """The kinds of line ends."""

    OPEN = "inside a clause"
    CLAUSE = "after a comma"
    SEMICOLON = "after a semicolon"
    COLON = "after a colon"
    STOP = "after a sentence"


_ENDINGS = {
    **dict.fromkeys("，,、", Ending.CLAUSE),
    **dict.fromkeys("；;", Ending.SEMICOLON),
    **dict.fromkeys("：:", Ending.COLON),
    **dict.fromkeys("。！？!?…", Ending.STOP),
}


def ending(text: str, paragraph: str = "") -> Ending:
    """Return how a line ends; ``paragraph`` is the end of its paragraph, where that is longer than the line.

    A note in brackets after a sentence, （市商务局负责）, ends as the sentence does.
    """
    last = text[-1]
    if last not in CLOSERS:
        return _ENDINGS.get(last, Ending.OPEN)
    inner = text.rstrip(CLOSERS)[-1:]
    if inner in "。！？…；" and inner:
        return _ENDINGS[inner]
    if last in "）)":
        whole = paragraph or text
        opened = max(whole.rfind("（"), whole.rfind("("))
        if opened > 0 and whole[opened - 1] in "。！？；":
            return Ending.STOP
    return Ending.OPEN


NARROW_LINE = 22
"""Length in characters up to which lines are narrow."""


class Breaks(NamedTuple):
    """The line breaks of a text: broken lines that end inside a clause are ``low`` to ``high`` long.

    Attributes:
        low: Minimum length; 0 if lines were broken after clauses only.
        high: Maximum length.
        clauses: Whether lines were broken after clauses, at any length.
        usual: The common length of printed lines, 0 if there is none.
        printed: Whether lengths count half-width characters as half; else each as one.
    """

    low: int
    high: int
    clauses: bool
    usual: int = 0
    printed: bool = False

    @property
    def pieces(self) -> bool:
        """Return whether lines are pieces of printed lines, divided by extraction where marks were set closer."""
        return self.usual > 0 and self.clauses

    @property
    def narrow(self) -> bool:
        """Return whether even the longest lines are shorter than many headings, as those of a column are."""
        return 0 < self.high <= NARROW_LINE

    def size(self, text: str) -> int:
        """Return the length of a line or piece of it."""
        return _width(text) if self.printed else len(text)


def _width(text: str) -> int:
    """Return the width of a text, in characters of full width."""
    narrow = (3 * len(text) - len(text.encode("utf-8", "surrogatepass"))) // 2
    return len(text) - max(narrow, 0) // 2


LONGEST = 120
"""Maximum length of a broken line in characters: twice that of a printed one."""

SHORTEST = 8
"""Minimum length of a line that is examined, in characters."""

SHARE = 0.12
"""The share of such lines that end inside a sentence, from which a text counts as broken."""

LEAST = 2
"""Number of such lines that suffice."""

NARROW = 5
"""The difference in length of printed lines, in characters: marks are set closer, digits are half as wide."""

LEAST_PRINTED = 6
"""Number of lines needed to infer their common length."""

_SENTENCE = lazy_pattern("[。；！？]")
_PHRASE = lazy_pattern("[，、]")


def breaks_in(lines: Sequence[str]) -> Breaks | None:
    """Return the line breaks of a text, None for a text whose lines are its paragraphs.

    Lines that contain the end of a sentence and end inside the next one were broken; headings, names and rows do not.
    """
    long = [text for text in lines if (SHORTEST <= len(text) <= LONGEST or _is_tail(text)) and "\t" not in text]
    cut: list[str] = []
    likely: list[str] = []
    clauses: list[str] = []
    for text, after in pairwise([*long, ""]):
        end = ending(text)
        if end is Ending.CLAUSE:
            clauses.append(text)
        elif end is Ending.OPEN:
            if _SENTENCE.search(text):
                cut.append(text)
            elif _is_tail(after) or (_PHRASE.search(text) and not MARK.match(text)):
                likely.append(text)
    sure = len(cut) + len(clauses)
    if sure < LEAST or sure + len(likely) < SHARE * len(long):
        return None
    if len(cut) + len(likely) < 0.06 * sure:
        return Breaks(0, 0, True)
    found = min(filter(None, (_one_length(cut, len), _one_length(cut, _width))), default=None)
    if found:
        spread, low, usual, high = found
        return Breaks(
            low, high, _early(clauses, low, len(long)), usual, (spread, low, usual, high) != _one_length(cut, len)
        )
    lengths = sorted(map(len, cut + likely))
    low, high = lengths[len(lengths) // 50] - 1, lengths[int(0.95 * (len(lengths) - 1))]
    return Breaks(low, max(high, low), _early(clauses, low, len(long)))


def _early(clauses: Sequence[str], low: int, total: int) -> bool:
    """Return whether many lines end with a clause before they are as long as the broken ones."""
    return sum(len(text) < low for text in clauses) >= 0.04 * total


def _one_length(cut: Sequence[str], size: Callable[[str], int]) -> tuple[int, int, int, int] | None:
    """Return the spread of the lengths of most lines, and the least, usual and greatest one; None if it is large."""
    lengths = sorted(map(size, cut))
    if len(lengths) < LEAST_PRINTED:
        return None
    tenth, high = lengths[len(lengths) // 10], lengths[int(0.95 * (len(lengths) - 1))]
    usual = lengths[len(lengths) // 2]
    slack = 2 if usual > NARROW_LINE else int(high > tenth)
    return (high - tenth, tenth - slack, usual, high) if high - tenth <= NARROW else None


def _is_tail(text: str) -> bool:
    """Return whether a line is the end of a sentence and too short for a complete one."""
    return 0 < len(text) <= 15 and text[-1] == "。" and not MARK.match(text)
