"""Checkpoints of a build, stored on the cluster together with its entries; see ``resume``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from policysearch.engines.opensearch.bulk import write_all
from policysearch.engines.opensearch.cluster import Cluster, dumps
from policysearch.engines.opensearch.generations import decoded, encoded, make_index
from policysearch.engines.opensearch.mapping import Names, mappings
from policysearch.engines.opensearch.paging import pages
from policysearch.errors import IndexUnusableError

__all__ = ["BuildNote", "Notes"]


class BuildNote(NamedTuple):
    """One note.

    Attributes:
        pieces: The numbers of the entries that store it.
        content: Its content; None when it is corrupt or incomplete.
    """

    pieces: tuple[int, ...]
    content: Mapping[str, Any] | None


class Notes:
    """The notes of one build, in an index of their own that the first note creates."""

    def __init__(self, cluster: Cluster, names: Names, conditions: str, *, made: bool = False) -> None:
        """``conditions``: fingerprint of the inputs of the build; ``made``: whether the index exists already."""
        self._cluster = cluster
        self._names = names
        self._conditions = conditions
        self._made = made
        self._next = 1

    def add(self, content: Mapping[str, Any]) -> None:
        """Write a note; when this returns, it is on the cluster's disks."""
        index = self._names.draft("notes")
        if not self._made:
            settings = {"number_of_shards": 1, "auto_expand_replicas": "0-1", "refresh_interval": "-1"}
            make_index(self._cluster, self._names, index, {"settings": settings, "mappings": mappings("notes")})
            self._made = True
        pieces, about = encoded({"conditions": self._conditions, **content})
        first, self._next = self._next, self._next + len(pieces)

        def operations() -> Iterator[str]:
            for number, piece in enumerate(pieces, first):
                body = {"number": number, "first": first, "about": about, "data": piece}
                yield self._operation("index", number, f"{dumps(body)}\n")

        write_all(self._cluster, operations())

    def read(self) -> Iterator[BuildNote]:
        """Yield the notes in the order in which they were written."""
        index = self._names.draft("notes")
        self._cluster.request("POST", f"/{index}/_refresh", seconds=300.0)
        of_one: list[Mapping[str, Any]] = []
        for hits in pages(self._cluster, index, {"match_all": {}}, [{"number": "asc"}], True, 20):
            for hit in hits:
                entry = hit["_source"]
                if not (isinstance(entry.get("number"), int) and {"first", "about", "data"} <= entry.keys()):
                    yield BuildNote((), None)
                    continue
                if of_one and entry["first"] != of_one[0]["first"]:
                    yield self._note(of_one)
                    of_one = []
                of_one.append(entry)
                self._next = entry["number"] + 1
        if of_one:
            yield self._note(of_one)

    def _note(self, entries: list[Mapping[str, Any]]) -> BuildNote:
        pieces = tuple(one["number"] for one in entries)
        about = entries[0]["about"]
        try:
            whole = len(entries) == about[0]
            content = decoded([one["data"] for one in entries], about, self._names.draft("notes")) if whole else None
        except (IndexUnusableError, LookupError, TypeError):
            content = None
        return BuildNote(pieces, content)

    def remove(self, notes: Iterable[BuildNote]) -> None:
        """Delete notes."""
        write_all(self._cluster, (self._operation("delete", number) for note in notes for number in note.pieces))

    def _operation(self, action: str, number: int, body: str = "") -> str:
        head = {"_index": self._names.alias("notes"), "_id": str(number), "require_alias": True}
        return f"{dumps({action: head})}\n{body}"
