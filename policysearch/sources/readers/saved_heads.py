"""Metadata in the lines that a reader service puts above a saved page: ``Title:``, ``URL Source:`` …."""

from __future__ import annotations

from policysearch.sources.readers.fields import field_name, field_statements
from policysearch.sources.readers.reading import StatedField
from policysearch.text.patterns import lazy_pattern

__all__ = ["take_saved_head"]

_LINE = lazy_pattern(
    r"(?P<label>[A-Za-z][A-Za-z_ -]{1,28}|[\u4e00-\u9fff]{2,6})[ \t]*[：:](?:[ \t\u3000]*)(?P<value>[^\n]*)"
)
_NAMES = frozenset({"title", "url", "publish_date", "date", "content_source", "issuer"})
_OTHERS = frozenset({"warning", "number of pages", "description", "author", "source", "language", "site name"})
_ENDS = frozenset({"markdown content", "content", "text", "正文", "内容"})
_MOST_LINES = 24


def take_saved_head(text: str) -> tuple[tuple[StatedField, ...], int]:
    """Return the statements in the head of a saved page, and its length in ``text``; nothing and 0 without one.

    A head is two lines or more at the very start, each a label and its value; empty lines between them are ignored. It
    names an address, or ends with ``Markdown Content:``, or has a title and English labels only: an official document
    that begins with lines such as 文号：… has none. A field has one value: the head ends before a line that
    states another.
    """
    labels: list[str] = []
    values: dict[str, str] = {}
    found: list[StatedField] = []
    at = end = 0
    closed = False
    for _ in range(_MOST_LINES):
        after = text.find("\n", at)
        after = len(text) if after < 0 else after
        line = text[at:after].strip()
        stated = _LINE.fullmatch(line) if line else None
        if line and stated is None:
            break
        if stated:
            label = stated["label"].strip().lower()
            if label in _ENDS and not stated["value"].strip() and labels:
                end, closed = after + 1, True
                break
            if field_name(label) not in _NAMES and label not in _OTHERS:
                break
            fields = list(field_statements([(stated["label"], stated["value"])], "saved head"))
            if any(values.setdefault(one.name, one.value) != one.value for one in fields):
                break
            found += fields
            labels.append(label)
            end = after + 1
        if after == len(text):
            break
        at = after + 1
    addressed = any(one.name == "url" and one.value.startswith(("http://", "https://")) for one in found)
    english = "title" in values and all(label.isascii() for label in labels)
    if len(values) < 2 or not (addressed or closed or english):
        return (), 0
    return tuple(found), min(end, len(text))
