"""A query and an index to hits."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, TypeVar

from policysearch.engines.protocol import Answer, Engine, Request, ScoredKey
from policysearch.engines.tree import MatchAll, Node, Term
from policysearch.errors import QueryError
from policysearch.frozen import frozen, replace
from policysearch.query.filters import with_filters
from policysearch.query.parser import literal, parse
from policysearch.query.passages import CANDIDATES, SHARE, WORDS_OF_A_QUESTION, best_passage
from policysearch.query.resolution import Resolved, Resolver
from policysearch.query.syntax import AllOf, Expression, Group, clean
from policysearch.search.hits import Hit, HitId, Hits, View, make_hit
from policysearch.search.snippets import Snippets
from policysearch.vocabulary import GROUPS, MATCH_MODES, PLACES, SORTS

if TYPE_CHECKING:
    from policysearch.search.explanation import Explanation, HitExplanation

__all__ = ["Searcher"]

T = TypeVar("T")

_AT_ONCE = 10


@frozen
class _Asked:
    """A query as it is understood.

    Attributes:
        mode: How it is matched: ``all``, ``any`` or ``exact``.
        resolved: What an engine is asked for in this mode.
        may_relax: Whether ``any`` takes the place of ``all`` where that finds nothing.

    The rest as in ``Searcher.search``.
    """

    query: str
    expression: Expression
    mode: str
    resolved: Resolved
    may_relax: bool
    limit: int | None
    offset: int
    sort: str
    group: str
    explain: bool


class Searcher:
    """Answers queries from one open generation of an index."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    @cached_property
    def _resolver(self) -> Resolver:
        analysis = self.engine.description["analysis"]
        cutter: Callable[[str], list[str]] | None = None

        def cut(reduced: str) -> list[str]:
            nonlocal cutter
            if cutter is None:
                from policysearch.text.analyzer import QueryAnalyzer
                from policysearch.text.dictionary import UserWord

                words = (UserWord(word, frequency) for word, frequency in analysis["user_words"])
                cutter = QueryAnalyzer(analysis["fingerprint"], words).cut
            return cutter(reduced)

        return Resolver(lru_cache(4096)(cut), lru_cache(64)(self.engine.values), self.engine.description["sections"])

    def prepare(self) -> None:
        """Load now what the first of many queries would wait for."""
        from policysearch.text.dictionary import finalseg

        self.engine.prepare()
        finalseg()
        self._resolver.cut("的")

    def search(
        self,
        query: str,
        *,
        limit: int | None = 10,
        offset: int = 0,
        match: str = "auto",
        exact: bool = False,
        sort: str = "score",
        group: str = "section",
        filters: Mapping[str, Sequence[str]] | None = None,
        explain: bool = False,
    ) -> Hits:
        """Return the sections that ``query`` asks for, best first.

        Args:
            query: In the query language; with ``exact``, a phrase to be taken literally.
            limit: How many hits at most; None for all.
            offset: How many of the first hits to leave out.
            match: ``auto``, ``all``, ``any`` or ``exact``.
            exact: Whether the whole query is one phrase.
            sort: One of ``vocabulary.SORTS``.
            group: ``section`` or ``document``.
            filters: Values for any of ``vocabulary.FILTERS``, as strings; several values of one mean either.
            explain: Whether to say how the query was read and what the scores are made of.

        Raises ``QueryError`` for a query or a filter that cannot be understood.
        """
        found, hits = self._shown(
            *self._found(
                self._understood(
                    query,
                    limit=limit,
                    offset=offset,
                    match=match,
                    exact=exact,
                    sort=sort,
                    group=group,
                    filters=filters,
                    explain=explain,
                )
            )
        )
        return replace(found, hits=tuple(hits))

    def search_lazily(self, query: str, **options: Any) -> tuple[Hits, Iterator[Hit]]:
        """Do as ``search``, but give the hits apart, one at a time, so that memory does not grow with them."""
        return self._shown(*self._found(self._understood(query, **options)))

    def search_names(self, query: str, **options: Any) -> tuple[Hits, Iterator[HitId]]:
        """Do as ``search``, but give only the scores and ids of hits, one at a time: many times as fast."""
        return self._named(*self._found(self._understood(query, **options)))

    def search_several(
        self, queries: Iterable[tuple[str, Mapping[str, Any]]], named: bool = False
    ) -> list[tuple[Hits, Iterator[Any]] | QueryError]:
        """Do as ``search_lazily``, or ``search_names``, for several queries, each with its own options.

        A query or a filter that cannot be understood gives its error. All
        queries are read, then all are answered; so a batch takes seven eighths
        of the time, because the code of a step and what it needs are still in
        the processor's caches when the next query comes to it.
        """
        understood = [self._understood_or_error(query, options) for query, options in queries]
        answered = [one if isinstance(one, QueryError) else self._found(one) for one in understood]
        handed_on = self._named if named else self._shown
        return [one if isinstance(one, QueryError) else handed_on(*one) for one in answered]

    def _handed_on(self, hits: Iterator[T]) -> Iterator[T]:
        """Return hits that are made later, as they are taken."""
        return hits

    def _understood_or_error(self, query: str, options: Mapping[str, Any]) -> _Asked | QueryError:
        try:
            return self._understood(query, **options)
        except QueryError as error:
            return error

    def _understood(
        self,
        query: str,
        *,
        limit: int | None = 10,
        offset: int = 0,
        match: str = "auto",
        exact: bool = False,
        sort: str = "score",
        group: str = "section",
        filters: Mapping[str, Sequence[str]] | None = None,
        explain: bool = False,
    ) -> _Asked:
        if match not in MATCH_MODES or sort not in SORTS or group not in GROUPS:
            raise ValueError(f"unknown match {match!r}, sort {sort!r} or group {group!r}")
        expression = with_filters(literal(query) if exact else parse(query), filters or {})
        mode = "exact" if exact else "all" if match == "auto" else match
        resolved = self._resolver.resolve(expression, mode)
        may_relax = match == "auto" and not exact
        return _Asked(query, expression, mode, resolved, may_relax, limit, offset, sort, group, explain)

    def _found(self, asked: _Asked) -> tuple[Hits, _Asked, Iterable[ScoredKey]]:
        """Return what is found but for the hits, how that was asked for in the end, and the hits by their keys."""
        answer = self._answer(asked)
        relaxed = False
        if not answer.total and asked.may_relax:
            wider = replace(asked, mode="any", resolved=self._resolver.resolve(asked.expression, "any"))
            if wider.resolved.node != asked.resolved.node:
                asked, answer, relaxed = wider, self._answer(wider), True
        suggestion = self._suggestion(asked.query, asked.expression) if relaxed else None
        hits, explanation = answer.hits, None
        if asked.explain:
            hits = tuple(hits)  # which are gone through twice
            explanation = self._explanation(asked, [ranked.key for ranked in hits])
        return Hits(asked.query, asked.mode, relaxed, answer.total, (), suggestion, explanation), asked, hits

    def _named(self, found: Hits, asked: _Asked, hits: Iterable[ScoredKey]) -> tuple[Hits, Iterator[HitId]]:
        ranks = enumerate(hits, start=asked.offset + 1)
        names = (HitId(rank, one.score, *self.engine.name(one.key)) for rank, one in ranks)
        return found, self._handed_on(names)

    def _shown(self, found: Hits, asked: _Asked, hits: Iterable[ScoredKey]) -> tuple[Hits, Iterator[Hit]]:
        ranks = enumerate(hits, start=asked.offset + 1)
        made = self._hits(ranks, asked.group == "document", Snippets(asked.resolved.marker))
        return found, self._handed_on(made)

    def _hits(self, ranks: Iterator[tuple[int, ScoredKey]], grouped: bool, snippets: Snippets) -> Iterator[Hit]:
        # a step for several hits, then the next, as in ``search_several``
        while some := list(islice(ranks, _AT_ONCE)):
            stored = self.engine.stored(one.key for _, one in some)
            excerpts = [snippets.of(section.shown) for section in stored]
            for (rank, one), section, excerpt in zip(some, stored, excerpts, strict=True):
                yield make_hit(rank, one.score, one.sections if grouped else None, section, *excerpt)

    def selection(self, where: str | None = None, filters: Mapping[str, Sequence[str]] | None = None) -> Node:
        """Return the sections that a query, taken as ``match="all"``, and filters select; all without either.

        Raises ``QueryError`` for a query or a filter that cannot be understood.
        """
        expression = with_filters(AllOf(()) if where is None else parse(where), filters or {})
        if expression == AllOf(()):
            return MatchAll()
        return self._resolver.resolve(expression, "all").node

    def show(self, name: str) -> View | None:
        """Return the section or the document with this id, None when there is none."""
        keys = self.engine.find_document(name)
        if keys:
            return View(tuple(self.engine.stored(keys)), one=False)
        document, _, ordinal = name.rpartition("#")
        keys = self.engine.find_document(document)
        if not (keys and ordinal.isascii() and ordinal.isdigit() and 1 <= int(ordinal) <= len(keys)):
            return None
        at = int(ordinal) - 1
        if ordinal != str(at + 1):
            return None
        return View(tuple(self.engine.stored([keys[at]])), one=True)

    def _answer(self, asked: _Asked) -> Answer:
        resolved, limit, offset = asked.resolved, asked.limit, asked.offset
        request = Request(
            resolved.node, resolved.terms, resolved.exact, resolved.exact_boost, limit, offset, asked.sort, asked.group
        )
        if asked.sort == "score" and offset < CANDIDATES and _is_question(resolved):
            return self._with_passages(request)
        return self.engine.search(request)

    def _with_passages(self, request: Request) -> Answer:
        """Answer a request with its best hits put in order once more, by their best passages.

        The same hits are looked at whatever page is asked for, so that pages
        fit together.
        """
        limit, offset = request.limit, request.offset
        stop = None if limit is None else max(CANDIDATES, offset + limit)
        answer = self.engine.search(replace(request, limit=stop, offset=0, weights=True))
        terms = [(t.text, w) for t, w in zip(request.terms, answer.weights, strict=True) if w]
        first = []
        hits = iter(answer.hits)
        for ranked in islice(hits, CANDIDATES):
            reduced = self.engine.reduced(ranked.key, request.group)
            exact = request.exact_boost * (ranked.score // request.exact_boost)
            more = SHARE * best_passage(reduced, terms, ranked.score - exact)
            first.append(ranked._replace(score=ranked.score + more))
        first.sort(key=lambda ranked: -ranked.score)
        page = islice(chain(first, hits), offset, None if limit is None else offset + limit)
        return replace(answer, hits=page)

    def _explanation(self, asked: _Asked, keys: Sequence[Any]) -> Explanation:
        from policysearch.search.explanation import Explanation, words_of

        resolved, group, scored = asked.resolved, asked.group, asked.sort == "score"
        terms = resolved.terms if scored else ()
        words = words_of(asked.expression, resolved.words)
        weights = self.engine.explain(None, terms, "section")
        settled = [(part.term.text, part.idf * part.term.weight) for part in weights if part.document_frequency]
        with_passage = scored and _is_question(resolved)
        hits = tuple(
            self._explained(key, resolved, terms, group, settled if with_passage and rank < CANDIDATES else None)
            for rank, key in enumerate(keys, asked.offset)
        )
        if group == "document":
            weights = self.engine.explain(None, terms, group)
        return Explanation(asked.expression, words, weights, hits)

    def _explained(
        self,
        key: Any,
        resolved: Resolved,
        terms: Sequence[Term],
        group: str,
        passage_terms: Sequence[tuple[str, float]] | None,
    ) -> HitExplanation:
        """Return what a hit's score is made of; ``passage_terms`` where the best passage counts."""
        from policysearch.search.explanation import HitExplanation

        (stored,) = self.engine.stored([key])
        parts = self.engine.explain(key, terms, group)
        exact = tuple(node.text for node in resolved.exact if terms and node.text in stored.reduced)
        passage = 0.0
        if passage_terms is not None:
            whole = sum(part.score for part in parts)
            passage = SHARE * best_passage(self.engine.reduced(key, group), passage_terms, whole)
        return HitExplanation(stored.section_id, parts, exact, len(exact) * resolved.exact_boost, passage)

    def _suggestion(self, query: str, expression: Expression) -> str | None:
        """Return the query with filters for the groups that are a place or a year of the index."""
        parts = expression.children if isinstance(expression, AllOf) else ()
        # positions are those of the cleaned query; filters that were options have none
        text = clean(query)
        at = 0
        pieces = []
        for part in parts:
            field = self._field_of_group(part) if isinstance(part, Group) else None
            if field and isinstance(part, Group):
                pieces += [text[at : part.position], field, ":"]
                at = part.position
        return "".join([*pieces, text[at:]]).strip() if pieces else None

    def _field_of_group(self, group: Group) -> str | None:
        text = group.reduced
        year = text.removesuffix("年")
        if len(year) == 4 and year.isascii() and year.isdigit():
            return "year" if int(year) in self._resolver.field_values("year") else None
        for field in PLACES:
            if self._resolver.filter_values(field, group.text):
                return field
        return None


def _is_question(resolved: Resolved) -> bool:
    """Tell whether a query is long enough to be ranked by passages too."""
    return sum(term.field == "words" for term in resolved.terms) >= WORDS_OF_A_QUESTION
