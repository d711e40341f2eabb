"""Quoting of ids for a shell."""

from __future__ import annotations

import re

__all__ = ["pasted"]

# Characters that bash or zsh do not take literally, anywhere in a word or as its first character.
_SPECIAL = re.compile(r"[\s!\"$&'()*;<>?\[\\\]^`{|}]|^[#~=-]")


def pasted(name: str) -> str:
    """Return a name in quotes if a shell needs them, so that it can be pasted.

    >>> print(pasted("法律/渡口法.md#3"), pasted("渡口法(2019).md#3"), pasted("it's.txt"))
    法律/渡口法.md#3 '渡口法(2019).md#3' 'it'\\''s.txt'
    """
    return "'" + name.replace("'", "'\\''") + "'" if _SPECIAL.search(name) else name
