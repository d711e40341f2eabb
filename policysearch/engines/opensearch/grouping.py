"""Hits grouped by document: documents in order, each with its best section.

Documents with a selected section are counted by a paged aggregation, which is
exact; their scores as complete texts come from the index of documents; the
best sections of the documents on a page come from a second search in the
index of sections.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from policysearch.engines.opensearch.cluster import Cluster
from policysearch.engines.opensearch.encoding import text_of_key
from policysearch.engines.opensearch.function_score import Scoring, clauses_of, order_of, pieces, scored, with_scores
from policysearch.engines.opensearch.long_queries import is_long, summed
from policysearch.engines.opensearch.mapping import Names, document_key
from policysearch.engines.opensearch.paging import BY_ID, grouped
from policysearch.engines.opensearch.query_dsl import Query, at_least, containing
from policysearch.engines.opensearch.ranking import Key, QueryUnion
from policysearch.engines.protocol import Request, ScoredKey
from policysearch.engines.tree import falling

__all__ = ["grouped_answer"]

_BLOCK = 5_000  # documents ranked by one search
_AT_ONCE = 100  # documents whose best sections one request loads


def grouped_answer(
    cluster: Cluster, names: Names, selection: QueryUnion, request: Request, scoring: Scoring, whole: Scoring
) -> tuple[int, Iterator[ScoredKey]]:
    """Return the number of documents with a selected section, and the requested hits, which are read lazily.

    Sections are scored by ``scoring``, documents by ``whole``.
    """
    grouping = _Grouping(cluster, names, selection, request, scoring, whole)
    sections, raising = grouping.documents()
    stop = None if request.limit is None else request.offset + request.limit
    if stop is not None and request.offset >= min(stop, len(sections)):
        return len(sections), iter(())
    ordered = islice(grouping.in_order(raising, stop), request.offset, stop)

    def hits() -> Iterator[ScoredKey]:
        for block in iter(lambda: list(islice(ordered, _AT_ONCE)), []):
            best = grouping.best_sections([(key, raising[key]) for key, _ in block])
            for key, score in block:
                where = Key(text_of_key(key), best[key])
                yield ScoredKey(where, score + raising[key] * request.exact_boost, sections[key])

    return len(sections), hits()


class _Grouping:
    def __init__(
        self,
        cluster: Cluster,
        names: Names,
        selection: QueryUnion,
        request: Request,
        scoring: Scoring,
        whole: Scoring,
    ) -> None:
        self._cluster = cluster
        self._names = names
        self._selection = selection
        self._by_score = request.sort == "score"
        self._sort = request.sort
        self._scoring = scoring
        self._whole = whole
        self._groups = list(map(containing, scoring.raising))
        self._exact_boost = request.exact_boost
        self._best: dict[str, tuple[float, int]] = {}  # of each document, as far as loaded

    def documents(self) -> tuple[dict[str, int], dict[str, int]]:
        """Return, for each document, its number of selected sections and the most raising groups in one of these.

        In an order other than by score nothing raises a document.
        """
        if any(is_long(query, self._scoring) for query in self._selection.queries):
            sections, raising = self._summed()
            return sections, raising if self._by_score else dict.fromkeys(sections, 0)
        sections = {}
        for query in self._selection.queries:
            for key, count in grouped(self._cluster, self._names.sections, query):
                sections[key] = sections.get(key, 0) + count
        raising = dict.fromkeys(sections, 0)
        for least in range(1, len(self._groups) + 1 if self._by_score else 1):
            for query in self._selection.queries:
                exact = at_least(query, self._groups, least)
                raising.update((key, least) for key, _ in grouped(self._cluster, self._names.sections, exact))
        return sections, raising

    def _summed(self) -> tuple[dict[str, int], dict[str, int]]:
        sections: dict[str, int] = {}
        raising: dict[str, int] = {}
        for query in self._selection.queries:
            for one in summed(self._cluster, self._names.sections, query, self._scoring):
                key = one.document_id
                sections[key] = sections.get(key, 0) + 1
                raising[key] = max(raising.get(key, 0), one.raising)
                place = (-one.score - one.raising * self._exact_boost, one.ordinal)
                self._best[key] = min(self._best.get(key, place), place)
        return sections, raising

    def in_order(self, raising: dict[str, int], count: int | None) -> Iterator[tuple[str, float]]:
        """Yield the documents in order, each with its score as a complete text; at least the first ``count``."""
        if self._sort == "document":
            yield from ((key, 0.0) for key in sorted(raising))
            return
        for least in range(len(self._groups), -1, -1):
            keys = [key for key, most in raising.items() if most == least]
            blocks = [keys[at : at + _BLOCK] for at in range(0, len(keys), _BLOCK)]
            # blocks are merged by the sort keys of the index: position, then key
            yield from ((key, score) for _, key, score in heapq.merge(*(self._documents(b, count) for b in blocks)))

    def _documents(self, keys: Sequence[str], count: int | None) -> Iterator[tuple[Any, str, float]]:
        """Yield the first ``count`` of at most ``_BLOCK`` documents, in order."""
        query: Query = {"ids": {"values": [document_key(text_of_key(key)) for key in keys]}}
        parts = list(pieces(query, self._whole))
        size = len(keys) if count is None or len(parts) > 1 else min(count, len(keys))
        scores: dict[str, float] = {}
        for scores_of in parts:
            body = {
                "query": with_scores(query, scores_of),
                "sort": [*order_of(self._sort), *BY_ID[:1]],
                "size": size,
                "_source": False,
                "stored_fields": "_none_",
                "track_total_hits": False,
            }
            hits = [hit["sort"] for hit in self._cluster.search(self._names.documents, body)["hits"]["hits"]]
            if not self._by_score:
                yield from ((self._place(first), key, 0.0) for first, key in hits)
                return
            for score, key in hits:
                scores[key] = scores.get(key, 0.0) + score
        yield from sorted((-score, key, score) for key, score in scores.items())

    def _place(self, first: Any) -> tuple[Any, ...]:
        if first is None:
            return (1,)
        if not self._sort.startswith("-"):
            return (0, first)
        return (0, falling(first) if isinstance(first, str) else -first)

    def best_sections(self, documents: Sequence[tuple[str, int]]) -> dict[str, int]:
        """Return the ordinal of each document's best selected section, among those with the most groups as typed.

        Ordered by score, documents are given with this number of groups; otherwise it is found here.
        """
        if self._best:
            return {key: self._best[key][1] for key, _ in documents}
        searches = []
        numbers = []
        known = {most for _, most in documents}
        for least in sorted(known) if self._by_score else range(len(self._groups) + 1):
            keys = [key for key, most in documents if most == least or not self._by_score]
            for query in self._selection.queries:
                exact = at_least(query, self._groups, least)
                within = {"bool": {"filter": [exact, {"terms": {"document_id": keys}}]}}
                body = {
                    "query": scored(within, clauses_of(self._scoring)),
                    "sort": [*order_of("score"), *BY_ID],
                    "size": len(keys),
                    "collapse": {"field": "document_id"},
                    "_source": False,
                    "track_total_hits": False,
                }
                searches.append((self._names.sections, body))
                numbers.append(least)
        best: dict[str, tuple[int, float, int]] = {}
        for least, answer in zip(numbers, self._cluster.searches(searches), strict=True):
            for hit in answer["hits"]["hits"]:
                score, key, ordinal = hit["sort"]
                one = (-least, -score, ordinal)
                best[key] = min(best.get(key, one), one)
        return {key: ordinal for key, (*_, ordinal) in best.items()}
