"""Quotations over the ends of sections and blocks, in texts that many documents have."""

from __future__ import annotations

from random import Random

import pytest
from conftest import build_index

import policysearch
from policysearch import Claim

GOALS = "全面压实安全生产责任，坚决防范和遏制重特大事故发生。"
CHECKS = "重点检查消防设施、疏散通道和应急预案的落实情况，做到不留死角。"
TRAINING = "组织开展岗位练兵和应急演练，提高从业人员的安全意识。"
NOTICE = """第{number}县人民政府关于开展安全检查的通知

县政发〔2023〕{number}号

各乡镇：

一、工作目标

{goals}

二、检查内容

（一）现场检查

{checks}

三、工作要求

各乡镇要在{number}月底前报送检查情况。
"""
PAGE = """# 第{number}县安全生产承诺书

{goals}

{checks}

第{number}县人民政府
"""
MANY = 30


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> policysearch.Index:
    sources = tmp_path_factory.mktemp("sources")
    for number in range(1, MANY + 1):
        checks = TRAINING if number == 17 else CHECKS
        (sources / f"通知{number:02}.txt").write_text(
            NOTICE.format(number=number, goals=GOALS, checks=checks), encoding="utf-8"
        )
        (sources / f"承诺{number:02}.md").write_text(
            PAGE.format(number=number, goals=GOALS, checks=TRAINING if number == 23 else CHECKS), encoding="utf-8"
        )
    return policysearch.open_index(build_index(sources, tmp_path_factory.mktemp("index")))


def quoted(index: policysearch.Index, quotation: str) -> Claim:
    (claim,) = index.verify(f"文中说“{quotation}”。")
    return claim


@pytest.mark.parametrize(
    ("quotation", "document"),
    [
        ("坚决防范和遏制重特大事故发生。二、检查内容（一）现场检查 重点检查消防设施", None),
        ("坚决防范和遏制重特大事故发生。\n二、检查内容\n（一）现场检查\n组织开展岗位练兵", "通知17.txt"),
        ("提高从业人员的安全意识。三、工作要求各乡镇要在17月底前", "通知17.txt"),
        ("做到不留死角。三、工作要求各乡镇要在29月底前报送", "通知29.txt"),
        ("一、工作目标\n全面压实安全生产责任，坚决防范和遏制重特大事故发生。\n二、检查内容", None),
        ("坚决防范和遏制重特大事故发生。组织开展岗位练兵和应急演练", "承诺23.md"),
        ("坚决防范和遏制重特大事故发生。\n\n重点检查消防设施、疏散通道", None),
        ("坚决防范和遏制重特大事故发生。……（一）现场检查组织开展岗位练兵", "通知17.txt"),
    ],
)
def test_a_quotation_over_sections_is_found_in_any_number_of_documents(
    index: policysearch.Index, quotation: str, document: str | None
) -> None:
    claim = quoted(index, quotation)
    assert claim.verdict in ("verbatim", "folded")
    if document:
        assert claim.section_id is not None
        assert claim.section_id.startswith(document)


@pytest.mark.parametrize(
    ("quotation", "document"),
    [
        ("坚决防范和遏制重特大事故发生。组织开展岗位练兵和应急演习", "承诺23.md"),
        ("提高从业人员的安全意识。各乡镇要在17月底前报送检查情况", "通知17.txt"),
        ("做到不留死角。三、工作要求各乡镇要在29月底前报告检查", "通知29.txt"),
    ],
)
def test_a_change_or_a_heading_left_out_differs_from_the_right_document(
    index: policysearch.Index, quotation: str, document: str
) -> None:
    claim = quoted(index, quotation)
    assert claim.verdict == "differs"
    assert claim.section_id is not None
    assert claim.section_id.startswith(document)


def test_any_quotation_over_sections(index: policysearch.Index) -> None:
    """True ones are found wherever they begin and end; altered ones are never word for word."""
    chance = Random(11)
    for _ in range(100):
        number = chance.randint(1, MANY)
        checks = TRAINING if number == 17 else CHECKS
        whole = f"{GOALS}\n二、检查内容\n（一）现场检查\n{checks}\n三、工作要求\n各乡镇要在{number}月底前报送检查情况。"
        border = chance.choice([len(GOALS), len(GOALS) + 8, whole.index("三、") - 1])
        start = max(0, border - chance.randint(3, 20))
        quotation = whole[start : border + chance.randint(10, 30)].strip()
        claim = quoted(index, quotation)
        assert claim.verdict in ("verbatim", "folded"), quotation
        at = chance.randrange(1, len(quotation) - 2)
        if quotation[at].isalpha():
            altered = f"{quotation[:at]}某{quotation[at + 1 :]}"
            assert quoted(index, altered).verdict in ("differs", "not_found"), altered
