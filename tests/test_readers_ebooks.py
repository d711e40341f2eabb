"""OFD and EPUB: packages of XML with the text of pages."""

from __future__ import annotations

import io
import zipfile

import pytest

from policysearch.errors import SourceError
from policysearch.sources.reader import read_bytes
from policysearch.sources.readers.reading import Reading


def packed(members: dict[str, str | bytes]) -> bytes:
    with zipfile.ZipFile(out := io.BytesIO(), "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def one(data: bytes, name: str) -> Reading:
    (reading,) = read_bytes(data, name)
    assert isinstance(reading, Reading)
    return reading


NAMESPACE = 'xmlns:ofd="http://www.ofdspec.org/2016"'
ENTRY = (
    f"<ofd:OFD {NAMESPACE}><ofd:DocBody><ofd:DocInfo><ofd:Title>关于甲的通知</ofd:Title></ofd:DocInfo>"
    "<ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody></ofd:OFD>"
)


def piece(x: float, y: float, text: str) -> str:
    return (
        f'<ofd:TextObject Boundary="{x} {y} 100 5" Size="4"><ofd:TextCode X="0" Y="4" DeltaX="g 3 4">{text}'
        "</ofd:TextCode></ofd:TextObject>"
    )


def page(*pieces: str) -> str:
    return f"<ofd:Page {NAMESPACE}><ofd:Content><ofd:Layer>{''.join(pieces)}</ofd:Layer></ofd:Content></ofd:Page>"


def ofd(*pages: str, **more: str) -> bytes:
    listed = "".join(f'<ofd:Page ID="{n}" BaseLoc="Pages/Page_{n}/Content.xml"/>' for n in range(len(pages)))
    document = (
        f"<ofd:Document {NAMESPACE}><ofd:CommonData>{more.get('common', '')}</ofd:CommonData>"
        f"<ofd:Pages>{listed}</ofd:Pages></ofd:Document>"
    )
    members: dict[str, str | bytes] = {"OFD.xml": ENTRY, "Doc_0/Document.xml": document}
    members.update({f"Doc_0/Pages/Page_{n}/Content.xml": each for n, each in enumerate(pages)})
    if "template" in more:
        members["Doc_0/Tpls/Tpl_0/Content.xml"] = more["template"]
    return packed(members)


class TestOfd:
    def test_pieces_on_one_line_are_a_line_and_pages_are_told(self) -> None:
        data = ofd(
            page(
                piece(30, 20, "关于甲的"),
                piece(46, 20.1, "通知"),
                piece(20, 30, "各单位："),
                piece(20, 40, "增长 5.5%"),
            ),
            page(),
            page(piece(20, 20, "第二页"), piece(20, 30, "abc"), piece(40, 30, "def")),
            common='<ofd:TemplatePage ID="9" BaseLoc="Tpls/Tpl_0/Content.xml"/>',
            template=page(piece(20, 5, "青石县人民政府文件")),
        )
        reading = one(data, "a.ofd")
        assert reading.text == "关于甲的通知\n各单位：\n增长 5.5%\n第二页\nabc def\n"
        assert [reading.text[start:].split("\n")[0] for start in reading.pages] == ["关于甲的通知", "第二页", "第二页"]
        assert reading.fields == {"title": "关于甲的通知"}
        assert {(each.text, each.reason) for each in reading.removed} == {
            ("青石县人民政府文件", "page mark"),
            ("page 2", "page without text"),
        }

    @pytest.mark.parametrize(
        ("data", "said"),
        [
            (ofd(page()), "no text"),
            (packed({"OFD.xml": ENTRY}), "it has no 'Doc_0/Document.xml'"),
            (packed({"OFD.xml": ENTRY.replace("Doc_0/", "../../etc/")}), "it has no"),
            (packed({"OFD.xml": '<!DOCTYPE x [<!ENTITY a "一">]>' + ENTRY}), "entities"),
            (packed({"OFD.xml": " " * 50_000_000}), "bomb"),
            (ofd(page("<ofd:PageBlock>" * 100_000)), "corrupt"),
        ],
        ids=["no text", "no document", "outside", "entities", "bomb", "deep"],
    )
    def test_hostile_ones_are_refused_by_name(self, data: bytes, said: str) -> None:
        with pytest.raises(SourceError, match=said):
            one(data, "a.ofd")

    def test_a_page_that_lists_itself_ends(self) -> None:
        data = ofd(page(piece(20, 20, "甲")))
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members: dict[str, str | bytes] = {name: archive.read(name) for name in archive.namelist()}
        members["Doc_0/Document.xml"] = (
            f"<ofd:Document {NAMESPACE}><ofd:Pages>"
            + '<ofd:Page BaseLoc="Pages/Page_0/Content.xml"/>' * 30_000
            + "</ofd:Pages></ofd:Document>"
        )
        with pytest.raises(SourceError, match=r"more than 20,000 pages|bomb"):
            one(packed(members), "a.ofd")


CONTAINER = (
    '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
    '<rootfile full-path="OEBPS/content.opf"/></rootfiles></container>'
)


def epub(*pages: str, **more: str) -> bytes:
    items = "".join(f'<item id="p{n}" href="text/{n}%20x.xhtml"/>' for n in range(len(pages)))
    spine = more.get("spine", "".join(f'<itemref idref="p{n}"/>' for n in range(len(pages))))
    package = (
        '<package xmlns="http://www.idpf.org/2007/opf"><metadata xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f"<dc:title>法规汇编</dc:title></metadata><manifest>{items}</manifest><spine>{spine}</spine></package>"
    )
    members: dict[str, str | bytes] = {
        "mimetype": "application/epub+zip",
        "META-INF/container.xml": CONTAINER,
        "OEBPS/content.opf": package,
    }
    members.update({f"OEBPS/text/{n} x.xhtml": each for n, each in enumerate(pages)})
    return packed(members)


class TestEpub:
    def test_pages_follow_each_other_with_headings_and_borders(self) -> None:
        pages = [
            f"<html><body><h1>第{n}章</h1><p>内容{n}。</p><table><tr><td>甲</td><td>{n}</td></tr></table></body></html>"
            for n in "一二"
        ]
        reading = one(epub(pages[0], '<html><body><img src="x"/></body></html>', pages[1]), "a.epub")
        assert reading.text == "第一章\n内容一。\n甲\t一\n第二章\n内容二。\n甲\t二\n"
        assert [reading.text[one.start :].split("\n")[0] for one in reading.headings] == ["第一章", "第二章"]
        assert reading.borders is not None
        assert reading.text.index("第二章") in reading.borders
        assert list(reading.borders) == sorted(set(reading.borders))
        assert reading.fields == {"title": "法规汇编"}

    @pytest.mark.parametrize(
        ("data", "said"),
        [
            (epub(), "no text"),
            (epub("<p>一</p>", spine='<itemref idref="p9"/>'), "no text"),
            (epub("<p>" + " " * 30_000_000), "bomb"),
            (
                packed({"mimetype": "application/epub+zip", "META-INF/container.xml": "<container/>"}),
                "its contents are not listed",
            ),
            (packed({"mimetype": "x", "META-INF/container.xml": CONTAINER}), "it has no 'OEBPS/content.opf'"),
        ],
        ids=["empty", "forged spine", "bomb", "no package", "missing package"],
    )
    def test_hostile_ones_are_refused_by_name(self, data: bytes, said: str) -> None:
        with pytest.raises(SourceError, match=said):
            one(data, "a.epub")

    def test_a_page_is_read_once_however_often_it_is_listed(self) -> None:
        assert one(epub("<p>内容。</p>", spine='<itemref idref="p0"/>' * 10_000), "a.epub").text == "内容。\n"
