"""Lexicons and postings, one class for each source of them."""

from __future__ import annotations

import heapq
from array import array
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from itertools import groupby
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from whoosh.util.numeric import byte_to_length, length_to_byte

from policysearch.engines.whoosh.live_segment import Kept
from policysearch.engines.whoosh.segment_reader import WORDS
from policysearch.engines.whoosh.whoosh_bridge.schema import POSTED, ExactText
from policysearch.engines.whoosh.whoosh_bridge.sections import LiveSections, Numbers

__all__ = ["BLOCK", "FieldTerms", "InvertedTerms", "Lengths", "PostedTerms", "Postings", "WithExactText"]

BLOCK = 128
"""Number of postings in one block, which has one maximum weight and minimum length."""


class Lengths:
    """The lengths of a field.

    Attributes:
        exact: The length of each section, in terms.
        rounded: The same, rounded as in the length byte of Whoosh's codec, for its weightings.
    """

    def __init__(self, exact: Numbers) -> None:
        self.exact = exact
        steps = np.array([byte_to_length(code) for code in range(256)])
        codes = np.searchsorted(steps, np.minimum(exact, steps[-1]))
        self.rounded: Numbers = steps[codes]
        assert length_to_byte(int(exact.max(initial=0))) == codes.max(initial=0)


class Postings:
    """The sections that contain a term.

    Attributes:
        numbers: Their numbers, ascending.
        frequencies: The term's frequency in each.
        lengths: The lengths of the field.
    """

    def __init__(self, numbers: Numbers, frequencies: Numbers, lengths: Lengths | None) -> None:
        self.numbers = numbers
        self.frequencies = frequencies
        self.lengths = lengths

    def __len__(self) -> int:
        return len(self.numbers)

    @cached_property
    def number_list(self) -> list[int]:
        """The numbers, as a list."""
        numbers: list[int] = self.numbers.tolist()
        return numbers

    @cached_property
    def weight_list(self) -> list[float]:
        """The frequencies, as Whoosh's weights."""
        weights: list[float] = self.frequencies.astype(float).tolist()
        return weights

    @cached_property
    def rounded_lengths(self) -> Numbers:
        """The lengths of the sections that contain the term."""
        return self.lengths.rounded[self.numbers] if self.lengths else np.zeros(len(self), np.int64)

    @cached_property
    def block_max_weights(self) -> list[float]:
        """The maximum weight of each block."""
        return self._of_blocks(np.maximum, self.frequencies.astype(float))

    @cached_property
    def block_min_lengths(self) -> list[int]:
        """The minimum length of each block."""
        return self._of_blocks(np.minimum, self.rounded_lengths)

    @cached_property
    def block_max_lengths(self) -> list[int]:
        """The maximum length of each block."""
        return self._of_blocks(np.maximum, self.rounded_lengths)

    def _of_blocks(self, best: np.ufunc, values: NDArray[Any]) -> list[Any]:
        return best.reduceat(values, np.arange(0, len(values), BLOCK)).tolist() if len(values) else []


class FieldTerms(Protocol):
    """The terms of one field, without those that are in removed sections only."""

    @property
    def lengths(self) -> Lengths | None:
        """The length of each section, None for a field without lengths."""

    def terms(self, start: bytes) -> Iterator[bytes]:
        """Yield the terms in order from ``start``."""

    def document_frequency(self, term: bytes) -> int:
        """Return the number of sections that contain a term."""

    def postings(self, term: bytes) -> Postings:
        """Return the sections that contain a term, empty when there are none."""


class PostedTerms:
    """A field with postings in the segments."""

    def __init__(self, sections: LiveSections, field: str) -> None:
        self._sections = sections
        self._field = field
        self._known = Kept[str, Postings]()

    @cached_property
    def lengths(self) -> Lengths | None:
        """The length of each section."""
        return Lengths(self._sections.lengths(self._field))

    def _text(self, term: bytes) -> str | None:
        """Return a term as text, or None when no such term is possible."""
        try:
            text = term.decode("utf-8", "surrogatepass")
        except UnicodeDecodeError:
            return None
        return text if POSTED[self._field] == WORDS or 0 < len(text) <= 2 else None

    def terms(self, start: bytes) -> Iterator[bytes]:
        """Yield the terms in order from ``start``."""
        merged = heapq.merge(*self._sections.terms(self._field, start.decode("utf-8", "ignore")))
        for text, _ in groupby(merged):
            term = text.encode("utf-8", "surrogatepass")
            if term >= start and self._sections.document_frequency(self._field, text):
                yield term

    def document_frequency(self, term: bytes) -> int:
        """Return the number of sections that contain a term."""
        text = self._text(term)
        return 0 if text is None else self._sections.document_frequency(self._field, text)

    def postings(self, term: bytes) -> Postings:
        """Return the sections that contain a term."""
        text = self._text(term)
        if text is None:
            return Postings(np.zeros(0, np.int64), np.zeros(0, np.int64), None)
        found = self._known.get(text)
        if found is None:
            found = Postings(*self._sections.postings(self._field, text), self.lengths)
            self._known.keep(text, found, 10 * len(found))
        return found


class InvertedTerms:
    """A field that is inverted in memory on first use.

    Args:
        values: Yields runs of sections and their common value.
        cut: Splits a value into its terms.
        scorable: Whether the field has lengths.
    """

    def __init__(
        self, values: Callable[[], Iterator[tuple[range, Any]]], cut: Callable[[Any], Iterable[bytes]], scorable: bool
    ) -> None:
        self._values = values
        self._cut = cut
        self._scorable = scorable

    @cached_property
    def _inverted(self) -> tuple[dict[bytes, tuple[array[int], array[int]]], Lengths | None]:
        found: defaultdict[bytes, tuple[array[int], array[int]]] = defaultdict(lambda: (array("q"), array("q")))
        lengths = array("q")
        known: dict[Any, Counter[bytes]] = {}  # headings repeat, ids do not
        for run, value in self._values():
            counts = known.get(value)
            if counts is None:
                counts = Counter() if value is None else Counter(self._cut(value))
                if self._scorable:
                    known[value] = counts
            for term, count in counts.items():
                numbers, frequencies = found[term]
                numbers.extend(run)
                frequencies.extend([count] * len(run))
            lengths.extend([counts.total()] * len(run))
        return dict(found), Lengths(np.array(lengths, np.int64)) if self._scorable else None

    @cached_property
    def _terms(self) -> list[bytes]:
        return sorted(self._inverted[0])

    @property
    def lengths(self) -> Lengths | None:
        """The length of each section, None for a field without lengths."""
        return self._inverted[1]

    def terms(self, start: bytes) -> Iterator[bytes]:
        """Yield the terms in order from ``start``."""
        return iter(self._terms[bisect_left(self._terms, start) :])

    def document_frequency(self, term: bytes) -> int:
        """Return the number of sections that contain a term."""
        return len(self._inverted[0].get(term, ((), ()))[0])

    def postings(self, term: bytes) -> Postings:
        """Return the sections that contain a term."""
        numbers, frequencies = self._inverted[0].get(term, ((), ()))
        return Postings(np.array(numbers, np.int64), np.array(frequencies, np.int64), self.lengths)


class WithExactText:
    """The terms of a text field, with any exact text as a further term.

    Args:
        words: The terms.
        holding: Returns the sections that contain a reduced text, and its frequency in each.
        decoded: Converts a term to ``ExactText`` if it is one.
    """

    def __init__(
        self,
        words: FieldTerms,
        document_frequency: Callable[[str], tuple[Numbers, Numbers]],
        decoded: Callable[[bytes], str],
    ) -> None:
        self._words = words
        self._holding = document_frequency
        self._decoded = decoded
        self._known = Kept[bytes, Postings]()

    @property
    def lengths(self) -> Lengths | None:
        """The length of each section."""
        return self._words.lengths

    def terms(self, start: bytes) -> Iterator[bytes]:
        """Yield the terms in order from ``start``; without exact texts."""
        return self._words.terms(start)

    def _exact(self, term: bytes) -> Postings | None:
        found = self._known.get(term)
        if found is None:
            try:
                text = self._decoded(term)
            except UnicodeDecodeError:
                return None
            if not isinstance(text, ExactText) or not text:
                return None
            found = Postings(*self._holding(text), self.lengths)
            self._known.keep(term, found, 10 * len(found))
        return found

    def document_frequency(self, term: bytes) -> int:
        """Return the number of sections that contain a term."""
        exact = self._exact(term)
        return self._words.document_frequency(term) if exact is None else len(exact)

    def postings(self, term: bytes) -> Postings:
        """Return the sections that contain a term."""
        exact = self._exact(term)
        return self._words.postings(term) if exact is None else exact
