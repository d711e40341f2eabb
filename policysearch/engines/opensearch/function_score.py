"""Scoring queries and sort orders."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from policysearch.engines.opensearch.encoding import token
from policysearch.engines.opensearch.query_dsl import MOST_CLAUSES, Query, clauses, containing, phrase_length
from policysearch.engines.scoring import HEADING_FACTOR, K1, B
from policysearch.engines.tree import Term
from policysearch.frozen import frozen

__all__ = ["NOTHING", "Scoring", "clauses_of", "order_of", "pieces", "query_of_term", "scored", "with_scores"]

_SCRIPT = """
double places = _score / params.tokens;
double norm = params.k1 * (1 - params.b + params.b * doc['rounded_length'].value / params.average);
return params.weight * places / (places + norm);
"""


@frozen
class Scoring:
    """The scoring of sections, or documents.

    Attributes:
        groups: Texts found somewhere as typed, each with its weight.
        terms: Terms, each with the groups that contain it; it scores where one of these groups is not found. None
            for a term that always scores.
        average: Average number of words of the sections or documents that have any.
        raising: Texts that raise a section: one that contains more of them ranks above one that contains fewer.
    """

    groups: tuple[tuple[str, float], ...] = ()
    terms: tuple[tuple[Term, tuple[int, ...] | None], ...] = ()
    average: float = 0.0
    raising: tuple[str, ...] = ()


NOTHING = Scoring()


def clauses_of(scoring: Scoring) -> list[Query]:
    """Return all scoring clauses."""
    return _some(scoring, range(len(scoring.groups)), scoring.terms)


def _some(scoring: Scoring, numbers: Sequence[int], terms: Sequence[tuple[Term, Any]]) -> list[Query]:
    """Return the scoring clauses of some groups, given by their numbers, and of some terms."""
    found = [_group(*scoring.groups[number], scoring.average) for number in numbers]
    owned: dict[tuple[int, ...] | None, list[Query]] = {}
    for term, owners in terms:
        one = {"term": {term.field: {"value": token(term.text), "boost": term.weight}}}
        owned.setdefault(owners, []).append(one)
    for owners, some in owned.items():
        if owners is None:
            found += some
        else:
            standing = [containing(scoring.groups[number][0]) for number in owners]
            found.append({"bool": {"should": some, "must_not": [{"bool": {"filter": standing}}]}})
    return found


def _group(text: str, weight: float, average: float) -> Query:
    # if no section has words, all lengths are 0 and any divisor gives 0
    params = {"weight": weight, "tokens": phrase_length(text), "k1": K1, "b": B, "average": average or 1.0}
    return {"script_score": {"query": containing(text), "script": {"source": _SCRIPT, "params": params}}}


def pieces(query: Query, scoring: Scoring) -> Iterator[list[Query]]:
    """Yield the scoring clauses in pieces that fit into one search together with the query; at least one piece."""
    room = max(MOST_CLAUSES // 4, MOST_CLAUSES - clauses(query))
    numbers: list[int] = []
    terms: list[tuple[Term, tuple[int, ...] | None]] = []
    known: set[tuple[int, ...]] = set()
    size = 0
    for one in (*range(len(scoring.groups)), *scoring.terms):
        owners = None if isinstance(one, int) else one[1]
        more = 1 + (len(owners) if owners and owners not in known else 0)
        if size and size + more > room:
            yield _some(scoring, numbers, terms)
            numbers, terms, known, size = [], [], set(), 0
            more = 1 + len(owners or ())
        size += more
        if isinstance(one, int):
            numbers.append(one)
        else:
            terms.append(one)
            if owners:
                known.add(owners)
    yield _some(scoring, numbers, terms)


def query_of_term(term: Term) -> Query:
    """Return the query for entries that contain a term, or a text as typed (the field ``text``)."""
    return containing(term.text) if term.field == "text" else {"term": {term.field: token(term.text)}}


def with_scores(query: Query, scoring: Sequence[Query]) -> Query:
    """Return a query that selects the same entries and scores them by these clauses."""
    return {"bool": {"filter": [query], **({"should": list(scoring)} if scoring else {})}}


def scored(query: Query, scoring: Sequence[Query]) -> Query:
    """Return a query that selects the same sections and scores them, heading-only ones with nearly 0."""
    if not scoring:
        return with_scores(query, scoring)
    headings = {"term": {"only_heading": True}}
    positive = with_scores(query, scoring)
    return {"boosting": {"positive": positive, "negative": headings, "negative_boost": HEADING_FACTOR}}


def order_of(sort: str) -> list[dict[str, Any]]:
    """Return the sort keys of sections, or documents, that precede their ids."""
    if sort == "document":
        return []
    if sort == "score":
        return [{"_score": "desc"}]
    name = sort.removeprefix("-")
    field = name if name == "year" else "when"
    return [{field: {"order": "desc" if sort != name else "asc", "missing": "_last"}}]
