"""An index that was brought up to date many times answers as a new one does, and is not slower for it."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from policysearch import open_index, open_store
from policysearch.engines.whoosh.searching import WhooshEngine
from policysearch.engines.whoosh.segment import GRAMS, WORDS
from policysearch.index import refresh
from policysearch.tree import Everything

WORDS_ = [
    "营商环境",
    "乡村振兴",
    "数字经济",
    "养老服务",
    "植树",
    "造林",
    "修路",
    "优化",
    "推进",
    "落实",
    "2023",
    "GDP",
    "三",
]


def write(path: Path, seed: int) -> None:
    chance = random.Random(seed)
    lines = [f"关于第{seed}件事的通知", ""]
    for number in "一二三":
        lines.append(f"{number}、{chance.choice(WORDS_)}工作")
        lines.append("".join(chance.choice(WORDS_) + "，" for _ in range(chance.randrange(1, 30))) + "完成。")
    path.write_text("\n\n".join(lines) + "\n", encoding="utf-8")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make an index by 25 updates that add, change and remove, and another one at once."""
    folder = tmp_path_factory.mktemp("history")
    papers = folder / "papers"
    papers.mkdir()
    chance = random.Random(7)
    old = open_store(folder / "old")
    for step in range(25):
        for _ in range(2):
            number = chance.randrange(30)
            write(papers / f"{number:02d}.txt", chance.randrange(10_000))
        if step % 4 == 3:
            next(iter(sorted(papers.iterdir()))).unlink()
        refresh(old, [papers])
    refresh(open_store(folder / "new"), [papers])
    return folder


def test_segments_stay_few(folder: Path) -> None:
    engine = open_index(folder / "old").engine
    assert isinstance(engine, WhooshEngine)
    assert len(engine._live) <= 10


@pytest.mark.parametrize("query", [*WORDS_, "营商环境 优化", '"环境，乡村"', "养老 OR 植树 -修路", "heading:优化"])
@pytest.mark.parametrize("group", ["section", "document"])
def test_answers_are_those_of_a_new_index(folder: Path, query: str, group: str) -> None:
    old, new = (open_index(folder / name).search(query, limit=None, group=group) for name in ("old", "new"))
    assert old.to_dict() == new.to_dict()


def test_sections_are_copied_whole(folder: Path) -> None:
    old, new = (list(open_index(folder / name).engine.stream(Everything())) for name in ("old", "new"))
    assert old == new


def test_a_merged_segment_is_a_built_one(folder: Path) -> None:
    frequencies = []
    for name in ("old", "new"):
        engine = open_index(folder / name).engine
        assert isinstance(engine, WhooshEngine)
        terms = {(f, term) for live in engine._live for f in (WORDS, GRAMS) for term in live.data.terms(f)}
        frequencies.append(
            {
                (field, term): count
                for field, term in terms
                if (count := sum(live.holding(field, term) for live in engine._live))
            }
        )
    assert frequencies[0] == frequencies[1]
