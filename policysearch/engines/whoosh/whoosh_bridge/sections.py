"""The live sections of a generation as one numbered list: the documents of Whoosh."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from policysearch.engines.protocol import section_id
from policysearch.engines.tree import Contains
from policysearch.engines.whoosh.engine import WhooshEngine
from policysearch.engines.whoosh.ranking_numpy import ArrayTerms
from policysearch.engines.whoosh.whoosh_bridge.analysis import occurrence_spans
from policysearch.engines.whoosh.whoosh_bridge.schema import POSTED, RECORD_FIELDS, DateField
from policysearch.errors import PolicySearchError
from policysearch.text.folding import reduce

__all__ = ["LiveSections", "Numbers"]

Numbers = NDArray[np.int64]

_NONE = np.zeros(0, np.int64)
_KEPT = 64  # stored sections


class LiveSections:
    """The sections of all live documents, numbered from 0 in order of their ids.

    So the numbers, and all statistics, equal those of a new index of the same
    sources, regardless of the history of this one; Whoosh sees no deletions.

    Args:
        engine: An open generation, which may be closed afterwards.
    """

    def __init__(self, engine: WhooshEngine) -> None:
        self._engine = engine
        self._segments = engine.segments
        self._terms = [ArrayTerms(live) for live in self._segments]
        documents = [
            (live.data.document_id(number), i, number)
            for i, live in enumerate(self._segments)
            for number in live.live_documents
        ]
        documents.sort()
        self._documents = [(i, number) for _, i, number in documents]
        sizes = [self._segments[i].data.first[n + 1] - self._segments[i].data.first[n] for i, n in self._documents]
        self._first: Numbers = np.concatenate((_NONE, np.cumsum([0, *sizes])))
        self._numbers = [np.full(live.data.sections, -1, np.int64) for live in self._segments]
        for (i, number), start, size in zip(self._documents, self._first.tolist(), sizes, strict=False):
            at = self._segments[i].data.first[number]
            self._numbers[i][at : at + size] = np.arange(start, start + size)
        self.stored = lru_cache(_KEPT)(self._stored)

    def __len__(self) -> int:
        return int(self._first[-1])

    def _located(self, docnum: int) -> tuple[int, int, int]:
        """Return the segment, the document in it and the section in it."""
        at = int(np.searchsorted(self._first, docnum, "right")) - 1
        i, number = self._documents[at]
        return i, number, int(self._segments[i].data.first[number] + docnum - self._first[at])

    @contextmanager
    def _verifying(self) -> Iterator[None]:
        """On an unexpected error, check the index files; raise ``IndexUnusableError`` if they are corrupt."""
        try:
            yield
        except PolicySearchError:
            raise
        except Exception:
            self._engine.verify()
            raise

    # postings

    def document_frequency(self, field: str, term: str) -> int:
        """Return the document frequency of a term of a field with postings in the segments."""
        with self._verifying():
            return sum(terms.document_frequency(POSTED[field], term) for terms in self._terms)

    def postings(self, field: str, term: str) -> tuple[Numbers, Numbers]:
        """Return the sections that contain a term, ascending, and its frequency in each."""
        found = []
        with self._verifying():
            for i, terms in enumerate(self._terms):
                sections, frequencies = terms.postings(POSTED[field], term)
                found.append((self._numbers[i][sections], frequencies.astype(np.int64)))
        return _sorted(found)

    def terms(self, field: str, start: str) -> Iterator[Iterator[str]]:
        """Yield, for each segment, its terms in order from ``start``; some may be in removed sections only."""
        for live in self._segments:
            yield live.data.terms(POSTED[field], start)

    def holding_exactly(self, field: str, text: str) -> tuple[Numbers, Numbers]:
        """Return the sections with a reduced text in ``text``, ``heading`` or ``title``, and its frequency in each."""
        found = []
        with self._verifying():
            for i, live in enumerate(self._segments):
                sections = list(live.select(Contains(text, field)))
                value = self._reduced(i, field)
                counts = [max(1, len(occurrence_spans(text, value(section)))) for section in sections]
                found.append((self._numbers[i][sections], np.array(counts, np.int64)))
        return _sorted(found)

    def _reduced(self, i: int, field: str) -> Callable[[int], str]:
        data = self._segments[i].data
        if field == "title":
            return lambda section: reduce(data.document(data.document_of(section))["title"] or "")
        return data.heading if field == "heading" else data.reduced

    def lengths(self, field: str) -> Numbers:
        """Return each section's length, in terms, of a field with postings in the segments."""
        lengths = np.zeros(len(self), np.int64)
        for live, numbers in zip(self._segments, self._numbers, strict=True):
            lengths[numbers[numbers >= 0]] = np.asarray(live.data.lengths[POSTED[field]])[numbers >= 0]
        return lengths

    @cached_property
    def heading_only(self) -> NDArray[np.bool_]:
        """A boolean array: the sections that are only a heading."""
        found = np.zeros(len(self), bool)
        for live, numbers in zip(self._segments, self._numbers, strict=True):
            sections = numbers[np.fromiter(live.data.bare, np.int64)]
            found[sections[sections >= 0]] = True
        return found

    # values

    def values(self, field: str) -> Iterator[tuple[range, Any]]:
        """Yield runs of sections in order, each with the common value of a field, or None."""
        if field in RECORD_FIELDS:
            at = RECORD_FIELDS.index(field)
            yield from self._of_sections(lambda data, _, section: data.record(section)[at])
        elif field == "part":
            yield from self._of_sections(lambda data, _, section: data.figures["parts"][data.parts[section]])
        elif field == "section_id":
            yield from self._of_sections(
                lambda data, number, section: section_id(data.document_id(number), section - data.first[number] + 1)
            )
        else:
            yield from self._of_documents(field)

    def _of_sections(self, value: Callable[[Any, int, int], Any]) -> Iterator[tuple[range, Any]]:
        for (i, number), start in zip(self._documents, self._first.tolist(), strict=False):
            data = self._segments[i].data
            first = data.first[number]
            for section in range(first, data.first[number + 1]):
                docnum = start + section - first
                yield range(docnum, docnum + 1), value(data, number, section)

    def _of_documents(self, field: str) -> Iterator[tuple[range, Any]]:
        columns = [
            live.data.column(field) if live.data.file.has(f"column.{field}") else None for live in self._segments
        ]
        starts = self._first.tolist()
        for at, (i, number) in enumerate(self._documents):
            column, data = columns[i], self._segments[i].data
            if column:
                value = column[0][column[1][number]]
            elif field == "duplicate_of":
                value = self._engine.generation.duplicates.get(data.document_id(number))
            else:
                value = data.document(number)[field]
            yield range(starts[at], starts[at + 1]), _typed(field, value)

    def _stored(self, docnum: int) -> Mapping[str, Any]:
        """Return the stored fields of a section, by the names of the schema, without missing ones."""
        i, number, section = self._located(docnum)
        data = self._segments[i].data
        with self._verifying():
            reduced = data.reduced(section)
            document = data.document(number)
            values = {
                **{name: _typed(name, value) for name, value in document.items()},
                "duplicate_of": self._engine.generation.duplicates.get(document["document_id"]),
                **dict(zip(RECORD_FIELDS, data.record(section), strict=True)),
                "part": data.figures["parts"][data.parts[section]],
                "section_id": section_id(document["document_id"], section - data.first[number] + 1),
                "text": data.shown(section, reduced).text,
            }
        return {name: value for name, value in values.items() if value is not None}


def _typed(field: str, value: Any) -> Any:
    """Return a document's value as Whoosh stores it: days are ``datetime``, lists are tuples."""
    if field == "date" and value is not None:
        return DateField.value(value)
    return tuple(value) if isinstance(value, list) else value


def _sorted(found: list[tuple[Numbers, Numbers]]) -> tuple[Numbers, Numbers]:
    if not found:
        return _NONE, _NONE
    numbers = np.concatenate([numbers for numbers, _ in found])
    order = numbers.argsort(kind="stable")
    return numbers[order], np.concatenate([counts for _, counts in found])[order]
