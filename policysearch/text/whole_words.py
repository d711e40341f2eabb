"""Where a text stands by itself, and where inside a longer word or number.

A word is a run of letters (Latin, Greek or Cyrillic) and digits, whatever
stands around it in Chinese. A number goes on behind a decimal point, and
behind a comma that sets off three digits: 5 is inside 12.5, and 000 inside
12,000; but the comma of 2022，2023 ends a number. White space ends both.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

from policysearch.text.folding import Reduced, fold, offsets_of

__all__ = ["Surroundings", "in_word", "may_be_inside"]

_DIGITS_OF_A_GROUP = 3


def in_word(character: str) -> bool:
    """Tell whether words and numbers are made of a folded character."""
    if character.isascii():
        return character.isalnum()
    return character.isalpha() and (character < "\u0530" or "\u1e00" <= character < "\u2000")


def may_be_inside(text: str) -> bool:
    """Tell whether a reduced text begins or ends with a letter or a digit, so that it can stand in a longer word."""
    return bool(text) and (in_word(text[0]) or in_word(text[-1]))


class Surroundings:
    """What stands around places in one text.

    Args:
        reduced: The text as compared.
        show: Returns the text as shown; asked for only where white space must be known.
    """

    def __init__(self, reduced: str, show: Callable[[], str]) -> None:
        self._reduced = reduced
        self._show = show

    @cached_property
    def _way_back(self) -> tuple[Reduced, str]:
        shown = self._show()
        return offsets_of(shown, self._reduced), shown

    def inside_longer(self, start: int, end: int, left: bool = True, right: bool = True) -> bool:
        """Tell whether a place in the reduced text begins or ends inside a longer word or number.

        ``left`` and ``right``: which of its ends are looked at.
        """
        return (left and self._cut_at(start, start)) or (right and self._cut_at(end, end - 1))

    def _cut_at(self, border: int, own: int) -> bool:
        """Tell whether a word or number goes on over a border; ``own`` is the character of the place beside it."""
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
    """Tell whether the word or number that has a character at an offset has the one before too."""
    before = fold(shown[at - 1])
    if before in (".", ","):
        return at > 1 and _is_digit(shown[at]) and _is_digit(shown[at - 2]) and _joins(shown, at - 1)
    return in_word(before)


def _goes_on_after(shown: str, at: int) -> bool:
    """Tell whether the word or number that ends at an offset, as far as it was looked for, goes on there."""
    after = fold(shown[at])
    if after in (".", ","):
        return at + 1 < len(shown) and _is_digit(shown[at - 1]) and _is_digit(shown[at + 1]) and _joins(shown, at)
    return in_word(after)


def _joins(shown: str, at: int) -> bool:
    """Tell whether a point or a comma between two digits is part of a number."""
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
