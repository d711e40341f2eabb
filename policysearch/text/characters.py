"""Normalization of raw characters, the same for every format and for queries."""

from __future__ import annotations

import re
import unicodedata

from policysearch.text.chinese import HAN

__all__ = ["holds_text", "normalize", "split_dropped"]

# Patterns are compiled when first used: a search uses none.
_HAN = f"[{HAN}]"
_LEAST_TEXT = 5

# Zero-width characters, direction marks, variation selectors, soft hyphens and tags (Unicode 15,
# DerivedCoreProperties: Default_Ignorable_Code_Point, without the Hangul fillers, which take room),
# and the C0 and C1 controls except tab and line feed.
_IGNORED = (
    "\x00-\x08\x0b-\x1f\x7f-\x84\x86-\x9f\xad\u034f\u061c\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\ufe00-\ufe0f\ufeff\ufff9-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
_DROPPED = f"[{_IGNORED}]+"
_LINE_ENDS = "\r\n?|[\x85\u2028\u2029]"
_SURROGATES = "[\ud800-\udfff]"
# Any of these, with one search: most texts have none.
_CHANGED = f"[{_IGNORED}\r\x85\u2028\u2029\ud800-\udfff]"
_PRINTABLE_DROPPED = "[\u034f\u180b-\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef]"
"""The characters that are dropped for which ``str.isprintable`` is true."""


def normalize(text: str) -> str:
    """Return ``text`` in NFC, with line feeds only, without zero-width characters.

    CRLF, CR, NEL and the Unicode line and paragraph separators become line
    feeds; a lone surrogate, which cannot be encoded, becomes U+FFFD.

    >>> normalize("一\\r\\n二\\u200b三\\rcafe\\u0301")
    '一\\n二三\\ncafé'
    """
    return split_dropped(text)[0]


def split_dropped(text: str) -> tuple[str, str]:
    """Return ``normalize(text)``, and the characters that were dropped from it, in order."""
    if text.isascii() and text.isprintable():  # such as most ids
        return text, ""
    dropped = ""
    if (not text.isprintable() or re.search(_PRINTABLE_DROPPED, text)) and re.search(_CHANGED, text):
        text = re.sub(_LINE_ENDS, "\n", text)
        dropped = "".join(re.findall(_DROPPED, text))
        text = re.sub(_SURROGATES, "\ufffd", re.sub(_DROPPED, "", text))
    if not unicodedata.is_normalized("NFC", text):
        text = unicodedata.normalize("NFC", text)
    return text, dropped


def holds_text(piece: str) -> bool:
    """Return whether a piece is likely to be text: whether it has five Han characters or more.

    >>> holds_text("<!-- 图片1 -->"), holds_text("<!-- 每件收费四百元 -->")
    (False, True)
    """
    found = re.finditer(_HAN, piece)
    return sum(1 for _ in zip(range(_LEAST_TEXT), found, strict=False)) == _LEAST_TEXT
