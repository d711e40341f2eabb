"""Numbers of selected sections and documents by the values of fields.

As in ranking, a single search counts in plain Python, since importing numpy takes longer; a program with more requests
has numpy loaded, which counts many documents ten times as fast.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from pyroaring import BitMap

from policysearch.engines.tree import Node
from policysearch.engines.whoosh.damage import damage_named
from policysearch.engines.whoosh.live_segment import LiveSegment
from policysearch.engines.whoosh.segment_reader import Segment

__all__ = ["tallied"]

_MANY = 8  # sections per document, above which testing every document is faster than every section


def tallied(
    segments: Iterable[LiveSegment], node: Node, fields: Sequence[str]
) -> Mapping[str, Mapping[Any, tuple[int, int]]]:
    """Return, for each field and each of its values, the numbers of selected sections and of their documents."""
    found: dict[str, dict[Any, tuple[int, int]]] = {field: {} for field in fields}
    own = [field for field in fields if field != "part"]
    by_document = _with_arrays if "numpy" in sys.modules else _plainly
    for live in segments:
        with damage_named(live):
            sections = live.select(node)
            if "part" in found:
                _add(found["part"], _parts(live, sections))
            for field, values in zip(own, by_document(live.data, sections, own), strict=True):
                _add(found[field], values)
    return found


def _add(tallies: dict[Any, tuple[int, int]], more: Iterable[tuple[Any, int, int]]) -> None:
    """Add numbers of sections and documents to those of the other segments."""
    for value, sections, documents in more:
        if documents and value is not None:
            known = tallies.get(value, (0, 0))
            tallies[value] = (known[0] + sections, known[1] + documents)


def _plainly(data: Segment, sections: BitMap, fields: Sequence[str]) -> Iterator[Iterable[tuple[Any, int, int]]]:
    first = list(data.first)
    if len(sections) > _MANY * data.documents:
        counts = map(sections.range_cardinality, first, first[1:])
        documents = [(document, count) for document, count in enumerate(counts) if count]
    else:
        documents = list(Counter(map(data.document_numbers.__getitem__, sections)).items())
    for field in fields:
        values, codes = data.column(field)
        having, many = [0] * len(values), [0] * len(values)
        for document, count in documents:
            code = codes[document]
            having[code] += count
            many[code] += 1
        yield zip(values, having, many, strict=True)


def _with_arrays(data: Segment, sections: BitMap, fields: Sequence[str]) -> Iterator[Iterable[tuple[Any, int, int]]]:
    import numpy

    document_of = numpy.frombuffer(data.document_numbers, numpy.uint32)
    counts = numpy.bincount(document_of[numpy.array(sections.to_array(), numpy.uint32)], minlength=data.documents)
    (documents,) = counts.nonzero()
    for field in fields:
        values, column = data.column(field)
        codes = numpy.array(column)[documents]
        having = numpy.bincount(codes, counts[documents], len(values)).astype(int)
        yield zip(values, having.tolist(), numpy.bincount(codes, minlength=len(values)).tolist(), strict=True)


def _parts(live: LiveSegment, sections: BitMap) -> Iterator[tuple[str, int, int]]:
    document_of = live.data.document_numbers
    for name, of_part in live.parts.items():
        some = sections & of_part
        if "numpy" in sys.modules:
            import numpy

            here = numpy.zeros(live.data.documents, bool)
            here[numpy.frombuffer(document_of, numpy.uint32)[numpy.array(some.to_array(), numpy.uint32)]] = True
            yield name, len(some), int(numpy.count_nonzero(here))
        else:
            yield name, len(some), len(set(map(document_of.__getitem__, some)))
