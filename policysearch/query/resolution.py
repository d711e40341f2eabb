"""A query to a tree: words cut, values looked up, and what is to be ranked and marked."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import pairwise
from math import ceil, log, log10
from typing import Any

from policysearch.engines.tree import And, Contains, MatchAll, Node, Not, Or, Range, Term, ValueIn, Verified
from policysearch.frozen import frozen
from policysearch.gazetteer.places import names_for_filter
from policysearch.query.matching import (
    Span,
    Text,
    Words,
    holds,
    literals,
    marked,
    merge,
    occurrences,
    wild_holds,
    wild_spans,
)
from policysearch.query.passages import SHARE
from policysearch.query.syntax import (
    AllOf,
    AnyOf,
    Expression,
    Filter,
    Group,
    InField,
    Measured,
    Near,
    NoneOf,
    Phrase,
    Within,
)
from policysearch.text.chinese import HAN_RUN
from policysearch.text.folding import reduce
from policysearch.vocabulary import filter_named

__all__ = ["GRAM_WEIGHT", "Marker", "Resolved", "Resolver"]

GRAM_WEIGHT = 0.4
"""What a bigram counts beside a word; chosen on the judged questions of the reference corpus (docs/ranking.md)."""

_MOST_TERMS = 1_000
"""What a query is ranked by at most: more than any question has, fewer than a chapter that somebody pastes."""


class Marker:
    """Finds the places of a query in a text, for counting and for marking.

    Attributes:
        literals: Reduced texts, each of whose places counts.
        verified: What is no literal (wildcards, nearness, one sentence), of which the places count that make it hold.
        words: The required words of a group.
    """

    def __init__(
        self,
        literals: Iterable[str] | Mapping[str, int],
        verified: Sequence[Phrase | Near | Within | Measured] = (),
        words: Words | None = None,
    ) -> None:
        # at each place the longest one counts
        self.literals = tuple(sorted(set(literals), key=lambda text: (-len(text), text)))
        self._weights: dict[str, int] = dict(literals) if isinstance(literals, Mapping) else {}
        self.verified = tuple(verified)
        self.words = words or (lambda group: ())

    def spans(self, reduced: str, show: Callable[[], str]) -> list[Span]:
        """Return places in the reduced text that do not overlap, left to right.

        ``show`` returns the text as shown.
        """
        if len(self.literals) == 1 and not self.verified:
            return occurrences(self.literals[0], reduced, apart=True)
        spans = []
        for literal in self.literals:
            spans += occurrences(literal, reduced)
        if self.verified:
            text = Text(reduced, show)
            for one in self.verified:
                spans += wild_spans(one, text) if isinstance(one, Phrase) else marked(one, text, self.words)
        return merge(spans)

    def weight(self, text: str) -> int:
        """Return how much a match says: a group that stands whole as much as all of its words."""
        weight: int = self._weights.get(text, 1)
        return weight


@frozen
class Resolved:
    """A query that an engine can answer.

    Attributes:
        node: The sections that match.
        terms: What they are ranked by.
        exact: For each group whose exact standing says more than its words do: where it stands so.
        bonus: What each of these adds to a score: more than all terms together can.
        marker: What counts as a match.
        words: Each group's words, by the group's offset in the query.
    """

    node: Node
    terms: tuple[Term, ...]
    exact: tuple[Contains, ...]
    exact_boost: float
    marker: Marker
    words: Mapping[int, tuple[str, ...]]


class Resolver:
    """Turns queries into trees for one open index.

    Args:
        cut: A reduced text to its words (``tokens.QueryAnalyzer.cut``).
        values: A field's distinct values in the index, null left out.
        sections: How many sections the index has.
    """

    def __init__(
        self,
        cut: Callable[[str], list[str]],
        values: Callable[[str], Sequence[Any]],
        sections: int,
    ) -> None:
        self.cut = cut
        self._values = values
        self._sections = sections

    def resolve(self, expression: Expression, match: str) -> Resolved:
        """Return what ``expression`` asks for under the mode ``all``, ``any`` or ``exact``."""
        one = _Resolution(self, match)
        node = one.node(expression)
        leaves = list(_positive(expression))
        terms = one.terms(leaves)
        exact = tuple(
            Contains(leaf.reduced)
            for leaf in leaves
            if isinstance(leaf, Group) and match == "all"
            if one.words(leaf) != (leaf.reduced,)
        )
        return Resolved(node, terms, exact, self._exact_boost(terms), one.marker(expression), dict(one.cut))

    def words(self, group: Group) -> tuple[str, ...]:
        """Return a group's required words, each once, in order."""
        return tuple(dict.fromkeys(self.cut(group.reduced)))

    def _exact_boost(self, terms: Sequence[Term]) -> float:
        """Return a power of ten that no sum of term scores reaches."""
        # the best passage of a question may count SHARE times more
        most = (1 + SHARE) * sum(term.weight for term in terms) * log(1 + (self._sections + 0.5) / 0.5)
        return float(10 ** max(2, ceil(log10(most + 1))))

    def field_values(self, field: str) -> Sequence[Any]:
        """Return the distinct values of a field of documents in the index, null left out."""
        return self._values(field)

    def filter_values(self, name: str, value: str) -> frozenset[str]:
        """Return the values in the index that a value typed for a filter means."""
        declared = filter_named(name)
        assert declared is not None
        wanted = {reduce(value)}
        if declared.kind == "place":
            wanted |= {reduce(place) for place in names_for_filter(value)}
        return frozenset(s for s in self._values(declared.field) if _means(declared.kind, wanted, reduce(s)))


def _means(kind: str, wanted: set[str], stored: str) -> bool:
    if stored in wanted:
        return True
    if kind == "place":
        # also places that the table does not know: 云麓 for 云麓省
        return any(stored[: len(w)] == w and stored[len(w) :] in _ENDINGS for w in wanted if len(w) > 1)
    if kind == "bodies":
        return any(part in wanted for part in re.split("[、,; ]", stored))
    return False


_ENDINGS = frozenset(
    [
        "省",
        "市",
        "县",
        "区",
        "州",
        "盟",
        "旗",
        "自治区",
        "自治州",
        "自治县",
        "自治旗",
        "地区",
        "特别行政区",
        "新区",
        "林区",
    ]
)


class _Resolution:
    """One query on its way to a tree."""

    def __init__(self, resolver: Resolver, match: str, cut: dict[int, tuple[str, ...]] | None = None) -> None:
        self._resolver = resolver
        self._match = match
        self.cut = {} if cut is None else cut

    def words(self, group: Group) -> tuple[str, ...]:
        found = self.cut.get(group.position)
        if found is None:
            found = self.cut[group.position] = self._resolver.words(group)
        return found

    # which sections

    def node(self, expression: Expression) -> Node:
        match expression:
            case Group():
                return self._group(expression, self._match)
            case Phrase():
                return _phrase(expression, "text")
            case AllOf(children):
                return self._all_of(children)
            case AnyOf(children):
                return Or(tuple(map(self.node, children)))
            case NoneOf(child):
                # what is not wanted is never relaxed
                return Not(_Resolution(self._resolver, self._strict(), self.cut).node(child))
            case Near(places, _):
                needed = And(tuple(Contains(text) for place in places for text in _needed(place)))
                return self._checked(needed, expression)
            case Within(_, child) | Measured(child):
                return self._checked(self._needed_within(child), expression)
            case InField(field, Group() as group):
                words = self.words(group) if self._match != "exact" else ()
                parts = tuple(Contains(word, field) for word in words or (group.reduced,))
                return Or(parts) if self._match == "any" else And(parts)
            case InField(field, Phrase() as phrase):
                return _phrase(phrase, field)
            case Filter():
                return self._filter(expression)
        raise TypeError(expression)  # pragma: no cover

    def _strict(self) -> str:
        return "exact" if self._match == "exact" else "all"

    def _group(self, group: Group, match: str) -> Node:
        words = () if match == "exact" else self.words(group)
        if not words:
            return Contains(group.reduced)
        nodes = tuple(map(Contains, words))
        if len(nodes) == 1:
            return nodes[0]
        return Or(nodes) if match == "any" else And(nodes)

    def _all_of(self, children: Sequence[Expression]) -> Node:
        filters: dict[str, list[Node]] = {}
        wanted: list[Node] = []
        others: list[Node] = []
        for child in children:
            if isinstance(child, Filter):
                filters.setdefault(child.field, []).append(self._filter(child))
            elif isinstance(child, NoneOf) or not any(True for _ in _positive(child)):
                others.append(self.node(child))
            else:
                wanted.append(self.node(child))
        # a repeated filter means either, different ones both
        others.extend(nodes[0] if len(nodes) == 1 else Or(tuple(nodes)) for nodes in filters.values())
        if self._match == "any" and len(wanted) > 1:
            wanted = [Or(tuple(wanted))]
        nodes = (*wanted, *others)
        return nodes[0] if len(nodes) == 1 else And(nodes)

    def _checked(self, candidates: Node, expression: Expression) -> Node:
        words = self._required
        return Verified(candidates, lambda reduced, show: holds(expression, Text(reduced, show), words))

    def _needed_within(self, expression: Expression) -> Node:
        """Return a superset: sections that have, anywhere, what one sentence must have."""
        match expression:
            case AllOf(children):
                return And(tuple(map(self._needed_within, children)))
            case AnyOf(children):
                return Or(tuple(map(self._needed_within, children)))
            case NoneOf():
                return MatchAll()
            case Group():
                return self._group(expression, self._strict())
            case Phrase():
                return And(tuple(map(Contains, literals(expression)))) if expression.wild else self.node(expression)
            case Near(places, _):
                return And(tuple(Contains(text) for place in places for text in _needed(place)))
            case Within(_, child) | Measured(child):
                return self._needed_within(child)
        raise TypeError(expression)  # pragma: no cover

    def _filter(self, filter: Filter) -> Node:
        declared = filter_named(filter.field)
        if declared is None:
            return Range("when", filter.low, filter.high)
        if declared.kind == "years":
            return Range(declared.field, filter.low, filter.high)
        if declared.field == "part":
            return ValueIn("part", frozenset((reduce(filter.value),)))
        return ValueIn(declared.field, self._resolver.filter_values(filter.field, filter.value))

    # in which order

    def terms(self, leaves: Iterable[Group | Phrase]) -> tuple[Term, ...]:
        """Return what the groups are ranked by: their words, and the bigrams of their runs of Han characters.

        Of a very long query only the first 1,000, words before bigrams; it matches by all of them.
        """
        weights: dict[tuple[str, str], float] = {}
        for leaf in leaves:
            if isinstance(leaf, Phrase):
                words: Iterable[str] = literals(leaf)
                texts = literals(leaf)
            else:
                words = self._resolver.cut(leaf.reduced) if self._match != "exact" else (leaf.reduced,)
                texts = [leaf.reduced]
            for word in words:
                weights["words", word] = 1.0
            for run in (found[0] for text in texts for found in HAN_RUN.finditer(text)):
                for pair in map("".join, pairwise(run)):
                    weights["grams", pair] = GRAM_WEIGHT
        terms = [Term(field, text, weight) for (field, text), weight in weights.items()]
        if len(terms) > _MOST_TERMS:
            terms = sorted(terms, key=lambda term: term.field != "words")[:_MOST_TERMS]
        return tuple(terms)

    def marker(self, expression: Expression) -> Marker:
        """Return what finds the matches: words of groups, phrases as they are, what is looked at where it holds."""
        texts: dict[str, int] = {}
        verified: list[Phrase | Near | Within | Measured] = []
        for part in _wanted(expression):
            if isinstance(part, (Near, Within, Measured)) or (isinstance(part, Phrase) and part.wild):
                verified.append(part)
            elif isinstance(part, Phrase):
                texts.update(dict.fromkeys(literals(part), 1))
            else:
                words = self._required(part)
                texts.update(dict.fromkeys(words, 1))
                # a group that stands as it was typed is one match, not several
                texts.setdefault(part.reduced, max(1, len(words)))
        return Marker(texts, verified, self._required)

    def _required(self, group: Group) -> tuple[str, ...]:
        return self.words(group) if self._match != "exact" else ()


def _wanted(expression: Expression) -> Iterable[Group | Phrase | Near | Within | Measured]:
    """Yield what is wanted of the text, in order."""
    match expression:
        case Group() | Phrase() | Near() | Within() | Measured():
            yield expression
        case AllOf(children) | AnyOf(children):
            for child in children:
                yield from _wanted(child)
        case InField("heading", child):
            # a heading is part of its section's text
            yield child


def _positive(expression: Expression) -> Iterable[Group | Phrase]:
    """Yield the groups and phrases of the text that are wanted, in order."""
    for part in _wanted(expression):
        match part:
            case Near(places, _):
                yield from places
            case Within(_, child) | Measured(child):
                yield from _positive(child)
            case Group() | Phrase():
                yield part


def _needed(place: Group | Phrase) -> list[str]:
    return literals(place) if isinstance(place, Phrase) else [place.reduced]


def _phrase(phrase: Phrase, field: str) -> Node:
    if not phrase.wild:
        return Contains(phrase.pieces[0][0], field)
    candidates = And(tuple(map(Contains, literals(phrase))))
    return Verified(candidates, lambda reduced, show: wild_holds(phrase, Text(reduced, show)))
