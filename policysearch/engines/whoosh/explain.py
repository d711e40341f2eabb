"""Explanation of a score, term by term: recomputed for one section or document."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from policysearch.engines import scoring
from policysearch.engines.protocol import TermScore
from policysearch.engines.tree import Term
from policysearch.engines.whoosh.live_segment import LiveSegment
from policysearch.engines.whoosh.ranking import Weighted, Weights

__all__ = ["parts"]


def parts(
    lives: Sequence[LiveSegment],
    weights: Weights,
    named: Sequence[tuple[Term, Weighted]],
    document_frequency: Sequence[int],
    idfs: Sequence[float],
    place: tuple[int, int] | None,
    documents: bool,
) -> Iterator[TermScore]:
    """Yield the score of each group as typed, then of each term. A term replaced by its group has frequency 0.

    Args:
        lives: All segments.
        weights: The weighted groups and terms.
        named: These groups and terms, in this order, each with the term that names it.
        document_frequency: For each of these, the number of sections (documents) that contain it.
        idfs: The inverse document frequency of each.
        place: A segment and the number of a section in it; None without a hit.
        documents: Whether to score the section's document instead of the section.
    """
    having: list[bool] = []
    owners = [None] * len(weights.groups) + list(weights.owners)
    for (term, one), held, idf, of in zip(named, document_frequency, idfs, owners, strict=True):
        if place is None:
            yield TermScore(term, held, idf, 0, 0, 0.0)
            continue
        live, section = lives[place[0]], place[1]
        frequency = _frequency(live, term, section, documents)
        if term.field == "text":
            having.append(frequency > 0)
        elif of is not None and all(having[i] for i in of):
            frequency = 0
        data = live.data
        norms = data.document_norms[one.field] if documents else data.norms[one.field]
        code = norms[data.document_of(section) if documents else section]
        score = one.weight * frequency / (frequency + one.norms[code]) if frequency else 0.0
        factor = scoring.HEADING_FACTOR if not documents and section in data.bare else 1.0
        yield TermScore(term, held, idf, frequency, scoring.LENGTHS[code], score * factor, factor)


def _frequency(live: LiveSegment, term: Term, section: int, documents: bool) -> int:
    first, last = section, section + 1
    if documents:
        number = live.data.document_of(section)
        first, last = live.data.first[number], live.data.first[number + 1]
    if term.field == "text":
        places = live.places(term.text)
        return sum(places.get(s, 0) for s in range(first, last))
    return sum(
        frequency * sections.range_cardinality(first, last)
        for frequency, sections in live.postings(term.field, term.text)
    )
