"""The searcher: evaluates queries on an index and returns hits."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property, lru_cache, partial
from typing import TYPE_CHECKING, Any, TypeVar

from policysearch.engines.protocol import Answer, Engine, Request, ScoredKey, Stored, passes, section_id
from policysearch.engines.tree import And, MatchAll, Node, Not, OfDocuments
from policysearch.errors import InputError, QueryError
from policysearch.frozen import replace
from policysearch.query.filters import FilterValues, with_filters
from policysearch.query.marking import Marker
from policysearch.query.parser import expanded_names, literal, parse
from policysearch.query.parser import parse_plain as as_it_is
from policysearch.query.resolution import WORDS_OF_A_QUESTION, Resolved, Resolver, typed_groups
from policysearch.query.syntax import AllOf, Expression, Filter, Group
from policysearch.search.hit_making import HitMaker, ParsedQuery, QueryReading
from policysearch.search.hits import Hit, HitId, Hits, Match, View, prepare_hits
from policysearch.search.options import SearchOptions
from policysearch.search.readings import read_as_citation

if TYPE_CHECKING:
    from policysearch.query.marking import Marker
    from policysearch.search.facets import Facets
    from policysearch.search.naming import Named
    from policysearch.search.tiers import NotCited, QueryReader, Tiers
    from policysearch.search.titled import Titled

__all__ = ["Searcher"]

T = TypeVar("T")

_DEFAULTS = SearchOptions()


class Searcher:
    """Answers queries from one open generation of an index; names may be paths of sources if it ``reads_paths``."""

    reads_paths = True

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

        return Resolver(
            lru_cache(4096)(cut),
            lru_cache(64)(self.engine.values),
            self.engine.description["sections"],
            lru_cache(16)(self._in_force),
        )

    def _in_force(self, when: str) -> Node:
        from policysearch.search.in_force import latest, on_day

        if when in ("true", "false"):
            return latest(self.engine) if when == "true" else Not(latest(self.engine))
        return on_day(self.engine, when)

    def prepare(self) -> None:
        """Load in advance the libraries for which the first of many queries would wait."""
        from policysearch.text.dictionary import finalseg

        self.engine.prepare()
        finalseg()
        prepare_hits()
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
        filters: Mapping[str, FilterValues] | None = None,
        explain: bool = False,
        count_exact: bool = True,
        word: bool = False,
        plain: bool = False,
        duplicates: str = "fold",
        facets: Sequence[str] = (),
        full: bool = False,
    ) -> Hits:
        """Return the sections that match ``query``, best first.

        Args:
            query: A query in the query language; with ``exact``, a literal phrase. With filters or facets it may be
                empty: then all sections match that the filters select.
            limit: Maximum number of hits; None for all. For this and the other options see ``SearchOptions``.

        Raises ``QueryError`` for a malformed query or filter value, ``InputError`` for an invalid option.
        """
        options = SearchOptions(
            *(limit, offset, match, exact, sort, group, filters, explain, count_exact, word, plain, duplicates, facets),
            full=full,
        )
        found, hits = self._shown(*self._found(self._understood(query, options)))
        return replace(found, hits=tuple(hits))

    def search_lazily(self, query: str, options: SearchOptions = _DEFAULTS) -> tuple[Hits, Iterator[Hit]]:
        """Like ``search``, but return the hits as a lazy iterator, so that memory does not grow with them."""
        return self._shown(*self._found(self._understood(query, options)))

    def search_matches(
        self, query: str, options: SearchOptions = _DEFAULTS
    ) -> tuple[Hits, Iterator[tuple[Hit, tuple[Match, ...]]]]:
        """Like ``search_lazily``, but yield each hit with all its matches, left to right, not overlapping."""
        found, asked, hits = self._found(self._understood(query, options))
        marker = asked.resolved.marker
        return found, self._handed_on(
            (hit, _matches(marker, stored)) for hit, stored in self._hit_maker.of_one(asked, hits)
        )

    def search_names(self, query: str, options: SearchOptions = _DEFAULTS) -> tuple[Hits, Iterator[HitId]]:
        """Like ``search``, but return only the scores and ids of hits, as a lazy iterator: many times as fast."""
        return self._named(*self._found(self._understood(query, options)))

    def ids(
        self,
        query: str,
        *,
        match: str = "auto",
        exact: bool = False,
        group: str = "section",
        filters: Mapping[str, FilterValues] | None = None,
        word: bool = False,
        plain: bool = False,
        duplicates: str = "show",
    ) -> list[str]:
        """Return the ids of all sections, or documents, that ``search`` finds, in order: no scores and no hits."""
        options = SearchOptions(0, 0, match, exact, "document", group, filters, False, False, word, plain, duplicates)
        node = self._found(self._understood(query, options))[1].resolved.node
        if duplicates == "fold":
            request = Request(node, limit=None, sort="document", group=group, fold=True)
            names = [self.engine.name(hit.key) for hit in self.engine.search(request).hits]
            return [name if options.grouped else section_id(name, at) for name, at in names]
        ids = self.engine.ids(node)
        return list(dict.fromkeys(one.rpartition("#")[0] for one in ids)) if options.grouped else ids

    def search_several(
        self, queries: Iterable[tuple[str, SearchOptions]], named: bool = False
    ) -> list[tuple[Hits, Iterator[Any]] | QueryError]:
        """Like ``search_lazily``, or ``search_names``, for several queries, each with its own options.

        A malformed query or filter yields its error. Queries are processed
        stage by stage rather than one by one, about 20 % faster (cache
        locality), and so are their hits.
        """
        understood = [self._understood_or_error(query, options) for query, options in queries]
        answered = [one if isinstance(one, QueryError) else self._found(one) for one in understood]
        if named:
            return [one if isinstance(one, QueryError) else self._named(*one) for one in answered]
        hits = iter(self._hit_maker.of_several([one for one in answered if not isinstance(one, QueryError)]))
        return [one if isinstance(one, QueryError) else (one[0], self._handed_on(next(hits))) for one in answered]

    def _handed_on(self, hits: Iterator[T]) -> Iterator[T]:
        """Wrap a lazy iterator of hits."""
        return hits

    def _understood_or_error(self, query: str, options: SearchOptions) -> ParsedQuery | QueryError:
        try:
            return self._understood(query, options)
        except QueryError as error:
            return error

    def _understood(self, query: str, options: SearchOptions) -> ParsedQuery:
        options.refuse_unknown()
        read = literal if options.exact else as_it_is if options.plain else parse
        alone = not query.strip() and bool(options.filters or options.facets) and not options.exact
        return self._parsed(query, options, with_filters(AllOf(()) if alone else read(query), options.filters or {}))

    def _parsed(self, query: str, options: SearchOptions, expression: Expression) -> ParsedQuery:
        """Return a query with its expression, resolved."""
        mode = "exact" if options.exact else "all" if options.match == "auto" else options.match
        resolved = self._resolved(expression, mode, options)
        literally = resolved.node if resolved.exact else self._node(expression, "exact", options)
        may_relax = options.match == "auto" and not options.exact
        return ParsedQuery(query, options, expression, mode, resolved, literally, may_relax)

    def _read(self, asked: ParsedQuery) -> tuple[ParsedQuery, Answer, QueryReading]:
        """Return the query as finally answered, the answer, and how the query was read."""
        cited = self._cited(asked)
        missing: str | None = None
        remarks: tuple[str, ...] = ()
        if isinstance(cited, str):
            missing = cited
        elif cited is not None:
            from policysearch.search.raised import Raised

            if isinstance(cited, Raised):
                asked = replace(asked, tiers=cited, resolved=cited.resolved)
                return asked, cited.answer(asked.options), QueryReading(cited.read_as, remarks=cited.remarks())
            from policysearch.search.tiers import unknown

            remarks = (f"{unknown(cited)}; read as words.",)
        read_as: Mapping[str, Any] | None = None
        all_words: int | None = None
        relaxed = in_vain = False
        if asked.may_relax and self._is_question(asked):
            read_as = {"kind": "question"}
            all_words = self._total(asked.resolved.node, asked.options.group)
            asked = replace(asked, mode="any", resolved=self._as_any(asked))
            answer = self._answer(asked)
        else:
            answer = self._answer(asked)
            if not answer.total and asked.may_relax:
                wider = replace(asked, mode="any", resolved=self._as_any(asked))
                if wider.resolved.node != asked.resolved.node:
                    some = self._answer(wider)
                    relaxed, in_vain = some.total > 0, not some.total
                    if relaxed:
                        asked, answer = wider, some
        if missing is not None and (in_vain or asked.mode == "any" or missing.endswith("政府工作报告")):
            remarks = (f"No document is called '{missing}'; read as words.",)
        return asked, answer, QueryReading(read_as, relaxed, all_words, remarks, in_vain)

    def _found(self, asked: ParsedQuery) -> tuple[Hits, ParsedQuery, Iterable[ScoredKey]]:
        """Return the result without hits, the query as finally answered, and the keys of the hits."""
        asked, answer, reading = self._read(asked)
        suggestion: str | None = None
        suggested: int | None = None
        if (asked.mode == "any" or reading.in_vain) and asked.may_relax and not asked.options.plain:
            suggestion, suggested = self._suggested(asked)
        total_exact: int | None = None
        if asked.options.count_exact:
            total_exact = answer.total
            if asked.literally != asked.resolved.node:
                total_exact = self._total(asked.literally, asked.options.group)
        hits, explanation = answer.hits, None
        if asked.options.explain:
            hits = tuple(hits)  # iterated over twice
            from policysearch.search.explanation import explained

            told = asked.resolved if asked.options.sort == "score" else replace(asked.resolved, groups=())
            tiers = asked.tiers if asked.options.sort == "score" else None
            keys = [ranked.key for ranked in hits]
            explanation = explained(self.engine, asked.expression, told, keys, asked.options.group, tiers)
        found = Hits(
            asked.query,
            asked.mode,
            reading.relaxed,
            answer.total,
            (),
            total_exact,
            answer.total - answer.folded,
            reading.read_as,
            reading.all_words,
            typed_groups(asked.expression),
            suggestion,
            explanation,
            self._facets(asked, reading.all_words) if asked.options.facets else None,
            expanded_names(asked.expression),
            reading.remarks,
            suggested,
        )
        return found, asked, hits

    def _facets(self, asked: ParsedQuery, all_words: int | None) -> Facets:
        """Count the answer by the values of fields; for a question, the sections with all its words, if any."""
        from policysearch.search.facets import facets

        mode = "all" if all_words else asked.mode

        def node(expression: Expression) -> Node:
            if expression == asked.expression and mode == asked.mode:
                return asked.resolved.node
            words = self._node(expression, mode, asked.options)
            return (
                words if asked.tiers is None else asked.tiers.union(words, self._narrowing(expression, asked.options))
            )

        return facets(self.engine, asked.expression, mode, asked.options.facets, node)

    def _suggested(self, asked: ParsedQuery) -> tuple[str | None, int | None]:
        """Return the query with filters instead of places and years, and its number of hits; None if it has none."""
        from policysearch.search.rewriting import rewritten

        try:
            suggestion = rewritten(asked.query, asked.expression, self._resolver)
        except QueryError:  # with the names of the fields it is longer than a query may be
            return None, None
        total = self._total_of(suggestion, asked.options) if suggestion is not None else 0
        return (suggestion, total) if total else (None, None)

    def _total_of(self, query: str, options: SearchOptions) -> int:
        """Return the number of hits that a query has with some options; 0 for a malformed one."""
        try:
            return self._total_read(self._understood(query, options))
        except QueryError:
            return 0

    def _total_with(self, asked: ParsedQuery) -> Callable[[Expression], int]:
        """Return a function for the number of hits of a query with another expression."""
        return lambda expression: self._total_read(self._parsed(asked.query, asked.options, expression))

    def _total_read(self, asked: ParsedQuery) -> int:
        """Return the number of hits of a query as it is finally read."""
        return self._read(replace(asked, options=replace(asked.options, limit=0, offset=0)))[1].total

    @cached_property
    def _query_reader(self) -> QueryReader:
        from policysearch.search.tiers import QueryReader

        return QueryReader(self.engine, paths=self.reads_paths)

    def _cited(self, asked: ParsedQuery) -> Tiers | Titled | NotCited | str | None:
        """Return the reading of a query as a citation or a title; see ``readings.read_as_citation``."""
        if not asked.may_relax:
            return None
        narrowing = partial(self._narrowing, asked.expression, asked.options)
        return read_as_citation(asked, self.engine, self._resolver, lambda: self._query_reader, narrowing)

    def _narrowing(self, expression: Expression, options: SearchOptions) -> Callable[[Node], Node]:
        """Return a function that adds the filters of a query to a tree."""
        filters = tuple(part for part in _parts(expression) if isinstance(part, Filter))
        if filters:
            selected = self._node(AllOf(filters), "all", options)
            return lambda node: And((node, selected))
        return self._without_copies if options.duplicates == "hide" else lambda node: node

    def _as_any(self, asked: ParsedQuery) -> Resolved:
        return self._resolved(asked.expression, "any", asked.options, asked=True)

    def _resolved(self, expression: Expression, mode: str, options: SearchOptions, asked: bool = False) -> Resolved:
        resolved = self._resolver.resolve(expression, mode, options.word, asked)
        if options.duplicates == "hide":
            return replace(resolved, node=self._without_copies(resolved.node))
        return resolved

    def _node(self, expression: Expression, mode: str, options: SearchOptions) -> Node:
        node = self._resolver.node(expression, mode, options.word)
        return self._without_copies(node) if options.duplicates == "hide" else node

    def _without_copies(self, node: Node) -> Node:
        """Return a tree that selects the same, without documents with the same text as another."""
        return And((node, Not(OfDocuments(self._copies)))) if self._copies else node

    @cached_property
    def _copies(self) -> frozenset[str]:
        return frozenset(self.engine.duplicates)

    @cached_property
    def _hit_maker(self) -> HitMaker:
        groups = self.engine.description.get("versions", ())
        superseded = {name: later for group in groups for name, _, later in group if later is not None}
        return HitMaker(self.engine, superseded)

    def _total(self, node: Node, group: str) -> int:
        return self.engine.search(Request(node, limit=0, group=group)).total

    def _is_question(self, asked: ParsedQuery) -> bool:
        """Return whether a query of groups and filters only contains a group that is a question.

        Such a group has five different words or more, and occurs nowhere as typed
        under the given filters.
        """
        parts = _parts(asked.expression)
        groups = [part for part in parts if isinstance(part, Group)]
        if len(groups) + sum(isinstance(part, Filter) for part in parts) < len(parts):
            return False
        filters = tuple(part for part in parts if isinstance(part, Filter))
        for group in groups:
            words = {one.texts for one in self._resolver.requirements(group) if one.is_word}
            if len(words) < WORDS_OF_A_QUESTION:
                continue
            typed = self._node(AllOf((group, *filters)), "exact", asked.options)
            if not self._total(typed, "section"):
                return True
        return False

    def _named(self, found: Hits, asked: ParsedQuery, hits: Iterable[ScoredKey]) -> tuple[Hits, Iterator[HitId]]:
        ranks = enumerate(hits, start=asked.options.offset + 1)
        names = (HitId(rank, one.score, *self.engine.name(one.key)) for rank, one in ranks)
        return found, self._handed_on(names)

    def _shown(self, found: Hits, asked: ParsedQuery, hits: Iterable[ScoredKey]) -> tuple[Hits, Iterator[Hit]]:
        return found, self._handed_on(hit for hit, _ in self._hit_maker.of_one(asked, hits))

    def selection(
        self,
        where: str | None = None,
        filters: Mapping[str, FilterValues] | None = None,
        word: bool = False,
        duplicates: str = "show",
    ) -> Node:
        """Return the tree of the sections that a query with ``match="all"`` and filters select; all without either.

        ``word`` as in ``search``; ``duplicates="hide"`` excludes documents with the same text as another.

        Raises ``QueryError`` for a malformed query or filter.
        """
        expression = with_filters(AllOf(()) if where is None else _apart(where, filters), filters or {})
        if expression == AllOf(()):
            return MatchAll() if duplicates != "hide" else self._without_copies(MatchAll())
        return self._node(expression, "all", SearchOptions(word=word, duplicates=duplicates))

    def _understood_selection(
        self,
        where: str,
        filters: Mapping[str, FilterValues] | None = None,
        word: bool = False,
        duplicates: str = "show",
    ) -> Resolved:
        """Return the resolved query of ``selection``, with the marker of its matches."""
        expression = with_filters(_apart(where, filters), filters or {})
        return self._resolved(expression, "all", SearchOptions(word=word, duplicates=duplicates))

    def find(self, name: str) -> Named:
        """Return the meaning of a name: an id, a source's path, a citation (民法典第3条), a part that fits one id."""
        from policysearch.search.naming import find

        return find(self.engine, self._query_reader, name)

    def show(self, name: str | Named, *, context: int = 0) -> View | None:
        """Return the section or the document with this name, or None; ``context``: with so many sections around it.

        Raises ``InputError`` when the name is a part of several ids.
        """
        from policysearch.search.showing import completed, found_by_id

        view = found_by_id(self.engine, name) if isinstance(name, str) else name.view
        if view is None and isinstance(name, str):
            named = self.find(name)
            if named.several:
                raise InputError(f"'{name}' fits several ids: {', '.join(named.several[:10])}.")
            view = named.view
        return None if view is None else completed(self.engine, view, context)

    def marks(
        self, query: str, sections: Sequence[Stored], options: SearchOptions = _DEFAULTS
    ) -> Iterator[list[tuple[int, int]]]:
        """Yield the matches of ``query`` in each section, as offsets, left to right; none for one that is not a hit.

        ``match="auto"`` is ``all``, and a citation is read as in ``search``. Raises ``QueryError`` as ``search`` does,
        immediately.
        """
        asked = self._understood(query, options)
        cited = self._cited(asked)
        resolved: Resolved = getattr(cited, "resolved", asked.resolved)
        found = (_matches(resolved.marker, one) if passes(resolved.node, one) else () for one in sections)
        return ([(match.start, match.end) for match in matches] for matches in found)

    def _answer(self, asked: ParsedQuery) -> Answer:
        resolved, options = asked.resolved, asked.options
        order = (options.limit, options.offset, options.sort, options.group, options.duplicates == "fold")
        request = Request(resolved.node, resolved.groups, resolved.exact_boost, *order)
        return self.engine.search(request)


def _matches(marker: Marker, stored: Stored) -> tuple[Match, ...]:
    text = stored.text
    spans = stored.shown.way_back.spans(marker.spans(stored.reduced, lambda: text))
    return tuple(Match(start, end, text[start:end]) for start, end in spans)


def _apart(where: str, filters: Mapping[str, FilterValues] | None) -> Expression:
    """Return the query of a selection; filters of the same field in addition to it are no alternatives."""
    expression = parse(where)
    return AllOf((AllOf(_parts(expression)),)) if filters else expression


def _parts(expression: Expression) -> tuple[Expression, ...]:
    return expression.children if isinstance(expression, AllOf) else (expression,)
