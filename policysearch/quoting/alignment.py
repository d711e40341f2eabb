"""The form in which quotations are compared, and the differences between two texts.

That form is the reduced text (``folding.reduce``) without quotation marks, whose shape changes in nested quotations,
without borders, and without the remaining white space. It is called compared text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, groupby, islice, product
from typing import Any

from policysearch.engines.protocol import Stored
from policysearch.frozen import frozen
from policysearch.text.folding import fold, reduce_with_offsets

__all__ = [
    "Change",
    "Comparable",
    "ComparedPassage",
    "changes_between",
    "closest",
    "comparable",
    "compared_passage",
    "likeness",
    "matching_place",
    "notable_changes",
    "same_as_written",
    "steps_between",
    "without_marks",
]

_LEFT_OUT = '" \n\t'
_IS_LEFT_OUT = frozenset(_LEFT_OUT)
_QUOTATION_MARKS = dict.fromkeys(map(ord, "\"'“”‘’„‟‛「」『』﹁﹂﹃﹄＂＇〝〞"))


def without_marks(reduced: str) -> str:
    """Return a reduced text as compared: without quotation marks, white space and borders."""
    for mark in _LEFT_OUT:  # twenty times as fast as ``translate``
        if mark in reduced:
            reduced = reduced.replace(mark, "")
    return reduced


@frozen
class Comparable:
    """A compared text with the offsets of its characters.

    Attributes:
        text: As compared.
        offsets: For each of its characters, its offset in the text as written.
    """

    text: str
    offsets: tuple[int, ...]


def comparable(written: str) -> Comparable:
    """Return a compared text."""
    reduced = reduce_with_offsets(written)
    kept = [i for i, c in enumerate(reduced.text) if c not in _IS_LEFT_OUT]
    spans = reduced.spans([(i, i + 1) for i in kept])
    return Comparable("".join(reduced.text[i] for i in kept), tuple(start for start, _ in spans))


@frozen
class ComparedPassage:
    """A part of a document.

    Attributes:
        sections: The sections that contain it, in order.
        written: As written there.
        compared: As compared.
        offsets: For each character of ``compared``, its offset in ``written``.
    """

    sections: tuple[Stored, ...]
    written: str
    compared: str
    offsets: tuple[int, ...]


def compared_passage(sections: Sequence[Stored], start: int, end: int) -> ComparedPassage:
    """Return a part of consecutive sections.

    ``start`` and ``end`` are offsets in their joined compared texts.
    """
    texts = [without_marks(section.reduced) for section in sections]
    borders = [0, *accumulate(map(len, texts))]
    used: list[Stored] = []
    written, offsets = "", []
    for section, first, last in zip(sections, borders, borders[1:], strict=False):
        low, high = max(start, first) - first, min(end, last) - first
        if low >= high:
            continue
        kept = _kept(section.reduced, low, high)
        spans = section.shown.way_back.spans([(i, i + 1) for i in kept])
        # up to the next section, if it continues there
        begin = spans[0][0]
        finish = spans[-1][1] if last >= end else len(section.text)
        if used:
            begin = 0
        offsets += [len(written) + at - begin for at, _ in spans]
        written += section.text[begin:finish]
        used.append(section)
    return ComparedPassage(tuple(used), written, "".join(texts)[start:end], tuple(offsets))


def _kept(reduced: str, low: int, high: int) -> Sequence[int]:
    """Return the offsets in the reduced text of the characters ``low`` to ``high`` of the compared text."""
    if not any(mark in reduced for mark in _IS_LEFT_OUT):
        return range(low, high)
    return [i for i, c in enumerate(reduced) if c not in _IS_LEFT_OUT][low:high]


def same_as_written(claim: str, passage: str) -> bool:
    """Return whether two texts are the same as written, except for quotation marks."""
    return claim.translate(_QUOTATION_MARKS) == passage.translate(_QUOTATION_MARKS)


# near matches

_MOST_PLACES = 30  # maximum number of places of one piece of a quotation in one text
_MOST_SLACK = 16
_SLACK = 4  # maximum number of characters by which the ends of a passage are moved to fit best
_BEGINNING = 2  # number of characters by which the ends of a claim are found further away
_OUTER = 300  # number of characters at each end by which the passage of a longer claim is fitted


def closest(claim: str, text: str) -> tuple[int, int, float] | None:
    """Return the span of the part of ``text`` most similar to ``claim``, and its similarity, from 0 to 1.

    Both are compared texts. Parts that share no run of characters with the claim are ignored; None if there are no
    others. Of equal ones the first is returned. The similarity is 2 M / T, where M is the number of characters in order
    that both have, and T that of both together (the ratio of Ratcliff and Obershelp, over the longest common
    subsequence).
    """
    from rapidfuzz.distance import Indel

    size = len(claim)
    piece = max(2, min(6, size // 4))
    votes: dict[int, int] = {}
    step = max(1, piece // 2)
    for at in range(0, size - piece + 1, step):
        place = text.find(claim[at : at + piece])
        for _ in range(_MOST_PLACES):
            if place < 0:
                break
            diagonal = place - at
            votes[diagonal] = votes.get(diagonal, 0) + 1
            place = text.find(claim[at : at + piece], place + 1)
    best: tuple[float, int, int] | None = None
    width = max(_SLACK, min(_MOST_SLACK, size // 12))
    # an insertion shifts the rest: votes for neighbouring offsets are added
    together = {d: sum(votes.get(d + near, 0) for near in range(-2, 3)) for d in votes}
    for diagonal in sorted(together, key=lambda d: (-together[d], d))[:3]:
        low = max(0, diagonal - width)
        high = min(len(text), diagonal + size + width)
        window = text[low:high]
        start, end = _ends(claim, window, diagonal - low, diagonal - low + size, width)
        similarity = Indel.normalized_similarity(claim, window[start:end])
        if best is None or similarity > best[0]:
            best = (similarity, low + start, low + end)
    if best is None:
        return None
    for start, end in _as_in_claim(claim, text, best[1], best[2]):
        similarity = Indel.normalized_similarity(claim, text[start:end])
        if similarity > best[0]:
            best = (similarity, start, end)
    return best[1], best[2], best[0]


def _as_in_claim(claim: str, text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield the span as moved to the nearest place before or after it with the first or last characters of the claim.

    There the source has more after the first words or before the last than ``_ends`` allows for.
    """
    first, last = claim[:_BEGINNING], claim[-_BEGINNING:]
    starts = [start]
    if not text.startswith(first, start) and (place := text.rfind(first, max(0, start - _MOST_SLACK), start)) >= 0:
        starts.append(place)
    ends = [end]
    if not text.endswith(last, 0, end) and (place := text.find(last, end, end + _MOST_SLACK)) >= 0:
        ends.append(place + len(last))
    yield from islice(product(starts, ends), 1, None)


def _ends(claim: str, window: str, start: int, end: int, width: int) -> tuple[int, int]:
    """Return the start and the end in the window, near those given, with the greatest similarity to the claim."""
    from rapidfuzz.distance import Levenshtein

    size = len(claim)
    if size > 2 * _OUTER:
        # each place is compared with the complete claim: one of 5,000 characters took seconds for each text
        start, _ = _ends(claim[:_OUTER], window, start, start + _OUTER, width)
        _, end = _ends(claim[-_OUTER:], window, end - _OUTER, end, width)
        return start, max(start + 1, end)

    def worst(low: int, high: int) -> tuple[int, int]:
        return Levenshtein.distance(claim, window[low:high]), abs(high - low - size)

    start, end = max(0, start), min(len(window), end)
    for _ in range(2):
        before = start, end
        starts = range(max(0, start - width), min(start + width, end - 1) + 1)
        start = min(starts, key=lambda low: (*worst(low, end), abs(low - start)), default=start)
        ends = range(max(start + 1, end - width), min(len(window), end + width) + 1)
        end = min(ends, key=lambda high: (*worst(start, high), abs(high - end)), default=end)
        if before == (start, end):
            break
    return start, end


# differences


@frozen
class Change:
    """One step from a claim to its source.

    Attributes:
        op: ``equal`` (as compared), ``replace``, ``insert`` (the source has more) or ``delete``.
        a: The claim's characters.
        b: The source's.
    """

    op: str
    a: str
    b: str

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as plain values for JSON."""
        return {"op": self.op, "a": self.a, "b": self.b}


def changes_between(claim: str, a: Comparable, b: ComparedPassage) -> tuple[Change, ...]:
    """Return the steps from a claim to a passage. Ignored characters belong to the step of those before them."""
    return steps_between(claim, a, b.written, Comparable(b.compared, b.offsets))


def steps_between(a_written: str, a: Comparable, b_written: str, b: Comparable) -> tuple[Change, ...]:
    """Return the steps from one text to another, each given as written and as compared.

    The a's joined are the first text as written, the b's the second. Ignored characters belong to the step of the
    character before them. Between two equal steps there is one other.
    """
    from rapidfuzz.distance import Levenshtein

    steps = [list(group) for _, group in groupby(Levenshtein.opcodes(a.text, b.text), lambda one: one.tag == "equal")]
    if not steps:
        return (Change("equal", a_written, b_written),) if a_written or b_written else ()
    out = []
    for i, group in enumerate(steps):
        first, last, end = group[0], group[-1], i + 1 == len(steps)
        out.append(
            Change(
                first.tag if len(group) == 1 else "replace",
                _cut(a_written, a.offsets, first.src_start, last.src_end, i == 0, end),
                _cut(b_written, b.offsets, first.dest_start, last.dest_end, i == 0, end),
            )
        )
    return tuple(out)


def likeness(a: str, b: str) -> float:
    """Return the similarity of two texts, as in ``closest``, 0 to 1."""
    from rapidfuzz.distance import Indel

    return Indel.normalized_similarity(a, b)


def matching_place(a: str, b: str, at: int) -> int:
    """Return the offset in ``b`` that is aligned with an offset in ``a``."""
    from rapidfuzz.distance import Levenshtein

    for step in Levenshtein.opcodes(a, b):
        if step.src_start <= at < step.src_end or (at == len(a) and step.src_end == at):
            return min(step.dest_end, step.dest_start + at - step.src_start)
    return len(b)


def _cut(written: str, offsets: Sequence[int], start: int, end: int, first: bool, last: bool) -> str:
    begin = 0 if first else offsets[start] if start < len(offsets) else len(written)
    finish = len(written) if last or end >= len(offsets) else offsets[end]
    return written[begin : max(begin, finish)]


_FIGURE = re.compile(r"[0-9〇零一二三四五六七八九十百千万亿两.,%‰]+(?:年|月|日|元|个|人|倍|亩|吨|天)?")
_HAS_FIGURE = re.compile(r"[0-9〇零一二三四五六七八九十百千]")
_NOT = frozenset("不未非无没勿")
_BOUNDS = re.compile(r"以[上下内外前后]|[高低大小多少]于|不[超少低高]|至[少多]")
_MODALS = re.compile(r"应当|可以|必须|不得|应该|应|可|须")


def notable_changes(changes: Iterable[Change]) -> tuple[str, ...]:
    """Return the changes as ``claim → source``, those of the meaning first: figures, 不/未, 以上/以下, 应当/可以.

    >>> notable_changes([Change("equal", "增长", "增长"), Change("replace", "6", "5"), Change("equal", ".5%", ".5%")])
    ('6.5% → 5.5%',)
    """
    steps = list(changes)
    a = "".join(step.a for step in steps)
    b = "".join(step.b for step in steps)
    found: list[tuple[int, str]] = []
    at_a = at_b = 0
    for step in steps:
        end_a, end_b = at_a + len(step.a), at_b + len(step.b)
        if step.op != "equal":
            rank, here, there = _named(a, at_a, end_a, b, at_b, end_b)
            if not found or found[-1][1] != f"{here} → {there}":
                found.append((rank, f"{here or '∅'} → {there or '∅'}"))
        at_a, at_b = end_a, end_b
    return tuple(dict.fromkeys(text for _, text in sorted(found, key=lambda one: one[0])))


def _named(a: str, a1: int, a2: int, b: str, b1: int, b2: int) -> tuple[int, str, str]:
    """Return the rank of a change (0: changes the meaning most), and the words around it on both sides."""
    folded_a, folded_b = fold(a), fold(b)  # ２５％ is a figure
    changed = folded_a[a1:a2] + folded_b[b1:b2]
    for rank, pattern in enumerate((_FIGURE, None, _BOUNDS, _MODALS)):
        if pattern is None:
            if not _NOT.isdisjoint(changed):
                return rank, a[a1:a2], b[b1:b2]
            continue
        here, there = _word(pattern, folded_a, a1, a2), _word(pattern, folded_b, b1, b2)
        if rank == 0 and not _HAS_FIGURE.search(changed):
            continue
        if pattern.search(folded_a, *here) or pattern.search(folded_b, *there):
            return rank, a[slice(*here)], b[slice(*there)]
    return 9, a[a1:a2], b[b1:b2]


def _word(pattern: re.Pattern[str], text: str, start: int, end: int) -> tuple[int, int]:
    """Return the span of a match of ``pattern`` that a change touches, with the change."""
    for found in pattern.finditer(text, max(0, start - 12), min(len(text), end + 12)):
        if found.start() <= end and found.end() >= start and (found.start() < end or found.end() > start):
            return min(start, found.start()), max(end, found.end())
    return start, end
