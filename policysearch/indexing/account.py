"""What became of each source in an update of the index."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from policysearch.documents.removals import RemovedCount, add_counts, notable_rules
from policysearch.indexing.near_duplicates import NearDuplicate
from policysearch.indexing.records import SourceRecord

__all__ = ["Account", "SourceAccount", "account_of"]


@dataclass(frozen=True, slots=True)
class SourceAccount:
    """What became of one source.

    Attributes:
        source: Its id.
        state: added, changed, unchanged, removed, failed (it gave no document and should have) or skipped (it holds
            none by its kind, or is empty).
        documents: How many documents it gave.
        sections: How many sections these have.
        encoding: Its character encoding, where it has one.
        confidence: How sure that is, 0 to 1, where it was guessed.
        duplicate_of: Id of the document that its only document repeats.
        reason: Why it, or a record in it, could not be read, or why it was skipped; else None.
        repeated: Whether it failed for the same reason last time.
        skipped: How many members of an archive hold no document, 1 for a source that was skipped itself.
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
    repeated: bool = False
    skipped: int = 0

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as plain values for JSON."""
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
        ignored: How many files and folders below the roots were passed over by patterns.
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
        """The sources and corrections that could not be read, whole or in part."""
        return tuple(s for s in (*self.sources, *self.unusable) if s.reason is not None and s.state != "skipped")

    @property
    def skipped(self) -> tuple[SourceAccount, ...]:
        """The sources that hold no document by their kind, or are empty."""
        return tuple(source for source in self.sources if source.state == "skipped")

    @property
    def removed(self) -> dict[str, RemovedCount]:
        """What each rule left out of these sources, the largest amount first."""
        return add_counts(source.removed for source in self.sources)

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
    """Return the account of a source whose record is this, and was ``before`` that.

    One that gave no document was skipped or failed, unless it was removed.
    """
    if not record.documents and state != "removed":
        state = "failed" if record.reason is not None else "skipped"
    return SourceAccount(
        source,
        state,
        len(record.documents),
        sum(one.sections for one in record.documents),
        record.encoding,
        record.confidence,
        None,
        _why_skipped(source, record) if state == "skipped" else record.reason,
        record.removed,
        notable_rules(record.removed, sum(one.characters for one in record.documents)),
        record.reason is not None and before is not None and before.reason == record.reason,
        len(record.skipped),
    )


def _why_skipped(source: str, record: SourceRecord) -> str:
    return record.skipped.get(source, "It is an archive of nothing but pictures and the like.")
