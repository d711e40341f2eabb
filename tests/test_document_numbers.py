from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policysearch.documents.metadata.document_numbers import normal_number, number_in_line, year_of_number


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        pytest.param("松政发〔2023〕1号", "松政发〔2023〕1号", id="normal"),
        pytest.param("松政发[2023]1号", "松政发〔2023〕1号", id="square brackets"),
        pytest.param("松政发(2023)1号", "松政发〔2023〕1号", id="round brackets"),
        pytest.param("松政发（2023）１号", "松政发〔2023〕1号", id="full width"),
        pytest.param("松政发【2023】第001号", "松政发〔2023〕1号", id="第 and zeros"),
        pytest.param("松政办函〔2023 〕24 号", "松政办函〔2023〕24号", id="spaces"),
        pytest.param("发文字号：松政发〔2023〕1号", "松政发〔2023〕1号", id="label"),
        pytest.param("（松政发〔2023〕1号）", "松政发〔2023〕1号", id="in brackets"),
        pytest.param("中华人民共和国国务院令 第 714 号", "国务院令第714号", id="order"),
        pytest.param("国务院令第七百一十四号", "国务院令第714号", id="order in Chinese numerals"),
        pytest.param("国务院令第二一〇号", "国务院令第210号", id="digits in Chinese numerals"),
        pytest.param("松岑省商务厅公告2020年第3号", "松岑省商务厅公告2020年第3号", id="public notice"),
        pytest.param("2023年第1号", None, id="no code"),
        pytest.param("松政发〔2023〕", None, id="no number"),
        pytest.param("根据松政发〔2023〕1号文件", None, id="running text"),
        pytest.param("", None, id="nothing"),
        ("【松卫发（2021）23号】", "松卫发〔2021〕23号"),
        ("青石县第七届人民代表大会常务委员会公告第55号", "青石县第七届人民代表大会常务委员会公告第55号"),
        ("府社助字第1120034567號", "府社助字第1120034567号"),
    ],
)
def test_normal_number(written: str, expected: str | None) -> None:
    assert normal_number(written) == expected


def test_a_number_between_spaces_is_found_in_a_line() -> None:
    assert number_in_line("某市人民政府 松政发〔2023 〕 24 号 各区人民政府") == "松政发〔2023〕24号"
    assert number_in_line("按照松政发〔2023〕24号的要求") is None


@given(st.text(alphabet="国发办令第号年〔〕[]()（）0123 一十百公告", max_size=40))
def test_a_normal_number_stays_what_it_is(text: str) -> None:
    number = normal_number(text)
    if number is not None:
        assert normal_number(number) == number
        assert year_of_number(number) is None or str(year_of_number(number)) in number
