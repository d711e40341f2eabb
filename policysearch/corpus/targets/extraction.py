"""Extraction of a report's statements, each with its period, and of the passage that lists the targets."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from policysearch.corpus.targets.grammar import statements
from policysearch.corpus.targets.indicators import Indicators
from policysearch.corpus.targets.statement import Statement
from policysearch.corpus.targets.target_periods import Period, markers, of_heading, of_section
from policysearch.engines.protocol import Stored
from policysearch.frozen import frozen
from policysearch.query.matching import Text
from policysearch.text.folding import BORDER, reduce

__all__ = ["Said", "read_statements"]

_INTRODUCES = re.compile(
    r"(?:预期|主要|发展|奋斗|总体|工作|增长|经济|控制|约束性|核心)(?:性?目标任务|目标|指标)[^。;,\d]{0,16}?(?:,?即|如下|是|为|:)|预期目标|目标(?:是|为|:)"
)
_AIMS_FOLLOW = re.compile(r"预期目标[^。;,\d]{0,16}?(?:,?即|如下|是|为|:)")
_IN_A_LIST = re.compile(r"[-·●■◆★*]|\(?[一二三四五六七八九十\d]{1,3}[.、)]|[一二三四五六七八九十]是")
_EVERY_YEAR = re.compile("年均|平均每年|每年平均|年平均")
_BASE_YEAR = re.compile(r"[比较](\d{4})年")
_MEANT = re.compile("力争|确保|争取|努力")
_NO_AIMS = ("glossary", "attachment")
_ENDS_A_PARAGRAPH = tuple("。!?;:")
_OF_THE_NATION = re.compile("(?:全国|我国|国家)[^,;。:、]{0,4}$")
_UNKNOWN = ("body", "preamble")
_PUNCTUATION = re.compile("[,;:。!?]")
_LONGEST_HEADING = 30
_MOST_BEFORE_AN_AIM = 8
_UNTIL = re.compile(r"[到至]\d{4}年")
_END = re.compile("[。!?]")
_LEAST_WITHOUT_INTRODUCTION = 3


@frozen
class Said:
    """A statement with its place in a report.

    Attributes:
        stored: Its section.
        sentence: Start and end of its sentence, as offsets in the section's reduced text.
        statement: The statement, with offsets likewise.
        period: Its period.
        in_passage: Whether it is in the targets passage.
    """

    stored: Stored
    sentence: tuple[int, int]
    statement: Statement
    period: Period
    in_passage: bool


class _Sentence:
    """A sentence of a report that may contain statements.

    Attributes:
        stored: Its section.
        start: Its offset in the section's reduced text.
        end: Its end offset.
        times: The offsets of its time expressions, and their periods; the first applies at its start.
        far: A period several years ahead that the paragraph named before, or None.
        introduces: Whether it announces that targets follow.
        listed: Whether its paragraph has a list mark, or starts with an indicator.
        stated: Its statements.
    """

    def __init__(
        self,
        stored: Stored,
        start: int,
        end: int,
        times: Sequence[tuple[int, Period]],
        far: Period | None,
        introduces: bool,
        listed: bool,
    ) -> None:
        self.stored = stored
        self.start = start
        self.end = end
        self.times = times
        self.far = far
        self.introduces = introduces
        self.listed = listed
        self.stated: Sequence[Statement] = ()

    def period(self, statement: Statement, year: int) -> Period:
        """Return the period of a statement in the sentence."""
        text = self.stored.reduced
        quantity_start = statement.quantity.start if statement.quantity else statement.start
        last = self.times[0][1]
        for at, period in self.times[1:]:
            # including a time expression between the indicator and the quantity
            if at <= quantity_start:
                last = period
        if last.several:
            return last
        first = year - (year - 1966) % 5
        plan = Period("target", first + 5, first + 9) if year - first == 4 else Period("target", first, first + 4)
        if _EVERY_YEAR.search(text, max(self.start, statement.start - 12), statement.end):
            return Period("actual", year - 5, year - 1) if last.kind == "actual" else plan
        base = _BASE_YEAR.search(text, statement.start, quantity_start)
        if base and last.kind == "target" and base[1].isascii() and int(base[1]) < year - 1:
            return self.far or plan  # 比2020年翻一番
        return last

    def annual(self, year: int) -> list[Statement]:
        """Return its targets for the year itself."""
        wanted = Period("target", year, year)
        return [one for one in self.stated if self.period(one, year) == wanted]


_Paragraph = list[_Sentence]


def read_statements(sections: Iterable[Stored], year: int, indicators: Indicators) -> list[Said]:
    """Return the statements of a report's sections, in order, including those in words in its targets passage.

    Args:
        sections: Sections of one report, in order.
        year: The year that it plans.
        indicators: The indicators to search for.
    """
    paragraphs = list(_paragraphs(sections, year, indicators))
    sentences = [one for paragraph in paragraphs for one in paragraph]
    for one in sentences:
        one.stated = _stated(one, indicators, words=False)
    passage = _passage(paragraphs, year)
    for one in passage:
        one.stated = _stated(one, indicators, words=True)
    inside = set(map(id, passage))
    return [
        Said(one.stored, (one.start, one.end), statement, one.period(statement, year), id(one) in inside)
        for one in sentences
        for statement in one.stated
    ]


def _stated(sentence: _Sentence, indicators: Indicators, words: bool) -> list[Statement]:
    """Return a sentence's statements about the report's own place: a province's report may cite national targets."""
    text = sentence.stored.reduced
    found = statements(text, sentence.start, sentence.end, indicators, words)
    if sentence.stored.document["level"] == "国家":
        return found
    return [one for one in found if not _OF_THE_NATION.search(text, max(sentence.start, one.start - 8), one.start)]


def _paragraphs(sections: Iterable[Stored], year: int, indicators: Indicators) -> Iterator[_Paragraph]:
    """Yield the paragraphs that may contain statements, with an empty one for each gap between them."""
    annual = Period("target", year, year)
    listed: Period | None = None  # the period of a paragraph that ended with a colon
    for stored in sections:
        reduced = stored.reduced
        no_aims = stored.part in _NO_AIMS and not _AIMS_FOLLOW.search(reduced)
        if no_aims or not (indicators.any_in(reduced) or "目标" in reduced[-24:]):
            listed = None
            yield []
            continue
        headings = (stored.document["title"] or "", *stored.path)
        usual = of_section([reduce(one) for one in headings], stored.part, year)
        for lines in _lines(stored, indicators):
            paragraph: _Paragraph = []
            if stored.part in _UNKNOWN and _like_a_heading(reduced, lines[0][0], lines[-1][1]):
                usual = of_heading(reduced[lines[0][0] : lines[-1][1]], year)
            in_a_list = bool(_IN_A_LIST.match(reduced, lines[0][0])) or indicators.begins(reduced, lines[0][0])
            carried = listed if in_a_list else None
            far: Period | None = None
            for begin, end in lines:
                named = list(markers(reduced, begin, end, year, stored.part))
                introduction = _INTRODUCES.search(reduced, begin, end)
                base = carried or usual
                if introduction:
                    # 综合2025年的情况,今年的目标是: the time before it does not count
                    named = [
                        one for one in named if one[0] > introduction.start() or not _apart(reduced, one, introduction)
                    ]
                    if not any(period.several for _, period in named):
                        surely = _AIMS_FOLLOW.match(reduced, introduction.start(), end)
                        base = annual if surely or usual is None or usual.several else usual
                        carried = annual if base != usual else None
                if base is None and stored.part == "body" and _MEANT.search(reduced, begin, end):
                    base = annual
                if base is None and not named:
                    continue
                times = [(begin, base or named[0][1]), *named]
                last = times[-1][1]
                if last.several and not _UNTIL.search(reduced, begin, end):
                    carried = last
                elif last.several and last.kind == "target":
                    far = last
                paragraph.append(_Sentence(stored, begin, end, times, far, introduction is not None, in_a_list))
            ends = reduced[lines[-1][1] - 1] == ":"
            listed = paragraph[-1].times[-1][1] if ends and paragraph else carried if carried is listed else None
            yield paragraph


def _apart(reduced: str, marker: tuple[int, Period], introduction: re.Match[str]) -> bool:
    """Return whether a past time is named in a clause before the one that introduces targets."""
    at, period = marker
    return period.kind == "actual" and "," in reduced[at : introduction.start()]


def _like_a_heading(reduced: str, start: int, end: int) -> bool:
    """Return whether a line looks like a heading that the document's structure lacks."""
    mark = _IN_A_LIST.match(reduced, start, end)
    return bool(mark) and end - start <= _LONGEST_HEADING and not _PUNCTUATION.search(reduced, start, end)


def _lines(stored: Stored, indicators: Indicators) -> Iterator[list[tuple[int, int]]]:
    """Yield the sentences of each paragraph; a sentence broken into several lines is joined."""
    reduced = stored.reduced
    title = reduce((stored.number or "") + (stored.heading or ""))
    heading = len(title) if reduced.startswith(title) else 0
    breaks = [at for at in Text(reduced, lambda: stored.text).line_breaks if 0 < at < len(reduced)]
    hard = {at for at in breaks if reduced[at - 1] in _ENDS_A_PARAGRAPH or _IN_A_LIST.match(reduced, at)}
    # text in two cells, or in two blocks, is not one sentence
    hard |= {at for at, character in enumerate(reduced) if character == BORDER and at} if BORDER in reduced else set()
    hard |= {at for before, at in pairwise([0, *breaks]) if _like_a_heading(reduced, before, at)}
    # where successive lines start with an indicator, each is a target, with or without an end mark
    aims = [at for at in breaks if indicators.begins(reduced, at)]
    places = {at: number for number, at in enumerate(breaks)}
    hard |= {at for one, other in pairwise(aims) if places[other] == places[one] + 1 for at in (one, other)}
    borders = sorted(hard | ({heading} if 0 < heading < len(reduced) else set()))
    for start, end in zip([0, *borders], [*borders, len(reduced)], strict=True):
        start += reduced.startswith(BORDER, start)
        ends = [found.end() for found in _END.finditer(reduced, start, end)]
        if not ends or ends[-1] < end:
            ends.append(end)
        if end > start:
            yield list(zip([start, *ends[:-1]], ends, strict=True))


def _passage(paragraphs: Sequence[_Paragraph], year: int) -> list[_Sentence]:
    """Return the sentences of the targets passage, empty when there is none."""
    best: list[_Sentence] = []
    most = 0
    for number, paragraph in enumerate(paragraphs):
        for at, one in enumerate(paragraph):
            if at and not one.introduces:
                continue
            block = _block(paragraph[at:], paragraphs[number + 1 :], year)
            stated = {statement.indicator for some in block for statement in some.annual(year)}
            if len(stated) < (1 if one.introduces else _LEAST_WITHOUT_INTRODUCTION):
                continue
            weight = len(stated) + 2 * ("地区生产总值" in stated) + 2 * one.introduces
            if weight > most:
                best, most = block, weight
    return best


def _block(first: Sequence[_Sentence], following: Sequence[_Paragraph], year: int) -> list[_Sentence]:
    """Return the sentences of a paragraph, and of those after it that continue with targets."""
    block = list(first)
    for paragraph in following:
        if not paragraph or any(one.introduces for one in paragraph):
            break
        before, one = block[-1], paragraph[0]
        stated = [(some, statement) for some in paragraph for statement in some.annual(year)]
        if stated:
            at_its_beginning = one.listed or stated[0][1].start - one.start <= _MOST_BEFORE_AN_AIM
            goes_on = before.annual(year) or one.listed or before.stored.reduced[before.end - 1] == ":"
            if not (at_its_beginning and goes_on):
                break
        elif not (one.listed and before.listed):
            break
        block += paragraph
    return block
