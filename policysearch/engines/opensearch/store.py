"""The store of an index on OpenSearch, for its single writer."""

from __future__ import annotations

import contextlib
import json
import os
import re
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from hashlib import sha256
from typing import Any

from policysearch.engines.opensearch.address import SHARDS, Address
from policysearch.engines.opensearch.build_notes import Notes
from policysearch.engines.opensearch.bulk import write_all
from policysearch.engines.opensearch.cluster import Cluster, MissingError, dumps
from policysearch.engines.opensearch.generations import (
    Generation,
    find_published,
    make_index,
    missing,
    no_index,
    numbers_on,
    overtaken,
    read_generation,
    read_part,
    refuse_unmarked,
    write_meta,
)
from policysearch.engines.opensearch.integrity import damage
from policysearch.engines.opensearch.lock import locked
from policysearch.engines.opensearch.mapping import (
    FORMAT,
    KINDS,
    Names,
    document_key,
    mappings,
    section_key,
    settings,
)
from policysearch.engines.opensearch.paging import BY_ID, entries_of, fetch
from policysearch.engines.opensearch.resume import Unfinished, find_unfinished, of_other_tasks, take_over
from policysearch.engines.opensearch.writer import OpenSearchSink, Receipt
from policysearch.errors import IndexUnusableError, InputError, NoAnswerError, PolicySearchError
from policysearch.text.folding import FINGERPRINT

__all__ = ["OpenSearchStore"]

_AT_LEAST = 3  # 2 multiplies scores by k1 + 1
_EXPUNGED = 300.0  # seconds in which a cluster has to expunge deleted entries
_SETTLED = 120.0
_SEGMENT = 5 * 2**30  # bytes; OpenSearch merges segments up to this size by itself


class OpenSearchStore:
    """The store of one index on a cluster."""

    folder = None  # it has no files on this machine

    def __init__(self, address: Address) -> None:
        self.address = address
        self._cluster = Cluster(address)
        self._published: Generation | None = None
        self._building: Names | None = None
        self._unfinished: Unfinished | None = None
        self._conditions: str | None = None
        self._notes: Notes | None = None

    @contextmanager
    def lock(self, wait: float, waiting: Callable[[str], None] | None = None) -> Iterator[None]:
        """Hold the write lock."""
        version = self._cluster.request("GET", "/")["version"]
        found = re.match(r"(\d{1,3})\.", version["number"])
        if version.get("distribution") != "opensearch" or not found or int(found[1]) < _AT_LEAST:
            raise IndexUnusableError(
                f"The server at '{self.address}' is {str(version.get('distribution', 'other software'))[:20]!r} "
                f"{version['number'][:20]!r}; expected OpenSearch {_AT_LEAST} or newer, since older versions "
                "compute other scores."
            )
        find_published(
            self._cluster
        )  # before anything is created: is the cluster reachable, is access allowed, is the name free
        with contextlib.suppress(MissingError):
            self._cluster.request("GET", f"/{self.address.name}/_settings")
            if find_published(self._cluster) is None:
                raise IndexUnusableError(
                    f"'{self.address.name}' is an index that this program did not create. Choose another name."
                )
        with locked(self._cluster, wait, waiting) as is_held:
            self._sweep(spared=True)
            ended = False
            try:
                yield
                ended = True
            finally:
                self._building = self._unfinished = self._conditions = self._notes = None
                with contextlib.suppress(IndexUnusableError):
                    if is_held():  # otherwise another writer's build would be removed
                        self._sweep(spared=not ended)

    def _sweep(self, *, spared: bool) -> None:
        """Remove the indices of an interrupted build, and generations too old for any reader to have open.

        ``spared``: keep an interrupted build that can be resumed.
        """
        try:
            names = find_published(self._cluster)
            kept = {0}
            if names is not None:
                kept = {names.number, read_generation(self._cluster, names).before}
        except IndexUnusableError:
            return  # the only usable generation may be one that another version wrote
        found = numbers_on(self._cluster)
        unfinished = find_unfinished(self._cluster, found) if spared else None
        for number, indices in found.items():
            drafts = Names(self.address.name, number).drafts
            if number in kept:
                indices = [index for index in indices if index in drafts]
            elif number == unfinished:
                indices = [index for index in indices if index not in drafts]
            self._remove(indices)

    def _remove(self, indices: Sequence[str]) -> None:
        if indices:
            with contextlib.suppress(MissingError):
                self._cluster.request("DELETE", f"/{','.join(indices)}", seconds=300.0)

    def exists(self) -> bool:
        """Return whether a generation is published."""
        return find_published(self._cluster) is not None

    def current(self) -> tuple[Mapping[str, Any], Any] | None:
        """Return the published description and state."""
        self._published = None
        names = find_published(self._cluster)
        if names is None:
            return None
        lost = missing(self._cluster, names)
        if lost:
            raise lost
        generation = read_generation(self._cluster, names)
        duplicates, state = (
            read_part(self._cluster, names, generation.parts, part) for part in ("duplicates", "state")
        )
        self._published = generation
        return {**generation.description, "generation": names.number, "duplicates": duplicates}, state

    def salvage(self) -> tuple[Mapping[str, Any] | None, Sequence[Any]]:
        """Return the description and the states that are still readable."""
        description: Mapping[str, Any] | None = None
        states = []
        for number in sorted(numbers_on(self._cluster), reverse=True):
            names = Names(self.address.name, number)
            with contextlib.suppress(IndexUnusableError, KeyError, TypeError):
                head = self._cluster.request("GET", f"/{names.meta}/_doc/head")["_source"]
                states.append(read_part(self._cluster, names, head["parts"], "state"))
                if description is None:
                    description = read_part(self._cluster, names, head["parts"], "description")
        return description, states

    def damage(self) -> tuple[str, ...]:
        """Return a description of each corrupt part of the published generation."""
        while True:
            names = find_published(self._cluster)
            if names is None:
                raise no_index(self._cluster)
            try:
                lost = missing(self._cluster, names)
                if lost:
                    raise lost
                generation = read_generation(self._cluster, names)
                found = tuple(damage(self._cluster, generation))
            except NoAnswerError:
                raise  # which says nothing about the stored data
            except IndexUnusableError as error:
                found = (str(error),)
            if not found or find_published(self._cluster) == names:
                return found

    # building

    def unfinished_tasks(self, conditions: Any, fresh: bool) -> list[tuple[Receipt, Any]]:
        """Return the checkpoints of an interrupted build, after making sure that it can no longer write."""
        base = self._published and [self._published.names.number, self._published.parts]
        shards = os.environ.get(SHARDS) if fresh else None
        inputs = json.dumps([FORMAT, FINGERPRINT, base, shards, fresh, conditions], sort_keys=True)
        self._conditions = sha256(inputs.encode()).hexdigest()
        found = numbers_on(self._cluster)
        number = find_unfinished(self._cluster, found)
        if number is None:
            return []
        self._unfinished = take_over(self._cluster, number, self._conditions)
        if self._unfinished is None:
            return []
        self._remove([index for index in found[number] if index not in self._unfinished.names.drafts])
        return self._unfinished.tasks()

    def resume(self, receipts: Sequence[Receipt]) -> set[str]:
        """Keep the entries of some of the unfinished tasks."""
        assert self._unfinished is not None
        spoilt = self._unfinished.keep(receipts)
        self._building, self._notes = self._unfinished.names, self._unfinished.notes
        return spoilt

    def checkpoint(self, receipt: Receipt, outcome: Any) -> None:
        """Record on the cluster that a task is done."""
        if self._conditions is None or self._building is None:
            return
        if self._notes is None:
            self._notes = Notes(self._cluster, self._building, self._conditions)
        self._notes.add({"task": receipt.task, "documents": receipt.documents, "outcome": outcome})

    def sink(self, task: int, fresh: bool) -> OpenSearchSink:
        """Return a sink for one task."""
        names = self._begun(fresh)
        return OpenSearchSink(self.address, names, f"{names.number}.{names.token}.{task}")

    def _begun(self, fresh: bool) -> Names:
        """Return the generation being built; the first call creates its drafts."""
        if self._building is None:
            found = numbers_on(self._cluster)
            if find_unfinished(self._cluster, found) is not None:
                self._sweep(spared=False)
                found = numbers_on(self._cluster)
            names = Names(self.address.name, max((0, *found)) + 1, os.urandom(6).hex())
            before = None if fresh or self._published is None else self._published.names
            for kind in KINDS:
                draft = names.draft(kind)
                if before is None:
                    body = {"settings": settings(self._shards()), "mappings": mappings(kind)}
                    make_index(self._cluster, names, draft, body)
                    self._settle(draft)
                else:
                    self._clone(names, getattr(before, kind), draft, "0-1")
            self._building = names
        return self._building

    def _shards(self) -> int:
        asked = os.environ.get(SHARDS)
        if asked is None:
            return max(1, int(self._cluster.request("GET", "/_cluster/health")["number_of_data_nodes"]))
        if not (asked.isascii() and asked.isdigit() and 1 <= int(asked) <= 1024):
            raise InputError(f"{SHARDS} is '{asked}'; expected a number of shards from 1 to 1024.")
        return int(asked)

    def _clone(self, names: Names, index: str, clone: str, copies: str) -> None:
        """Clone an index; both share files until these change."""
        self._cluster.request("PUT", f"/{index}/_settings", {"index.blocks.write": True})
        changed = {"index.blocks.write": None, "index.auto_expand_replicas": copies, "index.number_of_replicas": 0}
        make_index(self._cluster, names, clone, {"settings": changed}, clone_of=index)
        self._settle(clone)

    def _settle(self, *indices: str) -> None:
        """Wait until every primary shard is assigned."""
        health = self._cluster.health(*indices, wait_for_status="yellow", timeout="60s")
        if health["timed_out"]:
            raise IndexUnusableError(
                f"The cluster could not assign {health['unassigned_shards']} shards of '{indices[0]}'. "
                "Check its nodes and their disks, then run the command again."
            )

    def publish(
        self,
        receipts: Sequence[Any],
        removed: Collection[str],
        description: Mapping[str, Any],
        duplicates: Mapping[str, str],
        state: Callable[[None], Any],
        fresh: bool,
        jobs: int = 1,
    ) -> int:
        """Publish a new generation."""
        names = self._begun(fresh)
        before = None if fresh else self._published
        written: dict[str, int] = {}
        for receipt in receipts:
            written.update(receipt.documents)
        if self._notes is not None and before is not None:
            # deleted from the drafts for good, whatever happens to their sources
            self._notes.add({"removed": sorted(removed)})
        self._delete_unfinished(names, receipts)
        if before is not None:
            self._delete_removed(names, before.names, removed, written)
        for kind in KINDS:
            refuse_unmarked(self._cluster, names, names.draft(kind))
            self._cluster.request("POST", f"/{names.draft(kind)}/_flush", seconds=300.0)
            self._clone(names, names.draft(kind), getattr(names, kind), "false")
            self._merge(getattr(names, kind), before is None)
        self._verify(names, description)
        number = self._published.names.number if self._published else 0
        write_meta(self._cluster, Generation(names, number, description, {}), duplicates, state(None))
        self._protect(names)
        self._swap(names, find_published(self._cluster))
        self._published = read_generation(self._cluster, Names(names.name, names.number))
        self._building = self._notes = None
        return names.number

    def _delete_unfinished(self, names: Names, receipts: Sequence[Receipt]) -> None:
        """Delete the entries of tasks that did not finish, as when their process was killed."""
        stray = of_other_tasks(names, [receipt.task for receipt in receipts])
        for kind, sort in zip(KINDS, (BY_ID, BY_ID[:1]), strict=True):
            draft, alias = names.draft(kind), names.alias(kind)
            self._cluster.request("POST", f"/{draft}/_refresh", seconds=300.0)
            found = entries_of(self._cluster, draft, stray, sort)
            write_all(self._cluster, (_delete(alias, name) for name in found))

    def _delete_removed(
        self, names: Names, before: Names, removed: Collection[str], written: Mapping[str, int]
    ) -> None:
        """Delete documents that were removed, and surplus sections of changed documents that had more before."""
        sections, documents = map(names.alias, KINDS)
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

        write_all(self._cluster, operations())

    def _merge(self, index: str, fresh: bool) -> None:
        """Expunge deleted and overwritten entries from an index, which would count in the statistics.

        A ``fresh`` one is also merged to few segments, since nothing is added to it: less disk, faster searches.
        """
        asked: dict[str, Any] = {"flush": True}
        if fresh:
            asked["max_num_segments"] = 1 + self._largest_shard(index) // _SEGMENT
        else:
            asked["only_expunge_deletes"] = True
        end = time.monotonic() + _EXPUNGED
        pause = 0.5
        while True:
            self._cluster.request("POST", f"/{index}/_forcemerge", seconds=7200.0, **asked)
            self._cluster.request("POST", f"/{index}/_refresh", seconds=300.0)
            if not self._has_deleted(index):
                return
            if time.monotonic() > end:
                raise PolicySearchError(
                    f"The cluster did not expunge deleted sections from '{index}', which would count in the scores. "
                    "Run the command again, or rebuild with: policysearch index --rebuild"
                )
            time.sleep(pause)
            pause = min(pause * 2, 10.0)

    def _largest_shard(self, index: str) -> int:
        """Return the size of the largest shard in bytes."""
        shards = self._cluster.request("GET", f"/{index}/_stats/store", level="shards")["indices"][index]["shards"]
        return max(int(copy["store"]["size_in_bytes"]) for copies in shards.values() for copy in copies)

    def _has_deleted(self, index: str) -> bool:
        shards = self._cluster.request("GET", f"/{index}/_stats/docs", level="shards")["indices"][index]["shards"]
        return any(copy["docs"]["deleted"] for copies in shards.values() for copy in copies)

    def _protect(self, names: Names) -> None:
        """Give a generation its replicas and make it read-only."""
        kept = {"index.blocks.write": True, "index.auto_expand_replicas": "0-1"}
        self._cluster.request("PUT", f"/{','.join(names.all)}/_settings", kept, seconds=_SETTLED)
        self._settle(*names.all)
        # replicas are optional: do not wait for them any longer
        self._cluster.health(*names.all, wait_for_status="green", timeout="30s")

    def _verify(self, names: Names, description: Mapping[str, Any]) -> None:
        """Raise ``PolicySearchError`` unless the generation has the expected numbers of sections and documents."""
        for kind in KINDS:
            index = getattr(names, kind)
            (found,) = self._cluster.totals(index, [{"match_all": {}}])
            if found != description[kind]:
                self._remove([names.draft("notes")])  # a resumed build would fail here again
                raise PolicySearchError(
                    f"The new generation has {found} {kind} instead of {description[kind]}, and was not published. "
                    "Run the command again; if that does not help, rebuild with: policysearch index --rebuild"
                )

    def _swap(self, names: Names, before: Names | None) -> None:
        """Publish in one atomic step, which fails when another writer published first."""
        name = names.name
        marked = (*map(names.draft, KINDS), *names.all)
        actions: list[dict[str, Any]] = [
            {"remove": {"index": index, "alias": names.mark(index), "must_exist": True}} for index in marked
        ]
        if before is not None:
            actions.append({"remove": {"index": before.sections, "alias": name, "must_exist": True}})
        actions.append({"add": {"index": names.sections, "alias": name}})
        try:
            self._cluster.request("POST", "/_aliases", {"actions": actions}, seconds=_SETTLED)
        except MissingError as error:
            # was it executed, and the response lost?
            if not self._is_published(names):
                raise overtaken(self._cluster) from error

    def _is_published(self, names: Names) -> bool:
        """Return whether the alias points to this very build."""
        if find_published(self._cluster) != Names(names.name, names.number):
            return False
        head = self._cluster.request("GET", f"/{names.meta}/_doc/head")["_source"]
        return bool(head.get("build") == names.token)


def _delete(index: str, name: str) -> str:
    return dumps({"delete": {"_index": index, "_id": name, "require_alias": True}}) + "\n"
