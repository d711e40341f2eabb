"""Where a query stands in a text: the plain truth that every index is a faster way to.

Everything here works on a text as it is compared (``folding.reduce``), with
the ends of its sentences and lines remembered. All of it takes time linear in
the text, times the logarithm of the number of places.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property

from policysearch.folding import Reduced, reduce, reduce_with_offsets
from policysearch.query import AllOf, AnyOf, Expression, Group, Near, NoneOf, Phrase, Within
from policysearch.values import value

__all__ = ["Span", "Text", "holds", "literals", "merge", "near", "occurrences", "wild_spans"]

MOST_IN_GAP = 20
_SENTENCE_MARK = re.compile("[。!?;]")  # folded
_SENTENCE_END = re.compile("[。！？；!?;\n]")

Span = tuple[int, int]


@value
class Text:
    """A text in the form it is compared in.

    Attributes:
        shown: The text itself.
    """

    shown: str

    @cached_property
    def compared(self) -> Reduced:
        """The reduced text and the way back."""
        return reduce_with_offsets(self.shown)

    @cached_property
    def marks(self) -> list[int]:
        """Offsets in the reduced text of the marks that end a sentence, rising."""
        return [found.start() for found in _SENTENCE_MARK.finditer(self.compared.text)]

    @cached_property
    def line_breaks(self) -> list[int]:
        """Offsets in the reduced text of the characters that a line break stands before, rising."""
        compared = self.compared
        found = []
        before = 0
        for place, shift in zip(compared.breaks, compared.shifts, strict=True):
            # the white space ends at place + shift; a space that was kept is part of it
            if "\n" in self.shown[place - 1 + before if place else 0 : place + shift]:
                found.append(place)
            before = shift
        return found

    def sentence_ends_between(self, start: int, end: int) -> bool:
        """Tell whether a sentence ends in the reduced text from ``start`` to ``end``, or a line at either of them."""
        i = bisect_left(self.marks, start)
        if i < len(self.marks) and self.marks[i] < end:
            return True
        i = bisect_left(self.line_breaks, start)
        return i < len(self.line_breaks) and self.line_breaks[i] <= end

    def units(self, unit: str) -> list[str]:
        """Return the sentences (``sentence``) or the lines (``paragraph``) of the text as shown."""
        if unit == "paragraph":
            return self.shown.split("\n")
        out = []
        at = 0
        for found in _SENTENCE_END.finditer(self.shown):
            out.append(self.shown[at : found.end()])
            at = found.end()
        out.append(self.shown[at:])
        return out


def occurrences(phrase: str, reduced: str) -> list[Span]:
    """Return all places of a reduced phrase in a reduced text, also those that overlap, left to right."""
    out = []
    at = reduced.find(phrase)
    while at >= 0:
        out.append((at, at + len(phrase)))
        at = reduced.find(phrase, at + 1)
    return out


def wild_spans(phrase: Phrase, text: Text) -> list[Span]:
    """Return the places of a phrase with wildcards, at most one for each place where it can end.

    ``*`` is up to 20 reduced characters in which no sentence ends; ``?`` is
    one character. The parts between stars are found first, each at every
    place; then each is joined to the nearest place of the part before it,
    since a shorter gap holds no sentence end that a longer one does not.
    """
    found: list[Span] | None = None
    for pattern in _parts(phrase):
        places = [m.span(1) for m in pattern.finditer(text.compared.text)]
        found = places if found is None else _joined(found, places, text)
        if not found:
            return []
    return found or []


def _parts(phrase: Phrase) -> list[re.Pattern[str]]:
    """Return patterns for the parts between stars; an empty part asks for nothing and is left out."""
    parts = [""]
    for piece, wildcard in phrase.pieces:
        parts[-1] += re.escape(piece)
        if wildcard == "?":
            parts[-1] += "."
        elif wildcard == "*":
            parts.append("")
    return [re.compile(f"(?=({part}))", re.DOTALL) for part in parts if part]


def _joined(before: Sequence[Span], after: Sequence[Span], text: Text) -> list[Span]:
    """Return the spans that reach from a place in ``before`` over a gap to one in ``after``."""
    before = sorted(before, key=lambda span: (span[1], span[0]))
    ends = [end for _, end in before]
    out = []
    for start, end in after:
        i = bisect_right(ends, start) - 1
        if i >= 0 and start - ends[i] <= MOST_IN_GAP and not text.sentence_ends_between(ends[i], start):
            out.append((before[i][0], end))
    return out


def near(places: Sequence[Sequence[Span]], distances: Sequence[int]) -> list[Span]:
    """Return the places of the last list that a chain of near places leads to.

    Two places are near when they do not overlap and at most so many
    characters lie between them, in either order.
    """
    reached = list(places[0])
    for following, distance in zip(places[1:], distances, strict=True):
        ends = sorted(end for _, end in reached)
        starts = sorted(start for start, _ in reached)
        kept = []
        for start, end in following:
            i = bisect_right(ends, start) - 1
            j = bisect_left(starts, end)
            if (i >= 0 and start - ends[i] <= distance) or (j < len(starts) and starts[j] - end <= distance):
                kept.append((start, end))
        reached = kept
        if not reached:
            break
    return reached


def literals(phrase: Phrase) -> list[str]:
    """Return the reduced parts of a phrase that must stand in a text as they are."""
    return [piece for piece, _ in phrase.pieces if piece]


def places(operand: Group | Phrase, text: Text) -> list[Span]:
    """Return the places of an operand of ``~N``: a group counts as the phrase it is."""
    if isinstance(operand, Group):
        return occurrences(reduce(operand.text), text.compared.text)
    if operand.wild:
        return wild_spans(operand, text)
    return occurrences(operand.pieces[0][0], text.compared.text)


def holds(expression: Expression, text: Text, words: Callable[[Group], Sequence[str]]) -> bool:
    """Tell whether a text is what an expression without filters and fields asks for.

    ``words`` gives the required words of a group, reduced; a group without
    any must stand as it is.
    """
    match expression:
        case Group():
            reduced = text.compared.text
            return all(word in reduced for word in words(expression) or (reduce(expression.text),))
        case Phrase():
            if expression.wild:
                return bool(wild_spans(expression, text))
            return expression.pieces[0][0] in text.compared.text
        case AllOf(children):
            return all(holds(child, text, words) for child in children)
        case AnyOf(children):
            return any(holds(child, text, words) for child in children)
        case NoneOf(child):
            return not holds(child, text, words)
        case Near(operands, distances):
            return bool(near([places(operand, text) for operand in operands], distances))
        case Within(unit, child):
            return any(holds(child, Text(part), words) for part in text.units(unit))
        case _:
            raise TypeError(f"{type(expression).__name__} asks for more than a text")


def merge(spans: Iterable[Span]) -> list[Span]:
    """Return places that do not overlap, left to right: at each place the longest, then on from its end.

    >>> merge([(2, 4), (0, 3), (2, 8), (8, 9)])
    [(0, 3), (8, 9)]
    """
    out: list[Span] = []
    at = -1
    for start, end in sorted(spans, key=lambda span: (span[0], -span[1])):
        if start >= at:
            out.append((start, end))
            at = end
    return out
