"""Selection of the latest versions, and of the documents in force on a day, according to the index."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from policysearch.citation.versions import Versions
from policysearch.engines.protocol import Engine
from policysearch.engines.tree import And, Node, Not, OfDocuments, Or, Range, ValueIn

__all__ = ["latest", "on_day"]

_ENDED = ("已修改", "已废止")


def latest(engine: Engine) -> Node:
    """Return a tree without documents that were superseded, or that state that they are not in force."""
    ended: list[Node] = [OfDocuments(frozenset(_versions(engine).superseded()))]
    ended += [ValueIn("status", frozenset((status,))) for status in engine.values("status") if status in _ENDED]
    return Not(Or(tuple(ended)))


def on_day(engine: Engine, day: str) -> Node:
    """Return a tree that selects the documents in force on a day, or at some time in a month or a year.

    These are documents of this day or an earlier one, without those that came into force later, that a later version
    had superseded, or that had expired. A document that states that it is not in force without a date is excluded; so
    is one without a date of its own.
    """
    dated = Range("when", None, day)
    versions = _versions(engine)
    ended = frozenset(
        document["document_id"] for document, _ in engine.documents(dated) if not _was_in_force(document, versions, day)
    )
    return And((dated, Not(OfDocuments(ended)))) if ended else dated


def _was_in_force(document: Mapping[str, Any], versions: Versions, day: str) -> bool:
    if document["effective"] and document["effective"][: len(day)] > day:
        return False
    until = versions.until(document["document_id"])
    if until is not None and until[: len(day)] <= day:
        return False
    expires = document["expires"]
    if expires is not None:
        return bool(expires[: len(day)] >= day)
    return until is not None or document["status"] not in _ENDED


def _versions(engine: Engine) -> Versions:
    return Versions(engine.description.get("versions", ()))
