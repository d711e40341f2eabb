"""The memory of a process that serves stays bounded, whatever is asked for."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from conftest import SOURCES, command_environment

from policysearch.serving import memory

pytestmark = pytest.mark.skipif(
    memory._glibc() is None, reason="the memory of a process is measured on Linux with glibc"
)

MEASURED = """
def private():
    lines = dict(line.split(":", 1) for line in open("/proc/self/status"))
    return int(lines["RssAnon"].split()[0]) / 1024
"""

HEAPS = (
    MEASURED
    + """
import sys, threading
from policysearch.serving.memory import bound_free_memory, return_free_memory

if sys.argv[1] == "bounded":
    bound_free_memory()
left = []

def work():
    large = b"x" * 30_000_000
    del large  # from now on glibc would take such from a heap
    blocks = []
    for _ in range(10):
        blocks.append(b"x" * 6_000_000)
        left.append(bytes(600))  # in use, behind what will be free

for _ in range(2):
    asking = [threading.Thread(target=work) for _ in range(4)]
    [one.start() for one in asking]
    [one.join() for one in asking]
private()  # what it needs itself is there from now on
before = private()
return_free_memory()
print(before, private())
"""
)

PAGES = (
    MEASURED
    + """
import sys
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from urllib.parse import quote
from serving import client_of
from policysearch.serving.memory import bound_free_memory

bound_free_memory()
with client_of(Path(sys.argv[2])) as client:
    names = [one["document_id"] for one in client.get("/api/v1/list").json()]
    files = sorted(Path(sys.argv[3]).rglob("*.txt")) + sorted(Path(sys.argv[3]).rglob("*.md"))
    text = "".join("".join(one.read_text("utf-8", "ignore").split()) for one in files)
    assert len(text) > 1500

    def ask(turn):
        for at in range(turn, min(len(text) - 5, 1200), 24):
            words = text[at : at + 4]
            year = str(2000 + at % 30)
            for path, parameters in (
                ("/", {"q": words}),
                ("/", {"q": f'"{words}" {text[at + 2 : at + 4]}', "year": year}),
                ("/show", {"id": names[at % len(names)], "q": words}),
                ("/count", {"term": [words, text[at : at + 2]], "by": "year"}),
                ("/kwic", {"phrase": words[:2]}),
                ("/trend", {"term": words[:3]}),
            )[:: 1 if at % 5 == 0 else 2]:
                client.get(path, parameters)
        for path, parameters in (
            ("/keywords", {"where": text[turn : turn + 2]}),
            ("/collocates", {"phrase": text[turn : turn + 2]}),
            ("/words", {"limit": str(100 + turn)}),
            ("/targets", {"where": text[turn : turn + 2]}),
            ("/verify", {"draft": text[turn : turn + 90]}),
        ):
            assert client.get(path, parameters).status_code in (200, 202, 400), path

    ask(0)
    before = private()
    for turn in range(1, 3):
        ask(turn)
    print(before, private())
"""
)


def _measured(script: str, *arguments: str) -> tuple[float, float]:
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments],
        env=command_environment(),
        capture_output=True,
        encoding="utf-8",
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    before, after = map(float, done.stdout.split())
    return before, after


def test_what_many_threads_freed_goes_back() -> None:
    before, after = _measured(HEAPS, "bounded")
    assert after <= before < 80  # 240 MB are asked for at a time


def test_many_different_pages_do_not_let_the_memory_grow(samples_index: Path) -> None:
    before, after = _measured(PAGES, str(Path(__file__).parent), str(samples_index), str(SOURCES))
    assert after - before < 60  # 16 MB of answers, and what is kept of the index


def test_values_of_the_environment_are_left(monkeypatch: pytest.MonkeyPatch) -> None:
    told = []

    class Library:
        def mallopt(self, parameter: int, value: int) -> None:
            told.append(parameter)

    monkeypatch.setattr(memory, "_glibc", Library)
    monkeypatch.setenv("MALLOC_ARENA_MAX", "9")
    memory.bound_free_memory()
    assert told == [memory._MMAP_THRESHOLD, memory._TRIM_THRESHOLD]
