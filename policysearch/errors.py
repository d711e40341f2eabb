"""The exceptions of this package.

Every message states what is wrong, where, and what to do next. The command line
turns them into messages and exit statuses.
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
    """Base class: an error that the user can correct."""


class InputError(PolicySearchError):
    """A path, an option or a file given to a command is invalid."""


class SourceError(PolicySearchError):
    """One source cannot be read; the others can.

    The message gives the reason without naming the source, which the caller
    adds.
    """


class NoDocumentError(SourceError):
    """A source contains no document by its kind (a picture, an empty file, a log): it is skipped and has not failed."""


class IndexUnusableError(PolicySearchError):
    """There is no index, or it is corrupt or was built by another version."""


class IndexUnreadableError(IndexUnusableError):
    """The operating system refuses to read a file of an index; whether it is intact is unknown."""


class NoAnswerError(IndexUnusableError):
    """The cluster of the index does not respond, or its response is invalid; the state of the index is unknown."""


class IndexClosedError(PolicySearchError):
    """An index was used after it was closed, or was closed during a call."""

    def __init__(self) -> None:
        super().__init__("The index is closed. Open it again with: policysearch.open_index")


class LimitError(PolicySearchError):
    """A limit of the operating system on open files or memory was reached; no file is at fault."""


_LIMITS = {
    errno.EMFILE: "Raise the limit of this process (ulimit -n).",
    errno.ENFILE: "Close other programs, or raise the system's limit.",
    errno.ENOMEM: "Close other programs, or raise this process's memory limit.",
}


_NOT_AS_WRITTEN = frozenset({None, errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.ELOOP, errno.ENXIO})
"""Errors that mean that a file is missing or is not a regular file."""


def refuse_unreadable(path: str | Path, error: OSError) -> None:
    """Raise ``IndexUnreadableError`` for a file of an index that exists but cannot be read.

    Raises ``LimitError`` as ``raise_if_limit`` does.
    """
    raise_if_limit(path, error)
    if error.errno not in _NOT_AS_WRITTEN:
        what_next = "Allow this user to read it" if error.errno in (errno.EACCES, errno.EPERM) else "Check the disk"
        raise IndexUnreadableError(
            f"The index file '{path}' cannot be read: {error.strerror}. {what_next}, then try again."
        ) from error


def raise_if_limit(path: str | Path, error: OSError) -> None:
    """Raise ``LimitError`` when an error is due to the system's limits and not to the file being opened."""
    if error.errno in _LIMITS:
        raise LimitError(
            f"'{path}' cannot be opened: {error.strerror}. The file itself is not the cause, and nothing was changed. "
            + _LIMITS[error.errno]
        ) from error


class QueryError(PolicySearchError):
    """A query with a syntax error.

    Attributes:
        query: The query as typed.
        position: Offset of the error in ``query``, in characters;
            ``len(query)`` when something is missing at the end.
    """

    def __init__(self, message: str, query: str, position: int) -> None:
        super().__init__(message)
        self.query = query
        self.position = position


DEBUG = "POLICYSEARCH_DEBUG"
"""Environment variable: if not empty, unexpected errors are printed with a traceback."""

_LONGEST = 300  # characters of an error message


def unforeseen(error: BaseException) -> str:
    """Return the message for an unexpected error: its type, and where to report it."""
    kind, said = type(error).__name__, " ".join(str(error).split())
    what = f"{kind}: {said[:_LONGEST]}" if said else kind
    message = (
        f"{what}. This is a bug in the program. Please report it, with the command you ran, as CONTRIBUTING.md "
        f"describes; {DEBUG}=1 prints a traceback."
    )
    if not os.environ.get(DEBUG):
        return message
    import traceback

    return message + "\n" + "".join(traceback.format_exception(type(error), error, error.__traceback__)).rstrip()
