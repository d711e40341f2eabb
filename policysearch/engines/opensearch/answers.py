"""Validation of responses: limits on their size and time, and checks of their form.

Anything may respond at an address: a proxy's error page, another database, an endless stream. The number of bytes read
is bounded, and a response that OpenSearch cannot have sent is rejected before it is used.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

__all__ = ["StrangeAnswer", "bounded", "form_of_search", "of_form", "strangeness"]

_PIECE = 1 << 16  # bytes


class StrangeAnswer(Exception):  # noqa: N818 - named for the response, not for an error
    """A response that OpenSearch cannot have sent; the message says why."""


class _SlowAnswer(Exception):  # noqa: N818
    """A response that started in time and did not finish in time."""


# size and time of a response


def bounded(connection_class: type, most: Callable[[], int]) -> type:
    """Return a connection class of opensearch-py that reads at most ``most()`` bytes of a response.

    The complete response has to arrive within the timeout of the request, which
    otherwise applies to each piece of it. If it does not, requests raise the
    client's ``ConnectionError``, with a ``StrangeAnswer`` as its cause when the
    response is too large.
    """

    class Bounded(connection_class):  # type: ignore[misc]
        pool: Any

        def _create_urllib3_pool(self) -> None:
            super()._create_urllib3_pool()
            self.pool = _Pool(self.pool, most)

    return Bounded


class _Pool:
    """The part of urllib3's connection pool that opensearch-py uses."""

    def __init__(self, pool: Any, most: Callable[[], int]) -> None:
        self._pool = pool
        self._most = most

    def urlopen(self, method: str, url: str, body: Any, *, timeout: float, **options: Any) -> _Whole:
        end = time.monotonic() + timeout
        response = self._pool.urlopen(method, url, body, timeout=timeout, preload_content=False, **options)
        pieces = []
        left = self._most()
        try:
            while piece := response.read1(_PIECE):
                pieces.append(piece)
                left -= len(piece)
                if left < 0:
                    raise StrangeAnswer(f"it is larger than {self._most() >> 20} MB")
                if time.monotonic() > end:
                    raise _SlowAnswer(f"it did not finish within {timeout:g} seconds")
        except BaseException:
            response.close()
            raise
        data = b"".join(pieces)
        headers = response.headers.copy()
        headers.discard("warning")  # deprecations: for developers of this program, not for its users
        if not 200 <= response.status < 300 and not _is_object(data):
            headers["content-type"] = "text/plain"  # the client assumes that the JSON of an error is an object
        return _Whole(response.status, headers, data)

    def close(self) -> None:
        self._pool.close()


def _is_object(data: bytes) -> bool:
    try:
        return isinstance(json.loads(data), dict)
    except (ValueError, RecursionError):
        return False


class _Whole:
    """A response that has been read completely."""

    def __init__(self, status: int, headers: Any, data: bytes) -> None:
        self.status = status
        self.headers = headers
        self.data = data


# form of a response

_WRITTEN = {"_seq_no": int, "_primary_term": int}
_FORMS: Mapping[str, Any] = {
    "_alias": {"*": {"aliases": dict}},
    "_bulk": {"items": [{"*": {"status": int}}]},
    "_msearch": {"responses": [dict]},
    "_cluster": {"status": str, "timed_out": bool, "unassigned_shards": int, "number_of_data_nodes": int},
    "_block": {"shards_acknowledged": bool},
}


def strangeness(method: str, path: str, answer: Any) -> str | None:
    """Return why OpenSearch cannot have sent this response to a request, or None when it can."""
    if answer == "":
        return "it is empty"
    pieces = urlsplit(path).path.strip("/").split("/")
    if method == "GET" and "_cat" in pieces:
        return _unlike(answer, [{"index": str}])
    if pieces == [""]:
        return _unlike(answer, {"version": {"number": str}})
    if "_doc" in pieces and method != "DELETE":
        return _unlike(answer, {"_source": dict, **_WRITTEN} if method == "GET" else _WRITTEN)
    if "_stats" in pieces:
        return _unlike(answer, {"indices": {"*": {"shards": {"*": [dict]}}}})
    if method == "POST" and pieces[-1] == "point_in_time":
        return _unlike(answer, {"pit_id": str})
    for name in pieces:
        if method != "DELETE" and name in _FORMS:
            return _unlike(answer, _FORMS[name])
    return _unlike(answer, dict)


def form_of_search(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the form of the response to a search, for ``of_form``."""
    hit: dict[str, Any] = {}
    if "sort" in body:
        hit["sort"] = list
    if body.get("_source") is not False:
        hit |= {"_id": str, "_source": dict}
    hits: dict[str, Any] = {"hits": [hit]}
    if body.get("track_total_hits") is True:
        hits["total"] = {"value": int}
    form: dict[str, Any] = {
        "timed_out": bool,
        "_shards": {"total": int, "successful": int, "failed": int},
        "hits": hits,
    }
    if "aggs" in body:
        form["aggregations"] = dict.fromkeys(body["aggs"], dict)
    return form


def of_form(answer: Any, form: Any) -> Any:
    """Return the response unchanged. Raises ``StrangeAnswer`` when it does not have this form."""
    why = _unlike(answer, form)
    if why:
        raise StrangeAnswer(why)
    return answer


def _unlike(answer: Any, form: Any, where: str = "it") -> str | None:
    """Return the first difference of a response from ``form``, in words; None when there is no difference.

    A form is a type, a list of one form for all items, or a mapping of names
    to forms; ``*`` stands for every name.
    """
    kind = form if isinstance(form, type) else type(form)
    if not _is(answer, kind):
        reason = _NAMES.get(type(answer), "something else")
        return f"{where} is {reason} instead of {_NAMES[kind]}"
    if isinstance(form, list):
        found = (_unlike(one, form[0], f"an item of {where}") for one in answer)
        return next(filter(None, found), None)
    if isinstance(form, dict):
        for name, inner in form.items():
            if name == "*":
                found = (_unlike(one, inner, f"'{other}'"[:80]) for other, one in answer.items())
                if why := next(filter(None, found), None):
                    return why
            elif name not in answer:
                return f"{where} has no '{name}'"
            elif why := _unlike(answer[name], inner, f"'{name}'"):
                return why
    return None


def _is(answer: Any, kind: type) -> bool:
    return isinstance(answer, kind) and not (kind is int and isinstance(answer, bool))


_NAMES: Mapping[type, str] = {
    dict: "an object",
    list: "a list",
    str: "a text",
    int: "a number",
    float: "a fraction",
    bool: "true or false",
    type(None): "null",
}
