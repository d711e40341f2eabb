"""Regular expressions that are compiled at their first use are those that would be compiled at once."""

from __future__ import annotations

import gc
import importlib
import pkgutil
import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

import policysearch.documents
from policysearch.text import patterns
from policysearch.text.patterns import _Pattern, lazy_pattern


def test_all_of_them_compile() -> None:
    for module in pkgutil.walk_packages(policysearch.documents.__path__, "policysearch.documents."):
        importlib.import_module(module.name)
    gc.unfreeze()  # a server in this process hides from the collector what was there when it began
    found = [one for one in gc.get_objects() if type(one) is _Pattern]
    assert len(found) > 200
    groups = [one.groups for one in found]
    re.purge()
    for one, count in zip(found, groups, strict=True):
        plain = re.compile(one.pattern, one._flags)
        assert count == plain.groups
        # equal expressions have the same code, to the last class of characters
        assert one._compiled == plain


def test_without_the_private_function_an_expression_is_compiled_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patterns, "_work_out", None)
    assert lazy_pattern("[一-鿿]第").search("甲第一") is not None


def test_the_module_re_is_as_it_was_after_an_error() -> None:
    engine: Any = vars(patterns)["_engine"]
    before = engine._optimize_charset
    with pytest.raises(re.error):
        lazy_pattern("[一-鿿").search("")
    assert engine._optimize_charset is before
    assert lazy_pattern("[一-鿿]第", re.IGNORECASE).search("甲第一") is not None


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


def test_threads_compile_the_same_and_leave_what_was_there() -> None:
    engine: Any = vars(patterns)["_engine"]
    before = engine._optimize_charset
    texts = [f"[一-鿿{chr(0x3041 + n)}]第{n}" for n in range(60)]

    def compiled(text: str) -> re.Pattern[str]:
        lazy: Any = lazy_pattern(text)
        assert lazy.groups == 0
        one: re.Pattern[str] = lazy._compiled
        return one

    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(compiled, texts * 2))
    assert engine._optimize_charset is before
    re.purge()
    assert found == [re.compile(text) for text in texts] * 2
