"""Facets equal a scan of all hits; options alone are a query."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from conftest import Run, Write, build_index
from own_texts import write_documents

import policysearch
from policysearch.errors import InputError, QueryError
from policysearch.index import Index
from policysearch.vocabulary import FACET_FIELDS


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index of several segments, from which a document was removed."""
    sources = write_documents(tmp_path_factory.mktemp("own") / "documents", 60)
    folder = build_index(sources, tmp_path_factory.mktemp("facets"))
    first, second = sorted(sources.iterdir())[:2]
    first.unlink()
    second.write_text("关于做好防汛工作的通知\n\n各县人民政府：\n\n一、营商环境\n\n优化营商环境。\n", encoding="utf-8")
    return build_index(sources, folder)


def scanned(index: Index, query: str, field: str, options: Mapping[str, Any]) -> dict[Any, tuple[int, int]]:
    """Count the sections and documents of each value of a field over all hits."""
    sections: dict[Any, list[str]] = {}
    options = {"duplicates": "show", **options}
    for hit in index.search(query, limit=None, **options):
        sections.setdefault(getattr(hit, field), []).append(hit.document_id)
    return {value: (len(ids), len(set(ids))) for value, ids in sections.items() if value is not None}


@pytest.mark.parametrize("prepare", [False, True])
@pytest.mark.parametrize(
    ("query", "filters"),
    [
        ("营商环境", {}),
        ("营商环境", {"type": "政府工作报告", "province": "广东"}),
        ("优化 -教育", {"part": ["review", "plan"]}),
        ("句(营商环境 优化)", {"level": "省级"}),
        ("", {"type": ["通知", "地方性法规"]}),
        ("没有这个词的句子", {}),
    ],
)
def test_facets_count_all_hits_without_their_own_filter(
    folder: Path, query: str, filters: Mapping[str, Any], prepare: bool
) -> None:
    with policysearch.open_index(folder, prepare=prepare) as index:
        found = index.search(query, filters=filters, facets=FACET_FIELDS, limit=1)
        assert found.facets is not None
        assert list(found.facets.values) == list(FACET_FIELDS)
        for field, values in found.facets.values.items():
            others = {name: value for name, value in filters.items() if name != field}
            expected = scanned(index, query or "-没有这个词", field, {"filters": others, "match": found.match})
            assert {one.value: (one.sections, one.documents) for one in values} == expected, field
            assert list(values) == sorted(values, key=lambda one: (-one.sections, one.value)), field


def test_a_filter_in_the_query_is_left_out_as_an_option_is(folder: Path) -> None:
    with policysearch.open_index(folder, prepare=False) as index:
        typed = index.search("(type:通知 year:2000..2030) 营商环境", facets=("type", "year"))
        given = index.search("营商环境", filters={"type": "通知", "year": "2000..2030"}, facets=("type", "year"))
        assert typed.facets == given.facets
        alternatives = index.search("type:通知 OR 营商环境", facets=("type",))
        assert alternatives.facets is not None
        assert sum(one.sections for one in alternatives.facets.values["type"]) == alternatives.total


def test_copies_are_counted_unless_hidden(folder: Path) -> None:
    with policysearch.open_index(folder, prepare=False) as index:
        for duplicates in ("fold", "show", "hide"):
            found = index.search("营商环境", duplicates=duplicates, facets=("type",))
            assert found.facets is not None
            assert sum(one.sections for one in found.facets.values["type"]) == found.total


def test_facets_of_a_question_are_of_the_sections_with_all_its_words(run: Run, write: Write, tmp_path: Path) -> None:
    write("documents/一.txt", "关于登记工作的通知\n\n企业应当登记，学校加强监督，医疗服务下乡，教育公平。\n")
    write("documents/二.txt", "登记监督管理办法\n\n第一条 企业应当登记。\n第二条 学校和医疗机构接受监督。\n")
    build_index(tmp_path / "documents", tmp_path / "index")
    words = "医疗教育企业学校登记监督"
    said = run("search", words, "--facets", "type", "--format", "json")
    found = json.loads(said.stdout)
    assert found["read_as"] == {"kind": "question"}
    assert (found["total"], found["facets_match"]) == (4, "all")
    assert found["facets"] == {"type": [{"value": "通知", "sections": 1, "documents": 1}]}
    assert "The facets count only the sections that have all of its words." in said.stderr
    said = run("search", words + "宇航员", "--facets", "type", "--format", "json")
    found = json.loads(said.stdout)
    assert (found["total"], found["facets_match"]) == (4, "any")
    assert sum(one["sections"] for one in found["facets"]["type"]) == 4
    assert "The facets count" not in said.stderr


def test_facets_are_printed_in_text_and_json(run: Run, folder: Path) -> None:
    found = json.loads(
        run("search", "营商环境", "-i", folder, "--facets", "year,type", "-n", "1", "--format", "json").stdout
    )
    assert list(found["facets"]) == ["year", "type"]
    assert list(found["facets"]["type"][0]) == ["value", "sections", "documents"]
    assert sum(one["sections"] for one in found["facets"]["type"]) == found["total"]
    text = run("search", "营商环境", "-i", folder, "--facets", "type", "-n", "1").stdout
    (row,) = (line.split() for line in text.splitlines() if line.startswith("通知"))
    (value,) = (one for one in found["facets"]["type"] if one["value"] == "通知")
    assert row == ["通知", str(value["sections"]), str(value["documents"])]


def test_what_is_no_facet_is_an_error(run: Run, folder: Path) -> None:
    for arguments in (("--facets", "colour"), ("--facets", ""), ("--facets", "year", "--format", "csv")):
        said = run("search", "营商环境", "-i", folder, *arguments)
        assert said.returncode == 2
        assert "facet" in said.stderr
    with policysearch.open_index(folder, prepare=False) as index, pytest.raises(InputError, match="colour"):
        index.search("营商环境", facets=("colour",))


def test_options_alone_are_a_query(run: Run, folder: Path) -> None:
    with policysearch.open_index(folder, prepare=False) as index:
        typed = index.search("type:通知 level:省级", limit=None)
        given = index.search("", filters={"type": "通知", "level": "省级"}, limit=None)
        assert typed.total
        assert [hit.section_id for hit in given] == [hit.section_id for hit in typed]
        assert {hit.score for hit in given} == {0.0}
        assert given.total_exact == given.total
        assert index.search(" ", filters={"type": "通知"}, plain=True).total == index.search("type:通知").total
        assert index.search("", facets=("year",)).total == index.info["sections"]
        with pytest.raises(QueryError, match="empty"):
            index.search("", filters={"type": "通知"}, exact=True)
        with pytest.raises(QueryError, match="empty"):
            index.search("")
    said = run("search", "--type", "通知", "-i", folder, "--format", "json")
    assert said.returncode == 0
    assert json.loads(said.stdout)["query"] == ""
    assert run("search", "--type", "公报", "-i", folder).returncode == 1
    assert run("search", "-i", folder).returncode == 2


def test_title_pages_stand_after_sections_with_a_text(write: Write, tmp_path: Path) -> None:
    for year in (2023, 2024):
        title = f"{year}年澜泽市政府工作报告\n——{year}年1月5日在澜泽市第三届人民代表大会第二次会议上\n市长 沈砚秋\n\n"
        body = "各位代表：\n\n一、工作回顾\n\n澜泽市人民代表大会作出决定，澜泽市的工作取得进展。\n\n"
        body += "二、工作安排\n\n澜泽市继续推进工作。\n"
        write(f"documents/{year}.txt", title + body)
    build_index(tmp_path / "documents", tmp_path / "index")
    with policysearch.open_index(tmp_path / "index", prepare=False) as index:
        for match in ("auto", "all", "any", "exact"):
            for query in ("澜泽市", "澜泽市 工作"):
                ids = [hit.section_id for hit in index.search(query, match=match, duplicates="show")]
                titles = [one for one in ids if one.endswith("#1")]
                assert titles
                assert ids[-len(titles) :] == titles, (match, query, ids)
