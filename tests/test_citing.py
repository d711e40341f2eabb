"""Citations of sections, as prose writes them and as CSL-JSON."""

from __future__ import annotations

import json
import os
import sys
import time
import warnings
from pathlib import Path
from typing import Any

import pytest
from conftest import Run, build_index

import policysearch
from policysearch.citation.citing import citation, csl_item
from policysearch.index import Index

LAW = """中华人民共和国河道采砂法
（2007年6月29日第十届全国人民代表大会常务委员会第二十八次会议通过
根据2012年12月28日第十一届全国人民代表大会常务委员会第三十次会议《关于修改〈中华人民共和国河道采砂法〉的决定》修正）
第一章　总则
第一条　为了保护河道，制定本法。
第二条　在河道采砂，适用本法。
第二章　许可
第三条　采砂应当取得许可。
第三条之一　许可不得转让。
"""
NOTICE = """国务院办公厅关于整治河道采砂的通知
国办发〔2018〕226号
各省、自治区、直辖市人民政府：
为了整治河道采砂，现通知如下。
一、总体要求
坚持依法整治，分类施策。
二、重点任务
（一）清理船只。对采砂船只逐一登记。
（二）恢复河道。对堆砂场地限期清理。
国务院办公厅
2018年12月24日
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    sources, folder = tmp_path_factory.mktemp("citing"), tmp_path_factory.mktemp("index")
    for name, text in {"采砂 法.txt": LAW, "通知.txt": NOTICE}.items():
        (sources / name).write_text(text, encoding="utf-8")
    return build_index(sources, folder)


@pytest.fixture(scope="module")
def index(made: Path) -> Index:
    return policysearch.open_index(made)


def only(index: Index, query: str) -> Any:
    found = index.search(query, match="exact")
    assert len(found) == 1, [hit.section_id for hit in found]
    return found.hits[0]


@pytest.mark.parametrize(
    ("query", "cited"),
    [
        ("采砂应当取得许可", "《中华人民共和国河道采砂法》（2012年修正）第三条"),
        ("许可不得转让", "《中华人民共和国河道采砂法》（2012年修正）第三条之一"),
        (
            "堆砂场地限期清理",
            "国务院办公厅：《国务院办公厅关于整治河道采砂的通知》，国办发〔2018〕226号，2018年12月24日，第二部分（二）",
        ),
        (
            "坚持依法整治",
            "国务院办公厅：《国务院办公厅关于整治河道采砂的通知》，国办发〔2018〕226号，2018年12月24日，第一部分",
        ),
    ],
)
def test_a_hit_says_how_it_is_cited(index: Index, query: str, cited: str) -> None:
    hit = only(index, query)
    assert hit.citation == hit.to_dict()["citation"] == hit.to_row()["citation"] == cited


def test_a_citation_is_read_as_the_section_that_it_cites(index: Index) -> None:
    for query in ("采砂应当取得许可", "许可不得转让", "堆砂场地限期清理"):
        hit = only(index, query)
        claims = [one for one in index.verify(f"依据{hit.citation}。") if one.kind == "article"]
        assert [(one.verdict, one.section_id) for one in claims] == [("found", hit.section_id)]


def document(**fields: Any) -> dict[str, Any]:
    names = ("title", "type", "issuer", "document_number", "date", "year", "version", "url", "region")
    return {**dict.fromkeys(names), "document_id": "x.txt", "type": "其他", **fields}


@pytest.mark.parametrize(
    ("fields", "path", "cited"),
    [
        pytest.param({}, (), "《x.txt》", id="nothing known"),
        pytest.param(
            {"title": "关于印发《甲办法》的通知"}, (), "《关于印发〈甲办法〉的通知》", id="marks within marks"
        ),
        pytest.param({"title": "《甲办法》解读"}, (), "《〈甲办法〉解读》", id="marks at the beginning"),
        pytest.param({"title": "《甲办法》", "type": "规章"}, (), "《甲办法》", id="marks already"),
        pytest.param(
            {"title": "甲办法（试行）", "type": "规章"}, ("第二条",), "《甲办法（试行）》第二条", id="on trial"
        ),
        pytest.param(
            {"title": "甲法（2018年修正）", "type": "法律"},
            ("第一章 总则", "第2条"),
            "《甲法》（2018年修正）第二条",
            id="a version in the title",
        ),
        pytest.param(
            {"title": "甲法", "type": "法律"}, ("第一章 总则", "第二节 范围"), "《甲法》第一章第二节", id="a chapter"
        ),
        pytest.param(
            {"title": "甲报告", "year": 2024},
            ("2024年工作安排",),
            "《甲报告》，2024年，“2024年工作安排”部分",
            id="headings",
        ),
        pytest.param(
            {"title": "甲报告", "date": "2024-01"},
            ("三、工作", "（一）兴农", "1．种粮"),
            "《甲报告》，2024年1月，第三部分（一）第1点",
            id="points",
        ),
        pytest.param(
            {"title": "甲报告"}, ("三、“十四五”任务", "一是兴农"), "《甲报告》，第三部分第一点", id="points in words"
        ),
        pytest.param({"title": "甲通知"}, ("附件2", "二、程序"), "《甲通知》，附件2第二部分", id="an annex"),
        pytest.param(
            {"title": "甲通知"}, ("附件 2023 年甲方案", "一、目标"), "《甲通知》，附件第一部分", id="a year below 附件"
        ),
        pytest.param({"title": "甲通知"}, ("附件：三年行动计划",), "《甲通知》，附件", id="years below 附件"),
        pytest.param(
            {"title": "甲通知"}, ("甲“三个一”工程",), "《甲通知》，“甲‘三个一’工程”部分", id="quotation marks"
        ),
    ],
)
def test_what_is_known_is_cited(fields: dict[str, Any], path: tuple[str, ...], cited: str) -> None:
    assert citation(document(**fields), path) == cited


def test_an_old_version_is_cited_with_its_year() -> None:
    old = document(title="甲法", type="法律", date="2007-06-29")
    assert citation(old, ("第三条",), dated=True) == "《甲法》（2007年）第三条"
    assert citation({**old, "version": "2012年修正"}, ("第三条",), dated=True) == "《甲法》（2012年修正）第三条"
    assert citation(document(title="甲通知", date="2007-06-29"), dated=True) == "《甲通知》，2007年6月29日"


def test_csl_has_what_is_known_and_nothing_else() -> None:
    assert csl_item(document(), "x.txt#1") == {
        "id": "x.txt#1",
        "type": "report",
        "title": "x.txt",
        "genre": "其他",
        "language": "zh-CN",
    }
    fields = {"title": "甲乙的通知", "type": "通知", "issuer": "甲局、乙局", "document_number": "甲发〔2020〕1号"}
    about = document(**fields, date="2020-03-04", year=2020, url="https://example.org/1", region="甲市")
    assert csl_item(about, "x.txt#3", ("二、程序",)) == {
        "id": "x.txt#3",
        "type": "report",
        "title": "甲乙的通知",
        "author": [{"literal": "甲局"}, {"literal": "乙局"}],
        "publisher": "甲局、乙局",
        "issued": {"date-parts": [[2020, 3, 4]]},
        "number": "甲发〔2020〕1号",
        "genre": "通知",
        "section": "第二部分",
        "URL": "https://example.org/1",
        "jurisdiction": "甲市",
        "language": "zh-CN",
    }


def test_csl_of_a_hit_is_that_of_its_section(index: Index, tmp_path: Path) -> None:
    item = only(index, "采砂应当取得许可").to_csl()
    assert (item["type"], item["title"]) == ("legislation", "中华人民共和国河道采砂法（2012年修正）")
    assert (item["section"], item["issued"]) == ("第三条", {"date-parts": [[2012, 12, 28]]})


def test_a_processor_reads_csl(index: Index) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the processor's own parts
        from citeproc import (  # type: ignore[attr-defined,unused-ignore]
            Citation,
            CitationItem,
            CitationStylesBibliography,
            CitationStylesStyle,
            formatter,
        )
        from citeproc.source.json import CiteProcJSON

        items = [hit.to_csl() for hit in index.search("采砂", limit=None)]
        source = CiteProcJSON(items)
        style = CitationStylesStyle("harvard-cite-them-right", validate=False)
        bibliography = CitationStylesBibliography(style, source, formatter.plain)
        for item in items:
            bibliography.register(Citation([CitationItem(item["id"])]))
        written = [str(entry) for entry in bibliography.bibliography()]
    assert len(written) == len(items) > 4
    notice = next(entry for entry in written if "整治河道采砂" in entry)
    assert "国务院办公厅" in notice
    assert "2018" in notice


def test_commands_cite(run: Run, made: Path) -> None:
    cited = "《中华人民共和国河道采砂法》（2012年修正）第三条"
    found = run("search", "采砂应当取得许可", "--cite", "-i", made)
    assert found.stdout.splitlines()[0] == f"1.  {cited}"
    (item,) = json.loads(run("search", "采砂应当取得许可", "--format", "csl", "-i", made).stdout)
    assert run("show", item["id"], "--cite", "-i", made).stdout == f"{cited}\n"
    assert json.loads(run("show", item["id"], "--format", "csl", "-i", made).stdout) == [item]
    assert json.loads(run("show", item["id"], "--format", "json", "-i", made).stdout)["citation"] == cited
    whole = run("show", item["id"].rpartition("#")[0], "--cite", "-i", made)
    assert whole.stdout == "《中华人民共和国河道采砂法》（2012年修正）\n"


@pytest.mark.parametrize("output_format", ["text", "json", "jsonl", "csv", "tsv"])
def test_full_gives_complete_sections(run: Run, made: Path, index: Index, output_format: str) -> None:
    hit = only(index, "堆砂场地限期清理")
    shown = index.show(hit.section_id)
    assert shown is not None
    text = shown.sections[0]["text"]
    (full,) = index.search("堆砂场地限期清理", full=True)
    assert full.snippet.text == text
    assert [text[a:b] for a, b in full.snippet.spans] == ["堆砂场地限期清理"]
    out = run("search", "堆砂场地限期清理", "--full", "--format", output_format, "-i", made).stdout
    assert "".join(text.split()) in "".join(out.replace("\\n", "").split())


def test_show_says_where_the_file_is_and_what_stands_around(run: Run, made: Path, index: Index) -> None:
    hit = only(index, "堆砂场地限期清理")
    shown = json.loads(run("show", hit.section_id, "--context", "1", "--format", "json", "-i", made).stdout)
    assert Path(shown["file"]).read_text(encoding="utf-8") == NOTICE
    around = [one["section_id"] for one in shown["around"]]
    assert around == [one for one in (shown["before"], shown["after"]) if one]
    said = run("show", hit.section_id, "--context", "1", "-i", made).stdout
    assert shown["file"] in said
    assert "对采砂船只逐一登记" in said
    law = next(iter(index.search("采砂应当取得许可", match="exact"))).document_id
    assert "%20" in law
    found = index.show(law)
    assert found is not None
    assert found.file is not None
    assert Path(found.file).name == "采砂 法.txt"


def test_show_opens_the_source(run: Run, made: Path, tmp_path: Path) -> None:
    opener = tmp_path / "bin" / "xdg-open"
    opener.parent.mkdir()
    opener.write_text(f'#!/bin/sh\necho "$1" > "{tmp_path}/opened"\n')
    opener.chmod(0o755)
    path = f"{opener.parent}{os.pathsep}{os.environ['PATH']}"
    done = run("show", "通知.txt", "--open", "-i", made, PATH=path)
    assert (done.returncode, done.stdout) == (0, "")
    if sys.platform == "linux":
        for _ in range(100):  # it is started, not waited for
            if (tmp_path / "opened").exists() and (tmp_path / "opened").read_text().strip():
                break
            time.sleep(0.05)
        assert (tmp_path / "opened").read_text().strip() == done.stderr.strip()
