"""Which sections are counted in, and which of their documents."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from policysearch.engines.protocol import DocumentTexts, Engine, Request, Stored
from policysearch.engines.tree import Node
from policysearch.frozen import frozen
from policysearch.query.filters import id_matches

__all__ = ["Selection", "Totals"]


@frozen
class Totals:
    """How much was counted in.

    Attributes:
        documents: How many documents.
        sections: How many sections of these.
        characters: How many Han characters these have.
    """

    documents: int
    sections: int
    characters: int


@frozen
class Selection:
    """Sections of an index.

    Attributes:
        engine: The open index.
        node: Which sections.
        document: Patterns (``*`` and ``?``) of ids of documents; any will do. All documents without any.
    """

    engine: Engine
    node: Node
    document: tuple[str, ...] = ()

    @property
    def accepting(self) -> Callable[[Mapping[str, Any]], bool] | None:
        """A predicate on documents to count in; None for all."""
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

    def batches(self, characters: int = 500_000) -> Iterator[list[Sequence[str]]]:
        """Yield the sections' texts by document, of some documents at a time: of about so many characters."""
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
