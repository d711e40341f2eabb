"""Figures that a draft states next to the name of a source, without quotation marks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from policysearch.citation.references import Reference
from policysearch.citation.resolving import Resolution
from policysearch.engines.protocol import Stored
from policysearch.quoting.claims import Quotation, source_of
from policysearch.text.folding import reduce, reduce_with_offsets

if TYPE_CHECKING:
    from policysearch.text.quantities import Quantity

__all__ = ["FigureMatch", "StatedFigure", "compare_figure", "has_figure", "stated_figures"]

_NO_FIGURES = frozenset("年月日号条款项章节届次期岁天时分秒") | {"小时", "分钟", "周年", "个月"}
_AMOUNTS = frozenset(("%", "百分点", "元"))
_MANY = 100  # a smaller number in Chinese numerals is mostly part of a name: 两个确立, 八项规定
_BARE_FIGURE = re.compile("[0-9][万亿千百%]")
_DIGIT = re.compile("[0-9]")
_NUMERAL = re.compile("[0-9０-９〇零一二三四五六七八九十百千万亿两]")
_NO_WORD = re.compile(r"(?:(?:19|20)\d\d年度?|[^\u4e00-\u9fffa-z])+")
_SENTENCE_END = re.compile(r"[。;!?\n\0]")
_CLAUSE_END = re.compile("[,:]")
# of a draft: the sections of the named source are about these
_WHEN_AND_WHERE = re.compile(
    r"(?<!比)(?:(?:20|19)[0-9]{2}年度?|[去今本]年)|[全我本][国省市县区州]|(?:国内|地区)(?=生产总值)"
)
_SAYS = re.compile(  # between the name of a source and what it says
    r"[中里]?(?:[还也就又曾均]|已经|明确|特别|首次)?"
    r"(?:指出|提出|显示|规定|强调|要求|明确|写道|提到|披露|宣布|表示|公布|确定|称|说)[,:]?"
)
# one that another one is compared with is not that of a figure: 比2022年, 从2019年的, 与2019年相比, 在2022年4%的基础上
_YEAR = re.compile(r"(?<![比较从自\d])((?:19|20)\d\d)年(?![^,;:年]*(?:相比|基础|对比)|以来|[之以]?前|的)")
_MOST_BEFORE = 60  # characters of a sentence before a figure that say what it is a figure of
_ALIKE = 0.6  # minimum Dice coefficient of the words of a figure and those of one of the source that says the same,
_ALIKE_ENOUGH = 0.7  # and of one that says otherwise
_ALL_WORDS = 0.8  # share of the words of a figure that one of the source has which is about the same
_MOST_WORDS = 0.7  # and of one that may be about the same
_LEAST_PAIRS = 3
_MOST_CHARACTERS = 400_000  # of the sections that a figure is compared with


class Label(NamedTuple):
    """The words that say what a figure is a figure of.

    Attributes:
        pairs: Their pairs of neighbouring characters.
        position: The place of the figure among several of the same words, from 0: 分别增长3.8%、6.3%.
        year: The last year that its sentence names before it, as digits, or None.
    """

    pairs: frozenset[str]
    position: int
    year: str | None = None


class StatedFigure(NamedTuple):
    """A figure of a draft with the source that its sentence names.

    Attributes:
        start: Its offset in the draft.
        end: Its end.
        quantity: The figure.
        label: Its words, after the name of the source.
        last: The last two characters before it, reduced.
        quantity_as_written: The figure as written.
        named: As ``source_of`` returns it.
    """

    start: int
    end: int
    quantity: Quantity
    label: Label
    last: str
    quantity_as_written: str
    named: list[tuple[Reference, ...]]


class FigureMatch(NamedTuple):
    """The figure of a source that one of a draft is compared with.

    Attributes:
        section: Its section.
        figure: As written there.
        sentence: Its sentence, as written there.
        equal: Whether both say the same.
    """

    section: Stored
    figure: str
    sentence: str
    equal: bool


def has_figure(claim: str) -> bool:
    """Return whether a text has a figure: a number with a unit, other than a date.

    >>> [has_figure(claim) for claim in ("增长5.2%", "放管服", "十四五", "2023年", "两个确立", "五万元以下")]
    [True, False, False, False, False, True]
    """
    reduced = reduce(claim)
    if not _NUMERAL.search(reduced):
        return False
    from policysearch.text.quantities import quantities  # 18 ms, which few drafts need

    return bool(_BARE_FIGURE.search(reduced)) or any(_is_figure(reduced, one) for one in quantities(reduced))


def _is_figure(reduced: str, quantity: Quantity) -> bool:
    if quantity.dimension in _NO_FIGURES:
        return False
    return (
        quantity.dimension in _AMOUNTS
        or max(map(abs, quantity.bounds)) >= _MANY
        or _DIGIT.search(reduced, quantity.start, quantity.end) is not None
    )


def stated_figures(prose: str, references: Sequence[Reference], quoted: Sequence[Quotation]) -> Iterator[StatedFigure]:
    """Yield the figures of a draft whose sentences name a source.

    Args:
        prose: The draft with its quotations blanked.
        references: Its references, in order.
        quoted: Short quotations, whose figures are left out.
    """
    if not references or not _NUMERAL.search(prose):
        return
    from policysearch.text.quantities import quantities

    ends = [one.end for one in references]
    taken = bytearray(len(prose))
    for low, high in [(one.start, one.end) for one in references] + [
        (one.outer_start, one.outer_end) for one in quoted
    ]:
        taken[low:high] = b"\1" * (high - low)
    for paragraph in re.finditer(r"[^\n]+", prose):
        reduced = reduce_with_offsets(paragraph[0])
        for one in quantities(reduced.text):
            if not _is_figure(reduced.text, one):
                continue
            ((start, end),) = reduced.spans([(one.start, one.end)])
            start, end = paragraph.start() + start, paragraph.start() + end
            if any(taken[start:end]):
                continue
            named = source_of(prose, Quotation("", start, end, start, end), references, ends)
            if named:
                begin = max([paragraph.start(), *(ref.end for refs in named for ref in refs if ref.end <= start)])
                lead = _SENTENCE_END.split(reduce(prose[begin:start]))[-1][-_MOST_BEFORE:]
                if said := _SAYS.match(lead):
                    lead = lead[said.end() :]
                year = _year(lead)
                lead = _WHEN_AND_WHERE.sub("", lead)
                before = [at for at in quantities(lead) if _is_figure(lead, at)]
                label = _label(lead, 0, len(lead), before, one.dimension)._replace(year=year)
                yield StatedFigure(start, end, one, label, lead[-2:], prose[start:end], named)


def _label(text: str, start: int, stop: int, figures: Sequence[Quantity], dimension: str) -> Label:
    """Return the words before a figure: its clause, and those before it if that has too few words.

    Args:
        text: A reduced text.
        start: Where the sentence begins.
        stop: Where the figure begins.
        figures: Other figures between them, ascending.
        dimension: That of the figure; those of another one do not count for its position.
    """
    pairs: set[str] = set()
    last = len(figures)

    def found() -> Label:
        return Label(frozenset(pairs), sum(one.dimension == dimension for one in figures[last:]))

    while True:
        begin = figures[last - 1].end if last else start
        for clause in reversed(_CLAUSE_END.split(text[begin:stop])):
            pairs |= _pairs(clause)
            if len(pairs) >= _LEAST_PAIRS:
                return found()
        if not last:
            return found()
        last -= 1
        stop = figures[last].start


def _year(lead: str) -> str | None:
    """Return the last year that a text before a figure names.

    >>> _year("2023年全市地区生产总值增长"), _year("2023年比2022年增长"), _year("2023年在2022年增长4%的基础上增长")
    ('2023', '2023', '2023')
    """
    years = _YEAR.findall(lead)
    return years[-1] if years else None


def _pairs(text: str) -> set[str]:
    """Return the pairs of neighbouring letters and Han characters in a text."""
    return {run[at : at + 2] for run in _NO_WORD.split(text) for at in range(len(run) - 1)}


def compare_figure(
    stated: StatedFigure, resolution: Resolution, read: dict[str, list[_SourceFigure]]
) -> FigureMatch | None:
    """Return the figure of the named sources that is about the same words; None if there is none to compare with.

    One that says the same and has nearly all words of the draft precedes others: a report has targets and results of
    the same indicator. Of several that have equally many of the words, one of the same year, one at the same place
    among figures of the same words, one that says the same, or one that at least has the same number. Figures of
    another year are left out; one that says the same is returned, as different, unless a figure of the same year or one
    that says the same is left. ``read`` keeps the figures of sections for the next call.
    """
    wanted = stated.label
    best: tuple[tuple[bool, float, bool, bool, bool, bool], FigureMatch] | None = None
    of_other_year: FigureMatch | None = None
    certain = False
    for section in _first_sections(resolution):
        if section.section_id not in read:
            read[section.section_id] = list(_figures_of(section))
        for one, sentence, label in read[section.section_id]:
            if one.dimension != stated.quantity.dimension:
                continue
            equal = one.bounds == stated.quantity.bounds and one.operator == stated.quantity.operator
            last = section.reduced[max(sentence[0], one.start - 2) : one.start]
            at_same_place = wanted.position == label.position
            same = False
            if len(wanted.pairs) < _LEAST_PAIRS:
                alike = float(equal and last == stated.last)
            else:
                shared = len(wanted.pairs & label.pairs)
                alike = 2 * shared / (len(wanted.pairs) + len(label.pairs))
                same = equal and at_same_place and shared >= _ALL_WORDS * len(wanted.pairs)
                if equal and shared < _MOST_WORDS * len(wanted.pairs):
                    continue  # 支出 is not 收入
            if alike < (_ALIKE if equal else _ALIKE_ENOUGH):
                continue
            if wanted.year and label.year and wanted.year != label.year:
                if equal and of_other_year is None:
                    of_other_year = _match(section, one, sentence, False, f"{label.year}年")
                continue
            of_year = label.year is not None and label.year == wanted.year
            order = same, round(alike, 1), of_year, at_same_place, equal, one.bounds == stated.quantity.bounds
            if best is None or order > best[0]:
                made = _match(section, one, sentence, equal)
                if not equal and made.figure == stated.quantity_as_written:  # 增长3.4%, 下降3.4%
                    made = made._replace(figure=f"{last}{made.figure}")
                best = order, made
                certain = equal or label.year is not None
    return best[1] if best and (certain or not of_other_year) else of_other_year


def _match(section: Stored, one: Quantity, sentence: tuple[int, int], equal: bool, lead: str = "") -> FigureMatch:
    """Return a figure of a section, as written there after ``lead``, with its sentence."""
    figure = f"{lead}{_written(section, one.start, one.end)}"
    return FigureMatch(section, figure, _written(section, *sentence).strip(), equal)


def _first_sections(resolution: Resolution) -> Iterator[Stored]:
    """Yield the sections of the named sources, as long as they are not too many to compare."""
    room = _MOST_CHARACTERS
    for cited in resolution.cited:
        for section in cited.sections:
            room -= len(section.reduced)
            if room < 0:
                return
            yield section


class _SourceFigure(NamedTuple):
    quantity: Quantity
    sentence: tuple[int, int]
    label: Label


def _figures_of(section: Stored) -> Iterator[_SourceFigure]:
    """Yield the figures of a section, each with the span of its sentence and its words."""
    from policysearch.text.quantities import quantities

    text = section.reduced
    ends = {end.start() for end in _SENTENCE_END.finditer(text)}
    for start, stop in pairwise(sorted({0, *ends, *section.shown.line_breaks, len(text)})):
        before: list[Quantity] = []
        for one in quantities(text, start, stop):
            if _is_figure(text, one):
                begin = max(start, one.start - _MOST_BEFORE)
                near = [other for other in before if other.start >= begin]
                label = _label(text, begin, one.start, near, one.dimension)._replace(
                    year=_year(text[begin : one.start])
                )
                yield _SourceFigure(one, (start + (start in ends), stop), label)
                before.append(one)


def _written(section: Stored, start: int, end: int) -> str:
    ((first, last),) = section.shown.way_back.spans([(start, end)])
    return section.text[first:last]
