"""The sources that are not in an index, read from its manifest without loading the readers."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from policysearch.engines.opening import published_state
from policysearch.indexing.source_columns import USUAL, SourceRow, rows_in

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
        for row in rows_in(published["sources"], published["roots"]):
            if row.others:
                found += [one for one in _unused(row) if state in (None, one.state)]
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        from policysearch.indexing.records import senseless_account

        raise senseless_account() from error
    return tuple(sorted(found))


def _unused(row: SourceRow) -> list[UnusedSource]:
    record = {**USUAL, **row.others}
    reasons = [(name, "skipped", reason) for name, reason in record["skipped"].items()]
    if record["reason"]:
        reasons.append((row.source, "failed", record["reason"]))
    if not all(isinstance(text, str) for one in reasons for text in one):
        raise TypeError
    return [UnusedSource(*one, row.root) for one in reasons]
