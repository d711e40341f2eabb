"""Errors of damaged segments, named."""

from __future__ import annotations

import struct
from types import TracebackType

from policysearch.engines.whoosh.live_segment import LiveSegment
from policysearch.engines.whoosh.segment_reader import Segment
from policysearch.errors import IndexUnusableError

__all__ = ["DAMAGE", "damage_named", "damaged"]

# What damaged postings, offsets or records raise when they are used.
DAMAGE = (ValueError, IndexError, KeyError, TypeError, OverflowError, struct.error)


class damage_named:  # noqa: N801 - a context manager; one made of a generator takes longer than a look-up
    """Make what damaged bytes raise an ``IndexUnusableError`` that names the segment."""

    __slots__ = ("_live",)

    def __init__(self, live: LiveSegment) -> None:
        self._live = live

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        if isinstance(error, DAMAGE):
            raise damaged(self._live.data, error) from error


def damaged(data: Segment, error: BaseException) -> IndexUnusableError:
    """Return the error that names a segment whose bytes make no sense."""
    return data.file.damaged(f"what it holds makes no sense ({error})")
