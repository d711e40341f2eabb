"""Numbers as official documents write them: 一、 (一) 1. 第三章 第十二条之一."""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["INLINE_NUMBER", "Mark", "article_at", "mark_at", "numeral", "own_rank"]

_VALUES = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "○": 0, "两": 2}
_TENS = {"十": 10, "百": 100, "千": 1000, "廿": 20, "卅": 30}
_PRECOMPOSED = (("㈠", 10, "paren"), ("⑴", 20, "digit_paren"), ("⒈", 20, "digit_dot"), ("①", 20, "circled"))

CN = "〇零一二三四五六七八九十百千两"


def numeral(text: str) -> int | None:
    """Return the number that ``text`` writes in Chinese or Arabic numerals.

    >>> numeral("二十一"), numeral("一百零五"), numeral("十"), numeral("３2"), numeral("甲")
    (21, 105, 10, 32, None)
    """
    if not text or len(text) > 9:
        return None
    if text.isdecimal():
        return int(text)
    if not any(c in _TENS for c in text):
        digits = [_VALUES.get(c) for c in text]
        return None if None in digits else int("".join(map(str, digits)))
    total = 0
    digit: int | None = None
    for c in text:
        if c in _TENS:
            total += _TENS[c] * (1 if digit is None else digit)
            digit = 0
        elif c in _VALUES:
            digit = _VALUES[c]
        else:
            return None
    return total + (digit or 0)


@dataclass(frozen=True, slots=True)
class Mark:
    """A number at the beginning of a heading.

    Attributes:
        style: How it is written; headings of one level share it.
        value: What it says; ``第十二条之一`` has 12.
        start: Offset of its first character.
        end: Offset after its last one, the 、 or . included.
        again: 1 for 之一, 2 for 之二; else 0.
    """

    style: str
    value: int
    start: int
    end: int
    again: int = 0


_RANKS = (
    *("part", "plain", "book", "subbook", "chapter", "section", "article"),
    *(
        "dun",
        "digit_bare",
        "paren",
        "box",
        "digit_dot",
        "decimal2",
        "decimal3",
        "decimal4",
        "digit_paren",
        "digit_half",
        "circled",
    ),
)


def own_rank(style: str) -> int:
    """Return how far out a style usually stands; only the tie-break where nesting does not tell."""
    return _RANKS.index(style)


_UNITS = {"编": "book", "篇": "book", "部分": "book", "分编": "subbook", "章": "chapter", "节": "section"}
_S = r"[ \t\u3000\xa0]*"
_NUMBER = re.compile(
    rf"第{_S}(?P<unit_value>[{CN}]{{1,7}}|\d{{1,4}}){_S}(?P<unit>分编|部分"
    rf"|[编篇章节])(?![^ \u3000]{{0,2}}[、，,。；]|的|第)"
    rf"|(?P<dun>[一二三四五六七八九十百]{{1,4}}){_S}(?:、|[．.](?!\d))"
    rf"|[（(〔【\[［]{_S}(?P<paren>[一二三四五六七八九十百]{{1,4}}){_S}[)）〕】\]］](?:[、．.])?"
    rf"|[（(]{_S}(?P<digit_paren>\d{{1,3}}){_S}[)）](?:[、．.])?"
    r"|(?P<decimal>\d{1,2}(?:[.．]\d{1,2}){1,3})(?:[.．]?[ \u3000]+|(?=[\u4e00-\u9fff]))"
    r"(?=[\u4e00-\u9fff“《])(?![万亿千百元倍个米度])"
    r"|(?P<digit_dot>\d{1,3})[ ]?(?:、|[．.](?!\d))"
    r"|(?P<digit_half>\d{1,2})[)）]"
    r"|(?P<digit_bare>\d{1,2})[ \u3000]+(?=[\u4e00-\u9fff“《])"
    r"|专栏[ \u3000]?(?P<box>\d{1,3}|[一二三四五六七八九十]{1,3})(?=[ \u3000:：“《\u4e00-\u9fff])"
    r"|(?P<alone>[一二三四五六七八九十]{1,3})[ \u3000]*\Z"
    r"|(?P<pre>[㈠-㈩⑴-⒇⒈-⒛①-⑳])[、．.]?"
)
_FIRST = frozenset(
    CN + "第专（(〔【[［0123456789０１２３４５６７８９㈠㈡㈢㈣㈤㈥㈦㈧㈨㈩⑴⑵⑶⑷⑸⑹⑺⑻⑼⑽⒈⒉⒊⒋⒌⒍⒎⒏⒐⒑①②③④⑤⑥⑦⑧⑨⑩"
)
_STYLES = ("dun", "paren", "box", "digit_paren", "digit_dot", "digit_half", "digit_bare")


def mark_at(text: str, start: int, end: int) -> Mark | None:
    """Return the number that stands at ``start``, if one does, looking no further than ``end``."""
    if start >= end or text[start] not in _FIRST:
        return None
    found = _NUMBER.match(text, start, end)
    if not found:
        return None
    if found["unit"]:
        style, written = _UNITS[found["unit"]], found["unit_value"]
    elif found["alone"]:
        style, written = "dun", found["alone"]
    elif found["decimal"]:
        parts = found["decimal"].replace("．", ".").split(".")
        style, written = f"decimal{len(parts)}", parts[-1]
    elif found["pre"]:
        return _precomposed(found["pre"], found.start(), found.end())
    else:
        style = next(s for s in _STYLES if found[s])
        written = found[style]
    value = numeral(written)
    return Mark(style, value, found.start(), found.end()) if value else None


def _precomposed(character: str, start: int, end: int) -> Mark | None:
    for first, count, style in _PRECOMPOSED:
        value = ord(character) - ord(first) + 1
        if 1 <= value <= count:
            return Mark(style, value, start, end)
    return None


_ARTICLE = re.compile(
    rf"第{_S}(?P<value>[{CN}]{{1,7}}"
    rf"|\d{{1,4}}){_S}条(?:{_S}?之{_S}?(?P<again>[一二三四五六七八九十]{{1,3}})(?![^ \u3000]))?"
    rf"|第{_S}(?P<value2>[{CN}]{{1,7}}|\d{{1,4}}){_S}条之(?P<again2>[一二三四五六七八九十]{{1,3}})"
)


def article_at(text: str, start: int, end: int) -> Mark | None:
    """Return the article number (第十二条, 第十二条之一) that stands at ``start``."""
    if start >= end or text[start] != "第":
        return None
    found = _ARTICLE.match(text, start, end)
    if not found:
        return None
    value = numeral(found["value"] or found["value2"])
    again = numeral(found["again"] or found["again2"] or "零") or 0
    return Mark("article", value, found.start(), found.end(), again) if value else None


INLINE_NUMBER = re.compile(
    r"(?:(?<=[。！？!?”：:])[ \u3000]*|(?<=[ \u3000]))(?P<mark>[一二三四五六七八九十]{1,3}、"
    r"|[（(][ \u3000]*[一二三四五六七八九十]{1,3}[ \u3000]*[)）])"
)
"""Where a number may begin a heading inside a line: after a sentence."""
