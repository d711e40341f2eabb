"""The corpus statistics of an open index, as methods."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from policysearch.corpus.occurrences import Selecting, known_duplicates
from policysearch.engines.tree import And, Node, Not
from policysearch.errors import InputError

if TYPE_CHECKING:
    from policysearch.corpus.statistics.collocates import Collocates
    from policysearch.corpus.statistics.keywords import Keywords
    from policysearch.corpus.statistics.matrix import Matrix
    from policysearch.corpus.statistics.selection import Selection
    from policysearch.corpus.statistics.trend import Trend
    from policysearch.corpus.statistics.words import WordList
    from policysearch.corpus.term_dictionary import Terms
    from policysearch.query.filters import FilterValues

    Filters = Mapping[str, FilterValues]

__all__ = ["Statistics"]


class Statistics(Selecting):
    """Methods of corpus statistics."""

    def words(
        self,
        *,
        unit: str = "word",
        limit: int | None = 100,
        min_documents: int = 1,
        stop: Sequence[str] = (),
        where: str | None = None,
        document: Sequence[str] = (),
        duplicates: str = "fold",
        filters: Filters | None = None,
        jobs: int = 1,
    ) -> WordList:
        """Return the most frequent words or n-grams of the texts. The arguments are those of ``keywords``."""
        from policysearch.corpus.statistics.words import words

        selection = self._selected(where, filters, document, duplicates)
        return words(selection, unit=unit, limit=limit, min_documents=min_documents, stop=stop, jobs=jobs)

    def collocates(
        self,
        phrase: str,
        *,
        window: str | int = "sentence",
        limit: int | None = 100,
        min_together: int = 5,
        stop: Sequence[str] = (),
        where: str | None = None,
        document: Sequence[str] = (),
        duplicates: str = "fold",
        filters: Filters | None = None,
        jobs: int = 1,
    ) -> Collocates:
        """Return the words that occur near a literal phrase more often than expected by chance.

        Args:
            phrase: A literal phrase.
            window: ``sentence``, or the number of characters on each side.
            min_together: Minimum number of places of a word near the phrase.

        The others are those of ``keywords``.

        Raises ``QueryError`` for an empty phrase or a malformed query, ``InputError`` for an invalid option.
        """
        from policysearch.corpus.statistics.collocates import collocates

        selection = self._selected(where, filters, document, duplicates)
        return collocates(
            selection, phrase, window=window, limit=limit, min_together=min_together, stop=stop, jobs=jobs
        )

    def trend(
        self,
        terms: Terms,
        *,
        word: bool = False,
        patterns: bool = False,
        expand: bool = False,
        where: str | None = None,
        document: Sequence[str] = (),
        duplicates: str = "fold",
        filters: Filters | None = None,
    ) -> Trend:
        """Return for each literal term and year the share of places that use it, and its first occurrence.

        The arguments are those of ``count`` and ``keywords``.
        """
        from policysearch.corpus.statistics.trend import trend
        from policysearch.corpus.term_dictionary import dictionary_of

        dictionary = dictionary_of(terms, patterns=patterns, expand=expand)
        return trend(self._selected(where, filters, document, duplicates), dictionary, self._recent, word)

    def matrix(
        self,
        terms: Terms,
        *,
        by: str | Sequence[str] = ("document",),
        value: str = "occurrences",
        longest: bool = False,
        fill: bool = False,
        word: bool = False,
        patterns: bool = False,
        expand: bool = False,
        where: str | None = None,
        document: Sequence[str] = (),
        duplicates: str = "fold",
        filters: Filters | None = None,
    ) -> Matrix:
        """Return a matrix of documents or groups and the occurrences of literal terms.

        Args:
            value: The values in the cells: ``occurrences``, ``per_10000``, ``sections``, ``documents``, ``weighted``.

        The others are those of ``count`` and ``keywords``.
        """
        from policysearch.corpus.statistics.matrix import matrix
        from policysearch.corpus.term_dictionary import dictionary_of

        selection = self._selected(where, filters, document, duplicates)
        dictionary = dictionary_of(terms, patterns=patterns, expand=expand)
        return matrix(selection, dictionary, by=by, value=value, longest=longest, fill=fill, word=word)

    def keywords(
        self,
        *,
        where: str | None = None,
        against: str | None = None,
        unit: str = "word",
        by: str = "occurrences",
        limit: int | None = 100,
        min_documents: int = 3,
        negative: bool = False,
        stop: Sequence[str] = (),
        document: Sequence[str] = (),
        duplicates: str = "fold",
        filters: Filters | None = None,
        jobs: int = 1,
    ) -> Keywords:
        """Return the key words of some sections compared with others, with log-likelihood, p and log ratio.

        Args:
            where: A query for the target sections.
            against: A query for the reference sections; by default all others.
            unit: ``word``, or ``ngram``: strings of characters that the texts repeat.
            by: The basis of comparison: ``occurrences`` or ``documents``.
            limit: Maximum number of terms; None for all.
            min_documents: Minimum number of target documents that contain a term; all of them if there are fewer.
            negative: Whether to return the terms that are less frequent in the target.
            stop: Terms to exclude.
            document: Only documents whose ids match one of these patterns (``*``, ``?``), on both sides; alone, they
                are the target, and all others are the reference.
            duplicates: As in ``count``.
            filters: As in ``search``. They apply to both sides; without ``where`` and ``against`` they select the
                target, and all others are the reference.
            jobs: Number of threads.

        Raises ``QueryError`` for a malformed query, ``InputError`` for an invalid option, or a side without sections.
        """
        from policysearch.corpus.statistics.keywords import keywords

        if document and where is None and against is None and not filters:  # as any filter alone
            filters, document = {"document": document}, ()
        target = self._selected(where, filters, document, duplicates)
        if against is not None:
            reference = self._selected(against, filters, document, duplicates)
        else:
            if where is None and not filters:
                raise InputError("Nothing to compare: give --where and --against, --where alone, or a filter.")
            asked = self.selection(where, None if where else filters)
            reference = self._selected(None, filters if where else None, document, duplicates, without=asked)
        return keywords(
            target,
            reference,
            unit=unit,
            by=by,
            limit=limit,
            min_documents=min_documents,
            negative=negative,
            stop=stop,
            jobs=jobs,
        )

    def _selected(
        self,
        where: str | None,
        filters: Filters | None,
        document: Sequence[str],
        duplicates: str = "show",
        without: Node | None = None,
    ) -> Selection:
        from policysearch.corpus.statistics.selection import Selection

        node = self.selection(where, filters, duplicates=known_duplicates(duplicates))
        return Selection(self.engine, node if without is None else And((node, Not(without))), tuple(document))
