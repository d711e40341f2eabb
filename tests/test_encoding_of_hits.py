"""Hits as JSON are what ``json.dumps`` makes of their dicts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

import policysearch
from policysearch.search.hits import Hit, Hits
from policysearch.search.snippets import Snippet

TEXT = st.text(st.characters(codec=None))  # with surrogates, quotes and controls
NUMBER = st.integers(0, 10**12)
SNIPPET = st.builds(Snippet, TEXT, st.lists(st.tuples(NUMBER, NUMBER)).map(tuple), NUMBER)
BY_TYPE: dict[str, st.SearchStrategy[Any]] = {
    "int": NUMBER,
    "float": st.floats(allow_nan=False, allow_infinity=False),
    "str": TEXT,
    "bool": st.booleans(),
    "Snippet": SNIPPET,
    "tuple[str, ...]": st.lists(TEXT, max_size=3).map(tuple),
    "None": st.none(),
}
FIELDS = {name: st.one_of(*(BY_TYPE[one] for one in kind.split(" | "))) for name, kind in Hit.__annotations__.items()}


def written(value: Any) -> str:
    return json.dumps(value.to_dict(), ensure_ascii=False)


@given(fields=st.fixed_dictionaries(FIELDS))
def test_any_hit(fields: dict[str, Any]) -> None:
    hit = Hit(**{**fields, "date": "2024-05", "title": fields["title"] or None})
    assert hit.to_json() == written(hit)
    assert Hits("问", "all", False, 1, (hit, hit)).to_json() == written(Hits("问", "all", False, 1, (hit, hit)))


def test_answers_with_everything_there_is(samples_index: Path) -> None:
    with policysearch.open_index(samples_index) as index:
        several: tuple[dict[str, Any], ...] = (
            {},
            {"limit": 0},
            {"group": "document"},
            {"facets": ("year", "part")},
            {"explain": True},
            {"duplicates": "show", "full": True},
        )
        for options in several:
            for query in ("环境", "names:上海 环境", "推进平台经济健康发展有哪些主要的工作安排"):
                found = index.search(query, **options)
                assert found.to_json() == written(found)
