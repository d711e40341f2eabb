"""Explanation of a search: how the query was parsed, and the parts of each hit's score."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from policysearch.engines.protocol import Engine, TermScore
from policysearch.frozen import frozen
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

if TYPE_CHECKING:
    from policysearch.query.resolution import Resolved
    from policysearch.search.raised import Raised

__all__ = ["Explanation", "HitExplanation", "explained", "read_as", "tree_of"]


@frozen
class HitExplanation:
    """The parts of one hit's score: the boost of its tier, and the sum of BM25 scores that orders the tier.

    Attributes:
        section_id: The hit's section.
        parts: The part of each group as typed (a term of the field ``text``) and of each term.
        exact: The groups that raise the section because it contains them as typed.
        exact_boost: The total boost of these groups.
        cited: ``self``, ``version`` or ``citing``, for a hit of a citation.
        tier: The boost of its tier, for a hit of a citation.
    """

    section_id: str
    parts: tuple[TermScore, ...]
    exact: tuple[str, ...]
    exact_boost: float
    cited: str | None = None
    tier: float = 0.0

    @property
    def bm25(self) -> float:
        """The sum of the parts."""
        return sum(part.score for part in self.parts)

    @property
    def score(self) -> float:
        """The tier, the boost and the sum of the parts."""
        return self.bm25 + self.exact_boost + self.tier


@frozen
class Explanation:
    """The explanation of a search.

    Attributes:
        expression: The parsed query, filters included.
        words: Each group as typed, with its words; empty for a group that is matched literally.
        terms: The scored groups as typed and terms, with their weights.
        hits: The explanation of each hit, in order.
    """

    expression: Expression
    words: tuple[tuple[str, tuple[str, ...]], ...]
    terms: tuple[TermScore, ...]
    hits: tuple[HitExplanation, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return {
            "read_as": read_as(self.expression),
            "tree": tree_of(self.expression),
            "words": [{"group": group, "words": list(words)} for group, words in self.words],
            "terms": [_weight(part) for part in self.terms],
            "hits": [
                {
                    "section_id": hit.section_id,
                    "score": hit.score,
                    "parts": [_added(part) for part in hit.parts if part.frequency],
                    "exact": list(hit.exact),
                    "exact_boost": hit.exact_boost,
                    "bm25": hit.bm25,
                    "cited": hit.cited,
                    "tier": hit.tier,
                }
                for hit in self.hits
            ],
        }


def explained(
    engine: Engine, expression: Expression, resolved: Resolved, keys: Iterable[Any], group: str, tiers: Raised | None
) -> Explanation:
    """Return the explanation of a query and of its hits, given their keys; ``tiers`` of a citation."""
    groups = resolved.groups
    hits = []
    for key in keys:
        (stored,) = engine.stored([key])
        exact = tuple(one.text for one in groups if one.raises and one.text in stored.reduced)
        name = (stored.document["document_id"], stored.ordinal)
        cited = (tiers.label(name), tiers.steps(name) * tiers.step) if tiers else (None, 0.0)
        boost = len(exact) * resolved.exact_boost
        hits.append(HitExplanation(stored.section_id, engine.explain(key, groups, group), exact, boost, *cited))
    words = words_of(expression, resolved.words)
    return Explanation(expression, words, engine.explain(None, groups, group), tuple(hits))


def _weight(part: TermScore) -> dict[str, Any]:
    return {
        "field": part.term.field,
        "term": part.term.text,
        "document_frequency": part.document_frequency,
        "idf": part.idf,
        "weight": part.term.weight,
    }


def _added(part: TermScore) -> dict[str, Any]:
    return {
        "field": part.term.field,
        "term": part.term.text,
        "frequency": part.frequency,
        "length": part.length,
        "factor": part.factor,
        "score": part.score,
    }


def read_as(expression: Expression) -> str:
    """Return an expression on one line, with all operators and brackets."""
    match expression:
        case Group(text):
            return text
        case Phrase():
            return f"“{_pieces(expression)}”"
        case AllOf(children):
            return f"({' AND '.join(map(read_as, children))})"
        case AnyOf(children):
            return f"({' OR '.join(map(read_as, children))})"
        case NoneOf(child):
            return f"NOT {read_as(child)}"
        case Near(places, distances):
            first, *rest = map(read_as, places)
            return f"({first}{''.join(f' ~{d} {p}' for d, p in zip(distances, rest, strict=True))})"
        case Within(unit, child):
            inner = read_as(child)
            inner = inner if isinstance(child, (AllOf, AnyOf, Near)) else f"({inner})"
            return ("句" if unit == "sentence" else "段") + inner
        case Measured(child, _, typed):
            return f"量({read_as(child)} {typed})"
        case InField(field, child):
            return f"{field}:{read_as(child)}"
        case Filter():
            return f"{expression.field}:{_filtered(expression)}"


def _pieces(phrase: Phrase) -> str:
    if not phrase.pieces[0][1]:
        return phrase.pieces[0][0]
    marks = "\\*?"
    pieces = ("".join("\\" + c if c in marks else c for c in piece) + wildcard for piece, wildcard in phrase.pieces)
    return "".join(pieces)


def _filtered(filter: Filter) -> str:
    if filter.field not in ("year", "when"):
        return filter.value
    ranges = (["" if end is None else str(end) for end in ends] for ends in ((filter.low, filter.high), *filter.others))
    return ",".join(low if low == high else f"{low}..{high}" for low, high in ranges)


def tree_of(expression: Expression) -> dict[str, Any]:
    """Return an expression as nested plain values, each with its ``kind``."""
    match expression:
        case Group(text):
            return {"kind": "group", "text": text}
        case Phrase():
            return {"kind": "phrase", "text": _pieces(expression), "wildcards": bool(expression.pieces[0][1])}
        case AllOf(children):
            return {"kind": "and", "children": _trees(children)}
        case AnyOf(children):
            return {"kind": "or", "children": _trees(children)}
        case NoneOf(child):
            return {"kind": "not", "child": tree_of(child)}
        case Near(places, distances):
            return {"kind": "near", "children": _trees(places), "distances": list(distances)}
        case Within(unit, child):
            return {"kind": unit, "child": tree_of(child)}
        case Measured(child, _, typed):
            return {"kind": "quantity", "child": tree_of(child), "comparison": typed}
        case InField(field, child):
            return {"kind": "field", "field": field, "child": tree_of(child)}
        case Filter():
            return {"kind": "filter", "field": expression.field, "value": _filtered(expression)}


def _trees(expressions: Sequence[Expression]) -> list[dict[str, Any]]:
    return [tree_of(child) for child in expressions]


def words_of(expression: Expression, words: Mapping[int, tuple[str, ...]]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return each group and its words, in the order of the query; ``words`` are keyed by the groups' positions."""
    return tuple((group.text, words.get(group.position, ())) for group in _groups(expression))


def _groups(expression: Expression) -> list[Group]:
    match expression:
        case Group():
            return [expression]
        case AllOf(children) | AnyOf(children) | Near(children, _):
            return [group for child in children for group in _groups(child)]
        case NoneOf(child) | Within(_, child) | Measured(child) | InField(_, child):
            return _groups(child)
        case _:
            return []
