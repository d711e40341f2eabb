"""How a query is answered: every option of a search but the query, as one value."""

from __future__ import annotations

from collections.abc import Mapping

from policysearch.errors import InputError
from policysearch.frozen import frozen
from policysearch.query.filters import FilterValues
from policysearch.vocabulary import DUPLICATES, GROUPS, MATCH_MODES, SORTS

__all__ = ["SearchOptions"]


@frozen
class SearchOptions:
    """The options of a search. Each has the default that ``Index.search`` has.

    Attributes:
        limit: How many hits at most; None for all.
        offset: How many of the first hits to leave out.
        match: ``auto``, ``all``, ``any`` or ``exact``.
        exact: Whether the whole query is one phrase, taken literally.
        sort: One of ``vocabulary.SORTS``.
        group: ``section`` or ``document``.
        filters: For any of ``vocabulary.FILTERS`` a value, a text or a number, or several, of which one must hold.
        explain: Whether to say how the query was read and what the scores are made of.
        count_exact: Whether to count what ``match="exact"`` finds, as ``total_exact``.
        word: Whether what begins or ends with a letter or a digit is not found inside a longer word or number.
        plain: Whether the query has no operators, fields or quotes: each of its characters is looked for.
        duplicates: ``fold``: of equal sections of documents with equal text one is a hit, the first in order of their
            ids among those that meet the query and the filters, and names the others; ``show``: all are; ``hide``:
            documents that repeat the text of another are as if they were not there.
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

    @property
    def grouped(self) -> bool:
        """Return whether documents are ranked."""
        return self.group == "document"

    def refuse_unknown(self) -> None:
        """Raise ``InputError`` for an option that cannot be."""
        for what, value, known in (
            ("match", self.match, MATCH_MODES),
            ("sort", self.sort, SORTS),
            ("group", self.group, GROUPS),
            ("value of duplicates", self.duplicates, DUPLICATES),
        ):
            if value not in known:
                raise InputError(f"There is no {what} {value!r}; there are: {', '.join(known)}.")
        for what, number in (("limit", self.limit or 0), ("offset", self.offset)):
            if not isinstance(number, int) or number < 0:
                raise InputError(f"The {what} must be a number from 0, not {number!r}.")
