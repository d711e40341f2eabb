"""Metadata by kind: types by who issued, numbers, issuers and places, dates."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from metadata_of import metadata_of

from policysearch.documents.metadata.document_numbers import split_number
from policysearch.documents.metadata.issuers import split_bodies
from policysearch.sources.readers.reading import StatedField

ARTICLES = "第一条 为了保护松树，制定本办法。\n第二条 本办法适用于本市行政区域。\n"

# ---------------------------------------------------------------- types


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        pytest.param(f"松岑县松树管理办法（试行）\n{ARTICLES}", "规范性文件", id="county, on trial"),
        pytest.param(
            f"松岑市松树补贴办法（2023年修订）\n{ARTICLES}松岑市林业局\n2023年6月1日", "规范性文件", id="bureau"
        ),
        pytest.param(
            f"松树保护法实施细则（草案）\n{ARTICLES}松岑县人民政府\n2023年6月1日", "规范性文件", id="county rules"
        ),
        pytest.param(f"松岑市松树管理规定\n{ARTICLES}松岑市人民政府\n2023年6月1日", "规章", id="government of a city"),
        pytest.param(
            f"松岑市松树管理规定\n松政规〔2023〕5号\n{ARTICLES}松岑市人民政府\n2023年6月1日",
            "规范性文件",
            id="numbered letter",
        ),
        pytest.param(
            f"松岑市松树管理规定\n（2023年6月1日松岑市人民政府令第18号公布）\n{ARTICLES}",
            "规章",
            id="order of a government",
        ),
        pytest.param(
            f"松树检疫办法\n（2023年6月1日松树部令第3号公布 自2023年7月1日起施行）\n{ARTICLES}",
            "规章",
            id="order of a ministry",
        ),
        pytest.param(f"松树检疫办法\n（2023年6月1日国务院令第803号公布）\n{ARTICLES}", "行政法规", id="State Council"),
        pytest.param(
            f"松岑市松树保护规定\n（2023年6月1日松岑市第九届人民代表大会常务委员会第八次会议通过）\n{ARTICLES}",
            "地方性法规",
            id="congress of a city",
        ),
        pytest.param(f"最高人民检察院松树案件办理规则（试行）\n{ARTICLES}", "司法解释", id="procuratorate"),
        pytest.param(f"松树保护法\n{ARTICLES}", "法律", id="law"),
        pytest.param(f"松岑大学章程\n{ARTICLES}", "其他", id="charter"),
        pytest.param(f"中国共产党松树工作条例（试行）\n{ARTICLES}", "其他", id="the Party's"),
        pytest.param(
            "中华人民共和国松树法修正案（三）\n（2005年2月28日第十届全国人民代表大会常务委员会第十四次会议通过）\n一、增加一条。",
            "法律",
            id="amendment",
        ),
        pytest.param(
            f"松岑市松树保护条例修正案\n{ARTICLES}松岑市人大常委会\n2023年6月1日", "地方性法规", id="a city's amendment"
        ),
    ],
)
def test_type_of_a_statute_is_that_of_its_issuer(text: str, kind: str) -> None:
    assert metadata_of(text).type == kind


def test_what_is_stated_of_a_type_comes_before_a_guess_and_after_what_the_text_says() -> None:
    text = f"松岑市松树管理规定\n{ARTICLES}"
    assert metadata_of(text, {"type": "地方政府规章"}, source="a.html").type == "规章"
    assert metadata_of(text, source="地方性法规/a.txt").type == "地方性法规"
    passed = f"松岑市松树管理规定\n（2023年6月1日松岑市第九届人民代表大会第八次会议通过）\n{ARTICLES}"
    assert metadata_of(passed, {"type": "地方政府规章"}, source="a.html").type == "地方性法规"


# ---------------------------------------------------------------- numbers


@pytest.mark.parametrize(
    ("head", "title", "number"),
    [
        pytest.param(
            "松岑市人民政府关于防汛的通知（松政发〔2023〕12号）",
            "松岑市人民政府关于防汛的通知",
            "松政发〔2023〕12号",
            id="in brackets at the end",
        ),
        pytest.param(
            "松岑市人民政府关于防汛的通知\n（松政发[2023] 12 号）",
            "松岑市人民政府关于防汛的通知",
            "松政发〔2023〕12号",
            id="in brackets below",
        ),
        pytest.param(
            "松岑市人民政府关于防汛的通知松政发(2023)12号",
            "松岑市人民政府关于防汛的通知",
            "松政发〔2023〕12号",
            id="glued to the end",
        ),
        pytest.param(
            "松岑市人民政府关于防汛的通知（2023年5月8日）松政发〔2023〕12号",
            "松岑市人民政府关于防汛的通知",
            "松政发〔2023〕12号",
            id="behind a day in brackets",
        ),
    ],
)
def test_a_number_is_never_part_of_the_title(head: str, title: str, number: str) -> None:
    found = metadata_of(f"{head}\n各区人民政府：\n请做好防汛工作。\n")
    assert (found.title, found.document_number, found.type) == (title, number, "通知")
    assert found.issuer == "松岑市人民政府"


@pytest.mark.parametrize(
    ("head", "number", "issuer"),
    [
        pytest.param(
            "松岑银行令〔2025〕第12号（松树贷款办法）", "松岑银行令〔2025〕第12号", "松岑银行", id="year in brackets"
        ),
        pytest.param(
            "松岑市人民政府令\n〔2025〕第12号", "松岑市人民政府令〔2025〕第12号", "松岑市人民政府", id="two lines"
        ),
        pytest.param(
            "松岑市人民政府令\n（第18号）", "松岑市人民政府令第18号", "松岑市人民政府", id="number in brackets"
        ),
        pytest.param("松岑市人民政府\n令\n第18号", "松岑市人民政府令第18号", "松岑市人民政府", id="three lines"),
        pytest.param("中华人民共和国松树部令\n第 18 号", "松树部令第18号", "松树部", id="of the state"),
        pytest.param("松树部 竹林总局令\n第18号", "松树部竹林总局令第18号", "松树部、竹林总局", id="two bodies"),
        pytest.param("松政令第18号", "松政令第18号", None, id="a code is no issuer"),
    ],
)
def test_head_of_an_order(head: str, number: str, issuer: str | None) -> None:
    text = (
        f"{head}\n《松树贷款办法》已经2025年8月1日第10次会议审议通过，现予公布。\n"
        f"行长 陆青禾\n2025年9月1日\n松树贷款办法\n{ARTICLES}"
    )
    found = metadata_of(text)
    assert (found.title, found.document_number, found.issuer) == ("松树贷款办法", number, issuer)
    assert (found.date, found.year, found.inferred.count("date")) == ("2025-09-01", 2025, 0)


def test_signing_comes_before_passing_also_on_one_line_with_the_name() -> None:
    text = (
        "松岑市人民政府令\n第18号\n《松岑市松树办法》已经2025年8月1日市人民政府第10次常务会议通过，现予公布。\n"
        f"市长：陆青禾 2025年9月1日\n松岑市松树办法\n{ARTICLES}"
    )
    assert metadata_of(text).date == "2025-09-01"


@given(st.text(alphabet="松政发〔〕()（）[]【】2023第一二12号 通知", max_size=40))
def test_a_title_loses_a_number_or_nothing(title: str) -> None:
    rest, number = split_number(title)
    assert title.startswith(rest)
    assert (rest == title.rstrip()) is (number is None)


# ---------------------------------------------------------------- issuers and places


@pytest.mark.parametrize(
    ("written", "bodies"),
    [
        pytest.param("松岑市教育局松岑市财政局", ["松岑市教育局", "松岑市财政局"], id="of one place"),
        pytest.param(
            "松岑市人力资源和社会保障局松岑市财政局松岑海关",
            ["松岑市人力资源和社会保障局", "松岑市财政局", "松岑海关"],
            id="three, one with the short name of the place",
        ),
        pytest.param("松岑市教育局青禾县财政局", ["松岑市教育局", "青禾县财政局"], id="of two places"),
        pytest.param("市教育局市财政局", ["市教育局", "市财政局"], id="of no name"),
        pytest.param("松树部竹林总局", ["松树部", "竹林总局"], id="of the state"),
        pytest.param("中共松岑市委松岑市人民政府", ["中共松岑市委", "松岑市人民政府"], id="party and government"),
        pytest.param("国家松树总局松岑市松树局", ["国家松树总局松岑市松树局"], id="one body in a place"),
        pytest.param("松岑市松树局青禾区分局", ["松岑市松树局青禾区分局"], id="branch"),
        pytest.param("松岑市人民代表大会常务委员会办公室", ["松岑市人民代表大会常务委员会办公室"], id="one long name"),
        pytest.param("松树部办公厅", ["松树部办公厅"], id="an office of one"),
    ],
)
def test_glued_names_of_bodies(written: str, bodies: list[str]) -> None:
    assert list(split_bodies(written)) == bodies


@given(st.text(alphabet="松岑市县局委部省人民政府财国家总、 ", max_size=60))
def test_no_letter_of_a_name_is_lost(names: str) -> None:
    assert "".join(split_bodies(names)) == "".join(names.replace("、", " ").split())


def test_two_issuers_in_title_and_signature() -> None:
    found = metadata_of(
        "松岑市教育局松岑市财政局关于助学的通知\n各区：\n请执行。\n松岑市教育局松岑市财政局\n2023年6月1日\n"
    )
    assert (found.issuer, found.date, found.region) == ("松岑市教育局、松岑市财政局", "2023-06-01", "松岑市")


@pytest.mark.parametrize(
    "title",
    [
        "从当地政府发布的防汛决定",
        "上一级人民法院关于申诉的通知",
        "为落实国务院关于防汛的意见",
        "各区人民政府关于防汛的通知",
    ],
)
def test_words_before_a_body_that_make_it_none_are_no_issuer(title: str) -> None:
    assert metadata_of(f"{title}\n请执行。\n").issuer is None


def test_the_day_of_a_repealed_predecessor_in_an_excerpt_is_not_its_own() -> None:
    text = (
        "松树管理条例\n第三十条　种松树应当向社会公布。\n"
        "第四十八条　本条例自2004年6月1日起施行，1988年9月27日国务院发布的《松树管理办法》同时废止。\n"
    )
    found = metadata_of(text)
    assert (found.title, found.date, found.issuer) == ("松树管理条例", None, None)
    assert found.effective == "2004-06-01"


def test_a_government_of_no_name_is_told_by_its_signature() -> None:
    text = "省人民政府关于种松树的意见\n云政发〔2023〕5号\n各市：\n请执行。\n松岑省人民政府\n2023年4月1日\n"
    found = metadata_of(text)
    assert (found.issuer, found.region, found.level) == ("松岑省人民政府", "松岑省", "省级")
    assert "issuer" not in found.inferred


def test_a_government_of_no_name_is_told_by_its_number() -> None:
    text = "省人民政府办公厅关于种松树的意见\n黔府办发〔2023〕5号\n各市：\n请执行。\n2023年4月1日\n"
    found = metadata_of(text)
    assert (found.issuer, found.region) == ("贵州省人民政府办公厅", "贵州省")
    assert "issuer" in found.inferred
    # the character of a province says nothing of a city
    assert metadata_of(text.replace("省人民", "市人民")).region is None


def test_a_place_that_no_table_has_is_known_by_how_the_text_speaks() -> None:
    found = metadata_of("青禾县松树管理办法（试行）\n第一条 为了保护松树，制定本办法。\n第二条 本县的松树适用本办法。")
    assert (found.region, found.level) == ("青禾县", "县级")
    other = metadata_of("中心城市松树管理办法\n第一条 为了保护松树，制定本办法。\n第二条 本市的松树适用本办法。")
    assert other.region is None


# ---------------------------------------------------------------- reports to a congress


@pytest.mark.parametrize(
    ("head", "issuer", "speaker"),
    [
        pytest.param(
            "关于松岑县2023年预算执行情况和2024年预算草案的报告\n——2024年1月5日在松岑县第十八届人民代表大会第三次会议上\n"
            "松岑县财政局局长 陆青禾",
            "松岑县财政局",
            "陆青禾",
            id="budget",
        ),
        pytest.param(
            "松岑县人民法院工作报告\n（2024年1月5日在松岑县第十八届人民代表大会第三次会议上）\n"
            "松岑县人民法院院长 陆 青",
            "松岑县人民法院",
            "陆青",
            id="court",
        ),
        pytest.param(
            "松岑县人民检察院工作报告\n2024年1月5日在松岑县第十八届人民代表大会第三次会议上\n检察长\n白河清",
            "松岑县人民检察院",
            "白河清",
            id="procuratorate, name below the office",
        ),
        pytest.param(
            "关于松岑县2023年国民经济和社会发展计划执行情况\n与2024年计划草案的报告\n"
            "——2024年1月5日在松岑县第十八届人民代表大会第三次会议上\n松岑县发展和改革局",
            "松岑县发展和改革局",
            None,
            id="plan, title on two lines, given by a body",
        ),
        pytest.param(
            "松岑县人民代表大会常务委员会工作报告\n——2024年1月5日在松岑县第十八届人民代表大会第三次会议上\n"
            "松岑县人大常委会主任 陆青禾",
            "松岑县人民代表大会常务委员会",
            "陆青禾",
            id="standing committee",
        ),
    ],
)
def test_report_to_a_congress(head: str, issuer: str, speaker: str | None) -> None:
    found = metadata_of(f"{head}\n\n各位代表：\n受委托，向大会报告，请予审议。\n一、2023年工作回顾\n经济增长。\n")
    assert (found.type, found.date, found.year) == ("报告", "2024-01-05", 2024)
    assert (found.region, found.issuer, found.speaker) == ("松岑县", issuer, speaker)
    assert (found.title or "").endswith("报告")


# ---------------------------------------------------------------- dates


@pytest.mark.parametrize(
    ("text", "date"),
    [
        pytest.param(
            "松岑市松树保护条例\n（2023年3月31日松岑市第九届人民代表大会常务委员会第八次会议通过 "
            "2023年5月26日云麓省第十四届人民代表大会\n"
            f"常务委员会第三次会议批\n准）\n{ARTICLES}",
            "2023-05-26",
            id="note over three lines",
        ),
        pytest.param(
            "松树法\n（1990年1月1日第七届全国人民代表大会常务委员会第一次会议通过"
            + "".join(
                f" 根据{year}年3月2日第八届全国人民代表大会常务委员会第{year - 1990}次会议修正"
                for year in (1991, 1999, 2005)
            )
            + f"）\n{ARTICLES}",
            "2005-03-02",
            id="note longer than a title",
        ),
        pytest.param(
            "松岑市人民代表大会关于松树的决定\n2024年3月11日松岑市第九届人民代表大会第二次会议通过\n为了保护松树，会议决定：\n一、种松树。",
            "2024-03-11",
            id="decision",
        ),
        pytest.param(
            "中共松岑市委关于制定松树规划的建议\n（2025年10月23日中国共产党松岑市第九届委员会第四次全体会议通过）\n一、种松树。",
            "2025-10-23",
            id="proposal",
        ),
        pytest.param(
            "松岑市人民政府关于防汛的通知\n各区：\n请执行。\n松岑市人民政府2023年5月6日\n",
            "2023-05-06",
            id="glued signature",
        ),
        pytest.param(
            "松岑市人民政府关于防汛的通知\n各区：\n请执行。\n2023 年 5 月 6 日\n（此件公开发布）\n",
            "2023-05-06",
            id="day alone",
        ),
        pytest.param(
            "1. 松岑市松树工作领导小组办公室关于印发松岑市松树工作\n要点的通知（2023 年5\n月6 日）\n各区：\n请执行。\n",
            "2023-05-06",
            id="in brackets, broken, numbered in a collection",
        ),
        pytest.param(
            "松岑市人民政府关于防汛的通知\n各区：\n根据2022年1月1日省政府会议通过的办法，请执行。\n",
            None,
            id="day of another document",
        ),
    ],
)
def test_day_of_issue(text: str, date: str | None) -> None:
    found = metadata_of(text)
    assert (found.date, found.year) == (date, int(date[:4]) if date else None)
    assert "date" not in found.inferred


@pytest.mark.parametrize(
    ("stem", "note", "date", "inferred"),
    [
        pytest.param("(2019-03-02)", "", "2019-03-02", True, id="no note"),
        pytest.param("_20190302", "", "2019-03-02", True, id="compact"),
        pytest.param("（2019年3月2日）", "", "2019-03-02", True, id="in Chinese"),
        pytest.param("(2019-03-02)", "2011年1月8日国务院令第588号公布", "2019-03-02", True, id="a later version"),
        pytest.param("(2011-01-08)", "2011年1月8日国务院令第588号公布", "2011-01-08", False, id="the note has it"),
        pytest.param("(2009-01-08)", "2011年1月8日国务院令第588号公布", "2011-01-08", False, id="an earlier one"),
        pytest.param("(2011-13-40)", "2011年1月8日国务院令第588号公布", "2011-01-08", False, id="no day"),
    ],
)
def test_a_version_is_of_the_day_its_file_is_named_after(stem: str, note: str, date: str, inferred: bool) -> None:
    found = metadata_of(f"松树管理条例\n{note}\n{ARTICLES}", source=f"法规/松树管理条例{stem}.md")
    assert (found.date, found.year, "date" in found.inferred) == (date, int(date[:4]), inferred)


def test_a_letter_is_of_the_day_it_was_signed_whatever_its_file_is_called() -> None:
    text = "松岑市人民政府关于防汛的通知\n各区：\n请执行。\n松岑市人民政府\n2023年5月6日\n"
    assert metadata_of(text, source="防汛(2023-06-01).txt").date == "2023-05-06"


@pytest.mark.parametrize(
    ("head", "number", "issuer", "date"),
    [
        pytest.param(
            "松岑省松树规定\n松岑省人民政府\n松岑省松树规定\n政府令〔2010〕第15号\n"
            "《松岑省松树规定》已经2010年12月14日省政府第76次常务会议通过，现予公布。\n省长\n二○一○年十二月二十五日",
            "政府令〔2010〕第15号",
            "松岑省人民政府",
            "2010-12-25",
            id="the government stands above its order",
        ),
        pytest.param(
            "松岑省松树规定\n松岑省人民政府\n松岑省松树规定\n松岑省人民政府令\n第82号\n"
            "《松岑省松树规定》已经省政府1997年第六次常务会议通过。\n省长 陆青禾\n1997年7月23日",
            "松岑省人民政府令第82号",
            "松岑省人民政府",
            "1997-07-23",
            id="titles above the order",
        ),
    ],
)
def test_order_below_titles_of_a_page(head: str, number: str, issuer: str, date: str) -> None:
    found = metadata_of(f"{head}\n松岑省松树规定\n第一章 总则\n{ARTICLES}")
    assert (found.document_number, found.issuer, found.date) == (number, issuer, date)
    assert (found.title, found.type) == ("松岑省松树规定", "规章")


def test_labels_with_their_values_on_the_next_lines() -> None:
    text = (
        "松岑县人民政府工作规则\n • 索引号：\n 610728/2024-1\n • 发文机构：\n 县政府\n • 发文字号：\n"
        " 松政发〔2024〕7号\n"
        " • 发文日期：\n 2024-04-06\n松岑县人民政府工作规则\n第一章 总则\n一、为了工作，制定本规则。\n"
    )
    found = metadata_of(text)
    assert (found.document_number, found.date) == ("松政发〔2024〕7号", "2024-04-06")
    assert (found.title, found.type) == ("松岑县人民政府工作规则", "规范性文件")


def test_reports_of_a_committee_and_in_quotes() -> None:
    committee = metadata_of(
        "中国人民政治协商会议松岑县第十届委员会常务委员会工作报告\n"
        "（2024年1月4日在政协松岑县第十届委员会第三次会议上）\n陆青禾\n各位委员：\n我受委托，向大会报告工作。\n"
    )
    assert (committee.type, committee.region, committee.speaker) == ("报告", "松岑县", "陆青禾")
    court = metadata_of(
        "《松岑县人民法院工作报告》（全文）\n——2024年1月6日在松岑县第九届人民代表大会第三次会议上\n"
        "松岑县人民法院院长 陆青禾\n各位代表：\n我代表县人民法院向大会报告工作。\n"
    )
    assert (court.title, court.type, court.issuer) == ("松岑县人民法院工作报告", "报告", "松岑县人民法院")
    entrusted = metadata_of(
        "关于松岑市2023年环境状况的报告\n2024年4月25日在市九届人大常委会第二十次会议上\n"
        "市生态环境局局长 陆青禾\n市人大常委会：\n受市人民政府委托，现报告如下。\n"
    )
    assert (entrusted.issuer, entrusted.region, entrusted.date) == ("松岑市生态环境局", "松岑市", "2024-04-25")


def test_a_notice_that_promulgates_is_called_by_its_statute() -> None:
    congress = "青石省第七届人民代表大会常务委员会"
    note = f"（2022年3月25日{congress}第三十四次会议通过）"
    act = f"《青石省松树条例》已由{congress}第三十四次会议于2022年3月25日通过，现予公布，自2022年5月1日起施行。"
    signed = "青石省人民代表大会常务委员会\n2022年3月25日"
    found = metadata_of(f"{congress}\n公告\n第55号\n{act}\n{signed}\n青石省松树条例\n{note}\n{ARTICLES}")
    assert (found.title, found.type) == ("青石省松树条例", "地方性法规")
    assert (found.date, found.document_number) == ("2022-03-25", f"{congress}公告第55号")
    assert found.issuer == "青石省人民代表大会常务委员会"


def test_a_meeting_of_a_term_is_one_of_the_government() -> None:
    act = "《青石省松树办法》已经2023年4月24日省人民政府第十三届第十次常务会议通过，现予公布。"
    found = metadata_of(f"青石省人民政府令\n第3号\n{act}\n省长　林清\n2023年5月9日\n青石省松树办法\n{ARTICLES}")
    assert (found.title, found.type, found.issuer) == ("青石省松树办法", "规章", "青石省人民政府")


def test_an_office_that_publishes_does_not_issue_what_its_government_signs() -> None:
    text = "关于印发松树办法的通知\n各乡镇人民政府：\n现印发给你们。\n松岑县人民政府\n2020年12月28日"
    office = (StatedField("issuer", "县府办", "header table"),)
    assert metadata_of(text, statements=office).issuer == "松岑县人民政府"
    bureau = (StatedField("issuer", "松岑县林业局", "header table"),)
    assert metadata_of(text, statements=bureau).issuer == "松岑县林业局"
