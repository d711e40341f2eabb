"""Characters that are mistaken for each other: of the same sound, or of similar shape."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

__all__ = ["has_sounds", "similar_shape", "sound_of_name", "sounds"]


@lru_cache(maxsize=1)
def _shapes() -> dict[str, str]:
    text = (Path(__file__).parent / "similar_shapes.tsv").read_text(encoding="utf-8")
    return dict(line.split("\t") for line in text.splitlines() if line[0] != "#")


def similar_shape(one: str, other: str) -> bool:
    """Return whether two characters look alike: 末 and 未, 己 and 已.

    >>> similar_shape("未", "末"), similar_shape("未", "来"), similar_shape("未", "政")
    (True, True, False)
    """
    return other in _shapes().get(one, "") or one in _shapes().get(other, "")


def has_sounds() -> bool:
    """Return whether pypinyin is installed, without which no sounds are known."""
    from importlib.util import find_spec

    return find_spec("pypinyin") is not None


@lru_cache(maxsize=8192)
def sounds(character: str) -> frozenset[str]:
    """Return the readings of a character as syllables without tones; none without pypinyin."""
    try:
        from pypinyin import Style, pinyin
    except ImportError:
        return frozenset()
    return frozenset(pinyin(character, style=Style.NORMAL, heteronym=True)[0])


def sound_of_name(name: str) -> str:
    """Return the syllables of a name joined, as in beijingshi; empty without pypinyin."""
    try:
        from pypinyin import lazy_pinyin
    except ImportError:
        return ""
    return "".join(lazy_pinyin(name))
