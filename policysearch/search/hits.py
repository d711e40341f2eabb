"""Hits of a query, with all output fields."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from policysearch.engines.protocol import Stored, section_id
from policysearch.frozen import asdict, frozen
from policysearch.search.snippets import Snippet

if TYPE_CHECKING:
    from policysearch.search.explanation import Explanation
    from policysearch.search.facets import Facets

__all__ = ["Hit", "HitId", "Hits", "Match", "Version", "View", "hit_columns", "make_hit", "prepare_hits"]


@frozen
class Hit:
    """A section that matches a query.

    Attributes:
        rank: The rank from 1, counted over all pages.
        score: The score, which never increases with rank; 0 in an order other than by score.
        matches: Number of matches in the section's text.
        exact: Whether the section is also a hit of ``match="exact"``.
        duplicates: Ids of equal sections of documents with equal text (or of the documents, if these are ranked) that
            are folded into this hit; None without folding.
        cited: ``self``, ``version`` or ``citing``, for a hit of a citation query.
        superseded_by: Id of the version that superseded the document; None if there is none in the index.
        sections: With ``group="document"``, number of matching sections of the document; otherwise None.

    The other attributes are those of ``documents.Document`` and ``sections.Section``.
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
    version: str | None
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
    superseded_by: str | None = None
    sections: int | None = None

    @property
    def citation(self) -> str:
        """The citation of the section in official and legal prose; see ``citing.citation``."""
        return _told_when_asked()[0](self.__dict__, self.path, dated=self.superseded_by is not None)

    @property
    def latest(self) -> bool | None:
        """Whether the document is the latest version; None if unknown. See ``versions.is_latest``."""
        return _told_when_asked()[1](self.__dict__, self.superseded_by)

    def to_csl(self) -> dict[str, Any]:
        """Return an item of CSL-JSON, which citation managers read."""
        from policysearch.citation.citing import csl_item

        return csl_item(self.__dict__, self.section_id, self.path, dated=self.superseded_by is not None)

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as plain values for JSON; ``sections`` only if it is set."""
        fields = asdict(self)
        fields["citation"] = self.citation
        fields["latest"] = self.latest
        fields["path"] = list(self.path)
        if self.duplicates is not None:
            fields["duplicates"] = list(self.duplicates)
        spans = [list(span) for span in self.snippet.spans]
        fields["snippet"] = {"text": self.snippet.text, "spans": spans, "start": self.snippet.start}
        if self.sections is None:
            del fields["sections"]
        return fields

    def to_json(self) -> str:
        """Return ``to_dict`` as JSON, as ``json.dumps`` with ``ensure_ascii=False`` does, but faster."""
        from policysearch.search.encoding import hit_json

        return hit_json(self)

    def to_row(self) -> dict[str, Any]:
        """Return the fields as cells: path joined by `` / ``, duplicates by a space, the snippet as its text."""
        fields = {**self.to_dict(), "path": " / ".join(self.path), "snippet": self.snippet.text}
        if self.duplicates is not None:
            fields["duplicates"] = " ".join(self.duplicates)
        return fields


@lru_cache(maxsize=1)
def _told_when_asked() -> tuple[Callable[..., str], Callable[..., bool | None]]:
    """Return the functions for a hit's citation and its ``latest``, loaded only by the formats that need them.

    Cached, since an import statement takes as long as the rest.
    """
    from policysearch.citation.citing import citation
    from policysearch.citation.versions import is_latest

    return citation, is_latest


def prepare_hits() -> None:
    """Load the patterns of citations in advance, for which the JSON of the first hit would wait 10 ms."""
    import policysearch.search.encoding  # noqa: F401
    from policysearch.citation.section_marks import leading_mark

    _told_when_asked()
    leading_mark("第一条")


class HitId(NamedTuple):
    """A hit by its id.

    Attributes:
        rank: The rank from 1, counted over all pages.
        score: The score, which never increases with rank; 0 in an order other than by score.
        document_id: The document's id.
        ordinal: The section's number in the document, from 1.
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
    names = (name for name in Hit.__match_args__ if grouped or name != "sections")
    return (*names, "citation", "latest", "total_exact")


class Match(NamedTuple):
    """One place where a query occurs in a section.

    Attributes:
        start: Start in the section's text, in characters.
        end: End.
        text: The text there.
    """

    start: int
    end: int
    text: str


@frozen
class Hits:
    """The hits of a query. Its length is that of ``hits``, and iterating over it yields these.

    Attributes:
        query: The query as typed.
        match: The mode that was used: ``all``, ``any`` or ``exact``.
        relaxed: Whether ``all`` found nothing and ``any`` was used instead.
        total: Number of matching sections (documents, when grouped), regardless of the limit.
        hits: One page of them, best first.
        total_exact: Number of hits of ``match="exact"``; None if not requested.
        distinct: Number of hits to show, regardless of the limit: less than ``total`` when duplicates are folded.
        read_as: A special reading of the query: ``{"kind": "question"}`` or ``{"kind": "citation", "document_id",
            "section_ids", "numbers"}``; None for a plain one.
        all_words: For a question, the number of sections (documents) that contain all its words.
        typed: The unquoted positive groups of the query, as typed.
        suggestion: A query with filters in place of the places and years that the query names, if it has hits; or None.
        explanation: The explanation of the query and the scores, if requested; or None.
        facets: The numbers of sections and documents by the values of each field, if requested; or None.
        expanded: The other names that ``names:`` searched for, by name; empty without ``names:``.
        remarks: Notices on the answer to a citation or a title: missing, excluded or further documents.
        suggestion_total: Number of hits of the suggestion; None without one.
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
    facets: Facets | None = None
    expanded: Mapping[str, tuple[str, ...]] = {}
    remarks: tuple[str, ...] = ()
    suggestion_total: int | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the fields of every output as plain values; ``facets``, ``expanded``, ``explain`` if requested.

        ``remarks`` only if there are any.
        """
        before, after = self.around_hits()
        return {**before, "hits": [hit.to_dict() for hit in self.hits], **after}

    def to_json(self) -> str:
        """Return ``to_dict`` as JSON, as ``json.dumps`` with ``ensure_ascii=False`` does, but faster."""
        from policysearch.search.encoding import answer_json

        return answer_json(self)

    def around_hits(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return the fields of ``to_dict`` that come before ``hits``, and those that come after."""
        before = {
            "query": self.query,
            "match": self.match,
            "relaxed": self.relaxed,
            "total": self.total,
            "total_exact": self.total_exact,
            "distinct": self.distinct,
            "read_as": None if self.read_as is None else dict(self.read_as),
        }
        after: dict[str, Any] = {}
        if self.facets is not None:
            after.update(self.facets.to_dict())
        if self.expanded:
            after["expanded"] = {name: list(others) for name, others in self.expanded.items()}
        if self.remarks:
            after["remarks"] = list(self.remarks)
        if self.explanation is not None:
            after["explain"] = self.explanation.to_dict()
        return before, after

    def __len__(self) -> int:
        return len(self.hits)

    def __iter__(self) -> Iterator[Hit]:
        return iter(self.hits)

    def to_frame(self) -> Any:
        """Return the hits as a pandas ``DataFrame``, with the columns of CSV.

        Raises ``ImportError`` when pandas is not installed.
        """
        import pandas

        grouped = any(hit.sections is not None for hit in self.hits)
        rows = [{**hit.to_row(), "total_exact": self.total_exact} for hit in self.hits]
        return pandas.DataFrame(rows, columns=list(hit_columns(grouped)))

    def _repr_html_(self) -> str:
        from policysearch.notebook import hits_html

        return hits_html(self)


@frozen
class Version:
    """A version of a document.

    Attributes:
        document_id: Its id.
        title: Its title.
        version: The version that its text states: 2012年修正.
        date: Its date.
        status: Its status, where stated.
        since: The first day on which it was in force: as its text states, else its date.
        until: The first day on which a later one was; None for the last.
        superseded_by: Id of the version that superseded it; None for one that is in force.
        latest: Whether it is the latest.
        inferred: Those of ``since``, ``until`` and ``latest`` that it does not state itself.
    """

    document_id: str
    title: str | None
    version: str | None
    date: str | None
    status: str | None
    since: str | None
    until: str | None
    superseded_by: str | None
    latest: bool | None
    inferred: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as plain values for JSON."""
        return {**asdict(self), "inferred": list(self.inferred)}


@frozen
class View:
    """A section, or a document with all its sections.

    Attributes:
        stored: The sections.
        one: Whether it is a section.
        versions: The versions of the document, itself included, oldest first; empty if the index has no other.
        superseded_by: Id of the version that superseded the document, or None.
        file: The document's source, if it exists on this machine, or None.
        around: The sections around the section, in order, without itself.
    """

    stored: tuple[Stored, ...]
    one: bool
    versions: tuple[Version, ...] = ()
    superseded_by: str | None = None
    file: str | None = None
    around: tuple[Stored, ...] = ()

    @property
    def document(self) -> Mapping[str, Any]:
        """The document's metadata."""
        return self.stored[0].document

    @property
    def sections(self) -> list[dict[str, Any]]:
        """The sections' fields, as JSON values."""
        return [section_fields(section) for section in self.stored]

    @property
    def in_context(self) -> list[dict[str, Any]]:
        """The fields of the sections, and of those around them, in order, as JSON values."""
        both = sorted((*self.stored, *self.around), key=lambda section: section.ordinal)
        return [section_fields(section) for section in both]

    @property
    def before(self) -> str | None:
        """The id of the section before this one, or None."""
        first = self.stored[0]
        return section_id(first.document["document_id"], first.ordinal - 1) if first.ordinal > 1 else None

    @property
    def after(self) -> str | None:
        """The id of the section after this one, or None."""
        last = self.stored[-1]
        return section_id(last.document["document_id"], last.ordinal + 1) if last.ordinal < last.last else None

    @property
    def citation(self) -> str:
        """Its citation in official and legal prose; see ``citing.citation``."""
        from policysearch.citation.citing import citation

        return citation(self.document, self._path, dated=self.superseded_by is not None)

    @property
    def latest(self) -> bool | None:
        """Whether the document is the latest version; None if unknown."""
        from policysearch.citation.versions import is_latest

        return is_latest(self.document, self.superseded_by)

    def to_csl(self) -> dict[str, Any]:
        """Return an item of CSL-JSON, which citation managers read."""
        from policysearch.citation.citing import csl_item

        name = self.stored[0].section_id if self.one else self.document["document_id"]
        return csl_item(self.document, name, self._path, dated=self.superseded_by is not None)

    @property
    def _path(self) -> tuple[str, ...]:
        return self.stored[0].path if self.one else ()

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON: a section with its document, or a document with its sections."""
        about = {
            "citation": self.citation,
            "latest": self.latest,
            "superseded_by": self.superseded_by,
            "versions": [version.to_dict() for version in self.versions],
            "file": self.file,
        }
        if not self.one:
            return {"document": dict(self.document), **about, "sections": self.sections}
        fields = {**self.sections[0], "before": self.before, "after": self.after, **about}
        if self.around:
            fields["around"] = [section_fields(section) for section in self.around]
        return {**fields, "document": dict(self.document)}


def section_fields(stored: Stored) -> dict[str, Any]:
    """Return the fields of a section as JSON values."""
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
    superseded_by: str | None,
) -> Hit:
    """Return a hit; ``sections`` if documents are ranked, ``duplicates`` if they are folded."""
    # positional arguments: a call with two dozen keywords is 1.5 times as slow
    fields = (
        rank,
        score,  # not rounded: only equal scores are in order of ids
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
        superseded_by,
        sections,
    )
    return Hit(*fields)
