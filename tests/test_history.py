"""History does not matter: after any updates an index answers, byte for byte, as a fresh one of the same sources."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import pytest
from conftest import ALL, FIGURES, SOURCES
from crashes import assert_no_litter

from policysearch import near_duplicates, open_index
from policysearch.engines.opening import open_store
from policysearch.engines.tree import MatchAll
from policysearch.indexing.near_duplicates import near_duplicates_among
from policysearch.indexing.refresh import refresh
from policysearch.output.json import dump

pytestmark = pytest.mark.one_python

QUERIES = (
    "营商环境",
    "优化 政务服务",
    "“乡村振兴” OR 数字经济",
    "发展 -工业",
    "heading:环境",
    "句(经济 增长)",
    "year:2023 项目",
    "松岑县 企业",
    "措施",
)


def answers(folder: Path) -> list[str]:
    """Return the written answers of an index to every kind of question."""
    out = []
    with open_index(folder) as index:
        for query in QUERIES:
            for options in ({"limit": 50}, {"limit": 7, "offset": 3, "match": "any"}, {"group": "document"}):
                out.append(dump(index.search(query, **options).to_dict()))
            out.append(dump(index.search(query, limit=30, sort="-date", match="all").to_dict()))
        for answered in index.batch([(str(i), query) for i, query in enumerate(QUERIES)]):
            out.append(repr(answered))
        counts = index.count(["营商环境", "发展", "的"], by=["region", "year", "part"])
        out += [repr(row) for row in counts]
        out.append(dump(index.kwic("发展", sort="left").to_dict()))
        listed = [one.to_dict() for one in index.documents(duplicates="show")]
        out += map(dump, listed)
        out += [repr(index.values(field)) for field in ("type", "year", "region", "part", "encoding")]
        for one in listed:
            shown = index.show(one["document_id"])
            assert shown is not None
            out.append(dump(shown.to_dict()))
        out += [section.section_id for section in index.engine.stream(MatchAll())]
        near = near_duplicates(folder)
        every = frozenset(map(str, index.engine.values("document_id")))
        computed = near_duplicates_among(index.engine, every - frozenset(index.engine.duplicates))
        assert near == computed
        out += map(repr, near)
        info = dict(index.info)
        out.append(repr([info[name] for name in ("documents", "sections", "characters", "bytes", "failed", "roots")]))
    return out


_MOST_SOURCES = 40


class Folder:
    """A folder of sources that changes at random; the same seed gives the same changes."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder = folder
        self.chance = random.Random(seed)
        self.pool = sorted(path for path in SOURCES.rglob("*") if path.is_file())
        folder.mkdir()

    def change(self) -> None:
        """Add, change, remove, rename, duplicate or break some sources."""
        for _ in range(self.chance.randint(1, 3)):
            present = sorted(path for path in self.folder.rglob("*") if path.is_file())
            what = self.chance.choice(["add", "add", "change", "remove", "rename", "duplicate", "break", "again"])
            if len(present) > _MOST_SOURCES:
                what = "remove"
            if what in ("add", "again") or len(present) < 3:
                source = self.chance.choice(self.pool)
                target = self.folder / self.chance.choice("abc") / source.name
                target.parent.mkdir(exist_ok=True)
                shutil.copy(source, target)
                continue
            path = self.chance.choice(present)
            if what == "change" and path.suffix == ".txt":
                path.write_bytes(path.read_bytes() + f"\n{self.chance.randrange(10**6)}\n".encode())
            elif what == "remove":
                path.unlink()
            elif what == "rename":
                path.rename(path.with_name(f"{self.chance.randrange(100)}{path.suffix}"))
            elif what == "duplicate":
                shutil.copy(path, path.with_name(f"0{path.name[-40:]}"))
            elif what == "break":
                path.write_bytes(b"")


@pytest.mark.parametrize(("seed", "updates"), [(0, 200), (1, 50), (2, 50)] if ALL else [(0, 15)])
def test_history_does_not_matter(tmp_path: Path, seed: int, updates: int, monkeypatch: pytest.MonkeyPatch) -> None:
    # so that two jobs are two processes, with several tasks each
    monkeypatch.setattr("policysearch.indexing.building._ONE_PROCESS_BYTES", 60_000)
    sources = Folder(tmp_path / "docs", seed)
    store = open_store(tmp_path / "index")
    for update in range(updates):
        sources.change()
        refresh(store, [sources.folder], jobs=1 + update % 3)
        if update % (updates // 10 + 4) == 4 or update == updates - 1:
            grown = answers(tmp_path / "index")
            for jobs in (1, 2):
                fresh = tmp_path / f"fresh-{jobs}"
                refresh(open_store(fresh), [sources.folder], jobs=jobs)
                assert grown == answers(fresh), f"seed {seed}, update {update}, {jobs} jobs"
                shutil.rmtree(fresh)
            assert_no_litter(tmp_path / "index")
    segments = len(list((tmp_path / "index").glob("*.segment")))
    assert segments <= 10
    FIGURES.append(f"random updates without a trace of history: {updates}, {segments} segments at the end")


def test_sizes_of_tasks_do_not_matter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = None
    for size in (1, 20_000, 8_000_000):
        monkeypatch.setattr("policysearch.indexing.building._TASK_BYTES", size)
        folder = tmp_path / str(size)
        refresh(open_store(folder), [SOURCES])
        found = answers(folder)
        assert expected in (None, found)
        expected = found


def test_roots_that_come_and_go_do_not_matter(tmp_path: Path) -> None:
    store = open_store(tmp_path / "index")
    roots = [SOURCES / name for name in ("政府工作报告", "法规", "意见")]
    refresh(store, [SOURCES / "通知"])
    for root in reversed(roots):
        refresh(store, [root])
    refresh(store, remove=[SOURCES / "通知", roots[0]])
    refresh(store, [roots[0]])
    refresh(open_store(tmp_path / "fresh"), roots)
    # the order of the roots is that in which they came
    assert answers(tmp_path / "index")[:-1] == answers(tmp_path / "fresh")[:-1]
