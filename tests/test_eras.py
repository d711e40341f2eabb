"""Days of the Republic's years (民國112年), in dates, notes of statutes, labels, signatures and numbers."""

from __future__ import annotations

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from metadata_of import metadata_of

from policysearch.documents.metadata.dates import find_dates, parse_date
from policysearch.documents.metadata.document_numbers import normal_number
from policysearch.documents.metadata.enactments import begins_note, read_enactment
from policysearch.text.chinese import write_numeral

ARTICLES = "第 1 條\n為管理河川，特制定本條例。\n第 2 條\n本條例自公布日施行。"


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        pytest.param("民國112年5月18日", "2023-05-18", id="digits"),
        pytest.param("中華民國一百一十二年五月十八日", "2023-05-18", id="numerals"),
        pytest.param("中华民国一百十二年五月十八日", "2023-05-18", id="simplified, short numeral"),
        pytest.param("民國 112 年 06 月 04 日", "2023-06-04", id="spaces"),
        pytest.param("民國九十九年十二月三十一日", "2010-12-31", id="two digits"),
        pytest.param("民國元年一月一日", "1912-01-01", id="first year"),
        pytest.param("民國112年2月30日", None, id="no such day"),
        pytest.param("民國112年5月", None, id="no day"),
        pytest.param("112年5月18日", None, id="no era"),
    ],
)
def test_days_of_the_republics_years(written: str, expected: str | None) -> None:
    assert parse_date(written) == expected


@given(st.dates(datetime.date(1912, 1, 1), datetime.date(2099, 12, 31)))
def test_any_day_of_the_republic_is_read_back(day: datetime.date) -> None:
    year = day.year - 1911
    assert parse_date(f"於民國{year}年{day.month}月{day.day}日發布") == day.isoformat()
    if year > 1:
        spoken = f"中華民國{write_numeral(year)}年{write_numeral(day.month)}月{write_numeral(day.day)}日"
        assert parse_date(spoken) == day.isoformat()


@given(st.text(alphabet="中華民國国元一百十二年月日1290-/. 第", max_size=80))
def test_dates_of_any_era_are_in_order_and_inside_the_text(text: str) -> None:
    end = 0
    for found in find_dates(text):
        assert end <= found.start < found.end <= len(text)
        datetime.date.fromisoformat(found.date)
        end = found.end


def test_the_latest_event_of_a_traditional_note_is_the_version() -> None:
    lines = [
        "中華民國八十九年三月一日總統令制定公布全文十條",
        "中華民國一百零二年六月十一日總統令修正公布第三條條文",
    ]
    assert all(map(begins_note, lines))
    found = read_enactment(lines)
    assert found is not None
    assert (found.date, found.version, found.issuer, found.type) == ("2013-06-11", "2013年修正", "總統", "法律")
    whole = metadata_of("\n".join(("青溪河川管理條例", *lines, ARTICLES)))
    assert (whole.title, whole.date, whole.year, whole.region) == ("青溪河川管理條例", "2013-06-11", 2013, None)


def test_a_plan_that_was_issued_under_a_number_has_its_day() -> None:
    note = "中華民國一百一十年七月三日府農字第1100045678號函頒"
    found = metadata_of(f"青溪縣政府推動有機農業實施計畫\n{note}\n壹、依據\n依有機農業促進法辦理。")
    assert (found.date, found.year) == ("2021-07-03", 2021)


def test_labels_of_a_database_are_no_title_and_tell_the_version() -> None:
    head = "法規名稱：青溪河川管理條例\n公發布日：民國 89 年 03 月 01 日\n修正日期：民國 112 年 06 月 14 日"
    found = metadata_of(f"{head}\n{ARTICLES}")
    assert (found.title, found.date, found.year) == ("青溪河川管理條例", "2023-06-14", 2023)


def test_an_announcement_with_its_labels() -> None:
    head = "青溪縣政府　公告\n發文日期：中華民國112年3月15日\n發文字號：府社助字第1120034567號"
    found = metadata_of(f"{head}\n主旨：公告本縣補助標準。\n公告事項：\n一、補助標準為每人一千元。\n縣長　林遠山")
    assert (found.type, found.issuer, found.date) == ("公告", "青溪縣政府", "2023-03-15")
    assert found.document_number == "府社助字第1120034567号"


def test_a_signature_in_the_republics_years() -> None:
    body = "青溪縣政府關於修繕圳路的通知\n各鄉鎮公所：\n請於本月底前完成修繕。"
    found = metadata_of(f"{body}\n青溪縣政府\n中華民國110年7月3日")
    assert (found.issuer, found.date) == ("青溪縣政府", "2021-07-03")


@pytest.mark.parametrize("title", ["青石市公安局通告", "青石市公安局 通告", "青石市人民政府令"])
def test_who_issued_it_stands_before_a_kind_that_is_the_whole_title(title: str) -> None:
    issuer = metadata_of(f"{title}\n自即日起禁止通行。").issuer
    assert issuer == title.removesuffix("通告").removesuffix("令").strip()


def test_numbers_of_a_character_and_a_run_of_digits() -> None:
    assert normal_number("府社助字第 1120034567 號") == "府社助字第1120034567号"
    assert normal_number("府社助字1120034567號") is None
