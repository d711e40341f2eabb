"""Output of an explanation: the parsed query and the parts of scores, for people."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from policysearch.output.terminal import counted, printable, wrap

if TYPE_CHECKING:
    from policysearch.engines.protocol import TermScore
    from policysearch.search.explanation import Explanation, HitExplanation

__all__ = ["reading_lines", "score_lines"]

_MOST_TERMS = 12
_KINDS = {"text": "as typed", "words": "word", "grams": "bigram"}
"""The name of a term, by its field."""


def reading_lines(explanation: Explanation, match: str, columns: int) -> Iterator[str]:
    """Yield lines with the parsed query, its words, and the weights of its terms."""
    from policysearch.search.explanation import read_as

    yield from wrap(printable(f"Read as: {read_as(explanation.expression)}  (match: {match})"), columns)
    for group, words in explanation.words:
        how = " ".join(words) if words else "matched as it is"
        yield from wrap(printable(f"Cut: {group} → {how}"), columns)
    heaviest = sorted(explanation.terms, key=lambda part: -part.idf * part.term.weight)
    for part in heaviest[:_MOST_TERMS]:
        weight = f"weight {part.term.weight:g} × idf {part.idf:.3f}"
        yield f"Term: {_name(part)}: in {counted(part.document_frequency, 'section')}, {weight}"
    if len(heaviest) > _MOST_TERMS:
        yield f"… and {len(heaviest) - _MOST_TERMS} lighter terms"


def score_lines(hit: HitExplanation, columns: int) -> list[str]:
    """Return lines with the parts of a hit's score, greatest first."""
    held = sorted((part for part in hit.parts if part.frequency), key=lambda part: -part.score)
    sums = [f"{_name(part)} {part.score:.3f} ({part.frequency} of {part.length})" for part in held[:_MOST_TERMS]]
    if len(held) > _MOST_TERMS:
        rest = held[_MOST_TERMS:]
        sums.append(f"{len(rest)} others {sum(part.score for part in rest):.3f}")
    if any(part.factor != 1 for part in held):
        sums[0] += " (only a heading)"
    parts = f"BM25 {hit.bm25:.6f}"
    if hit.exact_boost:
        parts = f"{hit.exact_boost:g} (as typed: “{'”, “'.join(hit.exact)}”) + {parts}"
    if hit.tier:
        parts = f"{hit.tier:g} ({hit.cited}) + {parts}"
    return wrap(printable(f"score {hit.score:.6f} = {parts} = {' + '.join(sums) if sums else '0'}"), columns)


def _name(part: TermScore) -> str:
    return printable(f"{_KINDS[part.term.field]} {part.term.text}")
