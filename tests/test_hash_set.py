"""A set of hashes in little memory is a set; of many hashes, those that occur twice are found."""

from __future__ import annotations

from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policysearch.sources import hash_set
from policysearch.sources.hash_set import HashSet, are_rising, ascending, places_among, repeated

NUMBERS = st.integers(0, 40) | st.integers(0, 2**64 - 1) | st.integers(0, 9).map(lambda n: n << 40)


@given(st.lists(NUMBERS, max_size=200))
def test_it_is_a_set(added: list[int]) -> None:
    found = HashSet()
    known: set[int] = set()
    for number in added:
        assert found.add(number) is (number not in known)
        known.add(number)
    assert len(found) == len(known)


def test_it_grows() -> None:
    found = HashSet()
    numbers = [hash(f"a.jsonl#{number}") for number in range(5_000)]  # negative ones among them
    assert all(map(found.add, numbers))
    assert not any(map(found.add, numbers))
    assert found.add(hash("a.jsonl#5000"))


@given(st.lists(NUMBERS, max_size=200))
def test_repeated_numbers_are_found(numbers: list[int]) -> None:
    expected = {number for number in numbers if numbers.count(number) > 1}
    assert repeated(array("Q", numbers)) == expected
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(hash_set, "_FEW", 0)
        assert repeated(array("Q", numbers)) == expected


@given(st.sets(NUMBERS, min_size=1, max_size=50), st.lists(NUMBERS, max_size=20))
def test_hashes_are_found_among_others(numbers: set[int], others: list[int]) -> None:
    every = list(numbers)
    ordered, places = ascending(array("Q", every))
    assert list(ordered) == sorted(every)
    assert [every[place] for place in places] == sorted(every)
    wanted = [*every, *others]
    found = places_among(ordered, places, b"".join(number.to_bytes(8, "big") for number in wanted))
    assert found == [every.index(number) if number in numbers else -1 for number in wanted]


@given(st.lists(NUMBERS, max_size=6) | st.sets(NUMBERS).map(sorted))
def test_rising_numbers_are_told_from_others(numbers: list[int]) -> None:
    assert are_rising(array("Q", numbers)) is (numbers == sorted(set(numbers)))
