"""The features that each document in ``sources/`` shows, so that an edit does not take it away unseen."""

from __future__ import annotations

import base64
import csv
import io
import re
import zipfile
import zlib
from pathlib import Path

import pytest

SOURCES = Path(__file__).parent.parent / "sources"

NOTICE = "通知/云麓省人民政府办公厅关于印发提升政务服务效能若干措施的通知.html"
OPINION = "意见/澜泽市人民政府关于推进养老服务高质量发展的实施意见.txt"
STATUTE = "法规/云麓省优化营商环境条例.md"
PLAN = "规划/云麓省“十四五”数字经济发展规划（节选）.txt"
COLLECTION = "文件汇编/省市政策文件汇编.csv"
PUBLIC_NOTICE = "公告/松岑县人民政府关于加强竹榭水库饮用水水源保护的公告.txt"
TRADITIONAL = "公告/松岑縣人民政府關於加強竹榭水庫飲用水水源保護的公告.txt"
BULLETIN = "公报/澜泽市2023年国民经济和社会发展统计公报.docx"
PRINTED = "通知/松岑县人民政府办公室关于开展营商环境“月月评”工作的通知.pdf"

# How often each report says 营商环境: it rises in every place, so that counts by place and year show a trend.
REPORTS = {
    "政府工作报告/2022年云麓省政府工作报告.txt": 3,
    "政府工作报告/2023年云麓省政府工作报告.html": 5,
    "政府工作报告/2024年云麓省政府工作报告.txt": 7,
    "政府工作报告/2022年澜泽市政府工作报告.txt": 2,
    "政府工作报告/2023年澜泽市政府工作报告.md": 3,
    "政府工作报告/2024年澜泽市政府工作报告.txt": 6,
    "政府工作报告/2022年松岑县政府工作报告.txt": 1,
    "政府工作报告/2023年松岑县政府工作报告.txt": 3,
    "政府工作报告/2024年松岑县政府工作报告.txt": 5,
}

# UTF-8 where nothing is said.
ENCODINGS = {
    "政府工作报告/2022年澜泽市政府工作报告.txt": "gb18030",
    "政府工作报告/2023年松岑县政府工作报告.txt": "gb18030",
    "政府工作报告/2024年松岑县政府工作报告.txt": "utf-8-sig",
    OPINION: "gbk",
    COLLECTION: "utf-8-sig",
    TRADITIONAL: "big5",
}

SHOWN = {
    "政府工作报告/2022年云麓省政府工作报告.txt": [
        "　　一、2021年工作回顾\n",
        "（一）经济恢复有力有序。",
        "各位代表",
    ],
    "政府工作报告/2023年云麓省政府工作报告.html": ["上一篇", "分享到", "ICP备", "字体：", '<div class="con"'],
    "政府工作报告/2024年云麓省政府工作报告.txt": [
        "\n2023年工作回顾\n",
        "\n培育壮大新质生产力\n",
        "\n名词解释\n1.",
    ],
    "政府工作报告/2022年澜泽市政府工作报告.txt": ["三、2022年工作安排\r\n", "代市长　沈砚秋\r\n"],
    "政府工作报告/2023年澜泽市政府工作报告.md": ["## 一、2022年工作回顾", "### （三）久久为功优环境", "\n- "],
    "政府工作报告/2024年澜泽市政府工作报告.txt": [
        "( 一)聚焦主导产业,",
        "(二)聚焦改革开放,发展动能更加充沛。",
    ],
    "政府工作报告/2022年松岑县政府工作报告.txt": ["数字经\n—2—\n济", "乡村振\n—4—\n兴", "绿色矿\n—5—\n山"],
    "政府工作报告/2023年松岑县政府工作报告.txt": ["\n抓环境聚人气\n", "\n怎样建设人民满意的政府\n", "㴩溪村"],
    "政府工作报告/2024年松岑县政府工作报告.txt": [
        "\n1.加力推进新型工业化\n",
        "\n(1)做优产业平台。",
        "一是办好",
        "四是提升",
    ],
    NOTICE: ["云麓政办发〔2023〕12号", "索 引 号", "<p>附件</p>", "2023年3月21日"],
    OPINION: ["澜泽政发〔2022〕8号", "    1.建设家庭养老床位。", "二〇二二年六月十六日", "抄送："],
    STATUTE: ["目　录", "## 第六章　附　则", "第十二条之一　", "（四）其他限制", "根据2022年7月29日"],
    PLAN: ["\n专栏1 ", "\n● ", "\n——创新引领、融合发展。", "第三节 提升数字化治理水平"],
    PUBLIC_NOTICE: ["松岑政告〔2024〕2号", "2024年3月22日起施行"],
    TRADITIONAL: ["松岑政告〔2024〕2號", "營商環境", "水污染"],
}

INVENTED = (
    "云麓省",
    "澜泽市",
    "松岑县",
    "霁川市",
    "鹭汀市",
    "梧汀县",
    "云麓",
    "澜泽",
    "松岑",
    "霁川",
    "鹭汀",
)


def decoded(name: str) -> str:
    return (SOURCES / name).read_bytes().decode(ENCODINGS.get(name, "utf-8"))


def docx_text() -> str:
    with zipfile.ZipFile(SOURCES / BULLETIN) as archive:
        parts = [archive.read(f"word/{part}.xml").decode() for part in ("document", "footnotes")]
    return re.sub(r"<[^>]+>", "", "".join(parts))


def pdf_text() -> str:
    """Text that the pages draw, without any library for PDF: it is UCS-2 in escaped strings."""
    data = (SOURCES / PRINTED).read_bytes()
    streams = re.findall(rb"/ASCII85Decode /FlateDecode.*?stream\r?\n(.*?)endstream", data, re.DOTALL)
    pages = b"".join(zlib.decompress(base64.a85decode(b"<~" + one.strip(), adobe=True)) for one in streams)
    strings = re.findall(rb"\(((?:[^\\()]|\\.)*)\) Tj", pages, re.DOTALL)
    return "".join(unescaped(one).decode("utf-16-be") for one in strings)


def unescaped(string: bytes) -> bytes:
    controls = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}

    def plain(match: re.Match[bytes]) -> bytes:
        escape = match[1]
        return bytes([int(escape, 8)]) if escape.isdigit() else controls.get(escape, escape)

    return re.sub(rb"\\([0-7]{3}|.)", plain, string, flags=re.DOTALL)


def every_text() -> dict[str, str]:
    texts = {name: decoded(name) for name in [*SHOWN, COLLECTION]}
    return texts | {BULLETIN: docx_text(), PRINTED: pdf_text()}


def test_sources_hold_these_documents_and_no_others() -> None:
    found = {path.relative_to(SOURCES).as_posix() for path in SOURCES.rglob("*") if path.is_file()}
    assert found == {*SHOWN, COLLECTION, BULLETIN, PRINTED}
    assert set(REPORTS) <= set(SHOWN)


@pytest.mark.parametrize("name", SHOWN)
def test_document_shows_what_it_is_there_for(name: str) -> None:
    text = decoded(name)
    assert [piece for piece in SHOWN[name] if piece not in text] == []


@pytest.mark.parametrize("name", [name for name in ENCODINGS if not ENCODINGS[name].startswith("utf")])
def test_other_encodings_are_not_utf8(name: str) -> None:
    with pytest.raises(UnicodeDecodeError):
        (SOURCES / name).read_bytes().decode("utf-8")


def test_one_report_needs_all_of_gb18030() -> None:
    with pytest.raises(UnicodeDecodeError):
        (SOURCES / "政府工作报告/2023年松岑县政府工作报告.txt").read_bytes().decode("gbk")


def test_byte_order_marks_stand_where_the_encoding_says() -> None:
    marked = {name for name in [*SHOWN, COLLECTION] if (SOURCES / name).read_bytes()[:3] == b"\xef\xbb\xbf"}
    assert marked == {name for name in ENCODINGS if ENCODINGS[name] == "utf-8-sig"}


@pytest.mark.parametrize("name", REPORTS)
def test_report_says_the_term_so_often(name: str) -> None:
    assert decoded(name).count("营商环境") == REPORTS[name]


@pytest.mark.parametrize(
    "term",
    [
        "高质量发展",
        "乡村振兴",
        "专精特新",
        "“放管服”改革",
        "数字经济",
        "一网通办",
        "基层治理",
        "养老服务",
        "碳达峰碳中和",
    ],
)
def test_places_and_years_share_their_vocabulary(term: str) -> None:
    said = [name.partition("/")[2] for name in REPORTS if term in decoded(name)]
    assert {name[:4] for name in said} == {"2022", "2023", "2024"}
    assert {name[5:8] for name in said} == {"云麓省", "澜泽市", "松岑县"}


@pytest.mark.parametrize("place", ["云麓省", "澜泽市", "松岑县"])
def test_terms_come_and_go_with_the_years(place: str) -> None:
    years = ["".join(decoded(name) for name in REPORTS if f"{year}年{place}" in name) for year in (2022, 2023, 2024)]
    counts = [text.count("营商环境") for text in years]
    assert counts == sorted(set(counts))
    assert [("新质生产力" in text) for text in years] == [False, False, True]
    assert [("疫情防控" in text) for text in years[:2]] == [True, True]


def test_articles_of_the_statute_are_one_series() -> None:
    articles = re.findall(r"^第([一二三四五六七八九十]+)条(之一)?　", decoded(STATUTE), re.MULTILINE)
    assert len(articles) == 32
    assert [number for number, inserted in articles if inserted] == ["十二"]
    numbers = [number for number, inserted in articles if not inserted]
    tens = ["", "十", "二十", "三十"]
    digits = ["", *"一二三四五六七八九"]
    assert numbers == [tens[number // 10] + digits[number % 10] for number in range(1, 32)]


def test_attachment_of_the_notice_starts_its_numbers_again() -> None:
    body, _, attachment = decoded(NOTICE).partition("<p>附件</p>")
    for part in (body, attachment):
        assert "<b>一、" in part
        assert "<b>二、" in part


def test_collection_has_three_records() -> None:
    records = list(csv.DictReader(io.StringIO(decoded(COLLECTION), newline="")))
    assert [list(record) for record in records] == [["id", "title", "date", "issuer", "content"]] * 3
    assert len({record["id"] for record in records}) == 3
    assert all("营商环境" in record["content"] and "\n" in record["content"] for record in records)


def test_traditional_version_has_the_characters_of_the_simplified_one() -> None:
    traditional = decoded(TRADITIONAL).replace("\r\n", "\n").replace("「", "“").replace("」", "”")
    simplified = decoded(PUBLIC_NOTICE)
    assert len(traditional) == len(simplified)
    assert [character for character in simplified if ord(character) < 128] == [
        character for character in traditional if ord(character) < 128
    ]
    changed = sum(one != other for one, other in zip(simplified, traditional, strict=True))
    assert 0.15 < changed / len(simplified) < 0.5


def test_bulletin_has_generated_numbers_a_table_and_footnotes() -> None:
    with zipfile.ZipFile(SOURCES / BULLETIN) as archive:
        document = archive.read("word/document.xml").decode()
        styles = archive.read("word/styles.xml").decode()
        numbering = archive.read("word/numbering.xml").decode()
    assert document.count('w:val="Heading1"') == 6
    assert document.count("<w:tbl>") == 1
    assert document.count("<w:footnoteReference ") == 3
    assert "<w:numPr>" in styles
    assert 'w:val="chineseCounting"' in numbering
    text = docx_text()
    assert "一、综合" not in text
    assert "四舍五入" in text
    assert "电池隔膜" in text


def test_printed_notice_has_two_pages_of_text() -> None:
    data = (SOURCES / PRINTED).read_bytes()
    assert data.startswith(b"%PDF-")
    assert len(re.findall(rb"/Type /Page\b(?!s)", data)) == 2
    text = pdf_text()
    assert "农民专业合— 1 —作社中" in text
    assert text.count("营商环境") == 6
    assert text.endswith("— 2 —")


@pytest.mark.parametrize("name", [BULLETIN, PRINTED])
def test_binary_samples_stay_small(name: str) -> None:
    assert (SOURCES / name).stat().st_size < 50_000


def test_no_place_is_a_real_one() -> None:
    places = pytest.importorskip("policysearch.gazetteer.places", reason="the table of places is not there")
    assert [name for name in INVENTED if places.lookup(name)] == []
    # Names of two characters are left out: 和县 and 城区 stand in ordinary phrases too.
    real = {one.name for one in places.all_places() if len(one.name) > 2}
    for name, text in every_text().items():
        plain = re.sub(r"\s", "", text)
        assert sorted(place for place in real if place in plain) == [], name
