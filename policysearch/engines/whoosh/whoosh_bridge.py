"""The segments as Whoosh sees them: a codec, so that Whoosh's own readers, queries and matchers work on the index.

Searches read postings in whole groups (``evaluation``), because Whoosh's
matchers go from posting to posting, and without importing Whoosh, which takes
longer than a search. The two read the same segments, and a test holds their
answers equal.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from whoosh import fields, formats
from whoosh.codec import base
from whoosh.matching import ListMatcher, NullMatcher
from whoosh.reading import MultiReader, SegmentReader, TermInfo
from whoosh.scoring import BaseScorer, WeightingModel

from policysearch.engines import scoring
from policysearch.engines.whoosh.live_segment import LiveSegment
from policysearch.engines.whoosh.segment_reader import GRAMS, WORDS

__all__ = ["LuceneBM25", "SectionCodec", "SectionSegment", "open_reader", "schema"]


@lru_cache(maxsize=1)
def schema() -> Any:
    """Return the fields of the index: a section's words and bigrams, and its ids."""
    return fields.Schema(
        document_id=fields.STORED(),
        section=fields.STORED(),
        **{name: _TermField() for name in (WORDS, GRAMS)},
    )


class _TermField(fields.FieldType):  # type: ignore[misc]
    """A field whose terms are made before Whoosh sees them."""

    indexed = True
    scorable = True
    stored = False

    def __init__(self) -> None:
        super().__init__(formats.Frequency(), None, scorable=True)

    def to_bytes(self, value: Any) -> bytes:
        """Return a term as the index keeps it."""
        if isinstance(value, (list, tuple)):
            value = value[0]
        return value if isinstance(value, bytes) else value.encode("utf-8", "surrogatepass")

    def from_bytes(self, value: bytes) -> str:
        """Return a term as text."""
        return value.decode("utf-8", "surrogatepass")


class SectionSegment(base.Segment):  # type: ignore[misc]
    """A live segment, in Whoosh's terms: its documents are our sections.

    Attributes:
        live: The segment.
    """

    def __init__(self, live: LiveSegment) -> None:
        super().__init__(live.data.name)
        self.live = live

    def doc_count_all(self) -> int:
        """Return the number of sections, live or not."""
        return self.live.data.sections

    def deleted_count(self) -> int:
        """Return the number of sections that are not live."""
        return self.live.data.sections - len(self.live.all)


class SectionCodec(base.Codec):  # type: ignore[misc]
    """Reads the segments of this package; they are written whole, by ``writing.write_segment``."""

    def terms_reader(self, storage: Any, segment: SectionSegment) -> Any:
        """Return the segment's lexicon and postings."""
        return _Terms(segment.live)

    def per_document_reader(self, storage: Any, segment: SectionSegment) -> Any:
        """Return the segment's lengths and stored fields."""
        return _Sections(segment.live)


class _Terms(base.TermsReader):  # type: ignore[misc]
    def __init__(self, segment: LiveSegment) -> None:
        self._live = segment

    def __contains__(self, term: tuple[str, bytes]) -> bool:
        return bool(self._live.document_frequency(term[0], term[1].decode("utf-8", "surrogatepass")))

    def indexed_field_names(self) -> list[str]:
        return [GRAMS, WORDS]

    def terms(self) -> Iterator[tuple[str, bytes]]:
        for name in self.indexed_field_names():
            yield from self.terms_from(name, b"")

    def terms_from(self, fieldname: str, prefix: bytes) -> Iterator[tuple[str, bytes]]:
        for term in self._live.data.terms(fieldname):
            if (data := term.encode("utf-8", "surrogatepass")) >= prefix:
                yield fieldname, data

    def term_info(self, fieldname: str, text: bytes) -> Any:
        postings = self._live.postings(fieldname, text.decode("utf-8", "surrogatepass"))
        if not postings:
            raise KeyError((fieldname, text))
        return TermInfo(
            weight=sum(f * len(s) for f, s in postings),
            df=sum(len(s) for _, s in postings),
            maxweight=postings[-1][0],
            minid=min(s.min() for _, s in postings),
            maxid=max(s.max() for _, s in postings),
        )

    def matcher(self, fieldname: str, text: bytes, format_: Any, scorer: Any = None) -> Any:
        postings = self._live.postings(fieldname, text.decode("utf-8", "surrogatepass"))
        held = sorted((section, float(f)) for f, sections in postings for section in sections)
        if not held:
            return NullMatcher()
        return ListMatcher(
            [section for section, _ in held],
            weights=[weight for _, weight in held],
            format=format_,
            scorer=scorer,
            term=(fieldname, text),
        )


class _Sections(base.PerDocumentReader):  # type: ignore[misc]
    def __init__(self, segment: LiveSegment) -> None:
        self._live = segment

    def doc_count(self) -> int:
        return len(self._live.all)

    def doc_count_all(self) -> int:
        return self._live.data.sections

    def has_deletions(self) -> bool:
        return bool(self._live.removed)

    def is_deleted(self, docnum: int) -> bool:
        return docnum not in self._live.all

    def deleted_docs(self) -> list[int]:
        return [d for d in range(self.doc_count_all()) if d not in self._live.all]

    def doc_field_length(self, docnum: int, fieldname: str, default: int = 0) -> int:
        return self._live.data.lengths[fieldname][docnum]

    def field_length(self, fieldname: str) -> int:
        lengths = self._live.data.lengths[fieldname]
        return sum(lengths[s] for s in self._live.all)

    def min_field_length(self, fieldname: str) -> int:
        return min(self._live.data.lengths[fieldname], default=0)

    def max_field_length(self, fieldname: str) -> int:
        return max(self._live.data.lengths[fieldname], default=0)

    def stored_fields(self, docnum: int) -> dict[str, Any]:
        data = self._live.data
        document = data.document_of(docnum)
        return {
            "document_id": data.document_id(document),
            "section": docnum - data.first[document] + 1,
        }


class LuceneBM25(WeightingModel):  # type: ignore[misc]
    """The scoring formula, for Whoosh's own matchers."""

    def scorer(self, searcher: Any, fieldname: str, text: bytes, qf: int = 1) -> Any:
        """Return what scores the postings of one term."""
        reader = searcher.reader()
        parent = searcher.get_parent()
        lengths = [
            sub.doc_field_length(d, fieldname, 0)
            for sub, _ in parent.reader().leaf_readers()
            for d in sub.all_doc_ids()
        ]
        having = len(lengths) - lengths.count(0)
        idf = scoring.idf(having, parent.doc_frequency(fieldname, text))
        return _Scorer(reader, fieldname, qf * idf, scoring.norms(sum(lengths) / having if having else 0.0))


class _Scorer(BaseScorer):  # type: ignore[misc]
    def __init__(self, reader: Any, fieldname: str, weight: float, norms: tuple[float, ...]) -> None:
        data = reader.segment().live.data
        self._lengths: bytes = data.norms[fieldname]
        self._bare = data.bare
        self._weight = weight
        self._norms = norms

    def score(self, matcher: Any) -> float:
        frequency: float = matcher.weight()
        section = matcher.id()
        score: float = self._weight * frequency / (frequency + self._norms[self._lengths[section]])
        return score * scoring.HEADING_FACTOR if section in self._bare else score


def open_reader(segments: list[LiveSegment]) -> Any:
    """Return a Whoosh reader over segments that are open."""
    codec = SectionCodec()
    readers = [SegmentReader(None, schema(), SectionSegment(live), codec=codec) for live in segments]
    return readers[0] if len(readers) == 1 else MultiReader(readers)
