"""The metadata of a document: read from the text, with inferred values marked.

Sources of a value, in order of trust: the title block, header tables (the
fields that a page's reader found), signature lines, front matter, the file's
name, the columns of a record. A value that none of them states is None, or
inferred from the text and then named in ``Metadata.inferred``.
"""

from __future__ import annotations

import re

from policysearch.documents.metadata.dates import half_width, parse_date, parse_day
from policysearch.documents.metadata.document_numbers import special_region_of_number, split_number
from policysearch.documents.metadata.enactments import Enactment, notes, read_enactment, version_in_title
from policysearch.documents.metadata.issue import (
    add_date,
    add_issuer,
    add_issuing_region,
    add_number,
    add_region,
    add_stated_year,
    add_year,
    complete_number,
    find_order,
    names_place,
    places_above,
    region_of_fields,
)
from policysearch.documents.metadata.issuers import (
    is_body,
    issuer_in_title,
)
from policysearch.documents.metadata.orders import OrderHead, promulgated
from policysearch.documents.metadata.record import Metadata
from policysearch.documents.metadata.regions import (
    STATE,
    named_region,
)
from policysearch.documents.metadata.reports import (
    Delivery,
    is_report,
    may_be_of,
    read_delivery,
    read_other_delivery,
    reporting_body,
)
from policysearch.documents.metadata.standards import Standard, read_standard
from policysearch.documents.metadata.stated import CATALOGUE, PAGE, StatedFields, stated_fields
from policysearch.documents.metadata.title_blocks import (
    BARE_REPORT,
    LONG_LINE,
    CleanedText,
    TitleBlock,
    find_title,
    is_official_title,
    lone_title,
    report_titles,
    squash,
    title_block,
)
from policysearch.documents.metadata.types import (
    ARTICLE,
    has_articles,
    is_charter,
    is_party,
    is_statute_title,
    may_name_type,
    normal_status,
    type_by_folder,
    type_by_name,
    type_of_statute,
    type_of_title,
)
from policysearch.documents.metadata.validity import read_validity
from policysearch.documents.metadata.values import Values
from policysearch.gazetteer.places import NATION
from policysearch.sources.readers.reading import Reading
from policysearch.text.chinese import HAN, is_han
from policysearch.text.patterns import lazy_pattern

__all__ = ["find_metadata"]


def find_metadata(reading: Reading, cleaned: CleanedText, source_id: str) -> Metadata:
    """Return the metadata of a document: stated, else inferred, else None.

    Takes time linear in the length of the text; only signatures and the place of a report that does not name it need
    more than its head and tail.
    """
    if _states_nothing(reading) and (known := _of_line(cleaned)) is not None:
        return known
    fields = stated_fields(reading, source_id)
    found = Values()
    block = title_block(cleaned)
    if _is_report(block, cleaned, [*fields.all("title", *CATALOGUE, *PAGE), fields.stem]):
        _read_report(found, block, cleaned, fields)
    else:
        _read_other(found, block, reading, cleaned, fields)
    _add_stated(found, block, cleaned, fields)
    return found.metadata()


def _states_nothing(reading: Reading) -> bool:
    """Return whether a reading is a record without metadata outside its text, also in its id."""
    stated = reading.statements or reading.fields or reading.headings
    return reading.record is not None and not stated and "." not in reading.record


# Days, numbers, reports, status, addresses: each rule that adds more than a title, or what a title says, needs one of
# these in the text without white space.
_MAY_TELL = lazy_pattern(r"[日号號告代值位废失效/.．／－<\-]")
_TELLING = lazy_pattern(
    r"年.{1,2}月.{1,3}日|\d{4}[-/.．／－]\d|[\d一二三四五六七八九十百〇零][号號]|政府工作报告|我(?:受委托[,，]?)?代表|生产总值"
    r"|各位(?:代表|委员)|废止|失效|有效性|时效性|是否有效|效力状态|https?:|<U"
)
_NOTHING = Values().metadata()


def _of_line(cleaned: CleanedText) -> Metadata | None:
    """Return the metadata of a text of one line that can have no more than a title, None for any other.

    So it is for most records of a collection, and takes a tenth of the time of the rules, which give the same.
    """
    text = cleaned.text
    if len(text) > LONG_LINE or cleaned.head != (text,):
        return None
    if _MAY_TELL.search(text) and _TELLING.search(squash(text)):
        return None
    title = lone_title(text)
    if not title:
        return None if title == "" else _NOTHING
    title = _one_line(title)
    if _title_tells(title, text):
        return None
    found = Values()
    found.add("title", title)
    return found.metadata()


def _title_tells(title: str, text: str) -> bool:
    """Return whether a title may state or imply other metadata."""
    return bool(
        title[0] == "《"
        or may_name_type(title)
        or ARTICLE.search(title)
        or issuer_in_title(title)
        or names_place(title, text)
    )


_REPORT_NAME = lazy_pattern(r"(?:^|[\d年省市县区州旗盟_\-\s]|人民)政府工作报告(?:摘要|全文|[(（].*)?$")


def _is_report(block: TitleBlock, cleaned: CleanedText, titles: list[str]) -> bool:
    if is_report(block, cleaned.text):
        return True
    named = any("告" in title and _REPORT_NAME.search(squash(title)) and len(squash(title)) <= 40 for title in titles)
    return named and "政府" in block.opening


def _read_report(found: Values, block: TitleBlock, cleaned: CleanedText, fields: StatedFields) -> None:
    hints = [title for title in (fields.first("title"), fields.stem) if title]
    delivery = read_delivery(block, cleaned, hints)
    found.add("type", "政府工作报告", inferred="政府工作报告" not in block.joined)
    found.add("date", delivery.date)
    found.add("year", None if "year" in delivery.inferred else delivery.year)
    add_stated_year(found, fields)
    found.add("year", delivery.year, inferred=True)
    found.add("speaker", delivery.speaker)
    region, inferred = delivery.region, "region" in delivery.inferred
    stated = region_of_fields(fields)
    if (region is None or inferred) and stated and may_be_of(stated, block):
        region, inferred = stated, False
    elif region and region.place is None and region is not STATE:
        region = named_region(region.name, places_above(fields)) or region  # which of the namesakes it is
    add_region(found, region, block.joined, inferred)
    if region:
        issuer = "国务院" if region is STATE else f"{region.name}人民政府"
        found.add("issuer", issuer, inferred=issuer not in block.joined + squash(block.opening))
    _add_report_title(found, block, fields)


def _add_report_title(found: Values, block: TitleBlock, fields: StatedFields) -> None:
    """Add the title, completed by year and place when it is bare or missing."""
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
    """Return the fullest title of a work report in the title block."""
    titles = list(report_titles(block.lines))
    full = [title for title in titles if not BARE_REPORT.fullmatch(title)]
    return next(iter(full + titles), None)


def _read_other(found: Values, block: TitleBlock, reading: Reading, cleaned: CleanedText, fields: StatedFields) -> None:
    title, inferred = _title(block, reading, fields)
    if standard := read_standard(cleaned.head):
        title = _add_standard(found, standard) or title
    if quoted := _QUOTED.fullmatch(title or ""):
        title = quoted[1]
    title, number = split_number(title or "")
    title, day = _split_day(title)
    order = find_order(block, cleaned)
    found.add("title", _name_of_order(order, title, cleaned), inferred)
    found.add("title", title, inferred)
    found.add("document_number", number)
    title = ARTICLE.sub("", title)
    statute = is_statute_title(title)
    enactment = read_enactment([*notes(block.lines), *(block.lines if statute else ())])
    delivered = title.endswith("说明") or type_of_title(title) == "报告"
    delivery = read_other_delivery(title, block, cleaned) if delivered else None
    if delivery:
        _add_delivery(found, title, block, delivery)
    add_number(found, block, order, enactment, fields)
    add_issuer(found, title, order, enactment, cleaned, fields)
    title = complete_number(found, block) or title
    found.add("date", day)
    add_date(found, block, order, enactment, cleaned, fields, statute)
    _add_type(found, title, enactment, cleaned, fields)
    found.add("version", version_in_title(title) or (enactment.version if enactment and statute else None))
    day = None if "date" in found.inferred else found.get("date")
    validity = read_validity(_own_text(title, cleaned.text), day, changed=found.get("version") is not None)
    found.add("effective", validity.effective)
    found.add("expires", validity.expires)
    for name, stated in (("effective", "effective_date"), ("expires", "expiry_date")):
        for value in fields.all(stated, *CATALOGUE):
            found.add(name, parse_day(value))
    add_year(found, fields)
    add_issuing_region(found, title, cleaned, fields)


_AMENDING = lazy_pattern(r"关于(?:修[改订正]|废止).*决定$")
# 《某条例》根据本决定作相应修改，重新公布。
_APPENDED = lazy_pattern(
    r"(?:根据|依照|按照)本(?:决定|修改决定)[^。\n]{0,60}(?:修[改订正]|调整|变动)[^。\n]{0,60}(?:公布|发布|印发)[^。\n]{0,10}。"
)
_OWN_DECISION = lazy_pattern(r"本决定[^。\n]{0,10}自[^。\n]{2,30}(?:施行|实施|生效|执行)[^。\n]{0,60}")


def _own_text(title: str, text: str) -> str:
    """Return the text of a decision without the amended statutes that it contains, which state their own days."""
    if not _AMENDING.search(squash(title)):
        return text
    ends = (found.end() for pattern in (_APPENDED, _OWN_DECISION) for found in pattern.finditer(text))
    return text[: max(ends, default=len(text))]


# 《某法院工作报告》(全文), as sites write titles
_QUOTED = lazy_pattern(r"《([^《》]+)》(?:[(（](?:全文|摘要|节选|附全文)[)）])?")


def _add_standard(found: Values, standard: Standard) -> str | None:
    """Add what the cover of a standard states; return its title."""
    found.add("document_number", standard.number)
    found.add("date", standard.date)
    found.add("effective", standard.effective)
    found.add("issuer", standard.issuer)
    if standard.national:
        add_region(found, STATE, "", inferred=False)
    return standard.title


def _name_of_order(order: tuple[OrderHead, str | None] | None, title: str, cleaned: CleanedText) -> str | None:
    """Return the name of an order that promulgates several statutes, if the title found is only that of one of them."""
    if order is None or not is_statute_title(title):
        return None
    names = promulgated(cleaned.text)
    return order[0].name if len(names) > 1 and squash(title).endswith(tuple(names)) else None


def _add_delivery(found: Values, title: str, block: TitleBlock, delivery: Delivery) -> None:
    """Add the date, speaker and place of a report to a congress; its body is in the title, or above the salutation."""
    found.add("date", delivery.date)
    found.add("speaker", delivery.speaker)
    add_region(found, delivery.region, block.joined, inferred=False)
    found.add("issuer", issuer_in_title(title))
    found.add("issuer", reporting_body(title, block))


def _add_type(
    found: Values, title: str, enactment: Enactment | None, cleaned: CleanedText, fields: StatedFields
) -> None:
    number = found.get("document_number") or ""
    kind = type_of_title(title)
    guessed = False
    found.add("type", type_by_name(number.rpartition("号")[2]) if special_region_of_number(number) else None)
    statute = kind is None and is_statute_title(title)
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
    if number.partition("〔")[0].endswith("函"):
        found.add("type", "函", inferred=True)


_DAY_IN_TITLE = lazy_pattern(r"[(（]([^()（）]{8,16})[)）]$")


def _split_day(title: str) -> tuple[str, str | None]:
    """Return a title without the day in brackets at its end, and that day."""
    match = _DAY_IN_TITLE.search(title)
    day = parse_date(match[1]) if match else None
    return (title[: match.start()].rstrip(), day) if match and day else (title, None)


def _title(block: TitleBlock, reading: Reading, fields: StatedFields) -> tuple[str | None, bool]:
    """Return the title, and whether it is only in the file's name.

    In order of trust: a stated title that the text contains too (or the fuller one of the text), an official title of
    the text, one that the source states for its document or page, any other of the text, the file's name.
    """
    stated = [title for title in fields.all("title", *CATALOGUE, *PAGE) if not title.endswith(("…", "..."))]
    found = find_title(block, reading)
    whole = _one_line(found) if found else ""
    for title in stated:
        if same := half_width(squash(title)):
            if same in half_width(squash(whole)) and is_official_title(whole):
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
    return (_one_line(fields.stem), True) if sum(map(is_han, fields.stem)) >= 6 else (None, False)


def _one_line(title: str) -> str:
    """Return a title without white space between Han characters and at its ends, which pages insert."""
    return (
        re.sub(rf"(?<=[{HAN}》）)]) +(?=[《（(]?[{HAN}])", "", " ".join(title.split()))
        if _spaced(title)
        else " ".join(title.split())
    )


def _spaced(title: str) -> bool:
    """Return whether most characters of a title are separated by spaces (通 知)."""
    return title.count(" ") * 2 >= len(squash(title)) - 1


_URL = lazy_pattern(r"https?://[^\s，。；）)】>\"'<]+")
# 网址：… alone is an address that the text refers its readers to.
_URL_LABEL = lazy_pattern(
    r"(?:^|[\s（(【｜|，。；;])(?:(?:转载|原文|来源|文章|本文|信息来源)(?:链接|网址|地址)|来源|出处|原文)\W{0,3}$"
)


def _stated_url(cleaned: CleanedText) -> str | None:
    """Return an address in the first or last lines that is labelled as the source."""
    for line in (*cleaned.head, *reversed(cleaned.tail)):
        match = _URL.search(line)
        if match and _URL_LABEL.search(line[: match.start()].strip()):
            return match[0]
    return None


_STATUS_LABELS = ("有效性", "时效性", "是否有效", "效力状态", "时效：", "时效:")
_STATUS = lazy_pattern(rf"(?:{'|'.join(_STATUS_LABELS)})[】\]:：\s]*([{HAN}]{{2,8}})")
# 本办法已被某令废止, （已于2020年5月1日废止）
_REPEALED = lazy_pattern(
    r"^[(（【\[]?(?:注[:：])?(?:本|该|此|已|现已|自|(?:19|20)\d\d年).{0,60}(?:废止|失效)[)）】\]。]?$"
)
_STATUS_IN_NAME = lazy_pattern(r"[(（【\[]([^()（）【】\[\]]{2,6})[)）】\]]")


def _add_stated(found: Values, block: TitleBlock, cleaned: CleanedText, fields: StatedFields) -> None:
    """Add the address, the status, and the stated fields that no better source gave."""
    addresses = fields.all("url", "front matter", "saved head", "link", "meta", "header table", "column")
    found.add("url", next((address for address in addresses if _URL.match(address)), None))
    found.add("url", _stated_url(cleaned))
    joined = " ".join(block.lines)
    label = _STATUS.search(joined) if any(map(joined.__contains__, _STATUS_LABELS)) else None
    found.add("status", normal_status(label[1]) if label else None)
    if any(_REPEALED.match(line) and "同时" not in line for line in block.lines):
        found.add("status", "已废止")
    found.add("status", normal_status(fields.first("status") or ""))
    for name in (found.get("title") or "", fields.stem):
        for match in _STATUS_IN_NAME.finditer(name):
            found.add("status", normal_status(match[1]))
    speaker = fields.first("speaker")
    found.add("speaker", squash(speaker) if speaker else None)
