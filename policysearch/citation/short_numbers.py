"""Document numbers with a shortened issuer: 市政府令第31号, 县政办〔2024〕3号 (for 松政办〔2024〕3号)."""

from __future__ import annotations

import re

from policysearch.text.patterns import lazy_pattern

__all__ = ["figures_of", "is_short_for", "split_lead"]

_ORDER = lazy_pattern(r"(?P<body>.*令)(?:〔\d{4}〕)?第\d+号")
_LETTER = lazy_pattern(r"(?P<code>.+?)[(〔]\d{4}[)〕]\d+号")
_FIGURES = re.compile(r"[0-9]+")
_LEVELS = ("省", "自治区", "市", "县", "区", "自治州", "州", "盟", "旗")
_OWN = ("本", "我", "全")
_MOST_LEFT_OUT = 3  # characters of a code that stand for a place: 松, 云府, 呼伦


def figures_of(number: str) -> tuple[str, ...]:
    """Return the year and the running number of a document number.

    >>> figures_of("国发〔2023〕1号"), figures_of("国务院令第722号")
    (('2023', '1'), ('722',))
    """
    return tuple(_FIGURES.findall(number))


def is_short_for(short: str, number: str, region: str | None) -> bool:
    """Return whether a document number may stand for that of a document of a region, with a shortened issuer.

    >>> is_short_for("市政府令第31号", "松岑市人民政府令第31号", "松岑市")
    True
    >>> is_short_for("省政府令第31号", "松岑市人民政府令第31号", "松岑市")
    False
    >>> is_short_for("县政办〔2024〕3号", "松政办〔2024〕3号", "松岑县")
    True
    """
    if figures_of(short) != figures_of(number):
        return False
    order, whole_order = _ORDER.fullmatch(short), _ORDER.fullmatch(number)
    if order and whole_order:
        return _is_body(order["body"], whole_order["body"])
    letter, whole_letter = _LETTER.fullmatch(short), _LETTER.fullmatch(number)
    return bool(letter and whole_letter and region and _is_code(letter["code"], whole_letter["code"], region))


def split_lead(number: str) -> tuple[str, str] | None:
    """Return the text before a shortened issuer in the number of an order, and the number; None if nothing can.

    >>> split_lead("城市管理办法市政府令第31号"), split_lead("市政府令第31号")
    (('城市管理办法', '市政府令第31号'), None)
    """
    order = _ORDER.fullmatch(number)
    if not order:
        return None
    at = max(number.rfind("政府令"), number.rfind("人民政府令"))
    level = next((one for one in _LEVELS if at > 0 and number[:at].removesuffix("人民").endswith(one)), None)
    if level is None:
        return None
    lead = number[:at].removesuffix("人民").removesuffix(level)
    return (lead, number[len(lead) :]) if lead else None


def _is_body(short: str, body: str) -> bool:
    short, body = short.replace("人民政府", "政府"), body.replace("人民政府", "政府")
    if short == body:
        return True
    if not (short.endswith("政府令") and body.endswith("政府令")):
        return False
    lead, whole = short.removesuffix("政府令"), body.removesuffix("政府令")
    if lead.startswith(_OWN):
        lead = lead[1:]
    return not lead or (whole.endswith(lead) if lead in _LEVELS else len(lead) > 1 and whole.startswith(lead))


def _is_code(short: str, code: str, region: str) -> bool:
    for place in (*(level for level in _LEVELS if region.endswith(level)), region):
        rest = short.removeprefix(place)
        left_out = len(code) - len(rest)
        if rest != short and rest and code.endswith(rest) and 0 < left_out <= _MOST_LEFT_OUT:
            return True
    return False
