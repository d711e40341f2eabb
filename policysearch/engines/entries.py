"""Entries: fully analysed documents, in the form that every engine stores."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from policysearch.frozen import frozen
from policysearch.text.folding import BORDER, Reduced, fold, reduce, reduce_folded_with_offsets
from policysearch.vocabulary import DOCUMENT_FIELDS

if TYPE_CHECKING:  # a reader of an index needs none of these
    from policysearch.documents.document import Document
    from policysearch.documents.sections import Section
    from policysearch.text.analyzer import Analyzer, GradualAnalyzer

__all__ = ["STORED_FIELDS", "DocumentEntry", "SectionEntry", "enter"]

STORED_FIELDS = tuple(name for name in DOCUMENT_FIELDS if name != "duplicate_of")
"""The stored metadata fields of a document; ``duplicate_of`` depends on the other documents of the index."""


@frozen
class SectionEntry:
    """An analysed section.

    Attributes:
        text: The text as shown; the concatenated sections of a document are its text.
        compared: The reduced text, with the mapping to ``text``.
        words: The words in text order, with the shorter words inside longer ones.

    The other attributes are those of ``sections.Section``.
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
        """Whether the section is only a heading, apart from a final punctuation mark, or the document's title page."""
        if self.heading is None:
            return self.start == 0 and self.part == "preamble" and not _SENTENCE.search(self.compared.text)
        return len(self.compared.text.replace(BORDER, "")) <= len(reduce((self.number or "") + self.heading)) + 1


_SENTENCE = re.compile("[。!?;:]")  # a title page has names and dates, and no sentence


@frozen
class DocumentEntry:
    """An analysed document.

    Attributes:
        document_id: The document's id, unique in the index.
        fields: The values of ``STORED_FIELDS``, as JSON values.
        sections: The sections in document order, at least one.
    """

    document_id: str
    fields: Mapping[str, Any]
    sections: tuple[SectionEntry, ...]


def enter(documents: Sequence[Document], analyzer: Analyzer | GradualAnalyzer) -> Iterator[DocumentEntry]:
    """Yield the entries of documents, with their sections reduced and tokenized.

    Of many short documents together, this takes two thirds of the time that it takes of each.
    """
    folded = fold("".join([document.text for document in documents]))  # at once: sections are parts of it
    pieces = []
    start = 0
    for document in documents:
        pieces += [folded[start + s.start : start + s.end] for s in document.sections]
        start += len(document.text)
    analysed = zip(pieces, analyzer.words_of_each(pieces), strict=True)
    for document in documents:
        yield DocumentEntry(
            document.document_id,
            dict(zip(STORED_FIELDS, _stored(document), strict=True)),
            tuple(_section(s, *next(analysed)) for s in document.sections),
        )


_stored = attrgetter(*STORED_FIELDS)


def _section(s: Section, folded: str, words: list[str]) -> SectionEntry:
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
        words,
    )
