"""The excerpt that shows why a section is a hit: the window with the most and closest matches."""

from __future__ import annotations

import re
from collections.abc import Sequence

from policysearch.frozen import frozen
from policysearch.query.marking import Marker
from policysearch.query.matching import Span, Text
from policysearch.text.shown import ShownText

__all__ = ["LENGTH", "Snippet", "Snippets"]

LENGTH = 120
"""Maximum length of a snippet in characters."""

_SENTENCE_ENDS = "。！？；!?;\n\t"
_TO_SENTENCE_END = re.compile(f".*[{_SENTENCE_ENDS}]", re.DOTALL)  # greedy: up to the last one
_TO_CLAUSE_END = re.compile(".*[，、：,:]", re.DOTALL)


@frozen
class Snippet:
    """An excerpt of a section.

    Attributes:
        text: The excerpt, exactly as in the section's text.
        spans: The matches in it, as offsets into ``text``, left to right, not overlapping.
        start: Offset of ``text`` in the section's text.
        cut: Whether it ends before the end of its sentence.
        inside: Number of matches of the entire section that are inside longer words or numbers.
    """

    text: str
    spans: tuple[Span, ...]
    start: int
    cut: bool = False
    inside: int = 0


class Snippets:
    """Creates the snippets of one query; ``whole``: of the complete sections."""

    def __init__(self, marker: Marker, length: int = LENGTH, *, whole: bool = False) -> None:
        self._marker = marker
        self._length = length
        self._whole = whole

    def of(self, shown: ShownText) -> tuple[Snippet, int]:
        """Return the snippet of a section, and the number of matches in its entire text."""
        reduced, length = shown.reduced, len(shown.text) if self._whole else self._length
        found = self._marker.spans(reduced, lambda: shown.text)
        if not found:
            text = shown.part(0, length + 1)
            start, end = (0, len(text)) if self._whole else _around(text, 0, 0, length)
            return Snippet(text[start:end], (), start, _cut(text, end)), 0
        spans = shown.way_back.spans(found)
        first, last = 0, len(spans)
        if spans[-1][1] - spans[0][0] > length:
            said = self._marker.weights
            weights = [said.get(reduced[a:b], 1) for a, b in found] if said else [1] * len(found)
            first, last = _best(spans, weights, length)
        low, high = spans[first][0], spans[last - 1][1]
        # the window is between these; one more character on each side shows whether the text continues
        base = max(0, low - max(0, length - (high - low)) - 1)
        text = shown.part(base, low + length + 1)
        start, end = (0, len(text)) if self._whole else _around(text, low - base, high - base, length)
        cut = _cut(text, end)
        text = text[start:end]
        start, end = start + base, end + base
        marked = tuple([(a - start, b - start) for a, b in spans if a >= start and b <= end])
        if not marked:
            # one match longer than a snippet: its start is shown
            marked = ((low - start, min(high, end) - start),)
        inside = 0
        if self._marker.may_be_inside and not self._marker.word:
            inside = len(found) - len(Text(reduced, lambda: shown.text).whole(found))
        return Snippet(text, marked, start, cut, inside), len(found)


def _cut(text: str, end: int) -> bool:
    """Return whether a sentence continues at an offset."""
    return end < len(text) and text[end] not in "\n\t" and text[max(0, end - 1)] not in _SENTENCE_ENDS


def _best(spans: Sequence[Span], weights: Sequence[int], length: int) -> tuple[int, int]:
    """Return the spans in the best window: that with the most, then the closest, then the first."""
    best = (0, 1)
    best_key = (weights[0], -(spans[0][1] - spans[0][0]))
    last = held = 0
    for first in range(len(spans)):
        if last <= first:
            last, held = first + 1, weights[first]
        while last < len(spans) and spans[last][1] - spans[first][0] <= length:
            held += weights[last]
            last += 1
        key = (held, -(spans[last - 1][1] - spans[first][0]))
        if key > best_key:
            best, best_key = (first, last), key
        if last == len(spans):
            break
        held -= weights[first]
    return best


def _around(text: str, start: int, end: int, length: int) -> Span:
    """Return a window of at most ``length`` characters that contains ``start`` to ``end``, if these fit.

    It starts and ends at a nearby sentence boundary, else at a clause boundary,
    and never with white space.
    """
    if end - start >= length:
        return start, start + length
    spare = length - (end - start)
    low = max(0, start - spare)
    begin = _after_last(_TO_SENTENCE_END, text, low, start)
    if begin is None and low == 0:
        begin = 0
    if begin is None:
        # the sentence starts before the window: leave two thirds of the space after the match
        low = max(0, start - spare // 3)
        begin = _after_last(_TO_CLAUSE_END, text, low, start)
        if begin is None:
            begin = low
    stop = min(len(text), begin + length)
    if stop < len(text):
        border = _after_last(_TO_SENTENCE_END, text, end, stop)
        if border is None:
            border = _after_last(_TO_CLAUSE_END, text, max(end, stop - length // 3), stop)
        if border is not None:
            stop = border
    while begin < start and text[begin].isspace():
        begin += 1
    while stop > max(end, begin) and text[stop - 1].isspace():
        stop -= 1
    return begin, stop


def _after_last(pattern: re.Pattern[str], text: str, start: int, end: int) -> int | None:
    """Return the offset after the last mark between two offsets, or None."""
    found = pattern.match(text, start, end)
    return found.end() if found else None
