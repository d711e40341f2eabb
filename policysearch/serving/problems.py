"""The errors of a request, as problem details (RFC 9457)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from policysearch.errors import InputError, PolicySearchError, QueryError, SourceError
from policysearch.frozen import frozen
from policysearch.serving.commands import AnswerTooLargeError
from policysearch.serving.work import BusyError, TimeLimitError, WaitingError

__all__ = ["Problem", "RefusedError", "problem_of"]


class RefusedError(Exception):
    """A request that is refused before it is answered.

    Attributes:
        problem: The reason.
    """

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.title)
        self.problem = problem


@frozen
class Problem:
    """The reason why a request was not answered.

    Attributes:
        status: The HTTP status.
        kind: A short name, the end of ``type``.
        title: The kind of problem.
        detail: The error, and what to do next.
        more: Further members: ``query`` and ``position`` of a malformed query.
        headers: Headers of the answer.
    """

    status: int
    kind: str
    title: str
    detail: str = ""
    more: Mapping[str, Any] = {}
    headers: Mapping[str, str] = {}

    def to_dict(self) -> dict[str, Any]:
        """Return the members of the problem as JSON values."""
        members = {"type": f"urn:policysearch:problem:{self.kind}", "title": self.title, "status": self.status}
        return {**members, "detail": self.detail, **self.more}


NOT_FOUND = Problem(404, "not-found", "Not found", "There is nothing at this address.")
NOT_ALLOWED = Problem(
    405,
    "method-not-allowed",
    "Method not allowed",
    "Only GET and HEAD are allowed here.",
    headers={"Allow": "GET, HEAD"},
)
NOT_ALLOWED_FOR_DRAFTS = Problem(
    405,
    "method-not-allowed",
    "Method not allowed",
    "Only GET, HEAD and POST are allowed here.",
    headers={"Allow": "GET, HEAD, POST"},
)
WRONG_HOST = Problem(
    421, "wrong-host", "Wrong host", "This host is not served. Start with --allow-host NAME to allow a name."
)
FOREIGN = Problem(403, "foreign-form", "Foreign form", "Drafts are accepted from pages of this server only.")
TOO_LONG = Problem(414, "too-long", "Address too long", "The address is too long. Use fewer or shorter parameters.")
TOO_LARGE = Problem(413, "too-large", "Request too large", "The draft is too large; send it in parts.")

UNREAD_KIND = Problem(
    415,
    "unread-kind",
    "Kind of body not read",
    "Send the draft as it is with Content-Type: text/plain, or as the field draft of a form (urlencoded).",
)


def problem_of(error: Exception) -> Problem:
    """Return the problem for an error; without details of an unexpected one."""
    if isinstance(error, RefusedError):
        return error.problem
    if isinstance(error, QueryError):
        where = {"query": error.query, "position": error.position}
        return Problem(400, "query", "The query cannot be understood", str(error), where)
    if isinstance(error, (InputError, SourceError)):
        return Problem(400, "input", "Invalid parameter", str(error))
    if isinstance(error, AnswerTooLargeError):
        return Problem(
            413,
            "answer-too-large",
            "Answer too large",
            "The answer is too large. Use a smaller limit, or more filters.",
        )
    if isinstance(error, TimeLimitError):
        return Problem(
            503, "time-limit", "Time limit", "The answer takes too long. Use a smaller limit, or more filters."
        )
    if isinstance(error, BusyError):
        later = {"Retry-After": "5"}
        return Problem(503, "busy", "Busy", "Too many requests are waiting. Try again in a few seconds.", headers=later)
    if isinstance(error, WaitingError):
        return Problem(
            503,
            "waiting",
            "In progress",
            "This answer takes longer than most; such answers are computed one at a time. Try again in a few seconds.",
            headers={"Retry-After": "3"},
        )
    if isinstance(error, PolicySearchError):
        return Problem(503, "index", "The index cannot be used", str(error))
    return Problem(500, "internal", "Internal error", "This is a bug in the program. Its log says more.")
