"""The region of a document: stated, or inferred from the places that the text mentions most."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from policysearch.documents.metadata.issuers import is_national, split_bodies
from policysearch.gazetteer import places
from policysearch.gazetteer.places import NATION, Place
from policysearch.text.chinese import HAN
from policysearch.text.folding import fold
from policysearch.text.patterns import lazy_pattern

__all__ = [
    "STATE",
    "Region",
    "full_names",
    "is_of_kind",
    "kind_meant",
    "makes_rules",
    "most_spoken_of",
    "named_region",
    "place_spoken_as",
    "region_at_start",
    "region_of_body",
    "region_of_value",
]

# Words for the kind of a place that replace its name: 在区第十八届…, 我代表市人民政府.
_GENERIC = {
    "省": "省",
    "自治区": "自治区",
    "市": "市",
    "自治州": "州",
    "州": "州",
    "盟": "盟",
    "地区": "地区",
    "县": "县",
    "自治县": "县",
    "旗": "旗",
    "自治旗": "旗",
    "区": "区",
    "全省": "省",
    "全市": "市",
}
_UNKNOWN_LEVELS = (
    (lazy_pattern(r".{2,}(?:省|自治区|特别行政区)"), "省级"),
    (lazy_pattern(r".{2,}(?:自治州|地区|盟)"), "地级"),
    (lazy_pattern(r".{2,}(?:县|旗|林区)"), "县级"),
    (lazy_pattern(r".{2,}[市区州]|新疆生产建设兵团"), None),
)
_NO_PLACE = lazy_pattern(
    r"[东西中南北]部地区|开发区|高新区|经开区|试验区|功能区|工业区|灌区|库区|联盟|示范区|园区|保税区|合作区|度假区|景区|港区|社区|街道|军区|我[省市县区州旗]|本[省市县区州旗]|各[省市县区州旗]|全[省市县区州旗]$"
)


class Region(NamedTuple):
    """A place that a document is of.

    Attributes:
        name: Full official name; 全国 for the state.
        level: 国家, 省级, 地级 or 县级; None if the name does not show it.
        place: Its entry in the table; None for the state and for names
            that the table does not have or has more than once.
    """

    name: str
    level: str | None
    place: Place | None

    @property
    def province(self) -> str | None:
        if self.place:
            return places.province_of(self.place).name
        return self.name if self.level == "省级" else None

    @property
    def city(self) -> str | None:
        if self.place:
            above = places.city_of(self.place)
            return above.name if above else None
        return self.name if self.level == "地级" else None


STATE = Region(NATION, "国家", None)


def kind_meant(name: str) -> str | None:
    """Return the kind of place that a bare word like 市 or 自治区 means."""
    return _GENERIC.get(name)


@lru_cache(maxsize=256)
def region_of_value(value: str) -> Region | None:
    """Return the region that a field states, or None."""
    return named_region("".join(value.split()))


def named_region(name: str, around: str = "", kind: str | None = None) -> Region | None:
    """Return the region that a name means, or None.

    ``around`` is text whose other places distinguish namesakes; ``kind``
    (省, 市, 州 ...) chooses between a province and a city of one name.
    """
    if name in ("全国", "国务院", "国家", "中央"):
        return STATE
    for rest in _after_names_above(name):
        found = [one for one in places.lookup(rest) if kind is None or is_of_kind(one, kind)]
        if found:
            above = name[: len(name) - len(rest)]
            return _chosen(rest, found, above + around)
    if _NO_PLACE.search(name) or len(name) > 15:
        return None
    for pattern, level in _UNKNOWN_LEVELS:
        if pattern.fullmatch(name):
            return Region(name, level, None)
    return None


def _after_names_above(name: str) -> Iterator[str]:
    """Yield the name, then the rest of it after each known place that it begins with."""
    while name:
        yield name
        size = next((size for size in range(min(len(name) - 2, 16), 1, -1) if places.lookup(name[:size])), 0)
        if not size:
            return
        name = name[size:]


def is_of_kind(one: Place, kind: str) -> bool:
    """Return whether a place is of the kind that a word like 市 or 自治区 means."""
    if kind == "自治区":
        return one.name.endswith("自治区")
    if kind == "区" and one.level != "县级":
        return False
    return places.level_word(one) == kind


def _chosen(name: str, found: Sequence[Place], around: str) -> Region:
    """Return the one place meant; without an entry when namesakes cannot be distinguished."""
    exact = [one for one in found if one.name == name] or list(found)
    in_use = [one for one in exact if one.until is None] or exact
    if len(in_use) > 1 and len({one.name for one in in_use}) > 1:
        in_use = in_use[:1]
    if len(in_use) > 1:
        in_use = _told_apart(in_use, around)
    levels = {one.level for one in in_use}
    return Region(
        in_use[0].name, in_use[0].level if len(levels) == 1 else None, in_use[0] if len(in_use) == 1 else None
    )


def _told_apart(namesakes: Sequence[Place], around: str) -> list[Place]:
    """Return those of the namesakes whose divisions above are mentioned most."""
    counts = places.places_in(around)
    scores = {one.code: _mentions_above(one, counts) for one in namesakes}
    best = max(scores.values())
    return [one for one in namesakes if best == 0 or scores[one.code] == best]


def _mentions_above(one: Place, counts: Counter[str]) -> int:
    above = [place for place in (places.city_of(one), places.province_of(one)) if place and place.code != one.code]
    return sum(counts[form] for place in above for form in (place.name, *place.short_names))


def region_at_start(name: str, around: str = "") -> Region | None:
    """Return the region whose full name a title or a body's name begins with: 某市 for 某省某市某局."""
    region, rest = None, name
    while found := _full_name_at_start(rest):
        region = named_region(name[: len(name) - len(rest)] + found, around)
        rest = rest[len(found) :]
    if region is None and "经济特区" in name and (zone := re.match(rf"([{HAN}]{{2,6}})经济特区", name)):
        return next((Region(one.name, one.level, one) for one in places.lookup(zone[1]) if one.level == "地级"), None)
    return region


def _full_name_at_start(text: str) -> str | None:
    """Return the longest full name, or short form that keeps the kind (某州), at the start of a text."""
    return _full_name(text[:17]) if places.may_begin(text) else None


@lru_cache(maxsize=1024)
def _full_name(text: str) -> str | None:
    for size in range(min(len(text), 16), 1, -1):
        found = places.lookup(text[:size])
        whole = [one for one in found if text[:size] in (one.name, *one.short_names[1:])]
        if whole and not (text[size - 1] == "市" and text[size : size + 1] == "场"):
            return text[:size]
    return None


def makes_rules(body: str) -> bool:
    """Return whether a body may make rules (规章): a ministry, or the government of a province or of a city.

    A place that is not in the table is not a county unless its name says so.
    """
    name = fold(body)
    if name.endswith("政府"):
        region = region_of_body(name)
        level = region.level if region else _GENERIC.get(name.removesuffix("政府").removesuffix("人民"), "县")
        return level not in ("县级", "县", "旗", "区")
    return is_national(name) and region_of_body(name) is STATE and not _CENTRE.search(name)


_CENTRE = lazy_pattern(r"^(?:中共|中国共产党)|办公[厅室]$|代表大会")
_PARTY = lazy_pattern(r"^(?:中国共产党|中共|中国共产主义青年团|共青团|中国人民政治协商会议|政协)(?!中央|全国)")
_MINISTRY = (
    "外交部|教育部|科学技术部|科技部|工业和信息化部|公安部|民政部|司法部|财政部|人力资源和?社会保障部|自然资源部|生态环境部|"
    "住房和?城乡建设部|交通运输部|水利部|农业农村部|商务部|文化和旅游部|退役军人事务部|应急管理部|审计署|海关总署|"
    "税务总局|金融监管总局|中国证监会|中国银保监会"
)
_AGENCY = lazy_pattern(
    rf"^(?:(?:国家|中国|中华人民共和国)[{HAN}]{{2,12}}?(?:总局|局|银行|海关|委员会|公司|部)|{_MINISTRY})驻?(?=[{HAN}]{{2,}})"
)
# A branch is named after its place without the kind of the place: 浙江监管局, 杭州海关
_BRANCH = (
    "监管分?局|监督管理局|金融监管局|证监局|银保监局|海关|海事局|调查总?队|中心支行|总部|(?:财政)?(?:监察)?专员办(?:事处)?"
    "|特派员?办(?:事处)?"
)
_BRANCH_OF_AGENCY = lazy_pattern(rf"(?P<place>[{HAN}]{{2,8}}?)(?:{_BRANCH}|分行|支行|分局|分署|分公司|(?P<kind>局))")
_BRANCH_ALONE = lazy_pattern(rf"(?P<place>[{HAN}]{{2,8}}?)(?:{_BRANCH})(?P<kind>)")
# What a branch may be named after instead: rivers, seas and parts of the country.
_WIDE = lazy_pattern(
    r"长江|黄河|珠江|淮河|海河|松花江|松辽|太湖|[东南北黄渤]海|[东西南北中]部|[东西]+[南北]|华[东南北中]"
)
# The name of a place that is in no table, before what the body is
_UNKNOWN_PLACE = lazy_pattern(
    rf"[{HAN}]{{2,10}}?(?:自治区|自治州|省|(?<!城)市(?!场)|县|区(?!域|块)|旗|(?<!联)盟)(?=人民|政府|委|[{HAN}]{{2,}})"
)


def region_of_body(issuer: str, around: str = "") -> Region | None:
    """Return the region that the first of these bodies belongs to, or None.

    A branch of a body of the state belongs to its place, even if that is unknown.
    """
    for body in split_bodies(issuer)[:3]:
        name = _PARTY.sub("", fold(body))
        if _BRANCH_ALONE.fullmatch(plain := name.removeprefix("中华人民共和国")):
            name = plain
        if region := region_at_start(name, around):
            return region
        agency = _AGENCY.match(name)
        rest = name[agency.end() :] if agency else name
        if agency and (region := region_at_start(rest, around)):
            return region
        branch = None if _WIDE.match(rest) else (_BRANCH_OF_AGENCY if agency else _BRANCH_ALONE).fullmatch(rest)
        if branch and places.lookup(branch["place"]):
            return named_region(branch["place"], around)
        unknown = None if is_national(rest) else _UNKNOWN_PLACE.match(rest)
        if unknown and (agency or not is_national(name)):
            return named_region(unknown[0], around)
        if branch and not branch["kind"]:
            continue
        if agency or is_national(name):
            return STATE
    return None


_KINDS = ("自治区", "自治州", "自治县", "省", "市", "州", "盟", "县", "旗", "区")
_OF_NO_NAME = lazy_pattern(rf"(?P<kind>{'|'.join(_KINDS)})(?=人民政府|政府|委|党委|人大|人民|[{HAN}]{{2,}}[局厅办会])")
_MOST_MENTIONS = 200


def full_names(issuer: str, text: str, number: str | None, sites: Sequence[str]) -> tuple[str, bool] | None:
    """Return bodies named by the kind of their place only (省人民政府) with its name, and whether it was inferred.

    The name is from a line of the text that is or begins with the full name, else from the first character of the
    number (黔府发 is of 贵州省), or from the name of the site if it is of a place of that kind. None without any of
    these, or if the bodies have their full names.
    """
    bodies = split_bodies(issuer)
    match = _OF_NO_NAME.match(bodies[0]) if bodies and bodies[0].startswith(_KINDS) else None
    if match is None or places.lookup(bodies[0]):
        return None
    kind = match["kind"]
    name, inferred = _signed_place(bodies[0], kind, text), False
    if name is None:
        candidates = [places.abbreviated(number[0])] if number else []
        candidates += [region.place for site in sites if (region := region_at_start(site.removeprefix("关于")))]
        fitting = (
            one.name
            for one in candidates
            if one and one.name.endswith(kind) and is_of_kind(one, _GENERIC.get(kind, kind))
        )
        named = (match for site in sites if (match := _NAMED_AT_START.match(site)) and match["kind"] == kind)
        spoken = (match["name"] for match in named if not _COMMON_WORD.search(match["name"]))
        name, inferred = next(fitting, None) or next(spoken, None), True
    if name is None:
        return None
    stem = name.removesuffix(kind)
    return "、".join(stem + body if body.startswith(kind) else body for body in bodies), inferred


def _signed_place(body: str, kind: str, text: str) -> str | None:
    """Return the name of the place before a body's name at the start of a line."""
    at = -1
    for _ in range(_MOST_MENTIONS):
        at = text.find(body, at + 1)
        if at < 0:
            return None
        before = text[max(0, at - 20) : at].rpartition("\n")[2].strip()
        if re.fullmatch(rf"[{HAN}]{{2,12}}", before) and (region := named_region(before + kind)):
            return region.name if region.place else before + kind
    return None


_NAMED_AT_START = lazy_pattern(
    rf"(?:关于)?(?P<name>(?:(?![为在的对与和将被把是有向从以])[{HAN}]){{2,8}}?(?P<kind>自治区|自治州|自治县|省|市|州|盟|县|旗|区))(?=[{HAN}\d“《])(?![场政民])"
)
_COMMON_WORD = lazy_pattern(
    r"(?:城市|都市|集市|超市|股市|上市|门市|地区|社区|[园灾山景城市郊库湖牧辖特边老小校片街新港矿林][区市]|各[省市县区]|[全我本跨][省市县区])$"
)


def place_spoken_as(title: str, text: str) -> Region | None:
    """Return the place that a title begins with and the text calls its own (本县, 我县), even if in no table."""
    match = _NAMED_AT_START.match(title)
    if match is None or _COMMON_WORD.search(match["name"]):
        return None
    kind = match["kind"][-1]
    own = re.search(rf"[本我全]{kind}", text[:4000])
    return named_region(match["name"]) if own else None


def most_spoken_of(text: str, kind: str | None, footer: Iterable[str] = ()) -> Region | None:
    """Return the place of the given kind that a text is about, or None.

    Its names are counted, those in the footer ten times, and those of places inside of it. A place is chosen if it is
    named at least twice and more often than any other of its kind.
    """
    counts = places.places_in(text)
    for form, times in places.places_in("\n".join(footer)).items():
        counts[form] += 10 * times
    own: Counter[str] = Counter()
    inside: Counter[str] = Counter()
    for form, times in counts.items():
        for one in _meant(form, counts):
            own[one.code] += times * (2 if one.name == form else 1)
            for above in (places.city_of(one), places.province_of(one)):
                if above and above.code != one.code:
                    inside[above.code] += min(times, 3)
    scores = sorted(
        ((times + inside[code] / 2, code) for code, times in own.items() if _may_be(code, kind)), reverse=True
    )
    if not scores or scores[0][0] < 2 or (len(scores) > 1 and scores[0][0] < 1.5 * scores[1][0]):
        return None
    best = places.place(scores[0][1])
    return Region(best.name, best.level, best) if best else None


def _meant(form: str, counts: Counter[str]) -> Sequence[Place]:
    """Return the present places that a form may mean; a county's short form means the county alone."""
    return [one for one in places.lookup(form) if one.until is None]


def _may_be(code: str, kind: str | None) -> bool:
    one = places.place(code)
    return one is not None and (kind is None or is_of_kind(one, kind))
