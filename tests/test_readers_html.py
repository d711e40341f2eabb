from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policysearch.errors import SourceError
from policysearch.sources.reader import read_bytes
from policysearch.sources.readers import fields
from policysearch.sources.readers.reading import Reading

PROSE = "各单位要提高认识，加强领导，抓好落实，确保各项工作任务按期完成。"


def one(html: str, encoding: str = "utf-8") -> Reading:
    (reading,) = read_bytes(html.encode(encoding), "a.html")
    assert isinstance(reading, Reading)
    return reading


def headings(reading: Reading) -> list[tuple[int, str]]:
    return [(each.level, reading.text[each.start :].split("\n")[0]) for each in reading.headings]


PAGE = f"""<!DOCTYPE html>
<!-- saved from url=(0032)http://www.example.gov.cn/a.html -->
<html><head><meta charset="utf-8"><title>关于甲的通知_青石县人民政府</title>
<meta name="ArticleTitle" content="青石县人民政府关于甲的通知">
<meta name="PubDate" content="2023-05-02 10:00">
<meta name="SiteName" content="青石县人民政府"><meta name="Keywords" content="">
<style>p {{ color: red }}</style></head><body>
<div class="top"><a href="/">网站首页</a> <a href="/x">政务公开</a></div>
<div class="crumb">您当前的位置：<a href="/">首页</a>&gt;<a href="/x">文件</a></div>
<div class="article"><h1>关于甲的通知</h1><div>来源：县政府办　发布日期：2023-05-01 09:30:00　点击：199</div>
<div class="content"><p>各乡镇人民政府：</p><p>{PROSE}</p><h2>一、总体要求</h2><p>{PROSE}<br>{PROSE}</p>
<p>附件：<a href="1.doc">任务分工表</a></p><p align="right">青石县人民政府</p><p>2023年4月28日</p>
<div class="share"><a>分享到微信</a></div><script>var a = "不是正文，不是。";</script></div></div>
<div class="footer"><p>主办：青石县人民政府　备案号：甲ICP备1号</p>
<select><option>友情链接</option></select></div>
</body></html>"""


def test_a_saved_page_gives_its_content_and_not_its_navigation() -> None:
    reading = one(PAGE)
    assert reading.text == (
        f"各乡镇人民政府：\n{PROSE}\n一、总体要求\n{PROSE}\n{PROSE}\n附件：任务分工表\n青石县人民政府\n2023年4月28日\n"
    )
    assert headings(reading) == [(2, "一、总体要求")]
    out = "\n".join(each.text for each in reading.removed)
    for piece in ("网站首页", "您当前的位置", "关于甲的通知", "分享到微信", "备案号", "友情链接"):
        assert piece in out
    assert "不是正文" not in out
    assert {each.reason for each in reading.removed} == {"navigation"}


def test_fields_come_from_the_page() -> None:
    assert one(PAGE).fields == {
        "title": "青石县人民政府关于甲的通知",
        "publish_date": "2023-05-01 09:30:00",
        "content_source": "县政府办",
        "site_name": "青石县人民政府",
        "url": "http://www.example.gov.cn/a.html",
    }


HEADER = """<table><tr><td><table><tr><td><b>索 引 号：</b></td><td>000/2023-1</td>
<td>主题分类：</td><td>综合政务\\其他</td></tr>
<tr><td>发文机关：</td><td>青石县人民政府</td><td>成文日期：</td><td>2023年04月28日</td></tr>
<tr><td>标　　题：</td><td colspan="3">关于甲的通知</td></tr>
<tr><td>发文字号：</td><td>青政发〔2023〕5号</td><td>发布日期：</td><td>2023年05月01日</td></tr>
<tr><td>主 题 词：</td><td></td></tr></table></td></tr></table>"""


def test_a_header_table_becomes_fields_and_leaves_the_text() -> None:
    reading = one(f"<div>{HEADER}<div><p>各单位：</p><p>{PROSE}</p></div></div>")
    assert reading.text == f"各单位：\n{PROSE}\n"
    assert reading.fields == {
        "index_number": "000/2023-1",
        "subject": "综合政务\\其他",
        "issuer": "青石县人民政府",
        "date": "2023年04月28日",
        "title": "关于甲的通知",
        "document_number": "青政发〔2023〕5号",
        "publish_date": "2023年05月01日",
    }
    assert [each.reason for each in reading.removed] == ["navigation"]


@pytest.mark.parametrize(
    "header",
    [
        "<ul><li><b>索引号：</b>A-1</li><li>文号：青政发〔2023〕5号</li><li>发布机构：县政府办</li></ul>",
        "<ul><li><b>索 引 号</b><i>A-1</i></li><li><b>文　号</b><i>青政发〔2023〕5号</i></li>"
        "<li><b>发布机构</b><i>县政府办</i></li></ul>",
        "<div><div><b>索引号：</b><i>A-1</i></div><div>文号：<i>青政发〔2023〕5号</i></div>"
        "<div><b>发布机构：</b><i>县政府办</i></div></div>",
        "<dl><dt>索引号</dt><dd>A-1</dd><dt>文号</dt><dd>青政发〔2023〕5号</dd><dt>发布机构</dt><dd>县政府办</dd></dl>",
    ],
    ids=["items", "labels without a colon", "divisions", "definitions"],
)
def test_header_tables_are_built_in_several_ways(header: str) -> None:
    reading = one(f"{header}<div><p>{PROSE}</p></div>")
    assert reading.text == f"{PROSE}\n"
    assert reading.fields["document_number"] == "青政发〔2023〕5号"
    assert reading.fields["issuer"] == "县政府办"


def test_every_label_of_a_number_has_the_word_by_which_header_tables_are_looked_for() -> None:
    labels = [label for label, name in fields._NAMES.items() if name in ("document_number", "index_number")]
    assert len(labels) > 5
    assert [label for label in labels if "号" not in label and "number" not in label] == []


def test_a_table_of_other_documents_is_no_header_table() -> None:
    rows = "".join(f"<tr><td>文号</td><td>标题</td><td>青政发{n}号</td><td>通知{n}，有效</td></tr>" for n in range(9))
    reading = one(f"<div><p>{PROSE}</p><table>{rows}</table></div>")
    assert reading.text.count("文号\t标题\t青政发") == 9
    assert "document_number" not in reading.fields


def test_rows_of_data_tables_are_lines_and_layout_tables_are_not() -> None:
    row = "<tr><td><p>粮食</p><p>产量</p></td><td>32</td></tr>"
    data = f"<table><tr><th>指标</th><th>数值</th></tr>{row}</table>"
    reading = one(f"<table><tr><td><p>{PROSE}</p>{data}<p>{PROSE}</p></td><td>&nbsp;</td></tr></table>")
    assert reading.text == f"{PROSE}\n指标\t数值\n粮食 产量\t32\n{PROSE}\n"


def test_inline_elements_do_not_break_words_and_blocks_do() -> None:
    reading = one("<div>第<span>一</span><b>条</b>　PM<sub>2.5</sub><div>第二条</div>尾&nbsp;&nbsp;巴<hr>完</div>")
    assert reading.text == "第一条　PM2.5\n第二条\n尾 巴\n完\n"


def test_line_breaks_of_the_file_are_no_spaces_between_chinese_characters() -> None:
    assert one("<p>优化\n   营商环境 AB\nCD</p>").text == "优化营商环境 AB CD\n"


def test_preformatted_text_keeps_its_lines() -> None:
    assert one("<pre>第一行\n  第二行\n</pre>").text == "第一行\n第二行\n"


def test_a_signature_beside_the_content_is_kept() -> None:
    body = "".join(f"<p>{PROSE}</p>" for _ in range(20))
    reading = one(f"<body><div class='x'>{body}</div><div>青石县人民政府</div><div>2023年4月28日</div></body>")
    assert reading.text.endswith(f"{PROSE}\n青石县人民政府\n2023年4月28日\n")


def test_a_wordy_footer_does_not_bring_the_navigation_in() -> None:
    menu = "".join(f"<li><a href='{n}'>栏目{n}</a></li>" for n in range(9))
    footer = (
        "<div id='footer'><p>本网站由县政府办公室主办，未经许可，不得转载。建议使用新版浏览器，效果更好。</p></div>"
    )
    reading = one(f"<body><ul>{menu}</ul><div><p>{PROSE}</p><p>特此通知。</p></div>{footer}</body>")
    assert reading.text == f"{PROSE}\n特此通知。\n"
    assert "未经许可" in reading.removed[-1].text


def test_content_in_an_element_named_like_navigation_is_kept() -> None:
    assert one(f"<body><div class='nav-content'><p>{PROSE}</p></div></body>").text == f"{PROSE}\n"


def test_a_page_without_sentences_is_read_whole() -> None:
    rows = "".join(f"<tr><td>{n}</td><td>单位{n}</td></tr>" for n in range(30))
    reading = one(f"<body><p>名单</p><table>{rows}</table></body>")
    assert reading.text.startswith("名单\n0\t单位0\n")
    assert reading.text.count("\n") == 31


def test_hidden_elements_are_left_out_unless_they_are_the_text() -> None:
    reading = one(f"<div><p>{PROSE * 9}</p><p style='display: none'>隐藏的话。</p></div>")
    assert "隐藏" not in reading.text
    assert one(f"<div style='display:none'><p>{PROSE}</p></div>").text == f"{PROSE}\n"


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        pytest.param("关于甲的通知_青石县人民政府", "关于甲的通知", id="stands in the text"),
        pytest.param("青石县人民政府 | 文件 | 关于某某事项的补充说明", "关于某某事项的补充说明", id="the longest"),
        pytest.param("关于甲的通知-青石县人民政府", "关于甲的通知", id="a hyphen"),
        pytest.param("关于2023-2025年规划的通知", "关于2023-2025年规划的通知", id="a dash in a number"),
    ],
)
def test_the_title_is_the_right_part_of_the_pages_title(title: str, expected: str) -> None:
    reading = one(f"<title>{title}</title><p>关于甲的通知</p><p>{PROSE}</p>")
    assert reading.fields["title"] == expected


def test_the_title_is_the_part_that_is_shown_above_the_content() -> None:
    page = f"<title>关于甲的通知 - 政府信息公开专栏首页</title><h1>关于甲的通知</h1><a>x</a><div><p>{PROSE}</p></div>"
    assert one(page).fields["title"] == "关于甲的通知"


@pytest.mark.parametrize("declared", ["gb2312", "utf-8", "iso-8859-1"])
def test_a_gbk_page_is_read_whatever_it_declares(declared: str) -> None:
    reading = one(f'<meta charset="{declared}"><p>{PROSE}</p>', "gbk")
    assert (reading.text, reading.encoding) == (f"{PROSE}\n", "gb2312")


def test_a_page_without_text_is_refused() -> None:
    with pytest.raises(SourceError, match="no text"):
        one("<html><head><title>空</title></head><body><script>x</script></body></html>")


def test_too_deep_a_page_is_refused_by_name_and_a_deep_one_is_read() -> None:
    with pytest.raises(SourceError, match="more than 2000 levels deep"):
        one("<div>" * 100_000 + "一")
    assert one("<div>" * 1_900 + "一" + "</div>" * 1_900 + "二").text == "一\n二\n"


def test_long_text_is_read_whole() -> None:
    assert len(one("<p>" + "长" * 7_000_000).text) == 7_000_001


MARKUP = (
    "<p> </p> <div> </div> <table> </table> <tr> <td> </td> <b> </b> <br> 一 二，三。 <li> <h2> </h2>"
    " <nav> </nav> <a> </a>"
)


@given(st.lists(st.sampled_from(str.split(MARKUP))))
def test_every_character_is_in_the_text_or_named(pieces: list[str]) -> None:
    html = "".join(pieces)
    try:
        reading = one(html)
    except SourceError:
        return
    everything = reading.text + "".join(each.text for each in reading.removed)
    for character in "一二三":
        assert everything.count(character) == html.count(character)
    for heading in reading.headings:
        assert heading.start == 0 or reading.text[heading.start - 1] == "\n"


def said(reading: Reading) -> dict[str, list[tuple[str, str]]]:
    places: dict[str, list[tuple[str, str]]] = {}
    for one in reading.statements:
        places.setdefault(one.place, []).append((one.name, one.value))
    return places


def test_a_page_says_the_same_thing_in_several_places_and_all_are_kept() -> None:
    page = f"""<html><head><title>关于甲的通知 - 文件 - 青石县人民政府门户网站</title>
<meta name="SiteName" content="青石县人民政府门户网站"><meta name="ColumnName" content="文件">
<meta name="ArticleTitle" content="青石县关于甲的通知"><meta property="article:published_time" content="2023-05-02">
<meta name="Url" content="https://example.gov.cn/a.html"><meta name="ContentSource" content="县府办">
<link rel="canonical" href="https://example.gov.cn/b.html"></head><body>
<h1>您现在的位置：首页&gt;文件</h1><h1>青石县
关于甲的通知</h1><p><span>2023-05-01 09:00</span> <b>来源：县政府办</b> <i>成文日期：2023年4月28日</i></p>
<p>失效日期：2028年5月1日</p><div class="share"><a>分享</a></div>
<div id="zoom"><p>{PROSE}</p><p>{PROSE}</p></div></body></html>"""
    assert said(one(page)) == {
        "meta": [
            ("site_name", "青石县人民政府门户网站"),
            ("column_name", "文件"),
            ("title", "青石县关于甲的通知"),
            ("publish_date", "2023-05-02"),
            ("url", "https://example.gov.cn/a.html"),
            ("content_source", "县府办"),
        ],
        "heading": [("title", "青石县 关于甲的通知")],
        "page title": [("title", "关于甲的通知")],
        "link": [("url", "https://example.gov.cn/b.html")],
        "byline": [("date", "2023年4月28日"), ("content_source", "县政府办"), ("publish_date", "2023-05-01 09:00")],
    }


def test_the_title_of_a_site_or_a_column_is_none_of_the_document() -> None:
    page = f"""<html><head><title>通知公告 - 青石县人民政府门户网站</title><meta name="ColumnName" content="通知公告">
<meta name="SiteName" content="青石县人民政府门户网站"><meta property="og:title" content="青石县人民政府门户网站">
<meta name="Url" content="/a/b.html"></head><body><p>{PROSE}</p></body></html>"""
    reading = one(page)
    assert "title" not in reading.fields
    assert {name for place in said(reading).values() for name, _ in place} == {"site_name", "column_name"}


def test_a_page_ends_with_its_file_not_with_its_first_html_tag() -> None:
    page = f"<html><body><p>甲{PROSE}</p></body></html>\n<p>乙{PROSE}</p><html><head><title>丙的标题</title></head>"
    reading = one(page + f"<body><div>丁{PROSE}</div></body></HTML ><p>戊{PROSE}</p></html")
    assert reading.text == f"甲{PROSE}\n乙{PROSE}\n丁{PROSE}\n戊{PROSE}\n"
    assert [(each.text, each.reason) for each in reading.removed] == [("丙的标题", "not shown")]


def test_readings_of_characters_deletions_and_what_is_hidden_are_no_text() -> None:
    page = f"<div><p>{PROSE * 3}</p><p><ruby>瓯<rp>（</rp><rt>ōu</rt><rp>）</rp></ruby>江<del>两岸</del>流域"
    page += '<span hidden>全部</span>治理<i aria-hidden="true">star</i>方案<b aria-hidden="true">是要点</b>'
    page += f'<span style="visibility:hidden">空 </span>。</p><p hidden="until-found">{PROSE}</p></div>'
    reading = one(page)
    assert reading.text == f"{PROSE * 3}\n瓯江流域治理方案是要点。\n{PROSE}\n"
    assert {(each.text, each.reason) for each in reading.removed} == {
        ("（", "not shown"), ("ōu", "not shown"), ("）", "not shown"), ("全部", "not shown"), ("star", "not shown"),
        ("空", "not shown"), ("两岸", "deleted in the document"),
    }  # fmt: skip


TABLE = [
    pytest.param(
        "<tr><td rowspan=2>教育</td><td>建校</td><td rowspan='3'>县里</td></tr><tr><td>培训</td></tr>"
        "<tr><td colspan=2>合计</td></tr><tr><td>其他</td></tr>",
        ["教育\t建校\t县里", "教育\t培训\t县里", "合计\t县里", "其他"],
        id="rows and columns",
    ),
    pytest.param(
        "<tbody><tr><td rowspan=0>甲</td><td>一</td></tr><tr><td>二</td></tr></tbody>"
        "<tbody><tr><td>乙</td><td>三</td></tr></tbody>",
        ["甲\t一", "甲\t二", "乙\t三"],
        id="to the end of a group",
    ),
    pytest.param(
        "<tr><td rowspan=9>甲</td><td>一</td></tr><tr></tr><tr><td> </td></tr><tr><td>二</td></tr>",
        ["甲\t一", "甲\t二"],
        id="rows without text",
    ),
    pytest.param(
        "<tr><td rowspan=2>甲</td><td rowspan=x colspan=-1>一</td><td></td><td>二</td></tr><tr><td>三<br>四</td></tr>",
        ["甲\t一\t\t二", "甲\t三 四"],
        id="cells that are empty or broken",
    ),
]


@pytest.mark.parametrize(("rows", "lines"), TABLE)
def test_a_cell_stands_in_each_row_it_spans(rows: str, lines: list[str]) -> None:
    assert one(f"<p>{PROSE}</p><table>{rows}</table><p>{PROSE}</p>").text.split("\n")[1:-2] == lines


def test_spans_without_end_cost_no_more_than_their_page() -> None:
    wide = f"<td rowspan=100000 colspan=1000000000>{'各单位要抓好落实' * 400}</td>"
    rows = f"<tr>{wide}<td rowspan=65534>乙</td></tr>" + "<tr><td>丙</td><td>丁</td></tr>" * 3_000
    page = f"<p>{PROSE}</p><table>{rows}{('<tr>' + '<td rowspan=99999>子</td>' * 3_000 + '</tr>') * 2}</table>"
    text = one(page).text
    assert text.count("丙") == 3_000
    assert len(text) < 5 * len(page)


ENDLESS = {
    "origins": ('<div class="nav">', "来源：", "</div>"),
    "ends": ("", "</html>", ""),
    "ends that are none": ("", "</html", ""),
    "hidden": ("", "<p hidden>甲</p>", ""),
    "readings": ("<ruby>", "<rt>a</rt>", "</ruby>"),
    "spans in a row": ("<table><tr>", "<td rowspan=9999>甲</td>", "</tr><tr><td>乙</td></tr></table>"),
    "rows under a span": (
        "<table><tr><td rowspan=99999>各单位</td><td>甲</td></tr>",
        "<tr><td>乙</td></tr>",
        "</table>",
    ),
    "lines in a cell": ("<table><tr><td>", "甲<br>", "</td><td>乙</td></tr><tr><td>丙</td><td>丁</td></tr></table>"),
    "a title of parts": ("<title>", "甲 - ", "</title>"),
    "headings": ("", "<h1>甲乙丙丁戊</h1>", ""),
}


@pytest.mark.parametrize(("before", "piece", "after"), ENDLESS.values(), ids=ENDLESS)
@pytest.mark.no_cover
def test_pages_without_end_take_time_in_proportion(before: str, piece: str, after: str) -> None:
    begin = time.process_time()
    for count in (20_000, 40_000):
        assert PROSE in one(f"<p>{PROSE * 20}</p>{before}{piece * count}{after}<p>{PROSE * 20}</p>").text
    assert time.process_time() - begin < 20


def test_a_lower_heading_that_the_pages_title_contains_is_the_title() -> None:
    body = "<p>问：什么时候缴费？</p><p>答：集中缴费期为十月至十二月，逾期需要等待三个月才能享受待遇。</p>"
    page = (
        f"<title>青石市医疗保障局 问答 居民医保热点问答</title><h2>居民医保热点问答</h2><h2>青石市医疗保障局</h2>{body}"
    )
    (reading,) = read_bytes(page.encode(), "a.html")
    assert isinstance(reading, Reading)
    assert next(one.value for one in reading.statements if one.name == "title") == "居民医保热点问答"
