"""The result of a count: occurrences, sections and documents for each term and each group of documents."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from operator import add
from typing import Any, NamedTuple

from policysearch.frozen import asdict, frozen, replace
from policysearch.vocabulary import LEVELS, NATION, PLACES, field_order

__all__ = ["PLACE_LEVELS", "About", "Count", "Counted", "Counts", "rank_in_rows"]


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
        region_code: The code of the group's place (GB/T 2260), of the narrowest known if groups are made by places of
            several kinds; None if unknown, and for 全国.
        level: The level of the same place.
        title: The document's title, if documents are groups.
        weighted: Sum of the weights of the occurrences, if a dictionary gives weights. None for NA.
    """

    group: tuple[Any, ...]
    term: str
    occurrences: int | None
    sections: int | None
    documents: int | None
    documents_in_group: int
    characters: int
    per_10000: float | None
    region_code: str | None = None
    level: str | None = None
    title: str | None = None
    weighted: float | None = None


class About(NamedTuple):
    """The metadata of a group; see ``Count``."""

    region_code: str | None = None
    level: str | None = None
    title: str | None = None


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
        weighted: Sum of the weights of each term's occurrences; None without weights.
    """

    documents: int
    sections: int
    characters: int
    occurrences: array[int]
    sections_with: array[int]
    documents_with: array[int]
    weighted: tuple[float, ...] | None = None

    def with_more(self, other: Counted) -> Counted:
        """Return the counts of this group and another one, which have no document in common, together."""
        return Counted(
            self.documents + other.documents,
            self.sections + other.sections,
            self.characters + other.characters,
            array("q", map(add, self.occurrences, other.occurrences)),
            array("q", map(add, self.sections_with, other.sections_with)),
            array("q", map(add, self.documents_with, other.documents_with)),
            None if self.weighted is None else tuple(map(add, self.weighted, other.weighted or ())),
        )


@frozen
class Counts:
    """The result of a count. Iterating over it yields its rows: groups in order of their values, terms as given.

    Places are in the order of GB/T 2260, 全国 first; numbers ascend; missing values are last.

    Attributes:
        by: The names of the grouping fields.
        terms: The terms or concepts, in the order given.
        groups: Each group by its values, followed by ``About`` it.
        documents: Number of documents counted.
        duplicates: Number of selected documents with the same text as another document of the index.
        left_out: Whether these were excluded.
        filled: Whether there is a row for each combination of values, even without documents.
        inside: Number of counted occurrences inside longer words or numbers.
        spread: For each group and term, the number of documents with it and the evenness (see
            ``statistics.measures.proportion_deviation``); None unless requested.
        nonzero: Whether rows without occurrences are left out, except those of NA.
        weighted: Whether a dictionary gave weights.
        undated: Number of documents without a date or a year, in which terms with a period of validity do not count; 0
            without such terms.
        expanded: The other names that were counted for a term, by term; empty unless requested.
        expanded_concepts: The same for the terms of a row together, by its term or concept.
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
    nonzero: bool = False
    weighted: bool = False
    undated: int = 0
    expanded: Mapping[str, tuple[str, ...]] = {}
    expanded_concepts: Mapping[str, tuple[str, ...]] = {}

    @property
    def sections(self) -> int:
        """The number of sections counted."""
        return sum(group.sections for group in self.groups.values())

    @property
    def characters(self) -> int:
        """The number of Han characters counted."""
        return sum(group.characters for group in self.groups.values())

    @property
    def absent(self) -> tuple[str, ...]:
        """The terms that do not occur."""
        return tuple(
            term
            for at, term in enumerate(self.terms)
            if not any(group.occurrences[at] for group in self.groups.values())
        )

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns, as in every output."""
        apart = ("group", "weighted", *About._fields)
        names = (*self.by, *[name for name in Count.__match_args__ if name not in apart])
        names += tuple(name for name in self.told if name not in self.by)
        names += ("weighted",) * self.weighted + ("expanded",) * bool(self.expanded)
        return names if self.spread is None else (*names, "range", "dp")

    @property
    def told(self) -> tuple[str, ...]:
        """The names of the columns with the code and level of the groups' places, and the titles of their documents."""
        places = ("region_code", "level") if set(PLACES) & set(self.by) else ()
        return (*places, "title") if "document" in self.by else places

    def __iter__(self) -> Iterator[Count]:
        for key in self._keys():
            group = self.groups.get(key)
            *values, about = key
            for at, term in enumerate(self.terms):
                if group is None or not group.documents:  # without documents there is nothing to count
                    yield Count(tuple(values), term, None, None, None, 0, 0, None, *about)
                    continue
                times = group.occurrences[at]
                if self.nonzero and not times:
                    continue
                yield Count(
                    tuple(values),
                    term,
                    times,
                    group.sections_with[at],
                    group.documents_with[at],
                    group.documents,
                    group.characters,
                    times * 10_000 / group.characters if group.characters else None,
                    about.region_code,
                    about.level,
                    about.title,
                    None if group.weighted is None else group.weighted[at],
                )

    def _keys(self) -> list[tuple[Any, ...]]:
        keys = sorted(self.groups, key=self._in_order)
        if not (self.filled and keys):
            return keys
        # the columns of a group's place belong together, and those of a document
        names = [("region_code", "level"), ("title",)]
        joint = [self._place_fields, []]
        joint[1] = [at for at, name in enumerate(self.by) if name == "document"]
        alone = [[at] for at in range(len(self.by)) if at not in (*joint[0], *joint[1])]
        units = [*zip(joint, names, strict=True), *((at, ()) for at in alone)]
        choices = [
            list(dict.fromkeys((tuple(k[at] for at in some), tuple(getattr(k[-1], n) for n in told)) for k in keys))
            for some, told in units
        ]
        found = []
        for choice in product(*choices):
            values: list[Any] = [None] * len(self.by)
            about: dict[str, Any] = {}
            for (some, told), (chosen, said) in zip(units, choice, strict=True):
                for at, value in zip(some, chosen, strict=True):
                    values[at] = value
                about.update(zip(told, said, strict=True))
            found.append((*values, About(**about)))
        return sorted(self._one_of_each_place(found), key=self._in_order)

    def _one_of_each_place(self, keys: Sequence[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
        """Return the keys, with one at most for each place without documents.

        A place that was renamed has the same code under both names. The other name has no key where one has documents.
        """

        def rest(key: tuple[Any, ...]) -> tuple[Any, ...]:
            return tuple(value for at, value in enumerate(key[:-1]) if at not in fields)

        fields = self._place_fields
        taken = {(rest(key), self._place(key)) for key in self.groups}
        found = []
        for key in keys:
            own = (rest(key), self._place(key))
            if key not in self.groups and own[1] is not None:
                if own in taken:
                    continue
                taken.add(own)
            found.append(key)
        return found

    @property
    def _place_fields(self) -> list[int]:
        """The positions of the fields of places in ``by``."""
        return [at for at, name in enumerate(self.by) if name in PLACES]

    def _place(self, key: tuple[Any, ...]) -> tuple[Any, ...] | None:
        """Return the code and level of a group's place, and which of its names are unknown; None without a code."""
        about: About = key[-1]
        known = (key[at] is not None for at in self._place_fields)
        return (about.region_code, about.level, *known) if about.region_code else None

    def with_one_name_of_each_place(self) -> Counts:
        """Return it with the groups of a place that was renamed, and has the same code under both names, as one.

        Its name is the one that comes first in the rows, as in rows without documents. The dispersion is left out.
        """
        fields = self._place_fields
        names: dict[tuple[Any, ...], list[Any]] = {}
        groups: dict[tuple[Any, ...], Counted] = {}
        for key in sorted(self.groups, key=self._in_order):
            *values, about = key
            place = self._place(key)
            if place is not None:
                named = names.setdefault(place, values)
                values = [named[at] if at in fields else value for at, value in enumerate(values)]
            joint, group = (*values, about), self.groups[key]
            groups[joint] = groups[joint].with_more(group) if joint in groups else group
        return replace(self, groups=groups, spread=None)

    def _in_order(self, key: tuple[Any, ...]) -> tuple[Any, ...]:
        *values, about = key
        ranks = (rank_in_rows(name, value, about.region_code) for name, value in zip(self.by, values, strict=True))
        return (*ranks, about.region_code or "")

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield each row as plain values by the names of ``columns``."""
        numbers = {term: at for at, term in enumerate(self.terms)}
        for one in self:
            fields = asdict(one)
            told = {name: fields.pop(name) for name in About._fields}
            row = {**dict(zip(self.by, fields.pop("group"), strict=True)), **fields}
            weighted = row.pop("weighted")
            row.update((name, told[name]) for name in self.told if name not in self.by)
            if self.weighted:
                row["weighted"] = weighted
            if self.expanded:
                row["expanded"] = " ".join(self.expanded_concepts.get(one.term, ()))
            if self.spread is not None:
                of_group = self.spread.get((*one.group, About(*told.values())))
                if of_group is None or one.occurrences is None:
                    row["range"] = row["dp"] = None
                else:
                    row["range"], row["dp"] = of_group[numbers[one.term]]
            yield row

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        names = ("documents", "sections", "characters", "duplicates", "left_out")
        found = {"by": list(self.by), **{name: getattr(self, name) for name in names}}
        if self.expanded:
            found["expanded"] = {term: list(others) for term, others in self.expanded.items()}
        return {**found, "rows": list(self.rows())}

    def to_frame(self) -> Any:
        """Return the rows as a pandas ``DataFrame``. Raises ``ImportError`` when pandas is not installed."""
        import pandas

        return pandas.DataFrame(list(self.rows()), columns=list(self.columns))

    def _repr_html_(self) -> str:
        from policysearch.notebook import table

        return table(self.columns, self.rows())


PLACE_LEVELS = {"province": LEVELS[1], "city": LEVELS[2]}
"""The level of the places of each field that names one place for all below it."""


def rank_in_rows(name: str, value: Any, code: str | None) -> tuple[Any, ...]:
    """Return the sort key of a value of a field; ``code`` is the region code of its row."""
    if value is None:
        return (2,)
    if name not in PLACES:
        return (1, *field_order(name, value))
    if value == NATION:
        return (0,)
    code = code if name == "region" else _own_code(value, PLACE_LEVELS[name])
    return (1, "~" if code is None else code, value)


def _own_code(name: str, level: str) -> str | None:
    """Return the code of a province or city: that of its group is of the narrowest place, or missing."""
    from policysearch.gazetteer.places import place_named

    found = place_named(name, level)
    return found.code if found else None
