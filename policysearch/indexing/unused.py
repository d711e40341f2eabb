"""The sources that are not in an index, read from its manifest without loading the readers."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from policysearch.engines.opening import published_state
from policysearch.indexing.usual_values import usual_values

__all__ = ["UnusedSource", "unused_sources"]


class UnusedSource(NamedTuple):
    """A source, or a member of an archive, that is not in the index.

    Attributes:
        source: Its id; for a member, the id that its document would have.
        state: ``skipped``, for a kind of file without documents, or ``failed``.
        reason: The reason, and what to do about it.
        root: The root of its id.
    """

    source: str
    state: str
    reason: str
    root: str


def unused_sources(index: str | Path = "index", *, state: str | None = "skipped") -> tuple[UnusedSource, ...]:
    """Return the sources that were skipped, or those that failed, entirely or in part, in order of their ids.

    Args:
        index: A folder, or ``opensearch+https://host:9200/name``.
        state: ``skipped`` or ``failed``; None for both.

    Raises:
        IndexUnusableError: There is no index, or it is corrupt.
    """
    published = published_state(index)
    found: list[UnusedSource] = []
    try:
        usual = usual_values(published["roots"])
        for source, record in published["sources"].items():
            found += [one for one in _unused(source, usual | record) if state in (None, one.state)]
    except (AttributeError, KeyError, TypeError) as error:
        from policysearch.indexing.records import senseless_account

        raise senseless_account() from error
    return tuple(sorted(found))


def _unused(source: str, record: Mapping[str, Any]) -> list[UnusedSource]:
    reasons = [(name, "skipped", reason) for name, reason in record["skipped"].items()]
    if record["reason"]:
        reasons.append((source, "failed", record["reason"]))
    if not all(isinstance(text, str) for one in reasons for text in (*one, record["root"])):
        raise TypeError
    return [UnusedSource(*one, record["root"]) for one in reasons]
