"""The application: routes each path to its function, which runs in a thread with a fixed generation of the index."""

from __future__ import annotations

import json
import logging
import re
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from functools import partial
from importlib import import_module
from typing import Any, NamedTuple
from urllib.parse import parse_qsl
from zlib import crc32

from anyio import create_task_group, fail_after, sleep, to_thread
from starlette.applications import Starlette
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from policysearch.frozen import replace
from policysearch.serving.api import answer, openapi
from policysearch.serving.asked import Asked, Reply, parameters_of
from policysearch.serving.guard import App, Guard
from policysearch.serving.language import LANGUAGES, language_of
from policysearch.serving.memory import return_free_memory
from policysearch.serving.pages.errors import error_page
from policysearch.serving.pages.forms import FILTER_NAMES
from policysearch.serving.problems import NOT_FOUND, UNREAD_KIND, Problem, RefusedError, problem_of
from policysearch.serving.site import Site
from policysearch.serving.work import TimeLimitError, WaitingError

__all__ = ["Addition", "application"]

log = logging.getLogger("policysearch.serving")

PAGES: Mapping[str, tuple[str, str]] = {
    "/": ("search", "search_page"),
    "/show": ("reader", "reader_page"),
    "/count": ("counts", "count_page"),
    "/trend": ("counts", "trend_page"),
    "/kwic": ("concordance", "kwic_page"),
    "/targets": ("tables", "targets_page"),
    "/keywords": ("tables", "keywords_page"),
    "/collocates": ("tables", "collocates_page"),
    "/words": ("tables", "words_page"),
    "/citations": ("relations", "citations_page"),
    "/reuse": ("relations", "reuse_page"),
    "/compare": ("drafts", "compare_page"),
    "/verify": ("drafts", "verify_page"),
    "/list": ("tables", "documents_page"),
    "/about": ("about", "about_page"),
    "/original": ("about", "original_page"),
}
"""The function of each page: a module of ``pages``, imported on first use, and a function in it."""

DRAFTS = ("/verify", "/verify.csv", "/verify.json", "/verify.xlsx", "/api/v1/verify")
"""Paths that accept a draft by POST."""

SLOW = frozenset(("keywords", "collocates", "words", "matrix", "batch", "reuse", "citations"))
"""Commands that may read a large part of an index: they take seconds of processor time if it is large."""

COUNTING = frozenset(("count", "trend", "kwic", "targets", "verify", "compare", "export", "about"))
"""Commands that read many sections, or wait for the preparation of the index; they take a second if it is large."""

API = "/api/v1/"
_KEPT = (Reply(b"").type, "application/json")
"""Media types of answers that are cached: those that depend only on the index, unlike an original file."""

_FOREVER = {"Cache-Control": "public, max-age=31536000, immutable"}


class Addition(NamedTuple):
    """Further paths, which accept POST too.

    Attributes:
        paths: The paths, each with its ASGI application.
        running: Returns a context that is open while the application runs.
    """

    paths: Mapping[str, App]
    running: Callable[[], AbstractAsyncContextManager[None]]


def application(site: Site, *, host: str, allowed: Sequence[str] = (), more: Addition | None = None) -> App:
    """Return the ASGI application.

    Args:
        site: The index and the commands.
        host: The address that the server listens on.
        allowed: Further host names that requests may have.
        more: Further paths, which take precedence.
    """
    further = more.paths if more else {}
    site.pages = frozenset(path[1:] for path in PAGES)
    routes = [
        *(Route(path, answering) for path, answering in further.items()),
        Route("/static/{name}", partial(_static, site)),
        Route(API + "openapi.json", partial(_asked, site, lambda asked: openapi(asked, API))),
        Route(API + "{command}", partial(_asked, site, _of_command), methods=["GET", "POST"]),
        *(Route(path, partial(_asked, site, _page), methods=["GET", "POST"]) for path in PAGES),
        Route("/{command}.{format}", partial(_asked, site, _of_command), methods=["GET", "POST"]),
        Route("/{path:path}", partial(_asked, site, _nothing)),
    ]

    @asynccontextmanager
    async def running(app: Starlette) -> AsyncIterator[None]:
        async with more.running() if more else nullcontext(), create_task_group() as tasks:
            tasks.start_soon(_prepare, site)
            yield
            tasks.cancel_scope.cancel()
        site.served.close()

    app: App = Starlette(routes=routes, lifespan=running)
    app = GZipMiddleware(app, minimum_size=1000, compresslevel=5)
    return Guard(
        app, host=host, allowed=allowed, root_path=site.root, posts=(*DRAFTS, *further), most=site.limits.draft
    )


async def _prepare(site: Site) -> None:
    """Load the libraries for many queries, after the first page."""
    await sleep(0.5)
    await to_thread.run_sync(site.prepare)


async def _static(site: Site, request: Request) -> Response:
    found = site.files.get(request.path_params["name"])
    if found is None:
        return _response(site, request, _problem_reply(NOT_FOUND))
    body, kind = found
    return Response(body, media_type=None, headers={"Content-Type": kind, **_FOREVER})


async def _asked(site: Site, handle: Callable[[Asked], Reply], request: Request) -> Response:
    """Answer a request in a thread."""
    switch = request.query_params.get("lang")
    language = language_of(switch, request.cookies.get("lang"), request.headers.get("accept-language", ""))
    try:
        form = await _body(site, request) if request.method == "POST" else b""
        name = request.scope["path"].rpartition("/")[2].partition(".")[0]
        work = partial(_answered, site, handle, request, form, language)
        if _is_slow(name, request.scope["query_string"]):
            known = form, request.headers.get("content-type"), request.headers.get("if-none-match")
            key = request.scope["path"], request.scope["query_string"], language, known
            patience = site.limits.patience if request.scope["path"] in PAGES else site.limits.longest
            reply = await site.workers.run_slowly(partial(_and_tidied, work), key, patience)
        else:
            reply = await site.workers.run(work, counting=name in COUNTING)
    except ClientDisconnect:
        return Response(status_code=400)  # which nobody reads
    except WaitingError as error:
        reply = _failed(site, request, language, error)
        if request.scope["path"] in PAGES:  # the page reloads itself
            reply = replace(reply, status=202, headers={**reply.headers, "Refresh": "3"})
    except Exception as error:
        reply = _failed(site, request, language, error)
    response = _response(site, request, reply)
    if switch in LANGUAGES:
        response.set_cookie(
            "lang", str(switch), max_age=31_536_000, path=site.root or "/", samesite="lax", httponly=True
        )
    return response


async def _body(site: Site, request: Request) -> bytes:
    try:
        with fail_after(site.limits.seconds):
            return await request.body()
    except TimeoutError as error:
        raise TimeLimitError from error


def _is_slow(command: str, query: bytes) -> bool:
    """Return whether an answer may read a large part of an index, which an empty form does not."""
    if command == "targets":
        return not any(name in FILTER_NAMES for name, value in parse_qsl(query.decode("latin-1")) if value)
    return command in SLOW and (bool(query) or command == "words")


def _and_tidied(work: Callable[[], Reply]) -> Reply:
    try:
        return work()
    finally:
        return_free_memory()


def _answered(site: Site, handle: Callable[[Asked], Reply], request: Request, form: bytes, language: str) -> Reply:
    path = request.scope["path"]
    with site.served.borrowed() as generation:
        try:
            # with the address: the tag of another one says nothing of this
            address = crc32(request.scope["query_string"], crc32(path.encode("utf-8", "surrogateescape")))
            tag = f'W/"{site.build}-{generation.tag}-{language}-{address:08x}"'
            unchanged = Reply(b"", status=304, headers=_cached(tag))
            had = "" if request.method == "POST" else request.headers.get("if-none-match", "").strip()
            if _names(had, tag) and path != "/original":  # whose file may have changed
                return unchanged
            asked_for = None if path in DRAFTS else (path, request.scope["query_string"], language)
            known = generation.reply(asked_for) if asked_for else None
            if known is not None:
                return unchanged if had == "*" else known
            began = time.thread_time()
            parameters = parameters_of(request.scope["query_string"]) + (_form(request, form) if form else [])
            reply = handle(Asked(site, generation, path, parameters, language))
        except Exception as error:
            return _told(site, generation, path, language, error)
        cached = _cached(tag) if reply.status == 200 and request.method != "POST" else {"Cache-Control": "no-store"}
        reply = Reply(reply.body, reply.type, reply.status, {**cached, **reply.headers})
        if asked_for and reply.status == 200 and reply.type in _KEPT:
            generation.keep_reply(asked_for, reply, len(reply.body), time.thread_time() - began)
        return unchanged if had == "*" and reply.status == 200 else reply  # * is any answer, but no error


_FIELD = re.compile(rb"[A-Za-z_-]{1,40}=")


def _form(request: Request, form: bytes) -> list[tuple[str, str]]:
    """Return the fields of a form, or the draft that a body of another kind is.

    Raises ``RefusedError`` for bodies that hold a draft in a way that is not read.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "application/json" or kind.startswith("multipart/"):
        raise RefusedError(UNREAD_KIND)
    # curl states this kind for any body
    if kind == "application/x-www-form-urlencoded" and _FIELD.match(form):
        # browsers send lines that end in CR LF
        return [(name, value.replace("\r\n", "\n")) for name, value in parameters_of(form)]
    return [("draft", form.decode("utf-8", "surrogateescape"))]


def _cached(tag: str) -> dict[str, str]:
    return {"ETag": tag, "Cache-Control": "no-cache", "Vary": "Accept-Language, Cookie, Accept-Encoding"}


def _names(tags: str, tag: str) -> bool:
    """Return whether a list of tags has a tag, weak or not: a proxy may have changed that."""
    return tag.removeprefix("W/") in [one.strip().removeprefix("W/") for one in tags.split(",")]


def _failed(site: Site, request: Request, language: str, error: Exception) -> Reply:
    """Return the answer for an error, with or without an open index."""
    try:
        with site.served.borrowed() as generation:
            return _told(site, generation, request.scope["path"], language, error)
    except Exception:
        return _problem_reply(problem_of(RuntimeError()))


def _told(site: Site, generation: Any, path: str, language: str, error: Exception) -> Reply:
    """Return an error as a page, or as problem details, without paths of this machine."""
    problem = problem_of(error)
    if problem.status == 500:
        log.error("%s", path, exc_info=error)
    problem = replace(problem, detail=site.served.told(error, problem.detail))
    if path.startswith(API) or "." in path:
        return _problem_reply(problem)
    return error_page(Asked(site, generation, path, [], language), problem)


def _problem_reply(problem: Problem) -> Reply:
    body = json.dumps(problem.to_dict(), ensure_ascii=True).encode()
    return Reply(body, "application/problem+json", problem.status, {"Cache-Control": "no-store", **problem.headers})


def _response(site: Site, request: Request, reply: Reply) -> Response:
    kind = {} if reply.status == 304 else {"Content-Type": reply.type}
    return Response(reply.body, reply.status, {**kind, **reply.headers})


def _of_command(asked: Asked) -> Reply:
    """Answer a path of the API, or one with a format as its suffix."""
    if asked.path.startswith(API):
        return answer(asked, asked.path[len(API) :])
    name, _, chosen = asked.path[1:].rpartition(".")
    return answer(asked, name, chosen, as_file=True)


def _page(asked: Asked) -> Reply:
    module, name = PAGES[asked.path]
    answer_page: Callable[[Asked], Reply] = getattr(import_module(f"policysearch.serving.pages.{module}"), name)
    return answer_page(asked)


def _nothing(asked: Asked) -> Reply:
    raise RefusedError(NOT_FOUND)
