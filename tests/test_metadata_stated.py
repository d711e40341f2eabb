"""Titles over lines, and what a page or a catalogue says of a document: the order of trust."""

from __future__ import annotations

import pytest
from metadata_of import metadata_of

from policysearch.sources.readers.reading import StatedField

ARTICLES = "第一条 为了保护松树，制定本办法。\n第二条 本办法适用于本市行政区域。\n"

# ---------------------------------------------------------------- titles


@pytest.mark.parametrize(
    ("lines", "title"),
    [
        pytest.param(
            "国务院办公厅关于全面推行某公示制度某记录制度\n某审核制度的指导意见\n国办发〔2018〕118号",
            "国务院办公厅关于全面推行某公示制度某记录制度某审核制度的指导意见",
            id="the first line ends like a title",
        ),
        pytest.param("信息安全等级管理办法\n第一章 总则", "信息安全等级管理办法", id="begins with a word of labels"),
        pytest.param(
            "松岑市松树产业合作区管理局国家松树总局松\n岑市松树局关于种松树的通知\n各区：",
            "松岑市松树产业合作区管理局国家松树总局松岑市松树局关于种松树的通知",
            id="broken in a name",
        ),
        pytest.param("松岑市松树管理办法\n第一条 为了保护松树。", "松岑市松树管理办法", id="whole line"),
    ],
)
def test_titles_over_lines(lines: str, title: str) -> None:
    assert metadata_of(f"{lines}\n为了种松树，提出以下意见。\n").title == title


# ---------------------------------------------------------------- what a page says of itself

BODY = "一、2025年发放情况\n2025年全市发放补贴。\n二、2026年发放标准\n标准提高到217元，按月发放。\n"


def _page(*said: tuple[str, str, str]) -> tuple[StatedField, ...]:
    return tuple(StatedField(name, value, place) for place, name, value in said)


def test_a_page_tells_what_its_text_does_not() -> None:
    found = metadata_of(
        BODY,
        source="a.html",
        statements=_page(
            ("meta", "title", "松岑市补贴发放标准"),
            ("meta", "publish_date", "2026-02-27 10:00"),
            ("byline", "publish_date", "2026-02-26"),
            ("byline", "content_source", "松岑市民政局"),
            ("meta", "url", "http://example.org/1.html"),
            ("link", "url", "http://example.org/own.html"),
            ("page title", "title", "松岑市人民政府"),
        ),
    )
    assert (found.title, found.date, found.year) == ("松岑市补贴发放标准", "2026-02-26", 2026)
    assert (found.issuer, found.region, found.url) == ("松岑市民政局", "松岑市", "http://example.org/own.html")
    assert {"date", "year", "issuer"} <= set(found.inferred)


def test_the_text_comes_before_its_page() -> None:
    text = (
        "松岑市人民政府关于防汛的通知\n各区：\n请登录办理，网址：https://example.com/do\n松岑市人民政府\n2023年5月6日\n"
    )
    said = _page(
        ("meta", "title", "关于防汛的通知"),
        ("heading", "title", "市政府部署防汛"),
        ("byline", "publish_date", "2023-05-09"),
        ("byline", "content_source", "松岑日报"),
    )
    found = metadata_of(text, source="a.html", statements=said)
    assert (found.title, found.issuer) == ("松岑市人民政府关于防汛的通知", "松岑市人民政府")
    assert (found.date, found.url, "date" in found.inferred) == ("2023-05-06", None, False)


def test_a_page_of_another_year_tells_no_day_of_issue() -> None:
    text = "关于防汛的通知\n松政发〔2018〕3号\n各区：\n请执行。\n"
    said = _page(("byline", "publish_date", "2023-05-09"))
    found = metadata_of(text, source="a.html", statements=said)
    assert (found.date, found.year) == (None, 2018)


def test_the_press_is_no_issuer() -> None:
    said = _page(("meta", "title", "松岑市种下松树"), ("byline", "content_source", "松岑日报社"))
    assert metadata_of("全市种下松树一万棵。", source="a.html", statements=said).issuer is None


@pytest.mark.parametrize(
    ("title", "stem", "status"),
    [
        pytest.param("松岑市松树管理办法（已废止）", "a", "已废止", id="title"),
        pytest.param("松岑市松树管理办法", "松岑市松树管理办法[已修改]", "已修改", id="file"),
        pytest.param("松岑市松树管理办法（试行）", "a", None, id="another bracket"),
    ],
)
def test_status_in_brackets(title: str, stem: str, status: str | None) -> None:
    assert metadata_of(f"{title}\n{ARTICLES}", source=f"{stem}.txt").status == status


@pytest.mark.parametrize(
    ("line", "status"),
    [
        pytest.param("（本办法已于2020年5月1日废止）", "已废止", id="in brackets"),
        pytest.param("已被松岑市人民政府令第9号废止", "已废止", id="bare"),
        pytest.param("时效性：部分失效", "已修改", id="in part"),
        pytest.param("本办法自公布之日起施行，某办法同时废止。", None, id="another one"),
    ],
)
def test_status_below_the_title(line: str, status: str | None) -> None:
    assert metadata_of(f"松岑市松树管理办法\n{line}\n{ARTICLES}").status == status


def test_a_congress_of_no_name_is_that_of_the_place_in_the_title() -> None:
    text = f"乌海市松树条例\n2014年12月26日市十四届人大常委会第二十次会议通过\n{ARTICLES}"
    found = metadata_of(text)
    assert (found.issuer, found.type) == ("乌海市人民代表大会常务委员会", "地方性法规")
    assert "issuer" in found.inferred


def test_a_record_of_a_catalogue_of_statutes() -> None:
    said = (
        StatedField("title", "松樹檢疫條例", "column"),
        StatedField("type", "法律", "column"),
        StatedField("date", "20210730", "column"),
        StatedField("沿革", "中華民國一百十年七月三十日公布", "column"),
    )
    found = metadata_of("第 1 條\n為保護松樹，制定本條例。", source="a.json#1", record="1", statements=said)
    assert (found.type, found.date, found.region) == ("法律", "2021-07-30", None)
