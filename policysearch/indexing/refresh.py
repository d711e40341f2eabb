"""Refreshing an index: detects new, changed and deleted sources, and reports on every source."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import closing, suppress
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

from policysearch.citation.versions import version_groups_after
from policysearch.engines.protocol import Engine, ResumableStore, Store
from policysearch.errors import IndexUnusableError, InputError, NoAnswerError, PolicySearchError
from policysearch.frozen import replace
from policysearch.indexing.account import Account, SourceAccount, account_of
from policysearch.indexing.building import Job, Outcome, build, corrections_of, is_as_read, still_valid
from policysearch.indexing.collections import ReadRecord
from policysearch.indexing.duplicates import duplicates_in
from policysearch.indexing.near_duplicates import (
    NearDuplicate,
    compare_again,
    may_be_near,
    near_duplicates_among,
    shared_hashes,
)
from policysearch.indexing.progress import Progress
from policysearch.indexing.records import (
    Known,
    RootOptions,
    known_state,
    made_by,
    move_roots,
    plain_options,
    refuse_other_account,
    salvaged_state,
)
from policysearch.indexing.scanning import Scan, gone_root
from policysearch.indexing.source_records import SourceRecord
from policysearch.indexing.vanished import Loss, losses, moved_sources, refuse, too_many
from policysearch.sources.finding import Source, UnreadableSource
from policysearch.text.dictionary import UserWord, clear_cache, dictionary_fingerprint, keep_words, load_dictionary

__all__ = ["refresh"]

MOST_SECONDS = 1_000_000
"""Maximum time limit for reading a source, which every timer accepts."""


def refresh(
    store: Store,
    roots: Sequence[Path] = (),
    *,
    remove: Sequence[Path] = (),
    rebuild: bool = False,
    again: Collection[str] = (),
    jobs: int = 1,
    options: RootOptions | None = None,
    user_words: Iterable[UserWord] | None = None,
    wait_seconds: float = 10.0,
    waiting: Callable[[str], None] | None = None,
    seconds: float = 300.0,
    noticed: Callable[[str], None] | None = None,
    progress: Callable[[Progress], None] | None = None,
    allow_removals: bool = False,
    moved: Sequence[tuple[Path, Path]] = (),
    compare: Callable[[frozenset[str]], tuple[NearDuplicate, ...]] | None = None,
) -> Account:
    """Refresh the index from its sources; return a report on every source.

    If the store keeps checkpoints, an interrupted build is resumed: finished
    tasks are kept when their inputs are unchanged.

    Args:
        store: The store of the index.
        roots: Folders or files to add or refresh; empty for all roots of the index.
        remove: Roots to remove, with all their documents.
        rebuild: Whether to read every source again, changed or not.
        again: Ids of sources to read again, changed or not.
        jobs: Number of worker processes.
        options: Options for reading the sources of ``roots``; None for those of the previous run.
        user_words: Words to add to the dictionary; None for those of the index.
        wait_seconds: Maximum time to wait for the index lock.
        waiting: Called once with the holder of the lock before a wait.
        seconds: Time limit for reading one source.
        noticed: Called with a sentence when a worker is killed, when an interrupted build is resumed, and when this
            one is interrupted.
        progress: Called with the progress of the update, at least twice a second while sources are read in other
            processes.
        allow_removals: Whether a root may lose more than half of its documents, and more than ten, or all that were
            on a file system that is no longer mounted.
        moved: Old and new path of a root, or of a folder with roots; these are refreshed too.
        compare: Called with ids of documents of the published generation, if they could not be compared before it was
            published; returns those that are near-duplicates. None not to report any.

    Raises:
        InputError: A root does not exist, two roots have sources with the same id, too many documents would be
            removed, or a time limit is out of range.
        IndexUnusableError: Another process writes the index, or it is of another version.
        PolicySearchError: The index cannot be written; it is unchanged.
    """
    if not 0 < seconds <= MOST_SECONDS:
        raise InputError(
            f"The time limit of a source must be above 0 and at most {MOST_SECONDS:,} seconds, not {seconds}."
        )
    clear_cache()
    with store.lock(wait_seconds, waiting):
        generation, duplicates, known = _current(store, rebuild, bool(roots))
        roots = [*roots, *(new for old, now in moved for new in move_roots(known, old, now))]
        update = _Update(store, generation, duplicates, known, rebuild, user_words, seconds, allow_removals)
        try:
            removed = update.choose(roots, remove, options, again, moved=bool(moved))
            if progress:
                progress(Progress("looking"))
            scan = Scan(update.scanned, update.records, store.folder)
            account = update.run(scan, removed, jobs, noticed, progress)
        except Exception:
            raise
        except BaseException:  # an interrupt
            if noticed:
                noticed(update.after_interrupt())
            raise
        if compare is None:
            return account
        near = update.near
        if near is None:
            near = compare(may_be_near(update.records, update.duplicates))
        return replace(account, near_duplicates=tuple(near))


def _current(store: Store, rebuild: bool, named: bool) -> tuple[int, Mapping[str, str], Known]:
    """Return the number of the published generation, 0 without one, its duplicates, and its source manifest.

    For a rebuild, an unusable index counts as none; its roots are salvaged as
    far as possible, unless they are ``named``.
    """
    try:
        current = store.current()
        if current is None:
            return 0, {}, Known()
        known = known_state(current[1])
        refuse_other_account(current[0], known)
        return current[0]["generation"], current[0]["duplicates"], known
    except IndexUnusableError as error:
        # a cluster that does not respond may have roots that were not named
        if not rebuild or isinstance(error, NoAnswerError):
            raise
        if named:
            return 0, {}, Known()
        description, states = store.salvage()
        if description is not None:
            reading: dict[str, Any] = {path: {} for path in description.get("roots", ())}
            reading.update(description.get("reading", {}))
            states = [*states, {"roots": reading, **description.get("analysis", {})}]
        known = salvaged_state(states)
        if not known.roots:
            raise IndexUnusableError(
                f"{error} Its roots are unknown; name them, as in: policysearch index --rebuild FOLDER"
            ) from error
        return 0, {}, known


class _Update:
    """One update of an index, from its source manifest to the published generation.

    Attributes:
        records: The record of each source, by id; changed during the update.
        duplicates: The first document with the same text for each of those that repeat one, after the update.
        near: The near-duplicates after the update; None if they are unknown.
        scanned: The roots to scan, once they are chosen.
    """

    def __init__(
        self,
        store: Store,
        generation: int,
        duplicates: Mapping[str, str],
        known: Known,
        rebuild: bool,
        user_words: Iterable[UserWord] | None,
        seconds: float,
        allow_removals: bool,
    ) -> None:
        self._store = store
        self._generation = generation
        self._seconds = seconds
        self._allow_removals = allow_removals
        self._roots = known.roots
        self._roots_before = dict(known.roots)
        self._devices = known.devices
        self.records = known.records
        self.duplicates = self._duplicates_before = duplicates
        self.scanned: Mapping[str, RootOptions] = {}
        self._documents_before = Counter[str]()  # of each root
        for record in self.records.values():
            self._documents_before[record.root] += len(record.documents)
        self._skipped_before = _skipped(self.records)
        self._dropped: dict[str, str] = {}  # removed or replaced documents, with their roots
        self._emptied: list[str] = []  # sources that had documents before, and have none now
        self._moved = False
        self._publishing = False
        self._again: set[str] = set()  # sources to read again, changed or not
        self._user_words = sorted(set(user_words)) if user_words is not None else known.user_words
        self._fingerprint = dictionary_fingerprint(self._user_words)
        self._made_by = made_by(self._fingerprint)
        # sources read or tokenized by another version are read again
        self._fresh = rebuild or known.made_by != self._made_by
        self.near: Sequence[NearDuplicate] | None = None if self._fresh else known.near
        self._versions = None if self._fresh else known.versions
        self._changes: list[tuple[SourceRecord | None, SourceRecord]] = []  # records before and after
        self._differs = self._fresh or generation == 0  # from the published generation
        # the conditions under which an interrupted build can be resumed
        self._conditions: dict[str, Any] = {"made_by": self._made_by, "rebuild": rebuild}

    # choosing roots

    def choose(
        self,
        roots: Sequence[Path],
        remove: Sequence[Path],
        options: RootOptions | None,
        again: Collection[str],
        *,
        moved: bool,
    ) -> set[str]:
        """Choose the roots to scan, and return those to remove; ``moved``: whether some are new paths."""
        self._moved = moved
        removed = {self._known_root(path) for path in remove}
        wanted = self._wanted(roots, remove, options)
        for path in removed:
            del self._roots[path]
        self._roots.update(wanted)
        self.scanned = self._roots if self._fresh else wanted
        self._again.update(again)
        self._conditions["again"] = sorted(again)
        self._conditions["roots"] = {path: plain_options(self._roots[path]) for path in self.scanned}
        self._conditions["removed"] = sorted(removed)
        return removed

    def _known_root(self, path: Path) -> str:
        for form in (str(path.resolve()), str(path)):
            if form in self._roots:
                return form
        known = ", ".join(f"'{root}'" for root in self._roots) or "none"
        raise InputError(f"'{path}' is not a root of this index. Its roots: {known}.")

    def _wanted(
        self, roots: Sequence[Path], remove: Sequence[Path], options: RootOptions | None
    ) -> dict[str, RootOptions]:
        """Return the roots to scan with their options; a root whose options changed is read again completely."""
        wanted: dict[str, RootOptions] = {}
        if not roots and not remove:
            wanted = {name: options or before for name, before in self._roots.items()}
        for path in roots:
            if not path.exists() and str(path.resolve()) in self._roots:
                raise gone_root(str(path.resolve()))
            if not path.exists():
                raise InputError(f"There is no file or folder '{path}'. Give an existing one.")
            name = str(path.resolve())
            wanted[name] = options or self._roots.get(name, RootOptions())
        other = {name for name, chosen in wanted.items() if not chosen.reads_as(self._roots.get(name, chosen))}
        self._again.update(source for source, record in self.records.items() if record.root in other)
        return wanted

    # running the update

    def run(
        self,
        scan: Scan,
        removed_roots: Collection[str],
        jobs: int,
        noticed: Callable[[str], None] | None,
        progress: Callable[[Progress], None] | None,
    ) -> Account:
        """Read new and changed sources, publish, and return the report."""
        accounts = self._remove_gone(scan, removed_roots)
        work = [job for one in scan.found.values() if (job := self._job(scan, one)) is not None]
        for source, one in scan.found.items():
            if isinstance(one, UnreadableSource):
                accounts[source] = self._replace(source, SourceRecord(scan.root_of[source], reason=one.reason))
        done, work = self._resume(scan, work, noticed)
        sink = partial(self._store.sink, fresh=self._fresh)
        built = build(work, sink, self._checkpoint, self._user_words, jobs, self._seconds, noticed, progress)
        receipts = []
        for receipt, results in chain(done, built):
            if receipt is not None:
                receipts.append(receipt)
            for source, record in results:
                accounts[source] = self._replace(source, record)
        if progress:
            progress(Progress("writing"))
        for source in scan.found:
            if source not in accounts:
                accounts[source] = account_of(source, "unchanged", self.records[source], self.records[source])
        return self._finish(scan, receipts, accounts, jobs)

    def _remove_gone(self, scan: Scan, removed_roots: Collection[str]) -> dict[str, SourceAccount]:
        """Remove deleted sources, and return their outcomes.

        Raises ``InputError`` when these are implausibly many.
        """
        if not self._allow_removals:
            for loss in losses(self.records, scan.found, tuple(scan.roots), self._devices):
                raise refuse(loss)
        moved = moved_sources(self.records, scan.found)
        gone = [
            source
            for source, record in self.records.items()
            if record.root in removed_roots or (record.root in scan.roots and source not in scan.found)
        ]
        for source in gone:
            record = self.records.pop(source)
            self._drop(record, moved=source in moved)
            self._note(source, record, SourceRecord(record.root))
        return {source: SourceAccount(source, "removed") for source in gone}

    def _replace(self, source: str, record: SourceRecord) -> SourceAccount:
        """Replace the record of a source, and return the outcome."""
        before = self.records.get(source)
        self._drop(before, record.gone if isinstance(record, ReadRecord) else None)
        self.records[source] = record
        if before is not None and before.documents and not record.documents and record.reason is None:
            self._emptied.append(source)
        state = "changed" if before is not None and before.documents else "added"
        return account_of(source, state if self._note(source, before, record) else "unchanged", record, before)

    def _note(self, source: str, before: SourceRecord | None, record: SourceRecord) -> bool:
        """Note the records of a source, and return whether they differ; one that failed may be read again in vain."""
        self._changes.append((before, record))
        differ = self._fresh or source in self._again or before is None or not before.says_the_same(record)
        self._differs = self._differs or differ
        return differ

    def _drop(self, record: SourceRecord | None, gone: Sequence[str] | None = None, *, moved: bool = False) -> None:
        """Drop documents of a source, all of them without ``gone``; those of a ``moved`` one do not count as losses."""
        if record is not None:
            gone = record.document_ids if gone is None else gone
            self._dropped.update(dict.fromkeys(gone, "" if moved else record.root))

    def _job(self, scan: Scan, one: Source | UnreadableSource) -> Job | None:
        """Return the job of a source, or None when it has not changed."""
        if isinstance(one, UnreadableSource):
            return None
        root = scan.root_of[one.source_id]
        record = self.records.get(one.source_id)
        sidecars = scan.sidecars[root]
        failed = record is not None and record.reason is not None
        same = record is not None and not self._fresh and one.source_id not in self._again
        before = record if record and same and record.corrections == corrections_of(sidecars, record) else None
        if before is not None and not failed and is_as_read(one, before, self._seconds):
            return None
        return Job(one._replace(root=Path(root)), self._roots[root], sidecars, failed, before)

    def _resume(
        self, scan: Scan, work: list[Job], noticed: Callable[[str], None] | None
    ) -> tuple[list[Outcome], list[Job]]:
        """Return the jobs that an interrupted build has finished, and those left to do."""
        store = self._store
        if not isinstance(store, ResumableStore):
            return [], work
        jobs = {job.source.source_id: job for job in work}
        done = [
            (receipt, results)
            for receipt, outcome in store.unfinished_tasks(self._conditions, self._fresh)
            if (results := still_valid(outcome, jobs, self._seconds)) is not None
        ]
        if not done:
            return [], work
        written = {source for _, results in done for source, _ in results}
        overwritten = set(store.resume([receipt for receipt, _ in done]))
        for source, record in self.records.items():
            if source in scan.found and source not in jobs and not overwritten.isdisjoint(record.document_ids):
                self._again.add(source)
                job = self._job(scan, scan.found[source])
                jobs.update({source: job} if job else {})
        if noticed:
            noticed(f"Resuming the interrupted build: {len(written):,} of {len(jobs):,} sources are written.")
        return done, [jobs[source] for source in scan.found if source in jobs and source not in written]

    def _checkpoint(self, receipt: Any, outcome: Any) -> None:
        if isinstance(self._store, ResumableStore):
            self._store.checkpoint(receipt, outcome)

    # publishing

    def _finish(self, scan: Scan, receipts: Sequence[Any], accounts: Mapping[str, SourceAccount], jobs: int) -> Account:
        self.duplicates = duplicates_in(self.records)
        totals = Known(records=self.records).totals()
        if (
            self._differs
            or self.duplicates != self._duplicates_before
            or self._moved
            or self._roots != self._roots_before
            or self._skipped_before != _skipped(self.records)
        ):
            self._publish(scan, receipts, jobs)
        return Account(
            self._generation,
            totals["documents"],
            totals["sections"],
            totals["characters"],
            tuple(
                replace(account, duplicate_of=original) if (original := self._duplicate_of(source)) else account
                for source, account in sorted(accounts.items())
            ),
            (
                *(f"{one}: It no longer contains any document." for one in self._emptied),
                *scan.unused_corrections(self.records),
            ),
            scan.passed_over,
            tuple(SourceAccount(name, "failed", reason=reason) for name, reason in scan.unusable_corrections()),
            scan.ignored,
        )

    def _publish(self, scan: Scan, receipts: Sequence[Any], jobs: int) -> None:
        if not self._allow_removals:
            self._refuse_losses(scan.roots)
        keep_words(self._fingerprint, lambda: load_dictionary(self._user_words))
        devices = scan.devices_with(self._devices, self._roots)
        known = Known(self._roots, self.records, self._made_by, self._user_words, devices)
        if self._versions is not None:
            known.versions = version_groups_after(self._versions, self._changed_names(), known.versioned())
        self._publishing = True
        self._generation = self._store.publish(
            receipts,
            set(self._dropped),
            known.description(),
            self.duplicates,
            partial(self._state, known),
            fresh=self._fresh,
            jobs=jobs,
        )

    def _state(self, known: Known, opened: Callable[[], Engine] | None) -> dict[str, Any]:
        """Return the manifest to publish, with the near-duplicates if the new generation can be opened."""
        before, self.near = self.near, None
        if opened is not None:
            shared = shared_hashes(self.records, self.duplicates)
            names = {name for name, _ in shared}
            changed = names if before is None else self._changed(names)
            again, kept = compare_again(shared, changed, before or ())
            # in case of an error they are compared after the publication, which reports it
            with suppress(OSError, PolicySearchError):
                found: Iterable[NearDuplicate] = ()
                if again:
                    with closing(opened()) as engine:
                        found = near_duplicates_among(engine, again)
                self.near = known.near = sorted([*kept, *found])
        return known.to_state()

    def _changed_names(self) -> set[str]:
        """Return the names of laws of which documents were added, changed or removed."""
        changed: set[str] = set()
        for before, after in self._changes:
            held = [set(one.documents.versioned()) if one else set() for one in (before, after)]
            changed.update(version.name for _, version in held[0] ^ held[1])
        return changed

    def _changed(self, names: set[str]) -> set[str]:
        """Return which of some documents are new or have changed, or were duplicates before."""
        changed = {name for name in names if name in self._duplicates_before}
        for before, record in self._changes:
            new = names.intersection(record.document_ids)
            if before is not None and isinstance(record, ReadRecord) and record.gone is not None:
                new -= new.intersection(before.document_ids).difference(record.gone)
            changed |= new
        return changed

    def after_interrupt(self) -> str:
        """Return a sentence on the state of the index after an interrupt of this update."""
        if self._publishing:
            return "Interrupted while it was published: the index is as it was or up to date; see: policysearch info"
        return f"Interrupted: {'the index is as it was' if self._generation else 'no index was built'}."

    def _refuse_losses(self, roots: Collection[str]) -> None:
        """Raise ``InputError`` when too many documents of a root would be removed, for any reason."""
        if not self._dropped:
            return
        kept = {document for record in self.records.values() for document in record.document_ids}
        going: dict[str, list[str]] = {root: [] for root in roots}
        for document, root in self._dropped.items():
            if root in going and document not in kept:
                going[root].append(document)
        for root, lost in going.items():
            before = self._documents_before[root]
            if too_many(len(lost), before):
                raise refuse(Loss(root, tuple(sorted(lost)), len(lost), before))

    def _duplicate_of(self, source: str) -> str | None:
        """Return the document with the same text as the only document of a source."""
        record = self.records.get(source)
        return self.duplicates.get(record.documents[0].document_id) if record and len(record.documents) == 1 else None


def _skipped(records: Mapping[str, SourceRecord]) -> dict[str, tuple[int, int]]:
    """Return the sources without documents, with the sizes and times that identify them."""
    return {source: (one.size, one.mtime_ns) for source, one in records.items() if one.skipped and not one.documents}
