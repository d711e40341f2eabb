"""Generations under failures of the system, and under one writer and many readers."""

from __future__ import annotations

import ctypes
import errno
import fcntl
import json
import os
import random
import resource
import shutil
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest
from conftest import ALL, FIGURES, SOURCES, Run, Write, command_environment
from crashes import NOTICE, REPORT, Change, Changes, answers, assert_no_litter

from policysearch import IndexUnusableError, InputError, open_index
from policysearch.engines.opening import open_store
from policysearch.engines.whoosh.lock import locked
from policysearch.indexing.refresh import refresh

pytestmark = pytest.mark.one_python

# failures of the system

FAILURES = {
    "create": ("EACCES", "EMFILE", "EROFS", "ENOSPC"),
    "write": ("ENOSPC", "EIO", "EDQUOT"),
    "fsync": ("EIO", "ENOSPC"),
    "fsyncdir": ("EIO",),
    "rename": ("EACCES", "EIO"),
    "unlink": ("EACCES", "EIO"),
}


def test_a_failure_at_any_change(change: Change) -> None:
    whole = change.copy("whole")
    change.run(whole)
    operations = [c["op"] for c in change.changes(whole)]
    published = operations.index("rename")
    cases = [(at, name, kind) for at, name in enumerate(operations, 1) for kind in FAILURES[name]]
    if not ALL:
        cases = random.Random(1).sample(cases, 6)
    for at, operation, kind in cases:
        index = change.copy(f"failed-{at}-{kind}")
        done = change.run(index, FAULT_AT=str(at), FAULT_KIND=kind)
        what = f"{kind} at change {at}, {operation}: {done.stderr}"
        assert "Traceback" not in done.stderr, what
        if operation == "unlink" or (operation == "fsyncdir" and at > published + 2):
            # what could not be swept is swept next time
            assert (done.returncode, done.stderr) == (0, ""), what
        else:
            assert done.returncode == 2, what
            assert os.strerror(getattr(errno, kind)) in done.stderr, what
            assert str(index) in done.stderr, what
            assert answers(index) == (change.old if at <= published + 1 else change.new), what
        change.assert_whole(index, what)
    FIGURES.append(f"failures of the system at a change of the folder ({change.kind}): {len(cases)}")


def test_a_failed_sync_after_publishing_is_not_called_a_failed_build(small_change: Change) -> None:
    change = small_change
    index = change.copy("unsure")
    whole = change.copy("whole-unsure")
    change.run(whole)
    published = 1 + [c["op"] for c in change.changes(whole)].index("rename")
    done = change.run(index, FAULT_AT=str(published + 1), FAULT_KIND="EIO")
    assert done.returncode == 2
    assert "is up to date, but syncing it to disk failed" in done.stderr
    assert answers(index) == change.new


def small_disk(folder: Path, kilobytes: int) -> None:
    """Mount a small file system, or skip."""
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(command, capture_output=True, check=False).returncode != 0:
        pytest.skip("no right to mount a small file system")


def test_a_full_disk(run: Run, write: Write, tmp_path: Path) -> None:
    write("docs/a.txt", REPORT)
    disk = tmp_path / "disk"
    small_disk(disk, 64)
    try:
        index = disk / "index"
        assert run("index", "docs", "-i", index).returncode == 0
        before = answers(index)
        for path in SOURCES.glob("政府工作报告/*.txt"):
            shutil.copy(path, tmp_path / "docs")
        done = run("index", "-i", index)
        assert done.returncode == 2
        assert "No space left on device" in done.stderr
        assert str(index) in done.stderr
        assert done.stdout == ""
        assert answers(index) == before
        assert_no_litter(index)
        assert run("check", "-i", index).returncode == 1  # the new ones are not in it
        for path in (tmp_path / "docs").glob("2*"):
            path.unlink()
        assert run("index", "-i", index).returncode == 0
        assert answers(index) == before
        # not a byte is left
        (disk / "filling").write_bytes(bytes(shutil.disk_usage(disk).free))
        write("docs/b.txt", NOTICE)
        done = run("index", "-i", index)
        assert (done.returncode, "No space left on device" in done.stderr) == (2, True)
        assert answers(index) == before
        assert run("search", "放管服", "-i", index).returncode == 0
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)


def test_a_folder_that_may_not_be_written(run: Run, write: Write, tmp_path: Path) -> None:
    write("docs/a.txt", REPORT)
    disk = tmp_path / "disk"
    small_disk(disk, 256)
    try:
        assert run("index", "docs", "-i", disk / "index").returncode == 0
        before = answers(disk / "index")
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        write("docs/b.txt", NOTICE)
        done = run("index", "-i", disk / "index")
        assert (done.returncode, done.stdout) == (2, "")
        assert "Read-only file system" in done.stderr
        assert str(disk / "index") in done.stderr
        assert answers(disk / "index") == before
        assert run("index", "docs", "-i", disk / "other").returncode == 2
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)


def test_a_file_where_the_folder_should_be(run: Run, write: Write) -> None:
    write("docs/a.txt", REPORT)
    write("index", "a file")
    done = run("index", "docs")
    assert (done.returncode, done.stdout) == (2, "")
    assert "'index/LOCK'" in done.stderr
    assert "Traceback" not in done.stderr


def without_rights() -> None:
    """Let modes of files hold for root too, in a process that is about to be started."""
    libc = ctypes.CDLL(None, use_errno=True)
    for capability in (1, 2):  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH
        libc.prctl(24, capability, 0, 0, 0)  # PR_CAPBSET_DROP


@pytest.mark.parametrize("kind", ["CURRENT", "segment", "json"])
def test_a_file_that_may_not_be_read_is_not_called_damaged(small_change: Change, kind: str) -> None:
    change = small_change
    index = change.copy(f"unreadable-{kind}")
    (change.folder / "topics.txt").write_text("公路\n")
    (path,) = (path for path in index.iterdir() if path.name.endswith(kind))

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "policysearch", *arguments, "-i", str(index)],
            cwd=change.folder,
            env=command_environment(),
            preexec_fn=without_rights if os.geteuid() == 0 else None,
            capture_output=True,
            encoding="utf-8",
            timeout=120,
            check=False,
        )

    questions = [*QUESTIONS, ["index"], ["check", "--repair"]] if ALL else [["search", "公路"], ["check"], ["index"]]
    asked = [one for one in questions if kind != "json" or one[0] in ("check", "index")]
    path.chmod(0)
    for question in asked:
        done = run(*question)
        if done.returncode == 0:
            pytest.skip("modes of files do not hold for this user")
        assert (done.returncode, done.stdout) == (2, ""), (question, done.stderr)
        assert "cannot be read: Permission denied" in done.stderr, (question, done.stderr)
        assert str(path) in done.stderr, (question, done.stderr)
        assert "corrupt" not in done.stderr, (question, done.stderr)
    path.chmod(0o644)
    assert answers(index) == change.old


QUESTIONS = (
    ["search", "营商环境"],
    ["batch", "topics.txt", "--jobs", "2"],
    ["count", "公路"],
    ["kwic", "公路", "--format", "csv"],
    ["list"],
    ["info"],
    ["check"],
)


@pytest.mark.parametrize("kind", ["in processes", "merging"])
def test_too_few_open_files(changes: Changes, kind: str) -> None:
    change = changes(kind)
    (change.folder / "topics.txt").write_text("公路\n值守\n")
    refused = 0
    limits = [*range(6, 25), 32] if ALL else [8, 11]
    for limit in limits:
        index = change.copy(f"files-{limit}")

        def run(command: list[str], limit: int = limit) -> subprocess.CompletedProcess[str]:
            done = subprocess.run(
                command,
                cwd=change.folder,
                env=command_environment(),
                preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit)),
                capture_output=True,
                encoding="utf-8",
                timeout=120,
                check=False,
            )
            assert "Traceback" not in done.stderr, (command, limit, done.stderr)
            assert "corrupt" not in done.stderr, (command, limit, done.stderr)
            if done.returncode == 2:
                assert "Too many open files" in done.stderr, (command, limit, done.stderr)
            return done

        for question in QUESTIONS if ALL else QUESTIONS[:2]:
            done = run([sys.executable, "-m", "policysearch", *question, "-i", str(index)])
            refused += done.returncode == 2
            if done.returncode != 2:
                assert done.returncode == (question[0] == "check"), (question, limit, done.stderr)
        done = run(change.command(index, "--jobs", "2"))
        refused += done.returncode == 2
        assert answers(index) == (change.old if done.returncode else change.new), done.stderr
        assert change.assert_mended(index, f"{limit} files").failed == ()
    assert refused
    FIGURES.append(f"commands with too few open files ({kind}): {len(limits) * 8 if ALL else 6}, {refused} refused")


def test_a_folder_that_is_no_longer_mounted(write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write("docs/a.txt", REPORT)
    store = open_store(tmp_path / "index")
    refresh(store, [tmp_path / "docs"])
    path.unlink()
    with monkeypatch.context() as patch:
        patch.setattr("policysearch.indexing.vanished.device_of", lambda path: -7)
        with pytest.raises(InputError, match=r"'.*' is no longer mounted.*index --remove"):
            refresh(store)
    assert open_index(tmp_path / "index").search("放管服").total == 1
    # on the file system that it was on, an empty folder is one that was emptied
    assert refresh(store).documents == 0


# one writer


def test_an_update_without_a_change_makes_no_generation(run: Run, tmp_path: Path) -> None:
    sources = tmp_path / "sources"
    sources.mkdir()
    (sources / "a.csv").write_text("id,text\n1,优化营商环境\n2,\n", encoding="utf-8")
    (sources / "b.jsonl").write_text('{"id": "1", "text": "优化服务"}\n{"id":\n', encoding="utf-8")
    (sources / "c.pdf").write_bytes(b"%PDF-1.4 broken")
    with zipfile.ZipFile(sources / "d.zip", "w") as archive:
        archive.writestr("a.txt", "优化环境")
        archive.writestr("b.pdf", b"%PDF-1.4 broken")

    def indexed() -> tuple[int, dict[str, str], int]:
        done = run("index", sources, "-i", tmp_path / "index", "--format", "json")
        account = json.loads(done.stdout)
        return account["generation"], {one["source"]: one["state"] for one in account["sources"]}, done.returncode

    assert indexed()[0] == 1
    before = sorted(path.name for path in (tmp_path / "index").iterdir())
    same = {"a.csv": "unchanged", "b.jsonl": "unchanged", "c.pdf": "failed", "d.zip": "unchanged"}
    for _ in range(2):
        os.utime(sources / "a.csv")
        assert indexed() == (1, same, 2)
        assert sorted(path.name for path in (tmp_path / "index").iterdir()) == before
    (sources / "a.csv").write_text("id,text\n1,优化营商环境\n2,\n3,优化\n", encoding="utf-8")
    assert indexed() == (2, same | {"a.csv": "changed"}, 2)
    assert run("search", "优化", "--format", "json", "-i", tmp_path / "index").stdout.count('"rank"') == 4
    (sources / "c.pdf").write_bytes(b"%PDF-1.4 broken again")
    assert indexed()[0] == 3
    assert indexed() == (3, same, 2)
    assert run("index", sources, "-i", tmp_path / "index", "--rebuild").returncode == 2
    assert indexed() == (4, same, 2)


def test_a_second_writer_waits_and_then_names_the_first(run: Run, write: Write, tmp_path: Path) -> None:
    write("docs/a.txt", REPORT)
    assert run("index", "docs").returncode == 0
    with locked(tmp_path / "index", 0):
        began = time.monotonic()
        done = run("index", "--wait", "0.5")
        assert time.monotonic() - began >= 0.5
        assert done.returncode == 2
        assert f"is being written by process {os.getpid()} since 20" in done.stderr
        assert f"Waiting for process {os.getpid()}" in done.stderr
        assert run("search", "放管服").returncode == 0
    assert run("index", "--wait", "0").returncode == 0


def test_a_second_writer_goes_on_when_the_first_has_ended(write: Write, tmp_path: Path) -> None:
    write("docs/a.txt", REPORT)
    folder = tmp_path / "index"
    folder.mkdir()
    holder = hold(folder)
    holder.kill()
    holder.wait()
    # a writer that died leaves its name and no lock
    assert (folder / "LOCK").read_text().startswith(f"process {holder.pid}")
    assert refresh(open_store(folder), [tmp_path / "docs"], wait_seconds=0).documents == 1


HOLD = """
import sys, time
from pathlib import Path
from policysearch.engines.whoosh.lock import locked
with locked(Path(sys.argv[1]), 0):
    print("held", flush=True)
    time.sleep(60)
"""


def hold(folder: Path) -> subprocess.Popen[bytes]:
    """Start a process that holds the lock of a folder."""
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder)], env=command_environment(), stdout=subprocess.PIPE
    )
    assert holder.stdout
    assert holder.stdout.readline() == b"held\n"
    holder.stdout.close()
    return holder


def test_the_lock_says_nonsense(write: Write, tmp_path: Path) -> None:
    folder = write("index/LOCK", b"\xff\xfe\x1b[31m" * 1000).parent
    with (folder / "LOCK").open() as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        with pytest.raises(IndexUnusableError, match="is being written by"), locked(folder, 0):
            pass


# many readers

READER = """
import json, sys, time
import policysearch
folder, seconds = sys.argv[1], float(sys.argv[2])
seen = []
end = time.monotonic() + seconds
while time.monotonic() < end:
    with policysearch.open_index(folder) as index:
        marks = set()
        for query in ("世代", "营商环境"):
            for hit in index.search(query, limit=100).hits:
                text = index.show(hit.section_id).to_dict()['text']
                marks.add(text.split("世代")[1].split("号")[0])
        documents = len(index.documents())
        seen.append([index.info["generation"], sorted(marks), documents])
print(json.dumps(seen))
"""


def test_one_writer_and_many_readers(tmp_path: Path) -> None:
    """Every document of a generation has its number: an answer that mixes two is seen."""
    docs, folder = tmp_path / "docs", tmp_path / "index"
    docs.mkdir()

    def write(number: int) -> None:
        for i in range(6):
            (docs / f"{i}.txt").write_text(f"第{i}份通知\n\n一、优化营商环境\n这是世代{number}号的文本。\n")

    write(1)
    refresh(open_store(folder), [docs])
    seconds = 60 if ALL else 4
    readers = [
        subprocess.Popen(
            [sys.executable, "-c", READER, str(folder), str(seconds)],
            env=command_environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        for _ in range(8 if ALL else 3)
    ]
    number = 1
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        number += 1
        write(number)
        assert refresh(open_store(folder)).generation == number
    looks = 0
    for reader in readers:
        out, err = reader.communicate(timeout=60)
        assert reader.returncode == 0, err
        seen = json.loads(out)
        looks += len(seen)
        for generation, marks, documents in seen:
            assert (marks, documents) == ([str(generation)], 6)
        assert [one[0] for one in seen] == sorted(one[0] for one in seen)
    FIGURES.append(f"1 writer and {len(readers)} readers, {seconds} seconds: {number} generations, {looks} readings")
    assert number > 3
    assert looks > len(readers)
    assert_no_litter(folder)


def test_an_open_index_outlives_its_generation(write: Write, tmp_path: Path) -> None:
    write("docs/a.txt", REPORT)
    store = open_store(tmp_path / "index")
    refresh(store, [tmp_path / "docs"])
    with open_index(tmp_path / "index") as index:
        before = index.search("公路").to_dict()
        write("docs/a.txt", NOTICE)
        refresh(store)
        assert_no_litter(tmp_path / "index")
        assert index.search("公路").to_dict() == before
        shown = index.show("a.txt#3")
        assert shown is not None
        assert shown.to_dict()["text"] == "二、推进乡村振兴\n修建农村公路12公里。"
