"""Commands need no more than what there is: a gigabyte of addresses is enough, and few topics take few processes."""

from __future__ import annotations

import resource
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from conftest import ALL, SOURCES, Write, command_environment

from policysearch import IndexUnusableError, open_index
from policysearch.parallel import processes
from policysearch.search import topics
from policysearch.search.batch import in_processes
from policysearch.search.topics import BrokenTopic, Topic, Topics

GIGABYTE = 2**30


@pytest.mark.parametrize(
    "command",
    [
        ["search", "营商环境"],
        ["check"],
        ["index"],
        *([["index", "--rebuild"], ["batch", "topics.txt", "-j", "2"], ["count", "改革"], ["info"]] if ALL else []),
    ],
    ids=" ".join,
)
def test_a_gigabyte_of_addresses_is_enough(
    command: list[str], samples_index: Path, write: Write, tmp_path: Path
) -> None:
    write("topics.txt", "改革\n营商环境\n")
    arguments = [*command, str(SOURCES)] if command == ["index"] else command
    folder = samples_index if command[0] != "index" else tmp_path / "index"
    if "--rebuild" in command:
        arguments = [*command, str(SOURCES)]
    done = subprocess.run(
        [sys.executable, "-m", "policysearch", *arguments, "-i", str(folder)],
        cwd=tmp_path,
        env=command_environment(),
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (GIGABYTE, GIGABYTE)),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_a_file_as_large_as_a_disk_is_not_read(tmp_path: Path) -> None:
    current = tmp_path / "CURRENT"
    current.touch()
    with current.open("r+b") as file:
        file.truncate(2**40)
    with pytest.raises(IndexUnusableError, match="It has 1099511627776 bytes"):
        open_index(tmp_path)


@pytest.mark.parametrize(("count", "most"), [(0, 0), (1, 1), (3, 1), (40, 3)])
def test_there_are_no_more_processes_than_topics(count: int, most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[int] = []

    class Counted(processes.Process):
        def __init__(self, *arguments: Any) -> None:
            super().__init__(*arguments)
            started.append(self.number)

    monkeypatch.setattr(processes, "Process", Counted)
    topics = [Topic(str(number), "改革", {}, number) for number in range(count)]
    answered = [one for some in in_processes(ids_of, iter(topics), 10**20) for one in some]
    assert answered == [topic.topic_id for topic in topics]
    assert len(started) == most


def test_a_batch_makes_do_with_the_processes_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[int] = []

    class Few(processes.Process):
        def __init__(self, *arguments: Any) -> None:
            if started:
                raise BlockingIOError(11, "Resource temporarily unavailable")
            super().__init__(*arguments)
            started.append(self.number)

    monkeypatch.setattr(processes, "Process", Few)
    topics = [Topic(str(number), "改革", {}, number) for number in range(100)]
    answered = [one for some in in_processes(ids_of, iter(topics), 4) for one in some]
    assert answered == [topic.topic_id for topic in topics]


def ids_of(topics: Sequence[Topic | BrokenTopic]) -> list[str]:
    return [topic.topic_id for topic in topics if isinstance(topic, Topic)]


def test_ids_in_temporary_files_are_known_like_those_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(topics, "_MOST_IDS", 7)
    lines = [f"t{number * 37 % 50}\t改革\n".encode() for number in range(100)]
    read = list(Topics(iter(lines), "topics.tsv"))
    assert [one.line for one in read if isinstance(one, Topic)] == list(range(1, 51))
    assert [one.reason for one in read if isinstance(one, BrokenTopic)] == [
        f"the id 't{number * 37 % 50}' is already on line {number % 50 + 1}" for number in range(50, 100)
    ]
