"""Numbers of selected sections and documents by the values of fields."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from policysearch.engines.opensearch.paging import grouped
from policysearch.engines.opensearch.query_dsl import both, query_of, superset_of
from policysearch.engines.tree import Node, ValueIn
from policysearch.vocabulary import PARTS

if TYPE_CHECKING:
    from policysearch.engines.opensearch.cluster import Cluster
    from policysearch.engines.protocol import Engine

__all__ = ["Tallies", "tallied"]


class Tallies:
    """Counts documents and their selected sections by the values of fields.

    Attributes:
        found: For each field and each of its values, the numbers of sections and of documents.
    """

    def __init__(self, fields: Sequence[str]) -> None:
        self.found: dict[str, dict[Any, tuple[int, int]]] = {field: {} for field in fields}
        self._own = tuple(field for field in fields if field != "part")

    def document(self, metadata: Mapping[str, Any], sections: int) -> None:
        """Count one more document."""
        for field in self._own:
            if metadata[field] is not None:
                self._add(field, metadata[field], sections)

    def part(self, part: str, sections: int) -> None:
        """Count the sections of one part of one more document."""
        if "part" in self.found:
            self._add("part", part, sections)

    def _add(self, field: str, value: Any, sections: int) -> None:
        known = self.found[field].get(value, (0, 0))
        self.found[field][value] = (known[0] + sections, known[1] + 1)


def tallied(
    engine: Engine, cluster: Cluster, index: str, node: Node, fields: Sequence[str]
) -> dict[str, dict[Any, tuple[int, int]]]:
    """Return, for each field and each of its values, the numbers of selected sections and of their documents.

    ``index`` is the index of sections, whose fields of documents have no values to aggregate.
    """
    tallies = Tallies(fields)
    query, exactly = superset_of(node)
    if not exactly:
        for texts in engine.texts(node):
            tallies.document(texts.document, len(texts.parts))
            for part, sections in Counter(texts.parts).items():
                tallies.part(part, sections)
        return tallies.found
    if set(fields) - {"part"}:
        for metadata, sections in engine.documents(node):
            tallies.document(metadata, sections)
    if "part" in fields:
        for part in PARTS:
            for _, sections in grouped(cluster, index, both([query, query_of(ValueIn("part", frozenset((part,))))])):
                tallies.part(part, sections)
    return tallies.found
