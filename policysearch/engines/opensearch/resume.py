"""Resuming an interrupted build from its checkpoints and entries on the cluster.

Each entry names the task that wrote it, which distinguishes it from those of
the previous generation. A task is kept only if all of its entries exist. The
entries of other tasks are deleted when the build is published; until then they
show which documents of the previous generation were overwritten.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from policysearch.engines.opensearch.build_notes import BuildNote, Notes
from policysearch.engines.opensearch.cluster import Cluster, MissingError
from policysearch.engines.opensearch.encoding import text_of_key
from policysearch.engines.opensearch.generations import find_published, overtaken
from policysearch.engines.opensearch.mapping import DRAFTS, KINDS, Names
from policysearch.engines.opensearch.paging import grouped
from policysearch.engines.opensearch.writer import Receipt
from policysearch.errors import IndexUnusableError

__all__ = ["Unfinished", "find_unfinished", "of_other_tasks", "take_over"]

_PATIENCE = 120.0


def find_unfinished(cluster: Cluster, found: Mapping[int, Collection[str]]) -> int | None:
    """Return the last unpublished generation that has notes, or None when there is none.

    ``found`` is the result of ``numbers``.
    """
    published = find_published(cluster)
    for number in sorted(found, reverse=True):
        if published is not None and number <= published.number:
            return None
        if set(Names(cluster.name, number).drafts) <= set(found[number]):
            return number
    return None


def of_other_tasks(names: Names, tasks: Sequence[str]) -> dict[str, Any]:
    """Return the query for entries that a build wrote, in any attempt, by other tasks than these."""
    return {
        "bool": {
            "filter": [{"prefix": {"written": f"{names.number}."}}],
            "must_not": [{"terms": {"written": tasks[at : at + 10_000]}} for at in range(0, len(tasks), 10_000)],
        }
    }


class Unfinished:
    """An interrupted build, taken over: only this process writes to it.

    Attributes:
        names: The names of its indices, with the token of this build.
        notes: The checkpoints of its tasks.
    """

    def __init__(self, cluster: Cluster, names: Names, notes: Notes, noted: Sequence[BuildNote]) -> None:
        self.names = names
        self.notes = notes
        self._cluster = cluster
        intact = [(note, note.content) for note in noted if note.content is not None]
        self._tasks = {content["task"]: (note, content) for note, content in intact if "task" in content}
        self._removed = {one for _, content in intact for one in content.get("removed", ())}

    def tasks(self) -> list[tuple[Receipt, Any]]:
        """Return the receipts of tasks all of whose entries exist, and the outcomes of their sources."""
        written = [{"term": {"written": task}} for task in self._tasks]
        drafts = [self.names.draft(kind) for kind in KINDS]
        self._cluster.request("POST", f"/{','.join(drafts)}/_refresh", seconds=300.0)
        counts = zip(*(self._cluster.totals(draft, written) for draft in drafts), strict=True)
        out = []
        for (task, (_, content)), count in zip(self._tasks.items(), counts, strict=True):
            documents = content["documents"]
            if count == (sum(documents.values()), len(documents)):
                out.append((Receipt(task, documents), content["outcome"]))
        return out

    def keep(self, receipts: Iterable[Receipt]) -> set[str]:
        """Keep the entries of some tasks and drop the others; see ``ResumableStore.resume``."""
        kept = [receipt.task for receipt in receipts]
        others = self._tasks.keys() - set(kept)
        # before anything is written, since it may overwrite their entries
        self.notes.remove(self._tasks[task][0] for task in others)
        written_over = of_other_tasks(self.names, kept)
        found = (grouped(self._cluster, self.names.draft(kind), written_over) for kind in KINDS)
        return self._removed | {text_of_key(key) for some in found for key, _ in some}


def take_over(cluster: Cluster, number: int, conditions: str) -> Unfinished | None:
    """Give this build alone the right to write to an interrupted one; None when that cannot be resumed."""
    names = Names(cluster.name, number, os.urandom(6).hex())
    # unassigned replicas will not come back, or too late
    if cluster.health(*names.drafts, wait_for_status="yellow", timeout="60s")["timed_out"]:
        return None
    if not _swap_marks(cluster, names):
        return None
    _drain(cluster, ",".join(names.drafts))
    notes = Notes(cluster, names, conditions, made=True)
    noted = list(notes.read())
    if any(note.content is None or note.content["conditions"] != conditions for note in noted):
        return None
    return Unfinished(cluster, names, notes, noted)


def _swap_marks(cluster: Cluster, names: Names) -> bool:
    """Take the drafts from their owner in one atomic step, which fails when another build was first."""
    place = f"/{','.join(names.drafts)}/_alias"
    aliases = cluster.request("GET", place)
    actions: list[dict[str, Any]] = []
    for kind in DRAFTS:
        draft = names.draft(kind)
        marks = list(aliases[draft]["aliases"])
        if len(marks) != 1:
            return False
        actions.append({"remove": {"index": draft, "alias": marks[0], "must_exist": True}})
        actions.append({"add": {"index": draft, "alias": names.alias(kind)}})
    try:
        cluster.request("POST", "/_aliases", {"actions": actions}, seconds=_PATIENCE)
    except MissingError as error:
        # was it executed, and the response lost?
        aliases = cluster.request("GET", place)
        if any(names.alias(kind) not in aliases[names.draft(kind)]["aliases"] for kind in DRAFTS):
            raise overtaken(cluster) from error
    return True


def _drain(cluster: Cluster, indices: str) -> None:
    """Wait until all requests of an interrupted process are done or rejected."""
    unblocked = {"index.blocks.write": None}
    for _ in range(5):
        cluster.request("PUT", f"/{indices}/_settings", unblocked)
        # the response comes when no write is in progress; a second request returns at once and says so
        if cluster.request("PUT", f"/{indices}/_block/write", seconds=_PATIENCE)["shards_acknowledged"]:
            break
    else:
        raise IndexUnusableError(
            f"OpenSearch at {', '.join(cluster.address.hosts)} still processes requests of an interrupted build. "
            "Check the cluster's health, then run the command again."
        )
    cluster.request("PUT", f"/{indices}/_settings", unblocked)
