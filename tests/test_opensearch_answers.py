"""Something else than OpenSearch at the address, or between: whatever it says, a clear error and status 2."""

from __future__ import annotations

import contextlib
import json
import random
import socket
import threading
import time
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from conftest import ALL, FIGURES, SOURCES
from hypothesis import given, settings
from hypothesis import strategies as st
from opensearch_cluster import Cluster
from proxies import CUT, Asked, Meddle, Pass, Proxy, Reply

from policysearch.cli.main import main
from policysearch.engines.opening import open_store
from policysearch.engines.opensearch import answers, bulk
from policysearch.engines.opensearch import cluster as connection
from policysearch.engines.opensearch import paging as streaming
from policysearch.errors import IndexUnusableError
from policysearch.indexing.refresh import refresh

pytest.importorskip("opensearchpy", reason="the extra opensearch is not installed")

pytestmark = pytest.mark.one_python

COMMANDS = {
    "search": ("search", "优化"),
    "count": ("count", "营商环境"),
    "kwic": ("kwic", "优化"),
    "list": ("list",),
    "show": ("show", "a#1"),
    "info": ("info",),
    "check": ("check",),
    "index": ("index", "-q", str(SOURCES)),
}

HTML = b"<html><head><title>404 Not Found \x1b[31m</title></head><body><h1>nginx</h1></body></html>"
DEEP = b"[" * 200_000 + b"]" * 200_000
BODIES = {
    "a page": (HTML, "text/html"),
    "a page that is said to be JSON": (HTML, "application/json"),
    "null": (b"null", "application/json"),
    "a list": (b"[]", "application/json"),
    "a list of lists": (b"[[1], [2]]", "application/json"),
    "a number": (b"1e400", "application/json"),
    "a long number": (b"9" * 10_000, "application/json"),
    "a text": (b'"opensearch"', "application/json"),
    "an empty object": (b"{}", "application/json"),
    "another object": (b'{"version": 3, "hits": [], "items": {}, "a": {"b": null}}', "application/json"),
    "the version of something": (b'{"version": {"number": "nine.1"}, "x-g1-sections": {}}', "application/json"),
    "objects in objects": (b'{"hits":' * 100_000 + b"1" + b"}" * 100_000, "application/json"),
    "lists in lists": (DEEP, "application/json"),
    "nothing": (b"", "application/json"),
    "nothing of no kind": (b"", ""),
    "bytes": (bytes(range(256)), "application/octet-stream"),
    "no UTF-8": (b'{"a": "\xff\xfe"}', "application/json"),
    "a zip": (b"\x1f\x8b\x08\x00broken", "application/json"),
}


@pytest.fixture
def say(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Callable[..., tuple[int, str]]:
    """Return a function that runs a command in this process, with little patience: its status and errors."""
    monkeypatch.setattr(connection, "_FIRST_SECONDS", 1.0)
    for module in (streaming, bulk):
        monkeypatch.setattr(module, "_PATIENCE", 0.5)
    defaults = connection.Cluster.request.__kwdefaults__
    assert defaults
    monkeypatch.setitem(defaults, "patience", 0.5)
    monkeypatch.chdir(tmp_path)

    def say(index: str, *arguments: str) -> tuple[int, str]:
        status = main([*arguments, "-i", index])
        out, said = capsys.readouterr()
        assert status != 2 or out == ""
        return status, said

    return say


def address(url: str) -> str:
    return f"opensearch+{url}/other"


def assert_error(status: int, said: str) -> None:
    assert status == 2, said
    assert said.startswith("Error: ")
    assert "Traceback" not in said
    assert 30 < len(said) < 1_500, said
    assert all(c.isprintable() or c == "\n" for c in said), "what a server says moves the cursor"


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("status", [200, 404, 400, 500, 302] if ALL else [200, 404])
def test_something_else_answers(say: Callable[..., tuple[int, str]], command: str, status: int) -> None:
    for name, (body, kind) in BODIES.items():
        if status == 500 and name not in ("a page", "a list", "lists in lists"):
            continue  # which is sent again for a while
        reply = Reply(status, body, {"Content-Type": kind, "Warning": '299 x "old"'})
        with Proxy("http://127.0.0.1:9", lambda asked, forward, reply=reply: reply) as proxy:  # type: ignore[misc]
            found, said = say(address(proxy.url), *COMMANDS[command])
        assert_error(found, said)
        if body.startswith((b"<", b"[[", b'"')) and status in (200, 404):
            assert "is not OpenSearch" in said, name
            assert "Check the address." in said, name


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@settings(max_examples=300 if ALL else 20)
@given(answer=JSON, status=st.sampled_from([200, 200, 201, 400, 403, 404, 409, 413]))
def test_any_json_answers(answer: object, status: int) -> None:
    from policysearch.engines.opensearch.address import parse_address

    reply = Reply(status, json.dumps(answer).encode())
    paths = ("/", "/_alias/x", "/x/_doc/head", "/x/_search", "/_bulk", "/_msearch", "/_cat/indices/x", "/_aliases")
    with Proxy("http://127.0.0.1:9", lambda asked, forward: reply) as proxy:
        cluster = connection.Cluster(parse_address(address(proxy.url)))
        for path in paths:
            for method in ("POST",) if path.startswith(("/_bulk", "/_m", "/_aliases")) else ("GET",):
                with contextlib.suppress(IndexUnusableError):
                    assert answers.strangeness(method, path, cluster.request(method, path, patience=0.0)) is None
        with contextlib.suppress(IndexUnusableError):
            whole = cluster.search("x", {"size": 0, "track_total_hits": True, "sort": []})
            assert isinstance(whole["hits"]["total"]["value"], int)
        cluster.close()


# streams


@contextlib.contextmanager
def serving(talk: Callable[[socket.socket], None]) -> Iterator[str]:
    """Answer every connection by ``talk``; yield where."""
    ended = threading.Event()

    def answer(peer: socket.socket) -> None:
        with peer, contextlib.suppress(OSError):
            peer.settimeout(20)
            peer.recv(65536)
            talk(peer)
            peer.shutdown(socket.SHUT_RDWR)

    def serve() -> None:
        while not ended.is_set():
            with contextlib.suppress(TimeoutError):
                peer, _ = server.accept()
                threading.Thread(target=answer, args=(peer,), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.1)
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
        ended.set()
        thread.join()


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


def endless_body(peer: socket.socket) -> None:
    peer.sendall(HEAD + b"\r\n[")
    for _ in range(2_000):
        peer.sendall(b"1," * 50_000)


def endless_chunks(peer: socket.socket) -> None:
    peer.sendall(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
    for _ in range(2_000):
        peer.sendall(b"186a0\r\n" + b" " * 100_000 + b"\r\n")


def bomb(peer: socket.socket) -> None:
    import zlib

    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    packed = packer.compress(b" " * (64 << 20)) + packer.flush()
    peer.sendall(HEAD + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(packed) + packed)


def slow_body(peer: socket.socket) -> None:
    peer.sendall(HEAD + b"\r\n")
    drip(peer, b" ")


def slow_head(peer: socket.socket) -> None:
    peer.sendall(HEAD)
    drip(peer, b"a")


def slow_status(peer: socket.socket) -> None:
    drip(peer, b"H")


def drip(peer: socket.socket, piece: bytes) -> None:
    for _ in range(100):
        peer.sendall(piece)
        time.sleep(0.1)


def silence(peer: socket.socket) -> None:
    time.sleep(8)


def hang_up(peer: socket.socket) -> None:
    pass


def endless_head(peer: socket.socket) -> None:
    peer.sendall(HEAD)
    for number in range(100_000):
        peer.sendall(b"X-%d: %s\r\n" % (number, b"a" * 1_000))


def short_body(peer: socket.socket) -> None:
    peer.sendall(HEAD + b'Content-Length: 1000\r\n\r\n{"a": ')


def another_protocol(peer: socket.socket) -> None:
    peer.sendall(b"SSH-2.0-OpenSSH_9.2\r\n")


STREAMS = (
    *(endless_body, endless_chunks, bomb, slow_body, slow_head, slow_status, silence),
    *(hang_up, endless_head, short_body, another_protocol),
)


@pytest.mark.parametrize("talk", STREAMS, ids=lambda talk: talk.__name__)
@pytest.mark.parametrize("command", ["search", "index"])
def test_a_stream_answers(
    say: Callable[..., tuple[int, str]], command: str, talk: Callable[[socket.socket], None]
) -> None:
    with serving(talk) as url:
        began = time.monotonic()
        assert_error(*say(address(url), *COMMANDS[command]))
        # waiting for the end of what has none would take ten times as long
        assert time.monotonic() - began < 60


# in between


STRANGE: dict[str, Callable[[Reply], Reply]] = {
    "a page": lambda reply: Reply(200, HTML, {"Content-Type": "text/html"}),
    "null": lambda reply: Reply(200, b"null"),
    "a list": lambda reply: Reply(200, b"[]"),
    "an empty object": lambda reply: Reply(200, b"{}"),
    "nothing": lambda reply: Reply(200, b""),
    "lists in lists": lambda reply: Reply(200, DEEP),
    "half of it": lambda reply: Reply(200, (reply.body or b"")[: len(reply.body or b"") // 2]),
    "404": lambda reply: Reply(404, HTML, {"Content-Type": "text/html"}),
    "one value replaced": lambda reply: Reply(reply.status, replaced(reply.body or b"")),
}


def replaced(body: bytes) -> bytes:
    """Return JSON with one of its values replaced by another one."""
    draw = random.Random(body)
    with contextlib.suppress(ValueError):
        said = json.loads(body)
        holder: Any = None
        place: Any = None
        inner = said
        while isinstance(inner, (dict, list)) and inner and (holder is None or draw.random() < 0.8):
            holder = inner
            place = draw.choice(list(inner)) if isinstance(inner, dict) else draw.randrange(len(inner))
            inner = holder[place]
        if holder is not None:
            holder[place] = draw.choice([None, {}, [], "other", 7])
        return json.dumps(said).encode()
    return body


@pytest.fixture(scope="module")
def only_asked(cluster: Cluster) -> Iterator[str]:
    """The name of an index of ``sources/``."""
    name = "between-asked"
    assert refresh(open_store(f"opensearch+{cluster.urls[0]}/{name}"), [SOURCES]).failed == ()
    yield name
    cluster.ask(f"/{name}*?expand_wildcards=all&ignore_unavailable=true", "DELETE")


@pytest.mark.parametrize("command", COMMANDS)
def test_something_between_changes_an_answer(
    cluster: Cluster, only_asked: str, say: Callable[..., tuple[int, str]], command: str
) -> None:
    """The first answers are right; then one is not, or none is any more."""
    name = "between-built" if command == "index" else only_asked
    if command == "index":
        assert say(f"opensearch+{cluster.urls[0]}/{name}", "index", "-q", str(SOURCES))[0] == 0
    arguments = (*COMMANDS["index"], "--rebuild") if command == "index" else COMMANDS[command]
    with Proxy(cluster.urls[0]) as proxy:
        right = say(f"opensearch+{proxy.url}/{name}", *arguments)
        cases = list(product(STRANGE, range(1, len(proxy.asked) + 1), (False, True)))
        wrong = 0
        few = 2 if command == "index" else 5
        cases = random.Random(1).sample(cases, min(len(cases), 200) if ALL else few)
        for what, place, lasting in cases:
            proxy.asked.clear()
            proxy.meddle = meddling(place, lasting, STRANGE[what])
            status, said = say(f"opensearch+{proxy.url}/{name}", *arguments)
            assert "Traceback" not in said
            if status == 2:
                wrong += 1
                assert_error(status, said)
            elif what != "one value replaced":  # which may be a word of a text
                # what is not needed any more, as when a point in time is given back, may be answered by anything
                assert (status, said) == right, f"{what} in place of answer {place}"
    FIGURES.append(f"{command}: {len(cases)} answers changed on their way; {wrong} were errors, in words")
    if command == "index":
        cluster.ask(f"/{name}*?expand_wildcards=all&ignore_unavailable=true", "DELETE")


def meddling(place: int, lasting: bool, strange: Callable[[Reply], Reply]) -> Meddle:
    def meddle(asked: Asked, forward: Pass) -> Reply:
        reply = forward()
        now = asked.number >= place if lasting else asked.number == place
        return strange(reply) if now and reply is not CUT else reply

    return meddle
