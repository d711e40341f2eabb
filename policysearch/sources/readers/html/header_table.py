"""Header tables: the labels and values (索引号, 发文字号 …) that official sites put above a document."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from policysearch.sources.readers.fields import field_name

__all__ = ["WHITE", "header_tables"]

# Maximum size of a header table, in characters and in elements.
_HEADER_TABLE_LENGTH = 1_500
_HEADER_TABLE_ELEMENTS = 500
WHITE = re.compile("[ \t\n\r\f\xa0]+")
_LABELLED = re.compile(r"([^：:]{2,12})[：:](.*)", re.S)


def header_tables(measured: Iterable[tuple[Any, int, int]]) -> tuple[list[tuple[str, str]], set[Any]]:
    """Return the statements of header tables, and the outermost elements that contain only labels and their values.

    ``measured``: the elements of a page, inner ones first, each with its numbers of characters and of elements.
    """
    found: dict[Any, None] = {}
    for element, characters, elements in measured:
        small = 10 <= characters <= _HEADER_TABLE_LENGTH and elements <= _HEADER_TABLE_ELEMENTS
        if small and element.tag in ("table", "ul", "dl", "div") and _header_pairs(element) is not None:
            found[element] = None
    outermost = [element for element in found if not any(outer in found for outer in element.iterancestors())]
    return [pair for element in outermost for pair in _header_pairs(element) or []], set(outermost)


def _header_pairs(element: Any) -> list[tuple[str, str]] | None:
    """Return the labels and values of a header table; None when it is something else."""
    pairs: list[tuple[str, str]] = []
    label = ""
    whole = "".join("".join(element.itertext()).split())
    if "号" not in whole and "number" not in whole.lower():  # every label below contains one of them
        return None
    loose = len(whole)
    for item in _items(element):
        loose -= len("".join(item.split()))
        stated = _LABELLED.fullmatch(item)
        if stated and field_name(stated[1]):
            label = stated[1] if not stated[2].strip() else ""
            pairs.append((stated[1], stated[2].strip()))
        elif field_name(item) and len(item) <= 12:
            label = item
            pairs.append((item, ""))
        elif label:
            pairs[-1] = (label, item)
            label = ""
        else:
            loose += len(item)
    named = {field_name(name) for name, value in pairs if value}
    known = named & {"document_number", "index_number", "issuer", "date", "publish_date", "subject", "title"}
    size = sum(len(name) + len(value) for name, value in pairs)
    if len(known) < 3 or not known & {"document_number", "index_number"} or loose > size / 4:
        return None
    return [(WHITE.sub("", name.replace("\u3000", "")).strip("：:"), value) for name, value in pairs]


def _items(element: Any) -> Iterator[str]:
    """Yield the texts of the cells or items within, in order; a label in an element of its own is separate."""
    for leaf in [each for each in element.iter(*_ITEMS) if not _has_item(each)] or [element]:
        text = _text_of(leaf)
        stated = _LABELLED.fullmatch(text)
        label = "" if (stated and field_name(stated[1])) or not len(leaf) else _text_of(leaf[0])
        if label and field_name(label) and text.startswith(label):
            yield label
            text = text[len(label) :].strip()
        if text:
            yield text


_ITEMS = ("td", "th", "li", "dt", "dd", "p", "div")


def _has_item(element: Any) -> bool:
    return any(each is not element for each in element.iter(*_ITEMS))


def _text_of(element: Any) -> str:
    return WHITE.sub(" ", "".join(element.itertext())).strip()
