"""An index by its location: brought up to date with its sources, checked, repaired."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from policysearch.engines.opening import open_engine, open_store
from policysearch.errors import IndexUnusableError, PolicySearchError
from policysearch.indexing.account import Account
from policysearch.indexing.near_duplicates import NearDuplicate, may_be_near, near_duplicates_among
from policysearch.indexing.progress import Progress
from policysearch.indexing.records import Known, RootOptions, known_state
from policysearch.indexing.refresh import refresh
from policysearch.parallel.capacity import default_jobs
from policysearch.text.dictionary import read_user_words

if TYPE_CHECKING:
    from policysearch.indexing.checking import CheckReport
    from policysearch.indexing.removed_pieces import DocumentRemovals

__all__ = ["UnusedSource", "check_index", "index_sources", "near_duplicates", "removed_pieces", "unused_sources"]

Notice = Callable[[str], None]


def index_sources(
    roots: Sequence[str | Path] | str | Path = (),
    index: str | Path = "index",
    *,
    remove: Iterable[str | Path] = (),
    rebuild: bool = False,
    jobs: int | None = None,
    encoding: str | None = None,
    text_field: str | None = None,
    follow_links: bool = False,
    include: Sequence[str] = (),
    exclude: Sequence[str] = (),
    moved: Iterable[tuple[str | Path, str | Path]] = (),
    dictionary: str | Path | None = None,
    allow_removals: bool = False,
    wait_seconds: float = 10.0,
    seconds: float = 300.0,
    waiting: Notice | None = None,
    noticed: Notice | None = None,
    progress: Callable[[Progress], None] | None = None,
) -> Account:
    """Bring an index up to date with its sources, or make it, and return an account of every source.

    Sources that are new, changed or gone since last time are found; others are left as they are. A bad source fails
    by itself. Whatever happens before all is written, the index answers as it did.

    Args:
        roots: Folders or files to add or refresh; without any, all that the index knows.
        index: A folder, or ``opensearch+https://host:9200/name``.
        remove: Roots to take out, with all their documents.
        rebuild: Read every source anew, whether it changed or not.
        jobs: Number of worker processes; None for as many as there are processors, and memory for.
        encoding: Encoding of the text files of ``roots``, such as ``gb18030``; None to detect it.
        text_field: Column of the text, in CSV and JSON lines; None for the usual names.
        follow_links: Whether symbolic links out of a root are followed.
        include: Patterns as in gitignore; with any, only files that one of them matches are sources.
        exclude: Patterns of files and folders that hold no sources, as those of ``.policyignore`` files. Without any
            of these five, sources are found and read as they were last time.
        moved: Where roots were, or a folder with roots in it, and where they are now. What was read is kept, as far
            as the sources are as they were.
        dictionary: A file of words of your own, in jieba's format, for all of the index; an empty one takes them out
            again, None leaves them.
        allow_removals: Whether a root may lose more than half of its documents, and more than ten, or all that was on
            a file system that is no longer mounted.
        wait_seconds: How long to wait for another writer.
        seconds: How long the reading of one source may take; one that takes longer fails.
        waiting: Called once with the name of the other writer.
        noticed: Called with a sentence when a worker is killed, when an interrupted build is resumed, and when this
            one is interrupted.
        progress: Called now and then with how far the update is, at least twice a second while sources are read in
            other processes.

    Raises:
        InputError: A root does not exist, two roots have sources with the same id, too many documents would go, or
            an option is not what it should be.
        IndexUnusableError: Another process writes the index, or it is of another version.
        PolicySearchError: The index cannot be written; it is as it was.
    """
    chosen = RootOptions(encoding, text_field, follow_links, tuple(include), tuple(exclude))
    given = [roots] if isinstance(roots, (str, Path)) else roots
    return refresh(
        open_store(index),
        [Path(root) for root in given],
        remove=[Path(root) for root in remove],
        rebuild=rebuild,
        jobs=jobs or default_jobs(),
        options=chosen if chosen != RootOptions() else None,
        user_words=None if dictionary is None else read_user_words(Path(dictionary)),
        wait_seconds=wait_seconds,
        waiting=waiting,
        seconds=seconds,
        noticed=noticed,
        progress=progress,
        allow_removals=allow_removals,
        compare=partial(_compare, index),
        moved=[(Path(old), Path(new)) for old, new in moved],
    )


def _compare(index: str | Path, document_ids: frozenset[str]) -> tuple[NearDuplicate, ...]:
    if not document_ids:
        return ()
    try:
        with closing(open_engine(index)) as engine:
            return near_duplicates_among(engine, document_ids)
    except OSError as error:  # the index itself is published, and not written to
        raise PolicySearchError(
            f"Near-duplicates could not be compared in a temporary file: {error.strerror or error}. "
            "TMPDIR names the folder for it; the index is whole."
        ) from error


def near_duplicates(index: str | Path = "index") -> tuple[NearDuplicate, ...]:
    """Return the documents that share at least 95 % of their sentences with an earlier one, in order of their ids.

    A sentence ends at 。！？； and is compared as texts are; how often a document has it is no matter. Documents with
    equal text are not among them (see ``duplicate_of``); records of collections are only where the titles are equal.

    Args:
        index: A folder, or ``opensearch+https://host:9200/name``.

    Raises:
        IndexUnusableError: There is no index, or it is damaged.
    """
    return _compare(index, may_be_near(_known(index).records))


def check_index(
    index: str | Path = "index",
    *,
    repair: bool = False,
    phrases: int = 3,
    seed: int = 0,
    wait_seconds: float = 10.0,
    noticed: Notice | None = None,
) -> CheckReport:
    """Verify an index and compare it with its sources; every byte of both is read.

    Args:
        index: A folder, or ``opensearch+https://host:9200/name``.
        repair: Whether to mend what is found: sources that changed are read again, all of them where the index is
            corrupt or was made by another version. The report is that after the repair.
        phrases: How many phrases of every document are searched for.
        seed: What they are drawn by.
        wait_seconds: How long a repair waits for another writer.
        noticed: Called with each thing that is corrupt before a repair, and with what the repair does.

    Raises:
        IndexUnusableError: There is no index, or it cannot be asked.
    """
    from policysearch.indexing.checking import check

    store = open_store(index)

    def report() -> CheckReport:
        return check(store, lambda: open_engine(index), phrases=phrases, seed=seed)

    found = report()
    if found.clean or not repair:
        return found
    anew = bool(found.damage or found.outdated)
    for said in (*found.damage, f"Reading {'every source' if anew else 'what changed'} again …"):
        if noticed:
            noticed(said)
    changed = [one.source for one in found.differences if one.state == "changed"]
    refresh(store, rebuild=anew, again=changed, jobs=default_jobs(), wait_seconds=wait_seconds)
    return report()


def removed_pieces(
    index: str | Path = "index", *, jobs: int | None = None, seconds: float = 300.0
) -> Iterator[DocumentRemovals]:
    """Yield what is left out of the sources of an index as they are now, in order of the sources' ids.

    Documents of which nothing is left out are not among them, and new sources are not either.

    Args:
        index: A folder, or ``opensearch+https://host:9200/name``.
        jobs: Number of worker processes; None for as many as there are processors, and memory for.
        seconds: How long the reading of one source may take.

    Raises:
        IndexUnusableError: There is no index, or it is damaged.
    """
    from policysearch.indexing.removed_pieces import removed_pieces

    return removed_pieces(open_store(index), jobs=jobs or default_jobs(), seconds=seconds)


def _known(index: str | Path) -> Known:
    current = open_store(index).current()
    if current is None:
        raise IndexUnusableError(f"There is no index at '{index}'. Make one with: policysearch index FOLDER")
    return known_state(current[1])


class UnusedSource(NamedTuple):
    """A source, or a member of an archive, of which the index has nothing.

    Attributes:
        source: Its id; of a member, the id that its document would have.
        state: ``skipped``, as it holds no document, or ``failed``.
        reason: Why, and what to do about it.
        root: The folder or file that its id starts from.
    """

    source: str
    state: str
    reason: str
    root: str


def unused_sources(index: str | Path = "index", *, state: str = "skipped") -> tuple[UnusedSource, ...]:
    """Return the sources that were skipped, or those that failed in whole or in part, in order of their ids.

    Args:
        index: A folder, or ``opensearch+https://host:9200/name``.
        state: ``skipped`` or ``failed``.

    Raises:
        IndexUnusableError: There is no index, or it is damaged.
    """
    found = []
    for source, record in _known(index).records.items():
        reasons = record.skipped if state == "skipped" else {source: record.reason} if record.reason else {}
        found += [UnusedSource(name, state, reason, record.root) for name, reason in reasons.items()]
    return tuple(sorted(found))
