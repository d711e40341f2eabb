"""Where output goes: nobody reads it any more, there is no room for it, or nothing is open."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import ALL, Write, command_environment

pytestmark = pytest.mark.one_python

COMMANDS = (
    "search 的 -n 500",
    "search 的 --explain",
    "search 的 --format csv",
    "batch topics.txt",
    "batch topics.txt --jobs 2 --format csv",
    "batch broken.txt",
    "count 发展 的 --by document",
    "kwic 的",
    "list",
    "list --by year --format json",
    "show one.txt",
    "outline docs/one.txt",
    "info",
    "check",
    "check --format json",
    "index",
    "index --rebuild --format json",
    "--help",
    "search --help",
    "--version",
    "search (",
    "search --nonsense",
    "nonsense",
)
TEXT = "2024年竹榭市政府工作报告\n\n一、优化营商环境\n" + "深化“放管服”改革，推动高质量发展的工作。\n" * 300


@pytest.fixture
def folder(write: Write, tmp_path: Path) -> Path:
    write("docs/one.txt", TEXT)
    write("topics.txt", "的\n发展\n" * 20)
    write("broken.txt", "的\n(\n" * 20)
    assert shell(f"{POLICYSEARCH} index docs -q", tmp_path).returncode == 0
    return tmp_path


POLICYSEARCH = shlex.join([sys.executable, "-m", "policysearch"])


def shell(line: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "-c", f"set -o pipefail; {line}"],
        cwd=folder,
        env=command_environment(),
        capture_output=True,
        encoding="utf-8",
        errors="replace",  # what is cut off may end inside a character
        timeout=120,
        check=False,
    )


def lines(folder: Path) -> Iterator[tuple[str, int]]:
    """Yield each command as the shell takes it, and its exit status when nothing hinders it."""
    for command in COMMANDS if ALL else COMMANDS[::6]:
        line = shlex.join([*shlex.split(POLICYSEARCH), *command.split()])
        yield line, shell(line, folder).returncode


def test_every_command_with_every_stream(folder: Path) -> None:
    for line, status in lines(folder):
        for into, expected in (
            ("| true", (0, status)),
            ("| head -c 1", (0, status)),
            (">/dev/full", (2,)),
            ("2>/dev/full", (status, 2)),
            (">/dev/full 2>/dev/full", (2,)),
            (">&-", (status,)),
            ("2>&-", (status,)),
            ("<&- >&- 2>&-", (status,)),
        ):
            done = shell(f"{line} {into}", folder)
            what = f"{line} {into}: {done.returncode} instead of {status}: {done.stderr}"
            assert "Traceback" not in done.stderr, what
            assert "Exception ignored" not in done.stderr, what
            if status == 0 or into != ">/dev/full":
                assert done.returncode in expected, what
            if into == ">/dev/full" and status == 0:
                assert done.stderr.endswith("The output cannot be written: No space left on device.\n"), what
    assert json.loads(shell(f"{POLICYSEARCH} check --format json", folder).stdout)["clean"]


@pytest.mark.parametrize(
    "command",
    [
        "batch topics.txt -n 1000 -o {}/out.csv",
        "batch topics.txt -n 1000 --jobs 2 -o {}/out.jsonl",
        "batch topics.txt --manifest {}/out.json",
        "count 的 发展 --by document --terms terms.txt -o {}/out.csv",
        "count 的 --by document --plot {}/out.svg",
        "kwic 的 -o {}/out.txt",
        "list -o {}/out.jsonl",
    ],
)
def test_a_disk_that_is_full(folder: Path, write: Write, command: str) -> None:
    write("terms.txt", "".join(f"{i}\n" for i in range(4000)))
    disk = folder / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=4k", "tmpfs", str(disk)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        pytest.skip("no right to mount a small file system")
    try:
        name = command.format("disk").partition("disk/")[2].split()[0]
        (disk / name).write_text("before" * 600)
        done = shell(f"{POLICYSEARCH} {command.format('disk')}", folder)
        assert done.returncode == 2, done
        assert done.stderr == f"Error: 'disk/{name}' cannot be written: No space left on device.\n"
        assert (disk / name).read_text() == "before" * 600
        assert [path.name for path in disk.iterdir()] == [name]
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)


@pytest.mark.parametrize(
    ("command", "order"),
    [
        pytest.param(
            "count GDP 24 '2*' --expand --year 2024..2030 --year 2040",
            (
                "GDP: also",
                "are read literally",
                "No document has year 2040",
                "term",
                "repeats the text",
                "inside longer",
            ),
            id="count",
        ),
        pytest.param(
            "kwic 竹榭 市 --year 2024 --year 2040",
            ("No document has year 2040", "Read as 2 terms", " places ("),
            id="kwic",
        ),
        pytest.param(
            "search 24 --year 2024 --year 2040",
            ("No document has year 2040", "1.  2024年竹榭市", "1 section", "inside longer"),
            id="search",
        ),
        pytest.param(
            "compare one.txt one.txt", ("Both names mean one.txt", "one.txt → one.txt", " same"), id="compare"
        ),
        pytest.param("batch broken.txt -n 0", ("[1] 的", "line 2: ", "[3] 的"), id="batch"),
    ],
)
def test_notes_on_the_reading_precede_the_answer_and_notes_on_the_answer_follow(
    folder: Path, write: Write, command: str, order: tuple[str, ...]
) -> None:
    write("docs/two.txt", TEXT)
    assert shell(f"{POLICYSEARCH} index -q", folder).returncode == 0
    done = shell(f"env -u PYTHONUNBUFFERED {POLICYSEARCH} {command} 2>&1 | cat", folder)
    places = [done.stdout.find(one) for one in order]
    assert -1 not in places, done.stdout
    assert places == sorted(places), done.stdout
