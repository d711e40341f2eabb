"""A query and an index to hits."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from itertools import islice
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from policysearch.engines.protocol import Answer, Engine, Ranked, Request, Stored, passes, section_id
from policysearch.engines.tree import Everything, Node, ScoredGroup
from policysearch.errors import QueryError
from policysearch.frozen import asdict, frozen, replace
from policysearch.query.parser import AllOf, Expression, Filter, Group, clean, field_filter, literal, parse
from policysearch.query.resolution import Resolved, Resolver
from policysearch.search.snippets import Snippet, Snippets
from policysearch.text.folding import reduce
from policysearch.vocabulary import FILTERS, GROUPS, MATCH_MODES, PLACES, SORTS, filter_named

if TYPE_CHECKING:
    from policysearch.search.explanation import Explanation, HitExplanation

__all__ = ["Found", "Hit", "Named", "Searcher", "Shown"]

T = TypeVar("T")

WORDS_OF_A_QUESTION = 5
"""From how many different words on a group that stands nowhere as typed is taken for a question."""


@frozen
class Hit:
    """A section that a query found.

    Attributes:
        rank: From 1, counted over all pages.
        score: Never rises with rank.
        matches: How many places in the section's text the query stands in.
        exact: Whether ``match="exact"`` finds the section too.
        sections: With ``group="document"``, how many sections of the document match; else None.

    The rest as in ``documents.Document`` and ``sections.Section``.
    """

    rank: int
    score: float
    section_id: str
    document_id: str
    title: str | None
    type: str
    region: str | None
    region_code: str | None
    city: str | None
    province: str | None
    level: str | None
    year: int | None
    date: str | None
    issuer: str | None
    document_number: str | None
    status: str | None
    url: str | None
    part: str
    path: tuple[str, ...]
    number: str | None
    heading: str | None
    page: int | None
    matches: int
    snippet: Snippet
    source: str
    exact: bool = False
    sections: int | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as plain values, fit for JSON; ``sections`` only where it has a meaning."""
        fields = asdict(self)
        fields["path"] = list(self.path)
        spans = [list(span) for span in self.snippet.spans]
        fields["snippet"] = {"text": self.snippet.text, "spans": spans, "start": self.snippet.start}
        if self.sections is None:
            del fields["sections"]
        return fields


class Named(NamedTuple):
    """A hit by its id.

    Attributes:
        rank: From 1, counted over all pages.
        score: Never rises with rank.
        document_id: Of its document.
        ordinal: Its place there, from 1.
    """

    rank: int
    score: float
    document_id: str
    ordinal: int

    @property
    def section_id(self) -> str:
        """Document id, ``#``, ordinal."""
        return section_id(self.document_id, self.ordinal)


@frozen
class Found:
    """What a query found.

    Attributes:
        query: As typed.
        match: The mode that was used: ``all``, ``any`` or ``exact``.
        relaxed: Whether ``all`` found nothing and ``any`` was used instead.
        total: How many sections (documents, when grouped) match, whatever the limit.
        hits: One page of them, best first.
        total_exact: How many ``match="exact"`` finds; None where that was not asked for.
        read_as: What the query was taken for when it was no plain list of words: ``{"kind": "question"}``; else None.
        all_words: Of a question: how many sections (documents) have all its words.
        suggestion: A query that says the same with filters, where a group is a known place or a year; or None.
        explanation: How the query was read and the hits scored, where that was asked for; or None.
    """

    query: str
    match: str
    relaxed: bool
    total: int
    hits: tuple[Hit, ...]
    total_exact: int | None = None
    read_as: Mapping[str, Any] | None = None
    all_words: int | None = None
    suggestion: str | None = None
    explanation: Explanation | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the fields that every output has, as plain values, and ``explain`` where that was asked for."""
        fields: dict[str, Any] = {
            "query": self.query,
            "match": self.match,
            "relaxed": self.relaxed,
            "total": self.total,
            "total_exact": self.total_exact,
            "read_as": None if self.read_as is None else dict(self.read_as),
            "hits": [hit.to_dict() for hit in self.hits],
        }
        if self.explanation is not None:
            fields["explain"] = self.explanation.to_dict()
        return fields

    def _repr_html_(self) -> str:
        from policysearch.notebook import found_html

        return found_html(self)


@frozen
class Shown:
    """A section, or a document with all its sections.

    Attributes:
        stored: The sections.
        one: Whether a section was asked for.
    """

    stored: tuple[Stored, ...]
    one: bool

    @property
    def document(self) -> Mapping[str, Any]:
        """The document's metadata."""
        return self.stored[0].document

    @property
    def sections(self) -> list[dict[str, Any]]:
        """The sections' fields, fit for JSON."""
        return [section_fields(section) for section in self.stored]

    @property
    def before(self) -> str | None:
        """Id of the section before the one asked for."""
        first = self.stored[0]
        return section_id(first.document["document_id"], first.ordinal - 1) if first.ordinal > 1 else None

    @property
    def after(self) -> str | None:
        """Id of the section after the one asked for."""
        last = self.stored[-1]
        return section_id(last.document["document_id"], last.ordinal + 1) if last.ordinal < last.last else None

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, fit for JSON: a section with its document, or a document with its sections."""
        if self.one:
            return {
                **self.sections[0],
                "before": self.before,
                "after": self.after,
                "document": dict(self.document),
            }
        return {"document": dict(self.document), "sections": self.sections}


def section_fields(stored: Stored) -> dict[str, Any]:
    """Return what is said of a section, fit for JSON."""
    return {
        "section_id": stored.section_id,
        "number": stored.number,
        "heading": stored.heading,
        "level": stored.level,
        "path": list(stored.path),
        "part": stored.part,
        "start": stored.start,
        "end": stored.start + len(stored.text),
        "page": stored.page,
        "text": stored.text,
    }


_AT_ONCE = 10


@frozen
class _Asked:
    """A query as it is understood.

    Attributes:
        mode: How it is matched: ``all``, ``any`` or ``exact``.
        resolved: What an engine is asked for in this mode.
        literally: What it is asked for in the mode ``exact``.
        may_relax: Whether ``any`` takes the place of ``all`` where that finds nothing.
        count_exact: Whether to count what ``exact`` finds.

    The rest as in ``Searcher.search``.
    """

    query: str
    expression: Expression
    mode: str
    resolved: Resolved
    literally: Node
    may_relax: bool
    limit: int | None
    offset: int
    sort: str
    group: str
    explain: bool
    count_exact: bool


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
        count_exact: bool = True,
    ) -> Found:
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
            count_exact: Whether to count what ``match="exact"`` finds, as ``total_exact``.

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
                    count_exact=count_exact,
                )
            )
        )
        return replace(found, hits=tuple(hits))

    def search_lazily(self, query: str, **options: Any) -> tuple[Found, Iterator[Hit]]:
        """Do as ``search``, but give the hits apart, one at a time, so that memory does not grow with them."""
        return self._shown(*self._found(self._understood(query, **options)))

    def search_names(self, query: str, **options: Any) -> tuple[Found, Iterator[Named]]:
        """Do as ``search``, but give only the scores and ids of hits, one at a time: many times as fast."""
        return self._named(*self._found(self._understood(query, **options)))

    def search_several(
        self, queries: Iterable[tuple[str, Mapping[str, Any]]], named: bool = False
    ) -> list[tuple[Found, Iterator[Any]] | QueryError]:
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
        count_exact: bool = True,
    ) -> _Asked:
        if match not in MATCH_MODES or sort not in SORTS or group not in GROUPS:
            raise ValueError(f"unknown match {match!r}, sort {sort!r} or group {group!r}")
        expression = with_filters(literal(query) if exact else parse(query), filters or {})
        mode = "exact" if exact else "all" if match == "auto" else match
        resolved = self._resolver.resolve(expression, mode)
        literally = resolved.node if mode == "exact" else self._resolver.resolve(expression, "exact").node
        may_relax = match == "auto" and not exact
        return _Asked(
            query, expression, mode, resolved, literally, may_relax, limit, offset, sort, group, explain, count_exact
        )

    def _found(self, asked: _Asked) -> tuple[Found, _Asked, Iterable[Ranked]]:
        """Return what is found but for the hits, how that was asked for in the end, and the hits by their keys."""
        relaxed = False
        read_as: Mapping[str, Any] | None = None
        all_words: int | None = None
        suggestion: str | None = None
        if asked.may_relax and self._is_question(asked):
            read_as = {"kind": "question"}
            all_words = self._total(asked.resolved.node, asked.group)
            asked = replace(asked, mode="any", resolved=self._resolver.resolve(asked.expression, "any"))
            answer = self._answer(asked)
        else:
            answer = self._answer(asked)
            if not answer.total and asked.may_relax:
                wider = replace(asked, mode="any", resolved=self._resolver.resolve(asked.expression, "any"))
                if wider.resolved.node != asked.resolved.node:
                    asked, answer, relaxed = wider, self._answer(wider), True
        if asked.mode == "any" and asked.may_relax:
            suggestion = self._suggestion(asked.query, asked.expression)
        total_exact: int | None = None
        if asked.count_exact:
            total_exact = answer.total
            if asked.literally != asked.resolved.node:
                total_exact = self._total(asked.literally, asked.group)
        hits, explanation = answer.hits, None
        if asked.explain:
            hits = tuple(hits)  # which are gone through twice
            explanation = self._explanation(asked, [ranked.key for ranked in hits])
        found = Found(
            asked.query,
            asked.mode,
            relaxed,
            answer.total,
            (),
            total_exact,
            read_as,
            all_words,
            suggestion,
            explanation,
        )
        return found, asked, hits

    def _total(self, node: Node, group: str) -> int:
        return self.engine.search(Request(node, limit=0, group=group)).total

    def _is_question(self, asked: _Asked) -> bool:
        """Tell whether a query of groups and filters only has a group that is a question.

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
            typed = self._resolver.resolve(AllOf((group, *filters)), "exact").node
            if not self._total(typed, "section"):
                return True
        return False

    def _named(self, found: Found, asked: _Asked, hits: Iterable[Ranked]) -> tuple[Found, Iterator[Named]]:
        ranks = enumerate(hits, start=asked.offset + 1)
        names = (Named(rank, one.score, *self.engine.name(one.key)) for rank, one in ranks)
        return found, self._handed_on(names)

    def _shown(self, found: Found, asked: _Asked, hits: Iterable[Ranked]) -> tuple[Found, Iterator[Hit]]:
        ranks = enumerate(hits, start=asked.offset + 1)
        literally = None if asked.literally == asked.resolved.node else asked.literally
        made = self._hits(ranks, asked.group == "document", Snippets(asked.resolved.marker), literally)
        return found, self._handed_on(made)

    def _hits(
        self, ranks: Iterator[tuple[int, Ranked]], grouped: bool, snippets: Snippets, literally: Node | None
    ) -> Iterator[Hit]:
        """Make hits; ``literally`` is what ``exact`` hits are selected by, None where all are."""
        # a step for several hits, then the next, as in ``search_several``
        while some := list(islice(ranks, _AT_ONCE)):
            stored = self.engine.stored(one.key for _, one in some)
            excerpts = [snippets.of(section.shown) for section in stored]
            for (rank, one), section, excerpt in zip(some, stored, excerpts, strict=True):
                exact = literally is None or passes(literally, section)
                yield _hit(rank, one.score, one.sections if grouped else None, exact, section, *excerpt)

    def selection(self, where: str | None = None, filters: Mapping[str, Sequence[str]] | None = None) -> Node:
        """Return the sections that a query, taken as ``match="all"``, and filters select; all without either.

        Raises ``QueryError`` for a query or a filter that cannot be understood.
        """
        expression = with_filters(AllOf(()) if where is None else parse(where), filters or {})
        if expression == AllOf(()):
            return Everything()
        return self._resolver.resolve(expression, "all").node

    def show(self, name: str) -> Shown | None:
        """Return the section or the document with this id, None when there is none."""
        keys = self.engine.find_document(name)
        if keys:
            return Shown(tuple(self.engine.stored(keys)), one=False)
        document, _, ordinal = name.rpartition("#")
        keys = self.engine.find_document(document)
        if not (keys and ordinal.isascii() and ordinal.isdigit() and 1 <= int(ordinal) <= len(keys)):
            return None
        at = int(ordinal) - 1
        if ordinal != str(at + 1):
            return None
        return Shown(tuple(self.engine.stored([keys[at]])), one=True)

    def _answer(self, asked: _Asked) -> Answer:
        resolved, limit, offset = asked.resolved, asked.limit, asked.offset
        request = Request(resolved.node, resolved.groups, resolved.bonus, limit, offset, asked.sort, asked.group)
        return self.engine.search(request)

    def _explanation(self, asked: _Asked, keys: Sequence[Any]) -> Explanation:
        from policysearch.search.explanation import Explanation, words_of

        resolved, group = asked.resolved, asked.group
        groups = resolved.groups if asked.sort == "score" else ()
        words = words_of(asked.expression, resolved.words)
        hits = tuple(self._explained(key, groups, resolved.bonus, group) for key in keys)
        return Explanation(asked.expression, words, self.engine.explain(None, groups, group), hits)

    def _explained(self, key: Any, groups: Sequence[ScoredGroup], bonus: float, group: str) -> HitExplanation:
        """Return the parts of a hit's score."""
        from policysearch.search.explanation import HitExplanation

        (stored,) = self.engine.stored([key])
        parts = self.engine.explain(key, groups, group)
        exact = tuple(one.text for one in groups if one.raises and one.text in stored.reduced)
        return HitExplanation(stored.section_id, parts, exact, len(exact) * bonus)

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


_NAMES = Hit.__match_args__
_of_document = itemgetter(*_NAMES[_NAMES.index("document_id") : _NAMES.index("part")])


def _hit(
    rank: int, score: float, sections: int | None, exact: bool, stored: Stored, snippet: Snippet, matches: int
) -> Hit:
    # by position: a call with two dozen names takes half as long again
    fields = (
        rank,
        score,  # not rounded: equal scores, and no others, are in order of ids
        stored.section_id,
        *_of_document(stored.document),
        stored.part,
        stored.path,
        stored.number,
        stored.heading,
        stored.page,
        matches,
        snippet,
        stored.document["source"],
        exact,
        sections,
    )
    return Hit(*fields)


def with_filters(expression: Expression, filters: Mapping[str, Sequence[str]]) -> Expression:
    """Return the expression with filters added, as if they had been typed."""
    added: list[Expression] = []
    for name, values in filters.items():
        declared = filter_named(name)
        if declared is None:
            known = ", ".join(one.name for one in FILTERS)
            raise QueryError(f"There is no filter '{name}'; there are: {known}.", name, 0)
        for typed in map(clean, values):
            if not reduce(typed):
                raise QueryError(f"Expected a value for the filter {name}.", typed, 0)
            if declared.kind in ("since", "until"):
                day = _day(name, typed)
                added.append(Filter("when", typed, 0, *((day, None) if declared.kind == "since" else (None, day))))
            else:
                added.append(field_filter(name, typed, typed, 0))
    if not added:
        return expression
    own = expression.children if isinstance(expression, AllOf) else (expression,)
    return AllOf((*own, *_joined_bounds(added)))


def _joined_bounds(filters: Iterable[Expression]) -> list[Expression]:
    """Return the filters with ``since`` and ``until`` made one range, since both must hold."""
    out: list[Expression] = []
    bounds: Filter | None = None
    for one in filters:
        if isinstance(one, Filter) and one.field == "when":
            bounds = one if bounds is None else replace(bounds, low=bounds.low or one.low, high=bounds.high or one.high)
        else:
            out.append(one)
    return [*out, bounds] if bounds else out


def _day(name: str, value: str) -> str:
    """Return a date as given, checked: a year, a month or a day, ISO."""
    text = reduce(value)
    parts = text.split("-")
    fits = (
        1 <= len(parts) <= 3
        and [len(p) for p in parts] == [4, 2, 2][: len(parts)]
        and all(p.isascii() and p.isdigit() for p in parts)
    )
    if not fits:
        raise QueryError(f"Expected a date such as 2023, 2023-01 or 2023-01-31 for {name}.", value, 0)
    return text
