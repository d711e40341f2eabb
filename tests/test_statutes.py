"""Statutes as they are found: excerpts, collections, traditional ones, on one line, numbered by decimals."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from conftest import ROOT
from hypothesis import given, settings
from hypothesis import strategies as st

from policysearch.documents.cleaning.clean import clean
from policysearch.documents.document import Document, read_documents
from policysearch.documents.sections import Section, split_sections
from policysearch.documents.structure.marks import article_at, mark_at
from policysearch.sources.readers.reading import Reading

REFERENCE = Path(os.environ.get("POLICYSEARCH_REFERENCE", ROOT.parent / "shared"))


def sections(*lines: str) -> tuple[Section, ...]:
    return split_sections("d", clean(Reading("\n".join(lines))).text)


def outline(*lines: str) -> list[str]:
    found = (s for s in sections(*lines) if s.number or s.heading)
    return ["  " * (s.level - 1) + "".join(f"{s.number or ''}{s.heading or ''}".split()) for s in found]


@pytest.mark.parametrize(
    ("written", "style", "value", "again"),
    [
        ("第一條 為", "article", 1, 0),
        ("第 12 條", "article", 12, 0),
        ("第 2-1 條", "article", 2, 1),
        ("第 2 條之 1", "article", 2, 1),
        ("第一百三十三条之一在道路上", "article", 133, 1),
        ("第 一 章 總則", "chapter", 1, 0),
        ("第二節 管理", "section", 2, 0),
        ("第三編 債", "book", 3, 0),
        ("壹、總則", "formal", 1, 0),
        ("拾贰、附则", "formal", 12, 0),
        ("（貳）原則", "formal_paren", 2, 0),
        ("IV. 对策", "roman", 4, 0),
        ("Ⅻ、附录", "roman", 12, 0),
        ("1.2024年预算安排", "digit_dot", 1, 0),
        ("11.5.14.2 井深", "decimal4", 2, 0),
    ],
)
def test_numbers_as_statutes_write_them(written: str, style: str, value: int, again: int) -> None:
    mark = article_at(written, 0, len(written)) or mark_at(written, 0, len(written))
    assert mark is not None
    assert (mark.style, mark.value, mark.again) == (style, value, again)


@pytest.mark.parametrize(
    "written", ["1.5万元", "2.3亿", "11.5.3 条的要求", "IV级响应", "I/O设备", "Ⅱ类水质", "3.5的比例"]
)
def test_what_only_looks_like_such_a_number(written: str) -> None:
    assert mark_at(written, 0, len(written)) is None


def test_articles_of_an_excerpt_jump() -> None:
    lines = [f"第{number}条 {text}" for number, text in zip("三七", ("县水务局主管。", "用户应当缴费。"), strict=True)]
    lines += ["第二十八条 违反前款规定的，依照第七条处理。", "第一百零二条 本条例自公布之日起施行。"]
    assert outline("青石县供水条例（节选）", *lines) == ["第三条", "第七条", "第二十八条", "第一百零二条"]


def test_a_reference_at_the_beginning_of_a_line_is_no_article() -> None:
    lines = [
        "第一条 为了节水，制定本办法。",
        "第二条 县水务局主管。",
        "第三条 违反本办法的，依照",
        "第二十条规定处罚。",
    ]
    found = outline("青石县节水办法", *lines, "第四条 用户应当缴费。", "第二十条 处以罚款。")
    assert found == ["第一条", "第二条", "第三条", "第四条", "第二十条"]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("一、《青石市供水条例》", "二、《青石市供热办法》（节选）"),
        ("《青石市供水条例》", "《青石市供热办法》"),
        ("青石市供水条例", "青石市供热办法（试行）"),
    ],
)
def test_laws_of_a_collection_stand_above_their_articles(first: str, second: str) -> None:
    found = outline(
        "执法依据汇编",
        *(first, "第三条 市水务局主管。", "第十二条 用户应当缴费。", "第十三条 违者罚款。"),
        *(second, "第二条 适用于本市。", "第九条 供热单位应当备案。"),
    )
    assert found == [first, "  第三条", "  第十二条", "  第十三条", second, "  第二条", "  第九条"]


def test_the_title_of_one_law_is_no_heading_above_its_articles() -> None:
    assert outline("青石市供水条例", "第一条 为了供水。", "第二条 适用于本市。") == ["第一条", "第二条"]


def test_parts_of_an_interpretation_are_no_laws() -> None:
    lines = ["一、一般规定", "第一条 为了供水。", "第二条 适用于本市。", "二、附则", "第三条 自公布之日起施行。"]
    assert outline("某某解释", *lines) == ["一、一般规定", "  第一条", "  第二条", "二、附则", "  第三条"]


def test_a_traditional_statute() -> None:
    lines = ["第一章 總則", "第一節 通則", "第一條 為健全供水，特制定本法。", "第二條 本法所稱主管機關為某部。"]
    lines += ["第二節 管理", "第二條之一 供水應備案。", "第五條 違反第二條規定者，處罰鍰。"]
    expected = [
        "第一章總則",
        "  第一節通則",
        "    第一條",
        "    第二條",
        "  第二節管理",
        "    第二條之一",
        "    第五條",
    ]
    assert outline("供水法", *lines) == expected


def test_numbers_of_articles_on_lines_of_their_own() -> None:
    lines = ["第 1 條", "為健全供水，特制定本法。", "第 2-1 條", "主管機關為某部。", "第 9 條", "本法自公布日施行。"]
    found = sections("供水法", *lines)
    assert [(s.number, s.text.split("\n")[1]) for s in found if s.number] == list(
        zip(lines[::2], lines[1::2], strict=True)
    )


@pytest.mark.parametrize("gap", [" ", ""])
def test_a_law_on_one_line(gap: str) -> None:
    articles = ["为了节水，制定本办法。", "本办法适用于本县。", "县水务局依照第二条负责。", "自公布之日起施行。"]
    line = "".join(f"第{n}条{gap}{text}" for n, text in zip("一二三四", articles, strict=True))
    found = sections(f"青石县节水办法{gap}{line}")
    assert [s.number for s in found if s.number] == ["第一条", "第二条", "第三条", "第四条"]


def test_decimal_numbers_and_a_reference_at_the_beginning_of_a_line() -> None:
    lines = [
        "11.5 管道敷设",
        "11.5.1 管道应当埋设在冰冻线以下，并且与其他管线保持规定的距离，特殊地段应当采取保护措施。",
        "11.5.14 阀门井的设置应当便于检修，检修记录按照下列条文保存，并且每年检查一次，检查结果按",
        "11.5.3 条的要求公布。",
        "11.5.14.2 井深超过三米的应当设置爬梯。",
        "11.5.14.3 井内不得积水。",
        "11.6 试压",
    ]
    found = [(s.number, s.level) for s in sections("供水工程技术标准", *lines) if s.number]
    assert found == [("11.5", 1), ("11.5.1", 2), ("11.5.14", 2), ("11.5.14.2", 3), ("11.5.14.3", 3), ("11.6", 1)]


def test_formal_numerals_stand_above_others() -> None:
    body = "建成水厂三座，供水能力达到每日十万吨。"
    lines = ["壹、总则", "（壹）目标", body, "（贰）原则", body, "贰、任务", "一、建设水厂", body, "二、改造管网", body]
    expected = ["壹、总则", "  （壹）目标", "  （贰）原则", "贰、任务", "  一、建设水厂", "  二、改造管网"]
    assert outline("某县规划", *lines) == expected


def test_questions_are_headings_and_years_are_not_part_of_a_number() -> None:
    questions = ["1.2025年度指标有多少个？", "2.什么是资格分？什么是排名分？", "3.2025年怎样申报？"]
    lines = [line for question in questions for line in (question, "答：按照年度计划办理，名额与上一年度持平。")]
    assert outline("热点问答", *lines) == questions


def test_sentences_after_numbers_are_headings_for_all_siblings_or_for_none() -> None:
    long = (
        "引导社会资本投资供水工程，有关部门应当提高审批效率，向社会公布审批程序、审批时限和审批结果，"
        "不得收取任何费用，不得附加条件。"
    )
    lines = ["一、投资", f"（一）{long}", "（二）财政给予贴息。贴息比例由县财政局确定，每年调整一次。", f"（三）{long}"]
    assert outline("某县办法", *lines) == ["一、投资", "  （一）", "  （二）", "  （三）"]


ARTICLES = st.lists(st.integers(1, 130), min_size=3, max_size=12, unique=True).map(sorted)


@settings(max_examples=100, deadline=None)
@given(ARTICLES)
def test_no_article_is_swallowed(numbers: list[int]) -> None:
    found = sections("青石县节水条例（节选）", *(f"第{n}条 有关单位应当节约用水。" for n in numbers))
    assert [s.number for s in found if s.number] == [f"第{n}条" for n in numbers]


STATUTE = {
    "名称": "青石市供水条例",
    "正文": [
        {"编": "第一章 总则"},
        {"号": "第 1 条", "内容": "为了供水，制定本条例。\r\n适用于本市。"},
        {"号": "第 2 条", "内容": "市水务局主管。"},
        {"号": "第 9 条", "内容": "自公布之日起施行。"},
    ],
    "附件": [{"名": "表一"}],
}


@pytest.mark.parametrize("name", ["正文", "条文"])
def test_a_statute_as_a_list_of_articles_is_one_text(tmp_path: Path, name: str) -> None:
    path = tmp_path / "a.json"
    statute = {name if key == "正文" else key: value for key, value in STATUTE.items()}
    path.write_text(json.dumps(statute, ensure_ascii=False), encoding="utf-8")
    (document,) = read_documents(path)
    assert isinstance(document, Document)
    assert [s.number for s in document.sections if s.number] == ["第一章", "第 1 条", "第 2 条", "第 9 条"]
    assert document.sections[1].text == "第 1 条 为了供水，制定本条例。\n适用于本市。\n"
    assert document.title == "青石市供水条例"


@pytest.mark.skipif(not (REFERENCE / "corpus").is_dir(), reason="no reference corpus here")
def test_statutes_of_the_reference_corpus_lose_no_article() -> None:
    paths = sorted((REFERENCE / "corpus" / "laws-traditional").glob("*.json"))
    assert paths
    for path in paths:
        parts = json.loads(path.read_text(encoding="utf-8-sig"))["法規內容"]
        numbers = [part["條號"].strip() for part in parts if part.get("條號", "").strip()]
        (document,) = read_documents(path)
        assert isinstance(document, Document)
        found = ["".join(s.number.split()) for s in document.sections if s.number and "條" in s.number]
        assert found == ["".join(number.split()) for number in numbers] or len(numbers) < 2, path.name
