"""The parser of the query language, which needs no index.

    优化 营商环境        both groups           "营商环境" 「营商环境」   exactly this
    优化 AND 营商环境    the same              heading:… title:…        only there
    A OR B, A | B        either                region:… year:2020..2024 filters
    -疫情, NOT 疫情      not                   句(A B) 段(A B)          in one sentence, one paragraph
    (A OR B) C           grouping              A ~10 B                  at most ten characters between
    names:经营主体       it, or another name of it in the list of names
    量(地区生产总值 >=5.5%)  one sentence with the term and a quantity that satisfies the comparison
    "优化*环境"          * up to 20 characters of a sentence, ? one, \\ makes any character literal

Operators and brackets may be full width. ``NOT`` binds tightest, then ``~N``,
then ``AND`` or juxtaposition, then ``OR``. A syntax error is a ``QueryError``
with its position.

The parser is hand-written: errors give the position and the expected syntax,
and a parser library (lark, pyparsing) takes as long to import (93 and 116 ms)
as a search.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NoReturn

from policysearch.errors import QueryError
from policysearch.frozen import replace
from policysearch.query.filters import field_filter
from policysearch.query.lexer import AS_IT_IS, Token, tokens_of
from policysearch.query.syntax import (
    AllOf,
    AnyOf,
    Expression,
    Group,
    InField,
    Measured,
    Near,
    NoneOf,
    Phrase,
    Within,
    normalize_query,
)
from policysearch.text.folding import reduce
from policysearch.vocabulary import NAMES_FIELD, TEXT_FIELDS

__all__ = ["expanded_names", "literal", "parse", "parse_plain"]

_LONE = "[\ud800-\udfff]"
_RUN = r"\S+"
_MOST_CHARACTERS = 5_000
_MOST_PARTS = 1_000
_MOST_DEPTH = 100
_MOST_LOOKED_AT = 8  # each may take a tenth of a second to verify on some 20,000 sections


def parse(query: str) -> Expression:
    """Parse a query. Raises ``QueryError``, and nothing else, for a syntax error."""
    text = normalize_query(query)
    if len(text) > _MOST_CHARACTERS:
        raise QueryError(
            f"The query has {len(text)} characters; at most {_MOST_CHARACTERS} are read.",
            text,
            _MOST_CHARACTERS,
        )
    if not text.strip():
        raise QueryError("The query is empty; expected a word, a phrase or a filter.", text, 0)
    return _Parser(text, tokens_of(text)).whole()


def parse_plain(query: str) -> Expression:
    """Parse a query without operators, fields or quotes: each run of characters without a space is a group.

    Raises ``QueryError`` only for an empty query.
    """
    # a byte that is not UTF-8 separates groups like a space
    text = normalize_query(re.sub(_LONE, " ", query))
    groups = tuple(Group(found[0], found.start()) for found in re.finditer(_RUN, text) if reduce(found[0]))
    if not groups:
        raise QueryError("The query is empty; expected a word.", text, 0)
    return groups[0] if len(groups) == 1 else AllOf(groups)


def literal(query: str) -> Expression:
    """Parse a query without operators, quotes or wildcards: all of it is one phrase."""
    text = normalize_query(query)
    reduced = reduce(text)
    if not reduced:
        raise QueryError("The query is empty; expected a phrase.", text, 0)
    return Phrase(text, ((reduced, ""),), 0)


class _Parser:
    """A recursive descent parser with bounded nesting."""

    def __init__(self, query: str, tokens: Sequence[Token]) -> None:
        self._query = query
        self._tokens = tokens
        self._at = 0
        self._depth = 0
        self._looked_at = 0
        self._parts = 0

    @property
    def _next(self) -> Token:
        return self._tokens[self._at]

    def _take(self) -> Token:
        token = self._tokens[self._at]
        self._at += 1
        return token

    def _fail(self, message: str, token: Token) -> NoReturn:
        raise QueryError(message, self._query, token.start)

    def _look(self, token: Token, count: int = 1) -> None:
        """Count the parts of the query that are verified text by text, which is slow."""
        self._looked_at += count
        if self._looked_at > _MOST_LOOKED_AT:
            self._fail(
                f"At most {_MOST_LOOKED_AT} of these are allowed in one query, in total: ~N, 句(…), 段(…), 量(…), "
                "words inside 句(…), 段(…) and 量(…), heading:, title:, and * and ? in quotes.",
                token,
            )

    def whole(self) -> Expression:
        expression = self._any_of(allow_filters=True)
        if self._next.kind == ")":
            self._fail(f"This bracket closes one that was not opened. {AS_IT_IS}", self._next)
        return expression

    def _any_of(self, allow_filters: bool) -> Expression:
        children = [self._all_of(allow_filters)]
        while self._next.kind == "OR":
            self._take()
            children.append(self._all_of(allow_filters))
        return children[0] if len(children) == 1 else AnyOf(tuple(children))

    def _all_of(self, allow_filters: bool) -> Expression:
        children = [self._near(allow_filters)]
        while True:
            if self._next.kind == "AND":
                self._take()
            elif self._next.kind in ("OR", ")", "end"):
                break
            children.append(self._near(allow_filters))
        return children[0] if len(children) == 1 else AllOf(tuple(children))

    def _near(self, allow_filters: bool) -> Expression:
        first_token = self._next
        first = self._unary(allow_filters)
        if self._next.kind != "NEAR":
            return first
        places: list[Group | Phrase] = []
        distances: list[int] = []
        operand, token = first, first_token
        while True:
            if not isinstance(operand, (Group, Phrase)):
                self._fail("Expected a word or a phrase in quotes on both sides of ~.", token)
            places.append(operand)
            if self._next.kind != "NEAR":
                return Near(tuple(places), tuple(distances))
            self._look(self._next)
            distances.append(self._take().number)
            token = self._next
            operand = self._unary(allow_filters)

    def _unary(self, allow_filters: bool) -> Expression:
        negations = 0
        while self._next.kind == "NOT":
            self._take()
            negations += 1
        child = self._primary(allow_filters)
        return NoneOf(child) if negations % 2 else child

    def _primary(self, allow_filters: bool) -> Expression:
        token = self._take()
        if token.kind in ("group", "phrase", "field"):
            self._parts += 1
            if self._parts > _MOST_PARTS:
                self._fail(f"A query has at most {_MOST_PARTS} words, phrases and filters.", token)
        if token.kind in ("group", "phrase", "within", "measured"):
            self._look(token, _looks(token, alone=allow_filters))
        match token.kind:
            case "group":
                return self._group(token)
            case "phrase" if token.phrase is not None:
                return token.phrase
            case "(":
                return self._bracketed(token, allow_filters)
            case "within":
                return Within(token.text, self._bracketed(token, allow_filters=False))
            case "measured" if token.comparison is not None:
                return Measured(_as_typed(self._bracketed(token, allow_filters=False)), token.comparison, token.text)
            case "field":
                if not allow_filters and token.text != NAMES_FIELD:
                    self._fail("Expected words here: a field is not allowed inside 句(…), 段(…) or 量(…).", token)
                return self._field(token)
            case "end":
                before = self._tokens[self._at - 2] if self._at > 1 else token
                what = f" after {before.text or before.kind}" if self._at > 1 else ""
                self._fail(f"Expected a word or a phrase{what}.", token)
            case ")":
                if self._depth:
                    self._fail("Expected a word or a phrase before this bracket.", token)
                self._fail(f"This bracket closes one that was not opened. {AS_IT_IS}", token)
        return self._fail(f"Expected a word or a phrase before {token.text or token.kind}.", token)

    def _group(self, token: Token) -> Group:
        if not reduce(token.text):
            self._fail("Expected a word or a phrase here, not only white space.", token)
        return Group(token.text, token.start)

    def _bracketed(self, opening: Token, allow_filters: bool) -> Expression:
        self._depth += 1
        if self._depth > _MOST_DEPTH:
            self._fail(f"Brackets are nested more than {_MOST_DEPTH} levels deep.", opening)
        expression = self._any_of(allow_filters)
        if self._next.kind != ")":
            self._fail(f"Expected a closing bracket for the one here. {AS_IT_IS}", opening)
        self._take()
        self._depth -= 1
        return expression

    def _field(self, name: Token) -> Expression:
        token = self._take()
        if token.kind not in ("group", "phrase"):
            # a value may look like an operator: number:-1, type:(…)
            raise QueryError(f"Expected a value after {name.text}:", self._query, token.start)
        if token.start and self._query[token.start - 1].isspace():
            raise QueryError(f"Expected a value right after {name.text}:", self._query, token.start)
        if name.text in TEXT_FIELDS:
            # a long group has many words, each of which is searched in every heading
            self._look(name, 1 + len(token.text) // 20)
            if token.phrase and token.phrase.wild:
                self._fail(f"Wildcards are not supported in {name.text}:; put a backslash before * and ?.", token)
            return InField(name.text, token.phrase or self._group(token))
        value = token.phrase.text if token.phrase else token.text
        if not reduce(value):
            raise QueryError(f"Expected a value after {name.text}:", self._query, token.start)
        if name.text == NAMES_FIELD:
            if token.phrase and token.phrase.wild:
                self._fail("Wildcards are not supported in names:; put a backslash before * and ?.", token)
            return _named(value, token.start)
        return field_filter(name.text, value, self._query, token.start)


def _named(name: str, position: int) -> AnyOf:
    """Return the disjunction of a name and its other names, each as a phrase."""
    from policysearch.gazetteer.names import not_inside, other_names

    names = (name, *(other.name for other in other_names(name)))
    phrases = (
        Phrase(one, ((reduce(one), ""),), position, tuple(reduce(longer) for longer in not_inside(one)))
        for one in names
    )
    return AnyOf(tuple(phrases), name)


def expanded_names(expression: Expression) -> dict[str, tuple[str, ...]]:
    """Return the other names of each name in ``names:`` of a query."""
    match expression:
        case AnyOf(children, str() as name):
            return {name: tuple(child.text for child in children[1:] if isinstance(child, Phrase))}
        case AllOf(children) | AnyOf(children):
            return {name: others for child in children for name, others in expanded_names(child).items()}
        case NoneOf(child) | Within(_, child) | Measured(child):
            return expanded_names(child)
    return {}


def _as_typed(expression: Expression) -> Expression:
    """Return an expression whose groups are phrases."""
    match expression:
        case Group(text, position):
            return Phrase(text, ((expression.reduced, ""),), position)
        case AllOf(children):
            return AllOf(tuple(map(_as_typed, children)))
        case AnyOf(children):
            return replace(expression, children=tuple(map(_as_typed, children)))
        case NoneOf(child):
            return NoneOf(_as_typed(child))
    return expression


def _looks(token: Token, alone: bool) -> int:
    """Return the number of verified parts of a token; ``alone`` when outside 句 and 段."""
    wildcards = len(token.phrase.pieces) - 1 if token.phrase else 0
    return wildcards + (not alone or token.kind in ("within", "measured"))
