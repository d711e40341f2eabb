"""A query and an index to hits."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar

from policysearch.engines.protocol import Answer, Engine, Request, ScoredKey, passes, section_id
from policysearch.engines.tree import And, MatchAll, Node, Not, OfDocuments, ScoredGroup
from policysearch.errors import QueryError
from policysearch.frozen import frozen, replace
from policysearch.query.filters import FilterValues, with_filters
from policysearch.query.parser import literal, parse
from policysearch.query.parser import plain as as_it_is
from policysearch.query.resolution import WORDS_OF_A_QUESTION, Resolved, Resolver, typed_groups
from policysearch.query.syntax import AllOf, Expression, Filter, Group, clean
from policysearch.search.hits import Hit, HitId, Hits, View, make_hit
from policysearch.search.options import SearchOptions
from policysearch.search.snippets import Snippets
from policysearch.vocabulary import PLACES

if TYPE_CHECKING:
    from policysearch.search.explanation import Explanation, HitExplanation

__all__ = ["Searcher"]

T = TypeVar("T")

_AT_ONCE = 10
_DEFAULTS = SearchOptions()


@frozen
class _Asked:
    """A query as it is understood.

    Attributes:
        query: As typed.
        options: How it is to be answered.
        expression: What it says, filters among it.
        mode: How it is matched: ``all``, ``any`` or ``exact``.
        resolved: What an engine is asked for in this mode.
        literally: What it is asked for in the mode ``exact``.
        may_relax: Whether ``any`` takes the place of ``all`` where that finds nothing.
    """

    query: str
    options: SearchOptions
    expression: Expression
    mode: str
    resolved: Resolved
    literally: Node
    may_relax: bool


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
        filters: Mapping[str, FilterValues] | None = None,
        explain: bool = False,
        count_exact: bool = True,
        word: bool = False,
        plain: bool = False,
        duplicates: str = "fold",
    ) -> Hits:
        """Return the sections that ``query`` asks for, best first.

        Args:
            query: In the query language; with ``exact``, a phrase to be taken literally.
            limit: How many hits at most; None for all. For this and the other options see ``SearchOptions``.

        Raises ``QueryError`` for a query or a filter's value that cannot be understood, ``InputError`` for an option
        that cannot be.
        """
        options = SearchOptions(
            limit, offset, match, exact, sort, group, filters, explain, count_exact, word, plain, duplicates
        )
        found, hits = self._shown(*self._found(self._understood(query, options)))
        return replace(found, hits=tuple(hits))

    def search_lazily(self, query: str, options: SearchOptions = _DEFAULTS) -> tuple[Hits, Iterator[Hit]]:
        """Do as ``search``, but give the hits apart, one at a time, so that memory does not grow with them."""
        return self._shown(*self._found(self._understood(query, options)))

    def search_names(self, query: str, options: SearchOptions = _DEFAULTS) -> tuple[Hits, Iterator[HitId]]:
        """Do as ``search``, but give only the scores and ids of hits, one at a time: many times as fast."""
        return self._named(*self._found(self._understood(query, options)))

    def search_several(
        self, queries: Iterable[tuple[str, SearchOptions]], named: bool = False
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

    def _understood_or_error(self, query: str, options: SearchOptions) -> _Asked | QueryError:
        try:
            return self._understood(query, options)
        except QueryError as error:
            return error

    def _understood(self, query: str, options: SearchOptions) -> _Asked:
        options.refuse_unknown()
        read = literal if options.exact else as_it_is if options.plain else parse
        expression = with_filters(read(query), options.filters or {})
        mode = "exact" if options.exact else "all" if options.match == "auto" else options.match
        resolved = self._resolved(expression, mode, options)
        literally = resolved.node if resolved.exact else self._node(expression, "exact", options)
        may_relax = options.match == "auto" and not options.exact
        return _Asked(query, options, expression, mode, resolved, literally, may_relax)

    def _found(self, asked: _Asked) -> tuple[Hits, _Asked, Iterable[ScoredKey]]:
        """Return what is found but for the hits, how that was asked for in the end, and the hits by their keys."""
        relaxed = False
        read_as: Mapping[str, Any] | None = None
        all_words: int | None = None
        suggestion: str | None = None
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
                    asked, answer, relaxed = wider, self._answer(wider), True
        if asked.mode == "any" and asked.may_relax and not asked.options.plain:
            suggestion = self._suggestion(asked.query, asked.expression)
        total_exact: int | None = None
        if asked.options.count_exact:
            total_exact = answer.total
            if asked.literally != asked.resolved.node:
                total_exact = self._total(asked.literally, asked.options.group)
        hits, explanation = answer.hits, None
        if asked.options.explain:
            hits = tuple(hits)  # which are gone through twice
            explanation = self._explanation(asked, [ranked.key for ranked in hits])
        found = Hits(
            asked.query,
            asked.mode,
            relaxed,
            answer.total,
            (),
            total_exact,
            answer.total - answer.folded,
            read_as,
            all_words,
            typed_groups(asked.expression),
            suggestion,
            explanation,
        )
        return found, asked, hits

    def _as_any(self, asked: _Asked) -> Resolved:
        return self._resolved(asked.expression, "any", asked.options)

    def _resolved(self, expression: Expression, mode: str, options: SearchOptions) -> Resolved:
        resolved = self._resolver.resolve(expression, mode, options.word)
        if options.duplicates == "hide":
            return replace(resolved, node=self._without_copies(resolved.node))
        return resolved

    def _node(self, expression: Expression, mode: str, options: SearchOptions) -> Node:
        node = self._resolver.node(expression, mode, options.word)
        return self._without_copies(node) if options.duplicates == "hide" else node

    def _without_copies(self, node: Node) -> Node:
        """Return what selects the same but for documents that repeat the text of another."""
        return And((node, Not(OfDocuments(self._copies)))) if self._copies else node

    @cached_property
    def _copies(self) -> frozenset[str]:
        return frozenset(self.engine.duplicates)

    def _total(self, node: Node, group: str) -> int:
        return self.engine.search(Request(node, limit=0, group=group)).total

    def _is_question(self, asked: _Asked) -> bool:
        """Return whether a query of groups and filters only has a group that is a question.

        Such a group has five different words or more, and stands nowhere as
        typed under the filters given.
        """
        expression = asked.expression
        parts = expression.children if isinstance(expression, AllOf) else (expression,)
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

    def _named(self, found: Hits, asked: _Asked, hits: Iterable[ScoredKey]) -> tuple[Hits, Iterator[HitId]]:
        ranks = enumerate(hits, start=asked.options.offset + 1)
        names = (HitId(rank, one.score, *self.engine.name(one.key)) for rank, one in ranks)
        return found, self._handed_on(names)

    def _shown(self, found: Hits, asked: _Asked, hits: Iterable[ScoredKey]) -> tuple[Hits, Iterator[Hit]]:
        ranks = enumerate(hits, start=asked.options.offset + 1)
        literally = None if asked.literally == asked.resolved.node else asked.literally
        made = self._hits(ranks, asked, Snippets(asked.resolved.marker), literally)
        return found, self._handed_on(made)

    def _hits(
        self, ranks: Iterator[tuple[int, ScoredKey]], asked: _Asked, snippets: Snippets, literally: Node | None
    ) -> Iterator[Hit]:
        """Make hits; ``literally`` is what ``exact`` hits are selected by, None where all are."""
        grouped, fold = asked.options.grouped, asked.options.duplicates == "fold"
        # a step for several hits, then the next, as in ``search_several``
        while some := list(islice(ranks, _AT_ONCE)):
            stored = self.engine.stored(one.key for _, one in some)
            excerpts = [snippets.of(section.shown) for section in stored]
            for (rank, one), section, excerpt in zip(some, stored, excerpts, strict=True):
                exact = literally is None or passes(literally, section)
                copies = tuple([name if grouped else section_id(name, at) for name, at in one.copies]) if fold else None
                yield make_hit(rank, one.score, one.sections if grouped else None, exact, copies, section, *excerpt)

    def selection(
        self,
        where: str | None = None,
        filters: Mapping[str, FilterValues] | None = None,
        word: bool = False,
        duplicates: str = "show",
    ) -> Node:
        """Return the sections that a query, taken as ``match="all"``, and filters select; all without either.

        ``word`` as in ``search``; with ``duplicates="hide"`` without documents that repeat the text of another.

        Raises ``QueryError`` for a query or a filter that cannot be understood.
        """
        expression = with_filters(AllOf(()) if where is None else parse(where), filters or {})
        if expression == AllOf(()):
            return MatchAll() if duplicates != "hide" else self._without_copies(MatchAll())
        return self._node(expression, "all", SearchOptions(word=word, duplicates=duplicates))

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
        resolved, options = asked.resolved, asked.options
        order = (options.limit, options.offset, options.sort, options.group, options.duplicates == "fold")
        request = Request(resolved.node, resolved.groups, resolved.exact_boost, *order)
        return self.engine.search(request)

    def _explanation(self, asked: _Asked, keys: Sequence[Any]) -> Explanation:
        from policysearch.search.explanation import Explanation, words_of

        resolved, group = asked.resolved, asked.options.group
        groups = resolved.groups if asked.options.sort == "score" else ()
        words = words_of(asked.expression, resolved.words)
        hits = tuple(self._explained(key, groups, resolved.exact_boost, group) for key in keys)
        return Explanation(asked.expression, words, self.engine.explain(None, groups, group), hits)

    def _explained(self, key: Any, groups: Sequence[ScoredGroup], exact_boost: float, group: str) -> HitExplanation:
        """Return the parts of a hit's score."""
        from policysearch.search.explanation import HitExplanation

        (stored,) = self.engine.stored([key])
        parts = self.engine.explain(key, groups, group)
        exact = tuple(one.text for one in groups if one.raises and one.text in stored.reduced)
        return HitExplanation(stored.section_id, parts, exact, len(exact) * exact_boost)

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
