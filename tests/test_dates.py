from __future__ import annotations

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policysearch.documents.metadata.dates import find_dates, parse_date


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        pytest.param("2023年1月6日", "2023-01-06", id="usual"),
        pytest.param("2023 年 1 月 6 日", "2023-01-06", id="spaces"),
        pytest.param("２０２３年１月６日", "2023-01-06", id="full width"),
        pytest.param("二〇二三年一月六日", "2023-01-06", id="Chinese numerals"),
        pytest.param("二○一○年十二月三十一日", "2010-12-31", id="circles for zeros"),
        pytest.param("一九九八年十月二十日", "1998-10-20", id="tens"),
        pytest.param("2023-01-06", "2023-01-06", id="ISO"),
        pytest.param("2023/1/6", "2023-01-06", id="slashes"),
        pytest.param("2023.1.6", "2023-01-06", id="dots"),
        pytest.param("1955年7月5日至6日", "1955-07-05", id="first of two days"),
        pytest.param("2023-1/6", None, id="mixed marks"),
        pytest.param("2023年2月30日", None, id="no such day"),
        pytest.param("2023年1月", None, id="no day"),
        pytest.param("12023-01-06", None, id="inside a longer number"),
        pytest.param("2023-01-061", None, id="a longer number after it"),
    ],
)
def test_parse_date(written: str, expected: str | None) -> None:
    assert parse_date(written) == expected


@given(st.dates(datetime.date(1900, 1, 1), datetime.date(2099, 12, 31)))
def test_any_day_is_read_back(day: datetime.date) -> None:
    assert parse_date(f"于{day.year}年{day.month}月{day.day}日印发") == day.isoformat()
    assert parse_date(day.isoformat()) == day.isoformat()


@given(st.text(alphabet="二〇零十一九年月日1290-/. 第", max_size=80))
def test_dates_found_are_days_inside_the_text(text: str) -> None:
    end = 0
    for found in find_dates(text):
        assert end <= found.start < found.end <= len(text)
        datetime.date.fromisoformat(found.date)
        end = found.end
