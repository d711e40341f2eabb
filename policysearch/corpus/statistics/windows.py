"""The windows around the places of a phrase, joined, for all sections at once in numpy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from policysearch.corpus.sentences import SENTENCE_MARKS
from policysearch.corpus.statistics.selection import Selection
from policysearch.engines.joined_texts import JoinedTexts
from policysearch.text.code_points import code_points, places_apart

__all__ = ["Windows"]

Numbers: TypeAlias = NDArray[np.int64]
Text: TypeAlias = NDArray[Any]  # code points, of two bytes or four

_AT_ONCE = 2_000_000  # approximate number of characters


class Windows:
    """The windows around the non-overlapping places of a phrase, left to right.

    Attributes:
        text: The windows in text order, as code points, with a zero after each; zeros replace the phrase.
        occurrences: Number of places of the phrase.

    Args:
        selection: The sections that contain the phrase.
        phrase: The phrase, reduced.
        window: ``sentence``, or the number of characters on each side.
    """

    def __init__(self, selection: Selection, phrase: str, window: str | int) -> None:
        self._size = len(phrase)
        codes = code_points(phrase).tolist()
        found = [_windows_in(texts, codes, window) for texts in selection.joined(_AT_ONCE)]
        sizes = np.array([0, *(len(text) for text, *_ in found)], np.int64).cumsum()
        numbers = np.array([0, *(len(borders) for *_, borders in found)], np.int64).cumsum()
        none = np.zeros(0, np.int64)
        self.text: Text = np.concatenate([np.zeros(0, np.uint16), *(text for text, *_ in found)])
        # for each place of the phrase its start in the text, and its window; for each window its start
        self._starts = np.concatenate([none, *(one[1] + at for one, at in zip(found, sizes, strict=False))])
        self._owners = np.concatenate([none, *(one[2] + at for one, at in zip(found, numbers, strict=False))])
        self._borders = np.concatenate([none, *(one[3] + at for one, at in zip(found, sizes, strict=False))])

    @property
    def occurrences(self) -> int:
        return len(self._starts)

    def before(self, length: int) -> NDArray[np.bool_]:
        """Return, for each place of the text, whether a word of a length there is before the nearest phrase.

        If two are equally near, it is after the first of them.
        """
        starts = self._starts
        if not len(starts):
            return np.zeros(len(self.text), bool)
        opens = np.diff(self._owners, prepend=-1) > 0
        # from here on the phrase is nearer than the end of the one before it
        nearer = (starts + np.roll(starts, 1) + self._size - length) // 2 + 1
        nearer = np.clip(nearer, np.roll(starts, 1) + 1, starts)
        nearer[opens] = self._borders
        turns = np.stack((nearer, starts), axis=1).reshape(-1)
        return np.repeat(np.tile(np.array([True, False]), len(starts)), np.diff(turns, append=len(self.text)))


def _windows_in(texts: JoinedTexts, phrase: Sequence[int], window: str | int) -> tuple[Text, Numbers, Numbers, Numbers]:
    """Return the windows of some sections: their text, the places, their windows, and the start of each window."""
    text = texts.codes
    firsts = texts.starts
    ends = firsts + texts.sizes + 1  # after the zero that follows each section
    starts = places_apart(text, phrase)
    if not len(starts):
        return text[:0], starts, starts, starts
    if window == "sentence":
        # a place that crosses the end of its sentence includes the next one
        sentences = _sentences(text, firsts, texts.lines())
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
    # slices of bytes take a third of the time of indices of each character
    held, width = hidden.tobytes(), text.itemsize
    pieces = zip((before * width).tolist(), ((before + lengths) * width).tolist(), strict=True)
    joined = np.frombuffer(bytearray().join([held[start:end] for start, end in pieces]), text.dtype)
    joined[borders + lengths - 1] = 0
    return joined, starts - (before - borders)[owners], owners, borders


def _sentences(text: Text, firsts: Numbers, lines: Numbers) -> Numbers:
    """Return the starts of the sentences of sections, as in ``sentences.sentences``."""
    marked = np.zeros(len(text) + 1, bool)
    for mark in SENTENCE_MARKS:
        marked[1:] |= text == ord(mark)
    marked[firsts + np.diff(firsts, append=len(text)) - 1] = False
    marked[firsts] = True
    marked[lines] = True
    found: Numbers = np.flatnonzero(marked[:-1])
    return found
