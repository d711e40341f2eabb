"""Who issued a document, when, for which place: read from the text, marked where inferred.

Sources of a value, in order of trust: the title block, header tables (the
fields that a page's reader found), signature lines, front matter, the file's
name, the columns of a record. A value that none of them states is None, or
inferred from the text and then named in ``Metadata.inferred``.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from policysearch.documents.metadata.dates import HALF_WIDTH, parse_date
from policysearch.documents.metadata.document_numbers import normal_number, number_in_line, year_of_number
from policysearch.documents.metadata.enactments import Enactment, read_enactment
from policysearch.documents.metadata.issuers import date_after, find_signature, is_body, issuer_in_title
from policysearch.documents.metadata.record import FIELDS, Metadata
from policysearch.documents.metadata.regions import STATE, Region, named_region, region_at_start, region_of_body
from policysearch.documents.metadata.reports import is_report, read_delivery
from policysearch.documents.metadata.stated import StatedFields, stated_fields
from policysearch.documents.metadata.title_blocks import (
    BARE_REPORT,
    CleanedText,
    TitleBlock,
    find_title,
    order_head,
    report_titles,
    squash,
    title_block,
)
from policysearch.documents.metadata.types import (
    ARTICLE,
    FOLDER_TYPES,
    STATUTE_END,
    ministry_at_end,
    normal_status,
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
    titles = [title for title in (fields.tables.get("title"), fields.front.get("title")) if title]
    column = fields.columns.get("title")
    if _is_report(block, cleaned, [*titles, *([column] if column else []), fields.stem]):
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
    found.add("title", title, inferred)
    title = ARTICLE.sub("", title or "")
    enactment = read_enactment(block.lines) if STATUTE_END.search(squash(title)) else None
    kind = type_of_title(title)
    guessed = False
    if kind is None and STATUTE_END.search(squash(title)):
        kind, guessed = type_of_statute(title, enactment, cleaned.text)
    found.add("type", kind, inferred=guessed)
    found.add("type", type_by_name(fields.tables.get("type") or fields.front.get("type")))
    if STATUTE_END.search(squash(title)):
        by_folder = next((name for name, pattern in FOLDER_TYPES if re.search(pattern, fields.folders)), None)
        found.add("type", by_folder, inferred=True)
    found.add("type", type_by_name(fields.columns.get("type")))
    _add_number(found, block, enactment, fields)
    _add_issuer_and_date(found, title, block, cleaned, enactment, fields)
    _add_issuing_region(found, title, cleaned, fields)


def _title(block: TitleBlock, reading: Reading, fields: StatedFields) -> tuple[str | None, bool]:
    """The title and whether it stands outside of the text only."""
    stated = [title for title in (fields.tables.get("title"), fields.front.get("title")) if title and title.strip()]
    for title in (*stated, fields.columns.get("title") or ""):
        if title and squash(title).translate(HALF_WIDTH) in block.joined:
            return _one_line(title), False
    found = find_title(block, reading)
    if found:
        return _one_line(found), False
    if stated:
        return _one_line(stated[0]), False
    if column := fields.columns.get("title"):
        return _one_line(column), False
    stem = "" if fields.columns else fields.stem
    return (_one_line(stem), True) if len(re.findall(rf"[{HAN}]", stem)) >= 6 else (None, False)


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


class _Order(NamedTuple):
    """The head of an order that stands over what it promulgates."""

    number: str
    issuer: str
    date: str | None


def _order(block: TitleBlock) -> _Order | None:
    for at in range(len(block.lines) - 1):
        if number := order_head(block.lines[at : at + 2]):
            issuer = re.split(r"(?:令|公告|通告)", number)[0]
            alone = (line for line in block.lines[at + 2 :] if len(squash(line)) <= 14)
            return _Order(number, issuer, next(filter(None, map(parse_date, alone)), None))
    return None


def _add_number(found: _Values, block: TitleBlock, enactment: Enactment | None, fields: StatedFields) -> None:
    title = squash(found.get("title") or "")
    if order := _order(block):
        found.add("document_number", order.number)
    for line in block.lines:
        if squash(line) != title and (number := number_in_line(line)):
            found.add("document_number", number)
    found.add("document_number", enactment.number if enactment else None)
    for values in (fields.tables, fields.front, fields.columns):
        found.add("document_number", normal_number(values.get("document_number", "")))


def _add_issuer_and_date(
    found: _Values,
    title: str,
    block: TitleBlock,
    cleaned: CleanedText,
    enactment: Enactment | None,
    fields: StatedFields,
) -> None:
    found.add("issuer", issuer_in_title(title))
    if order := _order(block):
        found.add("issuer", order.issuer)
        found.add("date", order.date)
    if enactment:
        found.add("issuer", enactment.issuer)
        found.add("date", enactment.date)
    found.add("date", _bracketed_date(block) or _labelled_date(block))
    found.add("issuer", _bodies(fields.tables.get("issuer")))
    found.add("date", parse_date(fields.tables.get("date", "")))
    if not (found.get("issuer") and found.get("date")):
        _add_signed(found, cleaned.text)
    for values in (fields.front, fields.columns):
        found.add("issuer", _bodies(values.get("issuer")))
        found.add("date", parse_date(values.get("date", "")))
    number_year = year_of_number(found.get("document_number") or "")
    named = _dated_name(fields)
    if named and number_year in (None, int(named[:4])):
        found.add("date", named, inferred=True)
    _add_year(found, fields)


def _add_signed(found: _Values, text: str) -> None:
    issuer = found.get("issuer")
    if issuer:
        found.add("date", date_after(text, issuer.split("、")[-1]))
    signature = find_signature(text)
    if signature:
        found.add("issuer", signature.issuer)
        found.add("date", signature.date)


def _bodies(value: str | None) -> str | None:
    return "、".join(value.split()) if value and is_body(value) else None


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


def _dated_name(fields: StatedFields) -> str | None:
    """A full date at the end of a file's name, as collections of statutes have it."""
    match = re.search(r"[(（_](\d{4}-\d{2}-\d{2})[)）]?$", fields.stem)
    return parse_date(match[1]) if match else None


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
_URL_LABEL = re.compile(r"(?:转载|原文|来源|文章|本文|信息|网页)?(?:链接|网址|地址|来源|出处)\W{0,3}$")


def _stated_url(cleaned: CleanedText) -> str | None:
    """An address in the first or last lines that a label calls the source."""
    for line in (*cleaned.head, *reversed(cleaned.tail)):
        match = _URL.search(line)
        if match and _URL_LABEL.search(line[: match.start()].strip()):
            return match[0]
    return None


def _add_stated(found: _Values, block: TitleBlock, cleaned: CleanedText, fields: StatedFields) -> None:
    """Address, status, and whatever fields state that nothing better told."""
    found.add("url", _stated_url(cleaned))
    found.add("url", fields.first("url"))
    label = re.search(rf"(?:有效性|时效性|是否有效|效力状态)[】\]:：\s]*([{HAN}]{{2,8}})", " ".join(block.lines))
    found.add("status", normal_status(label[1]) if label else None)
    found.add("status", normal_status(fields.first("status") or ""))
    speaker = fields.first("speaker")
    found.add("speaker", squash(speaker) if speaker else None)
