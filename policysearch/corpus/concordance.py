"""Concordances (KWIC): every occurrence of a phrase in context."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from hashlib import blake2b
from typing import Any

from policysearch.engines.copies import Folded, fold
from policysearch.engines.protocol import Engine, Stored, section_id
from policysearch.engines.tree import And, Contains, Node
from policysearch.errors import InputError, QueryError
from policysearch.frozen import asdict, frozen
from policysearch.query.matching import Span, Text, merge, occurrences
from policysearch.query.syntax import clean
from policysearch.text.folding import reduce
from policysearch.text.whole_words import may_be_inside
from policysearch.text.width import columns_of

__all__ = ["COLUMNS", "ORDERS", "WIDTH", "Concordance", "KwicLine", "KwicLines", "kwic", "lines", "reduced_phrase"]

ORDERS = ("position", "left", "right")
WIDTH = 60
"""Default number of columns of context on each side."""

# Lines are sorted by so many characters of context, however much of it is shown.
_COMPARED = 40

COLUMNS = (
    "document_id",
    "section_id",
    "title",
    "region",
    "year",
    "start",
    "left",
    "match",
    "right",
    "type",
    "part",
    "path",
    "duplicates",
)


@frozen
class KwicLine:
    """One occurrence of a phrase.

    Attributes:
        document_id: The document's id.
        section_id: The section's id.
        title: The document's title.
        region: The document's region.
        year: The document's year.
        start: Offset of ``match`` in the section's text, in characters.
        left: The text before it, in the same section.
        match: The phrase as written there.
        right: The text after it, in the same section.
        type: The document's type.
        part: The section's part.
        path: The section's path.
        duplicates: Ids of equal sections of documents with equal text, with the same places, that are not shown; None
            unless such were folded.
    """

    document_id: str
    section_id: str
    title: str | None
    region: str | None
    year: int | None
    start: int
    left: str
    match: str
    right: str
    type: str
    part: str
    path: tuple[str, ...]
    duplicates: tuple[str, ...] | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as plain values for JSON."""
        duplicates = None if self.duplicates is None else list(self.duplicates)
        return {**asdict(self), "path": list(self.path), "duplicates": duplicates}


@frozen
class Concordance:
    """The occurrences of a phrase.

    Attributes:
        phrase: The phrase, as given.
        total: Number of occurrences, including those not in a sample and folded duplicates.
        lines: The lines, in the requested order.
        distinct: Number of occurrences to show, after folding of duplicates.
        inside: Number of all occurrences inside longer words or numbers.
    """

    phrase: str
    total: int
    lines: tuple[KwicLine, ...]
    distinct: int = 0
    inside: int = 0

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return {
            "phrase": self.phrase,
            "total": self.total,
            "distinct": self.distinct,
            "lines": [line.to_dict() for line in self.lines],
        }

    def to_frame(self) -> Any:
        """Return the lines as a pandas ``DataFrame``. Raises ``ImportError`` when pandas is not installed."""
        import pandas

        return pandas.DataFrame([line.to_dict() for line in self.lines], columns=list(COLUMNS))

    def _repr_html_(self) -> str:
        from policysearch.notebook import table

        return table(COLUMNS[1:9], (line.to_dict() for line in self.lines))


def kwic(
    engine: Engine,
    node: Node,
    phrase: str,
    *,
    width: int = WIDTH,
    sort: str = "position",
    sample: int | None = None,
    seed: int = 0,
    word: bool = False,
    folded: bool = False,
) -> Concordance:
    """Return the occurrences of a literal phrase in the sections that ``node`` selects.

    Occurrences do not overlap; they are found left to right, each in one section.

    Args:
        engine: The open index.
        node: Selects the sections.
        phrase: The phrase, compared after folding, without white space.
        width: Maximum columns of context on each side.
        sort: ``position``; or ``left`` or ``right``: by the context, read outwards from the match, then by position.
        sample: Size of a random sample; None for all. Sampling depends on each occurrence's id and the seed, so that
            adding or removing documents changes little.
        seed: Random seed of the sample.
        word: Whether to exclude occurrences inside longer words and numbers.
        folded: Whether of equal sections of documents with equal text only the first has lines.

    Raises ``QueryError`` for an empty phrase, ``InputError`` for an invalid option.
    """
    if sort not in ORDERS:
        raise InputError(f"Unknown sort {sort!r}; expected one of: {', '.join(ORDERS)}.")
    for what, number in (("width", width), ("sample", sample)):
        if number is not None and number < 0:
            raise InputError(f"The {what} must be a number from 0, not {number!r}.")
    reduced = reduced_phrase(phrase)
    places = _Places(engine, node, reduced, word, folded)
    chosen: Iterable[_Place] = places
    if sample is not None:
        drawn = heapq.nsmallest(sample, enumerate(places), key=lambda one: (_lot(seed, one[1]), one[0]))
        chosen = [place for _, place in sorted(drawn, key=lambda one: one[0])]
    if sort == "position":
        chosen_lines = [_line(place, width, places.copies_of(place)) for place in chosen]
    else:  # keep a line with its sort key, not with its complete section
        key = _before if sort == "left" else _behind
        keyed = [(key(place), _line(place, width, places.copies_of(place))) for place in chosen]
        keyed.sort(key=lambda one: one[0])
        chosen_lines = [line for _, line in keyed]
    return Concordance(phrase, places.total, tuple(chosen_lines), places.distinct, places.inside)


class KwicLines(Iterator[KwicLine]):
    """Lines that are generated lazily."""

    def __init__(self, places: _Places, lines: Iterator[KwicLine]) -> None:
        self._places = places
        self._lines = lines

    def __next__(self) -> KwicLine:
        return next(self._lines)

    @property
    def inside(self) -> int:
        """The number of occurrences so far that are inside longer words or numbers."""
        return self._places.inside

    def through(self, hand_on: Callable[[Iterator[KwicLine]], Iterator[KwicLine]]) -> KwicLines:
        """Return the same lines, passed through a function."""
        return KwicLines(self._places, hand_on(self._lines))


def lines(
    engine: Engine, node: Node, phrase: str, *, width: int = WIDTH, word: bool = False, folded: bool = False
) -> KwicLines:
    """Return the lines of ``kwic`` in order of position, generated lazily.

    Raises ``QueryError`` for an empty phrase, immediately.
    """
    places = _Places(engine, node, reduced_phrase(phrase), word, folded)
    return KwicLines(places, (_line(place, width, places.copies_of(place)) for place in places))


def reduced_phrase(phrase: str) -> str:
    """Return a literal phrase in the form that texts are compared in. Raises ``QueryError`` when it is empty."""
    reduced = reduce(clean(phrase))
    if not reduced:
        raise QueryError("The phrase is empty; expected some text.", phrase, 0)
    return reduced


class _Places:
    """Yields (section, start, end) of each occurrence, and counts them."""

    def __init__(self, engine: Engine, node: Node, reduced: str, word: bool, folded: bool) -> None:
        may_be = may_be_inside(reduced)
        self._engine = engine
        self._node = And((Contains(reduced, whole=word and may_be), node))
        self._reduced = reduced
        self._word = word and may_be
        self._looked_at = may_be and not word
        self._folded = folded
        self.total = self.distinct = self.inside = 0

    def __iter__(self) -> Iterator[_Place]:
        left_out = self._copies.left_out
        for stored in self._engine.stream(self._node):
            spans = self._spans(stored)
            self.total += len(spans)
            if left_out and (stored.document["document_id"], stored.ordinal) in left_out:
                continue
            for start, end in stored.shown.way_back.spans(spans):
                self.distinct += 1
                yield stored, start, end

    @cached_property
    def _copies(self) -> Folded:
        return fold(self._engine.stream, self._engine.duplicates if self._folded else {}, self._node)

    def copies_of(self, place: _Place) -> tuple[str, ...] | None:
        """Return the ids of the sections folded into the section of an occurrence; None without folding."""
        if not self._folded:
            return None
        name = (place[0].document["document_id"], place[0].ordinal)
        return tuple(section_id(*one) for one in self._copies.copies.get(name, ()))

    def _spans(self, stored: Stored) -> list[Span]:
        text = Text(stored.reduced, lambda: stored.text, self._word)
        if self._word:
            return merge(text.occurrences(self._reduced))
        spans = occurrences(self._reduced, stored.reduced, apart=True)
        if self._looked_at:
            self.inside += len(spans) - len(text.whole(spans))
        return spans


_Place = tuple[Stored, int, int]


def _lot(seed: int, place: _Place) -> bytes:
    named = f"{seed} {place[1]} {place[0].section_id}".encode("utf-8", "surrogatepass")
    return blake2b(named, digest_size=16).digest()


def _before(place: _Place) -> str:
    stored, start, _ = place
    return reduce(stored.text[max(0, start - _COMPARED) : start])[::-1]


def _behind(place: _Place) -> str:
    stored, _, end = place
    return reduce(stored.text[end : end + _COMPARED])


def _line(place: _Place, width: int, duplicates: tuple[str, ...] | None) -> KwicLine:
    stored, start, end = place
    document: Mapping[str, Any] = stored.document
    text = stored.text
    return KwicLine(
        document["document_id"],
        stored.section_id,
        document["title"],
        document["region"],
        document["year"],
        start,
        text[start - _fitting(reversed(text[max(0, start - width) : start]), width) : start],
        text[start:end],
        text[end : end + _fitting(iter(text[end : end + width]), width)],
        document["type"],
        stored.part,
        stored.path,
        duplicates,
    )


def _fitting(characters: Iterator[str], width: int) -> int:
    """Return the number of characters that fit into ``width`` columns."""
    many = 0
    for character in characters:
        width -= columns_of(character)
        if width < 0:
            break
        many += 1
    return many
