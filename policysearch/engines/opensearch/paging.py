"""All hits of a query in order of ids, a page at a time: memory does not grow with their number."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from policysearch.engines.opensearch.cluster import Cluster
from policysearch.errors import IndexClosedError, IndexUnusableError

__all__ = ["BY_ID", "entries_of", "fetch", "grouped", "pages", "summed_up"]

BY_ID: list[dict[str, Any]] = [{"document_id": "asc"}, {"ordinal": "asc"}]
"""The order of sections by their ids, in which no two are equal."""

_KEPT_OPEN = "5m"
_PATIENCE = 60.0  # seconds in which a cluster that lost a node has to deliver the next page
_GROUPS = 5_000


def pages(
    cluster: Cluster,
    index: str,
    query: Mapping[str, Any],
    sort: Sequence[Any],
    source: Any,
    size: int,
    **more: Any,
) -> Iterator[list[Any]]:
    """Yield all hits of a query, page by page, in a unique order.

    They are read at a point in time. When that is lost, with a node or because
    the reader was slow, a new one serves as well, since a generation does not
    change.
    """
    point = _Point(cluster, index)
    after = None
    try:
        while True:
            body = {"query": query, "sort": list(sort), "size": size, "_source": source, "track_total_hits": False}
            body.update(more)
            if after is not None:
                body["search_after"] = after
            hits = point.search(body)
            if hits:
                yield hits
            if len(hits) < size:
                return
            after = hits[-1]["sort"]
    finally:
        point.close()


class _Point:
    """A point in time, reopened when it is lost."""

    def __init__(self, cluster: Cluster, index: str) -> None:
        self._cluster = cluster
        self._index = index
        self._id: str | None = None

    def search(self, body: Mapping[str, Any]) -> list[Any]:
        end = time.monotonic() + _PATIENCE
        while True:
            try:
                if self._id is None:
                    path = f"/{self._index}/_search/point_in_time"
                    self._id = self._cluster.request("POST", path, keep_alive=_KEPT_OPEN)["pit_id"]
                pit = {"id": self._id, "keep_alive": _KEPT_OPEN}
                # a point lost with its node never comes back: retries do not help
                found = self._cluster.search(self._index, {**body, "pit": pit}, patience=0.0)
                hits: list[Any] = found["hits"]["hits"]
                return hits
            except IndexUnusableError:
                lost, self._id = self._id, None
                if lost is None or time.monotonic() > end:
                    raise
                self._close(lost)
                time.sleep(0.2)

    def close(self) -> None:
        if self._id is not None:
            self._close(self._id)

    def _close(self, point: str) -> None:
        with contextlib.suppress(IndexUnusableError, IndexClosedError):
            path = "/_search/point_in_time"
            self._cluster.request("DELETE", path, {"pit_id": [point]}, patience=0.0, seconds=10.0)


def entries_of(cluster: Cluster, index: str, query: Mapping[str, Any], sort: Sequence[Any]) -> Iterator[str]:
    """Yield the ``_id`` of each entry that a query selects; ``sort`` is a unique order."""
    for hits in pages(cluster, index, query, sort, False, 1_000):
        for hit in hits:
            yield hit["_id"]


def fetch(cluster: Cluster, index: str, names: Sequence[str], source: Sequence[str]) -> list[dict[str, Any] | None]:
    """Return the entries with these ids, in their order; None for a missing one."""
    if not names:
        return []
    # a search reads neighbouring entries together; a multi-get reads each entry separately
    body = {"query": {"ids": {"values": list(names)}}, "size": len(names), "_source": list(source), "sort": ["_doc"]}
    found = cluster.search(index, {**body, "track_total_hits": False})["hits"]["hits"]
    sources = {hit["_id"]: hit["_source"] for hit in found}
    return [sources.get(name) for name in names]


def grouped(cluster: Cluster, index: str, query: Mapping[str, Any]) -> Iterator[tuple[str, int]]:
    """Yield the key of each document with selected sections, and their number, in order of the keys."""
    for bucket in _by_document(cluster, index, query, {}):
        yield bucket["key"]["document"], bucket["doc_count"]


def summed_up(cluster: Cluster, index: str, query: Mapping[str, Any], field: str) -> Iterator[tuple[str, int, int]]:
    """Yield the same, each with the sum of a field of these sections."""
    for bucket in _by_document(cluster, index, query, {"sum": {"sum": {"field": field}}}):
        yield bucket["key"]["document"], bucket["doc_count"], int(bucket["sum"]["value"])


def _by_document(
    cluster: Cluster, index: str, query: Mapping[str, Any], figures: Mapping[str, Any]
) -> Iterator[Mapping[str, Any]]:
    source: dict[str, Any] = {"size": _GROUPS, "sources": [{"document": {"terms": {"field": "document_id"}}}]}
    while True:
        documents = {"composite": source, "aggs": figures}
        body = {"size": 0, "query": query, "track_total_hits": False, "aggs": {"documents": documents}}
        found = cluster.search(index, body)["aggregations"]["documents"]
        yield from found["buckets"]
        if len(found["buckets"]) < _GROUPS:
            return
        source["after"] = found["after_key"]
