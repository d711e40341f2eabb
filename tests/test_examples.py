"""The examples under scripts/ run and give what they say."""

from __future__ import annotations

import csv
import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT, Write, command_environment

EXAMPLES = ROOT / "scripts" / "examples"


@pytest.fixture
def on_path(tmp_path: Path) -> dict[str, str]:
    """An environment in which ``policysearch`` is the program under test."""
    program = tmp_path / "bin" / "policysearch"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m policysearch "$@"\n')
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return command_environment(PATH=f"{program.parent}{os.pathsep}{os.environ['PATH']}")


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_a_batch_from_a_list_of_terms(write: Write, on_path: dict[str, str], samples_index: Path) -> None:
    terms = write("terms.txt", "营商环境\n养老服务 \n“月月评”\n此语不存在\n")
    folder = terms.parent / "out"
    done = subprocess.run(
        [EXAMPLES / "count-terms.sh", terms, folder, "--index", samples_index],
        env=on_path,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    counts = {row["term"]: row for row in table(folder / "counts.csv")}
    hits = table(folder / "hits.csv")
    totals = {int(row["topic_id"]): row["total"] for row in hits}
    assert [totals[number] for number in (1, 2, 3, 4)] == [row["sections"] for row in counts.values()]
    assert counts["此语不存在"]["occurrences"] == "0"
    assert int(counts["“月月评”"]["occurrences"]) > 0
    assert json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["topics"]["read"] == 4


def test_a_panel_of_places_and_years(write: Write, on_path: dict[str, str], samples_index: Path) -> None:
    dictionary = write("dictionary.tsv", "营商\t营商环境\n营商\t投资\n民生\t养老\n民生\t就业\n")
    panel = dictionary.with_name("panel.csv")
    subprocess.run(
        [sys.executable, EXAMPLES / "panel.py", dictionary, panel, samples_index], env=on_path, check=True, timeout=120
    )
    rows = table(panel)
    assert list(rows[0]) == ["region", "year", "documents", "characters", "营商", "民生"]
    assert len(rows) == len({row["region"] for row in rows}) * len({row["year"] for row in rows})
    assert {row["营商"] for row in rows if row["documents"] == "0"} == {"NA"}
    assert any(float(row["民生"]) > 0 for row in rows if row["documents"] != "0")


def test_an_evaluation_of_judged_questions(write: Write, on_path: dict[str, str], samples_index: Path) -> None:
    pytest.importorskip("ir_measures")
    import policysearch

    with policysearch.open_index(samples_index) as index:
        first = index.search("营商环境 月月评", group="document").hits[0].document_id
    topics = write("topics.tsv", "1\t营商环境 月月评\n2\t营商环境\n")
    judgements = write("judged.qrels", f"1 0 {first} 1\n2 0 nothing.txt 1\n")
    done = subprocess.run(
        [sys.executable, EXAMPLES / "judge.py", topics, judgements, samples_index],
        env=on_path,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    measured = dict(line.split("\t") for line in done.stdout.splitlines())
    assert (measured["RR@10"], measured["Success@1"]) == ("0.5000", "0.5000")
