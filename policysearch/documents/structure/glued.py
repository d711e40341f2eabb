"""Headings whose line break was lost: where they end, and headings of parts inside a line."""

from __future__ import annotations

from policysearch.documents.structure.heads import Head
from policysearch.text.patterns import lazy_pattern

__all__ = ["inline_parts", "split_glued"]

_YEAR = r"(?:[12]\d{3}年|过去[一二三四五]年|今后[一二三四五]年|“?十[一二三四五六七八九]?五”?时期)"
_INLINE_PART = lazy_pattern(
    rf"[。！？!?:：”][ \u3000]*(?P<heading>{_YEAR}[^。，,；;：:！!\d]{{0,10}}(?:回顾|回眸|重点工作"
    rf"|工作安排|主要工作|主要任务|目标任务|工作部署|总体要求|工作总结|工作建议)"
    rf"|名词解释|注释)(?={_YEAR}|[一五]年来|过去|今年|当前|刚刚|一、|[（(][ ]?一[ ]?[)）]"
    rf"|[［\[（(]?1[］\])）.、．])"
)


def inline_parts(text: str, start: int, end: int) -> list[Head]:
    """Return headings of parts inside a line: a year and a part's word, and the year once more."""
    return [
        Head(m.start("heading"), m.end("heading"), "part", heading=m.span("heading"), inline=True)
        for m in _INLINE_PART.finditer(text, max(start - 1, 0), end)
    ]


_OPENS = lazy_pattern(
    r"牢固树立|牢牢|坚持(?!不懈)|坚决|坚定|深入(?:贯彻|推进|实施|践行|学习|开展|落实)|全面(?:贯彻|落实"
    r"|推进|实施|深化)|围绕|按照|认真|大力|着力|扎实|聚焦|加快|全力|积极(?:推动|推进|发展|扩大|开展|参与"
    r"|落实)"
    r"|推动|持续(?:推进|深化|加强|提升|改善)|强化|把|全年|以[^，,。]{2,16}(?:为|实施|推动|推进|完善)"
    r"|[12]\d{3}年|一年来|今年|站在|统筹|严格|健全|完善|实施|落实|促进|提高|打好|办好|多措并举"
)
LEAST = 6
"""Minimum length of a clause before the next text may begin, in characters."""


def split_glued(text: str, groups: list[list[Head]], limit: list[int]) -> None:
    """Move the ends of headings that run into their body, if siblings show it.

    ``limit`` contains the end of the section for each head of the flattened ``groups``. Two clauses of one length in
    all siblings are the best sign; else the words with which sentences of a body begin.
    """
    at = 0
    for group in groups:
        ends = limit[at : at + len(group)]
        at += len(group)
        pieces = [_piece(text, head, end) for head, end in zip(group, ends, strict=True)]
        lengths = _symmetric(pieces)
        if lengths is None:
            lengths = _opened(pieces)
        if lengths is None:
            continue
        for head, length in zip(group, lengths, strict=True):
            if length and head.number and not text[head.end : head.end + 1].isspace():
                begin = _begin(text, head)
                head.heading = (begin, begin + length)
                head.end = begin + length


def _begin(text: str, head: Head) -> int:
    begin = head.number[1] if head.number else head.start
    while text[begin : begin + 1] in (" ", "\u3000"):
        begin += 1
    return begin


def _piece(text: str, head: Head, end: int) -> str:
    """Return the first sentence after the number, at most 160 characters of it."""
    begin = _begin(text, head)
    stop = min(
        (p for p in (text.find(c, begin, min(end, begin + 160)) for c in "。！？\n") if p >= 0),
        default=min(end, begin + 160),
    )
    return text[begin:stop]


_COMMA = lazy_pattern(r"[，,]")


def _symmetric(pieces: list[str]) -> list[int] | None:
    """Return the lengths of two-clause headings if all first clauses have the same length."""
    clauses = [_COMMA.split(piece) for piece in pieces]
    if len(pieces) < 3 or any(len(c) < 2 for c in clauses):
        return None
    firsts = [len(c[0]) for c in clauses]
    if len(set(firsts)) > 1 or not 4 <= firsts[0] <= 20:
        return None
    longer = sum(len(c[1]) > firsts[0] + 2 for c in clauses)
    if 2 * longer < len(pieces):
        return None
    return [2 * firsts[0] + 1 for _ in pieces]


def _opened(pieces: list[str]) -> list[int] | None:
    """Return where the words of a body's sentence begin, if they occur in most pieces."""
    lengths = [_opening(piece) for piece in pieces]
    return lengths if 2 * sum(length > 0 for length in lengths) > len(lengths) else None


_PART = lazy_pattern(
    rf"{_YEAR}[^。，,；;：:！!\d]{{0,8}}(?:回顾|回眸|重点工作|工作安排|主要工作|主要任务|目标任务"
    rf"|工作部署|工作建议)"
)


def _opening(piece: str) -> int:
    """Return the length of the heading at the start of ``piece``, or 0 without a sign.

    The second of two clauses is assumed to be about as long as the first.
    """
    part = _PART.match(piece)
    if part and part.end() < len(piece):
        return part.end()
    comma = _COMMA.search(piece)
    first = comma.start() if comma and comma.start() <= 20 else 0
    begin = first + 1 if first else 0
    places = [m.start() for m in _OPENS.finditer(piece, begin + LEAST, 61) if len(piece) - m.start() >= LEAST]
    if first and places:
        return min(places, key=lambda at: abs(at - begin - first))
    if first:
        places = [m.start() for m in _OPENS.finditer(piece, LEAST, first) if first - m.start() >= 4]
    return min(places, default=0)
