"""The served index: new generations are opened when they are published, and those in use stay open."""

from __future__ import annotations

import gc
import hashlib
import json
import logging
import threading
import time
from collections.abc import Hashable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from policysearch.corpus.recent import Recent
from policysearch.engines.opening import is_address
from policysearch.errors import IndexUnusableError, InputError, PolicySearchError, QueryError
from policysearch.index import open_index

if TYPE_CHECKING:
    from policysearch.index import Index
    from policysearch.indexing.unused import UnusedSource

__all__ = ["OpenGeneration", "Served"]

log = logging.getLogger("policysearch.serving")

_RARE = "魑"  # counted to read all texts once; a more frequent term takes longer
_COSTLY = 0.05  # seconds of processor time from which an answer is kept apart
_PATIENCE = 1.0  # seconds between two checks for a new generation


class OpenGeneration:
    """One open generation.

    Attributes:
        index: The open index.
        tag: A tag that identifies the generation.
    """

    def __init__(self, index: Index) -> None:
        self.index = index
        self.users = 0
        self.outdated = False
        self.tag = _tag(index)
        self._replies: Recent[Any] = Recent()
        self._costly: Recent[Any] = Recent()

    def reply(self, key: Hashable) -> Any:
        """Return the cached answer to a request, or None."""
        known = self._replies.get(key)
        return self._costly.get(key) if known is None else known

    def keep_reply(self, key: Hashable, reply: Any, size: int, seconds: float) -> None:
        """Cache an answer of so many bytes, which took so many seconds of processor time.

        Those that took long are kept apart: twenty readers displace 16 MB of pages in a quarter of a minute, and the
        key words of a corpus of 100 MB, or its targets of a year, take a second or two each time.
        """
        (self._costly if seconds > _COSTLY else self._replies).keep(key, reply, size)

    def unused_sources(self, location: str) -> tuple[UnusedSource, ...]:
        """Return the sources that were skipped or failed; they are read once."""
        from policysearch.indexing.unused import unused_sources

        found: tuple[UnusedSource, ...] = self._costly.once(
            "unused sources", lambda: unused_sources(location, state=None), lambda sources: 200 * len(sources)
        )
        return found


def _tag(index: Index) -> str:
    described = json.dumps(dict(index.info), sort_keys=True, default=str).encode()
    return f"{index.info['generation']}-{hashlib.sha256(described).hexdigest()[:12]}"


class Served:
    """An index that many threads query, each with the generation that is current when it starts.

    Attributes:
        location: A folder, or the address of an index on a cluster.
    """

    def __init__(self, location: str) -> None:
        self.location = location
        self._on_cluster = is_address(location)
        self._lock = threading.Lock()
        self._looking = threading.Lock()
        self._current = OpenGeneration(_open(location))
        self._looked = time.monotonic()

    @contextmanager
    def borrowed(self) -> Iterator[OpenGeneration]:
        """Lend the current generation, which stays open until it is returned."""
        self._look()
        with self._lock:
            generation = self._current
            generation.users += 1
        try:
            yield generation
        finally:
            with self._lock:
                generation.users -= 1
                unused = generation.outdated and not generation.users
            if unused:
                generation.index.close()

    def prepare(self) -> None:
        """Load the libraries for many queries."""
        with self.borrowed() as generation:
            _prepared(generation.index)

    def close(self) -> None:
        """Close the index when it is no longer in use."""
        self._replace(None)

    def _look(self) -> None:
        """Open a new generation if there is one; one thread at a time checks, the others use the open one."""
        if time.monotonic() - self._looked < _PATIENCE or not self._looking.acquire(blocking=False):
            return
        if self._on_cluster:  # a cluster may take long to respond
            threading.Thread(target=self._looked_once, daemon=True).start()
        else:
            self._looked_once()

    def _looked_once(self) -> None:
        try:
            fresh = self._opened()
            if fresh is not None:
                self._replace(fresh)
        finally:
            self._looked = time.monotonic()
            self._looking.release()

    def _opened(self) -> OpenGeneration | None:
        try:
            index = _open(self.location)
        except PolicySearchError:  # it is being replaced, or was removed: the open generation still answers
            return None
        fresh = OpenGeneration(index)
        if fresh.tag == self._current.tag:
            index.close()
            return None
        _prepared(index)
        return fresh

    def _replace(self, fresh: OpenGeneration | None) -> None:
        with self._lock:
            old = self._current
            old.outdated = True
            unused = not old.users
            if fresh is not None:
                self._current = fresh
        if unused:
            old.index.close()

    def hidden(self) -> dict[str, str]:
        """Return the paths of this machine that an answer may contain, with the names that replace them."""
        with self._lock:
            info: Any = self._current.index.info
        return hidden_paths(self.location, info.get("roots", ()))

    def told(self, error: BaseException, message: str) -> str:
        """Return the message of an error without paths and hosts of this machine.

        A message on the request is unchanged: it would confirm the paths in it that it replaces.
        """
        if not isinstance(error, PolicySearchError) or isinstance(error, (InputError, QueryError)):
            return message
        if self._on_cluster and isinstance(error, IndexUnusableError):
            log.warning("%s", error)
            return "The index cannot be read at the moment. Try again later; the server's log says why."
        return self.without_paths(message)

    def without_paths(self, message: str) -> str:
        """Return a message with the paths of this machine replaced by names."""
        for real, name in self.hidden().items():
            message = message.replace(real, name)
        return message


def _open(location: str) -> Index:
    index = open_index(location, prepare=False)
    index.reads_paths = False  # or a reader could find out, by guesses, which folders the sources are in
    return index


def _prepared(index: Index) -> None:
    """Load the libraries for many queries, and the totals for the usual counts."""
    with suppress(PolicySearchError):
        index.prepare()
        for by in (("region", "year"), (), ("year",)):
            index.count(_RARE, by=by)
        index.trend(_RARE)
        index.verify_quote(_RARE)
    # what is there now stays: a full collection that looks at it takes 0.12 to 0.18 s, in which no thread runs
    gc.unfreeze()  # a generation before this one may be garbage
    gc.collect()
    gc.freeze()


def hidden_paths(location: str, roots: Any) -> dict[str, str]:
    """Return names for the paths of roots and of an index, the longest path first: the last part of each."""
    import os

    paths = [str(root) for root in roots]
    if not is_address(location):
        paths += [os.path.abspath(location), os.path.realpath(location)]
    else:
        return {location: location.rpartition("/")[2], **{path: os.path.basename(path) for path in paths}}
    named = {path: os.path.basename(path.rstrip("/")) or "root" for path in paths}
    if os.sep in location:
        named[location] = os.path.basename(location.rstrip("/"))
    # the root of the file system cannot be replaced in texts
    return dict(sorted(((path, name) for path, name in named.items() if len(path) > 3), key=lambda one: -len(one[0])))
