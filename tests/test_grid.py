"""Tables in text: aligned, as wide as the lines may be, and silent about nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import Run, build_index
from hypothesis import given
from hypothesis import strategies as st

from policysearch.output.grid import GridColumn, grid_lines
from policysearch.output.terminal import Style, filled, shortened, shortened_front, width

PLAIN = Style(False)
NAMES = ["营商环境", "人工智能", "减税"]
NUMBERS = ["52", "1,204", "5"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index of reports of two places in 2019 and 2024."""
    root = tmp_path_factory.mktemp("grid")
    for year, text in ((2019, "发展低空经济，优化营商环境。推进改革。"), (2024, "推进创新药研发，优化营商环境。" * 9)):
        for place in ("甘肃省", "海南省", "上海市"):
            title = f"{year}年{place}政府工作报告"
            (root / f"{title}.txt").write_text(f"{title}\n\n一、重点任务\n\n{text}\n", encoding="utf-8")
    return build_index(root, tmp_path_factory.mktemp("index") / "index")


def lines(columns: list[GridColumn], room: int) -> list[str]:
    return list(grid_lines(columns, PLAIN, room))


def test_chinese_and_numbers_stand_in_columns() -> None:
    table = [GridColumn("term", NAMES, left=True, name=True), GridColumn("times", NUMBERS)]
    assert lines(table, 80) == [
        "term      times",
        "营商环境     52",
        "人工智能  1,204",
        "减税          5",
    ]


def test_headings_are_broken_where_one_line_is_too_wide() -> None:
    table = [GridColumn("term", NAMES, left=True, name=True), GridColumn("log-likelihood", NUMBERS)]
    assert lines(table, 20)[:2] == ["                log-", "term      likelihood"]


def test_the_least_important_columns_are_left_out_and_named() -> None:
    table = [
        GridColumn("term", NAMES, left=True, name=True),
        GridColumn("times", NUMBERS),
        GridColumn("expected", NUMBERS, least=1),
        GridColumn("cautious", NUMBERS, least=2),
    ]
    assert lines(table, 30)[0].split() == ["term", "times", "expected"]
    assert " ".join(lines(table, 30)).endswith(" not shown for lack of room: cautious")
    assert " ".join(lines(table, 20)).endswith(" not shown for lack of room: expected, cautious")
    assert "not shown" not in "".join(lines(table, 80))


def test_columns_that_must_stay_stand_in_tables_below_each_other() -> None:
    table = [GridColumn("year", ["2024", "2025"], name=True), *(GridColumn(name, ["1", "2"]) for name in "甲乙丙丁")]
    assert lines(table, 12) == [
        *("year  甲  乙", "2024   1   1", "2025   2   2", ""),
        *("year  丙  丁", "2024   1   1", "2025   2   2"),
    ]


@given(st.lists(st.text("ab营商环境…", max_size=40), min_size=1, max_size=4), st.integers(40, 120), st.integers(0, 12))
def test_no_line_is_wider_than_the_room(names: list[str], room: int, many: int) -> None:
    figures = [GridColumn(f"number {at}", ["1,234.56"] * len(names), least=at % 3) for at in range(many)]
    found = lines([GridColumn("document", names, left=True, name=True), *figures], room)
    assert all(width(line) <= room for line in found)


@pytest.mark.parametrize("columns", range(1, 14))
def test_a_text_is_shortened_to_the_columns(columns: int) -> None:
    text = "优化营商环境a"
    assert width(shortened(text, columns)) <= columns
    assert width(shortened_front(text, columns)) <= columns
    assert shortened(text, 13) == shortened_front(text, 13) == text
    if columns < 13:
        assert text.startswith(shortened(text, columns)[:-1])
        assert text.endswith(shortened_front(text, columns)[1:])


def test_numbers_are_not_divided_at_line_ends() -> None:
    assert filled(["8 documents,", "810,653 Han characters"], 24) == ["8 documents,", "810,653 Han characters"]
    assert filled([], 24) == []


@pytest.mark.parametrize(
    "arguments",
    [
        ["keywords", "--where", "year:2024", "--against", "year:2019"],
        ["words"],
        ["collocates", "营商环境", "--min-together", "1"],
        ["trend", "改革", "没有的词"],
        ["matrix", "改革", "发展", "优化营商环境", "没有的词", "长江", "创新", "营商环境", "经济"],
        ["matrix", "改革", "发展", "--by", "region,year"],
    ],
)
def test_tables_fit_the_lines(folder: Path, run: Run, arguments: list[str]) -> None:
    text = run(*arguments, "-i", folder).stdout
    assert max(map(width, text.splitlines())) <= 80
    assert "False" not in text
    assert "Han characters" in " ".join(text.split())


def test_small_probabilities_are_given_as_papers_do(folder: Path, run: Run) -> None:
    arguments = ("keywords", "--where", "year:2024", "--against", "year:2019", "-i", folder)
    rows = run(*arguments, "--format", "csv").stdout.splitlines()[1:]
    text = run(*arguments).stdout
    small = sum(float(row.split(",")[7]) < 0.001 for row in rows)
    assert text.count("<.001") == small


def test_a_trend_in_text_names_the_first_and_leaves_out_years_without_documents(folder: Path, run: Run) -> None:
    text = run("trend", "创新药", "不会有", "-i", folder).stdout
    first, second = text.split("不会有\n")
    assert "first used 2024" in first
    assert [line.split()[0] for line in first.splitlines() if line[:2] == "20"] == ["2019", "2024"]
    assert second.startswith("    does not occur\n")
    assert "4 years without documents left out;" in second
    rows = run("trend", "创新药", "-i", folder, "--format", "csv").stdout.splitlines()
    assert len(rows) == 1 + 6
