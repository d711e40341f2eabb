"""Information shown with a section or a document: its versions, its file, the sections around it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote_to_bytes

from policysearch.citation.versions import Versions, is_latest
from policysearch.engines.protocol import Engine
from policysearch.frozen import replace
from policysearch.search.hits import Version, View

__all__ = ["completed", "file_of", "found_by_id", "versions_of"]


def found_by_id(engine: Engine, name: str) -> View | None:
    """Return the section or the document with this id, or None."""
    keys = engine.find_document(name)
    if keys:
        return View(tuple(engine.stored(keys)), one=False)
    document, _, ordinal = name.rpartition("#")
    keys = engine.find_document(document)
    if not (keys and ordinal.isascii() and ordinal.isdigit() and 1 <= int(ordinal) <= len(keys)):
        return None
    at = int(ordinal) - 1
    if ordinal != str(at + 1):
        return None
    return View(tuple(engine.stored([keys[at]])), one=True)


def completed(engine: Engine, view: View, context: int = 0) -> View:
    """Return a view with the document's versions and file, and so many sections before and after a section."""
    known = Versions(engine.description.get("versions", ()))
    document_id = view.document["document_id"]
    around: tuple[Any, ...] = ()
    if view.one and context > 0:
        keys = engine.find_document(document_id)
        at = view.stored[0].ordinal - 1
        near = range(max(0, at - context), min(len(keys), at + context + 1))
        around = tuple(engine.stored([keys[one] for one in near if one != at]))
    return replace(
        view,
        versions=versions_of(engine, known, document_id),
        superseded_by=known.superseded_by(document_id),
        file=file_of(engine, view.document),
        around=around,
    )


def versions_of(engine: Engine, known: Versions, document_id: str) -> tuple[Version, ...]:
    """Return the versions of a document, itself included, oldest first; none if there is no other."""
    names = known.ids(document_id)
    if len(names) < 2:
        return ()
    found = (next(iter(engine.stored(engine.find_document(name)[:1])), None) for name in names)
    return tuple(_version(section.document, known) for section in found if section is not None)


def _version(document: Mapping[str, Any], known: Versions) -> Version:
    name, date = document["document_id"], document["date"]
    superseded_by = known.superseded_by(name)
    stated = document["effective"] and document["effective"] >= (date or "")
    until = known.until(name)
    inferred = (
        *(() if stated else ("since",)),
        *(("until",) if until else ()),
        *(() if document["status"] else ("latest",)),
    )
    return Version(
        name,
        document["title"],
        document["version"],
        date,
        document["status"],
        document["effective"] if stated else date,
        until,
        superseded_by,
        is_latest(document, superseded_by),
        inferred,
    )


def file_of(engine: Engine, document: Mapping[str, Any]) -> str | None:
    """Return the path of a document's source, or None if it does not exist on this machine."""
    below = os.fsdecode(unquote_to_bytes(document["source"].encode("utf-8", "surrogatepass")))
    for root in engine.description["roots"]:
        for path in (os.path.join(root, below), root if os.path.basename(root) == below else ""):
            if path and os.path.isfile(path):
                return path
    return None
