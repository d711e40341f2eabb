"""Names of documents: the forms in which they are cited, and the keys by which they are compared.

The first hit of a search needs one of the patterns; to compile all would take 3 ms.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from policysearch.text.chinese import HAN
from policysearch.text.folding import reduce
from policysearch.text.patterns import lazy_pattern

__all__ = [
    "LEADS",
    "NAME_ENDS",
    "amended_names",
    "exact_names",
    "name_key",
    "part_of_code",
    "version_year",
    "without_issuer",
    "without_place",
]

STATE = "中华人民共和国"
NAME_ENDS = "法典|法|条例|规定|办法|细则|解释|规则|章程|决定|意见|通知|规划|纲要|方案|公告|批复|准则"
"""A pattern for the final words of names of documents."""

_MARKS = dict.fromkeys(map(ord, '《》<>〈〉"'))
_VERSION = lazy_pattern(r"\([^()]{0,20}(?:年|试行|修正|修订|修改|版|暂行|草案|失效|废止)[^()]{0,10}\)$")
_CODE_PART = lazy_pattern(rf"(.{{0,4}}法典)[{HAN}]{{1,8}}编$")
_BODY = lazy_pattern(rf"^[{HAN}、]{{2,60}}?(?=关于)")
_COURT = lazy_pattern(r"^(?:最高人民法院|最高人民检察院|、|和|公安部|司法部)+(?=关于|人民)")
_INSTRUCTION = lazy_pattern(
    r"关于(?:人民法院)?(?:审理|办理)?(?:适用)?(.{2,20}?法)(?:若干问题)?的?(?:若干)?解释(\([一二三四五六七八九十]+\))?$"
)
_ISSUED = lazy_pattern(r"(?:印发|转发|批转|发布|公布|重新发布|修订)(.{4,60}?)的(?:通知|公告|决定|令)$")

SHORT_FORMS = {
    "民诉法": "民事诉讼法",
    "刑诉法": "刑事诉讼法",
    "行诉法": "行政诉讼法",
    "消法": "消费者权益保护法",
    "消保法": "消费者权益保护法",
    "食安法": "食品安全法",
    "环保法": "环境保护法",
    "治安处罚法": "治安管理处罚法",
    "道交法": "道路交通安全法",
    "未保法": "未成年人保护法",
    "妇女法": "妇女权益保障法",
    "个保法": "个人信息保护法",
    "数安法": "数据安全法",
    "网安法": "网络安全法",
    "反法": "反不正当竞争法",
    "土管法": "土地管理法",
    "村组法": "村民委员会组织法",
    "个税法": "个人所得税法",
    "企税法": "企业所得税法",
    "税收征管法": "税收征收管理法",
    "征管法": "税收征收管理法",
    "政采法": "政府采购法",
    "招投标法": "招标投标法",
    "安法": "安全生产法",
    "安生法": "安全生产法",
    "破产法": "企业破产法",
    "民促法": "民办教育促进法",
    "反电诈法": "反电信网络诈骗法",
    "大气法": "大气污染防治法",
    "固废法": "固体废物污染环境防治法",
    "职防法": "职业病防治法",
    "药管法": "药品管理法",
    "政务处分法": "公职人员政务处分法",
    "组织法": "全国人民代表大会组织法",
}
"""Short forms in legal writing that are not part of the name; chosen by hand."""

# Words that may precede a name without marks; all others count as a part of the name.
LEADS = lazy_pattern(
    "(?:^|根据|依照|依据|按照|遵照|违反|适用|参照|符合|对照|遵守|执行|修改|废止|制定|引用|参见|详见|规定|以及|关于|触犯|贯彻|落实"
    "|界定|认定|影响|满足|承担|修改前|修改后|修订前|修订后"
    "|学习|实施|出台|公布|发布|印发|现行|结合|围绕|通过|确立|明确|随着|自从|认为|指出|查阅|查看|列举|援引|援用|准用|属于|构成|具有|存在|出现|涉及|违背|参考|比如|例如|譬如"
    "|[的和与及或由在对为如即是以按依其了也并将把被从除而但则又若因至到向于新原旧年见看查据受经]|(?<![所附直])属|(?<![国所私公拥专享没])有"
    "|[^\\w]|[0-9a-z_])$"
)


def name_key(name: str) -> str:
    """Return the key of a name: folded, without marks, the state's name and a version in brackets.

    >>> name_key("《中华人民共和国劳动合同法》（2012年修正）"), name_key("解释（二）")
    ('劳动合同法', '解释(二)')
    """
    key = reduce(name).translate(_MARKS).replace(STATE, "")
    while version := _VERSION.search(key):
        key = key[: version.start()]
    return key


def version_year(name: str) -> int | None:
    """Return the year of a version in brackets after a name.

    >>> version_year("立法法（2015年修正）"), version_year("解释（二）")
    (2015, None)
    """
    found = _VERSION.search(reduce(name).translate(_MARKS))
    year = found and re.search(r"(?:19|20)\d\d", found[0])
    return int(year[0]) if year else None


def part_of_code(key: str) -> str | None:
    """Return the code that a name is a part of: 民法典 for 民法典物权编."""
    found = _CODE_PART.match(key)
    return found[1] if found else None


def exact_names(title: str) -> Iterator[tuple[str, str | None]]:
    """Yield the keys of names that certainly mean the document with this title.

    Each is followed by the key of the part that it means, such as a text that a notice issues; None for the complete
    document.
    """
    key = name_key(title)
    yield key, None
    code = part_of_code(key)
    if code:
        yield code, None
    court = _COURT.match(key)
    if court:
        yield key[court.end() :], None
        yield key[court.end() :].removeprefix("关于"), None
    instruction = _INSTRUCTION.search(key)
    if instruction:
        for word in ("解释", "司法解释", "的解释"):
            yield f"{instruction[1]}{word}{instruction[2] or ''}", None
    issued = _ISSUED.search(key)
    if issued:
        yield name_key(issued[1]), name_key(issued[1])


_AMENDS = lazy_pattern(r"关于(?:修改|修订|修正)(?P<what>.{2,120}?)的?决定$")
_AMENDED_MARKED = lazy_pattern(r"[《〈<]([^《》〈〉<>]{2,60})[》〉>]")
_PART_OF_LAW = lazy_pattern(r"(?:部分|个别|有关)?(?:条款|条文|内容)的?$")


def amended_names(title: str) -> tuple[str, ...]:
    """Return the keys of the statutes that a decision amends according to its title; it may contain their new texts.

    >>> amended_names("国务院关于修改《某甲条例》和《某乙条例》的决定"), amended_names("关于修改某法的决定")
    (('某甲条例', '某乙条例'), ('某法',))
    """
    if "决定" not in title or "关于修" not in title:  # nearly always
        return ()
    found = _AMENDS.search(name_key(title))
    if found is None:
        return ()
    marked = _AMENDED_MARKED.findall(title)
    if not marked:
        name = _PART_OF_LAW.sub("", found["what"])
        return (name,) if re.search(f"(?:{NAME_ENDS})$", name) else ()
    return tuple(dict.fromkeys(map(name_key, marked)))


def without_issuer(title: str) -> str | None:
    """Return the key of a title from 关于 on, None if no issuer precedes that."""
    key = name_key(title)
    body = _BODY.match(key)
    return key[body.end() :] if body else None


def without_place(title: str) -> str | None:
    """Return the key of a title without the place that it begins with, None if it begins with none."""
    from policysearch.gazetteer.places import lookup  # 1 ms, which most uses of this module need not

    key = name_key(title)
    for size in range(min(12, len(key) - 4), 1, -1):
        if lookup(key[:size]):
            return key[size:]
    return None
