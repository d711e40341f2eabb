"""Whole-word matching: whether a match is inside a longer word or number.

A word is a run of letters (Latin, Greek or Cyrillic) and digits, regardless of adjacent Chinese characters. A number
continues after a decimal point, and after a comma followed by three digits: 5 is inside 12.5, and 000 inside 12,000;
but the comma of 2022，2023 ends a number. White space ends both.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

from policysearch.text.folding import Reduced, fold, offsets_of

__all__ = ["Surroundings", "in_word", "may_be_inside"]

_DIGITS_OF_A_GROUP = 3


def in_word(character: str) -> bool:
    """Return whether a folded character is part of words or numbers."""
    if character.isascii():
        return character.isalnum()
    return character.isalpha() and (character < "\u0530" or "\u1e00" <= character < "\u2000")


def may_be_inside(text: str) -> bool:
    """Return whether a reduced text starts or ends with a letter or a digit, so that it can be inside a longer word."""
    return bool(text) and (in_word(text[0]) or in_word(text[-1]))


class Surroundings:
    """Tests the surroundings of matches in one text.

    Args:
        reduced: The reduced text.
        show: Returns the text as shown; called only where white space matters.
    """

    def __init__(self, reduced: str, show: Callable[[], str]) -> None:
        self._reduced = reduced
        self._show = show

    @cached_property
    def _way_back(self) -> tuple[Reduced, str]:
        shown = self._show()
        return offsets_of(shown, self._reduced), shown

    def inside_longer(self, start: int, end: int, left: bool = True, right: bool = True) -> bool:
        """Return whether a match in the reduced text starts or ends inside a longer word or number.

        ``left`` and ``right``: which of its ends are tested.
        """
        return (left and self._cut_at(start, start)) or (right and self._cut_at(end, end - 1))

    def _cut_at(self, border: int, own: int) -> bool:
        """Return whether a word or number crosses a boundary; ``own`` is the character of the match next to it."""
        reduced = self._reduced
        if not 0 < border < len(reduced) or not in_word(reduced[own]):
            return False
        other = reduced[border - 1 if own == border else border]
        if other not in ".," and not in_word(other):
            return False
        if other.isascii() and other.isalnum() and reduced[own].isascii():
            return True  # white space between them would have been kept
        way_back, shown = self._way_back
        ((start, end),) = way_back.spans([(own, own + 1)])
        return _goes_on_before(shown, start) if own == border else _goes_on_after(shown, end)


def _goes_on_before(shown: str, at: int) -> bool:
    """Return whether the word or number at an offset includes the character before."""
    before = fold(shown[at - 1])
    if before in (".", ","):
        return at > 1 and _is_digit(shown[at]) and _is_digit(shown[at - 2]) and _joins(shown, at - 1)
    return in_word(before)


def _goes_on_after(shown: str, at: int) -> bool:
    """Return whether the word or number before an offset includes the character there."""
    after = fold(shown[at])
    if after in (".", ","):
        return at + 1 < len(shown) and _is_digit(shown[at - 1]) and _is_digit(shown[at + 1]) and _joins(shown, at)
    return in_word(after)


def _joins(shown: str, at: int) -> bool:
    """Return whether a point or a comma between two digits is part of a number."""
    if fold(shown[at]) == ".":
        return True
    if shown[at] != "," and shown[at + 1].isascii():
        return False  # a Chinese comma between numbers of half width
    behind = 0
    while at + 1 + behind < len(shown) and behind <= _DIGITS_OF_A_GROUP and _is_digit(shown[at + 1 + behind]):
        behind += 1
    before = 0
    while at - 1 - before >= 0 and before <= _DIGITS_OF_A_GROUP and _is_digit(shown[at - 1 - before]):
        before += 1
    return behind == _DIGITS_OF_A_GROUP and before <= _DIGITS_OF_A_GROUP


def _is_digit(character: str) -> bool:
    folded = fold(character)
    return folded.isascii() and folded.isdigit()
