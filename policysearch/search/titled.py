"""The answer to a query that is a title: the beginning of the document, and the sections with all words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
from typing import Any

from policysearch.engines.protocol import Answer, Engine, Request
from policysearch.engines.tree import And, Listed, Node, OfDocuments, Or
from policysearch.frozen import replace
from policysearch.query.resolution import Resolved
from policysearch.search.options import SearchOptions
from policysearch.search.raised import Raised, SectionName, step_above
from policysearch.text.shell import pasted

__all__ = ["Titled"]


class Titled(Raised):
    """The union that answers a title: the first sections of the documents that it means, then the words.

    Attributes:
        resolved: The query with the union as its tree.

    Args:
        engine: The open index.
        text: The title as typed.
        documents: The metadata of the documents that it means, the most likely first.
        resolved: The query in the mode ``all``.
        narrowed: Adds the filters to a tree.
    """

    def __init__(
        self,
        engine: Engine,
        text: str,
        documents: Sequence[Mapping[str, Any]],
        resolved: Resolved,
        narrowed: Callable[[Node], Node],
    ) -> None:
        self._engine = engine
        self._text = text
        duplicates = engine.duplicates
        own: dict[SectionName, str] = {}
        equal: dict[SectionName, SectionName] = {}
        first: dict[str, str] = {}
        self._distinct: list[str] = []
        for document in documents:
            document_id = document["document_id"]
            original = duplicates.get(document_id, document_id)
            if original in first:
                continue
            copies = sorted({original, *(name for name, of in duplicates.items() if of == original)})
            first[original] = copies[0]
            self._distinct.append(copies[0])
            own |= dict.fromkeys(((name, 1) for name in copies), "version" if own else "self")
            equal |= {(name, 1): (copies[0], 1) for name in copies[1:]}
        super().__init__(own, equal.items(), step_above(resolved))
        self.resolved = replace(resolved, node=self.union(resolved.node, narrowed))

    def union(self, words: Node, narrowed: Callable[[Node], Node]) -> Node:
        """Return the tree of the answer, given that of the words and a function that adds the filters to a tree."""
        return Or((narrowed(Listed(frozenset(self.own))), words))

    @property
    def read_as(self) -> Mapping[str, Any]:
        """The value of ``read_as`` in outputs."""
        taken = self._distinct[0]
        return {"kind": "citation", "document_id": taken, "section_ids": [f"{taken}#1"], "numbers": []}

    def remarks(self) -> tuple[str, ...]:
        """Return a notice of the other documents that the title may mean."""
        if len(self._distinct) < 2:
            return ()
        taken, *others = map(pasted, self._distinct)
        several = f"'{self._text}' fits {len(self._distinct)} documents; taken as {taken}."
        return (f"{several} Also: {', '.join(others)}",)

    def answer(self, options: SearchOptions) -> Answer:
        """Return one page of the union."""
        node, resolved = self.resolved.node, self.resolved
        fold = options.duplicates == "fold"
        scoring: dict[str, Any] = {"groups": resolved.groups, "exact_boost": resolved.exact_boost}
        scoring |= {"sort": options.sort, "group": options.group, "fold": fold}
        if options.sort != "score" or options.limit == 0:
            return self._engine.search(Request(node, **scoring, limit=options.limit, offset=options.offset))
        ids = frozenset(name for name, _ in self.own)
        own = And((node, OfDocuments(ids) if options.grouped else Listed(frozenset(self.own))))
        raised = {hit.key: hit for hit in self._engine.search(Request(own, **scoring, limit=None)).hits}
        first = []
        for key, hit in raised.items():
            name = (self._engine.name(key)[0], 1)
            score = hit.score + self.steps(name) * self.step
            first.append((-score, name, hit._replace(key=self._engine.find_document(name[0])[0], score=score)))
        first.sort(key=itemgetter(0, 1))
        stop = None if options.limit is None else options.offset + options.limit + len(first)
        union = self._engine.search(Request(node, **scoring, limit=stop))
        hits = (*(hit for *_, hit in first), *(hit for hit in union.hits if hit.key not in raised))
        last = None if options.limit is None else options.offset + options.limit
        return Answer(union.total, hits[options.offset : last], union.folded)
