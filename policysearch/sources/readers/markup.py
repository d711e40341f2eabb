"""Texts with tags: pieces of web pages in the fields of data sets and in plain text."""

from __future__ import annotations

import re

__all__ = ["is_marked_up", "with_breaks"]

_CLOSING = re.compile(r"</(?:p|div|span|td|tr|table|li|ul|ol|section|article|strong|b|font|h[1-6])\s*>|<br\s*/?>", re.I)
_BLOCK = re.compile(r"</(?:p|div|tr|table|li|section|article|h[1-6])\s*>|<br", re.I)


def is_marked_up(text: str, least: int = 1) -> bool:
    """Return whether a text is a piece of a web page: tags of HTML close elements or break lines ``least`` times.

    >>> is_marked_up("<p>第一条</p>"), is_marked_up("a < b > c")
    (True, False)
    """
    if "<" not in text:
        return False
    found = _CLOSING.finditer(text)
    return all(next(found, None) for _ in range(least))


def with_breaks(text: str) -> str:
    """Return a text with tags as a web page that keeps the lines of the text, unless these are those of the tags."""
    if text.count("\n") <= 2 * sum(1 for _ in _BLOCK.finditer(text)) + 1:
        return text
    return text.replace("\n", "<br>")
