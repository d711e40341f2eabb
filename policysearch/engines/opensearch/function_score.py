"""Queries that score, and orders."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from policysearch.engines.opensearch.encoding import token
from policysearch.engines.opensearch.query_dsl import Query
from policysearch.engines.scoring import HEADING_FACTOR
from policysearch.engines.tree import Term

__all__ = ["order_of", "scored", "with_terms"]


def with_terms(query: Query, terms: Sequence[Term]) -> Query:
    """Return a query that selects the same and scores by terms."""
    if not terms:
        return {"bool": {"filter": [query]}}
    scoring = [{"term": {t.field: {"value": token(t.text), "boost": t.weight}}} for t in terms]
    return {"bool": {"filter": [query], "should": scoring}}


def scored(query: Query, terms: Sequence[Term]) -> Query:
    """Return a query that selects the same sections and scores them; those that are only a heading next to nothing."""
    if not terms:
        return with_terms(query, terms)
    headings = {"term": {"only_heading": True}}
    return {"boosting": {"positive": with_terms(query, terms), "negative": headings, "negative_boost": HEADING_FACTOR}}


def order_of(sort: str) -> list[dict[str, Any]]:
    """Return what sections, or documents, are sorted by before their ids."""
    if sort == "document":
        return []
    if sort == "score":
        return [{"_score": "desc"}]
    name = sort.removeprefix("-")
    falling = sort != name
    field = name if name == "year" else "latest" if falling else "when"
    return [{field: {"order": "desc" if falling else "asc", "missing": "_last"}}]
