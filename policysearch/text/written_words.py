"""The usual writing of folded words: 甚至 for 什至, as jieba's dictionary has it.

Folding makes characters equal that differ in simplified writing too, such as 著 and 着. A list of words for a paper
has them as they are written.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from policysearch.text.folding import fold

__all__ = ["as_written"]


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
