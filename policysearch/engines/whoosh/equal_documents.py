"""The documents of a generation with equal texts, by number.

They are found when a generation is published: a search would have to read the ids of all documents, which takes 10 ms
of a cold search in 200 MB, and to compare the sections of documents that repeat one another.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING

from policysearch.engines.whoosh.segment_reader import Segment
from policysearch.frozen import frozen

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = [
    "EqualDocuments",
    "Group",
    "equal_documents",
    "group_at",
    "group_starts",
    "groups_of",
    "joined_groups",
    "later_documents",
    "places_of",
]

_FEW = 20  # documents of a segment per lookup, below which reading all ids is faster

Group = list[tuple[int, int]]
"""The segment and the number of each of several documents, in order of their ids."""


@frozen
class EqualDocuments:
    """Groups of documents with equal texts.

    Groups are joined to a list of numbers: for each the number of its documents, then the segment and the number of
    each.

    Attributes:
        alike: Groups whose documents have the same sections: texts, numbers, headings and parts.
        others: Groups whose documents differ in one of these, or in what their texts look like.
    """

    alike: Sequence[int] = ()
    others: Sequence[int] = ()

    def later(self, segments: int) -> list[list[int]]:
        """Return, of each of so many segments, the documents that are not the first of their group."""
        found: list[list[int]] = [[] for _ in range(segments)]
        for i, document in chain(later_documents(self.alike), later_documents(self.others)):
            found[i].append(document)
        return found


def group_starts(joined: Sequence[int]) -> Iterator[int]:
    """Yield where each group starts. Raises ``ValueError`` when the numbers are no groups."""
    at = 0
    while at < len(joined):
        yield at
        if joined[at] < 2:
            raise ValueError("a group of less than two documents")
        at += 1 + 2 * joined[at]
    if at != len(joined):
        raise ValueError("a truncated group of documents")


def group_at(joined: Sequence[int], at: int) -> Group:
    """Return the group that starts at a place."""
    end = at + 1 + 2 * joined[at]
    return list(zip(joined[at + 1 : end : 2], joined[at + 2 : end : 2], strict=True))


def later_documents(joined: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield the segment and the number of all documents but the first of each group."""
    for at in group_starts(joined):
        for place in range(at + 3, at + 1 + 2 * joined[at], 2):  # without a list of the group: in half of the time
            yield joined[place], joined[place + 1]


def groups_of(
    segments: Sequence[tuple[Segment, Container[int]]],
    duplicates: Mapping[str, str],
    known: Mapping[str, tuple[int, int]],
) -> list[Group]:
    """Return the groups of equal documents in order of their first ids.

    Args:
        segments: Each segment of a generation, and its removed documents.
        duplicates: See ``Generation.duplicates``.
        known: The segment and the number of some of the documents, by id.

    Raises ``ValueError`` when a document is in no segment.
    """
    ids: dict[str, list[str]] = {}
    for copy, first in duplicates.items():
        ids.setdefault(first, [first]).append(copy)
    wanted = {one for several in ids.values() for one in several}
    found = {one: known[one] for one in wanted.intersection(known)}
    missing = {one.encode("utf-8", "surrogatepass"): one for one in wanted.difference(found)}
    for i, (segment, removed) in enumerate(segments if missing else ()):
        if segment.documents > _FEW * len(missing):
            looked_up = [(name, segment.find_document(name)) for name in missing.values()]
        else:
            looked_up = [(missing[name], at) for at, name in enumerate(segment.document_ids) if name in missing]
        found.update({name: (i, at) for name, at in looked_up if at is not None and at not in removed})
    if len(found) < len(wanted):
        raise ValueError("equal documents that no segment has")
    return [[found[name] for name in sorted(several)] for _, several in sorted(ids.items())]


def places_of(
    segments: Sequence[tuple[Segment, Container[int]]], equal: EqualDocuments, duplicates: Mapping[str, str]
) -> dict[str, tuple[int, int]]:
    """Return the segment and the number of each document of groups. Raises ``ValueError`` for groups of others."""
    found: dict[str, tuple[int, int]] = {}
    copies = 0
    try:
        for joined in (equal.alike, equal.others):
            for at in group_starts(joined):
                group = group_at(joined, at)
                ids = [segments[i][0].document_id(document) for i, document in group]
                copies += len(ids) - 1
                removed = any(document in segments[i][1] for i, document in group)
                if removed or sorted(ids) != ids or any(duplicates.get(one) != ids[0] for one in ids[1:]):
                    raise ValueError("not the documents with equal texts")
                found.update(zip(ids, group, strict=True))
    except IndexError as error:
        raise ValueError("a document that does not exist") from error
    if copies != len(duplicates) or len(found) != copies + len(set(duplicates.values())):
        raise ValueError("not all documents with equal texts")
    return found


def equal_documents(
    segments: Sequence[Segment], groups: Sequence[Group], known: Mapping[tuple[tuple[int, int], ...], bool]
) -> EqualDocuments:
    """Compare the documents of groups, except those of which it is ``known`` whether they are alike."""
    if not groups:
        return EqualDocuments()
    import numpy as np

    contents: dict[int, _Contents] = {}
    parts: dict[str, int] = {}

    def are_alike(group: Group) -> bool:
        for i in {i for i, _ in group} - contents.keys():
            contents[i] = _Contents(segments[i], parts)
        (first, document), *rest = group
        own, text = contents[first].of(document), contents[first].text_of(document)
        return all(contents[i].of(one) == own and np.array_equal(contents[i].text_of(one), text) for i, one in rest)

    alike: list[Group] = []
    others: list[Group] = []
    for group in groups:
        try:
            same = known.get(tuple(group))
            (alike if (are_alike(group) if same is None else same) else others).append(group)
        except (IndexError, ValueError):  # the segment is corrupt: a search that reads it says so
            others.append(group)
    return EqualDocuments(joined_groups(alike), joined_groups(others))


def joined_groups(groups: Iterable[Group]) -> tuple[int, ...]:
    """Join those groups that have several documents."""
    several = (group for group in groups if len(group) > 1)
    return tuple(number for group in several for number in (len(group), *chain.from_iterable(group)))


class _Contents:
    """The contents of the sections of documents of a segment.

    Args:
        segment: The segment.
        parts: A number for each part, the same in all segments; those of other parts are added.
    """

    def __init__(self, segment: Segment, parts: dict[str, int]) -> None:
        import numpy as np

        self._first = segment.first
        numbers = bytes(parts.setdefault(name, len(parts)) for name in segment.figures["parts"])
        self._parts = segment.parts.tobytes().translate(numbers.ljust(256, b"\xff"))
        regions = segment.contents()
        self._text, self._starts = np.frombuffer(regions[0][0], np.uint8), regions[0][1].data
        self._pieces = [(joined, offsets.data) for joined, offsets in regions[1:]]
        self._sizes = [np.diff(offsets).data for _, offsets in regions]

    def of(self, document: int) -> list[bytes]:
        """Return everything but the text."""
        start, end = self._first[document], self._first[document + 1]
        pieces = [bytes(joined[offsets[start] : offsets[end]]) for joined, offsets in self._pieces]
        return [self._parts[start:end], *pieces, *(sizes[start:end].tobytes() for sizes in self._sizes)]

    def text_of(self, document: int) -> NDArray[np.uint8]:
        """Return the reduced text; numpy compares many in a fifth of the time, since they need not be copied."""
        return self._text[self._starts[self._first[document]] : self._starts[self._first[document + 1]]]
