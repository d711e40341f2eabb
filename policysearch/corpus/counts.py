"""The result of a count: occurrences, sections and documents for each term and each group of documents."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Mapping
from itertools import product
from typing import Any

from policysearch.errors import InputError
from policysearch.frozen import asdict, frozen
from policysearch.text.folding import reduce

__all__ = ["Count", "Counted", "Counts", "read_terms"]


@frozen
class Count:
    """One row of a count: one term in one group.

    Attributes:
        group: The group's values, in the order of ``Counts.by``; None where unknown.
        term: The term, or the concept that combines several.
        occurrences: Number of non-overlapping occurrences; for a concept, the sum over its terms. None for NA.
        sections: Sections with at least one. None for NA.
        documents: Documents with at least one. None for NA.
        documents_in_group: Selected documents, with or without the term.
        characters: Han characters of the selected sections of the group.
        per_10000: Occurrences per 10,000 of these characters; None when there are none.
    """

    group: tuple[Any, ...]
    term: str
    occurrences: int | None
    sections: int | None
    documents: int | None
    documents_in_group: int
    characters: int
    per_10000: float | None


@frozen
class Counted:
    """The counts of one group.

    Attributes:
        documents: Number of its documents.
        sections: Number of its sections.
        characters: Number of its Han characters.
        occurrences: Number of occurrences of each term, in the order given.
        sections_with: Number of sections with each term.
        documents_with: Number of documents with each term.
    """

    documents: int
    sections: int
    characters: int
    occurrences: array[int]
    sections_with: array[int]
    documents_with: array[int]


@frozen
class Counts:
    """The result of a count. Iterating over it yields its rows: groups in order of their values, terms as given.

    Attributes:
        by: The names of the grouping fields.
        terms: The terms or concepts, in the order given.
        groups: The groups, by their values.
        documents: Number of documents counted.
        duplicates: Number of selected documents with the same text as another document of the index.
        left_out: Whether these were excluded.
        filled: Whether there is a row for each combination of values, even without documents.
        inside: Number of counted occurrences inside longer words or numbers.
        spread: Of each group, for each term, in how many documents it stands and how unevenly (see
            ``statistics.measures.proportion_deviation``); None where that was not asked for.
    """

    by: tuple[str, ...]
    terms: tuple[str, ...]
    groups: Mapping[tuple[Any, ...], Counted]
    documents: int
    duplicates: int
    left_out: bool
    filled: bool
    inside: int = 0
    spread: Mapping[tuple[Any, ...], tuple[tuple[int, float | None], ...]] | None = None

    @property
    def sections(self) -> int:
        """The number of sections counted."""
        return sum(group.sections for group in self.groups.values())

    @property
    def characters(self) -> int:
        """The number of Han characters counted."""
        return sum(group.characters for group in self.groups.values())

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns, as in every output."""
        names = (*self.by, *[name for name in Count.__match_args__ if name != "group"])
        return names if self.spread is None else (*names, "range", "dp")

    def __iter__(self) -> Iterator[Count]:
        for key in self._keys():
            group = self.groups.get(key)
            for at, term in enumerate(self.terms):
                if group is None:
                    yield Count(key, term, None, None, None, 0, 0, None)
                    continue
                times = group.occurrences[at]
                yield Count(
                    key,
                    term,
                    times,
                    group.sections_with[at],
                    group.documents_with[at],
                    group.documents,
                    group.characters,
                    times * 10_000 / group.characters if group.characters else None,
                )

    def _keys(self) -> list[tuple[Any, ...]]:
        keys = sorted(self.groups, key=_in_order)
        if not self.filled:
            return keys
        columns = [sorted({key[i] for key in keys}, key=lambda one: _in_order((one,))) for i in range(len(self.by))]
        return list(product(*columns)) if keys else []

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield each row as plain values by the names of ``columns``."""
        for number, one in enumerate(self):
            fields = asdict(one)
            if self.spread is not None:
                of_group = self.spread.get(one.group)
                fields["range"], fields["dp"] = (None, None) if of_group is None else of_group[number % len(self.terms)]
            yield {**dict(zip(self.by, fields.pop("group"), strict=True)), **fields}

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        names = ("documents", "sections", "characters", "duplicates", "left_out")
        return {"by": list(self.by), **{name: getattr(self, name) for name in names}, "rows": list(self.rows())}

    def to_frame(self) -> Any:
        """Return the rows as a pandas ``DataFrame``. Raises ``ImportError`` when pandas is not installed."""
        import pandas

        return pandas.DataFrame(list(self.rows()), columns=list(self.columns))

    def _repr_html_(self) -> str:
        from policysearch.notebook import table

        return table(self.columns, self.rows())


def _in_order(key: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return the sort key of a group: numbers as numbers, unknown values last."""
    return tuple((one is None, isinstance(one, str), one if one is not None else 0) for one in key)


def read_terms(lines: Iterable[bytes], name: str) -> dict[str, list[str]]:
    """Read the terms of a file, by concept: a line is a term, or a concept, a tab and a term.

    A line without a tab is its own concept. Empty lines, a byte order mark and
    Windows line ends are ignored. Raises ``InputError`` for an invalid line.
    """
    concepts: dict[str, list[str]] = {}
    for number, data in enumerate(lines, 1):
        try:
            line = data.decode("utf-8-sig" if number == 1 else "utf-8").strip("\r\n")
        except UnicodeDecodeError:
            raise InputError(f"'{name}', line {number}: not UTF-8. Save the file as UTF-8.") from None
        if not line.strip():
            continue
        concept, tab, term = line.partition("\t")
        if tab and not (concept.strip() and reduce(term)):
            raise InputError(f"'{name}', line {number}: expected a concept, a tab and a term.")
        if "\t" in term.strip():
            raise InputError(f"'{name}', line {number}: expected one tab, between a concept and a term.")
        concepts.setdefault(concept.strip(), []).append((term if tab else line).strip())
    return concepts
