"""Headings without numbers inside a section: sentences above or at the start of paragraphs."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

from policysearch.documents.structure.heads import Head, Lines
from policysearch.documents.structure.marks import mark_at
from policysearch.frozen import frozen, replace
from policysearch.text.chinese import read_numeral
from policysearch.text.patterns import lazy_pattern

__all__ = ["are_sentences", "leads"]

OWN_LINE = 48
"""Maximum length of a sentence that is a heading on a line of its own, in characters."""

LEAD = 30
"""Maximum length of a first sentence without a comma that is the heading of its paragraph, in characters."""

LEAD_OF_TWO = 20
"""The same if only two paragraphs have one."""

BODY = 60
"""Minimum length of a line that can be the body of the heading above it, in characters."""

_ORDINAL = lazy_pattern(
    r"(?P<value>[一二三四五六七八九十]{1,3})(?:是|要|、)|第(?P<value2>[一二三四五六七八九十]{1,3})[，,、]"
)
_DASH = lazy_pattern(r"[ ]*(?:[—–―─－-]{1,3}|[●◆■□★▲•·※◇○]|[-*] ?[●◆■])[ \u3000]*")
_INTRODUCES = lazy_pattern(
    r"以下|下列|如下|方面工作|[几项件]工作|主要做了|重点做[了好]|着力抓好|重点工作$|各位|现在|报告如下"
    r"|请予?审议|特此|此复|[是有]$|(?<!作)为$|^[（(]|[?？]$"
)
_NO_LEAD = lazy_pattern(r"[，,；;：:！!]")
_NO_OWN = lazy_pattern(r"[：:；;]")
_NO_HEAD = lazy_pattern(r"[；;：:！!]")
_STATEMENT = lazy_pattern(
    r"(?:我国|中国|国家|[12]\d{3}年|过去|[一两三四五]年来(?!，我们坚)|目前|当前|因此|所以|但是?|然而|此外"
    r"|同时|其中|由于|必须|今年|去年|明年|本|这些)|(?!这)[^，,]{2,14}(?<![就要于但凡总])是(?!非)"
    r"|.*\d[\d.]*[万亿%％]"
)


SENTENCES = 12
"""Minimum number of lines that end with a sentence in a text that was broken after each sentence."""


def are_sentences(text: str) -> bool:
    """Return whether the lines of a text are sentences, not paragraphs: hardly any contains two of them."""
    ends = text.count("。\n") + text.endswith("。")
    return ends >= SENTENCES and text.count("。") <= 1.04 * ends


@frozen
class _Lead:
    line: int
    style: str
    number: tuple[int, int] | None
    heading: tuple[int, int]
    value: int = 0


def leads(lines: Lines, spans: list[tuple[int, int, int]]) -> list[Head]:
    """Return headings in each of ``spans``: first line, line after the last, level of the section.

    A heading sentence is accepted only next to others of its kind. If each line is one sentence, none is accepted:
    nothing distinguishes it from those below it.
    """
    sentences = are_sentences(lines.text)
    read = _lead_of_lines if sentences else _lead
    found = [[lead for i in range(first, last) for lead in read(lines, i, last)] for first, last, _ in spans]
    own = sum(lead.style == "own" for span in found for lead in span)
    heads: list[Head] = []
    for here, (first, last, level) in zip(found, spans, strict=True):
        outer = _standing(lines, here, own)
        kept = sorted([*outer, *_leading(lines, here, outer, first, last)], key=lambda lead: lead.heading)
        heads += _levels(lines, kept, level)
    return heads


def _lead(lines: Lines, i: int, last: int) -> list[_Lead]:
    text, start, end = lines.text, lines.starts[i], lines.ends[i]
    if end - start < 5 or mark_at(text, start, end):
        return []
    number, value, style = None, 0, "lead"
    found = _ORDINAL.match(text, start, end)
    if found and not text.startswith("、", found.end() - 1):
        number, value, style = found.span(), read_numeral(found["value"] or found["value2"]) or 0, "ordinal"
    else:
        found = _DASH.match(text, start, end)
        style = "dash" if found else "lead"
    begin = found.end() if found and style != "lead" else start
    stop = text.find("。", begin, min(end, begin + 72))
    if stop < 0 or _INTRODUCES.search(text, begin, stop) or stop - begin < 4:
        return []
    if stop == end - 1:
        if stop - begin > OWN_LINE or not _body_below(lines, i, last) or _NO_OWN.search(text, begin, stop):
            return []
        if style == "lead" and _STATEMENT.match(text, begin, stop):
            return []
        return [_Lead(i, "own" if style == "lead" else style, number, (begin, stop), value)]
    if style == "lead" and end - start <= 80:
        second = text.find("。", stop + 1, end)
        if second == end - 1 and stop - begin <= OWN_LINE and _body_below(lines, i, last):
            pair = [_Lead(i, "pair", None, (begin, stop)), _Lead(i, "second", None, (stop + 1, second))]
            return [*pair, *_first_sentence(text, i, begin, stop, end)]
    if end - stop < 20 or _NO_HEAD.search(text, begin, stop):
        return []
    if style == "lead":
        return _first_sentence(text, i, begin, stop, end)
    return [_Lead(i, style, number, (begin, stop), value)] if stop - begin <= 60 else []


def _lead_of_lines(lines: Lines, i: int, last: int) -> list[_Lead]:
    """Return line ``i`` as a heading where lines are sentences: 一是… with lines below it, or after a dash."""
    found = _ORDINAL.match(lines.text, lines.starts[i], lines.ends[i])
    if found is None or lines.text.startswith("、", found.end() - 1):
        return [lead for lead in _lead(lines, i, last) if lead.style == "dash"]
    span = (found.end(), lines.ends[i] - 1)
    heading = 4 <= span[1] - span[0] <= 60 and lines.text[span[1]] == "。" and not _NO_HEAD.search(lines.text, *span)
    below = i + 1 < last and not _ORDINAL.match(lines.text, lines.starts[i + 1]) and lines.mark(i + 1) is None
    value = read_numeral(found["value"] or found["value2"]) or 0
    return [_Lead(i, "ordinal", found.span(), span, value)] if heading and below else []


def _first_sentence(text: str, i: int, begin: int, stop: int, end: int) -> list[_Lead]:
    """Return the first sentence of a paragraph as its heading, if it is short and states no fact."""
    if end - stop < 20 or stop - begin > OWN_LINE or _STATEMENT.match(text, begin, stop):
        return []
    short = stop - begin <= LEAD and not _NO_LEAD.search(text, begin, stop)
    return [_Lead(i, "lead" if short else "parallel", None, (begin, stop))]


def _body_below(lines: Lines, i: int, last: int) -> bool:
    """Return whether line ``i`` is above a paragraph, or above another short line that is."""
    for k in range(i + 1, min(i + 3, last)):
        if lines.size(k) >= BODY:
            return True
        if lines.size(k) > OWN_LINE + 1:
            return False
    return False


MANY_OWN = 6
"""Minimum number of heading lines in a document in which a single one under a heading is accepted."""


def _standing(lines: Lines, found: list[_Lead], own_in_all: int) -> list[_Lead]:
    """Return the heading lines, and the numbered and dashed headings, that have siblings."""
    openings = Counter(_opening(lines, lead, 3) for lead in found if lead.style in ("own", "pair"))
    own: list[_Lead] = []
    pair = False
    for lead in found:
        family = openings[_opening(lines, lead, 3)] >= 3
        if lead.style == "own" or (lead.style == "pair" and family):
            own.append(replace(lead, style="family") if family else lead)
        elif lead.style == "second" and pair:
            own.append(replace(lead, style="own"))
        pair = lead.style == "pair" and family
    own = [
        lead
        for lead, after in zip(own, [*own[1:], None], strict=False)
        if lead.style == "family" or after is None or after.line != lead.line + 1
    ]
    if (len(own) < 2 and own_in_all < MANY_OWN) or (own and 3 * len(own) < own[-1].line - own[0].line + 1):
        own = []
    dashes = [lead for lead in found if lead.style == "dash"]
    return [*own, *_ordinals(found), *(dashes if len(dashes) > 1 else [])]


def _ordinals(found: list[_Lead]) -> list[_Lead]:
    kept: list[_Lead] = []
    for lead in found:
        if lead.style == "ordinal" and (lead.value == 1 or (kept and lead.value == kept[-1].value + 1)):
            kept.append(lead)
    return kept if len(kept) > 1 else []


def _leading(lines: Lines, found: list[_Lead], outer: list[_Lead], first: int, last: int) -> list[_Lead]:
    """Return the first sentences that are headings of their paragraphs, if most paragraphs around have one."""
    bounds = sorted({first, last, *(lead.line for lead in outer), *(lead.line + 1 for lead in outer)})
    by_line = {lead.line: lead for lead in found if lead.style in ("lead", "parallel")}
    kept: list[_Lead] = []
    for begin, end in pairwise(bounds):
        here = [by_line[i] for i in range(begin, end) if i in by_line]
        openings = Counter(_opening(lines, lead, 2) for lead in here)
        sizes = [lead.heading[1] - lead.heading[0] for lead in here if openings[_opening(lines, lead, 2)] >= 3]
        alike = bool(sizes) and max(sizes) - min(sizes) <= 10
        here = [lead for lead in here if lead.style == "lead" or (alike and openings[_opening(lines, lead, 2)] >= 3)]
        if len(here) < 2 or len(here) < 0.6 * (here[-1].line - here[0].line + 1):
            continue
        if len(here) > 2 or all(lead.heading[1] - lead.heading[0] <= LEAD_OF_TWO for lead in here):
            kept += [replace(lead, style="lead") for lead in here]
    return kept


def _opening(lines: Lines, lead: _Lead, size: int) -> str:
    return lines.text[lead.heading[0] : lead.heading[0] + size]


def _levels(lines: Lines, found: list[_Lead], level: int) -> list[Head]:
    """Return the headings with levels below ``level``: a style inside the one that came before it."""
    stack: list[str] = []
    heads: list[Head] = []
    for lead in found:
        if lead.style in stack:
            del stack[stack.index(lead.style) + 1 :]
        else:
            if lead.style == "family":
                stack.clear()
            stack.append(lead.style)
        start = lines.starts[lead.line] if not heads or heads[-1].start < lines.starts[lead.line] else lead.heading[0]
        heads.append(
            Head(start, lead.heading[1], lead.style, lead.value, lead.number, lead.heading, level + len(stack))
        )
    return heads
