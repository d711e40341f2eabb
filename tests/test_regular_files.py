"""Files that are not regular are refused at once, those that are not read are not, and no source takes too long."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT, SOURCES, Run, Write, command_environment
from crashes import FAULTS, NOTICE, REPORT

from policysearch import InputError, SourceError
from policysearch.engines.opening import open_store
from policysearch.engines.whoosh import region_file
from policysearch.files.regular import bounded_lines, digest, open_regular, read_regular
from policysearch.indexing import scanning
from policysearch.indexing.refresh import refresh
from policysearch.sources.finding import find_sources
from policysearch.sources.reader import content, read_bytes

TERABYTE = 2**40  # of nothing: reading it takes an hour


def states(done: subprocess.CompletedProcess[str]) -> dict[str, str]:
    return {source["source"]: source["state"] for source in json.loads(done.stdout)["sources"]}


def test_what_is_too_large_or_of_no_kind_is_not_read_at_all(run: Run, write: Write, tmp_path: Path) -> None:
    write("docs/a.txt", REPORT)
    for name, head in (("large.txt", b"\xe6\x94\xb9"), ("film.mp4", b"\0\0\0 ftyp"), ("scan.png", b"\x89PNG"),
                       ("page.pdf", b"no PDF"), ("large.zip", b"PK\x03\x04")):  # fmt: skip
        os.truncate(write(f"docs/{name}", head), TERABYTE)
    for expected in ("added", "unchanged"):
        done = run("index", "docs", "--format", "json")
        assert done.returncode == 2
        found = states(done)
        assert found.pop("a.txt") == expected
        assert {name for name, state in found.items() if state == "skipped"} == {"film.mp4", "scan.png"}
        assert {name for name, state in found.items() if state == "failed"} == {"large.txt", "page.pdf", "large.zip"}
        if expected == "added":
            assert "large.txt: It is larger than 1 GB; split it." in done.stderr
    done = run("check", "--format", "json")
    assert done.returncode == 0
    assert {one["source"] for one in json.loads(done.stdout)["failed"]} == {"large.txt", "page.pdf", "large.zip"}
    assert run("outline", "docs/film.mp4").returncode == 2
    os.truncate(tmp_path / "docs/film.mp4", TERABYTE + 1)
    said = json.loads(run("check", "--format", "json").stdout)
    assert [one["source"] for one in said["differences"] if one["state"] == "changed"] == ["film.mp4"]


@pytest.mark.parametrize("known", [False, True], ids=["new", "known"])
@pytest.mark.parametrize("processes", [False, True], ids=["in one process", "in processes"])
def test_a_source_that_becomes_a_pipe_after_it_was_found_fails_by_name(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, known: bool, processes: bool
) -> None:
    docs = tmp_path / "docs"
    write("docs/a.txt", REPORT)
    changing = write("docs/b.txt", NOTICE)
    if processes:
        write("docs/z.pdf", next(SOURCES.rglob("*.pdf")).read_bytes())
    if known:
        refresh(open_store(tmp_path / "index"), [docs])
        os.utime(changing, (1, 1))

    def found_then_changed(*arguments: Any, **options: Any) -> Iterator[Any]:
        found = list(find_sources(*arguments, **options))
        changing.unlink()
        os.mkfifo(changing)
        return iter(found)

    monkeypatch.setattr(scanning, "find_sources", found_then_changed)
    account = refresh(open_store(tmp_path / "index"), [docs])
    assert [(one.source, one.reason) for one in account.failed] == [
        ("b.txt", "It cannot be opened: Not a regular file.")
    ]
    assert account.documents == 1 + processes


@pytest.fixture(params=["pipe", "zeros", "folder"])
def no_file(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Something that is no regular file."""
    if request.param == "pipe":
        os.mkfifo(tmp_path / "pipe")
    elif request.param == "zeros":
        return "/dev/zero"
    else:
        (tmp_path / "folder").mkdir()
    return str(tmp_path / request.param)


def test_what_is_no_regular_file_is_refused(run: Run, write: Write, samples_index: Path, no_file: str) -> None:
    write("docs/a.txt", REPORT)
    for arguments in (
        ("outline", no_file),
        ("batch", no_file, "-i", samples_index),
        ("batch", no_file, "-i", samples_index, "--jobs", "2"),
        ("count", "--terms", no_file, "-i", samples_index),
        ("index", "docs", "--dictionary", no_file),
    ):
        done = run(*arguments)
        assert (done.returncode, done.stdout) == (2, ""), done.stderr
        assert no_file in done.stderr
    with pytest.raises(OSError, match="Not a regular file"):
        open_regular(no_file)
    with pytest.raises(SourceError, match="Not a regular file"):
        content(Path(no_file))
    assert digest(no_file, 100) is None


def test_stdin_may_be_a_pipe(samples_index: Path) -> None:
    for arguments in (("batch", "-"), ("count", "--terms", "-")):
        done = subprocess.run(
            [sys.executable, "-m", "policysearch", *arguments, "--format", "csv", "-i", str(samples_index)],
            input="改革\n",
            env=command_environment(),
            capture_output=True,
            encoding="utf-8",
            check=True,
        )
        assert "改革" in done.stdout


def test_files_of_words_have_a_largest_size(run: Run, write: Write, tmp_path: Path, samples_index: Path) -> None:
    write("docs/a.txt", REPORT)
    os.truncate(write("words.txt", "公路 3\n"), TERABYTE)
    done = run("index", "docs", "--dictionary", "words.txt")
    assert (done.returncode, "'words.txt' cannot be read (Larger than 16 MB)" in done.stderr) == (2, True), done.stderr
    os.truncate(write("docs/metadata.csv", "source,year\n"), TERABYTE)
    done = run("index", "docs")
    assert (done.returncode, "metadata.csv" in done.stderr) == (2, True)
    for arguments in (("batch", "words.txt"), ("count", "--terms", "words.txt")):
        done = run(*arguments, "-i", samples_index)
        assert done.returncode == 2
        assert "'words.txt', line 2: longer than 1,000,000 bytes" in done.stderr


def test_a_file_that_grows_is_read_as_it_was_or_not_at_all(write: Write) -> None:
    path = write("a.txt", b"12345")
    assert digest(path, 5) is not None
    assert digest(path, 4) is None
    assert digest(path, 5, 0.0) is None  # it takes longer than no time
    assert read_regular(path, 5) == b"12345"
    with pytest.raises(OSError, match="Larger than"):
        read_regular(path, 4)
    with path.open("rb") as file:
        assert list(bounded_lines(file, "a")) == [b"12345"]


IN_A_THREAD = """
import sys, threading
from pathlib import Path
from policysearch.engines.opening import open_store
from policysearch.indexing.refresh import refresh

def build():
    account = refresh(open_store("index"), [Path("docs")], seconds=1.5)
    print([(one.source, one.state) for one in account.sources], account.failed[0].reason)

thread = threading.Thread(target=build)
thread.start()
thread.join()
"""


def test_the_time_for_a_source_holds_in_a_thread_too(write: Write, tmp_path: Path) -> None:
    write("docs/a.txt", REPORT)
    write("docs/hang-me.txt", REPORT)
    done = subprocess.run(
        [sys.executable, "-c", IN_A_THREAD],
        cwd=tmp_path,
        env=command_environment(PYTHONPATH=os.pathsep.join([str(FAULTS), str(ROOT)])),
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=True,
    )
    assert "[('a.txt', 'added'), ('hang-me.txt', 'failed')] Reading it took longer than 1.5 seconds" in done.stdout


@pytest.mark.parametrize("seconds", [0, -1, float("nan"), float("inf"), 1e300])
def test_a_time_that_no_clock_can_be_set_to_is_refused(tmp_path: Path, seconds: float) -> None:
    with pytest.raises(InputError, match="must be above 0 and at most"):
        refresh(open_store(tmp_path / "index"), [tmp_path], seconds=seconds)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("tag", ["p", "div", "meta", "body", "td", "p hidden"])
def test_a_tag_with_very_many_attributes_is_read_in_linear_time(tag: str) -> None:
    # 300,000 in quadratic time would take hours
    many = "".join(f' a{n}="{n}>"' if n % 2 else f" a{n}" for n in range(300_000))
    page = "<html><body><table><tr><{}>一、优化营商环境。</{}></table><p>二、修建农村公路。</p></body></html>"
    read = [
        [reading.text for reading in read_bytes(page.format(tag + given, tag.split()[0]).encode(), "a.html")]  # type: ignore[union-attr]
        for given in ("", many)
    ]
    assert read[0] == read[1]


def test_a_page_is_the_same_with_and_without_the_limit_of_attributes(monkeypatch: pytest.MonkeyPatch) -> None:
    from policysearch.sources.readers.html import page_parser

    for path in SOURCES.rglob("*.html"):
        data = path.read_bytes()
        usual = list(read_bytes(data, path.name))
        with monkeypatch.context() as patch:
            patch.setattr(page_parser, "_has_wide_tag", lambda data: True)
            assert list(read_bytes(data, path.name)) == usual


def test_an_interrupt_while_a_file_of_an_index_is_opened_is_no_error_of_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "CURRENT"
    path.write_bytes(b"")

    def interrupted(*args: Any, **options: Any) -> Any:
        open(*args, **options).close()  # as if nobody held it any more
        raise KeyboardInterrupt

    monkeypatch.setattr(region_file, "open", interrupted, raising=False)
    with pytest.raises(KeyboardInterrupt):
        region_file.open_index_file(path)
