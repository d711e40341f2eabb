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
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any, NoReturn

from policysearch.engines.opensearch.address import CA, CREDENTIALS, PASSWORD, USER, Address, credentials
from policysearch.errors import IndexClosedError, IndexUnusableError, InputError

__all__ = ["Cluster", "ConflictError", "MissingError", "RefusedError", "TooLargeError", "dumps"]

# The client says each failed request on its own; here errors say it.
logging.getLogger("opensearch").addHandler(logging.NullHandler())

_SECONDS = 90.0  # for one request
_PATIENCE = 30.0  # seconds in which a cluster that lost a node may mend itself
_CHARACTERS = 5_000_000  # of several searches sent at once
_BUSY = frozenset({429, 500, 502, 503, 504})


class MissingError(IndexUnusableError):
    """What was asked for is not there."""


class ConflictError(IndexUnusableError):
    """Somebody else was first."""


class RefusedError(IndexUnusableError):
    """The cluster does not take the request as it is."""


class TooLargeError(IndexUnusableError):
    """The cluster does not take requests of this size."""


def dumps(value: Any) -> str:
    """Return JSON as it is sent."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


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
        return opensearchpy.OpenSearch(
            list(self.address.hosts),
            headers=headers,
            timeout=_SECONDS,
            max_retries=len(self.address.hosts) - 1,
            retry_on_status=(),
            pool_maxsize=8,
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
            IndexUnusableError: All else.
        """
        from opensearchpy.exceptions import TransportError

        sent = body if body is None or isinstance(body, str) else dumps(body)
        given = {name: str(v).lower() if isinstance(v, bool) else v for name, v in parameters.items()}
        given["request_timeout"] = seconds
        end = time.monotonic() + patience
        pause = 0.1
        while True:
            try:
                answer = self.client.transport.perform_request(method, path, params=dict(given), body=sent)
                self._answered = True
                return answer
            except Exception as error:
                if self._closed:  # under the hands of this thread; what that does to a connection is anything
                    raise IndexClosedError from error
                if not isinstance(error, TransportError):
                    raise
                if not self._worth_again(error) or time.monotonic() + pause > end:
                    self._explain(error, path)
            time.sleep(pause * random.uniform(0.8, 1.2))
            pause = min(pause * 2, 5.0)

    def _worth_again(self, error: Any) -> bool:
        from opensearchpy.exceptions import ConnectionError as Unreachable
        from opensearchpy.exceptions import SSLError

        if isinstance(error, SSLError):
            return False
        if isinstance(error, Unreachable):
            return self._answered and "CERTIFICATE_VERIFY_FAILED" not in str(error.error)
        return error.status_code in _BUSY

    def _explain(self, error: Any, path: str) -> NoReturn:
        """Say what went wrong, where, and what to do next."""
        from opensearchpy.exceptions import ConnectionError as Unreachable
        from opensearchpy.exceptions import ConnectionTimeout, SSLError

        where = ", ".join(self.address.hosts)
        said = _reason(error)
        if isinstance(error, SSLError) or (isinstance(error, Unreachable) and "SSL" in str(error.error)):
            raise IndexUnusableError(
                f"The certificate of {where} cannot be trusted, or it does not speak TLS: {error.error}. If the "
                f"cluster has a certificate authority of its own, set {CA} to the file of its certificate."
            ) from error
        if isinstance(error, ConnectionTimeout):
            raise IndexUnusableError(
                f"OpenSearch at {where} did not answer in time ({path}). See to the cluster's health, then try again."
            ) from error
        if isinstance(error, Unreachable):
            raise IndexUnusableError(
                f"OpenSearch at {where} cannot be reached: {_cause(error)}. Is it running, and is the address right?"
            ) from error
        status = error.status_code
        if status == 401:
            raise IndexUnusableError(
                f"OpenSearch at {where} does not let this user in. Set {USER} and {PASSWORD}, or {CREDENTIALS} to a "
                "file that holds user:password."
            ) from error
        if status == 403:
            raise IndexUnusableError(
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
            raise IndexUnusableError(
                f"OpenSearch at {where} cannot answer: {said}. {self._state()}See to the cluster, then try again."
            ) from error
        raise RefusedError(f"OpenSearch at {where} refuses a request ({path}): {said}.") from error

    def _state(self) -> str:
        """Return a sentence on shards that are missing, where that can be known."""
        from opensearchpy.exceptions import TransportError

        try:
            health = self.client.transport.perform_request(
                "GET", f"/_cluster/health/{self.name}*", params={"request_timeout": 5}
            )
        except TransportError:
            return ""
        if health["status"] != "red":
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
        return self._whole(self.request("POST", path, body, **parameters))

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
                answers += self.request("POST", "/_msearch", "".join(sent))["responses"]
                sent, size = [], 0
            sent.append(one)
            size += len(one)
        answers += self.request("POST", "/_msearch", "".join(sent))["responses"]
        # one by one, what could not be answered among the others is tried again, or says why
        return [
            self._whole(one) if "error" not in one else self.search(*asked)
            for one, asked in zip(answers, searches, strict=True)
        ]

    def _whole(self, answer: Any) -> Any:
        shards = answer["_shards"]
        if answer["timed_out"] or shards["failed"] or shards["successful"] != shards["total"]:
            raise IndexUnusableError(
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
    if isinstance(info, dict):
        said = info.get("error", info)
        if isinstance(said, dict):
            causes = said.get("root_cause") or [said]
            reasons = [cause.get("reason") or cause.get("type") for cause in causes if isinstance(cause, dict)]
            deeper = said.get("caused_by")
            if isinstance(deeper, dict) and deeper.get("reason") not in reasons:
                reasons.append(deeper.get("reason"))
            return "; ".join(dict.fromkeys(str(reason) for reason in reasons if reason))[:500] or str(error.error)
        return str(said)[:500]
    return str(error.error)[:500]


def _cause(error: Any) -> str:
    """Return why nothing came back, without the client's own words around it."""
    cause = getattr(error, "info", None)
    text = str(cause or error.error)
    return text.rpartition(": ")[2].strip("()' ")[:200] or text[:200]
