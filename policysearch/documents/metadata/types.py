"""Types and statuses of documents: what a title, a statute's text, a field or a folder says of them."""

from __future__ import annotations

import re

from policysearch.documents.metadata.enactments import Enactment
from policysearch.documents.metadata.issuers import is_national
from policysearch.documents.metadata.regions import region_at_start
from policysearch.documents.metadata.title_blocks import squash
from policysearch.text.chinese import HAN
from policysearch.text.folding import fold
from policysearch.vocabulary import TYPES

__all__ = [
    "ARTICLE",
    "FOLDER_TYPES",
    "STATUTE_END",
    "TYPE_ENDS",
    "ministry_at_end",
    "normal_status",
    "type_by_name",
    "type_of_statute",
    "type_of_title",
]

STATUTE_END = re.compile(
    rf"(?:法|法典|条例|规定|办法|细则|规则|解释|章程|[{HAN}]编|附则)(?:[(（][^()（）]{{1,20}}[)）])*$"
)
_LAW_END = re.compile(rf"(?:法|法典[{HAN}]{{2,8}}编|法典附则)(?:[(（][^()（）]{{1,20}}[)）])*$")
_NO_LAW = re.compile(r"(?:办|方|做|用|语|书|疗|看|想|打|说|手|算|司|执|立|普|守|违|枪)法$")
TYPE_ENDS = (
    ("通知", re.compile(r"通知$")),
    ("意见", re.compile(r"意见$")),
    ("决定", re.compile(r"决定$")),
    ("批复", re.compile(r"批复$")),
    ("规划", re.compile(r"(?:规划|规划纲要|纲要|五年计划)$")),
    ("公报", re.compile(r"公报$")),
)
_AFTER_TITLE = re.compile(r"(?:[(（〔【][^()（）]{1,20}[)）〕】])+$")
FOLDER_TYPES = (
    ("司法解释", "司法解释"),
    ("地方性法规", "地方(?:性)?法规"),
    ("行政法规", "行政法规"),
    ("规章", "(?:部门|政府)规章"),
)
# A headline that tells of a document is none: 四部门联合下发意见.
_HEADLINE = re.compile(r"(?:出台|下发|发布|印发|推出|发出|公布)\w{2}$")
ARTICLE = re.compile(r"第[一二三四五六七八九十百千〇零]+条(?:之[一二三四五六七八九十]+)?$")
_COURT = re.compile(r"最高人民法院|最高人民检察院")


def type_of_title(title: str) -> str | None:
    plain = _AFTER_TITLE.sub("", fold(squash(title)))
    if _HEADLINE.search(plain):
        return None
    if issued := re.search(r"印发《([^《》]+)》$", plain):
        plain = issued[1]
    return next((name for name, pattern in TYPE_ENDS if pattern.search(plain)), None)


def type_of_statute(title: str, enactment: Enactment | None, text: str) -> tuple[str | None, bool]:
    """Type of a statute by its title and who passed it, and whether that was inferred."""
    plain = squash(title)
    if _COURT.match(plain):
        return "司法解释", False
    if enactment and enactment.type:
        return enactment.type, False
    if _LAW_END.search(plain) and not _NO_LAW.search(plain):
        return "法律", not plain.startswith("中华人民共和国")
    if plain.startswith("中华人民共和国") and re.search(r"条例(?:[(（].*)?$", plain):
        return "行政法规", True
    if not re.search(r"^[^\w\n]{0,20}第一条", text, re.M):
        return None, False
    if region_at_start(plain):
        return ("地方性法规", True) if re.search(r"条例(?:[(（].*)?$", plain) else (None, False)
    if re.search(r"条例(?:[(（].*)?$", plain) and not re.match("中国共产党", plain):
        return "行政法规", True
    return ("规章", True) if ministry_at_end(text) else (None, False)


# What the last articles of a ministry's rules say of it: 由某部负责解释, 某部令第1号同时废止.
_OWN_MINISTRY = re.compile(rf"([{HAN}]{{2,14}}?(?:部|总局|局|署|委员会|银行))(?:令第?\d+号|以前制定|负责解释|统一制定)")


def ministry_at_end(text: str) -> bool:
    bodies = (re.split("由|和|（|发布的", match[1])[-1] for match in _OWN_MINISTRY.finditer(text[-1500:]))
    return any(is_national(body) for body in bodies)


def type_by_name(value: str | None) -> str | None:
    """One of ``TYPES`` that a field states, or None."""
    if not value:
        return None
    value = squash(value)
    return value if value in TYPES else next((name for name in TYPES[:-1] if value.endswith(name)), None)


_STATUSES = (
    ("尚未生效", re.compile(r"尚未(?:生效|施行|实施)|未生效|待生效")),
    ("已废止", re.compile(r"废止|失效|无效")),
    ("已修改", re.compile(r"已(?:被)?修[改订正]|修改|部分(?:有效|条款)")),
    ("有效", re.compile(r"有效|现行|施行中")),
)


def normal_status(value: str) -> str | None:
    """One of ``STATUSES`` for what a site calls it, or None.

    >>> normal_status("全文有效"), normal_status("失效"), normal_status("不明")
    ('有效', '已废止', None)
    """
    return next((name for name, pattern in _STATUSES if pattern.search(value)), None)
