"""The server: its socket, the application, and its shutdown."""

from __future__ import annotations

import logging
import re
import socket
import sys
from collections.abc import Callable

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from policysearch.errors import InputError
from policysearch.serving.guard import App
from policysearch.serving.memory import bound_free_memory

__all__ = ["bound", "serve", "server_of"]

_NOT_ASCII = re.compile(rb"[\x80-\xff]")
_LONGEST_REQUEST = 256 * 1024  # bytes of a request's line, which may contain a batch of topics, and headers


class _Protocol(H11Protocol):
    """HTTP/1.1 with addresses that are not percent-encoded, as curl and scripts send them: ``?q=营商环境``."""

    def data_received(self, data: bytes) -> None:
        """Take the next bytes of a connection."""
        # the first line of a request, of which each byte counts for itself: it may come in pieces
        if not data.isascii() and str(self.conn.their_state) == "IDLE" and b"\n" not in self.conn.trailing_data[0]:
            line, end, rest = data.partition(b"\n")
            data = b"".join((_NOT_ASCII.sub(lambda one: b"%%%02X" % one[0][0], line), end, rest))
        super().data_received(data)


def bound(host: str, port: int) -> socket.socket:
    """Return a socket that listens. Raises ``InputError`` when the address cannot be used."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio sends at once (TCP_NODELAY) only from sockets declared as TCP; else an answer takes 40 ms more
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host.strip("[]"), port))
        listening.listen(128)
    except OSError as error:
        listening.close()
        raise InputError(
            f"Cannot listen on {host}, port {port}: {error.strerror or error}. Choose another with --port."
        ) from error
    return listening


def server_of(app: App) -> uvicorn.Server:
    """Return a server of an application, which answers until its ``should_exit`` is set."""
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        lifespan="on",
        http=_Protocol,
        ws="none",
        loop="asyncio",
        timeout_keep_alive=15,
        timeout_graceful_shutdown=3,
        limit_concurrency=500,
        h11_max_incomplete_event_size=_LONGEST_REQUEST,
        proxy_headers=False,
    )
    return uvicorn.Server(config)


def serve(app: App, listening: socket.socket, started: Callable[[], None]) -> None:
    """Answer until the process is told to end; ``started`` is called when the socket accepts requests."""
    bound_free_memory()
    sys.setswitchinterval(0.001)  # so that short answers wait less for long-running threads
    logging.basicConfig(format="%(levelname)s: %(message)s", level=logging.WARNING)
    started()
    server_of(app).run(sockets=[listening])
