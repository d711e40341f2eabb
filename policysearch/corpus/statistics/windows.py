"""The windows around the places of a phrase, for many sections at once in numpy."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from policysearch.corpus.sentences import SENTENCE_MARKS
from policysearch.corpus.statistics.selection import Selection
from policysearch.corpus.statistics.string_counter import StringCounter
from policysearch.engines.joined_texts import JoinedTexts
from policysearch.text.code_points import code_points, places_apart

__all__ = ["Windows"]

Numbers: TypeAlias = NDArray[np.int64]
Text: TypeAlias = NDArray[Any]  # code points, of two bytes or four

_AT_ONCE = 500_000  # approximate number of characters: memory used for the first time takes longer than the work in it
_KEPT = 8 << 20  # bytes: glibc uses memory of arrays of this size again after one was freed, a tenth of the time of all
_ALL_BEFORE = -1
_ALL_AFTER = np.iinfo(np.int32).max


class Windows:
    """The windows around the non-overlapping places of a phrase, left to right.

    Attributes:
        texts: The windows of some sections each, in text order, as code points, with a zero after each window; zeros
            replace the phrase.
        occurrences: Number of places of the phrase.

    Args:
        selection: The sections that contain the phrase.
        phrase: The phrase, reduced.
        window: ``sentence``, or the number of characters on each side.
    """

    def __init__(self, selection: Selection, phrase: str, window: str | int) -> None:
        np.empty(_KEPT, np.uint8)
        codes = code_points(phrase).tolist()
        self.occurrences = 0
        self.texts: list[Text] = []
        self._turns: list[tuple[NDArray[np.int32], NDArray[np.int32]]] = []
        for texts in selection.joined(_AT_ONCE):
            text, starts, owners, borders = _windows_in(texts, codes, window)
            if len(starts):
                self.occurrences += len(starts)
                self.texts.append(text)
                self._turns.append(_turns(starts, owners, borders, len(phrase)))

    def sides(self, size: int) -> Iterator[NDArray[np.bool_]]:
        """Yield, for each text and place, whether a string of ``size`` there is before the nearest phrase."""
        for text, (turns, bounds) in zip(self.texts, self._turns, strict=True):
            ends = np.append(turns[1:], len(text))
            first = np.clip((bounds - size) // 2 + 1, turns, ends)  # the first place that is before it
            lengths = np.stack((first - turns, ends - first), axis=1)
            yield np.repeat(np.tile(np.array([False, True]), len(lengths)), lengths.reshape(-1))

    def count(self, strings: StringCounter) -> tuple[Numbers, Numbers]:
        """Return the number of places of each string, and of those before the nearest phrase.

        A place between two equally near ones is after the first of them.
        """
        together, left = (np.zeros(len(strings), np.int64) for _ in range(2))
        for text, (turns, bounds) in zip(self.texts, self._turns, strict=True):
            string, place = strings.places(text)
            bound = np.repeat(bounds, np.diff(turns, append=len(text)))
            is_before = 2 * place + strings.lengths.take(string) > bound.take(place)
            together += np.bincount(string, minlength=len(strings))
            left += np.bincount(string[is_before], minlength=len(strings))
        return together, left


def _turns(
    starts: Numbers, owners: Numbers, borders: Numbers, size: int
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Return where the windows and the phrases in them start, ascending, and from where on a place is before a phrase.

    It is before the next phrase if the sum of its start and its end is greater than that number.
    """
    # the end of a phrase and the start of the next one are equally far from their mean
    bounds = np.full(len(starts), _ALL_AFTER)
    bounds[:-1] = np.where(owners[1:] == owners[:-1], starts[1:] + starts[:-1] + size, _ALL_AFTER)
    turns = np.concatenate((borders, starts))
    order = np.argsort(turns, kind="stable")
    every = np.concatenate((np.full(len(borders), _ALL_BEFORE), bounds))
    return turns[order].astype(np.int32), every[order].astype(np.int32)


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
        last = first if len(phrase) == 1 else np.searchsorted(sentences, starts + len(phrase) - 1, side="right") - 1
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
    # the zero after a window replaces the mark or the zero at its end, else the character after it
    if window == "sentence":
        last = text[closing - 1]
        closing += ~(_are_marks(last) | (last == 0))
    else:
        closing += 1
    lengths = closing - before
    borders = lengths.cumsum() - lengths
    # slices of bytes take a third of the time of indices of each character
    held, width = text.tobytes(), text.itemsize
    apart = np.flatnonzero(np.concatenate(([True], before[1:] != closing[:-1])))
    ends = closing[np.append(apart[1:], len(before)) - 1]
    pieces = zip((before[apart] * width).tolist(), (ends * width).tolist(), strict=True)
    joined = np.frombuffer(bytearray().join([held[start:end] for start, end in pieces]), text.dtype)
    joined[borders + lengths - 1] = 0
    starts = starts - (before - borders)[owners]
    for at in range(len(phrase)):
        joined[starts + at] = 0
    return joined, starts, owners, borders


def _are_marks(text: Text) -> NDArray[np.bool_]:
    """Return whether each character is one after which a sentence ends."""
    found = np.zeros(len(text), bool)
    for mark in SENTENCE_MARKS:
        found |= text == ord(mark)
    return found


def _sentences(text: Text, firsts: Numbers, lines: Numbers) -> Numbers:
    """Return the starts of the sentences of sections, as in ``sentences.sentences``."""
    marked = np.zeros(len(text) + 1, bool)
    marked[1:] = _are_marks(text)
    marked[firsts + np.diff(firsts, append=len(text)) - 1] = False
    marked[firsts] = True
    marked[lines] = True
    found: Numbers = np.flatnonzero(marked[:-1])
    return found
