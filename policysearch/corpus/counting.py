"""Counting of terms: occurrences, sections and documents, by group.

A term is counted in a section's folded text, left to right, overlapping
occurrences once; never across two sections. An engine may have the number of
places of a term in each section (``CountsInSections``), or the size of each
(``KeepsSizes``). The texts of a batch of documents are joined and matched
against all terms at once, and the matches are tallied with numpy.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from itertools import pairwise
from math import fsum
from typing import TYPE_CHECKING, Any

from policysearch.corpus.conditions import Conditions
from policysearch.corpus.counts import About, Counted, Counts
from policysearch.corpus.groups import GroupSizes, about, group_value, sizes_of
from policysearch.corpus.inside import Inside
from policysearch.corpus.lexicon import Lexicon
from policysearch.corpus.term_dictionary import Terms, dictionary_of
from policysearch.corpus.term_matcher import TermMatcher, utf8
from policysearch.engines.protocol import Accepts, CountsInSections, DocumentTexts, Engine, KeepsSizes
from policysearch.engines.tree import And, Node, when
from policysearch.errors import InputError
from policysearch.frozen import replace
from policysearch.vocabulary import COUNT_FIELDS

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from policysearch.corpus.grouped_sections import GroupedSections
    from policysearch.corpus.recent import Recent

    Numbers = NDArray[np.int64]

__all__ = ["count"]

_BATCH_CHARACTERS = 1_000_000
_MOST_TALLIES = 8_000_000  # entries of a table; if more are needed, the keys are sorted instead
_MOST_FOUND = 100  # number of terms that are looked up one by one; more are counted in the texts together


def count(
    engine: Engine,
    node: Node,
    terms: Terms,
    *,
    by: str | Sequence[str] = (),
    longest: bool = False,
    duplicates: bool = True,
    fill: bool = False,
    word: bool = False,
    accepts: Accepts | None = None,
    known: Recent[Any] | None = None,
) -> Counts:
    """Count literal terms in the sections that ``node`` selects.

    Args:
        engine: The open index.
        node: Selects the sections.
        terms: A term, terms, the terms of each concept, or a dictionary.
        by: A field or several of ``vocabulary.COUNT_FIELDS``: a row for each combination of their values.
        longest: Whether only the longest of all terms counts at each place, and counting resumes after it; otherwise
            each term is counted independently.
        duplicates: Whether to include documents with the same text as another.
        fill: Whether combinations of values without documents get rows, of NA.
        word: Whether a term that begins or ends with a letter or a digit is not counted inside a longer word or
            number.
        accepts: Returns whether a document is selected, given its metadata; None for all.
        known: Cache of the groups of earlier selections, which receives this one: in a cached selection, only sections
            that may contain a term are read.

    Raises ``InputError`` for an invalid term or field.
    """
    by = [by] if isinstance(by, str) else by
    unknown = [name for name in by if name not in COUNT_FIELDS]
    if unknown:
        raise InputError(f"Unknown group '{unknown[0]}'; expected one of: {', '.join(COUNT_FIELDS)}.")
    if len(set(by)) < len(by):
        raise InputError("A field to count by was given twice.")
    dictionary = dictionary_of(terms)
    lexicon = Lexicon(dictionary, longest)
    counting = _Counting(engine, lexicon, tuple(by), longest, word)
    if isinstance(engine, CountsInSections) and not lexicon.dated:
        measured = _from_tables(engine, node, counting, duplicates, accepts, known)
    else:
        measured = _from_texts(engine, node, counting, duplicates, accepts, known)
    counts = counting.counts(measured.repeats, not duplicates, fill)
    return replace(counts, expanded=dictionary.expanded, expanded_concepts=dictionary.expanded_concepts)


def _from_tables(
    engine: CountsInSections,
    node: Node,
    counting: _Counting,
    duplicates: bool,
    accepts: Accepts | None,
    known: Recent[Any] | None,
) -> GroupSizes:
    """Count in the tables of sections that an engine has; the texts are read only for conditions on places."""
    from policysearch.corpus.grouped_sections import GroupedSections

    by = counting.by
    sections = GroupedSections(engine.section_tables(node, accepts), by, duplicates, known)
    if known is None or accepts is not None:
        measured = sections.sizes()
    else:
        measured = known.once((node, by, duplicates), sections.sizes, lambda found: found.size)
    if counting.needs_no_texts and sections.groups * len(counting.lexicon.concepts) <= _MOST_TALLIES:
        counting.add_sections(sections, measured)
    else:
        counting.read_matching(node, duplicates, accepts, measured)
    return measured


def _from_texts(
    engine: Engine,
    node: Node,
    counting: _Counting,
    duplicates: bool,
    accepts: Accepts | None,
    known: Recent[GroupSizes] | None,
) -> GroupSizes:
    """Count in the texts; where the sizes of the groups are known without them, only in those that may have a term."""
    by = counting.by
    if counting.lexicon.dated:
        return counting.read_all(node, duplicates, accepts)

    def measure() -> GroupSizes:
        # which part of a document comes first in it is not stored
        if "part" not in by and isinstance(engine, KeepsSizes) and (sizes := engine.sizes(node)) is not None:
            return sizes_of(sizes, by, duplicates, accepts)
        return counting.read_all(node, duplicates, accepts)

    if known is None or accepts is not None:
        measured = measure()
    else:
        finest = known.get((node, duplicates))

        def from_finer() -> GroupSizes:
            return (finest and finest.by_fewer(by)) or measure()

        measured = known.once((node, by, duplicates), from_finer, lambda found: found.size)
        if finest is None or len(finest.groups) < len(measured.groups):
            known.keep((node, duplicates), measured, measured.size)
    if not counting.complete:
        counting.read_matching(node, duplicates, accepts, measured)
    return measured


def _batches(documents: Iterable[DocumentTexts]) -> Iterator[list[DocumentTexts]]:
    """Yield batches of documents of about a million characters."""
    batch: list[DocumentTexts] = []
    size = 0
    for texts in documents:
        batch.append(texts)
        size += sum(map(len, texts.reduced))
        if size >= _BATCH_CHARACTERS:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


class _Counting:
    """Accumulates the counts of batches.

    Attributes:
        lexicon: The terms.
        by: The fields of the groups.
        complete: Whether all documents were read.
    """

    complete = False

    def __init__(
        self,
        engine: Engine,
        lexicon: Lexicon,
        by: tuple[str, ...],
        longest: bool,
        word: bool,
    ) -> None:
        import numpy as np

        self._labels = lexicon.concepts
        terms = [rule.text for rule in lexicon.rules[: lexicon.literal]]
        self._inside = Inside(engine, terms)
        self._whole_words = word
        self._word = word and self._inside.possible
        self._inside_count = 0
        self._undated = 0
        self._engine = engine
        self.lexicon = lexicon
        self._longest = longest
        self._conditions = None if lexicon.plain else Conditions(engine, lexicon, word)
        self._matcher = TermMatcher(terms, longest, every=self._word or self._conditions is not None)
        # the concepts of rule i: owners[starts[i]:starts[i + 1]]
        self._owners = np.array([at for own in lexicon.owners for at, _ in own], np.int64)
        self._weights = [weight for own in lexicon.owners for _, weight in own] if lexicon.weighted else []
        self._owner_counts = np.array([len(own) for own in lexicon.owners], np.int64)
        self._owner_starts = np.concatenate(([0], np.cumsum(self._owner_counts)))
        self.by = by
        self._groups: dict[tuple[Any, ...], list[Any]] = {}
        self._documents = 0

    @property
    def needs_no_texts(self) -> bool:
        """Whether every place of a term counts, whatever surrounds it."""
        few = len(self.lexicon.rules) <= _MOST_FOUND
        return few and self.lexicon.plain and not self._longest and not self._inside.possible

    def add_sections(self, sections: GroupedSections, measured: GroupSizes) -> None:
        """Count in the tables of sections, given the figures of their groups."""
        import numpy as np

        self._measured(measured)
        width = len(self._labels)
        rows = np.zeros((3, sections.groups, width), np.int64)
        owned = np.zeros((sections.groups, len(self._weights)), np.int64)
        for label in range(width):
            rules = self.lexicon.owned(label)
            together, each = sections.counts([self.lexicon.rules[rule].text for rule in rules])
            rows[:, :, label] = together
            if self._weights:
                for rule, times in zip(rules, each, strict=True):
                    own = slice(self._owner_starts[rule], self._owner_starts[rule + 1])
                    owned[:, own][:, self._owners[own] == label] = times[:, None]
        for at in np.flatnonzero(rows[0].any(axis=1)).tolist():
            group = self._groups[sections.key(at)]
            group[3] += rows[:, at]
            group[4] += owned[at]

    def read_all(self, node: Node, duplicates: bool, accepts: Accepts | None) -> GroupSizes:
        """Count in documents, and return their groups."""
        repeats = 0

        def counted(texts: DocumentTexts) -> bool:
            nonlocal repeats
            if accepts is not None and not accepts(texts.document):
                return False
            repeats += (repeated := texts.document["duplicate_of"] is not None)
            return duplicates or not repeated

        for batch in _batches(filter(counted, self._engine.texts(node))):
            self._add(batch)
        self.complete = True
        groups = {key: (group[0], group[1], group[2]) for key, group in self._groups.items()}
        return GroupSizes(self.by, self._documents, repeats, groups)

    def read_matching(self, node: Node, duplicates: bool, accepts: Accepts | None, measured: GroupSizes) -> None:
        """Count in the documents that contain a term, given the figures of the groups of all documents."""
        self._measured(measured)

        def counted(texts: DocumentTexts) -> bool:
            document = texts.document
            return (accepts is None or accepts(document)) and (duplicates or document["duplicate_of"] is None)

        some = And((self.lexicon.node(self._whole_words), node))
        for batch in _batches(filter(counted, self._engine.texts(some))):
            self._add(batch, measured=True)

    def _measured(self, measured: GroupSizes) -> None:
        self._documents = measured.documents
        for key, known in measured.groups.items():
            self._group(key)[:3] = known

    def counts(self, duplicates: int, left_out: bool, fill: bool) -> Counts:
        if not self.by:
            self._group((About(),))
        groups = {}
        for key, (documents, sections, characters, rows, owned) in self._groups.items():
            occurrences, sections_with, documents_with = (array("q", row.tobytes()) for row in rows)
            sums = (occurrences, sections_with, documents_with, self._weighed(owned))
            groups[key] = Counted(documents, sections, characters, *sums)
        counts = Counts(self.by, self._labels, groups, self._documents, duplicates, left_out, fill, self._inside_count)
        return replace(counts, weighted=bool(self._weights), undated=self._undated)

    def _weighed(self, owned: Numbers) -> tuple[float, ...] | None:
        """Return the sum of weights of each concept, given the number of occurrences of each of its terms."""
        if not self._weights:
            return None
        parts: list[list[float]] = [[] for _ in self._labels]
        for at, times, weight in zip(self._owners.tolist(), owned.tolist(), self._weights, strict=True):
            parts[at].append(times * weight)
        return tuple(map(fsum, parts))  # exact, so that the order of terms and documents does not matter

    def _group(self, key: tuple[Any, ...]) -> list[Any]:
        import numpy as np

        group = self._groups.get(key)
        if group is None:
            owned = np.zeros(len(self._weights), np.int64)
            group = self._groups[key] = [0, 0, 0, np.zeros((3, len(self._labels)), np.int64), owned]
        return group

    def _add(self, batch: Sequence[DocumentTexts], *, measured: bool = False) -> None:
        """Count in a batch of documents; ``measured``: whether the figures of their groups are known."""
        import numpy as np

        cells, texts, cell_of = self._cells(batch, measured)
        section_cell = np.array(cell_of, np.int64)
        joined = "\0".join(texts)  # a character that no text contains
        if not measured:
            self._characters(cells, section_cell, joined, np.cumsum([len(text) + 1 for text in texts]))
        owner, section = self._found(joined, batch)
        term = self._owners[owner]
        cell = section_cell[section]
        width = len(self._labels)
        keys = (cell * width + term, section * width + term)
        of_cell, times = _tally(keys[0], len(cells) * width)
        self._spread(cells, of_cell, times, 0)
        self._spread(cells, of_cell, None, 2)
        of_section, _ = _tally(keys[1], len(texts) * width)
        of_cell, times = _tally(section_cell[of_section // width] * width + of_section % width, len(cells) * width)
        self._spread(cells, of_cell, times, 1)
        if self._weights:
            many = len(self._owners)
            for key, often in zip(
                *(part.tolist() for part in _tally(cell * many + owner, len(cells) * many)), strict=True
            ):
                cells[key // many][4][key % many] += often

    def _cells(self, batch: Sequence[DocumentTexts], measured: bool) -> tuple[list[list[Any]], list[str], list[int]]:
        """Return the group of each cell (the sections of one document in one group), the texts, and their cells."""
        cells: list[list[Any]] = []
        texts: list[str] = []
        cell_of: list[int] = []
        for one in batch:
            own: dict[str, int] = {}
            self._documents += not measured
            self._undated += self.lexicon.dated and when(one.document) is None
            texts += one.reduced
            for part in one.parts if "part" in self.by else ("",) * len(one.parts):
                if part not in own:
                    own[part] = len(cells)
                    values = tuple(group_value(name, one.document, part) for name in self.by)
                    group = self._group((*values, about(self.by, one.document)))
                    group[0] += not measured
                    cells.append(group)
                cell = own[part]
                cells[cell][1] += not measured
                cell_of.append(cell)
        return cells, texts, cell_of

    def _characters(self, cells: Sequence[list[Any]], section_cell: Numbers, joined: str, ends: Numbers) -> None:
        import numpy as np

        from policysearch.text.code_points import code_points, han_table

        codes = code_points(joined)
        before = np.concatenate(([0], np.cumsum(han_table()[codes])))
        of_section = np.diff(before[np.minimum(ends, len(codes))], prepend=0)
        for group, more in zip(cells, np.bincount(section_cell, of_section, len(cells)), strict=True):
            group[2] += int(more)

    def _found(self, joined: str, batch: Sequence[DocumentTexts]) -> tuple[Numbers, Numbers]:
        """Return the place in ``_owners`` and the section of each match that counts."""
        import numpy as np

        encoded = utf8(joined)
        ends = np.flatnonzero(np.frombuffer(encoded, np.uint8) == 0)
        is_inside = partial(self._inside.of, encoded, batch)
        conditions = self._conditions.on(encoded, ends, batch) if self._conditions is not None else None

        def ruled_out(start: Numbers, end: Numbers, term: Numbers) -> NDArray[np.bool_]:
            out = np.zeros(len(start), bool) if conditions is None else conditions.ruled_out(start, end, term)
            if self._word:
                out |= is_inside(start, end, term)
            return out

        more = None if conditions is None else conditions.of_patterns()
        at, end, term = self._matcher.matches(encoded, ruled_out if self._word or conditions else None, more)
        if self._inside.possible and not self._word:
            literal = term < self.lexicon.literal
            self._inside_count += int(np.count_nonzero(is_inside(at[literal], end[literal], term[literal])))
        section = np.searchsorted(ends, at)
        if len(self._owners) == len(self._owner_counts):
            return term, section
        many = self._owner_counts[term]
        first = np.repeat(self._owner_starts[term], many)
        within = np.arange(len(first)) - np.repeat(np.cumsum(many) - many, many)
        return first + within, np.repeat(section, many)

    def _spread(self, cells: Sequence[list[Any]], keys: Numbers, times: Numbers | None, row: int) -> None:
        """Add to one row of the groups' counts: ``times`` for each key, or one."""
        import numpy as np

        width = len(self._labels)
        cell, label = keys // width, keys % width
        groups = {id(group): group for group in cells}
        if len(groups) * width <= min(_MOST_TALLIES, 4 * len(keys) + 10_000):  # many documents in few groups
            number = {name: at for at, name in enumerate(groups)}
            group_of = np.fromiter((number[id(group)] for group in cells), np.int64, len(cells))
            sums = np.zeros((len(groups), width), np.int64)
            np.add.at(sums, (group_of[cell], label), 1 if times is None else times)
            for group, more in zip(groups.values(), sums, strict=True):
                group[3][row] += more
            return
        borders = np.flatnonzero(np.diff(cell, prepend=-1))
        for start, end in pairwise([*borders, len(keys)]):
            cells[cell[start]][3][row, label[start:end]] += 1 if times is None else times[start:end]


def _tally(keys: Numbers, size: int) -> tuple[Numbers, Numbers]:
    """Return the distinct keys, ascending, and the count of each; all are below ``size``."""
    import numpy as np

    if size > _MOST_TALLIES:
        return np.unique(keys, return_counts=True)
    times = np.bincount(keys, minlength=size)
    distinct = np.flatnonzero(times)
    return distinct, times[distinct]
