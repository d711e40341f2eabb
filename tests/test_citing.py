"""Citations of sections, as prose writes them and as CSL-JSON."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

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
def index(tmp_path_factory: pytest.TempPathFactory) -> Index:
    folder = tmp_path_factory.mktemp("citing")
    for name, text in {"采砂法.txt": LAW, "通知.txt": NOTICE}.items():
        (folder / name).write_text(text, encoding="utf-8")
    made: Path = tmp_path_factory.mktemp("index")
    policysearch.index_sources(folder, made)
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
