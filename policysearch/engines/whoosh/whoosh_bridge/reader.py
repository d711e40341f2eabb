"""The live sections as a Whoosh ``IndexReader``."""

from __future__ import annotations

import copy
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import Any

import numpy as np
from whoosh.columns import ColumnReader, TranslatingColumnReader
from whoosh.reading import IndexReader, TermInfo, TermNotFound

from policysearch.engines.whoosh.whoosh_bridge.analysis import occurrence_spans
from policysearch.engines.whoosh.whoosh_bridge.matcher import Place, PostingMatcher
from policysearch.engines.whoosh.whoosh_bridge.schema import POSTED, ExactText, WordField
from policysearch.engines.whoosh.whoosh_bridge.sections import LiveSections, Numbers
from policysearch.engines.whoosh.whoosh_bridge.terms import (
    FieldTerms,
    InvertedTerms,
    PostedTerms,
    Postings,
    WithExactText,
)
from policysearch.text.folding import reduce_with_offsets

__all__ = ["SectionReader"]

_KEPT = 256  # texts whose words and places are cached

Words = dict[str, list[tuple[int, int, int]]]


class SectionReader(IndexReader):  # type: ignore[misc]
    """Reads the live sections of one generation; each is a document to Whoosh.

    Attributes:
        schema: The index's fields.
        sections: The live sections.
    """

    def __init__(self, sections: LiveSections, schema: Any, generation: int) -> None:
        self.schema = schema
        self.sections = sections
        self.is_closed = False
        self._generation = generation
        self._fields: dict[str, FieldTerms] = {}
        self._columns: dict[str, list[Any]] = {}
        self._places_in = lru_cache(_KEPT)(self._cut_again)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(generation={self._generation}, sections={len(self.sections)})"

    def generation(self) -> int:
        """Return the number of the generation."""
        return self._generation

    def close(self) -> None:
        """Mark the reader as closed; files are closed when no reader, searcher or index needs them."""
        self.is_closed = True

    def again(self) -> SectionReader:
        """Return a new reader that shares the caches of this one."""
        made = copy.copy(self)
        made.is_closed = False
        return made

    # terms

    def _terms(self, fieldname: str) -> FieldTerms:
        found = self._fields.get(fieldname)
        if found is None:
            found = self._fields[fieldname] = self._make_terms(fieldname)
        return found

    def _make_terms(self, fieldname: str) -> FieldTerms:
        field, sections = self.schema[fieldname], self.sections
        if fieldname in POSTED:
            terms: FieldTerms = PostedTerms(sections, fieldname)
        else:

            def cut(value: Any) -> Iterable[bytes]:
                if isinstance(field, WordField):
                    return map(field.to_bytes, field.analyzer.words(value))
                return map(field.to_bytes, value if isinstance(value, tuple) else (value,))

            terms = InvertedTerms(lambda: sections.values(fieldname), cut, field.scorable)
        if isinstance(field, WordField):
            return WithExactText(terms, lambda text: sections.holding_exactly(fieldname, text), field.from_bytes)
        return terms

    def _bytes(self, fieldname: str, text: str | bytes) -> bytes:
        term: bytes = self._text_to_bytes(fieldname, text)
        return term

    def __contains__(self, term: tuple[str, str | bytes]) -> bool:
        fieldname, text = term
        if fieldname not in self.schema or not self.schema[fieldname].indexed:
            return False
        return self._terms(fieldname).document_frequency(self._bytes(fieldname, text)) > 0

    def indexed_field_names(self) -> list[str]:
        """Return the names of the fields that can be searched, in order."""
        return [name for name, field in sorted(self.schema.items()) if field.indexed]

    def all_terms(self) -> Iterator[tuple[str, bytes]]:
        """Yield every field and term, in order."""
        for fieldname in self.indexed_field_names():
            yield from self.terms_from(fieldname, b"")

    def terms_from(self, fieldname: str, prefix: str | bytes) -> Iterator[tuple[str, bytes]]:
        """Yield the field's terms in order from the first that is not less than ``prefix``."""
        for term in self._terms(fieldname).terms(self._bytes(fieldname, prefix)):
            yield fieldname, term

    def term_info(self, fieldname: str, text: str | bytes) -> Any:
        """Return a term's statistics. Raises ``TermNotFound`` when no section contains it."""
        return _Info(self._postings(fieldname, text))

    def _postings(self, fieldname: str, text: str | bytes) -> Postings:
        if fieldname not in self.schema:
            raise TermNotFound(f"No field {fieldname!r}")
        found = self._terms(fieldname).postings(self._bytes(fieldname, text))
        if not len(found):
            raise TermNotFound(f"No term {fieldname}:{text!r}")
        return found

    def frequency(self, fieldname: str, text: str | bytes) -> int:
        """Return the total frequency of a term in all sections."""
        return int(self._terms(fieldname).postings(self._bytes(fieldname, text)).frequencies.sum())

    def doc_frequency(self, fieldname: str, text: str | bytes) -> int:
        """Return the document frequency of a term: the number of sections that contain it."""
        return self._terms(fieldname).document_frequency(self._bytes(fieldname, text))

    def postings(self, fieldname: str, text: str | bytes, scorer: Any = None) -> Any:
        """Return a matcher of a term. Raises ``TermNotFound`` when no section contains it."""
        postings = self._postings(fieldname, text)
        field, term = self.schema[fieldname], self._bytes(fieldname, text)

        def places(number: int) -> list[Place]:
            return self._places(fieldname, field.from_bytes(term), number)

        return PostingMatcher((fieldname, term), postings, field.format, scorer, places)

    # places

    def _cut_again(self, fieldname: str, number: int) -> tuple[str, Words]:
        text: str = self.sections.stored(number).get(fieldname) or ""
        found: Words = {}
        for token in self.schema[fieldname].analyzer(text, positions=True, chars=True, mode="index"):
            found.setdefault(token.text, []).append((token.pos, token.startchar, token.endchar))
        return text, found

    def _places(self, fieldname: str, term: str, number: int) -> list[Place]:
        """Return the places of a term in a section; an exact text has the positions of the words that contain it."""
        text, words = self._places_in(fieldname, number)
        if not isinstance(term, ExactText):
            return [(pos, pos, start, end) for pos, start, end in words[term]]
        starts = sorted((start, pos) for places in words.values() for pos, start, _ in places)
        reduced = reduce_with_offsets(text)
        spans = reduced.spans(occurrence_spans(term, reduced.text))
        return [(_position_at(start, starts), _position_at(end - 1, starts), start, end) for start, end in spans]

    # sections

    def doc_count(self) -> int:
        """Return the number of sections."""
        return len(self.sections)

    def doc_count_all(self) -> int:
        """Return the same as ``doc_count``: removed sections are never counted."""
        return len(self.sections)

    def has_deletions(self) -> bool:
        """Return False: Whoosh sees live sections only."""
        return False

    def is_deleted(self, docnum: int) -> bool:
        """Return False."""
        return False

    def deleted_docs_set(self) -> frozenset[int]:
        """Return an empty set."""
        return frozenset()

    def stored_fields(self, docnum: int) -> dict[str, Any]:
        """Return the stored fields of a section."""
        return dict(self.sections.stored(docnum))

    def has_vector(self, docnum: int, fieldname: str) -> bool:
        """Return False: the terms of a section are found by analysing its text."""
        return False

    def vector(self, docnum: int, fieldname: str, format_: Any = None) -> Any:
        """Raise ``KeyError``: there are no term vectors."""
        raise KeyError(f"The index keeps no term vectors of {fieldname!r}")

    # lengths

    def exact_lengths(self, fieldname: str) -> Numbers:
        """Return each section's length in a field, in terms."""
        lengths = self._terms(fieldname).lengths
        return np.zeros(len(self.sections), np.int64) if lengths is None else lengths.exact

    def min_exact_length(self, fieldname: str, text: str | bytes) -> int:
        """Return the smallest length of the sections that contain a term."""
        return int(self.exact_lengths(fieldname)[self._postings(fieldname, text).numbers].min())

    @property
    def heading_only(self) -> Any:
        """A boolean array: the sections that are only a heading."""
        return self.sections.heading_only

    def _rounded(self, fieldname: str) -> Numbers | None:
        if fieldname not in self.schema or not self.schema[fieldname].scorable:
            return None
        lengths = self._terms(fieldname).lengths
        return None if lengths is None else lengths.rounded

    def doc_field_length(self, docnum: int, fieldname: str, default: int = 0) -> int:
        """Return a section's length in a field, rounded as in Whoosh's codec; ``default`` when it has none."""
        rounded = self._rounded(fieldname)
        return (default if rounded is None else int(rounded[docnum])) or default

    def field_length(self, fieldname: str) -> int:
        """Return the sum of the exact lengths."""
        return int(self.exact_lengths(fieldname).sum()) if self._rounded(fieldname) is not None else 0

    def min_field_length(self, fieldname: str) -> int:
        """Return the smallest length, rounded."""
        rounded = self._rounded(fieldname)
        return 0 if rounded is None or not len(rounded) else int(rounded.min())

    def max_field_length(self, fieldname: str) -> int:
        """Return the greatest length, rounded."""
        rounded = self._rounded(fieldname)
        return 0 if rounded is None or not len(rounded) else int(rounded.max())

    # columns

    def has_column(self, fieldname: str) -> bool:
        """Return whether a field has a column for sorting and grouping."""
        return fieldname in self.schema and self.schema[fieldname].column_type is not None

    def column_reader(self, fieldname: str, column: Any = None, reverse: bool = False, translate: bool = True) -> Any:
        """Return a reader of a field's value of each section."""
        if not self.has_column(fieldname):
            raise KeyError(f"The field {fieldname!r} has no column")
        field = self.schema[fieldname]
        values = self._columns.get(fieldname)
        if values is None:
            missing = field.column_type.default_value()
            values = self._columns[fieldname] = []
            for run, value in self.sections.values(fieldname):
                values += [missing if value is None else field.to_column_value(value)] * len(run)
        reader = _Column(values, reverse)
        return TranslatingColumnReader(reader, field.from_column_value) if translate else reader


def _position_at(offset: int, starts: Sequence[tuple[int, int]]) -> int:
    """Return the position of the last word that starts at or before an offset, 0 when there is none."""
    at = bisect_right(starts, offset, key=itemgetter(0))
    return starts[at - 1][1] if at else 0


class _Column(ColumnReader):  # type: ignore[misc]
    def __init__(self, values: list[Any], reverse: bool) -> None:
        self._values = values
        self._reverse = reverse

    def __len__(self) -> int:
        return len(self._values)

    def __getitem__(self, docnum: int) -> Any:
        return self._values[docnum]

    def __iter__(self) -> Iterator[Any]:
        return iter(self._values)

    def load(self) -> list[Any]:
        return self._values

    def sort_key(self, docnum: int) -> Any:
        return -self._values[docnum] if self._reverse else self._values[docnum]

    def set_reverse(self) -> None:
        self._reverse = True


class _Info(TermInfo):  # type: ignore[misc]
    """A term's statistics, computed on demand: iterating over a lexicon does not need them."""

    def __init__(self, postings: Postings) -> None:
        self._postings = postings

    def weight(self) -> float:
        return float(self._postings.frequencies.sum())

    def doc_frequency(self) -> int:
        return len(self._postings)

    def min_length(self) -> int:
        return int(self._postings.rounded_lengths.min())

    def max_length(self) -> int:
        return int(self._postings.rounded_lengths.max())

    def max_weight(self) -> float:
        return float(self._postings.frequencies.max())

    def min_id(self) -> int:
        return self._postings.number_list[0]

    def max_id(self) -> int:
        return self._postings.number_list[-1]
