"""Listing of the text removed from the sources of an index, which are read again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from policysearch.documents.document import FailedDocument, read_documents
from policysearch.engines.protocol import Store
from policysearch.errors import InputError, PolicySearchError
from policysearch.frozen import asdict, frozen
from policysearch.indexing.records import RootOptions, known_state
from policysearch.indexing.scanning import sources_below
from policysearch.parallel.workers import Lost, run_tasks
from policysearch.sources.finding import Source, UnreadableSource
from policysearch.sources.readers.reading import Removed

__all__ = ["DocumentRemovals", "removed_from_store"]

_AT_ONCE = 512  # number of sources whose pieces are in memory together
_PER_TASK = 16


@frozen
class DocumentRemovals:
    """The text removed from one document.

    Attributes:
        source: The source's id.
        document_id: The document's id; the source's id if it failed.
        removed: The removed pieces, in order.
        reason: Why it could not be read, or None.
    """

    source: str
    document_id: str
    removed: tuple[Removed, ...] = ()
    reason: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as plain values for JSON."""
        return {**asdict(self), "removed": [asdict(piece) for piece in self.removed]}


_Job = tuple[Source, RootOptions]


def removed_from_store(store: Store, *, jobs: int, seconds: float = 300.0) -> Iterator[DocumentRemovals]:
    """Yield the text removed from the current sources of an index, in order of the sources' ids.

    Documents without removed text, and new sources, are omitted.

    Args:
        store: The store of the index.
        jobs: Number of worker processes.
        seconds: Time limit for reading one source.

    Raises:
        IndexUnusableError: There is no index, or it is corrupt.
    """
    current = store.current()
    if current is None:
        return
    known = known_state(current[1])
    found: dict[str, _Job] = {}
    for root, options in known.roots.items():
        try:
            sources: list[Source | UnreadableSource] = list(sources_below(root, options, store.folder))
        except InputError:
            continue  # the check itself reports that it is gone
        found.update((s.source_id, (s, options)) for s in sources if not isinstance(s, UnreadableSource))
    wanted = iter([found[name] for name in sorted(known.records) if name in found])
    while some := list(islice(wanted, _AT_ONCE)):
        read: list[DocumentRemovals] = []
        outcomes = run_tasks(
            _read,
            [some[i : i + _PER_TASK] for i in range(0, len(some), _PER_TASK)],
            prepared=lambda number: number,
            processes=min(jobs, -(-len(some) // _PER_TASK)),
            seconds=seconds,
            name=lambda job: job[0].source_id,
        )
        for one in outcomes:
            if isinstance(one, Lost):
                name = one.item[0].source_id
                read.append(DocumentRemovals(name, name, reason=one.reason))
            else:
                read += one.outcome
        yield from sorted(read, key=lambda document: document.source)


def _read(task: Sequence[_Job], _: int, at: Any) -> list[DocumentRemovals]:
    out: list[DocumentRemovals] = []
    for i, (source, options) in enumerate(task):
        at(i)
        name = source.source_id
        try:
            for document in read_documents(source.path, name, encoding=options.encoding, text_field=options.text_field):
                if isinstance(document, FailedDocument):
                    out.append(DocumentRemovals(name, document.document_id, reason=document.reason))
                elif document.removed:
                    out.append(DocumentRemovals(name, document.document_id, document.removed))
        except PolicySearchError as error:
            out.append(DocumentRemovals(name, name, reason=str(error)))
        except Exception as error:
            # as in indexing: one source must not affect the others
            out.append(DocumentRemovals(name, name, reason=f"It could not be read ({type(error).__name__}: {error})."))
    at(-1)
    return out
