"""Resolution of a parsed query into a query tree, with scored groups and a highlighter."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from math import ceil, log, log10
from typing import Any

from policysearch.engines.protocol import stands_whole
from policysearch.engines.tree import (
    And,
    Contains,
    MatchAll,
    Node,
    Not,
    OfDocuments,
    Or,
    Range,
    ScoredGroup,
    Term,
    ValueIn,
    Verified,
)
from policysearch.frozen import frozen, replace
from policysearch.query.asking import only_asks, subject_words, without_asking
from policysearch.query.filters import ids_matching, issuer_and_figures, named_values
from policysearch.query.marking import Marker
from policysearch.query.matching import (
    Requirement,
    Text,
    holds,
    literals,
    wild_holds,
)
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
from policysearch.text.chinese import NUMERAL, is_han
from policysearch.text.folding import reduce
from policysearch.text.whole_words import may_be_inside
from policysearch.vocabulary import LEVELS, NATION, filter_named, meanings

__all__ = ["GRAM_WEIGHT", "WORDS_OF_A_QUESTION", "Resolved", "Resolver", "typed_groups"]

GRAM_WEIGHT = 0.7
"""Weight of a bigram relative to a word; chosen on the judged questions of the reference corpus (docs/ranking.md)."""

_MOST_TERMS = 1_000
"""Maximum number of scored terms: more than any question has, fewer than a pasted chapter."""

WORDS_OF_A_QUESTION = 5
"""Minimum number of different words of a group that is read as a question when it occurs nowhere as typed."""

NOT_REQUIRED = frozenset("的和与及等在")
"""Optional words of one character."""


@frozen
class Resolved:
    """A query that an engine can evaluate.

    Attributes:
        node: The sections that match.
        groups: The scored groups.
        exact_boost: The boost of each raising group that occurs as typed.
        marker: Finds the matches.
        words: Each group's words, by the group's offset in the query.
        exact: Whether the mode ``exact`` certainly gives the same sections, since each group is one word.
    """

    node: Node
    groups: tuple[ScoredGroup, ...]
    exact_boost: float
    marker: Marker
    words: Mapping[int, tuple[str, ...]]
    exact: bool


class Resolver:
    """Resolves queries for one open index.

    Args:
        cut: The function that tokenizes a reduced text (``QueryAnalyzer.cut``).
        values: Returns the distinct values of a field in the index, without null.
        sections: Number of sections in the index.
        in_force: Returns a tree of the documents in force on a day, or of the latest versions (``true``; ``false``: the
            others).
    """

    def __init__(
        self,
        cut: Callable[[str], list[str]],
        values: Callable[[str], Sequence[Any]],
        sections: int,
        in_force: Callable[[str], Node] = lambda _: MatchAll(),
    ) -> None:
        self.cut = cut
        self.in_force = in_force
        self._values = values
        # a question looks up each of its words and pieces as a place, which took a sixth of a batch
        self._named = lru_cache(64)(lambda field, kind: named_values(values(field), kind))
        self._sections = sections

    def resolve(self, expression: Expression, match: str, word: bool = False, asked: bool = False) -> Resolved:
        """Resolve ``expression`` in the mode ``all``, ``any`` or ``exact``.

        With ``word``, a term that starts or ends with a letter or a digit does
        not match inside a longer word or number. With ``asked``, words that
        only ask (谁, 如何) are neither scored nor marked, if there are others.
        """
        one = _Resolution(self, match, word, asked)
        node = one.node(expression)
        groups = one.scored(list(_positive(expression)))
        exact = match == "exact" or (match == "all" and one.exact)
        return Resolved(node, groups, self._exact_boost(groups), one.marker(expression), dict(one.cut), exact)

    def node(self, expression: Expression, match: str, word: bool = False) -> Node:
        """Return only the tree that ``resolve`` returns."""
        return _Resolution(self, match, word).node(expression)

    def words(self, group: Group) -> tuple[str, ...]:
        """Return a group's distinct words, in order."""
        return tuple(dict.fromkeys(self.cut(group.reduced)))

    def requirements(self, group: Group) -> tuple[Requirement, ...]:
        """Return the requirements of a group; empty when a section must contain the group itself.

        A word of several characters may match anywhere, one of a single
        character only next to its neighbour in the group.
        """
        words = self.cut(group.reduced)
        if len(words) == 1 and words[0] == group.reduced:
            return (Requirement((group.reduced,), True),) if len(group.reduced) > 1 else ()
        pieces = list(_pieces(group.reduced, words))
        if all(len(piece) == 1 for piece, *_ in pieces):
            return ()
        found: dict[Requirement, None] = {}
        for piece, before, after in pieces:
            if len(piece) > 1:
                found[Requirement((piece,), True)] = None
            elif piece not in NOT_REQUIRED:
                beside = (before and before + piece, after and piece + after)
                found[Requirement(tuple(filter(None, beside)), False)] = None
        return tuple(found)

    def _exact_boost(self, groups: Sequence[ScoredGroup]) -> float:
        """Return a power of ten greater than any sum of scores of groups and terms."""
        weights = sum([1 + sum([term.weight for term in group.terms]) for group in groups])
        most = weights * log(1 + (self._sections + 0.5) / 0.5)
        return float(10 ** max(2, ceil(log10(most + 1))))

    def field_values(self, field: str) -> Sequence[Any]:
        """Return the distinct values of a document field in the index, without null."""
        return self._values(field)

    def filter_values(self, name: str, value: str) -> frozenset[str]:
        """Return the values in the index that a typed filter value matches."""
        declared = filter_named(name)
        assert declared is not None
        wanted = {reduce(value), *map(reduce, meanings(declared, reduce(value)))}
        if declared.kind == "place":
            from policysearch.gazetteer.places import names_for_filter

            wanted |= {reduce(place) for place in names_for_filter(value)}
        named = self._named(declared.field, declared.kind)
        found = frozenset(stored for name in wanted for stored in named.get(name, ()))
        if declared.field == "document_number" and not found:
            number = issuer_and_figures(reduce(value))
            return frozenset(one for one in self._values(declared.field) if issuer_and_figures(reduce(one)) == number)
        return found

    def filter_node(self, name: str, value: str) -> Node:
        """Return the tree of the documents that a typed filter value matches.

        A city or a province may be 全国, as in counts: the nation's own documents, which have neither.
        """
        declared = filter_named(name)
        assert declared is not None
        own = ValueIn(declared.field, self.filter_values(name, value))
        if declared.field not in ("city", "province") or LEVELS[0] not in self._values("level"):
            return own
        from policysearch.gazetteer.places import names_for_filter

        return ValueIn("level", frozenset(LEVELS[:1])) if NATION in names_for_filter(value) else own


class _Resolution:
    """The resolution of one query."""

    def __init__(self, resolver: Resolver, match: str, word: bool, asked: bool = False) -> None:
        self._resolver = resolver
        self._match = match
        self._word = word
        self._asked = asked
        self.cut: dict[int, tuple[str, ...]] = {}
        self._required: dict[str, tuple[Requirement, ...]] = {}
        self.exact = True

    def words(self, group: Group) -> tuple[str, ...]:
        found = self.cut.get(group.position)
        if found is None:
            found = self.cut[group.position] = self._resolver.words(group)
        return found

    # selection

    def node(self, expression: Expression) -> Node:
        match expression:
            case Group():
                return self._group(expression, self._match)
            case Phrase():
                return self._phrase(expression, "text")
            case AllOf(children):
                return self._all_of(children)
            case AnyOf(children):
                return Or(tuple(map(self.node, children)))
            case NoneOf(child):
                # an excluded group is excluded as typed, in every mode
                return Not(_Resolution(self._resolver, "exact", self._word).node(child))
            case Near(places, _):
                needed = And(tuple(Contains(text) for place in places for text in _needed(place)))
                return self._checked(needed, expression)
            case Within(_, child) | Measured(child):
                return self._checked(self._needed_within(child), expression)
            case InField("heading", Group() as group) if self._match != "exact":
                several = (group, *(Group(text, group.position) for text in _other_spellings(group)))
                self.exact = self.exact and len(several) == 1
                return _one_of([self._group(one, self._match, "heading") for one in several])
            case InField(field, Group() as group):
                return self._group(group, self._match, field)
            case InField(field, Phrase() as phrase):
                return self._phrase(phrase, field)
            case Filter():
                return self._filter(expression)
        raise TypeError(expression)  # pragma: no cover

    def _strict(self) -> str:
        return "exact" if self._match == "exact" else "all"

    def requirements(self, group: Group) -> tuple[Requirement, ...]:
        """Return the requirements of a group, as in ``Resolver.requirements``."""
        if self._match == "exact":
            return ()
        found = self._required.get(group.reduced)
        if found is None:
            self.words(group)
            found = self._resolver.requirements(group)
            if self._word and not all(_stands_whole(text, group.text) for one in found for text in one.texts):
                found = ()  # if a piece is part of a longer word, only the complete group is a whole word
            self._required[group.reduced] = found
            self.exact = self.exact and (not found or found[0].texts == (group.reduced,))
        return found

    def _group(self, group: Group, match: str, field: str = "text") -> Node:
        required = () if match == "exact" else self.requirements(group)
        if not required:
            return self._contains(group.reduced, field)
        if match == "any":
            return _one_of([self._contains(one.texts[0], field) for one in required if one.is_word])
        parts = [_one_of([self._contains(text, field) for text in one.texts]) for one in required]
        return parts[0] if len(parts) == 1 else And(tuple(parts))

    def _contains(self, text: str, field: str = "text") -> Contains:
        return Contains(text, field, self._word and may_be_inside(text))

    def _phrase(self, phrase: Phrase, field: str) -> Node:
        if not phrase.wild:
            return self._contains(phrase.pieces[0][0], field)
        candidates = And(tuple(map(Contains, literals(phrase))))
        word = self._word
        return Verified(candidates, lambda reduced, show: wild_holds(phrase, Text(reduced, show, word)))

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
        # a repeated filter is OR, different ones are AND
        others.extend(nodes[0] if len(nodes) == 1 else Or(tuple(nodes)) for nodes in filters.values())
        if self._match == "any" and len(wanted) > 1:
            wanted = [Or(tuple(wanted))]
        nodes = (*wanted, *others)
        return nodes[0] if len(nodes) == 1 else And(nodes)

    def _checked(self, candidates: Node, expression: Expression) -> Node:
        requirements, word = self.requirements, self._word
        return Verified(candidates, lambda reduced, show: holds(expression, Text(reduced, show, word), requirements))

    def _needed_within(self, expression: Expression) -> Node:
        """Return a superset: sections that contain anywhere the words required in one sentence."""
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
            ranges = [Range(declared.field, *ends) for ends in ((filter.low, filter.high), *filter.others)]
            return ranges[0] if len(ranges) == 1 else Or(tuple(ranges))
        if declared.kind in ("latest", "as-of"):
            return self._resolver.in_force(filter.value if declared.kind == "latest" else str(filter.high))
        if declared.kind == "documents":
            return OfDocuments(ids_matching(self._resolver.field_values(declared.field), filter.value))
        if declared.field == "part":
            return ValueIn("part", frozenset(meanings(declared, reduce(filter.value))))
        return self._resolver.filter_node(filter.field, filter.value)

    # ranking

    def scored(self, leaves: Sequence[Group | Phrase]) -> tuple[ScoredGroup, ...]:
        """Return the scored groups: as typed, with their words and the bigrams of their Han characters.

        In a very long query only the first 1,000 terms are scored, words before bigrams; all are used for matching.
        """
        groups: dict[str, ScoredGroup] = {}
        asking = self._asks(leaves)
        for leaf in leaves:
            phrase = isinstance(leaf, Phrase)
            texts = literals(leaf) if isinstance(leaf, Phrase) else [leaf.reduced]
            words = texts if phrase or self._match == "exact" else self._resolver.cut(texts[0])
            scored, pieces = tuple(words), texts
            if asking and not phrase:
                if only_asks(words):
                    continue
                scored, pieces = subject_words(words), without_asking(texts[0])
            pairs = [pair for text in pieces for pair in pairwise(text)]
            grams = dict.fromkeys([a + b for a, b in pairs if is_han(a) and is_han(b)])
            terms = (
                *[Term("words", word) for word in dict.fromkeys(scored)],
                *[Term("grams", gram, GRAM_WEIGHT) for gram in grams],
            )
            text = "" if isinstance(leaf, Phrase) and leaf.wild else texts[0]
            # with any, a group scored as one term would otherwise rank below its separate words
            together = self._match == "all" or (self._match == "any" and (len(leaves) == 1 or _is_long(words)))
            raises = together and not phrase and tuple(words) != (text,)
            groups.setdefault(text or repr(leaf), ScoredGroup(text, terms, raises))
        if sum([len(group.terms) for group in groups.values()]) > _MOST_TERMS:
            every = dict.fromkeys(term for group in groups.values() for term in group.terms)
            kept = frozenset(sorted(every, key=lambda term: term.field != "words")[:_MOST_TERMS])
            return tuple(
                replace(group, terms=tuple(term for term in group.terms if term in kept)) for group in groups.values()
            )
        return tuple(groups.values())

    def _asks(self, leaves: Iterable[Expression]) -> bool:
        """Return whether words that only ask are left out: not if there are no others."""
        if not self._asked:
            return False
        return any(not isinstance(leaf, Group) or subject_words(self.words(leaf)) for leaf in leaves)

    def marker(self, expression: Expression) -> Marker:
        """Return the marker of the matches: groups or their words, phrases, and verified expressions."""
        groups: list[tuple[str, tuple[str, ...]]] = []
        texts: list[str] = []
        verified: list[Phrase | Near | Within | Measured] = []
        wanted = list(_wanted(expression))
        asking = self._asks(wanted)
        for part in wanted:
            if isinstance(part, (Near, Within, Measured)) or (isinstance(part, Phrase) and part.wild):
                verified.append(part)
            elif isinstance(part, Phrase):
                texts += literals(part)
            else:
                words = _words(self.requirements(part))
                if not (asking and only_asks(self.words(part))):
                    groups.append((part.reduced, subject_words(words) if asking else words))
        texts += [text for group in _in_headings(expression) for text in _other_spellings(group)]
        return Marker(groups, texts, verified, self.requirements, self._word)


def _stands_whole(text: str, within: str) -> bool:
    return not may_be_inside(text) or stands_whole(text, reduce(within), lambda: within)


def _pieces(reduced: str, words: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    """Yield each word of a reduced text with its neighbours: a word, or one other character."""
    spans = []
    at = 0
    for word in words:
        at = reduced.index(word, at)
        spans.append((at, at + len(word)))
        at += len(word)
    for i, (start, end) in enumerate(spans):
        before = reduced[spans[i - 1][0] if i and spans[i - 1][1] == start else max(0, start - 1) : start]
        after = reduced[end : spans[i + 1][1] if i + 1 < len(spans) and spans[i + 1][0] == end else end + 1]
        yield reduced[start:end], before, after


def _words(requirements: Iterable[Requirement]) -> tuple[str, ...]:
    """Return the words among requirements: single characters neither count nor are marked."""
    return tuple(one.texts[0] for one in requirements if one.is_word)


def _is_long(words: Iterable[str]) -> bool:
    """Return whether a group with these words is a question if it occurs nowhere as typed."""
    return len({word for word in words if len(word) > 1}) >= WORDS_OF_A_QUESTION


def _one_of(nodes: Sequence[Node]) -> Node:
    return nodes[0] if len(nodes) == 1 else Or(tuple(nodes))


def _wanted(expression: Expression) -> Iterable[Group | Phrase | Near | Within | Measured]:
    """Yield the positive parts of an expression on the text, in order."""
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
    """Yield the positive groups and phrases on the text, in order."""
    if isinstance(expression, Group):  # most queries are a single group
        yield expression
        return
    for part in _wanted(expression):
        match part:
            case Near(places, _):
                yield from places
            case Within(_, child) | Measured(child):
                yield from _positive(child)
            case Group() | Phrase():
                yield part


def _in_headings(expression: Expression) -> Iterable[Group]:
    """Yield the positive groups that must occur in a heading."""
    match expression:
        case InField("heading", Group() as group):
            yield group
        case AllOf(children) | AnyOf(children):
            for child in children:
                yield from _in_headings(child)


_NUMBERED = rf"第[{NUMERAL}0-9]{{1,9}}(?:分编|编|章|节|条|部分)(?:之[{NUMERAL}0-9]{{1,3}})?"


def _other_spellings(group: Group) -> list[str]:
    """Return a group that begins with the number of a section with that number in its other spellings: 第39条."""
    found = re.match(_NUMBERED, group.reduced)
    if not found:
        return []
    from policysearch.citation.section_marks import chain_marks, spelled

    spellings = (spelling + group.reduced[found.end() :] for spelling in spelled(chain_marks(found[0])))
    return [text for text in spellings if text != group.reduced]


def typed_groups(expression: Expression) -> tuple[str, ...]:
    """Return the positive groups on the text as typed, without quoted ones."""
    return tuple(dict.fromkeys(part.text for part in _positive(expression) if isinstance(part, Group)))


def _needed(place: Group | Phrase) -> list[str]:
    return literals(place) if isinstance(place, Phrase) else [place.reduced]
