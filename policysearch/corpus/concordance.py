"""Concordances (KWIC): every occurrence of terms in context."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from hashlib import blake2b
from typing import Any, NamedTuple, Protocol

from policysearch.corpus.lexicon import Lexicon
from policysearch.corpus.sentences import on_one_line, sentences, shown_sentence
from policysearch.engines.equal_sections import Folded, SectionName, fold_equal
from policysearch.engines.protocol import Engine, Stored, section_id
from policysearch.engines.tree import And, Node, OfDocuments, when
from policysearch.errors import InputError, QueryError
from policysearch.frozen import asdict, frozen
from policysearch.query.marking import Marker
from policysearch.query.matching import Text
from policysearch.query.syntax import normalize_query
from policysearch.text.folding import reduce
from policysearch.text.whole_words import may_be_inside
from policysearch.text.width import columns_of

__all__ = [
    "ALL_COLUMNS",
    "COLUMNS",
    "ORDERS",
    "WIDTH",
    "Concordance",
    "Finder",
    "KwicLine",
    "KwicLines",
    "MatchFinder",
    "TermFinder",
    "kwic",
    "lines",
    "reduced_phrase",
]

ORDERS = ("position", "left", "right", "date", "-date")
WIDTH = 60
"""Default number of columns of context on each side."""

# Number of characters of context by which lines are sorted, whatever the shown width.
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
    "term",
    "id",
)
"""The default columns of a table."""


@frozen
class KwicLine:
    """One occurrence of a term.

    Attributes:
        document_id: The document's id.
        section_id: The section's id.
        title: The document's title.
        region: The document's region.
        year: The document's year.
        start: Offset of ``match`` in the section's text, in characters.
        left: The text before it, in the same section.
        match: The term as written there.
        right: The text after it, in the same section.
        type: The document's type.
        part: The section's part.
        path: The section's path.
        duplicates: Ids of equal sections of documents with equal text, with the same places, that are not shown; None
            unless such were folded.
        term: The term or the concept, as given; the query, where its matches are shown.
        id: The section's id, ``@``, and the start and the end of ``match`` in the section's text, joined by ``-``. Two
            lines have the same id only if two concepts have the same place.
        sentence: The sentence around the match, on one line; None unless requested.

    The other attributes are those of ``documents.Document`` and ``sections.Section``.
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
    term: str = ""
    id: str = ""
    date: str | None = None
    level: str | None = None
    city: str | None = None
    province: str | None = None
    region_code: str | None = None
    issuer: str | None = None
    document_number: str | None = None
    speaker: str | None = None
    status: str | None = None
    url: str | None = None
    source: str | None = None
    number: str | None = None
    heading: str | None = None
    page: int | None = None
    sentence: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as plain values for JSON; ``sentence`` only if requested."""
        fields = {**asdict(self), "path": list(self.path)}
        fields["duplicates"] = None if self.duplicates is None else list(self.duplicates)
        if self.sentence is None:
            del fields["sentence"]
        return fields


ALL_COLUMNS = tuple(KwicLine.__match_args__)
"""All columns that can be requested."""

_OF_DOCUMENT = ALL_COLUMNS[ALL_COLUMNS.index("date") : ALL_COLUMNS.index("number")]


@frozen
class Concordance:
    """The occurrences of terms.

    Attributes:
        phrase: The term, as given; None for several terms.
        terms: The terms or concepts, or the query whose matches are shown.
        total: Number of occurrences, including those not in a sample and folded duplicates.
        lines: The lines, in the requested order.
        distinct: Number of occurrences to show, after folding of duplicates.
        inside: Number of all occurrences inside longer words or numbers.
        expanded: The other names of a term that are shown too, by term; empty unless requested.
    """

    terms: tuple[str, ...]
    total: int
    lines: tuple[KwicLine, ...]
    distinct: int = 0
    inside: int = 0
    expanded: Mapping[str, tuple[str, ...]] = {}

    @property
    def phrase(self) -> str | None:
        """The term, if there is only one; else None."""
        return self.terms[0] if len(self.terms) == 1 else None

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns of a table."""
        asked = any(line.sentence is not None for line in self.lines)
        return (*COLUMNS, "sentence") if asked else COLUMNS

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        found: dict[str, Any] = {
            "phrase": self.phrase,
            "terms": list(self.terms),
            "total": self.total,
            "distinct": self.distinct,
        }
        if self.expanded:
            found["expanded"] = {term: list(others) for term, others in self.expanded.items()}
        return {**found, "lines": [line.to_dict() for line in self.lines]}

    def to_frame(self, columns: Iterable[str] | None = None) -> Any:
        """Return the lines as a pandas ``DataFrame``, with some of ``ALL_COLUMNS``; by default those of a table.

        Raises ``ImportError`` when pandas is not installed.
        """
        import pandas

        names = list(self.columns if columns is None else columns)
        return pandas.DataFrame([line.to_dict() for line in self.lines], columns=names)

    def _repr_html_(self) -> str:
        from policysearch.notebook import table

        return table(COLUMNS[1:9], (line.to_dict() for line in self.lines))


class Occurrence(NamedTuple):
    """One occurrence.

    Attributes:
        stored: The section.
        start: Start of the match in the text as shown.
        end: Its end.
        term: The term.
        sentence: Start and end of the sentence; None unless requested.
    """

    stored: Stored
    start: int
    end: int
    term: str
    sentence: tuple[int, int] | None = None

    @property
    def id(self) -> str:
        """The place's id; see ``KwicLine``."""
        return f"{self.stored.section_id}@{self.start}-{self.end}"


class Finder(Protocol):
    """Finds the places to show.

    Attributes:
        terms: The requested terms.
        node: Selects the sections that may contain places.
        certain: Whether equal sections have the same places in every document.
        expanded: See ``Concordance``.
    """

    terms: tuple[str, ...]
    node: Node
    certain: bool
    expanded: Mapping[str, tuple[str, ...]]

    def places(self, stored: Stored) -> list[tuple[int, int, str]]:
        """Return the places in a section as start and end in the reduced text and term, sorted."""

    def inside(self, stored: Stored, places: list[tuple[int, int, str]]) -> int:
        """Return the number of places inside longer words or numbers; 0 if these are excluded."""


class TermFinder:
    """Finds the places of terms."""

    def __init__(
        self,
        lexicon: Lexicon,
        node: Node,
        word: bool,
        expanded: Mapping[str, tuple[str, ...]],
    ) -> None:
        self.terms = lexicon.concepts
        self.node = node
        self.certain = not lexicon.dated
        self.expanded = expanded
        self._lexicon = lexicon
        self._word = word and lexicon.may_be_inside
        self._looked_at = lexicon.may_be_inside and not word

    def places(self, stored: Stored) -> list[tuple[int, int, str]]:
        lexicon = self._lexicon
        found = lexicon.spans(stored.reduced, lambda: stored.text, stored.document, self._word)
        return [(start, end, self.terms[concept]) for start, end, rule in found for concept, _ in lexicon.owners[rule]]

    def inside(self, stored: Stored, places: list[tuple[int, int, str]]) -> int:
        if not self._looked_at:
            return 0
        spans = [(start, end) for start, end, _ in places if may_be_inside(stored.reduced[start:end])]
        return len(spans) - len(Text(stored.reduced, lambda: stored.text).whole(spans))


class MatchFinder:
    """Finds the matches of a query, as ``search`` marks them."""

    def __init__(self, query: str, node: Node, marker: Marker) -> None:
        if not (marker.groups or marker.literals or marker.verified):
            raise InputError("The query has no words whose matches could be shown; give a term as well.")
        self.terms: tuple[str, ...] = (query,)
        self.node = node
        self.certain = True
        self.expanded: Mapping[str, tuple[str, ...]] = {}
        self._query = query
        self._marker = marker

    def places(self, stored: Stored) -> list[tuple[int, int, str]]:
        return [(start, end, self._query) for start, end in self._marker.spans(stored.reduced, lambda: stored.text)]

    def inside(self, stored: Stored, places: list[tuple[int, int, str]]) -> int:
        return 0


def kwic(
    engine: Engine,
    finder: Finder,
    *,
    width: int = WIDTH,
    sentence: bool = False,
    sort: str = "position",
    sample: int | None = None,
    seed: int = 0,
    folded: bool = False,
) -> Concordance:
    """Return the occurrences that ``finder`` finds.

    Occurrences of one term do not overlap; they are found left to right, each in one section.

    Args:
        engine: The open index.
        finder: Finds them.
        width: Maximum columns of context on each side.
        sentence: Whether the context is the sentence instead.
        sort: ``position``; ``left`` or ``right``: by the context, read outwards from the match; ``date`` or ``-date``:
            by the document's date, or its year, undated last. Equal ones by position.
        sample: Size of a random sample; None for all. Sampling depends on each occurrence's id and the seed, so that
            adding or removing documents changes little.
        seed: Random seed of the sample.
        folded: Whether only the first of equal sections of documents with equal text has lines.

    Raises ``InputError`` for an invalid option.
    """
    if sort not in ORDERS:
        raise InputError(f"Unknown sort {sort!r}; expected one of: {', '.join(ORDERS)}.")
    for what, number in (("width", width), ("sample", sample)):
        if number is not None and number < 0:
            raise InputError(f"The {what} must be a number from 0, not {number!r}.")
    places = _Places(engine, finder, folded, sentence)
    chosen: Iterable[Occurrence] = places
    if sample is not None:
        drawn = heapq.nsmallest(sample, enumerate(places), key=lambda one: (_lot(seed, one[1]), one[0]))
        chosen = [place for _, place in sorted(drawn, key=lambda one: one[0])]
    if sort == "position":
        chosen_lines = [_line(place, width, places.copies_of(place)) for place in chosen]
    else:  # keep a line with its sort key, not with its complete section
        key = _KEYS[sort.removeprefix("-")]
        keyed = [(key(place), _line(place, width, places.copies_of(place))) for place in chosen]
        known = [one for one in keyed if one[0] is not None]
        known.sort(key=lambda one: one[0] or "", reverse=sort.startswith("-"))  # stable either way
        chosen_lines = [line for _, line in (*known, *(one for one in keyed if one[0] is None))]
    total, distinct, inside = places.total, places.distinct, places.inside
    return Concordance(finder.terms, total, tuple(chosen_lines), distinct, inside, finder.expanded)


class KwicLines(Iterator[KwicLine]):
    """Lines that are generated lazily."""

    def __init__(self, places: _Places, lines: Iterator[KwicLine]) -> None:
        self._places = places
        self._lines = lines

    def __next__(self) -> KwicLine:
        return next(self._lines)

    @property
    def inside(self) -> int:
        """The number of occurrences inside longer words or numbers so far."""
        return self._places.inside

    @property
    def left_out(self) -> frozenset[SectionName]:
        """The sections that have no lines, since equal ones have."""
        return self._places.copies.left_out

    @property
    def of_copies(self) -> int:
        """The number of occurrences in these sections."""
        return self._places.of_copies

    def through(self, hand_on: Callable[[Iterator[KwicLine]], Iterator[KwicLine]]) -> KwicLines:
        """Return the same lines, passed through a function."""
        return KwicLines(self._places, hand_on(self._lines))


def lines(
    engine: Engine, finder: Finder, *, width: int = WIDTH, sentence: bool = False, folded: bool = False
) -> KwicLines:
    """Return the lines of ``kwic`` in order of position, generated lazily."""
    places = _Places(engine, finder, folded, sentence)
    return KwicLines(places, (_line(place, width, places.copies_of(place)) for place in places))


def reduced_phrase(phrase: str) -> str:
    """Return a literal phrase in the form that texts are compared in. Raises ``QueryError`` when it is empty."""
    reduced = reduce(normalize_query(phrase))
    if not reduced:
        raise QueryError("The phrase is empty; expected some text.", phrase, 0)
    return reduced


class _Places:
    """Yields each occurrence, and counts them."""

    def __init__(self, engine: Engine, finder: Finder, folded: bool, sentence: bool) -> None:
        self._engine = engine
        self._finder = finder
        self._folded = folded
        self._sentence = sentence
        self.total = self.distinct = self.inside = 0

    def __iter__(self) -> Iterator[Occurrence]:
        left_out = self.copies.left_out
        for stored in self._engine.stream(self._finder.node):
            found = self._finder.places(stored)
            self.total += len(found)
            self.inside += self._finder.inside(stored, found)
            if not found or (left_out and (stored.document["document_id"], stored.ordinal) in left_out):
                continue
            units = sentences(stored) if self._sentence else []
            for one, (start, end) in zip(found, stored.shown.way_back.spans([one[:2] for one in found]), strict=True):
                self.distinct += 1
                around = shown_sentence(stored, units, *one[:2]) if units else None
                yield Occurrence(stored, start, end, one[2], around)

    @cached_property
    def copies(self) -> Folded:
        def stream(node: Node) -> Iterator[Stored]:
            return (one for one in self._engine.stream(node) if self._finder.certain or self._finder.places(one))

        return fold_equal(stream, self._engine.duplicates if self._folded else {}, self._finder.node)

    @cached_property
    def of_copies(self) -> int:
        left_out = self.copies.left_out
        node = And((self._finder.node, OfDocuments(frozenset(name for name, _ in left_out))))
        read = self._engine.stream(node) if left_out else ()
        return sum(len(self._finder.places(a)) for a in read if (a.document["document_id"], a.ordinal) in left_out)

    def copies_of(self, place: Occurrence) -> tuple[str, ...] | None:
        """Return the ids of the sections folded into the section of an occurrence; None without folding."""
        if not self._folded:
            return None
        name = (place.stored.document["document_id"], place.stored.ordinal)
        return tuple(section_id(*one) for one in self.copies.copies.get(name, ()))


def _lot(seed: int, place: Occurrence) -> bytes:
    named = f"{seed} {place.start} {place.stored.section_id}".encode("utf-8", "surrogatepass")
    return blake2b(named, digest_size=16).digest()


def _before(place: Occurrence) -> str:
    return reduce(place.stored.text[max(0, place.start - _COMPARED) : place.start])[::-1]


def _behind(place: Occurrence) -> str:
    return reduce(place.stored.text[place.end : place.end + _COMPARED])


def _date(place: Occurrence) -> str | None:
    return when(place.stored.document)


_KEYS: Mapping[str, Callable[[Occurrence], str | None]] = {"left": _before, "right": _behind, "date": _date}


def _line(place: Occurrence, width: int, duplicates: tuple[str, ...] | None) -> KwicLine:
    stored, start, end = place.stored, place.start, place.end
    document: Mapping[str, Any] = stored.document
    text = stored.text
    sentence = None
    if place.sentence is None:
        first = start - _fitting(reversed(text[max(0, start - width) : start]), width)
        last = end + _fitting(iter(text[end : end + width]), width)
    else:
        first, last = place.sentence
        sentence = on_one_line(text[first:last])
    more: tuple[Any, ...] = tuple(document.get(name) for name in _OF_DOCUMENT)
    more += (stored.number, stored.heading, stored.page, sentence)
    return KwicLine(
        document["document_id"],
        stored.section_id,
        document["title"],
        document["region"],
        document["year"],
        start,
        text[first:start],
        text[start:end],
        text[end:last],
        document["type"],
        stored.part,
        stored.path,
        duplicates,
        place.term,
        place.id,
        *more,
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
