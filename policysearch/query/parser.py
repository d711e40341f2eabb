"""What was typed to a query: the query language, read once, without any index.

    优化 营商环境        both groups           "营商环境" 「营商环境」   exactly this
    优化 AND 营商环境    the same              heading:… title:…        only there
    A OR B, A | B        either                region:… year:2020..2024 filters
    -疫情, NOT 疫情      not                   句(A B) 段(A B)          in one sentence, one paragraph
    (A OR B) C           grouping              A ~10 B                  at most ten characters between
    量(地区生产总值 >=5.5%)  one sentence with the term and a quantity that satisfies the comparison
    "优化*环境"          * up to 20 characters of a sentence, ? one, \\ makes any character literal

Operators and brackets may be full width. ``NOT`` binds tightest, then ``~N``,
then ``AND`` or mere juxtaposition, then ``OR``. Whatever cannot be understood
is a ``QueryError`` that names the place.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, NoReturn, TypeAlias

from policysearch.errors import QueryError
from policysearch.frozen import value
from policysearch.text import characters
from policysearch.text.folding import fold, reduce

if TYPE_CHECKING:
    # what reads quantities is loaded by queries that ask for one
    from policysearch.text.quantities import Comparison

__all__ = [
    "FILTERS",
    "AllOf",
    "AnyOf",
    "Expression",
    "Filter",
    "Group",
    "InField",
    "Measured",
    "Near",
    "NoneOf",
    "Phrase",
    "Within",
    "clean",
    "field_filter",
    "literal",
    "parse",
]

TEXT_FIELDS = ("heading", "title")
FILTERS = ("region", "city", "province", "level", "year", "type", "issuer", "number", "part", "status")

# values that are few and known; any other value is a slip
_KNOWN: dict[str, tuple[str, ...]] = {
    "level": ("国家", "省级", "地级", "县级"),
    "status": ("有效", "已修改", "已废止", "尚未生效"),
    "part": ("preamble", "review", "plan", "targets", "self_building", "glossary", "body", "attachment"),
    "type": (
        "政府工作报告",
        "通知",
        "意见",
        "决定",
        "批复",
        "规划",
        "法律",
        "行政法规",
        "地方性法规",
        "规章",
        "司法解释",
        "公报",
        "其他",
    ),
}

_QUOTES = {'"': '"', "＂": "＂", "“": "”", "「": "」", "『": "』"}
_CLOSING = frozenset("”」』")
_OPEN = "(（"
_CLOSE = ")）"
_BARS = "|｜"
_MINUS = "-－"
_WORDS_OF_OPERATORS = frozenset(("AND", "OR", "NOT", "ＡＮＤ", "ＯＲ", "ＮＯＴ"))
_WITHIN = {"句": "sentence", "段": "paragraph"}
_MEASURED = "量"
_COMPARED = re.compile(r"(?:[<>=≥≤≧≦＜＞＝]{1,2}\s*[^\s<>=≥≤≧≦＜＞＝]+|(?<=\s)\S+)\s*$")
_FIELD = re.compile(rf"({'|'.join(TEXT_FIELDS + FILTERS)})[:：]")
_MOST_CHARACTERS = 5_000
_MOST_PARTS = 1_000
_MOST_DEPTH = 100
_MOST_LOOKED_AT = 8  # each may take a tenth of a second where all of some 20,000 sections are looked at

ANY_RUN = "*"
ANY_ONE = "?"


@value
class Group:
    """A run of typed characters without a space.

    Attributes:
        text: As typed, escapes resolved.
        position: Offset in the query, in characters.
    """

    text: str
    position: int

    @cached_property
    def reduced(self) -> str:
        """The text as it is compared."""
        return reduce(self.text)


@value
class Phrase:
    """An exact group.

    Attributes:
        text: As typed between the quotes, escapes resolved.
        pieces: Reduced text and wildcards in turn, as (text, "" or ``*`` or ``?`` that follows it).
        position: Offset in the query, in characters.
    """

    text: str
    pieces: tuple[tuple[str, str], ...]
    position: int

    @property
    def wild(self) -> bool:
        """Whether it holds a wildcard."""
        return bool(self.pieces[0][1])


@value
class AllOf:
    """All of these."""

    children: tuple[Expression, ...]


@value
class AnyOf:
    """At least one of these."""

    children: tuple[Expression, ...]


@value
class NoneOf:
    """Not this."""

    child: Expression


@value
class Near:
    """Places near one another, in any order, each next to the one before in the list.

    Attributes:
        places: Two or more.
        distances: For each two neighbours, the most characters between them.
    """

    places: tuple[Group | Phrase, ...]
    distances: tuple[int, ...]


@value
class Within:
    """All in one ``sentence`` or one ``paragraph``."""

    unit: str
    child: Expression


@value
class Measured:
    """All in one sentence, with a quantity that satisfies a comparison.

    Attributes:
        child: What the sentence must have; its terms are taken as they were typed.
        comparison: What the quantity must be.
        typed: The comparison as typed.
    """

    child: Expression
    comparison: Comparison
    typed: str


@value
class InField:
    """Only in the ``heading`` or the ``title``."""

    field: str
    child: Group | Phrase


@value
class Filter:
    """A value that a field must have.

    Attributes:
        field: One of ``FILTERS``, or ``when`` for dates.
        value: As typed.
        low: For ``year`` and ``when``: the least value, or None.
        high: The greatest, or None.
        position: Offset of the value in the query, in characters.
    """

    field: str
    value: str
    position: int
    low: int | str | None = None
    high: int | str | None = None


Expression: TypeAlias = Group | Phrase | AllOf | AnyOf | NoneOf | Near | Within | Measured | InField | Filter


@value
class _Token:
    """A part of the query: ``kind`` is a bracket, an operator's name, or group, phrase, field, within, end."""

    kind: str
    start: int
    text: str = ""
    phrase: Phrase | None = None
    number: int = 0
    comparison: Comparison | None = None


def clean(query: str) -> str:
    """Return a query as texts are cleaned: NFC, with line feeds only, without characters that have no width.

    Raises ``QueryError`` for a lone surrogate, which stands for a byte that
    is no UTF-8.
    """
    for position, character in enumerate(query):
        if "\ud800" <= character <= "\udfff":
            raise QueryError("The query is not valid UTF-8 here.", query, position)
    return characters.clean(query)


def parse(query: str) -> Expression:
    """Read a query. Raises ``QueryError``, and nothing else, when it cannot be understood."""
    text = clean(query)
    if len(text) > _MOST_CHARACTERS:
        raise QueryError(
            f"The query has {len(text)} characters; at most {_MOST_CHARACTERS} are read.",
            text,
            _MOST_CHARACTERS,
        )
    if not text.strip():
        raise QueryError("The query is empty; expected a word, a phrase or a filter.", text, 0)
    return _Parser(text, _tokens(text)).whole()


def literal(query: str) -> Expression:
    """Read a query that has no operators, quotes or wildcards: all of it is one phrase."""
    text = clean(query)
    reduced = reduce(text)
    if not reduced:
        raise QueryError("The query is empty; expected a phrase.", text, 0)
    return Phrase(text, ((reduced, ""),), 0)


# tokens


def _tokens(query: str) -> list[_Token]:
    tokens: list[_Token] = []
    at = 0
    while at < len(query):
        if query[at].isspace():
            at += 1
            continue
        if query[at] == _MEASURED and query[at + 1 : at + 2] in ("(", "（"):
            token, query = _measured(query, at)
            at += 2
        else:
            token, at = _token(query, at)
        tokens.append(token)
    tokens.append(_Token("end", len(query)))
    return tokens


def _measured(query: str, at: int) -> tuple[_Token, str]:
    """Return the token of 量( at ``at``, and the query with blanks for the comparison, which is no term."""
    from policysearch.text.quantities import read_comparison

    depth, end = 1, at + 2
    while end < len(query) and depth:
        depth += (query[end] in _OPEN) - (query[end] in _CLOSE)
        end += 1
    if depth:
        raise QueryError("Expected a closing bracket for the one here.", query, at + 1)
    found = _COMPARED.search(query, at + 2, end - 1)
    comparison = read_comparison(reduce(found[0])) if found else None
    if found is None or comparison is None:
        raise QueryError(
            "Expected a comparison behind the word, as in: 量(地区生产总值 >=5.5%) or 量(新增就业 50..70万人)",
            query,
            found.start() if found else end - 1,
        )
    blank = query[: found.start()] + " " * len(found[0]) + query[found.end() :]
    return _Token("measured", at, found[0].strip(), comparison=comparison), blank


def _token(query: str, at: int) -> tuple[_Token, int]:
    """Return the token that begins at ``at``, and where it ends."""
    character = query[at]
    if character in _QUOTES:
        phrase, end = _quoted(query, at)
        return _Token("phrase", at, phrase=phrase), end
    if character in _CLOSING:
        raise QueryError(f"This {character} closes a quote that was not opened.", query, at)
    if character in _OPEN:
        return _Token("(", at), at + 1
    if character in _CLOSE:
        return _Token(")", at), at + 1
    if character in _BARS:
        return _Token("OR", at), at + 1
    if character in _MINUS:
        if at + 1 < len(query) and query[at + 1].isspace():
            raise QueryError(
                f"Expected a word or a phrase right after {character} (to search for the mark itself: \\{character}).",
                query,
                at + 1,
            )
        return _Token("NOT", at, character), at + 1
    if character in _WITHIN and query[at + 1 : at + 2] in ("(", "（"):
        return _Token("within", at, _WITHIN[character]), at + 2
    field = _FIELD.match(query, at)
    if field:
        return _Token("field", at, field[1]), field.end()
    text, end = _run(query, at)
    plain = query[at:end]
    if plain in _WORDS_OF_OPERATORS:
        return _Token(fold(plain).upper(), at, plain), end
    if fold(plain)[0] == "~":
        digits = fold(plain)[1:]
        if not (digits.isascii() and digits.isdigit()):
            raise QueryError("Expected a number after ~, as in: 优化 ~10 环境", query, at + 1)
        return _Token("NEAR", at, plain, number=min(int(digits[:9]), 10**6)), end
    return _Token("group", at, text), end


def _run(query: str, at: int) -> tuple[str, int]:
    """Return the group that begins at ``at``, escapes resolved, and where it ends.

    It ends at a space, a quote, a bar or a bracket; but brackets that open
    inside the group and close before any of these belong to it: 国发(2023)1号.
    """
    out: list[str] = []
    start = at
    while at < len(query):
        character = query[at]
        if character == "\\":
            if at + 1 == len(query):
                raise QueryError("Expected a character after the backslash.", query, at + 1)
            out.append(query[at + 1])
            at += 2
            continue
        if character.isspace() or character in _QUOTES or character in _CLOSING or character in _BARS:
            break
        if character in _OPEN and query[start:at] in _WORDS_OF_OPERATORS:
            break
        if character in _OPEN and at > start:
            end = _closing(query, at)
            if end is not None:
                out.append(query[at:end])
                at = end
                continue
        if character in _OPEN or character in _CLOSE:
            break
        out.append(character)
        at += 1
    return "".join(out), at


def _closing(query: str, at: int) -> int | None:
    """Return where the bracket at ``at`` is closed inside its group, or None when it is not."""
    for end in range(at + 1, min(len(query), at + 200)):
        character = query[end]
        if character in _CLOSE:
            return end + 1
        if character.isspace() or character in _OPEN or character in _QUOTES or character in _BARS + "\\":
            return None
    return None


def _quoted(query: str, at: int) -> tuple[Phrase, int]:
    """Return the phrase whose opening quote is at ``at``, and where it ends."""
    opening = query[at]
    closing = _QUOTES[opening]
    out: list[str] = []  # characters as typed, wildcards as themselves
    wild: list[tuple[int, str]] = []
    end = at + 1
    depth = 1
    while True:
        if end >= len(query):
            raise QueryError(f"Expected a closing {closing} for the {opening} here.", query, at)
        character = query[end]
        if character == "\\" and end + 1 < len(query):
            out.append(query[end + 1])
            end += 2
            continue
        if character == closing:
            depth -= 1
            if not depth:
                break
        elif character == opening:
            depth += 1
        if character in (ANY_RUN, ANY_ONE):
            wild.append((len(out), character))
        out.append(character)
        end += 1
    phrase = Phrase("".join(out), _pieces("".join(out), wild), at)
    if not any(piece for piece, _ in phrase.pieces):
        raise QueryError("Expected text between the quotes.", query, at + 1)
    return phrase, end + 1


def _pieces(text: str, wild: Sequence[tuple[int, str]]) -> tuple[tuple[str, str], ...]:
    """Return the reduced text in pieces, each with the wildcard that follows it."""
    pieces = []
    at = 0
    for position, kind in wild:
        pieces.append((reduce(text[at:position]), kind))
        at = position + 1
    pieces.append((reduce(text[at:]), ""))
    return tuple(pieces)


# grammar


class _Parser:
    """Reads tokens by recursive descent; the depth of brackets is bounded."""

    def __init__(self, query: str, tokens: Sequence[_Token]) -> None:
        self._query = query
        self._tokens = tokens
        self._at = 0
        self._depth = 0
        self._looked_at = 0
        self._parts = 0

    @property
    def _next(self) -> _Token:
        return self._tokens[self._at]

    def _take(self) -> _Token:
        token = self._tokens[self._at]
        self._at += 1
        return token

    def _fail(self, message: str, token: _Token) -> NoReturn:
        raise QueryError(message, self._query, token.start)

    def _look(self, token: _Token, count: int = 1) -> None:
        """Count what is decided by looking at texts one by one, which takes its time."""
        self._looked_at += count
        if self._looked_at > _MOST_LOOKED_AT:
            self._fail(
                f"At most {_MOST_LOOKED_AT} of these are read in one query, all told: ~N, 句(…), 段(…), 量(…), "
                "words inside 句(…), 段(…) and 量(…), heading:, title:, and * and ? in quotes.",
                token,
            )

    def whole(self) -> Expression:
        expression = self._any_of(allow_filters=True)
        if self._next.kind == ")":
            self._fail("This bracket closes one that was not opened.", self._next)
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
                self._fail("Expected a word or a phrase in quotes beside ~.", token)
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
                if not allow_filters:
                    self._fail("Expected words here: a field cannot stand inside 句(…), 段(…) or 量(…).", token)
                return self._field(token)
            case "end":
                before = self._tokens[self._at - 2] if self._at > 1 else token
                what = f" after {before.text or before.kind}" if self._at > 1 else ""
                self._fail(f"Expected a word or a phrase{what}.", token)
            case ")":
                if self._depth:
                    self._fail("Expected a word or a phrase before this bracket.", token)
                self._fail("This bracket closes one that was not opened.", token)
        return self._fail(f"Expected a word or a phrase before {token.text or token.kind}.", token)

    def _group(self, token: _Token) -> Group:
        if not reduce(token.text):
            self._fail("Expected a word or a phrase here, not only white space.", token)
        return Group(token.text, token.start)

    def _bracketed(self, opening: _Token, allow_filters: bool) -> Expression:
        self._depth += 1
        if self._depth > _MOST_DEPTH:
            self._fail(f"Brackets are nested more than {_MOST_DEPTH} deep.", opening)
        expression = self._any_of(allow_filters)
        if self._next.kind != ")":
            self._fail("Expected a closing bracket for the one here.", opening)
        self._take()
        self._depth -= 1
        return expression

    def _field(self, name: _Token) -> Expression:
        token = self._take()
        if token.kind not in ("group", "phrase"):
            # a value may look like an operator: number:-1, type:(…)
            raise QueryError(f"Expected a value after {name.text}:", self._query, token.start)
        if token.start and self._query[token.start - 1].isspace():
            raise QueryError(f"Expected a value right after {name.text}:", self._query, token.start)
        if name.text in TEXT_FIELDS:
            # a long group has many words, each of which is looked for in every heading
            self._look(name, 1 + len(token.text) // 20)
            if token.phrase and token.phrase.wild:
                self._fail(f"Wildcards are not possible in {name.text}:; put a backslash before * and ?.", token)
            return InField(name.text, token.phrase or self._group(token))
        value = token.phrase.text if token.phrase else token.text
        if not reduce(value):
            raise QueryError(f"Expected a value after {name.text}:", self._query, token.start)
        return field_filter(name.text, value, self._query, token.start)


def field_filter(field: str, value: str, query: str, position: int) -> Filter:
    """Return a filter on one of ``FILTERS``.

    Raises ``QueryError`` that points at ``position`` of ``query`` for a value
    that cannot be.
    """
    if field == "year":
        return Filter(field, value, position, *year_range(value, query, position))
    known = _KNOWN.get(field)
    if known and reduce(value) not in map(reduce, known):
        expected = ", ".join(known)
        raise QueryError(f"'{value}' is no value of {field}; expected one of: {expected}.", query, position)
    return Filter(field, value, position)


def _as_typed(expression: Expression) -> Expression:
    """Return an expression whose groups are phrases."""
    match expression:
        case Group(text, position):
            return Phrase(text, ((expression.reduced, ""),), position)
        case AllOf(children):
            return AllOf(tuple(map(_as_typed, children)))
        case AnyOf(children):
            return AnyOf(tuple(map(_as_typed, children)))
        case NoneOf(child):
            return NoneOf(_as_typed(child))
    return expression


def _looks(token: _Token, alone: bool) -> int:
    """Return how much of what a token asks for is decided by looking; ``alone`` when outside 句 and 段."""
    wildcards = len(token.phrase.pieces) - 1 if token.phrase else 0
    return wildcards + (not alone or token.kind in ("within", "measured"))


_YEAR = re.compile(r"([0-9]{4})年?")


def _year(text: str, query: str, position: int) -> int:
    found = _YEAR.fullmatch(text)
    if not found:
        raise QueryError(f"Expected a year such as 2023, or years such as 2020..2024, not '{text}'.", query, position)
    return int(found[1])


def year_range(value: str, query: str, position: int) -> tuple[int | None, int | None]:
    """Return the first and the last year of ``2023``, ``2020..2024``, ``2020..`` or ``..2024``."""
    text = reduce(value)
    if ".." not in text:
        year = _year(text, query, position)
        return year, year
    first, _, last = text.partition("..")
    if not first and not last:
        raise QueryError("Expected a year before or after '..', as in 2020..2024.", query, position)
    low = _year(first, query, position) if first else None
    high = _year(last, query, position) if last else None
    if low is not None and high is not None and low > high:
        raise QueryError(f"Expected the earlier year first: {high}..{low}.", query, position)
    return low, high
