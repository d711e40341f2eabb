"""Display width of characters, in columns.

It depends on Unicode's East Asian Width alone: texts contain no zero-width
characters, and wcwidth, which handles those too, takes about as long to import
(74 ms) as a search.
"""

from __future__ import annotations

import unicodedata

__all__ = ["columns_of", "width"]


def width(text: str) -> int:
    """Return the width of a text in columns: two for a Chinese character or full-width mark."""
    if text.isascii():
        return len(text)
    return sum(map(columns_of, text))


def columns_of(character: str) -> int:
    """Return the width of a character in columns: 0, 1 or 2."""
    if character < "\u0300":
        return 1
    if unicodedata.east_asian_width(character) in "WF":
        return 2
    return 0 if unicodedata.combining(character) else 1
