"""The HTTP API: the bytes of the command line, its parameters, and what it refuses."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import io
import json
import os
import socket
import subprocess
import sys
import threading
import time
import weakref
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlencode
from zipfile import ZipFile

import pytest
from conftest import SOURCES, build_index, command_environment
from serving import Client, as_spelt, client_for, client_of, misspelt, site_of

import policysearch
from policysearch.cli.command_line import CommandLine
from policysearch.corpus.recent import Recent
from policysearch.serving.commands import CommandAnswer
from policysearch.serving.served import OpenGeneration, Served
from policysearch.serving.server import bound
from policysearch.serving.work import BusyError, TimeLimitError, WaitingError, Workers

LAW = "法规/云麓省优化营商环境条例.md"


SAME: list[Any] = [
    pytest.param(["search", "营商环境"], {"q": "营商环境"}, id="search"),
    pytest.param(["search", "-n", "3", "--offset", "2", "--region", "澜泽市", "--explain", "优化 环境"],
                 {"q": "优化 环境", "limit": 3, "offset": 2, "region": "澜泽市", "explain": "true"}, id="options"),
    pytest.param(["search", "--", "-疫情", "year:2024"], {"query": "-疫情 year:2024"}, id="a minus"),
    pytest.param(["search", "--year", "2023", "--year", "2024", "经济"],
                 {"year": ["2023", "2024"], "q": "经济"}, id="filters"),
    pytest.param(["search", "没有的词语", "数字"], {"q": ["没有的词语", "数字"]}, id="nothing has all"),
    pytest.param(["search", "魑魅魍魉"], {"q": "魑魅魍魉"}, id="nothing found"),
    pytest.param(["count", "营商环境", "数字经济", "--by", "region,year"],
                 {"term": ["营商环境", "数字经济"], "by": "region,year"}, id="count"),
    pytest.param(["kwic", "营商环境", "--sort", "left", "--sample", "7"],
                 {"phrase": "营商环境", "sort": "left", "sample": 7}, id="kwic"),
    pytest.param(["list"], {}, id="list"),
    pytest.param(["list", "--by", "year"], {"by": "year"}, id="values of a field"),
    pytest.param(["show", LAW], {"id": LAW}, id="show a document"),
    pytest.param(["show", f"{LAW}#3"], {"id": f"{LAW}#3"}, id="show a section"),
    pytest.param(["outline", "--document", LAW], {"document": LAW}, id="outline"),
    pytest.param(["trend", "营商环境"], {"term": "营商环境"}, id="trend"),
    pytest.param(["keywords", "--year", "2024", "-n", "5"], {"year": "2024", "limit": 5}, id="keywords"),
    pytest.param(["collocates", "营商环境", "-n", "5"], {"phrase": "营商环境", "limit": 5}, id="collocates"),
    pytest.param(["words", "-n", "9"], {"limit": 9}, id="words"),
    pytest.param(["matrix", "营商环境", "--by", "year"], {"term": "营商环境", "by": "year"}, id="matrix"),
    pytest.param(["targets"], {}, id="targets"),
    pytest.param(["compare", f"{LAW}#2", f"{LAW}#3"], {"a": f"{LAW}#2", "b": f"{LAW}#3"}, id="compare"),
]  # fmt: skip


FORMATS = ("csv", "tsv", "jsonl", "trec", "text")

TOPICS = "a\t营商环境\nb\t数字经济 year:2024\n"
DRAFT = "《云麓省优化营商环境条例》第三条规定“优化营商环境应当坚持”。\n"

TYPED = """
import base64, io, json, sys
from policysearch.cli.main import main
answers = []
for arguments in json.load(sys.stdin):
    sys.stdout = io.TextIOWrapper(io.BytesIO())
    status = main(arguments)
    answers.append([status, base64.b64encode(sys.stdout.buffer.getvalue()).decode()])
sys.__stdout__.write(json.dumps(answers))
"""


@pytest.fixture(scope="module")
def typed(samples_index: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[int, bytes]]:
    """The answers of the command line, in a process of its own, by its arguments."""
    folder = tmp_path_factory.mktemp("typed")
    (folder / "topics.tsv").write_text(TOPICS, encoding="utf-8")
    (folder / "draft.md").write_text(DRAFT, encoding="utf-8")
    asked = [one.values[0] for one in SAME]
    asked = [[command, "--format", "json", *rest] for command, *rest in asked]
    asked += [["search", "--format", chosen, "营商环境"] for chosen in FORMATS]
    asked += [["batch", "--format", "csv", "topics.tsv"], ["verify", "--format", "json", "draft.md"]]
    given = [[command, f"--index={samples_index}", *rest] for command, *rest in asked]
    done = subprocess.run(
        [sys.executable, "-c", TYPED],
        input=json.dumps(given),
        cwd=folder,
        env=command_environment(),
        capture_output=True,
        encoding="utf-8",
        check=True,
        timeout=300,
    )
    answers = [(status, base64.b64decode(written)) for status, written in json.loads(done.stdout)]
    return {" ".join(arguments): answer for arguments, answer in zip(asked, answers, strict=True)}


@pytest.mark.parametrize(("arguments", "parameters"), SAME)
def test_answers_are_those_of_the_command_line(
    client: Client, typed: dict[str, tuple[int, bytes]], arguments: list[str], parameters: dict[str, Any]
) -> None:
    command, *rest = arguments
    status, written = typed[" ".join([command, "--format", "json", *rest])]
    assert status in (0, 1)
    answered = client.get(f"/api/v1/{command}", params=parameters)
    assert answered.status_code == 200, answered.text
    assert answered.headers["content-type"] == "application/json"
    assert answered.headers["policysearch-exit-status"] == str(status)
    # paths of the machine are named by their roots: the one difference
    assert answered.content == written.replace(str(SOURCES).encode(), b"sources")
    assert str(SOURCES.parent) not in answered.text


@pytest.mark.parametrize("chosen", FORMATS)
def test_every_format_is_that_of_the_command_line(
    client: Client, typed: dict[str, tuple[int, bytes]], chosen: str
) -> None:
    _, written = typed[f"search --format {chosen} 营商环境"]
    for path in (f"/api/v1/search?format={chosen}&", f"/search.{chosen}?"):
        assert client.get(f"{path}q=营商环境").content == written


def test_a_table_is_a_workbook_too(client: Client) -> None:
    answered = client.get("/count.xlsx", params={"term": "营商环境", "by": "year"})
    assert answered.headers["content-disposition"] == 'attachment; filename="count.xlsx"'
    with ZipFile(io.BytesIO(answered.content)) as book:
        assert "xl/worksheets/sheet1.xml" in book.namelist()


def test_a_batch_and_a_draft_are_sent_as_text(client: Client, typed: dict[str, tuple[int, bytes]]) -> None:
    _, written = typed["batch --format csv topics.tsv"]
    assert client.get("/api/v1/batch", params={"topics": TOPICS, "format": "csv"}).content == written
    _, written = typed["verify --format json draft.md"]
    sent = client.post("/api/v1/verify", DRAFT.encode(), headers={"content-type": "text/plain"})
    assert sent.json() == {**json.loads(written), "draft": "-"}
    assert client.get("/api/v1/verify", params={"draft": DRAFT}).content == sent.content


def test_values_are_those_that_list_has(client: Client) -> None:
    listed = client.get("/api/v1/list", params={"by": "type"}).content
    assert client.get("/api/v1/values", params={"by": "type"}).content == listed
    assert client.get("/api/v1/values").status_code == 400


def test_roots_are_names(client: Client, samples_index: Path) -> None:
    answered = client.get("/api/v1/info")
    assert answered.json()["roots"] == ["sources"]
    assert str(SOURCES) not in answered.text


def test_generations_that_were_replaced_are_freed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("policysearch.serving.served._PATIENCE", 0.0)
    root = tmp_path / "texts"
    root.mkdir()
    open_ones = []
    served = None
    for number in range(5):
        (root / f"{number}.txt").write_text(f"一、营商环境\n优化营商环境{number}。\n", encoding="utf-8")
        index = build_index(root, tmp_path / "index")
        served = served or Served(str(index))
        with served.borrowed() as generation:
            assert generation.index.info["documents"] == number + 1
            assert generation.index.search("营商环境").total == number + 1
            generation.itself = generation  # type: ignore[attr-defined] # a cycle, which only a collection ends
            open_ones.append(weakref.ref(generation))
        del generation
    assert served is not None
    served.close()
    assert [one() for one in open_ones[:-2]] == [None, None, None]  # the one before the last may still be frozen


NAMING: tuple[tuple[str, dict[str, str]], ...] = (
    ("/show", {"id": "{}"}),
    ("/original", {"id": "{}"}),
    ("/citations", {"of": "{}"}),
    ("/reuse", {"of": "{}"}),
    ("/compare", {"a": "{}", "b": LAW}),
    ("/verify", {"draft": "《云麓省优化营商环境条例》规定“优化营商环境应当坚持”。见{}。\n"}),
    ("/", {"q": "{}"}),
    ("/", {"q": "(营商环境 {}"}),
    ("/list", {"title": "{}"}),
    ("/show.json", {"id": "{}"}),
    ("/search.csv", {"q": "{}"}),
    ("/api/v1/show", {"id": "{}"}),
    ("/api/v1/show", {"id": "{}#1", "format": "text"}),
    ("/api/v1/outline", {"document": "{}"}),
    ("/api/v1/search", {"q": "{}"}),
    ("/api/v1/search", {"q": "营商环境 {}", "sort": "{}"}),
    ("/api/v1/search", {"q": "营商环境", "document": "{}"}),
    ("/api/v1/count", {"term": "{}"}),
    ("/api/v1/count", {"terms": "{}: ["}),
    ("/api/v1/kwic", {"phrase": "{}"}),
    ("/api/v1/list", {"document": "{}"}),
    ("/api/v1/compare", {"a": "{}", "b": LAW}),
    ("/api/v1/compare", {"versions": "{}"}),
    ("/api/v1/citations", {"of": "{}"}),
    ("/api/v1/citations", {"to": "{}"}),
    ("/api/v1/reuse", {"of": "{}"}),
    ("/api/v1/verify", {"quote": "优化营商环境应当坚持", "of": "{}"}),
    ("/api/v1/batch", {"topics": "{}\t营商环境\n"}),
)
"""Requests that name a document or say anything else, which may be a path."""


@pytest.mark.parametrize(("page", "parameters"), NAMING)
def test_no_answer_tells_whether_a_path_is_one_of_the_sources(
    client: Client, samples_index: Path, page: str, parameters: dict[str, str]
) -> None:
    there = str(SOURCES), os.path.relpath(SOURCES), str(samples_index)
    for folder, *below in ((there[0], LAW), (there[0], "x.md"), (there[0],), (there[1], LAW), (there[2],)):
        answers = []
        for one in (folder, misspelt(folder)):
            path = "/".join((one, *below))
            answered = client.get(page, {name: value.format(path) for name, value in parameters.items()})
            said = unquote("\n".join((answered.text, answered.headers["policysearch-notes"] or "")))
            answers.append((answered.status_code, as_spelt(said, folder)))
        assert answers[0] == answers[1], folder


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        pytest.param("search?q=(a", 400, "closing bracket", id="a query that cannot be understood"),
        pytest.param("search?q=", 400, "query", id="an empty query"),
        pytest.param("search?q=x&sort=size", 400, "sort", id="a value that there is not"),
        pytest.param("search?q=x&limit=-1", 400, "limit", id="a number out of range"),
        pytest.param("search?q=x&colour=red", 400, "Unknown parameter 'colour'", id="an unknown parameter"),
        pytest.param("search?q=x&index=/etc", 400, "Unknown parameter 'index'", id="another index"),
        pytest.param("count?term=x&output=/tmp/x", 400, "Unknown parameter 'output'", id="a file to write"),
        pytest.param("count?term=x&manifest=/tmp/x", 400, "Unknown parameter 'manifest'", id="a manifest to write"),
        pytest.param("count?term=x&plot=/tmp/x.svg", 400, "Unknown parameter 'plot'", id="a chart to write"),
        pytest.param("outline?file=/etc/passwd", 400, "Unknown parameter 'file'", id="a file to read"),
        pytest.param("compare?a=/etc/passwd&b=/etc/hosts", 400, "nor an id or a citation", id="files to compare"),
        pytest.param("verify?accept=/etc/passwd", 400, "Unknown parameter 'accept'", id="a file to accept by"),
        pytest.param("show?id=x&open=1", 400, "Unknown parameter 'open'", id="a program to start"),
        pytest.param("search?q=x&manifest=/tmp/x", 400, "Unknown parameter 'manifest'", id="a manifest of a search"),
        pytest.param("show?id=魑魅魍魉", 404, "no section or document", id="a document that there is not"),
        pytest.param("index", 404, "", id="a command that writes"),
        pytest.param("check", 404, "", id="a command that reads sources"),
        pytest.param("%2e%2e/%2e%2e/etc/passwd", 404, "", id="a path"),
    ],
)
def test_errors_are_problem_details(client: Client, path: str, status: int, said: str) -> None:
    answered = client.get(f"/api/v1/{path}")
    assert answered.status_code == status
    if path.startswith("%"):
        return
    assert answered.headers["content-type"] == "application/problem+json"
    problem = answered.json()
    assert {"type", "title", "status", "detail"} <= set(problem)
    assert problem["status"] == status
    assert said in problem["detail"]


def test_a_value_that_a_file_would_hold_is_its_content(client: Client) -> None:
    assert client.get("/api/v1/count", params={"terms": "/etc/passwd"}).json()["rows"][0]["term"] == "/etc/passwd"


def test_where_a_query_breaks_is_told(client: Client) -> None:
    problem = client.get("/api/v1/search", params={"q": "优化 (环境"}).json()
    assert (problem["query"], problem["position"]) == ("优化 (环境", 3)


def test_a_lone_surrogate_is_an_error(client: Client) -> None:
    assert client.get("/api/v1/search?q=%ff").status_code == 400


@pytest.mark.parametrize("named", ["改 ", " 改", "𠮷a", "ab "])
def test_messages_of_any_length_are_sent_as_whole_characters(client: Client, named: str) -> None:
    for length in (2, 330, *range(990, 1010), 3000):
        answered = client.get("/api/v1/search", {"q": "环境", "document": (named * length)[:length]})
        assert answered.status_code == 200
        notes = answered.headers["policysearch-notes"]
        assert len(notes) <= 4000
        assert unquote(notes, errors="strict").startswith("Nothing found")


def test_an_address_need_not_be_percent_encoded(client: Client) -> None:
    typed = "GET /api/v1/search?q=营商环境&limit=1&format=ids HTTP/1.1\r\nHost: localhost\r\n".encode()
    encoded = client.get(f"/api/v1/search?{urlencode({'q': '营商环境', 'limit': 1, 'format': 'json'})}").content
    typed = typed.replace(b"format=ids", b"format=json")
    for cut in (0, typed.index("营".encode()) + 1):  # in one piece, and within a character
        with socket.create_connection(("127.0.0.1", client.port), timeout=10) as asking:
            asking.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            asking.sendall(typed[:cut])
            time.sleep(0.05 if cut else 0)
            asking.sendall(typed[cut:] + "X-Name: 头\r\nConnection: close\r\n\r\n".encode())
            answered = b"".join(iter(lambda: asking.recv(65_536), b""))
        assert answered.startswith(b"HTTP/1.1 200 ")
        assert answered.endswith(encoded)


def test_a_known_generation_is_not_sent_again(client: Client) -> None:
    first = client.get("/api/v1/count", params={"term": "经济"})
    again = client.get("/api/v1/count", params={"term": "经济"}, headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    strong = first.headers["etag"].removeprefix("W/")
    for path in ("/api/v1/count?term=经济", "/?q=经济"):
        for had in ("*", f'"another", {strong}' if "api" in path else " * "):
            again = client.get(path, headers={"if-none-match": had})
            assert (again.status_code, again.content) == (304, b"")
    for path, status in (("/api/v1/search?q=(", 400), ("/nowhere", 404)):
        refused = client.get(path, headers={"if-none-match": "*"})
        assert (refused.status_code, "etag" in refused.headers) == (status, False)


def test_the_description_is_made_from_the_declarations(client: Client) -> None:
    from policysearch.cli.command_line import CommandLine

    described = client.get("/api/v1/openapi.json").json()
    assert described["openapi"].startswith("3.1")
    commands = CommandLine()
    assert set(described["paths"]) == {f"/api/v1/{name}" for name in commands.names}
    for name in commands.names:
        told = {one["name"]: one for one in described["paths"][f"/api/v1/{name}"]["get"]["parameters"]}
        for one in commands.parameters(name):
            schema = told[one.name]["schema"]
            inner = schema["items"] if one.multiple else schema
            assert (inner["type"], tuple(inner.get("enum", ()))) == (one.kind, one.choices)
        assert not {"index", "output", "manifest", "plot", "accept", "jobs"} & set(told)
    refused = client.post("/api/v1/verify", b"x", {"Origin": "http://evil.example"})
    assert str(refused.status_code) in described["paths"]["/api/v1/verify"]["post"]["responses"]


def test_a_new_generation_answers_without_a_restart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("policysearch.serving.served._PATIENCE", 0.0)
    root = tmp_path / "texts"
    root.mkdir()
    (root / "a.txt").write_text("一、营商环境\n优化营商环境。\n", encoding="utf-8")
    index = build_index(root, tmp_path / "index")
    with client_of(index) as client:
        first = client.get("/api/v1/search?q=营商环境")
        (root / "b.txt").write_text("一、别处\n营商环境更好。\n", encoding="utf-8")
        build_index(root, index)
        second = client.get("/api/v1/search?q=营商环境", headers={"if-none-match": first.headers["etag"]})
    assert (first.json()["total"], second.json()["total"]) == (1, 2)


def test_an_answer_is_kept_while_the_index_is_the_same_and_drafts_never_are(samples_index: Path) -> None:
    asked = []

    class Counting(CommandLine):
        def run(self, name: str, *arguments: Any, **options: Any) -> CommandAnswer:
            asked.append(name)
            return super().run(name, *arguments, **options)

    site = site_of(samples_index)
    site.commands = Counting()
    with client_for(site) as client:
        for path in ("/api/v1/search?q=营商环境", "/?q=营商环境", "/about"):
            first, again = client.get(path), client.get(path)
            assert (first.status_code, first.content, first.headers["etag"]) == (
                200,
                again.content,
                again.headers["etag"],
            )
        assert (
            client.get("/?q=营商环境", headers={"accept-language": "en"}).content != client.get("/?q=营商环境").content
        )
        assert asked.count("search") == 3
        for _ in range(2):
            client.get("/verify?draft=“营商环境”第三条")
        assert asked.count("verify") == 2


def test_answers_that_are_kept_take_a_bounded_room() -> None:
    recent: Recent[str] = Recent(most=16_000, largest=5_000)
    recent.keep("large", "x", 5_001)
    assert recent.get("large") is None
    for number in range(100):
        recent.keep(number, str(number), 4_000)
        assert recent.get(0) == "0"  # which is asked for in between
    assert [number for number in range(100) if recent.get(number)] == [0, 98, 99]
    recent.keep(0, "new", 10)
    assert recent.get(0) == "new"


def test_answers_that_took_long_are_not_displaced_by_those_that_did_not(samples_index: Path) -> None:
    with policysearch.open_index(samples_index, prepare=False) as index:
        generation = OpenGeneration(index)
        generation.keep_reply("costly", "all words", 20_000, 0.5)
        for number in range(1_000):
            generation.keep_reply(number, str(number), 20_000, 0.004)
        assert generation.reply("costly") == "all words"
        kept = [number for number in range(1_000) if generation.reply(number)]
        assert kept == list(range(1_000 - len(kept), 1_000))
        assert 0 < len(kept) <= 16_000_000 // 20_000
        for number in range(1_000):
            generation.keep_reply(number, str(number), 20_000, 0.5)
        assert generation.reply("costly") is None


def test_answers_are_sent_at_once() -> None:
    with bound("127.0.0.1", 0) as listening:
        assert listening.proto == socket.IPPROTO_TCP  # or asyncio leaves Nagle's algorithm on


def test_answers_have_limits_of_time_and_size(samples_index: Path) -> None:
    with client_of(samples_index, answer=1000) as client:
        assert client.get("/api/v1/search?q=环境").status_code == 413
        client.get("/api/v1/keywords?where=环境")  # imports what it needs: an import that ends early is a warning
    with client_of(samples_index, seconds=0.0005) as client:
        answered = client.get("/api/v1/keywords?where=环境")
        assert (answered.status_code, answered.json()["type"]) == (503, "urn:policysearch:problem:time-limit")


AFTER_A_LIMIT = """
import asyncio, sys
from policysearch.serving.work import TimeLimitError, Workers

def endless():
    while True:
        pass

def numbers():
    yield from range(1000)

def traced(*_):
    return traced

for _ in range(10):
    try:
        asyncio.run(Workers(threads=1, seconds=0.02, waiting=1).run(endless))
    except TimeLimitError:
        sys.settrace(traced)
        print(sum(map(abs, numbers())))
        sys.settrace(None)
"""


def test_a_debugger_goes_on_after_a_time_limit() -> None:
    done = subprocess.run([sys.executable, "-c", AFTER_A_LIMIT], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, "499500\n" * 10, "")


class Slow(CommandLine):
    """Commands of which the slow ones end when they are let go."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []
        self.go = threading.Event()

    def run(self, name: str, *arguments: Any, **options: Any) -> CommandAnswer:
        self.asked.append(name)
        if name in ("keywords", "words"):
            assert self.go.wait(20)
        return super().run(name, *arguments, **options)


def test_quick_answers_are_given_while_slow_ones_wait(samples_index: Path) -> None:
    site = site_of(samples_index, patience=0.05, threads=1)
    site.commands = commands = Slow()
    statuses: dict[str, int] = {}
    waiting = ["/api/v1/words", "/words.csv", "/api/v1/words?limit=3"]
    with client_for(site) as client:
        first = client.get("/keywords?where=环境")
        assert (first.status_code, first.headers["refresh"]) == (202, "3")
        assert "正在统计" in first.text
        threads = [
            threading.Thread(target=lambda path=path: statuses.update({path: client.get(path).status_code}))
            for path in waiting
        ]
        for thread in threads:
            thread.start()
        for path in ("/", "/?q=环境", "/keywords", "/reuse", "/api/v1/count?term=环境", "/targets?type=报告"):
            assert client.get(path).status_code == 200  # with the only thread for such
        again = client.get("/keywords?where=环境")
        assert again.status_code == 202
        commands.go.set()
        for thread in threads:
            thread.join()
        assert statuses == dict.fromkeys(waiting, 200)
        for _ in range(200):
            found = client.get("/keywords?where=环境")
            if found.status_code == 200:
                break
            time.sleep(0.05)
        assert "<table" in found.text
        assert commands.asked.count("keywords") == 1


def test_slow_answers_come_in_their_order_and_are_shared() -> None:
    ended = []

    def work(number: int) -> int:
        time.sleep(0.01)
        ended.append(number)
        return number

    async def ask() -> list[int]:
        workers = Workers(2, 20, 5)
        asked = [workers.run_slowly(lambda n=n: work(n), n, 20) for n in (3, 1, 2, 3, 1)]  # type: ignore[misc]
        found = await asyncio.gather(*asked)
        assert not workers._under_way
        return found

    assert asyncio.run(ask()) == [3, 1, 2, 3, 1]
    assert ended == [3, 1, 2]


def test_a_slow_answer_has_its_whole_time_after_waiting_and_there_are_not_too_many() -> None:
    def work(seconds: float) -> str:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            time.sleep(0.01)
        return "done"

    async def ask() -> None:
        workers = Workers(2, 0.5, 3)
        first = asyncio.create_task(workers.run_slowly(lambda: work(60), "first", 20))
        await asyncio.sleep(0)
        second = asyncio.create_task(workers.run_slowly(lambda: work(0.5), "second", 20))
        await asyncio.sleep(0)
        with pytest.raises(WaitingError):
            await workers.run_slowly(lambda: work(0), "third", 0)
        with pytest.raises(BusyError):
            await workers.run_slowly(lambda: work(0), "fourth", 20)
        assert await workers.run(lambda: work(0)) == "done"
        with pytest.raises(TimeLimitError):
            await first
        assert await second == "done"
        assert await workers.run_slowly(lambda: "other", "third", 20) == "done", "the result is at hand for a minute"

    asyncio.run(ask())


def test_a_time_limit_that_passes_at_the_start_of_the_work_ends_it_and_holds_no_thread() -> None:
    async def asked() -> int:
        workers = Workers(2, 0.00002, 8)
        ended = 0
        for number in range(300):
            with contextlib.suppress(TimeLimitError):
                await workers.run_slowly(lambda: sum(range(2000)), number, 30)
            ended += 1
        return ended

    assert asyncio.run(asked()) == 300
