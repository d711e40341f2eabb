"""Decisions to amend a statute that contain its new text."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import build_index
from metadata_of import metadata_of

import policysearch
from policysearch.citation.cited_names import amended_names

DECISION = """国务院关于修改《灯塔管理条例》的决定
中华人民共和国国务院令
第777号
《国务院关于修改〈灯塔管理条例〉的决定》已经2024年3月1日国务院第26次常务会议通过，现予公布，自2024年5月1日起施行。
总理　陆青禾
2024年3月10日
国务院关于修改《灯塔管理条例》的决定
国务院决定对《灯塔管理条例》作如下修改：
一、将第三条修改为：“国家对灯塔实行统一规划、分级管理。”
二、增加一条，作为第四条：
“第四条　灯塔管理机构应当建立巡查制度，每月至少巡查一次。”
三、将第四条改为第五条，修改为：
“第五条　违反本条例规定，损坏灯塔的，处五千元以上五万元以下的罚款。”
本决定自2024年5月1日起施行。
"""
APPENDED = """《灯塔管理条例》根据本决定作相应修改并对条文序号作相应调整，重新公布。
灯塔管理条例
（2001年6月1日中华人民共和国国务院令第300号公布　根据2024年3月10日《国务院关于修改〈灯塔管理条例〉的决定》修订）
第一条　为了加强灯塔管理，保障航行安全，制定本条例。
第二条　中华人民共和国境内灯塔的设置、维护和管理，适用本条例。
第三条　国家对灯塔实行统一规划、分级管理。
第四条　灯塔管理机构应当建立巡查制度，每月至少巡查一次。
第五条　违反本条例规定，损坏灯塔的，处五千元以上五万元以下的罚款。
第六条　本条例自2001年8月1日起施行。
"""
OLD = """灯塔管理条例
（2001年6月1日中华人民共和国国务院令第300号公布　自2001年8月1日起施行）
第一条　为了加强灯塔管理，保障航行安全，制定本条例。
第二条　中华人民共和国境内灯塔的设置、维护和管理，适用本条例。
第三条　国家对灯塔实行统一管理。
第四条　违反本条例规定，损坏灯塔的，处一千元以上一万元以下的罚款。
第五条　罚款按照规定上缴国库。
第六条　拒绝检查的，依法处理。
第七条　本条例自2001年8月1日起施行。
"""
NOTICE = """松岑市财政局关于灯塔经费的通知
各单位：
根据《灯塔管理条例》第四条，现通知如下。
松岑市财政局
2024年7月1日
"""


def index_of(folder: Path, **texts: str) -> policysearch.Index:
    sources = folder / "sources"
    sources.mkdir(parents=True)
    for name, text in texts.items():
        (sources / f"{name}.txt").write_text(text, "utf-8")
    return policysearch.open_index(build_index(sources, folder / "index"))


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[policysearch.Index]:
    folder = tmp_path_factory.mktemp("amending")
    with index_of(folder, decision=DECISION + APPENDED, old=OLD, notice=NOTICE) as opened:
        yield opened


def first(index: policysearch.Index, query: str) -> tuple[str, tuple[str, ...]]:
    hit = index.search(query).hits[0]
    return hit.document_id, tuple(hit.path)


def test_a_decision_has_its_own_metadata() -> None:
    found = metadata_of(DECISION + APPENDED)
    assert (found.title, found.type) == ("国务院关于修改《灯塔管理条例》的决定", "决定")
    assert (found.document_number, found.date, found.effective) == ("国务院令第777号", "2024-03-10", "2024-05-01")


@pytest.mark.parametrize("article", ["第四条", "第五条"])
def test_a_citation_of_the_statute_finds_its_new_text(index: policysearch.Index, article: str) -> None:
    assert first(index, f"灯塔管理条例{article}") == ("decision.txt", ("灯塔管理条例", article))
    hits = index.search(f"《灯塔管理条例》{article}").hits
    assert [(hit.document_id, hit.cited) for hit in hits if hit.cited == "version"] == [("old.txt", "version")]


def test_articles_of_the_statute_are_none_of_the_decision(index: policysearch.Index) -> None:
    found = index.verify("《国务院关于修改〈灯塔管理条例〉的决定》第四条。《灯塔管理条例》第四条。").claims
    assert [claim.verdict for claim in found] == ["not_found", "found"]
    assert found[1].path == ("灯塔管理条例", "第四条")


def test_quotations_of_the_new_and_of_the_old_text(index: policysearch.Index) -> None:
    new = "《灯塔管理条例》第五条规定：“违反本条例规定，损坏灯塔的，处五千元以上五万元以下的罚款。”"
    old = "《灯塔管理条例》第四条规定：“违反本条例规定，损坏灯塔的，处一千元以上一万元以下的罚款。”"
    claims = {claim.claim: claim for claim in index.verify(new + old).claims if claim.kind == "quote"}
    (now, then) = claims.values()
    assert (now.verdict, now.section_id) == ("verbatim", first_id(index, "灯塔管理条例第五条"))
    assert (then.verdict, then.superseded_by) == ("superseded", "decision.txt")


def first_id(index: policysearch.Index, query: str) -> str:
    return index.search(query).hits[0].section_id


def test_the_decision_amends_the_old_text_and_others_cite_the_new_one(index: policysearch.Index) -> None:
    edges = {(one.section_id.partition("#")[0], one.relation, one.document_id) for one in index.citations()}
    assert ("decision.txt", "修改", "old.txt") in edges
    assert ("notice.txt", "依据", "decision.txt") in edges


def test_a_decision_without_the_new_text_is_not_the_statute(tmp_path: Path) -> None:
    with index_of(tmp_path / "both", decision=DECISION, old=OLD) as index:
        assert first(index, "灯塔管理条例第四条")[0] == "old.txt"
        claim = index.verify("“违反本条例规定，损坏灯塔的，处一千元以上一万元以下的罚款。”").claims[0]
        assert (claim.verdict, claim.superseded_by) == ("verbatim", None)
    with index_of(tmp_path / "alone", decision=DECISION) as index:
        assert [claim.verdict for claim in index.verify("《灯塔管理条例》第四条。").claims] == ["not_in_collection"]


def test_the_statute_itself_comes_before_a_decision_of_its_day(tmp_path: Path) -> None:
    new = APPENDED.partition("\n")[2]
    with index_of(tmp_path, decision=DECISION + APPENDED, old=OLD, statute=new) as index:
        assert first(index, "灯塔管理条例第五条")[0] == "statute.txt"
        assert [claim.verdict for claim in index.verify("《灯塔管理条例》第五条。").claims] == ["found"]


def test_each_of_several_statutes_below_a_decision_has_its_articles(tmp_path: Path) -> None:
    text = """松岑市人民政府关于修改部分政府规章的决定
松岑市人民政府决定对下列政府规章作出修改：
一、对《松岑市灯塔办法》作出修改
将第三条修改为：“灯塔由市交通局管理，市交通局应当定期巡查灯塔并向社会公布结果。”
二、松岑市渡船办法
删去第三条。
本决定自2024年7月1日起施行。
上述规章根据本决定作相应修改，重新公布。
松岑市灯塔办法
第一条　为了保护灯塔，制定本办法。
第二条　本市灯塔适用本办法。
第三条　本办法自2010年7月1日起施行。
松岑市渡船办法
第一条　为了保障渡船安全，制定本办法。
第二条　本市渡船适用本办法。
第三条　本办法自2012年7月1日起施行。
"""
    path = tmp_path / "a.txt"
    path.write_text(text, "utf-8")
    (document,) = policysearch.read_documents(path)
    assert isinstance(document, policysearch.Document)
    articles = [section.path for section in document.sections if section.number and section.number.endswith("条")]
    assert articles == [(name, f"第{n}条") for name in ("松岑市灯塔办法", "松岑市渡船办法") for n in "一二三"]
    assert document.effective == "2024-07-01"


@pytest.mark.parametrize(
    ("title", "names"),
    [
        ("某市人民政府关于修改《甲办法》等二部规章的决定", ("甲办法",)),
        ("全国人民代表大会常务委员会关于修改《中华人民共和国甲法》、《中华人民共和国乙法》的决定", ("甲法", "乙法")),
        ("关于修改甲条例部分条款的决定", ("甲条例",)),
        ("国务院关于修改部分行政法规的决定", ()),
        ("某市关于修改工作机制的决定", ()),
        ("甲条例", ()),
    ],
)
def test_the_statutes_that_a_decision_amends(title: str, names: tuple[str, ...]) -> None:
    assert amended_names(title) == names
