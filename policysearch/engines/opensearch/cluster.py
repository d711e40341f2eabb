"""Requests to a cluster, with retries and error messages.

Every request is idempotent: an entry that is sent twice has the same id both
times.
"""

from __future__ import annotations

import json
import logging
import os
import random
import ssl
import threading
import time
from base64 import b64encode
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any, NoReturn

from policysearch.engines.opensearch.address import CA, CREDENTIALS, PASSWORD, USER, Address, credentials
from policysearch.engines.opensearch.answers import StrangeAnswer, bounded, form_of_search, of_form, strangeness
from policysearch.errors import IndexClosedError, IndexUnusableError, InputError, NoAnswerError

__all__ = ["Cluster", "ClusterRefusedError", "ConflictError", "MissingError", "TooLargeError", "dumps"]

# The client logs each failed request itself; here the errors report it.
logging.getLogger("opensearch").addHandler(logging.NullHandler())

_SECONDS = 90.0  # for one request
_FIRST_SECONDS = 30.0  # for the first one, when it is not yet known whether anything answers
_FIRST_BYTES = 8 << 20
_MOST_BYTES = 1 << 30  # of any answer
_PATIENCE = 30.0  # seconds in which a cluster that lost a node may recover
_AT_ONCE = 16  # concurrent requests to one host; its queues reject requests when there are too many
_CHARACTERS = 5_000_000  # of several searches sent at once
_BUSY = frozenset({429, 500, 502, 503, 504})


class MissingError(IndexUnusableError):
    """The requested index or entry does not exist (404)."""


class ConflictError(IndexUnusableError):
    """Another writer changed the entry first (409)."""


class ClusterRefusedError(NoAnswerError):
    """The cluster rejects the request (400, 403)."""


class TooLargeError(NoAnswerError):
    """The cluster rejects requests of this size (413)."""


def dumps(value: Any) -> str:
    """Return a value as the JSON that is sent."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


class _Turns:
    """A fair semaphore: threads acquire it in the order in which they arrive.

    ``threading.Semaphore`` is not fair: a thread that releases it and acquires it again can starve the others.
    """

    def __init__(self, free: int) -> None:
        self._free = free
        self._waiting: deque[threading.Lock] = deque()
        self._lock = threading.Lock()

    def __enter__(self) -> None:
        with self._lock:
            if self._free:
                self._free -= 1
                return
            turn = threading.Lock()
            turn.acquire()
            self._waiting.append(turn)
        try:
            turn.acquire()
        except BaseException:  # Ctrl-C while waiting, perhaps just after it was given the semaphore
            with self._lock:
                came = turn not in self._waiting
                if not came:
                    self._waiting.remove(turn)
            if came:
                self.__exit__()
            raise

    def __exit__(self, *_: object) -> None:
        with self._lock:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._free += 1


class Cluster:
    """The cluster of one index. Thread-safe; nothing is sent before the first request."""

    def __init__(self, address: Address, *, answered: bool = False) -> None:
        """``answered``: whether the cluster has answered this process or the one that started it."""
        self.address = address
        self.name = address.name
        self._answered = answered
        self._closed = False
        self._copies = os.urandom(6).hex()
        self._making = threading.Lock()
        self._turns = _Turns(_AT_ONCE * len(address.hosts))

    @cached_property
    def _made(self) -> Any:
        opensearchpy = _library()
        headers = {}
        known = credentials()
        if known:
            headers["authorization"] = "Basic " + b64encode(":".join(known).encode()).decode()
        secure: dict[str, Any] = {}
        if self.address.hosts[0].startswith("https"):
            try:
                secure["ssl_context"] = ssl.create_default_context(cafile=os.environ.get(CA) or None)
            except OSError as error:
                raise InputError(f"'{os.environ.get(CA)}', set in {CA}, is not a file of certificates.") from error
        most = lambda: _MOST_BYTES if self._answered else _FIRST_BYTES  # noqa: E731
        return opensearchpy.OpenSearch(
            list(self.address.hosts),
            connection_class=bounded(opensearchpy.Urllib3HttpConnection, most),
            headers=headers,
            timeout=_SECONDS,
            max_retries=len(self.address.hosts) - 1,
            retry_on_status=(),
            pool_maxsize=_AT_ONCE * len(self.address.hosts),
            **secure,
        )

    @property
    def client(self) -> Any:
        """The client of opensearch-py, created on first use."""
        with self._making:
            if self._closed:
                raise IndexClosedError
            return self._made

    def close(self) -> None:
        """Close the connections. Any later request raises ``IndexClosedError``."""
        with self._making:
            self._closed = True
            made = self.__dict__.pop("_made", None)
        if made is not None:
            made.close()

    def request(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        seconds: float = _SECONDS,
        patience: float = _PATIENCE,
        **parameters: Any,
    ) -> Any:
        """Send a request; return the JSON of the response.

        Args:
            method: ``GET``, ``POST`` …
            path: Starts with a slash.
            body: A value that is sent as JSON, or a string that is sent as it is.
            seconds: Timeout of one attempt.
            patience: Seconds during which a failing request is retried; there is no retry before the cluster's
                first response.
            parameters: Query parameters of the URL.

        Raises:
            MissingError: 404.
            ConflictError: 409.
            RefusedError: 400 and other errors that a retry does not cure.
            TooLargeError: 413.
            IndexClosedError: The connections were closed.
            NoAnswerError: Any other error, and responses that OpenSearch cannot have sent.
        """
        exceptions = _library().exceptions
        sent = body if body is None or isinstance(body, str) else dumps(body)
        given = {name: str(v).lower() if isinstance(v, bool) else v for name, v in parameters.items()}
        end = time.monotonic() + patience
        pause = 0.1
        while True:
            try:
                answer = self._sent(method, path, given, sent, seconds)
                told_strange = strangeness(method, path, answer)
                if told_strange:
                    raise self._strange(path, told_strange)
                self._answered = True
                return answer
            except exceptions.TransportError as error:
                if not self._worth_again(error) or time.monotonic() + pause > end:
                    self._explain(error, path)
            except exceptions.SerializationError as error:
                raise self._strange(path, f"it is not JSON but {_printable(str(error.args[0]), 60)!r}") from error
            except RecursionError as error:
                raise self._strange(path, "its JSON is nested too deeply") from error
            time.sleep(pause * random.uniform(0.8, 1.2))
            pause = min(pause * 2, 5.0)

    def _sent(self, method: str, path: str, given: Mapping[str, Any], sent: str | None, seconds: float) -> Any:
        """Send a request once; the first one has a time limit for the complete response, headers included."""

        def ask(seconds: float) -> Any:
            parameters = {**given, "request_timeout": seconds}
            return self.client.transport.perform_request(method, path, params=parameters, body=sent)

        with self._turns:
            if self._answered:
                return ask(seconds)
            seconds = min(seconds, _FIRST_SECONDS)
            # headers sent a byte at a time never exceed a socket's timeout: a thread of its own can be abandoned
            return _within(seconds * len(self.address.hosts) + 1.0, lambda: ask(seconds))

    def _strange(self, path: str, why: str) -> NoAnswerError:
        return NoAnswerError(
            f"The server at {', '.join(self.address.hosts)} is not OpenSearch, or a proxy changes its responses "
            f"({path}: {why}). Check the address."
        )

    def _worth_again(self, error: Any) -> bool:
        from opensearchpy.exceptions import ConnectionError as Unreachable
        from opensearchpy.exceptions import SSLError

        if isinstance(error, SSLError):
            return False
        if isinstance(error, Unreachable):
            certain = isinstance(error.info, StrangeAnswer) or "CERTIFICATE_VERIFY_FAILED" in str(error.error)
            return self._answered and not certain
        return error.status_code in _BUSY

    def _explain(self, error: Any, path: str) -> NoReturn:
        """Raise the error for a failed request: what went wrong, where, and what to do next."""
        from opensearchpy.exceptions import ConnectionError as Unreachable
        from opensearchpy.exceptions import ConnectionTimeout, SSLError

        where = ", ".join(self.address.hosts)
        reason = _reason(error)
        if isinstance(error, SSLError) or (isinstance(error, Unreachable) and "SSL" in str(error.error)):
            raise NoAnswerError(
                f"The certificate of {where} is not trusted, or the server does not support TLS: {error.error}. If "
                f"the cluster has its own certificate authority, set {CA} to the file of its certificate."
            ) from error
        if isinstance(error, Unreachable) and isinstance(error.info, (StrangeAnswer, UnicodeDecodeError)):
            raise self._strange(path, str(error.info)) from error
        if isinstance(error, ConnectionTimeout):
            raise NoAnswerError(
                f"OpenSearch at {where} did not respond in time ({path}). Check the cluster's health, then try again."
            ) from error
        if isinstance(error, Unreachable):
            raise NoAnswerError(
                f"OpenSearch at {where} cannot be reached: {_cause(error)}. Check that it is running, and the address."
            ) from error
        status = error.status_code
        if status in (400, 404) and not isinstance(error.info, dict):
            raise self._strange(path, f"{status} {reason}") from error
        if status == 401:
            raise NoAnswerError(
                f"OpenSearch at {where} denied access. Set {USER} and {PASSWORD}, or set {CREDENTIALS} to a "
                "file that contains user:password."
            ) from error
        if status == 403:
            raise NoAnswerError(
                f"OpenSearch at {where} forbids the request: {reason}. The user needs permission to read and, for "
                f"a build, to write and manage the indices {self.name} and {self.name}-*; a full disk also blocks it."
            ) from error
        if status == 404:
            raise MissingError(f"OpenSearch at {where} has no {path}: {reason}.") from error
        if status == 409:
            raise ConflictError(f"OpenSearch at {where}: {reason}.") from error
        if status == 413:
            raise TooLargeError(f"OpenSearch at {where} rejected a request as too large: {reason}.") from error
        if status in _BUSY:
            raise NoAnswerError(
                f"OpenSearch at {where} cannot answer: {reason}. {self._state()}Check the cluster, then try again."
            ) from error
        raise ClusterRefusedError(f"OpenSearch at {where} rejected a request ({path}): {reason}.") from error

    def _state(self) -> str:
        """Return a sentence about unassigned shards; an empty string when there are none or the health is unknown."""
        from opensearchpy.exceptions import OpenSearchException

        path = f"/_cluster/health/{self.name}*"
        try:
            health = self.client.transport.perform_request("GET", path, params={"request_timeout": 5})
        except (OpenSearchException, RecursionError):
            return ""
        if strangeness("GET", path, health) or health["status"] != "red":
            return ""
        return f"Its health is red: {health['unassigned_shards']} shards are unassigned. "

    def health(self, *indices: str, **wanted: Any) -> Any:
        """Return the health of indices, after waiting for the ``wanted`` state until a timeout."""
        # 408: the wait timed out
        return self.request("GET", f"/_cluster/health/{','.join(indices)}", ignore=408, **wanted)

    # searches

    def search(self, index: str, body: Mapping[str, Any], **parameters: Any) -> Any:
        """Return the response to one search; raise an error unless it is complete."""
        if "pit" not in body:
            # the same copies of the shards for all pages of an answer: each copy adds scores in its own order
            parameters["preference"] = self._copies
        path = "/_search" if "pit" in body else f"/{index}/_search"
        parameters.update(search_type=_search_type(body), allow_partial_search_results=False)
        return self._whole(self.request("POST", path, body, **parameters), body)

    def searches(self, searches: Sequence[tuple[str, Mapping[str, Any]]]) -> list[Any]:
        """Return the responses to several (index, search) pairs, each complete; one that fails fails all."""
        if not searches:
            return []
        if len(searches) == 1:
            return [self.search(*searches[0])]
        sent: list[str] = []
        size = 0
        answers: list[Any] = []
        for index, body in searches:
            head = {"index": index, "search_type": _search_type(body), "preference": self._copies}
            one = f"{dumps({**head, 'allow_partial_search_results': False})}\n{dumps(body)}\n"
            if sent and size + len(one) > _CHARACTERS:
                answers += self._several(sent)
                sent, size = [], 0
            sent.append(one)
            size += len(one)
        answers += self._several(sent)
        # retry one by one those that failed together, for a result or a reason
        return [
            self._whole(one, asked[1]) if "error" not in one else self.search(*asked)
            for one, asked in zip(answers, searches, strict=True)
        ]

    def _several(self, sent: Sequence[str]) -> list[Any]:
        answers: list[Any] = self.request("POST", "/_msearch", "".join(sent))["responses"]
        if len(answers) != len(sent):
            raise self._strange("/_msearch", f"it has {len(answers)} responses to {len(sent)} searches")
        return answers

    def _whole(self, answer: Any, body: Mapping[str, Any]) -> Any:
        try:
            shards = of_form(answer, form_of_search(body))["_shards"]
        except StrangeAnswer as error:
            raise self._strange("/_search", str(error)) from error
        if answer["timed_out"] or shards["failed"] or shards["successful"] != shards["total"]:
            raise NoAnswerError(
                f"Only {shards['successful']} of {shards['total']} shards of the index '{self.name}' answered. "
                f"{self._state()}Check the cluster, then try again."
            )
        return answer

    def totals(self, index: str, queries: Iterable[Mapping[str, Any]]) -> list[int]:
        """Return the exact number of entries that each query selects."""
        body = {"size": 0, "track_total_hits": True}
        found: list[int] = []
        waiting = [(index, {**body, "query": query}) for query in queries]
        for first in range(0, len(waiting), 200):
            found += [one["hits"]["total"]["value"] for one in self.searches(waiting[first : first + 200])]
        return found


def _search_type(body: Mapping[str, Any]) -> str:
    """Return the search type: a scoring query first collects the statistics of all shards."""
    first = next(iter(body.get("sort", ())), None)
    by_score = "track_scores" in body or "explain" in body or (isinstance(first, dict) and "_score" in first)
    return "dfs_query_then_fetch" if by_score else "query_then_fetch"


def _reason(error: Any) -> str:
    """Return OpenSearch's reason for an error, in one line."""
    info = getattr(error, "info", None)
    if not isinstance(info, dict):
        return _printable(str(error.error))
    reason = info.get("error", info)
    if not isinstance(reason, dict):
        return _printable(str(reason))
    causes = reason.get("root_cause")
    reasons = [
        cause.get("reason") or cause.get("type")
        for cause in (causes if isinstance(causes, list) and causes else [reason])
        if isinstance(cause, dict)
    ]
    deeper = reason.get("caused_by")
    if isinstance(deeper, dict):
        reasons.append(deeper.get("reason"))
    return _printable("; ".join(dict.fromkeys(str(reason) for reason in reasons if reason)) or str(error.error))


def _printable(reason: str, most: int = 500) -> str:
    """Return a server's text in one line without control characters, of at most ``most`` characters."""
    return " ".join("".join(c if c.isprintable() else " " for c in reason[: most * 2]).split())[:most]


def _cause(error: Any) -> str:
    """Return the reason why a connection failed, without the client's own wording."""
    cause = getattr(error, "info", None)
    text = str(cause or error.error)
    return _printable(text.rpartition(": ")[2].strip("()' ") or text, 200)


def _library() -> Any:
    """Return the module ``opensearchpy``. Raises ``InputError`` when it is not installed."""
    try:
        import opensearchpy
    except ImportError as error:
        raise InputError(
            "An index on OpenSearch needs a library that is not installed. "
            "Install it with: pip install 'policysearch[opensearch]'"
        ) from error
    return opensearchpy


def _within(seconds: float, ask: Callable[[], Any]) -> Any:
    """Call ``ask`` in a thread; return its result, or raise its error or, after ``seconds``, ``ConnectionTimeout``."""
    from opensearchpy.exceptions import ConnectionTimeout

    outcome: list[tuple[Any, BaseException | None]] = []

    def run() -> None:
        try:
            outcome.append((ask(), None))
        except BaseException as error:
            outcome.append((None, error))

    thread = threading.Thread(target=run, name="policysearch first request", daemon=True)
    thread.start()
    thread.join(seconds)
    if not outcome:
        raise ConnectionTimeout("TIMEOUT", f"no response within {seconds:g} seconds", None)
    answer, error = outcome[0]
    if error is not None:
        raise error
    return answer
