"""Reading, analysing and storing of sources, task by task, in this process or in several."""

from __future__ import annotations

import hashlib
import signal
import sys
import threading
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from functools import lru_cache, partial
from itertools import chain, count, islice
from pathlib import Path
from types import FrameType
from typing import Any

from policysearch.citation.versions import version_record
from policysearch.documents.document import Document, FailedDocument, documents_in, documents_of
from policysearch.documents.metadata.corrections import Sidecars
from policysearch.documents.removals import add_counts, count_removed
from policysearch.engines.entries import DocumentEntry, enter
from policysearch.engines.protocol import MOST_SECTIONS, Sink
from policysearch.errors import NoDocumentError, PolicySearchError, SourceError, raise_if_limit
from policysearch.files.regular import digest, open_regular
from policysearch.frozen import frozen, replace
from policysearch.indexing.collections import Collection, ReadRecord, reason_of
from policysearch.indexing.document_records import Documents
from policysearch.indexing.near_duplicates import longest_sentences
from policysearch.indexing.progress import Progress, Watch
from policysearch.indexing.record_columns import DocumentRecord
from policysearch.indexing.records import TITLE_DIGITS, RootOptions, text_hash, title_hash
from policysearch.indexing.shapes import shaped
from policysearch.indexing.source_records import SourceRecord
from policysearch.parallel.workers import Ended, Lost, run_tasks, took_too_long
from policysearch.sources.finding import Source
from policysearch.sources.kinds import may_be_office
from policysearch.sources.portions import LEAST, LINE_ENDINGS, Portion, divided, read_portion
from policysearch.sources.reader import LARGEST, NATIVE_ENDINGS, content
from policysearch.text.analyzer import GradualAnalyzer
from policysearch.text.dictionary import UserWord
from policysearch.text.folding import BORDER, reduce

__all__ = ["Job", "Outcome", "build", "corrections_of", "is_as_read", "most_bytes", "still_valid"]

_MOST_NOTES = 20  # of one source
_TASK_BYTES = 2_000_000
_LEAST_TASK_BYTES = 200_000
_AT_ONCE = 10_000  # characters of documents that are analysed together
_ONE_PROCESS_BYTES = LEAST  # bytes of sources up to which starting workers takes longer than the work


@frozen
class Job:
    source: Source
    options: RootOptions
    sidecars: Sidecars
    failed: bool  # in the previous run
    before: SourceRecord | None = None  # the previous record of a source whose unchanged records are kept
    portion: Portion | None = None  # the part of a collection to read


Outcome = tuple[Any, list[tuple[str, SourceRecord]]]
"""The outcome of a task: its receipt, None when it stored nothing, and the record of each source."""


def _tasks(work: Sequence[Job], *, whole: bool = False) -> list[list[Job]]:
    """Divide the work into tasks of neighbouring sources, sized to keep all processes busy.

    The tasks do not depend on the number of processes, so that an index has the same segments with any number.
    """
    total = sum(job.source.size for job in work)
    most = max(_LEAST_TASK_BYTES, min(_TASK_BYTES, total // 8 + 1))
    tasks: list[list[Job]] = []
    size = 0
    for job in work:
        if not tasks or (size + job.source.size > most and size and not whole):
            tasks.append([])
            size = 0
        tasks[-1].append(job)
        size += job.source.size
    return tasks


def most_bytes(path: Path) -> int:
    """Return the maximum size of a source in bytes; one that is read in portions has no limit."""
    return sys.maxsize if path.suffix.lower() in LINE_ENDINGS else LARGEST


def is_as_read(source: Source, record: SourceRecord, seconds: float) -> bool:
    """Return whether a source has not changed since it was read with a time limit that was not greater."""
    if record.size != source.size:
        return False
    if record.mtime_ns != source.mtime_ns:
        if record.sha256 is None or record.sha256 != digest(source.path, most_bytes(source.path), seconds):
            return False
        record.mtime_ns = source.mtime_ns
    return True


def still_valid(noted: Any, jobs: Mapping[str, Job], seconds: float) -> list[tuple[str, SourceRecord]] | None:
    """Return the records of a task's sources from a checkpoint; None if they have changed or it stored nothing.

    Sources without stored documents are omitted, and read again.
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
            or not is_as_read(job.source, record, seconds)
        ):
            return None
    return stored or None


def build(
    work: Sequence[Job],
    sink: Callable[[int], Sink],
    note: Callable[[Any, Any], None],
    user_words: Sequence[UserWord],
    jobs: int,
    seconds: float,
    noticed: Callable[[str], None] | None,
    progress: Callable[[Progress], None] | None,
) -> Iterator[Outcome]:
    """Yield the outcome of every task, in any order; ``note`` is called with each before the next task starts."""
    total = sum(job.source.size for job in work)
    timed = threading.current_thread() is threading.main_thread()  # reading can be interrupted in the main thread only
    here = timed and total < _ONE_PROCESS_BYTES and not any(map(_needs_process, work))
    watch = _JobWatch([job.source for job in work], progress)
    if here:
        for number, task in enumerate(_tasks(work, whole=True), 1):
            yield _run_task(tuple(user_words), seconds, task, sink(number), watch.following(task))
        return
    collections = {job.source.source_id: found for job in work if (found := _collection(job)) is not None}
    tasks = _tasks([job for job in work if job.source.source_id not in collections])
    divided_jobs = [(job, collections[job.source.source_id]) for job in work if job.source.source_id in collections]
    portions = ([replace(job, portion=portion)] for job, one in divided_jobs for portion in one.portions())
    ahead = list(islice(portions, 2))
    if timed and not tasks and len(ahead) == 1 and _is_small(ahead[0][0]):  # the few new records of a large collection
        outcomes = _read_here(tuple(user_words), seconds, ahead[0], sink(1), watch)
    else:
        outcomes = run_tasks(
            partial(_run_task, tuple(user_words), None),
            chain(tasks, ahead, portions),
            prepared=sink,
            processes=min(jobs, len(tasks) + sum(one.most_portions for one in collections.values())),
            seconds=seconds,
            noticed=noticed,
            name=lambda job: job.source.source_id,
            watch=watch,
        )
    with closing(outcomes):
        for one in outcomes:
            if isinstance(one, Lost):
                yield from _note_lost(one.item, one.reason, collections)
            elif one.items[0].portion is not None:
                receipt, ((name, read),) = one.outcome
                collections[name].add(one.items[0].portion, read)
                yield receipt, []
            else:
                receipt, results = one.outcome
                if len(tasks) > 1:  # a single task leaves nothing to resume
                    note(receipt, [(source, record.to_state()) for source, record in results])
                yield one.outcome
    for name, collection in collections.items():
        yield None, [(name, collection.record())]


def _note_lost(job: Job, reason: str, collections: Mapping[str, Collection]) -> Iterator[Outcome]:
    if job.portion is None:
        yield None, [(job.source.source_id, _lost(job, reason))]
    else:
        collections[job.source.source_id].lost(job.portion, reason)


def _collection(job: Job) -> Collection | None:
    source, options = job.source, job.options
    before = None
    if job.before and job.before.sha256 and job.before.documents and job.before.documents[0].key:  # it was divided
        before = job.before.size, job.before.sha256
    found = divided(source.path, source.source_id, options.encoding, options.text_field, before)
    return None if found is None else Collection(source, job.before, found, partial(corrections_of, job.sidecars))


class _JobWatch(Watch):
    """Reports the progress of jobs, in this process or in several."""

    def item_passed(self, job: Job) -> None:
        self.passed(job.source)

    def item_at(self, job: Job | None, since: float) -> None:
        self.tick(None if job is None else job.source, since)

    def following(self, task: Sequence[Job]) -> Callable[[int], None]:
        """Return a callback that receives the index of each job of a task read in this process, and -1 after each."""
        begun: list[Job] = []

        def at(number: int) -> None:
            while begun:
                self.passed(begun.pop().source)
            if number >= 0:
                begun.append(task[number])
            self.tick()

        return at


def _read_here(
    user_words: tuple[UserWord, ...], seconds: float, task: Sequence[Job], sink: Sink, watch: _JobWatch
) -> Generator[Ended[Job] | Lost[Job], None, None]:
    yield Ended(task, _run_task(user_words, seconds, task, sink, watch.following(task)))


def _is_small(job: Job) -> bool:
    """Return whether a portion takes less time than starting a worker, and needs no library that requires one."""
    size = sum(map(len, job.portion.records)) if job.portion else 0
    return 3 * size < _ONE_PROCESS_BYTES and not _needs_process(job)


def _needs_process(job: Job) -> bool:
    """Return whether a source failed before, or needs a library that can hang or crash the process."""
    path = job.source.path
    if job.failed or path.suffix.lower() not in NATIVE_ENDINGS:
        return True
    try:
        with open_regular(path) as file:
            head = file.read(1024)
    except OSError:
        return False
    return b"%PDF-" in head or head.startswith((b"PK", b"\xd0\xcf\x11\xe0", b"{\\rtf"))


def _lost(job: Job, reason: str) -> SourceRecord:
    return SourceRecord(str(job.source.root), job.source.size, job.source.mtime_ns, reason=reason)


class _TookTooLong(BaseException):
    """The time limit of a source was exceeded."""


@contextmanager
def _time_limit(seconds: float | None) -> Iterator[None]:
    """Raise ``_TookTooLong`` in this block after so many seconds, and then every second; None for no limit."""
    if seconds is None:
        yield
        return

    def ring(number: int, frame: FrameType | None) -> None:
        raise _TookTooLong

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(
        signal.ITIMER_REAL, seconds, 1.0
    )  # repeated, since the first one may arrive where Python cannot raise
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@lru_cache(maxsize=1)
def _analyzer(user_words: tuple[UserWord, ...]) -> GradualAnalyzer:
    return GradualAnalyzer(user_words)


def _run_task(
    user_words: tuple[UserWord, ...],
    seconds: float | None,
    task: Sequence[Job],
    sink: Sink,
    at: Callable[[int], None] | None,
) -> Outcome:
    """Read, analyse and store some sources; ``at`` is called with each index, or else this process sets a timer."""
    analyzer = _analyzer(user_words)
    analyzer.expect(sum(map(_least_characters, task)))
    results: list[tuple[str, SourceRecord]] = []

    def entries() -> Iterator[DocumentEntry]:
        office = [job.source.path for job in task if may_be_office(job.source.path.name)]
        if len(office) > 1:
            from policysearch.sources.readers.office import convert_ahead

            convert_ahead(office)
        for i, job in enumerate(task):
            record = ReadRecord(str(job.source.root))
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
                at(-1)  # later errors are not due to the source
            yield from sorted(read, key=lambda entry: entry.document_id)

    return sink.write(entries()), results


def _least_characters(job: Job) -> int:
    """Return about how many characters a job has at least: most of a source may be markup or pictures."""
    return job.source.size // 10 if job.portion is None else sum(map(len, job.portion.records))


def _read(job: Job, record: ReadRecord, analyzer: GradualAnalyzer) -> list[DocumentEntry]:
    """Return the entries of one source, and set the outcome in ``record``."""
    source = job.source
    record.size, record.mtime_ns = source.size, source.mtime_ns
    entries: list[DocumentEntry] = []
    failed: list[tuple[int, str]] = []
    try:
        for some in _together(_readable(job, record, failed)):
            for (number, key, document), entry in zip(some, enter([one for _, _, one in some], analyzer), strict=True):
                entries.append(entry)
                _add_document(number, key, document, entry, record)
    except NoDocumentError as error:
        record.skipped = {source.source_id: str(error)}
        return []
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
        # an unexpected error must not affect the other sources
        return _give_up(
            record,
            f"It could not be read because of a bug in this program ({type(error).__name__}: {error}). Report it.",
        )
    record.corrections = corrections_of(job.sidecars, record)
    record.failures = failed
    record.reason = reason_of([reason for _, reason in failed])
    if not failed and not entries and not record.skipped:
        record.reason = "It has no document."
    return entries


def _readable(job: Job, record: ReadRecord, failed: list[tuple[int, str]]) -> Iterator[tuple[int, str, Document]]:
    """Yield each document of a source with its number and key; collect those that were skipped or failed."""
    for (number, key), document in zip(_numbered(job.portion), _documents(job, record), strict=False):
        if isinstance(document, FailedDocument):
            if document.skipped:
                record.skipped[document.document_id] = document.reason
            else:
                failed.append((number, f"{document.document_id}: {document.reason}"))
        elif len(document.sections) > MOST_SECTIONS:
            many = f"It has {len(document.sections)} sections; a document may have at most {MOST_SECTIONS}. Split it."
            failed.append((number, f"{document.document_id}: {many}"))
        else:
            yield number, key, document


def _together(documents: Iterable[tuple[int, str, Document]]) -> Iterator[list[tuple[int, str, Document]]]:
    """Yield documents that are analysed together."""
    some: list[tuple[int, str, Document]] = []
    size = 0
    for one in documents:
        some.append(one)
        size += len(one[2].text)
        if size >= _AT_ONCE:
            yield some
            some, size = [], 0
    if some:
        yield some


def _add_document(number: int, key: str, document: Document, entry: DocumentEntry, record: ReadRecord) -> None:
    """Add a document to the record of its source."""
    record.encoding, record.confidence = document.encoding, document.confidence
    if document.notes and len(record.notes) < _MOST_NOTES:
        record.notes += [note for note in document.notes if note not in record.notes]
    removed = count_removed(document)
    if removed:
        record.removed = add_counts((record.removed, removed))
    record.numbers.append(number)
    hashed = text_hash(_reduced(entry, document.text))
    # of most short records the title is the text
    of_title = hashed[:TITLE_DIGITS] if document.title == document.text else title_hash(document.title)
    record.documents.append(
        DocumentRecord(
            document.document_id,
            len(document.sections),
            len(document.text),
            len(document.text.encode("utf-8", "surrogatepass")),
            hashed,
            of_title,
            longest_sentences(section.compared.text for section in entry.sections),
            version_record(entry.fields, (section.compared.text for section in entry.sections)),
            key,
            removed if key else {},
        )
    )


def _reduced(entry: DocumentEntry, text: str) -> str:
    """Return ``reduce`` of a document's text; if it has only one section, the result is already known."""
    compared = entry.sections[0].compared.text
    return reduce(text) if len(entry.sections) > 1 or BORDER in compared else compared


def _numbered(portion: Portion | None) -> Iterator[tuple[int, str]]:
    """Yield a number and a key for each record of a portion, or of any other source."""
    return ((number, "") for number in count(1)) if portion is None else zip(portion.numbers, portion.keys, strict=True)


def _documents(job: Job, record: SourceRecord) -> Iterator[Document | FailedDocument]:
    """Yield the documents of a source or of a portion; set the hash of the source."""
    source = job.source
    if job.portion is not None:
        yield from documents_of(read_portion(job.portion), source.source_id, "", job.sidecars)
        return
    data = content(source.path)
    record.sha256 = hashlib.sha256(data).hexdigest()
    yield from documents_in(
        data,
        source.path.name,
        source.source_id,
        record.sha256,
        encoding=job.options.encoding,
        text_field=job.options.text_field,
        corrections=job.sidecars,
    )


def _give_up(record: ReadRecord, reason: str) -> list[DocumentEntry]:
    record.reason = reason
    record.documents = Documents()
    record.numbers = []
    record.removed = {}
    record.skipped = {}
    record.notes = []
    return []


def corrections_of(sidecars: Sidecars, record: SourceRecord) -> str:
    """Return a fingerprint of the corrections for a source's documents in sidecars, empty without any."""
    if not sidecars.entries:
        return ""
    said = [sidecars.fingerprint(one) for one in record.document_ids]
    return hashlib.sha256("\n".join(said).encode()).hexdigest()[:16] if any(said) else ""
