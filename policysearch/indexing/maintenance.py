"""Maintenance of an index by its location: refresh, check and repair."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from policysearch.engines.opening import open_engine, open_store, published_state
from policysearch.errors import InputError, PolicySearchError
from policysearch.indexing.account import Account
from policysearch.indexing.duplicates import duplicates_in
from policysearch.indexing.near_duplicates import NearDuplicate, may_be_near, near_duplicates_among
from policysearch.indexing.progress import Progress
from policysearch.indexing.records import RootOptions, known_state
from policysearch.indexing.refresh import refresh
from policysearch.parallel.capacity import default_jobs
from policysearch.text.dictionary import read_user_words

if TYPE_CHECKING:
    from policysearch.indexing.checking import CheckReport
    from policysearch.indexing.removed_pieces import DocumentRemovals

__all__ = ["check_index", "index_sources", "near_duplicates", "removed_pieces"]

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
    """Build or refresh an index; return a report on every source.

    New, changed and deleted sources are detected; others are not read again. A bad source fails alone. Until
    everything is written, the previous generation of the index stays in use.

    Args:
        roots: Folders or files to add or refresh; empty for all roots of the index.
        index: A folder, or ``opensearch+https://host:9200/name``.
        remove: Roots to remove, with all their documents.
        rebuild: Whether to read every source again, changed or not.
        jobs: Number of worker processes; None for one per processor, as far as memory allows.
        encoding: Encoding of the text files of ``roots``, such as ``gb18030``; None to detect it.
        text_field: Column with the text, in CSV, JSON Lines and workbooks; None for the usual names.
        follow_links: Whether symbolic links out of a root are followed.
        include: Patterns as in gitignore; if there are any, only files that match one of them are sources.
        exclude: Patterns of files and folders to ignore, as in ``.policyignore`` files. Without any of these five,
            sources are found and read as in the previous run.
        moved: Pairs of the old and the new path of a root, or of a folder with roots. The documents of unchanged
            sources are kept.
        dictionary: A user dictionary in jieba's format, for the entire index; an empty one removes the words, None
            keeps them.
        allow_removals: Whether a root may lose more than half of its documents, and more than ten, or all that were on
            a file system that is no longer mounted.
        wait_seconds: Maximum time to wait for another writer.
        seconds: Time limit for reading one source; one that takes longer fails.
        waiting: Called once with the holder of the lock before a wait.
        noticed: Called with a sentence when a worker is killed, when an interrupted build is resumed, and when this
            one is interrupted.
        progress: Called with the progress of the update, at least twice a second while sources are read in other
            processes.

    Raises:
        InputError: A root does not exist, two roots have sources with the same id, too many documents would be
            removed, or an option is invalid.
        IndexUnusableError: Another process writes the index, or it is of another version.
        PolicySearchError: The index cannot be written; it is unchanged.
    """
    chosen = RootOptions(encoding, text_field, follow_links, tuple(include), tuple(exclude))
    given = [roots] if isinstance(roots, (str, Path)) else roots
    return refresh(
        open_store(index),
        [_path(root) for root in given],
        remove=[_path(root) for root in remove],
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
        moved=[(_path(old), _path(new)) for old, new in moved],
    )


def _path(given: str | Path) -> Path:
    if given == "":  # an unset variable of a script; for pathlib it is the current folder
        raise InputError("The path of a root is empty. For the current folder, give: .")
    return Path(given)


def _compare(index: str | Path, document_ids: frozenset[str]) -> tuple[NearDuplicate, ...]:
    if not document_ids:
        return ()
    try:
        with closing(open_engine(index)) as engine:
            return near_duplicates_among(engine, document_ids)
    except OSError as error:  # the index itself is published, and not changed
        raise PolicySearchError(
            f"Near-duplicates were not searched for, since a temporary file failed: {error.strerror or error}. "
            "The index is complete. Set TMPDIR to a folder with free space, then run the command again."
        ) from error


def near_duplicates(index: str | Path = "index") -> tuple[NearDuplicate, ...]:
    """Return the documents that share at least 95 % of their sentences with an earlier one, in order of their ids.

    Sentences end at 。！？； and are compared in reduced form, each once per document. Documents with equal text are
    excluded (see ``duplicate_of``); records of collections are included only if their titles are equal.

    Args:
        index: A folder, or ``opensearch+https://host:9200/name``.

    Raises:
        IndexUnusableError: There is no index, or it is corrupt.
    """
    known = known_state(published_state(index))
    if known.near is not None:
        return tuple(known.near)
    return _compare(index, may_be_near(known.records, duplicates_in(known.records)))


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
        repair: Whether to repair the index: changed sources are read again, or all of them if the index is corrupt or
            was built by another version. The report is that after the repair.
        phrases: Number of phrases to search for in every document.
        seed: Random seed of the phrases.
        wait_seconds: Maximum time that a repair waits for the index lock.
        noticed: Called with a message for each corrupt part before a repair, and for each step of the repair.

    Raises:
        IndexUnusableError: There is no index, or it cannot be searched.
    """
    from policysearch.indexing.checking import check

    store = open_store(index)

    def report() -> CheckReport:
        return check(store, lambda: open_engine(index), phrases=phrases, seed=seed)

    found = report()
    if found.clean or not repair:
        return found
    anew = bool(found.damage or found.outdated)
    for said in (*found.damage, f"Reading {'every source' if anew else 'changed sources'} again …"):
        if noticed:
            noticed(said)
    changed = [one.source for one in found.differences if one.state == "changed"]
    refresh(store, rebuild=anew, again=changed, jobs=default_jobs(), wait_seconds=wait_seconds)
    return report()


def removed_pieces(
    index: str | Path = "index", *, jobs: int | None = None, seconds: float = 300.0
) -> Iterator[DocumentRemovals]:
    """Yield the text removed from the current sources of an index, in order of the sources' ids.

    Documents without removed text, and new sources, are omitted.

    Args:
        index: A folder, or ``opensearch+https://host:9200/name``.
        jobs: Number of worker processes; None for one per processor, as far as memory allows.
        seconds: Time limit for reading one source.

    Raises:
        IndexUnusableError: There is no index, or it is corrupt.
    """
    from policysearch.indexing.removed_pieces import removed_from_store

    return removed_from_store(open_store(index), jobs=jobs or default_jobs(), seconds=seconds)
