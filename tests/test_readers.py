"""Shared by all readers: choice of the reader, clean characters, hostile input; plain text and Markdown."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
import time
import unicodedata
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policysearch.errors import InputError, SourceError
from policysearch.sources import readers
from policysearch.sources.finding import Source, find_sources
from policysearch.sources.reader import read, read_bytes
from policysearch.sources.readers.reader_versions import READER_VERSIONS
from policysearch.sources.readers.reading import FailedRecord, Reading
from policysearch.text.characters import normalize, split_dropped

READERS = Path(readers.__file__).parent
REFERENCE = Path(os.environ.get("POLICYSEARCH_REFERENCE", Path(__file__).parents[2] / "shared"))


def one(data: bytes | str, name: str) -> Reading:
    (reading,) = read_bytes(data.encode() if isinstance(data, str) else data, name)
    assert isinstance(reading, Reading)
    return reading


def refusal(data: bytes, name: str) -> str:
    with pytest.raises(SourceError) as caught:
        list(read_bytes(data, name))
    return str(caught.value)


def headings(reading: Reading) -> list[tuple[int, str]]:
    return [(each.level, reading.text[each.start :].split("\n")[0]) for each in reading.headings]


class TestCharacters:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            pytest.param("一\r\n二\r三\n", "一\n二\n三\n", id="line ends"),
            pytest.param("一\r\r\n二", "一\n\n二", id="bare CR before CRLF"),
            pytest.param("营\u200b商\ufeff环\u00ad境\u2060", "营商环境", id="zero width"),
            pytest.param("葛\U000e0100城\ufe00", "葛城", id="variation selectors"),
            pytest.param("一\x00\x07\x1b二\x7f\x9f", "一二", id="controls"),
            pytest.param("一\t二", "一\t二", id="a tab stays"),
            pytest.param("\u3000\u3000一 二\xa0三", "\u3000\u3000一 二\xa0三", id="white space stays"),
            pytest.param("一\u2028二\u0085三", "一\n二\n三", id="other line ends"),
            pytest.param("豈\u0041\u030a", "豈Å", id="NFC"),
            pytest.param("e\u200d\u0301", "é", id="NFC after what stood between is dropped"),
            pytest.param("一\ud800二", "一\ufffd二", id="a lone surrogate"),
            pytest.param("ÅÄ—…“”①㎡ﬁ", "ÅÄ—…“”①㎡ﬁ", id="compatibility forms stay"),
        ],
    )
    def test_clean(self, text: str, expected: str) -> None:
        assert normalize(text) == expected

    def test_what_was_dropped_is_told(self) -> None:
        assert split_dropped("一\u200b二\x07") == ("一二", "\u200b\x07")

    def test_one_line_drops_what_several_drop(self) -> None:
        every = "".join(map(chr, (*range(0xD800), *range(0xE000, sys.maxunicode + 1))))
        for one in set(split_dropped(f"一\n{every}")[1]):
            assert split_dropped(f"一{one}二") == ("一二", one), ascii(one)

    @given(st.text(alphabet=st.characters()))
    def test_cleaning_is_complete_and_done_once(self, text: str) -> None:
        cleaned = normalize(text)
        assert normalize(cleaned) == cleaned
        assert unicodedata.is_normalized("NFC", cleaned)
        assert not any(unicodedata.category(each) in ("Cc", "Cs") for each in cleaned if each not in "\t\n")

    def test_text_with_nothing_to_drop_is_quick(self) -> None:
        text = "推动高质量发展，优化营商环境。\n" * 400_000
        start = time.process_time()
        assert normalize(text) is text
        assert time.process_time() - start < 1


class TestChoice:
    @pytest.mark.parametrize(
        ("data", "name", "message"),
        [
            pytest.param(b"", "a.txt", "empty", id="empty"),
            pytest.param(b" \n\t\n", "a.txt", "empty", id="white space"),
            pytest.param(
                b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 600, "a.doc", "corrupt Word", id="a part of old Word"
            ),
            pytest.param(b"x", "a.xlsx", "not a workbook", id="not a workbook"),
            pytest.param(b"\x89PNG\r\n", "a.png", "image.*OCR", id="an image"),
            pytest.param(b"\xff\xd8\xff\xe0", "a.txt", "image.*OCR", id="an image named .txt"),
            pytest.param(b"Rar!\x1a", "a.rar", "RAR", id="RAR"),
            pytest.param(b"x", "a.xyz", r"named \.xyz are not read.*\.docx", id="unknown ending"),
            pytest.param(b"x", "README", "without a suffix", id="no ending"),
            pytest.param(b"x", "a.pdf", "not a PDF", id="not a PDF"),
            pytest.param(b"PK\x03\x04 broken", "a.docx", "corrupt ZIP", id="cut off DOCX"),
            pytest.param(os.urandom(5000), "a.txt", "binary|not recognised|broken", id="binary named .txt"),
        ],
    )
    def test_what_is_not_read_is_named(self, data: bytes, name: str, message: str) -> None:
        with pytest.raises(SourceError, match=message):
            list(read_bytes(data, name))

    def test_a_web_page_named_doc_is_a_web_page(self) -> None:
        assert one("<html><body><p>各单位：</p><p>请执行。</p>", "a.doc").text == "各单位：\n请执行。\n"

    def test_a_web_page_named_txt_is_text(self) -> None:
        assert one("<html><p>各单位：</p></html>", "a.txt").text == "<html><p>各单位：</p></html>"

    def test_capital_endings_count(self) -> None:
        assert one("# 一", "A.MD").text == "一\n"

    def test_a_missing_file_is_a_source_error(self, tmp_path: Path) -> None:
        with pytest.raises(SourceError, match="cannot be opened"):
            list(read(tmp_path / "missing.txt"))

    def test_an_unknown_encoding_is_an_input_error(self, tmp_path: Path) -> None:
        (tmp_path / "a.txt").write_bytes(b"x")
        with pytest.raises(InputError):
            list(read(tmp_path / "a.txt", encoding="klingon"))

    def test_the_encoding_option_is_obeyed(self, tmp_path: Path) -> None:
        (tmp_path / "a.txt").write_bytes("日本".encode("shift_jis"))
        (reading,) = read(tmp_path / "a.txt", encoding="shift-jis")
        assert isinstance(reading, Reading)
        assert (reading.text, reading.encoding) == ("日本", "shift_jis")

    def test_every_reader_has_a_version(self) -> None:
        readers = {
            path.stem
            for path in READERS.glob("*.py")
            if re.search(r"^def read_(?!member)", path.read_text(encoding="utf-8"), re.M)
        }
        assert {name.replace(" ", "_").lower() for name in READER_VERSIONS} == readers | {"html"}

    def test_a_table_is_read_without_the_readers_of_other_formats(self) -> None:
        code = (
            "import sys; from policysearch.sources.reader import read_bytes; import policysearch.indexing.maintenance; "
            "print(len(list(read_bytes(b'{\"text\": 1}', 'a.jsonl')))); "
            "print(sorted({'multiprocessing', 'zipfile', 'policysearch.sources.readers.docx'} & set(sys.modules)))"
        )
        shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        assert shown.stdout.split("\n")[:2] == ["1", "[]"]

    def test_importing_the_readers_loads_no_library_of_a_format(self) -> None:
        code = "import sys, policysearch.sources.reader; print(sorted({'lxml', 'pypdfium2'} & set(sys.modules)))"
        shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        assert shown.stdout.strip() == "[]"


class TestText:
    def test_the_text_is_kept_as_it_is(self) -> None:
        text = "政府工作报告\n\n　　各位代表：\n  一、工作回顾\t  \n"
        reading = one(text, "a.txt")
        assert (reading.text, reading.pages, reading.removed, reading.record) == (text, (), (), None)
        assert (reading.encoding, reading.confidence) == ("utf-8", 1.0)

    def test_form_feeds_begin_pages(self) -> None:
        reading = one("第一页\n\f第二页\n\f\f第四页\n\f", "a.txt")
        assert reading.text == "第一页\n第二页\n第四页\n"
        assert [reading.text[start : start + 3] for start in reading.pages] == [
            "第一页",
            "第二页",
            "第四页",
            "第四页",
        ]

    def test_dropped_characters_and_broken_bytes_are_told(self) -> None:
        reading = one("深化改革".encode() * 100 + b"\xff" + "\u200b开放".encode(), "a.txt")
        assert [each.reason for each in reading.removed] == ["control character", "undecodable bytes"]

    @given(st.text())
    def test_any_text_comes_back(self, text: str) -> None:
        data = text.encode("utf-8", "ignore")
        try:
            reading = one(data, "a.txt")
        except SourceError:
            return
        if reading.encoding == "utf-8":
            assert reading.text == normalize(data.decode("utf-8").lstrip("\ufeff"))


class TestMarkdown:
    def test_headings_lose_their_marks(self) -> None:
        reading = one("# 青石县条例\n\n题注\n\n##第一章　总则 ##\n\n正文\n\n附则\n---\n\n结尾。\n---\n", "a.md")
        assert headings(reading) == [(1, "青石县条例"), (2, "第一章　总则"), (2, "附则")]
        assert reading.text == "青石县条例\n\n题注\n\n第一章　总则\n\n正文\n\n附则\n\n结尾。\n"
        assert {each.reason for each in reading.removed} == {"markup"}

    def test_comments_are_left_out_with_their_line_and_unclosed_ones_stay(self) -> None:
        reading = one("一\n<!-- INFO\nEND -->\n二<!-- x -->三\n<!-- 四\n", "a.md")
        assert reading.text == "一\n二三\n<!-- 四\n"
        assert [each.text for each in reading.removed] == ["<!-- INFO\nEND -->", "<!-- x -->"]

    def test_front_matter_becomes_fields(self) -> None:
        text = '---\ntitle: "关于甲的通知"\n文号: 青政发〔2023〕1号\ntags:\n  - 甲\n  - 乙\nurl: https://x.cn/a\n---\n\n正文\n'
        reading = one(text, "a.md")
        assert reading.text == "正文\n"
        assert reading.fields == {
            "title": "关于甲的通知",
            "document_number": "青政发〔2023〕1号",
            "tags": "甲、乙",
            "url": "https://x.cn/a",
        }

    def test_nothing_but_front_matter_is_no_text(self) -> None:
        assert "no text" in refusal("---\ntitle: 甲\n---\n".encode(), "a.md")

    def test_a_rule_at_the_top_is_no_front_matter(self) -> None:
        assert (
            one("---\n各位代表：\n现在报告工作。\n---\n结束。\n", "a.md").text == "各位代表：\n现在报告工作。\n结束。\n"
        )

    @pytest.mark.parametrize(
        ("line", "expected"),
        [
            pytest.param("**一是**狠抓*落实*", "一是狠抓落实", id="emphasis"),
            pytest.param("***重点***", "重点", id="both"),
            pytest.param("PM_2.5和a_b_c", "PM_2.5和a_b_c", id="underscores in words"),
            pytest.param("3*4*5与 2 * 3", "3*4*5与 2 * 3", id="products"),
            pytest.param("**未配对", "**未配对", id="unpaired"),
            pytest.param("见[附件](files/a.doc)", "见附件", id="link"),
            pytest.param("国发[2023](1)号", "国发[2023](1)号", id="brackets that are no link"),
            pytest.param("<U+00A0>甲<5且乙>3", "<U+00A0>甲<5且乙>3", id="angles that are no tags"),
            pytest.param("甲<br>乙<b>丙</b>", "甲\n乙丙", id="tags"),
            pytest.param("> 引文", "引文", id="quotation"),
            pytest.param("* 甲", "- 甲", id="bullet"),
            pytest.param("3. 甲", "3. 甲", id="a number stays"),
            pytest.param(r"1\. 甲\*", "1. 甲*", id="escapes"),
            pytest.param("    缩进", "    缩进", id="indent"),
            pytest.param("`code`", "code", id="code"),
        ],
    )
    def test_marks(self, line: str, expected: str) -> None:
        assert one(f"首行\n\n{line}\n", "a.md").text == f"首行\n\n{expected}\n"

    def test_tables_become_lines_with_tabs(self) -> None:
        reading = one("|指标|数值|\n|---|---:|\n|粮食 | 32 |\n| a\\|b | |\n\n后文|不是表\n", "a.md")
        assert reading.text == "指标\t数值\n粮食\t32\na\\|b\n\n后文|不是表\n".replace("\\|", "|")

    def test_fences_are_left_out_and_what_is_in_them_stays(self) -> None:
        assert one("```\n# 不是标题\n```\n后\n", "a.md").text == "# 不是标题\n后\n"

    @given(st.text(alphabet="一二 #*_|-`~[]()<>!\\\n:="))
    def test_any_text_keeps_its_characters(self, text: str) -> None:
        try:
            reading = one(text, "a.md")
        except SourceError:
            return
        kept = sorted(each for each in reading.text if each in "一二")
        out = [each for removed in reading.removed for each in removed.text if each in "一二"]
        assert sorted(kept + out) == sorted(each for each in text if each in "一二")
        for heading in reading.headings:
            assert heading.start == 0 or reading.text[heading.start - 1] == "\n"


def zipped(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


LONG = "推动高质量发展" * 1_000_000

# each is made when its test runs: together they are hundreds of megabytes and seconds of work
HOSTILE: list[Any] = [
    pytest.param(lambda: LONG.encode(), "a.txt", id="one line of 20 MB"),
    pytest.param(lambda: LONG.encode(), "a.md", id="Markdown on one line"),
    pytest.param(lambda: ("# 标题\n" * 100_000).encode(), "a.md", id="100,000 headings"),
    pytest.param(lambda: ("**" * 500_000).encode() + "一".encode(), "a.md", id="marks without end"),
    pytest.param(lambda: ("[" * 300_000 + "](" * 300_000).encode(), "a.md", id="brackets without end"),
    pytest.param(lambda: ("<a " * 300_000).encode(), "a.md", id="tags without end"),
    pytest.param(lambda: ("`" * 1_000_000).encode() + "一".encode(), "a.md", id="back ticks"),
    pytest.param(lambda: ("<!--" * 300_000).encode(), "a.md", id="comments without end"),
    pytest.param(lambda: ("|-" * 300_000 + "\n" + "|-" * 300_000).encode(), "a.md", id="a table without end"),
    pytest.param(lambda: (" " * 1_000_000 + "-").encode(), "a.md", id="spaces"),
    pytest.param(lambda: ("![" * 200_000 + "*_" * 200_000 + "<" * 200_000).encode(), "a.md", id="mixed marks"),
    pytest.param(lambda: ("---\n" + "甲: 乙\n" * 200_000).encode(), "a.md", id="front matter without end"),
    pytest.param(lambda: ("<div>" * 100_000 + "一").encode(), "a.html", id="HTML 100,000 deep"),
    pytest.param(lambda: ("<b><p>" * 50_000 + "一").encode(), "a.html", id="HTML misnested"),
    pytest.param(lambda: ("<table><tr><td>" * 30_000 + "一").encode(), "a.html", id="tables 30,000 deep"),
    pytest.param(lambda: ("<table><tr><td>" * 600 + "一，" * 50_000).encode(), "a.html", id="tables 600 deep"),
    pytest.param(lambda: ("<p>" * 200_000 + "一").encode(), "a.html", id="paragraphs"),
    pytest.param(lambda: ("<ul><li>发文字号：" * 900 + "一" * 20).encode(), "a.html", id="labels within labels"),
    pytest.param(
        lambda: (("<div>" + "<p>文号：一</p>") * 900).encode(), "a.html", id="header tables within each other"
    ),
    pytest.param(lambda: (("<div>" + "<b></b>" * 100) * 900 + "文号：一" * 9).encode(), "a.html", id="empty elements"),
    pytest.param(lambda: ("<p>" + LONG).encode(), "a.html", id="HTML on one line"),
    pytest.param(lambda: ("<p>一" + " \n" * 2_000_000 + "二").encode(), "a.html", id="white space in HTML"),
    pytest.param(lambda: ("&" * 2_000_000 + "<" * 2_000_000).encode(), "a.html", id="HTML of signs"),
    pytest.param(lambda: ('text\n"' + LONG + '"\n').encode(), "a.csv", id="one field of 20 MB"),
    pytest.param(lambda: ('text\n"' + "一\n" * 1_000_000).encode(), "a.csv", id="a quote without end"),
    pytest.param(lambda: ("," * 2_000_000 + "\n" + "," * 2_000_000).encode(), "a.csv", id="millions of columns"),
    pytest.param(lambda: b"[" * 200_000, "a.json", id="JSON nested deep"),
    pytest.param(
        lambda: b'{"text": "x", "n": ' + b"9" * 1_000_000 + b"}", "a.jsonl", id="a number of a million digits"
    ),
    pytest.param(lambda: zipped({"a.txt": b"0" * 300_000_000}), "a.zip", id="zip bomb"),
    pytest.param(lambda: zipped({"word/document.xml": b" " * 200_000_000}), "a.docx", id="bomb in a DOCX"),
    pytest.param(lambda: zipped({f"{n}.txt": b"" for n in range(100_001)}), "a.zip", id="100,001 members"),
]


@pytest.mark.parametrize(("make", "name"), HOSTILE)
@pytest.mark.no_cover
def test_hostile_input_is_read_or_refused_within_seconds(make: Callable[[], bytes], name: str) -> None:
    data = make()
    start = time.process_time()
    try:
        found = list(read_bytes(data, name))
    except SourceError:
        pass  # refused by name
    else:
        assert found
        assert all(isinstance(each, FailedRecord) or each.text for each in found)
    assert time.process_time() - start < 20  # ten times what the longest takes


def test_plain_text_is_read_fast() -> None:
    data = ("推动高质量发展，优化营商环境，保障和改善民生。\n" * 300_000).encode()
    start = time.process_time()
    list(read_bytes(data, "a.txt"))
    assert len(data) / (time.process_time() - start) > 20e6


@pytest.mark.skipif(not REFERENCE.is_dir(), reason=f"no reference corpus at {REFERENCE}")
def test_every_file_of_the_reference_corpus_is_read_or_named() -> None:
    refused = {}
    for folder in ("reports", "corpus"):
        for source in find_sources(REFERENCE / folder):
            assert isinstance(source, Source)
            try:
                found = list(read(source.path))
            except SourceError as error:
                refused[source.path.name] = str(error)
                continue
            assert found
            for reading in found:
                if isinstance(reading, FailedRecord):
                    assert "no text" in reading.reason
                    refused[source.path.name] = reading.reason
                    continue
                assert reading.text.strip()
                assert normalize(reading.text) == reading.text
    # statutes as lists of articles have no field with their text
    assert {source.rpartition(".")[2] for source in refused} <= {"doc", "tsv", "json"}


SAVED = """Title: 青石县扎实推进家庭医生签约服务

URL Source: https://www.example.cn/a.html

Published Time: 2025-03-01T08:00:00

Markdown Content:
# 青石县扎实推进家庭医生签约服务

今年以来，全县新增签约服务点12个。
"""


@pytest.mark.parametrize("name", ["a.md", "a.txt"])
def test_the_head_of_a_saved_page_is_no_text(name: str) -> None:
    (reading,) = read_bytes(SAVED.encode(), name)
    assert isinstance(reading, Reading)
    assert reading.text.lstrip("# \n").startswith("青石县扎实推进")
    assert [(one.name, one.value) for one in reading.statements] == [
        ("title", "青石县扎实推进家庭医生签约服务"),
        ("url", "https://www.example.cn/a.html"),
        ("publish_date", "2025-03-01T08:00:00"),
    ]
    assert {one.place for one in reading.statements} == {"saved head"}
    assert reading.fields["url"] == "https://www.example.cn/a.html"
    assert [(each.reason, "Markdown Content" in each.text) for each in reading.removed] == [("front matter", True)]


@pytest.mark.parametrize(
    "head",
    [
        "标题：关于甲的通知\n文号：青政发〔2023〕5号\n",
        "来源：县政府办\n",
        "时间：2023年5月1日\n地点：第一会议室\n",
        "Title:\n\n",
    ],
)
def test_lines_with_labels_at_the_head_of_a_document_are_its_own(head: str) -> None:
    (reading,) = read_bytes(f"{head}各单位要抓好落实。\n".encode(), "a.txt")
    assert isinstance(reading, Reading)
    assert (reading.text, reading.statements) == (f"{head}各单位要抓好落实。\n", ())


def test_front_matter_is_said_by_name_and_an_address_called_source_is_the_url() -> None:
    (reading,) = read_bytes(
        "---\ntitle: 甲\npublish_date: 2023-05-01\nsource: https://a.cn/1\n---\n正文。\n".encode(), "a.md"
    )
    assert isinstance(reading, Reading)
    assert [(one.name, one.value, one.place) for one in reading.statements] == [
        ("title", "甲", "front matter"),
        ("publish_date", "2023-05-01", "front matter"),
        ("url", "https://a.cn/1", "front matter"),
    ]
