"""The benchmark measures every row, on very little text."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ALL, ROOT, SOURCES

pytestmark = pytest.mark.one_python

SMALL = "--megabytes 0.2 --growth 0.4 --large 0.3 --rounds 1 --cold-rounds 1 --updates 2 --queries 20 --phrases 30 "
SMALL += "--sizes 0.2 --no-install"


@pytest.fixture
def imported(monkeypatch: pytest.MonkeyPatch) -> None:
    """The modules of the benchmark can be imported."""
    monkeypatch.syspath_prepend(ROOT / "scripts")


def benchmark(*arguments: object) -> str:
    program = (sys.executable, ROOT / "scripts" / "benchmark.py", SOURCES)
    command = [*map(str, program), *SMALL.split(), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=900, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_rows_are_measured_and_printed_again(tmp_path: Path) -> None:
    kept = ("--keep", tmp_path / "kept", *(() if ALL else ("--only", "phrases,cold,size,updates")))
    printed = benchmark(*kept)
    outcomes = json.loads((tmp_path / "kept" / "outcomes.json").read_text(encoding="utf-8"))["outcomes"]
    cells = [line.strip("| ").split(" | ") for line in printed.splitlines() if re.match(r"\| .+\|", line)]
    rows = {row[0]: row[1] for row in cells}
    for what in (
        "index folder / bytes",
        "cold exact search, the corpus",
        *(("build, one process, CPU", "warm query", "cold exact search, the large corpus") if ALL else ()),
    ):
        assert any(name.startswith(what) for name in rows), what
    assert rows["their recall, compared with a scan of the reduced texts"] == "1.0000"
    assert rows["the same: answers equal to those of an index built at once, byte for byte"] == "yes"
    assert all(one["outcome"] for one in outcomes.values())
    assert not ALL or rows["sections"] == f"{outcomes['size']['outcome']['sections']:,}"
    # resuming measures nothing again, printing measures nothing at all
    assert benchmark(*kept, "--resume") == printed
    assert benchmark(*kept, "--print") == printed


@pytest.mark.skipif(not ALL, reason="slow; scripts/test --all")
def test_the_exact_ones_among_other_engines_are(tmp_path: Path) -> None:
    printed = benchmark("--keep", tmp_path / "kept", "--only", "peers")
    outcomes = json.loads((tmp_path / "kept" / "outcomes.json").read_text(encoding="utf-8"))["outcomes"]
    engines = outcomes["peers"]["outcome"]["engines"]
    for name, engine in engines.items():
        if "policysearch" in name and "phrases" in engine:
            assert engine["phrases"]["hits"] > 0, name
            assert engine["phrases"]["recall"] == engine["phrases"]["precision"] == 1.0, name
    assert 0 < engines["FTS5 + jieba"]["phrases"]["recall"] < 1
    assert engines["FTS5, characters"]["phrases"]["recall"] == 1.0
    for name in ("Groonga, bigrams", "tantivy + jieba", "tantivy, 2-grams"):
        assert name in engines or f"Skipped: {name}, for want of " in printed


@pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="only Linux tells the memory of other processes")
def test_processes_and_what_they_started_are_measured_together(imported: None) -> None:
    from benchmarking.processes import run

    child = "import time; kept = bytearray(40_000_000); time.sleep(0.7)"
    parent = f"import subprocess, sys; kept = bytearray(60_000_000); subprocess.run([sys.executable, '-c', {child!r}])"
    took = run(["-c", parent], environment={}, watch=True)
    assert len(took.largest) == 2
    assert all(own < resident for resident, own in took.largest)
    assert took.largest[0][1] > 60
    # to Linux a process's peak begins with that of what started it, and these tests may be large themselves
    assert 100 < took.own < min(200, took.peak)
    assert took.wall > 0.7
    assert took.cpu > 0.0
    with pytest.raises(RuntimeError, match="status 3"):
        run(["-c", "raise SystemExit(3)"], environment={})


def test_what_is_made_is_new_and_the_same_every_time(imported: None, tmp_path: Path) -> None:
    from benchmarking.corpus import make

    small = make(SOURCES, tmp_path / "small", 0.2)
    large = make(SOURCES, tmp_path / "large", 0.4)
    more = make(SOURCES, tmp_path / "more", 0.1, skip=small.documents)
    assert abs(small.original.distinct - small.made.distinct) < 0.1
    names = [path.relative_to(tmp_path / "small") for path in (tmp_path / "small").rglob("*.txt")]
    texts = [(tmp_path / "small" / name).read_bytes() for name in names]
    assert len(names) == small.documents > small.originals
    assert texts == [(tmp_path / "large" / name).read_bytes() for name in names]
    assert len(set(texts)) == len(texts)
    assert large.bytes > 1.9 * small.bytes
    assert more.documents
    assert not {path.name for path in (tmp_path / "more").rglob("*.txt")} & {name.name for name in names}
