"""The report of an update: the outcome of each source."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from policysearch.documents.removals import RemovedCount, add_counts, notable_rules
from policysearch.frozen import asdict, frozen
from policysearch.indexing.near_duplicates import NearDuplicate
from policysearch.indexing.source_records import SourceRecord
from policysearch.sources.readers.reading import Note

__all__ = ["Account", "SourceAccount", "account_of"]


@frozen
class SourceAccount:
    """The outcome of one source.

    Attributes:
        source: The source's id.
        state: added, changed, unchanged, removed, failed (no document could be read) or skipped (a kind of file
            without documents, or an empty file).
        documents: Number of its documents.
        sections: Number of their sections.
        encoding: Its character encoding, for text files.
        confidence: Confidence of a detected encoding, 0 to 1.
        duplicate_of: The id of the document with the same text as its only document.
        reason: Why it, or a record in it, failed, or why it was skipped; otherwise None.
        repeated: Whether it failed for the same reason last time.
        notes: Notes on texts that were converted by another program, have corrupt bytes or were repaired; the first
            twenty.
        skipped: Number of skipped members of an archive, 1 for a source that was itself skipped.
        removed: For each rule, the text it removed: pieces, characters, and long lines that occur nowhere else.
        notable: The rules whose removals deserve a review: those that removed more than 2 % of it, or such a line,
            except navigation, page mark and footer.
    """

    source: str
    state: str
    documents: int = 0
    sections: int = 0
    encoding: str | None = None
    confidence: float | None = None
    duplicate_of: str | None = None
    reason: str | None = None
    removed: Mapping[str, RemovedCount] = {}
    notable: tuple[str, ...] = ()
    repeated: bool = False
    skipped: int = 0
    notes: tuple[Note, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as plain values for JSON."""
        notes = [note._asdict() for note in self.notes]
        return {**asdict(self), "removed": _plain_counts(self.removed), "notes": notes}


def _plain_counts(counts: Mapping[str, RemovedCount]) -> dict[str, dict[str, int]]:
    return {rule: count._asdict() for rule, count in counts.items()}


@frozen
class Account:
    """The report of a run of ``refresh``.

    Attributes:
        generation: The number of the published generation.
        documents: Number of documents in the index.
        sections: Number of sections.
        characters: Number of characters of their texts.
        sources: Every source of the scanned roots, in order of ids, and the removed ones.
        unusable: Correction files that could not be used, entirely or in part, with the ``reason``.
        notes: Warnings, such as corrections for a missing source.
        passed_over: Folders below the roots that contain an index of this program, which are not searched.
        ignored: Number of files and folders below the roots that patterns exclude.
        near_duplicates: The documents of the index that share 95 % of their sentences with an earlier one.
    """

    generation: int
    documents: int
    sections: int
    characters: int
    sources: tuple[SourceAccount, ...]
    notes: tuple[str, ...] = ()
    passed_over: tuple[str, ...] = ()
    unusable: tuple[SourceAccount, ...] = ()
    ignored: int = 0
    near_duplicates: tuple[NearDuplicate, ...] = ()

    @property
    def failed(self) -> tuple[SourceAccount, ...]:
        """The sources and correction files that failed, entirely or in part."""
        return tuple(s for s in (*self.sources, *self.unusable) if s.reason is not None and s.state != "skipped")

    @property
    def skipped(self) -> tuple[SourceAccount, ...]:
        """The skipped sources: kinds of files without documents, and empty files."""
        return tuple(source for source in self.sources if source.state == "skipped")

    @property
    def removed(self) -> dict[str, RemovedCount]:
        """The totals of removed text for each rule, largest first."""
        return add_counts(source.removed for source in self.sources)

    def to_frame(self) -> Any:
        """Return the sources as a pandas ``DataFrame``. Raises ``ImportError`` when pandas is not installed."""
        import pandas

        names = [name for name in SourceAccount.__match_args__ if name != "removed"]
        return pandas.DataFrame([source.to_dict() for source in self.sources], columns=names)

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as plain values for JSON."""
        return {
            **asdict(self),
            "sources": [source.to_dict() for source in self.sources],
            "unusable": [source.to_dict() for source in self.unusable],
            "near_duplicates": [one._asdict() for one in self.near_duplicates],
            "removed": _plain_counts(self.removed),
        }


def account_of(source: str, state: str, record: SourceRecord, before: SourceRecord | None = None) -> SourceAccount:
    """Return the outcome of a source, given its record and the previous one.

    A source without documents was skipped or failed, unless it was removed.
    """
    if not record.documents and state != "removed":
        state = "failed" if record.reason is not None else "skipped"
    return SourceAccount(
        source,
        state,
        len(record.documents),
        record.documents.sections,
        record.encoding,
        record.confidence,
        None,
        _why_skipped(source, record) if state == "skipped" else record.reason,
        record.removed,
        notable_rules(record.removed, record.documents.characters),
        record.reason is not None and before is not None and before.reason == record.reason,
        len(record.skipped),
        tuple(record.notes),
    )


def _why_skipped(source: str, record: SourceRecord) -> str:
    return record.skipped.get(source, "It is an archive that contains only pictures and other files without text.")
