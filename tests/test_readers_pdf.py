from __future__ import annotations

import io
import time

import pytest

from policysearch.errors import SourceError
from policysearch.sources.reader import read_bytes
from policysearch.sources.readers.reading import Reading

canvas = pytest.importorskip("reportlab.pdfgen.canvas")
pytest.importorskip("pypdfium2")


def printed(pages: list[list[str]], title: str | None = None, password: str | None = None) -> bytes:
    """A PDF with a Chinese font that is named, not embedded, as many official ones are."""
    from reportlab.lib.pdfencrypt import StandardEncryption
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont

    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    buffer = io.BytesIO()
    paper = canvas.Canvas(buffer, encrypt=StandardEncryption(password) if password else None)
    if title:
        paper.setTitle(title)
    for lines in pages:
        paper.setFont("STSong-Light", 12)
        for number, line in enumerate(lines):
            paper.drawString(72, 760 - 20 * number, line)
        paper.showPage()
    paper.save()
    return buffer.getvalue()


def one(data: bytes) -> Reading:
    (reading,) = read_bytes(data, "a.pdf")
    assert isinstance(reading, Reading)
    return reading


def test_lines_and_pages_are_kept() -> None:
    reading = one(printed([["关于优化营商环境的通知", "一、坚持高质量发", "— 1 —"], [], ["展。", "２０２４年"]]))
    assert reading.text == "关于优化营商环境的通知\n一、坚持高质量发\n— 1 —\n展。\n２０２４年\n"
    assert [reading.text[start : start + 2] for start in reading.pages] == ["关于", "展。", "展。"]
    assert reading.encoding is None
    assert [(each.text, each.reason) for each in reading.removed] == [("page 2", "page without text")]


@pytest.mark.parametrize(
    ("title", "fields"),
    [
        pytest.param("关于优化营商环境的通知", {"title": "关于优化营商环境的通知"}, id="a title"),
        pytest.param("Microsoft Word - 新建文档", {}, id="what Word puts there"),
        pytest.param("通知（定稿）.doc", {}, id="a file name"),
        pytest.param("untitled", {}, id="nothing"),
    ],
)
def test_the_title_in_the_properties(title: str, fields: dict[str, str]) -> None:
    assert one(printed([["各单位要加强领导，抓好落实。"]], title)).fields == fields


LOOP = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
    b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R"
    b"/Resources<</XObject<</X 5 0 R>>>>>>endobj\n"
    b"4 0 obj<</Length 5>>stream\n/X Do\nendstream endobj\n"
    b"5 0 obj<</Type/XObject/Subtype/Form/BBox[0 0 1 1]/Length 11>>stream\n/X Do /X Do\nendstream endobj\n"
    b"trailer<</Root 1 0 R>>\n"
)
OWN_PARENT = LOOP.replace(b"Kids[3 0 R]/Count 1", b"Kids[2 0 R 2 0 R]/Count 2").replace(b"/X Do", b"/Y Do")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        pytest.param(printed([[], [], []]), "scanned.*OCR", id="scanned"),
        pytest.param(printed([["扫描王", f"— {n} —"] for n in range(30)]), "scanned.*OCR", id="scanned, marked"),
        pytest.param(printed([["一"]], password="secret"), "encrypted", id="encrypted"),
        pytest.param(printed([["一" * 20]])[:900], "corrupt", id="cut off"),
        pytest.param(b"%PDF-1.7 no more", "corrupt", id="only a beginning"),
        pytest.param(
            OWN_PARENT.replace(b"Count 2", b"Count 2000000000"),
            "pages|corrupt|scanned",
            id="two billion pages",
        ),
    ],
)
def test_what_cannot_be_read_is_named(data: bytes, message: str) -> None:
    with pytest.raises(SourceError, match=message):
        one(data)


def test_a_page_that_draws_itself_is_stopped() -> None:
    start = time.perf_counter()
    with pytest.raises(SourceError, match=r"loops|crashes"):
        one(LOOP)
    assert time.perf_counter() - start < 60


def test_a_page_tree_that_holds_itself_is_refused_or_read() -> None:
    with pytest.raises(SourceError):
        one(OWN_PARENT)


def test_without_the_library_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(SourceError, match=r"pip install 'policysearch\[pdf\]'"):
        one(printed([["一"]]))
