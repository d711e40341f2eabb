"""No file is removed, cut or written over that the index did not write; what a build left that was killed goes."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import zlib
from pathlib import Path

import pytest
from conftest import ALL, Run, Write, command_environment
from crashes import NOTICE, REPORT, Change, answers, assert_no_litter

from policysearch import InputError
from policysearch.engines.opening import open_store
from policysearch.engines.whoosh.generations import FORMAT
from policysearch.engines.whoosh.lock import lock_note, locked
from policysearch.files.json_bytes import packed, unpacked
from policysearch.indexing.refresh import refresh

pytestmark = pytest.mark.one_python

FOREIGN = {
    "sources-2023.json": b'{"roots": {}}',
    "sources-7-0a1b2c3d.json": b'{"mine": 1}',
    "sources-8-0a1b2c3d.json": b"",
    "a.segment": b"mine",
    "000001.segment": b"mine",
    "000001-0001-1.segment": b"mine",
    "000009-0a1b2c3d-0001-1.segment": b"mine",
    "000009-0a1b2c3d-0002-1.segment": b"",
    "CURRENT.new": b"mine",
    "CURRENT-0a1b2c3d.new": b"mine",
    "CURRENT-0a1b2c3e.new": b"",
    "CURRENT.bak": b"policysearch index 5 00000000\n",
    "notes.txt": b"mine",
    ".hidden": b"mine",
    "README.md": b"mine",
}
"""Files with names like those of an index, which it did not write."""


def state_of(folder: Path) -> dict[str, tuple[bytes, int]]:
    return {
        path.relative_to(folder).as_posix(): (path.read_bytes() if path.is_file() else b"", path.stat().st_mtime_ns)
        for path in sorted(folder.rglob("*"))
    }


# a folder that is no index


# an empty file of such a name may be left of a first build
@pytest.mark.parametrize("name", [name for name, data in FOREIGN.items() if data and name[0] not in ".R"])
def test_a_folder_that_holds_anything_else_is_refused_untouched(write: Write, tmp_path: Path, name: str) -> None:
    write("docs/a.txt", REPORT)
    folder = write(f"other/{name}", FOREIGN[name]).parent
    before = state_of(folder)
    for rebuild in (False, True):
        with pytest.raises(InputError, match=r"neither empty nor an index: it contains '.*--index FOLDER"):
            refresh(open_store(folder), [tmp_path / "docs"], rebuild=rebuild)
        assert state_of(folder) == before


@pytest.mark.parametrize("command", [["index", "docs"], ["index", "docs", "--rebuild"], ["index"]])
def test_the_command_says_what_to_do(run: Run, write: Write, tmp_path: Path, command: list[str]) -> None:
    write("docs/a.txt", REPORT)
    write("sources/a.txt", REPORT)
    write("home/letters/to-a-friend.txt", "mine")
    write("home/sources-2023.json", "mine")
    write("home/LOCK", "mine")
    before = state_of(tmp_path / "home")
    done = run(*command, "-i", "home")
    assert (done.returncode, done.stdout) == (2, "")
    assert (
        "'home' is neither empty nor an index: it contains 'LOCK' and 2 more. Nothing in it was changed." in done.stderr
    )
    assert "--index FOLDER" in done.stderr
    assert state_of(tmp_path / "home") == before


@pytest.mark.parametrize("current", [b"MANIFEST-000001\n", b"", b"policysearch\n"])
def test_a_current_of_another_program_is_no_index(write: Write, tmp_path: Path, current: bytes) -> None:
    write("docs/a.txt", REPORT)
    write("db/000003.log", "mine")
    write("db/LOCK", "")
    folder = write("db/CURRENT", current).parent
    before = state_of(folder)
    for rebuild in (False, True):
        with pytest.raises(InputError, match="is not an index: this program did not write its 'CURRENT'"):
            refresh(open_store(folder), [tmp_path / "docs"], rebuild=rebuild)
        assert state_of(folder) == before


def test_a_folder_may_hold_a_readme_and_hidden_files(write: Write, tmp_path: Path) -> None:
    write("docs/a.txt", REPORT)
    mine = [write(f"index/{name}", "mine") for name in ("README.md", "README", ".gitignore", ".git/config")]
    assert refresh(open_store(tmp_path / "index"), [tmp_path / "docs"]).documents == 1
    assert [path.read_text() for path in mine] == ["mine"] * 4


def test_a_link_to_a_folder_is_that_folder(write: Write, tmp_path: Path) -> None:
    write("docs/a.txt", REPORT)
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert refresh(open_store(tmp_path / "link"), [tmp_path / "docs"]).documents == 1
    assert (tmp_path / "link").is_symlink()
    assert_no_litter(tmp_path / "real")
    write("home/mine.txt", "mine")
    (tmp_path / "link").unlink()
    (tmp_path / "link").symlink_to(tmp_path / "home")
    with pytest.raises(InputError, match="neither empty nor an index"):
        refresh(open_store(tmp_path / "link"), [tmp_path / "docs"])
    assert [path.name for path in (tmp_path / "home").iterdir()] == ["mine.txt"]


# an index


def test_what_is_nobodys_stays_in_an_index(write: Write, tmp_path: Path) -> None:
    write("docs/a.txt", REPORT)
    folder = tmp_path / "index"
    refresh(open_store(folder), [tmp_path / "docs"])
    other = tmp_path / "other"
    refresh(open_store(other), [tmp_path / "docs"])
    foreign = dict(FOREIGN)
    for path in (*other.glob("*.segment"), *other.glob("sources-*.json")):  # whole, and of another index
        foreign[path.name] = path.read_bytes()
    for name, data in foreign.items():
        (folder / name).write_bytes(data)
    (folder / "000009-0a1b2c3d-0003-1.segment").mkdir()
    (folder / "000009-0a1b2c3d-0004-1.segment").symlink_to(tmp_path / "docs/a.txt")
    for number in range(3):
        write("docs/b.txt", NOTICE * (number + 1))
        refresh(open_store(folder))
    refresh(open_store(folder), rebuild=True)
    for name, data in foreign.items():
        assert (folder / name).read_bytes() == data, name
    assert (folder / "000009-0a1b2c3d-0003-1.segment").is_dir()
    assert (folder / "000009-0a1b2c3d-0004-1.segment").is_symlink()
    assert (tmp_path / "docs/a.txt").read_text() == REPORT
    for name in (*foreign, "000009-0a1b2c3d-0004-1.segment"):
        (folder / name).unlink()
    (folder / "000009-0a1b2c3d-0003-1.segment").rmdir()
    assert_no_litter(folder)
    assert refresh(open_store(folder)).generation == 5, "names of others do not count"


def test_unfinished_files_with_the_header_are_removed(write: Write, tmp_path: Path) -> None:
    write("docs/a.txt", REPORT)
    folder = tmp_path / "index"
    refresh(open_store(folder), [tmp_path / "docs"])
    (whole,) = folder.glob("*.segment")
    (account,) = folder.glob("sources-*.json")
    (folder / "000007-0a1b2c3d-0001-1.segment").write_bytes(whole.read_bytes()[:-10])
    (folder / "sources-7-0a1b2c3d.json").write_bytes(account.read_bytes()[:-10])
    (folder / "CURRENT-0a1b2c3d.new").write_bytes((folder / "CURRENT").read_bytes()[:-10])
    (folder / "CURRENT.new").write_bytes((folder / "CURRENT").read_bytes())
    refresh(open_store(folder))
    assert_no_litter(folder)


def test_a_lock_of_another_program_is_not_cut(run: Run, write: Write, tmp_path: Path) -> None:
    write("docs/a.txt", REPORT)
    assert run("index", "docs").returncode == 0
    write("index/LOCK", "mine, all mine")
    write("docs/b.txt", NOTICE)
    done = run("index")
    assert (done.returncode, done.stdout) == (2, "")
    assert "'index/LOCK' was not written by this program" in done.stderr
    assert (tmp_path / "index/LOCK").read_text() == "mine, all mine"
    (tmp_path / "index/LOCK").unlink()
    assert run("index").returncode == 0


def test_what_a_lock_may_say() -> None:
    assert lock_note("") == ("", [])
    assert lock_note("process 7 since 2026-01-02T03:04:05+08:00") == ("process 7 since 2026-01-02T03:04:05+08:00", [])
    assert lock_note("process 7 since now\nbuilds 0a1b2c3d 00000000") == (
        "process 7 since now",
        ["0a1b2c3d", "00000000"],
    )
    assert lock_note("\nbuilds 0a1b2c3d") == ("", ["0a1b2c3d"])
    assert lock_note("\0\0\0") == ("", [])  # after a loss of power
    for text in ("12345\n", "process", "builds", "builds 0a1b2c3d\nmine", "process 7 since now mine"):
        assert lock_note(text) is None, text


def test_the_notes_of_builds_that_were_killed_do_not_grow_without_end(tmp_path: Path) -> None:
    for number in range(50):
        with locked(tmp_path, 0) as lock:
            lock.note(f"{number:08x}")
    text = (tmp_path / "LOCK").read_text()
    note = lock_note(text)
    assert note is not None
    assert note[1][-1] == f"{49:08x}"
    assert len(note[1]) < 25


# what a killed build leaves


def test_what_a_first_build_left_is_kept_until_the_next_has_published(small_change: Change, tmp_path: Path) -> None:
    folder = tmp_path / "first"
    assert small_change.run(folder, FAULT_AT="rename", FAULT_KIND="kill").returncode == -signal.SIGKILL
    left = {path.name for path in folder.iterdir()} - {"LOCK"}
    assert len(left) == 3  # a segment, an account, and the CURRENT that was to be
    missing = tmp_path / "missing"
    with pytest.raises(InputError, match="Give an existing one"):
        refresh(open_store(folder), [missing])
    assert {path.name for path in folder.iterdir()} == left | {"LOCK"}
    small_change.assert_mended(folder, "after a first build that was killed")
    assert not left & {path.name for path in folder.iterdir()}


def test_two_first_builds_at_once(write: Write, tmp_path: Path) -> None:
    """Files of the one come and go while the other looks whether the folder is somebody's."""
    write("docs/a.txt", REPORT)
    for number in range(20 if ALL else 2):
        folder = tmp_path / f"index-{number}"
        command = [sys.executable, "-m", "policysearch", "index", "docs", "-q", "--wait", "100", "-i", str(folder)]
        builds = [
            subprocess.Popen(command, cwd=tmp_path, env=command_environment(), stderr=subprocess.PIPE, encoding="utf-8")
            for _ in range(2)
        ]
        assert [(build.communicate(timeout=120)[1], build.returncode) for build in builds] == [("", 0)] * 2
        assert_no_litter(folder)


def test_a_build_killed_before_it_wrote_a_byte_leaves_nothing(small_change: Change) -> None:
    index = small_change.copy("empty-file")
    done = small_change.run(index, FAULT_AT="write", FAULT_KIND="kill")
    assert done.returncode == -signal.SIGKILL
    assert any(path.stat().st_size == 0 for path in index.glob("*.segment"))
    small_change.assert_mended(index, "a file without a byte")


def test_a_first_build_that_fails_takes_its_own_files_away(small_change: Change, tmp_path: Path) -> None:
    folder = tmp_path / "full"
    assert small_change.run(folder, FAULT_AT="rename", FAULT_KIND="ENOSPC").returncode == 2
    assert [path.name for path in folder.iterdir()] == ["LOCK"]


def test_an_index_of_which_current_is_lost_is_made_again_without_litter(write: Write, tmp_path: Path) -> None:
    write("docs/a.txt", REPORT)
    folder = tmp_path / "index"
    for current in (None, b"noise", b"policysearch index 4 00000000\n{}"):
        refresh(open_store(folder), [tmp_path / "docs"], rebuild=True)
        if current is None:
            (folder / "CURRENT").unlink()
        else:
            (folder / "CURRENT").write_bytes(current)
        refresh(open_store(folder), [tmp_path / "docs"], rebuild=True)
        assert_no_litter(folder)


def test_an_account_without_the_header_goes_with_its_generation(write: Write, tmp_path: Path) -> None:
    """As indexes have it that were made before accounts had one."""
    write("docs/a.txt", REPORT)
    folder = tmp_path / "index"
    refresh(open_store(folder), [tmp_path / "docs"])
    fields = json.loads((folder / "CURRENT").read_bytes().partition(b"\n")[2])
    account = unpacked((folder / fields["state"][0]).read_bytes())
    del account["policysearch"], fields["replaced"]
    data = packed(account)
    (folder / fields["state"][0]).write_bytes(data)
    fields["state"][1:] = [len(data), zlib.crc32(data)]
    body = json.dumps(fields).encode()
    (folder / "CURRENT").write_bytes(f"policysearch index {FORMAT} {zlib.crc32(body):08x}\n".encode() + body)
    copied = Path(shutil.copytree(folder, tmp_path / "copied"))
    write("docs/b.txt", NOTICE)
    refresh(open_store(folder))
    assert_no_litter(folder)
    # the same name with other contents is somebody's
    (copied / fields["state"][0]).write_bytes(b'{"mine": 1}')
    refresh(open_store(copied), [tmp_path / "docs"], rebuild=True)
    assert (copied / fields["state"][0]).read_bytes() == b'{"mine": 1}'


@pytest.mark.skipif(os.geteuid() == 0, reason="root may list every folder")
def test_a_folder_that_cannot_be_listed_is_refused(write: Write, tmp_path: Path) -> None:
    write("docs/a.txt", REPORT)
    folder = tmp_path / "closed"
    folder.mkdir(mode=0o300)
    with pytest.raises(InputError, match="Cannot write the index"):
        refresh(open_store(folder), [tmp_path / "docs"])
    folder.chmod(0o700)
    assert list(folder.iterdir()) == []


def test_answers_do_not_depend_on_what_lies_beside(write: Write, tmp_path: Path) -> None:
    write("docs/a.txt", REPORT)
    folder = tmp_path / "index"
    refresh(open_store(folder), [tmp_path / "docs"])
    before = answers(folder)
    for name, data in FOREIGN.items():
        (folder / name).write_bytes(data)
    assert answers(folder) == before
    assert open_store(folder).damage() == ()


# the index's own folder is no source


def test_the_folder_of_the_index_is_no_source(run: Run, write: Write, tmp_path: Path) -> None:
    write("docs/a.txt", REPORT)
    write("docs/metadata.csv", "source,year\na.txt,2021\n")
    folder = tmp_path / "docs/index"
    for _ in range(3):
        done = run("index", "docs", "-i", folder)
        assert (done.returncode, done.stderr) == (0, "")
        assert ", 1 folder of an index skipped; the index has 1 document, 3 sections" in done.stdout
    account = json.loads(run("index", "-i", folder, "--format", "json").stdout)
    assert account["passed_over"] == [str(folder)]
    assert [one["source"] for one in account["sources"]] == ["a.txt"]
    done = run("check", "-i", folder)
    assert (done.returncode, done.stderr) == (0, "")
    # nor is another's, also where a link leads to it
    (tmp_path / "docs/again").symlink_to(folder)
    (tmp_path / "docs/link.json").symlink_to(next(folder.glob("sources-*.json")))
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere/index").symlink_to(folder)
    done = run("index", "docs", "elsewhere", "--follow-links", "-i", "index")
    assert (done.returncode, done.stderr) == (0, "")
    assert ", 2 folders of an index skipped; the index has 1 document," in done.stdout
    assert run("check").returncode == 0


def test_here_with_the_default_index(run: Run, write: Write, tmp_path: Path) -> None:
    write("a.txt", REPORT)
    for _ in range(2):
        done = run("index", ".")
        assert (done.returncode, done.stderr) == (0, "")
    assert run("check").returncode == 0
    assert open_store(tmp_path / "index").damage() == ()


@pytest.mark.parametrize("root", ["index", "index/docs", "index/docs/b.txt", "link", "other"])
def test_a_root_that_is_part_of_an_index_is_refused(write: Write, tmp_path: Path, root: str) -> None:
    write("docs/a.txt", REPORT)
    refresh(open_store(tmp_path / "index"), [tmp_path / "docs"])
    refresh(open_store(tmp_path / "other"), [tmp_path / "docs"])
    write("index/docs/b.txt", NOTICE)
    (tmp_path / "link").symlink_to(tmp_path / "index/docs")
    before = state_of(tmp_path / "index")
    with pytest.raises(InputError, match=r"is part of an index.*--index FOLDER"):
        refresh(open_store(tmp_path / "index"), [tmp_path / root])
    after = state_of(tmp_path / "index")
    assert {k: v[0] for k, v in before.items()} == {k: v[0] for k, v in after.items()}
