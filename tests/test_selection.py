"""Which files are sources: patterns that are given, and those of .policyignore; roots that were moved."""

from __future__ import annotations

import json
import os
import shutil
import time
from pathlib import Path
from typing import Any

import pytest
from conftest import Run, Write

from policysearch.errors import InputError
from policysearch.sources.finding import Walked, find_sources
from policysearch.sources.ignoring import FileSelection

pytestmark = pytest.mark.one_python

REPORT = "一、总体要求\n优化营商环境，推进放管服改革。\n"


def names(root: Path, **options: Any) -> list[str]:
    return [one.source_id for one in find_sources(root, **options)]


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    for name in (
        "a.txt",
        "a.log",
        "drafts/b.txt",
        "laws/c.txt",
        "laws/drafts/d.txt",
        "laws/deep/e.html",
        "laws/deep/f.txt",
    ):
        path = tmp_path / "docs" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(REPORT, encoding="utf-8")
    return tmp_path / "docs"


ALL = ["a.log", "a.txt", "drafts/b.txt", "laws/c.txt", "laws/deep/e.html", "laws/deep/f.txt", "laws/drafts/d.txt"]


@pytest.mark.parametrize(
    ("patterns", "left"),
    [
        pytest.param("", ALL, id="none"),
        pytest.param("# *.txt\n\n*.log\n", ALL[1:], id="a comment"),
        pytest.param("drafts/\n", [one for one in ALL if "drafts" not in one], id="at any depth"),
        pytest.param("/drafts/\n", [one for one in ALL if one != "drafts/b.txt"], id="in the root only"),
        pytest.param("laws/**/*.txt\n", ["a.log", "a.txt", "drafts/b.txt", "laws/deep/e.html"], id="two stars"),
        pytest.param("*\n!a.txt\n", ["a.txt"], id="taken back"),
        pytest.param("laws/\n!laws/c.txt\n", ["a.log", "a.txt", "drafts/b.txt"], id="not out of a folder"),
        pytest.param("*.txt\n!laws/**\n", [one for one in ALL if one.startswith("laws/") or one == "a.log"],
                     id="the last wins"),
    ],
)  # fmt: skip
def test_patterns_of_a_folder_are_those_of_gitignore(docs: Path, patterns: str, left: list[str]) -> None:
    (docs / ".policyignore").write_text(patterns, encoding="utf-8")
    walked = Walked()
    assert names(docs, walked=walked) == left
    assert (walked.ignored > 0) == (left != ALL)


def test_an_inner_folder_wins_over_an_outer_one_and_options_over_both(docs: Path) -> None:
    (docs / ".policyignore").write_text("*.txt\n", encoding="utf-8")
    (docs / "laws/.policyignore").write_text("!*.txt\n/drafts\n", encoding="utf-8")
    assert names(docs) == ["a.log", "laws/c.txt", "laws/deep/e.html", "laws/deep/f.txt"]
    assert names(docs, exclude=["deep"]) == ["a.log", "laws/c.txt"]
    assert names(docs, exclude=["!/a.txt"]) == ["a.log", "a.txt", "laws/c.txt", "laws/deep/e.html", "laws/deep/f.txt"]
    assert names(docs, include=["*.html", "/laws/*.txt"]) == ["laws/c.txt", "laws/deep/e.html"]
    assert names(docs / "drafts/b.txt", include=["*.html"]) == ["b.txt"]


@pytest.mark.parametrize("pattern", ["*a*a*a*a*b", "**/x/**/x/**/y", "a" * 2_000, "!"])
def test_patterns_that_would_cost_much_or_mean_nothing_are_refused(docs: Path, pattern: str) -> None:
    with pytest.raises(InputError, match="--exclude"):
        names(docs, exclude=[pattern])
    (docs / ".policyignore").write_text(pattern, encoding="utf-8")
    with pytest.raises(InputError, match=r"\.policyignore"):
        names(docs)


@pytest.mark.parametrize("data", [b"\xff\xfe", b"a\n" * 600_000, b"a\n" * 1_001])
def test_files_of_patterns_that_cannot_be_used_are_named(docs: Path, data: bytes) -> None:
    (docs / ".policyignore").write_bytes(data)
    with pytest.raises(InputError, match=r"\.policyignore"):
        names(docs)
    (docs / ".policyignore").unlink()
    os.mkfifo(docs / ".policyignore")
    with pytest.raises(InputError, match=r"\.policyignore.*cannot be read"):
        names(docs)


def test_a_long_name_costs_little_whatever_the_pattern() -> None:
    before = time.process_time()
    for pattern in ("**/*a*a*b", "**/x/**/y", "*[!b]*[!b]*b"):
        selection = FileSelection(exclude=[pattern])
        for name in ("/".join(["a" * 250] * 15), "/".join(["x"] * 2_000)):
            assert not selection.passes_over(name)
    assert time.process_time() - before < 20


def told(run: Run, *command: str) -> Any:
    done = run(*command)
    assert done.returncode in (0, 2), done.stderr
    return json.loads(done.stdout)


def states(account: Any) -> dict[str, str]:
    return {one["source"]: one["state"] for one in account["sources"]}


def test_patterns_are_kept_with_the_index(run: Run, write: Write, docs: Path) -> None:
    account = told(run, "index", "docs", "--exclude", "drafts/", "--exclude", "*.log", "--format", "json")
    assert states(account) == dict.fromkeys(["a.txt", "laws/c.txt", "laws/deep/e.html", "laws/deep/f.txt"], "added")
    assert account["ignored"] == 3
    write("docs/drafts/new.txt", REPORT)
    assert set(states(told(run, "index", "--format", "json")).values()) == {"unchanged"}
    assert run("check").returncode == 0
    account = told(run, "index", "docs", "--include", "*.txt", "--format", "json")
    assert {name for name, state in states(account).items() if state == "removed"} == {"laws/deep/e.html"}
    assert {name for name, state in states(account).items() if state == "added"} == {
        "drafts/b.txt", "drafts/new.txt", "laws/drafts/d.txt",
    }  # fmt: skip
    (docs / ".policyignore").write_text("*a*b*c*d*", encoding="utf-8")
    refused = run("index")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert ".policyignore" in refused.stderr


@pytest.mark.parametrize("copied", [False, True], ids=["moved", "copied, with other times"])
def test_a_root_that_was_moved_is_not_read_again(run: Run, docs: Path, tmp_path: Path, copied: bool) -> None:
    for number in range(12):
        (docs / f"{number:02}.txt").write_text(REPORT * (number + 1), encoding="utf-8")
    assert run("index", "docs").returncode == 0
    if copied:
        shutil.copytree(docs, tmp_path / "elsewhere/docs", copy_function=shutil.copyfile)
        shutil.rmtree(docs)
    else:
        (tmp_path / "elsewhere").mkdir()
        docs.rename(tmp_path / "elsewhere/docs")
    for command in ("index", "check"):
        said = run(command)
        assert said.returncode in (1, 2)
        assert f"--moved '{docs}' NEW" in said.stdout + said.stderr
    account = told(run, "index", "--moved", "docs", "elsewhere/docs", "--format", "json")
    assert set(states(account).values()) == {"unchanged", "skipped"}
    assert run("check").returncode == 0
    assert run("index", "elsewhere/docs", "--index", "fresh").returncode == 0
    for asked in (["search", "营商环境", "--format", "json"], ["list", "--format", "json"], ["list", "--skipped"]):
        assert run(*asked).stdout == run(*asked, "--index", "fresh").stdout
    infos = [told(run, "info", "--format", "json", "--index", one) for one in ("index", "fresh")]
    for name in ("documents", "sections", "characters", "roots", "failed"):
        assert infos[0][name] == infos[1][name]


def test_a_folder_with_roots_in_it_is_moved_with_them(run: Run, write: Write, tmp_path: Path) -> None:
    write("all/one/a.txt", REPORT)
    write("all/two/b.txt", REPORT)
    write("c/c.txt", REPORT)
    assert run("index", "all/one", "all/two", "c").returncode == 0
    (tmp_path / "all").rename(tmp_path / "moved")
    account = told(run, "index", "--moved", "all", "moved", "--format", "json")
    assert states(account) == {"a.txt": "unchanged", "b.txt": "unchanged"}
    assert set(states(told(run, "index", "--format", "json"))) == {"a.txt", "b.txt", "c.txt"}
    for old, new, said in (
        ("all", "moved", "No root"),
        ("moved", "gone", "no file or folder"),
        ("c", "moved/one", "already"),
    ):
        refused = run("index", "--moved", old, new)
        assert refused.returncode == 2
        assert said in refused.stderr
    assert run("check").returncode == 0
