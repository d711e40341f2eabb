"""Errors that name the corrupt segment."""

from __future__ import annotations

import struct
from types import TracebackType

from policysearch.engines.whoosh.live_segment import LiveSegment
from policysearch.engines.whoosh.segment_reader import Segment
from policysearch.errors import IndexUnusableError

__all__ = ["DAMAGE", "corrupt_segment", "damage_named"]

# The exceptions raised by reading corrupt postings, offsets or records.
DAMAGE = (ValueError, IndexError, KeyError, TypeError, OverflowError, struct.error)


class damage_named:  # noqa: N801 - a context manager; one from a generator takes longer than a lookup
    """Convert the exceptions of corrupt data to an ``IndexUnusableError`` that names the segment."""

    __slots__ = ("_live",)

    def __init__(self, live: LiveSegment) -> None:
        self._live = live

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        if isinstance(error, DAMAGE):
            raise corrupt_segment(self._live.data, error) from error


def corrupt_segment(data: Segment, error: BaseException) -> IndexUnusableError:
    """Return the error that a segment is corrupt."""
    return data.file.corrupt(f"a record could not be decoded ({error})")
