"""Where a border stands between two blocks of a source that marks its blocks."""

from __future__ import annotations

import re

__all__ = ["stands_between"]

# The end of a sentence, and what may close behind it: quotation marks, brackets, the number of a note.
_ENDED = re.compile(r"[。！？；!?;][”’」』）)】》〉\"'\s]*(?:[\[〔【（(]\d{1,3}[\]〕】）)]|[①-⑳])*$")
_CLOSING = "”’」』）)】》〉\"'"
# How no paragraph begins: with a mark that closes or divides.
_GOES_ON = re.compile(r"[，。、；：！？,.;:!?）)】》〉”’」』]")


def stands_between(before: str, after: str) -> bool:
    """Return whether a paragraph ends with one and another begins with the other of two texts, neither of them empty.

    It ends with a sentence. It has not ended where the next begins with a mark that closes or divides, or after a
    quotation with 的: pages with a paragraph for each printed line break sentences anywhere.

    >>> stands_between("加强农业。", "银行监管"), stands_between("加强农", "业。")
    (True, False)
    """
    last = before[-1]
    if "一" <= last <= "鿿" or (last != "。" and _ENDED.search(before[-20:]) is None) or _GOES_ON.match(after):
        return False
    return not (last in _CLOSING and after[0] == "的")
