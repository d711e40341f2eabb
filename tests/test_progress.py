"""How far a build is: a line on a terminal that moves, and what an interrupt says."""

from __future__ import annotations

import io
import os
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from conftest import Write, command_environment

from policysearch.indexing.maintenance import index_sources
from policysearch.indexing.progress import Progress, Watch
from policysearch.output.progress import ProgressLine, described
from policysearch.sources.finding import Source
from policysearch.text.width import width

REPORT = "一、总体要求\n优化营商环境，推进放管服改革。\n" * 40


def test_a_source_counts_once_however_often_it_is_begun() -> None:
    sources = [Source(f"/r/{n}.txt", f"{n}.txt", Path("/r"), 10 * n, 0) for n in (1, 2, 3)]
    told: list[Progress] = []
    watch = Watch(sources, told.append)
    for source in (sources[0], sources[2], sources[0]):
        watch.passed(source)
        watch.tick(sources[1], time.monotonic() - 5)
    assert [(one.files, one.size) for one in told] == [(0, 0), (1, 10), (2, 40), (2, 40)]
    assert {(one.all_files, one.all_size) for one in told} == {(3, 60)}
    assert (told[-1].source, round(told[-1].seconds)) == ("2.txt", 5)


@pytest.mark.parametrize("jobs", [1, 2])
def test_the_library_tells_how_far_it_is(write: Write, tmp_path: Path, jobs: int) -> None:
    for number in range(30):
        write(f"docs/{number:02}.{'html' if jobs > 1 else 'txt'}", REPORT)
    told: list[Progress] = []
    index_sources(tmp_path / "docs", tmp_path / "index", jobs=jobs, progress=told.append)
    assert [one.stage for one in told[:1]] == ["looking"]
    assert told[-1].stage == "writing"
    reading = [one for one in told if one.stage == "reading"]
    assert [one.files for one in reading] == sorted(one.files for one in reading)
    assert (reading[0].files, reading[-1].files, reading[-1].all_files) == (0, 30, 30)
    # in other processes twice a second; ``test_workers`` tests that it is every file there too
    assert jobs > 1 or len({one.files for one in reading}) > 10, "every file, not every task"
    assert reading[-1].size == reading[-1].all_size


def test_the_line_says_what_is_known_and_never_nothing_in_percent() -> None:
    assert described(Progress("looking"), 0.0) == "Looking for sources …"
    assert described(Progress("reading", 0, 10, 0, 1_000), 0.0, 3.0) == (
        "Reading 0 of 10 files  loading the dictionary (3 s)"
    )
    assert described(Progress("reading", 1, 3_500, 9, 1_000, "a.pdf", 1.0), 0.0) == "Reading 1 of 3,500 files"
    assert described(Progress("reading", 9, 10, 100, 7_300_000_100), 1e6) == (
        "Reading 9 of 10 files  1.0 MB/s  2:01:40 left"
    )


def test_a_name_neither_breaks_the_line_nor_steers_the_terminal() -> None:
    out = io.StringIO()
    with ProgressLine(out, 60) as line:
        line(Progress("reading", 1, 9, 50, 100, "关于甲的通知\x1b[2J\n" * 20, 9.0))
        line.say("一件事")
    first, cleared, said = out.getvalue().partition("\r\x1b[K一件事\n")
    assert cleared
    assert not said
    assert "\x1b" not in first.removesuffix("\x1b[K").removeprefix("\r")
    assert "\n" not in first
    assert width(first.removesuffix("\x1b[K").removeprefix("\r")) <= 59


class Terminal:
    """A command on a terminal of its own, and each state of its line with the time when it came."""

    def __init__(self, *command: str | Path, folder: Path) -> None:
        self._master, slave = os.openpty()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "policysearch", *command],
            env=command_environment(TERM="xterm", COLUMNS="100"),
            cwd=folder,
            stdin=slave,
            stdout=slave,
            stderr=slave,
        )
        os.close(slave)
        self.states: list[tuple[float, str]] = []
        self.begun = threading.Event()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        said = b""
        while part := self._part():
            said += part
            *states, said = re.split(rb"\r(?!\n)|\r\n", said)
            self.states += [(time.monotonic(), state.decode("utf-8", "replace")) for state in states if state]
            if any("Reading" in state for _, state in self.states) or b"Reading" in said:
                self.begun.set()
        self.states.append((time.monotonic(), said.decode("utf-8", "replace")))

    def _part(self) -> bytes:
        try:
            return os.read(self._master, 4096)
        except OSError:  # nobody holds the other end any more
            return b""

    def wait(self) -> int:
        status = self.process.wait(120)
        self._reader.join(10)
        os.close(self._master)
        return status


FILES = 600
"""So many that reading them takes a second or more, and the line several states, on a fast machine too."""


@pytest.fixture
def many(write: Write, tmp_path: Path) -> Path:
    for number in range(FILES):
        write(f"docs/{number:03}.html", REPORT * 4 + str(number))
    return tmp_path


def test_a_build_on_a_terminal_moves_file_by_file(many: Path) -> None:
    terminal = Terminal("index", "docs", folder=many)
    assert terminal.wait() == 0
    lines = [state for _, state in terminal.states if "Reading" in state]
    counted = [int(found[1]) for line in lines if (found := re.search(rf"Reading (\d+) of {FILES} files", line))]
    assert counted == sorted(counted)
    assert len(set(counted)) > 5
    assert all(width(line.replace("\x1b[K", "")) < 100 for line in lines)
    assert not any(re.search(r"(?<!\d)0 ?%", line) for line in lines)


@pytest.mark.parametrize("quiet", [False, True])
def test_an_interrupt_says_in_one_line_that_the_index_is_as_it_was(write: Write, many: Path, quiet: bool) -> None:
    write("first/one.txt", REPORT)
    for number in range(FILES, 5 * FILES):  # of which few are read before the interrupt
        write(f"docs/{number}.html", REPORT * 4 + str(number))
    assert Terminal("index", "first", "-q", folder=many).wait() == 0
    terminal = Terminal("index", "docs", *(["-q"] if quiet else []), folder=many)
    if quiet:
        time.sleep(1)
    else:
        assert terminal.begun.wait(60)
    terminal.process.send_signal(signal.SIGINT)
    assert terminal.wait() == 128 + signal.SIGINT
    said = [re.sub(r"\x1b\[K", "", state).strip() for _, state in terminal.states]
    said = [state for state in said if state and not state.startswith(("Reading", "Looking"))]
    assert said == ([] if quiet else ["Interrupted: the index is as it was."])
    done = subprocess.run(
        [sys.executable, "-m", "policysearch", "list"],
        env=command_environment(), cwd=many, capture_output=True, text=True,
    )  # fmt: skip
    assert done.stdout.splitlines()[-1].startswith("1 document,")
    assert "one.txt" in done.stdout
