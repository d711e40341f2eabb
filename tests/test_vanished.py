"""Sources that vanish with a file system do not empty an index; those that were deleted or moved go."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from conftest import Run, Write

from policysearch import InputError, open_index
from policysearch.engines.opening import open_store
from policysearch.indexing.account import Account
from policysearch.indexing.refresh import refresh
from policysearch.indexing.vanished import too_many


def documents(folder: Path, *numbers: int) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for number in numbers:
        (folder / f"{number}.txt").write_text(f"第{number}号通知\n\n一、做好第{number}项工作\n修路{number}公里。\n")


def index_of(tmp_path: Path, **options: bool) -> Account:
    return refresh(open_store(tmp_path / "index"), [tmp_path / "docs"], **options)  # type: ignore[arg-type]


def held(tmp_path: Path) -> int:
    with open_index(tmp_path / "index") as index:
        return len(index.documents())


@pytest.mark.parametrize(
    ("going", "whole", "expected"),
    [
        (10, 10, False),
        (11, 11, True),
        (11, 21, True),
        (11, 22, False),
        (12, 22, True),
        (0, 0, False),
        (500, 1000, False),
    ],
)
def test_how_many_are_too_many(going: int, whole: int, expected: bool) -> None:
    assert too_many(going, whole) is expected


@pytest.mark.parametrize("left", [0, 9])
@pytest.mark.parametrize("rebuild", [False, True])
def test_an_update_that_would_remove_most_stops(tmp_path: Path, left: int, rebuild: bool) -> None:
    documents(tmp_path / "docs", *range(20))
    index_of(tmp_path)
    for number in range(left, 20):
        (tmp_path / f"docs/{number}.txt").unlink()
    (tmp_path / "docs/README.txt").write_text("Nothing is mounted here.\n")
    before = {path.name: path.read_bytes() for path in (tmp_path / "index").iterdir()}
    with pytest.raises(
        InputError, match=rf"{20 - left} of the 20 documents of '.*docs' would be removed.*--allow-removals"
    ):
        index_of(tmp_path, rebuild=rebuild)
    assert {path.name: path.read_bytes() for path in (tmp_path / "index").iterdir()} == before
    assert held(tmp_path) == 20
    index_of(tmp_path, rebuild=rebuild, allow_removals=True)
    assert held(tmp_path) == left + 1


def test_fewer_go_without_a_question(tmp_path: Path) -> None:
    documents(tmp_path / "docs", *range(22))
    index_of(tmp_path)
    for number in range(11):
        (tmp_path / f"docs/{number}.txt").unlink()
    assert index_of(tmp_path).documents == 11  # half of them
    for number in range(11, 21):
        (tmp_path / f"docs/{number}.txt").unlink()
    assert index_of(tmp_path).documents == 1  # ten


def test_each_root_counts_for_itself(tmp_path: Path) -> None:
    documents(tmp_path / "large", *range(100, 150))
    documents(tmp_path / "small", *range(12))
    roots = [tmp_path / "large", tmp_path / "small"]
    refresh(open_store(tmp_path / "index"), roots)
    shutil.rmtree(tmp_path / "small")
    (tmp_path / "small").mkdir()
    with pytest.raises(InputError, match=r"12 of the 12 documents of '.*small'"):
        refresh(open_store(tmp_path / "index"))
    # a root that is taken out on purpose is
    assert refresh(open_store(tmp_path / "index"), remove=[tmp_path / "small"]).documents == 50


def test_sources_that_were_moved_are_not_lost(tmp_path: Path) -> None:
    documents(tmp_path / "docs/old", *range(20))
    index_of(tmp_path)
    (tmp_path / "docs/old").rename(tmp_path / "docs/new")
    account = index_of(tmp_path)
    assert {source.state for source in account.sources} == {"added", "removed"}
    assert held(tmp_path) == 20


def test_documents_of_a_collection_count(write: Write, tmp_path: Path) -> None:
    rows = [f"{i},第{i}条 各镇要落实防汛责任。" for i in range(30)]
    write("docs/all.csv", "id,text\n" + "\n".join(rows) + "\n")
    write("docs/a.txt", "通知\n\n一、修路\n")
    index_of(tmp_path)
    write("docs/all.csv", "id,text\n" + "\n".join(rows[:3]) + "\n")
    with pytest.raises(InputError, match=r"27 of the 31 documents .* such as 'all.csv#10'"):
        index_of(tmp_path)
    assert held(tmp_path) == 31
    assert index_of(tmp_path, allow_removals=True).documents == 4


def test_sources_that_can_no_longer_be_read_are_as_good_as_gone(tmp_path: Path) -> None:
    documents(tmp_path / "docs", *range(12))
    index_of(tmp_path)
    for path in (tmp_path / "docs").iterdir():
        path.write_bytes(b"")
    with pytest.raises(InputError, match="12 of the 12 documents"):
        index_of(tmp_path)
    for path in (tmp_path / "docs").iterdir():
        path.unlink()
        os.mkfifo(path)
    with pytest.raises(InputError, match="12 of the 12 documents"):
        index_of(tmp_path)
    assert held(tmp_path) == 12


def test_the_command_and_check(run: Run, tmp_path: Path) -> None:
    documents(tmp_path / "docs", *range(20))
    assert run("index", "docs").returncode == 0
    shutil.move(tmp_path / "docs", tmp_path / "kept")
    documents(tmp_path / "docs", 3)
    done = run("index")
    assert (done.returncode, done.stdout) == (2, "")
    assert "19 of the 20 documents" in done.stderr
    assert "--allow-removals" in done.stderr
    done = run("check", "--format", "json")
    assert done.returncode == 1
    assert {one["state"] for one in json.loads(done.stdout)["differences"]} == {"vanished"}
    done = run("check")
    assert "vanished 0.txt" in done.stdout
    assert "--allow-removals" in done.stdout
    done = run("check", "--repair")
    assert (done.returncode, "--allow-removals" in done.stderr) == (2, True)
    assert run("search", "修路19公里").returncode == 0
    # those that were deleted are distinguished
    shutil.rmtree(tmp_path / "docs")
    shutil.move(tmp_path / "kept", tmp_path / "docs")
    (tmp_path / "docs/0.txt").unlink()
    done = run("check", "--format", "json")
    assert [(one["source"], one["state"]) for one in json.loads(done.stdout)["differences"]] == [("0.txt", "gone")]
    for path in (tmp_path / "docs").iterdir():
        path.unlink()
    assert run("index", "--allow-removals").returncode == 0
    assert run("search", "修路").returncode == 1
    assert run("check").returncode == 0


@pytest.mark.parametrize("kind", ["file system", "bind mount"])
def test_what_was_mounted_below_a_root_is_gone(tmp_path: Path, kind: str) -> None:
    documents(tmp_path / "docs", *range(100, 105))
    place = tmp_path / "docs/省 里"
    place.mkdir()
    other = tmp_path / "other"
    other.mkdir()
    what = ["--bind", str(other)] if kind == "bind mount" else ["-t", "tmpfs", "tmpfs"]
    if (
        os.geteuid() != 0
        or subprocess.run(["mount", *what, str(place)], capture_output=True, check=False).returncode != 0
    ):
        pytest.skip("no right to mount a file system")
    try:
        # a bind mount cannot be told from a folder: it is missed where it held most
        documents(place, *range(3 if kind == "file system" else 20))
        index_of(tmp_path)
        whole = held(tmp_path)
    finally:
        subprocess.run(["umount", "-l", place], check=True)
    said = "'.*省 里' is no longer mounted" if kind == "file system" else "20 of the 25 documents"
    for _ in range(2):
        with pytest.raises(InputError, match=said):
            index_of(tmp_path)
        (place / "README.txt").write_text("Nothing is mounted here.\n")
    assert held(tmp_path) == whole
    found = refresh(open_store(tmp_path / "index"), [tmp_path / "docs"], allow_removals=True)
    assert found.documents == 6
    # the folder is one like others now
    (place / "README.txt").unlink()
    assert index_of(tmp_path).documents == 5
