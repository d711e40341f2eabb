"""The notices on stderr about a query that finds nothing, and about filter values that no document has."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from policysearch.cli.session import SESSION
from policysearch.output.terminal import counted
from policysearch.text.shell import pasted
from policysearch.vocabulary import alternatives

if TYPE_CHECKING:
    from policysearch.index import Index
    from policysearch.search.advice import AbsentValue, Advice

__all__ = ["absence", "advice_lines", "missing_extra", "of_file"]

_FILE = re.compile(r"^\S(?:.*/|.*\.[A-Za-z]{2,5}(?:#|$))")


def absence(one: AbsentValue, group: str) -> str:
    """Return a phrase that no document has a value, with the nearest ones; ``group``: what their numbers count."""
    near = ", ".join(f"{value} has {counted(many, group)}" for value, many in one.nearest)
    said = f"no document has {one.filter} {one.value}"
    if one.filter == "document":
        said = f"no document has an id or path like {one.value}"
        near = near and f"the nearest: {', '.join(value for value, _ in one.nearest)}"
    elif one.filter == "status" and not near:
        near = "none states one. Versions in force are selected with --latest and --as-of DATE"
    elif one.filter.startswith(("since", "until")):
        said = f"no document has a date {one.filter} {one.value}"
        near = near and f"the {'latest' if one.filter == 'since' else 'earliest'} is {one.nearest[0][0]}"
    return f"{said}; {near}" if near else said


def advice_lines(advice: Advice, filters: Mapping[str, Any] | None, group: str, found: bool) -> Iterator[str]:
    """Yield the lines of an advice; ``filters``: those given as options; ``found``: whether there are hits."""
    for one in advice.absent:
        said = absence(one, group)
        yield f"{said[0].upper()}{said[1:]}." if found else f"Nothing found: {said}."
    if advice.without:
        said = "; ".join(f"without {_named(name, filters)}: {counted(many, group)}" for name, many in advice.without)
        yield f"{said[0].upper()}{said[1:]}." if advice.absent else f"Nothing found; {said}."
    said_before = found or advice.absent or advice.without
    for suggestion, many in zip(advice.suggestions, advice.totals, strict=True):
        said = f"Did you mean ({counted(many, group)}): {suggestion}"
        yield said if said_before else f"Nothing found. {said}"
        said_before = True


def _named(name: str, filters: Mapping[str, Any] | None) -> str:
    if not name:
        return "any filter"
    if name == "when":
        return alternatives([f"--{one}" for one in ("since", "until") if one in (filters or {})], "and")
    return f"--{name}" if name in (filters or {}) else f"the filter {name}"


def of_file(index: Index, query: str) -> str | None:
    """Return a note on a query that is the name of a document, or of a file or folder of this machine; else None."""
    if not _FILE.search(query):
        return None
    if index.find(query).view is not None:
        return f"The query is the name of a document. To show it: policysearch show {pasted(query)}"
    if SESSION.get() is None and os.path.exists(query):
        return f"The query is a path on this machine. To add it to the index: policysearch index {pasted(query)}"
    return None


def missing_extra() -> str:
    """Return a note on the extra for suggestions of the same sound."""
    return (
        "Nothing found. Spellings of the same sound are suggested with pypinyin:\n  pip install 'policysearch[suggest]'"
    )
