"""Regular expressions that are compiled at their first use are those that would be compiled at once."""

from __future__ import annotations

import gc
import importlib
import pkgutil
import re

import pytest

import policysearch.documents
from policysearch.text.patterns import _Pattern, lazy_pattern


def test_all_of_them_compile() -> None:
    for module in pkgutil.walk_packages(policysearch.documents.__path__, "policysearch.documents."):
        importlib.import_module(module.name)
    gc.unfreeze()  # a server in this process hides from the collector what was there when it began
    found = [one for one in gc.get_objects() if type(one) is _Pattern]
    assert len(found) > 200
    for one in found:
        assert one.groups == re.compile(one.pattern, one._flags).groups


def test_it_has_the_methods_and_attributes_of_a_compiled_one() -> None:
    lazy, compiled = lazy_pattern("(?P<year>[0-9]{4})年", re.ASCII), re.compile("(?P<year>[0-9]{4})年", re.ASCII)
    assert lazy.pattern == compiled.pattern
    assert "search" not in vars(lazy), "compiled before its first use"
    text = "2023年和2024年"
    for _ in range(2):
        assert lazy.sub(r"\g<year>", text) == compiled.sub(r"\g<year>", text) == "2023和2024"
        assert [one["year"] for one in lazy.finditer(text, 1)] == ["2024"]
        assert lazy.fullmatch(text) is None
        assert (lazy.groupindex, lazy.flags) == (compiled.groupindex, compiled.flags)
    with pytest.raises(AttributeError):
        lazy.compile  # type: ignore[attr-defined]  # noqa: B018


def test_an_error_is_raised_at_the_first_use() -> None:
    wrong = lazy_pattern("(")
    with pytest.raises(re.error, match="position 0"):
        wrong.match("")
