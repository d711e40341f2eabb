"""Ranked sections: searched in parts that Lucene can sort, which are concatenated here.

Lucene adds scores as 32-bit floats, in which the boost of a group found as
typed (which exceeds the sum of all scores) would leave too few digits for the
rest. So the sections with the most groups as typed are searched first, then
those with one less, and so on; the boost is added here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from heapq import merge
from itertools import islice
from typing import Any

from policysearch.engines.opensearch.cluster import Cluster
from policysearch.engines.opensearch.encoding import text_of_key
from policysearch.engines.opensearch.external_sort import first_of
from policysearch.engines.opensearch.function_score import Scoring, clauses_of, order_of, scored
from policysearch.engines.opensearch.long_queries import is_long, summed
from policysearch.engines.opensearch.mapping import Names, section_key
from policysearch.engines.opensearch.paging import BY_ID
from policysearch.engines.opensearch.query_dsl import Query, at_least, both, containing
from policysearch.engines.protocol import Request, ScoredKey, Stored
from policysearch.engines.tree import falling
from policysearch.errors import IndexUnusableError
from policysearch.frozen import frozen

__all__ = ["BLOCK", "HitPage", "Key", "QueryUnion", "queries_of", "ranked_answer", "verified_answer"]

_AT_ONCE = 1_000
BLOCK = 100
"""Number of sections whose contents one request loads."""

_NAMES = 5_000


@frozen
class QueryUnion:
    """The selected sections: the union of queries that select disjoint sets."""

    queries: tuple[Query, ...]


def queries_of(sections: Iterable[tuple[str, int]]) -> Iterator[Query]:
    """Yield queries that together select these sections, given by document and ordinal, in the order given."""
    names = (section_key(*one) for one in sections)
    for block in iter(lambda: list(islice(names, _NAMES)), []):
        yield {"ids": {"values": block}}


class Key:
    """A section's id with the page of hits that it is on, since these are usually needed next.

    Attributes:
        document_id: The document's id.
        ordinal: The section's number there, from 1.
        page: The hits loaded with it.
    """

    __slots__ = ("document_id", "ordinal", "page")

    def __init__(self, document_id: str, ordinal: int, page: HitPage | None = None) -> None:
        self.document_id = document_id
        self.ordinal = ordinal
        self.page = page

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Key) and (self.document_id, self.ordinal) == (other.document_id, other.ordinal)

    def __hash__(self) -> int:
        return hash((self.document_id, self.ordinal))

    def __repr__(self) -> str:
        return f"Key({self.document_id!r}, {self.ordinal})"


class HitPage:
    """Hits whose contents are loaded on demand, block by block; the last block is cached.

    It refers to the hits by name: a reference cycle of keys and pages would keep the contents of many pages in memory.
    """

    def __init__(self, keys: Sequence[Key], load: Callable[[Sequence[tuple[str, int]]], list[Stored]]) -> None:
        self._names = [(key.document_id, key.ordinal) for key in keys]
        self._places = {name: i for i, name in enumerate(self._names)}
        self._load = load
        self._block: tuple[int, list[Stored]] = (-1, [])

    def get(self, key: Key) -> Stored:
        """Return the contents of one of the hits."""
        place = self._places[key.document_id, key.ordinal]
        number = place // BLOCK
        kept, block = self._block
        if kept != number:
            block = self._load(self._names[number * BLOCK : (number + 1) * BLOCK])
            self._block = number, block
        return block[place % BLOCK]


def ranked_answer(
    cluster: Cluster, names: Names, selection: QueryUnion, request: Request, scoring: Scoring
) -> tuple[int, Iterator[ScoredKey]]:
    """Return the number of selected sections, and the requested hits, which are read lazily."""
    stop = _stop(request)
    if any(is_long(query, scoring) for query in selection.queries):
        return _summed_answer(cluster, names, selection.queries, request, scoring, stop)
    total, parts = _parts(cluster, names, selection, request, scoring, stop)
    # with the most groups as typed first
    best = (
        ScoredKey(Key(text_of_key(document_id), ordinal), score + raising * request.exact_boost)
        for raising, lists in parts.items()
        for _, score, document_id, ordinal in merge(*lists)
    )
    return total, islice(best, request.offset, stop) if stop is None or request.offset < stop else iter(())


def verified_answer(
    cluster: Cluster, names: Names, sections: Iterable[tuple[str, int]], request: Request, scoring: Scoring
) -> tuple[int, Iterator[ScoredKey]]:
    """Return the same as ``ranked_answer`` for sections that were verified one by one.

    They are scored as they arrive. Their order is known only after the last
    one; many of them are sorted on disk.
    """
    stop = _stop(request)
    queries = queries_of(sections)
    if is_long({"ids": {"values": []}}, scoring):
        return _summed_answer(cluster, names, queries, request, scoring, stop)
    total = 0

    def found() -> Iterator[tuple[int, tuple[Any, ...], float]]:
        nonlocal total
        for query in queries:
            count, parts = _parts(cluster, names, QueryUnion((query,)), request, scoring, stop)
            total += count
            for raising, (hits,) in parts.items():
                for place, score, _, _ in islice(hits, stop):
                    yield -raising, place, score

    hits = (
        ScoredKey(Key(text_of_key(document_id), ordinal), score - less * request.exact_boost)
        for less, (*_, document_id, ordinal), score in first_of(found(), stop)
    )
    return total, islice(hits, request.offset, None)


def _stop(request: Request) -> int | None:
    return None if request.limit is None else request.offset + request.limit


def _parts(
    cluster: Cluster, names: Names, selection: QueryUnion, request: Request, scoring: Scoring, stop: int | None
) -> tuple[int, dict[int, list[Iterator[_Hit]]]]:
    """Return the number of selected sections, and the hits of each query by number of raising groups."""
    groups = list(map(containing, scoring.raising))
    size = _AT_ONCE if stop is None else min(stop, _AT_ONCE)
    asked = []
    for raising in range(len(groups), -1, -1):
        for query in selection.queries:
            part = at_least(query, groups, raising)
            if raising < len(groups):
                part = both([part], [at_least({"match_all": {}}, groups, raising + 1)])
            asked.append((raising, _Hits(cluster, names.sections, part, request.sort, scoring, size)))
    answers = cluster.searches([(names.sections, hits.first) for _, hits in asked])
    total = 0
    parts: dict[int, list[Iterator[_Hit]]] = {}
    for (raising, hits), answer in zip(asked, answers, strict=True):
        total += answer["hits"]["total"]["value"]
        parts.setdefault(raising, []).append(hits.beginning(answer))
    return total, parts


def _summed_answer(
    cluster: Cluster, names: Names, queries: Iterable[Query], request: Request, scoring: Scoring, stop: int | None
) -> tuple[int, Iterator[ScoredKey]]:
    total = 0

    def found() -> Iterator[tuple[float, str, int]]:
        nonlocal total
        for query in queries:
            for one in summed(cluster, names.sections, query, scoring):
                total += 1
                yield -one.score - one.raising * request.exact_boost, one.document_id, one.ordinal

    best = first_of(found(), stop)
    hits = (ScoredKey(Key(text_of_key(document_id), ordinal), -score) for score, document_id, ordinal in best)
    return total, islice(hits, request.offset, None)


_Hit = tuple[Any, float, str, int]  # sort key, score, the document's key, ordinal


class _Hits:
    """The sections of one query in order, loaded lazily."""

    def __init__(self, cluster: Cluster, index: str, query: Query, sort: str, scoring: Scoring, size: int) -> None:
        self._cluster = cluster
        self._index = index
        self._size = size
        self._sort = sort
        self.first: dict[str, Any] = {
            "query": scored(query, clauses_of(scoring)),
            "sort": [*order_of(sort), *BY_ID],
            "size": size,
            "_source": False,
            "stored_fields": "_none_",
            "track_total_hits": True,
        }

    def beginning(self, answer: Mapping[str, Any]) -> Iterator[_Hit]:
        """Yield all hits; ``answer`` has the first page.

        Raises ``IndexUnusableError`` when their number differs from the total, as when a copy of a shard was lost
        and another one, which adds scores in another order, served the next pages.
        """
        total = answer["hits"]["total"]["value"]
        read = 0
        while True:
            hits = answer["hits"]["hits"]
            read += len(hits)
            for hit in hits:
                *first, document_id, ordinal = hit["sort"]
                score = first[0] if self._sort == "score" else 0.0
                yield (*self._place(first), document_id, ordinal), score, document_id, ordinal
            if not hits or len(hits) < self._size:
                if read != total and self._size:
                    raise IndexUnusableError(
                        f"The cluster returned {read} of {total} hits, because it changed meanwhile. Run it again."
                    )
                return
            body = {**self.first, "search_after": hits[-1]["sort"], "track_total_hits": False, "size": _AT_ONCE}
            self._size = _AT_ONCE
            answer = self._cluster.search(self._index, body)

    def _place(self, first: Sequence[Any]) -> tuple[Any, ...]:
        if not first:
            return ()
        (one,) = first
        if one is None:
            return (1,)
        if self._sort == "score" or self._sort == "-year":
            return (0, -one)
        return (0, falling(one) if self._sort == "-date" else one)
