"""The right to write an index: a document that one writer holds, and keeps alive.

A writer that dies leaves the document, which soon looks dead: its process is
gone from this machine, or its last sign of life is too old. Should two write
at once in spite of it, as when one was asleep, only one can publish: writing
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
_DEAD = 60.0  # seconds without a beat; clocks may differ by some


@contextlib.contextmanager
def locked(cluster: Cluster, wait: float, waiting: Callable[[str], None] | None = None) -> Iterator[Callable[[], bool]]:
    """Hold the right to write, waiting up to ``wait`` seconds for it; yield what tells whether it is still held.

    ``waiting`` is called once with the holder when there is a wait. Raises
    ``IndexUnusableError`` naming the holder when the time is over.
    """
    index = f"{cluster.name}-lock"
    with contextlib.suppress(ConflictError):
        _make(cluster, index)
    place = f"/{index}/_doc/writer"
    deadline = time.monotonic() + wait
    told = False
    while True:
        own = _holder()
        held = _take(cluster, place, own)
        if isinstance(held, tuple):
            break
        if time.monotonic() >= deadline:
            raise IndexUnusableError(
                f"The index at '{cluster.address}' is being written by {held}. Try again when it has ended."
            )
        if waiting and not told:
            waiting(held)
            told = True
        time.sleep(0.25)
    beating = _Beating(cluster, place, held, own)
    beating.start()
    try:
        yield beating.is_held
    finally:
        beating.end()


def _make(cluster: Cluster, index: str) -> None:
    from policysearch.engines.opensearch.cluster import RefusedError

    body = {"settings": {"number_of_shards": 1, "auto_expand_replicas": "0-1"}, "mappings": {"dynamic": False}}
    try:
        cluster.request("PUT", f"/{index}", body)
    except RefusedError as error:
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
    """Take the right: return the version of the document that says so, or who has it."""
    try:
        return _version(cluster.request("PUT", place, own, op_type="create"))
    except ConflictError:
        pass
    try:
        found = cluster.request("GET", place)
    except MissingError:
        return "another process"  # which let go of it just now
    holder = found["_source"]
    # its own when it took the right, and the answer was lost
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
    """Gives a sign of life now and then."""

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
                    return  # another took it: what is published will tell
            except IndexUnusableError:
                continue

    def _regained(self) -> bool:
        """Whether it was this writer's own sign of life, whose answer was lost, that was in the way."""
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
        """Whether nobody else took the right, as far as can be known."""
        try:
            found = self._cluster.request("GET", self._place)["_source"]
        except IndexUnusableError:
            return False
        return bool(found.get("token") == self._holder["token"])

    def end(self) -> None:
        """Give the right back."""
        self._ended.set()
        self.join()
        with contextlib.suppress(IndexUnusableError):
            self._cluster.request("DELETE", self._place, patience=0.0, **self._asked())
