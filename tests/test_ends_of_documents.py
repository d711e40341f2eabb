"""Where documents begin and end: salutations, last parts, signatures, supplementary provisions."""

from __future__ import annotations

import pytest

from policysearch.documents.sections import split_sections


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
