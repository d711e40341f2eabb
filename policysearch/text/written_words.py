"""The usual writing of folded words: 甚至 for 什至, as jieba's dictionary has it.

Folding makes characters equal that differ in simplified writing too, such as 著 and 着. A list of words for a paper
has them as they are written.
"""

from __future__ import annotations

import re
from functools import lru_cache

from policysearch.text.folding import fold

__all__ = ["as_written"]


def as_written(word: str) -> str:
    """Return a folded word in its most frequent writing; one that the dictionary does not have is returned as it is.

    >>> as_written("什至"), as_written("着作权"), as_written("着力")
    ('甚至', '著作权', '着力')
    """
    folding = _folding()
    return word if folding.isdisjoint(word) else _written().get(word, word)


@lru_cache(maxsize=1)
def _changed() -> dict[str, str]:
    """Return the simplified characters that folding changes: those of GB 2312, which has no others."""
    # the rows of Han characters; five cells of one row are empty
    written = bytes(byte for row in range(0xB0, 0xF8) for cell in range(0xA1, 0xFF) for byte in (row, cell))
    characters = written.decode("gb2312", "ignore")
    return {one: other for one, other in zip(characters, fold(characters), strict=True) if one != other}


@lru_cache(maxsize=1)
def _folding() -> frozenset[str]:
    return frozenset(_changed().values())


@lru_cache(maxsize=1)
def _written() -> dict[str, str]:
    """Return the writing of each word of the dictionary that differs from its folded form."""
    from policysearch.text.dictionary import dictionary_path  # most tables have no such word

    changed = _changed()
    either = "".join((*changed, *_folding()))
    found: dict[str, tuple[int, str]] = {}
    for entry in re.finditer(rf"^(\S*[{either}]\S*) (\d+)", dictionary_path().read_text(encoding="utf-8"), re.M):
        word, frequency = entry[1], int(entry[2])
        folded = "".join([changed.get(one, one) for one in word])
        if fold(word) != folded:  # it has traditional characters too
            continue
        found[folded] = max(found.get(folded, (0, folded)), (frequency, word))
    return {folded: word for folded, (_, word) in found.items() if word != folded}
