"""Statements in sentences of reports: by form, in five hundred generated ones, and those that are none."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policysearch.corpus.targets.grammar import statements
from policysearch.corpus.targets.indicators import _BEGINNINGS, _CORES, INDICATORS, Indicators
from policysearch.corpus.targets.word_classes import LEAD_WORDS, WORDS_BETWEEN
from policysearch.errors import InputError
from policysearch.text.folding import fold, reduce

KNOWN = Indicators()


def read(text: str, indicators: Indicators = KNOWN) -> list[str]:
    """Return each statement on one line: indicator, figure, operator, numbers, unit, stretch and basis."""
    reduced = reduce(text)
    out = []
    for one in statements(reduced, 0, len(reduced), indicators, words=True):
        quantity = one.quantity
        if quantity is None:
            out.append(f"{one.indicator} {one.figure} words {one.words}")
            continue
        high = "" if quantity.high is None else f"..{quantity.high.normalize():f}"
        line = f"{one.indicator} {one.figure} {quantity.operator} {quantity.value.normalize():f}{high}{quantity.unit}"
        if one.better is not None:
            line += f" better {one.better.value.normalize():f}"
        out.append(line + (f" ({one.basis})" if one.basis else ""))
    return out


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("全市生产总值增长6.5%左右", ["地区生产总值 growth about 6.5%"], id="a clause"),
        pytest.param("ＧＤＰ增长６％", ["地区生产总值 growth exact 6%"], id="full width"),
        pytest.param("地区生产总值（GDP）增长6%", ["地区生产总值 growth exact 6%"], id="a short form in brackets"),
        pytest.param("城镇调查失业率5.5%以内", ["城镇调查失业率 level at_most 5.5%"], id="no verb"),
        pytest.param(
            "规上工业增加值增长7%、固定资产投资8%、社零5%左右",
            [
                "规模以上工业增加值 growth exact 7%",
                "固定资产投资 growth exact 8%",
                "社会消费品零售总额 growth about 5%",
            ],
            id="a list that leaves the verb out",
        ),
        pytest.param(
            "城乡居民人均可支配收入分别增长6%和7%",
            ["城镇居民人均可支配收入 growth exact 6%", "农村居民人均可支配收入 growth exact 7%"],
            id="town and country",
        ),
        pytest.param(
            "城镇和农村常住居民人均可支配收入分别增长6%、7%左右",
            ["城镇居民人均可支配收入 growth about 6%", "农村居民人均可支配收入 growth about 7%"],
            id="an end that is shared, and 左右 for both",
        ),
        pytest.param(
            "城镇调查失业率、居民消费价格涨幅分别控制在5%和3%以内",
            ["城镇调查失业率 level at_most 5%", "居民消费价格 growth at_most 3%"],
            id="two indicators",
        ),
        pytest.param(
            "固定资产投资、社会消费品零售总额、进出口总额分别增长8%、5%左右、6%",
            ["固定资产投资 growth exact 8%", "社会消费品零售总额 growth about 5%", "进出口总额 growth exact 6%"],
            id="three indicators, 左右 for one",
        ),
        pytest.param(
            "一般公共预算收入、税收收入分别增长5%和6%",
            ["一般公共预算收入 growth exact 5%"],
            id="a share for what is not known",
        ),
        pytest.param(
            "单位生产总值用水量、能耗分别下降4%、3%左右", ["单位地区生产总值能耗 growth about 3%"], id="a beginning"
        ),
        pytest.param("粮食、油料产量分别增长2%和3%", ["粮食产量 growth exact 2%"], id="an end"),
        pytest.param(
            "粮食播种面积和产量分别稳定在300万亩、20亿斤以上", ["粮食产量 level at_least 20亿斤"], id="two dimensions"
        ),
        pytest.param("粮食面积稳定在300万亩，产量达到120万吨", ["粮食产量 level exact 120万吨"], id="the neighbour"),
        pytest.param(
            "城镇居民、农村居民人均可支配收入均增长8%",
            ["城镇居民人均可支配收入 growth exact 8%", "农村居民人均可支配收入 growth exact 8%"],
            id="the same for both",
        ),
        pytest.param(
            "地区生产总值达到300亿元，同比增长8%",
            ["地区生产总值 level exact 300亿元", "地区生产总值 growth exact 8%"],
            id="going on",
        ),
        pytest.param(
            "城镇居民人均可支配收入3万元，农村居民人均可支配收入2万元，扣除价格因素，分别实际增长5%和6%",
            [
                "城镇居民人均可支配收入 level exact 3万元",
                "农村居民人均可支配收入 level exact 2万元",
                "农村居民人均可支配收入 growth exact 6% (扣除价格因素、实际)",
                "城镇居民人均可支配收入 growth exact 5% (扣除价格因素、实际)",
            ],
            id="going on about two",
        ),
        pytest.param("地区生产总值增长6%以上、力争7%", ["地区生产总值 growth at_least 6% better 7"], id="better"),
        pytest.param(
            "地区生产总值力争增长7%，确保6%以上", ["地区生产总值 growth at_least 6% better 7"], id="better first"
        ),
        pytest.param(
            "地区生产总值增长6%（力争7%）", ["地区生产总值 growth exact 6% better 7"], id="better in brackets"
        ),
        pytest.param("全社会研发经费支出相当于全市生产总值的比例达到3%", ["研发经费投入 share exact 3%"], id="a share"),
        pytest.param(
            "研发经费投入增长10%以上、占GDP比重达到2.6%",
            ["研发经费投入 growth at_least 10%", "研发经费投入 share exact 2.6%"],
            id="growth and share",
        ),
        pytest.param("研发投入强度提高0.1个百分点", ["研发经费投入 change exact 0.1个百分点"], id="a change"),
        pytest.param("粮食总产量增加2亿斤", ["粮食产量 change exact 2亿斤"], id="a change in tonnes"),
        pytest.param("一般公共预算收入同口径增长5%", ["一般公共预算收入 growth exact 5% (同口径)"], id="basis"),
        pytest.param(
            "一般公共预算收入增长5%（同口径）", ["一般公共预算收入 growth exact 5% (同口径)"], id="basis behind"
        ),
        pytest.param("单位地区生产总值能耗降低3%左右", ["单位地区生产总值能耗 growth about 3%"], id="energy"),
        pytest.param("万元GDP能耗下降3%", ["单位地区生产总值能耗 growth exact 3%"], id="万元 is no number here"),
        pytest.param("到2030年地区生产总值翻一番", ["地区生产总值 growth exact 1番"], id="doubling"),
        pytest.param("粮食产量八千亿斤以上", ["粮食产量 level at_least 8000亿斤"], id="Chinese numerals"),
        pytest.param("地区生产总值增长百分之六至百分之七", ["地区生产总值 growth range 6..7%"], id="百分之"),
        pytest.param("地区生产总值从200亿元增加到300亿元", ["地区生产总值 level exact 300亿元"], id="from and to"),
        pytest.param("居民收入增长与经济增长同步", ["居民人均可支配收入 growth words 增长与经济增长同步"], id="words"),
        pytest.param(
            "居民可支配收入与经济增长基本同步", ["居民人均可支配收入 growth words 与经济增长基本同步"], id="与"
        ),
        pytest.param("固定资产投资保持稳定增长", ["固定资产投资 growth words 保持稳定增长"], id="words of the class"),
        pytest.param(
            "经济增速高于全国平均水平，达到6%", ["地区生产总值 growth exact 6%"], id="a number behind the words"
        ),
        pytest.param("地区生产总值增\n长6%\n左右", ["地区生产总值 growth about 6%"], id="broken lines"),
        pytest.param(
            "經濟增長6%左右，糧食產量12億斤",
            ["地区生产总值 growth about 6%", "粮食产量 level exact 12亿斤"],
            id="traditional",
        ),
        pytest.param(
            "国内生产总值二千零一十五亿元人民币，增长百分之九",
            ["地区生产总值 level exact 2015亿元", "地区生产总值 growth exact 9%"],
            id="人民币",
        ),
    ],
)
def test_forms(text: str, expected: list[str]) -> None:
    assert read(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        *(
            "民间投资增长8%",
            "工业投资增长10%",
            "固定资产投资项目库增长5%",
            "人均地区生产总值突破10万元",
            "海洋生产总值增长6%",
        ),
        *("数字经济增长12%", "服务贸易进出口增长8%", "跨境电商进出口增长15%", "高技术制造业增加值增长10%"),
        *("全部工业增加值增长6%", "一般公共预算支出增长5%", "税收占一般公共预算收入比重达到70%", "出口总额增长5%"),
        *("制造业增加值占地区生产总值比重达到25%", "城乡居民收入比缩小到2.2", "粮食综合生产能力达到150万吨"),
        *(
            "对共建国家和地区进出口增长20%",
            "高校毕业生就业20万人",
            "限额以上社会消费品零售额增长9%",
            "网上零售额增长9%",
        ),
    ],
)
def test_what_is_about_something_else(text: str) -> None:
    assert [line for line in read(text) if " words " not in line] == []


FORMS = {
    "地区生产总值": ["地区生产总值", "全市生产总值", "GDP", "经济", "国内生产总值"],
    "居民消费价格": ["居民消费价格", "居民消费价格总水平", "居民消费价格指数", "CPI"],
    "一般公共预算收入": ["一般公共预算收入", "地方一般公共预算收入", "公共财政预算收入", "财政收入"],
    "固定资产投资": ["固定资产投资", "全社会固定资产投资", "固定资产投资（不含农户）"],
    "社会消费品零售总额": ["社会消费品零售总额", "社零总额"],
    "进出口总额": ["进出口总额", "外贸进出口总额", "货物进出口", "外贸进出口总值"],
    "规模以上工业增加值": ["规模以上工业增加值", "规上工业增加值", "规模工业增加值"],
}
LEVELS = {
    "城镇新增就业": (["城镇新增就业", "新增城镇就业", "全市城镇新增就业"], "万人"),
    "粮食产量": (["粮食产量", "粮食总产量", "粮食总产"], "亿斤"),
}
LEADS = ["", "", "", "确保", "力争", "实现", "预计", "全年"]
OTHERS = [
    "民间投资增长9%",
    "常住人口城镇化率达到65%",
    "空气质量优良天数比率完成下达任务",
    "完成节能减排任务",
    "其中工业投资增长8%",
]


def clause(chosen: random.Random) -> tuple[str, list[str]]:
    """Write a clause, and say what it states."""
    number = chosen.choice([5, 5.5, 6, 6.5, 7, 8, 10, 3, 2])
    if chosen.random() < 0.25:
        return chosen.choice(OTHERS), []
    if chosen.random() < 0.3:
        name = chosen.choice(list(LEVELS))
        forms, unit = LEVELS[name]
        text, said = quantity(chosen, number * 10, unit)
        verb = chosen.choice(["", "达到", "稳定在", "保持在"])
        return chosen.choice(LEADS) + chosen.choice(forms) + verb + text, [f"{name} level {said}"]
    name = chosen.choice(list(FORMS))
    text, said = quantity(chosen, number, "%")
    between = chosen.choice(
        ["涨幅", "涨幅控制在", "上涨"] if name == "居民消费价格" else ["增长", "增速保持在", "预期增长"]
    )
    form = chosen.choice(FORMS[name])
    between = "增长" if form == "经济" else between
    return chosen.choice(LEADS) + form + between + text, [f"{name} growth {said}"]


def quantity(chosen: random.Random, number: float, unit: str) -> tuple[str, str]:
    plain = f"{number:g}"
    match chosen.randrange(6):
        case 0:
            return f"{plain}{unit}左右", f"about {plain}{unit}"
        case 1:
            return f"{plain}{unit}以上", f"at_least {plain}{unit}"
        case 2:
            return f"不低于{plain}{unit}", f"at_least {plain}{unit}"
        case 3:
            high = f"{number + 1:g}"
            return (
                f"{plain}{chosen.choice(['', unit])}{chosen.choice('—-～至')}{high}{unit}",
                f"range {plain}..{high}{unit}",
            )
        case 4:
            better = f"{number + 2:g}"
            return f"{plain}{unit}以上、力争{better}{unit}", f"at_least {plain}{unit} better {better}"
    wide = plain.translate(str.maketrans("0123456789.", "０１２３４５６７８９．"))
    return f"{wide}{unit}", f"exact {plain}{unit}"


@pytest.mark.parametrize("seed", range(500))
def test_five_hundred_made_sentences(seed: int) -> None:
    chosen = random.Random(seed)
    clauses = [clause(chosen) for _ in range(chosen.randint(1, 7))]
    marks = [chosen.choice("，；，、") for _ in clauses[1:]] + ["。"]
    text = chosen.choice(["", "主要预期目标是：", "今年全市经济社会发展的预期目标为："])
    text += "".join(words + mark for (words, _), mark in zip(clauses, marks, strict=True))
    if chosen.random() < 0.2:
        at = chosen.randrange(1, len(text))
        if not (fold(text[at - 1]).isascii() and fold(text[at]).isascii()):  # a number that is cut is two
            text = text[:at] + "\n　" + text[at:]
    expected = [line for _, said in clauses for line in said]
    found = [line for line in read(text) if " words " not in line]
    assert found == expected, text


def test_no_word_of_a_class_is_made_of_others() -> None:
    for words in (LEAD_WORDS, WORDS_BETWEEN):
        known = set(words)
        assert len(known) == len(words)
        assert [w for w in words if any(w[:i] in known and w[i:] in known for i in range(1, len(w)))] == []


@pytest.mark.parametrize("indicator", INDICATORS, ids=lambda one: one.name)
def test_every_form_has_what_forms_are_looked_for_by(indicator: object) -> None:
    @given(st.from_regex(f"^(?:{indicator.pattern})$".replace("(?<![a-z])", "").replace("(?<![一-龥])", "")))  # type: ignore[attr-defined]
    def check(text: str) -> None:
        form = text.rstrip("\n")
        assert form[0] in _BEGINNINGS
        # a look ahead may ask for what is not part of the form
        assert any(core in form + "增长" or core in form + "上涨" for core in _CORES), form

    if "(?=" not in indicator.pattern and "(?!" not in indicator.pattern:  # type: ignore[attr-defined]
        check()


PIECES = st.sampled_from(
    [
        *(
            "地区生产总值",
            "城镇调查失业率",
            "粮食",
            "产量",
            "民间投资",
            "城乡居民人均可支配收入",
            "分别",
            "增长",
            "控制在",
        ),
        *(
            "5%",
            "6%左右",
            "50万人",
            "、",
            "，",
            "和",
            "。",
            "力争",
            "从",
            "到",
            "确保",
            "目标是：",
            "占",
            "比重",
            "（",
            "）",
            "要",
            "今年",
        ),
    ]
)


@given(st.lists(PIECES, max_size=25).map("".join))
def test_any_sentence_gives_statements_within_it(text: str) -> None:
    reduced = reduce(text)
    for one in statements(reduced, 0, len(reduced), KNOWN, words=True):
        assert 0 <= one.start < one.end <= len(reduced)
        assert one.figure in ("growth", "level", "share", "change")
        assert (one.quantity is None) == (one.rule == "words")
        assert one.indicator in KNOWN.names


def test_words_of_a_class_in_any_number_take_time_linear_in_it() -> None:
    text = reduce("地区生产总值" + "力争确保实现" * 3000 + "5%" + "要将把" * 3000 + "地区生产总值增长" * 300)
    assert len(statements(text, 0, len(text), KNOWN, words=True)) < 1000


def test_indicators_of_a_user_go_before_the_known_ones() -> None:
    own = Indicators(
        {"常住人口城镇化率": ["常住人口城镇化率"], "海洋生产总值": ["海洋生产总值"], "粮食产量": ["粮食综合生产能力"]}
    )
    assert read("海洋生产总值增长6%，粮食综合生产能力达到150万吨，常住人口城镇化率65%", own) == [
        "海洋生产总值 growth exact 6%",
        "粮食产量 level exact 150万吨",
        "常住人口城镇化率 growth exact 65%",
    ]
    assert own.of(["GDP", "海洋生产总值", "地区生产总值"]) == ("地区生产总值", "海洋生产总值")
    with pytest.raises(InputError, match="Unknown indicator '幸福'"):
        own.named("幸福")
    with pytest.raises(InputError, match="'空' has no terms"):
        Indicators({"空": [" "]})
