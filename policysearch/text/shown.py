"""A section's text as shown, with the mapping from its reduced form."""

from __future__ import annotations

import re
from functools import cached_property

from policysearch.text.folding import Reduced, offsets_of

__all__ = ["ShownText"]


class ShownText:
    """A text as shown with its reduced form; equal to another when both texts are equal.

    Attributes:
        reduced: The reduced text.
    """

    def __init__(self, text: str, reduced: str) -> None:
        self.reduced = reduced
        self._text = text

    @property
    def text(self) -> str:
        """The text."""
        return self._text

    @cached_property
    def way_back(self) -> Reduced:
        """The mapping of offsets of the reduced text to those of the text."""
        return offsets_of(self._text, self.reduced)

    @property
    def line_breaks(self) -> list[int]:
        """Offsets in the reduced text of the characters that follow a line break, ascending, without 0."""
        text, found, before = self.text, [], 0
        if not self.way_back.breaks:  # both texts have the same offsets; a line break may be a space that was kept
            return [at.end() for at in re.finditer("\n", text) if at.end() < len(self.reduced)]
        for place, shift in zip(self.way_back.breaks, self.way_back.shifts, strict=True):
            # the white space ends at place + shift; a space that was kept is part of it
            if "\n" in text[place - 1 + before if place else 0 : place + shift]:
                found.append(place)
            before = shift
        return [at for at in found if 0 < at < len(self.reduced)]

    def part(self, start: int, end: int) -> str:
        """Return the text between two offsets, as a slice would be; an engine may do that without the complete text."""
        return self._text[start:end]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ShownText) and (self.reduced, self.text) == (other.reduced, other.text)

    def __hash__(self) -> int:
        return hash(self.text)

    def __repr__(self) -> str:
        return f"ShownText({self.text!r})"
