"""Titles and usual names typed as queries: the document is first, and a title that the index lacks is named."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import Run, build_index

import policysearch

REPORT = """政府工作报告

——{year}年1月10日在{place}第十八届人民代表大会第四次会议上

{place}人民政府县长　李明

各位代表：

现在，我代表政府，向大会报告工作。

一、{before}年工作回顾

新办企业三百户，就业稳定。

二、{year}年工作安排

生产总值增长6%。
"""

TEXTS = {
    "优化营商环境条例.txt": """优化营商环境条例

（2019年10月22日中华人民共和国国务院令第722号公布　自2020年1月1日起施行）

第一条　为了持续优化营商环境，制定本条例。

第二条　各级人民政府应当加强组织领导。
""",
    "省条例.txt": """云麓省优化营商环境条例

（2021年5月6日云麓省第十三届人民代表大会常务委员会第二十次会议通过）

第一条　为了优化营商环境，根据《优化营商环境条例》，制定本条例。

第二条　优化营商环境条例的宣传由司法行政部门负责。优化营商环境条例，优化营商环境条例。
""",
    "民法典.txt": """中华人民共和国民法典

（2020年5月28日第十三届全国人民代表大会第三次会议通过）

第一章　一般规定

第一千零四十一条　婚姻家庭受国家保护。

第一千零四十二条　禁止包办、买卖婚姻和其他干涉婚姻自由的行为。
""",
    "宣传.txt": """云麓省人民政府办公厅关于做好民法典宣传工作的通知

云政办发〔2020〕33号

各市人民政府：

一、充分认识民法典的意义

民法典是民事权利的宣言书。要学习民法典、宣传民法典、实施民法典。

云麓省人民政府办公厅
2020年7月1日
""",
    "纲要.txt": """中华人民共和国国民经济和社会发展第十四个五年规划和2035年远景目标纲要

第一篇　开启新征程

“十四五”时期是新征程的第一个五年。
""",
    "省纲要.txt": """云麓省国民经济和社会发展第十四个五年规划和二〇三五年远景目标纲要

第一章　发展基础

“十四五”规划的实施要加强监督，十四五规划，十四五规划。
""",
    "方案.txt": """松岑县人民政府办公室关于印发松岑县促进就业三年行动方案的通知

松政办〔2024〕3号

各乡镇人民政府：

现将方案印发给你们，请认真贯彻执行。

松岑县人民政府办公室
2024年2月1日

松岑县促进就业三年行动方案

一、总体目标

城镇新增就业累计三千人。
""",
    "市办法.txt": """澜泽市停车场管理办法

（2022年8月10日澜泽市人民政府令第31号公布）

第一条　为了加强停车场管理，制定本办法。

第二条　停车场应当公示价格。
""",
    "杂.txt": """澜泽市人民政府关于当前若干工作的意见

澜政发〔2021〕1号

一、各项工作

优化营商环境条例、停车场管理办法、松岑县促进就业三年行动方案、政府工作报告都要落实。松岑县2024年、2023年的工作，乌海市的工作，
国民经济和社会发展。条例，办法，方案，就业，县政府。

澜泽市人民政府
2021年6月1日
""",
    "县2022.txt": REPORT.format(place="松岑县", year=2022, before=2021),
    "县2024.txt": REPORT.format(place="松岑县", year=2024, before=2023),
    "国2024.txt": REPORT.format(place="全国", year=2024, before=2023)
    .replace("全国人民政府县长", "国务院总理")
    .replace("全国第", "第"),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    sources = tmp_path_factory.mktemp("titles")
    for name, text in TEXTS.items():
        (sources / name).write_text(text, encoding="utf-8")
    return build_index(sources, tmp_path_factory.mktemp("index") / "index")


@pytest.fixture(scope="module")
def index(folder: Path) -> Iterator[policysearch.Index]:
    with policysearch.open_index(str(folder)) as opened:
        yield opened


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("优化营商环境条例", "优化营商环境条例.txt"),
        ("《优化营商环境条例》", "优化营商环境条例.txt"),
        ("優化營商環境條例", "优化营商环境条例.txt"),
        ("云麓省优化营商环境条例", "省条例.txt"),
        ("中华人民共和国民法典", "民法典.txt"),
        ("民法典", "民法典.txt"),
        ("《民法典》", "民法典.txt"),
        ("十四五规划", "纲要.txt"),
        ("第十四个五年规划纲要", "纲要.txt"),
        ("云麓省十四五规划", "省纲要.txt"),
        ("2024年政府工作报告", "国2024.txt"),
        ("国务院2024年政府工作报告", "国2024.txt"),
        ("松岑县2024年政府工作报告", "县2024.txt"),
        ("2024年松岑县政府工作报告", "县2024.txt"),
        ("松岑县人民政府2022年政府工作报告", "县2022.txt"),
        ("松岑县 2022年 政府工作报告", "县2022.txt"),
        ("二〇二二年松岑县政府工作报告", "县2022.txt"),
        ("松岑县政府工作报告", "县2024.txt"),
        ("松岑县人民政府办公室关于印发松岑县促进就业三年行动方案的通知", "方案.txt"),
        ("关于印发松岑县促进就业三年行动方案的通知", "方案.txt"),
        ("《关于印发〈松岑县促进就业三年行动方案〉的通知》", "方案.txt"),
        ("印发促进就业三年行动方案的通知", "方案.txt"),
        ("松岑县促进就业三年行动方案", "方案.txt"),
        ("促进就业三年行动方案", "方案.txt"),
        ("停车场管理办法", "市办法.txt"),
        ("民法典全文", "民法典.txt"),
        ("民法典（2020年）", "民法典.txt"),
        ("“十四五”规划", "纲要.txt"),
        ("《“十四五”规划》", "纲要.txt"),
        ("云麓省“十四五”规划纲要", "省纲要.txt"),
        ("国家十四五规划", "纲要.txt"),
        ("2024年政府工作报告全文", "国2024.txt"),
        ("政府工作报告2024", "国2024.txt"),
        ("政府工作报告（2024年）", "国2024.txt"),
        ("松岑县政府工作报告2022", "县2022.txt"),
        ("松岑县人民政府2022年工作报告", "县2022.txt"),
        ("关于当前若干工作的意见", "杂.txt"),
    ],
)
def test_the_document_of_a_title_is_first(index: policysearch.Index, query: str, first: str) -> None:
    answer = index.search(query, limit=None)
    hit = answer.hits[0]
    assert (hit.document_id, hit.cited) == (first, "self")
    assert answer.read_as == {
        "kind": "citation",
        "document_id": first,
        "section_ids": [hit.section_id],
        "numbers": [],
    }
    assert answer.match == "all"
    assert not answer.relaxed
    assert [one.score for one in answer] == sorted((one.score for one in answer), reverse=True)
    words = {one.section_id for one in index.search(query, match="all", limit=None)}
    named = {one.section_id for one in answer if one.cited}
    assert {one.section_id for one in answer} == words | named
    assert answer.total == len(answer.hits)
    assert index.ids(query) == sorted(index.ids(query), key=lambda one: (one.split("#")[0], int(one.split("#")[1])))
    assert set(index.ids(query)) == words | named
    document = index.search(query, group="document", limit=1).hits[0]
    assert (document.document_id, document.cited) == (first, "self")
    assert document.sections == sum(one.document_id == first for one in answer)


def test_pages_of_an_answer_are_parts_of_it(index: policysearch.Index) -> None:
    whole = [hit.section_id for hit in index.search("优化营商环境条例", limit=None)]
    assert [index.search("优化营商环境条例", limit=1, offset=i).hits[0].section_id for i in range(len(whole))] == whole


@pytest.mark.parametrize(
    "query",
    [
        "优化营商环境",
        "政府工作报告",
        "三年行动方案",
        "营商环境条例宣传",
        "条例",
        "办法",
        "就业方案",
        "促进就业",
        "通知",
    ],
)
def test_a_subject_is_no_title(index: policysearch.Index, query: str) -> None:
    answer = index.search(query)
    assert (answer.read_as, answer.remarks) == (None, ())
    assert answer.total == index.search(query, match=answer.match).total


@pytest.mark.parametrize("match", ["all", "any", "exact"])
def test_only_auto_reads_titles(index: policysearch.Index, match: str) -> None:
    assert index.search("民法典", match=match).read_as is None
    assert index.search("“民法典”").read_as is None
    assert index.search("“民法典” 规划").read_as is None
    assert index.search("“十四五” 规划").read_as is None
    assert index.search("民法典 OR 条例").read_as is None


@pytest.mark.parametrize(
    "query",
    [
        "乌海市2023年政府工作报告",
        "松岑县2023年政府工作报告",
        "2019年政府工作报告",
        "关于印发飞艇三年行动方案的通知",
        "《飞艇与热气球管理》",
        "云麓省飞艇管理条例",
    ],
)
def test_a_title_that_the_index_lacks_is_named(index: policysearch.Index, query: str) -> None:
    answer = index.search(query)
    assert answer.remarks == (f"No document is called '{query}'; read as words.",)
    assert answer.read_as in (None, {"kind": "question"})
    assert answer.to_dict()["remarks"] == list(answer.remarks)
    assert json.loads(answer.to_json())["remarks"] == list(answer.remarks)
    assert "remarks" not in index.search("优化营商环境").to_dict()


def test_filters_hold_for_the_document_too(index: policysearch.Index) -> None:
    assert index.search("优化营商环境条例 region:云麓省").hits[0].document_id == "省条例.txt"
    kept = index.search("松岑县政府工作报告", filters={"year": "2022"})
    assert [hit.document_id for hit in kept if hit.cited] == ["县2022.txt"]


def test_a_version_and_short_forms_of_laws_are_names(tmp_path: Path) -> None:
    law = (
        "中华人民共和国民事诉讼法\n\n（{}全国人民代表大会常务委员会{}）\n\n第一条　为了保护当事人，制定本法。\n\n"
        "第二条　本法适用于{}。\n"
    )
    on_law = "最高人民法院关于适用《中华人民共和国民事诉讼法》的解释\n\n第一条　民事诉讼法的解释，法院应当执行。\n"
    (tmp_path / "a").mkdir()
    for name, text in {
        "旧.txt": law.format("2007年10月28日", "修正", "旧的诉讼"),
        "新.txt": law.format("2021年12月24日", "修正", "各种诉讼"),
        "解释.txt": on_law,
    }.items():
        (tmp_path / "a" / name).write_text(text, encoding="utf-8")
    with policysearch.open_index(build_index(tmp_path / "a", tmp_path / "index")) as opened:
        for query, first in (
            ("民事诉讼法", "新.txt"),
            ("民诉法", "新.txt"),
            ("民事诉讼法（2007年修正）", "旧.txt"),
            ("《中华人民共和国民事诉讼法（2021年修正）》", "新.txt"),
            ("民诉法解释", "解释.txt"),
            ("关于适用民事诉讼法的解释", "解释.txt"),
        ):
            hit = opened.search(query).hits[0]
            assert (hit.document_id, hit.cited) == (first, "self"), query


def test_several_documents_of_a_title_are_named(index: policysearch.Index, folder: Path, run: Run) -> None:
    said = "'松岑县政府工作报告' fits 2 documents; taken as 县2024.txt. Also: 县2022.txt"
    answer = index.search("松岑县政府工作报告")
    assert answer.remarks == (said,)
    assert [hit.cited for hit in answer.hits[:2]] == ["self", "version"]
    assert said in run("search", "-i", folder, "松岑县政府工作报告").stderr
