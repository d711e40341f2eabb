"""The errors this package raises on purpose.

Every message says what is wrong, where, and what to do next. What a command
does with them (messages, exit statuses) is the command line's business.
"""

from __future__ import annotations

import errno
import os
from pathlib import Path

__all__ = [
    "IndexClosedError",
    "IndexUnreadableError",
    "IndexUnusableError",
    "InputError",
    "LimitError",
    "NoAnswerError",
    "NoDocumentError",
    "PolicySearchError",
    "QueryError",
    "SourceError",
    "raise_if_limit",
    "refuse_unreadable",
    "unforeseen",
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


class NoDocumentError(SourceError):
    """A source holds no document by its kind (a picture, an empty file, a log): it is skipped and has not failed."""


class IndexUnusableError(PolicySearchError):
    """There is no index here, or one that this program must not use."""


class IndexUnreadableError(IndexUnusableError):
    """The system does not let a file of an index be read; whether it is whole is not known."""


class NoAnswerError(IndexUnusableError):
    """The cluster that keeps the index gives no answer, or none that can be used: nothing is known of the index."""


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


_NOT_AS_WRITTEN = frozenset({None, errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.ELOOP, errno.ENXIO})
"""What is told where a file is missing, or is something else than a file."""


def refuse_unreadable(path: str | Path, error: OSError) -> None:
    """Raise ``IndexUnreadableError`` for a file of an index that is there and cannot be read.

    Raises ``LimitError`` as ``raise_if_limit`` does.
    """
    raise_if_limit(path, error)
    if error.errno not in _NOT_AS_WRITTEN:
        what_next = "Allow this user to read it" if error.errno in (errno.EACCES, errno.EPERM) else "See to the disk"
        raise IndexUnreadableError(
            f"The index file '{path}' cannot be read: {error.strerror}. {what_next}, then try again."
        ) from error


def raise_if_limit(path: str | Path, error: OSError) -> None:
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


DEBUG = "POLICYSEARCH_DEBUG"
"""In the environment, and not empty: what nobody foresaw is shown with its traceback."""

_LONGEST = 300  # characters of what an error says


def unforeseen(error: BaseException) -> str:
    """Return what to say of an error that no part of this program foresaw: which it is, and where to report it."""
    kind, said = type(error).__name__, " ".join(str(error).split())
    what = f"{kind}: {said[:_LONGEST]}" if said else kind
    message = (
        f"{what}. This is a fault of the program. Please report it, with what you typed, as CONTRIBUTING.md says; "
        f"{DEBUG}=1 shows where it happened."
    )
    if not os.environ.get(DEBUG):
        return message
    import traceback

    return message + "\n" + "".join(traceback.format_exception(type(error), error, error.__traceback__)).rstrip()
