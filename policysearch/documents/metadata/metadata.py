"""Who issued a document, when, for which place: read from the text, marked where inferred.

Sources of a value, in order of trust: the title block, header tables (the
fields that a page's reader found), signature lines, front matter, the file's
name, the columns of a record. A value that none of them states is None, or
inferred from the text and then named in ``Metadata.inferred``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from policysearch.documents.metadata.dates import HALF_WIDTH, parse_date
from policysearch.documents.metadata.document_numbers import normal_number, number_in_line, year_of_number
from policysearch.documents.metadata.enactments import Enactment, read_enactment
from policysearch.documents.metadata.issuers import date_after, find_signature, is_body, is_national, issuer_in_title
from policysearch.documents.metadata.regions import STATE, Region, named_region, region_at_start, region_of_body
from policysearch.documents.metadata.reports import is_report, read_delivery
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
from policysearch.gazetteer.places import NATION
from policysearch.sources.readers.reading import Reading
from policysearch.text.chinese import HAN
from policysearch.text.folding import fold
from policysearch.vocabulary import TYPES

__all__ = ["Metadata", "find_metadata", "normal_status"]

REPORT = "政府工作报告"


@dataclass(frozen=True, slots=True)
class Metadata:
    """What is known of a document, by the names of ``Document``.

    Attributes:
        inferred: Names of the fields whose value does not stand in the
            text: concluded from it, looked up in the table of places, or
            taken from the file's name. In the order of the fields.
    """

    title: str | None = None
    type: str = "其他"
    issuer: str | None = None
    document_number: str | None = None
    region: str | None = None
    region_code: str | None = None
    city: str | None = None
    province: str | None = None
    level: str | None = None
    year: int | None = None
    date: str | None = None
    speaker: str | None = None
    status: str | None = None
    url: str | None = None
    inferred: tuple[str, ...] = ()


_FIELDS = tuple(Metadata.__dataclass_fields__)[:-1]


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
        inferred = tuple(name for name in _FIELDS if name in self.inferred)
        return Metadata(**self.values, inferred=inferred)


@dataclass(frozen=True, slots=True)
class _Fields:
    """What formats and file names state, by how far it is trusted."""

    tables: Mapping[str, str] = field(default_factory=dict)
    front: Mapping[str, str] = field(default_factory=dict)
    stem: str = ""
    folders: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)

    def first(self, name: str) -> str | None:
        found = (fields.get(name) for fields in (self.tables, self.front, self.columns))
        return next((value.strip() for value in found if value and value.strip()), None)


def _sorted_fields(reading: Reading, source_id: str) -> _Fields:
    file, _, record = source_id.partition("#")
    named_record = bool(record) and bool(re.search(r"\.\w{2,8}$", record))
    path = record if named_record else file
    folders, _, name = path.rpartition("/")
    stem = re.sub(r"\.\w{1,8}$", "", name)
    folders = f"{file}/{folders}" if named_record else folders
    if re.search(r"\.(?:md|markdown|txt|text)$", path.lower()):
        return _Fields(front=reading.fields, stem=stem, folders=folders)
    if reading.record is not None and not named_record:
        return _Fields(stem=stem, folders=folders, columns=reading.fields)
    return _Fields(tables=reading.fields, stem=stem, folders=folders)


# ---------------------------------------------------------------- types

_STATUTE_END = re.compile(
    rf"(?:法|法典|条例|规定|办法|细则|规则|解释|章程|[{HAN}]编|附则)(?:[(（][^()（）]{{1,20}}[)）])*$"
)
_LAW_END = re.compile(rf"(?:法|法典[{HAN}]{{2,8}}编|法典附则)(?:[(（][^()（）]{{1,20}}[)）])*$")
_NO_LAW = re.compile(r"(?:办|方|做|用|语|书|疗|看|想|打|说|手|算|司|执|立|普|守|违|枪)法$")
_TYPE_ENDS = (
    ("通知", re.compile(r"通知$")),
    ("意见", re.compile(r"意见$")),
    ("决定", re.compile(r"决定$")),
    ("批复", re.compile(r"批复$")),
    ("规划", re.compile(r"(?:规划|规划纲要|纲要|五年计划)$")),
    ("公报", re.compile(r"公报$")),
)
_AFTER_TITLE = re.compile(r"(?:[(（〔【][^()（）]{1,20}[)）〕】])+$")
_FOLDER_TYPES = (
    ("司法解释", "司法解释"),
    ("地方性法规", "地方(?:性)?法规"),
    ("行政法规", "行政法规"),
    ("规章", "(?:部门|政府)规章"),
)
# A headline that tells of a document is none: 四部门联合下发意见.
_HEADLINE = re.compile(r"(?:出台|下发|发布|印发|推出|发出|公布)\w{2}$")
_ARTICLE = re.compile(r"第[一二三四五六七八九十百千〇零]+条(?:之[一二三四五六七八九十]+)?$")
_COURT = re.compile(r"最高人民法院|最高人民检察院")


def _type_of_title(title: str) -> str | None:
    plain = _AFTER_TITLE.sub("", fold(squash(title)))
    if _HEADLINE.search(plain):
        return None
    if issued := re.search(r"印发《([^《》]+)》$", plain):
        plain = issued[1]
    return next((name for name, pattern in _TYPE_ENDS if pattern.search(plain)), None)


def _statute_type(title: str, enactment: Enactment | None, text: str) -> tuple[str | None, bool]:
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
    return ("规章", True) if _ministry_at_end(text) else (None, False)


# What the last articles of a ministry's rules say of it: 由某部负责解释, 某部令第1号同时废止.
_OWN_MINISTRY = re.compile(rf"([{HAN}]{{2,14}}?(?:部|总局|局|署|委员会|银行))(?:令第?\d+号|以前制定|负责解释|统一制定)")


def _ministry_at_end(text: str) -> bool:
    bodies = (re.split("由|和|（|发布的", match[1])[-1] for match in _OWN_MINISTRY.finditer(text[-1500:]))
    return any(is_national(body) for body in bodies)


def _type_by_name(value: str | None) -> str | None:
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


# ---------------------------------------------------------------- the reading


def find_metadata(reading: Reading, cleaned: CleanedText, source_id: str) -> Metadata:
    """What is known of a document: stated where it says so, else inferred, else None.

    Linear in the length of the text; only signatures and the place of a
    report that does not name it need more than its head and tail.
    """
    block = title_block(cleaned)
    fields = _sorted_fields(reading, source_id)
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


def _read_report(found: _Values, block: TitleBlock, cleaned: CleanedText, fields: _Fields) -> None:
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


def _add_report_title(found: _Values, block: TitleBlock, fields: _Fields) -> None:
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


def _read_other(found: _Values, block: TitleBlock, reading: Reading, cleaned: CleanedText, fields: _Fields) -> None:
    title, inferred = _title(block, reading, fields)
    found.add("title", title, inferred)
    title = _ARTICLE.sub("", title or "")
    enactment = read_enactment(block.lines) if _STATUTE_END.search(squash(title)) else None
    kind = _type_of_title(title)
    guessed = False
    if kind is None and _STATUTE_END.search(squash(title)):
        kind, guessed = _statute_type(title, enactment, cleaned.text)
    found.add("type", kind, inferred=guessed)
    found.add("type", _type_by_name(fields.tables.get("type") or fields.front.get("type")))
    if _STATUTE_END.search(squash(title)):
        by_folder = next((name for name, pattern in _FOLDER_TYPES if re.search(pattern, fields.folders)), None)
        found.add("type", by_folder, inferred=True)
    found.add("type", _type_by_name(fields.columns.get("type")))
    _add_number(found, block, enactment, fields)
    _add_issuer_and_date(found, title, block, cleaned, enactment, fields)
    _add_issuing_region(found, title, cleaned, fields)


def _title(block: TitleBlock, reading: Reading, fields: _Fields) -> tuple[str | None, bool]:
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


def _add_number(found: _Values, block: TitleBlock, enactment: Enactment | None, fields: _Fields) -> None:
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
    fields: _Fields,
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


def _dated_name(fields: _Fields) -> str | None:
    """A full date at the end of a file's name, as collections of statutes have it."""
    match = re.search(r"[(（_](\d{4}-\d{2}-\d{2})[)）]?$", fields.stem)
    return parse_date(match[1]) if match else None


def _add_year(found: _Values, fields: _Fields) -> None:
    if date := found.get("date"):
        found.add("year", int(date[:4]), inferred="date" in found.inferred)
    if number := found.get("document_number"):
        found.add("year", year_of_number(number))
    stated = fields.first("year")
    if stated and re.fullmatch(r"(?:19|20)\d\d年?", stated):
        found.add("year", int(stated[:4]))


def _add_issuing_region(found: _Values, title: str, cleaned: CleanedText, fields: _Fields) -> None:
    around = "".join((title, *cleaned.tail))
    issuer = found.get("issuer")
    region = region_of_body(issuer, around) if issuer else None
    kind = found.get("type")
    if region is None and kind in ("法律", "行政法规", "司法解释"):
        region = STATE
    if region is None:
        region = region_at_start(re.sub(r"^(?:19|20)\d\d年(?:度)?", "", squash(title)), around)
    if region is None and kind == "规章" and ("部门规章" in fields.folders or _ministry_at_end(cleaned.text)):
        region = STATE
    stated = f"{title}{issuer or ''}"
    _add_region(found, region or _region_of_fields(fields), stated, inferred=False)


def _region_of_fields(fields: _Fields) -> Region | None:
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


def _add_stated(found: _Values, block: TitleBlock, cleaned: CleanedText, fields: _Fields) -> None:
    """Address, status, and whatever fields state that nothing better told."""
    found.add("url", _stated_url(cleaned))
    found.add("url", fields.first("url"))
    label = re.search(rf"(?:有效性|时效性|是否有效|效力状态)[】\]:：\s]*([{HAN}]{{2,8}})", " ".join(block.lines))
    found.add("status", normal_status(label[1]) if label else None)
    found.add("status", normal_status(fields.first("status") or ""))
    speaker = fields.first("speaker")
    found.add("speaker", squash(speaker) if speaker else None)
