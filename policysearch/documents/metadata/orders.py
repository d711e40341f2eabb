"""Orders and public notices: the lines above the promulgated text, with a number and a day of signing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from policysearch.documents.metadata.dates import find_dates, half_width
from policysearch.documents.metadata.document_numbers import normal_number
from policysearch.documents.metadata.issuers import is_body, split_bodies
from policysearch.text.chinese import HAN
from policysearch.text.patterns import lazy_pattern

__all__ = ["OrderHead", "may_hold_order", "order_at", "promulgated", "signing_day"]

_HEAD = lazy_pattern(
    rf"(?P<body>(?:(?!关于|的)[{HAN}、]){{2,60}}?|^(?=[公通]告))(?P<kind>令|公告|通告)"
    r"(?:[〔\[(【]?(?:19|20)\d\d[〕\])】]?年?)?第?[\d一二三四五六七八九十百〇零]{1,7}号"
)
_KIND = lazy_pattern(r"(?:令|公告|通告)\s*$")
_PIECE = lazy_pattern(rf"[{HAN}、 \d〔〕\[\]()（）【】第号]{{1,40}}")
_TITLE_AFTER = lazy_pattern(r"(?<=号)(?:\([^\d()][^()]*\)|《[^》]*》)$")
_BRACKETED = lazy_pattern(r"\((第?[\d一二三四五六七八九十百〇零]+号)\)")
_SESSION = lazy_pattern(r"第[一二三四五六七八九十]{1,3}届(?=人民代表大会)")
_HEAD_OF_STATE = "中华人民共和国主席"


class OrderHead(NamedTuple):
    """The head of an order.

    Attributes:
        number: The number in its normal spelling.
        issuer: The issuer, several joined by 、; None if the words before 令 name no body.
        size: Number of lines.
        name: The lines without white space: 某省人民政府令第1号.
    """

    number: str
    issuer: str | None
    size: int
    name: str


def may_hold_order(text: str) -> bool:
    """Return whether a text contains a word of the head of an order."""
    return "令" in text or "公告" in text or "通告" in text


def order_at(lines: Sequence[str], at: int) -> OrderHead | None:
    """Return the head that begins at a line: 某某令, 第1号 on one line or up to four."""
    if not may_hold_order("\n".join(lines[at : at + 4])):
        return None
    pieces: list[str] = []
    for size, line in enumerate(lines[at : at + 4], 1):
        piece = half_width("".join(line.split()))
        if len(piece) > 100 or (size > 1 and not _PIECE.fullmatch(line)):
            return None
        if pieces and not (_KIND.search(pieces[-1]) or is_body(pieces[-1])):
            return None
        pieces.append(piece)
        whole = _BRACKETED.sub(r"\1", _TITLE_AFTER.sub("", "".join(pieces)))
        if (heads := _several(whole)) and (number := normal_number(heads[0])):
            bodies = (_HEAD.fullmatch(head) for head in heads)
            issuers = [_issuer(found["body"], lines[at : at + size]) for found in bodies if found]
            head = OrderHead(number, "、".join(filter(None, issuers)) or None, size, "".join(pieces))
            return _with_other(head, lines, at + size)
    return None


_JOINED = lazy_pattern(r"(?<=\d号)[、,]?(?=\w{2})")


def _several(whole: str) -> list[str]:
    """Return the heads that a line consists of (某部令第1号 某局令第2号), none if it contains anything else."""
    heads = _JOINED.split(whole)
    return heads if all(map(_HEAD.fullmatch, heads)) else []


def _with_other(head: OrderHead, lines: Sequence[str], at: int) -> OrderHead:
    """Return a head with the issuer of another one in the line below it: a joint order has a number of each body."""
    line = half_width("".join(lines[at].split())) if at < len(lines) and head.issuer else ""
    found = _HEAD.fullmatch(line) if line.endswith("号") and len(line) <= 100 else None
    other = _issuer(found["body"], lines[at : at + 1]) if found else None
    if other is None or other == head.issuer:
        return head
    return OrderHead(head.number, f"{head.issuer}、{other}", head.size + 1, head.name)


def _issuer(body: str, lines: Sequence[str]) -> str | None:
    if body == _HEAD_OF_STATE:
        return body
    name = _SESSION.sub("", body.removeprefix("中华人民共和国"))
    words = [word for line in lines for word in re.split(r"令|公告|通告", half_width(line))[0].split()]
    named = [word for word in words if not re.search(r"\d", word)]
    if len(named) > 1 and "".join(named) == body and all(map(is_body, named)):
        name = "、".join(named)
    bodies = (one.removeprefix("中华人民共和国") for one in split_bodies(name)) if is_body(name) else ()
    return "、".join(bodies) or None


_NAMED = lazy_pattern(r"《([^《》\n]{4,60})》")


def promulgated(text: str, limit: int = 2000) -> list[str]:
    """Return the statutes that an order names above the first article and whose names are lines of the text."""
    lines = text.split("\n")
    at = size = 0
    while at < len(lines) and size < limit and not _BODY_BEGINS.match(lines[at]):
        size += len(lines[at])
        at += 1
    named = dict.fromkeys("".join(name.split()) for line in lines[:at] for name in _NAMED.findall(line))
    standing = {"".join(line.split()) for line in lines if len(line) <= 80} if len(named) > 1 else set()
    return [name for name in named if name in standing]


_BODY_BEGINS = lazy_pattern(r"[^\w\n]{0,20}第 ?[一1] ?[条章條]")
_SIGNED = lazy_pattern(rf"^[{HAN}·\s、:()]{{0,40}}$")


def signing_day(text: str, limit: int = 4000) -> str | None:
    """Return the day below an order: the first line above the first article that is a date, or a name and a date."""
    for line in text[:limit].split("\n"):
        if _BODY_BEGINS.match(line):
            return None
        if len(line) > 60:
            continue
        plain = half_width(line).strip()
        day = next(find_dates(plain), None)
        if day and not plain[day.end :].strip(" )") and _SIGNED.fullmatch(plain[: day.start]):
            return day.date
    return None
