"""The metadata that a web page states outside the text: ``<meta>``, ``<h1>``, ``<title>``, its address."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from policysearch.sources.readers.fields import field_name, field_statements
from policysearch.sources.readers.line_writer import LineWriter
from policysearch.sources.readers.reading import StatedField
from policysearch.text.patterns import lazy_pattern

__all__ = ["page_statements"]

_WHITE = lazy_pattern("[ \t\n\r\f\xa0\u3000]+")
_SAVED_FROM = lazy_pattern(r"<!-- saved from url=\(\d+\)(\S+) -->")
_TITLE_PARTS = lazy_pattern(r"\s*[|_｜]\s*|\s+[-–—]+\s+|--+|(?<=[\u4e00-\u9fff])[-–—](?=[\u4e00-\u9fff])")
_PATH = lazy_pattern("[>›»＞]|位置[:：]|^首页|您现在")
_SITE = lazy_pattern(r"(?:网|网站|网站群|门户|平台|在线|首页|人民政府|委员会|[局厅])$")
_LONGEST_TITLE = 200
_LONGEST_PAGE_TITLE = 1_000

# In addition to the names of fields; the date of a page is that of its publication, whatever its label.
_META = {
    "sitename": "site_name",
    "site_name": "site_name",
    "columnname": "column_name",
    "author": "author",
    "description": "description",
    "date": "publish_date",
}


def page_statements(root: Any, text: str, writer: LineWriter) -> list[StatedField]:
    """Return the metadata in the elements of a page: ``<meta>``, headings, ``<title>``, then links."""
    stated = list(_metas(root))
    others = {one.value for one in stated if one.name in ("site_name", "column_name")}
    # a site's title is not the document's
    stated = [one for one in stated if one.name != "title" or one.value not in others]
    headings = list(dict.fromkeys([*_headings(root), *_named_headings(root)]))
    title = _title(root, writer, [*headings, *(one.value for one in stated if one.name == "title")], others)
    return [
        *stated,
        *field_statements([("title", heading) for heading in headings if heading not in others], "heading"),
        *field_statements([("title", title)], "page title"),
        *field_statements([("url", address) for address in _addresses(root, text)], "link"),
    ]


def _metas(root: Any) -> Iterator[StatedField]:
    for meta in root.iter("meta"):
        written = (meta.get("name") or meta.get("property") or meta.get("itemprop") or "").strip()
        value = _WHITE.sub(" ", meta.get("content") or "").strip()
        label = written.lower().removeprefix("og:")
        name = _META.get(label) or field_name(label)
        if name and value and (name != "url" or _is_address(value)):
            yield StatedField(name, value, "meta")


def _is_address(value: str) -> bool:
    return value.startswith(("http://", "https://"))


def _addresses(root: Any, text: str) -> Iterator[str]:
    for link in root.iter("link"):
        if (link.get("rel") or "").lower() == "canonical" and _is_address(link.get("href") or ""):
            yield link.get("href")
    if saved := _SAVED_FROM.search(text[:4096]):
        yield saved[1]


def _headings(root: Any) -> Iterator[str]:
    """Yield the texts of ``<h1>`` and ``<ucaptitle>``, except paths and texts too long for a title."""
    for element in root.iter("h1", "ucaptitle"):
        heading = _WHITE.sub(" ", "".join(element.itertext())).strip()
        if 4 <= len(heading) <= _LONGEST_TITLE and not _PATH.search(heading):
            yield heading


def _named_headings(root: Any) -> Iterator[str]:
    """Yield the texts of lower headings that the page's ``<title>`` contains too, of a page without ``<h1>``."""
    element = next(root.iter("title"), None)
    if element is None or next(root.iter("h1"), None) is not None:
        return
    named = _squash("".join(element.itertext())[:_LONGEST_PAGE_TITLE])
    for heading in root.iter("h2", "h3", "h4"):
        text = _WHITE.sub(" ", "".join(heading.itertext())).strip()
        if 6 <= len(text) <= _LONGEST_TITLE and _squash(text) in named and not _SITE.search(text):
            yield text


def _squash(text: str) -> str:
    return "".join(text.split())


def _title(root: Any, writer: LineWriter, titles: list[str], others: set[str]) -> str:
    """Return ``<title>`` without the names of the site and the column.

    It is the longest of its parts that occurs on the page, else the longest.
    """
    element = next(root.iter("title"), None)
    # a title is one line; of a longer text, each part would be searched for on the complete page
    written = _WHITE.sub(" ", "".join(() if element is None else element.itertext())[:_LONGEST_PAGE_TITLE]).strip()
    parts = [part.strip() for part in _TITLE_PARTS.split(written) if part.strip()]
    own = [part for part in parts if part not in others and not (_SITE.search(part) and len(parts) > 1)]
    if not own:
        return ""
    outside = "".join(removed.text for removed in writer.removed)
    seen = "\n".join((writer.beginning(), *map(_squash, titles), _squash(outside)))
    whole = [written] if len(own) == len(parts) else []
    standing = [part for part in (*whole, *own) if _squash(part) in seen]
    return max(standing or own, key=len)
