"""An open index, with every query operation."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial, wraps
from typing import TYPE_CHECKING, Any, TypeVar

from policysearch.corpus.occurrences import Occurrences, known_duplicates
from policysearch.corpus.statistics.methods import Statistics
from policysearch.engines.opening import open_engine
from policysearch.errors import IndexClosedError, InputError, PolicySearchError, QueryError
from policysearch.query.filters import several
from policysearch.query.syntax import normalize_query
from policysearch.search.options import SearchOptions
from policysearch.search.searcher import Searcher

if TYPE_CHECKING:
    from pathlib import Path

    from policysearch.citation.queries import QueryReader
    from policysearch.corpus.listing import FieldValues, Listing
    from policysearch.corpus.targets.target_table import Targets
    from policysearch.query.filters import FilterValues
    from policysearch.quoting.citations import CitationReader, Citations
    from policysearch.quoting.comparison import Comparison
    from policysearch.quoting.reuse import Reuse
    from policysearch.quoting.verification import Verification, Verifier
    from policysearch.search.advice import AbsentValue, Advice
    from policysearch.search.batch import Answered
    from policysearch.search.topics import BrokenTopic, Topic

    Filters = Mapping[str, FilterValues]

__all__ = ["Index", "open_index"]


def open_index(index: str | Path = "index", *, prepare: bool = True) -> Index:
    """Open an index for searching.

    Args:
        index: A folder, or ``opensearch+https://host:9200/name``.
        prepare: Whether to load now, in about 0.2 seconds, the libraries that make many queries fast; a single
            query is faster without.

    Raises ``IndexUnusableError`` when there is no usable index, ``InputError`` for a malformed address.
    """
    opened = Index(open_engine(index))
    if prepare:
        opened.prepare()
    return opened


_SEVERAL = frozenset(("document", "stop", "indicators", "kinds", "among", "facets"))
Ask = TypeVar("Ask", bound=Callable[..., Any])
T = TypeVar("T")


def _verify_on_error(ask: Ask) -> Ask:
    """Decorate a method: on an unexpected error, raise ``IndexUnusableError`` if the index files are corrupt.

    The check runs only then. On a closed index the method raises ``IndexClosedError``. A text in place of several texts
    is the only one of them, and an iterator is read once.
    """
    code = ask.__code__
    names = code.co_varnames[1 : code.co_argcount]

    @wraps(ask)
    def asked(self: Index, *args: Any, **options: Any) -> Any:
        given = [several(value) if name in _SEVERAL else value for name, value in zip(names, args, strict=False)]
        for name in _SEVERAL & options.keys():
            options[name] = several(options[name])
        with _verifying(self):
            return ask(self, *given, *args[len(names) :], **options)

    return asked  # type: ignore[return-value]


@contextmanager
def _verifying(index: Index) -> Iterator[None]:
    index.refuse_when_closed()
    try:
        yield
    except (QueryError, InputError):
        raise
    except Exception as error:
        if index.closed:
            raise IndexClosedError from error
        if not isinstance(error, PolicySearchError):
            index.engine.verify()
        raise


def _verified(index: Index, values: Iterator[T]) -> Iterator[T]:
    """Yield the values, with the errors of ``_verify_on_error``."""
    with _verifying(index):
        yield from values


class Index(Searcher, Occurrences, Statistics):
    """An open index.

    Its results do not change while it is open. It is thread-safe. After it is
    closed, every method raises ``IndexClosedError``; calls in progress in other
    threads either finish normally or raise it.

    Attributes:
        closed: Whether it was closed.
        reads_paths: Whether a name may be the path of a source; a server turns it off.
    """

    closed = False
    prepare = _verify_on_error(Searcher.prepare)
    selection = _verify_on_error(Searcher.selection)
    search = _verify_on_error(Searcher.search)
    search_lazily = _verify_on_error(Searcher.search_lazily)
    search_matches = _verify_on_error(Searcher.search_matches)
    search_names = _verify_on_error(Searcher.search_names)
    ids = _verify_on_error(Searcher.ids)
    search_several = _verify_on_error(Searcher.search_several)
    find = _verify_on_error(Searcher.find)
    show = _verify_on_error(Searcher.show)
    count = _verify_on_error(Occurrences.count)
    kwic = _verify_on_error(Occurrences.kwic)
    kwic_lines = _verify_on_error(Occurrences.kwic_lines)
    words = _verify_on_error(Statistics.words)
    keywords = _verify_on_error(Statistics.keywords)
    collocates = _verify_on_error(Statistics.collocates)
    trend = _verify_on_error(Statistics.trend)
    matrix = _verify_on_error(Statistics.matrix)

    def _handed_on(self, hits: Iterator[T]) -> Iterator[T]:
        return _verified(self, hits)

    def __enter__(self) -> Index:
        self.refuse_when_closed()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the index's files or connections. Closing again does nothing."""
        self.closed = True
        self.engine.close()

    def refuse_when_closed(self) -> None:
        """Raise ``IndexClosedError`` when the index was closed."""
        if self.closed:
            raise IndexClosedError

    @property
    def info(self) -> Mapping[str, Any]:
        """Generation, versions, fingerprints, roots and counts of the index.

        ``versions`` is the number of documents that have another version in the index.
        """
        self.refuse_when_closed()
        about = self.engine.description
        return {**about, "versions": sum(map(len, about.get("versions", ())))}

    @_verify_on_error
    def advise(self, query: str, options: SearchOptions = SearchOptions()) -> Advice:  # noqa: B008 - a frozen value
        """Return alternatives to a query that finds nothing, or no section with all its words."""
        from policysearch.search.advice import advise

        asked = self._understood(query, options)
        total, total_of = self._total_with(asked), partial(self._total_of, options=options)
        return advise(self.engine, self._resolver, query, asked.expression, total, total_of)

    @_verify_on_error
    def absent_values(
        self,
        query: str,
        options: SearchOptions = SearchOptions(),  # noqa: B008
    ) -> tuple[AbsentValue, ...]:
        """Return the values of filters, of a query and its options, that no document has."""
        from policysearch.search.advice import absent_values

        asked = self._understood(query, options)
        typed = normalize_query(query)
        return absent_values(self.engine, self._resolver, typed, asked.expression, self._total_with(asked))

    @_verify_on_error
    def batch(
        self,
        topics: Iterable[Topic | BrokenTopic | tuple[str, str]],
        *,
        match: str | None = None,
        plain: bool = False,
        duplicates: str = "show",
        lazily: bool = False,
        named: bool = False,
        **options: Any,
    ) -> Iterator[Answered | BrokenTopic]:
        """Run the queries of topics in order, up to 64 at a time, which is faster than one by one.

        Args:
            topics: Pairs of id and query, or ``Topics`` read from a file.
            match: As in ``search``; by default ``all``, or ``auto`` with ``plain``.
            plain: As in ``search``.
            duplicates: As in ``search``.
            lazily: Whether hits are yielded one at a time, so that memory does not grow with them; see ``Answered``.
            named: Like ``lazily``, with hits as ``HitId``.
            options: The others of ``SearchOptions``.

        A query with a syntax error is yielded as a ``BrokenTopic``; the others are answered.
        """
        from policysearch.search.batch import answers
        from policysearch.search.topics import topic_of

        read = (topic_of(one, number) for number, one in enumerate(topics, 1))
        mode = match or ("auto" if plain else "all")
        asked = SearchOptions(match=mode, plain=plain, duplicates=duplicates, **options)
        return answers(self, read, asked, lazily, named)

    @_verify_on_error
    def documents(
        self,
        *,
        where: str | None = None,
        title: str | None = None,
        sort: str = "document",
        duplicates: str = "fold",
        filters: Filters | None = None,
    ) -> Listing:
        """Return the documents that have a selected section; all documents where nothing is selected.

        Args:
            where: Only documents with sections that match this query.
            title: Only documents whose title contains this text.
            sort: One of ``vocabulary.DOCUMENT_SORTS``; undated documents come last, equal ones in order of ids.
            duplicates: As in ``search``, for documents with equal text.
            filters: As in ``search``.

        Raises ``QueryError`` for a malformed query or filter value, ``InputError`` for an unknown order.
        """
        from policysearch.corpus.listing import documents, titled

        node = titled(self.selection(where, filters, duplicates=known_duplicates(duplicates)), title)
        return documents(self.engine, node, folded=duplicates == "fold", sort=sort)

    @_verify_on_error
    def values(
        self,
        field: str,
        *,
        where: str | None = None,
        title: str | None = None,
        duplicates: str = "fold",
        filters: Filters | None = None,
    ) -> FieldValues:
        """Return the values of a field, with the numbers of documents and sections that have each.

        ``where``, ``title`` and ``filters`` as in ``documents``. With ``duplicates="hide"`` documents that repeat the
        text of another are left out.

        Raises ``InputError`` for an unknown field.
        """
        from policysearch.corpus.listing import titled, values

        node = titled(self.selection(where, filters, duplicates=known_duplicates(duplicates)), title)
        return values(self.engine, node, field)

    @_verify_on_error
    def targets(
        self,
        indicators: Sequence[str] = (),
        *,
        more: Mapping[str, Sequence[str]] | None = None,
        kinds: Sequence[str] = ("target",),
        everywhere: bool = False,
        fill: bool = False,
        where: str | None = None,
        document: Sequence[str] = (),
        filters: Filters | None = None,
    ) -> Targets:
        """Return the targets that reports state: indicator, operator, value, unit, horizon, sentence.

        Reads documents of the types 政府工作报告, 报告 and 规划, or of the types in ``filters``.

        Args:
            indicators: Names, in any form that reports use; empty for all built-in ones.
            more: Further indicators, and the terms of each.
            kinds: ``target``, ``actual`` (results of past years) or both.
            everywhere: Whether targets for the year itself are also read outside the targets passages.
            fill: Whether an indicator without a target in a report gets a row of operator ``none``.
            where: Read only sections that match this query.
            document: Read only documents whose ids match one of these patterns (``*``, ``?``).
            filters: As in ``search``.

        Raises ``QueryError`` for a malformed query, ``InputError`` for an unknown indicator or kind.
        """
        from policysearch.corpus.targets.target_table import READ_AS_REPORTS, targets

        return targets(
            self.engine,
            self.selection(where, filters),
            names=indicators,
            more={name: several(terms) for name, terms in more.items()} if more else None,
            kinds=kinds,
            everywhere=everywhere,
            fill=fill,
            types=None if filters and filters.get("type") else READ_AS_REPORTS,
            document=document,
        )

    @_verify_on_error
    def verify(
        self,
        text: str,
        *,
        name: str | None = None,
        min_length: int = 8,
        where: str | None = None,
        document: Sequence[str] = (),
        filters: Filters | None = None,
    ) -> Verification:
        """Return the verdict on each quotation, article, document number and title of a draft.

        Args:
            text: The draft; of Markdown, lines that begin with ``>`` are quotations.
            name: Name of the draft in the result.
            min_length: Minimum length of a quotation, in folded characters.
            where: Search only in sections that match this query.
            document: Search only in documents whose ids match one of these patterns (``*``, ``?``).
            filters: As in ``search``.

        Raises ``QueryError`` for a malformed query.
        """
        from policysearch.quoting.draft import draft_of

        return self._verifier(where, document, filters).verify(draft_of(text, name), min_length=min_length)

    @_verify_on_error
    def verify_quote(
        self,
        quote: str,
        of: str | None = None,
        *,
        where: str | None = None,
        document: Sequence[str] = (),
        filters: Filters | None = None,
    ) -> Verification:
        """Verify one quotation of any length, attributed to the document that ``of`` names.

        The other arguments are as in ``verify``.
        """
        return self._verifier(where, document, filters).verify_quote(quote, of)

    @_verify_on_error
    def compare(
        self,
        a: str | Path,
        b: str | Path,
        *,
        encoding: str | None = None,
        files: bool = True,
        where: str | None = None,
        document: Sequence[str] = (),
        filters: Filters | None = None,
    ) -> Comparison:
        """Compare two texts article by article, or paragraph by paragraph.

        ``a`` and ``b`` are names as ``find`` reads them, with citations only of documents that ``where``, ``document``
        and ``filters`` select as in ``verify``; or, unless ``files`` is False, files (of ``encoding``).

        Raises ``InputError`` for anything else.
        """
        from policysearch.quoting.sides import compare_named

        return compare_named(self.engine, self._reader(where, document, filters), a, b, encoding, files)

    @_verify_on_error
    def compare_versions(
        self,
        name: str,
        *,
        where: str | None = None,
        document: Sequence[str] = (),
        filters: Filters | None = None,
    ) -> tuple[Comparison, ...]:
        """Return the comparisons of each version of a document with the next one, oldest first.

        Raises ``InputError`` if the documents selected, as in ``verify``, have fewer than two versions of it.
        """
        from policysearch.quoting.sides import compare_versions

        catalogue = self._verifier(where, document, filters).catalogue
        return compare_versions(self.engine, self._reader(where, document, filters), catalogue, name)

    @_verify_on_error
    def versions(self, document_id: str) -> tuple[str, ...]:
        """Return the ids of a document's versions, oldest first; only its own if there are no others.

        Raises ``InputError`` for an unknown id.
        """
        from policysearch.citation.versions import Versions

        if not self.engine.find_document(document_id):
            raise InputError(f"There is no document '{document_id}'. List the documents with: policysearch list")
        known: Versions = self._recent.once("versions", lambda: Versions(self.engine.description.get("versions", ())))
        return known.ids(document_id)

    @_verify_on_error
    def citations(
        self,
        of: str | None = None,
        to: str | None = None,
        *,
        where: str | None = None,
        document: Sequence[str] = (),
        filters: Filters | None = None,
    ) -> Citations:
        """Return the citations: each place where a document names another one by title, short name or number.

        Args:
            of: Only citations in this document or section, by a name as ``find`` reads it.
            to: Only citations of this document or section, or of the article that a reference names
                (劳动合同法第三十九条), of any version.
            where: Read only sections that match this query.
            document: Only documents whose ids match one of these patterns (``*``, ``?``).
            filters: As in ``search``.

        Raises ``QueryError`` for a malformed query, ``InputError`` for an id or a reference that cannot be read.
        """
        from policysearch.quoting.citations import CitationReader, Citations
        from policysearch.quoting.sides import meant_by

        of = None if of is None else meant_by(self.engine, self._query_reader, of)[0]
        catalogue = self._verifier(None, (), None).catalogue
        reader: CitationReader = self._recent.once("citations", lambda: CitationReader(self.engine, catalogue))
        target = None if to is None else reader.target(to)
        return Citations(reader.read(self.selection(where, filters), of=of, to=target, document=document))

    @_verify_on_error
    def reuse(
        self,
        of: str | Sequence[str],
        among: Sequence[str] = (),
        *,
        min_length: int = 15,
        where: str | None = None,
        document: Sequence[str] = (),
        filters: Filters | None = None,
    ) -> Reuse:
        """Return the passages of documents that occur word for word in others, with the number of these.

        Args:
            of: The documents whose passages are searched for: a name as ``find`` reads it, or patterns of ids (``*``,
                ``?``).
            among: Patterns of the ids of the documents to search in; by default all others.
            min_length: Minimum length of a passage in folded characters without white space, from 15.
            where: Search only in sections that match this query.
            document: Like ``among``; both apply.
            filters: As in ``search``.

        Raises ``QueryError`` for a malformed query, ``InputError`` for an unknown id, or a length below 15.
        """
        from policysearch.quoting.reuse import shared_passages
        from policysearch.quoting.sides import meant_by

        patterns = [
            one if {*one} & {*"*?"} else meant_by(self.engine, self._query_reader, one)[1][0].document["document_id"]
            for one in ([of] if isinstance(of, str) else of)
        ]
        selected = self.selection(where, _chosen(document, filters))
        return shared_passages(self.engine, patterns, selected, among, min_length)

    def _reader(self, where: str | None, document: Sequence[str], filters: Filters | None) -> QueryReader:
        """Return the reader of citations of the documents of a selection."""
        from policysearch.citation.queries import QueryReader

        if where is None and not document and not filters:
            return self._query_reader
        return QueryReader(self.engine, self.selection(where, _chosen(document, filters)), paths=self.reads_paths)

    def _verifier(self, where: str | None, document: Sequence[str], filters: Filters | None) -> Verifier:
        """Return the verifier for a selection; the one for all documents is cached."""
        from policysearch.quoting.verification import Verifier

        if where is None and not document and not filters:
            found: Verifier = self._recent.once(
                "verifier", lambda: Verifier(self.engine, self.selection(), paths=self.reads_paths)
            )
            return found
        return Verifier(self.engine, self.selection(where, filters), document, paths=self.reads_paths)


def _chosen(document: Sequence[str], filters: Filters | None) -> dict[str, Any]:
    """Return filters with patterns of ids as one of them."""
    return {**(filters or {}), **({"document": list(document)} if document else {})}
