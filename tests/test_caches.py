"""Caches and temporary files may fail: that costs time, never an answer nor a build. So do files that are mapped."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from itertools import product
from pathlib import Path

import pytest
from conftest import ALL, ROOT, Write, command_environment
from crashes import answers

from policysearch.engines.opening import open_store
from policysearch.indexing.refresh import refresh

pytestmark = pytest.mark.one_python

ERRORS = ("ENOSPC", "EDQUOT", "EROFS", "EIO")
Commanded = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="session")
def faults(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Code that makes system calls fail in any library."""
    compiler = shutil.which("cc")
    if compiler is None or sys.platform != "linux":
        pytest.skip("no C compiler to make calls of the system fail with")
    library = tmp_path_factory.mktemp("faults") / "faults.so"
    source = ROOT / "tests/faults/faults.c"
    subprocess.run([compiler, "-Wall", "-shared", "-fPIC", "-o", library, source, "-ldl"], check=True)
    return library


@pytest.fixture
def commanded(tmp_path: Path) -> Commanded:
    """Return a function that runs a command, or Python, in an environment."""

    def run(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *map(str, arguments)],
            cwd=tmp_path,
            env=command_environment(**environment),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            timeout=300,
            check=False,
        )

    return run


def failing(library: Path, folder: Path, calls: str, error: str, after: int = 0) -> dict[str, str]:
    """Return the environment in which calls about a folder fail."""
    return {
        "LD_PRELOAD": str(library),
        "FAULT_FOLDERS": str(folder.resolve()),
        "FAULT_CALLS": calls,
        "FAULT_ERRNO": str(getattr(errno, error)),
        "FAULT_AFTER": str(after),
    }


# the words, in the user's cache folder

REPORT = "2024年竹榭市政府工作报告\n\n一、优化营商环境\n深化“放管服”改革。\n二、推进乡村振兴\n修建农村公路12公里。\n"
SEARCH = ("-m", "policysearch", "search", "优化营商环境建设", "--match", "any", "--format", "json", "-i")
CASES = [*product(("create", "write", "read", "mkdir", "rename"), ERRORS)]


@pytest.mark.parametrize(("calls", "error"), CASES if ALL else [("write", "ENOSPC"), ("read", "EIO")])
def test_a_cache_folder_that_fails_costs_time(
    faults: Path, commanded: Commanded, write: Write, tmp_path: Path, calls: str, error: str
) -> None:
    write("docs/a.txt", REPORT)
    refresh(open_store(tmp_path / "right"), [tmp_path / "docs"])
    expected = commanded(*SEARCH, "right").stdout
    cache = tmp_path / "cache"
    cache.mkdir()
    if calls == "read":  # there is something to be read
        shutil.copytree(Path(os.environ["XDG_CACHE_HOME"]) / "policysearch", cache / "policysearch")
        (cache / "policysearch").chmod(0o700)
    for after in (0, 1) if ALL else (0,):
        environment = {**failing(faults, cache, calls, error, after), "XDG_CACHE_HOME": str(cache)}
        shutil.rmtree(tmp_path / "index", ignore_errors=True)
        built = commanded("-m", "policysearch", "index", "docs", "-q", **environment)
        assert (built.returncode, built.stderr) == (0, "")
        assert answers(tmp_path / "index") == answers(tmp_path / "right")
        found = commanded(*SEARCH, "index", **environment)
        assert (found.returncode, found.stderr, found.stdout) == (0, "", expected)


def a_file(cache: Path) -> None:
    cache.write_text("a file")


def words(cache: Path) -> list[Path]:
    """Put the whole words in a cache folder; return their files."""
    shutil.copytree(Path(os.environ["XDG_CACHE_HOME"]) / "policysearch", cache / "policysearch")
    (cache / "policysearch").chmod(0o700)
    return [path for path in (cache / "policysearch").iterdir() if path.is_file()]  # other tests leave folders


def a_link_that_leads_nowhere(cache: Path) -> None:
    cache.mkdir()
    (cache / "policysearch").symlink_to(cache / "nowhere")


def folders_in_place_of_files(cache: Path) -> None:
    for path in words(cache):
        path.unlink()
        path.mkdir()


def pipes_in_place_of_files(cache: Path) -> None:
    for path in words(cache):
        path.unlink()
        os.mkfifo(path)


def zeros_as_large_as_a_disk(cache: Path) -> None:
    for path in words(cache):
        with path.open("r+b") as file:
            file.truncate(2**40)


def nothing_in_them(cache: Path) -> None:
    for path in words(cache):
        path.write_bytes(b"")


def others_may_write_it(cache: Path) -> None:
    words(cache)
    (cache / "policysearch").chmod(0o777)


DAMAGES = (
    *(a_file, a_link_that_leads_nowhere, folders_in_place_of_files, pipes_in_place_of_files),
    *(zeros_as_large_as_a_disk, nothing_in_them, others_may_write_it),
)


@pytest.mark.parametrize("damage", DAMAGES if ALL else DAMAGES[3:5])
def test_a_damaged_cache_folder_costs_time(
    commanded: Commanded, samples_index: Path, tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    expected = commanded(*SEARCH, samples_index).stdout
    damage(tmp_path / "cache")
    found = commanded(*SEARCH, samples_index, XDG_CACHE_HOME=str(tmp_path / "cache"))
    assert (found.returncode, found.stderr, found.stdout) == (0, "", expected)


# temporary files

IDS = """
from policysearch.search import batch as batches
from policysearch.search.topics import BrokenTopic, Topics
batches._MOST_IDS = 4000
lines = [f"{number * 7919 % 20000:060d}\\t改革\\n".encode() for number in range(20050)]
read = list(Topics(iter(lines), "topics.tsv"))
print([one.reason for one in read if isinstance(one, BrokenTopic)])
"""
HITS = """
from policysearch.engines.opensearch import external_sort as spilling
spilling._RUN = 500
found = [(-(n * 7919 % 20000) / 7, "text", n) for n in range(20000)]
print(list(spilling.first_of(iter(found), None)) == sorted(found))
"""


@pytest.mark.parametrize("error", ERRORS)
@pytest.mark.parametrize("calls", ["create", "write"])
@pytest.mark.parametrize("after", [0, 3])
def test_temporary_files_that_fail_cost_memory(
    faults: Path, commanded: Commanded, tmp_path: Path, calls: str, error: str, after: int
) -> None:
    folder = tmp_path / "temporary"
    folder.mkdir()
    environment = {"TMPDIR": str(folder), "SQLITE_TMPDIR": str(folder)}
    for program, expected in ((IDS, commanded("-c", IDS, **environment).stdout), (HITS, "True\n")):
        done = commanded("-c", program, **environment, **failing(faults, folder, calls, error, after))
        assert (done.returncode, done.stdout, done.stderr) == (0, expected, "")
    assert list(folder.iterdir()) == []


def test_a_folder_for_temporary_files_that_is_not_there(
    commanded: Commanded, write: Write, samples_index: Path, tmp_path: Path
) -> None:
    topics = write("topics.tsv", "a\t改革\nb\t发展\na\t服务\n")
    arguments = ("-m", "policysearch", "batch", topics, "--format", "jsonl", "-i", samples_index)
    right, done = commanded(*arguments), commanded(*arguments, TMPDIR=str(tmp_path / "nowhere"))
    assert (done.returncode, done.stdout, done.stderr) == (2, right.stdout, right.stderr)


# files of the index that are mapped into memory


@pytest.mark.parametrize("error", ERRORS)
def test_an_index_that_cannot_be_mapped_is_not_called_damaged(
    faults: Path, commanded: Commanded, samples_index: Path, tmp_path: Path, error: str
) -> None:
    index = Path(shutil.copytree(samples_index, tmp_path / "index"))
    for command in (["search", "改革"], ["check"], ["index"], ["count", "改革"]) if ALL else (["search", "改革"],):
        done = commanded("-m", "policysearch", *command, "-i", index, **failing(faults, index, "map", error))
        assert (done.returncode, done.stdout) == (2, "")
        assert f"cannot be read: {os.strerror(getattr(errno, error))}" in done.stderr
        assert "corrupt" not in done.stderr
        assert "Traceback" not in done.stderr


@pytest.mark.parametrize("error", ERRORS)
@pytest.mark.parametrize("calls", ["create", "write"])
def test_a_build_whose_files_fail_below_python_is_as_one_that_fails_in_it(
    faults: Path, commanded: Commanded, write: Write, tmp_path: Path, calls: str, error: str
) -> None:
    if not ALL and error != "ENOSPC":
        pytest.skip("only with POLICYSEARCH_TEST_ALL=1")
    write("docs/a.txt", REPORT)
    refresh(open_store(tmp_path / "index"), [tmp_path / "docs"])
    before = answers(tmp_path / "index")
    write("docs/b.txt", "关于做好防汛工作的通知\n\n一、落实责任\n各镇要落实防汛责任。\n")
    done = commanded("-m", "policysearch", "index", **failing(faults, tmp_path / "index", calls, error))
    assert (done.returncode, done.stdout) == (2, "")
    assert os.strerror(getattr(errno, error)) in done.stderr
    assert str(tmp_path / "index") in done.stderr or "'index" in done.stderr
    assert "Traceback" not in done.stderr
    assert answers(tmp_path / "index") == before
