"""Sources that end or hang the process that reads them: they fail by name, and no other does."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from conftest import SOURCES, Run, Write
from crashes import FAULTS, NOTICE, REPORT

from policysearch.engines.opening import open_store
from policysearch.indexing.refresh import refresh
from policysearch.parallel import workers
from policysearch.parallel.workers import Ended, Lost, run_tasks


def sources(tmp_path: Path, *names: str, processes: bool = True) -> None:
    docs = tmp_path / "docs"
    docs.mkdir()
    for name in names:
        (docs / name).write_text(REPORT + name)
    if processes:
        (docs / "z.pdf").write_bytes(next(SOURCES.glob("通知/*.pdf")).read_bytes())


def index(run: Run, tmp_path: Path, *arguments: str) -> tuple[dict[str, Any], str]:
    path = os.pathsep.join([str(FAULTS), str(FAULTS.parent.parent)])
    done = run("index", "docs", "--format", "json", *arguments, PYTHONPATH=path, FAULT_SPENT=str(tmp_path / "spent"))
    assert done.returncode in (0, 2), done.stderr
    return json.loads(done.stdout), done.stderr


def states(account: dict[str, Any]) -> dict[str, str]:
    return {source["source"]: source["state"] for source in account["sources"]}


def test_a_process_that_is_killed_is_named_and_its_sources_are_read_again(run: Run, tmp_path: Path) -> None:
    sources(tmp_path, "a.txt", "kill-me.txt", "b.txt")
    account, said = index(run, tmp_path, "--jobs", "1")
    assert set(states(account).values()) == {"added"}
    assert "was reading 'kill-me.txt', died by signal 9 (SIGKILL)" in said
    assert account["documents"] == 4
    assert run("check").returncode == 0


def test_a_source_that_always_kills_fails_by_name(run: Run, tmp_path: Path) -> None:
    sources(tmp_path, "a.txt", "kill-me-always.txt", "b.txt")
    account, said = index(run, tmp_path, "--jobs", "2")
    assert states(account) == {"a.txt": "added", "b.txt": "added", "kill-me-always.txt": "failed", "z.pdf": "added"}
    assert "kill-me-always.txt: The worker process that read it died by signal 9 (SIGKILL)" in said
    assert "Traceback" not in said
    assert run("search", "放管服").returncode == 0
    # the next run tries it again
    account, said = index(run, tmp_path)
    assert states(account)["kill-me-always.txt"] == "failed"
    assert states(account)["a.txt"] == "unchanged"


@pytest.mark.parametrize("processes", [False, True], ids=["in one process", "in processes"])
def test_a_source_that_takes_too_long_fails_by_name(run: Run, tmp_path: Path, processes: bool) -> None:
    sources(tmp_path, "a.txt", "hang-me.txt", "b.txt", processes=processes)
    account, said = index(run, tmp_path, "--timeout", "1.5", "--jobs", "1")
    expected = {"a.txt": "added", "b.txt": "added", "hang-me.txt": "failed"}
    assert states(account) == expected | ({"z.pdf": "added"} if processes else {})
    assert "hang-me.txt: Reading it took longer than 1.5 seconds. Allow more with --timeout SECONDS." in said


def test_a_fault_of_a_reader_fails_one_source(write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from policysearch.documents.cleaning import clean as cleaning

    write("docs/a.txt", REPORT)
    write("docs/b.txt", NOTICE)
    clean = cleaning.clean

    def fragile(reading: Any) -> Any:
        if "防汛" in reading.text:
            raise ZeroDivisionError("division by zero")
        return clean(reading)

    monkeypatch.setattr("policysearch.documents.document.clean", fragile)
    account = refresh(open_store(tmp_path / "index"), [tmp_path / "docs"])
    assert [(s.source, s.state) for s in account.sources] == [("a.txt", "added"), ("b.txt", "failed")]
    assert "ZeroDivisionError: division by zero" in str(account.failed[0].reason)


def test_a_script_without_a_guard_is_not_run_again(write: Write, tmp_path: Path) -> None:
    sources(tmp_path, "a.txt")
    script = write(
        "script.py",
        "print('once')\n"
        "from policysearch.engines.opening import open_store\n"
        "from policysearch.indexing.refresh import refresh\n"
        "from pathlib import Path\n"
        "print(refresh(open_store('index'), [Path('docs')], jobs=2).documents)\n",
    )
    done = subprocess.run(
        [sys.executable, str(script)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(FAULTS.parent.parent)},
        capture_output=True,
        check=True,
        timeout=60,
    )
    assert (done.stdout, done.stderr) == (b"once\n2\n", b"")


def double(items: Any, prepared: Any, at: Any) -> Any:
    for i, item in enumerate(items):
        at(i)
        if item == 13:
            raise OSError(28, "No space left on device", "somewhere")
        if item == 7:
            os._exit(3)
    at(-1)
    return [2 * item for item in items], prepared


def test_tasks_and_their_outcomes() -> None:
    told: list[str] = []
    outcomes = list(
        run_tasks(
            double,
            [[1, 2], [3, 7, 4], [5]],
            prepared=lambda number: number,
            processes=2,
            seconds=60,
            noticed=told.append,
        )
    )
    ended = {tuple(one.items): one.outcome for one in outcomes if isinstance(one, Ended)}
    assert {items: outcome[0] for items, outcome in ended.items()} == {(1, 2): [2, 4], (5,): [10], (3,): [6], (4,): [8]}
    numbers = [outcome[1] for outcome in ended.values()]
    assert len(set(numbers)) == len(numbers)
    lost = [one for one in outcomes if isinstance(one, Lost)]
    assert lost == [Lost(7, "The worker process that read it died with status 3; it may have run out of memory.")]
    (said,) = told
    assert "which was reading '7', died with status 3" in said


def test_what_a_task_raises_is_raised_here() -> None:
    with pytest.raises(OSError, match="No space left") as raised:
        list(run_tasks(double, [[13]], prepared=lambda number: number, processes=1, seconds=60))
    assert (raised.value.errno, raised.value.filename) == (28, "somewhere")


def take_time(items: Any, prepared: Any, at: Any) -> None:
    for i in range(len(items)):
        at(i)
        time.sleep(0.05)
        at(-1)


class Seen:
    """A watch that keeps everything it receives."""

    def __init__(self) -> None:
        self.passed: list[int] = []
        self.at: list[tuple[int, float]] = []

    def item_passed(self, item: int) -> None:
        self.passed.append(item)

    def item_at(self, item: int | None, since: float) -> None:
        if item is not None:
            self.at.append((item, since))


def test_workers_run_where_files_in_memory_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: str) -> int:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "memfd_create", refuse, raising=False)
    seen = Seen()
    list(run_tasks(take_time, [range(3)], prepared=str, processes=1, seconds=60, watch=seen))
    assert seen.passed == [0, 1, 2]


def test_every_item_is_watched_not_every_task(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "_TICK", 0.01)
    seen, begun = Seen(), time.monotonic()
    list(run_tasks(take_time, [range(20), range(20, 30)], prepared=str, processes=1, seconds=60, watch=seen))
    assert seen.passed == list(range(30))
    assert seen.at == sorted(seen.at)
    assert len({item for item, _ in seen.at}) > 15
    assert all(begun - 0.01 < since <= time.monotonic() for _, since in seen.at)
