"""Counts and concordances of an open index, as methods."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from policysearch.engines.tree import And, Node
from policysearch.errors import InputError
from policysearch.frozen import replace
from policysearch.vocabulary import DUPLICATES

if TYPE_CHECKING:
    from policysearch.corpus.concordance import Concordance, Finder, KwicLines
    from policysearch.corpus.counts import Counts
    from policysearch.corpus.recent import Recent
    from policysearch.corpus.term_dictionary import Terms
    from policysearch.engines.protocol import Engine
    from policysearch.query.filters import FilterValues
    from policysearch.query.resolution import Resolved

    Filters = Mapping[str, FilterValues]

__all__ = ["Occurrences", "Selecting", "known_duplicates"]

T = TypeVar("T")


class Selecting:
    """An open index, as the classes of its methods see it.

    Attributes:
        engine: The open index.
    """

    _recent_values: Recent[Any] | None = None

    @property
    def _recent(self) -> Recent[Any]:
        """A cache of values that take long to compute: groups of selections, names of documents."""
        from policysearch.corpus.recent import Recent

        if self._recent_values is None:
            self._recent_values = Recent(most=32_000_000, largest=8_000_000)
        return self._recent_values

    if TYPE_CHECKING:
        engine: Engine

        def selection(
            self,
            where: str | None = None,
            filters: Filters | None = None,
            word: bool = False,
            duplicates: str = "show",
        ) -> Node:
            """Return the sections that a query and filters select."""


class Occurrences(Selecting):
    """Counts and shows the places of terms."""

    if TYPE_CHECKING:

        def _understood_selection(
            self, where: str, filters: Filters | None = None, word: bool = False, duplicates: str = "show"
        ) -> Resolved:
            """Return the sections that a query and filters select, with the values that mark matches."""

        def _handed_on(self, hits: Iterator[T]) -> Iterator[T]: ...

    def count(
        self,
        terms: Terms,
        *,
        by: str | Sequence[str] = (),
        where: str | None = None,
        longest: bool = False,
        duplicates: str = "fold",
        fill: bool = False,
        word: bool = False,
        nonzero: bool = False,
        dispersion: bool = False,
        patterns: bool = False,
        expand: bool = False,
        document: Sequence[str] = (),
        filters: Filters | None = None,
    ) -> Counts:
        """Count occurrences of literal terms, and the sections and documents that contain them.

        Args:
            terms: A term, several terms, a mapping of concepts to their terms, whose counts are summed, or a
                ``Dictionary``.
            by: A field or several, with a row for each combination of their values: ``region``, ``province``,
                ``city``, ``level``, ``year``, ``month``, ``type``, ``issuer``, ``status``, ``part``, ``document``.
            where: Count only in sections that match this query.
            longest: Count only the longest term at each place, so that no character counts twice.
            duplicates: ``hide`` excludes documents with the same text as another; ``fold`` and ``show`` count all.
            fill: Whether combinations of values without documents get rows, of None.
            word: Whether a term that starts or ends with a letter or a digit is not counted inside a longer word or
                number.
            nonzero: Whether rows of terms that do not occur in their group are left out.
            dispersion: Whether to add the number of documents of a group with a term, and how unevenly it is spread
                over them.
            patterns: Whether ``*`` (up to 20 characters within a sentence) and ``?`` (one) in terms are wildcards.
            expand: Whether former and later names and abbreviations of a term in the list of names are counted too.
            document: Only documents whose ids match one of these patterns (``*``, ``?``).
            filters: As in ``search``.

        Raises ``QueryError`` for a malformed query, ``InputError`` for an invalid term or field.
        """
        from policysearch.corpus.counting import count
        from policysearch.corpus.term_dictionary import dictionary_of

        every = known_duplicates(duplicates) != "hide"  # these are left out below, where their number is known
        node = self.selection(where, filters, word)
        dictionary = dictionary_of(terms, patterns=patterns, expand=expand)
        options: dict[str, Any] = {"longest": longest, "duplicates": every, "word": word, "known": self._recent}
        if document:
            from policysearch.corpus.statistics.selection import Selection

            options["accepts"] = Selection(self.engine, node, tuple(document)).accepts
        if not dispersion:
            return replace(count(self.engine, node, dictionary, by=by, fill=fill, **options), nonzero=nonzero)
        from policysearch.corpus.statistics.dispersion import dispersed

        fields = [by] if isinstance(by, str) else by
        if "document" in fields:
            raise InputError(
                "Dispersion is computed over the documents of a group; leave document out of the fields to count by."
            )
        counts = count(self.engine, node, dictionary, by=(*fields, "document"), **options)
        return replace(dispersed(counts, fill), nonzero=nonzero)

    def kwic(
        self,
        terms: Terms | None = None,
        *,
        width: int = 60,
        sentence: bool = False,
        sort: str = "position",
        sample: int | None = None,
        seed: int = 0,
        where: str | None = None,
        word: bool = False,
        patterns: bool = False,
        expand: bool = False,
        duplicates: str = "fold",
        filters: Filters | None = None,
    ) -> Concordance:
        """Return every occurrence of literal terms in context.

        Args:
            terms: As in ``count``, whose occurrences these are. None for the matches of ``where``, as in ``search``.
            width: Maximum columns of context on each side; a Chinese character takes two.
            sentence: Whether the context is the complete sentence instead.
            sort: ``position``; ``left`` or ``right``: by the context, read outwards from the match; ``date`` or
                ``-date``: by the document's date, latest first with a minus, undated last.
            sample: Size of a random sample; None for all occurrences.
            seed: Random seed of the sample.
            where: Search only in sections that match this query.
            word: Whether a term that starts or ends with a letter or a digit does not match inside a longer word
                or number.
            patterns: As in ``count``.
            expand: As in ``count``.
            duplicates: As in ``search``.
            filters: As in ``search``.

        Raises ``QueryError`` for a malformed query, ``InputError`` for an empty term or an invalid option.
        """
        from policysearch.corpus.concordance import kwic

        found = self._finder(terms, where, word, patterns, expand, duplicates, filters)
        order: dict[str, Any] = {"width": width, "sentence": sentence, "sort": sort, "sample": sample, "seed": seed}
        return kwic(self.engine, found, folded=duplicates == "fold", **order)

    def kwic_lines(
        self,
        terms: Terms | None = None,
        *,
        width: int = 60,
        sentence: bool = False,
        where: str | None = None,
        word: bool = False,
        patterns: bool = False,
        expand: bool = False,
        duplicates: str = "fold",
        filters: Filters | None = None,
    ) -> KwicLines:
        """Return all lines of ``kwic`` by position, generated lazily."""
        from policysearch.corpus.concordance import lines

        finder = self._finder(terms, where, word, patterns, expand, duplicates, filters)
        found = lines(self.engine, finder, width=width, sentence=sentence, folded=duplicates == "fold")
        return found.through(self._handed_on)

    def _finder(
        self,
        terms: Terms | None,
        where: str | None,
        word: bool,
        patterns: bool,
        expand: bool,
        duplicates: str,
        filters: Filters | None,
    ) -> Finder:
        from policysearch.corpus.concordance import MatchFinder, TermFinder
        from policysearch.corpus.lexicon import Lexicon
        from policysearch.corpus.term_dictionary import dictionary_of

        known_duplicates(duplicates)
        if terms is None:
            if where is None:
                raise InputError("Give terms, a dictionary, or a query (where) whose matches are shown.")
            resolved = self._understood_selection(where, filters, word, duplicates)
            return MatchFinder(where, resolved.node, resolved.marker)
        dictionary = dictionary_of(terms, patterns=patterns, expand=expand)
        lexicon = Lexicon(dictionary)
        node = And((lexicon.node(word), self.selection(where, filters, word, duplicates)))
        return TermFinder(lexicon, node, word, dictionary.expanded)


def known_duplicates(duplicates: str) -> str:
    """Return the value unchanged. Raises ``InputError`` for an unknown treatment of duplicates."""
    if duplicates not in DUPLICATES:
        raise InputError(f"Unknown value of duplicates {duplicates!r}; expected one of: {', '.join(DUPLICATES)}.")
    return duplicates
