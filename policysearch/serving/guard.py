"""Checks of every request (host, method, size, prefix), and security headers of every answer."""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any

from policysearch.serving.problems import (
    FOREIGN,
    NOT_ALLOWED,
    NOT_ALLOWED_FOR_DRAFTS,
    TOO_LARGE,
    TOO_LONG,
    WRONG_HOST,
    Problem,
    RefusedError,
)

__all__ = ["SECURITY_HEADERS", "Guard"]

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)

SECURITY_HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}


_HOST = re.compile(r"(?:\[([0-9A-Fa-f:.]+)\]|([^:\[\]]+))(?::[0-9]*)?")
_LONGEST_QUERY = 256 * 1024  # bytes of the parameters in an address: a batch of topics is in them


class Guard:
    """Refuses invalid requests, and adds security headers.

    Args:
        app: The application that answers.
        host: The address that the server listens on.
        allowed: Further host names that requests may have.
        root_path: The prefix that a proxy adds to every path.
        posts: Paths that accept POST.
        most: Maximum size of a body in bytes.
    """

    def __init__(
        self, app: App, *, host: str, allowed: Iterable[str], root_path: str, posts: Iterable[str], most: int
    ) -> None:
        self._app = app
        self._names = {"localhost", "127.0.0.1", "::1", host.lower().strip("[]"), *(name.lower() for name in allowed)}
        self._any_address = _is_unspecified(host)
        self._root = root_path.rstrip("/")
        self._posts = frozenset(posts)
        self._most = most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = [one for one in message.get("headers", ()) if one[0].lower() != b"server"]
                present = {name.lower() for name, _ in headers}
                for name, value in SECURITY_HEADERS.items():
                    if name.encode() not in present:
                        headers.append((name.encode(), value.encode()))
                message["headers"] = headers
            await send(message)

        if self._root and (scope["path"] == self._root or scope["path"].startswith(self._root + "/")):
            path = scope["path"][len(self._root) :] or "/"
            scope = {**scope, "path": path, "raw_path": path.encode()}
        scope["root_path"] = ""
        refused = self._refused(scope)
        if refused is not None:
            await _answer(refused, guarded)
            return
        if scope["method"] == "POST":
            receive = _Limited(receive, self._most)
        await self._app(scope, receive, guarded)

    def _refused(self, scope: Scope) -> Problem | None:
        headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
        if sum(name == b"host" for name, _ in scope["headers"]) != 1 or not self._serves(headers[b"host"]):
            return WRONG_HOST
        if len(scope["query_string"]) > _LONGEST_QUERY:
            return TOO_LONG
        if scope["method"] in ("GET", "HEAD"):
            return None
        if scope["path"] not in self._posts:
            return NOT_ALLOWED
        if scope["method"] != "POST":
            return NOT_ALLOWED_FOR_DRAFTS
        if headers.get(b"sec-fetch-site", "same-origin") not in ("same-origin", "none"):
            return FOREIGN
        origin = headers.get(b"origin")
        if origin is not None and (origin == "null" or not self._serves(origin.partition("://")[2])):
            return FOREIGN
        length = headers.get(b"content-length", "0")
        return TOO_LARGE if not length.isdigit() or int(length) > self._most else None

    def _serves(self, host: str) -> bool:
        name = _without_port(host)
        return name in self._names or (self._any_address and _is_address(name))


def _without_port(host: str) -> str:
    """Return the name or address in a Host header; an empty string for a malformed one."""
    found = _HOST.fullmatch(host)
    return (found[1] or found[2]).lower() if found else ""


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _is_unspecified(host: str) -> bool:
    return _is_address(host.strip("[]")) and ipaddress.ip_address(host.strip("[]")).is_unspecified


class _Limited:
    """Receives a body up to a limit; raises ``RefusedError`` beyond it."""

    def __init__(self, receive: Receive, most: int) -> None:
        self._receive = receive
        self._left = most

    async def __call__(self) -> Message:
        message = await self._receive()
        if message["type"] == "http.request":
            self._left -= len(message.get("body", b""))
            if self._left < 0:
                raise RefusedError(TOO_LARGE)
        return message


async def _answer(problem: Problem, send: Send) -> None:
    body = json.dumps(problem.to_dict()).encode()
    headers = [(b"content-type", b"application/problem+json"), (b"content-length", str(len(body)).encode())]
    headers += [(name.lower().encode(), value.encode()) for name, value in problem.headers.items()]
    await send({"type": "http.response.start", "status": problem.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
