"""Quantities: what is written is read back, and what is no quantity is none."""

from __future__ import annotations

import itertools
from decimal import Decimal

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from policysearch.text.folding import reduce
from policysearch.text.quantities import Quantity, chinese_number, quantities, read_comparison

DIGITS = "零一二三四五六七八九"


def in_characters(number: int) -> str:
    """Write a whole number below 10,000 as it is spoken: 1205 is 一千二百零五."""
    if number == 0:
        return "零"
    out = ""
    gap = False
    for power, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = number // power % 10
        if digit:
            out += ("零" if gap and out else "") + DIGITS[digit] + name
            gap = False
        else:
            gap = True
    return out.removeprefix("一") if out.startswith("一十") else out


def read(text: str) -> list[tuple[str, str, str | None, str]]:
    return [
        (one.operator, plain(one.value), None if one.high is None else plain(one.high), one.unit)
        for one in quantities(reduce(text))
    ]


def plain(number: Decimal) -> str:
    return f"{number.normalize():f}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("增长5%", ("exact", "5", None, "%")),
        ("增长５．５％左右", ("about", "5.5", None, "%")),
        ("增长 5 . 5 %", ("exact", "5.5", None, "%")),
        ("增长百分之五点五", ("exact", "5.5", None, "%")),
        ("增长百分之五至百分之六", ("range", "5", "6", "%")),
        ("约千分之三", ("about", "3", None, "‰")),
        ("5%以上", ("at_least", "5", None, "%")),
        ("5%及以上", ("at_least", "5", None, "%")),
        ("不低于5%", ("at_least", "5", None, "%")),
        ("不得少于50万人", ("at_least", "50", None, "万人")),
        ("至少3家", ("at_least", "3", None, "家")),
        ("≥5%", ("at_least", "5", None, "%")),
        ("3%以内", ("at_most", "3", None, "%")),
        ("3%以下", ("at_most", "3", None, "%")),
        ("不超过3%", ("at_most", "3", None, "%")),
        ("低于4.6%", ("at_most", "4.6", None, "%")),
        ("超过6400万人", ("more_than", "6400", None, "万人")),
        ("突破13.65万亿元", ("more_than", "13.65", None, "万亿元")),
        ("100多万人", ("more_than", "100", None, "万人")),
        ("1000余家", ("more_than", "1000", None, "家")),
        ("四百六十多亿元", ("more_than", "460", None, "亿元")),
        ("提高2个多百分点", ("more_than", "2", None, "个多百分点")),
        ("近5万人", ("about", "5", None, "万人")),
        ("接近30%", ("about", "30", None, "%")),
        ("4.5%—5%", ("range", "4.5", "5", "%")),
        ("4.5—5%", ("range", "4.5", "5", "%")),
        ("4.5%至5%", ("range", "4.5", "5", "%")),
        ("4.5%～5%之间", ("range", "4.5", "5", "%")),
        ("50-70万人", ("range", "50", "70", "万人")),
        ("50万人到70万人", ("range", "50", "70", "万人")),
        ("9000万元至1.2亿元", ("range", "9000", "12000", "万元")),
        ("三至五成", ("range", "3", "5", "成")),
        ("一成", ("exact", "1", None, "成")),
        ("翻一番", ("exact", "1", None, "番")),
        ("翻了两番", ("exact", "2", None, "番")),
        ("1.7倍", ("exact", "1.7", None, "倍")),
        ("八千亿斤", ("exact", "8000", None, "亿斤")),
        ("一万五千亿元", ("exact", "15000", None, "亿元")),
        ("百万吨以上", ("at_least", "100", None, "万吨")),
        ("万亿斤以上", ("at_least", "1", None, "万亿斤")),
        ("1亿2000万元", ("exact", "12000", None, "万元")),
        ("1,266万人", ("exact", "1266", None, "万人")),
        ("5千万元", ("exact", "5", None, "千万元")),
        ("-3.2%", ("exact", "-3.2", None, "%")),
        ("增长－2.3%", ("exact", "-2.3", None, "%")),
        ("负1%", ("exact", "-1", None, "%")),
        ("——5%", ("exact", "5", None, "%")),
        ("15分钟", ("exact", "15", None, "分钟")),
        ("粮食產量725億斤", ("exact", "725", None, "亿斤")),
    ],
)
def test_what_a_quantity_is_read_as(text: str, expected: tuple[str, str, str | None, str]) -> None:
    assert read(text) == [expected]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("由2.6%提高到3%", [("2.6", "3.0")]),
        ("从5%到3%", [("5", "3")]),
        ("分别增长5%和6%", [("5", "6")]),
        ("分别下降15.7%、17.5%", [("-15.7", "-17.5")]),
        ("提高5、7个百分点", [("5", "7")]),
    ],
)
def test_two_quantities_are_two(text: str, expected: list[tuple[str, str]]) -> None:
    (pair,) = expected
    assert [one.bounds[0] for one in quantities(reduce(text))] == list(map(Decimal, pair))


@pytest.mark.parametrize(
    "text",
    [
        *(
            "2025年",
            "2020—2025年",
            "3月5日",
            "第3批",
            "第三批",
            "5G",
            "PM2.5",
            "国发〔2023〕1号",
            "一个",
            "万元",
            "百家企业",
        ),
        *("十四五", "二〇三五年", "一九八五年", "1.六稳", "三农", "415X", "3成立", "百分点", "%", "五"),
    ],
)
def test_what_is_no_quantity(text: str) -> None:
    assert quantities(reduce(text)) == []


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("下降3.4%以上", "-3.4", "-3.4"),
        ("降低3%—4%", "-4", "-3"),
        ("降幅控制在3%以内", "-3", "-3"),
        ("降至3%", "3", "3"),
        ("下降到3%", "3", "3"),
        ("翻两番", "300", "300"),
        ("五成", "50", "50"),
        ("1.7倍", "170", "170"),
        ("725亿斤", "36250000", "36250000"),
        ("5000亿公斤", "500000000", "500000000"),
        ("1.2万亿元", "1200000000000", "1200000000000"),
        ("20万标准箱", "200000", "200000"),
    ],
)
def test_numbers_are_multiplied_out_and_decline_is_below_zero(text: str, low: str, high: str) -> None:
    (one,) = quantities(reduce(text))
    assert one.bounds == (Decimal(low), Decimal(high))


UNITS = ("%", "万人", "亿元", "万吨", "亿斤", "个百分点", "家", "公里", "万亿元", "美元", "倍", "亩")
BEFORE = {"at_least": ("不低于", "不少于", "至少"), "at_most": ("不高于", "不超过", "低于"), "about": ("约", "接近")}
BEFORE["more_than"] = ("超过", "突破", "高于")
AFTER = {"at_least": ("以上", "及以上"), "at_most": ("以内", "以下"), "about": ("左右", "上下"), "more_than": ("多",)}
DASHES = ("-", "—", "–", "－", "~", "～", "至", "到", "——")

numbers = st.builds(
    lambda whole, tenths: Decimal(whole) + Decimal(tenths) / 10, st.integers(1, 9999), st.integers(0, 9)
)


@st.composite
def written(draw: st.DrawFn) -> tuple[str, tuple[str, str, str | None, str]]:
    """Write a quantity in one of the ways there are, and say what it is."""
    number, unit = draw(numbers), draw(st.sampled_from(UNITS))
    operator = draw(st.sampled_from(["exact", "range", *AFTER]))
    low, high = number, None
    if operator == "range":
        high = number + draw(numbers)
        both = draw(st.booleans())
        text = f"{digits(draw, low)}{unit if both else ''}{draw(st.sampled_from(DASHES))}{digits(draw, high)}{unit}"
    else:
        way = draw(st.sampled_from(["digits", "characters", "percent"]))
        if way == "characters" and low == int(low) and low >= 10:
            text = in_characters(int(low)) + unit
        elif way == "percent" and unit == "%" and low == int(low) and low < 100:
            text = "百分之" + in_characters(int(low))
        else:
            text = digits(draw, low) + unit
        if operator != "exact":
            side = draw(st.booleans())
            text = (
                draw(st.sampled_from(BEFORE[operator])) + text
                if side
                else text + draw(st.sampled_from(AFTER[operator]))
            )
    return text, (operator, plain(low), None if high is None else plain(high), unit)


def digits(draw: st.DrawFn, number: Decimal) -> str:
    text = plain(number)
    style = draw(st.sampled_from(["plain", "wide", "commas"]))
    if style == "wide":
        return text.translate(str.maketrans("0123456789.", "０１２３４５６７８９．"))
    return f"{number:,}" if style == "commas" and number == int(number) else text


@given(
    written(),
    st.sampled_from(["", "粮食产量达到", "，增长", "力争", "（"]),
    st.sampled_from(["", "，", "。", "、", "）"]),
)
def test_what_is_written_is_read_back(
    one: tuple[str, tuple[str, str, str | None, str]], before: str, after: str
) -> None:
    text, expected = one
    assert read(before + text + after) == [expected]


@given(st.lists(written(), min_size=1, max_size=6))
def test_a_row_of_quantities_is_read_one_by_one(row: list[tuple[str, tuple[str, str, str | None, str]]]) -> None:
    assert read("，其中".join(text for text, _ in row)) == [expected for _, expected in row]


@given(st.integers(0, 9999))
@example(10)
@example(1005)
def test_numerals_are_read_back(number: int) -> None:
    assume(number)
    assert chinese_number(in_characters(number)) == number


PIECES = st.sampled_from(
    [*"0123456789.%-~至到百千万亿一二三十点多余个分之，、和约近成倍番年人元斤负第", "百分点", "以上", "不低于"]
)


@given(st.lists(PIECES, max_size=30).map("".join))
def test_any_text_gives_quantities_in_order_that_hold_their_numbers(text: str) -> None:
    reduced = reduce(text)
    found = quantities(reduced)
    assert all(a.end <= b.start for a, b in itertools.pairwise(found))
    for one in found:
        assert 0 <= one.start <= one.number_start < one.end <= len(reduced)
        low, high = one.bounds
        assert low <= high


@given(st.lists(PIECES, max_size=20).map("".join), st.lists(PIECES, max_size=20).map("".join))
def test_a_part_is_read_as_if_it_were_alone(before: str, text: str) -> None:
    before, text = reduce(before), reduce(text)

    def moved(one: Quantity) -> tuple[int, int, object]:
        return one.start - len(before), one.end - len(before), one.bounds

    alone = [(one.start, one.end, one.bounds) for one in quantities(text)]
    assert [moved(one) for one in quantities(before + text, len(before))] == alone


@pytest.mark.parametrize(
    ("typed", "text", "holds"),
    [
        (">=5.5%", "5.5%", True),
        (">5.5%", "5.5%", False),
        (">5.5%", "百分之六", True),
        ("≥5%", "4.9%", False),
        ("<0", "增长-2%", True),
        ("<0", "下降2%", True),
        ("<0", "降至2%", False),
        ("50..70万人", "60万人", True),
        ("50..70万人", "60人", False),
        ("50..70万人", "70万人以上", True),
        ("50万..70万人", "500000人", True),
        ("100亿元..", "1万亿元", True),
        ("..3%", "3%以内", True),
        ("5%", "5%左右", True),
        ("5%", "5个百分点", False),
        ("5", "5个百分点", True),
        (">=5%", "4.5%—5.5%", True),
        (">6%", "4.5%—5.5%", False),
        ("=1千公里", "1000千米", True),
        (">=五成", "50%", True),
        ("<=-3%", "降低3.4%", True),
    ],
)
def test_what_satisfies_a_comparison(typed: str, text: str, holds: bool) -> None:
    comparison = read_comparison(reduce(typed))
    assert comparison is not None
    (one,) = quantities(reduce(text))
    assert comparison.holds(one) is holds


@pytest.mark.parametrize("typed", ["", "abc", ">", "5..3%", "..", ">=..5", "5q", "1..2..3", "5%..3万人", "=>"])
def test_what_is_no_comparison(typed: str) -> None:
    assert read_comparison(typed) is None


@given(st.lists(st.sampled_from([*"<>=≥≤.0123456789%万亿人元成番五十百分之点-负", "百分点"]), max_size=12).map("".join))
def test_any_typed_comparison_is_read_or_refused(typed: str) -> None:
    comparison = read_comparison(reduce(typed))
    if comparison is not None and comparison.low is not None and comparison.high is not None:
        assert comparison.low <= comparison.high
