"""An open index: everything that can be asked of one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial, wraps
from typing import TYPE_CHECKING, Any, TypeVar

from policysearch.corpus.statistics.asking import Statistics, known_duplicates
from policysearch.engines.opening import open_engine
from policysearch.errors import IndexClosedError, InputError, PolicySearchError, QueryError
from policysearch.search.options import SearchOptions
from policysearch.search.searcher import Searcher

if TYPE_CHECKING:
    from pathlib import Path

    from policysearch.corpus.concordance import Concordance, KwicLines
    from policysearch.corpus.counts import Counts
    from policysearch.corpus.listing import FieldValue, Listing
    from policysearch.corpus.targets.table import Targets
    from policysearch.query.filters import FilterValues
    from policysearch.search.batch import Answered
    from policysearch.search.topics import BrokenTopic, Topic

    Filters = Mapping[str, FilterValues]

__all__ = ["Index", "open_index"]


def open_index(index: str | Path = "index", *, prepare: bool = True) -> Index:
    """Open an index for asking.

    Args:
        index: A folder, or ``opensearch+https://host:9200/name``.
        prepare: Whether to load now, in about 0.2 seconds, what makes many questions fast; a program that asks only
            one is done sooner without.

    Raises ``IndexUnusableError`` when there is none that can be used, ``InputError`` for an address that is none.
    """
    opened = Index(open_engine(index))
    if prepare:
        opened.prepare()
    return opened


Ask = TypeVar("Ask", bound=Callable[..., Any])
T = TypeVar("T")


def _verify_on_error(ask: Ask) -> Ask:
    """Make what damaged files lead to an ``IndexUnusableError``; whether they are is looked at only then.

    And make a closed index raise ``IndexClosedError``.
    """

    @wraps(ask)
    def asked(self: Index, *args: Any, **options: Any) -> Any:
        with _verifying(self):
            return ask(self, *args, **options)

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
    """Yield the values, with errors as ``_verify_on_error`` makes them."""
    with _verifying(index):
        yield from values


class Index(Searcher, Statistics):
    """An index that is open for asking.

    Its answers do not change while it is open. It may be shared by threads.
    When it is closed, whatever is asked of it raises ``IndexClosedError``;
    what other threads were asking either ends as if it were open or raises
    that.

    Attributes:
        closed: Whether it was closed.
    """

    closed = False
    prepare = _verify_on_error(Searcher.prepare)
    selection = _verify_on_error(Searcher.selection)
    search = _verify_on_error(Searcher.search)
    search_lazily = _verify_on_error(Searcher.search_lazily)
    search_names = _verify_on_error(Searcher.search_names)
    search_several = _verify_on_error(Searcher.search_several)
    show = _verify_on_error(Searcher.show)
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
        """Let go of the index's files or connections; once more does nothing."""
        self.closed = True
        self.engine.close()

    def refuse_when_closed(self) -> None:
        """Raise ``IndexClosedError`` when the index was closed."""
        if self.closed:
            raise IndexClosedError

    @property
    def info(self) -> Mapping[str, Any]:
        """What the index is made of."""
        self.refuse_when_closed()
        return self.engine.description

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
        """Answer topics in their order, up to sixteen at a time: sooner than one by one.

        Args:
            topics: Pairs of id and query, or what ``batches.Topics`` reads from a file.
            match: As in ``search``; ``all`` without it, or ``auto`` where ``plain``.
            plain: As in ``search``.
            duplicates: As in ``search``.
            lazily: Whether hits come one at a time, so that memory does not grow with them; see ``Answered``.
            named: Whether hits come so, and as ``hits.HitId``.
            options: The others of ``SearchOptions``.

        A query that cannot be understood is handed on as a ``BrokenTopic``; the others are answered.
        """
        from policysearch.search.batch import answers
        from policysearch.search.topics import Topic

        read = (Topic(*one, {}, number) if isinstance(one, tuple) else one for number, one in enumerate(topics, 1))
        mode = match or ("auto" if plain else "all")
        asked = SearchOptions(match=mode, plain=plain, duplicates=duplicates, **options)
        return answers(self, read, asked, lazily, named)

    @_verify_on_error
    def count(
        self,
        terms: str | Sequence[str] | Mapping[str, str | Sequence[str]],
        *,
        by: str | Sequence[str] = (),
        where: str | None = None,
        longest: bool = False,
        duplicates: str = "fold",
        fill: bool = False,
        word: bool = False,
        dispersion: bool = False,
        document: Sequence[str] = (),
        filters: Filters | None = None,
    ) -> Counts:
        """Return how often literal terms stand in the texts, and in how many sections and documents.

        Args:
            terms: A term, terms, or concepts and the terms of each, which are summed up.
            by: A field or several, with a row for each combination of their values: ``region``, ``province``,
                ``city``, ``level``, ``year``, ``type``, ``part``, ``document``.
            where: Count only in the sections that this query selects.
            longest: At each place only the longest of all terms counts, so that no character counts twice.
            duplicates: ``hide`` leaves out documents that repeat the text of another; ``fold`` and ``show`` count all.
            fill: Whether combinations of values without documents get rows, of None.
            word: Whether what begins or ends with a letter or a digit is not counted inside a longer word or number.
            dispersion: Whether to say in how many documents of a group a term stands, and how unevenly.
            document: Only documents whose ids one of these patterns (``*``, ``?``) matches.
            filters: As in ``search``.

        Raises ``QueryError`` for a query, ``InputError`` for a term or a field that cannot be understood.
        """
        from policysearch.corpus.counting import count

        every = known_duplicates(duplicates) != "hide"  # which are left out below, where how many there were is known
        accepts = self._selected(None, None, document).accepting
        node = self.selection(where, filters, word)
        options: dict[str, Any] = {"longest": longest, "duplicates": every, "word": word, "accepts": accepts}
        if not dispersion:
            return count(self.engine, node, terms, by=by, fill=fill, **options)
        from policysearch.corpus.statistics.dispersion import dispersed

        fields = [by] if isinstance(by, str) else by
        if "document" in fields:
            raise InputError("Dispersion is over the documents of a group; leave document out of the fields.")
        return dispersed(count(self.engine, node, terms, by=(*fields, "document"), **options), fill)

    @_verify_on_error
    def kwic(
        self,
        phrase: str,
        *,
        width: int = 60,
        sort: str = "position",
        sample: int | None = None,
        seed: int = 0,
        where: str | None = None,
        word: bool = False,
        duplicates: str = "fold",
        filters: Filters | None = None,
    ) -> Concordance:
        """Return every place of a literal phrase, in its context.

        Args:
            phrase: Taken literally, compared as texts are.
            width: Columns of context on each side, at most; a Chinese character takes two.
            sort: ``position``, or ``left`` or ``right``: by the context, read from the match outwards.
            sample: So many places, drawn by chance; None for all.
            seed: Which sample; the same seed draws the same.
            where: Look only in the sections that this query selects.
            word: Whether what begins or ends with a letter or a digit is not found inside a longer word or number.
            duplicates: As in ``search``.
            filters: As in ``search``.

        Raises ``QueryError`` for a phrase or a query that cannot be understood.
        """
        from policysearch.corpus.concordance import kwic

        node = self.selection(where, filters, word, known_duplicates(duplicates))
        order: dict[str, Any] = {"width": width, "sort": sort, "sample": sample, "seed": seed}
        return kwic(self.engine, node, phrase, word=word, folded=duplicates == "fold", **order)

    @_verify_on_error
    def kwic_lines(
        self,
        phrase: str,
        *,
        width: int = 60,
        where: str | None = None,
        word: bool = False,
        duplicates: str = "fold",
        filters: Filters | None = None,
    ) -> KwicLines:
        """Return the lines of ``kwic``, by position and all of them, so that memory does not grow with them."""
        from policysearch.corpus.concordance import lines

        node = self.selection(where, filters, word, known_duplicates(duplicates))
        found = lines(self.engine, node, phrase, width=width, word=word, folded=duplicates == "fold")
        return found.through(partial(_verified, self))

    @_verify_on_error
    def documents(self, *, duplicates: str = "fold", filters: Filters | None = None) -> Listing:
        """Return the documents that the filters select, all without any, in order of their ids.

        ``duplicates`` as in ``search``, of documents with equal text.
        """
        from policysearch.corpus.listing import documents

        node = self.selection(None, filters, duplicates=known_duplicates(duplicates))
        return documents(self.engine, node, folded=duplicates == "fold")

    @_verify_on_error
    def values(self, field: str, *, duplicates: str = "fold", filters: Filters | None = None) -> tuple[FieldValue, ...]:
        """Return a field's values, and how many documents and sections have each.

        With ``duplicates="hide"`` documents that repeat the text of another are left out.

        Raises ``InputError`` when there is no such field.
        """
        from policysearch.corpus.listing import values

        return values(self.engine, self.selection(None, filters, duplicates=known_duplicates(duplicates)), field)

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
        """Return the aims that reports state: indicator, operator, value, unit, horizon, sentence.

        Documents of the types 政府工作报告, 报告 and 规划 are read, or those that ``filters`` ask for by type.

        Args:
            indicators: Names, in any form that reports use; all that are known without any.
            more: Further indicators, and the terms of each.
            kinds: ``target``, ``actual`` (results of years that are over) or both.
            everywhere: Whether aims for the year itself are read outside the passages of aims too.
            fill: Whether an indicator of which a report states no aim gets a row of operator ``none``.
            where: Read only the sections that this query selects.
            document: Only documents whose ids one of these patterns (``*``, ``?``) matches.
            filters: As in ``search``.

        Raises ``QueryError`` for a query, ``InputError`` for an indicator or a kind that there is not.
        """
        from policysearch.corpus.targets.table import READ_AS_REPORTS, targets

        return targets(
            self.engine,
            self.selection(where, filters),
            names=indicators,
            more=more,
            kinds=kinds,
            everywhere=everywhere,
            fill=fill,
            types=None if filters and filters.get("type") else READ_AS_REPORTS,
            document=document,
        )
