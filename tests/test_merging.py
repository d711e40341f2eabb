"""An index that was brought up to date many times answers as a new one does, and is not slower for it."""

from __future__ import annotations

import random
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from policysearch import open_index
from policysearch.engines.entries import STORED_FIELDS, DocumentEntry, SectionEntry
from policysearch.engines.opening import open_store
from policysearch.engines.tree import MatchAll
from policysearch.engines.whoosh import merging
from policysearch.engines.whoosh import postings as postings_module
from policysearch.engines.whoosh.engine import WhooshEngine
from policysearch.engines.whoosh.generations import read_current
from policysearch.engines.whoosh.postings import (
    arrays,
    bitmap_of,
    decode_postings,
    encode_postings,
    group_bitmap,
    keys,
    read_groups,
    sections_by_places,
    totals,
    totals_among,
)
from policysearch.engines.whoosh.segment_reader import GRAMS, WORDS, Segment
from policysearch.engines.whoosh.segment_writer import SegmentBuilder
from policysearch.errors import IndexUnusableError
from policysearch.indexing.refresh import refresh
from policysearch.parallel.workers import Ended, Lost, run_tasks
from policysearch.text.folding import reduce_with_offsets

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
    assert len(engine._live) <= 5


def test_a_build_in_several_processes_leaves_one_segment(folder: Path, tmp_path: Path) -> None:
    refresh(open_store(tmp_path / "index"), [folder / "papers"], jobs=3)
    assert len(list((tmp_path / "index").glob("*.segment"))) == 1


@pytest.mark.parametrize("ending", ["merged", "killed"])
def test_worker_processes_merge_as_one_process_does(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: str
) -> None:
    def run_most(*arguments: Any, **named: Any) -> Iterator[Any]:
        *most, last = (one for one in run_tasks(*arguments, **named) if isinstance(one, Ended))
        merged.extend(one.outcome.name for one in most)
        yield from most
        yield last if ending == "merged" else Lost(last.items[0], "The worker process died.")

    merged: list[str] = []
    monkeypatch.setattr("policysearch.parallel.workers.run_tasks", run_most)
    monkeypatch.setattr(SegmentBuilder, "MOST_CHARACTERS", 300)
    monkeypatch.setattr(merging, "MOST_SECTIONS", 40)  # of a merged segment
    monkeypatch.setattr(merging, "_WORTH_A_PROCESS", 0)
    found = []
    for jobs in (1, 2):
        index = tmp_path / str(jobs)
        refresh(open_store(index), [folder / "papers"], jobs=jobs)
        segments = read_current(index).segments
        assert {one.name for one in segments} == {path.name for path in index.glob("*.segment")}
        found.append([(index / one.name).read_bytes() for one in segments])
    assert found[0] == found[1]
    assert len(merged) == len(found[1]) - 1 > 1


def test_damage_is_not_sealed(folder: Path, tmp_path: Path) -> None:
    papers = tmp_path / "papers"
    papers.mkdir()
    store = open_store(tmp_path / "index")
    write(papers / "1.txt", 1)
    refresh(store, [papers])
    segment = next((tmp_path / "index").glob("*.segment"))
    data = bytearray(segment.read_bytes())
    data[20] ^= 1
    segment.write_bytes(data)
    write(papers / "2.txt", 2)
    with pytest.raises(IndexUnusableError, match="checksums are wrong"):
        refresh(store, [papers])


@given(st.sets(st.tuples(st.integers(0, 20), st.integers(0, 65_535)), max_size=300), st.integers(0, 3), st.randoms())
@pytest.mark.no_cover
def test_postings_come_back(pairs: set[tuple[int, int]], full: int, chance: random.Random) -> None:
    # full: terms that most sections hold, whose groups are flags
    postings = {(term, section): chance.choice((1, 1, 1, 2, 65_535)) for term, section in pairs}
    postings |= {(30 + term, section): 1 + section % 2 for term in range(full) for section in range(0, 40_000, 3)}
    number = {term: i for i, term in enumerate(sorted({term for term, _ in postings}))}
    key = keys(
        np.array([number[term] for term, _ in postings], np.int64),
        np.array([section for _, section in postings], np.int64),
        np.array(list(postings.values()), np.int64),
    )
    before = key.copy()
    key = key[np.random.default_rng(chance.randrange(100)).permutation(len(key))]
    pointers, encoded = encode_postings(len(number), key)
    assert np.array_equal(np.sort(decode_postings(pointers, encoded)), np.sort(before))
    chosen = np.random.default_rng(chance.randrange(100)).random(65_536) < chance.choice((0.1, 0.9, 2.0))
    some = before[chosen[before & 0xFFFF]]
    expected = np.bincount(some >> 32, some >> 16 & 0xFFFF, len(number)).astype(np.int64)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(postings_module, "_TERMS", 8)
        among = totals_among(pointers, encoded, chosen)
    assert np.array_equal(among, expected)
    if chosen.all():
        assert np.array_equal(among, totals(pointers, encoded))
    # and one by one, without and with numpy
    file = memoryview(encoded.tobytes())
    for term, i in number.items():
        held = {section: frequency for (t, section), frequency in postings.items() if t == term}
        pointer = int(pointers[i])
        groups = read_groups(pointer, file.cast("H"), 0)
        assert {s: g.frequency for g in groups for s in group_bitmap(g, file)} == held
        sections, frequencies = arrays(pointer, encoded)
        assert dict(zip(sections.tolist(), frequencies.tolist(), strict=True)) == held
        assert list(bitmap_of(sections, in_order=len(set(held.values())) == 1)) == sorted(held)
    # and all terms together
    runs = [run for pointer in pointers.tolist() for run in read_groups(pointer, file.cast("H"), 0)]
    together = Counter[int]()
    for (_, section), frequency in postings.items():
        together[section] += frequency
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(postings_module, "_LONG", chance.choice((1, 3, 60)))
        by_places = sections_by_places(runs, file)
    assert {s: places for places, sections in by_places for s in sections} == together
    assert [places for places, _ in by_places] == sorted(set(together.values()))


def test_damaged_postings_ask_for_no_memory() -> None:
    term, section, frequency = (np.array(numbers, np.int64) for numbers in ([0] * 600, range(600), [1, 2] * 300))
    pointers, encoded = encode_postings(1, keys(term, section, frequency))
    encoded[int(pointers[0])] |= 0x4000  # so many groups, whose sizes are what follows
    encoded = np.concatenate((encoded, np.full(70_000, 60_000, np.uint16)))
    with pytest.raises(ValueError, match="more sections than a segment"):
        arrays(int(pointers[0]), encoded)


@pytest.mark.parametrize("query", [*WORDS_, "营商环境 优化", '"环境，乡村"', "养老 OR 植树 -修路", "heading:优化"])
@pytest.mark.parametrize("group", ["section", "document"])
def test_answers_are_those_of_a_new_index(folder: Path, query: str, group: str) -> None:
    old, new = (open_index(folder / name).search(query, limit=None, group=group) for name in ("old", "new"))
    assert old.to_dict() == new.to_dict()


NAMES = st.none() | st.text(st.sampled_from('一、[]"\\\t\n\udc80x'), max_size=5)
RECORDS = st.lists(
    st.tuples(
        NAMES,
        NAMES,
        st.integers(1, 300),
        st.lists(st.sampled_from(["一、甲", "（一）乙", "[1]", "", "\t"]), max_size=4).map(tuple),
        st.none() | st.integers(1, 100_000),
        st.booleans(),
    ),
    min_size=1,
    max_size=8,
)


@given(RECORDS)
def test_what_is_kept_of_a_section_comes_back(records: Sequence[Any]) -> None:
    entries = []
    for number, heading, level, above, page, usual in records:
        own = ((number or "") + (heading or ""),)
        path = (*above, *own) if usual else above
        text = reduce_with_offsets("植树造林。")
        entries.append(SectionEntry(number, heading, level, path, "body", 7 * level, page, text.text, text, ["植树"]))
    fields = dict.fromkeys(STORED_FIELDS)
    builder = SegmentBuilder()
    builder.add(DocumentEntry("甲", fields, tuple(entries)))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "one.segment")
        segment = Segment(path, *builder.write(path))
        for i, entry in enumerate(entries):
            kept = (entry.number, entry.heading, entry.level, entry.path, entry.start, entry.page)
            assert segment.record(i) == kept


@pytest.mark.parametrize("number", ["[一]", "【一】", "［一］", "〔一〕"])
def test_numbers_in_any_brackets_are_kept(tmp_path: Path, number: str) -> None:
    papers = tmp_path / "papers"
    papers.mkdir()
    text = f"某市政府工作报告\n\n一、工作回顾\n\n{number}总体情况\n\n营商环境持续优化，群众满意。\n"
    (papers / "报告.txt").write_text(text, encoding="utf-8")
    refresh(open_store(tmp_path / "index"), [papers])
    (hit,) = open_index(tmp_path / "index").search("营商环境").hits
    assert (hit.number, hit.heading, hit.path) == (number, "总体情况", ("一、工作回顾", f"{number}总体情况"))


def test_sections_are_copied_whole(folder: Path) -> None:
    old, new = (list(open_index(folder / name).engine.stream(MatchAll())) for name in ("old", "new"))
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
                if (count := sum(live.document_frequency(field, term) for live in engine._live))
            }
        )
    assert frequencies[0] == frequencies[1]
