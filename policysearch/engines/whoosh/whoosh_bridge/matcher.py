"""From posting to posting of one term, as Whoosh's queries and collectors go."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator
from typing import Any

from whoosh.matching import LeafMatcher, ReadTooFar
from whoosh.query.spans import Span
from whoosh.system import pack_uint

from policysearch.engines.whoosh.whoosh_bridge.terms import BLOCK, Postings

__all__ = ["Place", "PostingMatcher"]

Place = tuple[int, int, int, int]
"""Positions of the first and the last word of a term, and its offsets."""


class PostingMatcher(LeafMatcher):  # type: ignore[misc]
    """Goes through the postings of a term, in blocks that can be skipped where no score would be good enough.

    Args:
        term: Field and term.
        postings: At least one.
        format_: The field's format.
        scorer: What scores a posting; None for its weight.
        places: A section's number to the term's places in it.
    """

    def __init__(
        self,
        term: tuple[str, bytes],
        postings: Postings,
        format_: Any,
        scorer: Any,
        places: Callable[[int], list[Place]],
    ) -> None:
        self._term = term
        self._postings = postings
        self._numbers = postings.number_list
        self._weights = postings.weight_list
        self._places = places
        self._size = len(self._numbers)
        self._i = 0
        self.format = format_
        self.scorer = scorer

    def is_active(self) -> bool:
        """Tell whether there is a posting here."""
        return self._i < self._size

    def reset(self) -> None:
        """Go back to the first posting."""
        self._i = 0

    def copy(self) -> PostingMatcher:
        """Return a matcher at the same posting."""
        made = type(self)(self._term, self._postings, self.format, self.scorer, self._places)
        made._i = self._i
        return made

    def replace(self, minquality: float = 0) -> PostingMatcher:
        """Return this matcher, whatever is asked of it and also at its end.

        What wraps it may raise its scores, or score the sections that it leaves out; Whoosh's own does the same.
        """
        return self

    def id(self) -> int:
        """Return the section's number; after the end, the last one's."""
        return self._numbers[min(self._i, self._size - 1)]

    def next(self) -> bool:
        """Go to the next posting, and tell whether that opened a block."""
        if self._i >= self._size:
            raise ReadTooFar
        self._i += 1
        return self._i % BLOCK == 0

    def skip_to(self, number: int) -> None:
        """Go to the first posting from here on whose number is not less."""
        if self._i >= self._size:
            raise ReadTooFar
        if number > self._numbers[self._i]:
            self._i = bisect_left(self._numbers, number, self._i)

    def skip_to_quality(self, minquality: float) -> int:
        """Go to the next block that may score more, and return how many were left out."""
        skipped = 0
        while self._i < self._size and self.block_quality() <= minquality:
            self._i = min(self._size, (self._i // BLOCK + 1) * BLOCK)
            skipped += 1
        return skipped

    def _block(self) -> int:
        return min(self._i, self._size - 1) // BLOCK

    def block_max_weight(self) -> float:
        """Return the greatest weight in this block."""
        return self._postings.block_max_weights[self._block()]

    def block_min_length(self) -> int:
        """Return the least length in this block."""
        return self._postings.block_min_lengths[self._block()]

    def block_max_length(self) -> int:
        """Return the greatest length in this block."""
        return self._postings.block_max_lengths[self._block()]

    def all_ids(self) -> Iterator[int]:
        """Yield the numbers from here on."""
        return iter(self._numbers[self._i :])

    def weight(self) -> float:
        """Return how often the section holds the term."""
        return self._weights[min(self._i, self._size - 1)]

    def score(self) -> float:
        """Return what the scorer gives, or the weight."""
        return self.scorer.score(self) if self.scorer else self.weight()

    def value_as(self, astype: str) -> Any:
        """Return the posting's ``frequency``, ``weight``, ``positions``, ``position_boosts`` or ``characters``."""
        if astype == "frequency":
            return int(self.weight())
        if astype == "weight":
            return self.weight()
        places = self._places(self.id())
        if astype == "characters":
            return [(pos, start, end) for pos, _, start, end in places]
        return [(pos, 1.0) if astype == "position_boosts" else pos for pos, _, _, _ in places]

    def spans(self) -> list[Any]:
        """Return where the term stands in the section. Raises ``Exception`` where the field has no positions."""
        if not self.supports("positions"):
            return super().spans()  # type: ignore[no-any-return]
        places = self._places(self.id())
        return [Span(pos, last, startchar=start, endchar=end) for pos, last, start, end in places]

    def items_as(self, astype: str) -> Iterator[tuple[int, Any]]:
        """Yield the sections from here on, each with ``value_as``."""
        while self.is_active():
            yield self.id(), self.value_as(astype)
            self.next()

    def value(self) -> bytes:
        """Return the posting as Whoosh's codecs keep it."""
        if self.format.supports("characters"):
            return self.format.encode(self.value_as("characters"))  # type: ignore[no-any-return]
        return b"" if self.format.posting_size == 0 else pack_uint(int(self.weight()))
