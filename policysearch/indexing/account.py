"""What became of each source in an update of the index."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from policysearch.documents.removals import RemovedCount, add_counts, notable_rules
from policysearch.indexing.records import SourceRecord

__all__ = ["Account", "SourceAccount", "account_of"]


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


def account_of(source: str, state: str, record: SourceRecord) -> SourceAccount:
    """Return the account of a source whose record is this; one that gave no document failed, unless it was removed."""
    return SourceAccount(
        source,
        state if record.documents or state == "removed" else "failed",
        len(record.documents),
        sum(one.sections for one in record.documents),
        record.encoding,
        record.confidence,
        None,
        record.reason,
        record.removed,
        notable_rules(record.removed, sum(one.characters for one in record.documents)),
    )
