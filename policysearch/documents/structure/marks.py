"""Numbers as official documents write them: 一、 (一) 1. 壹、 I. 任务一： 第三章 第十二条之一 第 2-1 條."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from policysearch.text.chinese import HAN, NUMERAL, read_numeral
from policysearch.text.patterns import lazy_pattern

__all__ = ["INLINE_NUMBER", "Mark", "article_at", "mark_at", "own_rank"]

_PRECOMPOSED = (("㈠", 10, "paren"), ("⑴", 20, "digit_paren"), ("⒈", 20, "digit_dot"), ("①", 20, "circled"))


class Mark(NamedTuple):
    """A number at the start of a heading.

    Attributes:
        style: How it is written; headings of one level share it.
        value: Its value; 12 for ``第十二条之一``.
        start: Offset of its first character.
        end: Offset after its last one, the 、 or . included.
        again: 1 for 之一, 2 for 之二; else 0.
    """

    style: str
    value: int
    start: int
    end: int
    again: int = 0


_STYLES = (
    *("part", "plain", "book", "subbook", "chapter", "section", "article"),
    *(
        "roman",
        "formal",
        "formal_paren",
        "dun",
        "digit_bare",
        "paren",
        "box",
        "task",
        "digit_dot",
        "decimal2",
        "decimal3",
        "decimal4",
        "decimal5",
        "digit_paren",
        "digit_half",
        "circled",
    ),
)
_RANKS = {style: rank for rank, style in enumerate(_STYLES)}


def own_rank(style: str) -> int:
    """Return the usual rank of a style from the outside; used only if nesting does not decide."""
    return _RANKS[style]


_UNITS = {
    **dict.fromkeys(("编", "編", "篇", "部分"), "book"),
    **dict.fromkeys(("分编", "分編"), "subbook"),
    "章": "chapter",
    **dict.fromkeys("节節", "section"),
}
_FORMAL = "壹贰叁肆伍陆柒捌玖拾貳參叄陸"
_PLAIN = str.maketrans(_FORMAL, "一二三四五六七八九十二三三六")
_ROMAN = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII", "XIII", "XIV", "XV", "XVI")
_S = r"[ \t\u3000\xa0]*"
# One lookahead for three forms: each class of Han characters takes 1 ms to compile.
_NUMBER = lazy_pattern(
    rf"第{_S}(?P<unit_value>[{NUMERAL}]{{1,7}}|\d{{1,4}}){_S}(?P<unit>分[编編]|部分"
    rf"|[编編篇章节節])(?![^ \u3000]{{0,2}}[、，,。；]|的|第)"
    rf"|(?P<dun>[一二三四五六七八九十百]{{1,4}}){_S}(?:、|[．.](?!\d))"
    rf"|[（(〔【\[［]{_S}(?P<paren>[一二三四五六七八九十百]{{1,4}}){_S}[)）〕】\]］](?:[、．.])?"
    rf"|[（(]{_S}(?P<digit_paren>\d{{1,3}}){_S}[)）](?:[、．.])?"
    rf"|(?P<formal>[{_FORMAL}]{{1,3}}){_S}[、．.]|[（(]{_S}(?P<formal_paren>[{_FORMAL}]{{1,3}}){_S}[)）][、．.]?"
    rf"|(?P<digit_dot>\d{{1,3}})[ ]?(?:、|[．.](?!\d)|[．.](?=(?:19|20)\d\d年))"
    r"|(?P<digit_half>\d{1,2})[)）]"
    rf"|(?:(?P<roman>[IVX]{{1,5}}|[Ⅰ-Ⅻ])[ ]?[、．.][ ]?"
    rf"|(?P<decimal>\d{{1,2}}(?:[.．]\d{{1,2}}){{1,4}})(?:[.．]?[ \u3000]+|(?![“《]))"
    rf"(?![万亿千百元倍个米度年月日条條款节節章项的和至及或与等])"
    rf"|(?P<digit_bare>\d{{1,2}})[ \u3000]+)(?=[{HAN}“《])"
    rf"|专栏[ \u3000]?(?P<box>\d{{1,3}}|[一二三四五六七八九十]{{1,3}})(?=[ \u3000:：“《{HAN}])"
    rf"|(?:任务|行动|工程|举措|措施|专题){_S}(?P<task>\d{{1,3}}|[一二三四五六七八九十]{{1,3}}){_S}[:：]"
    rf"(?=[ \u3000]?[“《{HAN}])"
    r"|(?P<alone>[一二三四五六七八九十]{1,3})[ \u3000]*\Z"
    r"|(?P<pre>[㈠-㈩⑴-⒇⒈-⒛①-⑳])[、．.]?"
)
_FIRST = frozenset(
    NUMERAL
    + _FORMAL
    + "IVXⅠⅡⅢⅣⅤⅥⅦⅧⅨⅩⅪⅫ"
    + "第专任行工举措（(〔【[［0123456789０１２３４５６７８９㈠㈡㈢㈣㈤㈥㈦㈧㈨㈩⑴⑵⑶⑷⑸⑹⑺⑻⑼⑽⒈⒉⒊⒋⒌⒍⒎⒏⒐⒑①②③④⑤⑥⑦⑧⑨⑩"
)


# A collection has few different numbers at the starts of its lines.
_value = lru_cache(maxsize=2048)(read_numeral)


def mark_at(text: str, start: int, end: int) -> Mark | None:
    """Return the number at ``start``, if there is one, without reading beyond ``end``."""
    if start >= end or text[start] not in _FIRST:
        return None
    found = _NUMBER.match(text, start, end)
    if not found:
        return None
    style = found.lastgroup or ""
    written = found[style]
    if style == "unit":
        style, written = _UNITS[written], found["unit_value"]
    elif style == "alone":
        style = "dun"
    elif style == "decimal":
        parts = written.replace("．", ".").split(".")
        style, written = f"decimal{len(parts)}", parts[-1]
    elif style == "roman":
        return _roman(written, found.start(), found.end())
    elif style == "pre":
        return _precomposed(written, found.start(), found.end())
    value = _value(written.translate(_PLAIN))
    return Mark(style, value, found.start(), found.end()) if value else None


def _roman(written: str, start: int, end: int) -> Mark | None:
    if written in _ROMAN:
        return Mark("roman", _ROMAN.index(written) + 1, start, end)
    return Mark("roman", ord(written) - ord("Ⅰ") + 1, start, end) if "Ⅰ" <= written <= "Ⅻ" else None


def _precomposed(character: str, start: int, end: int) -> Mark | None:
    for first, count, style in _PRECOMPOSED:
        value = ord(character) - ord(first) + 1
        if 1 <= value <= count:
            return Mark(style, value, start, end)
    return None


_ARTICLE = lazy_pattern(
    rf"第{_S}(?P<value>[{NUMERAL}]{{1,7}}|\d{{1,4}})(?:{_S}[-－—–]{_S}(?P<hyphen>\d{{1,2}}))?{_S}[条條]"
    rf"(?:{_S}之{_S}(?P<again>[一二三四五六七八九十]{{1,3}}|\d{{1,2}})(?!分之))?"
)


def article_at(text: str, start: int, end: int) -> Mark | None:
    """Return the article number (第十二条, 第十二条之一) at ``start``."""
    if start >= end or text[start] != "第":
        return None
    found = _ARTICLE.match(text, start, end)
    if not found:
        return None
    value = _value(found["value"])
    inserted = found["again"] or found["hyphen"]
    again = (_value(inserted) or 0) if inserted else 0
    return Mark("article", value, found.start(), found.end(), again) if value else None


INLINE_NUMBER = lazy_pattern(
    r"[。！？!?”：: \u3000](?P<mark>[一二三四五六七八九十]{1,3}、"
    r"|[（(][ \u3000]*[一二三四五六七八九十]{1,3}[ \u3000]*[)）])"
)
"""Where a number may begin a heading inside a line: after a sentence."""
