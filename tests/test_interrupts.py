"""Ctrl-C and SIGTERM at any moment: all ends within a second, without a word, and nothing is left half done."""

from __future__ import annotations

import json
import os
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from conftest import ALL, FIGURES, Write, command_environment
from crashes import REPORT, Change, Changes, wait_for_strays
from terminals import hear_signals, read_terminal

pytestmark = pytest.mark.one_python

SIGNALS = (signal.SIGINT, signal.SIGTERM)
LONGEST = 1.0
"""Seconds until all has ended, in the best of three at a moment: a busy machine makes some of them late, not all."""


class Ended(NamedTuple):
    status: int
    said: bytes
    seconds: float  # from the signal to the end, or to the end by itself


class Started:
    """A command in a group of processes of its own, as a shell starts one, that minds signals by now."""

    def __init__(self, command: list[str], environment: dict[str, str], folder: Path | None = None) -> None:
        self.process = subprocess.Popen(
            command,
            env=environment,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            start_new_session=True,
            preexec_fn=hear_signals,
        )
        self.began = time.monotonic()
        while not self._minds_signals():
            time.sleep(0.001)
            self.began = time.monotonic()

    def _minds_signals(self) -> bool:
        # before its first line, a Python that is told to end can only do as the system does
        status = Path(f"/proc/{self.process.pid}/status").read_text().split()
        return "Z" in status or bool(int(status[status.index("SigCgt:") + 1], 16) >> (signal.SIGTERM - 1) & 1)

    def end(self, number: signal.Signals | None = None) -> Ended:
        """Send a signal to the whole group, as a terminal does, and wait for the end."""
        sent = time.monotonic()
        if number is not None:
            os.killpg(self.process.pid, number)
        _, said = self.process.communicate(timeout=60)
        return Ended(self.process.returncode, said, time.monotonic() - sent)


def moments(start: Callable[[], Started], wanted: int) -> Iterator[float]:
    """Yield moments, in seconds, spread over the time that a command takes by itself."""
    started = start()
    started.end()
    takes = time.monotonic() - started.began
    yield from (takes * (i + 0.5) / wanted for i in range(wanted))


def interrupted(start: Callable[[], Started], moment: float, number: signal.Signals, left: Callable[[], None]) -> None:
    """Interrupt a command at a moment; ``left`` asserts what it must have left."""
    seconds = []
    for _ in range(3):
        started = start()
        time.sleep(moment)
        ended = started.end(number)
        what = f"{number.name} after {moment:.3f} seconds: {ended.said.decode()}"
        # a Python that is on its way out ends by the signal itself, which a shell calls the same
        assert ended.status in (128 + number, -number, 0), what
        assert ended.said.strip() == b"", what
        left()
        seconds.append(ended.seconds)
        if ended.seconds < LONGEST:
            return
    raise AssertionError(f"{number.name} after {moment:.3f} seconds: ended after {seconds} seconds")


@pytest.mark.parametrize("number", SIGNALS)
def test_a_build_interrupted_at_any_moment(change: Change, number: signal.Signals) -> None:
    index = change.folder / "interrupted"

    def start() -> Started:
        shutil.rmtree(index, ignore_errors=True)
        change.copy(index.name)
        return Started(change.command(index, "-q", "--jobs", "2"), change.environment(index, FAULT_LOG=""))

    def left() -> None:
        wait_for_strays(index)
        change.assert_whole(index, f"after {number.name}")

    wanted = 25 if ALL else 2
    for moment in moments(start, wanted):
        interrupted(start, moment, number, left)
    FIGURES.append(f"builds interrupted by {number.name} ({change.kind}): {wanted}")


QUERIES = [{"id": str(i), "query": f"优化 环境 发展 {i}"} for i in range(400)]


@pytest.mark.parametrize("number", SIGNALS)
@pytest.mark.parametrize(
    "command",
    [
        pytest.param(["search", "营商环境 发展", "--explain", "-n", "200"], id="search"),
        pytest.param(["batch", "topics.jsonl", "-o", "out.csv"], id="batch"),
        pytest.param(["batch", "topics.jsonl", "-o", "out.csv", "--jobs", "2"], id="batch in processes"),
        pytest.param(["count", "-q", "--terms", "terms.txt", "--by", "document", "-o", "out.csv"], id="count"),
        pytest.param(["kwic", "的", "-o", "out.csv"], id="kwic"),
    ],
)
def test_a_question_interrupted_at_any_moment(
    write: Write, tmp_path: Path, samples_index: Path, command: list[str], number: signal.Signals
) -> None:
    write("topics.jsonl", "".join(json.dumps(one) + "\n" for one in QUERIES))
    write("terms.txt", "".join(f"发展{i}\n经济{i}\n" for i in range(2000)))
    out = write("out.csv", "before")
    files = sorted(path.name for path in tmp_path.iterdir())

    def start() -> Started:
        out.write_text("before")
        arguments = [*command, "-i", str(samples_index)]
        return Started([sys.executable, "-m", "policysearch", *arguments], command_environment(), tmp_path)

    whole: list[str] = []

    def left() -> None:
        assert sorted(path.name for path in tmp_path.iterdir()) == files
        assert out.read_text() in ("before", *whole)

    start().end()
    whole.append(out.read_text())
    wanted = 25 if ALL else 1
    for moment in moments(start, wanted):
        interrupted(start, moment, number, left)
    FIGURES.append(f"questions interrupted by {number.name} ({command[0]}): {wanted}")


@pytest.mark.parametrize("jobs", ["1", "2"])
@pytest.mark.parametrize("number", SIGNALS)
def test_an_interrupt_leaves_the_line_of_progress_clean(changes: Changes, number: signal.Signals, jobs: str) -> None:
    change = changes("in processes")
    (change.roots / "hang-me.txt").write_text(REPORT)
    index = change.copy(f"progress-{number}-{jobs}")
    master, slave = os.openpty()
    process = subprocess.Popen(
        change.command(index, "--jobs", jobs),
        env=change.environment(index, TERM="xterm"),
        stderr=slave,
        stdout=slave,
        stdin=slave,
        preexec_fn=hear_signals,
    )
    try:
        said = read_until(master, lambda said: b"Reading" in said)
        time.sleep(1)
        process.send_signal(number)
        assert process.wait(5) == 128 + number
    finally:
        (change.roots / "hang-me.txt").unlink()
    said += read_terminal(master, slave, process)
    assert said.endswith(b"\n")
    assert b"Traceback" not in said
    assert said.count(b"\x1b[?25l") == said.count(b"\x1b[?25h"), "the cursor is shown again"
    change.assert_whole(index, "an interrupt under a line of progress")


def read_until(handle: int, enough: Callable[[bytes], bool]) -> bytes:
    said = b""
    while not enough(said):
        assert select.select([handle], [], [], 60)[0], said
        said += os.read(handle, 4096)
    return said


def test_a_lost_terminal_ends_it_too_unless_that_is_to_be_ignored(samples_index: Path, write: Write) -> None:
    topics = write("topics.txt", "优化 环境\n" * 600)
    command = [sys.executable, "-m", "policysearch", "batch", str(topics), "-o", "out.csv", "-i", str(samples_index)]
    ended = Started(command, command_environment(), topics.parent).end(signal.SIGHUP)
    assert (ended.status, ended.said) == (128 + signal.SIGHUP, b"")
    assert [path.name for path in topics.parent.iterdir()] == ["topics.txt"]
    kept = Started(["nohup", *command], command_environment(), topics.parent)
    assert kept.end(signal.SIGHUP).status == 0
    assert (topics.parent / "out.csv").exists()


SWALLOWED = """
import os, signal, sys, time, weakref
from policysearch.cli import main as cli

class Thing: pass

def work(*arguments, **named):
    thing = Thing()
    kept = weakref.ref(thing, lambda _: os.kill(os.getpid(), int(sys.argv[1])))
    del thing  # the signal comes in a callback, where what it raises is thrown away
    time.sleep(20)

cli.commands.main = work
sys.exit(cli.main())
"""


@pytest.mark.parametrize("number", SIGNALS)
def test_an_interrupt_is_not_lost_where_nothing_can_be_raised(number: signal.Signals) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SWALLOWED, str(int(number))],
        env=command_environment(),
        preexec_fn=hear_signals,
        capture_output=True,
        timeout=15,
        check=False,
    )
    assert (done.returncode, done.stderr) == (128 + number, b"")


WRAPPED = """
import os, signal, sys
from policysearch.cli import main

class Wrapped:
    def __set_name__(self, owner, name):
        os.kill(os.getpid(), signal.Signals[sys.argv[1]])

def command(*arguments, **options):
    try:
        type("Owner", (), {"wrapped": Wrapped()})
    except RuntimeError:  # before Python 3.12
        raise
    except BaseException as error:
        raise RuntimeError("Error calling __set_name__") from error

main.commands.main = command
sys.exit(main.main([]))
"""


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_while_a_class_is_created_is_no_error(number: signal.Signals) -> None:
    done = subprocess.run(
        [sys.executable, "-c", WRAPPED, number.name],
        env=command_environment(),
        capture_output=True,
        preexec_fn=hear_signals,
    )
    assert (done.returncode, done.stdout, done.stderr) == (128 + number, b"", b"")
