"""Counts of strings by group from the tables of sections that an engine has, without reading most texts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from policysearch.corpus.groups import GROUP_BYTES, GroupSizes, about, group_columns, group_value
from policysearch.corpus.recent import Recent
from policysearch.engines.joined_texts import Numbers, distinct
from policysearch.engines.section_table import SectionTable
from policysearch.frozen import frozen

__all__ = ["GroupedSections"]


@frozen
class _Groups:
    """The groups of all documents of an index, apart from the field ``part``.

    Attributes:
        keys: The values of each group and ``About`` it, with an empty text as the part.
        of: For each table, the group of each document.
    """

    keys: tuple[tuple[Any, ...], ...]
    of: tuple[NDArray[np.int32], ...]


class GroupedSections:
    """Selected sections and their groups.

    Args:
        tables: The tables of the selection.
        by: The fields of the groups.
        duplicates: Whether documents with the same text as another count.
        known: A cache of the groups of documents.
    """

    def __init__(
        self, tables: Iterable[SectionTable], by: tuple[str, ...], duplicates: bool, known: Recent[Any] | None
    ) -> None:
        self._by = by
        self._tables = list(tables)
        names = dict.fromkeys(name for table in self._tables for name in table.part_names) if "part" in by else ("",)
        self._parts = tuple(names)
        groups = self._groups() if known is None else known.once(("groups", by), self._groups, _size)
        self._keys: Sequence[tuple[Any, ...]] = groups.keys
        self._sections = [
            _Sections(table, self._coded(table, of), duplicates, "part" in by)
            for table, of in zip(self._tables, groups.of, strict=True)
        ]

    @property
    def groups(self) -> int:
        """The number of possible groups."""
        return len(self._keys) * len(self._parts)

    def key(self, group: int) -> tuple[Any, ...]:
        """Return the values of a group, and ``About`` it."""
        key, part = divmod(group, len(self._parts))
        values = self._keys[key]
        if "part" not in self._by:
            return values
        at = self._by.index("part")
        return (*values[:at], self._parts[part], *values[at + 1 :])

    def sizes(self) -> GroupSizes:
        """Return the sizes of the groups, in the order of the ids of their first documents."""
        documents, sections, characters = (np.zeros(self.groups, np.int64) for _ in range(3))
        first: dict[int, tuple[str, int]] = {}
        for one in self._sections:
            documents += np.bincount(one.group[one.firsts], minlength=self.groups)
            sections += np.bincount(one.group, minlength=self.groups)
            characters += _sums(one.group, one.characters(), self.groups)
            for group, place in one.first_places():
                first[group] = min(first.get(group, place), place)
        counts = sum(one.counted for one in self._sections), sum(one.repeats for one in self._sections)
        in_order = sorted(first, key=first.__getitem__)
        found = {
            self.key(group): (int(documents[group]), int(sections[group]), int(characters[group])) for group in in_order
        }
        return GroupSizes(self._by, *counts, found)

    def counts(self, strings: Sequence[str]) -> tuple[Numbers, Sequence[Numbers]]:
        """Return counts of some strings by group.

        The first array has in its rows the occurrences of all strings together, the sections with any, and the
        documents with any; the others are the occurrences of each string alone.
        """
        found = np.zeros((3, self.groups), np.int64)
        each = [np.zeros(self.groups, np.int64) for _ in strings]
        for one in self._sections:
            together = np.zeros(len(one.group), np.int64) if len(strings) > 1 else None
            for own, string in zip(each, strings, strict=True):
                at, times = one.places(string)
                own += _sums(one.group[at], times, self.groups)
                if together is not None:
                    together[at] += times
            if together is not None:
                at = np.flatnonzero(together)
            found[1] += np.bincount(one.group[at], minlength=self.groups)
            found[2] += np.bincount(one.group[one.first_of(at)], minlength=self.groups)
        found[0] = sum(each)
        return found, each

    def _groups(self) -> _Groups:
        numbers: dict[tuple[Any, ...], int] = {}
        of = []
        for table in self._tables:
            keys, codes = _keys(table, self._by)
            own = np.array([numbers.setdefault(key, len(numbers)) for key in keys], np.int32)
            of.append(own[codes])
        return _Groups(tuple(numbers), tuple(of))

    def _coded(self, table: SectionTable, of: NDArray[np.int32]) -> Numbers:
        """Return the group of each section of a table, given that of each document."""
        group: Numbers = of[table.documents].astype(np.int64)
        if "part" in self._by:
            own = np.array([self._parts.index(name) for name in table.part_names], np.int64)
            group = group * len(self._parts) + own[table.parts]
        return group


class _Sections:
    """The sections of a table that count.

    Attributes:
        group: The group of each.
        firsts: The first section of each document in each of its groups.
        counted: Number of their documents.
        repeats: Number of documents of the table with the same text as another one.
    """

    def __init__(self, table: SectionTable, group: Numbers, duplicates: bool, parted: bool) -> None:
        self._table = table
        self._parted = parted
        self._documents = table.documents
        self.group = group
        self._index: Numbers | None = None
        self._kept: Numbers | None = None
        of_copies = table.repeats[table.documents]
        self.repeats = distinct(table.documents[of_copies])
        if self.repeats and not duplicates:
            self._kept = np.flatnonzero(~of_copies)
            self._index = np.full(len(group), -1, np.int64)
            self._index[self._kept] = np.arange(len(self._kept))
            self._documents, self.group = table.documents[self._kept], group[self._kept]
        self.counted = distinct(self._documents)
        self.firsts = self.first_of(np.arange(len(self.group)))

    def first_of(self, sections: Numbers) -> Numbers:
        """Return the first of some sections, which ascend, of each document in each group."""
        documents = self._documents[sections]
        if not self._parted:
            at = np.flatnonzero(np.diff(documents, prepend=-1))
        else:
            pairs = documents * (int(self.group.max(initial=0)) + 1) + self.group[sections]
            at = np.sort(np.unique(pairs, return_index=True)[1])
        found: Numbers = sections[at]
        return found

    def first_places(self) -> Iterator[tuple[int, tuple[str, int]]]:
        """Yield each group with the id of its first document, and the number of its first section."""
        groups, at = np.unique(self.group[self.firsts], return_index=True)
        sections = self.firsts[at]
        for group, document, section in zip(
            groups.tolist(), self._documents[sections].tolist(), sections.tolist(), strict=True
        ):
            yield group, (self._table.document_id(document), section)

    def characters(self) -> Numbers:
        """Return the number of Han characters of each section."""
        found = self._table.characters()
        return found if self._kept is None else found[self._kept]

    def places(self, string: str) -> tuple[Numbers, Numbers]:
        """Return the sections with a string, ascending, and its number of places in each."""
        at, times = self._table.places(string)
        if self._index is None:
            return at, times
        at = self._index[at]
        return at[at >= 0], times[at >= 0]


def _keys(table: SectionTable, by: Sequence[str]) -> tuple[list[tuple[Any, ...]], Numbers]:
    """Return the values of the distinct groups of a table's documents, and the number of that of each document."""
    documents = len(table.repeats)
    columns = {field: table.column(field) for field in group_columns(by)}
    code = np.arange(documents) if "document" in by else np.zeros(documents, np.int64)
    for values, codes in () if "document" in by else columns.values():
        code = np.unique(code * len(values) + codes, return_inverse=True)[1].reshape(-1)
    _, firsts, code = np.unique(code, return_index=True, return_inverse=True)
    found = []
    for first in firsts.tolist():
        fields = {field: values[codes[first]] for field, (values, codes) in columns.items()}
        fields["date"] = fields.get("when")
        fields["document_id"] = table.document_id(first) if "document" in by else None
        found.append((*(group_value(name, fields, "") for name in by), about(by, fields)))
    return found, code.reshape(-1)


def _sums(group: Numbers, numbers: Numbers, groups: int) -> Numbers:
    """Return the sum of numbers in each group, exactly as long as it is below 2⁵³."""
    found: Numbers = np.bincount(group, numbers, groups).astype(np.int64)
    return found


def _size(groups: _Groups) -> int:
    return GROUP_BYTES * len(groups.keys) + sum(one.nbytes for one in groups.of)
