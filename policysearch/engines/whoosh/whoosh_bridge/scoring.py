"""The program's scoring formula as a Whoosh weighting model."""

from __future__ import annotations

from typing import Any

import numpy as np
from whoosh.scoring import BaseScorer, WeightingModel

from policysearch.engines import scoring

__all__ = ["LuceneBM25"]


class LuceneBM25(WeightingModel):  # type: ignore[misc]
    """BM25 as the program's own searches compute it (``policysearch.engines.scoring``).

    Lengths are rounded as Lucene rounds them, and sections that are only a
    heading rank after the others. On an index that Whoosh wrote, the lengths
    are those stored by its codec.
    """

    def scorer(self, searcher: Any, fieldname: str, text: bytes, qf: int = 1) -> Any:
        """Return the scorer of one term's postings."""
        parent = searcher.get_parent()
        reader = searcher.reader()
        having, total = _statistics(parent.reader(), fieldname)
        weight = qf * scoring.idf(having, parent.doc_frequency(fieldname, text))
        return _Scorer(reader, fieldname, text, weight, scoring.norms(total / having if having else 0.0))


def _statistics(reader: Any, fieldname: str) -> tuple[int, int]:
    """Return the number of sections with a field, and the sum of their lengths."""
    lengths = getattr(reader, "exact_lengths", None)
    if lengths:
        exact = lengths(fieldname)
        return int(np.count_nonzero(exact)), int(exact.sum())
    having = sum(bool(reader.doc_field_length(docnum, fieldname, 0)) for docnum in reader.all_doc_ids())
    return having, reader.field_length(fieldname)


class _Scorer(BaseScorer):  # type: ignore[misc]
    def __init__(self, reader: Any, fieldname: str, text: bytes, weight: float, norms: tuple[float, ...]) -> None:
        self._reader = reader
        self._fieldname = fieldname
        self._weight = weight
        self._norms = norms
        info = reader.term_info(fieldname, text)
        exact = getattr(reader, "exact_lengths", None)
        self._lengths = exact(fieldname) if exact else None
        self._heading_only = reader.heading_only if exact else None
        self._least = norms[scoring.encode_length(reader.min_exact_length(fieldname, text) if exact else 0)]
        self._most = self._score(info.max_weight(), self._least)

    def _score(self, frequency: float, norm: float) -> float:
        return self._weight * frequency / (frequency + norm)

    def supports_block_quality(self) -> bool:
        return True

    def score(self, matcher: Any) -> float:
        number = matcher.id()
        if self._lengths is None:
            length = self._reader.doc_field_length(number, self._fieldname, 0) or 0
        else:
            length = int(self._lengths[number])
        score = self._score(matcher.weight(), self._norms[scoring.encode_length(length)])
        if self._heading_only is not None and self._heading_only[number]:
            return score * scoring.HEADING_FACTOR
        return score

    def max_quality(self) -> float:
        return self._most

    def block_quality(self, matcher: Any) -> float:
        return self._score(matcher.block_max_weight(), self._least)
