"""The store of an index in a folder, for its single writer."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from functools import partial
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from policysearch.engines.entries import DocumentEntry
from policysearch.engines.whoosh.equal_documents import (
    EqualDocuments,
    equal_documents,
    group_at,
    group_starts,
    groups_of,
    places_of,
)
from policysearch.engines.whoosh.generations import (
    Generation,
    SegmentName,
    make_folder,
    other_equal,
    publish,
    read_current,
    read_state,
    refuse_other_counts,
    salvage_states,
)
from policysearch.engines.whoosh.lock import Lock, locked
from policysearch.engines.whoosh.ownership import generation_numbers, named, refuse_foreign, sweep
from policysearch.engines.whoosh.segment_reader import Segment
from policysearch.errors import IndexUnreadableError, IndexUnusableError, InputError, LimitError
from policysearch.frozen import frozen

if TYPE_CHECKING:
    from policysearch.engines.protocol import Engine
    from policysearch.engines.whoosh.live_segment import LiveSegment
    from policysearch.engines.whoosh.segment_writer import SegmentBuilder

__all__ = ["SegmentSink", "WhooshStore"]

T = TypeVar("T")


@frozen
class SegmentSink:
    """Writes segment files of one task."""

    folder: Path
    prefix: str

    def write(self, entries: Iterable[DocumentEntry]) -> list[SegmentName]:
        """Write the documents as one or more segments; return their names."""
        from policysearch.engines.whoosh.segment_writer import SegmentBuilder  # imports numpy too

        names: list[SegmentName] = []
        builder = SegmentBuilder()
        for entry in entries:
            if not builder.fits(entry):
                names.append(self._write(builder, len(names)))
                builder = SegmentBuilder()
            builder.add(entry)
        if builder.documents:
            names.append(self._write(builder, len(names)))
        return names

    def _write(self, builder: SegmentBuilder, count: int) -> SegmentName:
        name = f"{self.prefix}-{count + 1}.segment"
        return SegmentName(name, *builder.write(self.folder / name))


def _live(folder: Path, name: SegmentName) -> LiveSegment:
    from policysearch.engines.whoosh.live_segment import LiveSegment

    segment = Segment(folder / name.name, name.size, name.seal)
    if segment.file.has("document.first"):
        segment.file.verify("document.first")
    try:
        return LiveSegment(segment, name.removed)
    except IndexError as error:
        raise segment.file.corrupt("its list of deleted documents names others than its own") from error


def _merged_task(folder: Path, groups: Sequence[tuple[SegmentName, ...]], name: str, at: Any = None) -> SegmentName:
    """Merge the segments of the one group of a task, under a name; ``at`` is not used."""
    from policysearch.engines.whoosh.merging import merge_segments

    (group,) = groups
    # opened and closed each time: mapped files count as memory
    return merge_segments([_live(folder, one) for one in group], folder / name)


class WhooshStore:
    """The store of an index in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._generation: Generation | None = None
        self._places: dict[str, tuple[int, int]] = {}  # of its equal documents, by id
        self._lock: Lock | None = None
        self._next = 1
        # no two builds use the same file names, even if a worker of one of them survives it
        self._token = os.urandom(4).hex()

    @contextmanager
    def lock(self, wait: float, waiting: Callable[[str], None] | None = None) -> Iterator[None]:
        """Hold the write lock; the folder is created when missing.

        Raises ``InputError``, without changing anything, when the folder contains anything other than an index.
        """
        try:
            refuse_foreign(self.folder)
            make_folder(self.folder)
            with locked(self.folder, wait, waiting) as self._lock:
                self._sweep(ended=False)
                try:
                    yield
                finally:
                    self._sweep(ended=True)
        except OSError as error:
            named = str(error.filename or "")
            where = named if named.startswith(str(self.folder)) else self.folder
            raise InputError(
                f"Cannot write the index at '{where}': {error.strerror or error}. Its previous contents are unchanged."
            ) from error

    def _sweep(self, *, ended: bool) -> None:
        """Remove the files of interrupted builds; those that cannot be removed now are removed next time.

        Before the first generation is published, files of other builds stay: the folder may not be an index.
        """
        assert self._lock is not None
        own = (self._token,) if ended else ()
        try:
            current = read_current(self.folder) if (self.folder / "CURRENT").exists() else None
        except (IndexUnusableError, LimitError):
            # the only usable generation may be one that another version wrote
            return
        with suppress(OSError):
            if current is None:
                sweep(self.folder, (), (), own)
            else:
                builds = (*self._lock.unfinished, *own)
                sweep(self.folder, {name for name, _, _ in current.files}, current.replaced, builds)
            if ended:
                self._lock.settle(self._token)

    def exists(self) -> bool:
        """Return whether a generation is published."""
        return (self.folder / "CURRENT").exists()

    def current(self) -> tuple[Mapping[str, Any], Any] | None:
        """Return the published description and state."""
        self._generation = None
        self._next = self._unused()
        if not (self.folder / "CURRENT").exists():
            return None
        self._generation, state = self._settled(self._accounted)
        self._next = max(self._next, self._generation.number + 1)
        published = self._generation
        return {**published.description, "generation": published.number, "duplicates": published.duplicates}, state

    def _accounted(self, generation: Generation) -> Any:
        """Return a generation's source manifest; its segments must exist, otherwise nothing can be added to it."""
        refuse_other_counts(self.folder, generation.description, map(self._live, generation.segments))
        opened = [(self._segment(name), name.removed) for name in generation.segments]
        try:
            self._places = places_of(opened, generation.equal, generation.duplicates)
        except ValueError as error:
            raise other_equal(self.folder) from error
        return read_state(self.folder, generation)

    def _settled(self, look: Callable[[Generation], T]) -> tuple[Generation, T]:
        """Return the published generation and the result of ``look`` for it, retrying if it was replaced meanwhile."""
        for _ in range(20):
            generation = read_current(self.folder)
            try:
                return generation, look(generation)
            except IndexUnusableError:
                if read_current(self.folder).number == generation.number:
                    raise
        raise IndexUnusableError(f"The index at '{self.folder}' changes faster than it can be read. Try again later.")

    def salvage(self) -> tuple[Mapping[str, Any] | None, Sequence[Any]]:
        """Return the description and the states that are still readable."""
        try:
            description: Mapping[str, Any] | None = read_current(self.folder).description
        except IndexUnusableError:
            description = None
        return description, salvage_states(self.folder)

    def damage(self) -> tuple[str, ...]:
        """Return a description of each corrupt part of the published generation.

        Raises ``IndexUnreadableError`` when the operating system refuses to read it.
        """
        if not (self.folder / "CURRENT").exists():
            read_current(self.folder)
        try:
            while True:
                generation = read_current(self.folder)
                found = tuple(self._damage(generation))
                if not found or read_current(self.folder).number == generation.number:
                    return found
        except IndexUnreadableError:
            raise
        except IndexUnusableError as error:
            return (str(error),)

    def _equal(
        self, names: Sequence[SegmentName], duplicates: Mapping[str, str], before: Generation | None = None
    ) -> EqualDocuments:
        """Return the equal documents of segments; those of the generation before are not found and compared again."""
        opened = [(self._segment(name), name.removed) for name in names]
        places: dict[str, tuple[int, int]] = {}
        alike: dict[tuple[tuple[int, int], ...], bool] = {}
        if before is not None:
            number_of = {name.name: number for number, name in enumerate(names)}
            now = [number_of.get(name.name, -1) for name in before.segments]  # of each segment before
            places = {
                one: (now[i], at)
                for one, (i, at) in self._places.items()
                if now[i] >= 0 and at not in opened[now[i]][1]
            }
            for joined, same in ((before.equal.alike, True), (before.equal.others, False)):
                groups = (group_at(joined, at) for at in group_starts(joined))
                alike.update({tuple([(now[i], at) for i, at in group]): same for group in groups})
        try:
            found = groups_of(opened, duplicates, places)
        except ValueError as error:  # the source manifest has other documents
            raise other_equal(self.folder) from error
        return equal_documents([segment for segment, _ in opened], found, alike)

    def _damage(self, generation: Generation) -> Iterator[str]:
        damages = 0
        for damage in self._damage_of_segments(generation):
            damages += 1
            yield damage
        try:
            if not damages and self._equal(generation.segments, generation.duplicates) != generation.equal:
                raise other_equal(self.folder)
            read_state(self.folder, generation)
        except IndexUnreadableError:
            raise
        except IndexUnusableError as error:
            yield str(error)

    def _damage_of_segments(self, generation: Generation) -> Iterator[str]:
        for name in generation.segments:
            try:
                segment = self._segment(name)
            except IndexUnreadableError:
                raise
            except IndexUnusableError as error:
                yield str(error)
                continue
            broken = list(segment.file.broken_regions())
            if broken:
                yield str(segment.file.corrupt(f"its checksums are wrong ({', '.join(broken)})"))
            if any(number >= segment.documents for number in name.removed):
                yield str(segment.file.corrupt("its list of deleted documents names others than its own"))

    def _unused(self) -> int:
        """Return a number that no generation with remaining files has."""
        return 1 + max(generation_numbers(self.folder), default=0)

    def sink(self, task: int, fresh: bool) -> SegmentSink:
        """Return a sink with file names of its own."""
        self._note()
        return SegmentSink(self.folder, f"{self._next:06d}-{self._token}-{task:04d}")

    def _note(self) -> None:
        assert self._lock is not None
        self._lock.note(self._token)

    def publish(
        self,
        receipts: Sequence[Any],
        removed: Collection[str],
        description: Mapping[str, Any],
        duplicates: Mapping[str, str],
        state: Callable[[Callable[[], Engine]], Any],
        fresh: bool,
        jobs: int = 1,
    ) -> int:
        """Publish a new generation."""
        self._note()
        before = self._generation
        there = named(self.folder) if before is None else [*before.files, *before.replaced]
        kept = () if before is None or fresh else self._without(before.segments, removed)
        new = tuple(
            sorted((one for receipt in receipts for one in receipt), key=lambda one: one.name)
        )  # tasks end in any order
        segments = self._merged(kept, new, jobs)
        equal = self._equal(segments, duplicates, None if fresh else before)
        keep = {segment.name for segment in segments}
        replaced = tuple(file for file in there if file[0] not in keep and (self.folder / file[0]).exists())
        generation = Generation(self._next, segments, description, duplicates, equal, replaced=replaced)
        refuse_other_counts(self.folder, description, map(self._live, generation.segments))
        made = state(partial(self._opened, generation))
        self._generation = publish(self.folder, generation, made, self._token)
        self._places = {}
        self._next += 1
        return self._generation.number

    def _opened(self, generation: Generation) -> Engine:
        from policysearch.engines.whoosh.engine import WhooshEngine

        return WhooshEngine(self.folder, generation)

    def _merged(
        self, kept: tuple[SegmentName, ...], new: tuple[SegmentName, ...], jobs: int
    ) -> tuple[SegmentName, ...]:
        """Return the segments after merging."""
        segments = (*kept, *new)
        if len(segments) < 2 and not any(name.removed for name in segments):
            return segments
        from policysearch.engines.whoosh.merging import processes_for, size_of, to_merge

        sizes = [size_of(self._live(name)) for name in segments]
        chosen = to_merge(sizes, [name.name for name in new])
        groups = [tuple(name for name in segments if name.name in group) for group in chosen]
        made: dict[tuple[SegmentName, ...], SegmentName] = {}
        number = 1
        if (processes := min(jobs, processes_for(sizes, chosen))) > 1:
            made = dict(self._merged_by(processes, groups))
            number += len(groups)
        for group in groups:  # here, in one process or where a worker process died
            if group not in made:
                made[group] = _merged_task(self.folder, [group], self._merged_name(number))
                number += 1
        gone = {name for group in groups for name in group}
        return (*(name for name in segments if name not in gone), *(made[group] for group in groups))

    def _merged_by(
        self, processes: int, groups: Sequence[tuple[SegmentName, ...]]
    ) -> Iterator[tuple[tuple[SegmentName, ...], SegmentName]]:
        """Yield each group and the name of its segment, which worker processes write."""
        from policysearch.parallel.workers import Ended, run_tasks

        merging = run_tasks(
            partial(_merged_task, self.folder),
            [[group] for group in groups],
            prepared=self._merged_name,
            processes=processes,
            seconds=inf,
        )
        with closing(merging):
            yield from ((one.items[0], one.outcome) for one in merging if isinstance(one, Ended))

    def _merged_name(self, number: int) -> str:
        return f"{self._next:06d}-{self._token}-merged-{number}.segment"

    def _segment(self, name: SegmentName) -> Segment:
        return Segment(self.folder / name.name, name.size, name.seal)

    def _live(self, name: SegmentName) -> LiveSegment:
        return _live(self.folder, name)

    def _without(self, segments: Sequence[SegmentName], removed: Collection[str]) -> tuple[SegmentName, ...]:
        """Return the segments without some documents; empty segments are dropped."""
        if not removed:
            return tuple(segments)
        kept = []
        for name in segments:
            segment = self._segment(name)
            for region in ("document.prefix", "document.id", "document.id.offsets"):
                segment.file.verify(region)  # in a corrupt list the old text would not be found, and would stay
            gone = set(name.removed)
            gone.update(n for document_id in removed if (n := segment.find_document(document_id)) is not None)
            if len(gone) < segment.documents:
                kept.append(SegmentName(name.name, name.size, name.seal, tuple(sorted(gone))))
        return tuple(kept)
