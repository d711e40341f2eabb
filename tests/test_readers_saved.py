"""Pages saved as one file or under a program's name, messages, and Word documents in XML."""

from __future__ import annotations

import base64
import quopri
from email.message import EmailMessage

import pytest

from policysearch.errors import NoDocumentError, SourceError
from policysearch.sources.reader import read_bytes
from policysearch.sources.readers.reading import FailedRecord, Reading

PAGE = (
    "<html><head><meta charset={}><title>关于甲的通知_青石县人民政府</title></head><body>"
    "<div class=nav><a href=/>首页</a></div><h1>关于甲的通知</h1><p>各单位：</p><p>请认真贯彻执行。</p>"
    "<table><tr><td>指标</td><td>数</td></tr></table></body></html>"
)
TEXT = "关于甲的通知\n各单位：\n请认真贯彻执行。\n指标\t数\n"


def readings(data: bytes, name: str) -> list[Reading | FailedRecord]:
    return list(read_bytes(data, name))


def one(data: bytes, name: str) -> Reading:
    (reading,) = readings(data, name)
    assert isinstance(reading, Reading)
    return reading


def part(content: bytes, kind: str = "text/html", encoding: str = "quoted-printable", more: str = "") -> bytes:
    written = quopri.encodestring(content) if encoding == "quoted-printable" else base64.encodebytes(content)
    return f"Content-Type: {kind}\nContent-Transfer-Encoding: {encoding}\n{more}\n".encode() + written


def saved(*parts: bytes) -> bytes:
    """Return a page as a browser saves it with what belongs to it."""
    head = (
        "From: <Saved by Blink>\r\nSnapshot-Content-Location: https://www.example.cn/a.html\r\n"
        "Subject: =?utf-8?Q?=E9=80=9A=E7=9F=A5?=\r\nDate: Mon, 1 May 2023 00:00:00 -0000\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/related;\r\n\ttype="text/html";\r\n\tboundary="----x----"\r\n\r\n\r\n'
    )
    return head.encode() + b"".join(b"------x----\r\n" + each + b"\r\n" for each in parts) + b"------x------\r\n"


class TestPages:
    @pytest.mark.parametrize(
        "name",
        [
            *("t1.jsp", "show.do", "a.aspx", "a.asp", "a.php", "a.shtml", "content_5678", "index.html?id=1", "a.doc"),
            *("t1.jsp;jsessionid=1A2B", "a.xls", "a.ashx", "a.mht", "报告", "id=12.5"),
        ],
    )
    @pytest.mark.parametrize("encoding", ["utf-8", "gbk", "utf-16"])
    def test_a_page_is_one_whatever_its_name(self, name: str, encoding: str) -> None:
        assert one(PAGE.format(encoding).encode(encoding), name).text == TEXT

    @pytest.mark.parametrize("before", ["\r\n" * 3000, "\n<!-- a > b -->\n", '<?xml version="1.0"?>\n', "\ufeff\n"])
    def test_what_stands_before_a_page_hides_it_not(self, before: str) -> None:
        assert one((before + PAGE.format("utf-8")).encode(), "a.do").text == TEXT

    def test_the_source_of_a_program_is_no_document(self) -> None:
        for source in ("<%@ page %>\n<html>", "<?php echo 1; ?>", "<?= $x ?>"):
            with pytest.raises(NoDocumentError):
                readings(source.encode(), "a.jsp")

    def test_what_is_no_page_under_such_a_name_fails(self) -> None:
        with pytest.raises(SourceError, match="not a complete web page") as caught:
            readings(b'{"code": 200}', "a.do")
        assert not isinstance(caught.value, NoDocumentError)

    def test_a_text_without_ending_is_still_none(self) -> None:
        with pytest.raises(NoDocumentError, match="without a suffix"):
            readings("各单位：\n<p>\n".encode(), "README")


class TestSavedPages:
    @pytest.mark.parametrize("name", ["a.mht", "a.mhtml", "a.doc", "a.html", "a"])
    @pytest.mark.parametrize("encoding", ["quoted-printable", "base64"])
    def test_the_page_is_read_as_a_page_is(self, name: str, encoding: str) -> None:
        reading = one(saved(part(PAGE.format("gb2312").encode("gbk"), encoding=encoding)), name)
        assert (reading.text, reading.encoding) == (TEXT, "gb2312")
        assert reading.fields["url"] == "https://www.example.cn/a.html"
        assert reading.fields["title"] == "关于甲的通知"
        assert [(each.reason, each.text.split("\n")[0]) for each in reading.removed] == [
            ("navigation", "Subject: 通知"),
            ("navigation", "首页"),
        ]

    def test_of_frames_the_one_with_most_text_is_read_and_the_others_are_named(self) -> None:
        frames = [part(f"<p>{text}</p>".encode()) for text in ("目录", "请认真贯彻执行。", "广告")]
        reading = one(saved(*frames, part(b"\x89PNG", "image/png", "base64")), "a.mht")
        assert reading.text == "请认真贯彻执行。\n"
        assert [each.text for each in reading.removed if each.reason == "not shown"] == ["目录\n", "广告\n"]

    def test_what_is_not_one_is_named(self) -> None:
        with pytest.raises(SourceError, match="not a saved page"):
            readings(b"x", "a.mht")


def message() -> EmailMessage:
    made = EmailMessage()
    made["Subject"] = "关于报送材料的通知"
    made["From"] = "张三 <a@example.cn>"
    made["Date"] = "Mon, 1 May 2023 00:00:00 +0800"
    made.set_content("各单位：\n请报送材料。\n")
    return made


class TestMessages:
    def test_the_text_and_what_is_attached_are_documents(self) -> None:
        made = message()
        made.add_alternative("<p>各单位：</p><p>请报送材料。</p>", subtype="html")
        for _ in range(2):
            made.add_attachment(
                "第一条 甲。\n".encode("gbk"), maintype="application", subtype="octet-stream", filename="附件1.txt"
            )
        made.add_attachment(b"\x89PNG\r\n", maintype="image", subtype="png", filename="图.png")
        made.add_attachment(
            "text\n一\n二\n".encode(), maintype="text", subtype="csv", filename="../表.csv", disposition="attachment"
        )
        inner = message()
        inner.replace_header("Subject", "转发")
        made.add_attachment(inner)
        found = {each.record: each for each in readings(made.as_bytes(), "a.eml")}
        assert list(found) == [None, "附件1.txt", "附件1.txt (2)", "图.png", "_表.csv/1", "_表.csv/2", "转发.eml"]
        text = found[None]
        assert isinstance(text, Reading)
        assert text.text == "各单位：\n请报送材料。\n"
        assert text.fields["title"] == "关于报送材料的通知"
        assert text.removed[0].text.startswith("Subject: 关于报送材料的通知\nFrom: 张三 <a@example.cn>\n")
        picture = found["图.png"]
        assert isinstance(picture, FailedRecord)
        assert picture.skipped

    def test_headers_in_bytes_are_read(self) -> None:
        data = b"From: a\nMIME-Version: 1.0\nSubject: " + "通知".encode("gbk") + b"\n\n" + "各单位：".encode("gbk")
        assert one(data, "a.eml").fields["title"] == "通知"

    def test_a_plain_text_that_begins_with_labels_is_no_message(self) -> None:
        text = "Title: x\nFrom: y\n\n正文。\n"
        assert one(text.encode(), "a.txt").text == text


OPEN = "MIME-Version: 1.0\nFrom: a\n"


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(
            OPEN + "".join(f"Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n" for n in range(3000)) + "\nx",
            id="parts in parts",
        ),
        pytest.param(
            OPEN
            + "".join(f"Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n" for n in range(90))
            + "Content-Type: text/plain\n\n"
            + "x\n" * 1_000_000,
            id="many lines in many parts",
        ),
        pytest.param(OPEN + "Content-Type: message/rfc822\n\nMIME-Version: 1.0\n" * 500 + "\nx", id="messages"),
        pytest.param(OPEN + "Content-Type: multipart/mixed; boundary=b\n\n" + "--b\n\nx\n" * 100_000, id="parts"),
        pytest.param(OPEN + "Content-Type: text/plain; " + 'a="\\"' * 500_000 + "\n\n", id="a long header"),
        pytest.param(OPEN + "Subject: " + "=?utf-8?q?a?= " * 500_000 + "\n\n", id="a long subject"),
        pytest.param(
            OPEN + "Content-Type: text/html\nContent-Transfer-Encoding: base64\n\n" + "AAAA" * 10_000_000,
            id="base64 of zeros",
        ),
        pytest.param(OPEN + "Content-Type: text/html; charset=idna\n\n", id="nothing, in no encoding"),
    ],
)
def test_hostile_messages_are_refused_by_name(data: str) -> None:
    try:
        found = readings(data.encode(), "a.eml")
    except SourceError:
        return
    assert all(isinstance(each, FailedRecord) for each in found), found


WORD = (
    '<?xml version="1.0" encoding="UTF-8"?><?mso-application progid="Word.Document"?>{}<w:wordDocument'
    ' xmlns:w="http://schemas.microsoft.com/office/word/2003/wordml" xmlns:o="urn:schemas-microsoft-com:office:office"'
    ' xmlns:wx="http://schemas.microsoft.com/office/word/2003/auxHint"'
    ' xmlns:aml="http://schemas.microsoft.com/aml/2001/core">'
    "<o:DocumentProperties><o:Title>关于甲</o:Title></o:DocumentProperties>"
    '<w:styles><w:style w:type="paragraph" w:styleId="1"><w:name w:val="heading 1"/></w:style></w:styles>'
    "<w:body><wx:sect>{}</wx:sect></w:body></w:wordDocument>"
)


def paragraph(text: str, properties: str = "") -> str:
    return f"<w:p><w:pPr>{properties}</w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>"


class TestWordInXml:
    @pytest.mark.parametrize("name", ["a.doc", "a.xml", "a.docx"])
    def test_word_2003(self, name: str) -> None:
        body = (
            paragraph("总体要求", '<w:pStyle w:val="1"/><w:listPr><wx:t wx:val="一、"/></w:listPr>')
            + "<w:p><w:r><w:t>各单位</w:t></w:r><w:r><w:footnote>"
            + paragraph("注释")
            + "</w:footnote></w:r><w:r><w:t>执行。</w:t></w:r>"
            '<aml:annotation w:type="Word.Deletion"><aml:content><w:r><w:delText>删去</w:delText></w:r></aml:content>'
            '</aml:annotation><aml:annotation w:type="Word.Insertion"><aml:content><w:r><w:t>插入</w:t></w:r>'
            '</aml:content></aml:annotation><aml:annotation w:type="Word.Comment"><aml:content>'
            + paragraph("批注")
            + "</aml:content></aml:annotation></w:p><w:tbl>"
            + f'<w:tr><w:tc><w:tcPr><w:vmerge w:val="restart"/></w:tcPr>{paragraph("甲")}</w:tc>'
            + f"<w:tc>{paragraph('乙')}</w:tc></w:tr><w:tr><w:tc><w:tcPr><w:vmerge/></w:tcPr><w:p/></w:tc>"
            + f"<w:tc>{paragraph('丙')}</w:tc></w:tr></w:tbl>"
            + f"<w:sectPr><w:hdr>{paragraph('页眉')}</w:hdr></w:sectPr>"
        )
        reading = one(WORD.format("", body).encode(), name)
        assert reading.text == "一、总体要求\n各单位执行。插入（注：注释）\n甲\t乙\n甲\t丙\n"
        assert [(each.start, each.level) for each in reading.headings] == [(0, 1)]
        assert reading.fields == {"title": "关于甲"}
        assert {(each.text, each.reason) for each in reading.removed} == {
            ("页眉", "page mark"),
            ("批注", "comment"),
            ("删去", "deleted in the document"),
        }

    def test_word_2007_in_one_file(self) -> None:
        main = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
        data = (
            '<?xml version="1.0"?><?mso-application progid="Word.Document"?>'
            '<pkg:package xmlns:pkg="http://schemas.microsoft.com/office/2006/xmlPackage">'
            '<pkg:part pkg:name="/word/document.xml"><pkg:xmlData>'
            f'<w:document xmlns:w="{main}"><w:body><w:p><w:r><w:t>各单位：</w:t></w:r></w:p></w:body></w:document>'
            "</pkg:xmlData></pkg:part></pkg:package>"
        )
        assert one(data.encode(), "a.doc").text == "各单位：\n"

    @pytest.mark.parametrize(
        ("head", "body", "said"),
        [
            ('<!DOCTYPE x [<!ENTITY a "一">]>', paragraph("&a;"), "declares XML entities"),
            ("", "<w:p>" * 100_000, "corrupt"),
            ("", "", "no text"),
            ("", "<w:tbl>" * 200 + "</w:tbl>" * 200, "no text|corrupt"),
        ],
        ids=["entities", "deep", "empty", "tables in tables"],
    )
    def test_hostile_ones_are_refused_by_name(self, head: str, body: str, said: str) -> None:
        with pytest.raises(SourceError, match=said):
            readings(WORD.format(head, body).encode(), "a.doc")
