"""The relation that a sentence states for a reference: 依据, 修改, 废止, 转发, 印发, or 引用."""

from __future__ import annotations

import re
from collections.abc import Sequence

from policysearch.citation.cited_names import NAME_ENDS
from policysearch.citation.references import Reference

__all__ = ["RELATIONS", "is_document", "relations"]

RELATIONS = ("依据", "修改", "废止", "转发", "印发", "引用")
"""Relations of a document to one that it cites; the last is any other."""

_END = re.compile(r"[。;!?\n]")
_NESTED = r"\((?:[^()]|\([^()]{0,20}\)){0,60}\)"
_VERBS = "编制|制定|出台|形成|印发|发布|提出|会同|联合|将|把|了|是"
_BETWEEN = re.compile(
    rf"(?:》|{_NESTED}|[ \t\u3000])*(?:的规定|的通知|等)?(?:、|,|和|与|及|以及|或|或者|和其他|并)?(?:、|,)?"
    rf"(?:[^《》。;!?]{{0,60}}?(?:发布|公布|通过|印发|制定|颁布|批准|修订)的|(?:(?!{_VERBS})[^《》。;!?,、]){{0,20}})"
)
_LONGEST = 400
_LEADS_ON = re.compile(
    r"(?:根据|依据|依照|按照|遵照|贯彻|落实|执行|现将|转发|印发)[ \t\u3000]*$"
)  # a line broken before a name

_DOCUMENT = re.compile(
    rf"(?:{NAME_ENDS}|令|报告|计划|目录|名录|标准|规范|规程|指南|指引|导则|要点|措施|政策|决议|函|答复|通报|公报|通告|大纲"
    r"|公约|条约|协定|协议|议定书|宣言|声明|修正案|制度|清单|白皮书|蓝皮书|建议|倡议|预案|说明|须知|手册|守则|纪要|备忘录"
    r"|示范文本|基准|名单|体系|安排|战略|行动|任务|要求|举措|职责|规约|总则|通则|附则|条款|编|修订案|做法|设计|框架|提案|批准书|解答|问答|解读|草案|原则)$"
)
_NO_DOCUMENT = re.compile(
    r"物品清单$|政策声明$|情况说明$|[加减乘除算疗书]法$|(?<!谅解)(?<!合作)(?<!惩戒)(?<!激励)备忘录$"
)
_BRACKET = re.compile(r"[(（][^()（）]*[)）]$")


def is_document(name: str) -> bool:
    """Return whether a name in 《》 is that of a document, not of a form, a certificate, a book or a play.

    >>> [is_document(name) for name in ("劳动合同法", "权力清单（2023年版）", "营业执照", "工伤认定申请表（企业）")]
    [True, True, False, False]
    """
    name = "".join(name.split())
    while bracket := _BRACKET.search(name):
        name = name[: bracket.start()]
    return len(name) > 1 and ("关于" in name or bool(_DOCUMENT.search(name))) and not _NO_DOCUMENT.search(name)


_REPEAL_BEHIND = re.compile(
    r"[^。;!?\n]{0,60}?(?:同时|一并|即行|相应|均|全部|自行|即|予以|随即|随之|也|将)*(?:废止|失效|停止执行|停止施行|不再执行|不再施行|不再适用)"
)
_NO_REPEAL = re.compile(r"(?:修改|修正|未|不得|尚未|没有)[^,]{0,6}(?:废止|失效)|废止前|失效前")
_REPEAL_BEFORE = re.compile(r"(?:废止|宣布失效|停止执行)(?:了|的|下列|以下)?[^,。;]{0,10}$")
_CHANGE_BEFORE = re.compile(r"(?:修改|修订|修正|修改完善|调整实施|暂时调整适用)(?:了|好)?[^,。;、的前后]{0,4}$")
_CHANGED_BY = re.compile(
    r"(?:作|做|作出|进行|予以)?(?:如下|以下|相应|部分)?(?:的)?(?:修改|修正|修订)(?:如下|决定|:|。|$)|(?:修改|改|修正|调整)为|删去|删除|增加一[条款项]|作如下修改"
)
_FORWARD_BEFORE = re.compile(r"(?:转发|批转)(?:了|的|给你们)?[^,。;、]{0,12}$")
_ISSUE_BEFORE = re.compile(r"(?:关于)?(?:重新)?(?:印发|颁发|下发|发布|公布|颁布)(?:了|实施|施行)?$")
_NOW = re.compile(r"(?:现|兹|特)(?:将|予|把)")
_SENT_BEHIND = re.compile(r"[^。;!?\n]{0,40}?(?P<verb>转发|批转|印发|颁发|下发|发给|公布|发布|颁布)")
_NOW_SENT = re.compile(r"[^。;!?\n]{0,40}?(?:现|特)(?:予以?)?(?P<verb>转发|批转|印发|下发|公布|发布)")
_ALONE = re.compile(r"\s*(?:\([^()]{0,40}\))?(?:等[^,。;]{0,12})?\s*的?(?:补充)?(?:通知|公告|决定|函|令)\s*")
_LISTED = re.compile(r"\s*(?:[0-9]{1,3}[.、]|\()")
_AMENDED_BY = re.compile(r"\s*(?:\([^()]{0,60}\))?\s*(?:第[一二三四五六七八九十]+次)?修[正订改](?![的稿案])")
_UNDER = re.compile(
    r"(?:根据|依据|依照|按照|遵照|遵循|比照|参照|基于|依|据|按|(?:贯彻|落实|执行|实施|贯彻实施)(?:好|落实|执行|实施)?)"
    r"(?:了|好)?[^,。;:]{0,60}$"
)
_NOT_UNDER = re.compile(r"(?:违反|不符合|触犯|所称|适用于?|规定的|的规定[^,]{2,}|修改|废止)[^,。;:]{0,6}$")


def relations(folded: str, references: Sequence[Reference]) -> list[tuple[str, int, int]]:
    """Return for each reference of a text its relation, and the span of its sentence.

    References in a row have the relation of the first, or the one that is stated after the last.

    Args:
        folded: The text, folded.
        references: In order.
    """
    out: list[tuple[str, int, int]] = []
    at = 0
    while at < len(references):
        start, end = _sentence(folded, references[at].start, references[at].end)
        last = at
        while last + 1 < len(references):
            between = folded[references[last].end : references[last + 1].start]
            if references[last + 1].start > end or not _BETWEEN.fullmatch(between):
                break
            last += 1
        stop = max(end, references[last].end)
        relation = _relation(folded, start, references[at], references[last], stop)
        out += [(relation, start, stop)] * (last + 1 - at)
        at = last + 1
    return out


def _sentence(folded: str, start: int, end: int) -> tuple[int, int]:
    """Return the span of the sentence around a reference."""
    begin = max(start - _LONGEST, 0)
    for found in _END.finditer(folded, begin, start):
        if (
            found[0] != "\n"
            or folded[found.end() : start].strip()
            or not _LEADS_ON.search(folded, begin, found.start())
        ):
            begin = found.end()
    close = _END.search(folded, end, end + _LONGEST)
    return begin, close.end() if close else min(len(folded), end + _LONGEST)


def _relation(folded: str, start: int, first: Reference, last: Reference, end: int) -> str:
    before = folded[start : first.start].rstrip(" 《\t\u3000")
    behind = folded[last.end : end]
    repealed = _REPEAL_BEHIND.match(behind)
    if (repealed and not _NO_REPEAL.search(behind) and "《" not in repealed[0]) or _REPEAL_BEFORE.search(before):
        return "废止"
    if _CHANGE_BEFORE.search(before):
        return "修改"
    if re.search(r"(?:将|对|把)[^,。;]{0,12}$", before) and _CHANGED_BY.search(behind):
        return "修改"
    sent = _SENT_BEHIND.match(behind) if _NOW.search(before) else _NOW_SENT.match(behind)
    if _FORWARD_BEFORE.search(before) or (sent and sent["verb"] in ("转发", "批转")):
        return "转发"
    if sent or (_ISSUE_BEFORE.search(before) and _ALONE.fullmatch(behind) and not _LISTED.match(before)):
        return "印发"
    if _AMENDED_BY.match(behind):
        return "依据"
    if _UNDER.search(before) and not _NOT_UNDER.search(before):
        return "依据"
    return "引用"
