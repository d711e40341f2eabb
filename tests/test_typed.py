"""Queries as typed in a shell: the command with operators, quotes and minus signs of every width."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from conftest import Run

from policysearch import open_index


def ids(output: str) -> list[str]:
    return [json.loads(line)["section_id"] for line in output.splitlines()]


@pytest.mark.parametrize(
    "typed",
    [
        pytest.param(["营商环境", "-疫情"], id="minus"),
        pytest.param(["-疫情", "营商环境"], id="minus first"),
        pytest.param(["营商环境", "－疫情"], id="full-width minus"),
        pytest.param(["营商环境 NOT 疫情"], id="NOT"),
        pytest.param(["营商环境", "AND", "NOT", "疫情"], id="AND NOT"),
        pytest.param(["营商环境　ＮＯＴ　疫情"], id="full-width NOT"),
        pytest.param(["（营商环境", "-疫情）"], id="full-width brackets"),
        pytest.param(["--", "-疫情", "营商环境"], id="after two dashes"),
        pytest.param(["營商環境", "-(疫情", "OR", "疫情)"], id="minus before a bracket"),
    ],
)
def test_every_spelling_finds_the_same(samples_index: Path, run: Run, typed: list[str]) -> None:
    done = run("search", "-i", samples_index, "--format", "jsonl", "-n", "1000", *typed)
    with open_index(samples_index) as index:
        wanted = index.search("营商环境 -疫情", limit=None)
    assert ids(done.stdout) == [hit.section_id for hit in wanted.hits] != []
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("typed", ["“营商环境”", "「营商环境」", "『营商环境』", "＂营商环境＂", '"营商环境"'])
def test_quotes_of_every_kind(samples_index: Path, run: Run, typed: str) -> None:
    done = run("search", "-i", samples_index, "--format", "jsonl", "-n", "1000", typed)
    plain = run("search", "-i", samples_index, "--format", "jsonl", "-n", "1000", "--exact", "营商环境")
    assert ids(done.stdout) == ids(plain.stdout) != []


@pytest.mark.parametrize("typed", ['"a*b', "a\\", "(甲", "NOT", "year:x", "甲 OR"])
def test_exact_takes_everything_literally(samples_index: Path, run: Run, typed: str) -> None:
    done = run("search", "-i", samples_index, "--exact", typed)
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "")


@pytest.mark.parametrize(
    ("typed", "at"),
    [('甲 "a*b', 2), ("营商 - 环境", 4), ("甲 year:x", 7), ("（甲 乙", 0)],
)
def test_an_error_has_a_caret_under_its_place(samples_index: Path, run: Run, typed: str, at: int) -> None:
    done = run("search", "-i", samples_index, typed)
    assert (done.returncode, done.stdout) == (2, "")
    message, line, caret = done.stderr.splitlines()
    assert message.startswith("Error: ")
    assert line == "  " + typed
    columns = sum(1 if c.isascii() else 2 for c in typed[:at])
    assert caret == " " * (2 + columns) + "^"


@pytest.mark.parametrize(
    ("typed", "suggested"),
    [
        pytest.param(["松岑县", "养老服务"], "region:松岑县 养老服务", id="place"),
        pytest.param(["松岑", "养老服务"], "region:松岑 养老服务", id="short place"),
        pytest.param(["松岑县", "星际旅行"], None, id="a place without such hits"),
        pytest.param(["养老服务", "2023年", "“就业”"], "养老服务 year:2023年 “就业”", id="year beside a phrase"),
        pytest.param(["2023年松岑县养老服务的目标是多少？"], "year:2023 region:松岑县 养老服务的目标", id="a run"),
        pytest.param(["2023年松岑县星际旅行有多少？"], None, id="a run without such hits"),
        pytest.param(["松岑2022-2023年养老服务"], "region:松岑 year:2022..2023 养老服务", id="a short place, years"),
        pytest.param(["关于养老服务在松岑县的情况"], "region:松岑县 养老服务 情况", id="a place within"),
        pytest.param(["星际旅行", "数字经济"], None, id="neither"),
        pytest.param(
            ["2023年松岑县政府工作报告中的养老服务"],
            "year:2023 region:松岑县 type:政府工作报告 养老服务",
            id="a report",
        ),
        pytest.param(
            ["松岑县", "政府工作报告", "养老服务"],
            "region:松岑县 type:政府工作报告 养老服务",
            id="reports as a group of their own",
        ),
        pytest.param(["政府工作报告", "星际旅行"], None, id="reports without a place"),
        pytest.param(["松岑县1998年养老服务"], "region:松岑县 1998年养老服务", id="no such year"),
    ],
)
def test_what_was_relaxed_is_said_with_a_filter_for_places_and_years(
    samples_index: Path, run: Run, typed: list[str], suggested: str | None
) -> None:
    done = run("search", "-i", samples_index, "--format", "json", *typed)
    answer = json.loads(done.stdout)
    assert answer["relaxed"] is (answer["read_as"] is None)
    (line,) = done.stderr.splitlines()
    assert line.startswith(("No section has all of these words", "Read as a question"))
    named = re.search(r" Did you mean \(([0-9]+) sections?\): (.*)", line)
    assert (named[2] if named else None) == suggested
    if named:
        found = json.loads(run("search", "-i", samples_index, "--format", "json", named[2]).stdout)
        assert found["total"] == int(named[1]) > 0
    assert line.count(". ") == bool(named)
    assert run("search", "-q", "-i", samples_index, *typed).stderr == ""


def test_a_slip_in_a_filter_option_is_shown_at_its_value(samples_index: Path, run: Run) -> None:
    done = run("search", "-i", samples_index, "环境", "--level", "乡")
    assert done.returncode == 2
    assert done.stderr.splitlines()[1:] == ["  乡", "  ^"]
