"""Marks of notes in a draft, and the readings of a quotation without them.

[2], ①, ², （见注3） and [^1] refer to notes of the draft and are not quoted. The same marks may belong to
the source: items ① and ②, km². So a quotation is compared as written first, and then without them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from policysearch.frozen import replace
from policysearch.quoting.alignment import Change
from policysearch.text.patterns import lazy_pattern

__all__ = [
    "BRACKETED_NOTE",
    "may_have_notes",
    "note_spans",
    "readings_of",
    "with_spaces",
    "with_the_rest",
    "without_notes",
    "without_spans",
]

_CIRCLED = "①-⑳㉑-㉟㊱-㊿❶-❿➀-➓"
_SUPERSCRIPT = "⁰¹²³⁴-⁹"
BRACKETED_NOTE = r"(?:注释?|註)?[ ]?[0-9０-９]{1,3}(?:[ ]?[-–—~～,，、;；][ ]?[0-9０-９]{1,3})*"
"""A pattern of the content of brackets that mark a note: 2, 2-3, 注2."""

_NOTE = lazy_pattern(
    rf"(?<!第)[\[［〔【]{BRACKETED_NOTE}[\]］〕】](?![0-9０-９号])"
    r"|[\[［]\^[^\]］\s]{1,12}[\]］]|\^[0-9]{1,3}\^|<sup[^<>]{0,40}>[^<>]{0,12}</sup>|[†‡]"
    rf"|[(（](?:参?见)?(?:脚注|尾注|附注|注释|注|註)[ ]?[0-9０-９{_CIRCLED}一二三四五六七八九十]{{1,3}}[)）]"
    rf"|(?<![；：;:、，,])[{_CIRCLED}](?![0-9])|[；：;:、，,][{_CIRCLED}](?=\s*$)"
    # not km², 10³ or ¹5%
    rf"|(?<![A-Za-zＡ-Ｚａ-ｚ{_SUPERSCRIPT}⁻⁺])(?<!(?<![0-9.])10)[{_SUPERSCRIPT}]{{1,3}}"
    rf"(?:[-–,，][{_SUPERSCRIPT}]{{1,3}})*(?![0-9.{_SUPERSCRIPT}])"
)
_MAY_BE_NOTE = re.compile(rf"[\[［〔【<^†‡(（{{{_CIRCLED}{_SUPERSCRIPT}]")  # most quotations have none
# A line with a number alone: a page number, or a figure or a number of a heading that is quoted.
_NUMBER_LINE = lazy_pattern(r"(?<![0-9.．])[ \t\u3000]*\n[ \t\u3000]*[0-9]{1,4}[ \t\u3000]*(?=\n|\Z)")
_DIGIT = lazy_pattern(r"[\s\u3000]*[0-9.．%％‰]")
_GOES_ON_A_NUMBER = lazy_pattern(
    r"[\s\u3000]*(?:[0-9.．%％‰万亿千百十个多余倍元吨亩月日℃°、]|人(?![民大员才口类均力工])|家(?![庭长园])|项(?!目)|年(?![度轻龄])"
    r"|条(?![件例])|户(?![籍外])|公[里斤顷吨]|平方|立方|米|章|节(?!约)|款(?!项)|号)"
)


def may_have_notes(text: str) -> bool:
    """Return whether a text has a character that marks of notes have, also if it is folded."""
    return _MAY_BE_NOTE.search(text) is not None


def note_spans(text: str) -> list[tuple[int, int]]:
    """Return the spans of the marks of notes in a text, in order; a mark at its start is none."""
    if not may_have_notes(text):
        return []
    begin = len(text) - len(text.lstrip())
    found = []
    for one in _NOTE.finditer(text):
        start = one.start() + (one[0][0] in "；：;:、，,")
        if start > begin:
            found.append((start, one.end()))
    return found


def without_notes(text: str) -> str:
    """Return a text without the marks of notes."""
    return without_spans(text, note_spans(text))


def with_spaces(text: str) -> str:
    """Return a text of the same length with spaces in place of the marks of notes."""
    spans = note_spans(text)
    if not spans:
        return text
    out = []
    at = 0
    for start, end in spans:
        out += [text[at:start], " " * (end - start)]
        at = end
    return "".join((*out, text[at:]))


def readings_of(claim: str) -> Iterator[tuple[str, list[tuple[int, int]]]]:
    """Yield the readings of a quotation, each with the spans that it leaves out: as written, without marks of notes,
    without lines that may be page numbers, without both.
    """
    notes = note_spans(claim)
    if not notes and "\n" not in claim:
        yield claim, []
        return
    pages = [
        found.span()
        for found in _NUMBER_LINE.finditer(claim)
        if not _of_a_figure(claim, *found.span()) and found.end() < len(claim.rstrip())
    ]
    several = [[], notes, pages, sorted([*notes, *pages])]
    for i, spans in enumerate(several):
        if spans not in several[:i]:
            yield without_spans(claim, spans), spans


def _of_a_figure(claim: str, start: int, end: int) -> bool:
    """Return whether a number on a line of its own may belong to the figure or the unit on the next line."""
    after_pause = claim[start - 1 : start] in tuple("，。；：、！？,;:")
    return bool((_DIGIT if after_pause else _GOES_ON_A_NUMBER).match(claim, end))


def without_spans(text: str, spans: Sequence[tuple[int, int]]) -> str:
    """Return a text without some of its spans, which are in order."""
    out = []
    at = 0
    for start, end in spans:
        out.append(text[at:start])
        at = end
    return "".join((*out, text[at:]))


def with_the_rest(changes: Sequence[Change], claim: str, spans: Sequence[tuple[int, int]]) -> tuple[Change, ...]:
    """Return the steps from a reading of a claim as steps from the claim.

    The spans that the reading leaves out belong to the step before them.
    """
    if not spans:
        return tuple(changes)
    left_out = {at for start, end in spans for at in range(start, end)}
    kept = [at for at in range(len(claim)) if at not in left_out]
    out = []
    begin = read = 0
    for step in changes:
        read += len(step.a)
        end = begin if not step.a else kept[read] if read < len(kept) else len(claim)
        out.append(replace(step, a=claim[begin:end]))
        begin = end
    if begin < len(claim):
        out.append(Change("equal", claim[begin:], ""))
    return tuple(out)
