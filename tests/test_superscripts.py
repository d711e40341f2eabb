"""Superscripts in sources and drafts with markup, and quotations of drafts whose lines cleaning would remove."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from conftest import build_index

import policysearch
from policysearch.quoting.draft import read_draft
from policysearch.sources.reader import read_bytes
from policysearch.sources.readers.reading import Reading

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def text_of(data: str | bytes, name: str) -> str:
    (reading,) = read_bytes(data.encode() if isinstance(data, str) else data, name)
    assert isinstance(reading, Reading)
    return reading.text


def page(*lines: str) -> bytes:
    body = "".join(f"<p>{line}</p>" for line in lines)
    return f"<html><head><meta charset='utf-8'></head><body><h1>工作情况</h1>{body}</body></html>".encode()


def run(text: str, raised: bool = False) -> str:
    properties = '<w:rPr><w:vertAlign w:val="superscript"/></w:rPr>' if raised else ""
    return f"<w:r>{properties}<w:t>{text}</w:t></w:r>"


def word(*paragraphs: str) -> bytes:
    buffer = io.BytesIO()
    body = "".join(f"<w:p>{one}</w:p>" for one in paragraphs)
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", f"<w:document {W}><w:body>{body}</w:body></w:document>")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("增长5.2<sup>3</sup>%，预期", "增长5.2³%，预期"),
        ("面积350km<sup>2</sup>，预期", "面积350km²，预期"),
        ("增长5.2%<sup>[3]</sup>，预期", "增长5.2%[3]，预期"),
        ("增长5.2%<sup><a href='#n'>12</a></sup>，预期", "增长5.2%¹²，预期"),
        ("每立方米10<sup>-3</sup>克，预期", "每立方米10⁻³克，预期"),
        ("第4<sup>th</sup>届，CO<sub>2</sub>", "第4th届，CO2"),
    ],
)
def test_superscripts_of_pages_are_no_digits(markup: str, text: str) -> None:
    assert text in text_of(page(markup), "a.html")
    assert text in text_of(f"# 工作情况\n\n{markup.replace(chr(39), chr(34))}\n", "a.md")


def test_superscripts_of_word_are_no_digits() -> None:
    paragraph = run("增长5.2") + run("3", raised=True) + run("%，面积350km") + run("2", raised=True) + run("，为2")
    assert text_of(word(paragraph), "a.docx") == "增长5.2³%，面积350km²，为2\n"


RULES = """云麓省渡口管理条例

第一条　渡口经营者应当每月检查一次救生设备，并保存监测记录三年，渡口面积达到350km²，增长5.2%左右。

第二条　渡口分为三类，打印本页的设备应当登记，全年客运量达到
120
万人次。
"""


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> policysearch.Index:
    sources = tmp_path_factory.mktemp("sources")
    (sources / "条例.txt").write_text(RULES, encoding="utf-8")
    noted = "运输总量达到3.5<sup>7</sup>万吨，比上年增加两成<sup>[8]</sup>，客运恢复正常。"
    (sources / "公报.html").write_bytes(page("云麓省统计公报", noted))
    return policysearch.open_index(build_index(sources, tmp_path_factory.mktemp("index")))


def verdict(index: policysearch.Index, data: bytes, name: str) -> str:
    draft = read_draft(data, name)
    (claim,) = (claim for claim in index.verify(draft.text) if claim.kind == "quote")
    return claim.verdict


def test_notes_of_a_source_alter_no_quotation(index: policysearch.Index) -> None:
    for quotation, found in (
        ("运输总量达到3.5万吨，比上年增加两成，客运恢复", ("verbatim", "folded")),
        ("运输总量达到3.57万吨，比上年增加两成，客运恢复", ("differs",)),
        ("运输总量达到3.4万吨，比上年增加两成，客运恢复", ("differs",)),
    ):
        for draft in (f"文中说“{quotation}”。", f"《工作情况》说“{quotation}”。"):
            assert verdict(index, draft.encode(), "a.md") in found


@pytest.mark.parametrize(
    ("quotation", "found"),
    [
        ("渡口面积达到350km<sup>2</sup>，增长5.2<sup>3</sup>%左右", "verbatim"),
        ("渡口面积达到350km<sup>3</sup>，增长5.2%左右", "differs"),
        ("渡口面积达到350km2，增长5.2%左右", "differs"),
        ("每月检查一次救生设备</p><p>打印本页</p><p>，并保存监测记录三年", "differs"),
        ("每月检查一次救生设备，</p><p>并保存监测记录三年", "verbatim"),
        ("渡口分为三类，</p><p>打印本页</p><p>的设备应当登记", "folded"),
        ("应当登记，全年客运量达到</p><p>120</p><p>万人次", "folded"),
        ("应当登记，全年客运量达到</p><p>130</p><p>万人次", "differs"),
        ("应当登记，全年客运量达到</p><p>万人次", "differs"),
    ],
)
def test_a_quotation_of_a_page_keeps_its_lines(index: policysearch.Index, quotation: str, found: str) -> None:
    assert verdict(index, page("文章说：", f"“{quotation}”，应当遵守。", "打印本页"), "a.html") == found


def test_a_quotation_of_a_word_document_keeps_its_lines(index: policysearch.Index) -> None:
    first, last = (
        run("“渡口面积达到350km") + run("2", raised=True) + run("，增长5.2"),
        run("3", raised=True) + run("%左右”。"),
    )
    assert verdict(index, word(run("文章说："), first + last), "a.docx") == "verbatim"
    paged = (run("“每月检查一次救生设备，"), run("12"), run("并保存监测记录三年”。"))
    assert verdict(index, word(*paged), "a.docx") == "folded"


def test_a_page_without_quotations_is_cleaned(tmp_path: Path) -> None:
    assert "打印本页" not in read_draft(page("第一段是正文，有几句话。", "打印本页"), "a.html").text
