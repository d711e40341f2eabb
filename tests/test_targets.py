"""targets: reports to a table of their aims, with a real index and the real command."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from conftest import Run, build_index

from policysearch import open_index
from policysearch.corpus.targets.target_table import COLUMNS
from policysearch.errors import InputError, QueryError
from policysearch.index import Index

REPORTS = {
    "2025年云岭省政府工作报告.txt": """2025年云岭省政府工作报告

一、2024年工作回顾

过去一年，全省地区生产总值增长5.1%，规上工业增加值增长6.2%，城镇新增就业48万人，居民消费价格上涨0.3%。

二、2025年工作安排

今年是“十四五”规划收官之年，要为“十五五”良好开局打牢基础。综合2024年的情况，主要预期目标是：地区生产总值增长5.5%左右、力争达到6%；规上工业增加值增长7%以上；固定资产投资提质增效；城镇新增就业50万人以上，城镇调查失业率5.5%以内；居民消费价格涨幅2%左右；一般公共预算收入同口径增长3%。粮食产量稳定在252亿斤以上。

一、抓好工业。全年规上工业增加值增长7.5%左右，新增企业300家。

二、扩大消费。社会消费品零售总额增长6%，民间投资增长9%。

三、保障就业。城镇新增就业50万人以上。
""",
    "2026年云岭省政府工作报告.txt": """2026年云岭省政府工作报告

一、2025年和“十四五”工作回顾

2025年，地区生产总值增长5.4%。“十四五”时期，地区生产总值年均增长5.2%，累计新增城镇就业240万人。

二、“十五五”时期的主要目标

到2030年，全社会研发经费投入强度达到2.8%。地区生产总值年均增长5%左右，居民收入翻一番。

三、2026年工作安排

今年经济社会发展主要预期目标：
——地区生产总值增长4.5%—5%，在实际工作中争取更好结果；
——生态环境质量持续改善；
——城乡居民人均可支配收入分别增长5%和6%左右；
——单位地区生产总值能耗降低3%左右。

要全力完成各项任务。
""",
    "2025年松岑市政府工作报告.txt": """2025年松岑市政府工作报告

一、2024年工作回顾

地区生产总值增长4.9%。

二、2025年重点工作

推进工业强市，规模以上工业增加值增长8%，固定资产投资突破120亿元。
""",
    "关于做好就业工作的通知.txt": """松岑市人民政府关于做好2025年就业工作的通知

松政发〔2025〕3号

各区县人民政府：

为做好就业工作，现通知如下。

一、总体要求

今年城镇新增就业2万人以上，城镇调查失业率控制在5.5%以内。

二、工作措施

各地要落实责任。

松岑市人民政府

2025年3月1日
""",
}


def folder_of(texts: Mapping[str, str], folder: Path) -> Path:
    folder.mkdir()
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    work = tmp_path_factory.mktemp("targets")
    return build_index(folder_of(REPORTS, work / "sources"), work / "index")


@pytest.fixture
def index(folder: Path) -> Iterator[Index]:
    with open_index(folder) as opened:
        yield opened


def lines(index: Index, *names: str, **options: object) -> list[str]:
    """Return each row on one line."""
    return [
        " ".join(
            str(part)
            for part in (one.year, one.region, one.horizon, one.indicator, one.figure, one.operator, one.written)
        )
        for one in index.targets(names, **options)  # type: ignore[arg-type]
    ]


def test_the_passage_of_aims_is_read(index: Index) -> None:
    assert [line for line in lines(index) if line.startswith("2025 云岭省")] == [
        "2025 云岭省 2025 地区生产总值 growth about 5.5%左右",
        "2025 云岭省 2025 居民消费价格 growth about 2%左右",
        "2025 云岭省 2025 城镇调查失业率 level at_most 5.5%以内",
        "2025 云岭省 2025 城镇新增就业 level at_least 50万人以上",
        "2025 云岭省 2025 一般公共预算收入 growth exact 3%",
        "2025 云岭省 2025 固定资产投资 growth words 提质增效",
        "2025 云岭省 2025 规模以上工业增加值 growth at_least 7%以上",
        "2025 云岭省 2025 粮食产量 level at_least 252亿斤以上",
    ]


def test_a_row_says_where_it_stands_and_what_else_says_it(index: Index) -> None:
    (one,) = [row for row in index.targets(["规模以上工业增加值"]) if row.region == "云岭省"]
    section = index.show(str(one.section_id))
    assert section is not None
    text = section.stored[0].text
    assert text[one.start : one.end] == "规上工业增加值增长7%以上"
    assert one.sentence is not None
    assert one.sentence.startswith("综合2024年的情况，主要预期目标是：地区生产总值")
    assert one.sentence.endswith("同口径增长3%。")
    assert (one.indicator_as_written, one.words, one.rule) == ("规上工业增加值", "以上", "passage-clause")
    (other,) = one.also
    where, _, place = other.rpartition(":")
    first, _, last = place.partition("-")
    shown = index.show(where)
    assert shown is not None
    assert shown.stored[0].text[int(first) : int(last)] == "规上工业增加值增长7.5%左右"


def test_what_would_be_better_is_no_row_of_its_own(index: Index) -> None:
    one, two, three = index.targets(["GDP"], kinds=["target"])
    assert (one.value, one.stretch, one.stretch_value) == (5.5, "力争达到6%", 6)
    assert (two.value, two.value_high, two.stretch, two.stretch_value) == (4.5, 5, "在实际工作中争取更好结果", None)
    assert (three.horizon, three.value, three.basis) == ("2026-2030", 5, "年均")


def test_numbers_are_in_plain_units_too(index: Index) -> None:
    rows = {row.indicator: row for row in index.targets() if row.year == 2025 and row.region == "云岭省"}
    assert (rows["粮食产量"].value, rows["粮食产量"].unit, rows["粮食产量"].value_si) == (252, "亿斤", 12_600_000)
    assert rows["城镇新增就业"].value_si == 500_000
    (energy,) = index.targets(["能耗强度"])
    assert (energy.value, energy.value_si, energy.operator) == (3, -3, "about")


def test_aims_of_several_years_and_results_are_no_aims_of_the_year(index: Index) -> None:
    annual = {(one.year, one.horizon) for one in index.targets() if "-" not in one.horizon}
    assert annual == {(2025, "2025"), (2026, "2026")}
    several = [line for line in lines(index) if "2026-2030" in line]
    assert several == [
        "2026 云岭省 2026-2030 研发经费投入 share exact 2.8%",
        "2026 云岭省 2026-2030 地区生产总值 growth about 5%左右",
        "2026 云岭省 2026-2030 居民人均可支配收入 growth exact 一番",
    ]
    results = lines(index, "GDP", kinds=["actual"])
    assert results == [
        "2025 云岭省 2024 地区生产总值 growth exact 5.1%",
        "2025 松岑市 2024 地区生产总值 growth exact 4.9%",
        "2026 云岭省 2021-2025 地区生产总值 growth exact 5.2%",
        "2026 云岭省 2025 地区生产总值 growth exact 5.4%",
    ]


def test_a_list_of_aims_goes_on_over_what_is_none(index: Index) -> None:
    assert [line for line in lines(index) if line.startswith("2026 云岭省 2026 ")] == [
        "2026 云岭省 2026 单位地区生产总值能耗 growth about 3%左右",
        "2026 云岭省 2026 地区生产总值 growth range 4.5%—5%",
        "2026 云岭省 2026 城镇居民人均可支配收入 growth about 5%",
        "2026 云岭省 2026 农村居民人均可支配收入 growth about 6%左右",
    ]


def test_what_stands_elsewhere_is_counted_and_read_when_asked_for(index: Index) -> None:
    assert index.targets().elsewhere == 1
    (one,) = index.targets(["社零"], everywhere=True)
    assert (one.operator, one.value, one.rule) == ("exact", 6, "elsewhere-clause")
    assert index.targets(["社零"]).rows == ()


def test_a_report_without_a_passage_is_read_everywhere(index: Index) -> None:
    assert [line for line in lines(index) if "松岑市" in line] == [
        "2025 松岑市 2025 固定资产投资 level more_than 突破120亿元",
        "2025 松岑市 2025 规模以上工业增加值 growth exact 8%",
    ]


def test_fill_says_what_no_report_states(index: Index) -> None:
    rows = {(one.year, one.region): one for one in index.targets(["社零"], fill=True)}
    assert {key: one.operator for key, one in rows.items()} == {
        (2025, "云岭省"): "exact",  # though it stands elsewhere
        (2025, "松岑市"): "none",
        (2026, "云岭省"): "none",
    }
    none = rows[2025, "松岑市"]
    assert (none.value, none.section_id, none.figure, none.horizon) == (None, None, None, "2025")


def test_only_reports_are_read_unless_others_are_asked_for(index: Index) -> None:
    assert index.targets().reports == 3
    found = index.targets(filters={"type": ["通知"]})
    assert found.reports == 1
    assert [(one.indicator, one.operator, one.value) for one in found] == [
        ("城镇调查失业率", "at_most", 5.5),
        ("城镇新增就业", "at_least", 2),
    ]


def test_where_filters_and_documents_select(index: Index) -> None:
    assert {one.region for one in index.targets(filters={"region": ["松岑市"]})} == {"松岑市"}
    assert {one.year for one in index.targets(document=["2026*"])} == {2026}
    assert {one.indicator for one in index.targets(where="量(失业率 <6%)")} >= {"地区生产总值", "城镇调查失业率"}
    assert index.targets(where="没有这样的话").rows == ()
    with pytest.raises(QueryError):
        index.targets(where="(")
    with pytest.raises(InputError, match="Unknown indicator '幸福感'; expected one of: 单位"):
        index.targets(["幸福感"])
    with pytest.raises(InputError, match="Unknown kind 'aim'"):
        index.targets(kinds=["aim"])


def test_frames(index: Index) -> None:
    frame = index.targets().to_frame()
    assert tuple(frame.columns) == COLUMNS
    assert len(frame) == len(index.targets())
    wide = index.targets(["GDP", "城镇新增就业"]).to_frame(wide=True)
    rows = [one.section_id for one in index.targets(everywhere=True, fill=True).rows]
    filled = index.targets(everywhere=True, fill=True).to_frame(wide=True)
    assert None in rows
    assert not filled.duplicated(["year", "region", "horizon", "kind"]).any()
    assert list(wide.columns)[6:] == [
        *("地区生产总值_growth", "地区生产总值_growth_written"),
        *("城镇新增就业_level", "城镇新增就业_level_written"),
    ]
    row = wide[(wide.year == 2025) & (wide.region == "云岭省")].iloc[0]
    assert (row["地区生产总值_growth"], row["城镇新增就业_level_written"]) == (5.5, "50万人以上")


def test_rows_do_not_depend_on_when_their_sources_were_read(folder: Path, tmp_path: Path) -> None:
    from policysearch.engines.opening import open_store
    from policysearch.indexing.refresh import refresh

    sources = folder_of(dict(list(REPORTS.items())[2:]), tmp_path / "sources")
    other = build_index(sources, tmp_path / "index")
    for name, text in REPORTS.items():
        (sources / name).write_text(text, encoding="utf-8")
    refresh(open_store(other), [sources])
    with open_index(folder) as one, open_index(other) as two:
        assert one.targets(everywhere=True, fill=True) == two.targets(everywhere=True, fill=True)


def test_the_command_writes_every_format(folder: Path, index: Index, run: Run, tmp_path: Path) -> None:
    done = run("targets", "-i", folder, "--format", "csv", "--indicator", "经济增长")
    assert (done.returncode, done.stderr) == (0, "")
    head, *rows = csv.reader(io.StringIO(done.stdout))
    assert tuple(head) == COLUMNS
    assert [row[8:12] for row in rows] == [["5.5", "", "%", "5.5"], ["4.5", "5", "%", "4.5"], ["5", "", "%", "5"]]

    found = json.loads(run("targets", "-i", folder, "--format", "json").stdout)
    assert found == index.targets().to_dict()
    as_lines = run("targets", "-i", folder, "--format", "jsonl").stdout.splitlines()
    assert [json.loads(line) for line in as_lines] == found["rows"]

    done = run(
        "targets", "-i", folder, "-o", tmp_path / "wide.tsv", "--wide", "--level", "省级", "--manifest", tmp_path / "m"
    )
    assert (done.returncode, done.stdout) == (0, "")
    assert "1 more target is outside the targets passages; include them with --everywhere." in done.stderr
    with (tmp_path / "wide.tsv").open(encoding="utf-8", newline="") as stream:
        wide = list(csv.DictReader(stream, delimiter="\t"))
    assert [(row["year"], row["horizon"]) for row in wide] == [
        ("2025", "2025"),
        ("2026", "2026"),
        ("2026", "2026-2030"),
    ]
    assert wide[0]["固定资产投资_growth_written"] == "提质增效"
    made_of = json.loads((tmp_path / "m").read_text(encoding="utf-8"))
    assert made_of["options"]["filters"] == {"level": ["省级"]}
    assert made_of["index"]["documents"] == 4


def test_text_is_a_table_of_places_and_years(folder: Path, run: Run) -> None:
    done = run("targets", "-i", folder, "--indicator", "GDP", "--indicator", "规上工业增加值", "--fill", "--quiet")
    assert done.stdout.splitlines() == [
        "地区生产总值 growth",
        "        2025      2026     2026-2030",
        "云岭省  5.5%左右  4.5%—5%  5%左右",
        "松岑市  -",
        "",
        "规模以上工业增加值 growth",
        "        2025    2026",
        "云岭省  7%以上  -",
        "松岑市  8%",
        "",
        "7 rows, 3 reports read",
    ]


def test_indicators_of_a_file(folder: Path, run: Run, tmp_path: Path) -> None:
    (tmp_path / "own.tsv").write_text("民间投资\n新增企业\t新增企业\n", encoding="utf-8")
    done = run(
        *("targets", "-i", folder, "--indicators", tmp_path / "own.tsv", "--format", "csv", "--everywhere"),
        *("--indicator", "民间投资", "--indicator", "新增企业", "--kind", "target"),
    )
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert [(row["indicator"], row["figure"], row["value"], row["unit"]) for row in rows] == [
        ("民间投资", "growth", "9", "%"),
        ("新增企业", "level", "300", "家"),
    ]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--indicator", "幸福感"], "Unknown indicator '幸福感'"),
        (["--kind", "aim"], "Invalid value for '--kind'"),
        (["--where", "量(失业率)"], "Expected a comparison"),
        (["--format", "xlsb"], "Invalid value for '--format'"),
        (["--indicators", "没有.tsv"], "没有.tsv"),
    ],
)
def test_what_is_wrong_is_said(folder: Path, run: Run, arguments: list[str], said: str) -> None:
    done = run("targets", "-i", folder, *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr


AIMS = "地区生产总值增长6%左右；一般公共预算收入增长4%；城镇新增就业3万人以上。居民消费价格涨幅2%左右。"


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(f"今年的主要预期目标是：{AIMS}", id="no headings"),
        pytest.param(f"一、2024年工作回顾\n\n城镇新增就业2.8万人。\n\n主要预期目标为：{AIMS}", id="in the review"),
        pytest.param(f"二、2025年工作\n\n综合2024年的情况，建议主要目标如下：{AIMS}", id="another introduction"),
        pytest.param(f"二、2025年工作\n\n{AIMS}", id="no introduction"),
        pytest.param(
            "二、2025年工作\n\n主要预期目标：\n\n" + AIMS.replace("；", "\n").replace("。", "\n"), id="a line for each"
        ),
        pytest.param(
            "二、2025年工作\n\n预期目标是：\n\n——"
            + AIMS.replace("；", "；\n\n——生态环境质量改善；\n\n——").replace("。居", "。\n\n——居"),
            id="a list with other aims between",
        ),
        pytest.param(
            "二、2025年工作\n\n预期目标是：" + "\n".join(AIMS[i : i + 7] for i in range(0, len(AIMS), 7)), id="broken"
        ),
        pytest.param(
            f"二、2025年工作\n\n今后五年，地区生产总值年均增长5%。今年预期目标是：{AIMS}", id="behind several years"
        ),
    ],
)
def test_the_passage_is_found_however_it_stands(body: str, tmp_path: Path) -> None:
    text = f"2025年松岑市政府工作报告\n\n各位代表：\n\n现在，我代表市人民政府作工作报告。\n\n{body}\n"
    sources = folder_of({"2025年松岑市政府工作报告.txt": text}, tmp_path / "sources")
    with open_index(build_index(sources, tmp_path / "index")) as index:
        rows = [one for one in index.targets() if one.horizon == "2025"]
    assert [(one.indicator, one.operator, one.value, one.rule) for one in rows] == [
        ("地区生产总值", "about", 6, "passage-clause"),
        ("居民消费价格", "about", 2, "passage-clause"),
        ("城镇新增就业", "at_least", 3, "passage-clause"),
        ("一般公共预算收入", "exact", 4, "passage-clause"),
    ]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param(
            "与全国经济增长5%左右的目标相衔接，主要预期目标是：地区生产总值增长6%左右。",
            ["2025 地区生产总值 growth about 6"],
            id="an aim of the nation",
        ),
        pytest.param(
            "主要预期目标是：地区生产总值增长6%。用三年时间，固定资产投资突破1000亿元。到2027年，粮食产量达到20亿斤。",
            [
                "2025 地区生产总值 growth exact 6",
                "2025-2027 固定资产投资 level more_than 1000",
                "2025-2027 粮食产量 level exact 20",
            ],
            id="years to come",
        ),
        pytest.param(
            "主要预期目标是：粮食产量20亿斤。\n\n| 地区生产总值 | 6% | 固定资产投资 | 8% |\n| --- | --- | --- | --- |",
            ["2025 粮食产量 level exact 20"],
            id="cells of a table",
        ),
        pytest.param(
            "今年预期目标是：地区生产总值增长6%。去年地区生产总值增长5.2%，城镇新增就业3万人。",
            ["2025 地区生产总值 growth exact 6"],
            id="last year's results in the passage",
        ),
        pytest.param(
            "主要预期目标是：地区生产总值增长6%。“十五五”时期，地区生产总值年均增长5%；2025年，粮食产量达到20亿斤。",
            [
                "2025 地区生产总值 growth exact 6",
                "2026-2030 地区生产总值 growth exact 5",
                "2025 粮食产量 level exact 20",
            ],
            id="a plan and the year",
        ),
        pytest.param(
            "主要预期目标是：地区生产总值增长6%左右。地区生产总值总量比2020年翻一番。",
            ["2025 地区生产总值 growth about 6", "2026-2030 地区生产总值 growth exact 1"],
            id="since a year long gone",
        ),
    ],
)
def test_times(body: str, expected: list[str], tmp_path: Path) -> None:
    text = f"2025年松岑市政府工作报告\n\n一、2024年工作回顾\n\n工作扎实推进。\n\n二、2025年工作安排\n\n{body}\n"
    sources = folder_of({f"2025年松岑市政府工作报告.{'md' if '|' in body else 'txt'}": text}, tmp_path / "sources")
    with open_index(build_index(sources, tmp_path / "index")) as index:
        found = [f"{one.horizon} {one.indicator} {one.figure} {one.operator} {one.value}" for one in index.targets()]
    assert found == expected
