"""Words that only ask (谁, 如何): texts that have them answer a question no better than others."""

from __future__ import annotations

from collections.abc import Sequence

from policysearch.text.patterns import lazy_pattern

__all__ = ["only_asks", "subject_words", "without_asking"]

_ASKING = (
    "为什么|什么样|什么|哪一?[些个里种类项位年]|谁|怎么样|怎么|怎样|如何|多少|何时|何地|几时"
    "|有没有|能不能|可不可以|是不是|是否|能否|可否|[吗呢]"
)
_WORD = lazy_pattern(f"{_ASKING}|是什么|怎么办|请问")
_PLACES = lazy_pattern(_ASKING)


def subject_words(words: Sequence[str]) -> tuple[str, ...]:
    """Return the words that do more than ask.

    >>> subject_words(["谁", "负责", "监督", "吗"])
    ('负责', '监督')
    """
    return tuple(word for word in words if not _WORD.fullmatch(word))


def only_asks(words: Sequence[str]) -> bool:
    """Return whether a text with these words does nothing but ask; punctuation, which has none, does not ask.

    >>> only_asks(["谁"]), only_asks([]), only_asks(["谁", "负责"])
    (True, False, False)
    """
    return bool(words) and not subject_words(words)


def without_asking(text: str) -> list[str]:
    """Return the pieces of a text between the words that only ask.

    >>> without_asking("企业如何申请补贴")
    ['企业', '申请补贴']
    """
    return [piece for piece in _PLACES.split(text) if piece]
