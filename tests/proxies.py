"""A server between the program and a node, which does to requests and answers what networks and busy nodes do."""

from __future__ import annotations

import http.client
import json
import socket
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast
from urllib.parse import urlsplit


@dataclass
class Asked:
    """A request as it came.

    Attributes:
        number: Which it is, from 1.
        peer: The connection that it came by.
    """

    number: int
    method: str
    path: str
    body: bytes
    authorization: str | None
    peer: object = None

    def is_for(self, endpoint: str) -> bool:
        """Whether the last piece of its path is this, as ``_bulk``."""
        return urlsplit(self.path).path.rstrip("/").endswith(f"/{endpoint}")


@dataclass
class Reply:
    """An answer.

    Attributes:
        body: None for none at all: the connection is cut.
    """

    status: int = 200
    body: bytes | None = b"{}"
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def said(self) -> Any:
        """The body, from JSON."""
        return json.loads(self.body or b"null")

    def changed(self, said: Any) -> Reply:
        """Return the same with another body."""
        return Reply(self.status, json.dumps(said).encode(), self.headers)


CUT = Reply(0, None)

Pass = Callable[[], Reply]
Meddle = Callable[[Asked, Pass], Reply]


def honest(asked: Asked, forward: Pass) -> Reply:
    """Let everything pass."""
    return forward()


class Proxy:
    """Listens on loopback; a context manager.

    Attributes:
        target: The node's ``http://`` address.
        meddle: What becomes of a request. It is given the request and what asks the node for its answer.
        asked: All requests so far.
    """

    def __init__(self, target: str, meddle: Meddle = honest, tls: ssl.SSLContext | None = None) -> None:
        self.target = target
        self.meddle = meddle
        self.asked: list[Asked] = []
        self._lock = threading.Lock()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.proxy = self
        self._server.tls = tls
        self._scheme = "https" if tls else "http"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    @property
    def url(self) -> str:
        """Where it listens. The name is one that its certificate is made for."""
        return f"{self._scheme}://localhost:{self._server.server_address[1]}"

    def __enter__(self) -> Proxy:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def answer(self, method: str, path: str, body: bytes, headers: Message, peer: object) -> Reply:
        """Return the fate of one request."""
        with self._lock:
            asked = Asked(len(self.asked) + 1, method, path, body, headers.get("Authorization"), peer)
            self.asked.append(asked)
        return self.meddle(asked, lambda: self._forward(asked, headers))

    def _forward(self, asked: Asked, headers: Message) -> Reply:
        connection = http.client.HTTPConnection(urlsplit(self.target).netloc, timeout=120)
        kept = {k: v for k, v in headers.items() if k.lower() in ("content-type", "content-encoding", "accept")}
        try:
            connection.request(asked.method, asked.path, asked.body, kept)
            response = connection.getresponse()
            return Reply(
                response.status,
                response.read(),
                {"Content-Type": response.headers.get("Content-Type") or "application/json"},
            )
        except (OSError, http.client.HTTPException):
            return CUT
        finally:
            connection.close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    proxy: Proxy
    tls: ssl.SSLContext | None

    def finish_request(self, request: Any, client_address: Any) -> None:
        # in the connection's own thread, so that a handshake that hangs or fails is nobody else's
        try:
            if self.tls is None:
                super().finish_request(request, client_address)
            else:
                with self.tls.wrap_socket(request, server_side=True) as wrapped:
                    super().finish_request(wrapped, client_address)
        except (ssl.SSLError, ConnectionError):
            pass


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def _any(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        proxy = cast(_Server, self.server).proxy
        reply = proxy.answer(self.command, self.path, body, self.headers, self.client_address)
        if reply.body is None:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        self.send_response(reply.status)
        for name, value in {"Content-Type": "application/json", **reply.headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(reply.body)

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = _any  # noqa: N815 (the base class's names)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""
