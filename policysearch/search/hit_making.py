"""Creation of the hits of queries, stage by stage: sections, snippets, hits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, Any

from policysearch.engines.protocol import Engine, ScoredKey, Stored, passes, section_id
from policysearch.engines.tree import Node
from policysearch.frozen import frozen, replace
from policysearch.query.resolution import Resolved
from policysearch.query.syntax import Expression
from policysearch.search.hits import Hit, Hits, make_hit
from policysearch.search.options import SearchOptions
from policysearch.search.snippets import Snippets

if TYPE_CHECKING:
    from policysearch.search.tiers import Tiers
    from policysearch.search.titled import Titled

__all__ = ["HitMaker", "ParsedQuery", "QueryReading"]

_AT_ONCE = 10  # hits of one query that are created together
_TOGETHER = 80  # those of several; with many more, the garbage collector takes longer


@frozen
class ParsedQuery:
    """A parsed query.

    Attributes:
        query: The query as typed.
        options: The options of the search.
        expression: The parsed query, filters included.
        mode: The matching mode: ``all``, ``any`` or ``exact``.
        resolved: The query tree in this mode.
        literally: The query tree in the mode ``exact``.
        may_relax: Whether to fall back from ``all`` to ``any`` when nothing is found.
        tiers: The tiers of the answer, if the query is a citation or a title.
    """

    query: str
    options: SearchOptions
    expression: Expression
    mode: str
    resolved: Resolved
    literally: Node
    may_relax: bool
    tiers: Tiers | Titled | None = None


@frozen
class QueryReading:
    """A reading of a query.

    Attributes:
        read_as: The value of ``read_as`` in outputs.
        relaxed: Whether ``all`` found nothing and ``any`` was used instead.
        all_words: For a question, the number of sections (documents) that contain all its words.
        remarks: Notices on cited documents.
        in_vain: Whether ``any`` found nothing either.
    """

    read_as: Mapping[str, Any] | None = None
    relaxed: bool = False
    all_words: int | None = None
    remarks: tuple[str, ...] = ()
    in_vain: bool = False


class HitMaker:
    """Creates the hits of queries on one open index.

    Args:
        engine: The index.
        superseded: The id of each superseded document, and that of the version that superseded it.
    """

    def __init__(self, engine: Engine, superseded: Mapping[str, str]) -> None:
        self._engine = engine
        self._superseded = superseded

    def of_one(self, asked: ParsedQuery, found: Iterable[ScoredKey]) -> Iterator[tuple[Hit, Stored]]:
        """Yield the hits of a query, each with its section; ten are created at a time."""
        rank, ahead = asked.options.offset + 1, iter(found)
        while some := list(islice(ahead, _AT_ONCE)):
            yield from self._created([(asked, rank, some)])[0]
            rank += len(some)

    def of_several(self, several: Sequence[tuple[Hits, ParsedQuery, Iterable[ScoredKey]]]) -> list[Iterator[Hit]]:
        """Return the hits of each of several queries, lazily; those of queries with few hits are created together."""
        hits: list[Iterator[Hit]] = []
        group: list[tuple[ParsedQuery, Iterable[ScoredKey]]] = []
        size = 0
        for found, asked, keys in several:
            count = found.total if asked.options.limit is None else min(found.total, asked.options.limit)
            if size + count > _TOGETHER:
                hits += self._together(group)
                group, size = [], 0
            group.append((asked, keys))
            size += count
        return hits + self._together(group)

    def _together(self, group: Sequence[tuple[ParsedQuery, Iterable[ScoredKey]]]) -> list[Iterator[Hit]]:
        """Return the hits of each query of a group: as soon as the first hit is taken, all are created."""
        if len(group) == 1:  # it may have many
            return [(hit for hit, _ in self.of_one(*group[0]))]

        @cache
        def created() -> list[list[tuple[Hit, Stored]]]:
            return self._created([(asked, asked.options.offset + 1, list(keys)) for asked, keys in group])

        def taken(number: int) -> Iterator[Hit]:
            for hit, _ in created()[number]:
                yield hit

        return list(map(taken, range(len(group))))

    def _created(
        self, several: Sequence[tuple[ParsedQuery, int, Sequence[ScoredKey]]]
    ) -> list[list[tuple[Hit, Stored]]]:
        """Return the hits of several queries, each with its section, given the rank of each query's first hit.

        Each stage of the work is done for all of them before the next one, which is faster (cache locality).
        """
        stored = [self._engine.stored([one.key for one in found]) for _, _, found in several]
        excerpts = []
        for (asked, _, _), sections in zip(several, stored, strict=True):
            snippets = Snippets(asked.resolved.marker, whole=asked.options.full)
            excerpts.append([snippets.of(section.shown) for section in sections])
        hits = []
        for (asked, first, found), sections, own in zip(several, stored, excerpts, strict=True):
            literally = None if asked.literally == asked.resolved.node else asked.literally
            grouped, fold = asked.options.grouped, asked.options.duplicates == "fold"
            of_query = []
            for rank, (one, section, excerpt) in enumerate(zip(found, sections, own, strict=True), first):
                exact = literally is None or passes(literally, section)
                copies = tuple([name if grouped else section_id(name, at) for name, at in one.copies]) if fold else None
                later = self._superseded.get(section.document["document_id"])
                held = one.sections if grouped else None
                hit = make_hit(rank, one.score, held, exact, copies, section, *excerpt, later)
                label = None if asked.tiers is None else asked.tiers.label_of(section)
                of_query.append((replace(hit, cited=label) if label else hit, section))
            hits.append(of_query)
        return hits
