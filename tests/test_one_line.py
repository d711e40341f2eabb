"""Texts of one line, as records of a collection are: the short way gives what the long one does."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from policysearch.documents import sections
from policysearch.documents.cleaning import clean as cleaning
from policysearch.documents.metadata import metadata
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
    "metadata": (metadata, "_tells_nothing"),
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
    ]
)
TELLING = (
    st.lists(TOLD | st.text(max_size=5), min_size=1, max_size=8).map("".join).filter(lambda text: "\n" not in text)
)
quick = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def without(monkeypatch: pytest.MonkeyPatch, way: str) -> None:
    module, name = SHORT_WAYS[way]
    monkeypatch.setattr(module, name, lambda _: None)  # as no short way says that it does not apply


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
def test_a_line_without_what_a_rule_needs_has_no_metadata(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    reading = Reading(text, record="7")
    cleaned = cleaning.clean(reading)
    short = metadata.find_metadata(reading, cleaned, "a.jsonl#7")
    with monkeypatch.context() as patched:
        without(patched, "metadata")
        assert metadata.find_metadata(reading, cleaned, "a.jsonl#7") == short


@pytest.mark.parametrize("way", SHORT_WAYS)
def test_a_common_record_takes_the_short_way(monkeypatch: pytest.MonkeyPatch, way: str) -> None:
    text = "农田水利建设取得新的进展，群众生活水平稳步提高，社会保持安定，市场供应充足，交通条件继续改善。"
    module, name = SHORT_WAYS[way]
    given = {"clean": Reading(text), "sections": text, "metadata": cleaning.clean(Reading(text))}
    assert getattr(module, name)(given[way])
