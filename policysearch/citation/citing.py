"""Citations of sections: in the form of official and legal prose, and as CSL-JSON for citation managers."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from policysearch.citation.section_marks import SectionMark, leading_mark, written
from policysearch.text.chinese import write_numeral

__all__ = ["CitationHead", "citation", "citation_head", "csl_item"]

_STATUTES = frozenset(("法律", "行政法规", "地方性法规", "规章", "司法解释"))
_BRACKETED = r"[（(]([^（）()]{0,20}(?:19|20)\d\d年?[^（）()]{0,10}(?:修正|修订|修改|版|本)?)[）)]$"
_INNER = str.maketrans("《》", "〈〉")
_INNER_QUOTES = str.maketrans("“”", "‘’")


def citation(document: Mapping[str, Any], path: Sequence[str] = (), *, dated: bool = False) -> str:
    """Return the citation of a section or a document in Chinese official and legal prose.

    Statutes are cited by name, version and article: 《某法》（2012年修正）第三十九条; other documents by issuer,
    title, number, date and part: 某局：《…》，某发〔2018〕126号，2018年12月24日，第二部分（三）. Unknown values are
    omitted.

    Args:
        document: Its metadata, by the names of ``Document``.
        path: The section's path; empty for the document.
        dated: Whether a statute gets its year although no amendment is stated, as an old version must.
    """
    return citation_head(document, dated=dated).with_place(path)


class CitationHead(NamedTuple):
    """The start of the citations of a document.

    Attributes:
        statute: Whether it is cited as a statute.
        text: The start.
    """

    statute: bool
    text: str

    def with_place(self, path: Sequence[str]) -> str:
        """Return the citation of a section with this path."""
        place = _place(tuple(path))
        return f"{self.text}{place}" if self.statute or not place else f"{self.text}，{place}"


def citation_head(document: Mapping[str, Any], *, dated: bool = False) -> CitationHead:
    """Return the start of the citations of a document; see ``citation``."""
    title = " ".join((document["title"] or document["document_id"]).split())
    date, year = document["date"], document["year"]
    if document["type"] in _STATUTES:
        named, version = _name_and_version(title, document.get("version"), date, year, dated)
        return CitationHead(True, f"{_marked(named)}（{version}）" if version else _marked(named))
    day = _day(date) or (f"{year}年" if year is not None and str(year) not in title else None)
    rest = "，".join(filter(None, (_marked(title), document["document_number"], day)))
    return CitationHead(False, f"{document['issuer']}：{rest}" if document["issuer"] else rest)


def _name_and_version(
    title: str, version: str | None, date: str | None, year: int | None, dated: bool
) -> tuple[str, str | None]:
    """Return a statute's name without a version in brackets, and its version, with the year if ``dated``."""
    bracket = re.search(_BRACKETED, title) if title.endswith(("）", ")")) else None
    if bracket:
        return title[: bracket.start()].rstrip(), bracket[1]
    if version is None and dated:
        known = date[:4] if date else year
        version = f"{known}年" if known else None
    return title, version


def _marked(title: str) -> str:
    """Return a title in its marks; those within it become single ones."""
    inner = title[1:-1]
    if title.startswith("《") and title.endswith("》") and "《" not in inner and "》" not in inner:
        title = inner
    return f"《{title.translate(_INNER)}》"


def _day(date: str | None) -> str | None:
    """Return an ISO date in Chinese.

    >>> _day("2018-12-24"), _day("2018-12"), _day(None)
    ('2018年12月24日', '2018年12月', None)
    """
    if not date:
        return None
    return "".join(f"{int(number)}{unit}" for number, unit in zip(date.split("-"), "年月日", strict=False))


@lru_cache(maxsize=4096)
def _place(path: tuple[str, ...]) -> str:
    """Return the place of a section in its document, from its path.

    >>> _place(("第二章 劳动合同", "第三十九条")), _place(("二、重点任务", "（三）优化环境")), _place(("结束语",))
    ('第三十九条', '第二部分（三）', '“结束语”部分')
    """
    for at in range(len(path) - 1, -1, -1):  # the number of an article is unique in its document
        if _is_article(path[at]):
            marks = filter(None, map(leading_mark, path[at:]))
            return "".join(_place_of(mark, below=True) for mark in marks)
    numbered = False
    labels = []
    for at, label in enumerate(path):
        mark = leading_mark(label)
        if mark is None:
            # a heading without a number locates a number below it, and names a section without one
            if at == len(path) - 1 or (at == 0 and len(path) > 1):
                labels.append(f"“{_shortened(label)}”{'部分' if at == len(path) - 1 else ''}")
            continue
        labels.append(_place_of(mark, numbered))
        numbered = numbered or mark.unit in ("、", "()", ".")
    return "".join(labels)


def _is_article(label: str) -> bool:
    number = label[1:]
    rest = number.lstrip(" 0123456789〇零一二三四五六七八九十百千")
    return label.startswith("第") and rest.startswith(("条", "條")) and rest != number


@lru_cache(maxsize=1024)  # documents number their sections in the same way
def _place_of(mark: SectionMark, below: bool) -> str:
    """Return one number of a path in the form of a citation; ``below``: whether it is below another one."""
    if mark.unit == "、":
        return f"第{write_numeral(mark.value)}{'点' if below else '部分'}"
    if mark.unit == ".":
        return f"第{mark.value}点"
    return written(SectionMark(mark.unit, mark.value, mark.inserted))


def _shortened(heading: str) -> str:
    heading = heading.strip().rstrip("。：:").translate(_INNER_QUOTES)
    return heading if len(heading) <= 30 else heading[:29] + "…"


def csl_item(
    document: Mapping[str, Any], section_id: str, path: Sequence[str] = (), *, dated: bool = False
) -> dict[str, Any]:
    """Return an item of CSL-JSON, which citation managers and CSL processors read.

    Statutes are of CSL's type ``legislation``, other documents ``report``. ``section`` is the place that ``citation``
    names.

    Args:
        document: Its metadata, by the names of ``Document``.
        section_id: The item's id.
        path: The section's path; empty for the document.
        dated: As in ``citation``.
    """
    title = " ".join((document["title"] or document["document_id"]).split())
    statute = document["type"] in _STATUTES
    if statute:
        title, version = _name_and_version(title, document.get("version"), document["date"], document["year"], dated)
        title += f"（{version}）" if version else ""
    item: dict[str, Any] = {"id": section_id, "type": "legislation" if statute else "report", "title": title}
    if document["issuer"]:
        item["author"] = [{"literal": body} for body in document["issuer"].split("、")]
        if not statute:
            item["publisher"] = document["issuer"]
    issued = document["date"].split("-") if document["date"] else [document["year"]] if document["year"] else []
    if issued:
        item["issued"] = {"date-parts": [list(map(int, issued))]}
    named = {
        "number": document["document_number"],
        "genre": None if statute else document["type"],
        "section": _place(tuple(path)) or None,
        "URL": document["url"],
        "jurisdiction": document["region"],
    }
    return {**item, **{name: value for name, value in named.items() if value}, "language": "zh-CN"}
