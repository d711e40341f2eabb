"""Files that a command writes: they keep mode and owner, and what is left of them by a kill goes with the next run."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import Run, Write, command_environment
from crashes import REPORT

from policysearch.cli.destination import written_whole
from policysearch.errors import InputError
from policysearch.files.atomic import clear, create

pytestmark = pytest.mark.one_python


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def write_to(path: Path, text: str = "new") -> None:
    with written_whole(path) as stream:
        stream.write(text)


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o664, 0o755])
def test_the_mode_of_a_file_is_kept(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "out.csv"
    path.write_text("old")
    path.chmod(mode)
    (tmp_path / "link").symlink_to(path)
    for name in (path, tmp_path / "link"):
        write_to(name)
        assert (path.read_text(), mode_of(path), list(tmp_path.glob(".*"))) == ("new", mode, [])
    assert (tmp_path / "link").is_symlink()


@pytest.mark.parametrize("mask", [0o022, 0o027, 0o077, 0o002])
def test_a_new_file_has_the_mode_of_the_umask(tmp_path: Path, mask: int) -> None:
    before = os.umask(mask)
    try:
        write_to(tmp_path / "out.csv")
    finally:
        os.umask(before)
    assert mode_of(tmp_path / "out.csv") == 0o666 & ~mask


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files away")
def test_the_owner_of_a_file_is_kept(run: Run, write: Write, tmp_path: Path) -> None:
    write("docs/a.txt", REPORT)
    write("topics.txt", "公路\n")
    assert run("index", "docs").returncode == 0
    outputs = [write(name, "old") for name in ("out.csv", "run.trec", "made.json")]
    for path in outputs:
        os.chown(path, 12345, 54321)
        path.chmod(0o640)
    assert run("kwic", "公路", "-o", "out.csv").returncode == 0
    assert run("batch", "topics.txt", "-o", "run.trec", "--manifest", "made.json").returncode == 0
    for path in outputs:
        status = path.stat()
        assert (status.st_uid, status.st_gid, mode_of(path)) == (12345, 54321, 0o640)
        assert path.read_text() != "old"


def test_a_drawing_keeps_the_mode(run: Run, write: Write, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    write("docs/a.txt", REPORT)
    assert run("index", "docs").returncode == 0
    write("chart.svg", "old").chmod(0o600)
    done = run("count", "公路", "--by", "year", "--plot", "chart.svg")
    assert (done.returncode, mode_of(tmp_path / "chart.svg")) == (0, 0o600)
    assert "<svg" in (tmp_path / "chart.svg").read_text()


@pytest.mark.parametrize("text", ["", "short", "long" * 10_000])
def test_where_the_owner_cannot_be_kept_the_file_stays_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    path = tmp_path / "out.csv"
    path.write_text("old" * 100)
    path.chmod(0o664)
    inode = path.stat().st_ino

    def refuse(*arguments: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    fstat = os.fstat

    def of_another(handle: int) -> os.stat_result:
        status = list(fstat(handle))
        status[stat.ST_UID] += 1
        return os.stat_result(status)

    monkeypatch.setattr(os, "fchown", refuse)
    with monkeypatch.context() as patch:
        patch.setattr("policysearch.files.atomic.os.fstat", of_another)
        patch.setattr("policysearch.files.atomic._is_at", lambda handle, path: True)
        with written_whole(path) as stream:
            stream.write(text)
            stream.flush()
            assert path.read_text() == "old" * 100
    assert (path.read_text(), path.stat().st_ino, mode_of(path)) == (text, inode, 0o664)
    assert list(tmp_path.glob(".*")) == []


def test_a_file_that_may_not_be_written_is_not_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "out.csv"
    path.write_text("old")
    path.chmod(0o444)
    monkeypatch.setattr(os, "access", lambda path, mode: False)  # root may write everything
    with pytest.raises(InputError, match="Permission denied"):
        write_to(path)
    assert (path.read_text(), mode_of(path), list(tmp_path.glob(".*"))) == ("old", 0o444, [])


def test_what_fails_leaves_nothing(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    path.write_text("old")
    with pytest.raises(TypeError), written_whole(path) as stream:
        stream.write("new" + 1)  # type: ignore[operator]
    assert (path.read_text(), list(tmp_path.glob(".*"))) == ("old", [])


# killed

KILLED = """
import os, signal, sys
from pathlib import Path
from policysearch.cli.destination import written_whole
with written_whole(Path(sys.argv[1])) as stream:
    stream.write("half of it")
    stream.flush()
    os.kill(os.getpid(), signal.SIGKILL)
"""


def killed(code: str, *arguments: str | Path, **environment: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        env=command_environment(**environment),
        check=False,
        timeout=120,
    )
    assert done.returncode == -signal.SIGKILL


def test_what_a_kill_left_of_an_output_goes_with_the_next_run(run: Run, write: Write, tmp_path: Path) -> None:
    write("docs/a.txt", REPORT)
    assert run("index", "docs").returncode == 0
    foreign = [write(f"out/{name}", "mine") for name in (".out.csv.7.part", ".policysearch-7.part", "a.part")]
    (tmp_path / "out/.policysearch-0123456789abcdef.part").symlink_to(foreign[0])
    (tmp_path / "out/.policysearch-0123456789abcde0.part").mkdir()
    before = set((tmp_path / "out").iterdir())
    handle, held = create(tmp_path / "out")  # another process writes this one
    for name in ("out.csv", "other.csv"):
        killed(KILLED, tmp_path / "out" / name)
    try:
        left = set((tmp_path / "out").iterdir()) - before - {held}
        assert len(left) == 1, "the second has removed what was left of the first"
        assert run("kwic", "公路", "-o", "out/out.csv").returncode == 0
        assert set((tmp_path / "out").iterdir()) == before | {held, tmp_path / "out/out.csv"}
    finally:
        os.close(handle)
    clear(tmp_path / "out")
    assert set((tmp_path / "out").iterdir()) == before | {tmp_path / "out/out.csv"}
    assert [path.read_text() for path in foreign] == ["mine"] * 3


@pytest.mark.parametrize("user", [12345])
@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files away")
def test_what_another_user_left_stays(tmp_path: Path, user: int) -> None:
    handle, path = create(tmp_path)
    os.close(handle)
    os.chown(path, user, user)
    clear(tmp_path)
    assert path.exists()


KILLED_WITH_WORDS = """
import os, signal, sys
os.replace = lambda *paths: os.kill(os.getpid(), signal.SIGKILL)
from policysearch.cli.main import main
main(["search", "-i", sys.argv[1], "公路"])
"""


@pytest.mark.parametrize("command", ["search", "index"])
def test_what_a_kill_left_in_the_cache_goes_with_the_next_run(
    run: Run, write: Write, tmp_path: Path, command: str
) -> None:
    write("docs/a.txt", REPORT)
    assert run("index", "docs").returncode == 0
    cache = tmp_path / "cache"
    killed(KILLED_WITH_WORDS, tmp_path / "index", XDG_CACHE_HOME=str(cache))
    left = set((cache / "policysearch").iterdir())
    assert left
    arguments = ["公路"] if command == "search" else []
    assert run(command, *arguments, XDG_CACHE_HOME=str(cache)).returncode == 0
    assert not left & set((cache / "policysearch").iterdir())


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("moment", ["fcntl.flock", "FileDraft.__init__", "written_whole"])
def test_a_signal_while_a_draft_is_made_leaves_nothing(
    write: Write, samples_index: Path, tmp_path: Path, moment: str, number: signal.Signals
) -> None:
    out = write("out.csv", "old")
    program = write(
        "run.py",
        f"""
import contextlib, os, sys, time
from policysearch.cli import destination
from policysearch.files import atomic
from policysearch.__main__ import run

def kill(*_):
    os.kill(os.getpid(), {int(number)})
    time.sleep(60)

def after(function):
    def call(*arguments):
        result = function(*arguments)
        if os.path.exists("out.csv") and any(name.endswith(".part") for name in os.listdir()):
            kill()
        return result
    return call

match sys.argv.pop(1):
    case "fcntl.flock":
        atomic.fcntl.flock = kill
    case "FileDraft.__init__":
        atomic.FileDraft.__init__ = after(atomic.FileDraft.__init__)
    case "written_whole":
        contextlib._GeneratorContextManager.__enter__ = after(contextlib._GeneratorContextManager.__enter__)
run()
""",
    )
    command = [sys.executable, str(program), moment, "kwic", "发展", "-i", str(samples_index), "-o", "out.csv"]
    done = subprocess.run(command, cwd=tmp_path, env=command_environment(), capture_output=True, timeout=60)
    assert (done.returncode, done.stderr.strip()) == (128 + number, b"")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.csv", "run.py"]
    assert out.read_text() == "old"
