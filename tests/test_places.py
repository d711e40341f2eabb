from __future__ import annotations

import subprocess
import sys
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from metadata_of import metadata_of

from policysearch.gazetteer import places
from policysearch.text.folding import fold


def in_use(level: str) -> list[places.Place]:
    return [one for one in places.all_places() if one.until is None and one.level == level]


def test_table_is_complete() -> None:
    assert [len(in_use(level)) for level in ("省级", "地级", "县级")] == [34, 333, 2846]


def test_codes_of_places_in_use_are_unique() -> None:
    codes = Counter(one.code for one in places.all_places() if one.until is None)
    assert codes.most_common(1)[0][1] == 1


def test_everything_below_a_province_has_a_parent_above_it() -> None:
    for one in places.all_places():
        if one.level == "省级":
            assert one.parent is None
        else:
            parent = places.place(one.parent or "")
            assert parent is not None
            assert one.code.startswith(parent.code.rstrip("0"))
            assert ("省级", "地级", "县级").index(parent.level) < ("省级", "地级", "县级").index(one.level)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        pytest.param("新疆", ["新疆维吾尔自治区"], id="region"),
        pytest.param("内蒙古", ["内蒙古自治区"], id="region whose stem holds a people"),
        pytest.param("昌吉", ["昌吉回族自治州", "昌吉市"], id="prefecture before its city"),
        pytest.param("昌吉州", ["昌吉回族自治州"], id="prefecture with its kind"),
        pytest.param("吉林", ["吉林省", "吉林市"], id="province and city"),
        pytest.param("浦东", ["浦东新区"], id="new area"),
        pytest.param("孟连县", ["孟连傣族拉祜族佤族自治县"], id="three peoples"),
        pytest.param("东乡", ["东乡区", "东乡族自治县", "东乡县"], id="stem is a people"),
        pytest.param("鄂温克", ["鄂温克族自治旗"], id="banner whose stem is a people"),
        pytest.param("锡林郭勒", ["锡林郭勒盟"], id="league"),
        pytest.param("神农架", ["神农架林区"], id="forest district"),
        pytest.param("六枝", ["六枝特区"], id="special district"),
        pytest.param("鄂托克前旗", ["鄂托克前旗"], id="front banner"),
        pytest.param("香港特区", ["香港特别行政区"], id="special administrative region"),
        pytest.param("台湾", ["台湾省"], id="Taiwan"),
        pytest.param("襄樊", ["襄樊市"], id="former name"),
        pytest.param("管城", ["管城回族区"], id="district of a people"),
        pytest.param("內蒙古", ["内蒙古自治区"], id="traditional characters"),
        pytest.param("赵", [], id="one character is no short form"),
        pytest.param("", [], id="nothing"),
    ],
)
def test_lookup(name: str, expected: list[str]) -> None:
    assert [one.name for one in places.lookup(name)] == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param("吉林", {"吉林省", "吉林市"}, id="both"),
        pytest.param("吉林省", {"吉林省"}, id="full name"),
        pytest.param("襄樊", {"襄樊市", "襄阳市"}, id="former name finds the present one"),
        pytest.param("襄阳市", {"襄樊市", "襄阳市"}, id="present name finds the former one"),
        pytest.param("内蒙古自治区呼伦贝尔市海拉尔区", {"海拉尔区"}, id="names above are peeled off"),
        pytest.param(" 乌 海 ", {"乌海市"}, id="spaces"),
        pytest.param("中国", {"全国"}, id="nation"),
        pytest.param("无此地名", set(), id="unknown"),
        pytest.param("", set(), id="empty"),
    ],
)
def test_names_for_filter(value: str, expected: set[str]) -> None:
    assert places.names_for_filter(value) == expected


@pytest.mark.parametrize(
    ("name", "city", "province"),
    [
        pytest.param("海勃湾区", "乌海市", "内蒙古自治区", id="district"),
        pytest.param("浦东新区", None, "上海市", id="district of a municipality"),
        pytest.param("仙桃市", None, "湖北省", id="county directly under a province"),
        pytest.param("乌海市", "乌海市", "内蒙古自治区", id="prefecture"),
        pytest.param("广东省", None, "广东省", id="province"),
    ],
)
def test_what_stands_above(name: str, city: str | None, province: str) -> None:
    (one,) = places.lookup(name)
    above = places.city_of(one)
    assert (above.name if above else None) == city
    assert places.province_of(one).name == province


def test_every_place_is_found_by_each_of_its_names() -> None:
    for one in places.all_places():
        for form in (one.name, *one.short_names):
            assert one in places.lookup(form)
        assert len(places.level_word(one)) in (1, 2)


def test_mentions_are_counted_by_the_longest_name() -> None:
    text = "乌海市和昌吉州、昌吉回族自治州;乌海发展,维护长治久安,新城和平。"
    assert places.places_in(text) == {"乌海市": 1, "昌吉州": 1, "昌吉回族自治州": 1, "乌海": 1}


def test_context_words() -> None:
    assert places.context_words("我市全市全市场,全县域,我区本区域,全州。") == {"市": 4, "区": 3, "州": 1}


@given(st.text(alphabet="新疆乌海吉林省市区长治久安州我全 。a", max_size=60))
def test_mentions_are_names_that_stand_in_the_text(text: str) -> None:
    counts = places.places_in(text)
    assert all(form in text and places.lookup(form) for form in counts)
    assert sum(len(form) * times for form, times in counts.items()) <= len(text)


def test_nothing_is_read_at_import() -> None:
    code = "from policysearch.gazetteer import places; assert places._table.cache_info().currsize == 0"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_every_name_is_found_in_a_folded_text() -> None:
    """沈, 乾 and 坂 are folded as traditional characters: 沈阳 is 沉阳 there."""
    for one in places.all_places():
        for form in (one.name, *one.short_names):
            found = places.lookup(form)
            assert places.lookup(fold(form)) == found
            assert one in found
            assert len(set(found)) == len(found)
    assert places.names_for_filter("沉阳") == {"沈阳市"}


@pytest.mark.parametrize("name", ["日喀则市", "日照市", "日土县", "日喀则市桑珠孜区", "松岑县"])
@pytest.mark.parametrize(
    "said",
    [
        "——2020年1月6日在{}第二届人民代表大会第二次会议上",
        "（2020年1月6日{}第二届人民代表大会第二次会议）",
        "二〇二〇年一月六日{}第二届人民代表大会第二次会议",
    ],
)
def test_the_day_of_a_report_takes_nothing_of_the_name_of_a_place(name: str, said: str) -> None:
    text = f"政府工作报告\n{said.format(name)}\n{name}市长 张三\n各位代表：\n现在，我代表人民政府向大会报告工作。\n"
    found = metadata_of(text)
    assert found.region == ("桑珠孜区" if "桑" in name else name)
    assert found.date == "2020-01-06"
