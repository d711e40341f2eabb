"""Small segments to larger ones, so that an index that is often brought up to date stays as quick as a new one.

Every update adds a segment and may remove documents from others. When there
are more than a few small ones, the smallest are written anew as one, without
what was removed. Nothing is read or cut again: the texts and the postings of
words are copied, the bigrams made from the texts.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from policysearch.engines.whoosh.evaluation import LiveSegment
from policysearch.engines.whoosh.generations import SegmentName
from policysearch.engines.whoosh.postings import MOST_SECTIONS
from policysearch.engines.whoosh.writing import SegmentBuilder, WordCounts

__all__ = ["merge", "to_merge"]

_MOST_SMALL = 8
"""How many small segments may stand side by side."""

_SMALL = SegmentBuilder.MOST_CHARACTERS // 2
_MOST_REMOVED = 0.3
"""The share of removed sections from which a segment counts as small."""


class _Size(NamedTuple):
    characters: int
    name: str
    sections: int
    small: bool


def _size(live: LiveSegment) -> _Size:
    share = len(live.all) / max(1, live.data.sections)
    characters = int(live.data.figures["characters"] * share)
    small = characters < _SMALL or share < 1 - _MOST_REMOVED
    return _Size(characters, live.data.name, len(live.all), small)


def to_merge(segments: Sequence[LiveSegment]) -> list[LiveSegment]:
    """Return the segments that are better written as one; none while there are few small ones."""
    small = sorted(size for size in map(_size, segments) if size.small)
    if len(small) <= _MOST_SMALL:
        return []
    chosen: set[str] = set()
    characters = sections = 0
    for size in small:
        characters += size.characters
        sections += size.sections
        if chosen and (characters > SegmentBuilder.MOST_CHARACTERS or sections > MOST_SECTIONS):
            break
        chosen.add(size.name)
    return [live for live in segments if live.data.name in chosen] if len(chosen) > 1 else []


def merge(segments: Sequence[LiveSegment], path: Path) -> SegmentName:
    """Write the live documents of some segments as one segment, and return its name."""
    builder = SegmentBuilder()
    counts = [WordCounts(live.data) for live in segments]
    for i, number in _documents(segments):
        builder.copy(segments[i].data, number, counts[i])
    return SegmentName(path.name, *builder.write(path))


def _documents(segments: Sequence[LiveSegment]) -> Iterator[tuple[int, int]]:
    """Yield (segment, document) in order of the documents' ids."""

    def listed(i: int, live: LiveSegment) -> Iterator[tuple[str, int, int]]:
        for number in live.live_documents:
            yield live.data.document_id(number), i, number

    for _, i, number in heapq.merge(*(listed(i, live) for i, live in enumerate(segments))):
        yield i, number
