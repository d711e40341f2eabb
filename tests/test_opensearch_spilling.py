"""Hits that are ordered on disk: the same as in memory, however many."""

from __future__ import annotations

import gc
import os
import tracemalloc
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policysearch.engines.opensearch import external_sort as spilling
from policysearch.engines.opensearch.external_sort import first_of
from policysearch.errors import PolicySearchError

PLACES = st.one_of(st.just((1,)), st.tuples(st.just(0), st.floats(allow_nan=False)))
FOUND = st.lists(st.tuples(st.integers(-3, 0), PLACES, st.text(max_size=3), st.integers(1, 9)), unique=True)


@given(FOUND, st.none() | st.integers(0, 60), st.integers(1, 9), st.integers(1, 4), st.integers(0, 9))
def test_the_order_is_that_of_memory(found: list[Any], count: int | None, run: int, piece: int, few: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        for name, size in (("_RUN", run), ("_PIECE", piece), ("_FEW", few)):
            patch.setattr(spilling, name, size)
        assert list(first_of(iter(found), count)) == sorted(found)[:count]


def test_what_is_not_read_leaves_no_open_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spilling, "_RUN", 10)
    unread = first_of(((-n, "x") for n in range(100)), None)
    begun = first_of(((-n, "x") for n in range(100)), None)
    assert next(begun) == (-99, "x")
    del unread, begun
    gc.collect()  # a file that is not closed is a warning, and that is an error


def test_memory_holds_a_part_only() -> None:
    def found() -> Iterator[tuple[float, str, int]]:
        for n in range(100_000):
            yield (n * 0.37 % 1, f"document-{n}", n)

    tracemalloc.start()
    try:
        count = sum(1 for _ in first_of(found(), None))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert count == 100_000
    assert peak < 12_000_000


def test_what_there_is_no_room_for_stays_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spilling, "_RUN", 10)

    def full(**_: Any) -> Any:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(spilling, "TemporaryFile", full)
    assert list(first_of(((-n,) for n in range(100)), None)) == [(n,) for n in range(-99, 1)]


def test_a_file_that_cannot_be_read_any_more_is_a_clear_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spilling, "_RUN", 10)

    def lost(*_: Any) -> Any:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "pread", lost)
    with pytest.raises(PolicySearchError, match=r"Input/output error.*TMPDIR"):
        list(first_of(((n,) for n in range(100)), None))
