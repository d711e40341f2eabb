"""The windows around the places of a phrase, joined: all sections at a time, in numpy."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from policysearch.corpus.sentences import SENTENCE_MARKS
from policysearch.corpus.statistics.selection import Selection
from policysearch.text.code_points import code_points

__all__ = ["Windows"]

Numbers: TypeAlias = NDArray[np.int64]
Text: TypeAlias = NDArray[np.uint32]

_AT_ONCE = 2_000_000  # characters, about


class Windows:
    """All windows around the places of a phrase that do not overlap, left to right.

    Attributes:
        text: The windows in text order, in code points, with a zero behind each; zeros stand for the phrase.
        occurrences: How many places of the phrase they have.

    Args:
        selection: The sections that have the phrase.
        phrase: The phrase, reduced.
        window: ``sentence``, or how many characters on each side.
    """

    def __init__(self, selection: Selection, phrase: str, window: str | int) -> None:
        self._size = len(phrase)
        codes = code_points(phrase)
        found = [_windows_in(*batch, codes, window) for batch in _batches(selection, window == "sentence")]
        sizes = np.array([0, *(len(text) for text, *_ in found)], np.int64).cumsum()
        numbers = np.array([0, *(len(borders) for *_, borders in found)], np.int64).cumsum()
        none = np.zeros(0, np.int64)
        self.text: Text = np.concatenate([np.zeros(0, np.uint32), *(text for text, *_ in found)])
        # of each place of the phrase where it begins in the text, and its window; of each window where it begins
        self._starts = np.concatenate([none, *(one[1] + at for one, at in zip(found, sizes, strict=False))])
        self._owners = np.concatenate([none, *(one[2] + at for one, at in zip(found, numbers, strict=False))])
        self._borders = np.concatenate([none, *(one[3] + at for one, at in zip(found, sizes, strict=False))])

    @property
    def occurrences(self) -> int:
        return len(self._starts)

    def before(self, place: Numbers, length: Numbers) -> NDArray[np.bool_]:
        """Return, for places of words in the text, whether each stands before the nearest phrase."""
        starts, owners = self._starts, self._owners
        if not len(starts):
            return np.zeros(len(place), bool)
        owner = np.searchsorted(self._borders, place, side="right") - 1
        following = np.searchsorted(starts, place)
        last = len(starts) - 1
        there = (following <= last) & (owners[np.minimum(following, last)] == owner)
        to_next = starts[np.minimum(following, last)] - (place + length)
        behind = (following > 0) & (owners[np.maximum(following - 1, 0)] == owner)
        from_last = place - (starts[np.maximum(following - 1, 0)] + self._size)
        result: NDArray[np.bool_] = there & (~behind | (to_next < from_last))
        return result


def _batches(selection: Selection, lined: bool) -> Iterator[tuple[list[str], list[Sequence[int]]]]:
    """Yield some sections' texts with their line breaks, ``lined``, at a time."""
    texts: list[str] = []
    breaks: list[Sequence[int]] = []
    size = 0
    for document in selection.texts():
        texts += document.reduced
        breaks += document.line_breaks() if lined else ()
        size += sum(map(len, document.reduced))
        if size >= _AT_ONCE:
            yield texts, breaks
            texts, breaks, size = [], [], 0
    if texts:
        yield texts, breaks


def _windows_in(
    texts: Sequence[str], breaks: Sequence[Sequence[int]], phrase: Text, window: str | int
) -> tuple[Text, Numbers, Numbers, Numbers]:
    """Return the windows of some sections: their text, the places, their windows, and where each window begins."""
    text = code_points("\0".join(texts) + "\0")
    sizes = np.fromiter(map(len, texts), np.int64, len(texts)) + 1
    ends = sizes.cumsum()  # behind the zero that stands behind each section
    firsts = ends - sizes
    starts = _places(text, phrase)
    if not len(starts):
        return text[:0], starts, starts, starts
    if window == "sentence":
        # a place that goes beyond the end of its sentence takes the next one in
        sentences = _sentences(text, firsts, breaks)
        first = np.searchsorted(sentences, starts, side="right") - 1
        last = np.searchsorted(sentences, starts + len(phrase) - 1, side="right") - 1
        opens = np.concatenate(([True], first[1:] > last[:-1]))
        closing = np.append(sentences, len(text))[last + 1]
        before = sentences[first]
    else:
        section = np.searchsorted(ends, starts, side="right")
        before = np.maximum(starts - int(window), firsts[section])
        closing = np.minimum(starts + len(phrase) + int(window), ends[section] - 1)
        opens = np.concatenate(([True], before[1:] > closing[:-1]))
    owners = opens.cumsum() - 1
    opening = np.flatnonzero(opens)
    before = before[opening]
    closing = closing[np.append(opening[1:], len(starts)) - 1]
    if window == "sentence":
        closing = np.where(text[closing - 1] == 0, closing - 1, closing)  # the last sentence of a section
    lengths = closing - before + 1
    borders = lengths.cumsum() - lengths
    hidden = text.copy()
    for at in range(len(phrase)):
        hidden[starts + at] = 0
    shift = before - borders
    joined = hidden[np.arange(lengths.sum()) + np.repeat(shift, lengths)]
    joined[borders + lengths - 1] = 0
    return joined, starts - shift[owners], owners, borders


def _places(text: Text, phrase: Text) -> Numbers:
    """Return where a phrase begins in a text, places that overlap an earlier one left out."""
    found: Numbers = np.flatnonzero(text[: len(text) - len(phrase) + 1] == phrase[0])
    for at in range(1, len(phrase)):
        found = found[text[found + at] == phrase[at]]
    if not len(found) or np.diff(found, prepend=found[0] - len(phrase)).min() >= len(phrase):
        return found
    apart = []
    free = 0
    for place in found.tolist():
        if place >= free:
            apart.append(place)
            free = place + len(phrase)
    return np.array(apart, np.int64)


def _sentences(text: Text, firsts: Numbers, breaks: Sequence[Sequence[int]]) -> Numbers:
    """Return where the sentences of sections begin, as ``sentences.sentences`` has them."""
    marked = np.zeros(len(text) + 1, bool)
    for mark in SENTENCE_MARKS:
        marked[1:] |= text == ord(mark)
    marked[np.flatnonzero(text == 0)] = False
    marked[firsts] = True
    lines = [at + first for first, places in zip(firsts.tolist(), breaks, strict=True) for at in places]
    marked[lines] = True
    found: Numbers = np.flatnonzero(marked[:-1])
    return found
