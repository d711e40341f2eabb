"""The errors this package raises on purpose.

Every message says what is wrong, where, and what to do next. What a command
does with them (messages, exit statuses) is the command line's business.
"""

from __future__ import annotations

import errno
from pathlib import Path

__all__ = [
    "IndexClosedError",
    "IndexUnusableError",
    "InputError",
    "LimitError",
    "PolicySearchError",
    "QueryError",
    "SourceError",
    "refuse_to_go_on",
]


class PolicySearchError(Exception):
    """Anything the person at the keyboard can mend."""


class InputError(PolicySearchError):
    """A path, an option or a file given to a command is not what it should be."""


class SourceError(PolicySearchError):
    """One source cannot be read; the others can.

    The message says why, without naming the source: whoever reports it knows
    which one it was.
    """


class IndexUnusableError(PolicySearchError):
    """There is no index here, or one that this program must not use."""


class IndexClosedError(PolicySearchError):
    """An index was asked for something after it was closed, or was closed while it answered."""

    def __init__(self) -> None:
        super().__init__("The index is closed. Open it again with: policysearch.open_index")


class LimitError(PolicySearchError):
    """The system gives no more open files or memory; nothing is wrong with any file."""


_LIMITS = {
    errno.EMFILE: "Allow this process more of them (ulimit -n).",
    errno.ENFILE: "Close other programs, or allow the system more of them.",
    errno.ENOMEM: "Close other programs, or allow this process more memory.",
}


def refuse_to_go_on(path: str | Path, error: OSError) -> None:
    """Raise ``LimitError`` when an error tells of the system's limits, not of the file that was to be opened."""
    if error.errno in _LIMITS:
        raise LimitError(
            f"'{path}' cannot be opened: {error.strerror}. Nothing is wrong with it, and nothing was changed. "
            + _LIMITS[error.errno]
        ) from error


class QueryError(PolicySearchError):
    """A query that cannot be understood.

    Attributes:
        query: The query as typed.
        position: Offset in ``query``, in characters, of the place at fault;
            ``len(query)`` when something is missing at the end.
    """

    def __init__(self, message: str, query: str, position: int) -> None:
        super().__init__(message)
        self.query = query
        self.position = position
