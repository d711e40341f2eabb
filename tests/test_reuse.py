"""Passages that documents share."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from conftest import Run, Write, build_index
from hypothesis import given, settings
from hypothesis import strategies as st

import policysearch
from policysearch.quoting.reuse import Passage, _spans

A = (
    "甲市关于渡口的通知\n一、要求\n"
    "各渡口应当配备救生衣和救生圈，并在醒目的地方公告开航时间。\n二、检查\n每月检查一次。\n"
)
B = (
    "乙市关于码头的通知\n一、总体要求\n"
    "请做好工作。各渡口应当配备救生衣和救生圈，并在醒目的 地方公告开航时间，违者通报。\n"
)
C = "丙市关于安全的通知\n一、措施\n各码头、各渡口应当配备救生衣和救生圈，不得遗漏。\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    sources = tmp_path_factory.mktemp("sources")
    for name, text in {"a": A, "a2": A, "b": B, "c": C}.items():
        (sources / f"{name}.txt").write_text(text, encoding="utf-8")
    return build_index(sources, tmp_path_factory.mktemp("index"))


@pytest.fixture(scope="module")
def index(folder: Path) -> policysearch.Index:
    return policysearch.open_index(folder)


def told(found: policysearch.Reuse) -> list[tuple[str, int, int, tuple[str, ...]]]:
    return [(one.text, one.characters, one.documents, one.document_ids) for one in found]


def test_passages_are_as_long_as_can_be_and_say_in_how_many_they_stand(index: policysearch.Index) -> None:
    whole = "各渡口应当配备救生衣和救生圈，并在醒目的地方公告开航时间"
    found = index.reuse("a.txt")
    assert told(found) == [
        (whole, 28, 1, ("b.txt",)),
        ("各渡口应当配备救生衣和救生圈，", 15, 2, ("b.txt", "c.txt")),
    ]
    for one in found:
        shown = index.show(one.section_id)
        assert shown is not None
        assert shown.sections[0]["text"][one.start : one.end] == one.text
    assert told(index.reuse("a.txt", ["c*"])) == [("各渡口应当配备救生衣和救生圈，", 15, 1, ("c.txt",))]
    assert told(index.reuse("a.txt", min_length=20)) == [(whole, 28, 1, ("b.txt",))]
    assert told(index.reuse("a.txt", where="通报")) == [(whole, 28, 1, ("b.txt",))]
    assert told(index.reuse(["b.txt", "c.txt"]))[0][3] == ("a.txt", "a2.txt")


def test_no_passage_is_within_another_of_the_same_documents(write: Write, tmp_path: Path) -> None:
    birds = "加强候鸟迁飞通道保护，开展水鸟同步调查，发布年度监测报告。"
    wetlands = "建立健全湿地分级管理体系，严格控制开发强度。"
    texts = {
        "a": f"甲县的意见\n\n一、任务\n\n保护候鸟。{birds}\n\n二、保障\n\n{wetlands}{birds}\n",
        "b": f"乙县的意见\n\n一、工作\n\n{birds}\n\n二、其他\n\n{wetlands}{birds}\n",
        "c": f"丙县的意见\n\n一、要求\n\n严格控制开发强度。{birds}\n",
        "d": f"丁县的意见\n\n一、重点\n\n保护候鸟。{birds}\n",
    }
    for name, text in texts.items():
        write(f"sources/{name}.txt", text)
    with policysearch.open_index(build_index(tmp_path / "sources", tmp_path / "index")) as index:
        found = index.reuse("a.txt")
    assert [(one.section_id, one.start) for one in found] == sorted((one.section_id, one.start) for one in found)
    for one in found:
        within = [
            other
            for other in found
            if other.section_id == one.section_id and other.start <= one.start and one.end <= other.end and other != one
        ]
        assert all(set(other.document_ids) < set(one.document_ids) for other in within)
    assert {one.document_ids for one in found if birds.rstrip("。") in one.text} >= {("b.txt", "c.txt", "d.txt")}


def test_wrong_arguments(index: policysearch.Index) -> None:
    with pytest.raises(policysearch.InputError, match=r"none\.txt"):
        index.reuse("none.txt")
    with pytest.raises(policysearch.InputError, match="15"):
        index.reuse("a.txt", min_length=14)


def test_formats(run: Run, folder: Path, index: policysearch.Index) -> None:
    expected = index.reuse("a.txt").to_dict()
    assert json.loads(run("reuse", "--of", "a.txt", "-i", folder, "--format", "json").stdout) == expected
    rows = list(csv.DictReader(io.StringIO(run("reuse", "--of", "a.txt", "-i", folder, "--format", "csv").stdout)))
    assert [row["document_ids"] for row in rows] == ["b.txt", "b.txt c.txt"]
    assert list(rows[0]) == list(Passage.__match_args__)
    said = run("reuse", "--of", "a.txt", "-i", folder)
    assert said.stdout.splitlines()[-1] == "2 passages"
    assert run("reuse", "--of", "none", "-i", folder).returncode == 2


@settings(max_examples=50)
@given(st.text("甲乙丙", max_size=60), st.text("甲乙丙", max_size=60))
def test_spans_are_all_that_two_texts_share(a: str, b: str) -> None:
    places: dict[str, list[tuple[int, int]]] = {}
    for at in range(len(a) - 7):
        places.setdefault(a[at : at + 8], []).append((0, at))
    found = {(start, end) for _, start, end in _spans([a], b, places, 15)}
    shared = {(i, j) for i in range(len(a)) for j in range(i + 15, len(a) + 1) if a[i:j] in b}
    assert all(a[start:end] in b for start, end in found)
    assert all(any(low <= i and j <= high for low, high in found) for i, j in shared)


def test_lines_of_dots_are_not_compared_with_each_other(write: Write, tmp_path: Path) -> None:
    for name in ("a", "b"):
        write(f"sources/{name}.txt", f"关于目录的通知{name}\n第一章{'.' * 20_000}1\n")
    with policysearch.open_index(build_index(tmp_path / "sources", tmp_path / "index")) as index:
        assert len(index.reuse("a.txt")) < 5
