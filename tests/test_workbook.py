"""Workbooks: numbers as numbers, texts as texts, the manifest as a second sheet; read back without XlsxWriter."""

from __future__ import annotations

import csv
import re
import sys
import zipfile
from contextlib import closing
from pathlib import Path
from xml.etree import ElementTree

import pytest
from conftest import Run

pytest.importorskip("xlsxwriter")

from policysearch.cli.main import main
from policysearch.errors import InputError
from policysearch.output.tables import TableWriter
from policysearch.output.workbook import Workbook

_NAMES = {"s": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}

Cells = list[list["str | float | None"]]


def read(path: Path, sheet: int = 1) -> Cells:
    """Return the cells of a sheet."""
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        shared: list[str] = []
        if "xl/sharedStrings.xml" in names:
            tree = ElementTree.fromstring(archive.read("xl/sharedStrings.xml"))
            shared = ["".join(t.text or "" for t in one.iter(f"{{{_NAMES['s']}}}t")) for one in tree]
        tree = ElementTree.fromstring(archive.read(f"xl/worksheets/sheet{sheet}.xml"))
    rows: Cells = []
    for row in tree.iterfind(".//s:row", _NAMES):
        cells: dict[int, str | float | None] = {}
        for cell in row.iterfind("s:c", _NAMES):
            letters = re.match("[A-Z]+", cell.attrib["r"])
            assert letters
            at = 0
            for letter in letters[0]:
                at = at * 26 + ord(letter) - 64
            assert cell.find("s:f", _NAMES) is None, "a formula"
            value = cell.findtext("s:v", None, _NAMES)
            kind = cell.attrib.get("t")
            if kind == "s" and value is not None:
                cells[at - 1] = shared[int(value)]
            elif kind == "inlineStr":
                cells[at - 1] = "".join(t.text or "" for t in cell.iter(f"{{{_NAMES['s']}}}t"))
            else:
                cells[at - 1] = None if value is None else float(value)
        rows.append([cells.get(at) for at in range(max(cells, default=-1) + 1)])
    return rows


def test_numbers_are_numbers_and_texts_are_texts(tmp_path: Path) -> None:
    book = Workbook()
    table = TableWriter(book, ["code", "count", "rate", "name", "flag"])
    table.row({"code": "010000", "count": 3, "rate": 0.5, "name": "=1+1", "flag": True})
    table.row({"code": None, "count": "NA", "rate": None, "name": "https://example.org\udc80"})
    book.describe({"options": {"by": ["year"], "where": None}, "program": "x"})
    path = tmp_path / "a.xlsx"
    path.write_bytes(book.finished())
    assert read(path) == [
        ["code", "count", "rate", "name", "flag"],
        ["010000", 3.0, 0.5, "=1+1", "true"],
        [None, "NA", None, "https://example.org\ufffd"],
    ]
    assert read(path, 2) == [["options.by", '["year"]'], ["options.where", "null"], ["program", "x"]]


def test_more_than_a_cell_can_hold_is_an_error() -> None:
    with closing(Workbook()) as book:
        table = TableWriter(book, ["text"])
        table.row({"text": "字" * 32_767})
        with pytest.raises(InputError, match=r"Row 2, 'text'.*\.csv"):
            table.row({"text": "字" * 32_768})


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(["count", "营商环境", "--by", "region,year"], id="count"),
        pytest.param(["count", "营商环境", "--by", "region,year", "--wide", "year"], id="a wide count"),
        pytest.param(["kwic", "营商环境"], id="kwic"),
        pytest.param(["kwic", "营商环境", "--columns", "id,match", "--code", "立场"], id="a coding sheet"),
        pytest.param(["search", "营商环境", "--duplicates", "show"], id="search"),
        pytest.param(["search", "数字经济", "--group", "document", "--duplicates", "fold"], id="documents"),
        pytest.param(["batch", "TOPICS"], id="batch"),
        pytest.param(["batch", "TOPICS", "--jobs", "2", "-n", "3"], id="batch in processes"),
        pytest.param(["list"], id="list"),
        pytest.param(["list", "--by", "year"], id="values"),
        pytest.param(["targets"], id="targets"),
        pytest.param(["words", "-n", "5"], id="words"),
        pytest.param(["collocates", "营商环境", "-n", "5"], id="collocates"),
        pytest.param(["keywords", "--where", "营商环境", "-n", "5", "--min-documents", "1"], id="key words"),
        pytest.param(["trend", "营商环境"], id="trend"),
        pytest.param(["matrix", "营商环境"], id="matrix"),
    ],
)
def test_a_workbook_has_the_rows_of_the_csv(samples_index: Path, tmp_path: Path, arguments: list[str]) -> None:
    topics = tmp_path / "topics.tsv"
    topics.write_text("甲\t营商环境\n乙\t没有这样的词\n=丙\t改革 创新\n", encoding="utf-8")
    arguments = [str(topics) if one == "TOPICS" else one for one in arguments]
    for name in ("out.xlsx", "again.xlsx", "out.csv"):
        assert main([*arguments, "-q", "--raw", "-i", str(samples_index), "-o", str(tmp_path / name)]) == 0
    assert (tmp_path / "out.xlsx").read_bytes() == (tmp_path / "again.xlsx").read_bytes()
    with open(tmp_path / "out.csv", encoding="utf-8", newline="") as file:
        expected = list(csv.reader(file))
    found = read(tmp_path / "out.xlsx")
    assert found[0] == expected[0]
    assert len(found) == len(expected)
    for row, cells in zip(found[1:], expected[1:], strict=True):
        padded = [*row, *[None] * (len(cells) - len(row))]
        for value, cell in zip(padded, cells, strict=True):
            if isinstance(value, float):
                assert value == pytest.approx(float(cell), rel=1e-14)  # a workbook has 16 digits
            else:
                assert (value or "") == cell
    manifest = {str(row[0]): row[1] for row in read(tmp_path / "out.xlsx", 2)}
    assert manifest["options.format"] == "xlsx"
    assert manifest["program.name"] == "policysearch"


def test_a_workbook_needs_a_file(samples_index: Path, run: Run) -> None:
    done = run("words", "-i", samples_index, "--format", "xlsx")
    assert (done.returncode, done.stdout) == (2, "")
    assert "-o FILE.xlsx" in done.stderr


def test_what_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "xlsxwriter", None)
    with pytest.raises(InputError, match=r"pip install 'policysearch\[xlsx\]'"):
        Workbook()
