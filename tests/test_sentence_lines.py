"""Texts with a line for each sentence: what is a paragraph there, and what a heading."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policysearch.documents.cleaning.clean import clean
from policysearch.documents.sections import split_sections
from policysearch.sources.readers.reading import Reading

PARAGRAPHS = [
    "青石县人民政府关于加强水库安全管理的意见",
    "各乡镇人民政府：",
    "为加强水库安全管理，现提出如下意见。",
    "一、划定管理范围",
    "水库管理范围为大坝坡脚外侧一百米以内区域。|保护范围为管理范围以外二百米以内区域。|范围界线由县水务局公布；|界桩由乡镇人民政府设立。",
    "已经划定的，不再变动。|确需变动的，报县人民政府批准。",
    "二、明确责任",
    "县水务局是主管部门。|乡镇人民政府负责日常巡查，巡查人员由乡镇人民政府从熟悉当地水情的村民中择优选聘，并按照规定给予适当补助，补助标准由县财政局另行制定。|"
    "巡查结果每月报送一次；|发现险情的，立即报告。",
    "水库管理单位应当建立台账。|台账保存五年。",
    "三、严格监督",
    "县水务局每季度检查一次。|检查结果向社会公布。",
    "对工作不力的，予以通报。|情节严重的，依法追究责任。",
    "青石县人民政府",
    "2019年4月11日",
]
WHOLE = [paragraph.replace("|", "") for paragraph in PARAGRAPHS]
HEADINGS = ["一、划定管理范围", "二、明确责任", "三、严格监督"]


def headings(text: str) -> list[str]:
    return [f"{s.number or ''}{s.heading or ''}" for s in split_sections("d", text) if s.number or s.heading]


def test_indents_tell_where_paragraphs_begin() -> None:
    source = "\n".join("　　" + paragraph.replace("|", "\n") for paragraph in PARAGRAPHS)
    text = clean(Reading(source)).text
    assert text.split("\n") == WHOLE
    assert headings(text) == HEADINGS


def test_blank_lines_tell_where_paragraphs_begin() -> None:
    text = clean(Reading("\n\n".join(paragraph.replace("|", "\n") for paragraph in PARAGRAPHS))).text
    assert text.split("\n") == WHOLE


def test_where_nothing_tells_the_lines_stay_and_no_sentence_is_a_heading() -> None:
    lines = [line for paragraph in PARAGRAPHS for line in paragraph.split("|")]
    text = clean(Reading("\n".join(lines))).text
    assert text.split("\n") == lines
    assert headings(text) == HEADINGS


def test_paragraphs_of_articles_stay_apart_by_blank_lines() -> None:
    articles = [f"第{n}条　各单位应当建立台账。\n台账应当保存五年。" for n in "一二三四五六七八"]
    text = clean(Reading("\n\n".join(articles))).text
    assert text.split("\n") == [line for article in articles for line in article.split("\n")]


def test_counted_sentences_head_the_lines_below_them() -> None:
    counted = [line for n in "一二三四" for line in (f"{n}是加强日常巡查。", "巡查结果每月报送。", "险情立即报告。")]
    text = clean(Reading("\n".join(["青石县水库管理要点", "一、落实责任", *counted]))).text
    assert headings(text) == ["一、落实责任", *(f"{n}是加强日常巡查" for n in "一二三四")]


@pytest.mark.parametrize("gap", ["\n", "\n　　", "\n\n"])
@given(data=st.data())
def test_nothing_is_lost_or_added(gap: str, data: st.DataObject) -> None:
    sentences = st.lists(
        st.sampled_from(["供水。", "施工；", "一、供暖", "第一条　巡查。", "（一）台账。"]), max_size=40
    )
    lines = data.draw(sentences)
    gaps = data.draw(st.lists(st.sampled_from(["\n", gap]), min_size=len(lines), max_size=len(lines)))
    source = "".join(line + after for line, after in zip(lines, gaps, strict=True))
    text = clean(Reading(source)).text
    assert "".join(text.split()) == "".join(source.split())
