"""Encoding of texts for the cluster: sort keys in the order of the texts, and tokens separated by white space.

The ``whitespace`` analyzer splits at Java's white space and drops nothing
else, but a token of more than 255 characters, and invalid Unicode, would not
survive the round trip. ``key`` maps every text to a valid one and keeps the
order of code points; ``token`` also escapes the blank, the only white space
in a reduced text. Nearly all texts stay as they are.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from hashlib import blake2b
from itertools import pairwise
from typing import Any

from policysearch.text.chinese import HAN, HAN_SCRIPT_RANGES
from policysearch.text.folding import BORDER

__all__ = [
    "LONGEST_KEY",
    "all_grams",
    "characters",
    "digest_of",
    "first_of_gram",
    "grams",
    "han_characters",
    "key",
    "keyword",
    "text_of_key",
    "token",
    "tokens",
]

# U+D7FF is unassigned and serves as the escape character.
_MARK = "\ud7ff"
_END = _MARK + "e"
_INVALID = re.compile("[\ud7ff-\udfff]")
_HAN_RUN = re.compile(f"[{HAN}]{{2,}}")
_SCRIPT = re.compile("[" + "".join(f"{chr(first)}-{chr(last)}" for first, last in HAN_SCRIPT_RANGES) + "]+")
_UNSAFE = re.compile("[\ud7ff-\udfff \n]")
_KEPT = re.compile("\ud7ff(?:a|b(.))", re.DOTALL)
_SHIFT = 0xD800 - 0x1000
_LONGEST = 100  # characters of a token; each may count as two

LONGEST_KEY = 8_000
"""In characters; Lucene's limit is 32,766 bytes."""


def key(text: str) -> str:
    """Return the key of a text: valid Unicode, in the order of the texts.

    >>> key("国发(2023)1号")
    '国发(2023)1号'
    >>> text_of_key(key("a b\\udcff")) == "a b\\udcff"
    True
    """
    return _INVALID.sub(_escaped, text)


def _escaped(found: re.Match[str]) -> str:
    character = found[0]
    return _MARK + ("a" if character == _MARK else "b" + chr(ord(character) - _SHIFT))


def text_of_key(key: str) -> str:
    """Return the text of a key: the inverse of ``key``."""
    return _KEPT.sub(lambda found: chr(ord(found[1]) + _SHIFT) if found[1] else _MARK, key) if _MARK in key else key


def token(term: str) -> str:
    """Return a term as one token."""
    if len(term) > _LONGEST:
        # a digest suffices: the term is never displayed
        return _MARK + "h" + blake2b(term.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
    return _UNSAFE.sub(_blank_too, term)


def _blank_too(found: re.Match[str]) -> str:
    blank = {" ": "s", BORDER: "n"}.get(found[0])
    return _MARK + blank if blank else _escaped(found)


def tokens(terms: Iterable[str]) -> str:
    """Return terms as the text of a field."""
    return " ".join(map(token, terms))


def all_grams(reduced: str, end: bool = True) -> list[str]:
    """Return the bigram that starts at each character of a reduced text, as tokens; the last one includes the end.

    A phrase is searched without its ``end``: any text may follow it.
    """
    if _UNSAFE.search(reduced) is None:
        found = list(map("".join, pairwise(reduced)))
        last = reduced[-1:]
    else:
        characters = [_UNSAFE.sub(_blank_too, character) for character in reduced]
        found = list(map("".join, pairwise(characters)))
        last = characters[-1]
    return [*found, last + _END] if end and reduced else found


def characters(reduced: str) -> str:
    """Return a reduced text as the value of a field of single characters."""
    return " ".join(reduced) if _UNSAFE.search(reduced) is None else tokens(reduced)


def first_of_gram(character: str) -> str:
    """Return the prefix shared by exactly the bigrams that start with a character."""
    return token(character)


def grams(reduced: str) -> list[str]:
    """Return the bigrams of Han characters of a reduced text: those used for ranking."""
    return ["".join(pair) for run in _HAN_RUN.finditer(reduced) for pair in pairwise(run[0])]


def han_characters(reduced: str) -> int:
    """Return the number of Han characters of a reduced text."""
    return sum(map(len, _SCRIPT.findall(reduced)))


def keyword(text: str | None) -> str | None:
    """Return a value as it is stored; one too long for any filter is cut, with a digest to distinguish it."""
    if text is None or len(text) <= LONGEST_KEY:
        return None if text is None else key(text)
    return key(text[:LONGEST_KEY]) + token(text)


def digest_of(kept: Mapping[str, Any]) -> bytes:
    """Return a fingerprint of the stored fields of a section or a document."""
    text = json.dumps(dict(sorted(kept.items())), ensure_ascii=False, separators=(",", ":"))
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
