"""A cheap test whether a query may be a citation, which avoids importing the parser of citations."""

from __future__ import annotations

import re

__all__ = ["may_cite"]

_NUMBER = (
    r"第.{1,12}[编章节条款分号]|附件|[0-9〇零一二三四五六七八九十百千]\s*[条章节]|[0-9〇零一二三四五六七八九十百]\s*号"
    r"|\(\s*(?:19|20)\d\d|[0-9一二三四五六七八九十]\s*[、(]|\s[一二三四五六七八九十]{1,3}(?:\s|$)"
)
_MARKS = (*"第附号(、条章节", *(f" {numeral}" for numeral in "一二三四五六七八九十"))


def may_cite(folded: str) -> bool:
    """Return whether a folded query has a number that a citation may have; most queries lack even its characters."""
    # the pattern is compiled on first use: that takes as long as a short search
    return any(mark in folded for mark in _MARKS) and re.search(_NUMBER, folded) is not None
