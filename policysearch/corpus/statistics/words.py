"""Frequency lists: the most frequent words of some sections."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from policysearch.corpus.statistics.selection import Selection, Totals
from policysearch.corpus.statistics.table import Table, first_as_written
from policysearch.frozen import frozen

__all__ = ["WordFrequency", "WordList", "words"]


@frozen
class WordFrequency:
    """One term of a selection.

    Attributes:
        term: The term in its usual writing, without white space; see ``written_words``.
        occurrences: Number of its occurrences, as ``count`` reports.
        documents: Number of documents that contain it.
        per_10000: Occurrences per 10,000 Han characters.
    """

    term: str
    occurrences: int
    documents: int
    per_10000: float | None


@frozen
class WordList(Table):
    """Terms by descending ``occurrences``, then by term.

    Attributes:
        unit: ``word`` or ``ngram``.
        selection: The totals of the selection.
        terms: The rows.
    """

    unit: str
    selection: Totals
    terms: tuple[WordFrequency, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns, as in every output."""
        return tuple(WordFrequency.__match_args__)

    def values(self) -> Sequence[WordFrequency]:
        """Return the rows."""
        return self.terms

    def totals(self) -> dict[str, Any]:
        """Return the totals of the selection as plain values for JSON."""
        names = ("documents", "sections", "characters")
        return {"unit": self.unit, **{name: getattr(self.selection, name) for name in names}}


def words(
    selection: Selection,
    *,
    unit: str = "word",
    limit: int | None = 100,
    min_documents: int = 1,
    stop: Collection[str] = (),
    jobs: int = 1,
) -> WordList:
    """Return the most frequent terms of a selection.

    The arguments are those of ``keywords``. Raises ``InputError`` for an invalid option.
    """
    from policysearch.corpus.statistics.strings import compared, refuse_unknown

    refuse_unknown(unit, limit, min_documents, jobs)
    found = compared(selection, None, unit=unit, limit=limit, min_documents=min_documents, stop=stop, jobs=jobs)
    characters = found.first.characters
    rows = []
    for at, string in enumerate(found.strings):
        occurrences, documents = int(found.figures[0][at]), int(found.figures[2][at])
        rows.append(
            WordFrequency(string, occurrences, documents, occurrences * 10_000 / characters if characters else None)
        )
    return WordList(unit, found.first, first_as_written(rows, lambda row: row.occurrences, limit, selection))
