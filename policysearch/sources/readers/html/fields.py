"""What a web page states about its document beside the text: ``<meta>``, ``<title>``, the line under the title."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from policysearch.sources.readers.fields import field_name
from policysearch.sources.readers.lines import LineWriter

__all__ = ["byline", "meta_columns", "title"]

_WHITE = re.compile("[ \t\n\r\f\xa0]+")
_SAVED_FROM = re.compile(r"<!-- saved from url=\(\d+\)(\S+) -->")
_TITLE_PARTS = re.compile(r"\s*[|_｜]\s*|\s+[-–—]+\s+|--+|(?<=[\u4e00-\u9fff])[-–—](?=[\u4e00-\u9fff])")
_BYLINE = re.compile(
    r"(发布日期|发布时间|信息来源|来源)[ \u3000]*[：:][ \u3000]*"
    r"([^\s：:|]{2,40}(?: \d{1,2}:\d{2}(?::\d{2})?)?)(?![^\s|]*[：:])"
)


def byline(writer: LineWriter) -> list[tuple[str, str]]:
    """Date and origin as the line under a page's title gives them."""
    found: dict[str, str] = {}
    for removed in writer.removed:
        if removed.reason == "navigation":
            for stated in _BYLINE.finditer(removed.text):
                found.setdefault(field_name(stated[1]) or stated[1], stated[2])
    return list(found.items())


def meta_columns(root: Any, text: str) -> Iterator[tuple[str, str]]:
    wanted = {
        "sitename": "site_name",
        "columnname": "column_name",
        "author": "author",
        "description": "description",
    }
    for meta in root.iter("meta"):
        name = (meta.get("name") or meta.get("property") or "").strip()
        value = _WHITE.sub(" ", meta.get("content") or "").strip()
        known = field_name(name.removeprefix("og:")) or wanted.get(name.lower())
        if known and value:
            yield known, value
    for link in root.iter("link"):
        if link.get("rel") == "canonical" and link.get("href"):
            yield "url", link.get("href")
    saved = _SAVED_FROM.search(text[:4096])
    if saved:
        yield "url", saved[1]


def title(root: Any, writer: LineWriter) -> str:
    """The part of ``<title>`` that stands in the text or as ``<h1>``, else its longest."""
    shown = ["".join("".join(element.itertext()).split()) for element in root.iter("h1")]
    written = "".join(next((element.itertext() for element in root.iter("title")), iter(())))
    parts = [part.strip() for part in _TITLE_PARTS.split(written) if part.strip()]
    if not parts:
        return shown[0] if len(shown) == 1 else ""
    outside = "".join("".join(removed.text for removed in writer.removed).split())
    seen = "\n".join((writer.beginning(), *shown, outside))
    standing = [part for part in (written.strip(), *parts) if "".join(part.split()) in seen]
    return max(standing or parts, key=len)
