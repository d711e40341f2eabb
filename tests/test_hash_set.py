"""A set of hashes in little memory is a set, and knows the order in which they were added."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from policysearch.sources.hash_set import HashSet

NUMBERS = st.integers(0, 40) | st.integers(0, 2**64 - 1) | st.integers(0, 9).map(lambda n: n << 40)


@given(st.lists(NUMBERS, max_size=200), st.lists(NUMBERS, max_size=20))
def test_it_is_a_set_in_order(added: list[int], others: list[int]) -> None:
    found = HashSet()
    known: dict[int, int] = {}
    for number in added:
        assert found.add(number) is (number not in known)
        known.setdefault(number, len(known))
    assert len(found) == len(known)
    assert [found.find(number) for number in (*added, *others)] == [known.get(n, -1) for n in (*added, *others)]


def test_it_grows() -> None:
    found = HashSet()
    numbers = [hash(f"a.jsonl#{number}") for number in range(5_000)]  # negative ones among them
    assert all(map(found.add, numbers))
    assert not any(map(found.add, numbers))
    assert list(map(found.find, numbers)) == list(range(5_000))
    assert found.find(hash("a.jsonl#5000")) == -1
