"""Hits that are ordered on disk: the same as in memory, however many."""

from __future__ import annotations

import gc
import os
import tracemalloc
import weakref
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policysearch.engines.opensearch import external_sort as spilling
from policysearch.engines.opensearch.external_sort import first_of
from policysearch.engines.opensearch.ranking import HitPage, Key
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


def test_the_contents_of_a_page_of_hits_go_with_its_last_hit() -> None:
    class Contents:
        pass

    loaded: list[weakref.ref[Contents]] = []

    def load(names: Sequence[tuple[str, int]]) -> list[Any]:
        found = [Contents() for _ in names]
        loaded.extend(map(weakref.ref, found))
        return found

    keys = [Key(f"{number}.txt", 1) for number in range(150)]
    page = HitPage(keys, load)
    for key in keys:
        key.page = page
    gc.disable()
    try:
        found: Any = page.get(keys[3])
        assert found is loaded[3]()
        del keys, key, page, found
        assert [one() for one in loaded] == [None] * 100
    finally:
        gc.enable()
