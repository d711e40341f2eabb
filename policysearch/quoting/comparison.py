"""Comparison of two texts: the change of each article or paragraph."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from policysearch.citation.section_marks import chain_marks
from policysearch.frozen import frozen
from policysearch.quoting.alignment import Change, Comparable, comparable, likeness, matching_place, steps_between
from policysearch.text.chinese import NUMERAL
from policysearch.text.folding import reduce

__all__ = ["STATES", "Compared", "Comparison", "Unit", "compare", "units_of"]

STATES = ("same", "changed", "reference_only", "moved", "split", "merged", "new", "gone")

_ARTICLE = re.compile(rf"第[ \t\u3000]*[{NUMERAL}0-9]+[ \t\u3000]*[条條]")
_REFERENCE = re.compile(rf"第[{NUMERAL}0-9]+(?:条|款|项|章|节|编)(?:之[{NUMERAL}]+)?(?:第[{NUMERAL}0-9]+(?:款|项))*")
_ALIKE = 0.5  # minimum similarity of two versions of an article; half of it if their numbers are equal
_WHOLE = 0.75  # minimum similarity of an article and several articles together
_GRAM = 3
_MOST_TRIED = 4  # maximum number of articles with which one is compared


@frozen
class Unit:
    """An article or a paragraph.

    Attributes:
        section_id: Its section; None if the text is not in an index.
        number: As written; None if it has none.
        text: As written, with its number and the white space after it.
        body: Offset in ``text`` of the compared part, after the number.
    """

    section_id: str | None
    number: str | None
    text: str
    body: int


@frozen
class Compared:
    """The change of an article.

    Attributes:
        state: One of ``STATES``: ``same`` is equal text, also under another number; ``reference_only``: only the
            numbers of other articles in it changed; ``moved``: equal text at another place among the others; ``split``
            and ``merged``: a part of an article, with its counterpart.
        a_number: Its number in A, None if it is not there.
        b_number: Its number in B.
        a_section_id: Its section in A.
        b_section_id: Its section in B.
        changes: The steps from A's text to B's, numbers included: the a's of all articles of A, joined in their order,
            are A's text.
    """

    state: str
    a_number: str | None
    b_number: str | None
    a_section_id: str | None
    b_section_id: str | None
    changes: tuple[Change, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as plain values for JSON."""
        return {
            "state": self.state,
            "a_number": self.a_number,
            "b_number": self.b_number,
            "a_section_id": self.a_section_id,
            "b_section_id": self.b_section_id,
            "changes": [change.to_dict() for change in self.changes],
        }


@frozen
class Comparison:
    """The comparison of two texts; iterating over it yields the changes.

    Attributes:
        a: The first one: the path of a file, or the id of a document or a section.
        b: The second one.
        changes: In the order of B; deleted articles are at their former places.
    """

    a: str
    b: str
    changes: tuple[Compared, ...]

    def __iter__(self) -> Iterator[Compared]:
        return iter(self.changes)

    def __len__(self) -> int:
        return len(self.changes)

    @property
    def same(self) -> bool:
        """Whether the texts are the same, with the numbers of their articles."""
        return all(one.state == "same" and _numbered_alike(one.a_number, one.b_number) for one in self.changes)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return {"a": self.a, "b": self.b, "changes": [one.to_dict() for one in self.changes]}

    def to_frame(self) -> Any:
        """Return a row for each article as a pandas ``DataFrame``. Raises ``ImportError`` without pandas."""
        import pandas

        rows = [{"a": self.a, "b": self.b, **one.to_dict()} for one in self.changes]
        return pandas.DataFrame(rows, columns=["a", "b", *Compared.__match_args__])


def _numbered_alike(a: str | None, b: str | None) -> bool:
    """Return whether two articles have the same number, in any spelling: 第三十九条, 第39条."""
    if reduce(a or "") == reduce(b or ""):
        return True
    return bool(a and b and (marks := chain_marks(a)) and marks == chain_marks(b))


def units_of(sections: Sequence[tuple[str | None, str | None, str]]) -> list[Unit]:
    """Return the articles of a statute and the text around them, or else the paragraphs of a text.

    Args:
        sections: Id, number and text of each.
    """
    statute = sum(1 for _, number, _ in sections if number and _ARTICLE.match(number)) > 2
    out = []
    for section_id, number, text in sections:
        if statute:
            out.append(_unit(section_id, number, text))
            continue
        for i, line in enumerate(text.splitlines(keepends=True)):
            if not line.strip() and out:
                last = out.pop()
                out.append(Unit(last.section_id, last.number, last.text + line, last.body))
            else:
                out.append(_unit(section_id, number if i == 0 else None, line))
    return [one for one in out if one.text]


def _unit(section_id: str | None, number: str | None, text: str) -> Unit:
    start = len(text) - len(text.lstrip())
    body = 0
    if number and text.startswith(number, start):
        body = start + len(number)
        body += len(text[body:]) - len(text[body:].lstrip())
    return Unit(section_id, number, text, body)


class _Side:
    """The units of one text in compared form."""

    def __init__(self, units: Sequence[Unit]) -> None:
        self.units = units
        self.compared = [comparable(one.text[one.body :]) for one in units]
        self.texts = [one.text for one in self.compared]
        self.grams = [{text[i : i + _GRAM] for i in range(max(1, len(text) - _GRAM + 1))} for text in self.texts]


def compare(a_units: Sequence[Unit], b_units: Sequence[Unit], a: str = "a", b: str = "b") -> Comparison:
    """Compare the units of ``a_units`` with those of ``b_units`` by their texts, not their numbers.

    Equal texts are one article; then texts that are equal except for numbers of articles in them; then the two most
    similar ones (a ratio of at least 0.5, or 0.25 with the same number). Of equal texts, those with the same number are
    preferred.
    """
    left, right = _Side(a_units), _Side(b_units)
    pairs: dict[int, int] = {}
    states: dict[int, str] = {}
    _match_equal(left, right, left.texts, right.texts, pairs)
    equal = set(pairs)
    a_plain, b_plain = ([_REFERENCE.sub("第条", text) for text in side.texts] for side in (left, right))
    _match_equal(left, right, a_plain, b_plain, pairs)
    for i in pairs:
        states[i] = "same" if i in equal else "reference_only"
    _match_alike(left, right, pairs, states)
    parts = _parts(left, right, pairs)
    in_order = _longest_rising([pairs[i] for i in sorted(pairs)])
    for i, j in pairs.items():
        if states[i] == "same" and j not in in_order:
            states[i] = "moved"
    return Comparison(a, b, tuple(_rows(left, right, pairs, states, parts)))


def _match_equal(
    left: _Side, right: _Side, a_texts: Sequence[str], b_texts: Sequence[str], pairs: dict[int, int]
) -> None:
    taken = set(pairs.values())
    places: dict[str, list[int]] = defaultdict(list)
    for j, text in enumerate(b_texts):
        if j not in taken:
            places[text].append(j)
    for i, text in enumerate(a_texts):
        there = places.get(text)
        if i in pairs or not there:
            continue
        number = left.units[i].number
        j = next((j for j in there if right.units[j].number == number), there[0])
        there.remove(j)
        pairs[i] = j


def _match_alike(left: _Side, right: _Side, pairs: dict[int, int], states: dict[int, str]) -> None:
    taken = set(pairs.values())
    free = [i for i in range(len(left.units)) if i not in pairs]
    holders: dict[str, list[int]] = defaultdict(list)
    for i in free:
        for gram in left.grams[i]:
            holders[gram].append(i)
    numbers = {left.units[i].number: i for i in free if left.units[i].number}
    found = []
    for j in range(len(right.units)):
        if j in taken:
            continue
        shared = Counter(i for gram in right.grams[j] for i in holders.get(gram, ()))
        tried = {i for i, _ in shared.most_common(_MOST_TRIED)}
        own = numbers.get(right.units[j].number)
        for i in sorted(tried | ({own} if own is not None else set())):
            alike = likeness(left.texts[i], right.texts[j])
            if alike >= (_ALIKE / 2 if i == own else _ALIKE):
                found.append((-alike - (0.1 if i == own else 0), abs(i - j), i, j))
    for _, _, i, j in sorted(found):
        if i not in pairs and j not in taken:
            pairs[i] = j
            states[i] = "changed"
            taken.add(j)


def _parts(left: _Side, right: _Side, pairs: dict[int, int]) -> dict[tuple[str, int], list[int]]:
    """Return the articles that are parts of another one: for one of A (``a``) those of B, or the reverse."""
    back = {j: i for i, j in pairs.items()}
    out: dict[tuple[str, int], list[int]] = {}
    for name, one, other, there in (("a", left, right, pairs), ("b", right, left, back)):
        free = [k for k in range(len(other.units)) if k not in set(there.values())]
        for whole, first in list(there.items()):
            if one.texts[whole] == other.texts[first]:
                continue
            beside = [k for k in free if abs(k - first) <= 3]
            group = _group(one, whole, other, first, beside)
            if group:
                out[name, whole] = group
                free = [k for k in free if k not in group]
    return out


def _group(one: _Side, whole: int, other: _Side, first: int, beside: Sequence[int]) -> list[int] | None:
    """Return ``first`` with its neighbours whose texts are mostly contained in ``whole``; None if there are none."""
    grams = one.grams[whole]
    more = [k for k in beside if len(other.grams[k] & grams) >= 0.6 * len(other.grams[k]) and len(other.texts[k]) > 5]
    if not more:
        return None
    group = sorted([first, *more])
    joined = likeness(one.texts[whole], "".join(other.texts[k] for k in group))
    return group if joined >= _WHOLE and joined > likeness(one.texts[whole], other.texts[first]) else None


def _longest_rising(values: Sequence[int]) -> set[int]:
    """Return a longest increasing subsequence of distinct numbers."""
    ends: list[int] = []
    places: list[int] = []
    before: list[int] = []
    for at, value in enumerate(values):
        k = bisect_left(ends, value)
        before.append(places[k - 1] if k else -1)
        if k == len(ends):
            ends.append(value)
            places.append(at)
        else:
            ends[k], places[k] = value, at
    found = set()
    at = places[-1] if places else -1
    while at >= 0:
        found.add(values[at])
        at = before[at]
    return found


def _rows(
    left: _Side,
    right: _Side,
    pairs: dict[int, int],
    states: dict[int, str],
    parts: dict[tuple[str, int], list[int]],
) -> Iterator[Compared]:
    back = {j: i for i, j in pairs.items()}
    split = {j: i for (name, i), group in parts.items() if name == "a" for j in group}
    merged = {i: j for (name, j), group in parts.items() if name == "b" for i in group}
    gone = [i for i in range(len(left.units)) if i not in pairs and i not in merged]
    after: dict[int, list[int]] = defaultdict(list)
    for i in gone:  # after its former predecessor
        before = next((k for k in range(i - 1, -1, -1) if k in pairs or k in merged), None)
        after[-1 if before is None else pairs.get(before, merged.get(before, -1))].append(i)
    for j in range(-1, len(right.units)):
        if j in split:
            yield _part_of_split(left, split[j], right, parts["a", split[j]], j)
        elif ("b", j) in parts:
            yield from _parts_of_merged(left, parts["b", j], right, j)
        elif j >= 0:
            old = back.get(j)
            yield _row("new" if old is None else states[old], left, old, right, j)
        for i in after[j]:
            yield _row("gone", left, i, right, None)


def _row(state: str, left: _Side, i: int | None, right: _Side, j: int | None) -> Compared:
    a = None if i is None else left.units[i]
    b = None if j is None else right.units[j]
    changes: list[Change] = []
    if a is None or b is None:
        changes.append(Change("insert" if a is None else "delete", a.text if a else "", b.text if b else ""))
    else:
        assert i is not None
        assert j is not None
        if a.body or b.body:
            changes.append(Change("equal", a.text[: a.body], b.text[: b.body]))
        changes += steps_between(a.text[a.body :], left.compared[i], b.text[b.body :], right.compared[j])
    return _named(state, a, b, changes)


def _named(state: str, a: Unit | None, b: Unit | None, changes: Sequence[Change]) -> Compared:
    numbers = (None if a is None else a.number, None if b is None else b.number)
    ids = (None if a is None else a.section_id, None if b is None else b.section_id)
    return Compared(state, *numbers, *ids, tuple(changes))


def _part_of_split(left: _Side, whole: int, right: _Side, group: Sequence[int], j: int) -> Compared:
    """Return the row of one of the articles that an article was split into, with its part of that."""
    cuts = _cuts(left.texts[whole], [right.texts[k] for k in group])
    at = group.index(j)
    a, b = left.units[whole], right.units[j]
    start, end, compared = _piece(a, left.compared[whole], cuts, at)
    head = [Change("equal", "", b.text[: b.body])] if b.body else []
    return _named(
        "split", a, b, [*head, *steps_between(a.text[start:end], compared, b.text[b.body :], right.compared[j])]
    )


def _parts_of_merged(left: _Side, group: Sequence[int], right: _Side, whole: int) -> Iterator[Compared]:
    cuts = _cuts(right.texts[whole], [left.texts[k] for k in group])
    b = right.units[whole]
    for at, i in enumerate(group):
        a = left.units[i]
        start, end, compared = _piece(b, right.compared[whole], cuts, at)
        head = [Change("equal", a.text[: a.body], "")] if a.body else []
        yield _named(
            "merged", a, b, [*head, *steps_between(a.text[a.body :], left.compared[i], b.text[start:end], compared)]
        )


def _piece(unit: Unit, compared: Comparable, cuts: Sequence[int], at: int) -> tuple[int, int, Comparable]:
    """Return the span of one piece of a unit's text, the first with its number, and its compared text."""
    low, high = cuts[at], cuts[at + 1]
    offsets = compared.offsets
    start = 0 if at == 0 else unit.body + (offsets[low] if low < len(offsets) else len(unit.text) - unit.body)
    last = at + 2 == len(cuts) or high >= len(offsets)
    end = len(unit.text) if last else unit.body + offsets[high]
    moved = tuple(unit.body + offset - start for offset in offsets[low:high])
    return start, end, Comparable(compared.text[low:high], moved)


def _cuts(whole: str, parts: Sequence[str]) -> list[int]:
    """Return the offsets that divide a text so that its pieces are as similar as possible to the parts."""
    joined = "".join(parts)
    cuts = [0]
    at = 0
    for part in parts[:-1]:
        at += len(part)
        cuts.append(max(cuts[-1], matching_place(joined, whole, at)))
    return [*cuts, len(whole)]
