"""CSV, JSON lines, JSON and ZIP archives."""

from __future__ import annotations

import csv
import io
import json
import struct
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policysearch.errors import SourceError
from policysearch.sources.reader import read_bytes
from policysearch.sources.readers.json_values import line_value
from policysearch.sources.readers.reading import FailedRecord, Reading
from policysearch.text.characters import normalize


def readings(data: bytes | str, name: str, **options: str) -> list[Reading | FailedRecord]:
    return list(read_bytes(data.encode() if isinstance(data, str) else data, name, **options))


def texts(found: list[Reading | FailedRecord]) -> dict[str | None, str]:
    return {each.record: each.text if isinstance(each, Reading) else f"FAILED {each.reason}" for each in found}


class TestTables:
    def test_a_record_is_a_reading_with_its_columns_as_fields(self) -> None:
        data = '\ufeffid,标题,发文机关,文号,年份,source_url,备注,正文\nx1,关于甲的通知,青石县,青政发〔2023〕1号,2023,http://a.cn,急,"第一段。\n第二段，“好”。"\n'
        (reading,) = readings(data, "a.csv")
        assert isinstance(reading, Reading)
        assert (reading.text, reading.record, reading.encoding) == ("第一段。\n第二段，“好”。", "x1", "utf-8")
        assert reading.fields == {
            "title": "关于甲的通知",
            "issuer": "青石县",
            "document_number": "青政发〔2023〕1号",
            "year": "2023",
            "url": "http://a.cn",
            "备注": "急",
        }

    @pytest.mark.parametrize("column", ["text", "content", "full_text", "正文"])
    def test_the_text_column_has_several_names(self, column: str) -> None:
        assert texts(readings(f"name,{column}\n甲,一\n乙,二\n", "a.csv")) == {"1": "一", "2": "二"}

    def test_another_text_column_can_be_named(self) -> None:
        assert texts(readings("text,报告\n一,二\n", "a.csv", text_field="报告")) == {"1": "二"}
        with pytest.raises(SourceError, match=r"No column is named 报告\. Its columns: text"):
            readings("text\n一\n", "a.csv", text_field="报告")

    @pytest.mark.parametrize(("name", "mark"), [("a.tsv", "\t"), ("a.csv", ";"), ("a.csv", "\t"), ("a.csv", "|")])
    def test_delimiters(self, name: str, mark: str) -> None:
        (reading,) = readings(f"title{mark}text\n甲,乙{mark}一，二\n", name)
        assert isinstance(reading, Reading)
        assert (reading.text, reading.fields) == ("一，二", {"title": "甲,乙"})

    def test_records_that_cannot_be_read_fail_and_the_others_do_not(self) -> None:
        data = "id,text\na,一\na,二\n,三\n3,四\nb,\nc,五,六\nd\n\ne,七\n"
        found = readings(data, "a.csv")
        read = [(each.record, each.text) for each in found if isinstance(each, Reading)]
        assert read == [("a", "一"), ("3", "三"), ("e", "七")]
        failed = [(each.record, each.reason) for each in found if isinstance(each, FailedRecord)]
        assert [record for record, _ in failed] == ["a", "3", "b", "6", "7"]
        assert "repeats the id" in failed[0][1]
        assert "no text" in failed[2][1]
        assert "3 fields" in failed[3][1]

    @pytest.mark.parametrize(
        ("data", "message"),
        [
            ("a,b\n1,2\n", "No column is named text.*--text-field"),
            ("text\n", "without rows"),
            ("\n \n", "empty"),
        ],
    )
    def test_tables_without_texts_are_refused(self, data: str, message: str) -> None:
        with pytest.raises(SourceError, match=message):
            readings(data, "a.csv")

    def test_a_gbk_table_is_read(self) -> None:
        data = "标题,正文\n关于甲的通知,各单位要加强领导。\n".encode("gbk")
        (reading,) = readings(data, "a.csv")
        assert isinstance(reading, Reading)
        assert (reading.text, reading.encoding) == ("各单位要加强领导。", "gb2312")

    def test_the_size_limit_of_the_csv_module_is_left_as_it_was(self) -> None:
        before = csv.field_size_limit()
        readings("text\n" + "一" * 200_000 + "\n", "a.csv")
        assert csv.field_size_limit() == before

    @given(st.lists(st.text(alphabet='一二,"\n\t;| ', min_size=1).filter(str.strip), min_size=1, max_size=5))
    def test_what_the_csv_module_writes_is_read_back(self, written: list[str]) -> None:
        buffer = io.StringIO()
        csv.writer(buffer).writerows([["id", "text"], *enumerate(written)])
        assert texts(readings(buffer.getvalue(), "a.csv")) == {str(n): each for n, each in enumerate(written)}


class TestJson:
    def test_each_line_is_a_record(self) -> None:
        lines = [
            {"id": "a", "name": "甲", "content": "一\r\n二", "year": 2023, "tags": ["x", "y"], "none": None},
            {"id": 7, "title": "乙", "text": "三"},
        ]
        first, second = readings("\n".join(json.dumps(line) for line in lines), "a.jsonl")
        assert isinstance(first, Reading)
        assert isinstance(second, Reading)
        assert (first.text, first.record) == ("一\n二", "a")
        assert first.fields == {"title": "甲", "year": "2023", "tags": "x\ny"}
        assert (second.record, second.fields) == ("7", {"title": "乙"})

    @given(
        st.sampled_from(("", " ", "\r", "\ufeff", "\u3000", "x")),
        st.sampled_from(('{"a": ["甲"]}', '{"a": ', "1", "NaN", "", "[" * 9999)),
        st.sampled_from(("", " ", "\t\r\n", "\u3000", "{}")),
    )
    def test_the_value_of_a_line_is_that_of_the_json_module(self, before: str, json_text: str, after: str) -> None:
        line = before + json_text + after
        found = []
        for read in (json.loads, line_value):
            try:
                found.append(repr(read(line)))
            except (ValueError, RecursionError) as error:
                found.append(f"{type(error).__name__}: {error}")
        assert found[0] == found[1]

    def test_bad_lines_fail_and_the_others_do_not(self) -> None:
        data = '{"text": "一"}\n{"text": \n[1]\n{"text": ""}\n{"text": "一\\ud800"}\n'
        found = texts(readings(data, "a.jsonl"))
        assert found["1"] == "一"
        assert found["5"] == "一\ufffd"
        assert [found[key].split()[0] for key in ("2", "3", "4")] == ["FAILED"] * 3

    @pytest.mark.parametrize(
        "data",
        ['[{"text": "一"}, {"text": "二"}]', '{"text": "一"}\n{"text": "二"}\n'],
        ids=["an array", "JSON lines"],
    )
    def test_json_files(self, data: str) -> None:
        assert texts(readings(data, "a.json")) == {"1": "一", "2": "二"}

    @pytest.mark.parametrize("data", ["[]", "{", "not JSON", "["])
    def test_json_without_records_is_refused(self, data: str) -> None:
        with pytest.raises(SourceError):
            readings(data, "a.json")

    def test_no_field_is_ever_stored_as_json(self) -> None:
        value = {
            "title": {"全称": "甲法", "年": 2021},
            "articles": [
                {"no": 1, "name": "第一条", "text": "为了甲。"},
                {"name": "第二条", "items": [{"款": "乙"}, "丙"]},
            ],
            "flags": [True, None, 2.5],
        }
        (found,) = readings(json.dumps(value), "a.json")
        assert isinstance(found, Reading)
        assert found.text == "1 第一条 为了甲。\n第二条\n乙\n丙"
        assert found.fields == {"title": "甲法 2021", "flags": "true\n2.5"}

    def test_values_nested_deep_are_joined(self) -> None:
        value: object = "丙"
        for _ in range(400):
            value = [{"a": "甲", "b": value}]
        (found,) = readings(json.dumps({"text": value}), "a.json")
        assert isinstance(found, Reading)
        assert found.text == "甲\n" * 399 + "甲 丙"

    @given(st.lists(st.text(), min_size=1))
    def test_any_text_is_read_back_clean_or_fails(self, written: list[str]) -> None:
        data = "\n".join(json.dumps({"text": each}) for each in written)
        found = texts(readings(data, "a.jsonl"))
        assert len(found) == len(written)
        for number, each in enumerate(written, 1):
            assert found[str(number)] == normalize(each) or found[str(number)].startswith("FAILED")


def zipped(members: list[tuple[str, bytes]]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return buffer.getvalue()


class TestArchives:
    def test_members_are_read_as_files_are(self) -> None:
        inner = zipped([("c.txt", "四".encode())])
        data = zipped(
            [
                ("甲/a.txt", "一".encode()),
                ("b.csv", "id,text\nx,二\n,三\n".encode()),
                ("in.zip", inner),
                ("d.xlsx", b"x"),
                (".hidden.txt", b"x"),
                ("__MACOSX/甲/._a.txt", b"x"),
                ("metadata.csv", b"x"),
            ]
        )
        found = texts(readings(data, "a.zip"))
        assert "not a workbook" in found.pop("d.xlsx")
        assert found == {"甲/a.txt": "一", "b.csv/x": "二", "b.csv/2": "三", "in.zip/c.txt": "四"}

    def test_archives_in_archives_in_archives_fail(self) -> None:
        data = zipped([("2.zip", zipped([("3.zip", zipped([("a.txt", b"x")]))]))])
        (failed,) = readings(data, "1.zip")
        assert isinstance(failed, FailedRecord)
        assert failed.record == "2.zip/3.zip"
        assert "Unpack it" in failed.reason

    @pytest.mark.parametrize("name", ["../a.txt", "/etc/a.txt", "x/../../a.txt", "C:\\a.txt", "..\\a.txt"])
    def test_names_that_point_outside_fail(self, name: str) -> None:
        (failed,) = readings(zipped([(name, "一".encode())]), "a.zip")
        assert isinstance(failed, FailedRecord)
        assert "outside" in failed.reason

    def test_a_repeated_name_fails(self) -> None:
        with pytest.warns(UserWarning, match="Duplicate name"):
            data = zipped([("a.txt", "一".encode()), ("a.txt", "二".encode())])
        first, second = readings(data, "a.zip")
        assert isinstance(first, Reading)
        assert isinstance(second, FailedRecord)
        assert "more than once" in second.reason

    @pytest.mark.parametrize("encoding", ["gbk", "utf-8"])
    def test_names_without_the_utf8_flag_are_decoded(self, encoding: str) -> None:
        name = "报告.txt".encode(encoding)
        data = zipped([("x" * len(name), "一".encode())]).replace(b"x" * len(name), name)
        assert texts(readings(data, "a.zip")) == {"报告.txt": "一"}

    def test_encrypted_and_damaged_members_fail(self) -> None:
        data = bytearray(zipped([("a.txt", "一二三".encode() * 50), ("b.txt", "二".encode())]))
        struct.pack_into("<H", data, 6, struct.unpack_from("<H", data, 6)[0] | 1)
        struct.pack_into("<H", data, data.index(b"PK\x01\x02") + 8, 1)
        found = texts(readings(bytes(data), "a.zip"))
        assert "encrypted" in found["a.txt"]
        assert found["b.txt"] == "二"

    @pytest.mark.parametrize("members", [[], [(".hidden", b"x")]], ids=["nothing", "hidden files only"])
    def test_an_archive_without_documents_is_refused(self, members: list[tuple[str, bytes]]) -> None:
        with pytest.raises(SourceError, match="without documents"):
            readings(zipped(members), "a.zip")

    def test_a_bomb_fails_by_name(self) -> None:
        data = zipped([("a.txt", "一".encode()), ("bomb.txt", b"0" * 100_000_000), ("b.txt", b"x" * 99)])
        found = texts(readings(data, "a.zip"))
        assert found["a.txt"] == "一"
        assert "bomb" in found["bomb.txt"]
        assert "the rest of it is not read" in found["b.txt"]

    def test_a_member_without_a_name_fails(self) -> None:
        damaged = zipped([("z", "一".encode() * 30), ("b.txt", "农业".encode())])
        end = damaged.rindex(b"z")  # in the directory: a name of one byte, cut off at its NUL
        found = list(read_bytes(damaged[:end] + b"\0" + damaged[end + 1 :], "a.zip"))
        assert [one.record for one in found] == ["", "b.txt"]
        assert isinstance(found[0], FailedRecord)
        assert "has no name" in found[0].reason

    @given(st.binary(max_size=300), st.integers(0, 200))
    def test_a_damaged_archive_is_read_or_refused(self, noise: bytes, at: int) -> None:
        data = bytearray(zipped([("a.txt", "一".encode() * 30), ("b.csv", b"text\nx\n")]))
        data[at : at + len(noise)] = noise
        try:
            readings(bytes(data), "a.zip")
        except SourceError:
            return
