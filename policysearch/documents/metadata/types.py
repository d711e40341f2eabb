"""Types and statuses of documents, by title, text of a statute, field or folder."""

from __future__ import annotations

import re
from functools import lru_cache

from policysearch.documents.metadata.enactments import Enactment
from policysearch.documents.metadata.issuers import is_national
from policysearch.documents.metadata.regions import makes_rules, place_spoken_as, region_at_start
from policysearch.documents.metadata.title_blocks import plain as plain_title
from policysearch.documents.metadata.title_blocks import squash
from policysearch.text.chinese import HAN
from policysearch.text.folding import fold
from policysearch.text.patterns import lazy_pattern
from policysearch.vocabulary import TYPES

__all__ = [
    "ARTICLE",
    "FOLDER_TYPES",
    "TYPE_ENDS",
    "bare_title",
    "has_articles",
    "is_charter",
    "is_party",
    "is_statute_title",
    "may_name_type",
    "ministry_at_end",
    "normal_status",
    "type_by_folder",
    "type_by_name",
    "type_of_issuer",
    "type_of_statute",
    "type_of_title",
]

_AMENDMENT = lazy_pattern(r"修正案(?:[一二三四五六七八九十\d]+)?$")
_STATUTE_END = lazy_pattern(rf"(?:法|法典|条例|规定|办法|细则|规则|解释|章程|规程|规范|准则|守则|[{HAN}]编|附则)$")
_LAW_END = lazy_pattern(rf"(?:法|法典[{HAN}]{{2,8}}编|法典附则)$")
_NO_LAW = lazy_pattern(r"(?:办|方|做|用|语|书|疗|看|想|打|说|手|算|司|执|立|普|守|违|枪)法$")
# An order is named after the body that gives it, or after its subject: 动员令, 限行令 are words of news.
_ORDER_END = (
    r"(?:政府|主席|国务院|[部局署委会院行厅]|命|嘉奖|通|任免|任命)令"
    r"(?:[〔\[(]?\d{4}[〕\])]?年?)?(?:第?[\d一二三四五六七八九十百〇零]+号)?$"
)
TYPE_ENDS = (
    ("通知", lazy_pattern(r"通知$")),
    ("意见", lazy_pattern(r"意见$")),
    ("决定", lazy_pattern(r"决定$")),
    ("批复", lazy_pattern(r"批复$")),
    ("规划", lazy_pattern(r"(?:规划|规划纲要|纲要|五年计划)$")),
    ("公报", lazy_pattern(r"公报$")),
    ("公告", lazy_pattern(r"公告(?:(?:\d{4}年)?第?\d+号)?$")),
    ("通告", lazy_pattern(r"通告(?:(?:\d{4}年)?第?\d+号)?$")),
    ("通报", lazy_pattern(r"通报$")),
    ("报告", lazy_pattern(r"报告$")),
    ("方案", lazy_pattern(r"方案$")),
    ("函", lazy_pattern(r"(?<![来去信公])函$")),
    ("令", lazy_pattern(_ORDER_END)),
)
_AFTER_TITLE = lazy_pattern(r"(?:[(（〔【\[][^()（）]{1,24}[)）〕】\]])+$")
FOLDER_TYPES = (
    ("司法解释", "司法解释"),
    ("地方性法规", "地方(?:性)?法规"),
    ("行政法规", "行政法规"),
    ("规章", "(?:部门|政府)规章"),
)
# A headline about a document is not a title: 四部门联合下发意见.
_HEADLINE = lazy_pattern(r"(?:出台|下发|发布|印发|推出|发出|公布)\w{2}$")
ARTICLE = lazy_pattern(r"第[一二三四五六七八九十百千〇零]+条(?:之[一二三四五六七八九十]+)?$")
_COURT = lazy_pattern(r"最高人民法院|最高人民检察院")


@lru_cache(maxsize=256)
def bare_title(title: str) -> str:
    """Return a title in simplified characters, without white space and the brackets after it: （试行）, （2023年修订）.

    An amendment of a statute (修正案) is named after the statute.

    >>> bare_title("某某办法（2023年修订）"), bare_title("某某法修正案（三）")
    ('某某办法', '某某法')
    """
    return _AMENDMENT.sub("", _without_brackets(title))


def _without_brackets(title: str) -> str:
    plain = plain_title(title)
    return _AFTER_TITLE.sub("", plain) if plain[-1:] in ")）〕】]" else plain


def is_statute_title(title: str) -> bool:
    """Return whether a title is that of a statute: …法, …条例, …办法（试行）."""
    return bool(_STATUTE_END.search(bare_title(title)))


@lru_cache(maxsize=256)
def type_of_title(title: str) -> str | None:
    """Return the type that the last word of a title names, or None; statutes are excluded."""
    plain = _without_brackets(title)
    if _HEADLINE.search(plain):
        return None
    if _COURT.match(plain) and plain.endswith(("安排", "解答")):
        return "司法解释"
    if issued := _ISSUED.search(plain) if plain[-1:] == "》" else None:
        plain = issued[1]
    if plain[-1:] not in _LAST_OF_TYPES:
        return None
    return next((name for name, pattern in TYPE_ENDS if pattern.search(plain)), None)


_ISSUED = lazy_pattern(r"印发《([^《》]+)》$")
_LAST_OF_TYPES = frozenset("知见定复划要报告案函令号")
"""The last characters of the matches of ``TYPE_ENDS``."""

_LAST_OF_STATUTES = frozenset("法典例定则释程范编")
"""The same of ``_STATUTE_END``."""


def may_name_type(title: str) -> bool:
    """Return whether a title may have a type, be that of a statute, or have something in brackets; a quick test."""
    plain = plain_title(title)
    last = plain[-1:]
    if last in _LAST_OF_TYPES or last in _LAST_OF_STATUTES or last == "》":
        return True
    return "(" in plain or "修正案" in plain or plain.startswith("最高人民")


_ARTICLES = lazy_pattern(r"^[^\w\n]{0,20}第 ?[一1] ?[条條章]", re.M)
_PARTY = lazy_pattern(r"中国共产党|中共")


def type_of_statute(
    title: str, enactment: Enactment | None, issuer: str | None, number: str | None, text: str
) -> tuple[str | None, bool]:
    """Return the type of a statute by its title and its issuer, and whether it was inferred.

    None if the title and the text do not show it; the name of a folder may.
    """
    plain = bare_title(title)
    if _COURT.match(plain):
        return "司法解释", False
    region = region_at_start(plain)
    own = region is None or "特别行政区" in plain
    if enactment and enactment.type and (own or enactment.type != "法律"):
        return enactment.type, False
    if _LAW_END.search(plain) and not _NO_LAW.search(plain) and own:
        return "法律", not plain.startswith("中华人民共和国")
    ordinance = plain.endswith("条例")
    if plain.startswith("中华人民共和国") and ordinance:
        return "行政法规", True
    if not _ARTICLES.search(text):
        return None, False
    if ordinance and not _PARTY.match(plain):
        local = region or place_spoken_as(plain, text) or (issuer and "人大" in issuer)
        return ("地方性法规" if local else "行政法规"), True
    if issuer and (kind := type_of_issuer(issuer, number)):
        return kind, True
    return ("规章", True) if region is None and ministry_at_end(text) else (None, False)


def type_of_issuer(issuer: str, number: str | None) -> str | None:
    """Return the type of a statute that these bodies issued; None for the Party's.

    Ministries and the governments of provinces and cities make rules by orders; a document numbered like a letter
    (某发〔2023〕1号) is not a rule.
    """
    body = re.split("、", issuer)[0]
    if _PARTY.match(body):
        return None
    if _COURT.match(body):
        return "司法解释"
    if re.search("人民代表大会|人大", body):
        return "法律" if body.startswith("全国") else "地方性法规"
    if body == "国务院":
        return "行政法规"
    return "规章" if makes_rules(body) and not (number and "〔" in number and "令〔" not in number) else "规范性文件"


def is_party(title: str) -> bool:
    """Return whether a title is of a statute of the Party, not of the state."""
    return bool(_PARTY.match(bare_title(title)))


def is_charter(title: str) -> bool:
    """Return whether a title is that of a charter, which an association or a school gives itself."""
    return bare_title(title).endswith("章程")


def has_articles(text: str) -> bool:
    """Return whether a text has a first article or chapter."""
    return bool(_ARTICLES.search(text))


# The last articles of a ministry's rules name it: 由某部负责解释, 某部令第1号同时废止.
_OWN_MINISTRY = lazy_pattern(
    rf"([{HAN}]{{2,14}}?(?:部|总局|局|署|委员会|银行))(?:令第?\d+号|以前制定|负责解释|统一制定)"
)


def ministry_at_end(text: str) -> bool:
    bodies = (re.split("由|和|（|发布的", match[1])[-1] for match in _OWN_MINISTRY.finditer(text[-1500:]))
    return any(is_national(body) for body in bodies)


def type_by_folder(folders: str) -> str | None:
    """Return the type of statutes that a folder is named after, or None."""
    return next((name for name, pattern in FOLDER_TYPES if re.search(pattern, folders)), None)


# The terms of catalogues of statutes other than the names of ``TYPES``.
_OTHER_NAMES = (
    ("法律", lazy_pattern(r"^(?:宪法|法律解释|有关法律问题.*)$")),
    ("司法解释", lazy_pattern(r"^司法解释|^两高")),
    ("规章", lazy_pattern(r"^命令$")),
    ("地方性法规", lazy_pattern(r"^(?:经济特区法规|自治条例|单行条例|自治条例和单行条例)$")),
)


def type_by_name(value: str | None) -> str | None:
    """Return one of ``TYPES`` that a field states, or None.

    >>> type_by_name("部门规章"), type_by_name("司法解释性质文件"), type_by_name("通知公告")
    ('规章', '司法解释', None)
    """
    if not value:
        return None
    value = fold(squash(value))
    if value in TYPES:
        return value
    other = next((name for name, pattern in _OTHER_NAMES if pattern.search(value)), None)
    return other or next((name for name in _LEGAL if value.endswith(name)), None)


_LEGAL = ("行政法规", "地方性法规", "规章", "规范性文件", "政府工作报告")

_STATUSES = (
    ("尚未生效", lazy_pattern(r"尚未(?:生效|施行|实施)|未(?:生效|施行|实施)|[待将](?:生效|施行|实施)")),
    ("已修改", lazy_pattern(r"部分(?:有效|条款|失效|废止|修改)|已(?:被)?修[改订正]|修改")),
    ("已废止", lazy_pattern(r"废止|失效|无效|不再(?:有效|适用|执行|施行)|停止执行")),
    ("有效", lazy_pattern(r"有效|现行|施行中|正在施行")),
)


def normal_status(value: str) -> str | None:
    """Return one of ``STATUSES`` for the term of a site, or None; partly void counts as amended.

    >>> normal_status("全文有效"), normal_status("失效"), normal_status("不明")
    ('有效', '已废止', None)
    """
    return next((name for name, pattern in _STATUSES if pattern.search(value)), None)
