"""The days from which and until which a document is in force."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from metadata_of import metadata_of

from policysearch.documents.metadata.validity import read_validity

DAY = "2024-03-01"


@pytest.mark.parametrize(
    ("sentence", "effective", "expires"),
    [
        ("自印发之日起施行，有效期5年。", DAY, "2029-02-28"),
        ("本办法自印发之日起施行，有效期至2028年12月31日。", DAY, "2028-12-31"),
        ("第九条　自发布之日起30日后施行，有效期五年。", "2024-03-31", "2029-03-30"),
        ("本条例自公布之日起满三十日施行。", "2024-03-31", None),
        ("本行政法規自公佈翌日起生效。", "2024-03-02", None),
        ("本规定自公布之日起六个月后施行。", "2024-09-01", None),
        ("本规定自公布之日起10个工作日后施行，有效期两年。", None, None),
        ("本规定自2024年4月1日起施行，施行期限为二年。", "2024-04-01", "2026-03-31"),
        ("本规定自2024年4月1日起试行，试行期两年。", "2024-04-01", "2026-03-31"),
        ("本规定自2024年4月1日起试行一年。", "2024-04-01", "2025-03-31"),
        ("自2024年3月1日起施行，至2029年2月28日废止。", "2024-03-01", "2029-02-28"),
        ("自2024年4月1日起施行，2029年3月31日自行失效。", "2024-04-01", "2029-03-31"),
        ("本公告自2024年4月1日起施行至2027年12月31日止。", "2024-04-01", "2027-12-31"),
        ("本公告执行至2027年12月31日。", None, "2027-12-31"),
        ("本通知执行期限为2024年1月1日至2025年12月31日。", "2024-01-01", "2025-12-31"),
        ("本通知自2024年1月1日至2025年12月31日执行。", "2024-01-01", "2025-12-31"),
        ("本规定自二〇二四年六月一日起施行，有效期至二○二九年五月三十一日止。", "2024-06-01", "2029-05-31"),
        ("本规定由市数据局负责解释，自印发之日起实施，有效期暂定三(3)年。", DAY, "2027-02-28"),
        ("本规定有效期5年，自2024年4月1日起施行。", "2024-04-01", "2029-03-31"),
        ("本规定自2024年4月1日起施行。有效期6个月。", "2024-04-01", "2024-09-30"),
        ("现予公布，自2024年4月1日起施行（有效期半年）。", "2024-04-01", "2024-09-30"),
        ("（2024年2月5日某部第3次部务会议通过，自2024年4月1日起施行）", "2024-04-01", None),
        ("施行日期为2024年6月1日，有效期五年。", "2024-06-01", "2029-05-31"),
        ("经市政府同意，自2024年4月1日起施行。", "2024-04-01", None),
        ("本规定自2024年2月29日起施行，有效期1年。", "2024-02-29", "2025-02-28"),
        ("本安排自2001年9月15日起生效。本安排的修改文本自2020年3月1日起生效。", "2020-03-01", None),
        ("原《某办法》有效期至2024年3月31日，本办法自2024年4月1日起施行。", "2024-04-01", None),
        ("本办法自2024年4月1日起施行，许可证有效期五年。", "2024-04-01", None),
    ],
)
def test_a_document_states_when_it_is_in_force(sentence: str, effective: str | None, expires: str | None) -> None:
    found = read_validity(f"某市数据办法\n{sentence}\n某市数据局", DAY)
    assert (found.effective, found.expires) == (effective, expires)


@pytest.mark.parametrize(
    "sentence",
    [
        "许可证有效期5年，自发证之日起计算。",
        "合同有效期至2028年12月31日。",
        "本合同自2024年1月1日起生效，有效期3年。",
        "资格证书自颁发之日起生效，有效期三年。",
        "自签发之日起生效，有效期一年。",
        "有效期：2024年1月1日至2025年12月31日。",
        "《某办法》（某政发〔2019〕3号）自2019年4月1日起施行，有效期5年，现予废止。",
        "原办法自2019年4月1日起施行，至2024年3月31日废止。",
        "该办法自2019年4月1日起施行，有效期5年。",
        "按照《某法》第五十五条“本法自2021年9月1日起施行”的规定执行。",
        "新标准自2025年1月1日起实施，旧标准至2025年6月30日废止。",
        "本市自2024年4月1日起执行新标准。",
        "本办法施行前已取得许可证的，有效期至2025年12月31日。",
        "给予补贴。上述政策实施期限截至2023年12月31日。",
        "自2024年4月1日起施行的《某办法》有效期5年。",
        "对2024年4月1日起实施的新标准，企业应当执行。",
    ],
)
def test_a_period_of_something_else_is_none_of_the_document(sentence: str) -> None:
    assert read_validity(f"某市数据办法\n{sentence}\n某市数据局", DAY) == (None, None)


def test_the_statement_that_names_the_document_counts() -> None:
    text = "本规定自2024年4月1日起施行，有效期5年。\n附表\n自2025年1月1日起执行。"
    assert read_validity(text, DAY) == ("2024-04-01", "2029-03-31")


def test_days_are_counted_from_the_signature_alone() -> None:
    text = "某市数据局关于数据的通知\n各单位：\n自印发之日起执行，有效期两年。\n"
    signed = metadata_of(f"{text}某市数据局\n2024年3月1日")
    assert (signed.date, signed.effective, signed.expires) == (DAY, DAY, "2026-02-28")
    named = metadata_of(text, source="数据通知2024-03-01.txt")
    assert (named.date, named.effective, named.expires) == (DAY, None, None)


def test_a_changed_text_came_into_force_before_its_last_change() -> None:
    note = "（2010年5月1日某市人民政府公布　根据2024年3月1日某市人民政府令第5号修正）"
    text = f"某市供水办法\n{note}\n第一条　为了供水，制定本办法。\n第二条　本办法自公布之日起施行。"
    assert metadata_of(text).effective is None


@given(st.text(alphabet="本办法自从起施行有效期至到为年月日2024一五,，。“”《》()（）印发之后\n", max_size=120))
def test_any_text_gives_days_or_none(text: str) -> None:
    for day in read_validity(text, DAY):
        assert day is None or len(day) == 10


@pytest.mark.parametrize(
    "text", ["本办法起施行，" * 9000, "自印发之日起" * 9000, "“本办法自2024年4月1日起施行" * 4000, "起施行。“" * 40_000]
)
def test_time_is_linear(text: str) -> None:
    read_validity(text, DAY)
