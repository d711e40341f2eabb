"""Regular expressions that are compiled when they are first used.

The rules for documents are hundreds of expressions. To compile them all takes
longer than to find out that no source has changed, and a short document needs
a part of them only. So before some expressions stands a test of the text for
characters that every match has; a small update takes 3 % less CPU time for it.

``re`` goes through all characters of a class in a loop, which takes 1 ms for
all Han characters, wherever the class stands in an expression. Here, each
class is worked out once; a small update takes 15 % less CPU time for it.
"""

from __future__ import annotations

import re
import sys
from functools import cache
from typing import Any, cast

try:
    from re import _compiler as _engine  # type: ignore[attr-defined]
except ImportError:  # before Python 3.11
    import sre_compile as _engine

__all__ = ["lazy_pattern"]

# A private function, which is the same in these versions. An expression is compiled all the same without it.
_work_out: Any = getattr(_engine, "_optimize_charset", None) if sys.version_info < (3, 15) else None


@cache
def _worked_out(items: tuple[Any, ...]) -> Any:
    return _work_out(list(items))


def _once(items: list[Any], *case: Any) -> Any:
    """Return the compact form of a class of characters, as ``re`` works it out, which only reads it."""
    # where cases are ignored, it depends on more than the items
    return _work_out(items, *case) if any(case) else _worked_out(tuple(items))


def _compiled(pattern: str, flags: int) -> re.Pattern[str]:
    if _work_out is None:
        return re.compile(pattern, flags)
    # no lock: with either function a thread compiles the same, and the last one leaves what was there
    _engine._optimize_charset = _once
    try:
        return re.compile(pattern, flags)
    finally:
        _engine._optimize_charset = _work_out


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
            self._compiled = _compiled(self.pattern, self._flags)
        value = getattr(self._compiled, name)
        setattr(self, name, value)
        return value


def lazy_pattern(text: str, flags: int = 0) -> re.Pattern[str]:
    """Return a regular expression with the attributes and methods of a compiled one, compiled at its first use.

    The functions of the module ``re`` do not accept it in place of a pattern. An error in it is raised at its first
    use, and found by a test that compiles all.
    """
    return cast("re.Pattern[str]", _Pattern(text, flags))
