"""Figures of drafts: in quotation marks that are too short for a quotation, and next to the name of a source."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import Run, Write, build_index

import policysearch

NOTICE = """云麓省人民政府关于促进湿地旅游健康发展的通知

云政发〔2024〕6号

各市人民政府：

一、总体要求

到2027年全省湿地旅游收入达到1.5万亿元，接待游客人次年均增长15.2%左右。湿地保护率不低于55%。

二、处罚标准

擅自填埋湿地的，处五万元以上二十万元以下罚款。湿地污染面积比上年下降3.4%，湿地巡护里程比上年增长8.1%。

云麓省人民政府
2024年4月2日
"""
OTHER = NOTICE.replace("湿地旅游", "渔业经济").replace("6号", "7号").replace("1.5万", "9.9万").replace("15.2%", "5.2%")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> object:
    sources = tmp_path_factory.mktemp("sources")
    (sources / "旅游.txt").write_text(NOTICE, encoding="utf-8")
    (sources / "渔业.txt").write_text(OTHER, encoding="utf-8")
    return build_index(sources, tmp_path_factory.mktemp("index"))


@pytest.fixture(scope="module")
def index(folder: str) -> policysearch.Index:
    return policysearch.open_index(folder)


NAME = "《关于促进湿地旅游健康发展的通知》"


@pytest.mark.parametrize(
    ("quotation", "verdict"),
    [
        ("达到1.5万亿元", "verbatim"),
        ("达到1.5萬億元", "folded"),
        ("达到1.6万亿元", "differs"),
        ("为9.9万亿元", "not_found"),
        ("增长15.2%", "verbatim"),
        ("5.2%", "not_found"),
        ("增长5.2%", "not_found"),
        ("15.2%左右", "verbatim"),
        ("1.5万", "not_found"),
        ("不低于65%", "not_found"),
    ],
)
def test_a_short_figure_is_compared_with_the_named_source(
    index: policysearch.Index, quotation: str, verdict: str
) -> None:
    for draft in (f"{NAME}提出“{quotation}”的目标。", f"目标是“{quotation}”（{NAME}）。"):
        (claim,) = (claim for claim in index.verify(draft).marked() if claim.kind == "quote")
        assert claim.verdict == verdict
        assert claim.raises() == (verdict not in ("verbatim", "folded"))


def test_what_is_not_compared_is_counted(index: policysearch.Index) -> None:
    found = index.verify("深化“放管服”改革，推进“一网通办”，“增长5.2%”左右，某某《公路条例》提出“增长6%”。")
    assert [(claim.kind, claim.claim, claim.verdict) for claim in found.uncompared] == [
        ("quote", "增长5.2%", "not_compared"),
        ("quote", "增长6%", "not_compared"),
    ]
    assert (found.not_compared, found.to_dict()["not_compared"]) == (4, 4)
    assert "4 not compared" in found.summary()
    assert not found.raised(strict=True)
    assert "not_compared" not in {claim.verdict for claim in found}
    assert [one["claim"] for one in found.to_dict()["uncompared"]] == ["增长5.2%", "增长6%"]
    assert index.verify("没有引号的句子。").not_compared == 0


@pytest.mark.parametrize(
    ("stated", "verdict", "notable"),
    [
        ("到2027年湿地旅游收入达到1.5万亿元", "found", ()),
        ("到2027年湿地旅游收入达到15000亿元", "found", ()),
        ("到2027年湿地旅游收入达到1.6万亿元", "differs", ("1.6万亿元 → 1.5万亿元",)),
        ("游客人次年均增长15.2%左右", "found", ()),
        ("游客人次年均增长15.2%", "differs", ("15.2% → 15.2%左右",)),
        ("湿地保护率不低于50%", "differs", ("不低于50% → 不低于55%",)),
        ("湿地污染面积比上年下降3.4%", "found", ()),
        ("湿地污染面积比上年增长3.4%", "differs", ("3.4% → 下降3.4%",)),
        ("湿地污染面积比上年下降8.1%", "differs", ("8.1% → 3.4%",)),
        ("擅自填埋湿地的，处五万元以上罚款", "found", ()),
        ("擅自填埋湿地的，处六万元以上罚款", "differs", ("六万元以上 → 五万元以上",)),
        ("某县新建观鸟塔12座", "not_compared", ()),
        ("全市投资增长8.1%", "not_compared", ()),
    ],
)
def test_a_figure_next_to_a_source(
    index: policysearch.Index, stated: str, verdict: str, notable: tuple[str, ...]
) -> None:
    for draft in (f"{NAME}提出，{stated}。", f"云政发〔2024〕6号提出，{stated}，并作部署。"):
        (claim,) = (claim for claim in index.verify(draft).marked() if claim.kind == "figure")
        assert (claim.verdict, claim.notable) == (verdict, notable)
        assert draft[claim.start : claim.end] == claim.claim
        assert claim.raises() == (verdict == "differs")


def test_figures_without_a_source_of_the_index_are_no_claims(index: policysearch.Index) -> None:
    for draft in (
        "全省湿地旅游收入达到1.6万亿元。",
        f"{NAME}已经印发。全省湿地旅游收入达到1.6万亿元。",
        "《公路条例》提出，湿地旅游收入达到1.6万亿元。",
        f"{NAME}于2024年4月2日印发，共3章12条。",
        f"{NAME}提出“到2027年全省湿地旅游收入达到1.5万亿元”。",
    ):
        assert [claim.claim for claim in index.verify(draft).marked() if claim.kind == "figure"] == []


def test_figures_in_every_format(run: Run, folder: str, write: Write) -> None:
    write("draft.md", f"{NAME}提出，到2027年湿地旅游收入达到1.6万亿元，“放管服”，某县有塔12座。\n")
    text = run("verify", "draft.md", "-i", folder)
    assert text.returncode == 1
    assert "1.6万亿元 → 1.5万亿元" in text.stdout
    assert "2 not compared" in text.stdout
    html = run("verify", "draft.md", "-i", folder, "--format", "html").stdout
    assert "未比对 not_compared" in html
    assert "数字 figure" in html
    assert "另有 2 处未比对" in html


REPORT = """2024年{place}政府工作报告

——2024年1月10日在{place}第九届人民代表大会第四次会议上

{place}市长　钟岚

各位代表：

现在，我代表市人民政府，向大会报告工作，请予审议。

一、回顾

地区生产总值增长0.1%；固定资产投资增长18.3%，连续25个月保持两位数增长；社会消费品零售总额增长4.6%；城乡居民收入分别增长3.8%、6.3%。

二、安排

今年的目标是：地区生产总值增长6%左右，固定资产投资增长15%左右，一般公共预算收入增长3%左右。
"""


@pytest.fixture
def reports(write: Write, tmp_path: Path) -> Iterator[policysearch.Index]:
    write("docs/a.txt", REPORT.format(place="澜泽市"))
    write("docs/b.txt", REPORT.replace("4.6%", "8.8%").format(place="竹榭市"))
    with policysearch.open_index(build_index(tmp_path / "docs", tmp_path / "index")) as index:
        yield index


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("地区生产总值增长0.1%", {}),
        ("地区生产总值增长6%左右", {}),
        ("地区生产总值增长6%", {"6%": "6% → 6%左右"}),
        ("地区生产总值增长7%", {"7%": "7% → 0.1%"}),
        ("地区生产总值增长0.1%、固定资产投资增长18.3%、社会消费品零售总额增长4.7%", {"4.7%": "4.7% → 4.6%"}),
        ("城乡居民收入分别增长3.8%、6.3%", {}),
        ("城乡居民收入分别增长6.3%、3.8%", {"6.3%": "6.3% → 3.8%", "3.8%": "3.8% → 6.3%"}),
        ("一般公共预算收入增长3%左右", {}),
    ],
)
def test_a_figure_is_compared_with_the_one_of_the_same_words(
    reports: policysearch.Index, said: str, told: dict[str, str]
) -> None:
    found = reports.verify(f"澜泽市2024年政府工作报告（澜政发〔2024〕9号）提出，{said}。")
    figures = [claim for claim in found if claim.kind == "figure"]
    assert {claim.claim: claim.notable[0] for claim in figures if claim.verdict == "differs"} == told
    assert sum(claim.verdict == "found" for claim in figures) == said.count("%") - len(told)


RESULTS = """2024年汀岸市政府工作报告

——2024年1月12日在汀岸市第三届人民代表大会第四次会议上

汀岸市市长　陆汀

各位代表：

现在，我代表市人民政府，向大会报告工作，请予审议。

一、2023年工作回顾

全市生产总值达到1203.4亿元，增长5.8%；一般公共预算收入增长4.1%；城镇新增就业4.8万人。

二、2024年工作安排

今年的目标是：地区生产总值增长6%左右，一般公共预算支出增长2.2%，城镇新增就业5万人以上。
"""


@pytest.mark.parametrize(
    ("said", "verdict"),
    [
        ("地区生产总值增长5.8%", "found"),
        ("2023年全市生产总值增长5.8%", "found"),
        ("生产总值增长6%左右", "found"),
        ("地区生产总值增长5.9%", "differs"),
        ("一般公共预算支出增长4.1%", "differs"),
        ("一般公共预算收入增长4.1%", "found"),
        ("农村新增就业4.8万人", "not_compared"),
    ],
)
def test_results_and_targets_of_one_indicator_are_told_apart(
    write: Write, tmp_path: Path, said: str, verdict: str
) -> None:
    write("docs/a.txt", RESULTS)
    with policysearch.open_index(build_index(tmp_path / "docs", tmp_path / "index")) as index:
        found = index.verify(f"2024年汀岸市政府工作报告提出，{said}。")
        (claim,) = (claim for claim in found.marked() if claim.kind == "figure")
        assert claim.verdict == verdict, claim.notable


def test_a_figure_of_any_of_several_reports_is_not_compared(reports: policysearch.Index) -> None:
    for draft in ("2024年政府工作报告提出，社会消费品零售总额增长8.8%。", "今年的政府工作报告提出“增长8.8%”。"):
        found = reports.verify(draft)
        assert [claim.verdict for claim in found.uncompared] == ["not_compared"]
        assert not [claim for claim in found if claim.kind in ("figure", "quote")]
    both = reports.verify("澜泽市2024年政府工作报告和竹榭市2024年政府工作报告提出，社会消费品零售总额增长8.8%。")
    assert [claim.verdict for claim in both if claim.kind == "figure"] == ["found"]


def test_small_numbers_in_names_are_no_figures(index: policysearch.Index) -> None:
    found = index.verify(f"深刻领悟“两个确立”，落实“八项规定”和“三支点”。{NAME}提出四个自信、五大任务和三项机制。")
    assert not found.uncompared
    assert found.not_compared == 3


YEARS = """2024年乌海市政府工作报告

一、2023年工作回顾

2023年，全市松苗产值增长6.2%，松果加工收入增长8.1%，新建苗圃12座，总造价30亿元的松塔工程开工。2022年松苗产值增长4.5%。
在2021年松塔产量增长3%的基础上，松塔产量增长7%。总造价18亿元的松针工程完工。

二、2024年工作安排

主要预期目标是：松苗产值增长5%左右，松果加工收入增长6%。
"""


@pytest.mark.parametrize(
    ("claim", "verdict", "notable"),
    [
        ("2023年松苗产值增长6.2%", "found", ()),
        ("2022年松苗产值增长4.5%", "found", ()),
        ("2022年松苗产值增长6.2%", "differs", ("6.2% → 4.5%",)),
        ("2023年松苗产值增长4.5%", "differs", ("4.5% → 2022年4.5%",)),
        ("2021年松果加工收入增长8.1%", "differs", ("8.1% → 2023年8.1%",)),
        ("2024年松苗产值增长5%左右", "found", ()),
        ("2023年比2022年松果加工收入增长8.1%", "found", ()),
        ("2023年松塔产量增长7%", "found", ()),
        ("总造价30亿元的松塔工程开工", "found", ()),
        ("总造价18亿元的松针工程完工", "found", ()),
    ],
)
def test_a_figure_of_another_year_differs(tmp_path: Path, claim: str, verdict: str, notable: tuple[str, ...]) -> None:
    (tmp_path / "a.txt").write_text(YEARS, encoding="utf-8")
    with policysearch.open_index(build_index(tmp_path, tmp_path / "index")) as index:
        for says in ("指出，", "提出："):
            made = index.verify(f"《2024年乌海市政府工作报告》{says}{claim}。")
            assert [(one.verdict, one.notable) for one in made if one.kind == "figure"] == [(verdict, notable)]
