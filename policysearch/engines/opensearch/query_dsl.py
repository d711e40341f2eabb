"""A query tree to a query of OpenSearch, and to a test of one section."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, TypeAlias

from policysearch.engines.opensearch.encoding import all_grams, first_of_gram, keyword, token
from policysearch.engines.opensearch.mapping import FILTERS
from policysearch.engines.tree import And, Contains, MatchAll, Node, Not, Or, Range, ValueIn, Verified

__all__ = [
    "MOST_CLAUSES",
    "Query",
    "both",
    "clauses",
    "decided",
    "either",
    "held_at_least",
    "none_of",
    "places_of",
    "query_of",
    "superset_of",
    "tokens_of",
]

Query: TypeAlias = "dict[str, Any]"

_NOTHING: Query = {"match_none": {}}
_ALL: Query = {"match_all": {}}
MOST_CLAUSES = 1_000
"""Of one search; OpenSearch ends at 1,024, unless it is told otherwise."""

_MOST_VALUES = 10_000  # in one list; OpenSearch ends at 65,536


def decided(node: Node) -> bool:
    """Tell whether the engine decides a tree by itself, without a look at the texts."""
    match node:
        case Verified():
            return False
        case And(children) | Or(children):
            return all(map(decided, children))
        case Not(child):
            return decided(child)
        case _:
            return True


def query_of(node: Node, wanted: bool = True) -> Query:
    """Return the query that selects what ``node`` selects; a superset where texts must be looked at.

    ``wanted`` is false below a ``Not``: there a subset makes the superset.
    """
    match node:
        case Contains(text, field):
            return _contains(text, field)
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
        case Verified(candidates, _):
            return query_of(candidates, wanted) if wanted else _NOTHING


def clauses(query: Query) -> int:
    """Return how many clauses a query has, as OpenSearch counts them."""
    inner = query.get("bool")
    if inner is None:
        return 1
    lists = (inner[name] for name in ("filter", "must_not", "should") if name in inner)
    return sum(clauses(one) for some in lists for one in some)


def superset_of(node: Node) -> tuple[Query, bool]:
    """Return a query that selects at least what ``node`` selects, and whether that is all it selects."""
    query = query_of(node)
    if clauses(query) <= MOST_CLAUSES // 2:
        return query, decided(node)
    grams = _needed(node)
    return (_ALL if grams is None else {"terms": {"text": sorted(grams)}}), False


def _needed(node: Node) -> frozenset[str] | None:
    """Return bigrams of which each selected section holds at least one; None where there are no such ones."""
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


def places_of(text: str) -> Query:
    """Return the query for sections, or documents, that have a text.

    It scores at how many places they have it, overlapping ones too, times ``tokens_of(text)``: Lucene adds up what a
    similarity says of each token.
    """
    return _contains(text, "text")


def tokens_of(text: str) -> int:
    """Return by how many tokens a text is found."""
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
    lists = [values[at : at + _MOST_VALUES] for at in range(0, len(values), _MOST_VALUES)]
    return either([{"terms": {field: some}} for some in lists])


def _between(field: str, low: int | str | None, high: int | str | None) -> Query:
    limits: dict[str, int | str] = {}
    if low is not None:
        limits["gte"] = low if field == "year" else str(low)
    if high is not None:
        # a bound covers all that it begins: digits and hyphens come before ~
        limits["lte"] = high if field == "year" else f"{high}~"
    return {"range": {field: limits}} if limits else {"exists": {"field": field}}


def both(kept: Sequence[Query], left_out: Sequence[Query] = ()) -> Query:
    """Return the query for what all of some queries select, and none of others."""
    flat: list[Query] = []
    for one in kept:
        inner = one.get("bool", {})
        # brackets within brackets cost depth, of which there is not much
        if set(inner) == {"filter"}:
            flat += inner["filter"]
        elif one != _ALL:
            flat.append(one)
    if not left_out:
        return flat[0] if len(flat) == 1 else {"bool": {"filter": flat}} if flat else _ALL
    return {"bool": {"filter": flat or [_ALL], "must_not": list(left_out)}}


def either(queries: Sequence[Query]) -> Query:
    """Return the query for what some of the queries select."""
    flat: list[Query] = []
    for one in queries:
        inner = one.get("bool", {})
        flat += inner["should"] if set(inner) == {"should", "minimum_should_match"} else [one]
    if len(flat) < 2:
        return flat[0] if flat else _NOTHING
    return {"bool": {"should": flat, "minimum_should_match": 1}}


def none_of(queries: Sequence[Query]) -> Query:
    """Return the query for what none of the queries selects."""
    return both([], queries)


def held_at_least(query: Query, groups: Iterable[Query], least: int) -> Query:
    """Return the query for what holds at least so many of some groups."""
    if not least:
        return query
    return {"bool": {"filter": [query], "should": list(groups), "minimum_should_match": least}}
