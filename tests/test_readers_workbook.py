"""XLSX, ODS and their kin: what is a collection, what is a document, and what is hostile."""

from __future__ import annotations

import importlib.util
import io
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

import policysearch
from policysearch.documents.removals import count_removed
from policysearch.errors import SourceError
from policysearch.sources.reader import read_bytes
from policysearch.sources.readers.reading import FailedRecord, Reading

pytest.importorskip("python_calamine", reason="needs the extra tables")


def xlsx(*sheets: tuple[str, Sequence[Sequence[Any]]], change: Callable[[Any], None] | None = None) -> bytes:
    """Return a workbook of sheets with their rows; ``change`` is called with it before it is closed."""
    with xlsxwriter.Workbook(out := io.BytesIO()) as workbook:
        for name, rows in sheets:
            sheet = workbook.add_worksheet(name)
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
        if change is not None:
            change(workbook)
    return out.getvalue()


def with_sheet(xml: str, name: str = "xl/worksheets/sheet1.xml") -> bytes:
    """Return a workbook in which a part has been replaced."""
    with (
        zipfile.ZipFile(io.BytesIO(xlsx(("甲", [])))) as before,
        zipfile.ZipFile(out := io.BytesIO(), "w", zipfile.ZIP_DEFLATED) as after,
    ):
        for member in before.namelist():
            after.writestr(member, xml if member == name else before.read(member))
    return out.getvalue()


def cells(rows: str, head: str = "") -> bytes:
    return with_sheet(
        f'{head}<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        f"<sheetData>{rows}</sheetData></worksheet>"
    )


def ods(rows: str) -> bytes:
    base = "urn:oasis:names:tc:opendocument:xmlns"
    names = " ".join(f'xmlns:{name}="{base}:{name}:1.0"' for name in ("office", "table", "text"))
    content = (
        f"<office:document-content {names}><office:body><office:spreadsheet>"
        f'<table:table table:name="甲">{rows}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    with zipfile.ZipFile(out := io.BytesIO(), "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content)
        archive.writestr("META-INF/manifest.xml", f'<m:manifest xmlns:m="{base}:manifest:1.0"/>')
    return out.getvalue()


def ods_row(*texts: str, times: int = 1) -> str:
    written = "".join(
        f'<table:table-cell office:value-type="string"><text:p>{text}</text:p></table:table-cell>' for text in texts
    )
    return f'<table:table-row table:number-rows-repeated="{times}">{written}</table:table-row>'


def readings(data: bytes, name: str = "a.xlsx", **options: str) -> list[Reading | FailedRecord]:
    return list(read_bytes(data, name, **options))


def one(data: bytes, name: str = "a.xlsx") -> Reading:
    (reading,) = readings(data, name)
    assert isinstance(reading, Reading)
    return reading


def refusal(data: bytes, name: str = "a.xlsx") -> str:
    with pytest.raises(SourceError) as caught:
        readings(data, name)
    return str(caught.value)


NOTICES = [
    ["id", "标题", "文号", "成文日期", "正文"],
    ["x1", "关于甲的通知", "青政发〔2023〕1号", "2023年5月1日", "第一段。\n第二段。"],
    ["", "关于乙的通知", "", "", "各单位要落实。"],
]


class TestCollections:
    def test_a_row_is_a_record_with_its_columns_as_fields(self) -> None:
        first, second = readings(xlsx(("Sheet1", NOTICES)))
        assert isinstance(first, Reading)
        assert isinstance(second, Reading)
        assert (first.record, first.text, first.encoding) == ("x1", "第一段。\n第二段。", None)
        assert first.fields == {"title": "关于甲的通知", "document_number": "青政发〔2023〕1号", "date": "2023年5月1日"}
        assert (second.record, second.fields) == ("2", {"title": "关于乙的通知"})
        assert {one.place for one in first.statements} == {"column"}

    def test_rows_above_the_names_of_the_columns_are_told(self, tmp_path: Path) -> None:
        data = xlsx(("甲", [["2023年文件汇总"], [], *NOTICES]))
        first, _ = readings(data)
        assert isinstance(first, Reading)
        assert [(each.text, each.reason) for each in first.removed] == [("2023年文件汇总", "front matter")]
        (tmp_path / "a.xlsx").write_bytes(data)
        document, _ = policysearch.read_documents(tmp_path / "a.xlsx")
        assert isinstance(document, policysearch.Document)
        assert count_removed(document)["front matter"].characters == len("2023年文件汇总")

    def test_another_text_column_can_be_named(self) -> None:
        data = xlsx(("甲", [["名称", "要求"], ["一", "各单位要落实。"]]))
        assert one(data).text == "名称\t要求\n一\t各单位要落实。\n"
        (record,) = readings(data, text_field="要求")
        assert isinstance(record, Reading)
        assert (record.record, record.text, record.fields) == ("1", "各单位要落实。", {"title": "一"})

    def test_records_that_cannot_be_read_fail_and_the_others_do_not(self) -> None:
        found = readings(xlsx(("甲", [["id", "正文"], ["a", "一"], ["a", "二"], ["b", ""], ["c", "三"]])))
        assert [(each.record, isinstance(each, Reading)) for each in found] == [
            ("a", True), ("a", False), ("b", False), ("c", True),
        ]  # fmt: skip

    def test_columns_without_a_name_have_their_letter(self) -> None:
        (record,) = readings(xlsx(("甲", [["正文", "", "备注"], ["一", "二", "三"]])))
        assert isinstance(record, Reading)
        assert record.fields == {"B": "二", "备注": "三"}

    def test_what_is_merged_over_rows_is_in_each(self) -> None:
        def change(workbook: Any) -> None:
            sheet = workbook.worksheets()[0]
            sheet.merge_range("A2:A4", "青石县")
            for number in range(1, 4):
                sheet.write(number, 1, f"第{number}件")

        found = readings(xlsx(("甲", [["地区", "正文"]]), change=change))
        assert [each.fields for each in found if isinstance(each, Reading)] == [{"region": "青石县"}] * 3


class TestDocuments:
    def test_rows_are_lines_and_cells_stay_apart(self) -> None:
        rows: list[list[Any]] = [
            ["2023年粮食"],
            ["指标", "单位", "数"],
            ["粮食\n产量", "", 32.5],
            [],
            ["亩数", "万亩", 7.0],
        ]
        reading = one(xlsx(("Sheet1", rows)))
        assert reading.text == "2023年粮食\n指标\t单位\t数\n粮食 产量\t\t32.5\n亩数\t万亩\t7\n"
        assert reading.record is None
        lines = [reading.text[start:].split("\n")[0] for start in reading.borders or ()]
        assert lines == reading.text.split("\n")[1:-1]  # a border between all rows

    def test_the_name_of_a_sheet_is_the_title_of_a_table_without_one(self) -> None:
        assert one(xlsx(("粮食产量", [["指标", "数"], ["粮食", 32]]))).fields == {"title": "粮食产量"}
        assert one(xlsx(("Sheet1", [["指标", "数"], ["粮食", 32]]))).fields == {}
        assert one(xlsx(("粮食", [["2023年粮食产量"], ["指标", "数"]]))).fields == {}

    def test_each_sheet_is_one_and_charts_and_hidden_ones_are_none(self) -> None:
        def change(workbook: Any) -> None:
            workbook.worksheets()[2].hide()
            workbook.add_chartsheet("图")

        data = xlsx(("甲", [["一"]]), ("空", []), ("隐", [["二"]]), ("乙", NOTICES), change=change)
        found = readings(data)
        assert [each.record for each in found] == ["甲", "隐", "乙/x1", "乙/2"]
        assert isinstance(found[1], FailedRecord)
        assert (found[1].skipped, "hidden sheet" in found[1].reason) == (True, True)

    def test_values_are_written_as_they_are_shown(self) -> None:
        def change(workbook: Any) -> None:
            sheet = workbook.add_worksheet("乙")
            day = workbook.add_format({"num_format": "yyyy-mm-dd"})
            sheet.write_row(0, 0, [2023.0, 0.1 + 0.2, True, 1e20])
            sheet.write(1, 0, 45047, day)
            sheet.write(1, 1, 45047.5, day)
            sheet.write_formula(1, 2, "=1/0", None, "#DIV/0!")

        reading = one(xlsx(change=change))
        assert reading.text == "2023\t0.3\tTRUE\t1e+20\n2023-05-01\t2023-05-01 12:00:00\n"

    def test_ods_is_read_the_same(self) -> None:
        data = ods(ods_row("标题", "正文") + ods_row("关于甲的通知", "各单位要落实。"))
        (record,) = readings(data, "a.ods")
        assert isinstance(record, Reading)
        assert (record.text, record.fields) == ("各单位要落实。", {"title": "关于甲的通知"})
        assert one(ods(ods_row("指标", "数") + ods_row("粮食", "32")), "b.ods").text == "指标\t数\n粮食\t32\n"

    def test_content_decides_and_an_archive_may_hold_workbooks(self) -> None:
        data = xlsx(("Sheet1", NOTICES))
        assert [each.record for each in readings(data, "a.txt")] == ["x1", "2"]
        with zipfile.ZipFile(out := io.BytesIO(), "w") as archive:
            archive.writestr("甲/a.xlsx", data)
        assert [each.record for each in readings(out.getvalue(), "a.zip")] == ["甲/a.xlsx/x1", "甲/a.xlsx/2"]


SPREADSHEET = (
    '<?xml version="1.0"?>{}<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"'
    ' xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet ss:Name="甲"><Table>{}</Table></Worksheet>'
    "</Workbook>"
)


def xml_cell(text: str, **attributes: int) -> str:
    stated = " ".join(f'ss:{name}="{value}"' for name, value in attributes.items())
    return f'<Cell {stated}><Data ss:Type="String">{text}</Data></Cell>'


class TestOtherWorkbooks:
    def test_a_workbook_in_xml(self) -> None:
        rows = (
            f"<Row>{xml_cell('指标')}{xml_cell('数', Index=3)}</Row>"
            f'<Row ss:Index="4">{xml_cell("粮食", MergeDown=1)}{xml_cell("32", Index=3)}</Row>'
            f"<Row><Cell/>{xml_cell('吨')}{xml_cell('33')}</Row>"
        )
        assert one(SPREADSHEET.format("", rows).encode(), "a.xls").text == "指标\t\t数\n粮食\t\t32\n粮食\t吨\t33\n"
        rows = f"<Row>{xml_cell('标题')}{xml_cell('正文')}</Row><Row>{xml_cell('关于甲')}{xml_cell('要落实。')}</Row>"
        (record,) = readings(SPREADSHEET.format("", rows).encode(), "a.xml")
        assert isinstance(record, Reading)
        assert (record.record, record.text, record.fields) == ("1", "要落实。", {"title": "关于甲"})

    @pytest.mark.parametrize(
        ("head", "rows", "said"),
        [
            ('<!DOCTYPE x [<!ENTITY a "一">]>', f"<Row>{xml_cell('&a;')}</Row>", "entities"),
            ("", f"<Row>{xml_cell('一', Index=999999999)}</Row>", "out of range"),
            ("", f"<Row>{xml_cell('一', Index=16000)}</Row>" * 2_000, "too far apart"),
            ("", "<Row/>" * 100_000, "no text"),
            ("", "<Row>" * 100_000, "corrupt"),
        ],
        ids=["entities", "forged", "far apart", "empty rows", "deep"],
    )
    def test_hostile_workbooks_in_xml(self, head: str, rows: str, said: str) -> None:
        assert said in refusal(SPREADSHEET.format(head, rows).encode(), "a.xls")

    def test_text_under_the_name_of_a_workbook_or_a_document(self) -> None:
        reading = one("指标\t数值\n粮食\t32\n".encode("gbk"), "a.xls")
        assert (reading.text, reading.encoding) == ("指标\t数值\n粮食\t32\n", "gb2312")
        assert one("各单位：\n请执行。\n".encode("gbk"), "a.doc").text == "各单位：\n请执行。\n"
        assert "not a workbook" in refusal(bytes(range(256)) * 9, "a.xls")


def test_without_the_library_the_refusal_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert "pip install 'policysearch[tables]'" in refusal(xlsx(("甲", [["一"]])))


LAUGHS = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
INLINE = '<c r="{}" t="inlineStr"><is><t>{}</t></is></c>'


@pytest.mark.parametrize(
    ("make", "said"),
    [  # each is made when its test runs
        pytest.param(
            lambda: cells("".join(f'<row r="{n}"/>' for n in range(1, 10**6))), "no text", id="10^6 empty rows"
        ),
        pytest.param(lambda: cells("<row>" * 200_000), "no text", id="rows 200,000 deep"),
        pytest.param(
            lambda: cells(f"<row>{INLINE.format('A1', '一')}{INLINE.format('XFD1048576', '二')}</row>"),
            "too much memory or time",
            id="two cells far apart",
        ),
        pytest.param(
            lambda: cells(f"<row>{INLINE.format('ZZZZZZ99999999999', '一')}</row>"),
            "corrupt|memory|no text",
            id="a forged place",
        ),
        pytest.param(lambda: with_sheet(" " * 100_000_000), "corrupt|memory", id="spaces"),
        pytest.param(
            lambda: cells(f"<row>{INLINE.format('A1', '甲&e11;')}</row>", f'<!DOCTYPE x [<!ENTITY e0 "一">{LAUGHS}]>'),
            "corrupt",
            id="a billion laughs",
        ),
        pytest.param(
            lambda: cells("".join(f'<row r="{n}"><c r="A{n}" t="s"><v>0</v></c></row>' for n in range(1, 200))),
            "corrupt|no text|memory",
            id="texts that are not there",
        ),
        pytest.param(lambda: ods(ods_row("一" * 20_000, times=2_000)), "bomb|long|memory", id="a row that repeats"),
        pytest.param(lambda: b"PK\x03\x04" + b"x" * 500, "corrupt ZIP", id="cut off"),
    ],
)
def test_hostile_workbooks_are_refused_by_name(make: Callable[[], bytes], said: str) -> None:
    with pytest.raises(SourceError, match=said):
        readings(make())


def test_a_shared_text_that_is_in_every_cell_is_a_bomb() -> None:
    row = "".join(f'<row r="{n}"><c r="A{n}" t="s"><v>0</v></c></row>' for n in range(1, 2000))
    with (
        zipfile.ZipFile(io.BytesIO(xlsx(("甲", [["一" * 30_000]])))) as before,
        zipfile.ZipFile(out := io.BytesIO(), "w", zipfile.ZIP_DEFLATED) as after,
    ):
        for member in before.namelist():
            part = before.read(member).decode()
            if member == "xl/worksheets/sheet1.xml":
                start, end = part.index("<sheetData>"), part.index("</sheetData>")
                part = part[:start] + "<sheetData>" + row + part[end:]
            after.writestr(member, part)
    assert "bomb" in refusal(out.getvalue())


@pytest.mark.parametrize("at", range(0, 4000, 400))
def test_a_damaged_workbook_is_read_or_refused(at: int) -> None:
    data = bytearray(xlsx(("Sheet1", NOTICES)))
    data[at : at + 20] = b"\xff" * 20
    try:
        readings(bytes(data))
    except SourceError:
        return


LONG = "第一条 为了加强节约用水管理，根据有关法律法规，结合本县实际，制定本办法。" * 8
NAMES = ("序号", "文件名称", "发文字号", "发文机关", "发布日期")
ROWS = (("1", "节水办法", "云政发〔2023〕5号", "云麓县人民政府", "2023-05-01"), ("2", "渡口办法", "", "", "2024-01-02"))


@pytest.mark.parametrize("column", ["正文内容", "文件内容", "政策 内容", "【正文】", "Content", "TEXT", "文本："])
def test_similar_names_of_the_text_column(column: str) -> None:
    found = readings(xlsx(("甲", [(*NAMES, column), *((*row, LONG) for row in ROWS)])))
    assert [one.text for one in found if isinstance(one, Reading)] == [LONG, LONG]
    assert [one.fields["title"] for one in found if isinstance(one, Reading)] == ["节水办法", "渡口办法"]


def test_an_exact_name_of_the_text_column_is_preferred() -> None:
    (found,) = readings(xlsx(("甲", [("标题", "文件内容", "正文"), ("节水办法", "摘要", LONG)])))
    assert isinstance(found, Reading)
    assert found.text == LONG


def test_a_table_of_documents_with_an_unknown_text_column_is_refused_by_name() -> None:
    rows = [(*NAMES, "条款全貌"), *((*row, LONG) for row in ROWS)]
    said = refusal(xlsx(("甲", rows)))
    assert "No column is named text" in said
    assert said.endswith("Its texts seem to be in '条款全貌'. Name it: --text-field 条款全貌")
    assert len(readings(xlsx(("甲", rows)), text_field="条款全貌")) == 2
    one_failed, document = readings(xlsx(("甲", rows), ("乙", [("项目", "金额"), ("道路", "5")])))
    assert isinstance(one_failed, FailedRecord)
    assert isinstance(document, Reading)


def test_a_list_of_documents_without_their_texts_is_one_document() -> None:
    assert one(xlsx(("甲", [NAMES, *ROWS]))).text.split("\n")[0] == "\t".join(NAMES)
