"""Reduced texts of many sections as one array, for computations in numpy."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from policysearch.frozen import frozen
from policysearch.text.code_points import code_points

__all__ = ["JoinedTexts", "Numbers", "Wanted", "distinct", "join_texts", "starts_of"]

Numbers: TypeAlias = NDArray[np.int64]

Wanted: TypeAlias = Callable[[NDArray[Any], Numbers], NDArray[np.bool_]]
"""A predicate on words, given their joined code points and the length of each: a truth value for each word."""


@frozen
class JoinedTexts:
    """The reduced texts of the selected sections of some documents, joined.

    Attributes:
        codes: Their code points, of two or four bytes, with a 0 after each section.
        sizes: The number of code points of each section, without the 0.
        documents: The number of sections of each document.
        lines: Returns the offsets in ``codes`` of the ``line_breaks`` of the texts as shown, ascending.
    """

    codes: NDArray[Any]
    sizes: Numbers
    documents: Numbers
    lines: Callable[[], Numbers]

    @property
    def starts(self) -> Numbers:
        """The offset of each section."""
        return starts_of(self.sizes)

    @property
    def document_sizes(self) -> Numbers:
        """The number of code points of each document, including the zeros after its sections."""
        ends = np.concatenate(([0], (self.sizes + 1).cumsum()))
        found: Numbers = np.diff(ends[np.concatenate(([0], self.documents.cumsum()))])
        return found


def distinct(ascending: Numbers) -> int:
    """Return how many different numbers there are among ascending ones."""
    return int(np.count_nonzero(ascending[1:] != ascending[:-1])) + bool(len(ascending))


def starts_of(sizes: Numbers) -> Numbers:
    """Return the offset of each section, given their ``sizes``."""
    after: Numbers = (sizes + 1).cumsum()
    return after - sizes - 1


def join_texts(documents: Sequence[Sequence[str]], line_breaks: Callable[[], Iterable[Sequence[int]]]) -> JoinedTexts:
    """Join the texts of the sections of documents, given a function that returns the line breaks of each section."""
    texts = [text for sections in documents for text in sections]
    sizes = np.fromiter(map(len, texts), np.int64, len(texts))

    def lines() -> Numbers:
        starts = starts_of(sizes).tolist()
        found = [start + at for start, places in zip(starts, line_breaks(), strict=True) for at in places]
        return np.array(found, np.int64)

    held = np.array([len(sections) for sections in documents], np.int64)
    return JoinedTexts(code_points("\0".join([*texts, ""])), sizes, held, lines)
