"""Shared by the tests of crashes: a folder of sources before and after a change, and the answers of an index."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from conftest import ALL, KINDS, ROOT, SOURCES, command_environment

from policysearch import open_index
from policysearch.engines.opening import open_store
from policysearch.engines.tree import MatchAll
from policysearch.indexing.account import Account
from policysearch.indexing.refresh import refresh
from policysearch.output.json import dump

FAULTS = ROOT / "tests/faults"

REPORT = "2024年竹榭市政府工作报告\n\n一、优化营商环境\n深化“放管服”改革。\n二、推进乡村振兴\n修建农村公路12公里。\n"
NOTICE = "关于做好防汛工作的通知\n\n一、落实责任\n各镇要落实防汛责任。\n二、加强值守\n做好应急值守。\n"
BULLETIN = "2023年松岑县国民经济和社会发展统计公报\n\n一、综合\n全年地区生产总值增长。\n二、农业\n粮食产量稳定。\n"


Changes = Callable[[str], "Change"]
"""Gives the change of a kind."""


class Change:
    """An index of some sources, and the same sources after a change.

    Attributes:
        kind: What it is made in, one of ``KINDS``: the last is read in one process, and makes many small segments one.
        roots: The folder of sources, as it is after the change.
        before: An index made before the change.
        old: What that answers.
        new: What an index made after the change answers.
    """

    def __init__(self, folder: Path, kind: str) -> None:
        assert kind in KINDS
        self.folder = folder
        self.kind = kind
        self.roots = folder / "docs"
        self.roots.mkdir(parents=True)
        processes = kind == "in processes"
        if processes:  # what is read in a process of its own
            shutil.copy(next(SOURCES.glob("通知/*.pdf")), self.roots / "d.pdf")
        (self.roots / "a.txt").write_text(REPORT)
        (self.roots / "b.txt").write_text(NOTICE)
        self.before = folder / "before"
        if kind == "merging":  # a large segment that is not worth joining to a small one, but to that and the change
            (self.roots / "large.txt").write_text(_with_sections(20))
            refresh(open_store(self.before), [self.roots])
            (self.roots / "small.txt").write_text(_with_sections(4))
        refresh(open_store(self.before), [self.roots])
        self.old = answers(self.before)
        (self.roots / "a.txt").write_text(REPORT.replace("12公里", "20公里"))
        (self.roots / "b.txt").unlink()
        (self.roots / "c.txt").write_text(BULLETIN)
        if processes:
            (self.roots / "d.pdf").rename(self.roots / "e.pdf")
        after = folder / "after"
        refresh(open_store(after), [self.roots])
        self.new = answers(after)
        assert self.old != self.new

    def copy(self, name: str) -> Path:
        """Return a copy of the old index."""
        return Path(shutil.copytree(self.before, self.folder / name))

    def run(self, index: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run ``index`` over the changed sources in a process of its own, under the faults asked for."""
        return subprocess.run(
            self.command(index, *arguments),
            env=self.environment(index, **environment),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            timeout=120,
            check=False,
        )

    def command(self, index: Path, *arguments: str) -> list[str]:
        """Return the command that ``run`` runs."""
        return [sys.executable, "-m", "policysearch", "index", str(self.roots), "-i", str(index), *arguments]

    def environment(self, index: Path, **environment: str) -> dict[str, str]:
        """Return the environment that ``run`` runs it in."""
        base = {
            "FAULT_FOLDER": str(index),
            "FAULT_LOG": str(self.folder / f"{index.name}.log"),
            "FAULT_SPENT": str(self.folder / f"{index.name}.spent"),
        }
        return command_environment(**{**base, **environment}) | {
            "PYTHONPATH": os.pathsep.join([str(FAULTS), str(ROOT)])
        }

    def changes(self, index: Path) -> list[dict[str, Any]]:
        """Return the changes of the folder of an index that were written down."""
        lines = map(json.loads, (self.folder / f"{index.name}.log").read_text().splitlines())
        out: list[dict[str, Any]] = []
        for line in lines:
            if "op" in line:
                line["data"] = base64.b64decode(line.get("data", ""))
                out.append(line)
            else:
                next(c for c in reversed(out) if c["op"] == "create" and c["name"] == line["name"])["inode"] = line[
                    "inode"
                ]
        return out

    def assert_whole(self, index: Path, what: str) -> None:
        """Assert that an index answers as before or as after the change, and that the next run leaves it as after."""
        assert open_store(index).damage() == (), what
        assert answers(index) in (self.old, self.new), what
        self.assert_mended(index, what)

    def assert_mended(self, index: Path, what: str) -> Account:
        """Assert that the next run completes and leaves nothing behind."""
        account = refresh(open_store(index), [self.roots])
        assert answers(index) == self.new, what
        assert open_store(index).damage() == (), what
        assert_no_litter(index)
        return account


def _with_sections(count: int) -> str:
    return f"{count}项工作的通知\n\n" + "".join(f"第{i}条 做好植树工作{i}。\n" for i in range(1, count + 1))


def answers(folder: Path) -> str:
    """Return all that an index holds and some that it answers."""
    with open_index(folder) as index:
        found = [
            [[s.section_id, s.text, s.path, s.document["title"]] for s in index.engine.stream(MatchAll())],
            [index.search(query).to_dict() for query in ("营商环境", "责任 公路", "“粮食产量” OR 值守", "year:2024")],
            [one.to_dict() for one in index.documents(duplicates="show")],
        ]
    return dump(found)


def assert_no_litter(folder: Path) -> None:
    """Assert that a folder holds one generation and nothing else."""
    fields = json.loads((folder / "CURRENT").read_bytes().partition(b"\n")[2])
    named = {"CURRENT", "LOCK", fields["state"][0], *(s["name"] for s in fields["segments"])}
    assert {path.name for path in folder.iterdir()} == named


def wait_for_strays(index: Path) -> None:
    """Wait until the processes that a killed build had are gone: a second at most."""
    deadline = time.monotonic() + (5 if ALL else 3)
    while time.monotonic() < deadline:
        if not any(str(index) in environment_of(process) for process in Path("/proc").glob("[0-9]*")):
            return
        time.sleep(0.05)
    raise AssertionError("a process outlived the build that started it")


def environment_of(process: Path) -> str:
    try:
        return (process / "environ").read_text(errors="replace")
    except OSError:
        return ""


def spread(count: int, most: int) -> list[int]:
    """Return numbers from 1 to ``count``, all when there are at most ``most``, the ends always."""
    if count <= most:
        return list(range(1, count + 1))
    return sorted({1 + round(i * (count - 1) / (most - 1)) for i in range(most)})
