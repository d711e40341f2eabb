"""Selections of sections, by query and by document."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from policysearch.engines.protocol import DocumentTexts, Engine, JoinsTexts, Request, Stored
from policysearch.engines.tree import Node
from policysearch.frozen import frozen
from policysearch.query.filters import id_matches

if TYPE_CHECKING:
    from policysearch.engines.joined_texts import JoinedTexts

__all__ = ["Selection", "Totals"]


@frozen
class Totals:
    """The size of a selection.

    Attributes:
        documents: Number of documents.
        sections: Number of their selected sections.
        characters: Number of Han characters of these sections.
    """

    documents: int
    sections: int
    characters: int


@frozen
class Selection:
    """Sections of an index.

    Attributes:
        engine: The open index.
        node: Selects the sections.
        document: Patterns (``*`` and ``?``) of ids of documents, of which one must match. All documents without any.
    """

    engine: Engine
    node: Node
    document: tuple[str, ...] = ()

    @property
    def accepting(self) -> Callable[[Mapping[str, Any]], bool] | None:
        """A predicate on the documents to count; None for all."""
        return self.accepts if self.document else None

    def accepts(self, document: Mapping[str, Any]) -> bool:
        """Return whether a document is selected."""
        return id_matches(document["document_id"], self.document)

    def documents(self) -> int:
        """Return the number of documents with a selected section."""
        if self.document:
            return sum(1 for _ in self.texts())
        return self.engine.search(Request(self.node, limit=0, group="document")).total

    def texts(self) -> Iterator[DocumentTexts]:
        """Yield the documents with their selected sections, in order of their ids."""
        for texts in self.engine.texts(self.node):
            if self.accepts(texts.document):
                yield texts

    def stored(self) -> Iterator[Stored]:
        """Yield the selected sections, in order of their ids."""
        for section in self.engine.stream(self.node):
            if self.accepts(section.document):
                yield section

    def joined(self, characters: int = 500_000) -> Iterator[JoinedTexts]:
        """Yield the sections' texts in pieces of about so many characters, in no particular order."""
        from policysearch.engines.joined_texts import join_texts

        if isinstance(self.engine, JoinsTexts):
            yield from self.engine.joined_texts(self.node, self.accepting, characters)
            return

        def joined(some: Sequence[DocumentTexts]) -> JoinedTexts:
            return join_texts([one.reduced for one in some], lambda: (at for one in some for at in one.line_breaks()))

        waiting: list[DocumentTexts] = []
        size = 0
        for texts in self.texts():
            waiting.append(texts)
            size += sum(map(len, texts.reduced))
            if size >= characters:
                yield joined(waiting)
                waiting, size = [], 0
        if waiting:
            yield joined(waiting)

    def batches(self, characters: int = 500_000) -> Iterator[list[Sequence[str]]]:
        """Yield the sections' texts by document, in batches of documents of about so many characters."""
        batch: list[Sequence[str]] = []
        size = 0
        for texts in self.texts():
            batch.append(texts.reduced)
            size += sum(map(len, texts.reduced))
            if size >= characters:
                yield batch
                batch, size = [], 0
        if batch:
            yield batch
