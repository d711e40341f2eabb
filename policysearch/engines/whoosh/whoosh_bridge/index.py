"""The index as a ``whoosh.index.Index``."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NoReturn

from whoosh.index import Index
from whoosh.writing import IndexingError

from policysearch.engines.whoosh.engine import WhooshEngine
from policysearch.engines.whoosh.generations import read_current
from policysearch.engines.whoosh.whoosh_bridge.analysis import WordAnalyzer
from policysearch.engines.whoosh.whoosh_bridge.reader import SectionReader
from policysearch.engines.whoosh.whoosh_bridge.schema import make_schema
from policysearch.engines.whoosh.whoosh_bridge.searching import SectionSearcher
from policysearch.engines.whoosh.whoosh_bridge.sections import LiveSections
from policysearch.errors import PolicySearchError

__all__ = ["NotWritableError", "SectionIndex"]


class NotWritableError(PolicySearchError, IndexingError):  # type: ignore[misc]
    """Raised for a Whoosh writer, which cannot write this index."""


class _Opened:
    """One generation, open."""

    def __init__(self, folder: Path) -> None:
        engine = WhooshEngine(folder)
        analysis = engine.description["analysis"]
        self.number: int = engine.generation.number
        self.schema = make_schema(WordAnalyzer(analysis["user_words"], analysis["fingerprint"]))
        self.reader = SectionReader(LiveSections(engine), self.schema, self.number)


class SectionIndex(Index):  # type: ignore[misc]
    """A built index in Whoosh's API. Its documents are the live sections, in order of their ids.

    ``reader`` and ``searcher`` open the newest generation, which they keep.
    Nothing is unpickled. Raises ``IndexUnusableError`` when there is no usable
    index.

    Attributes:
        folder: The index's folder.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._opened = _Opened(folder)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self.folder)!r}, generation={self._opened.number})"

    def _newest(self) -> _Opened:
        if self.latest_generation() != self._opened.number:
            self._opened = _Opened(self.folder)
        return self._opened

    @property
    def schema(self) -> Any:
        """The fields."""
        return self._opened.schema

    def reader(self, reuse: Any = None) -> Any:
        """Return a reader of the newest generation."""
        opened = self._newest()
        return opened.reader.again()

    def searcher(self, **options: Any) -> Any:
        """Return a searcher of the newest generation; options are those of ``whoosh.searching.Searcher``."""
        return SectionSearcher(self.reader(), fromindex=self, **options)

    def latest_generation(self) -> int:
        """Return the number of the newest generation."""
        return read_current(self.folder).number

    def up_to_date(self) -> bool:
        """Return whether this index, or its last reader, is of the newest generation."""
        return self.latest_generation() == self._opened.number

    def refresh(self) -> SectionIndex:
        """Reload the newest generation; return this index."""
        return self if self.up_to_date() else type(self)(self.folder)

    def last_modified(self) -> float:
        """Return the time when the newest generation was published, in seconds since the epoch."""
        return (self.folder / "CURRENT").stat().st_mtime

    def is_empty(self) -> bool:
        """Return whether there are no sections."""
        return not self.doc_count()

    def optimize(self) -> NoReturn:
        """Raise ``NotWritableError``."""
        self.writer()

    def writer(self, **options: Any) -> NoReturn:
        """Raise ``NotWritableError``: the program reads, splits and analyses documents itself."""
        raise NotWritableError(
            f"Whoosh's writer cannot write the index at '{self.folder}'. To add, change or remove documents, change "
            "the sources and run: policysearch index FOLDER (from Python: policysearch.index_sources)"
        )
