"""Borders between blocks, for sources that mark their blocks."""

from __future__ import annotations

from policysearch.text.patterns import lazy_pattern

__all__ = ["stands_between"]

# The end of a sentence, and the marks that may follow it: quotation marks, brackets, the number of a note.
_ENDED = lazy_pattern(r"[。！？；!?;][”’」』）)】》〉\"'\s]*(?:[\[〔【（(]\d{1,3}[\]〕】）)]|[①-⑳])*$")
_CLOSING = "”’」』）)】》〉\"'"
# Marks that close or divide, with which no paragraph begins.
_GOES_ON = lazy_pattern(r"[，。、；：！？,.;:!?）)】》〉”’」』]")


def stands_between(before: str, after: str) -> bool:
    """Return whether one paragraph ends with the first text and another begins with the second; neither is empty.

    A paragraph ends with a sentence. It continues if the second text begins with a mark that closes or divides, or,
    after a quotation, with 的: pages with a paragraph for each printed line break sentences anywhere.

    >>> stands_between("加强农业。", "银行监管"), stands_between("加强农", "业。")
    (True, False)
    """
    last = before[-1]
    if "一" <= last <= "鿿" or (last != "。" and _ENDED.search(before[-20:]) is None) or _GOES_ON.match(after):
        return False
    return not (last in _CLOSING and after[0] == "的")
