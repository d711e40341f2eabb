"""JSON with bytes among its values comes back as it was; other data is refused."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policysearch.files.json_bytes import packed, unpacked

PLAIN = st.none() | st.booleans() | st.integers() | st.text() | st.binary()
VALUES = st.recursive(PLAIN, lambda one: st.lists(one) | st.dictionaries(st.text(min_size=1), one))


@given(value=VALUES)
def test_values_come_back(value: Any) -> None:
    assert unpacked(packed(value)) == value


def test_other_values_are_refused() -> None:
    with pytest.raises(TypeError, match="set is neither JSON nor bytes"):
        packed({"a": {1}})


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n",
        b"{",
        b"\xff",
        b'{"": 3}\nab',
        b'{"": 1}\nab',
        b'{"": -1}\nab',
        b'{"": "2"}\nab',
        b'{"": true}\na',
        b'{"": 2, "a": 1}\nab',
        b'[{"": 2}, {"": 1}]\nab',
    ],
)
def test_other_data_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        unpacked(data)
