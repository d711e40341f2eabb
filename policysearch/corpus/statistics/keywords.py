"""Key words: terms that are more frequent in some sections than in others."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from policysearch.corpus.statistics.measures import log_likelihood, log_ratio, log_ratio_conservative, p_value
from policysearch.corpus.statistics.selection import Selection, Totals
from policysearch.corpus.statistics.table import Table, first_as_written
from policysearch.errors import InputError
from policysearch.frozen import frozen

if TYPE_CHECKING:
    from policysearch.corpus.statistics.string_figures import StringFigures

__all__ = ["BASES", "UNITS", "Keyword", "Keywords", "keywords"]

UNITS = ("word", "ngram")
"""Units of counting."""

BASES = ("occurrences", "documents")
"""Bases of comparison."""


@frozen
class Keyword:
    """One term of two selections.

    Attributes:
        term: The term in its usual writing, without white space; see ``written_words``.
        occurrences: Number of its occurrences in the selection, as ``count`` reports.
        reference: Number of those in the reference.
        documents: Number of documents of the selection that contain it.
        reference_documents: Number of those of the reference.
        per_10000: Occurrences per 10,000 Han characters of the selection.
        log_likelihood: See ``measures.log_likelihood``.
        p: See ``measures.p_value``.
        log_ratio: See ``measures.log_ratio``; above 0 if it is more frequent in the selection.
        log_ratio_conservative: See ``measures.log_ratio_conservative``.
    """

    term: str
    occurrences: int
    reference: int
    documents: int
    reference_documents: int
    per_10000: float | None
    log_likelihood: float
    p: float
    log_ratio: float | None
    log_ratio_conservative: float | None


@frozen
class Keywords(Table):
    """Key words, by descending ``log_likelihood``, then by term.

    Attributes:
        unit: ``word`` or ``ngram``.
        by: ``occurrences`` or ``documents``.
        negative: Whether they are the terms that are less frequent in the selection.
        selection: The totals of the target sections.
        reference: The totals of the reference sections.
        overlap: Number of sections in both.
        terms: The rows.
    """

    unit: str
    by: str
    negative: bool
    selection: Totals
    reference: Totals
    overlap: int
    terms: tuple[Keyword, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns, as in every output."""
        return tuple(Keyword.__match_args__)

    def values(self) -> Sequence[Keyword]:
        """Return the rows."""
        return self.terms

    def totals(self) -> dict[str, Any]:
        """Return the totals of the selection as plain values for JSON."""
        sides = {"": self.selection, "reference_": self.reference}
        counted: Mapping[str, int] = {
            before + name: getattr(side, name)
            for before, side in sides.items()
            for name in ("documents", "sections", "characters")
        }
        return {"unit": self.unit, "by": self.by, "negative": self.negative, **counted, "overlap": self.overlap}


def keywords(
    target: Selection,
    reference: Selection,
    *,
    unit: str = "word",
    by: str = "occurrences",
    limit: int | None = 100,
    min_documents: int = 3,
    negative: bool = False,
    stop: Collection[str] = (),
    jobs: int = 1,
) -> Keywords:
    """Return the terms that are more frequent in ``target`` than in ``reference``.

    Args:
        target: The target sections.
        reference: The reference sections.
        unit: ``word`` or ``ngram``; see ``units.DEFINITIONS``.
        by: The basis of comparison: ``occurrences`` of all Han characters, or ``documents`` with the term of all
            documents.
        limit: Maximum number of terms; None for all.
        min_documents: Minimum number of documents of ``target`` (with ``negative``, of ``reference``) that contain a
            term; all of them if there are fewer.
        negative: Whether to return the terms that are less frequent in ``target``.
        stop: Terms to exclude.
        jobs: Number of threads.

    Raises ``InputError`` for an invalid option, or a side without any section.
    """
    from policysearch.corpus.statistics.strings import compared, overlapping, refuse_unknown

    refuse_unknown(unit, limit, min_documents, jobs)
    if by not in BASES:
        raise InputError(f"Key words cannot be found by {by!r}; expected one of: {', '.join(BASES)}.")
    overlap = overlapping(target, reference)
    found = compared(
        target,
        reference,
        unit=unit,
        basis=by,
        limit=limit,
        min_documents=max(1, min(min_documents, (reference if negative else target).documents())),
        negative=negative,
        stop=stop,
        overlap=overlap > 0,
        jobs=jobs,
    )
    for totals, what in ((found.first, "The selection"), (found.second, "The reference")):
        if not totals.sections:
            raise InputError(
                f"{what} has no sections. Check --where, --against and the filters with: policysearch list"
            )
    rows = [_row(found, at, by) for at in range(len(found.strings))]
    return Keywords(
        unit,
        by,
        negative,
        found.first,
        found.second,
        overlap,
        first_as_written(rows, lambda row: row.log_likelihood, limit, target, reference),
    )


def _row(found: StringFigures, at: int, by: str) -> Keyword:
    occurrences, reference, documents, reference_documents = (int(column[at]) for column in found.figures)
    if by == "documents":
        one, other = documents, reference_documents
        size, other_size = found.first.documents, found.second.documents
    else:
        one, other = occurrences, reference
        # other characters may be more frequent than all Han characters together
        size, other_size = max(found.first.characters, one), max(found.second.characters, other)
    statistic = log_likelihood(one, one + other, size, size + other_size)
    characters = found.first.characters
    return Keyword(
        found.strings[at],
        occurrences,
        reference,
        documents,
        reference_documents,
        occurrences * 10_000 / characters if characters else None,
        statistic,
        p_value(statistic),
        log_ratio(one, size, other, other_size),
        log_ratio_conservative(one, size, other, other_size),
    )
