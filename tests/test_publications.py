"""Communiqués, plans and reports that a draft names without 《》, as the sources of its quotations."""

from __future__ import annotations

import pytest
from conftest import build_index

import policysearch

COMMUNIQUE = """{place}{year}年国民经济和社会发展统计公报

{office}统计局

{next}年2月28日

一、综合

初步核算，全年地区生产总值{figure}亿元，比上年增长{growth}%。
"""
PLAN = """{place}国民经济和社会发展第十四个五年规划和2035年远景目标纲要

第一章　发展环境

{text}
"""
CONGRESS = """高举旗帜团结奋斗
——在中国共产党第二十次全国代表大会上的报告

一、工作回顾

加快发展新质农具和山区小型机械，推动农业机械化提档升级。
"""


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> policysearch.Index:
    sources = tmp_path_factory.mktemp("sources")
    nation = {"place": "中华人民共和国", "office": "国家"}
    texts = {
        "国23.txt": COMMUNIQUE.format(**nation, year=2023, next=2024, figure=1234567, growth="5.2"),
        "国22.txt": COMMUNIQUE.format(**nation, year=2022, next=2023, figure=1198765, growth="3.1"),
        "海23.txt": COMMUNIQUE.format(place="海南省", office="海南省", year=2023, next=2024, figure=7551, growth="9.2"),
        "国十四五.txt": PLAN.format(place="中华人民共和国", text="制造业比重保持基本稳定，巩固壮大实体经济根基。"),
        "海十四五.txt": PLAN.format(place="海南省", text="热带特色高效农业提质增效，渔业走向深海岸上。"),
        "报告.txt": CONGRESS,
    }
    for name, text in texts.items():
        (sources / name).write_text(text, encoding="utf-8")
    return policysearch.open_index(build_index(sources, tmp_path_factory.mktemp("index")))


OF_2023, OF_2022, OF_HAINAN = "生产总值1234567亿元，比上年", "生产总值1198765亿元，比上年", "生产总值7551亿元，比上年"
NATIONAL, LOCAL = "巩固壮大实体经济根基", "热带特色高效农业提质增效"
REPORT = "推动农业机械化提档升级"


@pytest.mark.parametrize(
    ("named", "quotation", "attribution"),
    [
        ("2023年国民经济和社会发展统计公报", OF_2023, "right"),
        ("2022年国民经济和社会发展统计公报", OF_2023, "other"),
        ("2022年国民经济和社会发展统计公报", OF_2022, "right"),
        ("2021年国民经济和社会发展统计公报", OF_2022, "other"),
        ("2023年统计公报", OF_2023, "right"),
        ("国家统计局2023年统计公报", OF_2023, "right"),
        ("海南省2023年统计公报", OF_HAINAN, "right"),
        ("2023年海南省国民经济和社会发展统计公报", OF_HAINAN, "right"),
        ("2023年海南省国民经济和社会发展统计公报", OF_2023, "other"),
        ("十四五规划纲要", NATIONAL, "right"),
        ("“十四五”规划", NATIONAL, "right"),
        ("国家“十四五”规划和2035年远景目标纲要", NATIONAL, "right"),
        ("第十四个五年规划纲要", NATIONAL, "right"),
        ("海南省十四五规划纲要", LOCAL, "right"),
        ("十四五规划纲要", LOCAL, "other"),
        ("十三五规划纲要", NATIONAL, "other"),
        ("党的二十大报告", REPORT, "right"),
        ("二十大报告", NATIONAL, "other"),
        ("党的第二十次全国代表大会报告", REPORT, "right"),
        ("十九大报告", REPORT, "other"),
        ("“十四五”规划建议", NATIONAL, "none"),
        ("十四五期间的规划", NATIONAL, "none"),
    ],
)
def test_a_publication_is_the_source_of_a_quotation(
    index: policysearch.Index, named: str, quotation: str, attribution: str
) -> None:
    for draft in (f"{named}指出，“{quotation}”。", f"据{named}，“{quotation}”。"):
        (claim,) = index.verify(draft)
        assert claim.attribution == attribution
        assert claim.verdict == ("elsewhere" if attribution == "other" else "verbatim")
    (claim,) = index.verify_quote(quotation, named)
    if attribution == "right":
        assert (claim.verdict, claim.attribution) == ("verbatim", "right")


def test_a_publication_of_a_kind_that_is_not_indexed_is_no_source(index: policysearch.Index) -> None:
    (claim,) = index.verify(f"十九大报告指出，“{NATIONAL}”。", filters={"type": "规划"})
    assert (claim.verdict, claim.attribution) == ("verbatim", "none")
