"""Paragraphs, and names in titles, that a line break or the end of a page cut in two."""

from __future__ import annotations

from policysearch.documents.cleaning.lines import CLOSERS, MARK, STOPS
from policysearch.documents.cleaning.signs import ABOUT, BODY, STANDS
from policysearch.text.chinese import HAN
from policysearch.text.patterns import lazy_pattern

__all__ = ["enclosed_names", "is_cut", "is_cut_body", "page_goes_on"]


def is_cut(left: str, right: str) -> bool:
    """Return whether a paragraph was split: an unfinished sentence, and its end on the next line."""
    if left[-1] in STOPS or len(left) < 40 or left.rstrip(CLOSERS)[-1:] in STOPS:
        return False
    stop = max(left.rfind("。"), left.rfind("；"), left.rfind("！"))
    if stop < 0 and left[-1] not in "，,、":
        return False
    if MARK.match(left[stop + 1 :].lstrip()) or MARK.match(right):
        return False
    return "。" in right and right.rstrip(CLOSERS)[-1:] in STOPS


def page_goes_on(left: str, right: str) -> bool:
    """Return whether ``right`` continues the unfinished line ``left`` of the page before."""
    if left.rstrip(CLOSERS)[-1:] in STOPS or MARK.match(right) or STANDS.match(right):
        return False
    if left[-1:] in "，,、（(“《":
        return True
    sentence = max(left.rfind(stop) for stop in "。；！？")
    if sentence >= 0:
        return not MARK.match(left, sentence + 1)
    if len(left) > 45 or not MARK.match(left):
        return len(left) > 45 or "。" in right or len(right) < 45
    return len(right) <= 30 and right[-1:] not in STOPS


LONGEST_REST = 8
"""Length in characters that the rest of a body's name may have."""

_BODY_BEGINS = lazy_pattern(
    rf"(?:国家|中国|最高|中共|[{HAN}]{{2,8}}?[省市县区州旗盟])[{HAN}]{{1,20}}(?<![开件号令告函])"
)


def is_cut_body(title: str, rest: str) -> bool:
    """Return whether a line ends inside the name of the body with which a title begins."""
    about = ABOUT.search(rest)
    if about is None or about.start() > LONGEST_REST or rest[0] in "省市县区州" or BODY.fullmatch(title):
        return False
    begins = _BODY_BEGINS.fullmatch(title) is not None and title[:2] != rest[:2]
    return begins and BODY.fullmatch(title + rest[: about.start()]) is not None


_NAME = lazy_pattern(r"《([^《》]{4,80})》|(?:印发|发布|批转|转发)([^《》，。]{4,60}?)的(?:通知|决定|公告|令)")
_ADDED = lazy_pattern(r"[（(][^（）()]{1,16}[）)]$")


def enclosed_names(text: str) -> frozenset[str]:
    """Return the names of documents in a text without line breaks, each also without the brackets after it."""
    names = {name[1] or name[2] for name in _NAME.finditer(text)}
    return frozenset(names | {_ADDED.sub("", name) for name in names})
