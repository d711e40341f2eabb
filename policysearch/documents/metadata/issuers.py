"""Bodies that issue documents: their names in titles and in signatures."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from policysearch.documents.metadata.dates import REPUBLIC, find_dates, parse_date
from policysearch.text.chinese import HAN, has_han, is_han
from policysearch.text.folding import fold
from policysearch.text.patterns import lazy_pattern

__all__ = [
    "ISSUED_BY",
    "Signature",
    "date_after",
    "find_signature",
    "is_body",
    "is_national",
    "issuer_in_title",
    "lone_day",
    "plain_name",
    "split_bodies",
]

# The words of a title that follow the name of the issuer.
ISSUED_BY = lazy_pattern(r"关于|印发|转发|批转|公布|发布(?!会)|对")

_BODY_END = (
    "政府|国务院|委员会|常委会|办公厅|办公室|代表大会|人大|政协|法院|检察院|[局厅部委署院会办行社]|中共中央|中央|"
    "小组|兵团|中心|集团|公司|大学|海关|[省市县区州旗盟]委|[省市县区州旗盟]府|办事处|管理处|[支总大]队|调查队|指挥部|党组|研究所|学校|[中小]学|专班"
)
_LAST_OF_BODIES = frozenset(
    "府院会厅室大协局部委署办行社央组团心司学关处队所校班)）"
)  # of the names that ``_BODY`` matches
_BODY = lazy_pattern(rf"[{HAN}（）()“”]{{0,40}}(?:{_BODY_END})(?:[（(][^（）()]{{1,10}}[）)])?")
_NO_BODY = lazy_pattern(
    r"会议|大会$|讨论会|[届次]会$|召开|举行|举办|情况|出台|推出|^(?:[就将把被从各]|为(?!民)|[上下]一?级|本级|同级|原审|当地|有关|相关)"
)

_NATIONAL = lazy_pattern(
    r"国务院|共青团中央|第[一二三四五六七八九十]+届全国|中国人民政治协商会议(?:第[一二三四五六七八九十]+届)?全国|中共中央|中央|全国人民代表大会|全国人大|最高人民|中华人民共和国|海关总署|审计署"
)
_NATIONAL_NAME = lazy_pattern(
    r"国家.{2,12}(?:局|委|部|署|委员会|办公室|办公厅|机构)|中国.{2,14}[会局行]|"
    r"(?!市(?!场)|[省县区州]).{2,12}(?:部|总局|总署)(?:办公厅|办公室)?"
)
_LOCAL_PART = lazy_pattern(
    r"指挥部|组织部|宣传部|统战部|总部|支部|干部|俱乐部|武装部|项目部|工作部|本部|(?<!安)全部|内部|外部"
)


@lru_cache(maxsize=1024)
def split_bodies(names: str) -> tuple[str, ...]:
    """Return the single names in a list of bodies, also of two without a mark between them.

    >>> split_bodies("财政部、税务总局"), split_bodies("松岑市教育局松岑市财政局")
    (('财政部', '税务总局'), ('松岑市教育局', '松岑市财政局'))
    """
    return tuple(name for word in _words(names) for name in _unglued(word))


def _words(names: str) -> list[str]:
    return [name for name in _BETWEEN_NAMES.split(names) if name]


_BETWEEN_NAMES = lazy_pattern(r"[、,，\s]+")


def plain_name(body: str) -> str:
    """Return the name of a ministry without the name of the state before it.

    >>> plain_name("中华人民共和国财政部"), plain_name("中华人民共和国主席")
    ('财政部', '中华人民共和国主席')
    """
    rest = body.removeprefix("中华人民共和国")
    return rest if len(rest) > 2 and _is_single(rest) else body


_GLUE = lazy_pattern(r"(?<=[局厅委部办室会府院署行关中央])(?=\w{2})")
_VERTICAL = lazy_pattern(r"国家|中国|中华|海关")
_NATIONAL_STARTS = ("国务院", "中共中央", "中央军委", "中央军事委员会", "最高人民", "中国人民银行", "全国")
_STATE_OFFICE = lazy_pattern(rf"国家[{HAN}]{{2,12}}局")
_MINISTRIES = lazy_pattern(rf".*(?:部|总局|总署|委员会)\|[{HAN}]{{2,12}}(?:部|总局|总署)")
_PLACED = lazy_pattern(
    rf"(?:(?![局厅委部会院署行办])[{HAN}]){{2,8}}?(?:自治区|自治州|自治县|[省市州县区旗盟])(?=[{HAN}]{{2}})"
)
_PLACES = frozenset("省市州县区旗盟")
_BRANCH = lazy_pattern(r"(?:分局|支队|大队|支行|分行|支局|办事处|管理处)$")


def _unglued(name: str) -> list[str]:
    """Return the bodies whose names follow one another without a mark between them.

    A name is divided after a body if the next one begins like it (某市教育局某市财政局, 市教育局市财政局), with the
    name of a place, or like a body of the state; a branch of a body in a place is one name.
    """
    found: list[str] = []
    rest = name
    for at in (match.start() for match in _GLUE.finditer(name[:200])):
        left, right = rest[: at - len(name) + len(rest)], name[at:]
        if len(left) < 3 or len(right) < 3 or not _is_single(left) or _BRANCH.search(right):
            continue
        same = right[:2] == left[:2] or (right[0] == left[0] and right[0] in _PLACES)
        placed = not _PLACES.isdisjoint(right) and _PLACED.match(right) and not _VERTICAL.match(left)
        ministries = _MINISTRIES.fullmatch(f"{left}|{right}") and not _LOCAL_PART.search(right)
        national = is_national(left) and (_begins_nationally(right) or ministries)
        local = not is_national(left) and re.match(r"国家税务总局|中国人民银行|国家统计局", right)
        if (same or placed or national or local) and _begins_body(right):
            found.append(left)
            rest = right
    return [*found, rest]


@lru_cache(maxsize=1024)  # a collection has few different bodies
def _is_single(name: str) -> bool:
    name = fold(name)
    return bool(_BODY.fullmatch(name)) and not _NO_BODY.search(name.replace("政治协商会议", ""))


def _begins_nationally(text: str) -> bool:
    return text.startswith(_NATIONAL_STARTS) or (text.startswith("国家") and bool(_STATE_OFFICE.match(text)))


def _begins_body(text: str) -> bool:
    return bool(_BODY.match(fold(text)))


@lru_cache(maxsize=256)
def is_body(line: str) -> bool:
    """Return whether a line consists of names of bodies."""
    return 3 <= len(line) <= 80 and _are_bodies(line)


def _are_bodies(names: str) -> bool:
    words = _words(names)
    # most lines do not end like a body: this takes a tenth of the time
    if not words or fold(words[-1][-1]) not in _LAST_OF_BODIES:
        return False
    return all(map(_is_name, split_bodies(names)))


def _is_name(name: str) -> bool:
    name = fold(name)
    return len(name) >= 2 and _is_single(name)


# 某市公安局通告, without a subject
_KIND_ALONE = lazy_pattern(r"(?:公告|通告|布告|命令|令|通知|通报|函)$")


def issuer_in_title(title: str) -> str | None:
    """Return the bodies that a title begins with, joined by 、.

    >>> issuer_in_title("财政部 税务总局关于某项税收政策的公告")
    '财政部、税务总局'
    """
    if len(title) <= 2:
        return None
    folded = fold(title)
    if (kind := _KIND_ALONE.search(folded)) and is_body(body := title[: kind.start()].strip()) and "（" not in body:
        return "、".join(split_bodies(body))
    for match in ISSUED_BY.finditer(folded, 2):
        front = title[: match.start()].strip()
        if len(front) > 80:
            return None
        if _are_bodies(front):
            return "、".join(split_bodies(front))
    return None


def is_national(body: str) -> bool:
    """Return whether a body whose name begins with no place is a body of the state."""
    if _NATIONAL.match(body):
        return True
    return bool(_NATIONAL_NAME.fullmatch(body)) and all(map(is_han, body)) and not _LOCAL_PART.search(body)


class Signature(NamedTuple):
    """A signature: the issuers, and the date below.

    Attributes:
        issuer: The names above the date, joined by 、.
        date: The day in ISO form.
    """

    issuer: str
    date: str


_DATE_ALONE = lazy_pattern(
    r"(?<![^\s局厅委部办室会府院署行])"
    rf"((?:[12１２][\d０-９]{{3}} ?年|[一二][一二三四五六七八九〇○零ＯO]{{3}} ?年|{REPUBLIC})[^\n]{{3,12}}?日)"
    r"(?:印发?)?(?!\S)"
)


def find_signature(text: str) -> Signature | None:
    """Return the first date alone after the names of bodies, separated by spaces or line breaks."""
    for match in _DATE_ALONE.finditer(text) if "年" in text and "日" in text else ():
        date = parse_date(match[1])
        names = _names_before(text[max(0, match.start() - 300) : match.start()])
        if date and names:
            return Signature("、".join(name for word in names for name in split_bodies(word)), date)
    return None


def _names_before(text: str) -> list[str]:
    """Return the names of bodies at the end of a text, in order; 国 务 院 is one."""
    names: list[str] = []
    spaced = ""
    words = [_SEAL.sub("", word) for word in text.split() if has_han(word) and not _SEAL.fullmatch(word)]
    for word in reversed(words[1:] if len(text) == 300 else words):
        if len(word) == 1:
            spaced = word + spaced
            continue
        for name in (spaced, word):
            if not name:
                continue
            if names and _continues(name, names[0]):
                names[0] = name + names[0]
            elif is_body(name):
                names.insert(0, name)
            else:
                return names
        spaced = ""
    return [spaced, *names] if spaced and is_body(spaced) else names


_SEAL = lazy_pattern(r"[(（](?:公章|盖章|印章|章|印|[^()（）]{0,30}代章)[)）]")
_OF_AGENCY = lazy_pattern(rf"[{HAN}]{{2,14}}(?:税务局|分行|支行|调查总?队|监管分?局|监督管理局|分局)")
_AGENCIES = ("国家税务总局", "中国人民银行", "国家统计局", "国家金融监督管理总局", "国家外汇管理局")
_PLACE_ALONE = lazy_pattern(rf"[{HAN}]{{2,8}}[省市县区州旗盟]")


def _continues(name: str, after: str) -> bool:
    """Return whether the name of one body is divided by white space: 松岑市 教育局, 国家税务总局 松岑县税务局."""
    if name.endswith(("政府", "委员会")) and after in ("办公室", "办公厅"):
        return True
    divided = _PLACE_ALONE.fullmatch(name) and after[0] != name[0]
    return bool(divided or (name in _AGENCIES and _OF_AGENCY.fullmatch(after)))


def date_after(text: str, issuer: str) -> str | None:
    """Return the date that follows a body's name after white space only, or is on one line with it."""
    at = text.find(issuer)
    while at >= 0:
        after = text[at + len(issuer) : at + len(issuer) + 60]
        stripped = after.lstrip()
        found = next(find_dates(stripped), None)
        if found and found.start == 0:
            line = not text[max(0, at - 1) : at].strip() and not stripped[found.end : found.end + 1].strip()
            if line or len(stripped) < len(after):
                return found.date
        at = text.find(issuer, at + len(issuer))
    return None


_LONE_DAY = lazy_pattern(
    r"(?:[。；;!！)）”]|(?:电话|联系人|联系方式|地址|邮箱|传真|邮编|网址)[^\n]{1,60}|附件[^\n]{0,60}|\n[^\S\n]*\d[^\n]{0,60}|[局厅委部办室会府院署])[^\S\n]*\n\s*"
    r"(?P<day>[12][\d ]{3,6}年[\d 月]{2,8}日|[一二][一二三四五六七八九〇○零ＯO]{3} ?年[^\n]{3,8}日"
    rf"|{REPUBLIC}[^\n]{{3,10}}日)[^\S\n]*(?=\n|$)"
)


def lone_day(text: str) -> str | None:
    """Return the first day on a line of its own below the end of a paragraph, as in a letter without signature."""
    match = _LONE_DAY.search(text) if "\n" in text else None
    return parse_date(match["day"]) if match else None
