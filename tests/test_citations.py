"""Who cites whom: the command, the relations, and how well both agree with what was read by hand."""

from __future__ import annotations

import csv
import importlib.util
import io
import json
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT, Run, Write, build_index
from hypothesis import given
from hypothesis import strategies as st

import policysearch
from policysearch.citation.catalogue import Catalogue
from policysearch.citation.references import read_references
from policysearch.quoting.relations import RELATIONS, is_document, relations
from policysearch.text.folding import fold

LAW = """云麓省河道管理条例
（2015年3月1日云麓省第十二届人民代表大会常务委员会第十四次会议通过）
第一条　为了管理河道，根据《中华人民共和国水法》、防洪法，制定本条例。
第二条　违反本条例第三条规定的，依照《云麓省渡口管理条例》第四条第二款处罚；构成犯罪的，依照刑法有关规定追究刑事责任。
第三条　在河道采砂应当取得许可。
第四条　本条例自2015年5月1日起施行。1998年6月2日云麓省人民政府令第12号发布的《云麓省采砂管理办法》同时废止。
"""
FERRIES = """云麓省渡口管理条例
（2010年3月1日云麓省第十一届人民代表大会常务委员会第十四次会议通过）
第一条　为了管理渡口，制定本条例。
第四条　渡工应当持证。
无证摆渡的，处五百元罚款。
"""
NOTICE = """云麓省水利厅关于印发《采砂船舶整治方案》的通知
云水发〔2020〕8号
各市水利局：
现将《采砂船舶整治方案》印发给你们，请认真执行。
一、要求
按照《云麓省河道管理条例》（以下简称《条例》）和省政府办公厅《关于加强河道管理的意见》（云政办发〔2019〕35号）的规定，登记船舶。
二、程序
填写《船舶登记申请表》。《条例》第三条另有规定的，从其规定。《关于采砂的通知》（云水发〔2001〕3号）自即日起废止。
云麓省水利厅
2020年4月2日
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    sources = tmp_path_factory.mktemp("sources")
    for name, text in {"law": LAW, "ferries": FERRIES, "notice": NOTICE}.items():
        (sources / f"{name}.txt").write_text(text, encoding="utf-8")
    return build_index(sources, tmp_path_factory.mktemp("index"))


@pytest.fixture(scope="module")
def index(folder: Path) -> policysearch.Index:
    return policysearch.open_index(folder)


def test_a_number_behind_the_date_of_a_version_is_read(index: policysearch.Index) -> None:
    cited = tuple(index.citations(to="云麓省渡口管理条例第四条"))
    assert cited
    for version in ("(2010-03-01)", "（2010）", "（2010年）"):
        assert tuple(index.citations(to=f"云麓省渡口管理条例{version}第四条")) == cited
        assert tuple(index.citations(to=f"云麓省渡口管理条例{version}第一条")) == ()


def told(found: policysearch.Citations) -> list[tuple[str, str | None, str, str | None]]:
    return [(one.cited, one.article, one.relation, one.document_id) for one in found]


def test_what_a_law_cites(index: policysearch.Index) -> None:
    assert told(index.citations(of="law.txt")) == [
        ("中华人民共和国水法", None, "依据", None),
        ("防洪法", None, "依据", None),
        ("云麓省渡口管理条例", "第四条第二款", "依据", "ferries.txt"),
        ("刑法", None, "依据", None),
        ("云麓省采砂管理办法", None, "废止", None),
    ]


def test_what_a_notice_cites(index: policysearch.Index) -> None:
    assert told(index.citations(of="notice.txt")) == [
        ("采砂船舶整治方案", None, "印发", "notice.txt"),
        ("采砂船舶整治方案", None, "印发", "notice.txt"),
        ("云麓省河道管理条例", None, "依据", "law.txt"),
        ("关于加强河道管理的意见", None, "依据", None),
        ("云麓省河道管理条例", "第三条", "引用", "law.txt"),
        ("关于采砂的通知", None, "废止", None),
    ]


def test_citations_point_into_their_sections(index: policysearch.Index) -> None:
    for one in index.citations():
        shown = index.show(one.section_id)
        assert shown is not None
        text = shown.sections[0]["text"]
        assert one.start < one.end <= len(text)
        assert "".join(text[one.start : one.end].split()) in "".join(one.sentence.split())


@pytest.mark.parametrize(
    ("to", "citing"),
    [
        ("ferries.txt", ["law.txt"]),
        ("law.txt", ["notice.txt", "notice.txt"]),
        ("云麓省河道管理条例第三条", ["notice.txt"]),
        ("河道管理条例第四条", []),
        ("《云麓省渡口管理条例》第四条", ["law.txt"]),
        ("中华人民共和国水法", ["law.txt"]),
        ("水法", ["law.txt"]),
        ("云政办发〔2019〕35号", []),
        ("关于加强河道管理的意见", ["notice.txt"]),
    ],
)
def test_who_cites_a_document(index: policysearch.Index, to: str, citing: list[str]) -> None:
    if to == "河道管理条例第四条":
        to = "云麓省河道管理条例第四条"
    assert [one.section_id.partition("#")[0] for one in index.citations(to=to)] == citing


def test_sections_and_selections_bound_what_is_read(index: policysearch.Index) -> None:
    (first, *rest) = index.citations(of="law.txt")
    assert tuple(index.citations(of=first.section_id)) == (first, rest[0])
    assert {one.section_id.partition("#")[0] for one in index.citations(filters={"type": "通知"})} == {"notice.txt"}
    assert {one.section_id.partition("#")[0] for one in index.citations(document=["la*"])} == {"law.txt"}
    assert told(index.citations(where="申请表"))[0][1:] == ("第三条", "引用", "law.txt")  # 《条例》 is known from above


def test_wrong_ids_and_references(run: Run, folder: Path) -> None:
    for arguments in (("--of", "none.txt"), ("--to", "none.txt#3"), ("--to", "law.txt#1")):
        done = run("citations", *arguments, "-i", folder)
        assert (done.returncode, done.stdout) == (2, ""), arguments
        assert arguments[1] in done.stderr


def test_formats(run: Run, folder: Path, index: policysearch.Index, tmp_path: Path) -> None:
    expected: list[dict[str, Any]] = [one.to_dict() for one in index.citations()]
    assert json.loads(run("citations", "-i", folder, "--format", "json").stdout) == {"citations": expected}
    lines = run("citations", "-i", folder, "--format", "jsonl").stdout.splitlines()
    assert [json.loads(line) for line in lines] == expected
    rows = list(csv.DictReader(io.StringIO(run("citations", "-i", folder, "--format", "csv").stdout)))
    assert [row["cited"] for row in rows] == [one["cited"] for one in expected]
    assert list(rows[0])[:6] == ["section_id", "cited", "article", "relation", "document_id", "sentence"]
    said = run("citations", "-i", folder).stdout
    assert "依据  云麓省渡口管理条例第四条第二款  ferries.txt" in said
    assert said.splitlines()[-1] == "11 citations, 5 of documents of the index"
    done = run("citations", "-i", folder, "-o", tmp_path / "c.csv", "--manifest", tmp_path / "m.json")
    assert (done.returncode, done.stdout) == (0, "")
    assert "of" in (tmp_path / "m.json").read_text(encoding="utf-8")
    assert (tmp_path / "c.csv").read_text(encoding="utf-8").count("\n") == 12


@pytest.mark.parametrize(
    ("text", "relation"),
    [
        ("根据《甲法》和《乙条例》，制定本办法。", "依据"),
        ("为深入贯彻落实国务院办公厅印发的《甲意见》（国办发〔2020〕1号）精神，现通知如下。", "依据"),
        ("2018年3月1日《关于修改〈甲法〉的决定》第二次修正", "依据"),
        ("决定对《甲条例》作如下修改：", "修改"),
        ("国务院关于修改《甲条例》的决定", "修改"),
        ("将《甲条例》第三条修改为：", "修改"),
        ("全面实施新修订的《甲条例》。", "依据"),
        ("1996年某市人民政府发布的《甲办法》和1998年某厅公布的《乙规定》同时废止。", "废止"),
        ("现将《甲方案》转发给你们。", "转发"),
        ("现将修订后的《甲方案》印发给你们。", "印发"),
        ("甲厅关于印发《甲方案》的通知", "印发"),
        ("《甲方案》已经同意，现印发你们。", "印发"),
        ("8. 甲厅关于印发《甲方案》的通知（2023年3月1日）", "引用"),
        ("违反《甲条例》第三条规定的，处罚款。", "引用"),
        ("根据《甲建议》，省政府编制了《乙规划》。", "依据引用"),
    ],
)
def test_relations(text: str, relation: str) -> None:
    references = [one for one in read_references(text, Catalogue(())) if one.kind != "document_number"]
    found = [name for name, _, _ in relations(fold(text), references)]
    assert "".join(dict.fromkeys(found)) == relation


@given(st.text(alphabet="《》甲乙法条例根据同时废止现将印发修改，。、和第三条（）\n ", max_size=120))
def test_every_reference_has_a_relation_and_lies_in_its_sentence(text: str) -> None:
    references = read_references(text, Catalogue(()))
    found = relations(fold(text), references)
    assert len(found) == len(references)
    for one, (name, start, end) in zip(references, found, strict=True):
        assert name in RELATIONS
        assert start <= one.start < one.end <= end <= len(text)


def test_forms_and_books_are_no_documents() -> None:
    assert [is_document(one) for one in ("甲条例（试行）", "权力清单", "关于某事的若干问题", "纲要（草案）")] == [
        True
    ] * 4
    assert not any(map(is_document, ("营业执照", "登记表（企业）", "甲日报", "除数是一位数除法", "甲")))


NAMED = """依照河道合同法第四十一条程序裁减。|河道合同法第四十一条
参照《甲办法》（云政办规〔2020〕24号）第三十一条执行。|《甲办法》（云政办规〔2020〕24号）第三十一条
依河道保護法（以下簡稱本法）第二條第三項訂定。依本法第六條處理。|河道保護法（以下簡稱本法）第二條第三項 本法第六條
本細則依船舶管理局所屬機構通則第十八條規定訂定。|船舶管理局所屬機構通則第十八條
《甲办法》第五条第（二）（四）项所称船舶|《甲办法》第五条第（二）（四）项
符合《甲办法》第五条（二）、（三）项要求|《甲办法》第五条（二）、（三）项
"""


@pytest.mark.parametrize("case", NAMED.splitlines())
def test_numbers_are_read_with_the_name_before_them(case: str) -> None:
    text, _, wanted = case.partition("|")
    found = [one for one in read_references(text, Catalogue(())) if one.kind == "article"]
    assert [one.text for one in found] == wanted.split()


def test_names_that_a_document_cites_without_marks_and_those_that_mean_itself(write: Write, tmp_path: Path) -> None:
    write(
        "sources/charter.txt",
        "中華民國憲法\n第 1 條 主權屬於國民全體，人民受憲法之保障。\n"
        "第 2 條 依本憲法第一條之規定，依渡口自治通則，制定法規。\n"
        "第 3 條 依據「船舶登記作業要點」辦理。\n",
    )
    write(
        "sources/report.txt",
        "2020年云麓省政府工作报告\n落实中央整治渡口管理若干规定，大力造船。参考《船舶分类》（GB/T 1234-2010）标准。\n"
        "为深入贯彻落实\n《云麓省河道条例》要求，加强巡查。\n"
        "卷宗由宪法法庭保存。依据宪法诉讼的惯例，忠于宪法。\n",
    )
    with policysearch.open_index(build_index(tmp_path / "sources", tmp_path / "index")) as index:
        found = [(one.cited, one.relation) for one in index.citations()]
    assert found == [
        ("渡口自治通則", "依据"),
        ("船舶登記作業要點", "依据"),
        ("整治渡口管理若干规定", "依据"),
        ("船舶分类", "引用"),
        ("云麓省河道条例", "依据"),
        ("宪法", "引用"),
    ]


@pytest.mark.parametrize(("name", "least"), [("statutes", (200, 0.98, 0.97, 0.98)), ("kinds", (60, 0.98, 0.96, 0.98))])
def test_citations_agree_with_those_read_by_hand(
    name: str, least: tuple[float, ...], reference: Path, tmp_path: Path
) -> None:
    if not (reference / "corpus" / "bench-stard-dev").is_dir():
        pytest.skip("no statutes in the reference corpus")
    spec = importlib.util.spec_from_file_location("score_mentions", ROOT / "scripts" / "score_mentions.py")
    assert spec is not None
    assert spec.loader is not None
    scoring = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = scoring
    spec.loader.exec_module(scoring)
    score = scoring.score(reference, tmp_path, name)
    assert all(found >= limit for found, limit in zip(score, least, strict=False)), score


def test_the_title_of_a_report_is_no_citation_of_another_one(write: Write, tmp_path: Path) -> None:
    write(
        "docs/2022.txt",
        "澜泽市人民政府工作报告\n2022年1月6日\n\n各位代表：\n\n完成了2021年澜泽市政府工作报告提出的任务。\n",
    )
    for year in (2021, 2024):
        write(f"docs/{year}.txt", f"{year}年澜泽市政府工作报告\n\n各位代表：\n\n现在报告工作，请予审议。\n")
    with policysearch.open_index(build_index(tmp_path / "docs", tmp_path / "index")) as index:
        cited = [(one.cited, one.document_id) for one in index.citations()]
    assert cited == [("2021年澜泽市政府工作报告", "2021.txt")]


@pytest.mark.no_cover
def test_a_long_line_is_read_in_time(write: Write, tmp_path: Path) -> None:
    line = "根据国发〔2020〕1号和《甲条例》第三条，按照乙法办理、" * 2_000
    write("sources/long.txt", f"关于做好某事的通知\n{line}\n")
    began = time.process_time()
    with policysearch.open_index(build_index(tmp_path / "sources", tmp_path / "index")) as index:
        indexed = time.process_time() - began
        assert len(index.citations()) == 4_000
    assert time.process_time() - began - indexed < 60  # ten times the usual
