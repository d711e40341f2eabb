"""The OpenSearch engine, open for reading."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import groupby, islice
from typing import Any

from policysearch.engines import scoring
from policysearch.engines.entries import STORED_FIELDS
from policysearch.engines.equal_sections import fold_documents, fold_equal
from policysearch.engines.opensearch.address import Address
from policysearch.engines.opensearch.cluster import Cluster, MissingError
from policysearch.engines.opensearch.encoding import text_of_key
from policysearch.engines.opensearch.function_score import NOTHING, Scoring, query_of_term
from policysearch.engines.opensearch.generations import (
    Generation,
    find_published,
    gone,
    missing,
    no_index,
    read_generation,
    read_part,
)
from policysearch.engines.opensearch.grouping import grouped_answer
from policysearch.engines.opensearch.integrity import damage
from policysearch.engines.opensearch.mapping import document_key, section_key
from policysearch.engines.opensearch.paging import BY_ID, fetch, pages, summed_up
from policysearch.engines.opensearch.query_dsl import Query, superset_of
from policysearch.engines.opensearch.ranking import (
    BLOCK,
    HitPage,
    Key,
    QueryUnion,
    queries_of,
    ranked_answer,
    verified_answer,
)
from policysearch.engines.protocol import (
    Answer,
    DocumentTexts,
    Request,
    ScoredKey,
    Stored,
    TermScore,
    passes,
    section_id,
)
from policysearch.engines.tree import And, Listed, Node, Not, OfDocuments, ScoredGroup, Term, owned_terms
from policysearch.errors import IndexUnusableError
from policysearch.frozen import replace
from policysearch.text.folding import reduce_text
from policysearch.text.shown import ShownText

__all__ = ["OpenSearchEngine"]

_AT_ONCE = 1_000  # sections in one page of a stream
_MOST_KEPT = 10_000  # maximum number of hits of one answer in memory; more are read lazily
_MOST_DOCUMENTS = 1_000  # number of documents whose metadata one request loads


class OpenSearchEngine:
    """One generation of an index on a cluster.

    Opening it sends two requests. Raises ``IndexUnusableError`` when there is
    no usable index.
    """

    def __init__(self, address: Address) -> None:
        self._cluster = Cluster(address)
        self._document_frequency: dict[tuple[str, str, bool], int] = {}
        self._last: tuple[Mapping[str, Any], dict[str, Any]] = {}, {}  # metadata as stored, and as they are
        self.generation = self._opened()
        self._names = self.generation.names

    def _opened(self) -> Generation:
        # a writer may remove a generation between the two requests
        for _ in range(20):
            names = find_published(self._cluster)
            if names is None:
                raise no_index(self._cluster)
            try:
                return read_generation(self._cluster, names)
            except MissingError as error:
                if find_published(self._cluster) == names:
                    raise gone(self._cluster, names, error) from error
        raise IndexUnusableError(
            f"The index at '{self._cluster.address}' changes faster than it can be opened. Try again later."
        )

    @property
    def description(self) -> Mapping[str, Any]:
        """Versions, fingerprints, roots and counts of the index."""
        return {"generation": self._names.number, **self.generation.description}

    def verify(self) -> None:
        """Raise ``IndexUnusableError`` when the index on the cluster is corrupt."""
        lost = missing(self._cluster, self._names)
        if lost:
            raise lost
        for reason in damage(self._cluster, self.generation):
            raise IndexUnusableError(reason)

    def close(self) -> None:
        """Close the connections."""
        self._cluster.close()

    # ranking

    def prepare(self) -> None:
        """Do nothing: the cluster is ready."""

    def search(self, request: Request) -> Answer:
        """Answer a request."""
        left_out = 0
        copies: dict[Any, tuple[tuple[str, int], ...]] = {}
        try:
            if request.fold and self.duplicates:
                request, left_out, copies = self._folded(request)
            total, hits = self._answer(request)
        except MissingError as error:
            raise gone(self._cluster, self._names, error) from error
        if copies:
            hits = self._with_copies(hits, copies, request.group == "document")
        hits = self._in_pages(hits)
        few = request.limit is not None and request.offset + request.limit <= _MOST_KEPT
        return Answer(total + left_out, tuple(hits) if few else hits, left_out)

    def _folded(self, request: Request) -> tuple[Request, int, dict[Any, tuple[tuple[str, int], ...]]]:
        """Return the query for the shown entries only, the number of hidden ones, and the hidden by the shown."""
        if request.group == "document":
            found = fold_documents(self.documents, self.duplicates, request.node)
            if not found:
                return request, 0, {}
            gone_documents = frozenset(name for names in found.values() for name in names)
            shown = And((request.node, Not(OfDocuments(gone_documents))))
            by_document = {first: tuple((name, 0) for name in names) for first, names in found.items()}
            return replace(request, node=shown), len(gone_documents), dict(by_document)
        folded = fold_equal(self.stream, self.duplicates, request.node)
        if not folded.left_out:
            return request, 0, {}
        shown = And((request.node, Not(Listed(folded.left_out))))
        return replace(request, node=shown), len(folded.left_out), dict(folded.copies)

    def _with_copies(
        self, hits: Iterable[ScoredKey], copies: Mapping[Any, tuple[tuple[str, int], ...]], grouped: bool
    ) -> Iterator[ScoredKey]:
        """Yield hits with the duplicates hidden in favour of them."""
        for hit in hits:
            name = hit.key.document_id if grouped else (hit.key.document_id, hit.key.ordinal)
            yield hit._replace(copies=copies.get(name, ()))

    def _in_pages(self, hits: Iterator[ScoredKey]) -> Iterator[ScoredKey]:
        """Yield hits that share a page, whose contents are loaded together."""
        try:
            for block in iter(lambda: list(islice(hits, BLOCK)), []):
                page = HitPage([hit.key for hit in block], self._load)
                for hit in block:
                    hit.key.page = page
                yield from block
        except MissingError as error:
            raise gone(self._cluster, self._names, error) from error

    def _answer(self, request: Request) -> tuple[int, Iterator[ScoredKey]]:
        query, exactly = superset_of(request.node)
        by_document = request.group == "document"
        scoring = whole = NOTHING
        by_score = request.sort == "score"
        if (by_score or by_document) and request.limit != 0:  # in any order a document is shown by its best section
            scoring = self._scoring(request.groups, documents=False)
            whole = self._scoring(request.groups, documents=True) if by_score and by_document else NOTHING
        if by_document:
            selection = QueryUnion((query,) if exactly else tuple(queries_of(self._passing(request.node))))
            return grouped_answer(self._cluster, self._names, selection, request, scoring, whole)
        if exactly:
            return ranked_answer(self._cluster, self._names, QueryUnion((query,)), request, scoring)
        return verified_answer(self._cluster, self._names, self._passing(request.node), request, scoring)

    def _passing(self, node: Node) -> Iterator[tuple[str, int]]:
        return ((s.document["document_id"], s.ordinal) for s in self.stream(node))

    def _scoring(self, groups: Sequence[ScoredGroup], documents: bool) -> Scoring:
        """Return the scoring of sections, or documents. The cluster knows the weights of terms."""
        self._count([Term("text", group.text) for group in groups if group.text], documents)
        standing, owned = owned_terms(groups, lambda text: self._document_frequency["text", text, documents] > 0)
        weighted = tuple((group.text, self._idf(Term("text", group.text), documents)) for group in standing)
        raising = tuple(group.text for group in standing if group.raises)
        average = self._average("words", documents) if weighted else 0.0
        return Scoring(weighted, tuple(owned.items()), average, raising)

    def _idf(self, term: Term, documents: bool) -> float:
        document_frequency = self._document_frequency[term.field, term.text, documents]
        field = "words" if term.field == "text" else term.field
        return scoring.idf(self._having(documents)[field], document_frequency) if document_frequency else 0.0

    def _average(self, field: str, documents: bool) -> float:
        having = self._having(documents)[field]
        return self._lengths[field] / having if having else 0.0

    def _count(self, terms: Sequence[Term], documents: bool) -> None:
        """Look up the document frequency of each term, or of a text as typed (the field ``text``), and cache it."""
        if len(self._document_frequency) > 100_000:
            self._document_frequency.clear()
        unknown = [term for term in terms if (term.field, term.text, documents) not in self._document_frequency]
        index = self._names.documents if documents else self._names.sections
        totals = self._cluster.totals(index, map(query_of_term, unknown))
        for term, total in zip(unknown, totals, strict=True):
            self._document_frequency[term.field, term.text, documents] = total

    @cached_property
    def _sections_having(self) -> dict[str, int]:
        return self._asked_having(self._names.sections)

    @cached_property
    def _documents_having(self) -> dict[str, int]:
        return self._asked_having(self._names.documents)

    def _asked_having(self, index: str) -> dict[str, int]:
        fields = ("words", "grams")
        return dict(zip(fields, self._cluster.totals(index, [{"exists": {"field": f}} for f in fields]), strict=True))

    def _having(self, documents: bool) -> dict[str, int]:
        return self._documents_having if documents else self._sections_having

    @cached_property
    def _lengths(self) -> dict[str, int]:
        """The sum of the lengths of each field, over all sections."""
        sums = {name: {"sum": {"field": f"{name}_length"}} for name in ("words", "grams")}
        found = self._cluster.search(self._names.documents, {"size": 0, "aggs": sums})["aggregations"]
        return {name: int(one["value"]) for name, one in found.items()}

    def explain(self, key: Any | None, groups: Sequence[ScoredGroup], group: str) -> tuple[TermScore, ...]:
        """Return the score of each group as typed, then of each term, in a hit; without a key, their weights."""
        from policysearch.engines.opensearch.explain import entry_statistics

        documents = group == "document"
        scored = self._scoring(groups, documents)
        terms = [term for term, _ in scored.terms]
        self._count(terms, documents)
        owners = dict(scored.terms)
        named = [Term("text", text) for text, _ in scored.groups]
        named += [term for term in terms if self._document_frequency[term.field, term.text, documents]]
        statistics = None
        if key is not None:
            index = self._names.documents if documents else self._names.sections
            name = document_key(key.document_id) if documents else section_key(key.document_id, key.ordinal)
            statistics = entry_statistics(self._cluster, index, name, named)
        parts = []
        factor = statistics.factor if statistics and not documents else 1.0
        standing = [bool(statistics and statistics.terms["text", text][0]) for text, _ in scored.groups]
        for term in named:
            idf = self._idf(term, documents)
            frequency, length = statistics.terms[term.field, term.text] if statistics else (0, 0)
            replaced_by = owners.get(term)
            if replaced_by is not None and all(standing[number] for number in replaced_by):
                frequency = 0
            score = 0.0
            if frequency:
                average = self._average("words" if term.field == "text" else term.field, documents)
                norm = scoring.norms(average)[scoring.encode_length(length)]
                score = term.weight * idf * frequency / (frequency + norm) * factor
            document_frequency = self._document_frequency[term.field, term.text, documents]
            parts.append(
                TermScore(term, document_frequency, idf, frequency, length, score, factor if statistics else 1.0)
            )
        return tuple(parts)

    # stored fields

    def stored(self, keys: Iterable[Any]) -> list[Stored]:
        """Return the sections of the keys of hits."""
        return list(map(self._stored_behind, keys))

    def _stored_behind(self, key: Any) -> Stored:
        if key.page is None:
            key.page = HitPage([key], self._load)
        found: Stored = key.page.get(key)
        return found

    def name(self, key: Any) -> tuple[str, int]:
        """Return the document id and the ordinal of a key's section."""
        return key.document_id, key.ordinal

    def ids(self, node: Node) -> list[str]:
        """Return the ids of all sections that ``node`` selects, in order of documents and sections."""
        answer = self.search(Request(node, limit=None, sort="document"))
        return [section_id(*self.name(hit.key)) for hit in answer.hits]

    def _load(self, names: Sequence[tuple[str, int]]) -> list[Stored]:
        try:
            keys = [section_key(*name) for name in names]
            found = fetch(self._cluster, self._names.sections, keys, ["section", "metadata"])
        except MissingError as error:
            raise gone(self._cluster, self._names, error) from error
        sections = []
        for (document_id, ordinal), source in zip(names, found, strict=True):
            if source is None:
                raise IndexUnusableError(
                    f"The section {ordinal} of '{document_id}' is missing in the index. "
                    "Repair the index with: policysearch check --repair"
                )
            sections.append(self._stored(source))
        return sections

    def _stored(self, source: Mapping[str, Any]) -> Stored:
        section = source["section"]
        text = text_of_key(section["text"])
        return Stored(
            self._document(source["metadata"]),
            section["ordinal"],
            section["last"],
            _shown(section["number"]),
            _shown(section["heading"]),
            section["level"],
            tuple(map(text_of_key, section["path"])),
            section["part"],
            section["start"],
            section["page"],
            reduced := reduce_text(text),
            ShownText(text, reduced),
        )

    def _document(self, metadata: Mapping[str, Any]) -> dict[str, Any]:
        stored, fields = self._last  # one tuple, since threads share an engine
        if metadata != stored:  # sections of a document follow one another
            # a cluster returns the fields in any order
            fields = {name: _shown(metadata[name]) for name in STORED_FIELDS if name in metadata}
            fields["duplicate_of"] = self.duplicates.get(fields["document_id"])
            self._last = metadata, fields
        return fields

    @cached_property
    def duplicates(self) -> dict[str, str]:
        """The id of each document with the same text as an earlier one, and the id of the first one."""
        found: dict[str, str] = read_part(self._cluster, self._names, self.generation.parts, "duplicates")
        return found

    def numbers(self, document_id: str) -> Sequence[str | None]:
        """Return the numbers of a document's sections in order; empty for an unknown document."""
        return [one.number for one in self.stored(self.find_document(document_id))]

    def find_document(self, document_id: str) -> tuple[Any, ...]:
        """Return the keys of a document's sections in order."""
        try:
            (found,) = fetch(self._cluster, self._names.documents, [document_key(document_id)], ["account"])
        except MissingError as error:
            raise gone(self._cluster, self._names, error) from error
        if found is None:
            return ()
        keys = tuple(Key(document_id, ordinal) for ordinal in range(1, found["account"]["sections"] + 1))
        page = HitPage(keys, self._load)
        for one in keys:
            one.page = page
        return keys

    def values(self, field: str) -> Sequence[Any]:
        """Return the distinct values of a document field, without null."""
        found: list[Any] = []
        source: dict[str, Any] = {"size": 5_000, "sources": [{"value": {"terms": {"field": field}}}]}
        while True:
            body = {"size": 0, "track_total_hits": False, "aggs": {"values": {"composite": source}}}
            answer = self._cluster.search(self._names.documents, body)["aggregations"]["values"]
            found += [_shown(bucket["key"]["value"]) for bucket in answer["buckets"]]
            if len(answer["buckets"]) < 5_000:
                return found
            source["after"] = answer["after_key"]

    def stream(self, node: Node) -> Iterator[Stored]:
        """Yield all sections that ``node`` selects, in order of their ids."""
        query, exactly = superset_of(node)
        try:
            source = ["section", "metadata"]
            for hits in pages(self._cluster, self._names.sections, query, BY_ID, source, _AT_ONCE):
                for hit in hits:
                    section = self._stored(hit["_source"])
                    if exactly or passes(node, section):
                        yield section
        except MissingError as error:
            raise gone(self._cluster, self._names, error) from error

    def texts(self, node: Node) -> Iterator[DocumentTexts]:
        """Yield the documents with a section that ``node`` selects, in order of their ids."""
        for _, sections in groupby(self.stream(node), lambda one: one.document["document_id"]):
            chosen = tuple(sections)
            yield DocumentTexts(
                chosen[0].document,
                tuple(one.part for one in chosen),
                tuple(one.reduced for one in chosen),
                tuple(one.ordinal for one in chosen),
                lambda chosen=chosen: [one.shown.line_breaks for one in chosen],  # type: ignore[misc]
            )

    def documents(self, node: Node) -> Iterator[tuple[Mapping[str, Any], int]]:
        """Yield the metadata of the same documents, each with its number of selected sections."""
        query, exactly = superset_of(node)
        if not exactly:
            for texts in self.texts(node):
                yield texts.document, len(texts.parts)
            return
        for metadata, sections, _ in self._sizes(query):
            yield metadata, sections

    def sizes(self, node: Node) -> Iterator[tuple[Mapping[str, Any], int, int]] | None:
        """Yield the same with the number of Han characters; None where sections are selected by reading their texts."""
        query, exactly = superset_of(node)
        return self._sizes(query) if exactly else None

    def _sizes(self, query: Query) -> Iterator[tuple[Mapping[str, Any], int, int]]:
        try:
            found = summed_up(self._cluster, self._names.sections, query, "han_characters")
            for some in iter(lambda: list(islice(found, _MOST_DOCUMENTS)), []):
                metadata = self._metadata([key for key, _, _ in some])
                for fields, (_, sections, characters) in zip(metadata, some, strict=True):
                    yield fields, sections, characters
        except MissingError as error:
            raise gone(self._cluster, self._names, error) from error

    def facets(self, node: Node, fields: Sequence[str]) -> Mapping[str, Mapping[Any, tuple[int, int]]]:
        """Return, for each field and each of its values, the numbers of selected sections and of their documents."""
        from policysearch.engines.opensearch.facets import tallied

        try:
            return tallied(self, self._cluster, self._names.sections, node, fields)
        except MissingError as error:
            raise gone(self._cluster, self._names, error) from error

    def _metadata(self, keys: Sequence[str]) -> Iterator[Mapping[str, Any]]:
        names = [document_key(text_of_key(key)) for key in keys]
        found = fetch(self._cluster, self._names.documents, names, ["metadata"])
        for key, source in zip(keys, found, strict=True):
            if source is None:
                raise IndexUnusableError(
                    f"The metadata of '{text_of_key(key)}' are missing in the index. "
                    "Repair the index with: policysearch check --repair"
                )
            yield self._document(source["metadata"])


def _shown(value: Any) -> Any:
    """Return a value as it was before it was converted for JSON."""
    if isinstance(value, str):
        return text_of_key(value)
    return [_shown(one) for one in value] if isinstance(value, list) else value
