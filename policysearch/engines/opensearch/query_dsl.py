"""Translation of a query tree to OpenSearch's query DSL."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, TypeAlias

from policysearch.engines.opensearch.encoding import all_grams, first_of_gram, key, keyword, token
from policysearch.engines.opensearch.mapping import FILTERS, section_key
from policysearch.engines.protocol import may_begin_in_number
from policysearch.engines.tree import (
    And,
    Contains,
    Listed,
    MatchAll,
    Node,
    Not,
    OfDocuments,
    Or,
    Range,
    ValueIn,
    Verified,
)

__all__ = [
    "MOST_CLAUSES",
    "Query",
    "at_least",
    "both",
    "clauses",
    "containing",
    "decided",
    "either",
    "none_of",
    "phrase_length",
    "query_of",
    "superset_of",
]

Query: TypeAlias = "dict[str, Any]"

_NOTHING: Query = {"match_none": {}}
_ALL: Query = {"match_all": {}}
MOST_CLAUSES = 1_000
"""Maximum number of clauses of one search; OpenSearch's default limit is 1,024."""

_MOST_VALUES = 10_000  # in one list; OpenSearch's limit is 65,536


def decided(node: Node) -> bool:
    """Return whether the index alone decides a tree, without verification on the texts."""
    match node:
        case Verified() | Contains(_, _, True):
            return False
        case Contains(text, "heading"):
            return not may_begin_in_number(text)  # only headings are indexed, without numbers
        case And(children) | Or(children):
            return all(map(decided, children))
        case Not(child):
            return decided(child)
        case _:
            return True


def query_of(node: Node, wanted: bool = True) -> Query:
    """Return the query that selects what ``node`` selects; a superset where texts must be verified.

    ``wanted`` is false below a ``Not``: there a subset gives the superset.
    """
    match node:
        case Contains(text, "heading") if may_begin_in_number(text):
            return _contains(text, "text") if wanted else _NOTHING
        case Contains(text, field, whole):
            return _contains(text, field) if wanted or not whole else _NOTHING
        case MatchAll():
            return _ALL
        case And(children):
            kept = [query_of(child, wanted) for child in children if not isinstance(child, Not)]
            left_out = [query_of(child.child, not wanted) for child in children if isinstance(child, Not)]
            return both(kept, left_out)
        case Or(children):
            return either([query_of(child, wanted) for child in children])
        case Not(child):
            return none_of([query_of(child, not wanted)])
        case ValueIn("part", values):
            return _one_of("part", sorted(values))
        case ValueIn(field, values):
            return _one_of(field, [k for one in sorted(values) if (k := keyword(one)) is not None])
        case Range(field, low, high):
            return _between(field, low, high)
        case OfDocuments(document_ids):
            return either([{"terms": {"document_id": some}} for some in _lists(sorted(map(key, document_ids)))])
        case Listed(names):
            return either([{"ids": {"values": some}} for some in _lists(sorted(section_key(*one) for one in names))])
        case Verified(candidates, _):
            return query_of(candidates, wanted) if wanted else _NOTHING


def clauses(query: Query) -> int:
    """Return the number of clauses of a query, as OpenSearch counts them."""
    inner = query.get("bool")
    if inner is None:
        return 1
    lists = (inner[name] for name in ("filter", "must_not", "should") if name in inner)
    return sum(clauses(one) for some in lists for one in some)


def superset_of(node: Node) -> tuple[Query, bool]:
    """Return a query that selects at least what ``node`` selects, and whether it selects exactly that."""
    query = query_of(node)
    if clauses(query) <= MOST_CLAUSES // 2:
        return query, decided(node)
    grams = _needed(node)
    return (_ALL if grams is None else {"terms": {"text": sorted(grams)}}), False


def _needed(node: Node) -> frozenset[str] | None:
    """Return bigrams of which each selected section contains at least one, or None when there are none such."""
    match node:
        case Contains(text, "text" | "heading") if len(text) > 1:
            return frozenset(all_grams(text[:2], end=False))
        case And(children):
            return next((found for child in children if (found := _needed(child)) is not None), None)
        case Or(children):
            every = list(map(_needed, children))
            known = [one for one in every if one is not None]
            return frozenset().union(*known) if len(known) == len(every) else None
        case Verified(candidates, _):
            return _needed(candidates)
        case _:
            return None


def containing(text: str) -> Query:
    """Return the query for sections, or documents, that contain a text.

    Its score is the number of places of the text, overlapping ones included, times ``phrase_length(text)``: Lucene adds
    the similarity of each token.
    """
    return _contains(text, "text")


def phrase_length(text: str) -> int:
    """Return the number of tokens in the phrase query for a text."""
    return max(1, len(text) - 1)


def _contains(text: str, field: str) -> Query:
    if len(text) == 1 and field == "text":
        return {"term": {"characters": token(text)}}
    if len(text) == 1:
        return {"prefix": {field: {"value": first_of_gram(text)}}}
    grams = all_grams(text, end=False)
    if len(grams) == 1:
        return {"term": {field: {"value": grams[0]}}}
    return {"match_phrase": {field: {"query": " ".join(grams)}}}


def _one_of(field: str, values: Sequence[str]) -> Query:
    if not values or (field != "part" and field not in FILTERS):
        return _NOTHING
    return either([{"terms": {field: some}} for some in _lists(values)])


def _lists(values: Sequence[str]) -> list[Sequence[str]]:
    return [values[at : at + _MOST_VALUES] for at in range(0, len(values), _MOST_VALUES)]


def _between(field: str, low: int | str | None, high: int | str | None) -> Query:
    limits: dict[str, int | str] = {}
    if low is not None:
        limits["gte"] = low if field == "year" else str(low)
    if high is not None:
        # an upper bound covers all dates that start with it: digits and hyphens sort before ~
        limits["lte"] = high if field == "year" else f"{high}~"
    return {"range": {field: limits}} if limits else {"exists": {"field": field}}


def both(kept: Sequence[Query], left_out: Sequence[Query] = ()) -> Query:
    """Return the conjunction of some queries, without the entries of others."""
    flat: list[Query] = []
    for one in kept:
        inner = one.get("bool", {})
        # nested queries count towards OpenSearch's depth limit
        if set(inner) == {"filter"}:
            flat += inner["filter"]
        elif one != _ALL:
            flat.append(one)
    if not left_out:
        return flat[0] if len(flat) == 1 else {"bool": {"filter": flat}} if flat else _ALL
    return {"bool": {"filter": flat or [_ALL], "must_not": list(left_out)}}


def either(queries: Sequence[Query]) -> Query:
    """Return the disjunction of queries."""
    flat: list[Query] = []
    for one in queries:
        inner = one.get("bool", {})
        flat += inner["should"] if set(inner) == {"should", "minimum_should_match"} else [one]
    if len(flat) < 2:
        return flat[0] if flat else _NOTHING
    return {"bool": {"should": flat, "minimum_should_match": 1}}


def none_of(queries: Sequence[Query]) -> Query:
    """Return the query for entries that none of the queries selects."""
    return both([], queries)


def at_least(query: Query, groups: Iterable[Query], least: int) -> Query:
    """Return the query for entries that match at least ``least`` of some groups."""
    if not least:
        return query
    return {"bool": {"filter": [query], "should": list(groups), "minimum_should_match": least}}
