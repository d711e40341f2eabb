"""The common characters of Chinese texts: those that the standards of the encodings list first."""

from __future__ import annotations

import re
from functools import cache

__all__ = [
    "characters_of",
    "common_anywhere",
    "common_big5",
    "common_gb",
    "share_common",
    "uncommon_character",
]

# ASCII, ideographic spaces and the lines of drawn tables are no evidence of an encoding.
_SAYING_NOTHING = "\x00-~\u3000\u2500-\u257f"
_NO_EVIDENCE = re.compile(f"[{_SAYING_NOTHING}]+")


def share_common(text: str, common: frozenset[str]) -> float:
    """Return the share of common characters among the significant ones of a text, 0 to 1; 0 for an empty text."""
    wide = _NO_EVIDENCE.sub("", text)
    if not wide:
        return 1.0 if text else 0.0
    return (len(wide) - len(uncommon_character(common).findall(wide))) / len(wide)


@cache
def uncommon_character(common: frozenset[str]) -> re.Pattern[str]:
    """Return a pattern for significant characters that are not common: they lower ``share_common``."""
    return re.compile(f"[^{_SAYING_NOTHING}{''.join(sorted(common))}]")


@cache
def common_gb() -> frozenset[str]:
    """Return those of GB 2312: rows 1-3 (punctuation, numbers, full-width ASCII) and 16-87 (6,763 characters).

    Not its kana, Greek, Cyrillic and phonetic rows: Big5 text falls there.
    """
    rows = (0xA1, 0xA3, *range(0xB0, 0xF8))
    return characters_of("gb2312", rows, range(0xA1, 0xFF)) | characters_of("gbk", (0xA2,), range(0xA1, 0xFF))


@cache
def common_big5() -> frozenset[str]:
    """Return those of Big5: rows A1-A3 (punctuation, full-width ASCII) and A4-C6 (5,401 characters of level 1)."""
    return characters_of("big5", range(0xA1, 0xC7), (*range(0x40, 0x7F), *range(0xA1, 0xFF)))


@cache
def common_anywhere() -> frozenset[str]:
    """Return the common characters of GB 2312 and of Big5."""
    return common_gb() | common_big5()


def characters_of(name: str, rows: range | tuple[int, ...], cells: range | tuple[int, ...]) -> frozenset[str]:
    """Return the characters in some rows and cells of an encoding, without ASCII."""
    table = b"".join(bytes((row, cell)) for row in rows for cell in cells)
    return frozenset(table.decode(name, "ignore")) - frozenset(map(chr, range(128)))
