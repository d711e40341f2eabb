"""A build that was ended: what it left on the cluster, and how another one goes on with it.

Its entries are told from those of the generation before by what they say of
the task that wrote them. Of a task that is kept, every entry must be there.
What other tasks wrote is deleted when the build is published; until then it
tells which documents of the generation before were written over.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from policysearch.engines.opensearch.build_notes import Note, Notes
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
    """Return the last generation that was not published and of which something is noted; None when there is none.

    ``found`` is what ``numbers`` returns.
    """
    published = find_published(cluster)
    for number in sorted(found, reverse=True):
        if published is not None and number <= published.number:
            return None
        if set(Names(cluster.name, number).drafts) <= set(found[number]):
            return number
    return None


def of_other_tasks(names: Names, tasks: Sequence[str]) -> dict[str, Any]:
    """Return the query for what a build wrote, in whatever attempt, other than by these tasks."""
    return {
        "bool": {
            "filter": [{"prefix": {"written": f"{names.number}."}}],
            "must_not": [{"terms": {"written": tasks[at : at + 10_000]}} for at in range(0, len(tasks), 10_000)],
        }
    }


class Unfinished:
    """What an ended build left, which nobody but this process writes to.

    Attributes:
        names: Its indices, with the token of this build.
        notes: Where its tasks are noted.
    """

    def __init__(self, cluster: Cluster, names: Names, notes: Notes, noted: Sequence[Note]) -> None:
        self.names = names
        self.notes = notes
        self._cluster = cluster
        said = [(note, note.content) for note in noted if note.content is not None]
        self._tasks = {content["task"]: (note, content) for note, content in said if "task" in content}
        self._removed = {one for _, content in said for one in content.get("removed", ())}

    def tasks(self) -> list[tuple[Receipt, Any]]:
        """Return the receipts of tasks all of whose entries are there, and what became of their sources."""
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
        """Keep what some tasks wrote, and forget the others; see ``ResumableStore.resume``."""
        kept = [receipt.task for receipt in receipts]
        others = self._tasks.keys() - set(kept)
        # before anything is written: it may be written over what they wrote
        self.notes.remove(self._tasks[task][0] for task in others)
        written_over = of_other_tasks(self.names, kept)
        found = (grouped(self._cluster, self.names.draft(kind), written_over) for kind in KINDS)
        return self._removed | {text_of_key(key) for some in found for key, _ in some}


def take_over(cluster: Cluster, number: int, conditions: str) -> Unfinished | None:
    """Let this build, and no other, write to what one left that was ended; None when it cannot be gone on with."""
    names = Names(cluster.name, number, os.urandom(6).hex())
    # copies that are on no node will not come back, or too late
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
    """Take the drafts from whoever had them, in one step that fails as a whole when somebody else did."""
    place = f"/{','.join(names.drafts)}/_alias"
    held = cluster.request("GET", place)
    actions: list[dict[str, Any]] = []
    for kind in DRAFTS:
        draft = names.draft(kind)
        marks = list(held[draft]["aliases"])
        if len(marks) != 1:
            return False
        actions.append({"remove": {"index": draft, "alias": marks[0], "must_exist": True}})
        actions.append({"add": {"index": draft, "alias": names.alias(kind)}})
    try:
        cluster.request("POST", "/_aliases", {"actions": actions}, seconds=_PATIENCE)
    except MissingError as error:
        # it was done, and the answer was lost?
        held = cluster.request("GET", place)
        if any(names.alias(kind) not in held[names.draft(kind)]["aliases"] for kind in DRAFTS):
            raise overtaken(cluster) from error
    return True


def _drain(cluster: Cluster, indices: str) -> None:
    """Wait until what an ended process had sent is done, or never will be."""
    unblocked = {"index.blocks.write": None}
    for _ in range(5):
        cluster.request("PUT", f"/{indices}/_settings", unblocked)
        # the answer comes when nothing is being written any more; asked a second time, it comes at once and says so
        if cluster.request("PUT", f"/{indices}/_block/write", seconds=_PATIENCE)["shards_acknowledged"]:
            break
    else:
        raise IndexUnusableError(
            f"OpenSearch at {', '.join(cluster.address.hosts)} still writes what a build sent that was ended. "
            "See to the cluster's health, then run it again."
        )
    cluster.request("PUT", f"/{indices}/_settings", unblocked)
