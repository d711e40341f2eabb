"""A build that is ended anywhere leaves the old index or the new one, also when what was not synced is lost."""

from __future__ import annotations

import random
import shutil
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
from conftest import ALL, FIGURES
from crashes import Change, answers, assert_no_litter, spread, wait_for_strays

from policysearch.engines.opening import open_store
from policysearch.errors import IndexUnusableError

pytestmark = pytest.mark.one_python


def test_a_build_is_recorded_and_complete(change: Change) -> None:
    index = change.copy("recorded")
    done = change.run(index)
    assert (done.returncode, done.stderr) == (0, "")
    assert answers(index) == change.new
    assert_no_litter(index)
    done_to = [c["op"] for c in change.changes(index)]
    assert {"create", "write", "fsync", "fsyncdir", "rename", "unlink"} == set(done_to)
    merged = [c["name"] for c in change.changes(index) if c["op"] == "create" and "merged" in c["name"]]
    assert len(merged) == (change.kind == "merging")


def test_a_build_killed_at_a_change(change: Change) -> None:
    whole = change.copy("whole")
    change.run(whole)
    count = len(change.changes(whole))
    for at in spread(count, 200 if ALL else 4):
        index = change.copy(f"killed-{at}")
        done = change.run(index, FAULT_AT=str(at), FAULT_KIND="kill")
        assert done.returncode == -signal.SIGKILL, at
        wait_for_strays(index)
        change.assert_whole(index, f"killed at change {at} of {count}")
    tried = len(spread(count, 200 if ALL else 4))
    FIGURES.append(f"builds killed at one of the {count} changes of the folder ({change.kind}): {tried}")


def test_a_build_killed_at_a_moment(change: Change) -> None:
    index = change.copy("timed")
    began = time.monotonic()
    change.run(index)
    takes = time.monotonic() - began
    moments = 100 if ALL else 2
    for i in range(moments):
        index = change.copy(f"moment-{i}")
        process = subprocess.Popen(
            change.command(index, "-q"), env=change.environment(index, FAULT_LOG=""), stderr=subprocess.DEVNULL
        )
        time.sleep(takes * (i + 0.5) / moments)
        process.kill()
        process.wait()
        wait_for_strays(index)
        change.assert_whole(index, f"killed after {i + 0.5}/{moments} of {takes:.2f} seconds")
    FIGURES.append(f"builds killed at moments spread over {takes:.1f} seconds ({change.kind}): {moments}")


def test_crash_after_crash_leaves_no_litter(change: Change) -> None:
    index = change.copy("again")
    sizes = []
    for _ in range(4):
        # then all files of the new generation are there
        assert change.run(index, FAULT_AT="rename", FAULT_KIND="kill").returncode == -signal.SIGKILL
        sizes.append(len(list(index.iterdir())))
    assert len(set(sizes)) == 1
    change.assert_whole(index, "four crashes")


def test_first_builds_that_crash_leave_no_litter(small_change: Change, tmp_path: Path) -> None:
    whole = tmp_path / "whole"
    small_change.run(whole)
    changes = small_change.changes(whole)
    at = 1 + next(i for i, c in enumerate(changes) if c["op"] == "fsync" and c["name"].endswith(".segment"))
    index = tmp_path / "first"
    for attempt in range(3):
        log = str(tmp_path / f"{attempt}.log")
        done = small_change.run(index, FAULT_AT=str(at), FAULT_KIND="kill", FAULT_LOG=log)
        assert done.returncode == -signal.SIGKILL
        with pytest.raises(IndexUnusableError, match="No index"):
            answers(index)
    assert len(list(index.iterdir())) <= 4
    small_change.assert_mended(index, "three crashes of a first build")


# loss of what was not synced


class Disk:
    """The contents of a folder, and what is on disk: file data by fsync of the file, names by fsync of the folder."""

    def __init__(self, folder: Path) -> None:
        self.data: dict[int, bytes] = {}
        self.down: dict[int, bytes] = {}
        self.names: dict[str, int] = {}
        for path in folder.iterdir():
            inode = path.stat().st_ino
            self.names[path.name] = inode
            self.data[inode] = self.down[inode] = path.read_bytes()
        self.names_down = dict(self.names)
        self.pending: list[dict[str, Any]] = []  # changes of names since the folder was synced
        self.writes: dict[int, list[tuple[int, bytes]]] = {}  # of each file since it was synced

    def do(self, change: dict[str, Any]) -> None:
        inode: int = change.get("inode", 0)
        match change["op"]:
            case "create":
                self.data[inode], self.down[inode], self.writes[inode] = b"", b"", []
                self.rename(self.names, change)
                self.pending.append(change)
            case "write":
                at, data = change["at"], change["data"]
                self.data[inode] = self.data[inode][:at].ljust(at, b"\0") + data + self.data[inode][at + len(data) :]
                self.writes[inode].append((at, data))
            case "fsync":
                self.down[inode], self.writes[inode] = self.data[inode], []
            case "fsyncdir":
                self.names_down, self.pending = dict(self.names), []
            case _:
                self.rename(self.names, change)
                self.pending.append(change)

    @staticmethod
    def rename(names: dict[str, int], change: dict[str, Any]) -> None:
        if change["op"] == "create":
            names[change["name"]] = change["inode"]
        elif change["op"] == "rename" and change["name"] in names:
            names[change["to"]] = names.pop(change["name"])
        elif change["op"] == "unlink":
            names.pop(change["name"], None)

    def after_power_loss(self, chance: random.Random) -> dict[str, dict[str, bytes]]:
        """Return some of what a folder may hold when the power goes: only what is down, names first, a bit of each."""
        some_names = dict(self.names_down)
        for change in self.pending:
            if chance.random() < 0.5:
                self.rename(some_names, change)
        some_data = {}
        for inode, down in self.down.items():
            data = bytearray(down)
            for at, written in self.writes.get(inode, ()):
                if chance.random() < 0.5:
                    data[len(data) :] = bytes(max(0, at + len(written) - len(data)))
                    data[at : at + len(written)] = written
            some_data[inode] = bytes(data)
        return {
            "only what is down": {name: self.down[inode] for name, inode in self.names_down.items()},
            "names are ahead of data": {name: self.down[inode] for name, inode in self.names.items()},
            "data are ahead of names": {name: self.data[inode] for name, inode in self.names_down.items()},
            "some of all": {name: some_data[inode] for name, inode in some_names.items()},
            "nothing is lost": {name: self.data[inode] for name, inode in self.names.items()},
        }


def test_power_lost_at_any_change(change: Change) -> None:
    index = change.copy("power")
    disk = Disk(index)
    change.run(index)
    changes = change.changes(index)
    published = [c["op"] for c in changes].index("rename")
    tried = 0
    for number, step in enumerate(changes):
        for seed in range(20 if ALL else 2):
            for what, files in disk.after_power_loss(random.Random(seed)).items():
                if seed == 0 or what == "some of all":
                    left = assert_survives(
                        change, files, f"{what}, before change {number} of {len(changes)}, seed {seed}"
                    )
                    assert left == change.old or number > published, "new before it was published"
                    tried += 1
        disk.do(step)
    for what, files in disk.after_power_loss(random.Random(0)).items():
        assert assert_survives(change, files, f"{what}, after the end") == change.new, (
            "the end did not wait for the disk"
        )
    FIGURES.append(f"losses of power, with losses of what was not synced ({change.kind}): {tried}")


def assert_survives(change: Change, files: dict[str, bytes], what: str) -> str:
    """Assert that an index of these files is whole, and return its answers."""
    folder = change.folder / "lost"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name, data in files.items():
        (folder / name).write_bytes(data)
    assert open_store(folder).damage() == (), what
    found = answers(folder)
    assert found in (change.old, change.new), what
    return found
