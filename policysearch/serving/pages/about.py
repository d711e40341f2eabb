"""The page about the index: its contents, sources that failed, and the original file of a document."""

from __future__ import annotations

import hashlib
import json
import os
from typing import Any
from urllib.parse import quote

from policysearch.files.regular import open_regular
from policysearch.frozen import replace
from policysearch.serving.asked import Asked, Reply
from policysearch.serving.problems import NOT_FOUND, TOO_LARGE, RefusedError

__all__ = ["about_page", "original_page"]

_FIELDS = ("type", "year", "province", "level")
_VALUES = 40
_FAILURES = 200
_LARGEST = 200_000_000  # maximum size of an original file, in bytes


def about_page(asked: Asked) -> Reply:
    """Answer ``/about``."""
    info = json.loads(asked.run("info", {"format": ["json"]}).body)
    hidden = asked.site.served.hidden()
    unused: dict[str, list[dict[str, str]]] = {"failed": [], "skipped": []}
    for one in asked.generation.unused_sources(asked.site.served.location):
        unused[one.state].append({"source": one.source, "reason": asked.site.served.without_paths(one.reason)})
    values: dict[str, list[dict[str, Any]]] = {}
    for name in _FIELDS:
        rows = json.loads(asked.run("values", {"by": [name], "format": ["json"]}).body)
        values[name] = [
            {**row, "value": row[name], "url": asked.url("/list", **{name: row[name]})}
            for row in rows[:_VALUES]
            if row[name] is not None
        ]
    roots = [hidden.get(root, root.rpartition("/")[2]) for root in info["roots"]]
    return asked.page(
        "about.html",
        info=info,
        roots=roots,
        failed=unused["failed"][:_FAILURES],
        skipped=unused["skipped"][:_FAILURES],
        values=values,
        commands=asked.site.commands.names,
    )


def original_page(asked: Asked) -> Reply:
    """Answer ``/original``: the file that a document was read from, for download, if it has not changed."""
    name = asked.get("id")
    view = asked.index.show(name) if name else None
    path = None if view is None else view.file
    if view is None or path is None:
        raise RefusedError(replace(NOT_FOUND, detail="This machine does not have the file of this document."))
    with open_regular(path) as file:
        if os.fstat(file.fileno()).st_size > _LARGEST:
            raise RefusedError(replace(TOO_LARGE, detail="The file is too large to be sent."))
        data: bytes = file.read()
    document = view.document
    whole = document["document_id"] == document["source"]
    if whole and hashlib.sha256(data).hexdigest() != document["sha256"]:
        raise RefusedError(replace(NOT_FOUND, detail="The file has changed since it was indexed."))
    called = quote(os.path.basename(path), safe="", errors="surrogateescape")
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{called}",
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }
    return Reply(data, "application/octet-stream", headers=headers)
