"""A command run inside a server: with an index, output and notices of its own."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from contextvars import ContextVar
from functools import wraps
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from policysearch.index import Index

__all__ = ["GIVEN_INDEX", "SESSION", "Content", "Session", "in_terminal"]


class Content(io.BytesIO):
    """The content of a file, given instead of its name."""

    def __init__(self, name: str, text: str) -> None:
        super().__init__(text.encode("utf-8", "surrogatepass"))
        self.name = name


class _Borrowed:
    """An open index that a command does not close, and that records what it returned."""

    def __init__(self, index: Index, found: list[Any]) -> None:
        self._index = index
        self._found = found

    def __enter__(self) -> _Borrowed:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._index, name)
        return self._kept(value) if callable(value) else value

    def _kept(self, ask: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(ask)
        def asked(*arguments: Any, **options: Any) -> Any:
            answer = ask(*arguments, **options)
            self._found.append(answer)
            return answer

        return asked


class Session:
    """The index, and the streams that replace files and the terminal.

    Attributes:
        index: The open index.
        out: Replaces stdout; its ``buffer`` takes bytes.
        given: Replaces stdin.
        notes: The lines that would be printed on stderr.
        found: The values that the index returned, in order.
    """

    def __init__(self, index: Index, out: io.TextIOWrapper, given: bytes = b"") -> None:
        self.found: list[Any] = []
        self.index = cast("Index", _Borrowed(index, self.found))
        self.out = out
        self.given = given
        self.notes: list[str] = []


SESSION: ContextVar[Session | None] = ContextVar("SESSION", default=None)
"""The session of the command that this thread runs; None at the command line."""

GIVEN_INDEX: ContextVar[str | None] = ContextVar("GIVEN_INDEX", default=None)
"""The index that was given as an option of the command line, which commands to type next repeat."""


def in_terminal() -> bool:
    """Return whether commands are typed in a terminal, also where a pager or a file gets their output."""
    return SESSION.get() is None and sys.stdin is not None and sys.stdin.isatty()
