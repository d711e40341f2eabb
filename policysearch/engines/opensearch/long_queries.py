"""Scores of queries that are too long for one search: searched in pieces whose scores are added here.

OpenSearch allows about a thousand clauses per search. A paragraph pasted as a
query has more words and bigrams than that. Each piece is searched over all
selected sections, in order of ids, and the results are read in parallel.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from policysearch.engines.opensearch.cluster import Cluster
from policysearch.engines.opensearch.function_score import Scoring, pieces, scored
from policysearch.engines.opensearch.paging import BY_ID, pages
from policysearch.engines.opensearch.query_dsl import MOST_CLAUSES, Query, clauses, containing
from policysearch.errors import IndexUnusableError

__all__ = ["Summed", "is_long", "summed"]

_MOST_GROUPS = 8  # raising groups whose combinations are searched one number after the other
_AT_ONCE = 2_000


class Summed(NamedTuple):
    """A section with its score.

    Attributes:
        document_id: The document's key.
        ordinal: Its number in the document.
        score: The sum over all groups and terms, in 64 bits.
        raising: Number of the raising groups that it contains as typed.
    """

    document_id: str
    ordinal: int
    score: float
    raising: int


def is_long(query: Query, scoring: Scoring) -> bool:
    """Return whether a query is too long for one search."""
    raising = len(scoring.raising)
    owners = {owned for _, owned in scoring.terms if owned}
    size = len(scoring.groups) + len(scoring.terms) + sum(map(len, owners)) + 2 * raising
    return raising > _MOST_GROUPS or clauses(query) + size > MOST_CLAUSES


def summed(cluster: Cluster, index: str, query: Query, scoring: Scoring) -> Iterator[Summed]:
    """Yield all sections that a query selects, in order of their ids, with their scores."""
    asked = [scored(query, some) for some in pieces(query, scoring)]
    many = len(asked)
    room = max(MOST_CLAUSES // 4, MOST_CLAUSES - clauses(query))
    for at in range(0, len(scoring.raising), room):
        counted = [{"constant_score": {"filter": containing(text)}} for text in scoring.raising[at : at + room]]
        asked.append({"bool": {"filter": [query], "should": counted}})
    for hits in zip(*(_hits(cluster, index, one) for one in asked), strict=True):
        document_id, ordinal = hits[0]["sort"]
        if any(hit["sort"] != hits[0]["sort"] for hit in hits):
            raise IndexUnusableError("The cluster returned different hits for the same query. Run the command again.")
        score = sum(hit["_score"] for hit in hits[:many])
        yield Summed(document_id, ordinal, score, round(sum(hit["_score"] for hit in hits[many:])))


def _hits(cluster: Cluster, index: str, query: Query) -> Iterator[Mapping[str, Any]]:
    for hits in pages(cluster, index, query, BY_ID, False, _AT_ONCE, track_scores=True):
        yield from hits
