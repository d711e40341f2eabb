"""The columns of data sets: their names, places, days and bodies."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from policysearch.documents.document import Document, read_documents

REPORT = (
    "各位代表：现在，我代表{}人民政府向大会报告工作，请予审议。\n一、工作回顾\n成绩来之不易。\n二、工作安排\n再接再厉。"
)
NOTICE = "各区：\n现就有关事项通知如下。"


def read(folder: Path, **columns: Any) -> Document:
    """Return the document of a JSON lines file of one record."""
    path = folder / "a.jsonl"
    path.write_text(json.dumps(columns, ensure_ascii=False), encoding="utf-8")
    (found,) = read_documents(path, "a.jsonl")
    assert isinstance(found, Document)
    return found


@pytest.mark.parametrize("names", [("省份", "城市", "区县"), ("province", "city", "district"), ("省", "市", "区")])
def test_a_report_is_of_the_smallest_place_of_its_columns(tmp_path: Path, names: tuple[str, str, str]) -> None:
    places = dict(zip(names, ("浙江省", "杭州市", "西湖区"), strict=True))
    found = read(tmp_path, **places, 年份=2024, 标题="政府工作报告", 正文=REPORT.format("区"))
    assert (found.region, found.region_code, found.city, found.level) == ("西湖区", "330106", "杭州市", "县级")
    assert (found.issuer, found.year, found.title) == ("西湖区人民政府", 2024, "2024年西湖区政府工作报告")
    # a report of a county is not that of its city, which alone is stated
    assert read(tmp_path, 省份="浙江省", 城市="杭州市", 正文=REPORT.format("县")).region != "杭州市"


def test_namesakes_are_told_apart_by_the_places_above(tmp_path: Path) -> None:
    def code(**columns: str) -> str | None:
        return read(tmp_path, **columns, 标题="关于植树的通知", 正文=NOTICE).region_code

    assert code(省份="吉林", 地级市="吉林") == "220200"
    assert code(省份="吉林") == "220000"
    assert code(province="北京市", city="市辖区", county="朝阳区") == "110105"
    assert code(所属省份="吉林省", 所属城市="长春市", 所属区县="朝阳区") == "220104"
    assert code(province="辽宁省", region="朝阳市") == "211300"
    assert read(tmp_path, 地区="新疆生产建设兵团", 正文=NOTICE).region == "新疆生产建设兵团"


@pytest.mark.parametrize(("province", "city", "code"), [("北京市", "", "110105"), ("吉林省", "长春市", "220104")])
def test_columns_tell_the_namesakes_of_a_text_apart(tmp_path: Path, province: str, city: str, code: str) -> None:
    above = {"省份": province, "城市": city}
    notice = read(tmp_path, **above, 标题="朝阳区人民政府关于植树的通知", 正文=NOTICE)
    assert (notice.region, notice.region_code) == ("朝阳区", code)
    report = read(
        tmp_path, **above, 标题="2024年朝阳区政府工作报告", 正文=f"2024年朝阳区政府工作报告\n{REPORT.format('区')}"
    )
    assert (report.region, report.region_code) == ("朝阳区", code)


@pytest.mark.parametrize(
    ("value", "date", "year"),
    [
        ("2023-07-01T00:00:00+08:00", "2023-07-01", 2023),
        ("20230701", "2023-07-01", 2023),
        (1688140800, "2023-07-01", 2023),
        (1688140800000, "2023-07-01", 2023),
        ("45108", "2023-07-01", 2023),
        ("2023-07", None, 2023),
        ("2023年7月", None, 2023),
        ("2023年", None, 2023),
        ("2023", None, 2023),
        ("2023-13", None, None),
        ("12345678901234", None, None),
    ],
)
def test_days_of_any_form(tmp_path: Path, value: str | int, date: str | None, year: int | None) -> None:
    for column in ("成文日期", "pub_date", "pubDate"):
        found = read(tmp_path, 标题="关于植树的通知", 正文=NOTICE, **{column: value})
        assert (found.date, found.year) == (date, year)


@pytest.mark.parametrize(
    ("value", "issuer"),
    [
        ("南京市教育局等八部门", "南京市教育局"),
        ("南京市教育局等", "南京市教育局"),
        ("南京市教育局；南京市财政局", "南京市教育局、南京市财政局"),
        ("南京市教育局/南京市财政局", "南京市教育局、南京市财政局"),
        ("南京市教育局 等3个部门", "南京市教育局"),
        ("某某某", None),
    ],
)
def test_bodies_in_a_row(tmp_path: Path, value: str, issuer: str | None) -> None:
    assert read(tmp_path, 标题="关于植树的通知", 正文=NOTICE, 颁布机构=value).issuer == issuer


def test_names_of_columns(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        政策名称="关于植树的通知",
        政策全文=NOTICE,
        生效日期="2023-05-01",
        失效日期="2028-04-30",
        时效="失效",
        网页地址="https://a.cn/1",
    )
    assert (found.title, found.effective, found.expires) == ("关于植树的通知", "2023-05-01", "2028-04-30")
    assert (found.status, found.url) == ("已废止", "https://a.cn/1")


@pytest.mark.parametrize(
    ("day", "plan", "year"),
    [
        ("2022年12月28日", "一、2022年工作回顾\n增长。\n二、2023年主要工作", 2023),
        ("2021年12月20日", "一、五年工作回顾\n增长。\n二、奋斗目标和2022年主要任务", 2022),
        ("2022年12月28日", "一、工作回顾\n增长。\n二、工作安排", 2022),
        ("2023年1月5日", "一、2022年工作回顾\n增长。\n二、2023年工作安排", 2023),
    ],
)
def test_a_report_at_the_end_of_a_year_is_of_the_year_that_it_plans(
    tmp_path: Path, day: str, plan: str, year: int
) -> None:
    text = f"政府工作报告\n——{day}在会宁县第十九届人民代表大会第三次会议上\n各位代表：\n{plan}\n再接再厉。"
    assert read(tmp_path, text=text).year == year


TAGGED = (
    "<p>各区人民政府：</p>\n<p>一、提高认识</p>\n<p>供水关系&nbsp;民生。</p>\n<p>二、落实责任</p>\n<p>各区要落实。</p>"
)


@pytest.mark.parametrize(
    "text",
    [
        TAGGED,
        TAGGED.replace("\n", ""),
        TAGGED.replace("<p>", "").replace("</p>\n", "<br/>").replace("</p>", ""),
        f'<div class="TRS_Editor"><style>p {{color: red}}</style>{TAGGED}</div>',
        TAGGED.replace("<p>", "").replace("</p>", "").replace("落实", "<b>落实</b>"),
    ],
)
def test_tags_in_a_text_are_those_of_a_page(tmp_path: Path, text: str) -> None:
    found = read(tmp_path, 标题="关于供水的通知", 正文=text)
    assert [section.number for section in found.sections] == [None, "一、", "二、"]
    assert found.title == "关于供水的通知"
    shown = "".join(section.text for section in found.sections)
    assert "供水关系" in shown
    assert not any(mark in shown for mark in ("<", "nbsp", "color"))


def test_a_text_file_with_tags_is_a_page(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(f"关于供水的通知\n{TAGGED}", encoding="utf-8")
    (found,) = read_documents(tmp_path / "a.txt", "a.txt")
    assert isinstance(found, Document)
    assert [section.number for section in found.sections][-2:] == ["一、", "二、"]
    assert "<" not in "".join(section.text for section in found.sections)


def test_comparisons_and_steps_are_text(tmp_path: Path) -> None:
    steps = (
        "关于登记流程的通知\n各科室：\n办事流程：咨询 > 受理 > 审核 > 发证\n优：AQI>0 且 AQI<50\n一、时限\n三日办结。"
    )
    found = read(tmp_path, 标题="关于登记流程的通知", 正文=steps)
    assert "".join(section.text for section in found.sections).strip() == steps
    assert not found.removed
    path = "首页 > 政务公开 > 通知公告\n关于登记流程的通知\n各科室：\n一、时限\n三日办结。"
    assert [piece.reason for piece in read(tmp_path, 正文=path).removed] == ["navigation"]


def test_a_field_of_tags_alone_has_no_text(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"正文": "<p><img src=1.png></p><br>"}\n{"正文": "<p>第一条 植树。</p>"}\n', encoding="utf-8")
    failed, found = read_documents(path, "a.jsonl")
    assert getattr(failed, "reason", "").startswith("It has no text in")
    assert isinstance(found, Document)


def test_a_header_table_of_cells_states_metadata(tmp_path: Path) -> None:
    rows = "索引号\t1135/2023-45\n发文机关\t松岑市财政局\t成文日期\t2023年6月1日\n"
    rows += "标 题\t松岑市财政局关于下达补助资金的通知\n"
    text = f"{rows}\n各县财政局：\n现下达补助资金，请专款专用。\n一、用途\n养路。\n二、管理\n公开。\n"
    (tmp_path / "a.txt").write_text(text, encoding="utf-8")
    (found,) = read_documents(tmp_path / "a.txt", "a.txt")
    assert isinstance(found, Document)
    assert (found.title, found.issuer, found.date) == (
        "松岑市财政局关于下达补助资金的通知",
        "松岑市财政局",
        "2023-06-01",
    )
    assert "索引号" not in "".join(section.text for section in found.sections)
    table = "指标\t数值\n产值\t30\n"
    (tmp_path / "b.txt").write_text(f"松岑市统计公报\n\n{table}一、综合\n增长。\n", encoding="utf-8")
    (found,) = read_documents(tmp_path / "b.txt", "b.txt")
    assert isinstance(found, Document)
    assert not found.removed
