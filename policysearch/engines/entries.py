"""Documents to entries: what every engine is given to store, with all analysis done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from policysearch.documents.document import Document
from policysearch.documents.sections import Section
from policysearch.text.analyzer import Analyzer
from policysearch.text.folding import BORDER, Reduced, fold, reduce, reduce_folded_with_offsets
from policysearch.vocabulary import DOCUMENT_FIELDS

__all__ = ["STORED_FIELDS", "DocumentEntry", "SectionEntry", "enter"]

STORED_FIELDS = tuple(name for name in DOCUMENT_FIELDS if name != "duplicate_of")
"""What is stored of a document as its metadata; ``duplicate_of`` depends on the other documents of the index."""


@dataclass(frozen=True, slots=True)
class SectionEntry:
    """One section, analysed.

    Attributes:
        text: As shown; the sections of a document joined are its text.
        compared: As compared, with the way back to ``text``.
        words: In text order, with the shorter words inside longer ones.

    The rest as in ``sections.Section``.
    """

    number: str | None
    heading: str | None
    level: int
    path: tuple[str, ...]
    part: str
    start: int
    page: int | None
    text: str
    compared: Reduced
    words: list[str]

    @property
    def only_heading(self) -> bool:
        """Whether it has nothing but its heading, a mark at its end left aside."""
        if self.heading is None:
            return False
        return len(self.compared.text.replace(BORDER, "")) <= len(reduce((self.number or "") + self.heading)) + 1


@dataclass(frozen=True, slots=True)
class DocumentEntry:
    """One document, analysed.

    Attributes:
        document_id: Unique in the index.
        fields: Values of ``STORED_FIELDS``, fit for JSON.
        sections: In document order, at least one.
    """

    document_id: str
    fields: Mapping[str, Any]
    sections: tuple[SectionEntry, ...]


def enter(document: Document, analyzer: Analyzer) -> DocumentEntry:
    """Return ``document`` with its sections reduced and cut into words."""
    return DocumentEntry(
        document.document_id,
        {name: getattr(document, name) for name in STORED_FIELDS},
        tuple(_section(s, analyzer) for s in document.sections),
    )


def _section(s: Section, analyzer: Analyzer) -> SectionEntry:
    folded = fold(s.text)
    return SectionEntry(
        s.number,
        s.heading,
        s.level,
        s.path,
        s.part,
        s.start,
        s.page,
        s.text,
        reduce_folded_with_offsets(folded),
        analyzer.words_of_folded(folded),
    )
