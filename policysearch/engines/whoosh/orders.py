"""Orders of hits: by the columns of their documents, and over several segments."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any

from policysearch.engines.protocol import ScoredKey
from policysearch.engines.tree import falling
from policysearch.engines.whoosh.copies import SectionPlace
from policysearch.engines.whoosh.ranking import Best
from policysearch.engines.whoosh.segment_reader import Segment

__all__ = ["merged", "ranks_of"]


def ranks_of(data: Segment, sort: str) -> list[int]:
    """Return the rank of each document of a segment in an order."""
    column, codes = data.column(_column(sort))
    values = [_sort_key(value, sort.startswith("-")) for value in column]
    rank_of = {code: rank for rank, code in enumerate(sorted(range(len(values)), key=values.__getitem__))}
    return [rank_of[code] for code in codes]


def merged(
    lists: Sequence[Sequence[Best]],
    segments: Sequence[Segment],
    sort: str,
    name: Callable[[SectionPlace], tuple[str, int]],
) -> Iterator[ScoredKey]:
    """Merge the sorted hits of the segments; ``name`` returns the document id and the ordinal of a section."""
    found = [(_place(segments[i], sort, one), i, one) for i, best in enumerate(lists) for one in best]
    found.sort(key=itemgetter(0))
    for _, tied in groupby(found, itemgetter(0)):
        equal = list(tied)
        if len(equal) > 1:  # looking up ids takes longer than all the rest
            equal.sort(key=lambda one: name(SectionPlace(one[1], one[2].section)))
        for _, i, best in equal:
            yield ScoredKey(SectionPlace(i, best.section), best.score, best.sections)


def _place(data: Segment, sort: str, one: Best) -> Any:
    """Return the sort key of a hit of a segment; ties are broken by id."""
    if sort == "score":
        return -one.score
    if sort == "document":
        return 0
    values, codes = data.column(_column(sort))
    return _sort_key(values[codes[data.document_of(one.section)]], sort.startswith("-"))


def _column(sort: str) -> str:
    return sort.lstrip("-").replace("date", "when")


def _sort_key(value: Any, descending: bool) -> tuple[Any, ...]:
    """Return the ascending or descending sort key of a value, with None last either way."""
    if value is None:
        return (1,)
    if not descending:
        return (0, value)
    if isinstance(value, str):
        return (0, falling(value))
    return (0, -value)
