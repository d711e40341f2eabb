"""The cluster that the tests use: what is missing is said, and nothing is left of it however its user ends."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import opensearch_cluster
import pytest
from conftest import ROOT
from opensearch_cluster import UNAVAILABLE, UnavailableError, find_java, find_server, main


@pytest.fixture
def nothing_there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(opensearch_cluster, "_CACHE", tmp_path / "cache")
    monkeypatch.setattr(opensearch_cluster, "_javas", lambda: iter([tmp_path / "none"]))
    monkeypatch.setenv("PATH", str(tmp_path))


@pytest.mark.usefixtures("nothing_there")
def test_what_is_missing_is_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    with pytest.raises(UnavailableError, match="no JDK 21 or newer was found"):
        find_java()
    with pytest.raises(UnavailableError, match="Maven was not found"):
        find_server()
    maven = tmp_path / "mvn"
    maven.write_text("#!/bin/sh\necho '[ERROR] no network'\nexit 1\n")
    maven.chmod(0o755)
    with pytest.raises(UnavailableError, match=r"could not fetch the server: \[ERROR\] no network"):
        find_server()
    maven.unlink()
    monkeypatch.setattr(opensearch_cluster, "find_java", lambda install: Path("java"))
    assert main({"serve": True}, lambda cluster: None) == UNAVAILABLE
    assert "Maven was not found" in capsys.readouterr().err


def test_a_java_that_is_too_old_or_broken_is_passed_over(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    javas = [tmp_path / name for name in ("old", "broken", "new")]
    for path, says in zip(javas, ('openjdk version "17.0.1"', "", 'openjdk version "25"'), strict=True):
        path.write_text(f"#!/bin/sh\necho '{says}' >&2\n")
        path.chmod(0o755)
    monkeypatch.setattr(opensearch_cluster, "_javas", lambda: iter(javas))
    assert find_java() == javas[2]


@pytest.fixture
def temporary() -> Iterator[Path]:
    """A temporary folder that other users may enter."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="looks for processes in /proc")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_nothing_is_left(temporary: Path, number: signal.Signals) -> None:
    try:
        find_java(), find_server()
    except UnavailableError as error:
        pytest.skip(f"no OpenSearch to test with: {error}")
    serving = subprocess.Popen(
        [sys.executable, ROOT / "tests/opensearch_cluster.py", "--serve"],
        env={**os.environ, "TMPDIR": str(temporary), "XDG_CACHE_HOME": str(opensearch_cluster._CACHE.parent.parent)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_until(lambda: len(processes_of(temporary)) == 3 + 1, 600)
        serving.send_signal(number)
        serving.wait(300)
        wait_until(lambda: not processes_of(temporary) and not list(temporary.iterdir()), 300)
    finally:
        serving.kill()
        serving.wait()


def wait_until(done: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def processes_of(folder: Path) -> list[str]:
    """Return the commands of the processes that were given a folder: the nodes, and what guards them."""
    out = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            said = path.read_text(errors="replace")
        except OSError:
            continue
        if str(folder) in said:
            out.append(said)
    return out
