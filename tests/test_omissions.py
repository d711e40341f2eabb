"""Quotations with an ellipsis or an insertion: harmless, or a change of what the source says."""

from __future__ import annotations

from random import Random

import pytest
from conftest import build_index

import policysearch
from policysearch import Claim

RULES = """云麓省湿地保护条例

（2019年3月28日云麓省第十一届人民代表大会常务委员会第三十次会议通过）

第一条　为了加强湿地保护，维护生态功能，制定本条例。

第二条　本省行政区域内湿地的保护、利用和管理，适用本条例。

第三条　任何单位和个人不得擅自开垦、填埋湿地，不得违反规定转让湿地使用权。

第四条　禁止下列行为：

（一）未经批准设立观光栈道；

（二）向湿地排放未经处理的污水；

（三）投放外来物种。

第五条　因国家重点工程占用湿地的，原则上应当在三十日内办结，但是情况复杂的除外。

第六条　湿地经营者应当每季度报告一次水质情况，建立巡护台账，并保存监测记录三年。

第七条　擅自填埋湿地的，责令改正；逾期不改正的，处五万元以上二十万元以下罚款。

第八条　湿地经营者不断提升管理水平，不仅重视游客体验，不动产登记机构予以配合。

第九条　湿地公园门票收入比上年增长12.5%，接待游客二百三十万人次。

第十条　乡镇人民政府应当做好湿地巡护工作。
"""


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> policysearch.Index:
    sources = tmp_path_factory.mktemp("sources")
    (sources / "条例.txt").write_text(RULES, encoding="utf-8")
    return policysearch.open_index(build_index(sources, tmp_path_factory.mktemp("index")))


def quoted(index: policysearch.Index, quotation: str) -> Claim:
    (claim,) = index.verify(f"文中说“{quotation}”。")
    return claim


@pytest.mark.parametrize(
    ("quotation", "notable"),
    [
        pytest.param("任何单位和个人……转让湿地使用权", "…… → 不得擅自开垦、填埋湿地，不得违反规定", id="不得"),
        pytest.param("任何单位和个人不得……转让湿地使用权", "…… → 擅自开垦、填埋湿地，不得违反规定", id="after 不得"),
        pytest.param("不得……填埋湿地", "不得…… → 不得擅自开垦、", id="what limits a prohibition"),
        pytest.param("……擅自开垦、填埋湿地，不得违反", "…… → 任何单位和个人不得", id="at the start"),
        pytest.param("占用湿地的……应当在三十日内办结", "……应当 → ，原则上应当", id="原则上"),
        pytest.param("原则上应当在三十日内办结……", "…… → ，但是情况复杂的除外", id="an exception at the end"),
        pytest.param("原则上……情况复杂的除外", "…… → 应当在三十日内办结，但是", id="what is excepted"),
        pytest.param("责令改正……处五万元以上二十万元以下罚款", "…… → ；逾期不改正的，", id="a condition"),
        pytest.param("本省行政区域内湿地的保护……做好湿地巡护工作", None, id="halves of two sentences"),
        pytest.param("湿地公园门票收入比上年增长12……%", "12…… → 12.5%", id="half a figure"),
        pytest.param("湿地公园门票收入比上年增长12[.]5%", None, id="an insertion in a figure"),
        pytest.param("接待游客二……三十万人次", "二…… → 二百三十万人", id="half a numeral"),
        pytest.param("湿地公园门票收入……二百三十万人次", None, id="the figure of something else"),
        pytest.param("湿地公园门票收入比上年……人次", None, id="a figure without its unit"),
        pytest.param("因国家重点工程……应当在三十日内办结", None, id="a case"),
        pytest.param("处五万元……罚款", None, id="a limit of a figure"),
        pytest.param("湿地经营者应当每季度[不]报告一次水质情况", "[不] → ∅", id="a negation inserted"),
        pytest.param("湿地经营者〔可以〕应当每季度报告", "〔可以〕 → 应当", id="a modal inserted"),
    ],
)
def test_an_omission_that_changes_the_meaning_is_a_difference(
    index: policysearch.Index, quotation: str, notable: str | None
) -> None:
    claim = quoted(index, quotation)
    assert claim.verdict == "differs"
    assert claim.raises()
    if notable:
        assert notable in claim.notable
    assert "".join(step.a for step in claim.changes) == claim.claim == quotation
    assert "".join(step.b for step in claim.changes) == claim.source_text


@pytest.mark.parametrize(
    "quotation",
    [
        pytest.param("湿地经营者应当……并保存监测记录三年", id="clauses"),
        pytest.param("湿地经营者……报告一次水质情况", id="words"),
        pytest.param("湿地经营者应当……保存监测记录三年", id="clauses, and a term that is no figure"),
        pytest.param("湿地公园门票收入比上年增长12.5%，……二百三十万人次", id="the beginning of a clause"),
        pytest.param("湿地经营者应当每季度报告一次水质情况……", id="the rest of a sentence"),
        pytest.param("……并保存监测记录三年", id="the beginning of a sentence"),
        pytest.param("禁止下列行为：……（三）投放外来物种", id="items of a list, with 未 in them"),
        pytest.param("禁止下列行为：……投放外来物种", id="items, and the number of one"),
        pytest.param("本省行政区域内湿地的保护、利用和管理，适用本条例。……湿地经营者应当每季度", id="sentences"),
        pytest.param("湿地经营者……不仅重视游客体验", id="不断 and 不仅 deny nothing"),
        pytest.param("湿地经营者〔含承包者〕应当每季度报告", id="an insertion that explains"),
    ],
)
def test_a_harmless_omission_is_word_for_word(index: policysearch.Index, quotation: str) -> None:
    claim = quoted(index, quotation)
    assert (claim.verdict, claim.changes, claim.notable) == ("verbatim", (), ())


def test_the_harmless_place_is_preferred(index: policysearch.Index) -> None:
    """第五条 and 第六条 both have 应当 before 三: the ellipsis is read over as little text as possible."""
    assert quoted(index, "湿地经营者应当……监测记录三年").verdict == "verbatim"


def test_no_ellipsis_over_a_negation_is_word_for_word(index: policysearch.Index) -> None:
    """Any words with 不得 or 除外 among them, replaced by an ellipsis within their sentence."""
    chance = Random(5)
    sentences = [
        "任何单位和个人不得擅自开垦、填埋湿地，不得违反规定转让湿地使用权",
        "因国家重点工程占用湿地的，原则上应当在三十日内办结，但是情况复杂的除外",
    ]
    for _ in range(200):
        sentence = chance.choice(sentences)
        words = chance.choice([word for word in ("不得", "原则上", "但是", "除外") if word in sentence])
        at = sentence.index(words)
        start = chance.randint(max(4, at - 6), at)
        end = chance.randint(at + len(words), min(len(sentence), at + len(words) + 6))
        claim = quoted(index, f"{sentence[:start]}……{sentence[end:]}")
        assert claim.verdict == "differs", claim.claim


@pytest.mark.parametrize(
    "quotation", ["〔" + "甲" * 12 + "〕", "………………………………………", "【" + "某" * 9 + "】……", "[2][3-5][12]①②③"]
)
def test_a_quotation_of_omissions_alone_is_not_found(index: policysearch.Index, quotation: str) -> None:
    assert [claim.verdict for claim in index.verify(f"文中说“{quotation}”。")] in ([], ["not_found"])
