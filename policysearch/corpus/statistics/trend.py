"""The first occurrence of a term, and the share of the places that use it, by year."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from policysearch.corpus.counting import count
from policysearch.corpus.counts import Counted, Counts
from policysearch.corpus.groups import GroupSizes
from policysearch.corpus.lexicon import Lexicon
from policysearch.corpus.recent import Recent
from policysearch.corpus.sentences import sentence_at
from policysearch.corpus.statistics.selection import Selection
from policysearch.corpus.statistics.table import Table
from policysearch.corpus.term_dictionary import Terms, dictionary_of
from policysearch.engines.protocol import CountsInSections, Stored, passes
from policysearch.engines.tree import And, Node, when
from policysearch.frozen import asdict, frozen
from policysearch.vocabulary import NATION

if TYPE_CHECKING:
    from policysearch.engines.section_table import SectionTable

__all__ = ["First", "Trend", "TrendRow", "trend"]


@frozen
class First:
    """The first occurrence of a term.

    Attributes:
        first_date: The date of the document, or its year if nothing else is known, which counts as its first day.
        first_documents: Number of documents of this date that contain it.
        first_document_id: The first of these, by id.
        first_title: Its title.
        first_section_id: The first of its sections that contains it.
        first_sentence: The sentence of its first place there; several, if the term goes beyond the end of one.
    """

    first_date: str | None
    first_documents: int | None
    first_document_id: str | None
    first_title: str | None
    first_section_id: str | None
    first_sentence: str | None


_NOWHERE = First(None, None, None, None, None, None)


@frozen
class TrendRow:
    """A term in one year.

    Attributes:
        term: The term, or the concept that combines several.
        year: The year; None for documents without a known year.
        places: Number of places that use it in the documents of the year. None without documents.
        places_in_year: Number of places with documents of the year.
        share: ``places`` divided by ``places_in_year``; None if there are none.
        documents: Number of documents of the year that contain it. None without documents.
        documents_in_year: Number of documents of the year.
        occurrences: Number of its occurrences there. None without documents.
        per_10000: Occurrences per 10,000 Han characters of these documents.
        first: Its first occurrence, in the row of that year; in the others all values are None.
    """

    term: str
    year: int | None
    places: int | None
    places_in_year: int
    share: float | None
    documents: int | None
    documents_in_year: int
    occurrences: int | None
    per_10000: float | None
    first: First


@frozen
class Trend(Table):
    """Rows by term as given, then by year; every year from the first to the last has one, unknown years come last.

    Attributes:
        counts: The count, by year and place.
        terms: The rows.
    """

    counts: Counts
    terms: tuple[TrendRow, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns, as in every output."""
        return (*TrendRow.__match_args__[:-1], *First.__match_args__)

    @property
    def measured(self) -> frozenset[str]:
        """Names of the columns whose None is NA."""
        return frozenset(("places", "share", "documents", "occurrences", "per_10000"))

    @property
    def text_columns(self) -> tuple[str, ...]:
        """Names of the columns in text output."""
        return (*TrendRow.__match_args__[:-1], "first_date", "first_documents", "first_sentence")

    def values(self) -> Sequence[TrendRow]:
        """Return the rows."""
        return self.terms

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield each row as plain values by the names of ``columns``."""
        for one in self.terms:
            fields = asdict(one)
            first = fields.pop("first")
            yield {**fields, **asdict(first)}

    def totals(self) -> dict[str, Any]:
        """Return the totals of the selection as plain values for JSON."""
        found = {name: getattr(self.counts, name) for name in ("documents", "sections", "characters")}
        expanded = {term: list(others) for term, others in self.counts.expanded.items()}
        return {**found, "expanded": expanded} if expanded else found


def trend(selection: Selection, terms: Terms, known: Recent[GroupSizes] | None = None, word: bool = False) -> Trend:
    """Return the spread of terms: the first occurrence of each, and the share of places that use it in each year.

    A place is the region of a document; national documents have none, and count only as documents.

    Args:
        selection: The sections to read.
        terms: As in ``counting.count``.
        known: As in ``counting.count``.
        word: Likewise.

    Raises ``InputError`` for an invalid term.
    """
    dictionary = dictionary_of(terms)
    lexicon = Lexicon(dictionary)
    by, accepts = ("year", "region"), selection.accepting
    counts = count(selection.engine, selection.node, dictionary, by=by, word=word, accepts=accepts, known=known)
    years = sorted({key[0] for key in counts.groups if key[0] is not None})
    shown: list[int | None] = list(range(years[0], years[-1] + 1)) if years else []
    if any(key[0] is None for key in counts.groups):
        shown.append(None)
    groups: dict[int | None, list[tuple[Any, Counted]]] = {}
    for (year, place, _), group in counts.with_one_name_of_each_place().groups.items():
        groups.setdefault(year, []).append((place, group))
    rows = []
    for at, term in enumerate(counts.terms):
        first, year = _first(selection, lexicon, lexicon.owned(at), word)
        for one in shown:
            rows.append(
                _row(term, at, one, groups.get(one, ()), first if first is not None and one == year else _NOWHERE)
            )
    return Trend(counts, tuple(rows))


def _row(term: str, at: int, year: int | None, groups: Sequence[tuple[Any, Counted]], first: First) -> TrendRow:
    if not groups:
        return TrendRow(term, year, None, 0, None, None, 0, None, None, first)
    places = [group.documents_with[at] > 0 for place, group in groups if place not in (None, NATION)]
    times = sum(group.occurrences[at] for _, group in groups)
    characters = sum(group.characters for _, group in groups)
    return TrendRow(
        term,
        year,
        sum(places),
        len(places),
        sum(places) / len(places) if places else None,
        sum(group.documents_with[at] for _, group in groups),
        sum(group.documents for _, group in groups),
        times,
        times * 10_000 / characters if characters else None,
        first,
    )


def _first(selection: Selection, lexicon: Lexicon, rules: Sequence[int], word: bool) -> tuple[First | None, int | None]:
    """Return the first occurrence of one of some terms, and the year of that document."""
    node = And((lexicon.node(word, rules), selection.node))
    by_date: dict[str, list[Mapping[str, Any]]]
    certain = all(lexicon.rules[at].plain for at in rules)  # else a document may have no place that counts
    engine = selection.engine
    if certain and isinstance(engine, CountsInSections) and not (word and lexicon.may_be_inside):
        texts = [lexicon.rules[at].text for at in rules]
        first = _earliest(engine.section_tables(selection.node, selection.accepting), texts)
        if first is None:
            return None, None
        date, many, name = first
        by_date = {date: [stored.document for stored in engine.stored(engine.find_document(name)[:1])]}
    else:
        by_date = {}
        many = 0
        for document, _ in engine.documents(node):
            known = when(document)
            if known is not None and selection.accepts(document):
                by_date.setdefault(known, []).append(document)
    for date in sorted(by_date):
        some = by_date[date]
        places = [_place(selection, node, lexicon, rules, word, one) for one in (some[:1] if certain else some)]
        saying = [(one, place) for one, place in zip(some, places, strict=False) if place is not None]
        if saying:
            document, (section, start, end) = saying[0]
            about = document["document_id"], document["title"], section.section_id
            sentence = sentence_at(section, start, end)
            return First(date, many or len(some if certain else saying), *about, sentence), document["year"]
    return None, None


def _earliest(tables: Iterable[SectionTable], texts: Sequence[str]) -> tuple[str, int, str] | None:
    """Return the first date of documents that contain one of some texts, their number, and the id of the first one."""
    import numpy as np

    found: tuple[str, int, str] | None = None
    for table in tables:
        values, codes = table.column("when")
        documents = np.concatenate([table.documents[table.places(text)[0]] for text in texts])
        of = codes[documents]
        dated = [(values[code], code) for code in np.flatnonzero(np.bincount(of)).tolist() if values[code] is not None]
        if not dated:
            continue
        date, code = min(dated)
        numbers = np.unique(documents[of == code])
        many, name = len(numbers), table.document_id(int(numbers[0]))
        if found is None or date < found[0]:
            found = date, many, name
        elif date == found[0]:
            found = date, found[1] + many, min(found[2], name)
    return found


def _place(
    selection: Selection,
    node: Node,
    lexicon: Lexicon,
    rules: Sequence[int],
    word: bool,
    document: Mapping[str, Any],
) -> tuple[Stored, int, int] | None:
    """Return the first place of some terms in a document: the section, and start and end in its reduced text."""
    for section in selection.engine.stored(selection.engine.find_document(document["document_id"])):
        if passes(node, section):
            spans = lexicon.spans(section.reduced, lambda section=section: section.text, document, word, rules)  # type: ignore[misc]
            if spans:
                return section, *spans[0][:2]
    return None
