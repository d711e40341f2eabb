"""Queries that are citations: what they put first, and that all figures of their answers agree."""

from __future__ import annotations

import csv
import itertools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import Run, build_index
from hypothesis import given
from hypothesis import strategies as st

import policysearch
from policysearch.citation.section_marks import SectionMark, written
from policysearch.citation.typed import numbers_in, typed_number
from policysearch.engines.protocol import passes
from policysearch.engines.tree import MatchAll
from policysearch.search.hits import Hits

LAW = """中华人民共和国{name}

（{date}第十届全国人民代表大会常务委员会第五次会议{passed}）

第一章　总则

第一条　为了规范摆渡活动，制定本法。

第二条　本法所称渡工，是指从事摆渡的人员。

第二章　渡工

第三条　渡工有下列情形之一的，渡口可以解除契约：

（一）擅离职守的；

（二）{more}的。

情况紧急的，可以先口头通知。

第三条之一　渡口依照本法第三条解除契约的，应当说明理由。

第四条　争议由{body}处理。
"""

ORDER = """云麓省{name}

（2016年5月6日云麓省人民政府令第77号公布）

第一条　为了实施摆渡契约制度，根据《中华人民共和国摆渡契约法》，制定本条例。

第二条　有摆渡契约法第3条第（一）项情形的，渡口应当在三日内通知渡工。

第三条　依照《中华人民共和国摆渡契约法》第二条、第三条和第四条的规定处理的，不收费用。

第四条　摆渡契约法由县级人民政府组织实施，第三条的期限不适用于夜渡。
"""

NOTICE = """云麓省人民政府办公厅关于做好渡口安全工作的通知

云政办发〔2021〕12号

各市人民政府：

一、总体要求

（一）坚持安全第一。摆渡契约法第三条规定的通知要及时送达。

（二）落实责任。各渡口每月检查一次。

二、重点任务

（一）修缮码头。

（二）培训渡工。每年两次。

云麓省人民政府办公厅
2021年5月6日

附件1

渡口名单

一号渡口在澜泽市，二号渡口在松岑县。

附件2

检查表

码头是否牢固，渡船是否年检，渡工是否持证。
"""

LETTER = """云麓省交通厅关于报送渡口情况的函

云交函〔2022〕3号

省政府办公厅：

根据《云麓省人民政府办公厅关于做好渡口安全工作的通知》（云政办发[2021]12号）要求，现报送有关情况。

云麓省交通厅
2022年1月9日
"""

RULES = """{place}物业管理办法

（{year}年3月1日{place}人民政府令第{number}号公布）

第一条　为了规范物业管理，制定本办法。

第二条　{place}行政区域内的物业管理适用本办法。
"""

REPORT = """{year}年云麓省政府工作报告

——{year}年1月12日在云麓省第十四届人民代表大会第二次会议上

省长　陆远

各位代表：

现在，我代表省人民政府向大会报告工作，请予审议。

一、过去一年工作回顾

渡口建设加快推进，新建码头{year}米。

二、{year}年重点工作

（一）做强交通。修建渡口三十个。

（二）改善民生。新增渡工岗位五百个。
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("sources")

    def write(name: str, text: str) -> None:
        (root / name).write_text(text, encoding="utf-8")

    law = {"name": "摆渡契约法", "body": "县级人民政府"}
    write("契约法2008.txt", LAW.format(date="2008年6月3日", passed="通过", more="醉酒摆渡", **law))
    latest = LAW.format(date="2014年8月30日", passed="修订", more="醉酒摆渡或者超载", **law)
    write("契约法2014.txt", latest)
    write("A 契约法(现行).txt", latest)
    write("实施条例.txt", ORDER.format(name="摆渡契约法实施条例"))
    write("通知.txt", NOTICE)
    write("函.txt", LETTER)
    write("甲.txt", RULES.format(place="澜泽市", year=2011, number=4))
    write("乙.txt", RULES.format(place="松岑县", year=2019, number=9))
    for year in (2023, 2024):
        write(f"报告{year}.txt", REPORT.format(year=year))
    return build_index(root, tmp_path_factory.mktemp("index"))


@pytest.fixture(scope="module")
def index(folder: Path) -> policysearch.Index:
    return policysearch.open_index(folder)


COPY = "A%20契约法(现行).txt"
PASTED = f"'{COPY}'"
ARTICLE = (COPY + "#6", "契约法2014.txt#6", "契约法2008.txt#6")


def found(hits: Hits) -> list[tuple[str, str | None]]:
    return [(hit.section_id, hit.cited) for hit in hits]


def number_of(index: policysearch.Index, section_id: str) -> str | None:
    view = index.show(section_id)
    assert view is not None
    return view.stored[0].number


def test_the_four_tiers(index: policysearch.Index) -> None:
    answer = index.search("摆渡契约法第三条", limit=None)
    assert number_of(index, ARTICLE[0]) == "第三条"
    assert answer.read_as == {
        "kind": "citation",
        "document_id": COPY,
        "section_ids": [ARTICLE[0]],
        "numbers": ["第三条"],
    }
    assert found(answer)[:2] == [(ARTICLE[0], "self"), (ARTICLE[2], "version")]
    assert answer.hits[0].duplicates == (ARTICLE[1],)
    # 第3条第（一）项, a row of numbers, 本法第三条 in the law itself and in the old version of it
    citing = {name for name, label in found(answer) if label == "citing"}
    assert citing == {"实施条例.txt#3", "实施条例.txt#4", "通知.txt#4", f"{COPY}#7", "契约法2008.txt#7"}
    assert all("第3条" in text or "第三条" in text for text in (hit.snippet.text for hit in answer if hit.cited))
    others = [name for name, label in found(answer) if label is None]
    assert others == ["实施条例.txt#5"]  # the name and the number, in two sentences
    assert (answer.match, answer.relaxed) == ("all", False)
    assert [hit.score for hit in answer] == sorted((hit.score for hit in answer), reverse=True)
    steps = [min(hit.score for hit in answer if hit.cited == label) for label in ("self", "version", "citing", None)]
    assert steps == sorted(set(steps), reverse=True)


SPELLINGS = (
    *("摆渡契约法第三条", "摆渡契约法第3条", "《摆渡契约法》第3条", "《中华人民共和国摆渡契约法》第三条"),
    *("中华人民共和国摆渡契约法第３條", "摆渡契约法 第三条", "根据摆渡契约法第三条的规定", "摆渡契约法第三条是什么？"),
    *("摆渡契约法第3条第2款", "摆渡契约法第三条第(二)项", "摆渡契约法第3条（二）", "2014年摆渡契约法第3条"),
    *("摆渡契约法3条", "摆渡契约法 三条", "摆渡契约法三条第2款", "摆渡契约法2014第3条", "摆渡契约法2014年修订第3条"),
    *("摆渡契约法 3", "摆渡契约法３", "《摆渡契约法》 3", "根据摆渡契约法 3"),
    *("摆渡契约法（2014年修订）第3条", "摆渡契约法第二章第三条", "摆渡契约法第三条 超载", "超载 摆渡契约法第三条"),
)


@pytest.mark.parametrize("query", SPELLINGS)
def test_the_article_is_first_in_every_spelling(index: policysearch.Index, query: str) -> None:
    for options in ({}, {"plain": True}, {"group": "document"}, {"duplicates": "hide"}):
        answer = index.search(query, **options)
        assert answer.hits[0].section_id == ARTICLE[0]
        assert answer.hits[0].cited == "self"
        assert answer.read_as is not None
        assert answer.read_as["section_ids"] == [ARTICLE[0]]


@pytest.mark.parametrize(
    ("query", "first", "numbers"),
    [
        ("摆渡契约法第三条之一", "第三条之一", ["第三条之一"]),
        ("摆渡契约法第二章", "第二章", ["第二章"]),
        ("摆渡契约法第3、4条", "第三条", ["第三条", "第四条"]),
        ("摆渡契约法第3条、4条", "第三条", ["第三条", "第四条"]),
        ("摆渡契约法第二条至第四条", "第二条", ["第二条", "第三条", "第四条"]),
        ("《关于做好渡口安全工作的通知》二、（二）", "（二）", ["二、（二）"]),
        ("云麓省人民政府办公厅关于做好渡口安全工作的通知第二部分", "二、", ["二、"]),
        ("云政办发〔2021〕12号 附件2", "附件2", ["附件2"]),
        ("云政办发2021年12号一、（二）", "（二）", ["一、（二）"]),
        ("2024年云麓省政府工作报告二、（二）", "（二）", ["二、（二）"]),
        ("云麓省2024政府工作报告 二", "二、", ["二、"]),
        ("2024云麓省政府工作报告二、（一）", "（一）", ["二、（一）"]),
        ("云麓省2024年政府工作报告 第二部分", "二、", ["二、"]),
        ("契约法2008年第三条", None, None),
        ("摆渡契约法（2008年）第三条", "第三条", ["第三条"]),
        ("摆渡契约法（2008）第三条", "第三条", ["第三条"]),
        ("摆渡契约法(2008)第二章", "第二章", ["第二章"]),
    ],
)
def test_other_numbers(index: policysearch.Index, query: str, first: str | None, numbers: list[str] | None) -> None:
    answer = index.search(query)
    assert (answer.read_as["numbers"] if answer.read_as else None) == numbers
    if first is not None:
        assert (answer.hits[0].number, answer.hits[0].cited) == (first, "self")


@pytest.mark.parametrize(
    "number",
    [
        "云政办发〔2021〕12号",
        "云政办发2021年12号",
        "云政办发[2021]第12号",
        "云政办發（２０２１）12號",
        "云政办发(2021)12",
    ],
)
def test_a_document_number_alone_puts_the_document_first(index: policysearch.Index, number: str) -> None:
    answer = index.search(number, limit=None)
    assert answer.read_as == {
        "kind": "citation",
        "document_id": "通知.txt",
        "section_ids": ["通知.txt#1"],
        "numbers": [],
    }
    assert found(answer)[0] == ("通知.txt#1", "self")
    assert ("函.txt#1", "citing") in found(answer)


@pytest.mark.parametrize(
    ("query", "options"),
    [
        ("摆渡契约法第三条", {"match": "all"}),
        ("摆渡契约法第三条", {"match": "any"}),
        ("摆渡契约法第三条", {"match": "exact"}),
        ("摆渡契约法第三条", {"exact": True}),
        ("“摆渡契约法第三条”", {}),
        ("摆渡契约法第三条 OR 渡口", {}),
        ("摆渡契约法第三条 -渡口", {}),
        ("段(摆渡契约法第三条 渡口)", {}),
        ("title:摆渡契约法 第三条", {}),
        ("第三条", {}),
        ("摆渡契约", {}),
        ("摆渡契约法是什么", {}),
        ("安全第一条件", {}),
        ("三 渡口", {}),
        ("渡口 三 码头", {}),
    ],
)
def test_what_is_no_citation(index: policysearch.Index, query: str, options: dict[str, Any]) -> None:
    answer = index.search(query, **options)
    assert answer.read_as is None
    assert answer.remarks == ()
    assert {hit.cited for hit in answer} <= {None}


@pytest.mark.parametrize("query", ["摆渡契约法 9", "摆渡契约法 2008", "摆渡 3", "渡口法 3", "通知 1", "摆渡契约法 3 4"])
def test_a_number_alone_is_an_article_only_where_there_is_one(index: policysearch.Index, query: str) -> None:
    answer = index.search(query)
    assert answer.remarks == ()
    assert answer.read_as is None or answer.read_as["numbers"] == []


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("摆渡契约法第九十条", "has no 第九十条; read as words."),
        ("摆渡契约法第三条第九款", "has no 第三条第九款; read as words."),
        ("飞艇管理法第三条", "No document is called '飞艇管理法'; read as words."),
        ("《飞艇》第三条", "No document is called '飞艇'; read as words."),
        ("云政办发〔2021〕99号", "No document has the number 云政办发〔2021〕99号; read as words."),
        ("云政办发〔2021〕99号 渡口法 3", "No document has the number 云政办发〔2021〕99号; read as words."),
    ],
)
def test_what_is_missing_is_said_and_the_query_read_as_words(index: policysearch.Index, query: str, said: str) -> None:
    answer = index.search(query)
    assert answer.read_as is None
    (remark,) = answer.remarks
    assert remark.endswith(said)
    words = index.search(query, match="all")
    assert answer.relaxed or answer.total == words.total


def test_of_documents_of_one_name_the_latest_is_first_and_the_others_are_named(index: policysearch.Index) -> None:
    answer = index.search("摆渡契约法第三条、第九条")
    assert answer.remarks == (
        f"'中华人民共和国摆渡契约法' ({PASTED}) has no 第九条.",
        f"'摆渡契约法第三条、第九条' fits 2 documents; taken as {PASTED}. Also: 契约法2008.txt",
    )
    # an old version is named
    answer = index.search("摆渡契约法（2008年）第三条")
    assert found(answer)[:2] == [("契约法2008.txt#6", "self"), (ARTICLE[0], "version")]
    assert answer.remarks == ()  # the year fits one document only


def test_filters_hold_for_every_part(index: policysearch.Index) -> None:
    answer = index.search("摆渡契约法第三条 type:规章")
    assert {hit.type for hit in answer} == {"规章"}
    assert {hit.cited for hit in answer} == {"citing", None}
    assert answer.remarks[0] == f"The filters leave out 第三条 of '中华人民共和国摆渡契约法' ({PASTED})."
    same = index.search("摆渡契约法第三条", filters={"type": "规章"})
    assert same.hits == answer.hits
    answer = index.search("摆渡契约法第三条", filters={"year": 2008})
    assert found(answer)[0] == ("契约法2008.txt#6", "version")
    assert index.search("摆渡契约法第三条", filters={"year": 1900}).total == 0


@pytest.mark.parametrize(
    ("query", "exact", "numbers"),
    [
        ("heading:第三条 title:契约法", True, {"第三条", "第三条之一"}),
        ("heading:第3条 title:契约法", False, {"第三条", "第三条之一"}),
        ("heading:第3章 OR heading:第2章渡工", False, {"第二章"}),
        ('heading:"（二）改善民生"', True, {"（二）"}),
        ("heading:二、 year:2024", True, {"二、"}),
        ('heading:"第3条"', True, set()),
        ("heading:条之", True, {"第三条之一"}),
    ],
)
def test_a_heading_has_its_number(index: policysearch.Index, query: str, exact: bool, numbers: set[str]) -> None:
    answer = index.search(query, match="all", limit=None)
    assert {hit.number for hit in answer} == numbers
    assert answer.total_exact == (answer.total if exact else 0)
    engine = index.engine
    node = index.selection(query)
    assert [one.section_id for one in engine.stream(MatchAll()) if passes(node, one)] == index.ids(query)


QUERIES = (
    "摆渡契约法第三条",
    "摆渡契约法第3条 渡口",
    "摆渡契约法第二条至第四条",
    "摆渡契约法第二章",
    "云政办发〔2021〕12号",
    "摆渡契约法第三条 part:body",
    "2024年云麓省政府工作报告二、（一）",
)


@given(
    st.sampled_from(QUERIES),
    st.sampled_from(("section", "document")),
    st.sampled_from(("fold", "show", "hide")),
    st.sampled_from(("score", "-date", "document")),
    st.integers(1, 5),
)
def test_all_figures_of_an_answer_agree(
    index: policysearch.Index, query: str, group: str, duplicates: str, sort: str, size: int
) -> None:
    options: dict[str, Any] = {"group": group, "duplicates": duplicates, "sort": sort}
    whole = index.search(query, limit=None, **options)
    assert whole.distinct == len(whole.hits)
    assert whole.total == len(whole.hits) + sum(len(hit.duplicates or ()) for hit in whole)
    if duplicates == "show":
        assert whole.total == len(whole.hits)
    assert whole.total_exact is not None
    assert whole.total_exact <= whole.total
    assert len({hit.section_id for hit in whole}) == len(whole.hits)
    pages = [
        index.search(query, limit=size, offset=offset, **options) for offset in range(0, len(whole.hits) + size, size)
    ]
    assert tuple(itertools.chain.from_iterable(page.hits for page in pages)) == whole.hits
    assert {(page.total, page.distinct, page.total_exact) for page in pages} == {
        (whole.total, whole.distinct, whole.total_exact)
    }
    assert index.search(query, limit=0, **options).total == whole.total
    words = index.search(query, match="all", limit=None, **options)
    if group == "section" and duplicates == "show":
        names = {hit.section_id for hit in whole}
        assert {hit.section_id for hit in words} <= names
        assert {hit.section_id for hit in whole if hit.cited is None} <= {hit.section_id for hit in words}
    if sort == "score":
        explained = index.search(query, limit=None, explain=True, **options)
        assert explained.explanation is not None
        for hit, one in zip(whole.hits, explained.explanation.hits, strict=True):
            assert one.score == pytest.approx(hit.score)
            assert one.cited == hit.cited
    ids = index.ids(query, group=group, duplicates=duplicates)
    assert len(ids) == (whole.distinct if duplicates == "fold" else whole.total)
    names_only, lazily = index.search_names(query, policysearch.SearchOptions(limit=None, **options))
    assert [one.section_id for one in lazily] == [hit.section_id for hit in whole]
    assert names_only.total == whole.total


@pytest.mark.parametrize("query", ["摆渡契约法第三条", "摆渡契约法第3条 渡工"])
def test_sections_are_marked_as_hits_are(index: policysearch.Index, query: str) -> None:
    options = policysearch.SearchOptions(limit=None, duplicates="show")
    _, hits = index.search_matches(query, options)
    expected = {hit.section_id: [(one.start, one.end) for one in matches] for hit, matches in hits}
    every = list(index.engine.stream(MatchAll()))
    found = dict(zip((one.section_id for one in every), index.marks(query, every, options), strict=True))
    assert {name: spans for name, spans in found.items() if spans} == {k: v for k, v in expected.items() if v}


def test_in_a_batch(index: policysearch.Index) -> None:
    (one,) = index.batch([("1", "摆渡契约法第三条")], match="auto")
    assert one.found.read_as["kind"] == "citation"  # type: ignore[union-attr, index]
    assert one.found.hits[0].section_id == ARTICLE[0]  # type: ignore[union-attr]
    (one,) = index.batch([("1", "摆渡契约法第三条")])
    assert one.found.read_as is None  # type: ignore[union-attr]


def test_the_command_says_what_is_meant(folder: Path, run: Run) -> None:
    done = run("search", "-i", folder, "摆渡契约法第三条", "--format", "json")
    answer = json.loads(done.stdout)
    assert answer["read_as"]["section_ids"] == [ARTICLE[0]]
    assert [hit["cited"] for hit in answer["hits"]][:3] == ["self", "version", "citing"]
    assert done.stderr == f"'摆渡契约法第三条' fits 2 documents; taken as {PASTED}. Also: 契约法2008.txt\n"
    assert run("search", "-q", "-i", folder, "摆渡契约法第三条").stderr == ""
    ids = run("search", "-q", "-i", folder, "摆渡契约法第三条", "--format", "ids").stdout.splitlines()
    assert set(ARTICLE) < set(ids)
    assert len(ids) == answer["total"]
    done = run("search", "-i", folder, "摆渡契约法第九十条", "--explain")
    assert done.stderr.startswith(f"'中华人民共和国摆渡契约法' ({PASTED}) has no 第九十条; read as words.\n")
    rows = list(
        csv.DictReader(run("search", "-i", folder, "摆渡契约法第三条", "--format", "csv").stdout.splitlines(True))
    )
    assert [row["cited"] for row in rows[:4]] == ["self", "self", "version", "citing"]  # with copies


@given(st.lists(st.builds(SectionMark, st.just("条"), st.integers(1, 1300), st.integers(0, 5)), min_size=1, max_size=4))
def test_numbers_in_a_row_are_read(marks: list[SectionMark]) -> None:
    assert numbers_in("、".join(map(written, marks))) == [(mark,) for mark in dict.fromkeys(marks)]


@given(st.text(alphabet="《》第一二三十0123456789条款章项附件、，（）()至到-号令〔〕年发渡口法 本的", max_size=60))
def test_any_text_can_be_read(text: str) -> None:
    for marks in numbers_in(text):
        assert marks
    assert typed_number(text) is None or "号" in typed_number(text)  # type: ignore[operator]


@given(st.text(alphabet="《》第一二三十0123条款章项附件、，（）至号令〔〕年发契约摆渡法 本的\n", max_size=40))
def test_any_query_is_answered(index: policysearch.Index, text: str) -> None:
    try:
        answer = index.search(text, plain=True)
    except policysearch.QueryError:
        return
    assert answer.total >= len(answer.hits)


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("第3条 摆渡契约法", ["第三条"]),
        ("3条 摆渡契约法", ["第三条"]),
        ("第三条摆渡契约法", ["第三条"]),
        ("第三条 《中华人民共和国摆渡契约法》", ["第三条"]),
        ("第三条第二款 摆渡契约法", ["第三条第二款"]),
        ("第三、四条 摆渡契约法", ["第三条", "第四条"]),
        ("摆渡契约法 3条", ["第三条"]),
    ],
)
def test_a_number_may_precede_the_name(index: policysearch.Index, query: str, numbers: list[str]) -> None:
    answer = index.search(query)
    assert answer.read_as is not None
    assert answer.read_as["numbers"] == numbers
    assert [hit.number for hit in answer.hits[: len(numbers)]] == [one.partition("第二款")[0] for one in numbers]
    assert {hit.cited for hit in answer.hits[: len(numbers)]} == {"self"}
    assert index.search("三条措施 渡口").read_as is None


ORDERS = {
    "松岑.txt": ("松岑市", "城市管理办法", "松岑市人民政府令第31号"),
    "澜泽.txt": ("澜泽市", "停车场管理办法", "澜泽市人民政府令第31号"),
    "云麓.txt": ("云麓省", "渔业船舶管理办法", "云麓省人民政府令第77号"),
}


@pytest.fixture(scope="module")
def orders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[policysearch.Index]:
    sources = tmp_path_factory.mktemp("orders")
    for name, (place, title, number) in ORDERS.items():
        head = f"{place}{title}\n\n（2022年8月10日{number}公布）\n\n"
        text = f"第一条　为了加强管理，制定本办法。\n\n第二条　本办法适用于{place}。\n"
        (sources / name).write_text(head + text, encoding="utf-8")
    notice = (
        "松岑县人民政府办公室关于开展春季植树的通知\n\n松政办〔2024〕3号\n\n各乡镇人民政府：\n\n一、植树\n\n每户十棵。\n\n"
        "松岑县人民政府办公室\n2024年2月1日\n"
    )
    (sources / "县.txt").write_text(notice, encoding="utf-8")
    with policysearch.open_index(build_index(sources, tmp_path_factory.mktemp("index") / "index")) as opened:
        yield opened


@pytest.mark.parametrize(
    ("query", "first", "others"),
    [
        ("市政府令第31号", "松岑.txt", ["澜泽.txt"]),
        ("市人民政府令第31号", "松岑.txt", ["澜泽.txt"]),
        ("澜泽市 市政府令第31号", "澜泽.txt", []),
        ("澜泽市政府令第31号", "澜泽.txt", []),
        ("澜泽市市政府令第31号", "澜泽.txt", []),
        ("市政府令第31号 停车场管理办法", "澜泽.txt", []),
        ("停车场管理办法 市政府令第31号", "澜泽.txt", []),
        ("停车场管理办法（市政府令第31号）", "澜泽.txt", []),
        ("《澜泽市停车场管理办法》（市政府令第31号）", "澜泽.txt", []),
        ("市政府令第31号停车场管理办法", "澜泽.txt", []),
        ("省政府令第77号", "云麓.txt", []),
        ("渔业船舶管理办法 省政府令第77号", "云麓.txt", []),
        ("云麓省人民政府令第77号渔业船舶管理办法", "云麓.txt", []),
        ("县政办〔2024〕3号", "县.txt", []),
        ("松岑县 县政办〔2024〕3号", "县.txt", []),
        ("松岑县政办〔2024〕3号", "县.txt", []),
    ],
)
def test_numbers_with_a_shortened_issuer(orders: policysearch.Index, query: str, first: str, others: list[str]) -> None:
    answer = orders.search(query)
    assert answer.read_as is not None
    assert (answer.hits[0].document_id, answer.hits[0].cited) == (first, "self")
    assert [hit.document_id for hit in answer if hit.cited == "version"] == others
    assert bool(answer.remarks) == bool(others)


@pytest.mark.parametrize(
    "query",
    [
        "省政府令第31号",
        "市政府令第32号",
        "乌海市 市政府令第31号",
        "市政办〔2024〕3号",
        "县政办〔2023〕3号",
    ],
)
def test_a_shortened_issuer_is_of_the_right_kind_and_place(orders: policysearch.Index, query: str) -> None:
    answer = orders.search(query)
    assert answer.read_as is None
    assert answer.remarks[0].startswith("No document has the number")


def test_an_updated_statute_is_cited_as_in_a_new_index(tmp_path: Path) -> None:
    """The removed copy of a document has fewer sections than the new one, and other documents after it."""
    sources = tmp_path / "sources"
    sources.mkdir()
    law = sources / "a.txt"
    law.write_text("云麓省摆渡条例\n\n第一条　为了规范摆渡，制定本条例。\n", encoding="utf-8")
    for name in range(60):
        (sources / f"b{name:02}.txt").write_text(f"关于天气的说明{name}\n\n今天下雨，道路湿滑。\n", encoding="utf-8")
    build_index(sources, tmp_path / "index")
    law.write_text(
        "云麓省摆渡条例\n\n第一条　为了规范摆渡，制定本条例。\n第二条　渡口应当有渡工。\n第三条　渡工应当登记。\n",
        encoding="utf-8",
    )
    build_index(sources, tmp_path / "index")
    build_index(sources, tmp_path / "new")
    for query in ("摆渡条例第一条", "摆渡条例第二条", "《云麓省摆渡条例》第三条", "云麓省摆渡条例"):
        answers = []
        for folder in ("index", "new"):
            with policysearch.open_index(tmp_path / folder) as index:
                answers.append([hit.section_id for hit in index.search(query, limit=None).hits])
        assert answers[0] == answers[1]
        assert answers[0][0].startswith("a.txt")
        assert not [one for one in answers[0] if one.startswith("b")]
