"""What a query found: hits, with all that is shown of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from policysearch.engines.protocol import Stored, section_id
from policysearch.frozen import asdict, frozen
from policysearch.search.snippets import Snippet

if TYPE_CHECKING:
    from policysearch.search.explanation import Explanation

__all__ = ["Hit", "HitId", "Hits", "View", "hit_columns", "make_hit"]


@frozen
class Hit:
    """A section that a query found.

    Attributes:
        rank: From 1, counted over all pages.
        score: Never rises with rank.
        matches: How many places in the section's text the query stands in.
        exact: Whether ``match="exact"`` finds the section too.
        duplicates: Ids of equal sections of documents with equal text (of the documents, where these are ranked) that
            are no hits because this is one; None unless such were folded.
        cited: ``self``, ``version`` or ``citing``, where the query is a citation that the section is a hit by.
        citation: How the section is cited.
        latest: Id of the same section in the document's latest version.
        sections: With ``group="document"``, how many sections of the document match; else None.

    The rest as in ``documents.Document`` and ``sections.Section``.
    """

    rank: int
    score: float
    section_id: str
    document_id: str
    title: str | None
    type: str
    region: str | None
    region_code: str | None
    city: str | None
    province: str | None
    level: str | None
    year: int | None
    date: str | None
    issuer: str | None
    document_number: str | None
    status: str | None
    url: str | None
    part: str
    path: tuple[str, ...]
    number: str | None
    heading: str | None
    page: int | None
    matches: int
    snippet: Snippet
    source: str
    exact: bool = False
    duplicates: tuple[str, ...] | None = None
    cited: str | None = None
    citation: str | None = None
    latest: str | None = None
    sections: int | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as plain values for JSON; ``sections`` only where it has a meaning."""
        fields = asdict(self)
        fields["path"] = list(self.path)
        if self.duplicates is not None:
            fields["duplicates"] = list(self.duplicates)
        spans = [list(span) for span in self.snippet.spans]
        fields["snippet"] = {"text": self.snippet.text, "spans": spans, "start": self.snippet.start}
        if self.sections is None:
            del fields["sections"]
        return fields

    def to_row(self) -> dict[str, Any]:
        """Return the fields as a table has them: path by `` / ``, duplicates by a space, the snippet as its text."""
        fields = {**self.to_dict(), "path": " / ".join(self.path), "snippet": self.snippet.text}
        if self.duplicates is not None:
            fields["duplicates"] = " ".join(self.duplicates)
        return fields


class HitId(NamedTuple):
    """A hit by its id.

    Attributes:
        rank: From 1, counted over all pages.
        score: Never rises with rank.
        document_id: Of its document.
        ordinal: Its place there, from 1.
    """

    rank: int
    score: float
    document_id: str
    ordinal: int

    @property
    def section_id(self) -> str:
        """Document id, ``#``, ordinal."""
        return section_id(self.document_id, self.ordinal)


def hit_columns(grouped: bool) -> tuple[str, ...]:
    """Return the columns of hits in a table; ``grouped``: whether documents are ranked."""
    return (*(name for name in Hit.__match_args__ if grouped or name != "sections"), "total_exact")


@frozen
class Hits:
    """What a query found. Its length is that of ``hits``, and iterating over it gives these.

    Attributes:
        query: As typed.
        match: The mode that was used: ``all``, ``any`` or ``exact``.
        relaxed: Whether ``all`` found nothing and ``any`` was used instead.
        total: How many sections (documents, when grouped) match, whatever the limit.
        hits: One page of them, best first.
        total_exact: How many ``match="exact"`` finds; None where that was not asked for.
        distinct: How many hits there are to show, whatever the limit: fewer than ``total`` where equal ones are folded.
        read_as: What the query was taken for when it was no plain list of words: ``{"kind": "question"}``; else None.
        all_words: Of a question: how many sections (documents) have all its words.
        typed: The unquoted groups of the text that are wanted, as typed.
        suggestion: A query that says the same with filters, where a group is a known place or a year; or None.
        explanation: How the query was read and the hits scored, where that was asked for; or None.
    """

    query: str
    match: str
    relaxed: bool
    total: int
    hits: tuple[Hit, ...]
    total_exact: int | None = None
    distinct: int | None = None
    read_as: Mapping[str, Any] | None = None
    all_words: int | None = None
    typed: tuple[str, ...] = ()
    suggestion: str | None = None
    explanation: Explanation | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the fields that every output has, as plain values, and ``explain`` where that was asked for."""
        fields: dict[str, Any] = {
            "query": self.query,
            "match": self.match,
            "relaxed": self.relaxed,
            "total": self.total,
            "total_exact": self.total_exact,
            "distinct": self.distinct,
            "read_as": None if self.read_as is None else dict(self.read_as),
            "hits": [hit.to_dict() for hit in self.hits],
        }
        if self.explanation is not None:
            fields["explain"] = self.explanation.to_dict()
        return fields

    def __len__(self) -> int:
        return len(self.hits)

    def __iter__(self) -> Iterator[Hit]:
        return iter(self.hits)

    def to_frame(self) -> Any:
        """Return the hits as a pandas ``DataFrame``, with the columns of CSV.

        Raises ``ImportError`` where pandas is not installed.
        """
        import pandas

        grouped = any(hit.sections is not None for hit in self.hits)
        rows = [{**hit.to_row(), "total_exact": self.total_exact} for hit in self.hits]
        return pandas.DataFrame(rows, columns=list(hit_columns(grouped)))

    def _repr_html_(self) -> str:
        from policysearch.notebook import hits_html

        return hits_html(self)


@frozen
class View:
    """A section, or a document with all its sections.

    Attributes:
        stored: The sections.
        one: Whether a section was asked for.
    """

    stored: tuple[Stored, ...]
    one: bool

    @property
    def document(self) -> Mapping[str, Any]:
        """The document's metadata."""
        return self.stored[0].document

    @property
    def sections(self) -> list[dict[str, Any]]:
        """The sections' fields, fit for JSON."""
        return [section_fields(section) for section in self.stored]

    @property
    def before(self) -> str | None:
        """Id of the section before the one asked for."""
        first = self.stored[0]
        return section_id(first.document["document_id"], first.ordinal - 1) if first.ordinal > 1 else None

    @property
    def after(self) -> str | None:
        """Id of the section after the one asked for."""
        last = self.stored[-1]
        return section_id(last.document["document_id"], last.ordinal + 1) if last.ordinal < last.last else None

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON: a section with its document, or a document with its sections."""
        if self.one:
            return {
                **self.sections[0],
                "before": self.before,
                "after": self.after,
                "document": dict(self.document),
            }
        return {"document": dict(self.document), "sections": self.sections}


def section_fields(stored: Stored) -> dict[str, Any]:
    """Return what is said of a section, fit for JSON."""
    return {
        "section_id": stored.section_id,
        "number": stored.number,
        "heading": stored.heading,
        "level": stored.level,
        "path": list(stored.path),
        "part": stored.part,
        "start": stored.start,
        "end": stored.start + len(stored.text),
        "page": stored.page,
        "text": stored.text,
    }


_NAMES = Hit.__match_args__
_of_document = itemgetter(*_NAMES[_NAMES.index("document_id") : _NAMES.index("part")])


def make_hit(
    rank: int,
    score: float,
    sections: int | None,
    exact: bool,
    duplicates: tuple[str, ...] | None,
    stored: Stored,
    snippet: Snippet,
    matches: int,
) -> Hit:
    """Return a hit; ``sections`` where documents are ranked, ``duplicates`` where they are folded."""
    # by position: a call with two dozen names takes half as long again
    fields = (
        rank,
        score,  # not rounded: equal scores, and no others, are in order of ids
        stored.section_id,
        *_of_document(stored.document),
        stored.part,
        stored.path,
        stored.number,
        stored.heading,
        stored.page,
        matches,
        snippet,
        stored.document["source"],
        exact,
        duplicates,
        None,
        None,
        None,
        sections,
    )
    return Hit(*fields)
