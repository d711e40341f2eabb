"""A section's text as shown, with the mapping from its reduced form."""

from __future__ import annotations

from functools import cached_property

from policysearch.text.folding import Reduced, line_breaks_of, offsets_of

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
        return [at for at in line_breaks_of(self.text, self.way_back) if 0 < at < len(self.reduced)]

    def part(self, start: int, end: int) -> str:
        """Return the text between two offsets, as a slice would be; an engine may do that without the complete text."""
        return self._text[start:end]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ShownText) and (self.reduced, self.text) == (other.reduced, other.text)

    def __hash__(self) -> int:
        return hash(self.text)

    def __repr__(self) -> str:
        return f"ShownText({self.text!r})"
