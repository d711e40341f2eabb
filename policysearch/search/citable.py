"""Cheap tests whether a query may be a citation or a title, which avoid importing what reads these."""

from __future__ import annotations

import re
from collections.abc import Sequence

__all__ = ["may_be_title", "may_cite", "with_article"]

_NUMBER = (
    r"第.{1,12}[编章节条款分号]|附件|[0-9〇零一二三四五六七八九十百千]\s*[条章节]|[0-9〇零一二三四五六七八九十百]\s*号"
    r"|\(\s*(?:19|20)\d\d|[0-9一二三四五六七八九十]\s*[、(]|\s[一二三四五六七八九十]{1,3}(?:\s|$)"
)
_MARKS = (*"第附号(、条章节", *(f" {numeral}" for numeral in "一二三四五六七八九十"))

_TITLE_ENDS = (
    *("法", "法典", "条例", "规定", "办法", "细则", "解释", "规则", "准则", "通则", "章程", "规程"),
    *("规范", "标准", "制度", "决定", "决议", "意见", "通知", "通告", "通报", "公告", "公报", "批复"),
    *("函", "令", "报告", "纲要", "大纲", "规划", "计划", "方案", "预案", "措施", "举措", "要点"),
    *("目录", "清单", "指南", "指引", "建议", "倡议书", "说明"),
)
_ARTICLE_ALONE = r"(?:法|法典|条例|规定|办法|细则|规则|解释)》?\s*([0-9０-９]{1,4})$"
_YEARS = range(1900, 2101)
_ASKING = ("什么", "哪些", "哪个", "怎么", "怎样", "如何", "多少", "有没有", "是否", "谁", "吗", "?")


def may_cite(folded: str) -> bool:
    """Return whether a folded query has a number that a citation may have; most queries lack even its characters."""
    # the pattern is compiled on first use: that takes as long as a short search
    return any(mark in folded for mark in _MARKS) and re.search(_NUMBER, folded) is not None


def may_be_title(folded: str) -> bool:
    """Return whether a folded query has the form of a title; a cheap test, which most queries fail."""
    text = folded.rstrip(" 》年0123456789").removesuffix("全文").removesuffix("原文").rstrip(" 》")
    if text.endswith(")"):
        text = text.rpartition("(")[0].rstrip(" 》")
    if not (text.endswith(_TITLE_ENDS) or "关于" in text or ("《" in text and "》" in folded)):
        return False
    return not any(word in folded for word in _ASKING)


def with_article(groups: Sequence[str]) -> list[str] | None:
    """Return the groups of a query that ends with a statute and a number alone, which is read as that of an article.

    None for any other query, and for a number that may be a year.

    >>> with_article(["民法典", "1042"]), with_article(["民法典1042"]), with_article(["公司法", "2023"])
    (['民法典', '第1042条'], ['民法典', '第1042条'], None)
    """
    text = " ".join(groups)
    found = re.search(_ARTICLE_ALONE, text) if text[-1:].isdigit() else None
    if found is None or int(found[1]) in _YEARS:
        return None
    return [*text[: found.start(1)].split(), f"第{found[1]}条"]
