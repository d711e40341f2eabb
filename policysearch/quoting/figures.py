"""Figures that a draft states next to the name of a source, without quotation marks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from policysearch.citation.references import Reference
from policysearch.citation.resolving import Resolution
from policysearch.engines.protocol import Stored
from policysearch.quoting.claims import Quotation, source_of
from policysearch.text.folding import reduce, reduce_with_offsets

if TYPE_CHECKING:
    from policysearch.text.quantities import Quantity

__all__ = ["FigureMatch", "StatedFigure", "compare_figure", "has_figure", "stated_figures"]

_SENTENCE = re.compile(r"[^。;!?\n\0]*")
_NO_FIGURES = frozenset("年月日号条款项章节届次期岁天时分秒") | {"小时", "分钟", "周年", "个月"}
_AMOUNTS = frozenset(("%", "百分点", "元"))
_MANY = 100  # a smaller number in Chinese numerals is mostly part of a name: 两个确立, 八项规定
_BARE_FIGURE = re.compile("[0-9][万亿千百%]")
_DIGIT = re.compile("[0-9]")
_NUMERAL = re.compile("[0-9０-９〇零一二三四五六七八九十百千万亿两]")
_NOT_HAN = re.compile(r"[^\u4e00-\u9fff]+")
_MOST_BEFORE = 60  # characters of a sentence before a figure that say what it is a figure of
_ALIKE = 0.6  # minimum share of the words before a figure that are before one of the source
_CLAUSE_ALIKE = 0.5  # the same, of the clause of the figure
_LEAST_PAIRS = 3
_MOST_CHARACTERS = 400_000  # of the sections that a figure is compared with


class StatedFigure(NamedTuple):
    """A figure of a draft with the source that its sentence names.

    Attributes:
        start: Its offset in the draft.
        end: Its end.
        quantity: The figure.
        before: The words before it in its sentence, after the name of the source; reduced.
        quantity_as_written: The figure as written.
        named: As ``source_of`` returns it.
    """

    start: int
    end: int
    quantity: Quantity
    before: str
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
                before = _sentence_before(reduce(prose[begin:start]))
                yield StatedFigure(start, end, one, before, prose[start:end], named)


def _sentence_before(reduced: str) -> str:
    return re.split(r"[。;!?\n\0]", reduced)[-1][-_MOST_BEFORE:]


def _pairs(before: str) -> set[str]:
    """Return the pairs of neighbouring Han characters in a text."""
    return {run[at : at + 2] for run in _NOT_HAN.split(before) for at in range(len(run) - 1)}


def compare_figure(
    stated: StatedFigure, resolution: Resolution, read: dict[str, list[tuple[Quantity, tuple[int, int]]]]
) -> FigureMatch | None:
    """Return the figure of the named sources that is about the same words; None if there is none to compare with.

    Of several after equally many of the words, one that says the same, or at least has the same number. ``read`` keeps
    the figures of sections for the next call.
    """
    wanted = _pairs(stated.before)
    clause = _pairs(stated.before.rpartition(",")[2])
    best: tuple[tuple[float, bool, bool], FigureMatch] | None = None
    room = _MOST_CHARACTERS
    for cited in resolution.cited:
        for section in cited.sections:
            room -= len(section.reduced)
            if room < 0:
                return best[1] if best else None
            if section.section_id not in read:
                read[section.section_id] = list(_with_sentences(section.reduced))
            for one, sentence in read[section.section_id]:
                if one.dimension != stated.quantity.dimension:
                    continue
                equal = one.bounds == stated.quantity.bounds and one.operator == stated.quantity.operator
                lead = section.reduced[max(sentence[0], one.start - _MOST_BEFORE) : one.start]
                if len(wanted) < _LEAST_PAIRS:
                    alike = float(equal and lead[-2:] == stated.before[-2:])
                else:
                    there = _pairs(lead)
                    if len(clause & there) < _CLAUSE_ALIKE * len(clause):
                        continue  # another subject: 全国增长5.2%，我县增长6.1%
                    alike = len(wanted & there) / len(wanted)
                    near = len(clause & _pairs(lead.rpartition(",")[2])) / max(1, len(clause))
                    alike = alike if alike < _ALIKE else (alike + near + 1) / 3  # of several, that of the same clause
                order = round(alike, 1), equal, one.bounds == stated.quantity.bounds
                if alike >= _ALIKE and (best is None or order > best[0]):
                    figure, written = _written(section, one.start, one.end), _written(section, *sentence)
                    if not equal and figure == stated.quantity_as_written:  # 增长3.4%, 下降3.4%
                        figure = f"{lead[-2:]}{figure}"
                    best = order, FigureMatch(section, figure, written.strip(), equal)
    return best[1] if best else None


def _with_sentences(reduced: str) -> Iterator[tuple[Quantity, tuple[int, int]]]:
    """Yield the quantities of a text, each with the span of its sentence."""
    from policysearch.text.quantities import quantities

    for sentence in _SENTENCE.finditer(reduced):
        if sentence[0]:
            yield from ((one, sentence.span()) for one in quantities(reduced, sentence.start(), sentence.end()))


def _written(section: Stored, start: int, end: int) -> str:
    ((first, last),) = section.shown.way_back.spans([(start, end)])
    return section.text[first:last]
