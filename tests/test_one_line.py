"""Texts of one line, as records of a collection are: the short way gives what the long one does."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import ALL
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from policysearch.documents import sections
from policysearch.documents.cleaning import clean as cleaning
from policysearch.documents.metadata import issuers, metadata, title_blocks, types
from policysearch.sources.readers.reading import Reading, StatedField

PIECES = st.sampled_from(
    [
        *(
            "农田水利建设取得新的进展，",
            "群众生活水平稳步提高。",
            "一是修渠；",
            "社会保持安定",
            "2021年工作回顾",
            "各位代表：",
        ),
        *(
            "一、",
            "（二）",
            "3．",
            "第一条 ",
            "第二条 ",
            "第三条",
            "第一章 总则 ",
            "①",
            "附件1：",
            "附：",
            "目录",
            "名词解释",
        ),
        *(
            "-1-",
            "— 2 —",
            "第3页",
            "1/3",
            "Page 4",
            "12",
            "（来源：某网）",
            "来源：某网",
            "稿源：",
            "首页 > 政务 > ",
            "打印",
        ),
        *(
            "索引号：甲1 ",
            "文号：某发〔2020〕3号 ",
            "发布机构：某局 ",
            "【",
            "<!-- ",
            "-->",
            "<U+00A0>",
            " ",
            "\t",
            "　",
        ),
        *("2021年3月4日", "预期目标是：", "让我们", "——", "一、修渠。二、筑路。", "》", "”", "：（一）"),
    ]
)
LINES = (
    st.lists(PIECES | st.text(max_size=9), min_size=1, max_size=12).map("".join).filter(lambda text: "\n" not in text)
)
SHORT_WAYS = {
    "clean": (cleaning, "_one_line"),
    "sections": (sections, "_is_paragraph"),
    "metadata": (metadata, "_of_line"),
}
TOLD = st.sampled_from(
    [
        *(
            "我代表市人民政府，向大会报告工作",
            "经济社会发展主要目标",
            "生产总值",
            "政府工作报告",
            "关于修渠的通知",
            "修渠办法",
            "。",
            "：",
        ),
        *(
            "（2020年3月4日某大会通过）",
            "2020-03-04",
            "２０２０／３／４",
            "二〇二〇年三月四日",
            "松岑市人民政府 2020年3月4日",
            "(2020.3.4)",
        ),
        *(
            "本办法自2020年3月4日起施行",
            "有效期5年",
            "有效性：废止",
            "本办法已被废止",
            "松政发〔2020〕3号",
            "国务院令第3号",
            "公告",
        ),
        *(
            "原文链接：https://a.example/b",
            "来源：www.example.cn",
            "成文日期：2020年3月4日",
            "各位委员：",
            "第一条 ",
            "1. ",
            "修渠，",
        ),
        *(
            "松岑市",
            "北京市",
            "本市",
            "经济特区",
            "最高人民法院",
            "国务院",
            "市人民政府",
            "关于",
            "印发",
            "对",
            "发布",
        ),
        *(
            "《某某条例》",
            "（试行）",
            "（2012年修正）",
            "〔",
            "修正案（三）",
            "的决定",
            "令",
            "工作报告",
            "第三条",
            "（2023年",
            "（一）",
            "一、",
            "法规名称：",
            "附件",
            "12",
            " ",
            "、",
            "修渠和筑路",
        ),
        *(
            "，",
            "；",
            "应当",
            "第十二条",
            "第一条例",
            "（",
            "自2020年",
            "13日",
        ),
    ]
)
TELLING = (
    st.lists(TOLD | st.text(max_size=5), min_size=1, max_size=8).map("".join).filter(lambda text: "\n" not in text)
)
quick = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def without(monkeypatch: pytest.MonkeyPatch, way: str) -> None:
    module, name = SHORT_WAYS[way]
    monkeypatch.setattr(module, name, lambda _: None)  # as no short way says that it does not apply
    if way == "sections":
        monkeypatch.setattr(sections, "_LONGEST_ALONE", 0)  # neither for a line with a number


@quick
@given(LINES)
def test_a_line_is_cleaned_as_a_text_of_several_is(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    reading = Reading(text, record="7", statements=(StatedField("title", "修渠", "column"),))
    short = cleaning.clean(reading)
    with monkeypatch.context() as patched:
        without(patched, "clean")
        assert cleaning.clean(reading) == short


@quick
@given(LINES)
def test_a_line_is_divided_as_a_text_of_several_is(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    short = sections.split_sections("d", text)
    with monkeypatch.context() as patched:
        without(patched, "sections")
        assert sections.split_sections("d", text) == short


@quick
@given(TELLING)
def test_a_line_without_what_a_rule_needs_has_at_most_a_title(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    reading = Reading(text, record="7")
    cleaned = cleaning.clean(reading)
    short = metadata.find_metadata(reading, cleaned, "a.jsonl#7")
    with monkeypatch.context() as patched:
        without(patched, "metadata")
        assert metadata.find_metadata(reading, cleaned, "a.jsonl#7") == short


@pytest.mark.parametrize(
    "text", ["修渠进展顺利，", "修渠和筑路", "第二条　市政府组织修渠", "3. 对修渠的农户", "后，对修渠，筑路的农户"]
)
def test_a_line_of_a_text_takes_the_short_way(text: str) -> None:
    assert metadata._of_line(cleaning.clean(Reading(text, record="7"))) is not None


@pytest.mark.parametrize(
    ("pattern", "last"),
    [
        (issuers._BODY, issuers._LAST_OF_BODIES),
        (types._STATUTE_END, types._LAST_OF_STATUTES),
        (title_blocks._TITLE_END, title_blocks._LAST_OF_TITLES),
    ],
)
@given(data=st.data())
def test_the_last_characters_of_names_are_known(
    data: st.DataObject, pattern: re.Pattern[str], last: frozenset[str]
) -> None:
    assert data.draw(st.from_regex(pattern.pattern, fullmatch=True)).rstrip("\n")[-1] in last


def pieces(text: str) -> Iterator[str]:
    """Yield possible records of a collection: lines, sentences, clauses, and pieces that were cut anywhere."""
    for line in filter(str.strip, text.split("\n")):
        yield line
        yield from re.split("(?<=[。；])", line)
        yield from re.split("[，。；：、]", line)
        yield from (line[at : at + 40] for at in range(0, len(line), 40))


def test_pieces_of_the_reference_corpus_are_read_as_by_all_rules(
    monkeypatch: pytest.MonkeyPatch, reference: Path
) -> None:
    files = sorted(path for path in reference.glob("corpus/*/*") if path.suffix in (".md", ".txt"))[:: 1 if ALL else 12]
    texts = {piece for file in files for piece in pieces(file.read_text(encoding="utf-8", errors="replace"))}
    readings = [Reading(text, record="7") for text in sorted(texts) if text.strip()]
    cleaned = [cleaning.clean(reading) for reading in readings]

    def found() -> list[tuple[object, object]]:
        return [
            (metadata.find_metadata(reading, one, "a.jsonl#7"), sections.split_sections("d", one.text))
            for reading, one in zip(readings, cleaned, strict=True)
        ]

    short = found()
    with monkeypatch.context() as patched:
        for way in ("metadata", "sections"):
            without(patched, way)
        for reading, by_all, by_few in zip(readings, found(), short, strict=True):
            assert by_few == by_all, reading.text


@pytest.mark.parametrize("way", SHORT_WAYS)
def test_a_common_record_takes_the_short_way(monkeypatch: pytest.MonkeyPatch, way: str) -> None:
    text = "农田水利建设取得新的进展，群众生活水平稳步提高，社会保持安定，市场供应充足，交通条件继续改善。"
    module, name = SHORT_WAYS[way]
    given = {"clean": Reading(text), "sections": text, "metadata": cleaning.clean(Reading(text))}
    assert getattr(module, name)(given[way])
