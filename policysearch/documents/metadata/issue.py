"""The issue of a document other than a work report: its number, issuer, date and place."""

from __future__ import annotations

import re

from policysearch.documents.metadata.dates import REPUBLIC, find_dates, half_width, parse_date, parse_day, year_of_value
from policysearch.documents.metadata.document_numbers import (
    normal_number,
    number_in_line,
    special_region_of_number,
    year_of_number,
)
from policysearch.documents.metadata.enactments import Enactment
from policysearch.documents.metadata.issuers import (
    date_after,
    find_signature,
    is_body,
    issuer_in_title,
    lone_day,
    plain_name,
    split_bodies,
)
from policysearch.documents.metadata.orders import OrderHead, may_hold_order, order_at, signing_day
from policysearch.documents.metadata.regions import (
    STATE,
    Region,
    full_names,
    named_region,
    place_spoken_as,
    region_at_start,
    region_of_body,
    region_of_value,
)
from policysearch.documents.metadata.stated import CATALOGUE, PAGE, PAGE_DAYS, StatedFields
from policysearch.documents.metadata.title_blocks import (
    CleanedText,
    TitleBlock,
    is_official_title,
    squash,
)
from policysearch.documents.metadata.types import (
    ministry_at_end,
)
from policysearch.documents.metadata.values import Values
from policysearch.text.folding import fold
from policysearch.text.patterns import lazy_pattern
from policysearch.vocabulary import TYPES

__all__ = [
    "add_date",
    "add_issuer",
    "add_issuing_region",
    "add_number",
    "add_region",
    "add_stated_year",
    "add_year",
    "complete_number",
    "find_order",
    "names_place",
    "places_above",
    "region_of_fields",
]


def find_order(block: TitleBlock, cleaned: CleanedText) -> tuple[OrderHead, str | None] | None:
    """Return the head of the order above a text, and the day of signing below it."""
    for at in range(len(block.lines)) if may_hold_order("\n".join(block.lines)) else ():
        if head := order_at(block.lines, at):
            if head.issuer is None and head.number.startswith(("令", "政府令")):
                above = (line for line in reversed(block.lines[:at]) if is_body(line) and line.endswith("政府"))
                head = head._replace(issuer=next(above, None))
            return head, signing_day(cleaned.text) if "令" in head.number else None
    return None


def add_number(
    found: Values,
    block: TitleBlock,
    order: tuple[OrderHead, str | None] | None,
    enactment: Enactment | None,
    fields: StatedFields,
) -> None:
    title = squash(found.get("title") or "")
    found.add("document_number", order[0].number if order else None)
    for line in block.lines:
        if (number := number_in_line(line)) and squash(line) != title:
            found.add("document_number", number)
    found.add("document_number", enactment.number if enactment else None)
    for value in fields.all("document_number", *CATALOGUE, *PAGE):
        found.add("document_number", normal_number(value))


def complete_number(found: Values, block: TitleBlock) -> str | None:
    """Put the issuer before a number without one (公告 2024年第12号); return the number if the text has no title."""
    number, issuer = found.get("document_number"), found.get("issuer")
    if number is None and (kind := _NOTICE.search(squash(found.get("title") or ""))):
        bare = (match for line in block.lines if (match := _BARE_NUMBER.fullmatch(half_width(squash(line)))))
        number = next((normal_number(f"{kind[0]}{match[1]}") for match in bare), None)
    if number and issuer and number.startswith(("公告", "通告")):
        number = f"{issuer.replace('、', '')}{number}"
        found.put("document_number", number, inferred=False)
    notice = number and number.endswith("号") and ("公告" in number or "通告" in number)
    if notice and not found.get("title"):
        found.add("title", number)
        return str(number)
    return None


_NOTICE = lazy_pattern("[公通]告$")
_BARE_NUMBER = lazy_pattern(r"\(?((?:(?:19|20)\d\d年)?第\d{1,5}号)\)?(?:\(总第?\d+[号期]\))?")


def add_issuer(
    found: Values,
    title: str,
    order: tuple[OrderHead, str | None] | None,
    enactment: Enactment | None,
    cleaned: CleanedText,
    fields: StatedFields,
) -> None:
    found.add("issuer", issuer_in_title(title))
    found.add("issuer", order[0].issuer if order else None)
    found.add("issuer", enactment.issuer if enactment else None)
    stated = _bodies(fields.first("issuer", "header table"))
    if stated and _OFFICE.fullmatch(stated) and (signature := find_signature(cleaned.text)):
        stated = signature.issuer
    found.add("issuer", stated)
    if not found.get("issuer") and (signature := find_signature(cleaned.text)):
        found.add("issuer", signature.issuer)
    for value in fields.all("issuer", *CATALOGUE, *PAGE):
        found.add("issuer", _bodies(value))
    if issuer := found.get("issuer"):
        issuer = "、".join(map(plain_name, issuer.split("、")))
        found.put("issuer", issuer, inferred=False)
        sites = (title, *fields.all("site_name"))
        full = full_names(issuer, cleaned.text, found.get("document_number"), sites)
        if full:
            found.put("issuer", full[0], inferred=full[1])
    for value in fields.all("content_source"):
        if not _PRESS.search(value) and region_of_body(value):
            found.add("issuer", _bodies(value), inferred=True)


_PRESS = lazy_pattern(
    r"新华|报$|报社|日报|晚报|新闻|广播|电视|融媒体|客户端|网$|台$|频道|通讯社|发布$|杂志|出版|公众号"
)


# 县府办, who puts a government's documents on its site
_OFFICE = lazy_pattern(r"[省市县区州旗盟]?(?:政?府办|委办|政府办公[室厅])(?:公室)?")


def add_date(
    found: Values,
    block: TitleBlock,
    order: tuple[OrderHead, str | None] | None,
    enactment: Enactment | None,
    cleaned: CleanedText,
    fields: StatedFields,
    statute: bool,
) -> None:
    """Add the day of issue. In order of trust: the head of the text, the signature of the issuer, the statements of the
    source about the document, any other signature or day alone below the text, the file's name, and the day on which a
    page was published.

    The version of a statute has the day in the name of its file, unless its head states a later event.
    """
    named = _dated_name(fields)
    number = found.get("document_number")
    head = _named_version(named, block, enactment) if statute or enactment else None
    found.add("date", head, inferred=head is not None and (enactment is None or head != enactment.date))
    found.add("date", order[1] if order else None)
    found.add("date", enactment.date if enactment else None)
    if number and special_region_of_number(number):
        passed = _PASSED.search(cleaned.text)
        found.add("date", parse_date(passed["day"]) if passed else None)
    if not found.get("date"):
        found.add("date", _bracketed_date(block) or _labelled_date(block))
    if not found.get("date") and (issuer := found.get("issuer")):
        found.add("date", date_after(cleaned.text, re.split("、", issuer)[-1]))
    for value in fields.all("date", "header table"):
        found.add("date", parse_day(value))
    if not found.get("date") and (signature := find_signature(cleaned.text)):
        found.add("date", signature.date)
    for value in (*fields.all("date", "front matter", "column"), *fields.all("date", "byline")):
        found.add("date", parse_day(value))
    if not statute and is_official_title(found.get("title") or ""):
        found.add("date", lone_day(cleaned.text))
    years = (None, year_of_number(number or ""))
    pages = (*fields.all("publish_date", *PAGE_DAYS), *fields.all("date", "saved head", "meta"))
    for day in filter(None, (named, *map(parse_day, pages))):
        if years[1] in (None, int(day[:4])):
            found.add("date", day, inferred=True)


# below a statute of Macao: 二零二四年三月二十一日制定。
_PASSED = lazy_pattern(r"(?:^|\n)\s*(?P<day>[^\n，。]{6,20}日)\s*(?:制定|通[过過]|核准)?。?[^\S\n]*(?=\n|$)")


def _named_version(named: str | None, block: TitleBlock, enactment: Enactment | None) -> str | None:
    """Return the day in the name of a statute's file, unless its head states a later one."""
    if named is None:
        return None
    return named if enactment is None or named >= enactment.date or named in _dates_of(block) else None


def _dates_of(block: TitleBlock) -> set[str]:
    return {one.date for line in block.lines for one in find_dates(line)}


def _bodies(value: str | None) -> str | None:
    """Return the bodies that a value names, joined by 、; None if it names anything else."""
    if not value:
        return None
    names = _AND_OTHERS.sub("", _MARKS.sub("、", value.strip()))
    return "、".join(split_bodies(names)) if is_body(names) else None


_MARKS = lazy_pattern(r"\s*[;；/|]\s*")
_AND_OTHERS = lazy_pattern(r"等(?:[\d一二三四五六七八九十]{1,3}(?:个)?(?:部门|单位|部委|机关|厅局))?$")


_BRACKETED = lazy_pattern(r"[(（]([^()（）]{8,20})[)）]$")


def _bracketed_date(block: TitleBlock) -> str | None:
    """Return a date in brackets at the end of a line of the title block."""
    for line in block.lines:
        if (match := _BRACKETED.search(line)) and (date := parse_date(match[1])):
            return date
    return None


_DATE_LABEL = lazy_pattern(r"(?:成文|发文|签发|印发)(?:日期|时间)")
_MAY_BE_LABEL = lazy_pattern("[期时時日]")
_VERSION_LABEL = lazy_pattern(r"(?:修正|修订|公发布)(?:日期?|时间)[:：]")


def _labelled_date(block: TitleBlock) -> str | None:
    """Return the date labelled as day of issue in the title block, or the latest one labelled as day of change."""
    labelled = [fold(squash(line)) for line in block.lines if _MAY_BE_LABEL.search(line[:12])]
    issued = next((date for line in labelled if _DATE_LABEL.match(line) and (date := parse_date(line))), None)
    changed = (date for line in labelled if _VERSION_LABEL.match(line) and (date := parse_date(line)))
    return issued or max(changed, default=None)


_NAME_DATE = lazy_pattern(
    r"(?:^|[^\d])((?:19|20)\d\d(?:[-._](?:1[0-2]|0?[1-9])[-._](?:3[01]|[12]\d|0?[1-9])|(?:1[0-2]|0[1-9])(?:3[01]|[12]\d|0[1-9])"
    r"|年(?:1[0-2]|0?[1-9])月(?:3[01]|[12]\d|0?[1-9])日))[)）】\]]?$"
)


def _dated_name(fields: StatedFields) -> str | None:
    """Return a full date at the end of a file's name, as in collections of statutes."""
    match = _NAME_DATE.search(fields.stem)
    return parse_day(match[1].replace(".", "-").replace("_", "-")) if match else None


def add_stated_year(found: Values, fields: StatedFields) -> None:
    """Add the year that a source states as such."""
    for value in fields.all("year"):
        found.add("year", year_of_value(value))


def add_year(found: Values, fields: StatedFields) -> None:
    if date := found.get("date"):
        found.add("year", int(date[:4]), inferred="date" in found.inferred)
    if number := found.get("document_number"):
        found.add("year", year_of_number(number))
    add_stated_year(found, fields)
    # a day of issue that is only known to the month or the year
    for value in fields.all("date", *CATALOGUE):
        found.add("year", year_of_value(value))
    for value in fields.all("publish_date", *CATALOGUE):
        found.add("year", year_of_value(value), inferred=True)


_YEAR_BEFORE = lazy_pattern(r"^(?:19|20)\d\d年(?:度)?")
# Statutes dated in the years of another state are not of this one.
_OTHER_ERA = lazy_pattern(rf"中華民國|{REPUBLIC}")


def add_issuing_region(found: Values, title: str, cleaned: CleanedText, fields: StatedFields) -> None:
    around = "".join((title, *cleaned.tail, places_above(fields)))
    issuer = found.get("issuer")
    region = region_of_body(issuer, around) if issuer else None
    if special := special_region_of_number(found.get("document_number") or ""):
        region = region_of_value(special)
    kind = found.get("type")
    if region is None and kind in ("法律", "行政法规", "司法解释"):
        elsewhere = any(map(_OTHER_ERA.search, (cleaned.text[:300], *fields.values())))
        region = None if elsewhere else STATE
    if region is None:
        region = _place_named(title, around)
    if region is None and kind == "规章" and ("部门规章" in fields.folders or ministry_at_end(cleaned.text)):
        region = STATE
    if region is None and kind != TYPES[-1]:
        region = place_spoken_as(squash(title), cleaned.text)
    stated = f"{title}{issuer or ''}"
    add_region(found, region or region_of_fields(fields), stated, inferred=False)


def _place_named(title: str, around: str) -> Region | None:
    return region_at_start(_YEAR_BEFORE.sub("", squash(title)), around)


def names_place(title: str, text: str) -> bool:
    """Return whether a title may give the place of a document whose type and issuer are unknown."""
    return _place_named(title, "") is not None or place_spoken_as(squash(title), text) is not None


# what data sets write in place of a name, as the code of administrative divisions does
_NO_NAME = frozenset(
    ("市辖区", "县", "省直辖县级行政区划", "自治区直辖县级行政区划", "省直辖", "本级", "市本级", "省本级")
)


def places_above(fields: StatedFields) -> str:
    """Return the names of the places that fields state above the place of a document, which tell namesakes apart."""
    return "".join(value for name in ("province", "city") for value in fields.all(name))


def region_of_fields(fields: StatedFields) -> Region | None:
    """Return the smallest place that the fields of a source name; places above it tell namesakes apart."""
    stated = [squash(fields.first(name) or "") for name in ("province", "city", "county")]
    names = [name if name not in _NO_NAME else "" for name in stated]
    value = fields.first("region")
    if value and (region := region_of_value("".join(names[:2]) + squash(value)) or region_of_value(value)):
        return region
    for at, kind in ((2, None), (1, "市"), (0, "省")):
        if names[at]:
            above = "".join(names[:at])
            region = named_region(above + names[at], kind=kind) if kind else None
            if region := region or region_of_value(above + names[at]) or region_of_value(names[at]):
                return region
    return None


def add_region(found: Values, region: Region | None, stated: str, inferred: bool) -> None:
    """Add a region and the table's values for it; those not in ``stated`` are inferred."""
    if region is None:
        return
    found.add("region", region.name, inferred or (region is not STATE and region.name not in stated))
    found.add("region_code", region.place.code if region.place else None, inferred=True)
    for name, value in (("city", region.city), ("province", region.province)):
        found.add(name, value, inferred=inferred or value not in stated if value else False)
    found.add("level", region.level, inferred=True)
