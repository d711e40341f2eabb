"""Quotations in the form that is searched for."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from policysearch.frozen import frozen
from policysearch.quoting.alignment import without_marks
from policysearch.quoting.claims import gaps_of, parts_of
from policysearch.quoting.omissions import LEFT_OUT_AT_END, LEFT_OUT_AT_START
from policysearch.text.folding import fold, reduce

__all__ = ["END_MARKS", "Quoted"]

END_MARKS = "，。；：、！？,.;:!?…—-"
"""Marks at the end of a quotation that are not compared."""


@frozen
class Quoted:
    """A quotation in the form that is searched for.

    Attributes:
        whole_claim: The claim as written.
        left_out: The spans of it that this reading of it leaves out: marks of notes, page numbers.
        claim: The reading.
        written: The claim without the marks at its ends.
        text: As compared.
        parts: The parts separated by an ellipsis or an insertion, as compared; only one without these.
    """

    whole_claim: str
    left_out: tuple[tuple[int, int], ...]
    claim: str
    written: str
    text: str
    parts: tuple[str, ...]

    @property
    def gaps(self) -> tuple[str, ...]:
        """The ellipses and insertions between the parts, folded."""
        return tuple(fold(one) for one in gaps_of(self.written))

    @cached_property
    def unbroken(self) -> bool:
        """Whether nothing is left out of it or inserted into it."""
        return len(self.parts) < 2 and not (LEFT_OUT_AT_START.match(self.claim) or LEFT_OUT_AT_END.search(self.claim))

    @classmethod
    def of(cls, claim: str, whole: str | None = None, left_out: tuple[tuple[int, int], ...] = ()) -> Quoted:
        """Return a claim, or a reading of a whole one, in the form that is searched for."""
        written = claim.strip().rstrip(END_MARKS).rstrip()
        spans = parts_of(written)
        parts = tuple(filter(None, (without_marks(reduce(written[a:b])).strip(END_MARKS) for a, b in spans)))
        return cls(claim if whole is None else whole, left_out, claim, written, without_marks(reduce(written)), parts)

    def needles(self, parts: Sequence[str]) -> tuple[str, ...]:
        """Return the reduced texts that a section with the quotation, or with the longest of its parts, must contain.

        Quotation marks in it may differ or be missing, so these are the texts between them.
        """
        written = self.written
        if len(parts) > 1:
            written = max((written[a:b] for a, b in parts_of(written)), key=len)
        reduced = reduce(written).strip(END_MARKS)
        return tuple(dict.fromkeys(filter(None, reduced.split('"'))))

    @property
    def whole(self) -> tuple[tuple[str, ...], ...]:
        """The ways to search for it: as one, and in parts."""
        return ((self.text,),) if len(self.parts) < 2 and self.parts == (self.text,) else ((self.text,), self.parts)
