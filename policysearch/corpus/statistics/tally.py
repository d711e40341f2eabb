"""Counts strings in a selection, and the selection itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from policysearch.corpus.statistics.selection import Selection, Totals
from policysearch.corpus.statistics.string_counter import StringCounter
from policysearch.engines.joined_texts import JoinedTexts
from policysearch.frozen import frozen
from policysearch.text.code_points import han_table

if TYPE_CHECKING:
    from concurrent.futures import Future

__all__ = ["Tally", "tally"]

Numbers: TypeAlias = NDArray[np.int64]


@frozen
class Tally:
    """The counts.

    Attributes:
        occurrences: The number of each string.
        documents: The number of documents that contain each.
        totals: The totals of the selection.
    """

    occurrences: Numbers
    documents: Numbers
    totals: Totals


def tally(selection: Selection, strings: StringCounter, jobs: int = 1) -> Tally:
    """Count strings as ``counting.count`` does: places that do not overlap, left to right, each in one section.

    ``jobs`` threads share the texts; their counts are added, so that the result is the same for any number.
    """
    occurrences, documents = (np.zeros(len(strings), np.int64) for _ in range(2))
    counted = sections = characters = 0
    for batch, found in _shared(selection, strings, jobs):
        occurrences += found[0]
        documents += found[1]
        characters += found[2]
        counted += len(batch.documents)
        sections += len(batch.sizes)
    return Tally(occurrences, documents, Totals(counted, sections, characters))


_Found: TypeAlias = "tuple[Numbers, Numbers, int]"


def _shared(selection: Selection, strings: StringCounter, jobs: int) -> Iterator[tuple[JoinedTexts, _Found]]:
    han = han_table()

    def counted(batch: JoinedTexts) -> _Found:
        return *strings.count(batch), int(np.count_nonzero(han.take(batch.codes)))

    if jobs == 1:
        for batch in selection.joined():
            yield batch, counted(batch)
        return
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(jobs) as threads:
        waiting: list[tuple[JoinedTexts, Future[_Found]]] = []
        for batch in selection.joined():
            waiting.append((batch, threads.submit(counted, batch)))
            if len(waiting) > 2 * jobs:
                first, found = waiting.pop(0)
                yield first, found.result()
        for first, found in waiting:
            yield first, found.result()
