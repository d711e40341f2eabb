"""Matching of a query on a text: the definition that every index implements faster.

Everything here works on a reduced text (``folding.reduce``) with the offsets of
its sentences and lines, in time linear in the text, times the logarithm of the
number of places.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property, lru_cache
from itertools import accumulate
from typing import NamedTuple

from policysearch.frozen import frozen
from policysearch.query.syntax import ANY_ONE, AllOf, AnyOf, Expression, Group, Measured, Near, NoneOf, Phrase, Within
from policysearch.text.folding import BORDER, line_breaks_of, reduce_text, reduce_with_offsets
from policysearch.text.whole_words import Surroundings, may_be_inside

__all__ = [
    "Requirement",
    "Requirements",
    "Span",
    "Text",
    "holds",
    "literals",
    "marked",
    "merge_spans",
    "near",
    "near_places",
    "occurrences",
    "units_with",
    "wild_holds",
    "wild_spans",
]

MOST_IN_GAP = 20
_SENTENCE_MARKS = "。!?;"  # folded
_WHITE = " " + BORDER
_SENTENCE_MARK = f"[{_SENTENCE_MARKS}]"

Span = tuple[int, int]


@frozen
class Text:
    """A text for matching.

    Attributes:
        reduced: The reduced text.
        show: Returns the text as shown; called only when line breaks matter.
        word: Whether places that start or end inside a longer word or number do not count.
    """

    reduced: str
    show: Callable[[], str]
    word: bool = False

    @classmethod
    def of(cls, shown: str) -> Text:
        """Return the ``Text`` of a text as shown."""
        return cls(reduce_text(shown), lambda: shown)

    def occurrences(self, phrase: str) -> list[Span]:
        """Return all places of a reduced phrase that count, left to right, overlapping ones included."""
        found = occurrences(phrase, self.reduced)
        return self.whole(found) if found and self.word and may_be_inside(phrase) else found

    def whole(self, spans: Iterable[Span], left: bool = True, right: bool = True) -> list[Span]:
        """Return the places that do not start (``left``) or end (``right``) inside a longer word or number."""
        return [span for span in spans if not self._surroundings.inside_longer(*span, left, right)]

    @cached_property
    def _surroundings(self) -> Surroundings:
        return Surroundings(self.reduced, self.show)

    @cached_property
    def marks(self) -> list[int]:
        """Offsets in the reduced text of the marks that end a sentence, ascending."""
        return [found.start() for found in re.finditer(_SENTENCE_MARK, self.reduced)]

    @cached_property
    def line_breaks(self) -> list[int]:
        """Offsets in the reduced text of the characters after a line break, ascending."""
        shown = self.show()
        if "\n" not in shown:
            return []
        if not self.spaces:
            lines = accumulate(len("".join(line.split())) for line in shown.split("\n")[:-1])
            return list(dict.fromkeys(lines))
        return line_breaks_of(shown, reduce_with_offsets(shown))

    @cached_property
    def spaces(self) -> list[int]:
        """Offsets of the spaces and borders in the reduced text, ascending."""
        if " " not in self.reduced and BORDER not in self.reduced:
            return []
        return [i for i, c in enumerate(self.reduced) if c in _WHITE]

    @cached_property
    def lines(self) -> list[Span]:
        """Start and end of the paragraphs in the reduced text, without empty ones."""
        return self._cut(self.line_breaks)

    @cached_property
    def sentences(self) -> list[Span]:
        """Start and end of the sentences in the reduced text, end marks included."""
        return self._cut(sorted({*self.line_breaks, *(mark + 1 for mark in self.marks)}))

    def _cut(self, borders: Iterable[int]) -> list[Span]:
        out = []
        start = 0
        for border in (*borders, len(self.reduced)):
            # white space kept at a line break is in neither line
            end = border - 1 if border and self.reduced[border - 1] in _WHITE else border
            if end > start:
                out.append((start, end))
            start = border
        return out

    def phrase_ends_between(self, start: int, end: int) -> bool:
        """Return whether a sentence or a border ends from ``start`` to ``end``, or a line at either of them."""
        i = bisect_left(self.marks, start)
        if i < len(self.marks) and self.marks[i] < end:
            return True
        return self.reduced.find(BORDER, start, end) >= 0 or self.line_ends_between(start, end)

    def line_ends_between(self, start: int, end: int) -> bool:
        """Return whether a line ends in the reduced text from ``start`` to ``end``, or at either of them."""
        i = bisect_left(self.line_breaks, start)
        return i < len(self.line_breaks) and self.line_breaks[i] <= end


def occurrences(phrase: str, reduced: str, apart: bool = False) -> list[Span]:
    """Return all places of a reduced phrase in a reduced text, left to right, with overlaps unless ``apart``."""
    out = []
    size = len(phrase)
    step = max(1, size) if apart else 1
    at = reduced.find(phrase)
    while at >= 0:
        out.append((at, at + size))
        at = reduced.find(phrase, at + step)
    return out


def wild_spans(phrase: Phrase, text: Text) -> list[Span]:
    """Return the places of a phrase with wildcards, at most one for each possible end.

    ``*`` is up to 20 reduced characters without the end of a sentence or a border; ``?`` is one character. All places
    of the parts between stars are found first; then each is joined to the nearest place of the part before it, since a
    shorter gap contains no sentence end that a longer one does not.
    """
    found: list[Span] | None = None
    patterns = _patterns(phrase)
    for number, (pattern, most) in enumerate(patterns):
        places = [m.span(1) for m in pattern.finditer(text.reduced)]
        if text.word:  # a wildcard at an end matches any character there
            first = number == 0 and bool(phrase.pieces[0][0])
            last = number == len(patterns) - 1 and not phrase.pieces[-1][1]
            places = text.whole(places, first, last)
        found = places if found is None else _joined(found, places, most, text)
        if not found:
            return []
    return _allowed(found or [], phrase, text)


def _allowed(spans: list[Span], phrase: Phrase, text: Text) -> list[Span]:
    """Return the places that are not inside a longer text of ``phrase.unless``."""
    around = [span for longer in phrase.unless for span in occurrences(longer, text.reduced)]
    if not around:
        return spans
    return [one for one in spans if not any(start <= one[0] and one[1] <= end for start, end in around)]


def wild_holds(phrase: Phrase, text: Text) -> bool:
    """Return whether a text contains a phrase with wildcards: whether ``wild_spans`` is not empty."""
    quick = None if phrase.unless else _quick_pattern(phrase)
    if quick is not None and not text.word:
        found = quick.search(text.reduced)
        if found is None:
            return False
        if not quick.groups or not text.line_ends_between(*found.span(1)):
            return True
    return bool(wild_spans(phrase, text))


@lru_cache(maxsize=256)
def _quick_pattern(phrase: Phrase) -> re.Pattern[str] | None:
    """Return a pattern that matches a phrase except across line breaks; None for several stars, which would be slow."""
    parts = _parts(phrase)
    if len(parts) == 1:
        return re.compile(parts[0][0])
    if len(parts) == 2:
        (first, _), (second, most) = parts
        return re.compile(f"{first}([^{_SENTENCE_MARKS}{BORDER}]{{0,{most}}}?){second}")
    return None


@lru_cache(maxsize=256)
def _patterns(phrase: Phrase) -> list[tuple[re.Pattern[str], int]]:
    return [(re.compile(f"(?=({part}))"), gap) for part, gap in _parts(phrase)]


def _parts(phrase: Phrase) -> list[tuple[str, int]]:
    """Return patterns for the parts between stars, each with the maximum gap before it.

    An empty part joins the stars around it to one longer gap.
    """
    parts: list[tuple[str, int]] = []
    part, gap, any_ones = "", 0, 0
    for piece, wildcard in phrase.pieces:
        if any_ones and (piece or wildcard != ANY_ONE):
            part += f".{{{any_ones}}}"
            any_ones = 0
        part += re.escape(piece)
        if wildcard == ANY_ONE:
            any_ones += 1
            continue
        if part:
            parts.append((part, gap))
            part, gap = "", 0
        gap += MOST_IN_GAP
    return parts


def _joined(before: Sequence[Span], after: Sequence[Span], most: int, text: Text) -> list[Span]:
    """Return the spans from a place in ``before`` over a gap of at most ``most`` characters to one in ``after``."""
    before = sorted(before, key=lambda span: (span[1], span[0]))
    ends = [end for _, end in before]
    out = []
    for start, end in after:
        i = bisect_right(ends, start) - 1
        if i >= 0 and start - ends[i] <= most and not text.phrase_ends_between(ends[i], start):
            out.append((before[i][0], end))
    return out


def near(places: Sequence[Sequence[Span]], distances: Sequence[int]) -> list[list[Span]]:
    """Return, for each list, the places that are part of a chain of near places, one from each list.

    Two places are near when they do not overlap and at most the given number of
    characters is between them, in either order. All lists are empty when there
    is no chain.
    """
    reached = [list(places[0])]
    for following, distance in zip(places[1:], distances, strict=True):
        reached.append(_next_to(reached[-1], following, distance))
        if not reached[-1]:
            return [[] for _ in places]
    for i in range(len(reached) - 2, -1, -1):
        reached[i] = _next_to(reached[i + 1], reached[i], distances[i])
    return reached


def _next_to(some: Sequence[Span], others: Sequence[Span], distance: int) -> list[Span]:
    """Return those of ``others`` that are near one of ``some``."""
    ends = sorted(end for _, end in some)
    starts = sorted(start for start, _ in some)
    kept = []
    for start, end in others:
        i = bisect_right(ends, start) - 1
        if i >= 0 and start - ends[i] <= distance:
            kept.append((start, end))
            continue
        j = bisect_left(starts, end)
        if j < len(starts) and starts[j] - end <= distance:
            kept.append((start, end))
    return kept


def near_places(expression: Near, text: Text) -> list[Span]:
    """Return the places of the operands that are near one another."""
    return _chained([places(operand, text) for operand in expression.places], expression.distances, text)


def _chained(found: Sequence[Sequence[Span]], distances: Sequence[int], text: Text) -> list[Span]:
    spaces = text.spaces
    if not spaces:
        return [span for spans in near(found, distances) for span in spans]
    # white space does not count as distance
    back: dict[Span, Span] = {}
    closer = []
    for spans in found:
        moved = [(start - bisect_left(spaces, start), end - bisect_left(spaces, end)) for start, end in spans]
        back.update(zip(moved, spans, strict=True))
        closer.append(moved)
    return [back[span] for spans in near(closer, distances) for span in spans]


def literals(phrase: Phrase) -> list[str]:
    """Return the reduced parts of a phrase that a text must contain literally."""
    return [piece for piece, _ in phrase.pieces if piece]


def places(operand: Group | Phrase, text: Text) -> list[Span]:
    """Return the places of an operand of ``~N``: a group counts as a phrase."""
    if isinstance(operand, Group):
        return text.occurrences(operand.reduced)
    if operand.wild:
        return wild_spans(operand, text)
    return text.occurrences(operand.pieces[0][0])


class Requirement(NamedTuple):
    """A requirement of a group on a text.

    Attributes:
        texts: Reduced alternatives, of which the text must contain one.
        is_word: Whether it is a word of several characters, which counts as a match; then there is one alternative.
    """

    texts: tuple[str, ...]
    is_word: bool


Requirements = Callable[[Group], Sequence[Requirement]]
"""The requirements of a group, all of which must be met. If there are none, the group must match literally."""


def holds(expression: Expression, text: Text, requirements: Requirements) -> bool:
    """Return whether a text matches an expression without filters and fields."""
    match expression:
        case Near():
            return bool(near_places(expression, text))
        case Within(unit, child):
            return bool(units_with(child, text, _units(text, unit), requirements))
        case Measured():
            return bool(_measured(expression, text, text.sentences, requirements))
        case _:
            return bool(units_with(expression, text, [(0, len(text.reduced))], requirements))


def _units(text: Text, unit: str) -> list[Span]:
    return text.lines if unit == "paragraph" else text.sentences


def units_with(expression: Expression, text: Text, units: Sequence[Span], requirements: Requirements) -> set[int]:
    """Return the units of a text that match an expression, each by itself.

    Args:
        expression: An expression without filters and fields.
        text: A text.
        units: Parts of its reduced text that do not overlap, left to right.
        requirements: The requirements of a group.
    """
    match expression:
        case Group():
            found: set[int] | None = None
            for texts in [one.texts for one in requirements(expression)] or [(expression.reduced,)]:
                some = _units_of((span for one in texts for span in text.occurrences(one)), units)
                found = some if found is None else found & some
                if not found:
                    break
            return found or set()
        case Phrase():
            return _units_of(places(expression, text), units)
        case AllOf(children):
            kept = set(range(len(units)))
            for child in children:
                kept &= units_with(child, text, units, requirements)
                if not kept:
                    break
            return kept
        case AnyOf(children):
            return set().union(*(units_with(child, text, units, requirements) for child in children))
        case NoneOf(child):
            # an excluded group is excluded as typed
            return set(range(len(units))) - units_with(child, text, units, lambda group: ())
        case Near(operands, distances):
            sorted_out = [_by_unit(places(operand, text), units) for operand in operands]
            both = set(sorted_out[0]).intersection(*sorted_out[1:])
            return {i for i in both if _chained([spans[i] for spans in sorted_out], distances, text)}
        case Within(unit, child):
            parts = _parts_of(units, _units(text, unit))
            held = units_with(child, text, [span for span, _ in parts], requirements)
            return {parts[i][1] for i in held}
        case Measured():
            parts = _parts_of(units, text.sentences)
            return {parts[i][1] for i in _measured(expression, text, [span for span, _ in parts], requirements)}
    raise TypeError(f"{type(expression).__name__} cannot be evaluated on a text alone")


def _measured(
    expression: Measured, text: Text, units: Sequence[Span], requirements: Requirements
) -> dict[int, list[Span]]:
    """Return the matching units, each with the places of its satisfying quantities."""
    from policysearch.text.quantities import quantities

    found = {}
    for i in sorted(units_with(expression.child, text, units, requirements)):
        held = [one for one in quantities(text.reduced, *units[i]) if expression.comparison.holds(one)]
        if held:
            found[i] = [(one.start, one.end) for one in held]
    return found


def _units_of(spans: Iterable[Span], units: Sequence[Span]) -> set[int]:
    """Return the units that completely contain one of the spans."""
    return set(_by_unit(spans, units))


def _by_unit(spans: Iterable[Span], units: Sequence[Span]) -> dict[int, list[Span]]:
    """Return the spans that are completely in a unit, by unit."""
    starts = [start for start, _ in units]
    found: dict[int, list[Span]] = {}
    for start, end in spans:
        i = bisect_right(starts, start) - 1
        if i >= 0 and end <= units[i][1]:
            found.setdefault(i, []).append((start, end))
    return found


def _parts_of(units: Sequence[Span], smaller: Sequence[Span]) -> list[tuple[Span, int]]:
    """Return the parts of ``units`` at the boundaries of ``smaller``, each with its unit."""
    if units == smaller:
        return [(span, number) for number, span in enumerate(units)]
    out = []
    ends = [end for _, end in smaller]
    for number, (start, end) in enumerate(units):
        i = bisect_right(ends, start)
        while i < len(smaller) and smaller[i][0] < end:
            out.append(((max(smaller[i][0], start), min(smaller[i][1], end)), number))
            i += 1
    return out


def marked(expression: Expression, text: Text, requirements: Requirements) -> list[Span]:
    """Return the places in a text that satisfy a ``Near``, ``Within`` or ``Measured``, in any order."""
    match expression:
        case Near():
            return near_places(expression, text)
        case Within(unit, child):
            units = _units(text, unit)
            held = units_with(child, text, units, requirements)
            wanted = [units[i] for i in sorted(held)]
            return list(_places_within(child, text, wanted, requirements))
        case Measured(child):
            held_by = _measured(expression, text, text.sentences, requirements)
            sentences = [text.sentences[i] for i in held_by]
            quantities = (span for spans in held_by.values() for span in spans)
            return [*_places_within(child, text, sentences, requirements), *quantities]
    raise TypeError(f"{type(expression).__name__} has no places of its own")


def _places_within(
    expression: Expression, text: Text, units: Sequence[Span], requirements: Requirements
) -> Iterator[Span]:
    """Yield the places of an expression in parts of a text: in each part a group as typed, or else its words."""
    match expression:
        case Group():
            typed = _by_unit(text.occurrences(expression.reduced), units)
            for spans in typed.values():
                yield from spans
            others = [unit for i, unit in enumerate(units) if i not in typed]
            for word in (one.texts[0] for one in requirements(expression) if one.is_word):
                for spans in _by_unit(text.occurrences(word), others).values():
                    yield from spans
        case Phrase():
            for spans in _by_unit(places(expression, text), units).values():
                yield from spans
        case AllOf(children) | AnyOf(children):
            for child in children:
                yield from _places_within(child, text, units, requirements)
        case Near() | Within() | Measured():
            for spans in _by_unit(marked(expression, text, requirements), units).values():
                yield from spans


def merge_spans(spans: Iterable[Span]) -> list[Span]:
    """Return non-overlapping places, left to right: the longest at each place, then continuing at its end.

    >>> merge_spans([(2, 4), (0, 3), (2, 8), (8, 9)])
    [(0, 3), (8, 9)]
    """
    out: list[Span] = []
    at = last = -1
    for span in sorted(spans):
        start, end = span
        if start >= at:
            out.append(span)
        elif start == last:
            out[-1] = span  # longer, since it is later
        else:
            continue
        last, at = start, end
    return out
