"""Requests to a cluster: sent, sent again where that helps, and their errors in words.

All requests may be sent twice: what is written has an id that it would have
the second time too.
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
from policysearch.engines.opensearch.answers import StrangeAnswer, bounded, form_of_search, strangeness, told
from policysearch.errors import IndexClosedError, IndexUnusableError, InputError, NoAnswerError

__all__ = ["Cluster", "ConflictError", "MissingError", "RefusedError", "TooLargeError", "dumps"]

# The client says each failed request on its own; here errors say it.
logging.getLogger("opensearch").addHandler(logging.NullHandler())

_SECONDS = 90.0  # for one request
_FIRST_SECONDS = 30.0  # for the first one, which nothing is known to answer
_FIRST_BYTES = 8 << 20
_MOST_BYTES = 1 << 30  # of any answer
_PATIENCE = 30.0  # seconds in which a cluster that lost a node may mend itself
_AT_ONCE = 16  # requests to one host that wait for their answers; its queues reject what many threads send at once
_CHARACTERS = 5_000_000  # of several searches sent at once
_BUSY = frozenset({429, 500, 502, 503, 504})


class MissingError(IndexUnusableError):
    """What was asked for is not there."""


class ConflictError(IndexUnusableError):
    """Somebody else was first."""


class RefusedError(NoAnswerError):
    """The cluster does not take the request as it is."""


class TooLargeError(NoAnswerError):
    """The cluster does not take requests of this size."""


def dumps(value: Any) -> str:
    """Return JSON as it is sent."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


class _Turns:
    """Lets so many threads go on at once, the others in the order in which they came.

    A semaphore has no such order: a thread that asks again gets what it has just given back, and others wait for ever.
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
        except BaseException:  # Ctrl-C while it waits, perhaps when its turn had come
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
    """A cluster, as the index at one address needs it. May be shared by threads; nothing is sent before it is asked."""

    def __init__(self, address: Address, *, answered: bool = False) -> None:
        """Ask nothing yet; ``answered``: whether the cluster answered this process or the one that started it."""
        self.address = address
        self.name = address.name
        self._answered = answered
        self._closed = False
        self._copies = os.urandom(6).hex()
        self._making = threading.Lock()
        self._turns = _Turns(_AT_ONCE * len(address.hosts))

    @cached_property
    def _made(self) -> Any:
        try:
            import opensearchpy
        except ImportError as error:
            raise InputError(
                "An index on OpenSearch needs a library that is not installed. "
                "Install it with: pip install 'policysearch[opensearch]'"
            ) from error
        headers = {}
        known = credentials()
        if known:
            headers["authorization"] = "Basic " + b64encode(":".join(known).encode()).decode()
        secure: dict[str, Any] = {}
        if self.address.hosts[0].startswith("https"):
            try:
                secure["ssl_context"] = ssl.create_default_context(cafile=os.environ.get(CA) or None)
            except OSError as error:
                raise InputError(f"'{os.environ.get(CA)}', which {CA} names, is no file of certificates.") from error
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
        """The client of opensearch-py, made when it is first needed."""
        with self._making:
            if self._closed:
                raise IndexClosedError
            return self._made

    def close(self) -> None:
        """Let go of the connections. Whatever is asked from then on raises ``IndexClosedError``."""
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
        """Send a request and return the answer's JSON.

        Args:
            method: ``GET``, ``POST`` …
            path: With a slash at its beginning.
            body: What is sent as JSON, or a string that is.
            seconds: How long the answer may take.
            patience: How long a request that fails may be sent again, in seconds; a cluster that never answered yet
                is asked once.
            parameters: Of the URL.

        Raises:
            MissingError: 404.
            ConflictError: 409.
            RefusedError: 400 and what else will not get better.
            TooLargeError: 413.
            IndexClosedError: The connections were let go of.
            NoAnswerError: All else, and what no cluster says.
        """
        from opensearchpy.exceptions import SerializationError, TransportError

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
            except TransportError as error:
                if not self._worth_again(error) or time.monotonic() + pause > end:
                    self._explain(error, path)
            except SerializationError as error:
                raise self._strange(path, f"it is no JSON but {_shown(str(error.args[0]), 60)!r}") from error
            except RecursionError as error:
                raise self._strange(path, "it has brackets within brackets without end") from error
            time.sleep(pause * random.uniform(0.8, 1.2))
            pause = min(pause * 2, 5.0)

    def _sent(self, method: str, path: str, given: Mapping[str, Any], sent: str | None, seconds: float) -> Any:
        """Send a request once; the first that is answered must be so at once, headers and all."""

        def ask(seconds: float) -> Any:
            parameters = {**given, "request_timeout": seconds}
            return self.client.transport.perform_request(method, path, params=parameters, body=sent)

        with self._turns:
            if self._answered:
                return ask(seconds)
            seconds = min(seconds, _FIRST_SECONDS)
            # headers that come a byte at a time keep every timeout of a socket: a thread of its own can be left behind
            return _within(seconds * len(self.address.hosts) + 1.0, lambda: ask(seconds))

    def _strange(self, path: str, why: str) -> NoAnswerError:
        return NoAnswerError(
            f"What answers at {', '.join(self.address.hosts)} is not OpenSearch, or something between changes what it "
            f"says ({path}: {why}). Is the address right?"
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
        """Say what went wrong, where, and what to do next."""
        from opensearchpy.exceptions import ConnectionError as Unreachable
        from opensearchpy.exceptions import ConnectionTimeout, SSLError

        where = ", ".join(self.address.hosts)
        said = _reason(error)
        if isinstance(error, SSLError) or (isinstance(error, Unreachable) and "SSL" in str(error.error)):
            raise NoAnswerError(
                f"The certificate of {where} cannot be trusted, or it does not speak TLS: {error.error}. If the "
                f"cluster has a certificate authority of its own, set {CA} to the file of its certificate."
            ) from error
        if isinstance(error, Unreachable) and isinstance(error.info, (StrangeAnswer, UnicodeDecodeError)):
            raise self._strange(path, str(error.info)) from error
        if isinstance(error, ConnectionTimeout):
            raise NoAnswerError(
                f"OpenSearch at {where} did not answer in time ({path}). See to the cluster's health, then try again."
            ) from error
        if isinstance(error, Unreachable):
            raise NoAnswerError(
                f"OpenSearch at {where} cannot be reached: {_cause(error)}. Is it running, and is the address right?"
            ) from error
        status = error.status_code
        if status in (400, 404) and not isinstance(error.info, dict):
            raise self._strange(path, f"{status} {said}") from error
        if status == 401:
            raise NoAnswerError(
                f"OpenSearch at {where} does not let this user in. Set {USER} and {PASSWORD}, or {CREDENTIALS} to a "
                "file that holds user:password."
            ) from error
        if status == 403:
            raise NoAnswerError(
                f"OpenSearch at {where} forbids it: {said}. The user needs the right to read and, to build, to write "
                f"and manage the indices {self.name} and {self.name}-*; a disk that is nearly full forbids writing too."
            ) from error
        if status == 404:
            raise MissingError(f"OpenSearch at {where} has no {path}: {said}.") from error
        if status == 409:
            raise ConflictError(f"OpenSearch at {where}: {said}.") from error
        if status == 413:
            raise TooLargeError(f"OpenSearch at {where} does not take so much at once: {said}.") from error
        if status in _BUSY:
            raise NoAnswerError(
                f"OpenSearch at {where} cannot answer: {said}. {self._state()}See to the cluster, then try again."
            ) from error
        raise RefusedError(f"OpenSearch at {where} refuses a request ({path}): {said}.") from error

    def _state(self) -> str:
        """Return a sentence on shards that are missing, where that can be known."""
        from opensearchpy.exceptions import OpenSearchException

        path = f"/_cluster/health/{self.name}*"
        try:
            health = self.client.transport.perform_request("GET", path, params={"request_timeout": 5})
        except (OpenSearchException, RecursionError):
            return ""
        if strangeness("GET", path, health) or health["status"] != "red":
            return ""
        return f"Its health is red: {health['unassigned_shards']} shards are on no node. "

    def health(self, *indices: str, **wanted: Any) -> Any:
        """Return the health of indices; with what is ``wanted``, after a wait for it that may be in vain."""
        # 408 says that it was
        return self.request("GET", f"/_cluster/health/{','.join(indices)}", ignore=408, **wanted)

    # searches

    def search(self, index: str, body: Mapping[str, Any], **parameters: Any) -> Any:
        """Return the answer of one search, which is whole or an error."""
        if "pit" not in body:
            # for all pages of an answer the same copies of the shards, each of which adds scores in its own order
            parameters["preference"] = self._copies
        path = "/_search" if "pit" in body else f"/{index}/_search"
        parameters.update(search_type=_search_type(body), allow_partial_search_results=False)
        return self._whole(self.request("POST", path, body, **parameters), body)

    def searches(self, searches: Sequence[tuple[str, Mapping[str, Any]]]) -> list[Any]:
        """Return the answers of (index, search), each whole; one that fails fails all."""
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
        # one by one, what could not be answered among the others is tried again, or says why
        return [
            self._whole(one, asked[1]) if "error" not in one else self.search(*asked)
            for one, asked in zip(answers, searches, strict=True)
        ]

    def _several(self, sent: Sequence[str]) -> list[Any]:
        answers: list[Any] = self.request("POST", "/_msearch", "".join(sent))["responses"]
        if len(answers) != len(sent):
            raise self._strange("/_msearch", f"it answers {len(answers)} of {len(sent)} searches")
        return answers

    def _whole(self, answer: Any, body: Mapping[str, Any]) -> Any:
        try:
            shards = told(answer, form_of_search(body))["_shards"]
        except StrangeAnswer as error:
            raise self._strange("/_search", str(error)) from error
        if answer["timed_out"] or shards["failed"] or shards["successful"] != shards["total"]:
            raise NoAnswerError(
                f"Only {shards['successful']} of {shards['total']} shards of the index '{self.name}' answered. "
                f"{self._state()}See to the cluster, then try again."
            )
        return answer

    def totals(self, index: str, queries: Iterable[Mapping[str, Any]]) -> list[int]:
        """Return how many entries each query selects, exactly."""
        body = {"size": 0, "track_total_hits": True}
        found: list[int] = []
        waiting = [(index, {**body, "query": query}) for query in queries]
        for first in range(0, len(waiting), 200):
            found += [one["hits"]["total"]["value"] for one in self.searches(waiting[first : first + 200])]
        return found


def _search_type(body: Mapping[str, Any]) -> str:
    """Return how a search is done: what scores asks all shards for their statistics first."""
    first = next(iter(body.get("sort", ())), None)
    by_score = "track_scores" in body or "explain" in body or (isinstance(first, dict) and "_score" in first)
    return "dfs_query_then_fetch" if by_score else "query_then_fetch"


def _reason(error: Any) -> str:
    """Return what OpenSearch says, in one line."""
    info = getattr(error, "info", None)
    if not isinstance(info, dict):
        return _shown(str(error.error))
    said = info.get("error", info)
    if not isinstance(said, dict):
        return _shown(str(said))
    causes = said.get("root_cause")
    reasons = [
        cause.get("reason") or cause.get("type")
        for cause in (causes if isinstance(causes, list) and causes else [said])
        if isinstance(cause, dict)
    ]
    deeper = said.get("caused_by")
    if isinstance(deeper, dict):
        reasons.append(deeper.get("reason"))
    return _shown("; ".join(dict.fromkeys(str(reason) for reason in reasons if reason)) or str(error.error))


def _shown(said: str, most: int = 500) -> str:
    """Return what a server says in one line that a terminal takes for text."""
    return " ".join("".join(c if c.isprintable() else " " for c in said[: most * 2]).split())[:most]


def _cause(error: Any) -> str:
    """Return why nothing came back, without the client's own words around it."""
    cause = getattr(error, "info", None)
    text = str(cause or error.error)
    return _shown(text.rpartition(": ")[2].strip("()' ") or text, 200)


def _within(seconds: float, ask: Callable[[], Any]) -> Any:
    """Return what ``ask`` returns or raises. Raises the client's ``ConnectionTimeout`` when that takes longer."""
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
        raise ConnectionTimeout("TIMEOUT", f"no answer within {seconds:g} seconds", None)
    answer, error = outcome[0]
    if error is not None:
        raise error
    return answer
