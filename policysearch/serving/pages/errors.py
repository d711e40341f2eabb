"""The page of a problem."""

from __future__ import annotations

from policysearch.frozen import replace
from policysearch.serving.asked import Asked, Reply
from policysearch.serving.problems import Problem

__all__ = ["error_page"]


def error_page(asked: Asked, problem: Problem) -> Reply:
    """Return a page with an error and the next step."""
    heading = asked.t.of("error", problem.kind)
    if heading == problem.kind:
        heading = problem.title
    query, at = problem.more.get("query"), problem.more.get("position", 0)
    reply = asked.page("error.html", problem.status, problem=problem, heading=heading, query=query, at=at)
    return replace(reply, headers={"Cache-Control": "no-store", **problem.headers})
