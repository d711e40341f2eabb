"""Scanning of roots: sources, their corrections, and the file systems they are on."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from policysearch.documents.metadata.corrections import Sidecars, load_sidecars
from policysearch.errors import InputError
from policysearch.indexing.records import RootOptions
from policysearch.indexing.source_records import SourceRecord
from policysearch.sources.finding import Source, UnreadableSource, Walked, find_sources

__all__ = ["Scan", "gone_root", "sidecars_of", "sources_below"]


class Scan:
    """The current sources below some roots.

    Attributes:
        roots: The roots, with their options.
        found: The sources by id, in order of ids.
        root_of: The root of each.
        sidecars: The corrections below each root.
        devices: The file systems of the roots, and the mount points below them.
        passed_over: Folders that contain an index of this program, in order.
        ignored: Number of files and folders that patterns exclude.
    """

    def __init__(
        self, roots: Mapping[str, RootOptions], records: Mapping[str, SourceRecord], index: Path | None
    ) -> None:
        """Scan the roots.

        ``records`` are those of all sources in the index, ``index`` is its folder. Raises ``InputError`` for a missing
        root, and when a source of another root has the same id.
        """
        self.roots = roots
        self.root_of: dict[str, str] = {}
        walked = Walked()
        found: dict[str, Source | UnreadableSource] = {}
        owner = {source: record.root for source, record in records.items() if record.root not in roots}
        for root, options in roots.items():
            for one in sources_below(root, options, index, walked):
                other = owner.setdefault(one.source_id, root)
                if other != root:
                    if not os.path.exists(other):
                        raise gone_root(other)
                    raise InputError(
                        f"The id '{one.source_id}' is in two roots, '{other}' and '{root}'. "
                        "Rename one of the files, or index a folder above both."
                    )
                self.root_of[one.source_id] = root
                found[one.source_id] = one
        self.found = dict(sorted(found.items()))
        self.sidecars = {root: sidecars_of(root, options) for root, options in roots.items()}
        self.devices: Mapping[str, int] = walked.devices
        self.passed_over = tuple(sorted(map(str, walked.indexes)))
        self.ignored = walked.ignored

    def devices_with(self, before: Mapping[str, int], roots: Iterable[str]) -> dict[str, int]:
        """Return the file systems of all ``roots``; those of roots not scanned are as ``before``."""
        looked_at = set(self.devices) & set(roots)
        others = [Path(root) for root in roots if root not in looked_at]
        kept = {
            path: device for path, device in before.items() if any(Path(path).is_relative_to(root) for root in others)
        }
        return {**kept, **self.devices}

    def unused_corrections(self, records: Mapping[str, SourceRecord]) -> tuple[str, ...]:
        """Return a message for each entry of a sidecar without a source."""
        ids: dict[str, set[str]] = {root: set() for root, one in self.sidecars.items() if one.entries}
        for source, record in records.items():
            if record.root in ids:
                ids[record.root].update((source, *record.document_ids))
        return tuple(said for root, known in ids.items() for said in self.sidecars[root].unused(known))

    def unusable_corrections(self) -> list[tuple[str, str]]:
        """Return the name of each correction file that could not be used, entirely or in part, and the reason."""
        return [one for root in sorted(self.sidecars) for one in sorted(self.sidecars[root].failed.items())]


def sources_below(
    root: str, options: RootOptions, index: Path | None, walked: Walked | None = None
) -> Iterator[Source | UnreadableSource]:
    """Yield the sources below a root of an index, as ``find_sources`` does with the options of the root.

    Raises ``InputError``, which states how to continue, when the root does not exist.
    """
    if not os.path.lexists(root):
        raise gone_root(root)
    yield from find_sources(
        Path(root),
        follow_links=options.follow_links,
        include=options.include,
        exclude=options.exclude,
        index=index,
        walked=walked,
    )


def gone_root(root: str) -> InputError:
    """Return the error that a root of the index does not exist."""
    return InputError(
        f"'{root}' no longer exists. If something is not mounted there, mount it. If it was moved, keep its documents "
        f"with: policysearch index --moved '{root}' NEW. If it was deleted, remove it from the index with: "
        f"policysearch index --remove '{root}'"
    )


def sidecars_of(root: str, options: RootOptions) -> Sidecars:
    """Return the corrections below a root; a root that is one file has none."""
    path = Path(root)
    return load_sidecars(path, follow_links=options.follow_links) if path.is_dir() else Sidecars()
