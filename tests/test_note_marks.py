"""Marks of notes and page numbers in quotations: they make none altered, and hide no alteration."""

from __future__ import annotations

from random import Random

import pytest
from conftest import build_index
from hypothesis import given
from hypothesis import strategies as st

import policysearch
from policysearch import Claim
from policysearch.quoting.note_marks import note_spans, readings_of, with_spaces

NOTICE = """云麓省人民政府关于促进湿地旅游健康发展的通知

云政发〔2024〕6号

各市人民政府：

一、总体要求

到2027年全省湿地旅游收入达到1200亿元，年均增长5.2%左右，湿地公园面积达到350km²，其中核心区占三成。

二、主要任务

（一）完善设施。湿地经营者应当每季度报告一次水质情况，并保存监测记录三年。

（二）强化保障。具体任务：①编制规划；②培训人员；③开展监测。

第
三
方评估每年一次。

云麓省人民政府
2024年4月2日
"""


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> policysearch.Index:
    sources = tmp_path_factory.mktemp("sources")
    (sources / "通知.txt").write_text(NOTICE, encoding="utf-8")
    return policysearch.open_index(build_index(sources, tmp_path_factory.mktemp("index")))


def quoted(index: policysearch.Index, draft: str) -> Claim:
    (claim,) = (claim for claim in index.verify(draft) if claim.kind == "quote")
    return claim


@pytest.mark.parametrize(
    "quotation",
    [
        "湿地经营者应当每季度报告一次水质情况[2]，并保存监测记录三年",
        "湿地经营者应当每季度报告一次水质情况〔2〕，并保存监测记录三年[2-3]",
        "湿地经营者应当每季度报告一次水质情况［1，3］，并保存监测记录三年",
        "湿地经营者应当每季度报告一次水质情况①，并保存监测记录三年②",
        "湿地经营者²应当每季度报告一次水质情况¹²",
        "湿地经营者应当每季度报告一次水质情况（见注3），并保存监测记录三年",
        "湿地经营者应当每季度报告一次水质情况[注2]，并保存监测记录三年（注①）",
        "湿地经营者应当每季度报告一次水质情况[^1]，并保存监测记录三年",
        "湿地经营者应当每季度报告一次水质情况<sup>[4]</sup>，并保存监测记录三年",
        "年均增长5.2%[3]左右",
        "年均增长5.2³%左右，湿地公园",
        "年均增长5.2<sup>3</sup>%左右，湿地公园",
        "湿地公园面积达到350km<sup>2</sup>，其中核心区",
        "全省湿地旅游收入达到1200[2]亿元",
        "具体任务：①编制规划；②培训人员",
        "湿地公园面积达到350km²，其中核心区",
        "到2027年全省湿地旅游收入达到1200亿元，\n7\n年均增长5.2%左右",
    ],
)
def test_marks_of_notes_alter_nothing(index: policysearch.Index, quotation: str) -> None:
    claim = quoted(index, f"文中说“{quotation}”。")
    assert claim.verdict in ("verbatim", "folded")
    assert claim.changes == ()


@pytest.mark.parametrize(
    "quotation",
    [
        pytest.param("湿地经营者应当[2]报告一次水质情况", id="words left out"),
        pytest.param("湿地经营者应当①报告一次水质情况", id="words left out at a circled number"),
        pytest.param("湿地经营者应当每年[2]报告一次水质情况", id="another word"),
        pytest.param("年均增长[1]5.2%左右，湿地公园", id="a digit before a figure"),
        pytest.param("年均增长¹5.2%左右，湿地公园", id="a small digit before a figure"),
        pytest.param("年均增长5³.2%左右，湿地公园", id="a small digit in a figure"),
        pytest.param("湿地公园面积达到350km³，其中核心区", id="another unit"),
        pytest.param("具体任务：②编制规划；①培训人员", id="other numbers of items"),
        pytest.param("具体任务：①编制规划；③培训人员", id="a wrong number of an item"),
        pytest.param("到2027年全省湿地旅游收入达到\n3\n1200亿元", id="a digit on a line of its own"),
        pytest.param("到2027年全省湿地旅游收入达到\n120\n亿元，年均增长", id="another figure on a line"),
    ],
)
def test_marks_of_notes_hide_nothing(index: policysearch.Index, quotation: str) -> None:
    claim = quoted(index, f"文中说“{quotation}”。")
    assert claim.verdict in ("differs", "not_found")
    if claim.changes:
        assert "".join(step.a for step in claim.changes) == claim.claim == quotation
        assert "".join(step.b for step in claim.changes) == claim.source_text


def test_marks_of_notes_are_no_changes(index: policysearch.Index) -> None:
    claim = quoted(index, "“湿地经营者[1]应当每月报告一次水质情况②，并保存监测记录[3-5]三年³”")
    assert (claim.verdict, claim.notable) == ("differs", ("月 → 季度",))


@pytest.mark.parametrize("mark", ["[1]", "①", "²", "（见注3）", "<sup>2</sup>"])
def test_a_source_is_named_over_marks_of_notes(index: policysearch.Index, mark: str) -> None:
    title = "《关于促进湿地旅游健康发展的通知》"
    for draft in (
        f"“湿地经营者应当每季度报告一次水质情况”{mark}（{title}）",
        f"{title}{mark}要求“湿地经营者应当每季度报告一次水质情况”",
        f"{title}{mark}（云政发〔2024〕6号）{mark}要求“湿地经营者应当每季度报告一次水质情况{mark}”{mark}",
        f"{title}{mark}二、（一）要求“湿地经营者应当每季度报告一次水质情况{mark}”",
    ):
        found = index.verify(draft)
        assert (quoted(index, draft).verdict, quoted(index, draft).attribution) == ("verbatim", "right")
        assert not found.raised()
        if "<" not in mark:
            assert [draft[claim.start : claim.end] for claim in found] == [claim.claim for claim in found]


def test_notes_anywhere(index: policysearch.Index) -> None:
    """Marks at any place of a sentence leave it word for word; in place of words they never do."""
    chance = Random(7)
    sentence = "湿地经营者应当每季度报告一次水质情况，并保存监测记录三年"
    marks = ("[1]", "[2-3]", "〔4〕", "²", "（注5）", "<sup>6</sup>", "[^7]")
    for _ in range(150):
        at = chance.randint(1, len(sentence) - 1)
        mark = chance.choice(marks)
        claim = quoted(index, f"“{sentence[:at]}{mark}{sentence[at:]}”")
        assert claim.verdict == "verbatim", claim.claim
        dropped = chance.randint(1, 4)
        at = chance.randint(4, len(sentence) - 8)
        claim = quoted(index, f"“{sentence[:at]}{mark}{sentence[at + dropped :]}”")
        assert claim.verdict in ("differs", "not_found"), claim.claim


@given(st.text(alphabet="甲乙[]〔〕()（）注见①²^1230-，；：\n<sup>/ kmM%", max_size=60))
def test_readings_leave_out_only_spans(text: str) -> None:
    assert len(with_spaces(text)) == len(text)
    assert all(0 < start < end <= len(text) for start, end in note_spans(text))
    for reading, spans in readings_of(text):
        assert len(reading) == len(text) - sum(end - start for start, end in spans)
