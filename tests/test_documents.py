"""From a file to documents, and the outline command that shows them."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from policysearch.documents.document import Document, FailedDocument, documents_in, read_documents
from policysearch.errors import InputError, SourceError

REPORT = """打印
青原市政府工作报告
——2021年1月5日在青原市第三届人民代表大会第二次会议上
市长 甲乙丙
各位代表：
现在，我代表市人民政府向大会报告工作，请予审议。
一、2020年工作回顾
全市各项工作取得新的进展，群众生活水平稳步提高，社会保持安定，市场供应充足，交通条件改善。
二、2021年重点工作
（一）抓好水利。新建水库三座，改善灌溉条件，保障城乡供水。
（二）抓好教育。新增优
—1—
质学位一千个。
—2—
"""
SECTION_FIELDS = ["section_id", "number", "heading", "level", "path", "part", "start", "end", "page", "text"]
DOCUMENT_FIELDS = [
    *("document_id", "title", "type", "issuer", "document_number", "region", "region_code", "city", "province"),
    *("level", "year", "date", "speaker", "status", "url", "source", "encoding", "sha256", "duplicate_of"),
    "inferred",
]


def outline(*arguments: str | Path, locale: str = "C.UTF-8") -> subprocess.CompletedProcess[bytes]:
    environment = {**os.environ, "LC_ALL": locale, "PYTHONIOENCODING": "ascii"}
    command = [sys.executable, "-m", "policysearch", "outline", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, env=environment, check=False)


@pytest.fixture
def report(tmp_path: Path) -> Path:
    path = tmp_path / "报告 1.txt"
    path.write_bytes(REPORT.encode("gb18030"))
    return path


@pytest.fixture
def collection(tmp_path: Path) -> Path:
    path = tmp_path / "汇编.csv"
    path.write_text(
        'id,title,text\na b,甲通知,"一、范围\n本办法适用于全市。"\na b,乙通知,正文。\nc,丙通知,另一份正文。\n',
        encoding="utf-8",
    )
    return path


def test_a_file_is_one_document(report: Path) -> None:
    (document,) = read_documents(report, "dir/报告.txt")
    assert isinstance(document, Document)
    assert (document.document_id, document.source) == ("dir/报告.txt", "dir/报告.txt")
    assert (document.type, document.year, document.date) == ("政府工作报告", 2021, "2021-01-05")
    assert document.encoding in ("gb2312", "gbk", "gb18030")
    assert document.sha256 == hashlib.sha256(report.read_bytes()).hexdigest()
    assert "".join(s.text for s in document.sections) == document.text
    assert "新增优质学位一千个" in document.text
    assert {piece.reason for piece in document.removed} == {"navigation", "page mark"}


def test_records_are_documents_with_ids_of_their_own(collection: Path) -> None:
    first, failed, last = read_documents(collection, "汇编.csv")
    assert isinstance(first, Document)
    assert isinstance(last, Document)
    assert (first.document_id, first.title, last.document_id) == ("汇编.csv#a%20b", "甲通知", "汇编.csv#c")
    assert first.sections[0].section_id == "汇编.csv#a%20b#1"
    assert last.sha256 == hashlib.sha256("另一份正文。".encode()).hexdigest()
    assert isinstance(failed, FailedDocument)
    assert failed.reason


def test_the_encoding_can_be_given(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes("一、範圍\n本辦法適用於全市。".encode("big5"))
    (document,) = read_documents(path, "a.txt", encoding="big5")
    assert isinstance(document, Document)
    assert document.sections[0].heading == "範圍"
    with pytest.raises(InputError):
        list(read_documents(path, "a.txt", encoding="klingon"))


def test_what_cannot_be_read_is_an_error_with_a_reason(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="opened"):
        list(read_documents(tmp_path / "missing.txt", "missing.txt"))
    (tmp_path / "a.doc").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))
    with pytest.raises(SourceError, match="Get another copy"):
        list(read_documents(tmp_path / "a.doc", "a.doc"))


def test_outline_prints_json_in_utf_8_whatever_the_locale(report: Path) -> None:
    done = outline(report, "--format", "json", locale="C")
    assert (done.returncode, done.stderr) == (0, b"")
    found = json.loads(done.stdout.decode("utf-8"))
    assert list(found) == ["document", "sections"]
    assert set(found["document"]) >= set(DOCUMENT_FIELDS)
    assert not {"text", "sections", "removed"} & set(found["document"])
    assert found["document"]["document_id"] == "报告%201.txt"
    assert all(list(section) == SECTION_FIELDS for section in found["sections"])
    assert found["sections"][-1]["path"] == ["二、2021年重点工作", "（二）抓好教育"]


def test_outline_of_a_collection_is_one_object_a_line(collection: Path) -> None:
    done = outline(collection, "--format", "json", "--text-field", "text")
    titles = [json.loads(line)["document"]["title"] for line in done.stdout.decode().splitlines()]
    assert titles == ["甲通知", "丙通知"]
    assert done.returncode == 2
    assert "a%20b" in done.stderr.decode()


def test_outline_heeds_corrections_beside_the_file(report: Path) -> None:
    file = report.rename(report.parent / "报告.txt")
    (report.parent / "metadata.csv").write_text("source,year,speaker\n报告.txt,2020,乙\n", encoding="utf-8")
    document = json.loads(outline(file, "--format", "json").stdout)["document"]
    assert (document["year"], document["speaker"]) == (2020, "乙")


def test_outline_for_people_is_a_tree_with_its_metadata(report: Path) -> None:
    shown = outline(report, "--removed").stdout.decode()
    lines = shown.splitlines()
    assert "  year: 2021" in lines
    assert any(line.endswith("  二、2021年重点工作  [plan]") for line in lines)
    assert any(line.endswith("      （一）抓好水利") for line in lines)
    assert "  page mark: —1—" in lines
    assert "  navigation: 打印" in lines


@pytest.mark.parametrize("name", ["missing.txt", "a.doc", "empty.txt", "."])
def test_outline_of_what_cannot_be_read_is_a_message_and_status_2(tmp_path: Path, name: str) -> None:
    (tmp_path / "a.doc").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))
    (tmp_path / "empty.txt").touch()
    done = outline(tmp_path / name)
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.startswith((b"Error:", b"Usage:"))
    assert b"Traceback" not in done.stderr


def test_a_byline_inside_the_content_tells_the_day_of_the_page() -> None:
    prose = "各单位要提高认识，加强领导，抓好落实，确保各项工作任务按期完成。"
    head = "<title>青石县推进老旧小区改造-青石县人民政府</title><div><h2>青石县推进老旧小区改造</h2>"
    page = f"{head}<p>2024-03-05 来源：青石日报 【打印】</p><p>{prose}</p></div>"
    (document,) = documents_in(page.encode(), "a.html", "a.html", "")
    assert isinstance(document, Document)
    assert (document.title, document.date) == ("青石县推进老旧小区改造", "2024-03-05")
    assert "date" in document.inferred
    assert document.text == f"青石县推进老旧小区改造\n\n{prose}"
