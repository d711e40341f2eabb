"""Words of a table as they are written, not as they are compared."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import ROOT

import policysearch
from policysearch.text.folding import fold
from policysearch.text.written_words import _written, as_written


def indexed(folder: Path, **texts: str) -> policysearch.Index:
    """Index texts by the names of their files."""
    (folder / "docs").mkdir()
    for name, text in texts.items():
        (folder / "docs" / f"{name}.txt").write_text(text, encoding="utf-8")
    policysearch.index_sources(folder / "docs", folder / "index", jobs=1)
    return policysearch.open_index(folder / "index")


def test_words_are_printed_as_they_are_written(tmp_path: Path) -> None:
    """显著, 甚至 and 覆盖 are 显着, 什至 and 复盖 when folded."""
    text = "沈阳市成效显著，甚至农村也全面覆盖。俱乐部的绘画展览成效显著，着力提升。"
    notice = "关于放假的通知\n\n放假三天，什么都不做。\n"
    with indexed(tmp_path, a=f"工作报告\n\n{text}\n" * 3, b=notice) as index:
        listed = list(index.words(limit=None))
        assert {"沈阳市", "显著", "甚至", "覆盖", "俱乐部", "绘画", "着力", "什么"} <= {row.term for row in listed}
        for row in listed:
            (count,) = index.count([row.term])
            assert count.occurrences == row.occurrences
        keywords = index.keywords(where="document:a.txt", against="document:b.txt", min_documents=1)
        assert "显著" in {row.term for row in keywords}
        assert "显著" in {row.term for row in index.collocates("成效", min_together=1)}


def test_the_usual_writing_is_compared_as_the_same_word() -> None:
    assert len(_written()) > 1_000
    for folded, written in _written().items():
        assert as_written(folded) == written != folded
        assert fold(written) == folded
    for word in ("重复", "什么", "沉浸", "干部", "着力", "gdp", "新质生产力", ""):
        assert as_written(word) == word


def test_the_table_is_that_of_the_dictionary(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(ROOT / "scripts")
    from make_written_words import written_words

    assert list(_written().values()) == written_words()


def test_words_that_the_dictionary_does_not_have_are_printed_as_they_stand_in_the_texts(tmp_path: Path) -> None:
    text = "沈卓瑶实现了5G信号全覆盖，审批用地划供工作。沈卓瑶汇报全覆盖与划供。"
    notice = "關於全覆蓋的通知\n\n全覆蓋，張貼公告。\n"
    with indexed(tmp_path, a=f"工作报告\n\n{text}\n" * 3, b=notice) as index:
        found = {row.term for row in (*index.words(limit=None), *index.words(unit="ngram", limit=None))}
        assert {"沈卓瑶", "划供", "全覆盖"} <= found
        assert not {one for one in found if set(one) & set("复沉画")}
        assert {"沈卓瑶"} <= {row.term for row in index.collocates("全覆盖", min_together=1)}
        against = index.keywords(where="document:b.txt", against="document:a.txt", negative=True, min_documents=1)
        assert not {row.term for row in against if set(row.term) & set("沉复画")}


def test_equal_terms_are_in_order_of_their_writing_with_any_limit(tmp_path: Path) -> None:
    text = "著作权。睦邻友好。显著。生态。覆盖。复习。甚至。什么。沈阳市。沉浸。"
    with indexed(tmp_path, a=f"工作报告\n\n{text}\n") as index:
        every = index.words(limit=None).terms
        assert [row.term for row in every] == sorted(row.term for row in every)
        for limit in range(len(every)):
            assert index.words(limit=limit).terms == every[:limit]
