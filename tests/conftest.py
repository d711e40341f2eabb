"""Shared by the tests: the reference corpus, indexes built once, and the real command."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import pytest
from hypothesis import HealthCheck, settings
from opensearch_cluster import Cluster, UnavailableError, find_java, find_server

from policysearch.engines.opening import open_store
from policysearch.indexing.refresh import refresh

if TYPE_CHECKING:
    from crashes import Change, Changes
    from serving import Client

ROOT = Path(__file__).parent.parent
SOURCES = ROOT / "sources"

ALL = bool(os.environ.get("POLICYSEARCH_TEST_ALL"))
"""Whether ``scripts/test --all`` asked for full counts."""

# Examples are the same in every run unless all are asked for; a slow machine is no failure.
_SHARED = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow], "print_blob": True}
settings.register_profile("quick", max_examples=60, derandomize=True, database=None, **_SHARED)  # type: ignore[arg-type]
settings.register_profile("all", max_examples=2000, **_SHARED)  # type: ignore[arg-type]
settings.load_profile("all" if ALL else "quick")


# A shell that starts the tests in the background has them ignore the interrupt, and all that they start with them.
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# The program is started thousands of times: without its bytecode each start would compile all that it imports.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

FIGURES: list[str] = []
"""Figures of the tests with many cases, printed at the end. docs/safety.md cites those of the full counts."""


def pytest_itemcollected(item: pytest.Item) -> None:
    """Mark the tests that need a cluster."""
    if not {"cluster", "server"}.isdisjoint(getattr(item, "fixturenames", ())):
        item.add_marker("cluster")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the tests that need a cluster last, so that it runs only while it is used; first among several workers."""
    shared = bool(os.environ.get("PYTEST_XDIST_WORKER"))
    items.sort(key=lambda item: bool(item.get_closest_marker("cluster")) is not shared)


@pytest.hookimpl(wrapper=True, trylast=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """Do not trace a test marked ``no_cover``.

    In a worker of pytest-xdist, pytest-cov starts two coverages, and stops only one of them during such a test. As the
    innermost hook, this stops the other.
    """
    tracer = sys.gettrace()
    if item.get_closest_marker("no_cover") is None or "coverage" not in type(tracer).__module__:
        yield
        return
    sys.settrace(None)
    try:
        yield
    finally:
        sys.settrace(tracer)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Give each worker whole files, which share fixtures, and one worker all files whose tests need the cluster."""
    from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]

    class Files(LoadScopeScheduling):  # type: ignore[misc]
        def _split_scope(self, nodeid: str) -> str:
            name = nodeid.partition("::")[0].rpartition("/")[2]
            return "cluster" if name.startswith(("test_conformance", "test_opensearch")) else name

    return Files(config, log)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take what a worker's tests told of their figures."""
    FIGURES.extend(getattr(node, "workeroutput", {}).get("figures", ()))


def pytest_sessionfinish(session: pytest.Session) -> None:
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["figures"] = FIGURES


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if FIGURES:
        terminalreporter.section("what was tried")
        for line in sorted(FIGURES):
            terminalreporter.write_line(line)


KINDS = ("in one process", "in processes", "merging")
"""Cases in which a build must survive failures; see ``crashes.Change``."""


@pytest.fixture(scope="module")
def changes(tmp_path_factory: pytest.TempPathFactory) -> Changes:
    from crashes import Change  # which imports this module

    return cache(lambda kind: Change(tmp_path_factory.mktemp("change"), kind))


@pytest.fixture(params=KINDS)
def change(request: pytest.FixtureRequest, changes: Changes) -> Change:
    """A change of an index, in one way after the other."""
    return changes(request.param)


@pytest.fixture
def small_change(changes: Changes) -> Change:
    """The one that is made in one process."""
    return changes(KINDS[0])


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep the tests away from the user's cache folder and settings."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        for name in ("POLICYSEARCH_INDEX", "NO_COLOR", "FORCE_COLOR", "COLUMNS", "PYTHONUTF8"):
            patch.delenv(name, raising=False)
        yield


REFERENCE = Path(os.environ.get("POLICYSEARCH_REFERENCE") or ROOT.parent / "shared").resolve()
"""Where the reference corpus is, on machines that have it."""


def has_reference() -> bool:
    return (REFERENCE / "reports").is_dir()


@pytest.fixture(scope="session")
def reference() -> Path:
    """The folder of the reference corpus; tests that need it are skipped where there is none."""
    if not has_reference():
        pytest.skip(f"no reference corpus at '{REFERENCE}' (see POLICYSEARCH_REFERENCE)")
    return REFERENCE


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """Three nodes of OpenSearch on this machine; tests that need them are skipped where they cannot run."""
    required = bool(os.environ.get("POLICYSEARCH_OPENSEARCH_REQUIRED"))
    try:
        java, server = find_java(install=required), find_server()
    except UnavailableError as error:
        if required:
            raise
        pytest.skip(f"no OpenSearch to test with: {error}")
    with Cluster(java, server) as running:
        yield running


@pytest.fixture(scope="session")
def samples_index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index of ``sources/``."""
    return build_index(SOURCES, tmp_path_factory.mktemp("samples"))


@pytest.fixture(scope="module")
def client(samples_index: Path) -> Iterator[Client]:
    """A client of a server of the samples."""
    from serving import client_of  # which imports this module

    with client_of(samples_index) as found:
        yield found


@pytest.fixture(scope="session")
def reports_index(reference: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index of the reference corpus's five reports."""
    return build_index(reference / "reports", tmp_path_factory.mktemp("reports"))


def build_index(root: Path, folder: Path) -> Path:
    """Index the folder ``root`` into ``folder``, which is returned; every source must be readable."""
    account = refresh(open_store(folder), [root])
    assert account.failed == ()
    return folder


class Run(Protocol):
    """Runs the real command in a process of its own."""

    def __call__(
        self, *arguments: str | Path, locale: str = ..., **environment: str
    ) -> subprocess.CompletedProcess[str]: ...


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Return a function that runs ``policysearch`` in the folder ``tmp_path``, its output read as UTF-8.

    ``locale`` is what LC_ALL is set to; further keywords are environment variables.
    """

    def run(*arguments: str | Path, locale: str = "C.UTF-8", **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "policysearch", *map(str, arguments)],
            cwd=tmp_path,
            env=command_environment(locale, **environment),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="surrogateescape",
            timeout=120,
            check=False,
        )

    return run


def command_environment(locale: str = "C.UTF-8", **environment: str) -> dict[str, str]:
    """Return the environment of a command that imports the package under test."""
    return {**os.environ, "LC_ALL": locale, "PYTHONPATH": str(ROOT), **environment}


Write = Callable[[str, str | bytes], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Return a function that writes a file below ``tmp_path``, with the folders it needs."""

    def write(name: str, content: str | bytes) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write
