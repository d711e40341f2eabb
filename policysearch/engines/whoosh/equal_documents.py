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

__all__ = ["EqualDocuments", "Group", "equal_documents", "group_at", "group_starts", "groups_of", "joined_groups"]

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


def groups_of(segments: Sequence[tuple[Segment, Container[int]]], duplicates: Mapping[str, str]) -> list[Group]:
    """Return the groups of equal documents in order of their first ids.

    Args:
        segments: Each segment of a generation, and its removed documents.
        duplicates: See ``Generation.duplicates``.

    Raises ``ValueError`` when a document is in no segment.
    """
    ids: dict[str, list[str]] = {}
    for copy, first in duplicates.items():
        ids.setdefault(first, [first]).append(copy)
    encoded = {one.encode("utf-8", "surrogatepass"): one for several in ids.values() for one in several}
    found: dict[str, tuple[int, int]] = {}
    for i, (segment, removed) in enumerate(segments if encoded else ()):
        for document, name in enumerate(segment.document_ids):
            if name in encoded and document not in removed:
                found[encoded[name]] = (i, document)
    if len(found) < len(encoded):
        raise ValueError("equal documents that no segment has")
    return [[found[name] for name in sorted(several)] for _, several in sorted(ids.items())]


def equal_documents(segments: Sequence[Segment], groups: Sequence[Group]) -> EqualDocuments:
    """Compare the documents of groups."""
    import numpy as np

    contents: dict[int, _Contents] = {}

    def are_alike(group: Group) -> bool:
        for i in {i for i, _ in group} - contents.keys():
            contents[i] = _Contents(segments[i])
        (first, document), *rest = group
        own, text = contents[first].of(document), contents[first].text_of(document)
        return all(contents[i].of(one) == own and np.array_equal(contents[i].text_of(one), text) for i, one in rest)

    alike: list[Group] = []
    others: list[Group] = []
    for group in groups:
        try:
            (alike if are_alike(group) else others).append(group)
        except (IndexError, ValueError):  # the segment is corrupt: a search that reads it says so
            others.append(group)
    return EqualDocuments(joined_groups(alike), joined_groups(others))


def joined_groups(groups: Iterable[Group]) -> tuple[int, ...]:
    """Join those groups that have several documents."""
    several = (group for group in groups if len(group) > 1)
    return tuple(number for group in several for number in (len(group), *chain.from_iterable(group)))


class _Contents:
    """The contents of the sections of documents of a segment."""

    def __init__(self, segment: Segment) -> None:
        import numpy as np

        first = list(segment.first)
        parts = segment.parts
        # the bytes of all sections, and where those of each document start
        self._regions = [(memoryview(parts.tobytes()), [parts.itemsize * section for section in first])]
        (text, offsets), *more = segment.contents()
        self._text, self._starts = np.frombuffer(text, np.uint8), offsets[first].tolist()
        for joined, ends in more:
            self._regions.append((joined, ends[first].tolist()))
        for sizes in (np.diff(ends) for ends in (offsets, *(ends for _, ends in more))):
            self._regions.append((memoryview(sizes.tobytes()), [sizes.itemsize * section for section in first]))

    def of(self, document: int) -> list[bytes]:
        """Return everything but the text."""
        return [bytes(joined[starts[document] : starts[document + 1]]) for joined, starts in self._regions]

    def text_of(self, document: int) -> NDArray[np.uint8]:
        """Return the reduced text; numpy compares many in a fifth of the time, since they need not be copied."""
        return self._text[self._starts[document] : self._starts[document + 1]]
