"""Where documents and their parts begin and end: salutations, signatures, headings without numbers."""

from __future__ import annotations

import pytest
from metadata_of import metadata_of

from policysearch.documents.cleaning.clean import clean
from policysearch.documents.sections import split_sections
from policysearch.sources.encodings import decode
from policysearch.sources.readers.markdown import read_markdown


def texts(*lines: str) -> list[str]:
    """Return the texts of the sections of a document."""
    return [section.text.strip() for section in split_sections("d", "\n".join(lines))]


@pytest.mark.parametrize(
    "last",
    [
        ("四、联系方式", "联系人：张某，电话：0531-1234567。"),
        ("四、联系方式", "联系人：张某。", "联系电话：0531-1234567。"),
        ("四、实施时间", "本通知自2024年5月1日起施行，有效期5年。"),
        ("四、附则", "本政策自印发之日起施行，由县商务局负责解释。"),
        ("四、何时起施行？", "自2024年1月1日起施行。"),
        ("四、培训安排", "联系单位：县林业局。"),
    ],
)
def test_the_last_part_keeps_its_text(last: tuple[str, ...]) -> None:
    lines = ["松岑县林业局关于植树的通知", "一、目标", "植树三天。", "二、办法", "浇水四天。", "三、要求", "注意安全。"]
    found = texts(*lines, *last, "松岑县林业局", "2024年4月25日")
    assert found[-2:] == ["\n".join(last), "松岑县林业局\n2024年4月25日"]


def test_what_ends_a_document_is_no_text_of_its_last_part() -> None:
    found = texts("关于植树的通知", "一、目标", "植树三天。", "二、办法", "浇水四天。", "本通知自2024年5月1日起施行。")
    assert found[-2:] == ["二、办法\n浇水四天。", "本通知自2024年5月1日起施行。"]
    found = texts("关于植树的通知", "一、目标", "植树三天。", "二、办法", "特此通知。")
    assert found[-1] == "特此通知。"
    # names of statutes are no headings with a text of their own
    found = texts("关于废止规章的决定", "一、《植树办法》", "二、《浇水办法》", "本决定自公布之日起施行。")
    assert found[-1] == "本决定自公布之日起施行。"


@pytest.mark.parametrize(
    "signature",
    [
        "松岑县教育局\n2024年元月5日",
        "松岑县教育局\n2024.1.5",
        "松岑县教育局\n2024-01-05",
        "松岑县教育局\n２０２４年１月５日",
        "松岑县教育局　　2024年1月5日",
    ],
)
def test_a_signature_is_a_section_with_any_form_of_day(signature: str) -> None:
    found = texts("关于招生的通知", "一、范围", "按学区招生。", "二、纪律", "严禁考试。", signature)
    assert found[-2:] == ["二、纪律\n严禁考试。", signature]


def test_a_salutation_is_whole() -> None:
    lines = ["关于《松岑县条例（草案）》的说明", "——2024年5月29日在县人大常委会会议上", ""]
    lines += ["主任、各位副主任、秘书长、各位委员：", "我受县人民政府委托，作如下说明：", "一、必要性", "需要。"]
    assert texts(*lines, "二、过程", "起草。")[1].startswith("主任、各位副主任、秘书长、各位委员：\n我受")


def test_supplementary_provisions_need_no_number() -> None:
    lines = ["植树法典", "第一编　总则", "第一章　一般规定", "第一条　植树三天。", "第二条　浇水四天。", "第二编　树苗"]
    lines += ["第三条　树苗免费。", "附　则", "第四条　本法自2021年1月1日起施行。"]
    found = split_sections("d", "\n".join(lines))
    assert [section.path for section in found][-3:] == [
        ("第二编 树苗", "第三条"),
        ("附 则",),
        ("附 则", "第四条"),
    ]
    flat = split_sections("d", "办法\n第一条　植树。\n第二条　浇水。\n附则\n第三条　本办法自公布之日起施行。")
    assert [section.path for section in flat][-2:] == [("附则",), ("附则", "第三条")]


def test_the_year_before_is_the_review_of_a_report() -> None:
    lines = ["松岑县法院工作报告", "各位代表：", "现在报告工作。", "一、2023年主要工作", "审结案件三百件。"]
    lines += ["二、2024年主要工作", "加强审判。"]
    assert [section.part for section in split_sections("d", "\n".join(lines))][-2:] == ["review", "plan"]


def paths(source: str) -> list[tuple[str, ...]]:
    """Return the paths of the sections of a Markdown text that have a heading."""
    (reading,) = read_markdown(decode(source.encode()))
    found = clean(reading)
    sections = split_sections("d", found.text, found.headings)
    return [section.path for section in sections if section.heading]


def test_levels_of_the_format_nest_headings_without_numbers() -> None:
    body = "\n\n坚持以人民为中心的发展思想，推进各项工作，取得明显成效，为全市高质量发展奠定坚实基础。\n\n"
    names = [
        "# 规划",
        "## 前言",
        "## 一、基础",
        "### 成效",
        "### 问题",
        "## 二、任务",
        "### 平台",
        "### 数据",
        "## 后记",
    ]
    assert paths(body.join([*names, ""])) == [
        ("前言",),
        ("一、基础",),
        ("一、基础", "成效"),
        ("一、基础", "问题"),
        ("二、任务",),
        ("二、任务", "平台"),
        ("二、任务", "数据"),
        ("后记",),
    ]
    plain = ["# 规划", "## 基础", "### 成效", "### 问题", "## 任务", "### 平台"]
    assert paths(body.join([*plain, ""])) == [
        ("基础",),
        ("基础", "成效"),
        ("基础", "问题"),
        ("任务",),
        ("任务", "平台"),
    ]
    short = "# 规划\n\n## 编制说明\n\n区位优越。\n\n## 第一章 基础\n\n占比高。\n\n## 第二章 任务\n\n养殖。\n\n"
    short += "### 项目\n\n基地。\n"
    assert paths(short) == [("编制说明",), ("第一章 基础",), ("第二章 任务",), ("第二章 任务", "项目")]


STATUTE = ["植树办法", "第一条　植树三天。", "第二条　浇水四天。", "第三条　本办法自2024年4月10日起施行。"]
SIGNED = ["关于植树的通知", "各县：", "一、时间", "三天。", "二、要求", "及时。", "松岑县林业局", "2024年4月10日"]
BODIES = {
    "form": ["企业名称：", "信用代码："],
    "table": ["指标\t分值", "产出\t30"],
    "parts": ["一、对象", "本县企业。", "二、流程", "在线申领。"],
}


@pytest.mark.parametrize("body", BODIES)
@pytest.mark.parametrize("title", ["附件1：申领表", "附表1 申领表", "附：申领表", "附录　申领表"])
@pytest.mark.parametrize("document", [STATUTE, SIGNED], ids=["statute", "notice"])
def test_an_attachment_with_its_title_on_one_line(document: list[str], title: str, body: str) -> None:
    sections = split_sections("d", "\n".join([*document, title, *BODIES[body]]))
    head = next(section for section in sections if section.heading == "申领表")
    assert head.part == "attachment"
    below = [section for section in sections if section.start >= head.start]
    assert all(section.path[0] == head.path[0] for section in below)
    assert "".join(section.text for section in sections if section.start < head.start).endswith(document[-1] + "\n")


def test_a_list_of_enclosures_is_no_attachment() -> None:
    lines = [*SIGNED[:-2], "附：申领表", *SIGNED[-2:]]
    assert all(section.heading != "申领表" for section in split_sections("d", "\n".join(lines)))


def test_documents_of_a_gazette_follow_one_another() -> None:
    issued = ["松岑县人民政府关于印发植树办法的通知", "松政〔2024〕6号", "各乡镇：", "现印发植树办法。"]
    more = ["松岑县人民政府关于防汛工作的通知", "松政〔2024〕8号", "各乡镇：", "通知如下：", "一、责任", "落实。"]
    lines = [
        "松岑县人民政府公报",
        "2024年第3期",
        *issued,
        "松岑县人民政府",
        "2024年2月5日",
        *STATUTE,
        *more,
        "二、值守",
        "值班。",
    ]
    found = split_sections("d", "\n".join(lines))
    assert next(one for one in found if one.number == "第三条").text.strip() == STATUTE[-1]
    assert [one.path for one in found][-2:] == [(more[0], "一、责任"), (more[0], "二、值守")]


def test_the_first_line_below_a_heading_is_no_signature() -> None:
    found = texts(
        "关于测试的意见", "一、要求", "坚持甲。", "二、任务", "推进乙和丙", "附件：1.表", "国务院", "2024年2月3日"
    )
    assert found[-2:] == ["二、任务\n推进乙和丙", "附件：1.表\n国务院\n2024年2月3日"]


@pytest.mark.parametrize(
    ("end", "date", "issuer"),
    [
        ("松岑市教育局办公室　　　　2024年6月9日印发", "2024-06-09", "松岑市教育局办公室"),
        ("松岑市教育局\n2024年元月9日", "2024-01-09", "松岑市教育局"),
        ("松岑市教育局\n二〇二四年元月九日", "2024-01-09", "松岑市教育局"),
        ("三、联系方式\n联系人：张某\n电话：0746-1234567\n2024年3月15日", "2024-03-15", None),
    ],
)
def test_days_at_the_end_of_a_document(end: str, date: str, issuer: str | None) -> None:
    found = metadata_of(f"关于招生工作的公告\n\n各学校：\n一、范围\n按学区招生。\n二、纪律\n严禁考试。\n\n{end}\n")
    assert (found.date, found.issuer) == (date, issuer)
