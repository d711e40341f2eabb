"""The manifest's records of sources as columns, which are read in a quarter of the time of one mapping for each."""

from __future__ import annotations

from array import array
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from policysearch.files.numbers import big_endian, numbers_of

__all__ = ["USUAL", "SourceRow", "columns_of_rows", "rows_in"]

USUAL: Mapping[str, Any] = {
    "encoding": "utf-8",
    "confidence": 1.0,
    "reason": None,
    "skipped": {},
    "corrections": "",
    "removed": {},
    "notes": [],
}
"""The values that are left out of the manifest: those of a text file in UTF-8."""

_HASH_BYTES = 32
_NO_HASH = "00" * _HASH_BYTES
_RANGE = range(-(1 << 63), 1 << 63)


class SourceRow(NamedTuple):
    """The record of a source, without its only document.

    Attributes:
        source: The source's id.
        root: Its root.
        size: Its size in bytes.
        mtime_ns: The time of its last change.
        sha256: Its hash in hexadecimal, or None.
        others: Its other values, by name, as plain values for JSON, without ``USUAL`` ones; ``documents`` only if they
            are not a single one.
    """

    source: str
    root: str
    size: int
    mtime_ns: int
    sha256: str | None
    others: Mapping[str, Any]


def columns_of_rows(rows: Iterable[SourceRow], roots: Iterable[str]) -> dict[str, Any]:
    """Return rows, in order of their ids, as plain values for JSON and bytes."""
    number_of = {root: number for number, root in enumerate(roots)}
    ids: list[str] = []
    numbers, sizes, times = array("I"), array("q"), array("q")
    hashes = bytearray()
    others: dict[str, Mapping[str, Any]] = {}
    for one in rows:
        known, size, time = one.others, one.size, one.mtime_ns
        if size not in _RANGE or time not in _RANGE:  # of a file system with another calendar
            known, size, time = {**known, "size": size, "mtime_ns": time}, 0, 0
        ids.append(one.source)
        numbers.append(number_of[one.root])
        sizes.append(size)
        times.append(time)
        hashes += bytes.fromhex(one.sha256 or _NO_HASH)
        if known:
            others[one.source] = known
    packed = {"roots": numbers, "sizes": sizes, "times": times}
    return {
        "ids": ids,
        **{name: big_endian(column) for name, column in packed.items()},
        "hashes": bytes(hashes),
        "others": others,
    }


def rows_in(columns: Mapping[str, Any], roots: Collection[str]) -> Iterator[SourceRow]:
    """Yield the rows of ``columns_of_rows``; ``others`` may have any names and values.

    Raises ``ValueError``, ``KeyError`` or ``TypeError`` when they are not such columns.
    """
    ids: Sequence[str] = columns["ids"]
    others: Mapping[str, Any] = columns["others"]
    if type(ids) is not list or set(map(type, ids)) - {str} or any(a >= b for a, b in pairwise(ids)):
        raise ValueError("ids in order expected")
    if type(others) is not dict or not others.keys() <= set(ids):
        raise ValueError("values of sources expected")
    named = list(roots)
    numbers, sizes, times = (
        _column(columns[name], kind, len(ids)) for name, kind in (("roots", "I"), ("sizes", "q"), ("times", "q"))
    )
    hashes = _bytes(columns["hashes"], _HASH_BYTES * len(ids)).hex()
    if numbers and max(numbers) >= len(named):
        raise ValueError("a source outside of all roots")
    for at, source in enumerate(ids):
        sha256: str | None = hashes[2 * _HASH_BYTES * at : 2 * _HASH_BYTES * (at + 1)]
        if sha256 == _NO_HASH:
            sha256 = None
        own: Mapping[str, Any] = others.get(source, {})
        if type(own) is not dict:
            raise ValueError("values of a source expected")
        size, time = sizes[at], times[at]
        if "size" in own or "mtime_ns" in own:
            own = dict(own)
            size, time = own.pop("size", size), own.pop("mtime_ns", time)
            if type(size) is not int or type(time) is not int:
                raise ValueError("whole numbers expected")
        yield SourceRow(source, named[numbers[at]], size, time, sha256, own)


def _column(written: Any, kind: str, count: int) -> array[int]:
    return numbers_of(kind, _bytes(written, array(kind).itemsize * count))


def _bytes(written: Any, size: int) -> bytes:
    if type(written) is not bytes or len(written) != size:
        raise ValueError("a column expected")
    return written
