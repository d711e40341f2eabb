"""Word documents, built here part by part so that each case holds exactly what it says."""

from __future__ import annotations

import io
import zipfile

import pytest

from policysearch.errors import SourceError
from policysearch.sources.reader import read_bytes
from policysearch.sources.readers.reading import Reading
from policysearch.text.chinese import write_numeral

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def packed(body: str, **parts: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", f"<w:document {W}><w:body>{body}</w:body></w:document>")
        for name, xml in parts.items():
            archive.writestr(f"word/{name}.xml", f"<w:{name} {W}>{xml}</w:{name}>")
    return buffer.getvalue()


def one(body: str, **parts: str) -> Reading:
    (reading,) = read_bytes(packed(body, **parts), "a.docx")
    assert isinstance(reading, Reading)
    return reading


def p(text: str, properties: str = "") -> str:
    return f"<w:p><w:pPr>{properties}</w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>"


def numbered(text: str, level: int = 0, num: int = 1) -> str:
    return p(text, f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{num}"/></w:numPr>')


def level(depth: int, form: str, text: str, more: str = "") -> str:
    form = f'<w:start w:val="1"/><w:numFmt w:val="{form}"/>'
    return f'<w:lvl w:ilvl="{depth}">{form}{more}<w:lvlText w:val="{text}"/></w:lvl>'


def lists(*levels: str, nums: str = '<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>') -> str:
    return f'<w:abstractNum w:abstractNumId="0">{"".join(levels)}</w:abstractNum>{nums}'


def test_paragraphs_breaks_and_tabs_in_order() -> None:
    run = "<w:r><w:t>甲</w:t><w:tab/><w:t>乙</w:t><w:br/><w:t> 丙</w:t><w:noBreakHyphen/></w:r>"
    reading = one(f"{p('一')}<w:p>{run}</w:p><w:p/>{p('二')}<w:p><w:r><w:br w:type='page'/><w:t>三</w:t></w:r></w:p>")
    assert reading.text == "一\n甲 乙\n 丙-\n\n二\n三\n"
    assert (reading.encoding, reading.pages) == (None, ())


def test_numbers_that_word_generates_are_in_the_text() -> None:
    numbering = lists(
        level(0, "chineseCountingThousand", "%1、"),
        level(1, "chineseCounting", "（%2）"),
        level(2, "decimal", "%1.%3."),
        level(3, "decimal", "%1.%3", "<w:isLgl/>"),
    )
    body = (
        numbered("甲") + numbered("子", 1) + numbered("丑", 1) + numbered("寅", 2)
        + p("正文") + numbered("乙") + numbered("卯", 1) + numbered("辰", 3)
    )  # fmt: skip
    assert (
        one(body, numbering=numbering).text == "一、甲\n（一）子\n（二）丑\n一.1.寅\n正文\n二、乙\n（一）卯\n2.1 辰\n"
    )


def test_a_list_may_start_again_and_bullets_have_no_number() -> None:
    nums = (
        '<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>'
        '<w:num w:numId="2"><w:abstractNumId w:val="0"/>'
        '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/></w:lvlOverride></w:num>'
    )
    numbering = lists(level(0, "decimal", "%1."), level(1, "bullet", "•"), nums=nums)
    body = numbered("甲") + numbered("点", 1) + numbered("乙") + numbered("丙", num=2) + numbered("丁", num=2)
    assert one(body, numbering=numbering).text == "1.甲\n点\n2.乙\n1.丙\n2.丁\n"


def test_a_style_may_number_and_numbering_may_be_switched_off() -> None:
    styles = (
        '<w:style w:styleId="a"><w:name w:val="条"/>'
        '<w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style>'
        '<w:style w:styleId="b"><w:basedOn w:val="a"/></w:style>'
    )
    numbering = lists(level(0, "chineseCounting", "第%1条", '<w:suff w:val="space"/>'))
    styled, off = '<w:pStyle w:val="b"/>', '<w:numPr><w:numId w:val="0"/></w:numPr>'
    body = "".join(p(f"内容{n}", styled) for n in range(11)) + p("无号", styled + off) + p("", styled) + p("末", styled)
    lines = one(body, numbering=numbering, styles=styles).text.split("\n")
    assert (lines[0], lines[10], lines[11], lines[13]) == (
        "第一条 内容0",
        "第十一条 内容10",
        "无号",
        "第十二条 末",
    )


@pytest.mark.parametrize(
    ("value", "written"),
    [(1, "一"), (10, "十"), (19, "十九"), (21, "二十一"), (105, "一百零五"), (1010, "一千零一十")],
)
def test_chinese_numbers(value: int, written: str) -> None:
    assert write_numeral(value) == written


def test_heading_styles_and_outline_levels_are_headings() -> None:
    styles = (
        '<w:style w:styleId="1"><w:name w:val="heading 1"/><w:pPr><w:outlineLvl w:val="0"/></w:pPr></w:style>'
        '<w:style w:styleId="x"><w:name w:val="章"/><w:basedOn w:val="1"/></w:style>'
        '<w:style w:styleId="3"><w:name w:val="标题 3"/></w:style>'
    )
    body = (
        p("第一章", '<w:pStyle w:val="x"/>') + p("正文") + p("第一节", '<w:outlineLvl w:val="1"/>')
        + p("小节", '<w:pStyle w:val="3"/>') + p("", '<w:pStyle w:val="1"/>')
        + p("正文", '<w:outlineLvl w:val="9"/>')
    )  # fmt: skip
    reading = one(body, styles=styles)
    assert [(each.level, reading.text[each.start :][:2]) for each in reading.headings] == [
        (1, "第一"),
        (2, "第一"),
        (3, "小节"),
    ]


def test_tables_are_rows_with_tabs_and_merged_cells_stand_in_each_of_their_rows() -> None:
    def cell(text: str, merge: str = "") -> str:
        return f"<w:tc><w:tcPr>{merge}</w:tcPr>{text}</w:tc>"

    inner = f"<w:tbl><w:tr>{cell(p('内1'))}{cell(p('内2'))}</w:tr></w:tbl>"
    restart = '<w:vMerge w:val="restart"/>'
    rows = (
        f"<w:tr>{cell(p('指标'))}{cell(p('数') + p('值'))}</w:tr>"
        f"<w:tr>{cell(p('粮食'), restart)}{cell(p('32'))}</w:tr>"
        f"<w:tr>{cell(p(''), '<w:vMerge/>')}{cell(p('33'))}</w:tr>"
        f"<w:tr>{cell(inner + p('外'))}{cell(p(''))}</w:tr>"
    )
    wrapped = f"<w:sdt><w:sdtContent><w:tbl>{rows}</w:tbl></w:sdtContent></w:sdt>"
    assert one(f"{p('前')}{wrapped}{p('后')}").text == "前\n指标\t数 值\n粮食\t32\n粮食\t33\n内1\t内2\t外\n后\n"


def test_a_table_of_one_cell_is_a_frame_around_lines() -> None:
    lines = p("专栏1 重点工程") + p("1.基地。建设基地。") + p("2.牧场。建设牧场。")
    frame = f"<w:tbl><w:tr><w:tc>{lines}</w:tc></w:tr></w:tbl>"
    reading = one(f"{p('二、任务')}{frame}{p('完。')}")
    assert reading.text == "二、任务\n专栏1 重点工程\n1.基地。建设基地。\n2.牧场。建设牧场。\n完。\n"
    # no phrase crosses the frame
    assert reading.borders is not None
    assert {reading.text[at : at + 2] for at in reading.borders} >= {"专栏", "完。"}


def test_merged_cells_are_found_by_their_column_and_bounded() -> None:
    def cell(text: str, merge: str = "", columns: str = "") -> str:
        span = f'<w:gridSpan w:val="{columns}"/>' if columns else ""
        return f"<w:tc><w:tcPr>{span}{merge}</w:tcPr>{p(text)}</w:tc>"

    restart, goes_on = '<w:vMerge w:val="restart"/>', "<w:vMerge/>"
    rows = (
        f"<w:tr>{cell('甲', restart)}{cell('乙', columns='2')}{cell('丙', restart)}</w:tr>"
        f"<w:tr>{cell('', goes_on)}{cell('丁')}{cell('戊')}{cell('', goes_on)}</w:tr>"
        f"<w:tr>{cell('', goes_on)}{cell('', columns='999999999')}{cell('')}</w:tr>"
        f"<w:tr>{cell('', goes_on)}{cell('己', columns='x')}</w:tr>"
    )
    assert one(f"<w:tbl>{rows}</w:tbl>").text == "甲\t乙\t丙\n甲\t丁\t戊\t丙\n甲\t己\n"
    long = "各单位要抓好落实" * 500
    many = f"<w:tr>{cell('', goes_on)}{cell('子')}</w:tr>" * 2_000
    text = one(f"<w:tbl><w:tr>{cell(long, restart)}{cell('丑')}</w:tr>{many}</w:tbl>").text
    assert text.count("子") == 2_000
    assert len(text) < 20 * len(long)


def test_notes_stand_at_the_end_of_their_paragraph() -> None:
    refer = '<w:r><w:footnoteReference w:id="2"/></w:r><w:r><w:endnoteReference w:id="3"/></w:r>'
    body = f"<w:p><w:r><w:t>甲</w:t></w:r>{refer}<w:r><w:t>乙。</w:t></w:r></w:p>{p('丙')}"
    line = f'<w:footnote w:id="0" w:type="separator">{p("线")}</w:footnote>'
    footnotes = f'{line}<w:footnote w:id="2">{p("脚注")}</w:footnote>'
    endnotes = f'<w:endnote w:id="3">{p("尾")}{p("注")}</w:endnote>'
    assert one(body, footnotes=footnotes, endnotes=endnotes).text == "甲乙。（注：脚注；尾 注）\n丙\n"


def test_tracked_insertions_are_text_and_deletions_are_named() -> None:
    body = (
        "<w:p><w:ins><w:r><w:t>新增</w:t></w:r></w:ins><w:del><w:r><w:delText>删去</w:delText></w:r></w:del>"
        "<w:hyperlink><w:r><w:t>链接</w:t></w:r></w:hyperlink><w:r><w:instrText>PAGE</w:instrText></w:r></w:p>"
    )
    reading = one(body)
    assert reading.text == "新增链接\n"
    assert [(each.text, each.reason) for each in reading.removed] == [("删去", "deleted in the document")]


def test_headers_footers_and_comments_are_named() -> None:
    reading = one(p("正文"), header1=p("页眉"), footer2=p("第") + p("页"), comments=p("批注"), header3="<w:corrupt>")
    assert reading.text == "正文\n"
    assert [(each.text, each.reason) for each in reading.removed] == [
        ("页眉", "page mark"),
        ("第\n页", "page mark"),
        ("批注", "comment"),
    ]


def test_text_boxes_follow_their_paragraph_once() -> None:
    box = f"<w:txbxContent>{p('框内一')}{p('框内二')}</w:txbxContent>"
    mc = "http://schemas.openxmlformats.org/markup-compatibility/2006"
    both = f"<mc:Choice>{box}</mc:Choice><mc:Fallback>{box}</mc:Fallback>"
    both = f'<mc:AlternateContent xmlns:mc="{mc}">{both}</mc:AlternateContent>'
    assert one(f"<w:p><w:r><w:t>甲</w:t>{both}<w:t>乙</w:t></w:r></w:p>{p('丙')}").text == "甲乙\n框内一\n框内二\n丙\n"


def test_strict_documents_are_read() -> None:
    data = packed(p("严格"))
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(buffer, "w") as new:
        for name in old.namelist():
            strict = old.read(name).replace(
                b"http://schemas.openxmlformats.org/wordprocessingml/2006/main",
                b"http://purl.oclc.org/ooxml/wordprocessingml/main",
            )
            new.writestr(name, strict)
    (reading,) = read_bytes(buffer.getvalue(), "a.docx")
    assert isinstance(reading, Reading)
    assert reading.text == "严格\n"


def test_a_document_named_doc_or_txt_is_read_by_its_content() -> None:
    for name in ("a.doc", "a.wps", "a.txt"):
        (reading,) = read_bytes(packed(p("内容")), name)
        assert isinstance(reading, Reading)
        assert reading.text == "内容\n"


def test_a_numbered_main_part_is_found_and_a_damaged_properties_part_does_no_harm() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("word/document2.xml", f"<w:document {W}><w:body>{p('内容')}</w:body></w:document>")
        archive.writestr("docProps/core.xml", "<broken")
    (reading,) = read_bytes(buffer.getvalue(), "a.docx")
    assert isinstance(reading, Reading)
    assert (reading.text, reading.fields) == ("内容\n", {})


def raw(document: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", document)
    return buffer.getvalue()


BOMB = "".join(f'<!ENTITY e{n} "' + f"&e{n - 1};" * 10 + '">' for n in range(1, 12))
DEEP = "<w:tbl><w:tr><w:tc>" * 40_000


@pytest.mark.parametrize(
    ("document", "message"),
    [
        pytest.param(f'<!DOCTYPE x [<!ENTITY e0 "一">{BOMB}]><x>&e11;</x>', "entities", id="entity bomb"),
        pytest.param('<!DOCTYPE x SYSTEM "file:///etc/passwd"><x/>', "entities", id="external entity"),
        pytest.param(f"<w:document {W}><w:body>{DEEP}", "corrupt", id="nested deep"),
        pytest.param("<w:document><w:body>", "corrupt", id="not XML"),
        pytest.param(f"<w:document {W}><w:body><w:p/></w:body></w:document>", "no text", id="empty"),
    ],
)
def test_damaged_and_hostile_documents_are_refused(document: str, message: str) -> None:
    with pytest.raises(SourceError, match=message):
        list(read_bytes(raw(document), "a.docx"))
