"""The lexer of the query language: groups, phrases, brackets, operators, field names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from policysearch.errors import QueryError
from policysearch.frozen import frozen
from policysearch.query.syntax import ANY_ONE, ANY_RUN, Phrase
from policysearch.text.folding import fold, reduce
from policysearch.vocabulary import FILTERS, NAMES_FIELD, TEXT_FIELDS, TWINS

if TYPE_CHECKING:
    from policysearch.text.quantities import QuantityCondition

__all__ = ["AS_IT_IS", "Token", "tokens_of", "wildcard_phrase"]

AS_IT_IS = "To search for the characters literally, use --plain (in Python plain=True)."
"""Advice for quotes and brackets that are meant literally."""

_QUOTES = {'"': '"', "＂": "＂", "“": "”", "「": "」", "『": "』"}
_CLOSING = frozenset("”」』")
_OPEN = "(（"
_CLOSE = ")）"
_BARS = "|｜"
_MINUS = "-－"
_WORDS_OF_OPERATORS = frozenset(("AND", "OR", "NOT", "ＡＮＤ", "ＯＲ", "ＮＯＴ"))
_WITHIN = {"句": "sentence", "段": "paragraph"}
_MEASURED = "量"
_COMPARED = r"(?:[<>=≥≤≧≦＜＞＝]{1,2}\s*[^\s<>=≥≤≧≦＜＞＝]+|(?<=\s)\S+)\s*$"
_TYPED = tuple(one for one in FILTERS if one.kind not in ("since", "until", "as-of"))
_NAMES = {
    **{name: name for name in (*TEXT_FIELDS, NAMES_FIELD)},
    **TWINS,
    **{name: one.name for one in _TYPED for name in (one.name, one.twin) if name},
}
_FIELD = rf"({'|'.join(_NAMES)})[:：]"  # most queries have none: compiled when one has a colon


@frozen
class Token:
    """A part of the query; ``kind``: a bracket, an operator, or group, phrase, field, within, measured, end."""

    kind: str
    start: int
    text: str = ""
    phrase: Phrase | None = None
    number: int = 0
    comparison: QuantityCondition | None = None


def tokens_of(query: str) -> list[Token]:
    """Return the tokens of a cleaned query, followed by one of kind ``end``. Raises ``QueryError``."""
    tokens: list[Token] = []
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
    tokens.append(Token("end", len(query)))
    return tokens


def _measured(query: str, at: int) -> tuple[Token, str]:
    """Return the token of 量( at ``at``, and the query with the comparison blanked out."""
    from policysearch.text.quantities import read_comparison

    depth, end = 1, at + 2
    while end < len(query) and depth:
        depth += (query[end] in _OPEN) - (query[end] in _CLOSE)
        end += 1
    if depth:
        raise QueryError("Expected a closing bracket for the one here.", query, at + 1)
    found = re.compile(_COMPARED).search(query, at + 2, end - 1)
    comparison = read_comparison(reduce(found[0])) if found else None
    if found is None or comparison is None:
        raise QueryError(
            "Expected a comparison after the word, as in: 量(地区生产总值 >=5.5%) or 量(新增就业 50..70万人)",
            query,
            found.start() if found else end - 1,
        )
    blank = query[: found.start()] + " " * len(found[0]) + query[found.end() :]
    return Token("measured", at, found[0].strip(), comparison=comparison), blank


def _token(query: str, at: int) -> tuple[Token, int]:
    """Return the token that starts at ``at``, and its end."""
    character = query[at]
    if character in _QUOTES:
        phrase, end = _quoted(query, at)
        return Token("phrase", at, phrase=phrase), end
    if character in _CLOSING:
        raise QueryError(f"This {character} closes a quote that was not opened. {AS_IT_IS}", query, at)
    if character in _OPEN:
        return Token("(", at), at + 1
    if character in _CLOSE:
        return Token(")", at), at + 1
    if character in _BARS:
        return Token("OR", at), at + 1
    if character in _MINUS:
        if at + 1 < len(query) and query[at + 1].isspace():
            raise QueryError(
                f"Expected a word or a phrase right after {character} (to search for the mark itself: \\{character}).",
                query,
                at + 1,
            )
        return Token("NOT", at, character), at + 1
    if character in _WITHIN and query[at + 1 : at + 2] in ("(", "（"):
        return Token("within", at, _WITHIN[character]), at + 2
    field = re.compile(_FIELD).match(query, at) if ":" in query or "：" in query else None
    if field:
        return Token("field", at, _NAMES[field[1]]), field.end()
    text, end = _run(query, at)
    plain = query[at:end]
    if plain in _WORDS_OF_OPERATORS:
        return Token(fold(plain).upper(), at, plain), end
    if fold(plain)[0] == "~":
        digits = fold(plain)[1:]
        if not (digits.isascii() and digits.isdigit()):
            raise QueryError("Expected a number after ~, as in: 优化 ~10 环境", query, at + 1)
        return Token("NEAR", at, plain, number=min(int(digits[:9]), 10**6)), end
    return Token("group", at, text), end


def _run(query: str, at: int) -> tuple[str, int]:
    """Return the group that starts at ``at``, with escapes resolved, and its end.

    It ends at a space, a quote, a bar or a bracket; but brackets that open
    inside the group and close before any of these belong to it: 国发(2023)1号.
    """
    out: list[str] = []
    start = at
    while at < len(query):
        character = query[at]
        if character == "\\":
            if at + 1 == len(query):
                raise QueryError(f"Expected a character after the backslash. {AS_IT_IS}", query, at + 1)
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
    """Return the offset of the closing bracket for ``at`` inside its group, or None."""
    for end in range(at + 1, min(len(query), at + 200)):
        character = query[end]
        if character in _CLOSE:
            return end + 1
        if character.isspace() or character in _OPEN or character in _QUOTES or character in _BARS + "\\":
            return None
    return None


def _quoted(query: str, at: int) -> tuple[Phrase, int]:
    """Return the phrase whose opening quote is at ``at``, and its end."""
    opening = query[at]
    closing = _QUOTES[opening]
    out: list[str] = []  # characters as typed, with wildcards
    wild: list[tuple[int, str]] = []
    end = at + 1
    depth = 1
    while True:
        if end >= len(query):
            raise QueryError(f"Expected a closing {closing} for the {opening} here. {AS_IT_IS}", query, at)
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
        raise QueryError(f"Expected text between the quotes. {AS_IT_IS}", query, at + 1)
    return phrase, end + 1


def wildcard_phrase(text: str) -> Phrase:
    """Return a normalized text as a phrase in which ``*`` and ``?`` are wildcards unless a backslash precedes them.

    Its pieces are all empty when it has no text besides wildcards.
    """
    out: list[str] = []
    wild: list[tuple[int, str]] = []
    escaped = False
    for character in text:
        if escaped or character not in ("\\", ANY_RUN, ANY_ONE):
            out.append(character)
        elif character != "\\":
            wild.append((len(out), character))
            out.append(character)
        escaped = character == "\\" and not escaped
    return Phrase("".join(out), _pieces("".join(out), wild), 0)


def _pieces(text: str, wild: Sequence[tuple[int, str]]) -> tuple[tuple[str, str], ...]:
    """Return the reduced text in pieces, each with the wildcard that follows it."""
    pieces = []
    at = 0
    for position, kind in wild:
        pieces.append((reduce(text[at:position]), kind))
        at = position + 1
    pieces.append((reduce(text[at:]), ""))
    return tuple(pieces)
