"""What a score is made of, term by term: computed once more, one section or document at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from policysearch.engines import scoring
from policysearch.engines.protocol import TermScore
from policysearch.engines.tree import Term
from policysearch.engines.whoosh.live_segment import LiveSegment
from policysearch.engines.whoosh.ranking import Weighted

__all__ = ["parts"]


def parts(
    lives: Sequence[LiveSegment],
    terms: Sequence[tuple[Term, Weighted]],
    having: dict[str, int],
    place: tuple[int, int] | None,
    documents: bool,
) -> Iterator[TermScore]:
    """Yield what each term adds.

    Args:
        lives: All segments.
        terms: Terms, and the same with their weights settled.
        having: For each field, how many sections (documents) have it.
        place: Which segment, and which of its sections; None for no hit.
        documents: Whether the section's document is what scores.
    """
    for term, weighted in terms:
        document_frequency = sum(_holding(live, term, documents) for live in lives)
        idf = scoring.idf(having[term.field], document_frequency) if document_frequency else 0.0
        if place is None:
            yield TermScore(term, document_frequency, idf, 0, 0, 0.0)
            continue
        live, section = lives[place[0]], place[1]
        frequency = _frequency(live, term, section, documents)
        data = live.data
        norms = data.document_norms[term.field] if documents else data.norms[term.field]
        code = norms[data.document_of(section) if documents else section]
        score = weighted.weight * frequency / (frequency + weighted.norms[code]) if frequency else 0.0
        factor = scoring.HEADING_FACTOR if not documents and section in data.bare else 1.0
        yield TermScore(term, document_frequency, idf, frequency, scoring.LENGTHS[code], score * factor, factor)


def _holding(live: LiveSegment, term: Term, documents: bool) -> int:
    if not documents:
        return live.document_frequency(term.field, term.text)
    found: set[int] = set()
    for _, sections in live.postings(term.field, term.text):
        found |= live.documents_with(sections)
    return len(found)


def _frequency(live: LiveSegment, term: Term, section: int, documents: bool) -> int:
    first, last = section, section + 1
    if documents:
        number = live.data.document_of(section)
        first, last = live.data.first[number], live.data.first[number + 1]
    return sum(
        frequency * sections.range_cardinality(first, last)
        for frequency, sections in live.postings(term.field, term.text)
    )
