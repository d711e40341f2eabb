"""The matcher of one term for Whoosh's queries and collectors."""

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
"""One place of a term: positions of its first and last word, start and end offset."""


class PostingMatcher(LeafMatcher):  # type: ignore[misc]
    """Iterates over the postings of a term, in blocks that are skipped when their scores are too low.

    Args:
        term: Field and term.
        postings: The postings, at least one.
        format_: The field's format.
        scorer: Scores a posting; None for its weight.
        places: Maps a section's number to the term's places in it.
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
        """Return whether the matcher is at a posting."""
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
        """Return this matcher, for any quality and also at its end.

        A wrapping matcher may raise its scores, or score the sections that it skips; Whoosh's own does the same.
        """
        return self

    def id(self) -> int:
        """Return the section's number; after the end, the last one's."""
        return self._numbers[min(self._i, self._size - 1)]

    def next(self) -> bool:
        """Move to the next posting; return whether it is in a new block."""
        if self._i >= self._size:
            raise ReadTooFar
        self._i += 1
        return self._i % BLOCK == 0

    def skip_to(self, number: int) -> None:
        """Move to the next posting whose number is not less, or stay."""
        if self._i >= self._size:
            raise ReadTooFar
        if number > self._numbers[self._i]:
            self._i = bisect_left(self._numbers, number, self._i)

    def skip_to_quality(self, minquality: float) -> int:
        """Move to the next block that may score more; return the number of blocks skipped."""
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
        """Return the frequency of the term in the section."""
        return self._weights[min(self._i, self._size - 1)]

    def score(self) -> float:
        """Return the scorer's score, or the weight without a scorer."""
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
        """Return the term's spans in the section. Raises ``Exception`` when the field has no positions."""
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
        """Return the posting in the encoding of Whoosh's codecs."""
        if self.format.supports("characters"):
            return self.format.encode(self.value_as("characters"))  # type: ignore[no-any-return]
        return b"" if self.format.posting_size == 0 else pack_uint(int(self.weight()))
