"""Bulk operations: sent some at a time, sent again when they are rejected for now, and accounted for one by one."""

from __future__ import annotations

import random
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from policysearch.engines.opensearch.cluster import Cluster, TooLargeError
from policysearch.errors import PolicySearchError

__all__ = ["write_all"]

_BYTES = 4_000_000  # of one bulk request
_LINES = 2_000
_PATIENCE = 180.0  # seconds in which a cluster that has too much to do, or lost a node, may take an entry


def write_all(cluster: Cluster, operations: Iterable[str]) -> int:
    """Have the cluster do operations, some at a time, and return how many it did.

    The next request waits for the answer to the one before. Raises
    ``PolicySearchError`` when an operation cannot be done.
    """
    done = size = 0
    waiting: list[str] = []
    for one in operations:
        if waiting and (size + len(one) * 3 > _BYTES or len(waiting) >= _LINES):
            done += _write(cluster, waiting)
            waiting, size = [], 0
        waiting.append(one)
        size += len(one) * 3  # bytes of Han characters
    return done + (_write(cluster, waiting) if waiting else 0)


def _write(cluster: Cluster, operations: Sequence[str]) -> int:
    """Do all operations; those that are rejected for now are sent again."""
    waiting = list(operations)
    end = time.monotonic() + _PATIENCE
    pause = 0.2
    while waiting:
        waiting, why = _send(cluster, waiting)
        if waiting:
            if time.monotonic() + pause > end:
                raise PolicySearchError(
                    f"OpenSearch did not take {len(waiting)} entries in {_PATIENCE:g} seconds: {why}. See to the "
                    "cluster, then run it again. What was published is as it was."
                )
            time.sleep(pause * random.uniform(0.8, 1.2))
            pause = min(pause * 2, 10.0)
    return len(operations)


def _send(cluster: Cluster, operations: list[str]) -> tuple[list[str], str]:
    """Send operations once, and return those to be sent again, and why."""
    try:
        answer = cluster.request("POST", "/_bulk", "".join(operations), patience=_PATIENCE, seconds=300.0)
    except TooLargeError:
        if len(operations) > 1:
            half = len(operations) // 2
            first, why = _send(cluster, operations[:half])
            second, other = _send(cluster, operations[half:])
            return first + second, why or other
        raise PolicySearchError(
            f"A document is too large for this cluster ({len(operations[0].encode()) >> 20} MB with its tokens). "
            "Raise http.max_content_length there, or take the document out."
        ) from None
    if len(answer["items"]) != len(operations) or any(len(outcome) != 1 for outcome in answer["items"]):
        raise PolicySearchError(
            f"OpenSearch at {', '.join(cluster.address.hosts)} does not tell what became of the "
            f"{len(operations)} entries that were sent. What was published is as it was."
        )
    again = []
    why = ""
    for operation, outcome in zip(operations, answer["items"], strict=True):
        ((action, item),) = outcome.items()
        status = item["status"]
        if status in (429, 502, 503, 504):
            again.append(operation)
            why = _said(item)
        elif not (status in (200, 201) or (action == "delete" and status == 404 and "error" not in item)):
            raise PolicySearchError(
                f"OpenSearch does not take '{item.get('_id')}' into '{item.get('_index')}': {_said(item)}. "
                "What was published is as it was."
            )
    return again, why


def _said(item: Mapping[str, Any]) -> str:
    error = item.get("error", {})
    if not isinstance(error, Mapping):
        return str(error)
    deeper = error.get("caused_by")
    return f"{error.get('reason')} {deeper.get('reason', '') if isinstance(deeper, Mapping) else ''}".strip()
