"""Sources to an index: what is new, changed and gone since last time, and an account of every source."""

from __future__ import annotations

import hashlib
import os
import signal
import threading
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, field, fields, replace
from functools import lru_cache, partial
from itertools import chain
from pathlib import Path
from types import FrameType
from typing import Any

from policysearch.documents import sections
from policysearch.documents.document import FailedDocument, documents_in
from policysearch.documents.metadata.corrections import Sidecars, load_sidecars
from policysearch.documents.removals import RemovedCount, add_counts, count_removed, notable_rules
from policysearch.engines.entries import DocumentEntry, enter
from policysearch.engines.protocol import MOST_SECTIONS, ResumableStore, Sink, Store
from policysearch.errors import (
    IndexUnusableError,
    InputError,
    NoAnswerError,
    PolicySearchError,
    SourceError,
    raise_if_limit,
)
from policysearch.files.regular import digest, open_regular
from policysearch.gazetteer import places
from policysearch.indexing.shapes import shaped
from policysearch.indexing.vanished import Loss, losses, moved_sources, refuse, too_many
from policysearch.parallel.workers import Lost, run_tasks, took_too_long
from policysearch.sources.finding import Source, UnreadableSource, Walked, find_sources
from policysearch.sources.readers import LARGEST, READER_VERSIONS, content
from policysearch.text.analyzer import Analyzer
from policysearch.text.dictionary import (
    UserWord,
    clear_cache,
    fingerprint,
    keep_words,
    load,
    refuse_unusable,
)
from policysearch.text.folding import reduce

__all__ = [
    "Account",
    "Known",
    "SourceAccount",
    "SourceRecord",
    "known_state",
    "made_by",
    "refresh",
    "text_hash",
]

MOST_SECONDS = 1_000_000
"""How long the reading of a source may be allowed to take: no clock can be set to much more."""

_TASK_BYTES = 8_000_000
_PLAIN = frozenset({".txt", ".text", ".md", ".markdown", ".csv", ".tsv", ".tab", ".json", ".jsonl", ".ndjson"})
_ONE_PROCESS_BYTES = 1_500_000  # up to this, starting workers takes longer than the work


@dataclass(frozen=True, slots=True)
class SourceAccount:
    """What became of one source.

    Attributes:
        source: Its id.
        state: added, changed, unchanged, removed or failed.
        documents: How many documents it gave.
        sections: How many sections these have.
        encoding: Its character encoding, where it has one.
        confidence: How sure that is, 0 to 1, where it was guessed.
        duplicate_of: Id of the document that its only document repeats.
        reason: Why it, or a record in it, could not be read; None when all could.
        removed: What each rule left out of it: pieces, characters, and long lines that are nowhere else.
        notable: Those of the rules that should be looked at: they took more than 2 % of it, or such a line,
            and are not navigation, page mark or footer.
    """

    source: str
    state: str
    documents: int = 0
    sections: int = 0
    encoding: str | None = None
    confidence: float | None = None
    duplicate_of: str | None = None
    reason: str | None = None
    removed: Mapping[str, RemovedCount] = field(default_factory=dict)
    notable: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as plain values, fit for JSON."""
        return {**asdict(self), "removed": _plain_counts(self.removed)}


def _plain_counts(counts: Mapping[str, RemovedCount]) -> dict[str, dict[str, int]]:
    return {rule: count._asdict() for rule, count in counts.items()}


@dataclass(frozen=True, slots=True)
class Account:
    """What a run of ``refresh`` did.

    Attributes:
        generation: The number of the published generation.
        documents: How many documents the index has now.
        sections: How many sections.
        characters: How many characters their texts have.
        sources: Every source of the roots that were looked at, in order of ids, and those removed.
        unusable: Files of corrections that could not be used, whole or in part; their ``reason`` says why.
        notes: What is odd about the folders without being an error: corrections for a source that is not there.
        passed_over: Folders below the roots that hold an index of this program, and so no sources.
    """

    generation: int
    documents: int
    sections: int
    characters: int
    sources: tuple[SourceAccount, ...]
    notes: tuple[str, ...] = ()
    passed_over: tuple[str, ...] = ()
    unusable: tuple[SourceAccount, ...] = ()

    @property
    def failed(self) -> tuple[SourceAccount, ...]:
        """The sources and corrections that could not be read, whole or in part."""
        return tuple(source for source in (*self.sources, *self.unusable) if source.reason is not None)

    @property
    def removed(self) -> dict[str, RemovedCount]:
        """What each rule left out of these sources, the largest amount first."""
        return add_counts(source.removed for source in self.sources)

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as plain values, fit for JSON."""
        return {
            **asdict(self),
            "sources": [source.to_dict() for source in self.sources],
            "unusable": [source.to_dict() for source in self.unusable],
            "removed": _plain_counts(self.removed),
        }


@dataclass(frozen=True, slots=True)
class RootOptions:
    """How the sources of a root are read; kept with the index, so that a refresh reads them the same way."""

    encoding: str | None = None
    text_field: str | None = None
    follow_links: bool = False


@dataclass(slots=True)
class SourceRecord:
    """What the index remembers of a source, as kept in its state."""

    root: str
    size: int = -1
    mtime_ns: int = -1
    sha256: str | None = None
    encoding: str | None = None
    confidence: float | None = None
    reason: str | None = None
    corrections: str = ""  # fingerprint of what sidecars say of its documents
    removed: dict[str, RemovedCount] = field(default_factory=dict)
    # of each document: id, number of sections, of characters, of bytes, hash of the reduced text
    documents: list[tuple[str, int, int, int, str]] = field(default_factory=list)


_OF_RECORD = tuple(f.name for f in fields(SourceRecord))


def _plain_record(record: SourceRecord) -> dict[str, Any]:
    # asdict would copy every list, and take many times as long
    return {name: getattr(record, name) for name in _OF_RECORD}


@dataclass(slots=True)
class Known:
    """What an index remembers of its sources.

    Attributes:
        roots: How the sources of each root are read.
        records: Every source by its id.
        made_by: What the index depends on besides its sources.
        user_words: Words added to the dictionary.
        devices: The file system that each root was on, and each folder that another one was mounted on.
    """

    roots: dict[str, RootOptions] = field(default_factory=dict)
    records: dict[str, SourceRecord] = field(default_factory=dict)
    made_by: Any = None
    user_words: list[UserWord] = field(default_factory=list)
    devices: dict[str, int] = field(default_factory=dict)

    def totals(self) -> dict[str, int]:
        """Return how much of what the documents have together."""
        documents = [d for record in self.records.values() for d in record.documents]
        return {
            "documents": len(documents),
            "sections": sum(d[1] for d in documents),
            "characters": sum(d[2] for d in documents),
            "bytes": sum(d[3] for d in documents),
        }

    def description(self) -> dict[str, Any]:
        """Return what of it is published beside the segments, fit for JSON."""
        return {
            **self.totals(),
            "analysis": {"fingerprint": self.made_by["analysis"], "user_words": [list(one) for one in self.user_words]},
            "made_by": self.made_by,
            "roots": list(self.roots),
            "reading": {path: asdict(options) for path, options in self.roots.items() if options != RootOptions()},
            "failed": sum(record.reason is not None for record in self.records.values()),
        }

    def to_state(self) -> dict[str, Any]:
        """Return it as plain values, fit for JSON."""
        return {
            "made_by": self.made_by,
            "roots": {path: asdict(options) for path, options in self.roots.items()},
            "user_words": self.user_words,
            "devices": self.devices,
            "sources": {source: _plain_record(record) for source, record in sorted(self.records.items())},
        }


def known_state(state: Any) -> Known:
    """Return what a published state says. Raises ``IndexUnusableError`` when it is none."""
    try:
        parts = {name: state[name] for name in ("roots", "made_by", "user_words", "devices")}
        known = shaped(Known, {**parts, "records": state["sources"]})
        refuse_unusable(known.user_words)
        for path in (*known.roots, *known.devices):
            _refuse_relative(path)
        if not {record.root for record in known.records.values()} <= known.roots.keys():
            raise ValueError("a source of no root")
        if any(min(d[1:4]) < 0 for record in known.records.values() for d in record.documents):
            raise ValueError("a document of less than nothing")
        return known
    except (KeyError, TypeError, ValueError) as error:
        raise senseless_account() from error


def refuse_other_account(description: Mapping[str, Any], known: Known) -> None:
    """Raise ``IndexUnusableError`` when an account of sources is not what an index was described by."""
    try:
        described = known.description()
    except (KeyError, TypeError) as error:
        raise senseless_account() from error
    if any(description.get(name) != one for name, one in described.items()):
        raise senseless_account()


def senseless_account() -> IndexUnusableError:
    """Return the error that an account of sources cannot be that of its index."""
    return IndexUnusableError(
        "The index's account of its sources makes no sense. Build it again with: policysearch index --rebuild FOLDER"
    )


def _refuse_relative(path: str) -> None:
    """Raise ``ValueError`` for what cannot be where a root is."""
    if not os.path.isabs(path) or b"\0" in os.fsencode(path):
        raise ValueError(f"'{path}' is no root")


def _salvaged(accounts: Iterable[Any]) -> Known:
    """Return the roots that the first of these accounts says that says any; they may be of any format."""
    options = {f.name for f in fields(RootOptions)}
    for account in accounts:
        try:
            roots = {
                path: {name: value for name, value in given.items() if name in options}
                for path, given in account["roots"].items()
            }
            known = shaped(Known, {"roots": roots, "user_words": account.get("user_words", [])})
            refuse_unusable(known.user_words)
            for path in known.roots:
                _refuse_relative(path)
        except (KeyError, TypeError, ValueError, AttributeError):
            continue
        if roots:
            return known
    return Known()


@dataclass(frozen=True, slots=True)
class _Job:
    source: Source
    options: RootOptions
    sidecars: Sidecars
    failed: bool  # when it was read last


_Outcome = tuple[Any, list[tuple[str, SourceRecord]]]
"""Of a task: its receipt, None when it stored nothing, and what became of each source."""


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
    progress: Callable[[int, int], None] | None = None,
    allow_removals: bool = False,
) -> Account:
    """Bring the index up to date with its sources and return an account of every source.

    Where the store keeps notes, a build that was ended is gone on with: what
    its finished tasks stored is kept as far as the same build would store it
    now.

    Args:
        store: Where the index is.
        roots: Folders or files to add or refresh; without any, all that the index knows.
        remove: Roots to take out, with all their documents.
        rebuild: Read every source anew, whether it changed or not.
        again: Ids of sources to read anew, whether they changed or not.
        jobs: How many processes read and cut.
        options: How to read the sources of ``roots``; None for as last time.
        user_words: Words to add to the dictionary; None for those the index has.
        wait_seconds: How long to wait for another writer.
        waiting: Called once with the name of the other writer.
        seconds: How long the reading of one source may take.
        noticed: Told when a process that reads is ended from outside, and when a build that was ended is gone on with.
        progress: Called now and then with the bytes read so far and in all.
        allow_removals: Whether a root may lose more than half of its documents, and more than ten, or all that was on
            a file system that is no longer mounted.

    Raises:
        InputError: A root does not exist, two roots have sources with the same id, too many documents would go, or
            there is no such time.
        IndexUnusableError: Another process writes the index, or it is of another version.
        PolicySearchError: The index cannot be written; it is as it was.
    """
    if not 0 < seconds <= MOST_SECONDS:
        raise InputError(f"A source can have up to {MOST_SECONDS:,} seconds to be read in, not {seconds}.")
    clear_cache()
    with store.lock(wait_seconds, waiting):
        refresher = _Refresh(store, roots, rebuild, user_words, seconds, allow_removals)
        refresher.forget(again)
        return refresher.run(roots, remove, options, jobs, noticed, progress)


class _Refresh:
    def __init__(
        self,
        store: Store,
        roots: Sequence[Path],
        rebuild: bool,
        user_words: Iterable[UserWord] | None,
        seconds: float,
        allow_removals: bool,
    ) -> None:
        self._seconds = seconds
        self._store = store
        self._allow_removals = allow_removals
        self._known_sidecars: dict[str, Sidecars] = {}
        self._walked = Walked()
        self._generation, known = _known(store, rebuild, bool(roots))
        self._roots = known.roots
        self._records = known.records
        self._devices = known.devices
        self._held = Counter[str]()  # documents of each root, as they were
        for record in self._records.values():
            self._held[record.root] += len(record.documents)
        self._dropped: dict[str, str] = {}  # documents that go or are replaced, and their roots
        self._user_words = sorted(set(user_words)) if user_words is not None else known.user_words
        self._fingerprint = fingerprint(self._user_words)
        self._made_by = made_by(self._fingerprint)
        # what another version read or cut is read and cut again
        self._fresh = rebuild or known.made_by != self._made_by
        # what a build that was ended must have in common with this one, to be gone on with
        self._conditions: dict[str, Any] = {"made_by": self._made_by, "rebuild": rebuild}

    def forget(self, sources: Collection[str]) -> None:
        """Have these sources read again, as they look now."""
        self._conditions["again"] = sorted(sources)
        for source in sources:
            if source in self._records:
                self._records[source].size = -1

    def run(
        self,
        roots: Sequence[Path],
        remove: Sequence[Path],
        options: RootOptions | None,
        jobs: int,
        noticed: Callable[[str], None] | None,
        progress: Callable[[int, int], None] | None,
    ) -> Account:
        removed_roots = {self._known_root(path) for path in remove}
        wanted = self._wanted(roots, remove, options)
        for path in removed_roots:
            del self._roots[path]
        self._roots.update(wanted)
        scanned = self._roots if self._fresh else wanted
        found = self._scan(scanned)
        for root in scanned:
            self._sidecars(root)
        accounts: dict[str, SourceAccount] = {}
        if not self._allow_removals:
            for loss in losses(self._records, found, tuple(scanned), self._devices):
                raise refuse(loss)
        moved = moved_sources(self._records, found)
        gone = [
            source
            for source, record in self._records.items()
            if record.root in removed_roots or (record.root in scanned and source not in found)
        ]
        for source in gone:
            self._drop(self._records.pop(source), moved=source in moved)
            accounts[source] = SourceAccount(source, "removed")
        work = [job for job in map(self._job, found.values()) if job is not None]
        for source, one in found.items():
            if isinstance(one, UnreadableSource):
                self._drop(self._records.pop(source, None))
                self._records[source] = SourceRecord(self._root_of[source], reason=one.reason)
                accounts[source] = SourceAccount(source, "failed", reason=one.reason)
        receipts = []
        sink = partial(self._store.sink, fresh=self._fresh)
        self._conditions["roots"] = {path: asdict(self._roots[path]) for path in scanned}
        self._conditions["removed"] = sorted(removed_roots)
        done, work = self._resume(work, found, noticed)
        built = _build(work, sink, self._checkpoint, self._user_words, jobs, self._seconds, noticed, progress)
        for receipt, results in chain(done, built):
            if receipt is not None:
                receipts.append(receipt)
            for source_id, record in results:
                old = self._records.get(source_id)
                self._drop(old)
                state = (
                    "failed" if not record.documents else "changed" if old is not None and old.documents else "added"
                )
                self._records[source_id] = record
                accounts[source_id] = _account(source_id, state, record)
        for source in found:
            if source not in accounts:
                accounts[source] = _account(source, "unchanged", self._records[source])
        return self._finish(receipts, accounts, scanned)

    def _drop(self, record: SourceRecord | None, *, moved: bool = False) -> None:
        """Let the documents of a source go; those of one that ``moved`` are not lost."""
        if record is not None:
            self._dropped.update(dict.fromkeys((d[0] for d in record.documents), "" if moved else record.root))

    def _refuse_losses(self, roots: Collection[str], documents: Iterable[str]) -> None:
        """Stop when too many documents of a root would go, whatever the reason."""
        kept = set(documents)
        going: dict[str, list[str]] = {root: [] for root in roots}
        for document, root in self._dropped.items():
            if root in going and document not in kept:
                going[root].append(document)
        for root, lost in going.items():
            if too_many(len(lost), self._held[root]):
                raise refuse(Loss(root, tuple(sorted(lost)), len(lost), self._held[root]))

    def _known_root(self, path: Path) -> str:
        for form in (str(path.resolve()), str(path)):
            if form in self._roots:
                return form
        known = ", ".join(f"'{root}'" for root in self._roots) or "none"
        raise InputError(f"'{path}' is no root of this index. It has: {known}.")

    def _wanted(
        self, roots: Sequence[Path], remove: Sequence[Path], options: RootOptions | None
    ) -> dict[str, RootOptions]:
        if not roots:
            known = {} if remove else dict(self._roots)
            if options is not None:
                known = dict.fromkeys(known, options)
            roots_given = known
        else:
            roots_given = {}
            for path in roots:
                if not path.exists():
                    raise InputError(f"There is no file or folder '{path}'. Give an existing one.")
                name = str(path.resolve())
                roots_given[name] = options or self._roots.get(name, RootOptions())
        for name, chosen in roots_given.items():
            if name in self._roots and self._roots[name] != chosen:
                for record in self._records.values():
                    if record.root == name:
                        record.size = -1  # read with other options: read again
        return roots_given

    def _scan(self, roots: Mapping[str, RootOptions]) -> dict[str, Source | UnreadableSource]:
        found: dict[str, Source | UnreadableSource] = {}
        owner: dict[str, str] = {s: r.root for s, r in self._records.items() if r.root not in roots}
        self._root_of: dict[str, str] = {}
        for root in roots:
            follow = roots[root].follow_links
            for one in find_sources(Path(root), follow_links=follow, index=self._store.folder, walked=self._walked):
                other = owner.get(one.source_id)
                if other is not None and other != root:
                    raise InputError(
                        f"The id '{one.source_id}' stands in two roots, '{other}' and '{root}'. "
                        "Rename one of the files, or index a folder above both."
                    )
                owner[one.source_id] = root
                self._root_of[one.source_id] = root
                found[one.source_id] = one
        return dict(sorted(found.items()))

    def _job(self, one: Source | UnreadableSource) -> _Job | None:
        """Return the work that a source makes, None when it is as it was."""
        if isinstance(one, UnreadableSource):
            return None
        root = self._root_of[one.source_id]
        record = self._records.get(one.source_id)
        sidecars = self._sidecars(root)
        if record is not None and record.corrections != corrections_of(sidecars, record):
            record.size = -1
        if record is not None and record.reason is None and not self._fresh and _is_as_read(one, record, self._seconds):
            return None
        failed = record is not None and record.reason is not None
        return _Job(one._replace(root=Path(root)), self._roots[root], sidecars, failed)

    def _resume(
        self,
        work: list[_Job],
        found: Mapping[str, Source | UnreadableSource],
        noticed: Callable[[str], None] | None,
    ) -> tuple[list[_Outcome], list[_Job]]:
        """Return what a build that was ended has done of the work, and what is left to do."""
        store = self._store
        if not isinstance(store, ResumableStore):
            return [], work
        jobs = {job.source.source_id: job for job in work}
        done = [
            (receipt, results)
            for receipt, noted in store.unfinished_tasks(self._conditions, self._fresh)
            if (results := _still_so(noted, jobs, self._seconds)) is not None
        ]
        if not done:
            return [], work
        written = {source for _, results in done for source, _ in results}
        spoilt = set(store.resume([receipt for receipt, _ in done]))
        for source, record in self._records.items():
            if source in found and source not in jobs and not spoilt.isdisjoint(d[0] for d in record.documents):
                record.size = -1
                job = self._job(found[source])
                jobs.update({source: job} if job else {})
        if noticed:
            noticed(f"Going on with the build that was ended: {len(written):,} of {len(jobs):,} sources are written.")
        return done, [jobs[source] for source in found if source in jobs and source not in written]

    def _checkpoint(self, receipt: Any, outcome: Any) -> None:
        if isinstance(self._store, ResumableStore):
            self._store.checkpoint(receipt, outcome)

    def _sidecars(self, root: str) -> Sidecars:
        found = self._known_sidecars.get(root)
        if found is None:
            found = self._known_sidecars[root] = sidecars_of(root, self._roots[root])
        return found

    def _unused_corrections(self) -> tuple[str, ...]:
        """Return a sentence for each entry of a sidecar that names no source."""
        ids: dict[str, set[str]] = {root: set() for root in self._known_sidecars}
        for source, record in self._records.items():
            if record.root in ids:
                ids[record.root].update((source, *(d[0] for d in record.documents)))
        return tuple(said for root, known in ids.items() for said in self._known_sidecars[root].unused(known))

    def _finish(
        self, receipts: Sequence[Any], accounts: Mapping[str, SourceAccount], scanned: Collection[str]
    ) -> Account:
        duplicates = _duplicates(self._records.values())
        totals = Known(records=self._records).totals()
        if (
            receipts
            or self._dropped
            or self._fresh
            or self._generation == 0
            or any(a.state != "unchanged" for a in accounts.values())
        ):
            if not self._allow_removals:
                self._refuse_losses(scanned, (d[0] for record in self._records.values() for d in record.documents))
            keep_words(self._fingerprint, lambda: load(self._user_words))
            known = Known(self._roots, self._records, self._made_by, self._user_words, self._devices_now())
            self._generation = self._store.publish(
                receipts, set(self._dropped), known.description(), duplicates, known.to_state(), fresh=self._fresh
            )
        listed = tuple(
            replace(account, duplicate_of=original)
            if (original := self._duplicate_of(source, duplicates)) is not None
            else account
            for source, account in sorted(accounts.items())
        )
        return Account(
            self._generation,
            totals["documents"],
            totals["sections"],
            totals["characters"],
            listed,
            self._unused_corrections(),
            tuple(sorted(map(str, self._walked.indexes))),
            tuple(
                SourceAccount(name, "failed", reason=reason)
                for root in sorted(self._known_sidecars)
                for name, reason in sorted(self._known_sidecars[root].failed.items())
            ),
        )

    def _devices_now(self) -> dict[str, int]:
        """Return the file systems that the roots are on; of a root that was not looked at, as they were."""
        looked_at = set(self._walked.devices) & set(self._roots)
        others = [Path(root) for root in self._roots if root not in looked_at]
        kept = {
            path: device
            for path, device in self._devices.items()
            if any(Path(path).is_relative_to(root) for root in others)
        }
        return {**kept, **self._walked.devices}

    def _duplicate_of(self, source: str, duplicates: Mapping[str, str]) -> str | None:
        record = self._records.get(source)
        if record is None or len(record.documents) != 1:
            return None
        return duplicates.get(record.documents[0][0])


def _known(store: Store, rebuild: bool, named: bool) -> tuple[int, Known]:
    """Return the published generation's number, 0 when there is none, and what it knows.

    To make an index anew, one that cannot be used counts as none; its roots
    are those it had, as far as they can be known, unless they are ``named``.
    """
    try:
        current = store.current()
        if current is None:
            return 0, Known()
        known = known_state(current[1])
        refuse_other_account(current[0], known)
        return current[0]["generation"], known
    except IndexUnusableError as error:
        # what gives no answer now may know roots that nobody names
        if not rebuild or isinstance(error, NoAnswerError):
            raise
        if named:
            return 0, Known()
        description, states = store.salvage()
        if description is not None:
            reading: dict[str, Any] = {path: {} for path in description.get("roots", ())}
            reading.update(description.get("reading", {}))
            states = [*states, {"roots": reading, **description.get("analysis", {})}]
        known = _salvaged(states)
        if not known.roots:
            raise IndexUnusableError(
                f"{error} What its roots were cannot be known: name them, as in: policysearch index --rebuild FOLDER"
            ) from error
        return 0, known


def made_by(analysis: str) -> dict[str, Any]:
    """Return what the contents of an index depend on besides its sources."""
    return {
        "analysis": analysis,
        "readers": dict(READER_VERSIONS),
        "structure": sections.STRUCTURE_VERSION,
        "places": places.fingerprint(),
    }


def _duplicates(records: Iterable[SourceRecord]) -> dict[str, str]:
    """Return, for each document whose reduced text another one has too, the first id that has it."""
    first: dict[str, str] = {}
    out = {}
    for document in sorted((d for r in records for d in r.documents), key=lambda d: d[0]):
        original = first.setdefault(document[4], document[0])
        if original != document[0]:
            out[document[0]] = original
    return out


def _account(source: str, state: str, record: SourceRecord) -> SourceAccount:
    return SourceAccount(
        source,
        state if record.documents or state == "removed" else "failed",
        len(record.documents),
        sum(d[1] for d in record.documents),
        record.encoding,
        record.confidence,
        None,
        record.reason,
        record.removed,
        notable_rules(record.removed, sum(d[2] for d in record.documents)),
    )


def text_hash(text: str) -> str:
    """Return what is remembered of a document's text: equal for texts that compare as equal."""
    return hashlib.sha256(reduce(text).encode("utf-8", "surrogatepass")).hexdigest()[:32]


# reading, in this process or in others


def _tasks(work: Sequence[_Job], jobs: int) -> list[list[_Job]]:
    """Divide the work into tasks of neighbouring sources, of a size that keeps all processes busy."""
    total = sum(job.source.size for job in work)
    most = max(200_000, min(_TASK_BYTES, total // (jobs * 3) + 1)) if jobs > 1 else _TASK_BYTES
    tasks: list[list[_Job]] = []
    size = 0
    for job in work:
        if not tasks or (size + job.source.size > most and size):
            tasks.append([])
            size = 0
        tasks[-1].append(job)
        size += job.source.size
    return tasks


def _is_as_read(source: Source, record: SourceRecord, seconds: float) -> bool:
    """Whether a source is as it was when it was read; it is not when so many seconds are too few to tell."""
    if record.size != source.size:
        return False
    if record.mtime_ns != source.mtime_ns:
        if record.sha256 is None or record.sha256 != digest(source.path, LARGEST, seconds):
            return False
        record.mtime_ns = source.mtime_ns
    return True


def _still_so(noted: Any, jobs: Mapping[str, _Job], seconds: float) -> list[tuple[str, SourceRecord]] | None:
    """Return what became of a task's sources; None when that would not be the same now, or it stored nothing.

    Sources of which it stored nothing are left out: they are read again.
    """
    try:
        results = [(str(source), shaped(SourceRecord, record)) for source, record in noted]
    except (KeyError, TypeError, ValueError):
        return None
    stored = [(source, record) for source, record in results if record.documents]
    for source, record in stored:
        job = jobs.get(source)
        if (
            job is None
            or record.root != str(job.source.root)
            or record.corrections != corrections_of(job.sidecars, record)
            or not _is_as_read(job.source, record, seconds)
        ):
            return None
    return stored or None


def _build(
    work: Sequence[_Job],
    sink: Callable[[int], Sink],
    note: Callable[[Any, Any], None],
    user_words: Sequence[UserWord],
    jobs: int,
    seconds: float,
    noticed: Callable[[str], None] | None,
    progress: Callable[[int, int], None] | None,
) -> Iterator[_Outcome]:
    """Yield the outcome of every task, in any order; ``note`` is told each before the next task is begun."""
    total = sum(job.source.size for job in work)
    timed = threading.current_thread() is threading.main_thread()  # only there a source can be interrupted
    here = timed and total < _ONE_PROCESS_BYTES and not any(map(_needs_process, work))
    tasks = _tasks(work, 1 if here else jobs)
    done = 0

    def ended(size: int) -> None:
        nonlocal done
        done += size
        if progress:
            progress(done, total)

    if progress and work:
        progress(0, total)
    if here:
        for number, task in enumerate(tasks, 1):
            yield _run_task(tuple(user_words), seconds, task, sink(number), None)
            ended(sum(job.source.size for job in task))
        return
    outcomes = run_tasks(
        partial(_run_task, tuple(user_words), None),
        tasks,
        prepared=sink,
        processes=min(jobs, len(tasks)),
        seconds=seconds,
        noticed=noticed,
        name=lambda job: job.source.source_id,
    )
    with closing(outcomes):
        for one in outcomes:
            if isinstance(one, Lost):
                yield None, [(one.item.source.source_id, _lost(one.item, one.reason))]
                ended(one.item.source.size)
            else:
                if len(tasks) > 1:  # where all is done at once, there is nothing to go on with
                    receipt, results = one.outcome
                    note(receipt, [(source, _plain_record(record)) for source, record in results])
                yield one.outcome
                ended(sum(job.source.size for job in one.items))


def _needs_process(job: _Job) -> bool:
    """Whether a source failed before, or takes a library that this process can neither interrupt nor survive."""
    path = job.source.path
    if job.failed or path.suffix.lower() not in _PLAIN:
        return True
    try:
        with open_regular(path) as file:
            head = file.read(1024)
    except OSError:
        return False
    return b"%PDF-" in head or head.startswith(b"PK")


def _lost(job: _Job, reason: str) -> SourceRecord:
    return SourceRecord(str(job.source.root), job.source.size, job.source.mtime_ns, reason=reason)


class _TookTooLong(BaseException):
    """The time for a source is over."""


@contextmanager
def _time_limit(seconds: float | None) -> Iterator[None]:
    """Raise ``_TookTooLong`` in this block after so many seconds, and each second from then on; None for never."""
    if seconds is None:
        yield
        return

    def ring(number: int, frame: FrameType | None) -> None:
        raise _TookTooLong

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds, 1.0)  # again, since it may come where nothing can be raised from
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@lru_cache(maxsize=1)
def _analyzer(user_words: tuple[UserWord, ...]) -> Analyzer:
    return Analyzer(load(user_words))


def _run_task(
    user_words: tuple[UserWord, ...],
    seconds: float | None,
    task: Sequence[_Job],
    sink: Sink,
    at: Callable[[int], None] | None,
) -> _Outcome:
    """Read, analyse and store some sources; ``at`` hears which one, or this process minds the time itself."""
    analyzer = _analyzer(user_words)
    results: list[tuple[str, SourceRecord]] = []

    def entries() -> Iterator[DocumentEntry]:
        for i, job in enumerate(task):
            record = SourceRecord(str(job.source.root))
            read: list[DocumentEntry] = []
            if at:
                at(i)
            try:
                with _time_limit(seconds):
                    read = _read(job, record, analyzer)
            except _TookTooLong:
                _give_up(record, took_too_long(seconds))
            results.append((job.source.source_id, record))
            if at:
                at(-1)  # what follows is not the source's fault
            yield from sorted(read, key=lambda entry: entry.document_id)

    return sink.write(entries()), results


def _read(job: _Job, record: SourceRecord, analyzer: Analyzer) -> list[DocumentEntry]:
    """Return the entries of one source, and note in ``record`` what became of it."""
    source = job.source
    record.size, record.mtime_ns = source.size, source.mtime_ns
    entries: list[DocumentEntry] = []
    failed: list[str] = []
    try:
        data = content(source.path)
        record.sha256 = hashlib.sha256(data).hexdigest()
        for document in documents_in(
            data,
            source.path.name,
            source.source_id,
            record.sha256,
            encoding=job.options.encoding,
            text_field=job.options.text_field,
            corrections=job.sidecars,
        ):
            if isinstance(document, FailedDocument):
                failed.append(f"{document.document_id}: {document.reason}")
                continue
            if len(document.sections) > MOST_SECTIONS:
                many = f"It has {len(document.sections)} sections, and a document may have {MOST_SECTIONS}. Split it."
                failed.append(f"{document.document_id}: {many}")
                continue
            entries.append(enter(document, analyzer))
            record.encoding, record.confidence = document.encoding, document.confidence
            record.removed = add_counts((record.removed, count_removed(document)))
            record.documents.append(
                (
                    document.document_id,
                    len(document.sections),
                    len(document.text),
                    len(document.text.encode("utf-8", "surrogatepass")),
                    text_hash(document.text),
                )
            )
    except SourceError as error:
        if isinstance(error.__cause__, OSError):
            raise_if_limit(source.path, error.__cause__)
        return _give_up(record, str(error))
    except OSError as error:
        raise_if_limit(source.path, error)
        return _give_up(record, f"It cannot be read: {error.strerror or error}.")
    except (MemoryError, RecursionError) as error:
        return _give_up(record, f"It is too large or too deeply nested to be read ({type(error).__name__}).")
    except PolicySearchError:
        raise
    except Exception as error:
        # what no reader foresaw must not cost the other sources; the person can take this one out
        return _give_up(
            record,
            f"It could not be read, which is a fault of this program ({type(error).__name__}: {error}). Report it.",
        )
    record.corrections = corrections_of(job.sidecars, record)
    if failed:
        record.reason = " ".join(failed[:5]) + (f" And {len(failed) - 5} more." if len(failed) > 5 else "")
    elif not entries:
        record.reason = "It has no document."
    return entries


def sidecars_of(root: str, options: RootOptions) -> Sidecars:
    """Return the corrections below a root; a root that is one file has none."""
    path = Path(root)
    return load_sidecars(path, follow_links=options.follow_links) if path.is_dir() else Sidecars()


def corrections_of(sidecars: Sidecars, record: SourceRecord) -> str:
    """Return a fingerprint of what sidecars say of a source's documents, empty when nothing."""
    said = [sidecars.fingerprint(d[0]) for d in record.documents]
    return hashlib.sha256("\n".join(said).encode()).hexdigest()[:16] if any(said) else ""


def _give_up(record: SourceRecord, reason: str) -> list[DocumentEntry]:
    record.reason = reason
    record.documents = []
    record.removed = {}
    return []
