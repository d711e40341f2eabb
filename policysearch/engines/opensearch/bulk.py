"""Bulk operations: sent in batches, retried when rejected temporarily, with the result of each one checked."""

from __future__ import annotations

import random
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from policysearch.engines.opensearch.cluster import Cluster, TooLargeError
from policysearch.errors import PolicySearchError

__all__ = ["write_all"]

_BYTES = 4_000_000  # bytes of one bulk request
_LINES = 2_000
_PATIENCE = 180.0  # seconds in which an overloaded cluster, or one that lost a node, has to accept an entry


def write_all(cluster: Cluster, operations: Iterable[str]) -> int:
    """Execute operations in batches; return their number.

    Each request waits for the response to the one before. Raises
    ``PolicySearchError`` when an operation fails.
    """
    done = size = 0
    waiting: list[str] = []
    for one in operations:
        if waiting and (size + len(one) * 3 > _BYTES or len(waiting) >= _LINES):
            done += _write(cluster, waiting)
            waiting, size = [], 0
        waiting.append(one)
        size += len(one) * 3  # UTF-8 bytes of a Han character
    return done + (_write(cluster, waiting) if waiting else 0)


def _write(cluster: Cluster, operations: Sequence[str]) -> int:
    """Execute one batch, retrying operations that are rejected temporarily."""
    waiting = list(operations)
    end = time.monotonic() + _PATIENCE
    pause = 0.2
    while waiting:
        waiting, why = _send(cluster, waiting)
        if waiting:
            if time.monotonic() + pause > end:
                raise PolicySearchError(
                    f"OpenSearch rejected {len(waiting)} entries for {_PATIENCE:g} seconds: {why}. Check the "
                    "cluster, then run the command again. The published index is unchanged."
                )
            time.sleep(pause * random.uniform(0.8, 1.2))
            pause = min(pause * 2, 10.0)
    return len(operations)


def _send(cluster: Cluster, operations: list[str]) -> tuple[list[str], str]:
    """Send operations once; return those to retry, and the reason."""
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
            "Raise http.max_content_length there, or leave the document out."
        ) from None
    if len(answer["items"]) != len(operations) or any(len(outcome) != 1 for outcome in answer["items"]):
        raise PolicySearchError(
            f"OpenSearch at {', '.join(cluster.address.hosts)} did not report the result of each of the "
            f"{len(operations)} entries sent. The published index is unchanged."
        )
    again = []
    why = ""
    for operation, outcome in zip(operations, answer["items"], strict=True):
        ((action, item),) = outcome.items()
        status = item["status"]
        if status in (429, 502, 503, 504):
            again.append(operation)
            why = _reason(item)
        elif not (status in (200, 201) or (action == "delete" and status == 404 and "error" not in item)):
            raise PolicySearchError(
                f"OpenSearch rejected '{item.get('_id')}' for '{item.get('_index')}': {_reason(item)}. "
                "The published index is unchanged."
            )
    return again, why


def _reason(item: Mapping[str, Any]) -> str:
    error = item.get("error", {})
    if not isinstance(error, Mapping):
        return str(error)
    deeper = error.get("caused_by")
    return f"{error.get('reason')} {deeper.get('reason', '') if isinstance(deeper, Mapping) else ''}".strip()
