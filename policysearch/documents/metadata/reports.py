"""Reports to a congress, above all on a government's work: the metadata in their opening lines and texts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from policysearch.documents.metadata.dates import find_dates, half_width
from policysearch.documents.metadata.issuers import is_body, split_bodies
from policysearch.documents.metadata.regions import STATE, Region, is_of_kind, kind_meant, most_spoken_of, named_region
from policysearch.documents.metadata.title_blocks import CleanedText, TitleBlock, report_titles, squash
from policysearch.gazetteer import places
from policysearch.text.chinese import HAN, NUMERAL, has_han
from policysearch.text.folding import fold
from policysearch.text.patterns import lazy_pattern

__all__ = ["Delivery", "is_report", "may_be_of", "read_delivery", "read_other_delivery", "reporting_body"]

_OPENING = lazy_pattern(
    r"我(?:受委托,?)?代表(?P<body>[^,。:;代表]{0,40}?(?:人民政府|政府|国务院)),?(?:现)?向"
    r"|我代表(?P<other>[^,。:;]{0,30}?(?:人民政府|政府|国务院)).{0,12}(?:工作报告|报告.{0,10}工作)"
)
_TARGETS = lazy_pattern(r"[今20\d年全我本省市县区州旗盟,]{2,20}经济(?:和)?社会发展(?:的)?主要(?:预期)?目标")
_OUTPUT = lazy_pattern(r"生产总值")

_CONGRESS = lazy_pattern(
    rf"(?P<place>[{HAN}]{{0,30}}?)第?[一二三四五六七八九十\d]{{1,3}}届(?P<nation>全国)?人(?:民代表)?大(?=会|[一二三四五六七八九十]{{1,2}}次)"
)
# 日 ends a date, and begins names of places: 日照, 日喀则
_BEFORE_PLACE = lazy_pattern(rf".*(?:在|[{NUMERAL}][日号])|^[日号](?!照|喀则)")
_OFFICE = (
    r"(?:代理?|常务|第一|副)*(?:省长|市长|州长|县长|区长|旗长|盟长|总理|主席|专员|行政长官)"
    rf"(?:[兼、](?:[{HAN}]{{2,20}}?(?:主任|长官|省长|市长|主席|专员|县长|区长|州长)))?"
)
_PERSON = rf"[{HAN}]{{1,8}}(?:[·•‧・．●][{HAN}]{{1,10}})+|[{HAN}]{{2,4}}?|[{HAN}] +[{HAN}]|[{HAN}]{{5,7}}(?=\W*$)"
_AFTER_PERSON = r"(?=\W*$|[ (]*(?:作|做|在|向|代表|同志|各位|的|于|所作|\d)|[,。(])"
_SPEAKER = lazy_pattern(rf"(?P<office>{_OFFICE})[ :,]*(?P<name>{_PERSON}){_AFTER_PERSON}")
_OFFICE_HOLDER = lazy_pattern(rf"(?P<place>[{HAN}]{{1,30}}?)(?:人民政府)?{_OFFICE}")
_SPEAKER_FIRST = lazy_pattern(rf"(?:^|[日—\-– ])(?P<name>{_PERSON})(?P<office>{_OFFICE})(?=在|向|代表|作|做|的)")
_NO_PERSON = lazy_pattern(
    r"[省市县区州旗盟]$|人民|政府|国务院|大会|会议|报告|工作|主任|代表|自治|同志们|信箱|热线|专线|办公|留言|简历|活动|讲话|公开|"
    r"致辞|寄语|接待|信息|分工|之窗|名单"
)
_OTHER_UNIT = lazy_pattern(r".[镇乡]$|苏木$|街道|开发区|示范区|园区|管委会|管理区|[^自治]{2}新区$")
_CAPTION = lazy_pattern(r"记者|摄影?$|本报|新华社")
_PAGE_LINE = lazy_pattern(r"^(?:来源|时间|日期|发布|发文|成文|更新)|\d时\d|\d:\d\d|门户网站|月\d+日(?:讯|电)|[讯电]$")

# A year at the start of a line, and the words in the heading of a part of a report.
_PART_NUMBER = r"[^\w\n]{0,8}(?:[一二三四1-4][、.．] ?|\([一二三]\) ?|第[一二三]部分[: ]?)?"
_PART_YEAR = r"(?P<year>(?:19|20)\d\d)年[^\n。,;0-9]{0,14}?"
_REVIEW = lazy_pattern(rf"^{_PART_NUMBER}{_PART_YEAR}(?:回顾|回眸|总结|成就|主要成绩|工作情况|完成情况|执行情况)", re.M)
_PLAN = lazy_pattern(
    rf"^{_PART_NUMBER}{_PART_YEAR}(?:重点工作|工作安排|主要任务|目标任务|工作任务|工作打算|奋斗目标|总体要求|"
    "工作建议|预期目标|工作部署|工作重点|工作思路|:奋力)",
    re.M,
)
_STOP = lazy_pattern("(?<=[。:：!！])")
_LONGEST_HEADING = 100
_ADDRESS_MONTH = lazy_pattern(r"https?://\S*?/((?:19|20)\d\d)[/-]?(?:0[1-9]|1[0-2])")

# Length of a text that is searched for values missing in its head, in characters: more than any report has.
_ENOUGH = 300_000


# Reports to a congress other than on the government's work.
_OTHER_REPORT = lazy_pattern(
    r"(?:法院|检察院|常务委员会|常委会|政协[^,。]{0,20})工作报告$|^关于.{0,60}(?:预算|决算|计划|审计|情况|规划|纲要).{0,60}报告(?:\([^()]*\))?$"
)


class Delivery(NamedTuple):
    """When, where and by whom a work report was given; None if unknown.

    Attributes:
        inferred: Names of the values that are not in the text but were concluded.
    """

    date: str | None
    year: int | None
    speaker: str | None
    region: Region | None
    inferred: frozenset[str]


def is_report(block: TitleBlock, text: str) -> bool:
    """Return whether a text is a government work report: by its title, its salutation, or its list of targets."""
    if any(report_titles(block.lines)):
        return True
    # each is searched for only if one of its characters occurs
    if any("告" in line and _OTHER_REPORT.search(squash(half_width(line))) for line in block.lines):
        return False
    if "我" in block.opening and _OPENING.search(squash(half_width(block.opening))):
        return True
    first = squash(half_width(text[:400])) if "标" in text[:400] else ""
    return bool(_TARGETS.search(first) and _OUTPUT.search(first))


def read_delivery(block: TitleBlock, cleaned: CleanedText, hints: Sequence[str]) -> Delivery:
    """Return the metadata that a work report states.

    ``hints`` are names that may state year and place if the text does not: the titles in fields, then the file's name,
    best first.
    """
    inferred = set()
    date = _date(block)
    year = _year_of_plan(date, block, cleaned) if date else _title_year(report_titles(block.lines))
    year = year or _year_in_headings(cleaned.text)
    if year is None:
        year = _title_year(hints) or _year_of_address(cleaned)
        inferred.add("year")
    region = _stated_region(block, cleaned)
    if region is None and not any(_OTHER_UNIT.search(name) for name in _names(block)):
        region = _hinted_region(hints, block) or _inferred_region(block, cleaned)
        inferred.add("region")
    return Delivery(date, year, _speaker(block), region, frozenset(inferred))


# ---------------------------------------------------------------- date, year and speaker


def _year_of_plan(date: str, block: TitleBlock, cleaned: CleanedText) -> int:
    """Return the year of a delivery; for one at its end, the next one if the report plans that."""
    year = int(date[:4])
    if date[5:7] in ("11", "12"):
        planned = {_title_year(report_titles(block.lines)), _year_in_headings(cleaned.text)}
        named = planned == {None} and f"{year + 1}年" in half_width(cleaned.text[:_ENOUGH])
        return year + 1 if named or year + 1 in planned else year
    return year


def _date(block: TitleBlock) -> str | None:
    """Return the day of delivery: a date before the name of the meeting, or on a line of its own."""
    lines = [half_width(line) for line in block.lines]
    for line in lines:
        dates = [] if _PAGE_LINE.search(line) and "届" not in line else list(find_dates(line))
        for at, found in enumerate(dates):
            end = dates[at + 1].start if at + 1 < len(dates) else len(line)
            if _MEETING.search(line[found.end : min(end, found.end + 80)]):
                return found.date
    for line in lines:
        first = next(find_dates(line), None)
        alone = first and not has_han(line[: first.start] + line[first.end :])
        if first and alone and not _PAGE_LINE.search(line):
            return first.date
    return None


_MEETING = lazy_pattern(r"会议|大会|[一二三四五六七八九十\d]届")


def _title_year(titles: Iterator[str] | Sequence[str]) -> int | None:
    for title in titles:
        if match := re.search(r"(?<!\d)((?:19|20)\d\d)(?!\d)", half_width(title)):
            return int(match[1])
    return None


def _year_in_headings(text: str) -> int | None:
    """Return the year after the one that a heading reviews, or the one that a heading plans."""
    text = text[:_ENOUGH]
    if text.count("\n") * 400 < len(text):
        # line breaks are lost: the text after a full stop may have been a line
        text = _STOP.sub("\n", text)
    half = half_width("\n".join(line for line in text.split("\n") if len(line) < _LONGEST_HEADING))
    reviewed, planned = _REVIEW.search(half), _PLAN.search(half)
    if reviewed:
        return int(reviewed["year"]) + 1
    return int(planned["year"]) if planned else None


def _year_of_address(cleaned: CleanedText) -> int | None:
    """Return the year in the address of the page, if the text names that year too.

    The year that a text names most is mostly the one under review, since the one planned is called 今年.
    """
    for line in (*cleaned.head, *cleaned.tail):
        address = _ADDRESS_MONTH.search(line)
        if address and f"{address[1]}年" in half_width(cleaned.text[:_ENOUGH]):
            return int(address[1])
    return None


def _speaker(block: TitleBlock) -> str | None:
    lines = [half_width(line) for line in block.lines]
    for at in range(len(lines) - 1, -1, -1):
        half = lines[at]
        if _CAPTION.search(half) and "届" not in half:
            continue
        if re.search(f"{_OFFICE}$", half) and at + 1 < len(lines) and len(lines[at + 1]) <= 20:
            half = f"{half} {lines[at + 1]}"
        for match in (*_SPEAKER.finditer(half), *_SPEAKER_FIRST.finditer(half)):
            name = _person(match["name"])
            if name:
                return name
    return None


def _person(written: str) -> str | None:
    name = squash(re.sub("[•‧・．●]", "·", written))
    return None if _NO_PERSON.search(name) or places.lookup(name) else name


# ---------------------------------------------------------------- other reports to a congress

_OTHER_OFFICE = (
    r"(?:代理?|常务|第一|副|党组)*(?:[局厅处司署]长|部长|主任委员|主任|检察长|院长|委员长|秘书长|主席|书记|审计长|"
    r"省长|市长|州长|县长|区长|旗长|盟长|专员)"
)
_OTHER_SPEAKER = lazy_pattern(
    rf"(?P<body>[{HAN}、 ]{{0,30}}?)(?P<office>{_OTHER_OFFICE})[ :,]*(?P<name>{_PERSON})(?=[ )]*$)"
)
_DELIVERED = lazy_pattern(r"(?:在|于).{0,50}(?:会议|大会|[届次]会)上?")
_CONSULTATIVE = lazy_pattern(
    rf"(?:政协|政治协商会议)(?:第[一二三四五六七八九十\d]{{1,3}}届)?(?P<place>[{HAN}]{{2,20}}?)(?:第[一二三四五六七八九十\d]{{1,3}}届|委员会)"
)


def read_other_delivery(title: str, block: TitleBlock, cleaned: CleanedText) -> Delivery | None:
    """Return the metadata of a report to a congress other than on the government's work; None for other reports.

    Such are the reports of courts, of prosecutors and of a standing
    committee, and those on budgets and plans: the lines below the title state the date, the place and the speaker.
    """
    block = TitleBlock(tuple(map(fold, block.lines)), fold(block.opening)) if fold(title) != title else block
    lines = [half_width(line) for line in block.lines]
    delivered = next((line for line in lines if _DELIVERED.search(line) and next(find_dates(line), None)), None)
    if delivered is None:
        return None
    date = _date(block)
    speaker = next(filter(None, map(_other_speaker, _offices(lines, title))), None) or _bare_speaker(lines, delivered)
    place = _CONSULTATIVE.search(squash(delivered))
    region = named_region(place["place"], block.joined) if place else _stated_region(block, cleaned)
    return Delivery(date, int(date[:4]) if date else None, speaker, region, frozenset())


def _offices(lines: Sequence[str], title: str) -> Iterator[str]:
    """Yield lines that may name the speaker, an office joined with a name below it; not the title."""
    for at, line in enumerate(lines):
        if len(line) > 80 or squash(line) in squash(half_width(title)):
            continue
        if at + 1 < len(lines) and re.search(rf"{_OTHER_OFFICE}$", line) and len(squash(lines[at + 1])) <= 12:
            yield f"{line} {lines[at + 1]}"
        yield re.sub(r"^.*(?:会议|大会|[届次]会)上?", "", line)


def _other_speaker(line: str) -> str | None:
    match = _OTHER_SPEAKER.search(line)
    return _person(match["name"]) if match else None


_BARE_NAME = lazy_pattern(rf"[{HAN}]{{2,3}}|[{HAN}] +[{HAN}]")
_NO_NAME = lazy_pattern(r"摘要|全文|目录|草案|书面|节选|附件|正文")


def _bare_speaker(lines: Sequence[str], delivered: str) -> str | None:
    """Return a name alone on the line below the one that states where a report was given."""
    at = lines.index(delivered) + 1
    if (
        at < len(lines)
        and _BARE_NAME.fullmatch(lines[at].strip())
        and not _NO_NAME.search(lines[at])
        and not is_body(lines[at])
    ):
        return _person(lines[at])
    return None


def reporting_body(title: str, block: TitleBlock) -> str | None:
    """Return the body that gave the report: named in the title, alone on a line, or before the speaker's office."""
    lines = [half_width(line) for line in block.lines]
    own = re.match(rf"([{HAN}]{{2,30}}?)(?:工作)?报告$", squash(title))
    if own and is_body(own[1]):
        return own[1]
    for line in lines:
        if squash(line) not in squash(half_width(title)) and is_body(line) and not _CONGRESS.search(line):
            return "、".join(split_bodies(line))
    for line in _offices(lines, title):
        match = _OTHER_SPEAKER.search(line)
        if match and _person(match["name"]) and is_body(body := match["body"].strip()):
            return body
    return None


# ---------------------------------------------------------------- place


def _names(block: TitleBlock) -> Iterator[str]:
    """Yield names and words for the place in the title block, most specific first."""
    for match in _CONGRESS.finditer(block.joined):
        yield "全国" if match["nation"] else _BEFORE_PLACE.sub("", match["place"])
    for line in block.lines:
        if holder := _OFFICE_HOLDER.search(squash(half_width(line))):
            yield _BEFORE_PLACE.sub("", re.sub(r".*(?:会议上?|大会上?)", "", holder["place"]))
    for title in report_titles(block.lines):
        yield re.sub(r"^\d{4}年|人民$|\d{4}年$|政府工作报告.*", "", half_width(title))
    if opening := _OPENING.search(squash(half_width(block.opening))):
        yield re.sub(r"(?:第[一二三四五六七八九十]+届)?(?:人民)?政府$", "", opening["body"] or opening["other"])


def _stated_region(block: TitleBlock, cleaned: CleanedText) -> Region | None:
    names = [name for name in _names(block) if name]
    kind = next((kind for name in names if (kind := kind_meant(name))), None)
    around = "".join((block.joined, *cleaned.tail))
    for name in names:
        if kind_meant(name):
            continue
        region = named_region(name, around) or named_region(name, around, kind)
        if region and region.place is None and region is not STATE:
            region = named_region(name, around + cleaned.text[:_ENOUGH])
        if region:
            return region
    return None


def _hinted_region(hints: Sequence[str], block: TitleBlock) -> Region | None:
    kind = _kind(block)
    for hint in hints:
        name = re.sub(r"[\d_\W]+|年|政府工作报告.*|人民$", "", half_width(hint).partition(REPORT_WORDS)[0])
        name = name.removesuffix("人民")
        if name and (region := named_region(name, "", kind) or named_region(name)):
            return region
    return None


REPORT_WORDS = "政府工作报告"


def _kind(block: TitleBlock) -> str | None:
    """Return the kind of place that the title block or the salutation names."""
    return next((kind for name in _names(block) if (kind := kind_meant(name))), None)


def may_be_of(region: Region, block: TitleBlock) -> bool:
    """Return whether a report may be of a place: if it speaks of 我区, that is no city."""
    kind = _kind(block)
    return kind is None or region.place is None or is_of_kind(region.place, kind)


def _inferred_region(block: TitleBlock, cleaned: CleanedText) -> Region | None:
    """Return the place most mentioned among those of the kind that the text states as its own."""
    text = cleaned.text[:_ENOUGH]
    kind = _kind(block)
    if kind is None:
        words = places.context_words(text)
        if not words:
            return STATE if text.count("我国") > 10 and "国务院" in text else None
        kind = words.most_common(1)[0][0]
        kind = "自治区" if kind == "区" and _speaks_as_autonomous(text) else kind
    return most_spoken_of(text, kind, cleaned.tail)


def _speaks_as_autonomous(text: str) -> bool:
    """Return whether 我区 is an autonomous region: it names three prefectures, as a district seldom does."""
    region = most_spoken_of(text, "自治区")
    if region is None or region.place is None:
        return False
    named = {one.code for form in places.places_in(text) for one in places.lookup(form)}
    inside = {code for code in named if code[:2] == region.place.code[:2]}
    return sum(code[4:] == "00" and code[2:4] != "00" for code in inside) >= 3
