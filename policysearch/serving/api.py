"""The HTTP API: the commands by name, with the bytes of the command line, and OpenAPI from the same declarations."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate
from typing import Any
from urllib.parse import quote
from xml.sax.saxutils import escape

from policysearch.errors import InputError
from policysearch.frozen import replace
from policysearch.output.json import dump
from policysearch.serving.asked import Asked, Reply
from policysearch.serving.commands import Parameter
from policysearch.serving.problems import NOT_FOUND, RefusedError

__all__ = ["answer", "openapi"]

TYPES = {
    "json": "application/json",
    "jsonl": "application/x-ndjson",
    "csv": "text/csv; charset=utf-8",
    "tsv": "text/tab-separated-values; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "text": "text/plain; charset=utf-8",
    "trec": "text/plain; charset=utf-8",
    "ids": "text/plain; charset=utf-8",
    "csl": "application/vnd.citationstyles.csl+json",
    "html": "text/html; charset=utf-8",
}
_HAVE_PATHS = ("info", "list", "show", "outline")
"""Commands whose answers contain paths, and nothing of the request: replaced in that, a guess would be confirmed."""

_FILES = ("csv", "tsv", "xlsx", "html", "trec", "jsonl")
"""Formats that a browser saves to a file."""


_PLAIN = " ,.;:()'"
_LONGEST_NOTES = 4000


def answer(asked: Asked, name: str, chosen: str | None = None, *, as_file: bool = False) -> Reply:
    """Return the answer of a command.

    Args:
        asked: The request.
        name: The command in the path.
        chosen: The format in the path, or None.
        as_file: Whether a browser should save it.
    """
    if name not in asked.site.commands.names:
        raise RefusedError(NOT_FOUND)
    formats = asked.formats(name)
    output_format = chosen or asked.get("format") or "json"
    if output_format not in formats:
        if chosen:
            raise RefusedError(NOT_FOUND)
        raise InputError(f"Invalid value for 'format': {output_format!r} is not one of: {', '.join(formats)}.")
    found = asked.run(name, asked.values(format=output_format))
    if found.status == 1 and name in ("show", "outline"):
        raise RefusedError(replace(NOT_FOUND, detail=" ".join(found.notes)))
    headers = {"Policysearch-Exit-Status": str(found.status)}
    if found.notes:
        headers["Policysearch-Notes"] = _as_header("\n".join(found.notes))
    if as_file or output_format in _FILES:
        ending = "txt" if output_format == "text" else output_format
        disposition = "inline" if output_format == "json" else "attachment"
        headers["Content-Disposition"] = f'{disposition}; filename="{name}.{ending}"'
    body = found.body
    if name in _HAVE_PATHS:
        body = (_without_paths_in_parts if output_format == "xlsx" else _without_paths)(asked, body)
    # a citation is a line of text, whatever the format
    cited = name == "show" and output_format in ("json", "csl") and body[:1] not in (b"{", b"[")
    return Reply(body, TYPES["text" if cited else output_format], headers=headers)


def _as_header(text: str) -> str:
    """Return a text percent-encoded as the value of a header, of so many whole characters as it may have."""
    sizes = accumulate(len(quote(character, safe=_PLAIN)) for character in text[:_LONGEST_NOTES])
    # a value with a space at its end would not be sent
    return quote(text[: sum(size <= _LONGEST_NOTES for size in sizes)].strip(), safe=_PLAIN)


def _without_paths(asked: Asked, body: bytes) -> bytes:
    """Return an answer with the paths of this machine, of roots and files, replaced by names."""
    for real, named in asked.site.served.hidden().items():
        for as_written in (real, dump(real)[1:-1], escape(real)):
            body = body.replace(as_written.encode("utf-8", "surrogateescape"), named.encode("utf-8", "replace"))
    return body


def _without_paths_in_parts(asked: Asked, workbook: bytes) -> bytes:
    """Return a workbook, which is an archive of compressed parts, without the paths of this machine."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook)) as archive, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as written:
        for part in archive.infolist():
            written.writestr(part, _without_paths(asked, archive.read(part)))
    return out.getvalue()


def openapi(asked: Asked, prefix: str) -> Reply:
    """Return the description of the API (OpenAPI 3.1), generated from the declarations of the commands."""
    paths = {f"{prefix}{name}": _described(asked, name) for name in asked.site.commands.names}
    described = {
        "openapi": "3.1.0",
        "info": {
            "title": "policysearch",
            "version": asked.site.version,
            "description": "The commands of the command line; answers are its JSON, byte for byte.",
        },
        "servers": [{"url": asked.site.root or "/"}],
        "paths": paths,
        "components": {"schemas": {"Problem": _PROBLEM}},
    }
    return Reply(json.dumps(described, ensure_ascii=False, indent=1).encode(), "application/json")


_PROBLEM = {
    "type": "object",
    "description": "Problem details (RFC 9457).",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "query": {"type": "string", "description": "The query that cannot be understood."},
        "position": {"type": "integer", "description": "The offset in it where this shows, in characters."},
    },
}


def _described(asked: Asked, name: str) -> dict[str, Any]:
    commands = asked.site.commands
    parameters = commands.parameters(name)
    formats = next((one.choices for one in parameters if one.name == "format"), ())
    problem = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    responses: dict[str, Any] = {
        "200": {
            "description": "What the command prints.",
            "headers": {
                "ETag": {"description": "Another one as soon as the answer may differ.", "schema": {"type": "string"}},
                "Policysearch-Exit-Status": {
                    "description": "The exit status: 1 is a negative answer, 2 an answer that is only a part.",
                    "schema": {"type": "integer"},
                },
            },
            "content": {TYPES[one].partition(";")[0]: {} for one in formats},
        },
        "304": {"description": "The answer is still that of If-None-Match."},
        "400": {"description": "A query or a parameter is invalid.", "content": problem},
        "413": {"description": "The answer, or the draft, is too large.", "content": problem},
        "414": {"description": "The address is too long.", "content": problem},
        "503": {"description": "It took too long, or the index cannot be used.", "content": problem},
    }
    if name in ("show", "outline"):
        responses["404"] = {"description": "There is no such section or document.", "content": problem}
    described: dict[str, Any] = {
        "get": {
            "operationId": name,
            "summary": commands.help(name),
            "parameters": list(_parameters(parameters)),
            "responses": responses,
        }
    }
    if name == "verify":
        body = {"text/plain": {"schema": {"type": "string"}}}
        post = {**described["get"], "operationId": "verify_draft"}
        post["parameters"] = [one for one in post["parameters"] if one["name"] != "draft"]
        post["responses"] = {
            **responses,
            "403": {"description": "It comes from a page of another site.", "content": problem},
        }
        described["post"] = {**post, "requestBody": {"required": True, "content": body}}
    return described


def _parameters(parameters: Sequence[Parameter]) -> Iterator[Mapping[str, Any]]:
    for one in parameters:
        schema: dict[str, Any] = {"type": one.kind}
        for member, value in (("minimum", one.minimum), ("maximum", one.maximum), ("default", one.default)):
            if value is not None and not (member == "default" and one.multiple):
                schema[member] = value
        if one.choices:
            schema["enum"] = list(one.choices)
        if one.multiple:
            schema = {"type": "array", "items": schema}
        for name in filter(None, (one.name, one.alias)):
            described: dict[str, Any] = {"name": name, "in": "query", "description": one.help, "schema": schema}
            if one.multiple:
                described["explode"] = True
            if one.required and not one.alias:
                described["required"] = True
            yield described
