"""Pages, API and tools over an index on a cluster: the answers of an embedded one; errors that tell nothing of it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("opensearchpy", reason="the extra opensearch is not installed")
pytest.importorskip("mcp", reason="the extra mcp is not installed")
pytest.importorskip("jinja2", reason="the extra web is not installed")

from conftest import SOURCES, build_index
from opensearch_cluster import Cluster
from proxies import CUT, Asked, Meddle, Pass, Proxy, Reply
from serving import Answered, Client, client_for, client_of, site_of
from test_agents import ASKED
from test_serving_api import DRAFT, LAW, SAME, TOPICS
from test_serving_pages import PAGES

from policysearch.cli.command_line import CommandLine
from policysearch.engines.opening import open_store
from policysearch.engines.opensearch import cluster as connection
from policysearch.indexing.refresh import refresh
from policysearch.serving.agents.schemas import TOOLS
from policysearch.serving.agents.tool_server import Answering
from policysearch.serving.served import Served
from policysearch.serving.work import Workers

NAME = "served"
REPORT = "政府工作报告/2024年澜泽市政府工作报告.txt"


@pytest.fixture(scope="module")
def address(cluster: Cluster) -> Iterator[str]:
    """An index of ``sources/`` on the cluster."""
    address = f"opensearch+{cluster.urls[0]}/{NAME}"
    assert refresh(open_store(address), [SOURCES]).failed == ()
    yield address
    cluster.ask(f"/{NAME}*?expand_wildcards=all&ignore_unavailable=true", "DELETE")


@pytest.fixture(scope="module")
def fresh_index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same in a folder, of the same generation."""
    return build_index(SOURCES, tmp_path_factory.mktemp("embedded"))


@pytest.fixture(scope="module")
def both(address: str, fresh_index: Path) -> Iterator[tuple[Client, Client]]:
    with client_of(fresh_index) as embedded, client_of(address) as on_cluster:
        yield embedded, on_cluster


def without_scores(answered: Answered) -> str:
    """Return an answer without scores, which are 32-bit numbers on a cluster."""
    return re.sub(r'(?<="score": )[\d.]+', "0", answered.text)


def computed(client: Client, path: str) -> Answered:
    """Return a page, asked for again while it says that it is not ready."""
    deadline = time.monotonic() + 120
    while (answered := client.get(path)).status_code == 202 and time.monotonic() < deadline:
        time.sleep(0.1)
    return answered


@pytest.mark.parametrize("path", [*PAGES, f"/original?id={LAW}", "/nothing", "/?q=(环境", "/show?id=no/such"])
def test_pages_are_the_same(both: tuple[Client, Client], path: str) -> None:
    one, other = (computed(client, path) for client in both)
    assert (other.status_code, other.text) == (one.status_code, one.text)


MORE: list[tuple[str, dict[str, Any]]] = [
    ("info", {}),
    ("batch", {"topics": TOPICS}),
    ("verify", {"draft": DRAFT}),
    ("values", {"by": "type"}),
    ("citations", {"of": LAW}),
    ("reuse", {"of": REPORT}),
    ("list", {"skipped": "true"}),
    ("compare", {"a": LAW, "b": "/etc/passwd"}),
    ("search", {"q": "(环境"}),
    ("show", {"id": "no/such#1"}),
]
API = [(one.values[0][0], one.values[1]) for one in SAME] + MORE


def test_every_path_is_asked() -> None:
    assert {name for name, _ in API} == set(CommandLine().names)


@pytest.mark.parametrize(("command", "parameters"), API)
def test_answers_of_the_api_are_the_same(both: tuple[Client, Client], command: str, parameters: dict[str, Any]) -> None:
    one, other = (client.get(f"/api/v1/{command}", parameters) for client in both)
    assert (other.status_code, without_scores(other)) == (one.status_code, without_scores(one))
    assert other.headers["content-type"] == one.headers["content-type"]
    assert other.headers["policysearch-exit-status"] == one.headers["policysearch-exit-status"]
    if command == "search" and one.status_code == 200:
        scores = [[hit["score"] for hit in answered.json()["hits"]] for answered in (one, other)]
        assert scores[1] == pytest.approx(scores[0], rel=1e-5)


def test_tables_are_the_same(both: tuple[Client, Client]) -> None:
    for path in (
        "/count.csv?term=环境&by=region,year",
        "/kwic.csv?phrase=环境",
        "/targets.csv?",
        "/count.xlsx?term=环境",
    ):
        one, other = (client.get(path) for client in both)
        assert (one.status_code, other.content) == (200, one.content), path


TOOLS_ASKED: list[tuple[str, dict[str, Any]]] = [
    *ASKED,
    ("coverage", {}),
    ("coverage", {"filters": {"type": "政府工作报告"}}),
    ("search", {"query": "魑魅魍魉"}),
    ("search", {"query": "环境", "facets": ["type", "year"], "filters": {"year": "2023..2024"}}),
    ("show", {"id": LAW, "offset": 40, "limit": 900}),
    ("outline", {"id": f"{LAW}#3", "limit": 5}),
    ("count", {"terms": ["环境", "改革"], "by": ["region", "year"]}),
    ("cite", {"ids": [LAW, f"{REPORT}#2"]}),
    ("compare", {"a": f"{LAW}#2", "b": f"{LAW}#3"}),
    ("search", {"query": "(环境"}),
    ("show", {"id": "no/such"}),
]


def test_tools_answer_the_same(address: str, fresh_index: Path) -> None:
    assert {name for name, _ in TOOLS_ASKED} == {tool.name for tool in TOOLS}
    with contextlib.closing(Served(str(fresh_index))) as embedded, contextlib.closing(Served(address)) as on_cluster:
        one, other = (Answering(served, Workers(2, 60, 8), prepare=False) for served in (embedded, on_cluster))
        for name, arguments in TOOLS_ASKED:
            expected, found = (asyncio.run(answering.call(name, arguments)) for answering in (one, other))
            assert (found.is_error, found.content) == (expected.is_error, expected.content), (name, arguments)


def cut(asked: Asked, forward: Pass) -> Reply:
    return CUT


def denied(asked: Asked, forward: Pass) -> Reply:
    return Reply(401, b"Unauthorized", {"Content-Type": "text/plain"})


def missing(asked: Asked, forward: Pass) -> Reply:
    reason = {"type": "index_not_found_exception", "reason": "no such index [served-g1-sections]"}
    return Reply(404, json.dumps({"error": {**reason, "root_cause": [reason]}, "status": 404}).encode())


def other_server(asked: Asked, forward: Pass) -> Reply:
    return Reply(200, b"<html>secret/path</html>", {"Content-Type": "text/html"})


def busy(asked: Asked, forward: Pass) -> Reply:
    return Reply(
        503, b'{"error": {"type": "x", "reason": "node at 10.0.0.9:9300 left", "root_cause": []}, "status": 503}'
    )


SAID = "The index cannot be read at the moment. Try again later; the server's log says why."


@pytest.mark.parametrize("meddle", [cut, denied, missing, other_server, busy], ids=lambda one: one.__name__)
def test_errors_of_a_cluster_tell_nothing_of_it(
    address: str,
    meddle: Meddle,
    cluster: Cluster,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setitem(connection.Cluster.request.__kwdefaults__ or {}, "patience", 0.2)
    monkeypatch.setenv("POLICYSEARCH_OPENSEARCH_USER", "analyst")
    monkeypatch.setenv("POLICYSEARCH_OPENSEARCH_PASSWORD", "Gänsefüße")
    with Proxy(cluster.urls[0]) as proxy:
        site = site_of(f"opensearch+{proxy.url}/{NAME}")
        answering = Answering(site.served, Workers(2, 60, 8), prepare=False)
        with client_for(site) as client:
            assert client.get("/?q=环境").status_code == 200
            proxy.meddle = meddle
            pages = [
                client.get(path) for path in ("/?q=经济 发展", "/count?term=经济&by=type", f"/show?id={LAW}", "/words")
            ]
            problems = [client.get(f"/api/v1/{path}") for path in ("search?q=经济 发展", "count?term=经济", "list")]
            called = asyncio.run(answering.call("search", {"query": "经济 发展"}))
            proxy.meddle = lambda asked, forward: forward()
            assert client.get("/?q=经济 发展").status_code == 200
    assert {one.status_code for one in (*pages, *problems)} == {503}
    for page in pages:
        assert "暂时无法读取索引" in page.text
    for problem in problems:
        assert problem.headers["content-type"] == "application/problem+json"
        assert problem.json()["detail"] == SAID
    assert called.is_error
    assert called.content[0].text == SAID  # type: ignore[union-attr]
    for told in (*(one.text for one in (*pages, *problems)), str(called.content)):
        for secret in (
            "127.0.0.1",
            "localhost",
            "opensearch",
            "OpenSearch",
            "analyst",
            "Gänsefüße",
            "secret",
            "10.0.0.9",
        ):
            assert secret not in told
    assert proxy.url.partition("//")[2] in caplog.text, "the log says which cluster it is"


def test_pages_are_answered_while_a_node_is_gone(address: str, cluster: Cluster) -> None:
    with contextlib.ExitStack() as stack:
        with Proxy(cluster.urls[0]) as going:
            hosts = ",".join(url.partition("://")[2] for url in (going.url, cluster.urls[0]))
            client = stack.enter_context(client_of(f"opensearch+http://{hosts}/{NAME}"))
            assert client.get("/?q=环境").status_code == 200
        for word in ("经济", "改革", "企业", "服务", "教育", "水库"):  # each asks one of the two first
            assert client.get(f"/?q={word} 发展").status_code == 200
            assert client.get(f"/api/v1/count?term={word}").status_code == 200


def test_a_cluster_that_hangs_does_not_hold_a_reader(
    address: str, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("policysearch.serving.work._GRACE", 0.1)
    go = threading.Event()

    def hang(asked: Asked, forward: Pass) -> Reply:
        go.wait(30)
        return forward()

    with Proxy(cluster.urls[0]) as proxy, client_of(f"opensearch+{proxy.url}/{NAME}", seconds=1) as client:
        client.get("/?q=环境")
        proxy.meddle = hang
        answered = [client.get("/?q=经济"), client.get("/api/v1/search?q=经济")]
        home = client.get("/static/style.css")
        go.set()
        proxy.meddle = lambda asked, forward: forward()
    assert [one.status_code for one in (*answered, home)] == [503, 503, 200]
    assert answered[1].json()["type"] == "urn:policysearch:problem:time-limit"


def test_a_new_generation_on_a_cluster_answers_without_a_restart(
    cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("policysearch.serving.served._PATIENCE", 0.0)
    address = f"opensearch+{cluster.urls[0]}/{NAME}-new"
    (tmp_path / "a.txt").write_text("一、营商环境\n优化营商环境。\n", encoding="utf-8")
    refresh(open_store(address), [tmp_path])
    with client_of(address) as client:
        assert client.get("/api/v1/search?q=营商环境").json()["total"] == 1
        (tmp_path / "b.txt").write_text("一、别处\n营商环境更好。\n", encoding="utf-8")
        refresh(open_store(address), [tmp_path])
        for _ in range(200):
            total = client.get("/api/v1/search?q=营商环境").json()["total"]
            if total == 2:
                break
            time.sleep(0.05)
        assert total == 2
        cluster.ask(f"/{NAME}-new*?expand_wildcards=all&ignore_unavailable=true", "DELETE")
        gone = client.get("/api/v1/search?q=优化")
        assert (gone.status_code, gone.json()["detail"]) == (503, SAID)
