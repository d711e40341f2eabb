"""Omissions in a quotation that change what its source says: an ellipsis in place of 不得, 但……除外 or half a number.

An ellipsis may stand for whole sentences and items of a list. It is not harmless if it stands for words of a sentence
of which the quotation has another part, and these deny, limit or condition what is quoted, or if it joins the words of
one figure with another one: 生产总值……增长4%.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from policysearch.text.patterns import lazy_pattern

__all__ = [
    "LEFT_OUT_AT_END",
    "LEFT_OUT_AT_START",
    "divides_number",
    "hidden_after",
    "hidden_before",
    "hides_meaning",
    "inserts_meaning",
]

_DENIES = (
    r"不(?!断|仅|但|同|少|动产|论|管|久|锈|正当竞争|平衡|充分|可再生|特定|良)|未(?!来|成年)|没有|没能|勿|毋|并非|除非"
    r"|非[法因经]|无[权须需法效故]|无正当|否则|否决|禁止|严禁|停止|暂停|暂缓|取消|取缔|撤销|废止|杜绝|避免|防止|防范"
    r"|遏制|拒绝|免[予除]"
)
_LIMITS = (
    r"(?<![不非])但(?!书)|除[^,。;]{0,30}?外|例外|以外|另有规定|原则上|一般情况下|一般应|力争|争取|可以|暂时|(?<!不)仅"
    r"|限于|只[能限有]|擅自|违[法规](?!定)|情节|后果|逾期|确需|必要时|特殊情[况形]|情况复杂|如果"
    r"|[经须][^,。;]{1,20}?(?:批准|同意|许可|核准|审批)"
)
_MATTERS = lazy_pattern(f"{_DENIES}|{_LIMITS}")
_LIMITING = lazy_pattern(_LIMITS)
_DENYING = lazy_pattern(_DENIES)
_LESSENS = lazy_pattern(r"下降|减少|降低|回落|缩减|超过|低于")  # matters only directly before what is quoted
_DENIED_BEHIND = lazy_pattern(r"(?:不[得准能应可予再要许宜]?|未(?:经)?|禁止|严禁|杜绝|防止|避免|勿|除)$")
_EXCEPTED_BEFORE = lazy_pattern(r"(?:的|之)?(?:除外|以外|例外)")
_CONDITION_BEFORE = re.compile(r"的,$")
_LIMITED_BEHIND = re.compile(r"以[上下内]|左右|至少|至多|不[足低少超]")
_BORDER = lazy_pattern(r"[。!?;:]|\([〇零一二三四五六七八九十百0-9]{1,4}\)")
_ARTICLE = lazy_pattern(r"第[〇零一二三四五六七八九十百千0-9]{1,9}条")
_END = re.compile(r"[。!?;]")
_STATES = re.compile(r"[0-9%万亿]")  # a figure, not 三年
_FAR = 1_000
_CLAUSE_ENDS = ",。;:!?"
_CLAUSE_END = re.compile(f"[{_CLAUSE_ENDS}]")
_STARTS_BEHIND = _CLAUSE_ENDS + "、)"  # also the marks after a number: 二、 and （二）
_NUMERAL = frozenset("0123456789.〇零一二三四五六七八九十百千万亿两%‰")
_DIGIT = frozenset("0123456789〇零一二三四五六七八九十百千万亿两")
_ELLIPSIS_MARKS = r"(?:…+|\.{3,}|。{3,}|·{3,}|[(（\[〔【](?:上略|中略|下略|以下略|略|省略|前略|后略)[)）\]〕】]|—{4,})"
LEFT_OUT_AT_START = re.compile(rf"\s*{_ELLIPSIS_MARKS}")
"""A pattern of an ellipsis at the start of a quotation."""

LEFT_OUT_AT_END = re.compile(rf"{_ELLIPSIS_MARKS}\s*$")
"""A pattern of an ellipsis at the end of a quotation."""


def hides_meaning(text: str, end: int, start: int, borders: Sequence[int] = ()) -> bool:
    """Return whether the source between two parts of a quotation changes what they say.

    Args:
        text: The source, as compared.
        end: The end of the first part in it.
        start: The start of the second part.
        borders: The starts of sections.
    """
    hidden = text[end:start]
    if not hidden:
        return False
    if divides_number(text, end) or divides_number(text, start):
        return True
    if _DENIED_BEHIND.search(text, max(0, end - 4), end) and hidden[0] not in _CLAUSE_ENDS:
        return True
    if _CONDITION_BEFORE.search(hidden) or _LIMITED_BEHIND.match(hidden) or _joins_figures(text, end, start):
        return True
    if len(hidden) > 2 * _FAR:  # only the sentences at its ends matter
        hidden = f"{hidden[:_FAR]}。{hidden[-_FAR:]}"
    inside = list(_BORDER.finditer(hidden))
    if not inside:
        tied = hidden[-1] not in _STARTS_BEHIND and _LESSENS.search(hidden)
        return bool(_MATTERS.search(hidden) or tied or _EXCEPTED_BEFORE.match(text, start))
    rest, lead = hidden[: inside[0].start()], hidden[inside[-1].end() :]
    if rest and lead and hidden[0] not in _CLAUSE_ENDS and hidden[-1] not in _STARTS_BEHIND and start not in borders:
        return True  # half of a sentence and half of another one
    between = _END.split(hidden)[1:-1]
    return bool(
        _MATTERS.search(rest) or _MATTERS.search(lead) or any(one.startswith(("但", "然而")) for one in between)
    )


def _joins_figures(text: str, end: int, start: int) -> bool:
    """Return whether an omission takes a figure from its unit, or joins the words of a figure with another one.

    The latter is one from inside a clause to inside another, where a figure is left out or follows in that clause.
    """
    from policysearch.text.quantities import quantities

    close = _CLAUSE_END.search(text, start)
    last = close.start() if close else len(text)
    figures = [one for one in quantities(text, max(end, start - _FAR), last) if one.end > end]
    if any(one.number_start < start < one.end for one in figures):
        return True
    inside = text[end] not in _CLAUSE_ENDS and text[start - 1] not in _STARTS_BEHIND
    stated = any(_STATES.search(text, one.start, one.end) for one in figures)
    return inside and stated and bool(_CLAUSE_END.search(text, end, start))


def hidden_after(text: str, end: int) -> str:
    """Return the rest of the sentence that a quotation ends in with an ellipsis, if that limits it; else nothing."""
    close = _END.search(text, end)
    rest = text[end : close.start() if close else len(text)]
    divides = divides_number(text, end)
    denied = rest and rest[0] not in _CLAUSE_ENDS and _DENIED_BEHIND.search(text, max(0, end - 4), end)
    return rest if divides or denied or _LIMITING.search(rest) else ""


def hidden_before(text: str, start: int) -> str:
    """Return the words of the clause that a quotation begins in with an ellipsis, if they deny it; else nothing."""
    begin = max(text.rfind(mark, 0, start) for mark in ",。;:!?") + 1
    number = _ARTICLE.match(text, begin)
    lead = text[number.end() if number else begin : start]
    return lead if divides_number(text, start) or _DENYING.search(lead) or _LIMITING.search(lead) else ""


def inserts_meaning(folded: str) -> bool:
    """Return whether an insertion of the editor denies or limits what is quoted: 应当[不]报告."""
    return bool(_MATTERS.search(folded))


def divides_number(text: str, at: int) -> bool:
    """Return whether a number continues over a place in a text."""
    if not 0 < at < len(text):
        return False
    before, behind = text[at - 1], text[at]
    return (before in _DIGIT and behind in _NUMERAL) or (before == "." and behind in _DIGIT)
