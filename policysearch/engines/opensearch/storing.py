"""An index on OpenSearch, as its one writer sees it."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from policysearch.engines.opensearch.address import SHARDS, Address
from policysearch.engines.opensearch.connection import Cluster, MissingError, RefusedError, dumps
from policysearch.engines.opensearch.generations import (
    Generation,
    find_published,
    no_index,
    numbers,
    read_generation,
    read_part,
    write_meta,
)
from policysearch.engines.opensearch.locking import locked
from policysearch.engines.opensearch.mapping import Names, document_key, mappings, section_key, settings
from policysearch.engines.opensearch.streaming import BY_ID, entries_of, fetch
from policysearch.engines.opensearch.verifying import damage
from policysearch.engines.opensearch.writing import OpenSearchSink, Receipt, write_all
from policysearch.errors import IndexUnusableError, InputError, PolicySearchError

__all__ = ["OpenSearchStore"]

_EXPUNGED = 300.0  # seconds in which a cluster may rid itself of what was deleted
_SETTLED = 120.0


class OpenSearchStore:
    """The place of an index on a cluster."""

    def __init__(self, address: Address) -> None:
        self.address = address
        self._cluster = Cluster(address)
        self._published: Generation | None = None
        self._building: Names | None = None

    @contextmanager
    def lock(self, wait: float, waiting: Callable[[str], None] | None = None) -> Iterator[None]:
        """Hold the right to write."""
        find_published(self._cluster)  # before anything is made: is it there, may we, is the name free
        with contextlib.suppress(MissingError):
            self._cluster.request("GET", f"/{self.address.name}/_settings")
            if find_published(self._cluster) is None:
                raise IndexUnusableError(
                    f"'{self.address.name}' is an index that this program did not make. Choose another name."
                )
        with locked(self._cluster, wait, waiting):
            self._sweep()
            try:
                yield
            finally:
                self._building = None
                with contextlib.suppress(IndexUnusableError):
                    self._sweep()

    def _sweep(self) -> None:
        """Remove what an ended build left, and generations that no reader should have open any more."""
        try:
            names = find_published(self._cluster)
            kept = {0}
            if names is not None:
                kept = {names.number, read_generation(self._cluster, names).before}
        except IndexUnusableError:
            return  # the only good generation may be one that another version wrote
        for number, indices in numbers(self._cluster).items():
            if number not in kept:
                with contextlib.suppress(MissingError):
                    self._cluster.request("DELETE", f"/{','.join(indices)}", seconds=300.0)

    def exists(self) -> bool:
        """Tell whether anything was published."""
        return find_published(self._cluster) is not None

    def current(self) -> tuple[Mapping[str, Any], Any] | None:
        """Return the published description and state."""
        self._published = None
        names = find_published(self._cluster)
        if names is None:
            return None
        generation = read_generation(self._cluster, names)
        state = read_part(self._cluster, names, generation.parts, "state")
        self._published = generation
        return {"generation": names.number, **generation.description}, state

    def salvage(self) -> tuple[Mapping[str, Any] | None, Sequence[Any]]:
        """Return the description and the states that can still be read."""
        description: Mapping[str, Any] | None = None
        states = []
        for number in sorted(numbers(self._cluster), reverse=True):
            names = Names(self.address.name, number)
            with contextlib.suppress(IndexUnusableError, KeyError, TypeError):
                head = self._cluster.request("GET", f"/{names.meta}/_doc/head")["_source"]
                states.append(read_part(self._cluster, names, head["parts"], "state"))
                if description is None:
                    description = read_part(self._cluster, names, head["parts"], "description")
        return description, states

    def damage(self) -> tuple[str, ...]:
        """Return what of the published generation is not as it was written."""
        while True:
            names = find_published(self._cluster)
            if names is None:
                raise no_index(self._cluster)
            try:
                generation = read_generation(self._cluster, names)
                found = tuple(damage(self._cluster, generation))
            except IndexUnusableError as error:
                found = (str(error),)
            if not found or find_published(self._cluster) == names:
                return found

    # building

    def sink(self, task: int, fresh: bool) -> OpenSearchSink:
        """Return a sink for one task."""
        names = self._begun(fresh)
        return OpenSearchSink(self.address, names, f"{names.number}.{task}")

    def _begun(self, fresh: bool) -> Names:
        """Return the generation that is being built; the first call makes its indices."""
        if self._building is None:
            highest = max((0, *numbers(self._cluster)))
            names = Names(self.address.name, highest + 1, os.urandom(6).hex())
            before = None if fresh or self._published is None else self._published.names
            for kind in ("sections", "documents"):
                index = getattr(names, kind)
                if before is None:
                    self._create(index, kind, names)
                else:
                    self._clone(getattr(before, kind), index, names)
            self._building = names
        return self._building

    def _create(self, index: str, kind: str, names: Names) -> None:
        body = {
            "settings": settings(self._shards()),
            "mappings": mappings(kind),
            "aliases": {names.while_written(index): {"is_write_index": True}},
        }
        self._cluster.request("PUT", f"/{index}", body)
        self._settle(index)

    def _shards(self) -> int:
        asked = os.environ.get(SHARDS)
        if asked is None:
            return max(1, int(self._cluster.request("GET", "/_cluster/health")["number_of_data_nodes"]))
        if not (asked.isascii() and asked.isdigit() and 1 <= int(asked) <= 1024):
            raise InputError(f"{SHARDS} is '{asked}'; expected a number of shards from 1 to 1024.")
        return int(asked)

    def _clone(self, before: str, index: str, names: Names) -> None:
        """Make an index that begins as the published one; its files are shared until they change."""
        self._cluster.request("PUT", f"/{before}/_settings", {"index.blocks.write": True})
        body = {
            "settings": {"index.blocks.write": None, "index.auto_expand_replicas": "0-1"},
            "aliases": {names.while_written(index): {"is_write_index": True}},
        }
        with contextlib.suppress(_AlreadyThere):
            try:
                self._cluster.request("PUT", f"/{before}/_clone/{index}", body, seconds=300.0)
            except RefusedError as error:
                # asked a second time, because the first answer was lost
                if "already exists" in str(error):
                    raise _AlreadyThere from error
                raise
        self._settle(index)

    def _settle(self, *indices: str) -> None:
        """Wait until every shard has its first copy."""
        health = self._cluster.request(
            "GET", f"/_cluster/health/{','.join(indices)}", wait_for_status="yellow", timeout="100s"
        )
        if health["timed_out"]:
            raise IndexUnusableError(
                f"The cluster found no place for {health['unassigned_shards']} shards of '{indices[0]}'. "
                "See to its nodes and their disks, then run it again."
            )

    def publish(
        self,
        receipts: Sequence[Any],
        removed: Collection[str],
        description: Mapping[str, Any],
        duplicates: Mapping[str, str],
        state: Any,
        fresh: bool,
    ) -> int:
        """Make a new generation."""
        names = self._begun(fresh)
        before = self._published
        written: dict[str, int] = {}
        for receipt in receipts:
            written.update(receipt.documents)
        deleted = self._delete_unfinished(names, receipts)
        if before is not None and not fresh:
            deleted += self._delete_removed(names, before.names, removed, written)
        for index in (names.sections, names.documents):
            self._cluster.request("POST", f"/{index}/_refresh", seconds=300.0)
            self._cluster.request("POST", f"/{index}/_flush", seconds=300.0)
        self._expunge(names)
        self._verify(names, description)
        generation = Generation(names, before.names.number if before else 0, description, {})
        write_meta(self._cluster, generation, duplicates, state)
        self._cluster.request(
            "PUT", f"/{','.join(names.all)}/_settings", {"index.blocks.write": True}, seconds=_SETTLED
        )
        self._settle(*names.all)
        self._swap(names, find_published(self._cluster))
        self._published = read_generation(self._cluster, Names(names.name, names.number))
        self._building = None
        return names.number

    def _delete_unfinished(self, names: Names, receipts: Sequence[Receipt]) -> int:
        """Delete what was written by tasks that did not end, as when their process was ended."""
        ended = [receipt.task for receipt in receipts]
        stray = {
            "bool": {
                "filter": [{"prefix": {"written": f"{names.number}."}}],
                "must_not": [{"terms": {"written": ended[at : at + 10_000]}} for at in range(0, len(ended), 10_000)],
            }
        }
        deleted = 0
        for index, sort in ((names.sections, BY_ID), (names.documents, BY_ID[:1])):
            self._cluster.request("POST", f"/{index}/_refresh", seconds=300.0)
            alias = names.while_written(index)
            found = entries_of(self._cluster, index, stray, sort)
            deleted += write_all(self._cluster, (_delete(alias, name) for name in found))
        return deleted

    def _delete_removed(self, names: Names, before: Names, removed: Collection[str], written: Mapping[str, int]) -> int:
        """Delete documents that are gone, and the sections that changed ones had more before."""
        sections = names.while_written(names.sections)
        documents = names.while_written(names.documents)
        wanted = sorted(removed)

        def operations() -> Iterator[str]:
            for at in range(0, len(wanted), 500):
                some = wanted[at : at + 500]
                found = fetch(self._cluster, before.documents, list(map(document_key, some)), ["account"])
                for document_id, kept in zip(some, found, strict=True):
                    now = written.get(document_id, 0)
                    if not now:
                        yield _delete(documents, document_key(document_id))
                    for ordinal in range(now + 1, (kept["account"]["sections"] if kept else 0) + 1):
                        yield _delete(sections, section_key(document_id, ordinal))

        return write_all(self._cluster, operations())

    def _expunge(self, names: Names) -> None:
        """Rid the statistics of what was deleted or written over, on every copy of every shard."""
        end = time.monotonic() + _EXPUNGED
        pause = 0.2
        while True:
            left = [index for index in (names.sections, names.documents) if self._has_deleted(index)]
            if not left:
                return
            if time.monotonic() > end:
                raise PolicySearchError(
                    f"The cluster keeps deleted sections in {', '.join(left)}, which would count in the scores. "
                    "Run it again, or build anew with: policysearch index --rebuild"
                )
            for index in left:
                self._cluster.request(
                    "POST", f"/{index}/_forcemerge", only_expunge_deletes=True, flush=True, seconds=3600.0
                )
            time.sleep(pause)
            pause = min(pause * 2, 10.0)

    def _has_deleted(self, index: str) -> bool:
        stats = self._cluster.request("GET", f"/{index}/_stats/docs", level="shards")
        shards = [copy for copies in stats["indices"][index]["shards"].values() for copy in copies]
        return any(copy["docs"]["deleted"] for copy in shards)

    def _verify(self, names: Names, description: Mapping[str, Any]) -> None:
        """Raise ``PolicySearchError`` unless the generation has as many sections and documents as were read."""
        for kind in ("sections", "documents"):
            index = getattr(names, kind)
            (found,) = self._cluster.totals(index, [{"match_all": {}}])
            if found != description[kind]:
                raise PolicySearchError(
                    f"The new generation has {found} {kind} instead of {description[kind]}, and is not published. "
                    "Run it again; when it happens again, build anew with: policysearch index --rebuild"
                )

    def _swap(self, names: Names, before: Names | None) -> None:
        """Publish, in one step that fails as a whole when another writer was there."""
        name = names.name
        actions: list[dict[str, Any]] = [
            {"remove": {"index": index, "alias": names.while_written(index), "must_exist": True}}
            for index in (names.sections, names.documents)
        ]
        if before is not None:
            actions.append({"remove": {"index": before.sections, "alias": name, "must_exist": True}})
        actions.append({"add": {"index": names.sections, "alias": name}})
        try:
            self._cluster.request("POST", "/_aliases", {"actions": actions}, seconds=_SETTLED)
        except MissingError as error:
            if find_published(self._cluster) == Names(name, names.number):
                return  # it was done, and the answer was lost
            raise PolicySearchError(
                f"Another process wrote the index at '{self.address}' meanwhile. What it published is as it was; run "
                "this again."
            ) from error


class _AlreadyThere(Exception):  # noqa: N818 - no error
    """What was to be made was made."""


def _delete(index: str, name: str) -> str:
    return dumps({"delete": {"_index": index, "_id": name, "require_alias": True}}) + "\n"
