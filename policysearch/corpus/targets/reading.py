"""A report to the statements in it, each with the time it speaks of; the passage of aims is found."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from policysearch.corpus.targets.grammar import Statement, statements
from policysearch.corpus.targets.indicators import Indicators
from policysearch.corpus.targets.periods import Period, markers, of_section
from policysearch.engines.protocol import Stored
from policysearch.frozen import value
from policysearch.query.matching import Text
from policysearch.text.folding import reduce

__all__ = ["Said", "read"]

_INTRODUCES = re.compile(
    r"(?:预期|主要|发展|奋斗|总体|工作|增长|经济|控制|约束性|核心)(?:性?目标任务|目标|指标)[^。;,\d]{0,16}?(?:是|为|:)|预期目标|目标(?:是|为|:)"
)
_IN_A_LIST = re.compile(r"[-·●■◆★*]|\(?[一二三四五六七八九十\d]{1,3}[.、)]|[一二三四五六七八九十]是")
_EVERY_YEAR = re.compile("年均|平均每年|每年平均|年平均")
_UNTIL = re.compile(r"[到至]\d{4}年")
_END = re.compile("[。!?]")
_LEAST_WITHOUT_INTRODUCTION = 3


@value
class Said:
    """A statement where it stands in a report.

    Attributes:
        stored: Its section.
        sentence: Where its sentence stands, as offsets in the section's reduced text.
        statement: What it says, with offsets likewise.
        period: The time it speaks of.
        in_passage: Whether it stands in the passage of aims.
    """

    stored: Stored
    sentence: tuple[int, int]
    statement: Statement
    period: Period
    in_passage: bool


class _Sentence:
    """A sentence of a report that may state something.

    Attributes:
        stored: Its section.
        start: Its offset in the section's reduced text.
        end: Where it ends.
        paragraph: Counted through the report.
        times: Where it names a time, and the time; the first is that of its beginning.
        introduces: Whether it says that aims follow.
    """

    def __init__(
        self, stored: Stored, start: int, end: int, paragraph: int, times: Sequence[tuple[int, Period]], introduces: bool
    ) -> None:
        self.stored = stored
        self.start = start
        self.end = end
        self.paragraph = paragraph
        self.times = times
        self.introduces = introduces
        self.stated: list[Statement] = []

    def period(self, statement: Statement, year: int) -> Period:
        """Return the time that a statement in it speaks of."""
        last = [period for at, period in self.times if at <= statement.start or at == self.start][-1]
        # also the time that is named between the indicator and the quantity
        end = statement.quantity.start if statement.quantity else statement.start
        for at, period in self.times:
            if statement.start < at <= end and period.several:
                last = period
        if last.several or not _EVERY_YEAR.search(self.stored.reduced, max(self.start, statement.start - 12), statement.end):
            return last
        if last.kind == "actual":
            return Period("actual", year - 5, year - 1)
        first = year - (year - 1966) % 5
        return Period("target", first + 5, first + 9) if year - first == 4 else Period("target", first, first + 4)

    def annual(self, year: int) -> list[Statement]:
        """Return what it aims at for the year itself."""
        wanted = Period("target", year, year)
        return [one for one in self.stated if self.period(one, year) == wanted]


def read(sections: Iterable[Stored], year: int, indicators: Indicators) -> list[Said]:
    """Return what a report's sections state, in order, the words of its passage of aims too.

    Args:
        sections: Sections of one report, in order.
        year: The year that it plans.
        indicators: What to look for.
    """
    sentences = list(_sentences(sections, year, indicators))
    for one in sentences:
        one.stated = statements(one.stored.reduced, one.start, one.end, indicators, words=False)
    passage = _passage(sentences, year)
    for one in passage:
        one.stated = statements(one.stored.reduced, one.start, one.end, indicators, words=True)
    inside = set(map(id, passage))
    return [
        Said(one.stored, (one.start, one.end), statement, one.period(statement, year), id(one) in inside)
        for one in sentences
        for statement in one.stated
    ]


def _sentences(sections: Iterable[Stored], year: int, indicators: Indicators) -> Iterator[_Sentence]:
    """Yield the sentences that may state something, and those that lead up to them."""
    paragraph = 0
    listed: Period | None = None  # what a sentence that ended with a colon spoke of
    for stored in sections:
        if not stored.reduced:
            continue
        if stored.part in ("glossary", "attachment") or not (
            indicators.any_in(stored.reduced) or "目标" in stored.reduced[-24:]
        ):
            listed = None
            paragraph += 1
            continue
        usual = of_section([reduce(one) for one in stored.path], stored.part, year)
        for start, lines in _paragraphs(stored):
            paragraph += 1
            carried: Period | None = listed if _IN_A_LIST.match(stored.reduced, start) else None
            last: Period | None = carried
            for begin, end in lines:
                named = list(markers(stored.reduced, begin, end, year, stored.part))
                introduces = bool(_INTRODUCES.search(stored.reduced, begin, end))
                if introduces and not (named and named[0][1].several) and usual is not None and not usual.several:
                    carried = None
                base = carried or usual or (Period("target", year, year) if introduces else None)
                if base is None and not named:
                    last = None
                    continue
                times = [(begin, base or named[0][1]), *named]
                last = times[-1][1]
                if last.several and not _UNTIL.search(stored.reduced, begin, end):
                    carried = last
                yield _Sentence(stored, begin, end, paragraph, times, introduces)
            listed = last if lines and stored.reduced[lines[-1][1] - 1] == ":" else (carried if carried is listed else None)


def _paragraphs(stored: Stored) -> Iterator[tuple[int, list[tuple[int, int]]]]:
    """Yield where each paragraph begins, and its sentences; lines that a sentence was broken into are one."""
    text = Text(stored.reduced, lambda: stored.text)
    reduced = stored.reduced
    heading = len(reduce((stored.number or "") + (stored.heading or "")))
    borders = [at for at in text.line_breaks if 0 < at < len(reduced) and _is_border(reduced, at, heading)]
    for start, end in zip([0, *borders], [*borders, len(reduced)], strict=True):
        ends = [found.end() for found in _END.finditer(reduced, start, end)]
        if not ends or ends[-1] < end:
            ends.append(end)
        yield start, list(zip([start, *ends[:-1]], ends, strict=True))


def _is_border(reduced: str, at: int, heading: int) -> bool:
    """Tell whether a line that ends before ``at`` ends a paragraph, or only breaks a sentence."""
    return reduced[at - 1] in "。!?;:" or at == heading or bool(_IN_A_LIST.match(reduced, at))


def _passage(sentences: Sequence[_Sentence], year: int) -> list[_Sentence]:
    """Return the sentences of the passage of aims, none where there is no such passage."""
    best: list[_Sentence] = []
    most = 0
    for first, one in enumerate(sentences):
        begins = first == 0 or sentences[first - 1].paragraph != one.paragraph
        if not (one.introduces or begins):
            continue
        block = _block(sentences, first, year)
        stated = {statement.indicator for some in block for statement in some.annual(year)}
        if len(stated) < (1 if one.introduces else _LEAST_WITHOUT_INTRODUCTION):
            continue
        weight = len(stated) + 2 * ("地区生产总值" in stated) + 2 * one.introduces
        if weight > most:
            best, most = block, weight
    return best


def _block(sentences: Sequence[_Sentence], first: int, year: int) -> list[_Sentence]:
    """Return a sentence with those of its paragraph behind it, and the paragraphs that go on with aims."""
    block = [sentences[first]]
    for one in sentences[first + 1 :]:
        before = block[-1]
        if one.paragraph == before.paragraph:
            block.append(one)
            continue
        if one.paragraph > before.paragraph + 1 or not one.annual(year) or one.introduces:
            break
        begins = one.annual(year)[0].start - one.start
        if begins > 8 or not (before.annual(year) or before.stored.reduced[before.end - 1] == ":"):
            break
        block.append(one)
    return block
