"""发文字号: the numbers of official documents, in one spelling."""

from __future__ import annotations

import re

from policysearch.documents.metadata.dates import half_width
from policysearch.text.chinese import HAN, read_numeral
from policysearch.text.folding import fold
from policysearch.text.patterns import lazy_pattern

__all__ = ["normal_number", "number_in_line", "special_region_of_number", "split_number", "year_of_number"]

_NO_SUBJECT = rf"(?:(?!关于|的)[{HAN}、])"
# 国发〔2023〕1号: code of the issuer, year in any brackets, running number.
_LETTER = lazy_pattern(
    rf"(?P<code>[A-Za-z{HAN}]{{1,20}}?)第?[\[(〔【{{﹝〖](?P<year>(?:19|20)\d\d)年?[\])〕】}}﹞〗]第?(?P<number>\d{{1,5}})号"
)
# 国务院令第714号; 令第18号, where the body is named elsewhere
_ORDER = lazy_pattern(
    rf"(?:中华人民共和国)?(?P<body>(?:[{HAN}、]{{2,40}}?)?令|(?!通告|公告){_NO_SUBJECT}{{2,40}}?(?:公告|通告))"
    r"第?(?P<number>\d{1,5})号"
)
# 中国人民银行令〔2025〕第12号
_YEAR_ORDER = lazy_pattern(
    rf"(?:中华人民共和国)?(?P<body>[{HAN}、]{{2,40}}?令)[\[(〔【{{﹝〖](?P<year>(?:19|20)\d\d)年?[\])〕】}}﹞〗]"
    r"第?(?P<number>\d{1,5})号"
)
# 商务部公告2020年第3号, 交通运输部令2024年第12号; 公告2020年第3号, where the body is named elsewhere
_NOTICE = lazy_pattern(
    rf"(?:中华人民共和国)?(?P<body>{_NO_SUBJECT}{{0,40}}?(?:公告|通告|令))(?P<year>(?:19|20)\d\d)年第?(?P<number>\d{{1,5}})号"
)
# 第12/2024號行政法規, of Macao
_OF_MACAO = lazy_pattern(r"第(?P<number>\d{1,4})/(?P<year>(?:19|20)\d\d)号(?P<kind>[\u4e00-\u9fff]{2,12})")
_MACAO_KINDS = ("法律", "行政法规", "行政法規", "行政命令", "行政长官公告", "行政長官公告", "批示", "决议", "決議")
# 第599C章, of Hong Kong; a chapter of a statute has no such number
_OF_HONG_KONG = lazy_pattern(r"(?:香港法例)?第(?:\d{3,4}[A-Z]{0,2}|\d{1,4}[A-Z]{1,2})章")
_CHINESE_ORDER = lazy_pattern(rf"(?P<body>[{HAN}、]{{2,40}}?令)第(?P<number>[一二三四五六七八九十百〇零]{{1,7}})号")
# 府社助字第1120034567号
_CHARACTER = lazy_pattern(rf"(?P<code>[{HAN}]{{1,20}}字)第(?P<number>\d{{1,14}})号")
_ENCLOSED = lazy_pattern(r"[【〔\[](\D.*号)[】〕\]]")
_LABEL = lazy_pattern(r"^\W*(?:[发發]文字号|发文文号|发布文号|文号|文件编号|字号)\W*")


def _plain(value: str) -> str:
    return "".join(half_width(value).replace("號", "号").split())


def normal_number(value: str) -> str | None:
    """Return the number in its normal spelling, or None when the value is not a number.

    >>> normal_number("国发 [2023] 第 001 号"), normal_number("中华人民共和国国务院令 第７１４号")
    ('国发〔2023〕1号', '国务院令第714号')
    >>> normal_number("中国人民银行令【2025】12号")
    '中国人民银行令〔2025〕第12号'
    """
    plain = _LABEL.sub("", _plain(value)).strip("()")
    if enclosed := _ENCLOSED.fullmatch(plain):
        plain = enclosed[1]
    if not plain.endswith("号"):
        return _of_special_region(plain)
    if match := _YEAR_ORDER.fullmatch(plain):
        return f"{_bodies(match)}〔{match['year']}〕第{int(match['number'])}号"
    if match := _LETTER.fullmatch(plain):
        return f"{match['code']}〔{match['year']}〕{int(match['number'])}号"
    if ("告" in plain or "令" in plain) and (match := _NOTICE.fullmatch(plain)):
        return f"{_bodies(match)}{match['year']}年第{int(match['number'])}号"
    if match := _ORDER.fullmatch(plain):
        return f"{_bodies(match)}第{int(match['number'])}号"
    if match := _CHINESE_ORDER.fullmatch(plain):
        return f"{match['body'].removeprefix('中华人民共和国')}第{read_numeral(match['number'])}号"
    if match := _CHARACTER.fullmatch(plain):
        return f"{match['code']}第{match['number']}号"
    return None


def _bodies(match: re.Match[str]) -> str:
    """Return the bodies of an order without the name of the state before any of them."""
    return match["body"].replace("中华人民共和国", "")


def _of_special_region(plain: str) -> str | None:
    """Return the number of a statute of Macao (第12/2024号行政法规) or the chapter of one of Hong Kong (第599C章)."""
    if plain.endswith("章"):
        return plain.removeprefix("香港法例") if _OF_HONG_KONG.fullmatch(plain) else None
    match = _OF_MACAO.fullmatch(plain) if "/" in plain else None
    if match is None or not match["kind"].endswith(_MACAO_KINDS):
        return None
    return f"第{int(match['number'])}/{match['year']}号{fold(match['kind'])}"


def special_region_of_number(number: str) -> str | None:
    """Return the special administrative region whose statutes have numbers like this one, or None.

    >>> special_region_of_number("第12/2024号行政法规"), special_region_of_number("国发〔2023〕1号")
    ('澳门特别行政区', None)
    """
    if number.endswith("章"):
        return "香港特别行政区"
    return "澳门特别行政区" if number.startswith("第") and "/" in number else None


_OPENING = lazy_pattern(r"[\[(（〔【﹝〖]")
_ENDING_NUMBER = lazy_pattern(r"号\s*[\])）〕】]$")


def split_number(title: str) -> tuple[str, str | None]:
    """Return a title without the number in brackets at its end, and that number in its normal spelling.

    >>> split_number("某市人民政府关于某事的通知（某政发〔2023〕1号）")
    ('某市人民政府关于某事的通知', '某政发〔2023〕1号')
    """
    title = title.rstrip()
    if _ENDING_NUMBER.search(title):
        for opening in _OPENING.finditer(title, max(1, len(title) - 60)):
            if number := normal_number(title[opening.end() : -1]):
                return title[: opening.start()].rstrip(), number
    return title, None


def number_in_line(line: str) -> str | None:
    """Return the number that a line of the title block consists of, or that it contains between spaces.

    Brackets may contain spaces (〔2023 〕24 号), which are removed before the line is divided.
    """
    if "号" not in line and "號" not in line:
        return _of_special_region(_plain(line.partition("《")[0])) if "章" in line[:16] else None
    if whole := normal_number(line):
        return whole
    closed = re.sub(
        r"(?<=[\[(〔【﹝〖]) +| +(?=[\])〕】﹞〗])|(?<=[\])〕】﹞〗]) +(?=第? ?\d)|(?<=\d) +(?=号)",
        "",
        half_width(line),
    )
    return next((number for word in closed.split() if (number := normal_number(word))), None)


def year_of_number(number: str) -> int | None:
    """Return the year that a normal number states.

    >>> year_of_number("国发〔2023〕1号"), year_of_number("国务院令第714号")
    (2023, None)
    """
    match = re.search(r"〔(\d{4})〕|(\d{4})年第|/(\d{4})号", number)
    return int(match[1] or match[2] or match[3]) if match else None
