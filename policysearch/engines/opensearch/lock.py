"""The write lock of an index: a document on the cluster that one writer owns, with a heartbeat.

A writer that dies leaves the document, which then expires: its process no
longer runs on this machine, or its last heartbeat is too old. If two writers
overlap nevertheless, as when one was suspended, only one can publish: writing
and publishing go through aliases that carry the build's own token.
"""

from __future__ import annotations

import contextlib
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from policysearch.engines.opensearch.cluster import Cluster, ConflictError, MissingError
from policysearch.errors import IndexUnusableError

__all__ = ["locked"]

_BEAT = 5.0
_DEAD = 60.0  # seconds without a heartbeat, allowing for clocks that differ


@contextlib.contextmanager
def locked(cluster: Cluster, wait: float, waiting: Callable[[str], None] | None = None) -> Iterator[Callable[[], bool]]:
    """Acquire the write lock, waiting up to ``wait`` seconds; yield a function that returns whether it is still held.

    ``waiting`` is called once with the holder before a wait. Raises
    ``IndexUnusableError`` naming the holder after the timeout.
    """
    index = f"{cluster.name}-lock"
    with contextlib.suppress(ConflictError):
        _make(cluster, index)
    place = f"/{index}/_doc/writer"
    deadline = time.monotonic() + wait
    reported = False
    while True:
        own = _holder()
        lock = _take(cluster, place, own)
        if isinstance(lock, tuple):
            break
        if time.monotonic() >= deadline:
            raise IndexUnusableError(
                f"The index at '{cluster.address}' is being written by {lock}. Try again when it has finished."
            )
        if waiting and not reported:
            waiting(lock)
            reported = True
        time.sleep(0.25)
    beating = _Beating(cluster, place, lock, own)
    beating.start()
    try:
        yield beating.is_held
    finally:
        beating.end()


def _make(cluster: Cluster, index: str) -> None:
    from policysearch.engines.opensearch.cluster import ClusterRefusedError

    body = {"settings": {"number_of_shards": 1, "auto_expand_replicas": "0-1"}, "mappings": {"dynamic": False}}
    try:
        cluster.request("PUT", f"/{index}", body)
    except ClusterRefusedError as error:
        if "already exists" not in str(error):
            raise


def _holder() -> dict[str, Any]:
    since = datetime.now().astimezone().isoformat(timespec="seconds")
    return {
        "host": socket.gethostname(),
        "process": os.getpid(),
        "since": since,
        "beat": time.time(),
        "token": os.urandom(6).hex(),
    }


def _take(cluster: Cluster, place: str, own: dict[str, Any]) -> tuple[int, int] | str:
    """Take the lock; return the version of its document, or the holder's description."""
    try:
        return _version(cluster.request("PUT", place, own, op_type="create"))
    except ConflictError:
        pass
    try:
        found = cluster.request("GET", place)
    except MissingError:
        return "another process"  # which released it just now
    holder = found["_source"]
    # this writer's own document: it acquired the lock and the response was lost
    if holder.get("token") != own["token"] and not _is_dead(holder):
        return f"process {holder.get('process')} on {holder.get('host')} since {holder.get('since')}"
    try:
        asked = {"if_seq_no": found["_seq_no"], "if_primary_term": found["_primary_term"]}
        return _version(cluster.request("PUT", place, own, **asked))
    except ConflictError:
        return "another process"


def _version(answer: Any) -> tuple[int, int]:
    return answer["_seq_no"], answer["_primary_term"]


def _is_dead(holder: Any) -> bool:
    try:
        if time.time() - float(holder["beat"]) > _DEAD:
            return True
        if holder["host"] != socket.gethostname():
            return False
        os.kill(int(holder["process"]), 0)
    except ProcessLookupError:
        return True
    except (KeyError, TypeError, ValueError):
        return True
    except OSError:
        return False
    return False


class _Beating(threading.Thread):
    """Sends the heartbeats."""

    def __init__(self, cluster: Cluster, place: str, version: tuple[int, int], holder: dict[str, Any]) -> None:
        super().__init__(name="policysearch writer", daemon=True)
        self._cluster = cluster
        self._place = place
        self._version = version
        self._holder = holder
        self._ended = threading.Event()

    def run(self) -> None:
        while not self._ended.wait(_BEAT):
            self._holder["beat"] = time.time()
            try:
                answer = self._cluster.request("PUT", self._place, self._holder, patience=0.0, **self._asked())
                self._version = _version(answer)
            except ConflictError:
                if not self._regained():
                    return  # another writer took it: publishing will fail
            except IndexUnusableError:
                continue

    def _regained(self) -> bool:
        """Return whether the conflict was with this writer's own heartbeat, whose response was lost."""
        try:
            found = self._cluster.request("GET", self._place, patience=0.0)
        except IndexUnusableError as error:
            return not isinstance(error, MissingError)
        if found["_source"].get("token") != self._holder["token"]:
            return False
        self._version = _version(found)
        return True

    def _asked(self) -> dict[str, int]:
        return {"if_seq_no": self._version[0], "if_primary_term": self._version[1]}

    def is_held(self) -> bool:
        """Return False when another writer took the lock or it may have expired."""
        try:
            found = self._cluster.request("GET", self._place)["_source"]
        except IndexUnusableError:
            return False
        return bool(found.get("token") == self._holder["token"])

    def end(self) -> None:
        """Release the lock."""
        self._ended.set()
        self.join()
        with contextlib.suppress(IndexUnusableError):
            self._cluster.request("DELETE", self._place, patience=0.0, **self._asked())
