"""Texts that stand twice are shown once, counted as often as they stand, and left out of everything where asked for."""

from __future__ import annotations

import csv
import io
import json
import shutil
import zipfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from conftest import SOURCES, Run, Write
from hypothesis import given
from hypothesis import strategies as st

from policysearch import open_index
from policysearch.engines.equal_sections import fold_equal as fold_by_reading
from policysearch.engines.opening import open_store
from policysearch.engines.tree import MatchAll
from policysearch.engines.whoosh.engine import WhooshEngine
from policysearch.engines.whoosh.equal_documents import group_at, group_starts
from policysearch.engines.whoosh.generations import read_current
from policysearch.engines.whoosh.segment_reader import Segment
from policysearch.errors import InputError
from policysearch.frozen import replace
from policysearch.index import Index
from policysearch.indexing.duplicates import duplicates_among, is_record
from policysearch.indexing.refresh import refresh
from policysearch.search.hits import Hit, Hits
from policysearch.text.folding import reduce

pytestmark = pytest.mark.one_python

FORMS = ("fold", "show", "hide")

EqualIds = tuple[list[list[str]], list[list[str]]]


@pytest.fixture(scope="module")
def doubled_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The samples, beside a ZIP of them, and a copy of one with another place and year."""
    folder = tmp_path_factory.mktemp("doubled")
    shutil.copytree(SOURCES, folder / "papers")
    with zipfile.ZipFile(folder / "papers" / "all.zip", "w") as archive:
        for path in sorted(SOURCES.rglob("*")):
            if path.is_file() and path.suffix == ".txt":
                archive.write(path, path.relative_to(SOURCES).as_posix())
    return folder


@pytest.fixture(scope="module")
def doubled(doubled_folder: Path) -> Iterator[Index]:
    refresh(open_store(doubled_folder / "index"), [doubled_folder / "papers"])
    with open_index(doubled_folder / "index") as index:
        yield index


def texts_of(index: Index) -> dict[str, str]:
    documents = [row.document_id for row in index.documents(duplicates="show")]
    shown = [index.show(name) for name in documents]
    return {one["section_id"]: one["text"] for view in shown if view is not None for one in view.sections}


def ids(hits: Hits, grouped: bool = False) -> list[str]:
    return [hit.document_id if grouped else hit.section_id for hit in hits.hits]


QUERIES = (
    "营商环境",
    "优化营商环境",
    "水库",
    "养老 服务",
    "year:2023 发展",
    "发展 OR type:通知",
    "-发展",
    "part:plan",
    "句(营商 环境)",
)


@pytest.mark.parametrize("group", ["section", "document"])
@pytest.mark.parametrize("sort", ["score", "-date", "document"])
def test_one_of_equal_sections_is_shown(doubled: Index, group: str, sort: str) -> None:
    grouped = group == "document"
    folded_somewhere = False
    for query in QUERIES:
        asked = {"limit": None, "sort": sort, "group": group}
        every = doubled.search(query, duplicates="show", **asked)  # type: ignore[arg-type]
        folded = doubled.search(query, **asked)  # type: ignore[arg-type]
        assert (folded.total, folded.total_exact) == (every.total, every.total_exact), query
        assert every.distinct == every.total
        assert all(hit.duplicates is None for hit in every.hits)
        assert folded.distinct == len(folded.hits)
        shown = ids(folded, grouped)
        names = {name for hit in folded.hits for name in hit.duplicates or ()}
        assert names.isdisjoint(shown)
        assert sorted([*shown, *names]) == sorted(ids(every, grouped)), query
        # the order is that of all of them, without those that are left out
        assert shown == [name for name in ids(every, grouped) if name not in names], query
        for hit in folded.hits:
            assert_first(hit, grouped)
        folded_somewhere |= bool(names)
    assert folded_somewhere


def assert_first(hit: Hit, grouped: bool) -> None:
    def key(name: str) -> tuple[str, int]:
        document, _, ordinal = name.rpartition("#")
        return (name, 0) if grouped else (document, int(ordinal))

    names = [hit.document_id if grouped else hit.section_id, *(hit.duplicates or ())]
    assert sorted(names, key=key) == names


def test_equal_sections_have_equal_text(doubled: Index) -> None:
    texts = texts_of(doubled)
    found = doubled.search("发展", limit=None)
    assert any(hit.duplicates for hit in found.hits)
    for hit in found.hits:
        assert len({reduce(texts[name]) for name in (hit.section_id, *(hit.duplicates or ()))}) == 1


def test_limit_and_offset_are_of_what_is_shown(doubled: Index) -> None:
    every = ids(doubled.search("发展", limit=None))
    for size in (1, 3):
        pages = [ids(doubled.search("发展", limit=size, offset=at)) for at in range(0, len(every) + size, size)]
        assert [name for page in pages for name in page] == every
    (last,) = doubled.search("发展", limit=5, offset=len(every) - 1).hits
    assert last.rank == len(every)
    assert doubled.search("发展", limit=5, offset=len(every)).hits == ()


def test_hide_is_an_index_without_copies(doubled: Index, tmp_path: Path, doubled_folder: Path) -> None:
    copies = [row.document_id for row in doubled.documents(duplicates="show") if row.duplicate_of is not None]
    assert copies
    for query in QUERIES:
        hidden = doubled.search(query, limit=None, duplicates="hide")
        every = doubled.search(query, limit=None, duplicates="show")
        kept = [hit.section_id for hit in every.hits if hit.document_id not in copies]
        assert ids(hidden) == kept, query
        assert hidden.total == hidden.distinct == len(kept)
        assert hidden.total_exact == sum(hit.exact for hit in every.hits if hit.document_id not in copies)
        counted = doubled.count(["发展"], where=query, duplicates="hide")
        assert counted.documents <= len(doubled.documents(duplicates="hide"))
    (row,) = doubled.count("营商环境", duplicates="hide")
    found = doubled.search("营商环境", limit=None, duplicates="hide")
    assert (row.sections, row.occurrences) == (found.total_exact, sum(hit.matches for hit in found.hits if hit.exact))
    assert doubled.kwic("营商环境", duplicates="hide").total == row.occurrences
    assert sum(value.documents for value in doubled.values("year", duplicates="hide")) == len(
        doubled.documents(duplicates="hide")
    )


def test_concordances_and_listings_fold_too(doubled: Index) -> None:
    every, folded = (doubled.kwic("营商环境", duplicates=how) for how in ("show", "fold"))
    assert every.total == every.distinct == folded.total == len(every.lines)
    assert folded.distinct == len(folded.lines) == len(list(doubled.kwic_lines("营商环境"))) < folded.total
    copies = {name for line in folded.lines for name in line.duplicates or ()}
    assert copies
    assert [line for line in every.lines if line.section_id not in copies] == [
        replace(line, duplicates=None) for line in folded.lines
    ]
    assert len(doubled.kwic("营商环境", sample=2).lines) == 2
    (counted,) = doubled.count("营商环境")
    assert counted.occurrences == every.total
    rows, shown = doubled.documents(duplicates="show"), doubled.documents()
    named = [name for row in shown for name in row.duplicates or ()]
    assert sorted([*named, *(row.document_id for row in shown)]) == sorted(row.document_id for row in rows)
    assert {row.document_id for row in rows if row.duplicate_of} == set(named)


def test_sections_that_are_cut_otherwise_fold_where_they_are_equal(write: Write, tmp_path: Path) -> None:
    body = "一、总则\n\n第一段讲发展。\n\n二、附则\n\n第二段讲发展。\n"
    write("papers/a.txt", body)
    write("papers/b.md", body.replace("二、附则", "**二、附则**"))
    write("papers/c.txt", body.replace("一、总则", "一、 总则"))
    refresh(open_store(tmp_path / "index"), [tmp_path / "papers"])
    with open_index(tmp_path / "index") as index:
        every = index.search("发展", duplicates="show", limit=None)
        found = index.search("发展", limit=None)
        assert found.total == every.total
        shown = {name for hit in found.hits for name in (hit.section_id, *(hit.duplicates or ()))}
        assert shown == set(ids(every))
        for hit in found.hits:
            texts = {index.show(n).stored[0].reduced for n in (hit.section_id, *(hit.duplicates or ()))}  # type: ignore[union-attr]
            assert len(texts) == 1


def test_a_format_that_marks_borders_and_one_that_does_not_are_equal(write: Write, tmp_path: Path) -> None:
    write("papers/a.html", "<h1>关于发展的通知</h1><p>投资2023万元。</p><p>第二段讲农业。</p>")
    write("papers/b.txt", "关于发展的通知\n投资2023万元。\n第二段讲农业。\n")
    write("papers/c.md", "# 关于发展的通知\n\n投资2023万元。\n\n第二段讲农业。\n")
    refresh(open_store(tmp_path / "index"), [tmp_path / "papers"])
    with open_index(tmp_path / "index") as index:
        assert [row.duplicate_of for row in index.documents(duplicates="show")] == [None, "a.html", "a.html"]
        (hit,) = index.search("农业").hits
        assert (hit.document_id, len(hit.duplicates or ())) == ("a.html", 2)
        folded = fold_by_reading(index.engine.stream, index.engine.duplicates, MatchAll())
        every = index.search("-没有", limit=None)
        assert len(folded.left_out) == every.total - len(every) > 0


def test_the_first_that_meets_the_filters_is_shown(write: Write, tmp_path: Path) -> None:
    for name in "abc":
        write(f"papers/{name}.txt", "关于发展的通知\n\n发展水库，发展农业。\n")
    write(
        "papers/metadata.csv",
        "document_id,year\na.txt,2021\nb.txt,2022\nc.txt,2023\n",
    )
    refresh(open_store(tmp_path / "index"), [tmp_path / "papers"])
    with open_index(tmp_path / "index") as index:
        told = {
            years: [(hit.document_id, hit.duplicates) for hit in index.search(f"水库 year:{years}").hits]
            for years in ("2021..2023", "2022..2023", "2023")
        }
        (everything,) = index.search("水库").hits
        name = everything.section_id.partition("#")[2]
    assert told == {
        "2021..2023": [("a.txt", (f"b.txt#{name}", f"c.txt#{name}"))],
        "2022..2023": [("b.txt", (f"c.txt#{name}",))],
        "2023": [("c.txt", ())],
    }


def test_records_fold_only_with_equal_titles(write: Write, tmp_path: Path) -> None:
    text = "本条例自公布之日起施行。"
    rows = [{"id": str(n), "title": title, "text": text} for n, title in enumerate(["甲条例", "乙条例", "甲条例"])]
    write("papers/laws.jsonl", "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))
    write("papers/x.txt", text)
    write("papers/y.txt", text)
    refresh(open_store(tmp_path / "index"), [tmp_path / "papers"])
    with open_index(tmp_path / "index") as index:
        found = index.search("公布之日")
        told = {hit.document_id: hit.duplicates for hit in found.hits}
    assert told == {
        "laws.jsonl#0": ("laws.jsonl#2#1",),
        "laws.jsonl#1": (),
        "x.txt": ("y.txt#1",),
    }


@pytest.mark.parametrize(
    ("document_id", "source", "expected"),
    [
        ("a.txt", "a.txt", False),
        ("a.csv#1", "a.csv", True),
        ("a.zip#b.txt", "a.zip", False),
        ("a.zip#d/b.csv/3", "a.zip", True),
        ("a.json#7", "a.json", True),
    ],
)
def test_what_is_a_record(document_id: str, source: str, expected: bool) -> None:
    assert is_record(document_id, source) == expected


names = st.sampled_from(["a.txt", "b.txt", "c.zip#d.txt", "e.csv#1", "e.csv#2", "f.jsonl#1"])


@given(st.dictionaries(names, st.tuples(st.sampled_from("甲乙"), st.sampled_from("一二")), max_size=6))
def test_who_repeats_whom(documents: dict[str, tuple[str, str]]) -> None:
    found = duplicates_among((name, name.partition("#")[0], *one) for name, one in documents.items())
    for copy, first in found.items():
        assert first < copy
        assert first not in found
        assert documents[copy][0] == documents[first][0]
        if is_record(copy, copy.partition("#")[0]) and is_record(first, first.partition("#")[0]):
            assert documents[copy] == documents[first]
    files = [name for name in sorted(documents) if not is_record(name, name.partition("#")[0])]
    for at, name in enumerate(files):
        first = next(one for one in files if documents[one][0] == documents[name][0])
        if first != name:
            assert name in found, at


def test_it_is_the_same_after_any_updates(doubled: Index, doubled_folder: Path, tmp_path: Path) -> None:
    papers = tmp_path / "papers"
    papers.mkdir()
    store = open_store(tmp_path / "index")
    for path in sorted((doubled_folder / "papers").iterdir(), reverse=True):
        (shutil.copytree if path.is_dir() else shutil.copy2)(path, papers / path.name)
        refresh(store, [papers])
    with open_index(tmp_path / "index") as index:
        for query in QUERIES:
            for group in ("section", "document"):
                mine, fresh = (one.search(query, limit=None, group=group) for one in (index, doubled))
                assert mine.to_dict() == fresh.to_dict(), query


def test_the_commands(run: Run, doubled_folder: Path, doubled: Index, tmp_path: Path) -> None:
    at = ("-i", doubled_folder / "index")
    found = doubled.search("营商环境", limit=None)
    every = found.total
    distinct = len(found.hits)
    assert distinct < every
    told = json.loads(run("search", "营商环境", *at, "--format", "json", "-n", "1000").stdout)
    assert (told["total"], told["distinct"], len(told["hits"])) == (every, distinct, distinct)
    assert [hit["duplicates"] for hit in told["hits"]] == [list(hit.duplicates or ()) for hit in found.hits]
    assert f"{distinct} sections ({every} with copies)" in run("search", "营商环境", *at, "-n", "1000").stdout
    for output_format, lines in (("csv", every + 1), ("trec", every), ("jsonl", distinct)):
        done = run("search", "营商环境", *at, "-n", "1000", "--format", output_format)
        rows = list(csv.reader(io.StringIO(done.stdout))) if output_format == "csv" else done.stdout.splitlines()
        assert len(rows) == lines, output_format
    told_rows = list(
        csv.DictReader(
            io.StringIO(run("search", "营商环境", *at, "-n", "1000", "--format", "csv", "--duplicates", "fold").stdout)
        )
    )
    assert [row["duplicates"] for row in told_rows] == [" ".join(hit.duplicates or ()) for hit in found.hits]
    topics = tmp_path / "topics.txt"
    topics.write_text("营商环境\n", encoding="utf-8")
    for how, lines in (((), every), (("--duplicates", "fold"), distinct)):
        done = run("batch", topics, *at, "-n", "1000", "--format", "jsonl", *how)
        assert len(json.loads(done.stdout)["hits"]) == lines
    hidden = doubled.kwic("营商环境", duplicates="hide")
    for flag in (("--no-duplicates",), ("--duplicates", "hide")):
        (row,) = csv.DictReader(io.StringIO(run("count", "营商环境", *at, "--format", "csv", *flag).stdout))
        assert row["occurrences"] == str(hidden.total)
    told = json.loads(run("kwic", "营商环境", *at, "--format", "json").stdout)
    assert (told["total"], told["distinct"]) == (doubled.kwic("营商环境").total, len(told["lines"]))
    listed = json.loads(run("list", *at, "--format", "json").stdout)
    assert any(one["duplicates"] for one in listed)
    assert len(list(csv.reader(io.StringIO(run("list", *at, "--format", "csv").stdout)))) > len(listed) + 1
    assert "with copies" in run("list", *at).stdout
    with pytest.raises(InputError, match="Unknown value of duplicates"):
        doubled.search("营商环境", duplicates="all")
    with pytest.raises(InputError, match="Unknown value of duplicates"):
        doubled.documents(duplicates="all")


@pytest.fixture
def equal(tmp_path: Path) -> Callable[[], EqualIds]:
    """Updates an index of ``in`` and returns the ids of its equal documents: alike, and others."""
    index, folder = tmp_path / "index", tmp_path / "in"

    def updated() -> EqualIds:
        refresh(open_store(index), [folder])
        generation = read_current(index)
        segments = [Segment(index / name.name, name.size, name.seal) for name in generation.segments]

        def named(joined: Sequence[int]) -> list[list[str]]:
            groups = [group_at(joined, at) for at in group_starts(joined)]
            return [[segments[i].document_id(document) for i, document in group] for group in groups]

        assert open_store(index).damage() == ()
        return named(generation.equal.alike), named(generation.equal.others)

    return updated


def test_equal_documents_are_numbered_anew_by_each_update(
    write: Write, tmp_path: Path, equal: Callable[[], EqualIds]
) -> None:
    for number in range(40):
        write(f"in/{number:02}.txt", f"松岑第{number}号的正文。\n")
    assert equal() == ([], [])
    write("in/50.txt", "松岑第7号的正文。\n")
    assert equal() == ([["07.txt", "50.txt"]], [])
    write("in/51.txt", "松岑第7号的正文。\n")
    write("in/03.txt", "松岑第20号的正文。\n")
    assert equal() == ([["03.txt", "20.txt"], ["07.txt", "50.txt", "51.txt"]], [])
    (tmp_path / "in/07.txt").unlink()
    (tmp_path / "in/20.txt").unlink()
    assert equal() == ([["50.txt", "51.txt"]], [])
    (tmp_path / "in/51.txt").unlink()
    assert equal() == ([], [])


def test_equal_documents_that_are_not_alike_are_told_apart(write: Write, equal: Callable[[], EqualIds]) -> None:
    text = "一、总则\n松岑的正文，第一段。\n二、附则\n竹榭的正文。\n"
    write("in/a.txt", text)
    write("in/b.txt", text)
    write("in/c.txt", text.replace("，", ","))  # equal when reduced, and shown otherwise
    write("in/d.txt", text.replace("第一段", "第二段"))
    write("in/e.txt", text.replace("第一段", "第二段"))
    assert equal() == ([["d.txt", "e.txt"]], [["a.txt", "b.txt", "c.txt"]])


def test_the_parts_of_equal_documents_are_compared_by_name(
    write: Write, tmp_path: Path, equal: Callable[[], EqualIds]
) -> None:
    """Each segment numbers the parts in the order in which it meets them."""
    report = (
        "2024年政府工作报告\n各位代表：\n一、2023年工作回顾\n一年来，稳中有进。\n二、2024年工作安排\n坚持稳中求进。\n"
    )
    write("in/00.txt", report)
    for number in range(1, 40):
        write(f"in/{number:02}.txt", f"松岑第{number}号的正文。\n")
    assert equal() == ([], [])
    write("in/41.txt", "一、2023年工作回顾\n竹榭的一年。\n")
    write("in/50.txt", report)
    assert equal() == ([["00.txt", "50.txt"]], [])
    index = tmp_path / "index"
    opened = [Segment(index / one.name, one.size, one.seal) for one in read_current(index).segments]
    assert len({tuple(segment.figures["parts"]) for segment in opened}) > 1


@pytest.mark.parametrize("grouped", [False, True])
def test_documents_that_are_alike_fold_as_others_do(
    doubled_folder: Path, monkeypatch: pytest.MonkeyPatch, grouped: bool
) -> None:
    """Filters and contents are evaluated apart for these; the answers are those of folding each group by itself."""
    queries = (
        *QUERIES,
        "标题:报告 发展",
        "(标题:报告 OR 环境) 发展",
        "-标题:通知 发展",
        "小标题:环境",
        "year:2023 -环境",
    )
    group = "document" if grouped else "section"

    def answers() -> list[tuple[int, int | None, list[dict[str, Any]]]]:
        with open_index(doubled_folder / "index") as index:
            assert isinstance(index.engine, WhooshEngine)
            assert index.engine.generation.equal.alike
            found = [index.search(query, limit=None, group=group) for query in queries for _ in range(2)]
            return [(one.total, one.distinct, [hit.to_dict() for hit in one.hits]) for one in found]

    together = answers()
    assert any(total != distinct for total, distinct, _ in together)
    monkeypatch.setattr("policysearch.engines.whoosh.copies._filters_of", lambda node: None)
    assert answers() == together
