"""Who issued a document, when, for which place: read from the text, marked where inferred.

Sources of a value, in order of trust: the title block, header tables (the
fields that a page's reader found), signature lines, front matter, the file's
name, the columns of a record. A value that none of them states is None, or
inferred from the text and then named in ``Metadata.inferred``.
"""

from __future__ import annotations

import re
from typing import Any

from policysearch.documents.metadata.dates import HALF_WIDTH, find_dates, parse_date, parse_day
from policysearch.documents.metadata.document_numbers import normal_number, number_in_line, split_number, year_of_number
from policysearch.documents.metadata.enactments import Enactment, notes, read_enactment
from policysearch.documents.metadata.issuers import (
    date_after,
    find_signature,
    is_body,
    issuer_in_title,
    lone_day,
    plain_name,
    split_bodies,
)
from policysearch.documents.metadata.orders import OrderHead, order_at, signing_day
from policysearch.documents.metadata.record import FIELDS, Metadata
from policysearch.documents.metadata.regions import (
    STATE,
    Region,
    full_names,
    named_region,
    place_spoken_as,
    region_at_start,
    region_of_body,
)
from policysearch.documents.metadata.reports import (
    Delivery,
    is_report,
    read_delivery,
    read_other_delivery,
    reporting_body,
)
from policysearch.documents.metadata.stated import CATALOGUE, PAGE, PAGE_DAYS, StatedFields, stated_fields
from policysearch.documents.metadata.title_blocks import (
    BARE_REPORT,
    CleanedText,
    TitleBlock,
    find_title,
    is_official_title,
    report_titles,
    squash,
    title_block,
)
from policysearch.documents.metadata.types import (
    ARTICLE,
    has_articles,
    is_charter,
    is_party,
    is_statute,
    ministry_at_end,
    normal_status,
    type_by_folder,
    type_by_name,
    type_of_statute,
    type_of_title,
)
from policysearch.gazetteer.places import NATION
from policysearch.sources.readers.reading import Reading
from policysearch.text.chinese import HAN
from policysearch.vocabulary import TYPES

__all__ = ["find_metadata"]

REPORT = "政府工作报告"


_NOTHING: dict[str, Any] = {**dict.fromkeys(FIELDS), "type": TYPES[-1]}


class _Values:
    """Values found so far; the first one of a field stays."""

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}
        self.inferred: set[str] = set()

    def add(self, name: str, value: object, inferred: bool = False) -> None:
        if value in (None, "") or name in self.values:
            return
        self.values[name] = value
        if inferred:
            self.inferred.add(name)

    def put(self, name: str, value: object, inferred: bool) -> None:
        """Replace a value by what it means."""
        self.values[name] = value
        if inferred:
            self.inferred.add(name)

    def get(self, name: str) -> Any:
        return self.values.get(name)

    def metadata(self) -> Metadata:
        inferred = tuple(name for name in FIELDS if name in self.inferred)
        return Metadata(**{**_NOTHING, **self.values}, inferred=inferred)


def find_metadata(reading: Reading, cleaned: CleanedText, source_id: str) -> Metadata:
    """What is known of a document: stated where it says so, else inferred, else None.

    Linear in the length of the text; only signatures and the place of a
    report that does not name it need more than its head and tail.
    """
    block = title_block(cleaned)
    fields = stated_fields(reading, source_id)
    found = _Values()
    if _is_report(block, cleaned, [*fields.all("title", *CATALOGUE, *PAGE), fields.stem]):
        _read_report(found, block, cleaned, fields)
    else:
        _read_other(found, block, reading, cleaned, fields)
    _add_stated(found, block, cleaned, fields)
    return found.metadata()


_REPORT_NAME = re.compile(r"(?:^|[\d年省市县区州旗盟_\-\s]|人民)政府工作报告(?:摘要|全文|[(（].*)?$")


def _is_report(block: TitleBlock, cleaned: CleanedText, titles: list[str]) -> bool:
    if is_report(block, cleaned.text):
        return True
    named = any(_REPORT_NAME.search(squash(title)) and len(squash(title)) <= 40 for title in titles)
    return named and "政府" in block.opening


def _read_report(found: _Values, block: TitleBlock, cleaned: CleanedText, fields: StatedFields) -> None:
    hints = [title for title in (fields.first("title"), fields.stem) if title]
    delivery = read_delivery(block, cleaned, hints)
    found.add("type", "政府工作报告", inferred="政府工作报告" not in block.joined)
    found.add("date", delivery.date)
    found.add("year", delivery.year, inferred="year" in delivery.inferred)
    found.add("speaker", delivery.speaker)
    region = delivery.region or _region_of_fields(fields)
    _add_region(found, region, block.joined, inferred="region" in delivery.inferred)
    if region:
        issuer = "国务院" if region is STATE else f"{region.name}人民政府"
        stated = issuer in block.joined + squash(block.opening)
        found.add("issuer", issuer, inferred=not stated)
    _add_report_title(found, block, fields)


def _add_report_title(found: _Values, block: TitleBlock, fields: StatedFields) -> None:
    """The title as it stands, completed by year and place when it is bare or missing."""
    title = _find_report_title(block)
    stated = fields.first("title")
    if title and not BARE_REPORT.fullmatch(title):
        found.add("title", title)
        return
    if stated and _REPORT_NAME.search(squash(stated)) and not BARE_REPORT.fullmatch(squash(stated)):
        found.add("title", squash(stated))
        return
    region = found.get("region")
    name = "国务院" if region == NATION else region or ""
    year = f"{found.get('year')}年" if found.get("year") else ""
    whole = f"{year}{name}{title or '政府工作报告'}"
    found.add("title", whole, inferred=whole != title)


def _find_report_title(block: TitleBlock) -> str | None:
    """The fullest title of a work report in the title block."""
    titles = list(report_titles(block.lines))
    full = [title for title in titles if not BARE_REPORT.fullmatch(title)]
    return next(iter(full + titles), None)


def _read_other(
    found: _Values, block: TitleBlock, reading: Reading, cleaned: CleanedText, fields: StatedFields
) -> None:
    title, inferred = _title(block, reading, fields)
    title, number = split_number(title or "")
    title, day = _split_day(title)
    found.add("title", title, inferred)
    found.add("document_number", number)
    title = ARTICLE.sub("", title)
    statute = is_statute(title)
    enactment = read_enactment([*notes(block.lines), *(block.lines if statute else ())])
    order = _order(block, cleaned)
    delivery = read_other_delivery(title, block, cleaned) if type_of_title(title) == "报告" else None
    if delivery:
        _add_delivery(found, title, block, delivery)
    _add_number(found, block, order, enactment, fields)
    _add_issuer(found, title, order, enactment, cleaned, fields)
    found.add("date", day)
    _add_date(found, block, order, enactment, cleaned, fields, statute)
    _add_type(found, title, enactment, cleaned, fields)
    _add_year(found, fields)
    _add_issuing_region(found, title, cleaned, fields)


def _add_delivery(found: _Values, title: str, block: TitleBlock, delivery: Delivery) -> None:
    """A report to a congress: when, by whom, for which place; its body is in the title, or above the salutation."""
    found.add("date", delivery.date)
    found.add("speaker", delivery.speaker)
    _add_region(found, delivery.region, block.joined, inferred=False)
    found.add("issuer", reporting_body(title, block))


def _add_type(
    found: _Values, title: str, enactment: Enactment | None, cleaned: CleanedText, fields: StatedFields
) -> None:
    kind = type_of_title(title)
    guessed = False
    statute = kind is None and is_statute(title)
    if statute:
        kind, guessed = type_of_statute(
            title, enactment, found.get("issuer"), found.get("document_number"), cleaned.text
        )
    found.add("type", None if guessed else kind)
    found.add("type", next(filter(None, map(type_by_name, fields.all("type", *CATALOGUE))), None))
    if statute:
        found.add("type", type_by_folder(fields.folders) if guessed or kind is None else None, inferred=True)
    found.add("type", kind, inferred=guessed)
    if statute and has_articles(cleaned.text) and not is_party(title) and not is_charter(title):
        found.add("type", "规范性文件", inferred=True)
    if (found.get("document_number") or "").partition("〔")[0].endswith("函"):
        found.add("type", "函", inferred=True)


_DAY_IN_TITLE = re.compile(r"[(（]([^()（）]{8,16})[)）]$")


def _split_day(title: str) -> tuple[str, str | None]:
    """A title without the day in brackets that ends it, and that day."""
    match = _DAY_IN_TITLE.search(title)
    day = parse_date(match[1]) if match else None
    return (title[: match.start()].rstrip(), day) if match and day else (title, None)


def _title(block: TitleBlock, reading: Reading, fields: StatedFields) -> tuple[str | None, bool]:
    """The title and whether it stands in the file's name only.

    In order of trust: a stated title that the text has too (or the fuller one
    of the text), an official title of the text, one that the source states of
    its document or page, any other of the text, the file's name.
    """
    stated = [title for title in fields.all("title", *CATALOGUE, *PAGE) if not title.endswith(("…", "..."))]
    found = find_title(block, reading)
    whole = _one_line(found) if found else ""
    for title in stated:
        if same := squash(title).translate(HALF_WIDTH):
            if same in squash(whole).translate(HALF_WIDTH) and is_official_title(whole):
                return whole, False
            if same in block.joined:
                return _one_line(title), False
    if whole and (is_official_title(whole) or not stated):
        return whole, False
    pages = [title for title in fields.all("title", "page title") if not is_body(title)]
    for title in (*stated, *pages):
        return _one_line(title), False
    if whole:
        return whole, False
    return (_one_line(fields.stem), True) if len(re.findall(rf"[{HAN}]", fields.stem)) >= 6 else (None, False)


def _one_line(title: str) -> str:
    """A title without the white space that a page puts into it: between Han characters, and at its ends."""
    return (
        re.sub(rf"(?<=[{HAN}》）)]) +(?=[《（(]?[{HAN}])", "", " ".join(title.split()))
        if _spaced(title)
        else " ".join(title.split())
    )


def _spaced(title: str) -> bool:
    """Whether most characters of a title stand apart (通 知)."""
    return title.count(" ") * 2 >= len(squash(title)) - 1


def _order(block: TitleBlock, cleaned: CleanedText) -> tuple[OrderHead, str | None] | None:
    """The head of the order that stands over a text, and the day of signing below it."""
    for at in range(len(block.lines)):
        if head := order_at(block.lines, at):
            return head, signing_day(cleaned.text) if "令" in head.number else None
    return None


def _add_number(
    found: _Values,
    block: TitleBlock,
    order: tuple[OrderHead, str | None] | None,
    enactment: Enactment | None,
    fields: StatedFields,
) -> None:
    title = squash(found.get("title") or "")
    found.add("document_number", order[0].number if order else None)
    for line in block.lines:
        if squash(line) != title and (number := number_in_line(line)):
            found.add("document_number", number)
    found.add("document_number", enactment.number if enactment else None)
    for value in fields.all("document_number", *CATALOGUE, *PAGE):
        found.add("document_number", normal_number(value))


def _add_issuer(
    found: _Values,
    title: str,
    order: tuple[OrderHead, str | None] | None,
    enactment: Enactment | None,
    cleaned: CleanedText,
    fields: StatedFields,
) -> None:
    found.add("issuer", issuer_in_title(title))
    found.add("issuer", order[0].issuer if order else None)
    found.add("issuer", enactment.issuer if enactment else None)
    found.add("issuer", _bodies(fields.first("issuer", "header table")))
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


_PRESS = re.compile(r"新华|报$|报社|日报|晚报|新闻|广播|电视|融媒体|客户端|网$|台$|频道|通讯社|发布$|杂志|出版|公众号")


def _add_date(
    found: _Values,
    block: TitleBlock,
    order: tuple[OrderHead, str | None] | None,
    enactment: Enactment | None,
    cleaned: CleanedText,
    fields: StatedFields,
    statute: bool,
) -> None:
    """The day of issue. In order of trust: what the head of the text says, the signature of who issued it, what the
    source states of the document, any other signature or day alone below the text, the file's name, and the day on
    which a page was published.

    The version of a statute is of the day that its file is named after, where its head knows of no later event.
    """
    named = _dated_name(fields)
    number = found.get("document_number")
    head = _named_version(named, block, enactment) if statute or enactment else None
    found.add("date", head, inferred=head is not None and (enactment is None or head != enactment.date))
    found.add("date", order[1] if order else None)
    found.add("date", enactment.date if enactment else None)
    found.add("date", _bracketed_date(block) or _labelled_date(block))
    if not found.get("date") and (issuer := found.get("issuer")):
        found.add("date", date_after(cleaned.text, re.split("、", issuer)[-1]))
    for value in fields.all("date", "header table"):
        found.add("date", parse_date(value))
    if not found.get("date") and (signature := find_signature(cleaned.text)):
        found.add("date", signature.date)
    for value in (*fields.all("date", "front matter", "column"), *fields.all("date", "byline")):
        found.add("date", parse_date(value))
    if not statute and is_official_title(found.get("title") or ""):
        found.add("date", lone_day(cleaned.text))
    years = (None, year_of_number(number or ""))
    pages = (*fields.all("publish_date", *PAGE_DAYS), *fields.all("date", "saved head", "meta"))
    for day in filter(None, (named, *map(parse_day, pages))):
        if years[1] in (None, int(day[:4])):
            found.add("date", day, inferred=True)


def _named_version(named: str | None, block: TitleBlock, enactment: Enactment | None) -> str | None:
    """The day after which the file of a statute is named, unless its head tells of a later one."""
    if named is None:
        return None
    return named if enactment is None or named >= enactment.date or named in _dates_of(block) else None


def _dates_of(block: TitleBlock) -> set[str]:
    return {one.date for line in block.lines for one in find_dates(line)}


def _bodies(value: str | None) -> str | None:
    return "、".join(split_bodies(value)) if value and is_body(value) else None


_BRACKETED = re.compile(r"[(（]([^()（）]{8,20})[)）]$")


def _bracketed_date(block: TitleBlock) -> str | None:
    """A date in brackets that ends a line of the title block."""
    for line in block.lines:
        if (match := _BRACKETED.search(line)) and (date := parse_date(match[1])):
            return date
    return None


_DATE_LABEL = re.compile(r"(?:成文|发文|签发|印发)(?:日期|时间)")


def _labelled_date(block: TitleBlock) -> str | None:
    """The date in a line of the title block that calls it the day of issue."""
    return next((parse_date(line) for line in block.lines if _DATE_LABEL.match(squash(line))), None)


_NAME_DATE = re.compile(
    r"(?:^|[^\d])((?:19|20)\d\d(?:[-._](?:1[0-2]|0?[1-9])[-._](?:3[01]|[12]\d|0?[1-9])|(?:1[0-2]|0[1-9])(?:3[01]|[12]\d|0[1-9])"
    r"|年(?:1[0-2]|0?[1-9])月(?:3[01]|[12]\d|0?[1-9])日))[)）】\]]?$"
)


def _dated_name(fields: StatedFields) -> str | None:
    """A full date at the end of a file's name, as collections of statutes have it."""
    match = _NAME_DATE.search(fields.stem)
    return parse_day(match[1].replace(".", "-").replace("_", "-")) if match else None


def _add_year(found: _Values, fields: StatedFields) -> None:
    if date := found.get("date"):
        found.add("year", int(date[:4]), inferred="date" in found.inferred)
    if number := found.get("document_number"):
        found.add("year", year_of_number(number))
    stated = fields.first("year")
    if stated and re.fullmatch(r"(?:19|20)\d\d年?", stated):
        found.add("year", int(stated[:4]))


def _add_issuing_region(found: _Values, title: str, cleaned: CleanedText, fields: StatedFields) -> None:
    around = "".join((title, *cleaned.tail))
    issuer = found.get("issuer")
    region = region_of_body(issuer, around) if issuer else None
    kind = found.get("type")
    if region is None and kind in ("法律", "行政法规", "司法解释"):
        region = STATE
    if region is None:
        region = region_at_start(re.sub(r"^(?:19|20)\d\d年(?:度)?", "", squash(title)), around)
    if region is None and kind == "规章" and ("部门规章" in fields.folders or ministry_at_end(cleaned.text)):
        region = STATE
    if region is None and kind != TYPES[-1]:
        region = place_spoken_as(squash(title), cleaned.text)
    stated = f"{title}{issuer or ''}"
    _add_region(found, region or _region_of_fields(fields), stated, inferred=False)


def _region_of_fields(fields: StatedFields) -> Region | None:
    for name in ("region", "city", "province"):
        value = fields.first(name)
        if value and (region := named_region(squash(value))):
            return region
    return None


def _add_region(found: _Values, region: Region | None, stated: str, inferred: bool) -> None:
    """A region and what the table knows of it; what ``stated`` does not name is inferred."""
    if region is None:
        return
    found.add("region", region.name, inferred or (region is not STATE and region.name not in stated))
    found.add("region_code", region.place.code if region.place else None, inferred=True)
    for name, value in (("city", region.city), ("province", region.province)):
        found.add(name, value, inferred=inferred or value not in stated if value else False)
    found.add("level", region.level, inferred=True)


_URL = re.compile(r"https?://[^\s，。；）)】>\"'<]+")
# 网址：… alone is a place that the text sends its readers to.
_URL_LABEL = re.compile(
    r"(?:^|[\s（(【｜|，。；;])(?:(?:转载|原文|来源|文章|本文|信息来源)(?:链接|网址|地址)|来源|出处|原文)\W{0,3}$"
)


def _stated_url(cleaned: CleanedText) -> str | None:
    """An address in the first or last lines that a label calls the source."""
    for line in (*cleaned.head, *reversed(cleaned.tail)):
        match = _URL.search(line)
        if match and _URL_LABEL.search(line[: match.start()].strip()):
            return match[0]
    return None


_STATUS = re.compile(rf"(?:有效性|时效性|是否有效|效力状态)[】\]:：\s]*([{HAN}]{{2,8}})")
# 本办法已被某令废止, （已于2020年5月1日废止）
_REPEALED = re.compile(
    r"^[(（【\[]?(?:注[:：])?(?:本|该|此|已|现已|自|(?:19|20)\d\d年).{0,60}(?:废止|失效)[)）】\]。]?$"
)
_STATUS_IN_NAME = re.compile(r"[(（【\[]([^()（）【】\[\]]{2,6})[)）】\]]")


def _add_stated(found: _Values, block: TitleBlock, cleaned: CleanedText, fields: StatedFields) -> None:
    """Address, status, and whatever fields state that nothing better told."""
    addresses = fields.all("url", "front matter", "saved head", "link", "meta", "header table", "column")
    found.add("url", next((address for address in addresses if _URL.match(address)), None))
    found.add("url", _stated_url(cleaned))
    label = _STATUS.search(" ".join(block.lines))
    found.add("status", normal_status(label[1]) if label else None)
    if any(_REPEALED.match(line) and "同时" not in line for line in block.lines):
        found.add("status", "已废止")
    found.add("status", normal_status(fields.first("status") or ""))
    for name in (found.get("title") or "", fields.stem):
        for match in _STATUS_IN_NAME.finditer(name):
            found.add("status", normal_status(match[1]))
    speaker = fields.first("speaker")
    found.add("speaker", squash(speaker) if speaker else None)
