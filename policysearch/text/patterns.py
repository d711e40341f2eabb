"""Regular expressions that are compiled when they are first used.

The rules for documents are hundreds of expressions. To compile them all takes
longer than to find out that no source has changed, and a short document needs
a part of them only. A class of all Han characters takes 1 ms; so before some
expressions with such a class stands a test of the text for characters that
every match has. A small update takes 3 % less CPU time for it.
"""

from __future__ import annotations

import re
from typing import Any, cast

__all__ = ["lazy_pattern"]


class _Pattern:
    """Stands for a compiled expression, whose methods become its attributes one by one when they are used."""

    def __init__(self, pattern: str, flags: int) -> None:
        self.pattern = pattern
        self._flags = flags
        self._compiled: re.Pattern[str] | None = None

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)  # copying and the like ask for such, and need no expression
        if self._compiled is None:
            self._compiled = re.compile(self.pattern, self._flags)
        value = getattr(self._compiled, name)
        setattr(self, name, value)
        return value


def lazy_pattern(text: str, flags: int = 0) -> re.Pattern[str]:
    """Return a regular expression with the attributes and methods of a compiled one, compiled at its first use.

    The functions of the module ``re`` do not accept it in place of a pattern. An error in it is raised at its first
    use, and found by a test that compiles all.
    """
    return cast("re.Pattern[str]", _Pattern(text, flags))
