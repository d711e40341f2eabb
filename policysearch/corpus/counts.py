"""Terms and the texts of an index to counts: how often, in how many sections and documents, for each group.

A term is counted where it stands in a section's text as compared, left to
right, places that overlap once; never across the border of two sections. All
terms are looked for at once: the texts go through a trie of the terms as
arrays, one step for each character of the longest term.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise, product
from typing import TYPE_CHECKING, Any

from policysearch.engines.protocol import DocumentTexts, Engine
from policysearch.engines.tree import Node
from policysearch.errors import InputError, QueryError
from policysearch.frozen import asdict, frozen
from policysearch.query.parser import clean
from policysearch.text.chinese import HAN_SCRIPT_RANGES
from policysearch.text.folding import reduce
from policysearch.vocabulary import COUNT_FIELDS

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.int64]

__all__ = ["Count", "Counts", "Group", "count", "read_terms"]

_BATCH_CHARACTERS = 1_000_000
_MOST_TALLIES = 8_000_000  # numbers in a table; where more would be needed, what is counted is sorted instead
_MOST_STEPS = 16_000_000  # likewise


@frozen
class Count:
    """One row of a count: one term in one group.

    Attributes:
        group: The group's values, in the order of ``Counts.by``; None where the text does not tell.
        term: The term, or the concept that stands for several.
        occurrences: Places that do not overlap; of a concept, the sum over its terms. None for NA.
        sections: Sections with at least one. None for NA.
        documents: Documents with at least one. None for NA.
        documents_in_group: Selected documents, with or without the term.
        characters: Han characters of the selected sections of the group.
        per_10000: Occurrences for 10,000 of these characters; None where there are none.
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
class Group:
    """What was counted in one group.

    Attributes:
        documents: How many documents it has.
        sections: How many sections.
        characters: How many Han characters.
        occurrences: Of each term, as given.
        sections_with: Likewise.
        documents_with: Likewise.
    """

    documents: int
    sections: int
    characters: int
    occurrences: array[int]
    sections_with: array[int]
    documents_with: array[int]


@frozen
class Counts:
    """What a count gave. Iterate over it for its rows: groups in order of their values, terms as given.

    Attributes:
        by: The names of the fields that make the groups.
        terms: The terms or concepts, in the order given.
        groups: Each group by its values.
        documents: How many documents were counted in.
        duplicates: How many of the selected documents repeat the text of another of the index.
        left_out: Whether these were left out.
        filled: Whether there is a row for each combination of values, also without documents.
    """

    by: tuple[str, ...]
    terms: tuple[str, ...]
    groups: Mapping[tuple[Any, ...], Group]
    documents: int
    duplicates: int
    left_out: bool
    filled: bool

    @property
    def sections(self) -> int:
        """How many sections were counted in."""
        return sum(group.sections for group in self.groups.values())

    @property
    def characters(self) -> int:
        """How many Han characters these have."""
        return sum(group.characters for group in self.groups.values())

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of what each row has, as in every output."""
        return (*self.by, *[name for name in Count.__match_args__ if name != "group"])

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
        for one in self:
            fields = asdict(one)
            yield {**dict(zip(self.by, fields.pop("group"), strict=True)), **fields}

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, fit for JSON."""
        names = ("documents", "sections", "characters", "duplicates", "left_out")
        return {"by": list(self.by), **{name: getattr(self, name) for name in names}, "rows": list(self.rows())}

    def to_frame(self) -> Any:
        """Return the rows as a pandas ``DataFrame``. Raises ``ImportError`` where pandas is not installed."""
        import pandas

        return pandas.DataFrame(list(self.rows()), columns=list(self.columns))

    def _repr_html_(self) -> str:
        from policysearch.notebook import table

        return table(self.columns, self.rows())


def _in_order(key: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return what sorts groups: numbers as numbers, what is not known last."""
    return tuple((one is None, isinstance(one, str), one if one is not None else 0) for one in key)


def read_terms(lines: Iterable[bytes], name: str) -> dict[str, list[str]]:
    """Return the terms of a file, by concept: a line is a term, or a concept, a tab and a term.

    A line without a tab is its own concept. Empty lines say nothing; a byte
    order mark and Windows line ends do no harm. Raises ``InputError`` for a
    line that cannot be a term.
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


def count(
    engine: Engine,
    node: Node,
    terms: Sequence[str] | Mapping[str, Sequence[str]],
    *,
    by: Sequence[str] = (),
    longest: bool = False,
    duplicates: bool = True,
    fill: bool = False,
) -> Counts:
    """Count literal terms in the sections that ``node`` selects.

    Args:
        engine: The open index.
        node: Which sections are counted in.
        terms: Terms, or the terms of each concept.
        by: Fields of ``vocabulary.COUNT_FIELDS``: a row for each combination of their values.
        longest: At each place only the longest of all terms counts, and counting goes on behind it; else each
            term is counted as if it were alone.
        duplicates: Whether documents are counted that repeat the text of another.
        fill: Whether combinations of values without documents get rows, of NA.

    Raises ``InputError`` for a term or a field that cannot be.
    """
    unknown = [name for name in by if name not in COUNT_FIELDS]
    if unknown:
        raise InputError(f"There is no group '{unknown[0]}'; there are: {', '.join(COUNT_FIELDS)}.")
    if len(set(by)) < len(by):
        raise InputError("A field stands twice among those to count by.")
    concepts = dict(terms) if isinstance(terms, Mapping) else {term: [term] for term in terms}
    counting = _Counting(tuple(concepts), _Trie(_owners(concepts, longest)), tuple(by), longest)
    repeats = 0
    batch: list[DocumentTexts] = []
    size = 0
    for texts in engine.texts(node):
        repeated = texts.document["duplicate_of"] is not None
        repeats += repeated
        if repeated and not duplicates:
            continue
        batch.append(texts)
        size += sum(map(len, texts.reduced))
        if size >= _BATCH_CHARACTERS:
            counting.add(batch)
            batch, size = [], 0
    counting.add(batch)
    return counting.counts(repeats, not duplicates, fill)


def _owners(concepts: Mapping[str, Sequence[str]], longest: bool) -> dict[str, list[int]]:
    """Return, for each reduced term, the places of the concepts that count it."""
    owners: dict[str, list[int]] = {}
    for at, (concept, terms) in enumerate(concepts.items()):
        for term in terms:
            try:
                reduced = reduce(clean(term))
            except QueryError as error:
                raise InputError(f"The term {term!r} is not valid UTF-8.") from error
            if not reduced:
                raise InputError(f"The term {term!r} of '{concept}' is empty." if term else "A term is empty.")
            own = owners.setdefault(reduced, [])
            if at not in own:
                own.append(at)
            if longest and len(own) > 1:
                both = "' and '".join(list(concepts)[i] for i in own)
                raise InputError(f"'{both}' both stand for '{term}'; with longest, a place counts for one only.")
    if not owners:
        raise InputError("There is no term to count. Give terms, or a file of them.")
    return owners


class _Trie:
    """Reduced terms as arrays, for texts as arrays.

    Characters are numbered from 1; 0 is any that no term has, and what stands
    between two sections. Nodes are numbered level by level; 0 is none.
    """

    def __init__(self, owners: Mapping[str, list[int]]) -> None:
        import numpy as np

        self.terms = sorted(owners)
        self.lengths = np.array([len(term) for term in self.terms], np.int64)
        # what term i counts for: owner_list[owner_starts[i]:owner_starts[i + 1]]
        self.owner_list = np.array([at for term in self.terms for at in owners[term]], np.int64)
        self.owner_counts = np.array([len(owners[term]) for term in self.terms], np.int64)
        self.owner_starts = np.concatenate(([0], np.cumsum(self.owner_counts)))
        self.overlapping = [i for i, term in enumerate(self.terms) if _may_overlap(term)]
        numbers = {c: i for i, c in enumerate(sorted({c for term in self.terms for c in term}), 1)}
        self.classes = np.zeros(0x110000, np.int32)
        self.classes[[ord(character) for character in numbers]] = list(numbers.values())
        self.levels: list[_Level] = []
        ends = [-1]
        before = {"": 0}
        terms = list(enumerate(self.terms))
        while terms:
            depth = len(self.levels) + 1
            nodes: dict[str, int] = {}
            steps = {}
            for i, term in terms:
                prefix = term[:depth]
                if prefix not in nodes:
                    nodes[prefix] = len(ends)
                    steps[before[prefix[:-1]], numbers[prefix[-1]]] = len(ends)
                    ends.append(-1)
                if len(term) == depth:
                    ends[nodes[prefix]] = i
            self.levels.append(_Level(steps, min(before.values()), len(before), len(numbers) + 1))
            before = nodes
            terms = [(i, term) for i, term in terms if len(term) > depth]
        self.ends = np.array(ends, np.int64)
        self.inner = np.zeros(len(ends), bool)
        for level in self.levels:
            self.inner[level.nodes_before] = True

    def places(self, text: NDArray[np.uint32]) -> Iterator[tuple[Numbers, Numbers]]:
        """Yield, for each length of terms, (where each place begins, which term), in order of places."""
        import numpy as np

        classes = self.classes[text]
        at = np.flatnonzero(classes)
        node: NDArray[np.int32] = np.zeros(len(at), np.int32)
        for depth, level in enumerate(self.levels):
            if len(at) and at[-1] + depth >= len(classes):
                inside = np.searchsorted(at, len(classes) - depth)
                at, node = at[:inside], node[:inside]
            node = level.step(node, classes[at + depth])
            hit = np.flatnonzero(node)
            at, node = at[hit], node[hit]
            term = self.ends[node]
            whole = np.flatnonzero(term >= 0)
            if len(whole):
                yield at[whole], term[whole]
            inner = np.flatnonzero(self.inner[node])
            at, node = at[inner], node[inner]
            if not len(at):
                return


class _Level:
    """The steps from the nodes of one level to the next, for many at once."""

    def __init__(self, steps: Mapping[tuple[int, int], int], first: int, nodes: int, width: int) -> None:
        import numpy as np

        self._first = first
        self._width = width
        self.nodes_before = sorted({node for node, _ in steps})
        keys = np.array([(node - first) * width + character for node, character in steps], np.int64)
        reached = np.array(list(steps.values()), np.int32)
        self._table: Any = None
        if nodes * width <= _MOST_STEPS:
            self._table = np.zeros(nodes * width, np.int32)
            self._table[keys] = reached
        else:
            order = np.argsort(keys)
            self._keys, self._reached = keys[order], reached[order]

    def step(self, node: Any, character: Any) -> Any:
        """Return the next node for each node and character, 0 where there is none."""
        import numpy as np

        if self._table is not None:
            return self._table[(node - self._first) * self._width + character]
        key = (node - self._first).astype(np.int64) * self._width + character
        found = np.searchsorted(self._keys, key)
        found[found == len(self._keys)] = 0
        return np.where(self._keys[found] == key, self._reached[found], 0)


def _may_overlap(term: str) -> bool:
    """Tell whether two places of a term can overlap: whether it ends as it begins."""
    return any(term[-size:] == term[:size] for size in range(1, len(term)))


class _Counting:
    """Adds up batch after batch."""

    def __init__(self, labels: tuple[str, ...], trie: _Trie, by: tuple[str, ...], longest: bool) -> None:
        self._labels = labels
        self._trie = trie
        self._by = by
        self._longest = longest
        self._groups: dict[tuple[Any, ...], list[Any]] = {}
        self._documents = 0

    def counts(self, duplicates: int, left_out: bool, fill: bool) -> Counts:
        if not self._by:
            self._group(())
        groups = {
            key: Group(*figures, *(array("q", row.tobytes()) for row in rows))
            for key, (*figures, rows) in self._groups.items()
        }
        return Counts(self._by, self._labels, groups, self._documents, duplicates, left_out, fill)

    def _group(self, key: tuple[Any, ...]) -> list[Any]:
        import numpy as np

        group = self._groups.get(key)
        if group is None:
            group = self._groups[key] = [0, 0, 0, np.zeros((3, len(self._labels)), np.int64)]
        return group

    def add(self, batch: Sequence[DocumentTexts]) -> None:
        """Count in some documents."""
        import numpy as np

        if not batch:
            return
        cells, texts, cell_of = self._cells(batch)
        joined = np.frombuffer("\0".join(texts).encode("utf-32-le", "surrogatepass"), "<u4")
        lengths = np.array([len(text) + 1 for text in texts])
        section_cell = np.array(cell_of, np.int64)
        self._characters(cells, section_cell, joined, np.cumsum(lengths))
        term, section = self._found(joined, np.repeat(np.arange(len(texts)), lengths))
        cell = section_cell[section]
        width = len(self._labels)
        keys = (cell * width + term, section * width + term)
        of_cell, times = _tally(keys[0], len(cells) * width)
        self._spread(cells, of_cell, times, 0)
        self._spread(cells, of_cell, None, 2)
        of_section, _ = _tally(keys[1], len(texts) * width)
        of_cell, times = _tally(section_cell[of_section // width] * width + of_section % width, len(cells) * width)
        self._spread(cells, of_cell, times, 1)

    def _cells(self, batch: Sequence[DocumentTexts]) -> tuple[list[list[Any]], list[str], list[int]]:
        """Return the group of each cell (the sections of one document in one group), the texts, and their cells."""
        cells: list[list[Any]] = []
        texts: list[str] = []
        cell_of: list[int] = []
        for one in batch:
            own: dict[str, int] = {}
            self._documents += 1
            texts += one.reduced
            for part in one.parts if "part" in self._by else ("",) * len(one.parts):
                if part not in own:
                    own[part] = len(cells)
                    group = self._group(tuple(_group_value(name, one.document, part) for name in self._by))
                    group[0] += 1
                    cells.append(group)
                cell = own[part]
                cells[cell][1] += 1
                cell_of.append(cell)
        return cells, texts, cell_of

    def _characters(
        self, cells: Sequence[list[Any]], section_cell: Numbers, joined: NDArray[np.uint32], ends: Numbers
    ) -> None:
        import numpy as np

        before = np.concatenate(([0], np.cumsum(_han()[joined])))
        of_section = np.diff(before[np.minimum(ends, len(joined))], prepend=0)
        for group, more in zip(cells, np.bincount(section_cell, of_section, len(cells)), strict=True):
            group[2] += int(more)

    def _found(self, joined: NDArray[np.uint32], section_of: Numbers) -> tuple[Numbers, Numbers]:
        """Return the label and the section of each place that counts."""
        import numpy as np

        trie = self._trie
        found = list(trie.places(joined))
        if not found:
            return np.zeros(0, np.int64), np.zeros(0, np.int64)
        if self._longest:
            found = [_leftmost_longest(found, trie.lengths)]
        elif trie.overlapping:
            found = [_without_overlaps(at, term, trie) for at, term in found]
        at = np.concatenate([at for at, _ in found])
        term = np.concatenate([term for _, term in found])
        section = section_of[at]
        if len(trie.owner_list) == len(trie.terms):
            return trie.owner_list[term], section
        many = trie.owner_counts[term]
        first = np.repeat(trie.owner_starts[term], many)
        within = np.arange(len(first)) - np.repeat(np.cumsum(many) - many, many)
        return trie.owner_list[first + within], np.repeat(section, many)

    def _spread(self, cells: Sequence[list[Any]], keys: Numbers, times: Numbers | None, row: int) -> None:
        """Add to one row of the groups' counts: ``times`` for each key, or one."""
        import numpy as np

        width = len(self._labels)
        cell, label = keys // width, keys % width
        borders = np.flatnonzero(np.diff(cell, prepend=-1))
        for start, end in pairwise([*borders, len(keys)]):
            cells[cell[start]][3][row, label[start:end]] += 1 if times is None else times[start:end]


def _group_value(name: str, document: Mapping[str, Any], part: str) -> Any:
    if name == "part":
        return part
    return document["document_id" if name == "document" else name]


def _tally(keys: Numbers, size: int) -> tuple[Numbers, Numbers]:
    """Return the distinct keys, rising, and how often each stands there; all are below ``size``."""
    import numpy as np

    if size > _MOST_TALLIES:
        return np.unique(keys, return_counts=True)
    times = np.bincount(keys, minlength=size)
    distinct = np.flatnonzero(times)
    return distinct, times[distinct]


@lru_cache(maxsize=1)
def _han() -> NDArray[np.bool_]:
    """Return, for each code point, whether it is Han."""
    import numpy as np

    table = np.zeros(0x110000, bool)
    for first, last in HAN_SCRIPT_RANGES:
        table[first : last + 1] = True
    return table


def _without_overlaps(at: Numbers, term: Numbers, trie: _Trie) -> tuple[Numbers, Numbers]:
    """Return the places without those that overlap one before of the same term."""
    import numpy as np

    keep = np.ones(len(at), bool)
    for one in trie.overlapping:
        own = np.flatnonzero(term == one)
        length = int(trie.lengths[one])
        places = at[own]
        if not (np.diff(places) < length).any():
            continue
        free = 0
        for i, place in zip(own.tolist(), places.tolist(), strict=True):
            if place < free:
                keep[i] = False
            else:
                free = place + length
    return at[keep], term[keep]


def _leftmost_longest(found: Sequence[tuple[Numbers, Numbers]], lengths: Numbers) -> tuple[Numbers, Numbers]:
    """Return the places that are left when at each the longest counts, and none begins inside one before."""
    import numpy as np

    at = np.concatenate([at for at, _ in found])
    term = np.concatenate([term for _, term in found])
    # what is found first is shortest: of a place's terms the last is the longest
    order = np.argsort(at, kind="stable")
    at, term = at[order], term[order]
    last = np.append(at[1:] != at[:-1], True)
    at, term = at[last], term[last]
    end = at + lengths[term]
    # nothing before reaches into these, so they count whatever happened before
    begins = np.concatenate(([True], at[1:] >= np.maximum.accumulate(end)[:-1]))
    keep = begins.copy()
    free = 0
    unsure = np.flatnonzero(~begins)
    before = -2
    for i, place, stop in zip(unsure.tolist(), at[unsure].tolist(), end[unsure].tolist(), strict=True):
        if i != before + 1:
            free = int(end[i - 1])  # the one before is sure
        if place >= free:
            keep[i] = True
            free = stop
        before = i
    return at[keep], term[keep]
