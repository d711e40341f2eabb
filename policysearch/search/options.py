"""All options of a search, as one value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from policysearch.errors import InputError
from policysearch.frozen import frozen
from policysearch.query.filters import FilterValues
from policysearch.vocabulary import DUPLICATES, FACET_FIELDS, GROUPS, MATCH_MODES, SORTS

__all__ = ["SearchOptions"]


@frozen
class SearchOptions:
    """The options of a search, with the defaults of ``Index.search``.

    Attributes:
        limit: Maximum number of hits; None for all.
        offset: Number of first hits to skip.
        match: ``auto``, ``all``, ``any`` or ``exact``.
        exact: Whether the entire query is one literal phrase.
        sort: One of ``vocabulary.SORTS``.
        group: ``section`` or ``document``.
        filters: For any of ``vocabulary.FILTERS`` a value, a text or a number, or several alternatives.
        explain: Whether to explain how the query was parsed and how the scores were computed.
        count_exact: Whether to compute ``total_exact``, the number of hits of ``match="exact"``.
        word: Whether a term that starts or ends with a letter or a digit does not match inside a longer word or number.
        plain: Whether the query is plain text, without operators, fields or quotes.
        duplicates: ``fold``: of equal sections of documents with equal text only the first in order of ids, among
            those that match the query and the filters, is a hit, and names the others; ``show``: all are hits;
            ``hide``: documents with the same text as another are ignored.
        facets: Fields, of ``vocabulary.FACET_FIELDS``, by whose values the complete answer is counted.
        full: Whether snippets are the complete texts of the sections.
    """

    limit: int | None = 10
    offset: int = 0
    match: str = "auto"
    exact: bool = False
    sort: str = "score"
    group: str = "section"
    filters: Mapping[str, FilterValues] | None = None
    explain: bool = False
    count_exact: bool = True
    word: bool = False
    plain: bool = False
    duplicates: str = "fold"
    facets: Sequence[str] = ()
    full: bool = False

    @property
    def grouped(self) -> bool:
        """Return whether documents are ranked."""
        return self.group == "document"

    def refuse_unknown(self) -> None:
        """Raise ``InputError`` for an invalid option."""
        for what, value, known in (
            ("match", self.match, MATCH_MODES),
            ("sort", self.sort, SORTS),
            ("group", self.group, GROUPS),
            ("value of duplicates", self.duplicates, DUPLICATES),
        ):
            if value not in known:
                raise InputError(f"Unknown {what} {value!r}; expected one of: {', '.join(known)}.")
        for field in self.facets:
            if field not in FACET_FIELDS:
                raise InputError(f"Unknown facet {field!r}; expected one of: {', '.join(FACET_FIELDS)}.")
        for what, number in (("limit", self.limit or 0), ("offset", self.offset)):
            if not isinstance(number, int) or number < 0:
                raise InputError(f"The {what} must be a number from 0, not {number!r}.")
