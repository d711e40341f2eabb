"""The reading of a query as a citation or as a title."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from policysearch.engines.protocol import Engine
from policysearch.engines.tree import Listed, Node
from policysearch.query.resolution import Resolver
from policysearch.query.syntax import AllOf, Filter, Group, Phrase
from policysearch.search.citable import may_be_title, may_cite, with_article
from policysearch.search.hit_making import ParsedQuery
from policysearch.text.folding import fold

if TYPE_CHECKING:
    from policysearch.search.tiers import NotCited, QueryReader, Tiers
    from policysearch.search.titled import Titled

__all__ = ["read_as_citation"]


def read_as_citation(
    asked: ParsedQuery,
    engine: Engine,
    resolver: Resolver,
    reader: Callable[[], QueryReader],
    narrowing: Callable[[], Callable[[Node], Node]],
) -> Tiers | Titled | NotCited | str | None:
    """Return the tiers of a query of groups and filters only that is a citation or a title, if it may be read so.

    Returns ``NotCited``, or the title, if the index does not have the document.

    Args:
        asked: The query, in the mode ``auto``.
        engine: The open index.
        resolver: Resolves queries in this index.
        reader: Returns the reader of citations, which is loaded only for a query that may be one.
        narrowing: Returns a function that adds the filters of the query to a tree.
    """
    folded = fold(asked.query)
    cites, names = may_cite(folded), may_be_title(folded)
    if not (cites or names):
        return None
    parts = asked.expression.children if isinstance(asked.expression, AllOf) else (asked.expression,)
    groups = [part.text for part in parts if isinstance(part, Group)]
    filtered = any(isinstance(part, Filter) for part in parts)
    if not groups or any(not isinstance(part, (Group, Filter)) for part in parts):
        quoting = groups and all(isinstance(part, (Group, Phrase)) for part in parts)
        if not (names and quoting) or len(asked.query.split()) > 1:
            return None
        # quotes are a part of many titles: 某市“十四五”规划
        title = _titled(asked, engine, resolver, [asked.query.strip()], narrowing(), filtered)
        return None if isinstance(title, str) else title
    article = None if cites else with_article(groups)
    if cites or article:
        from policysearch.search.tiers import Citation, Tiers

        found = reader().read(article or groups)
        if isinstance(found, Citation):
            return Tiers(engine, found, asked.resolved, narrowing())
        if found is not None and not article:
            return found
    return _titled(asked, engine, resolver, groups, narrowing(), filtered) if names else None


def _titled(
    asked: ParsedQuery,
    engine: Engine,
    resolver: Resolver,
    groups: Sequence[str],
    narrowed: Callable[[Node], Node],
    filtered: bool,
) -> Titled | str | None:
    """Return the answer to a query that is a title; if no document has it, the title."""
    from policysearch.search.titles import documents_titled

    text = " ".join(groups)
    documents = documents_titled(engine, resolver, text, whole=len(groups) > 1)
    if documents is None:
        return None
    if filtered:
        starts = ((one, narrowed(Listed(frozenset(((one["document_id"], 1),))))) for one in documents)
        documents = [one for one, start in starts if engine.ids(start)]
    if not documents:
        return text
    from policysearch.search.titled import Titled

    return Titled(engine, text, documents, asked.resolved, narrowed)
