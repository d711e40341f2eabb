"""The usual writing of folded words: 甚至 for 什至, as jieba's dictionary has it.

Folding makes characters equal that differ in simplified writing too, such as 著 and 着. A list of words for a paper
has them as they are written.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from policysearch.text.folding import fold

__all__ = ["as_written", "folded_characters"]


def as_written(word: str) -> str:
    """Return a folded word in its most frequent writing; one that the dictionary does not have is returned as it is.

    >>> as_written("什至"), as_written("着作权"), as_written("着力")
    ('甚至', '著作权', '着力')
    """
    return _written().get(word, word)


@lru_cache(maxsize=1)
def _written() -> dict[str, str]:
    """Return the writing of each word of the dictionary that differs from its folded form."""
    text = (Path(__file__).parent / "written_words.tsv").read_text(encoding="utf-8")
    words = [line for line in text.splitlines() if line[0] != "#"]
    return dict(zip(fold("\n".join(words)).split("\n"), words, strict=True))


@lru_cache(maxsize=1)
def folded_characters() -> dict[str, str]:
    """Return the folded form of each simplified character that differs from it: 复 for 覆."""
    # the rows of Han characters of GB 2312, which has simplified ones only; five cells of one row are empty
    written = bytes(byte for row in range(0xB0, 0xF8) for cell in range(0xA1, 0xFF) for byte in (row, cell))
    characters = written.decode("gb2312", "ignore")
    return {one: folded for one, folded in zip(characters, fold(characters), strict=True) if one != folded}
