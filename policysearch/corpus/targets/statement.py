"""A statement about one indicator, as a number or in words."""

from __future__ import annotations

import re
from collections.abc import Sequence

from policysearch.corpus.targets.indicators import IndicatorMention, Indicators
from policysearch.corpus.targets.word_classes import LEAD, NOUN_TAIL
from policysearch.frozen import frozen
from policysearch.text.quantities import Quantity

__all__ = ["Statement", "stated_in_words"]

_NOUN_TAIL = re.compile(NOUN_TAIL)
_JOINED = re.compile("[、和与及](?!经济(?:增长|发展).{0,4}同步)")  # to a second subject


@frozen
class Statement:
    """A statement about one indicator.

    Attributes:
        indicator: The indicator's name.
        as_written: Start and end of its name, as offsets in the reduced text.
        start: Start of the statement: at the indicator, or at a continuing clause.
        end: End of the statement.
        figure: ``growth``, ``level``, ``share`` or ``change``.
        quantity: The quantity, None for a statement in words.
        words: These words, otherwise those of the operator.
        basis: 同口径, 实际, 年均 and the like, joined by 、; None without.
        stretch: The stretch target as written; None without.
        better: The quantity in it, None without.
        rule: The grammar rule: ``clause``, ``list``, ``respectively``, ``continued`` or ``words``.
    """

    indicator: str
    as_written: tuple[int, int]
    start: int
    end: int
    figure: str
    quantity: Quantity | None
    words: str
    basis: str | None
    stretch: str | None
    better: Quantity | None
    rule: str


_CLAUSE = re.compile(r"[^,;。!?:]+")


def stated_in_words(
    text: str,
    start: int,
    end: int,
    mentions: Sequence[IndicatorMention],
    found: Sequence[Quantity],
    read: Sequence[Statement],
    indicators: Indicators,
) -> list[Statement]:
    """Return the targets that clauses state without a quantity."""
    out = []
    for clause in _CLAUSE.finditer(text, start, end):
        if any(clause.start() <= one.number_start < clause.end() for one in found):
            continue
        inside = [one for one in mentions if clause.start() <= one.start and one.end <= clause.end()]
        if not inside or not LEAD.fullmatch(text, clause.start(), inside[0].start):
            continue
        one = inside[0]
        words = text[one.end : clause.end()]
        if not 1 < len(words) <= 30 or _NOUN_TAIL.fullmatch(words) or _JOINED.match(words):
            continue
        if any(one.start in (said.start, said.as_written[0]) for said in read):
            continue  # a number follows after the comma
        words = re.sub("^(?:涨幅|增速|增幅|指数|总水平)(?=.)", "", words)
        figure = "level" if indicators.per_cent(one.name) == "level" else "growth"
        out.append(
            Statement(
                one.name, (one.start, one.end), one.start, clause.end(), figure, None, words, None, None, None, "words"
            )
        )
    return out
