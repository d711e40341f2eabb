"""On a real cluster: nodes that are lost, builds that are killed, answers that are partial, rejected or lost.

Whatever happens, there is a right answer or a clear error. What is right is
what the embedded engine says of the same sources.
"""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise, product
from pathlib import Path
from typing import Any

import pytest
from conftest import ALL, FIGURES, command_environment
from crashes import spread
from opensearch_cluster import Cluster
from proxies import CUT, Asked, Meddle, Pass, Proxy, Reply

from policysearch.cli.batch import _opened
from policysearch.cli.main import main
from policysearch.documents.document import Document, read_documents
from policysearch.engines.entries import DocumentEntry, enter
from policysearch.engines.opening import open_store
from policysearch.engines.opensearch import bulk as operations
from policysearch.engines.opensearch import paging as streaming
from policysearch.engines.opensearch.cluster import Cluster as Connection
from policysearch.engines.opensearch.generations import decoded
from policysearch.engines.protocol import ResumableStore
from policysearch.errors import PolicySearchError
from policysearch.text.analyzer import Analyzer
from policysearch.text.dictionary import load_dictionary

pytest.importorskip("opensearchpy", reason="the extra opensearch is not installed")

WORDS = (
    *("营商环境", "乡村振兴", "优化", "深化改革", "高质量发展", "公路", "项目", "企业", "群众"),
    *("服务", "数字经济", "生态", "保护", "投资", "增长", "建设", "“放管服”", "满意度"),
)
EVERYTHING = "100000000"
Impatient = Callable[..., subprocess.CompletedProcess[str]]
QUESTIONS: dict[str, tuple[str, ...]] = {
    "search": ("search", "优化 营商环境", "-n", EVERYTHING, "--format", "json"),
    "count": ("count", "营商环境", "的", "--by", "document", "--format", "csv"),
    "kwic": ("kwic", "数字经济", "--format", "csv"),
    "list": ("list", "--format", "csv"),
}


def write_reports(folder: Path, documents: int, sections: int = 20, seed: int = 1) -> Path:
    """Write reports of invented places, of sections of some hundred characters; return the folder."""
    draw = random.Random(seed)
    folder.mkdir(parents=True, exist_ok=True)
    for n in range(documents):
        lines = [f"2024年第{n:05d}镇政府工作报告", ""]
        for number in range(1, sections + 1):
            body = "，".join("".join(draw.choices(WORDS, k=3)) for _ in range(12))
            lines += [f"{number}.{draw.choice(WORDS)}第{number}项", f"{body}的第{draw.randrange(10_000)}号事项。"]
        (folder / f"{n:05d}.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


@dataclass
class Command:
    """The real command against one index, from a folder of its own."""

    folder: Path
    program: tuple[str, ...] = ("-m", "policysearch")

    def start(self, index: str | Path, *arguments: str | Path, **environment: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, *self.program, *map(str, arguments), "-i", str(index)],
            cwd=self.folder,
            env=command_environment(**environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            start_new_session=True,
        )

    def __call__(
        self, index: str | Path, *arguments: str | Path, seconds: float = 240, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        process = self.start(index, *arguments, **environment)
        try:
            out, said = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            out, said = process.communicate()
            raise AssertionError(f"{arguments} did not end within {seconds} seconds:\n{said}") from None
        return subprocess.CompletedProcess(process.args, process.returncode, out, said)


@pytest.fixture
def impatient(
    command: Command, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Callable[..., subprocess.CompletedProcess[str]]]:
    """The command in this process, where it waits two seconds for a cluster in trouble, instead of minutes."""
    for module in (streaming, operations):
        monkeypatch.setattr(module, "_PATIENCE", 2.0)
    defaults = Connection.request.__kwdefaults__
    assert defaults
    monkeypatch.setitem(defaults, "patience", 2.0)
    monkeypatch.chdir(command.folder)

    def run(index: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        status = main([*map(str, arguments), "-i", index])
        out, said = capsys.readouterr()
        return subprocess.CompletedProcess(arguments, status, out, said)

    yield run
    _opened.cache_clear()


@dataclass
class Place:
    """Where an index is on the cluster."""

    cluster: Cluster
    name: str

    @property
    def address(self) -> str:
        """By the first running node."""
        return self.by(self.cluster.running[0].url)

    def by(self, url: str) -> str:
        return f"opensearch+{url}/{self.name}"

    def things(self) -> list[str]:
        """Return the indices and aliases under the name on the cluster; numbers are masked."""
        every = "expand_wildcards=all&format=json"
        indices = self.cluster.ask(f"/_cat/indices/{self.name}*?{every}&h=index")
        hidden = self.cluster.ask(f"/_cat/indices/.{self.name}*?{every}&h=index")
        aliases = self.cluster.ask(f"/_cat/aliases/{self.name}*?{every}&h=alias,index")
        said = [json.dumps(one, sort_keys=True) for one in (*indices, *hidden, *aliases)]
        return sorted(re.sub("[0-9a-f]{8,}|[0-9]+", "N", one.replace(self.name, "NAME")) for one in said)

    def remove(self) -> None:
        for pattern in (f"{self.name}*", f".{self.name}*"):
            self.cluster.ask(f"/{pattern}?expand_wildcards=all&ignore_unavailable=true", "DELETE")


@pytest.fixture
def command(tmp_path: Path) -> Command:
    return Command(tmp_path)


@pytest.fixture
def place(cluster: Cluster, request: pytest.FixtureRequest) -> Iterator[Place]:
    """A name that no other test has; the cluster is whole before and after."""
    mend(cluster)
    one = Place(cluster, f"test-{abs(hash(request.node.nodeid)):x}")
    yield one
    mend(cluster)
    one.remove()


def mend(cluster: Cluster) -> None:
    for node in cluster.nodes:
        if node.process is None:
            cluster.restart(node)
    cluster.wait("green")


@dataclass
class Told:
    """Sources, and what the embedded engine answers of them."""

    sources: Path
    answers: dict[str, str]

    def put(self, folder: Path) -> Path:
        """Make a folder hold these sources and no others; return it."""
        shutil.rmtree(folder, ignore_errors=True)
        return Path(shutil.copytree(self.sources, folder))


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Told:
    folder = tmp_path_factory.mktemp("first")
    return told(write_reports(folder / "sources", 120 if ALL else 24))


@pytest.fixture(scope="module")
def changed(first: Told, tmp_path_factory: pytest.TempPathFactory) -> Told:
    """The same sources after a change: half of them others, some gone, some new."""
    sources = first.put(tmp_path_factory.mktemp("changed") / "sources")
    half = len(list(sources.iterdir())) // 2
    write_reports(sources, half, seed=2)
    for path in sorted(sources.iterdir())[-5:]:
        path.rename(path.with_stem(f"9{path.stem}"))
    for path in sorted(sources.iterdir())[half : half + 5]:
        path.unlink()
    return told(sources)


def told(sources: Path) -> Told:
    command = Command(sources.parent)
    assert command("index", "index", "-q", sources).returncode == 0
    return Told(sources, answers(command, "index"))


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    """Where a test has its sources; see ``Told.put``."""
    return tmp_path / "sources"


def answers(
    command: Command, index: str | Path, questions: Mapping[str, tuple[str, ...]] | None = None
) -> dict[str, str]:
    """Return the answers of an index; every question must be answered."""
    out = {}
    for name, question in (questions or {**QUESTIONS, "batch": batch(command)}).items():
        done = command(index, *question)
        assert (done.returncode, done.stderr) == (0, ""), name
        out[name] = done.stdout
    return out


def same(found: dict[str, str], right: dict[str, str]) -> bool:
    """Whether answers are equal, byte for byte but for scores, which are sums of rounded numbers.

    Scores may differ by 1e-5 of their size, and hits whose scores differ by
    less may change places.
    """
    if {**found, "search": ""} != {**right, "search": ""}:
        return False
    one, other = (json.loads(answers["search"]) for answers in (found, right))
    scores = [hit["score"] for hit in one["hits"]]
    assert all(a >= b for a, b in pairwise(scores))
    if any(abs(a - hit["score"]) > 1e-5 * a for a, hit in zip(scores, other["hits"], strict=False)):
        return False
    return bool(by_id(one) == by_id(other))


def by_id(answer: Any) -> Any:
    """Return an answer with its hits in order of their ids, without scores and ranks."""
    hits = [{name: value for name, value in hit.items() if name not in ("score", "rank")} for hit in answer["hits"]]
    return {**answer, "hits": sorted(hits, key=lambda hit: str(hit["section_id"]))}


def batch(command: Command) -> tuple[str, ...]:
    topics = command.folder / "topics.txt"
    topics.write_text("\n".join([*WORDS, "优化 企业", "句(生态 投资)", '"保护*增长"']) + "\n", encoding="utf-8")
    return ("batch", str(topics), "-n", EVERYTHING, "--sort", "document", "--format", "jsonl")


def assert_clear_error(done: subprocess.CompletedProcess[str]) -> None:
    """Assert that a command said what is wrong, in a sentence or two."""
    assert done.returncode == 2, done
    assert "Traceback" not in done.stderr
    assert done.stderr.startswith("Error: "), done.stderr
    assert 20 < len(done.stderr) < 1500, done.stderr


def assert_nothing_false(done: subprocess.CompletedProcess[str], right: str) -> None:
    """Assert that what a command printed is right as far as it goes, and that it says so when it is not all."""
    if done.returncode == 0:
        assert done.stdout == right
    else:
        assert_clear_error(done)
        assert right.startswith(done.stdout)


def assert_built(command: Command, place: Place, sources: Path, one: Told) -> None:
    """Assert that a build of these sources completes and answers as the embedded engine."""
    done = command(place.address, "index", "-q", one.put(sources))
    assert (done.returncode, done.stderr) == (0, "")
    assert same(answers(command, place.address), one.answers)


def on(when: Callable[[Asked], bool], nth: int, do: Callable[[], object], *, after: bool = False) -> Meddle:
    """Do something at the ``nth`` of some requests: before the node has it, or before its answer is returned."""
    seen = 0
    lock = threading.Lock()

    def meddle(asked: Asked, forward: Pass) -> Reply:
        nonlocal seen
        with lock:
            seen += when(asked)
            now = when(asked) and seen == nth
            if now and not after:
                do()
        reply = forward()
        if now and after:
            do()
        return reply

    return meddle


def bulk(asked: Asked) -> bool:
    return asked.is_for("_bulk")


def searching(asked: Asked) -> bool:
    return asked.is_for("_search")


# an undisturbed build


def test_the_cluster_is_what_the_tests_say(built: tuple[Place, Told]) -> None:
    place, _ = built
    health = place.cluster.ask("/_cluster/health")
    assert (health["number_of_nodes"], health["status"]) == (3, "green")
    shards = place.cluster.ask(f"/_cat/shards/{place.name}*?format=json&h=index,shard,prirep,state")
    kinds = {(one["shard"], one["prirep"]) for one in shards}
    assert {(str(n), kind) for n in range(3) for kind in "pr"} <= kinds


# a node that is lost


ASKED, ONE_OF_TWO = "the node that is asked", "the node that is asked, one of two in the address"
# where the only copy of what was being written is lost, a build waits for it as long as this: else three minutes
LESS_PATIENT = """
import sys
from policysearch.cli import main as cli
from policysearch.engines.opensearch import bulk
bulk._PATIENCE = 40.0
sys.exit(cli.main(sys.argv[1:]))
"""
LOST = ["another node", *(["the node that is asked, which comes back", ASKED, ONE_OF_TWO] if ALL else [])]


def over(proxy: Proxy, place: Place, which: str) -> str:
    """Return the address by way of a proxy, and by another node as well where there are to be two."""
    other = place.cluster.nodes[1].url.removeprefix("http://")
    return place.by(f"{proxy.url},{other}" if which == ONE_OF_TWO else proxy.url)


@pytest.mark.parametrize("which", LOST)
def test_a_node_is_lost_while_indexing(
    place: Place, command: Command, sources: Path, first: Told, changed: Told, which: str
) -> None:
    cluster = place.cluster
    assert command(place.address, "index", "-q", first.put(sources)).returncode == 0
    changed.put(sources)
    lost = cluster.nodes[1 if which == "another node" else 0]
    waits = command if ALL else Command(command.folder, ("-c", LESS_PATIENT))
    killed = threading.Event()

    def kill() -> None:
        cluster.kill(lost)
        killed.set()

    with Proxy(cluster.nodes[0].url) as proxy:
        proxy.meddle = on(bulk, 2, kill)
        indexing = waits.start(over(proxy, place, which), "index", "-q")
        assert killed.wait(120)
        if "comes back" in which:
            cluster.restart(lost)
        _, said = indexing.communicate(timeout=600)
    # of what was being written, the only copy may be lost
    published = "" if indexing.returncode == 0 else f"/{place.name}-g1-*"
    cluster.ask(f"/_cluster/health{published}?wait_for_status=yellow&timeout=50s")
    if indexing.returncode == 0:
        assert same(answers(command, place.address), changed.answers)
    else:
        assert_clear_error(subprocess.CompletedProcess("index", indexing.returncode, "", said))
        assert which != ONE_OF_TWO
        assert which != ASKED or f"{proxy.url} cannot be reached" in said
        assert same(answers(command, place.address), first.answers)
    FIGURES.append(f"lost while indexing: {which}; exit status {indexing.returncode}")
    mend(cluster)
    assert_built(command, place, sources, changed)


@pytest.mark.skipif(not ALL, reason="slow; scripts/test --all")
@pytest.mark.parametrize("which", ["another node", ASKED, ONE_OF_TWO])
def test_a_node_is_lost_during_a_batch(built: tuple[Place, Told], command: Command, which: str) -> None:
    place, first = built
    cluster = place.cluster
    mend(cluster)
    lost = cluster.nodes[2 if which == "another node" else 0]
    with Proxy(cluster.nodes[0].url) as proxy:
        proxy.meddle = on(searching, 10, lambda: cluster.kill(lost))
        done = command(over(proxy, place, which), *batch(command))
    assert lost.process is None, "no node was lost"
    assert_nothing_false(done, first.answers["batch"])
    if which == ASKED:
        assert f"{proxy.url} cannot be reached" in done.stderr
    elif which == ONE_OF_TWO:
        assert done.returncode == 0, done.stderr
    FIGURES.append(f"lost during a batch: {which}; exit status {done.returncode}")
    cluster.wait("yellow")
    assert same(answers(command, place.address), first.answers)
    mend(cluster)


# a writer that is killed, and two of them


def test_a_build_is_killed(place: Place, command: Command, sources: Path, first: Told, changed: Told) -> None:
    def run(at: int, after: bool) -> int:
        """Build with changed sources; return how many requests there were until the end."""
        with Proxy(place.cluster.nodes[0].url) as proxy:
            process = command.start(place.by(proxy.url), "index", "-q")
            # of a process that was killed no request may pass: what is on its way is part of the try
            proxy.meddle = on(lambda asked: True, at, process.kill, after=after)
            process.communicate(timeout=240)
            return len(proxy.asked)

    assert command(place.address, "index", "-q", first.put(sources)).returncode == 0
    changed.put(sources)
    requests = run(0, False)
    whole = place.things()
    tried = 0
    old, new = changed, first  # and back, and so on
    # one moment of many in the quick tier: shortly before all is written
    for at, after in product(spread(requests, 30), (False, True)) if ALL else [(requests * 8 // 10, True)]:
        new.put(sources)
        run(at, after)
        what = f"killed {'after' if after else 'before'} the answer to request {at} of {requests}"
        now = answers(command, place.address)
        assert same(now, old.answers) or same(now, new.answers), what
        assert_built(command, place, sources, new)
        assert place.things() == whole, what
        old, new = new, old
        tried += 1
    FIGURES.append(f"builds killed at one of their {requests} requests: {tried}")


@pytest.mark.skipif(not ALL, reason="slow; scripts/test --all")
def test_a_first_build_is_killed(place: Place, command: Command, sources: Path, first: Told) -> None:
    first.put(sources)
    with Proxy(place.cluster.nodes[0].url) as proxy:
        process = command.start(place.by(proxy.url), "index", "-q", sources)
        proxy.meddle = on(bulk, 1, process.kill, after=True)
        process.communicate(timeout=240)
    assert process.returncode == -signal.SIGKILL
    assert_clear_error(command(place.address, "search", "优化"))
    assert_built(command, place, sources, first)


# a build that is gone on with

# tasks are of megabytes; of small ones a build of few sources has many
SMALL_TASKS = """
import sys
from policysearch.cli import main as cli
from policysearch.indexing import building as index
index._ONE_PROCESS_BYTES = 0
index._tasks = lambda work, whole=False: [work[at : at + 3] for at in range(0, len(work), 3)]
sys.exit(cli.main(sys.argv[1:]))
"""


@pytest.fixture
def in_tasks(command: Command) -> Command:
    """The command, where a task has three sources."""
    return Command(command.folder, ("-c", SMALL_TASKS))


def noting(asked: Asked) -> bool:
    return bulk(asked) and b"-draft-notes-" in asked.body[:300]


def merging(asked: Asked) -> bool:
    return asked.is_for("_forcemerge")


def kill_build(
    place: Place, command: Command, when: Callable[[Asked], bool], nth: int, *arguments: str | Path, after: bool = True
) -> str:
    """Build until a request comes by, and kill all of it then; return its output."""
    with Proxy(place.cluster.nodes[0].url) as proxy:
        process = command.start(place.by(proxy.url), "index", "--jobs", "2", *arguments)
        proxy.meddle = on(when, nth, lambda: os.killpg(process.pid, signal.SIGKILL), after=after)
        _, said = process.communicate(timeout=240)
    assert process.returncode == -signal.SIGKILL, said
    return said


def noted(place: Place) -> set[str]:
    """Return the sources of the tasks that are noted on the cluster."""
    (index,) = [one["index"] for one in place.cluster.ask(f"/_cat/indices/{place.name}-g*-draft-notes?format=json")]
    place.cluster.ask(f"/{index}/_refresh", "POST")
    hits = place.cluster.ask(f"/{index}/_search?size=1000")["hits"]["hits"]
    notes = [decoded([hit["_source"]["data"]], hit["_source"]["about"], index) for hit in hits]
    return {source for note in notes for source, _ in note.get("outcome", ())}


def spoil(folder: Path, names: set[str]) -> None:
    """Make sources others, of the same size and time: those that are read again show."""
    for name in names:
        path = folder / name
        status = path.stat()
        path.write_bytes(b"x" * status.st_size)
        os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def going_on(said: str) -> tuple[int, int] | None:
    """Return how many sources were written when a build was resumed, of how many; None when it was not."""
    found = re.search(r"^Resuming the interrupted build: ([0-9,]+) of ([0-9,]+) sources are written\.$", said, re.M)
    return (int(found[1].replace(",", "")), int(found[2].replace(",", ""))) if found else None


def assert_as(command: Command, place: Place, one: Told) -> None:
    """Assert that an index answers as the embedded engine; without a batch unless all counts are asked for."""
    found = answers(command, place.address) if ALL else answers(command, place.address, QUESTIONS)
    assert same(found, {name: one.answers[name] for name in found})


def litter(place: Place) -> list[str]:
    """Return the indices on the cluster besides generations and the lock."""
    return [one for one in place.things() if "draft" in one or json.loads(one).get("alias", "NAME") != "NAME"]


@pytest.mark.parametrize("of", ["an update", "a first build"] if ALL else ["an update"])
def test_a_build_that_was_killed_is_gone_on_with(
    place: Place, command: Command, in_tasks: Command, sources: Path, first: Told, changed: Told, of: str
) -> None:
    one, work = first, len(list(first.sources.iterdir()))
    if of == "an update":
        assert command(place.address, "index", "-q", first.put(sources)).returncode == 0
        one, work = changed, work // 2 + 5
    one.put(sources)
    assert going_on(kill_build(place, in_tasks, noting, 2, sources)) is None
    written = noted(place)
    assert 0 < len(written) <= 6
    spoil(sources, written)
    # when it has taken over what was written, and once more when all is written
    kill_build(place, in_tasks, lambda asked: asked.is_for("_aliases"), 1, sources)
    assert going_on(kill_build(place, in_tasks, merging, 1, sources)) == (len(written), work)
    assert len(noted(place)) == work
    if of == "an update":
        assert_as(command, place, first)
    spoil(sources, noted(place))
    done = in_tasks(place.address, "index", sources)
    assert done.returncode == 0, done.stderr
    assert going_on(done.stderr) == (work, work)
    assert_as(command, place, one)
    assert litter(place) == []
    one.put(sources)
    assert command(place.address, "check").returncode == 0
    FIGURES.append(f"{of} killed after 2 tasks of 3 sources: {len(written)} of {work} sources were not read again")


@pytest.mark.skipif(not ALL, reason="slow; scripts/test --all")
def test_sources_change_before_a_build_is_gone_on_with(
    place: Place, command: Command, in_tasks: Command, sources: Path, first: Told, changed: Told, tmp_path: Path
) -> None:
    assert command(place.address, "index", "-q", first.put(sources)).returncode == 0
    changed.put(sources)
    kill_build(place, in_tasks, noting, 4, sources)
    # of four tasks one is as it was; each of the others has a source that is not
    back, gone, other, *_ = sorted(noted(place))[::3]
    shutil.copy2(first.sources / back, sources / back)
    (sources / gone).unlink()
    write_reports(tmp_path / "new", 2, seed=3)
    (tmp_path / "new/00000.txt").rename(sources / other)
    (tmp_path / "new/00001.txt").rename(sources / "00000-new.txt")
    right = told(Path(shutil.copytree(sources, tmp_path / "right/sources")))
    done = in_tasks(place.address, "index", sources)
    assert done.returncode == 0, done.stderr
    kept = going_on(done.stderr)
    assert kept is not None
    assert kept[0] == 3
    assert_as(command, place, right)
    assert command(place.address, "check").returncode == 0
    assert litter(place) == []


@pytest.mark.skipif(not ALL, reason="slow; scripts/test --all")
def test_a_build_that_nobody_wants_any_more_is_swept_away(
    place: Place, command: Command, in_tasks: Command, sources: Path, first: Told, changed: Told
) -> None:
    assert command(place.address, "index", "-q", first.put(sources)).returncode == 0
    changed.put(sources)
    kill_build(place, in_tasks, noting, 2, sources)
    assert litter(place)
    done = in_tasks(place.address, "index", first.put(sources))
    assert (done.returncode, going_on(done.stderr)) == (0, None)
    assert litter(place) == []
    assert_as(command, place, first)


@pytest.mark.skipif(not ALL, reason="slow; scripts/test --all")
def test_a_build_of_other_conditions_begins_anew(
    place: Place, command: Command, in_tasks: Command, sources: Path, first: Told
) -> None:
    conditions: list[tuple[str | Path, ...]] = [(sources,), ("--rebuild", sources), (sources, "--encoding", "utf-8")]
    words = command.folder / "words.txt"
    words.write_text("满意度保护 100\n", encoding="utf-8")
    conditions.append((sources, "--dictionary", words))
    first.put(sources)
    for one, other in pairwise([*conditions, conditions[0]]):
        kill_build(place, in_tasks, noting, 2, *one)
        assert going_on(kill_build(place, in_tasks, noting, 2, *other)) is None
        assert going_on(kill_build(place, in_tasks, noting, 1, *other)) == (6, 120)
    done = in_tasks(place.address, "index", *conditions[0])
    assert done.returncode == 0
    assert litter(place) == []
    assert_as(command, place, first)


@pytest.mark.parametrize("what", ["a section", "a note"] if ALL else ["a section"])
def test_what_an_ended_build_left_is_damaged(
    place: Place, command: Command, in_tasks: Command, sources: Path, first: Told, what: str
) -> None:
    ask = place.cluster.ask
    kill_build(place, in_tasks, noting, 3, first.put(sources))
    written = len(noted(place))
    if what == "a note":
        index = f"{place.name}-g1-draft-notes"
        note = ask(f"/{index}/_doc/2")["_source"]
        ask(f"/{index}/_doc/2", "PUT", {**note, "data": note["data"][:-9] + "AAAAAAAA="})
    else:
        index = f"{place.name}-g1-draft-sections"
        ask(f"/{index}/_refresh", "POST")
        of_task = {"query": {"term": {"written": decoded_note(place, 2)["task"]}}}
        (hit,) = ask(f"/{index}/_search?size=1", "POST", of_task)["hits"]["hits"]
        ask(f"/{index}/_doc/{hit['_id']}", "DELETE")
    done = in_tasks(place.address, "index", sources)
    assert done.returncode == 0, done.stderr
    assert going_on(done.stderr) == (None if what == "a note" else (written - 3, len(list(sources.iterdir()))))
    assert_as(command, place, first)


def decoded_note(place: Place, number: int) -> Any:
    index = f"{place.name}-g1-draft-notes"
    note = place.cluster.ask(f"/{index}/_doc/{number}")["_source"]
    return decoded([note["data"]], note["about"], index)


@pytest.mark.skipif(not ALL, reason="slow; scripts/test --all")
def test_builds_are_killed_one_after_the_other(
    place: Place, command: Command, in_tasks: Command, sources: Path, first: Told, changed: Told
) -> None:
    """Each build resumes the one before, or starts again; the sources may differ each time."""

    def run(at: int, after: bool) -> tuple[int, str]:
        with Proxy(place.cluster.nodes[0].url) as proxy:
            process = in_tasks.start(place.by(proxy.url), "index", "--jobs", "2", sources)
            proxy.meddle = on(lambda asked: True, at, lambda: os.killpg(process.pid, signal.SIGKILL), after=after)
            _, said = process.communicate(timeout=240)
            return len(proxy.asked), said

    assert_built(command, place, sources, first)
    changed.put(sources)
    requests, _ = run(0, False)
    draw = random.Random(1)
    old, new = changed, first
    killed = gone_on = 0
    for _ in range(8):
        for _ in range(3):
            # mostly the same again, sometimes back to what is published
            draw.choice((new, new, new, old)).put(sources)
            at, after = draw.randint(requests // 4, requests), draw.random() < 0.5
            _, said = run(at, after)
            killed += 1
            gone_on += going_on(said) is not None
            now = answers(command, place.address)
            what = f"killed {'after' if after else 'before'} the answer to request {at} of {requests}"
            assert same(now, old.answers) or same(now, new.answers), what
        done = in_tasks(place.address, "index", new.put(sources))
        assert done.returncode == 0, done.stderr
        gone_on += going_on(done.stderr) is not None
        assert same(answers(command, place.address), new.answers)
        assert litter(place) == []
        old, new = new, old
    assert command(place.address, "check").returncode == 0
    assert gone_on
    FIGURES.append(f"builds killed one after the other: {killed}; {gone_on} builds were resumed")


def test_who_is_taken_over_writes_nothing_more(place: Place, sources: Path, first: Told) -> None:
    """As when a machine slept while it built, and another one resumed it."""
    one, other = [entries_of(path) for path in sorted(first.put(sources).iterdir())[:2]]
    asleep, awake = open_store(place.address), open_store(place.address)
    assert isinstance(asleep, ResumableStore)
    assert isinstance(awake, ResumableStore)
    assert list(asleep.unfinished_tasks({}, True)) == []
    receipt = asleep.sink(1, True).write(one)
    asleep.checkpoint(receipt, ["as it went"])
    late = asleep.sink(2, True)
    ((recalled, outcome),) = awake.unfinished_tasks({}, True)
    assert outcome == ["as it went"]
    assert set(awake.resume([recalled])) == set()
    with pytest.raises(PolicySearchError):
        late.write(other)
    with pytest.raises(PolicySearchError):
        asleep.checkpoint(receipt, ["otherwise"])
    written = awake.sink(1, True).write(other)
    description = {"documents": 2, "sections": sum(len(entry.sections) for entry in (*one, *other))}
    with pytest.raises(PolicySearchError):
        asleep.publish([receipt], [], description, {}, lambda _: {}, True)
    assert not awake.exists()
    assert awake.publish([recalled, written], [], description, {}, lambda _: {"by": "awake"}, True) == 1
    with pytest.raises(PolicySearchError):
        asleep.publish([receipt], [], description, {}, lambda _: {"by": "asleep"}, True)
    current = open_store(place.address).current()
    assert current is not None
    assert current[1] == {"by": "awake"}
    assert open_store(place.address).damage() == ()


def entries_of(path: Path) -> list[DocumentEntry]:
    analyzer = Analyzer(load_dictionary())
    return list(enter([one for one in read_documents(path, path.name) if isinstance(one, Document)], analyzer))


def test_of_two_writers_one_waits(place: Place, command: Command, sources: Path, first: Told, changed: Told) -> None:
    assert command(place.address, "index", "-q", first.put(sources)).returncode == 0
    changed.put(sources)
    held, resume = threading.Event(), threading.Event()

    def hold() -> None:
        held.set()
        assert resume.wait(120)

    with Proxy(place.cluster.nodes[0].url) as proxy:
        proxy.meddle = on(bulk, 1, hold)
        writing = command.start(place.by(proxy.url), "index", "-q")
        assert held.wait(120)
        refused = command(place.address, "index", "-q", "--wait", "1")
        assert same(answers(command, place.address), first.answers)
        waiting = command.start(place.address, "index", "-q", "--wait", "120")
        time.sleep(1)
        resume.set()
        for process in (writing, waiting):
            _, said = process.communicate(timeout=240)
            assert (process.returncode, said) == (0, "")
    assert_clear_error(refused)
    assert str(writing.pid) in refused.stderr
    assert same(answers(command, place.address), changed.answers)


# requests that are rejected, and answers that are lost


def refusing(share: float, replies: Sequence[Reply | None], when: Callable[[Asked], bool] = bulk) -> Meddle:
    """Refuse some requests by chance, never one three times in a row; None: the node has it, its answer is lost."""
    draw = random.Random(1)
    lock = threading.Lock()
    row = 0

    def meddle(asked: Asked, forward: Pass) -> Reply:
        nonlocal row
        with lock:
            refused = when(asked) and row < 2 and draw.random() < share
            row = row + 1 if refused else 0
            reply = draw.choice(replies) if refused else None
        if not refused:
            return forward()
        if reply is None:
            forward()
            return CUT
        return reply

    return meddle


BUSY = Reply(429, b'{"error":{"type":"rejected_execution_exception","reason":"full"},"status":429}')
AWAY = Reply(503, b'{"error":{"type":"unavailable","reason":"no cluster manager"},"status":503}')


def items_refused(asked: Asked, forward: Pass) -> Reply:
    """Let only some of a bulk request pass; the rest is rejected as a busy node does it, item by item."""
    reply = forward()
    if not bulk(asked) or asked.number % 2 or reply.status != 200:
        return reply
    said = reply.said
    for item in said.get("items", [])[::3]:
        for action in item:
            item[action] = {
                **{name: item[action][name] for name in ("_index", "_id") if name in item[action]},
                "status": 429,
                "error": {"type": "rejected_execution_exception", "reason": "full"},
            }
            said["errors"] = True
    return reply.changed(said)


def any_request() -> Meddle:
    """Refuse any request by chance, and of those that pass, some items."""
    meddle = refusing(0.2, [BUSY, AWAY, CUT, None], lambda asked: asked.number > 3)
    return lambda asked, forward: meddle(asked, lambda: items_refused(asked, forward))


REFUSALS: dict[str, Callable[[], Meddle]] = {"any request and any item": any_request}
if ALL:
    REFUSALS["items 429"] = lambda: items_refused
    REFUSALS["429, 503, cut"] = lambda: refusing(0.4, [BUSY, AWAY, CUT])
    REFUSALS["answer lost"] = lambda: refusing(0.4, [None])


@pytest.mark.parametrize("refusal", REFUSALS)
def test_what_was_rejected_is_sent_again(
    place: Place, command: Command, sources: Path, first: Told, refusal: str
) -> None:
    with Proxy(place.cluster.nodes[0].url, REFUSALS[refusal]()) as proxy:
        done = command(place.by(proxy.url), "index", "-q", first.put(sources))
        assert (done.returncode, done.stderr) == (0, "")
    assert same(answers(command, place.address), first.answers)


@pytest.mark.parametrize("reply", [BUSY, AWAY, CUT] if ALL else [BUSY], ids=lambda reply: str(reply.status))
def test_what_is_always_rejected_is_an_error(
    place: Place, command: Command, impatient: Impatient, sources: Path, first: Told, changed: Told, reply: Reply
) -> None:
    assert command(place.address, "index", "-q", first.put(sources)).returncode == 0
    things = place.things()
    changed.put(sources)
    with Proxy(place.cluster.nodes[0].url, lambda asked, forward: reply if bulk(asked) else forward()) as proxy:
        assert_clear_error(impatient(place.by(proxy.url), "index", "-q"))
    assert place.things() == things
    assert same(answers(command, place.address), first.answers)


def test_an_item_that_is_refused_for_good_is_an_error(
    place: Place, command: Command, sources: Path, first: Told
) -> None:
    def meddle(asked: Asked, forward: Pass) -> Reply:
        reply = forward()
        if not bulk(asked):
            return reply
        said = reply.said
        (item,) = said["items"][0].values()
        item.pop("result", None)
        item.update(status=400, error={"type": "mapper_parsing_exception", "reason": "no"})
        return reply.changed({**said, "errors": True})

    with Proxy(place.cluster.nodes[0].url, meddle) as proxy:
        assert_clear_error(command(place.by(proxy.url), "index", "-q", first.put(sources)))
    assert_clear_error(command(place.address, "search", "优化"))


# answers that are partial


def failed_shard(said: Any) -> Any:
    return {**said, "_shards": {**said.get("_shards", {"total": 3}), "successful": 2, "failed": 1}}


def out_of_time(said: Any) -> Any:
    return {**said, "timed_out": True}


@pytest.mark.parametrize("partial", [failed_shard, out_of_time])
@pytest.mark.parametrize("question", [*QUESTIONS, "batch"])
def test_a_partial_answer_is_an_error(
    built: tuple[Place, Told], command: Command, impatient: Impatient, question: str, partial: Callable[[Any], Any]
) -> None:
    place, one = built

    def meddle(asked: Asked, forward: Pass) -> Reply:
        reply = forward()
        if reply.status == 200 and (searching(asked) or asked.is_for("_msearch")):
            said = reply.said
            responses = said.get("responses")
            return reply.changed({**said, "responses": list(map(partial, responses))} if responses else partial(said))
        return reply

    asking = batch(command) if question == "batch" else QUESTIONS[question]
    with Proxy(place.cluster.nodes[0].url, meddle) as proxy:
        done = impatient(place.by(proxy.url), *asking)
    assert_clear_error(done)
    assert one.answers[question].startswith(done.stdout)


@pytest.mark.parametrize("question", [*QUESTIONS, "batch"])
def test_a_node_that_does_not_answer_is_an_error(
    built: tuple[Place, Told], command: Command, impatient: Impatient, question: str
) -> None:
    place, one = built
    asking = batch(command) if question == "batch" else QUESTIONS[question]
    with Proxy(place.cluster.nodes[0].url, lambda asked, forward: CUT) as proxy:
        assert_clear_error(impatient(place.by(proxy.url), *asking))
    with Proxy(place.cluster.nodes[0].url) as proxy:
        proxy.meddle = lambda asked, forward: forward() if asked.number <= 4 else CUT
        done = impatient(place.by(proxy.url), *asking)
    if done.returncode == 0:
        assert same({question: done.stdout}, {question: one.answers[question]})
    else:
        assert_clear_error(done)
        assert one.answers[question].startswith(done.stdout)


@pytest.fixture(scope="module")
def built(cluster: Cluster, first: Told, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Place, Told]]:
    """An index that is only asked."""
    mend(cluster)
    place = Place(cluster, "test-built")
    folder = tmp_path_factory.mktemp("built")
    assert_built(Command(folder), place, folder / "sources", first)
    yield place, first
    place.remove()


# a backup


@pytest.mark.skipif(not ALL, reason="slow; scripts/test --all")
def test_a_snapshot_brings_an_index_back(place: Place, command: Command, sources: Path, first: Told) -> None:
    ask = place.cluster.ask
    assert_built(command, place, sources, first)
    ask("/_snapshot/backups", "PUT", {"type": "fs", "settings": {"location": str(place.cluster.snapshots)}})
    body = {"indices": f"{place.name}-g*", "include_global_state": False}
    assert ask("/_snapshot/backups/one?wait_for_completion=true", "PUT", body)["snapshot"]["state"] == "SUCCESS"
    place.remove()
    assert_clear_error(command(place.address, "search", "优化"))
    body = {"indices": f"{place.name}-g*", "include_aliases": True}
    ask("/_snapshot/backups/one/_restore?wait_for_completion=true", "POST", body)
    checked = command(place.address, "check")
    assert checked.returncode == 0, checked
    assert same(answers(command, place.address), first.answers)
    ask("/_snapshot/backups/one", "DELETE")
    ask("/_snapshot/backups", "DELETE")


# memory

EXHAUSTIVE: dict[str, tuple[str, ...]] = {
    "batch by document": ("batch", "one.txt", "-n", EVERYTHING, "--sort", "document", "--format", "csv"),
    "batch by score": ("batch", "one.txt", "-n", EVERYTHING, "--format", "jsonl"),
    "count": ("count", "的", "--by", "year", "--format", "csv"),
    "kwic": ("kwic", "的", "--format", "csv"),
}

# the peak of a process counts from before it was its own program: one that is small has to start it
PEAK = """
import resource, subprocess, sys
status = subprocess.call(sys.argv[1:])
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=sys.stderr)
sys.exit(status)
"""


@pytest.mark.skipif(not ALL, reason="slow; scripts/test --all")
@pytest.mark.skipif(sys.platform == "darwin", reason="counts in kilobytes, as Linux does")
def test_memory_does_not_grow_with_the_index(place: Place, command: Command) -> None:
    (command.folder / "one.txt").write_text("的\n", encoding="utf-8")

    def peaks(documents: int) -> dict[str, tuple[int, int]]:
        """Return each question's peak in kB, and how many bytes it printed."""
        sources = write_reports(command.folder / "sources", documents)
        done = command(place.address, "index", "-q", sources, seconds=1200)
        assert (done.returncode, done.stderr) == (0, "")
        out = {}
        for name, question in EXHAUSTIVE.items():
            asked = [sys.executable, "-m", "policysearch", *question, "-i", place.address]
            ran = subprocess.run(
                [sys.executable, "-S", "-c", PEAK, *asked],
                cwd=command.folder,
                env=command_environment(),
                capture_output=True,
                check=True,
                timeout=1200,
            )
            out[name] = int(ran.stderr), len(ran.stdout)
        return out

    # both have more than the million characters that a count takes at once
    small, large = 1000, 2500
    first, second = peaks(small), peaks(large)
    for name, (peak, printed) in second.items():
        grown = peak - first[name][0]
        if name != "count":
            assert printed > 2 * first[name][1], name
        FIGURES.append(
            f"peak of {name}: {first[name][0] / 1024:.0f} MB over {small * 20} sections, "
            f"{peak / 1024:.0f} MB over {large * 20}"
        )
        assert grown < (20 if name == "count" else 8) * 1024, f"{name}: {grown} kB more"
