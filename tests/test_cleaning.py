"""Removal of text by form and place, and text that is never removed."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policysearch.documents.cleaning.clean import Cleaned, clean
from policysearch.sources.readers.reading import HeadingLine, Reading

BODY = "全市上下齐心协力推进各项工作，农田水利建设取得新的进展，群众生活水平稳步提高，社会保持安定。"


def cleaned(text: str) -> Cleaned:
    return clean(Reading(text))


def reasons(result: Cleaned) -> dict[str, str]:
    return {piece.text: piece.reason for piece in result.removed}


def test_indents_and_empty_lines_go_without_account() -> None:
    result = cleaned("　　甲乙丙。\n\n \t\n  丁戊己。  \n")
    assert result.text == "甲乙丙。\n丁戊己。"
    assert result.removed == ()


@pytest.mark.parametrize("mark", ["—{}—", "- {} -", "－{}－", "第 {} 页", "{}/9", "第{}页 共9页"])
def test_rising_page_marks_are_removed_and_the_cut_word_is_whole(mark: str) -> None:
    pages = [BODY + "我们建成了一座新水", "厂，供水能力提高。" + BODY + "新增优", "质学位一千个。" + BODY]
    text = "".join(f"{page}\n{mark.format(n)}\n" for n, page in enumerate(pages, 1))
    result = cleaned(text)
    assert "新水厂" in result.text
    assert "优质学位" in result.text
    assert [piece.reason for piece in result.removed] == ["page mark"] * 3


def test_a_page_mark_at_the_head_of_a_line_is_cut_out() -> None:
    result = cleaned(f"—1—{BODY}规范化建\n—2—设不断推进。{BODY}\n—3—{BODY}")
    assert "规范化建设不断推进" in result.text
    assert "—" not in result.text


def test_a_sentence_that_ended_with_the_page_stays_apart() -> None:
    result = cleaned(f"{BODY}\n—1—\n一、水利工作\n{BODY}\n—2—\n{BODY}")
    assert result.text.split("\n") == [BODY, "一、水利工作", BODY, BODY]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("政府工作报告—2024年1月8日\n" + BODY, id="one dash before a year"),
        pytest.param("连接甲地—3—乙地的公路通车。\n" + BODY, id="a single mark in a line"),
        pytest.param("甲\n1\n乙\n2\n丙\n3\n丁", id="numbers in a table"),
        pytest.param("——七年级—八年级衔接", id="dashes between words"),
    ],
)
def test_what_only_looks_like_a_page_mark_stays(text: str) -> None:
    assert cleaned(text).text == text


def test_bare_numbers_are_page_marks_where_pages_lie_between() -> None:
    result = cleaned("\n".join(f"{BODY * 5}\n{n}" for n in range(1, 5)))
    assert reasons(result) == {"1": "page mark", "2": "page mark", "3": "page mark", "4": "page mark"}


def test_navigation_above_the_body_is_removed_and_kept_for_the_metadata() -> None:
    head = ["当前位置：首页>>要闻", "打印", "【字体：大 中 小】", "来源：某某日报", "时间：2021-03-04"]
    result = cleaned("\n".join([*head, "某某市工作总结", "各位代表：", BODY]))
    assert result.text == f"某某市工作总结\n各位代表：\n{BODY}"
    assert list(reasons(result)) == head
    assert result.head[:5] == tuple(head)


def test_the_same_words_in_the_body_stay() -> None:
    lines = ["各位代表：", BODY, "打印", "来源：某某日报", "上一条：甲", BODY, BODY]
    assert cleaned("\n".join(lines)).text.split("\n") == lines


@pytest.mark.parametrize("text", ["打印\n收藏", "关闭煤矿应当办理手续。", "无障碍停车位供残疾人使用。", "来源：甲"])
def test_a_text_of_nothing_but_such_words_is_kept(text: str) -> None:
    assert cleaned(text) == Cleaned(text, head=tuple(text.split("\n")), tail=tuple(text.split("\n")))


def test_the_footer_is_removed_from_its_first_line_on() -> None:
    foot = ["相关解读：", "一图读懂工作总结", "上一条：甲", "某ICP备00000000号", "地址：某某路1号 邮编：000000"]
    result = cleaned("\n".join(["一、工作", BODY, "某某市人民政府", "2021年3月4日", *foot]))
    assert result.text.endswith("某某市人民政府\n2021年3月4日")
    assert list(reasons(result)) == foot
    assert result.tail[-1] == foot[-1]


def test_the_source_link_is_removed_by_name() -> None:
    result = cleaned(f"一、工作\n{BODY}\n转载链接：http://www.example.cn/a.shtml")
    assert reasons(result) == {"转载链接：http://www.example.cn/a.shtml": "footer"}


def test_a_body_saved_several_times_is_kept_once() -> None:
    body = [f"第{n}段。{BODY}" for n in range(12)]
    copy = ["工作总结", *body, "（责任编辑：甲）"]
    result = cleaned("\n".join(copy * 4))
    assert result.text == "\n".join(["工作总结", *body])
    assert sum(piece.reason == "repeated body" for piece in result.removed) >= 36


def test_a_paragraph_that_returns_is_no_repeated_body() -> None:
    lines = [f"第{n}段。{BODY}" for n in range(12)]
    lines.insert(9, lines[2])
    assert cleaned("\n".join(lines)).text.split("\n") == lines


def test_spelled_out_spaces_and_comments_are_markup() -> None:
    result = cleaned(f"<U+00A0><U+00A0>一、工作\n{BODY}\n<!--\n  \n-->\n{BODY}")
    assert result.text == f"一、工作\n{BODY}\n{BODY}"
    assert {piece.reason for piece in result.removed} == {"markup"}


def test_a_text_broken_at_one_width_is_whole_again() -> None:
    paragraphs = ["　　" + BODY * 2, "　　一、水利工作", "　　" + BODY * 3]
    text = "\n".join(p[i : i + 30] for p in paragraphs for i in range(0, len(p), 30))
    assert cleaned(text).text == "\n".join(p.strip() for p in paragraphs)


def test_rows_of_a_table_are_not_joined() -> None:
    rows = [f"{BODY}说明第{n}项\t{BODY}" for n in range(8)]
    assert cleaned("\n".join(rows)).text.split("\n") == rows


def test_lines_of_a_list_are_not_joined() -> None:
    names = [f"青原市第{n}人民医院门诊部及其附属社区卫生服务中心" for n in "一二三四五六七八九十"]
    assert cleaned("\n".join(names)).text.split("\n") == names


def test_a_word_cut_by_an_empty_line_is_whole_again() -> None:
    result = cleaned(f"{BODY}推动新建的青石\n\n机场等项目投入使用，{BODY}")
    assert "青石机场等项目" in result.text


@pytest.mark.parametrize("after", ["二、教育工作", "（二）教育工作", "第二条 教育工作按照规定办理。", "教育工作"])
def test_a_heading_is_never_joined_to_the_line_before(after: str) -> None:
    text = f"{BODY}还有一句没有写完\n{after}\n{BODY}"
    assert f"\n{after}\n" in cleaned(text).text


def test_headers_that_return_on_every_page_are_removed() -> None:
    pages = [f"某某市年鉴\n第{n}章开头。{BODY}\n{BODY}\n" for n in range(4)]
    starts = tuple(sum(map(len, pages[:n])) for n in range(4))
    result = clean(Reading("".join(pages), pages=starts))
    assert "年鉴" not in result.text
    assert [result.text[page : page + 4] for page in result.pages] == [f"第{n}章开" for n in range(4)]


def test_offsets_of_headings_and_pages_move_with_the_text() -> None:
    text = f"打印\n　　水利工作\n{BODY}\n—1—\n　　教育工作\n{BODY}\n—2—\n"
    start = text.index("　　水利"), text.index("　　教育")
    result = clean(Reading(text, headings=tuple(HeadingLine(s, 1) for s in start), pages=(0, start[1])))
    assert [result.text[h.start : h.start + 4] for h in result.headings] == ["水利工作", "教育工作"]
    assert result.text[result.pages[1] :].startswith("教育工作")


PIECES = st.sampled_from(
    [
        "一、",
        "（一）",
        "—1—",
        "—2—",
        "第一条 ",
        "。",
        "，",
        "\n",
        "\n\n",
        "　　",
        "打印\n",
        "<!--",
        "-->",
        "<U+00A0>",
        " ",
    ]
)
TEXTS = st.lists(st.one_of(PIECES, st.text(max_size=30)), max_size=60).map("".join)


def without_space(text: str) -> str:
    return "".join(text.split())


@settings(max_examples=300, deadline=None)
@given(TEXTS)
def test_any_text_keeps_what_is_not_accounted_for(text: str) -> None:
    result = cleaned(text)
    kept = without_space(result.text)
    dropped = sum(len(without_space(piece.text)) for piece in result.removed)
    assert len(kept) + dropped == len(without_space(text))
    rest = iter(without_space(text))
    assert all(character in rest for character in kept)
    assert "\n\n" not in result.text


@settings(max_examples=200, deadline=None)
@given(TEXTS, st.lists(st.integers(0, 400), max_size=5))
def test_offsets_stay_inside_any_text(text: str, offsets: list[int]) -> None:
    places = tuple(sorted(min(o, len(text)) for o in offsets))
    result = clean(Reading(text, headings=tuple(HeadingLine(p, 1) for p in places), pages=places))
    assert all(0 <= h.start <= len(result.text) for h in result.headings)
    assert list(result.pages) == sorted(result.pages)
    assert all(0 <= page <= len(result.text) for page in result.pages)


# What other sites put around a document

TITLE = "青石县人民政府关于加强冬季供暖工作的通知"
NOTICE = f"{TITLE}\n各乡镇人民政府：\n{BODY}\n一、总体要求\n{BODY}"

HEADS = [
    pytest.param("首页\n>\n政务公开\n>\n政策文件\n", id="a crumb and a sign on lines of their own"),
    pytest.param("您当前的位置：\n首页 >\n政务公开 >\n政策文件\n", id="a sign behind each crumb"),
    pytest.param("当前位置：首页\n> 政务公开\n> 政策文件\n", id="a sign before each crumb"),
    pytest.param("首页\n/\n政务公开\n/\n政策文件\n", id="strokes"),
    pytest.param("首页 / 政务公开 / 政策文件\n", id="strokes on a line"),
    pytest.param(f"首页\n>\n政务公开\n>\n{TITLE}\n", id="a path that ends with the title"),
    pytest.param(
        f"{TITLE}\n发布时间：2024-01-05 10:00 来源：县府办 浏览次数：12\n", id="the title and a byline before"
    ),
    pytest.param(
        f"{TITLE} - 青石县人民政府门户网站\n2024-01-05　来源：县府办　【字体：大 中 小】\n", id="the title of the page"
    ),
    pytest.param(
        f"{TITLE[:12]}\n{TITLE[12:]}\n{TITLE}\n来源：县府办\n发布时间：2024-01-05\n", id="the title on two lines"
    ),
    pytest.param(f"{TITLE}\n{TITLE}\n", id="the title three times"),
    pytest.param(
        "索 引 号：K01-2024-1\n发布机构：县府办　　发文日期：2024-01-05\n有效性：有效\n", id="a header table as lines"
    ),
]


@pytest.mark.parametrize("head", HEADS)
def test_what_a_site_puts_above_a_document_is_no_text_and_is_accounted_for(head: str) -> None:
    result = cleaned(head + NOTICE)
    assert result.text == NOTICE
    assert sorted(piece.text for piece in result.removed) == sorted(head.rstrip("\n").split("\n"))
    assert {piece.reason for piece in result.removed} == {"navigation"}


@pytest.mark.parametrize(
    "tail",
    [
        "（来源：青石日报）",
        "来源：青石县人民政府办公室 责任编辑：甲乙",
        "相关附件",
        "初审：甲 复审：乙\n终审：丙\n【打印本页】 【关闭窗口】",
        "相关附件：\n扫一扫在手机打开当前页\n您访问的链接即将离开本网站，是否继续？",
        "我要纠错\n分享到：\n浏览次数：123\n关于我们\n网站声明",
    ],
)
def test_what_a_site_puts_below_a_document_is_no_text_and_is_accounted_for(tail: str) -> None:
    text = f"{NOTICE}\n青石县人民政府\n2024年1月5日"
    result = cleaned(f"{text}\n{tail}")
    assert result.text == text
    assert [piece.text for piece in result.removed] == tail.split("\n")
    assert {piece.reason for piece in result.removed} == {"footer"}


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(
            "政府工作报告\n——2024年1月5日在青石县第九届人民代表大会上\n各位代表：\n" + BODY, id="a title once"
        ),
        pytest.param("甲类企业>乙类企业\n" + BODY, id="a comparison"),
        pytest.param("时间：2024年1月5日 地点：第一会议室\n" + BODY, id="when and where"),
        pytest.param(
            "文号：青政发〔2023〕5号\n发文日期：2024-01-05\n标题：关于甲的通知\n" + BODY, id="labels without an index"
        ),
        pytest.param(f"{NOTICE}\n审核：由县财政局负责\n{BODY}\n校对：县档案局", id="labels of a document"),
        pytest.param(f"{NOTICE}\n数据来源：县统计局", id="the note under a table"),
        pytest.param(f"工作制度\n考核办法\n工作制度\n考核办法\n{BODY}", id="short lines that return"),
        pytest.param(f"{TITLE}\n{BODY * 2}\n{TITLE}\n{BODY}", id="a title that returns below text"),
        pytest.param(f"{TITLE}\n{TITLE}", id="nothing but a title"),
    ],
)
def test_what_only_looks_like_a_page_around_a_document_stays(text: str) -> None:
    assert cleaned(text).text == text


def test_an_origin_glued_to_the_last_paragraph_is_cut_off() -> None:
    result = cleaned(f"{TITLE}\n{BODY}\n{BODY}（来源：青石日报）\n【打印】")
    assert result.text == f"{TITLE}\n{BODY}\n{BODY}"
    assert reasons(result) == {"（来源：青石日报）": "footer", "【打印】": "footer"}
    several = f"甲：{BODY}（来源：县统计局）\n乙：{BODY}（来源：县财政局）"
    assert cleaned(several).text == several


def test_a_header_table_saved_as_lines_is_said() -> None:
    result = cleaned(
        "索引号：K01-1\n文　号：青政发〔2024〕1号\n发布机构：青石县人民政府\n发布日期：\n2024-01-05\n" + NOTICE
    )
    assert [(one.name, one.value, one.place) for one in result.statements] == [
        ("index_number", "K01-1", "header table"),
        ("document_number", "青政发〔2024〕1号", "header table"),
        ("issuer", "青石县人民政府", "header table"),
        ("publish_date", "2024-01-05", "header table"),
        ("publish_date", "2024-01-05", "byline"),
    ]


def test_marks_of_pages_that_a_converter_writes_are_removed() -> None:
    pages = [f"# Page {number}:\n{BODY}\n" for number in range(301, 305)]
    result = cleaned("\n".join(pages))
    assert result.text == "\n".join([BODY] * 4)
    assert [piece.reason for piece in result.removed] == ["page mark"] * 4


def timed(text: str) -> float:
    before = time.process_time()
    cleaned(text)
    return time.process_time() - before


@pytest.mark.parametrize(
    "piece", ["首页\n>\n", "首页 > ", "来源：", "索引号：甲\n", "【", "位置：\n", "相关附件\n", "甲_", "2024-01-05 "]
)
def test_lines_around_a_document_cost_time_in_proportion(piece: str) -> None:
    short, long = (timed(piece * count + "\n" + NOTICE) for count in (2_000, 20_000))
    assert long < 100 * max(short, 0.01)


def test_a_line_of_who_runs_the_site_is_a_footer_by_its_registration() -> None:
    assert cleaned(f"{BODY}\n主办：青石县人民政府　青ICP备05000000号").text == BODY
    own = f"{BODY}\n主办：青石县人民政府"
    assert cleaned(own).text == own


PROSE = ("县政府召开专题会议研究部署防汛工作。", "各镇要落实责任，加强值守，确保安全。")
LABELLED = (
    *("责任编辑：负责审核材料", "发布时间：每月5日前", "信息来源：企业自主申报", "编辑：负责校对", "阅读：500"),
    *(
        "访问量：100万人次",
        "来源：地表水占比90%，地下水10%",
        "作者：张三",
        "时间：2023年1月5日",
        "记者：张三",
        "来源：县水务局",
    ),
)


@pytest.mark.parametrize("line", LABELLED)
def test_a_line_with_a_label_between_paragraphs_stays(line: str) -> None:
    """It states where a page is from only above the body, or below it."""
    for around in ((PROSE[:1], PROSE[1:]), (PROSE, PROSE), (PROSE[:1], (*PROSE, *PROSE))):
        text = "\n".join(("关于防汛工作的简报", *around[0], line, *around[1])) + "\n"
        found = cleaned(text)
        assert line in found.text.split("\n")
        assert found.removed == ()


@pytest.mark.parametrize("line", ["作者：张三", "来源：县水务局", "发布时间：2023-05-01", "责任编辑：张三"])
def test_the_same_line_directly_above_or_below_the_body_is_of_the_page(line: str) -> None:
    for lines in (("关于防汛工作的简报", line, *PROSE), ("关于防汛工作的简报", *PROSE, line)):
        if line.startswith("发布") and lines[-1] == line:
            continue  # only beside other lines of a footer
        assert [piece.text for piece in cleaned("\n".join(lines) + "\n").removed] == [line]


@pytest.mark.parametrize(
    "lines",
    [
        (
            "县政府就《措施》答记者问",
            "近日印发。",
            "记者：背景是什么？",
            "负责人：是为了发展。",
            "记者：如何申请？",
            "负责人：网上申请。",
        ),
        ("县政府新闻发布会", "记者：张三问的是进度", "发言人：按期完工", "记者：李四问的是资金", "发言人：已经到位"),
        ("优秀论文名单", "一等奖", "《节水研究》", "作者：张三、李四", "二等奖", "《供水研究》", "作者：王五"),
        ("关于召开会议的通知", "时间：2023年1月5日", "地点：县政府第一会议室", "参加人员：各镇负责人"),
        ("专题会议纪要", "会议地点：县政府第一会议室", "时间：2023年1月5日", "主持人：张三"),
        ("水资源简报", "来源：地表水占九成；地下水占一成。", "去向：农业用水占六成。"),
    ],
    ids=lambda lines: lines[0],
)
def test_labels_of_an_interview_a_list_or_a_meeting_stay(lines: tuple[str, ...]) -> None:
    found = cleaned("\n".join(lines) + "\n")
    assert found.removed == ()
    assert "".join(found.text.split()) == "".join(lines)


def test_a_line_of_makers_does_not_take_the_paragraphs_below_it_along() -> None:
    lines = ("关于防汛工作的简报", *PROSE, "责任编辑：张三", PROSE[0])
    assert cleaned("\n".join(lines) + "\n").removed == ()
