"""Reduced texts of many sections of a segment as arrays, without a string for each section."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pyroaring import BitMap

from policysearch.engines.joined_texts import JoinedTexts, Numbers, starts_of
from policysearch.engines.whoosh.damage import damage_named
from policysearch.engines.whoosh.encoded_texts import decode_text
from policysearch.engines.whoosh.live_segment import LiveSegment
from policysearch.engines.whoosh.segment_reader import Segment
from policysearch.text.code_points import code_points

__all__ = ["document_numbers", "joined_texts", "section_numbers", "text_spans"]

_SURROGATES = 0xD800  # by the bits of _SURROGATE
_SURROGATE = 0xF800


def section_numbers(sections: BitMap) -> Numbers:
    """Return the numbers in a bitmap, ascending."""
    return np.frombuffer(sections.to_array(), np.uint32).astype(np.int64)


def document_numbers(data: Segment, sections: Numbers) -> Numbers:
    """Return the document of each section."""
    return np.frombuffer(data.document_numbers, np.uint32)[sections].astype(np.int64)


def joined_texts(live: LiveSegment, sections: BitMap, most: int) -> Iterator[JoinedTexts]:
    """Yield the reduced texts of some sections, in batches of documents of about ``most`` characters."""
    data, numbers = live.data, section_numbers(sections)
    if not len(numbers):
        return
    starts, ends = text_spans(data, numbers)
    document = document_numbers(data, numbers)
    opening = np.flatnonzero(np.diff(document, prepend=-1))  # the first of the sections of each document
    before = np.concatenate(([0], (ends - starts).cumsum()))[opening] // (2 * most)
    cuts = opening[np.flatnonzero(np.diff(before, prepend=-1))]
    of_document = np.append(opening, len(numbers))
    pairs = _has_pairs(data)
    for first, last in zip(cuts.tolist(), [*cuts[1:].tolist(), len(numbers)], strict=True):
        pieces = _encoded(data, starts[first:last], ends[first:last])
        joined = b"\0\0".join([*pieces, b""])
        codes: NDArray[Any] = np.frombuffer(joined, "<u2")
        sizes = (ends[first:last] - starts[first:last]) // 2
        if pairs and ((codes & _SURROGATE) == _SURROGATES).any():
            codes = code_points(decode_text(joined))
            sizes = np.array([len(decode_text(piece)) for piece in pieces], np.int64)
        if len(codes) != sizes.sum() + len(sizes):
            raise ValueError("the offsets of texts go beyond the file")
        held = np.diff(of_document[(of_document >= first) & (of_document <= last)])
        yield JoinedTexts(codes, sizes, held, partial(_lines, live, numbers[first:last], sizes))


def _has_pairs(data: Segment) -> bool:
    """Return whether a text has surrogates. Every character begins a bigram, and it takes less time to read these."""
    heads = np.frombuffer(data.file.view("grams.heads"), np.uint32)
    return bool(((heads > 0xFFFF) | ((heads & _SURROGATE) == _SURROGATES)).any())


def text_spans(data: Segment, sections: Numbers) -> tuple[Numbers, Numbers]:
    """Return where the texts of sections start and end in the file."""
    start, offsets = data.text_offsets
    all_offsets = np.frombuffer(offsets, np.uint32)
    starts, ends = (all_offsets[sections + more].astype(np.int64) + start for more in (0, 1))
    if (ends < starts).any():
        raise ValueError("the offsets of texts do not ascend")
    return starts, ends


def _encoded(data: Segment, starts: Numbers, ends: Numbers) -> list[bytes]:
    file = data.file.map
    return [file[start:end] for start, end in zip(starts.tolist(), ends.tolist(), strict=True)]


def _lines(live: LiveSegment, sections: Numbers, sizes: Numbers) -> Numbers:
    """Return the offsets of line breaks in the joined texts of sections."""
    with damage_named(live):
        before, place = live.data.all_line_breaks
    first = before[sections]
    held = before[sections + 1] - first
    of = np.repeat(np.arange(len(sections)), held)
    place = place[np.arange(len(of)) + np.repeat(first - (held.cumsum() - held), held)]
    inside = place < sizes[of]
    found: Numbers = starts_of(sizes)[of[inside]] + place[inside]
    return found
