"""Values of filters as people type them: years, dates, short names, patterns of ids; listings that use them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from conftest import Run, build_index
from hypothesis import given
from hypothesis import strategies as st

import policysearch
from policysearch.errors import InputError, QueryError
from policysearch.query.filters import id_matches
from policysearch.query.periods import day_of, years_of
from policysearch.text.folding import reduce
from policysearch.vocabulary import DOCUMENT_SORTS, FILTERS


@pytest.mark.parametrize(
    ("typed", "ranges"),
    [
        *(
            (one, ((2023, 2023),))
            for one in ("2023", "2023年", "二〇二三", "二○二三年", "二零二三年", "２０２３", "2023年度")
        ),
        *((one, ((2020, 2024),)) for one in ("2020..2024", "2020-2024", "2020—2024", "2020至2024年", "2020～2024")),
        ("二〇二〇年到二〇二四年", ((2020, 2024),)),
        ("2020..", ((2020, None),)),
        ("..2024", ((None, 2024),)),
        *((one, ((2020, 2020), (2024, 2024))) for one in ("2020,2024", "2020，2024", "2020、2024")),
        ("2018,2020-2022,2024..", ((2018, 2018), (2020, 2022), (2024, None))),
    ],
)
def test_years(typed: str, ranges: tuple[tuple[int | None, int | None], ...]) -> None:
    assert years_of(typed, typed, 0) == ranges


@pytest.mark.parametrize(
    "typed",
    ["0000", "..", "-2024", "2020-", "2020,", ",", "20", "20233", "2024..2020", "2025-1", "二〇二", "十", "近三年"],
)
def test_what_is_no_year_is_an_error_that_names_it(typed: str) -> None:
    with pytest.raises(QueryError, match=r"[Yy]ear") as error:
        years_of(typed, typed, 0)
    assert typed in str(error.value) or typed in ("..", "2024..2020")


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        *((one, "2025") for one in ("2025", "2025年", "二〇二五年")),
        *(
            (one, "2025-01")
            for one in ("2025-01", "2025-1", "2025/1", "2025年1月", "202501", "2025 年 1 月", "二〇二五年一月")
        ),
        *(
            (one, "2025-01-05")
            for one in ("2025-01-05", "2025-1-5", "20250105", "2025/1/5", "2025.1.5", "2025年1月5日")
        ),
        ("二〇二五年十二月三十一日", "2025-12-31"),
        ("2024-02-29", "2024-02-29"),
    ],
)
def test_days(typed: str, day: str) -> None:
    assert day_of("since", typed) == day


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("2025-13", "no month 13"),
        ("2025-00", "no month 0"),
        ("2025-02-31", "2025-02 has 28 days"),
        ("20250230", "2025-02 has 28 days"),
        ("2100-02-29", "2100-02 has 28 days"),
        ("2025年4月31日", "2025-04 has 30 days"),
        ("2025-01-00", "2025-01 has 31 days"),
        ("0000", "no year 0000"),
        *((one, "not a date") for one in ("2025-1/5", "25-01-01", "去年", "2025-01-05-01", "2025-1-", "1月5日")),
    ],
)
def test_what_is_no_day_is_an_error_that_names_it(typed: str, reason: str) -> None:
    with pytest.raises(QueryError, match=reason) as error:
        day_of("until", typed)
    assert f"'{typed}'" in str(error.value)
    assert "until" in str(error.value)


@given(st.dates())
def test_every_day_is_read_in_every_spelling(date: object) -> None:
    year, month, day = str(date).split("-")
    written = (f"{year}{month}{day}", f"{year}/{int(month)}/{int(day)}", f"{year}年{int(month)}月{int(day)}日")
    assert [day_of("since", one) for one in (str(date), *written)] == [str(date)] * 4


def test_fixed_values_and_their_short_names_are_compared_as_they_are() -> None:
    for one in FILTERS:
        assert [reduce(name) for name in (*one.values, *one.short)] == [*one.values, *one.short]
        assert not set(one.values) & set(one.short)
        assert {value for values in one.short.values() for value in values} <= set(one.values)


@pytest.mark.parametrize(
    ("name", "patterns", "matches"),
    [
        ("通知/甲.txt", ["通知/*"], True),
        ("通知/甲.txt", ["*.txt"], True),
        ("通知/甲.txt", ["通知"], False),
        ("通知/甲.txt", ["意见/*", "*甲*"], True),
        ("通知/甲.txt", ["通知/?.txt"], True),
        ("集.csv#3", ["集.csv"], True),
        ("集.csv#3", ["集.csv#?"], True),
        ("集.zip#里/乙.txt", ["*/乙.txt"], True),
        ("国发[2023]1号.txt", ["国发[2023]1号.txt"], True),
        ("国发2.txt", ["国发[2023].txt"], False),
        ("年 报.txt", ["年 报.txt"], True),
        ("年%20报.txt", ["年 报.txt"], True),
        ("年%20报.txt", ["年%20报.txt"], True),
        ("a%23b.csv#1", ["a#b.csv"], True),
        ("cafe\u0301.txt", ["caf\u00e9.txt"], True),
    ],
)
def test_patterns_of_ids_and_paths(name: str, patterns: list[str], matches: bool) -> None:
    assert id_matches(name, patterns) is matches


def test_short_names_select_what_the_full_ones_do(samples_index: Path) -> None:
    with policysearch.open_index(samples_index, prepare=False) as index:
        for name, short, full in (
            ("part", "回顾", "review"),
            ("part", "目标", "targets"),
            ("part", "附件", "attachment"),
            ("type", "工作报告", "政府工作报告"),
            ("type", "条例", ["行政法规", "地方性法规"]),
            ("level", "县区", "县级"),
            ("level", "县", "县级"),
            ("level", "省", "省级"),
            ("year", "二〇二三、2024", [2023, 2024]),
            ("year", "2022-2023", "2022..2023"),
        ):
            found = index.search("", filters={name: short}, limit=None)
            assert found.total
            assert found.hits == index.search("", filters={name: full}, limit=None).hits, short
        assert index.search("部分：回顾").total == index.search("part:review").total
        assert index.search("year:2022,2024 年份:2023").total == index.search("year:2022..2024").total


@pytest.fixture(scope="module")
def of_places(tmp_path_factory: pytest.TempPathFactory) -> Iterator[policysearch.Index]:
    sources = tmp_path_factory.mktemp("sources")
    places = {"a.txt": "全国", "b.txt": "全国", "c.txt": "新疆", "d.txt": "乌海", "e.txt": "-"}
    for name in places:
        (sources / name).write_text(f"关于发展的说明\n\n推动发展{name}。\n", encoding="utf-8")
    rows = "".join(f"{name},{place}\n" for name, place in places.items())
    (sources / "metadata.csv").write_text(f"source,region\n{rows}", encoding="utf-8")
    with policysearch.open_index(build_index(sources, tmp_path_factory.mktemp("index"))) as index:
        yield index


@pytest.mark.parametrize("nation", ["全国", "国家"])
@pytest.mark.parametrize("name", ["region", "province", "city"])
def test_the_nation_is_a_place_of_every_kind(of_places: policysearch.Index, name: str, nation: str) -> None:
    def documents(query: str, **filters: str | list[str]) -> list[str]:
        return of_places.ids(query, filters=filters, group="document")

    counted = {row.group[0]: row.documents for row in of_places.count(["推动发展"], by=[name])}
    assert documents(f"{name}:{nation}") == documents("", **{name: nation}) == ["a.txt", "b.txt"]
    assert counted["全国"] == 2
    several = documents("", **{name: [nation, "新疆"]})
    assert several == ["a.txt", "b.txt", *documents("", **{name: "新疆"})]
    assert documents(f"-{name}:{nation}") == ["c.txt", "d.txt", "e.txt"]
    assert of_places.absent_values(f"{name}:{nation} 发展") == ()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--type", "通之"), "Unknown type '通之'. Did you mean 通知?"),
        (("--part", "plans"), "Unknown part 'plans'. Did you mean plan?"),
        (("--since", "2025-02-31"), "'2025-02-31' cannot be the value of since: 2025-02 has 28 days"),
        (("--year", "2025-01"), "not '2025-01'. For months and days there are since and until."),
    ],
)
def test_errors_name_the_value(run: Run, samples_index: Path, arguments: tuple[str, ...], said: str) -> None:
    done = run("search", "-i", samples_index, "环境", *arguments)
    assert done.returncode == 2
    assert said in done.stderr


def test_documents_are_a_filter_everywhere(run: Run, samples_index: Path) -> None:
    with policysearch.open_index(samples_index, prepare=False) as index:
        names = [one.document_id for one in index.documents() if one.document_id.startswith("政府工作报告/")]
        assert names
        for found in (
            index.search("document:政府工作报告/*", limit=None),
            index.search("", filters={"document": "政府工作报告/*"}, limit=None, duplicates="show"),
            index.search("document:*/2024年松岑* OR document:政府工作报告/*", limit=None),
        ):
            assert {hit.document_id for hit in found} == set(names)
        assert not index.search('document:"没有/*" 环境').total
    for command in (("search", "营商环境"), ("count", "营商环境"), ("kwic", "营商环境"), ("list",), ("targets",)):
        done = run(*command, "-i", samples_index, "--document", "政府工作报告/2024*", "--format", "json")
        assert done.returncode == 0, done.stderr
        assert "通知/" not in done.stdout
    topics = '{"id": "1", "query": "营商环境", "document": "政府工作报告/2024*"}\n'
    (samples_index / "topics.jsonl").write_text(topics, encoding="utf-8")
    try:
        (line,) = run(
            "batch", "-i", samples_index, samples_index / "topics.jsonl", "--format", "jsonl"
        ).stdout.splitlines()
    finally:
        (samples_index / "topics.jsonl").unlink()
    assert {hit["document_id"][:11] for hit in json.loads(line)["hits"]} == {"政府工作报告/2024"}


@pytest.mark.parametrize("sort", DOCUMENT_SORTS)
def test_documents_are_listed_in_order(samples_index: Path, sort: str) -> None:
    with policysearch.open_index(samples_index, prepare=False) as index:
        rows = index.documents(sort=sort)
        assert {one.document_id for one in rows} == {one.document_id for one in index.documents()}
        keys: list[Any] = [0] * len(rows)
        if sort == "title":
            keys = [one.title or "\U0010ffff" for one in rows]
        elif sort == "-sections":
            keys = [-one.sections for one in rows]
        elif sort != "document":
            keys = [str(one.year or "") if sort.endswith("year") else one.date or str(one.year or "") for one in rows]
            known = [key for key in keys if key]
            assert keys[: len(known)] == known
            assert known == sorted(known, reverse=sort.startswith("-"))
        if sort in ("title", "-sections"):
            assert keys == sorted(keys)
        for (before, one), (after, other) in pairwise(zip(keys, rows, strict=True)):
            assert before != after or one.document_id < other.document_id


def test_listings_are_of_what_is_selected(run: Run, samples_index: Path) -> None:
    with policysearch.open_index(samples_index, prepare=False) as index:
        where = index.documents(where="heading:营商环境", duplicates="show")
        hits = index.search("heading:营商环境", limit=None, duplicates="show")
        assert [one.document_id for one in where] == list(dict.fromkeys(hit.document_id for hit in hits)) or where
        assert sum(one.sections for one in where) == hits.total
        titled = index.documents(title="政府 工作报告", duplicates="show")
        assert titled
        assert all("政府工作报告" in (one.title or "") for one in titled)
        assert sum(one.documents for one in index.values("year", title="政府工作报告")) == len(titled)
        with pytest.raises(QueryError):
            index.documents(title=" ")
        with pytest.raises(InputError, match="sort"):
            index.documents(sort="size")
    done = run(
        "list", "-i", samples_index, "--where", "营商环境", "--title", "工作报告", "--sort", "-year", "--format", "json"
    )
    rows = json.loads(done.stdout)
    assert [row["year"] for row in rows] == sorted((row["year"] for row in rows), reverse=True)
    assert run("list", "-i", samples_index, "--by", "year", "--sort", "date").returncode == 2
    assert run("list", "-i", samples_index, "--skipped", "--title", "工作").returncode == 2


@pytest.fixture
def dated(tmp_path: Path) -> Iterator[policysearch.Index]:
    days = {"甲": "2022年6月1日", "乙": "2023年3月5日", "丙": "2024年1月1日", "丁": "2024年12月31日"}
    for name, day in days.items():
        text = f"松岑县{name}办公室关于植树的通知\n\n各乡镇：\n\n植树三天。\n\n松岑县{name}办公室\n{day}\n"
        (tmp_path / f"{name}.txt").write_text(text, encoding="utf-8")
    (tmp_path / "戊.txt").write_text("植树工作要点\n\n国发〔2018〕41号\n\n植树五天。\n", encoding="utf-8")
    (tmp_path / "metadata.csv").write_text(
        "source,year,date,document_number\n戊.txt,2024,-,国发〔2018〕41号\n", encoding="utf-8"
    )
    with policysearch.open_index(build_index(tmp_path, tmp_path / "index")) as index:
        yield index


def found_by(index: policysearch.Index, **filters: Any) -> str:
    return "".join(sorted(name[0] for name in {one.document_id for one in index.documents(filters=filters)}))


def test_repeated_days_are_alternatives_in_any_order(dated: policysearch.Index) -> None:
    assert found_by(dated, until=["2022", "2023"]) == found_by(dated, until=["2023", "2022"]) == "乙甲"
    assert found_by(dated, since=["2023", "2024"]) == found_by(dated, since=["2024", "2023"]) == "丁丙乙戊"
    assert found_by(dated, until=["2024-03", "2024"]) == found_by(dated, until="2024") == "丁丙乙戊甲"
    with pytest.raises(QueryError, match="since 2024 is later than until 2022"):
        found_by(dated, since="2024", until="2022")


def test_a_document_with_a_year_alone_is_in_all_of_the_year(dated: policysearch.Index) -> None:
    for since, until in (("2024", "2024"), ("2024-01", "2024-12"), ("2024-01-01", "2024-12-31")):
        assert found_by(dated, since=since, until=until) == "丁丙戊"
    assert found_by(dated, since="2024-01-02") == "丁"


@pytest.mark.parametrize(
    "number",
    [
        *("国发2018年41号", "国发〔2018〕41号", "国发[2018]第041号", "国发〔二〇一八〕四十一号", "国发〔2018〕41"),
        "国发2018-41号",
    ],
)
def test_a_document_number_is_found_in_any_spelling(dated: policysearch.Index, number: str) -> None:
    assert found_by(dated, number=number) == "戊"
    assert found_by(dated, number=number.replace("国发", "国办发")) == ""
    assert found_by(dated, number=number.replace("1号", "2号") if "1号" in number else "国发〔2018〕4号") == ""


def test_several_are_one_text_or_an_iterator(dated: policysearch.Index) -> None:
    listed = dated.search("植树", facets=["year"]).facets
    assert listed is not None
    assert listed == dated.search("植树", facets="year").facets == dated.search("植树", facets=iter(["year"])).facets  # type: ignore[arg-type]
    assert dated.count("植树", document=iter(["甲*"])).documents == 1  # type: ignore[arg-type]
