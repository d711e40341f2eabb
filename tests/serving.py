"""Shared by the tests of the served page: an application over an index, asked without a socket, and a real server."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from conftest import command_environment

from policysearch.cli.command_line import CommandLine
from policysearch.serving.app import application
from policysearch.serving.served import Served
from policysearch.serving.server import bound, server_of
from policysearch.serving.site import Limits, Site

__all__ = ["Client", "client_for", "client_of", "running_server", "site_of"]


def site_of(index: Path | str, **options: Any) -> Site:
    """Return the values that all requests on an index share."""
    limits = Limits()
    for name in set(options) & {"seconds", "answer", "draft", "threads", "waiting", "patience"}:
        setattr(limits, name, options.pop(name))
    return Site(Served(str(index)), CommandLine(), "0", limits=limits, **options)


class Answered:
    """The answer of a server."""

    def __init__(self, answered: http.client.HTTPResponse) -> None:
        self.status_code = answered.status
        self.headers = answered.headers
        self.content = answered.read()

    @property
    def text(self) -> str:
        return self.content.decode()

    def json(self) -> Any:
        return json.loads(self.content)


class Client:
    """Asks a server on this machine, one connection a request."""

    def __init__(self, port: int, **headers: str) -> None:
        self.port = port
        self._headers = {"accept-language": "zh-CN", **headers}

    def ask(self, method: str, path: str, body: Any = None, headers: Mapping[str, str] = {}) -> Answered:
        """Send a request whose path is as it is to be sent."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        with contextlib.closing(connection):
            connection.request(method, path, body, {**self._headers, **headers})
            return Answered(connection.getresponse())

    def get(self, path: str, params: Mapping[str, Any] = {}, headers: Mapping[str, str] = {}) -> Answered:
        """Get a path, with parameters or with a query of its own."""
        path = quote(path, safe="/?&=%+#:,")
        return self.ask("GET", path + (f"?{urlencode(params, doseq=True)}" if params else ""), None, headers)

    def post(self, path: str, content: bytes, headers: Mapping[str, str] = {}) -> Answered:
        """Post a body."""
        return self.ask("POST", path, content, headers)


def misspelt(path: str) -> str:
    """Return a path of the same form that does not exist."""
    absent = _altered(path)
    assert not Path(absent).exists()
    return absent


def as_spelt(text: str, path: str) -> str:
    """Return a text with the words of a misspelt path as they are in the path; a suggestion divides it into words."""
    for word in re.findall(r"\w+", path):
        text = text.replace(_altered(word), word)
    return text


def _altered(path: str) -> str:
    return path.replace("o", "q").replace("s", "z")


@contextlib.contextmanager
def client_of(
    index: Path | str, *, host: str = "127.0.0.1", allowed: tuple[str, ...] = (), **options: Any
) -> Iterator[Client]:
    """Serve an index from a thread, and yield a client of it."""
    with client_for(site_of(index, **options), host=host, allowed=allowed) as client:
        yield client


@contextlib.contextmanager
def client_for(site: Site, *, host: str = "127.0.0.1", allowed: tuple[str, ...] = ()) -> Iterator[Client]:
    """Serve a site from a thread, and yield a client of it."""
    app = application(site, host=host, allowed=allowed)
    listening = bound("127.0.0.1", 0)
    server = server_of(app)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive()
            time.sleep(0.01)
        yield Client(listening.getsockname()[1])
    finally:
        server.should_exit = True
        thread.join(60)
        listening.close()
    assert not thread.is_alive()


@contextlib.contextmanager
def running_server(index: Path, *arguments: str) -> Iterator[str]:
    """Run the real command on a free port, and yield its address."""
    with subprocess.Popen(
        [sys.executable, "-m", "policysearch", "serve", "-i", str(index), "--port", "0", *arguments],
        env=command_environment(),
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    ) as process:
        assert process.stderr is not None
        try:
            said = ""
            for line in process.stderr:
                said += line
                found = re.search(r"Serving at (http://\S+)", line)
                if found:
                    yield found[1]
                    return
            raise AssertionError(said)
        finally:
            os.kill(process.pid, signal.SIGINT)
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
