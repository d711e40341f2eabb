"""The errors this package raises on purpose.

Every message says what is wrong, where, and what to do next. What a command
does with them (messages, exit statuses) is the command line's business.
"""

from __future__ import annotations

__all__ = ["IndexUnusableError", "InputError", "PolicySearchError", "QueryError", "SourceError"]


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
