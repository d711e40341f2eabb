"""Drafts: the claims that are found in them, and the verdict on each."""

from __future__ import annotations

import csv
import io
import json
import re
import time
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import pytest
from conftest import Run, Write, build_index
from hypothesis import example, given
from hypothesis import strategies as st

import policysearch
from policysearch import Claim, InputError, Verification
from policysearch.output.labels import labelled
from policysearch.quoting.alignment import Change, changes_between, closest, comparable, notable_changes
from policysearch.quoting.claims import blanked, find_quotations, parts_of
from policysearch.quoting.draft import read_draft
from policysearch.quoting.emphasis import mark_spans
from policysearch.quoting.note_marks import without_spans

OLD_LAW = """云麓省渡口管理条例

（2012年3月28日云麓省第十一届人民代表大会常务委员会第三十次会议通过）

第一条　为了加强渡口管理，保障人民群众生命财产安全，制定本条例。

第二条　渡船载客定额由登记机关核定，不得超过二十人。

第三条　渡口经营者应当每季度检查一次救生设备，并作出记录。

第四条　违反本条例第三条规定的，处五百元以上二千元以下罚款。

第五条　本条例自公布之日起施行。
"""

NEW_LAW = """云麓省渡口管理条例

（2012年3月28日云麓省第十一届人民代表大会常务委员会第三十次会议通过
2021年7月30日云麓省第十三届人民代表大会常务委员会第三十二次会议修订）

第一条　为了加强渡口管理，保障人民群众生命财产安全，制定本条例。

第二条　渡船载客定额由登记机关核定，不得超过十二人。

第三条　渡口经营者应当每月检查一次救生设备，并作出记录。

第四条　违反本条例第三条规定的，处五百元以上五千元以下罚款。
"""

REPORT = """{year}年澜泽市政府工作报告

——{year}年1月10日在澜泽市第九届人民代表大会第四次会议上

澜泽市市长　钟岚

各位代表：

现在，我代表市人民政府，向大会报告工作，请予审议。

一、工作回顾

{review}

二、工作安排

{plan}
"""

NOTICE = """云麓省人民政府办公厅关于做好渡口安全工作的通知

云政办发〔2022〕35号

各市人民政府：

一、总体要求

坚持“人民至上、生命至上”，全面排查渡口安全隐患，确保渡运平稳有序。

二、重点任务

（一）开展拉网式排查。对客渡船、汽渡船逐一登记造册，建立台账，
限期整改。

（二）严格恶劣天气禁航制度。遇六级以上大风一律停航，严禁冒险航行。

云麓省人民政府办公厅
2022年4月2日
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    sources = tmp_path_factory.mktemp("sources")
    texts = {
        "条例2012.txt": OLD_LAW,
        "条例2021.txt": NEW_LAW,
        "报告2023.txt": REPORT.format(
            year=2023,
            review="全年新建渡口十一处，改造码头泊位三十六个，水上交通事故起数下降40%。",
            plan="新增城镇就业3.2万人，地区生产总值增长6.5%左右，持续改善内河航道通航条件。",
        ),
        "报告2024.txt": REPORT.format(
            year=2024,
            review="全年新增城镇就业3.4万人，内河货运量突破两千万吨，群众出行更加便捷。",
            plan="地区生产总值增长6%左右，全面推行渡船电动化改造，启用智慧渡口调度平台。",
        ),
        "通知.txt": NOTICE,
    }
    for name, text in texts.items():
        (sources / name).write_text(text, encoding="utf-8")
    return build_index(sources, tmp_path_factory.mktemp("index"))


@pytest.fixture(scope="module")
def index(folder: Path) -> policysearch.Index:
    return policysearch.open_index(folder)


def only_quote(found: Verification) -> Claim:
    (claim,) = (claim for claim in found if claim.kind == "quote")
    return claim


@pytest.mark.parametrize(
    ("draft", "verdict", "section"),
    [
        pytest.param("“渡口经营者应当每月检查一次救生设备”", "verbatim", "条例2021.txt#4", id="word for word"),
        pytest.param("「渡口經營者應當每月檢查一次救生設備」", "folded", "条例2021.txt#4", id="traditional"),
        pytest.param('他说："地区生产总值增长６％左右"', "folded", "报告2024.txt#4", id="straight marks, full width"),
        pytest.param(
            "“渡口经营者应当每月检查一次救生设备。”", "verbatim", "条例2021.txt#4", id="another mark at the end"
        ),
        pytest.param("“坚持‘人民至上、生命至上’，全面排查”", "verbatim", "通知.txt#3", id="inner marks"),
        pytest.param("“坚持人民至上、生命至上，全面排查渡口”", "verbatim", "通知.txt#3", id="inner marks left out"),
        pytest.param("“渡口经营者应当每月……并作出记录”", "verbatim", "条例2021.txt#4", id="ellipsis"),
        pytest.param("“渡口经营者应当（略）并作出记录”", "verbatim", "条例2021.txt#4", id="left out"),
        pytest.param("“渡口经营者〔含船主〕应当每月检查一次救生设备”", "verbatim", "条例2021.txt#4", id="inserted"),
        pytest.param("“渡口经营者应当\n每月检查一次\n救生设备”", "folded", "条例2021.txt#4", id="over lines"),
        pytest.param("“渡口经营者应当\n— 7 —\n每月检查一次救生设备”", "folded", "条例2021.txt#4", id="over pages"),
        pytest.param("“逐一登记造册，建立台账，限期整改”", "verbatim", "通知.txt#5", id="joined lines of the source"),
        pytest.param("“建立台账，限期整改。（二）严格恶劣天气”", "folded", "通知.txt#5", id="into the next section"),
        pytest.param(
            "> 渡口经营者应当每月检查一次救生设备，\n> 并作出记录。\n", "folded", "条例2021.txt#4", id="block"
        ),
        pytest.param("“渡口经营者应当**每月**检查一次救生设备”", "verbatim", "条例2021.txt#4", id="emphasis"),
        pytest.param("“渡口经营者应当每周检查一次救生设备”", "differs", "条例2021.txt#4", id="another word"),
        pytest.param("“遇六级以下大风一律停航，严禁冒险航行”", "differs", "通知.txt#6", id="以下 for 以上"),
        pytest.param(
            "“渡口经营者应当每季度检查一次救生设备”", "superseded", "条例2012.txt#4", id="an old version only"
        ),
        pytest.param("“全省渡口一律改建为跨江大桥并免费通行”", "not_found", None, id="nowhere"),
    ],
)
def test_a_quotation_has_its_verdict(index: policysearch.Index, draft: str, verdict: str, section: str | None) -> None:
    claim = only_quote(index.verify(draft))
    assert (claim.verdict, claim.section_id) == (verdict, section)
    assert claim.superseded_by == ("条例2021.txt" if verdict == "superseded" else None)
    assert bool(claim.changes) == (verdict == "differs")


@pytest.mark.parametrize(
    ("written", "claim"),
    [
        pytest.param("增长*按可比价格", None, id="a lone mark"),
        pytest.param("增长~~按可比价格`计算", None, id="others"),
        pytest.param("增长* 按可比价格 *计算", None, id="marks beside spaces"),
        pytest.param("增长**按可比价格*", None, id="of different lengths"),
        pytest.param("a__b和c__init", None, id="underscores"),
        pytest.param("增长*按可比\n\n价格*", None, id="in different paragraphs"),
        pytest.param("增长**按可比**价格", "增长按可比价格", id="strong"),
        pytest.param("增长*按*可比***价***格", "增长按可比价格", id="emphasis"),
        pytest.param("***增长*按可比**价格", "增长按可比价格", id="three that end one by one"),
        pytest.param("**增长*按可比*价格**", "增长按可比价格", id="one in another"),
        pytest.param("增长*按**可比价格*", "增长按**可比价格", id="a lone one in a pair"),
        pytest.param("增长`按*可比`价格*", "增长按*可比价格*", id="code"),
        pytest.param("增长``按`可比``价格", "增长按`可比价格", id="code with a mark"),
        pytest.param("增长~~按可比~~价格__计算__", "增长按可比价格计算", id="struck out"),
        pytest.param("增长\\*按可比*价格", "增长*按可比*价格", id="a backslash"),
    ],
)
def test_marks_of_markdown_are_left_out_in_pairs(written: str, claim: str | None) -> None:
    assert without_spans(written, mark_spans(written)) == (claim or written)
    (found,) = find_quotations(f"*报告*指出“{written}”。", min_length=1)
    assert found.claim == (claim or written)
    assert found.with_marks == (written if claim else None)


def test_a_mark_pairs_with_one_outside_the_quotation() -> None:
    (found,) = find_quotations("**报告指出“渡口经营者**应当每月检查”。", min_length=1)
    assert (found.claim, found.with_marks) == ("渡口经营者应当每月检查", "渡口经营者**应当每月检查")


def test_many_marks_take_no_longer() -> None:
    hostile = "".join(f"a{'*' * (1 + i % 3)}{'`' * (i % 40)}{'~' * (i % 3)}__b" for i in range(20_000))
    start = time.perf_counter()
    mark_spans(hostile)
    mark_spans("*a" * 50_000 + " *" * 50_000)
    assert time.perf_counter() - start < 5


def test_a_quotation_with_marks_that_stand_in_its_source_is_word_for_word(tmp_path: Path) -> None:
    lone, pair = "本表数据为初步核算数，同比增长*按可比价格计算", "其中*号表示初步核算，另一*号表示快报数据"
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "公报.txt").write_text(f"统计公报\n{lone}。\n{pair}。\n", encoding="utf-8")
    with policysearch.open_index(build_index(tmp_path / "sources", tmp_path / "index")) as index:
        for written in (lone, pair):
            draft = f"报告指出“{written}”。\n"
            claim = only_quote(index.verify(draft))
            assert (claim.verdict, claim.claim) == ("verbatim", written)
            assert draft[claim.start : claim.end] == written
        assert only_quote(index.verify(f"“{lone.replace('核算', '**核算**')}”")).verdict == "verbatim"
        assert only_quote(index.verify(f"“{lone.replace('*', '**')}”")).verdict == "differs"


@pytest.mark.parametrize(
    ("draft", "verdict", "attribution"),
    [
        pytest.param("2024年澜泽市政府工作报告提出“全面推行渡船电动化改造”", "verbatim", "right", id="report"),
        pytest.param("2023年澜泽市政府工作报告提出“全面推行渡船电动化改造”", "elsewhere", "other", id="another year"),
        pytest.param(
            "澜泽市2024年《政府工作报告》：“地区生产总值增长6.5%左右”", "elsewhere", "other", id="last year's"
        ),
        pytest.param("《云麓省渡口管理条例》第三条规定：“渡口经营者应当每月检查”", "verbatim", "right", id="article"),
        pytest.param(
            "《云麓省渡口管理条例》第二条规定：“渡口经营者应当每月检查”", "elsewhere", "other", id="other article"
        ),
        pytest.param(
            "《云麓省渡口管理条例》第九条规定：“渡口经营者应当每月检查”", "elsewhere", "other", id="no such article"
        ),
        *(
            pytest.param(draft, "verbatim", "right", id=name)
            for draft, name in (
                ("《云麓省渡口管理条例》第三条和第二条规定，“渡口经营者应当每月检查”", "one of two articles"),
                ("“渡口经营者应当每月检查”（《云麓省渡口管理条例》第二条、第三条）", "one of two articles behind"),
                ("竹榭市和澜泽市2024年政府工作报告提出“全面推行渡船电动化改造”", "the report of the second place"),
                ("澜泽市和竹榭市2024年政府工作报告提出“全面推行渡船电动化改造”", "the report of the first place"),
                ("2024年和2023年澜泽市政府工作报告提出“全面推行渡船电动化改造”", "the report of the first year"),
                ("《云麓省渡口管理条例》和《云麓省公路条例》规定“渡口经营者应当每月检查”", "one of two documents"),
            )
        ),
        pytest.param(
            "《云麓省渡口管理条例》第一条和第二条规定：“渡口经营者应当每月检查”", "elsewhere", "other", id="none of two"
        ),
        pytest.param(
            "“渡口经营者应当每月检查”（《云麓省渡口管理条例》第三条）", "verbatim", "right", id="named behind"
        ),
        pytest.param(
            "> 渡口经营者应当每月检查\n> ——《云麓省渡口管理条例》第三条\n", "verbatim", "right", id="below a block"
        ),
        pytest.param(
            "《云麓省渡口管理条例》第三条规定：\n\n> 渡口经营者应当每月检查一次\n",
            "verbatim",
            "right",
            id="above a block",
        ),
        pytest.param("云政办发〔2022〕35号要求“全面排查渡口安全隐患”", "verbatim", "right", id="number"),
        pytest.param("《云麓省公路条例》规定“公路两侧五十米内不得采石”", "not_in_collection", "none", id="not here"),
        pytest.param("《云麓省渡口管理条例》已施行。“全面排查渡口安全隐患”", "verbatim", "none", id="another sentence"),
        pytest.param("“公路两侧五十米内不得采石”", "not_found", "none", id="no source named"),
    ],
)
def test_a_quotation_is_compared_with_the_source_that_its_sentence_names(
    index: policysearch.Index, draft: str, verdict: str, attribution: str
) -> None:
    claim = only_quote(index.verify(draft))
    assert (claim.verdict, claim.attribution) == (verdict, attribution)


@pytest.mark.parametrize(
    ("draft", "claims"),
    [
        pytest.param("深化“放管服”改革", [], id="scare quotes"),
        pytest.param("推进“互联网加政务服务”工程", [], id="a long term set apart"),
        pytest.param("《云麓省渡口管理条例》", [("title", "found")], id="title"),
        pytest.param("《云麓省公路条例》", [("title", "not_in_collection")], id="title of what is not here"),
        pytest.param("《云麓省渡口管理条例》第4条", [("article", "found")], id="article"),
        pytest.param("《云麓省渡口管理条例》第九条", [("article", "not_found")], id="no such article"),
        pytest.param("《云麓省渡口管理条例》第五条", [("article", "superseded")], id="article of the old version"),
        pytest.param(
            "《云麓省渡口管理条例》(2012-03-28)第三条", [("article", "superseded")], id="the old version by day"
        ),
        pytest.param("云麓省渡口管理条例（2012.3.28）第三条", [("article", "superseded")], id="by day, without marks"),
        pytest.param(
            "《云麓省渡口管理条例（2012-03-28）》第三条", [("article", "superseded")], id="by day, within marks"
        ),
        pytest.param("《云麓省渡口管理条例(2012)》", [("title", "found")], id="by year, within marks"),
        pytest.param("《云麓省渡口管理条例(2015)》", [("title", "not_in_collection")], id="no such year, within marks"),
        pytest.param("《云麓省渡口管理条例》(2021-11)第三条", [("article", "found")], id="the latest by month"),
        pytest.param(
            "《云麓省渡口管理条例》(2015-03-28)第三条", [("article", "not_in_collection")], id="no such version"
        ),
        pytest.param("云政办发[2022]35号", [("document_number", "found")], id="number"),
        pytest.param("云政办发〔2022〕36号", [("document_number", "not_in_collection")], id="another number"),
        pytest.param(
            "《云麓省人民政府办公厅关于做好渡口安全工作的通知》（云政办发〔2022〕53号）",
            [("title", "found"), ("document_number", "not_found")],
            id="a number that is not the title's",
        ),
    ],
)
def test_what_else_a_draft_claims(index: policysearch.Index, draft: str, claims: list[tuple[str, str]]) -> None:
    assert [(claim.kind, claim.verdict) for claim in index.verify(draft)] == claims


def test_changes_lead_from_the_claim_to_the_source(index: policysearch.Index) -> None:
    claim = only_quote(index.verify("“新增城镇就业3.8万人，地区生产总值增长6.5％左右，”"))
    assert claim.verdict == "differs"
    assert (
        "".join(change.a for change in claim.changes)
        == claim.claim
        == "新增城镇就业3.8万人，地区生产总值增长6.5％左右，"
    )
    assert "".join(change.b for change in claim.changes) == claim.source_text
    assert claim.notable == ("3.8万人 → 3.2万人",)


def test_answers_say_over_what_and_point_into_the_draft(index: policysearch.Index) -> None:
    draft = "# 题目\n\n文中称“渡口经营者应当每月检查一次救生设备”，\n见云政办发〔2022〕35号。\n"
    found = index.verify(draft, name="稿.md")
    assert (found.draft, found.documents, found.failed_sources, found.generation) == ("稿.md", 5, 0, 1)
    assert [draft[claim.start : claim.end] for claim in found] == [claim.claim for claim in found]
    assert [claim.line for claim in found] == [3, 4]
    assert found == index.verify(draft, name="稿.md")


def test_the_draft_itself_is_no_evidence(index: policysearch.Index) -> None:
    draft = NOTICE.replace("限期整改。", "限期整改。")
    found = index.verify(draft + "\n又称“对客渡船、汽渡船逐一登记造册”。\n")
    assert found.left_out == ("通知.txt",)
    assert [claim.verdict for claim in found if claim.kind == "quote"] == ["not_found", "not_found"]
    # a draft that only quotes much of a document is not that document
    quoting = "".join(f"“{line}”\n\n" for line in NOTICE.split("\n") if len(line) > 10)
    assert index.verify(quoting).left_out == ()


def test_selections_bound_the_evidence(index: policysearch.Index) -> None:
    draft = "“全面推行渡船电动化改造”"
    for selecting in ({"filters": {"year": 2023}}, {"document": ["条例*"]}, {"where": "year:2023"}):
        options: dict[str, Any] = selecting
        found = index.verify(draft, **options)
        assert [claim.verdict for claim in found] == ["not_found"]
        assert found.documents < 5


@pytest.mark.parametrize(
    ("quote", "of", "verdict"),
    [
        ("每月检查", "云麓省渡口管理条例第三条", "verbatim"),
        ("每月检查", "《云麓省渡口管理条例》", "verbatim"),
        ("每月检查", "云麓省渡口管理条例第九条", "elsewhere"),
        ("每月检查", "云麓省公路条例", "elsewhere"),
        ("两侧五十米内不得采石", "云麓省公路条例", "not_in_collection"),
        ("两侧五十米内不得采石", "云麓省渡口管理条例", "not_found"),
        ("两侧五十米内不得采石", "无此说法", "not_in_collection"),
        ("每月检查", None, "verbatim"),
        ("电动化", "澜泽市2023年政府工作报告", "elsewhere"),
        ("每月检查", "条例2021.txt", "verbatim"),
        ("每月检查", "条例2012.txt", "elsewhere"),
        ("每季度检查", "条例2012.txt", "superseded"),
        ("每季度检查", "条例2021.txt", "elsewhere"),
        ("每季度检查", "条例2012.txt#4", "superseded"),
        ("每季度检查", "条例2012.txt#3", "elsewhere"),
        ("每季度检查", "条例2012", "superseded"),
        ("每季度检查", "云麓省渡口管理条例(2012-03-28)", "superseded"),
        ("每月检查", "云麓省渡口管理条例(2012-03-28)", "elsewhere"),
        ("每月检查", "云麓省渡口管理条例（2012）第三条", "elsewhere"),
        ("每月检查", "依据《云麓省渡口管理条例》第三条的规定", "verbatim"),
    ],
)
def test_one_quotation(index: policysearch.Index, quote: str, of: str | None, verdict: str) -> None:
    found = index.verify_quote(quote, of)
    (claim,) = found
    assert (found.draft, claim.kind, claim.verdict, claim.attributed_to) == (None, "quote", verdict, of)


def test_one_quotation_has_the_verdict_that_it_has_in_a_draft(index: policysearch.Index) -> None:
    for quote in (
        "渡口经营者应当每月检查一次救生设备",
        "渡口经营者应当每年检查一次救生设备",
        "公路两侧五十米内不得采石",
    ):
        for of in ("《云麓省渡口管理条例》第三条", "《云麓省渡口管理条例》第九条", "《云麓省公路条例》"):
            (claim,) = index.verify_quote(quote, of)
            in_draft = only_quote(index.verify(f"{of}规定“{quote}”。"))
            named = (claim.verdict, claim.section_id, claim.attribution)
            assert named == (in_draft.verdict, in_draft.section_id, in_draft.attribution)


def test_a_selection_bounds_the_named_source_too(index: policysearch.Index) -> None:
    (claim,) = index.verify_quote("每季度检查", "条例2012.txt", document=["条例2021*"])
    assert claim.verdict == "not_in_collection"


# the command


def test_exit_statuses(run: Run, folder: Path, write: Write) -> None:
    write("right.md", "《云麓省渡口管理条例》第三条：“渡口经营者应当每月检查”。《云麓省公路条例》第三条。\n")
    write("wrong.md", "《云麓省渡口管理条例》第三条：“渡口经营者应当每年检查”。\n")
    at = ("-i", folder)
    assert run("verify", "right.md", *at).returncode == 0
    assert run("verify", "right.md", "--strict", *at).returncode == 1
    assert run("verify", "right.md", "wrong.md", *at).returncode == 1
    for wrong in (
        [],
        ["missing.md"],
        ["."],
        ["--quote", " "],
        ["right.md", "--quote", "二"],
        ["right.md", "--of", "二"],
        ["right.md", "--write-accept"],
    ):
        done = run("verify", *wrong, *at)
        assert (done.returncode, bool(done.stderr.strip())) == (2, True), wrong
    write("broken.json", "[1]")
    assert run("verify", "right.md", "--accept", "broken.json", *at).returncode == 2


def test_formats(run: Run, folder: Path, write: Write) -> None:
    path = write("draft.md", "“渡口经营者应当每年检查一次救生设备”<b>&\n\n> 渡口经营者应当每月检查\n")
    at = ("verify", "draft.md", "-i", folder, "--format")
    found = json.loads(run(*at, "json").stdout)
    assert list(found)[:4] == ["draft", "documents", "failed_sources", "generation"]
    assert [claim["verdict"] for claim in found["claims"]] == ["differs", "verbatim"]
    lines = [json.loads(line) for line in run(*at, "jsonl").stdout.splitlines()]
    assert [{name: line[name] for name in line if name != "draft"} for line in lines] == found["claims"]
    rows = list(csv.DictReader(io.StringIO(run(*at, "csv").stdout)))
    assert [row["verdict"] for row in rows] == ["differs", "verbatim"]
    text = run(*at, "text")
    assert "draft.md:1" in text.stdout
    assert "每[年]检查" in text.stdout
    assert "每[月]检查" in text.stdout
    page = run(*at, "html").stdout
    assert '<mark class="differs quote raised"' in page
    assert "&lt;b&gt;&amp;" in page
    assert "<b>&\n" not in page
    for label in (
        "共核对 2 处，其中 1 处需要复核。",
        "有出入 differs",
        "引文 quote",
        "<del>稿件</del> <ins>原文</ins>",
    ):
        assert label in page
    run("verify", "draft.md", "-i", folder, "-o", "out.html")
    assert (path.parent / "out.html").read_text(encoding="utf-8") == page


def test_text_and_page_name_the_version_that_superseded_the_source(run: Run, folder: Path, write: Write) -> None:
    write("draft.md", "《云麓省渡口管理条例》(2012-03-28)第三条：“渡口经营者应当每季度检查”。该条例第九条。\n")
    said = run("verify", "draft.md", "-i", folder).stdout
    assert said.count("    superseded by 条例2021.txt\n") == 3
    # only of a pronoun is it news which document is meant
    assert said.count("said to be of") == said.count("    said to be of 云麓省渡口管理条例\n") == 1
    page = run("verify", "draft.md", "-i", folder, "--format", "html").stdout
    assert page.count("取代它的版本 superseded_by：条例2021.txt") == 3


@pytest.mark.parametrize("named", ["", "《云麓省公路条例》规定："])
def test_a_passage_that_only_resembles_a_quotation_is_not_shown_as_its_source(
    run: Run, folder: Path, write: Write, named: str
) -> None:
    write("draft.md", f"{named}“渡口经营者应当每月检查一次救生设备，并报告省交通运输厅和公安机关备案”。\n")
    (claim,) = json.loads(run("verify", "draft.md", "-i", folder, "--format", "json").stdout)["claims"][-1:]
    assert claim["verdict"] == ("not_in_collection" if named else "not_found")
    alike = f"{claim['similarity']:.2f}"
    assert (
        f"most similar passage, similarity {alike} · 云麓省渡口管理条例"
        in run("verify", "draft.md", "-i", folder).stdout
    )
    page = run("verify", "draft.md", "-i", folder, "--format", "html").stdout
    assert f"最相近的段落，相似度 similarity {alike}：云麓省渡口管理条例" in page
    shown = run("verify", "--quote", "每月检查", "-i", folder).stdout
    assert "most similar" not in shown


def test_what_was_looked_at_raises_nothing_until_it_changes(run: Run, folder: Path, write: Write) -> None:
    path = write("draft.md", "“渡口经营者应当每年检查一次救生设备”\n")
    at = ("verify", "draft.md", "-i", folder, "--accept", "accepted.json")
    assert run(*at).returncode == 2  # there is no such file yet
    assert run(*at, "--write-accept").returncode == 0
    assert run(*at).returncode == 0
    path.write_text("前言。\n\n“渡口经营者应当每年检查一次救生设备”\n", encoding="utf-8")
    assert run(*at).returncode == 0
    path.write_text("“渡口经营者应当每旬检查一次救生设备”\n", encoding="utf-8")
    assert run(*at).returncode == 1


def test_manifest_names_the_drafts(run: Run, folder: Path, write: Write, tmp_path: Path) -> None:
    write("draft.md", "“渡口经营者应当每月检查一次”\n")
    assert run("verify", "draft.md", "-i", folder, "--manifest", "m.json").returncode == 0
    made_of = json.loads((tmp_path / "m.json").read_text(encoding="utf-8"))
    assert [one["draft"] for one in made_of["drafts"]] == ["draft.md"]


# parts


def test_an_html_draft_is_read_by_the_readers() -> None:
    page = (
        "<html><body><h1>文章</h1><p>条例规定“渡口经营者应当<b>每月</b>检查一次救生设备”，应当遵守。</p></body></html>"
    )
    assert "“渡口经营者应当每月检查一次救生设备”" in read_draft(page.encode(), "a.html").text
    with pytest.raises(InputError, match=r"'a\.pdf'"):
        read_draft(b"%PDF-1.4 broken", "a.pdf")


@pytest.mark.parametrize(
    ("draft", "quotations"),
    [
        ("“甲乙丙丁戊己庚辛”和「甲乙丙丁戊己庚辛」", ["甲乙丙丁戊己庚辛", "甲乙丙丁戊己庚辛"]),
        ("“甲乙丙丁‘戊己’庚辛”", ["甲乙丙丁‘戊己’庚辛"]),
        ("“甲乙丙丁“戊己”庚辛”", ["甲乙丙丁“戊己”庚辛"]),
        ("“没有结束的引号，“甲乙丙丁戊己庚辛”", ["甲乙丙丁戊己庚辛"]),
        ("“第一段的话很长很长\n\n“第二段的话很长很长”", ["第一段的话很长很长\n\n“第二段的话很长很长"]),
        ("《关于“甲乙丙丁戊己庚辛”的通知》", []),
        ("```\n“甲乙丙丁戊己庚辛”\n```\n", []),
        ("> “甲乙丙丁戊己庚辛”\n> ——某人\n", ["甲乙丙丁戊己庚辛"]),
    ],
)
def test_quotations_of_a_draft(draft: str, quotations: list[str]) -> None:
    from policysearch.citation.catalogue import Catalogue
    from policysearch.citation.references import read_references

    titles = read_references(draft, Catalogue(()), names=False)
    assert [one.claim for one in find_quotations(draft, titles=titles)] == quotations


@given(st.text(alphabet='“”‘’「」"》《>…[]〔〕*_`\n ，。甲乙丙丁子丑寅卯0123456789', max_size=300))
@example("「\n>0」")
def test_any_draft_is_read_and_keeps_its_length(draft: str) -> None:
    found = find_quotations(draft, min_length=1)
    assert len(blanked(draft, found)) == len(draft)
    assert all(a.outer_end <= b.outer_start for a, b in pairwise(found))
    for one in found:
        assert all(0 <= start < end <= len(one.claim) for start, end in parts_of(one.claim))


def test_words_omitted_near_the_ends_of_a_quotation_are_insertions() -> None:
    claim = comparable(
        "渡口经营者应当每月检查一次救生设备并作出记录、保存三年备查且接受水上交通主管部门的监督检查"
    ).text
    for whole in (f"渡口经在本省水域内{claim[3:]}", f"{claim[:-3]}及其他机关督检查"):
        text = f"依照前条规定{whole}逾期不改的责令停航"
        found = closest(claim, text)
        assert found is not None
        assert text[found[0] : found[1]] == whole


def test_figures_of_full_width_are_figures() -> None:
    steps = [Change("equal", "税率", "税率"), Change("replace", "1", "２"), Change("equal", "5%", "５％")]
    assert notable_changes([Change("replace", "甲", "乙"), *steps]) == ("15% → ２５％", "甲 → 乙")


TEXT = st.text(alphabet="甲乙丙丁子丑寅卯以上下不 \n“”0123。，", min_size=1, max_size=60)


@given(TEXT, TEXT)
def test_changes_put_both_texts_back(a: str, b: str) -> None:
    from policysearch.quoting.alignment import ComparedPassage

    left, right = comparable(a), comparable(b)
    if left.text and right.text:
        steps = changes_between(a, left, ComparedPassage((), b, right.text, right.offsets))
        assert ("".join(step.a for step in steps), "".join(step.b for step in steps)) == (a, b)
        notable_changes(steps)


@given(st.text(alphabet="甲乙丙丁子丑寅卯", min_size=12, max_size=40), TEXT, TEXT, st.data())
def test_a_passage_with_one_change_is_found(claim: str, before: str, behind: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(1, len(claim) - 2))
    changed = claim[:at] + "某" + claim[at + 1 :]
    found = closest(changed, f"{before}。{claim}。{behind}")
    assert found
    assert found[2] >= 1 - 1 / len(claim) - 1e-9


@pytest.mark.parametrize("size", [500, 700, 3_000, 20_000])
def test_the_ends_of_a_long_quotation_are_found_in_time(size: int) -> None:
    """As where a quotation mark is not closed: the passage is found to the character, and soon."""
    chance = Random(size)
    text = "".join(chr(chance.randrange(0x4E00, 0x6E00)) for _ in range(size + 400))
    claim = list(text[200 : 200 + size])
    for _ in range(size // 60):
        claim[chance.randrange(20, size - 20)] = "某"
    for _ in range(3):
        claim.insert(chance.randrange(20, size - 20), "某")
    begun = time.process_time()
    found = closest("".join(claim), text)
    assert found
    assert found[:2] == (200, 200 + size)
    assert time.process_time() - begun < 10  # usually half a second for the longest, which took twenty


def test_every_verdict_and_state_of_the_documentation_has_a_chinese_label() -> None:
    page = (Path(__file__).parents[1] / "docs" / "verify.md").read_text(encoding="utf-8")
    for kind, heading in (("kind", "| kind |"), ("verdict", "| verdict of"), ("state", "| state |")):
        tables = re.findall(rf"^{re.escape(heading)}.*\n\|[- |]+\n((?:\|.*\n)+)", page, re.MULTILINE)
        named = [
            name
            for table in tables
            for cell in re.findall(r"^\|([^|]*)", table, re.MULTILINE)
            for name in re.findall(r"`(\w+)`", cell)
        ]
        assert len(named) > 3, kind
        for name in named:
            assert re.fullmatch(rf"[\u4e00-\u9fff]+ {name}", labelled(kind, name))


def test_quotations_of_a_page_are_those_of_plain_text(tmp_path: Path, run: Run, write: Write) -> None:
    write("docs/a.txt", "松岑县植树办法\n\n第一条　植树三天，浇水四天，并保存记录。\n\n第二条　树苗免费。\n")
    index = build_index(tmp_path / "docs", tmp_path / "index")
    page = (
        "<html><body><article><p>《松岑县植树办法》第一条规定：</p><BLOCKQUOTE cite='x'>"
        "<p>植树三天，浇水五天，并保存记录。</p></BLOCKQUOTE>"
        "<p>该办法还规定<q lang='zh'>植树三天，浇水四天，并保存记录</q>。</p></article></body></html>"
    )
    plain = "《松岑县植树办法》第一条规定：\n\n> 植树三天，浇水五天，并保存记录。\n\n"
    plain += "该办法还规定“植树三天，浇水四天，并保存记录”。\n"
    answers = []
    for name, text in (("draft.html", page), ("draft.md", plain)):
        done = run("verify", write(name, text), "-i", index, "--format", "json")
        answers.append([(one["kind"], one["claim"], one["verdict"]) for one in json.loads(done.stdout)["claims"]])
        assert done.returncode == 1
    assert answers[0] == answers[1]
    assert [verdict for kind, _, verdict in answers[0] if kind == "quote"] == ["differs", "verbatim"]


def test_a_part_is_one_claim_and_a_code_is_a_law(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(
        "松岑县人民政府关于植树的通知\n\n一、目标\n\n植树三天。\n\n二、办法\n\n浇水四天。\n"
    )
    (tmp_path / "b.txt").write_text(
        "松岑县植树法典\n\n第一条　植树三天。\n\n第二条　浇水四天并且保存记录。\n", encoding="utf-8"
    )
    (tmp_path / "c.txt").write_text("松岑县浇水法\n\n第一条　浇水四天。\n\n第二条　植树三天。\n", encoding="utf-8")
    with policysearch.open_index(build_index(tmp_path, tmp_path / "index")) as index:
        found = index.verify("《松岑县人民政府关于植树的通知》第四部分。")
        assert [one.verdict for one in found] == ["not_found"]
        text = "《松岑县浇水法》第一条讲浇水。《松岑县植树法典》第一条讲植树。该法第二条规定：“浇水四天并且保存记录。”"
        assert [one.verdict for one in index.verify(text)] == ["found", "found", "found", "verbatim"]


def test_a_part_of_a_work_report_is_read_as_show_cites_it(tmp_path: Path, run: Run) -> None:
    numbered = "2024年乌海市政府工作报告\n\n一、2023年工作回顾\n\n（一）产业。新建松苗基地三处。\n\n"
    numbered += "二、2024年工作安排\n\n（一）产业。扩建松苗基地五处。\n\n（二）民生。全年新建浇水站八座。\n"
    (tmp_path / "a.txt").write_text(numbered, encoding="utf-8")
    unnumbered = "2024年包头市政府工作报告\n\n2023年工作回顾\n\n新建苗圃三处。\n\n2024年工作安排\n\n扩建苗圃五处。\n"
    (tmp_path / "b.txt").write_text(unnumbered, encoding="utf-8")
    folder = build_index(tmp_path, tmp_path / "index")
    with policysearch.open_index(folder) as index:
        (hit,) = index.search("浇水站").hits
        cited = run("show", hit.section_id, "-i", folder, "--cite").stdout.strip()
        assert cited.endswith("《2024年乌海市政府工作报告》，第二部分（二）")
        part, quote = index.verify(f"{cited}提出：“全年新建浇水站八座。”")
        assert (part.verdict, part.section_id) == ("found", hit.section_id)
        assert part.attributed_to == "2024年乌海市政府工作报告"
        assert (quote.verdict, quote.section_id) == ("verbatim", hit.section_id)
        draft = "乌海市2024年政府工作报告第一部分提出：“全年新建浇水站八座。”《2024年乌海市政府工作报告》第三部分。"
        assert [one.verdict for one in index.verify(draft)] == ["found", "elsewhere", "not_found"]
        # the second of headings without numbers may be called the second part
        assert [one.verdict for one in index.verify("《2024年包头市政府工作报告》第二部分")] == ["found"]
        assert index.search("2024年乌海市政府工作报告第二部分").hits[0].section_id == "a.txt#4"


def test_an_article_is_read_behind_the_number_and_the_day(tmp_path: Path) -> None:
    text = "松岑县人民政府关于印发植树办法的通知\n\n松政发〔2024〕5号\n\n第一条　植树三天。\n\n第二条　浇水四天。\n"
    (tmp_path / "a.txt").write_text(text, encoding="utf-8")
    title = "《松岑县人民政府关于印发植树办法的通知》"
    with policysearch.open_index(build_index(tmp_path, tmp_path / "index")) as index:
        for rest in ("，第二条", "，松政发〔2024〕5号，第二条", "，松政发〔2024〕5号，2024年3月1日，第二条"):
            verdicts = {one.kind: (one.verdict, one.section_id) for one in index.verify(f"{title}{rest}。")}
            assert verdicts["article"] == ("found", "a.txt#3"), rest
            missing = index.verify(f"{title}{rest.replace('二', '九')}。")
            assert [one.verdict for one in missing if one.kind == "article"] == ["not_found"], rest
