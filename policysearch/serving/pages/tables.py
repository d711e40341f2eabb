"""Pages with a form and a table: targets, key words, collocates, words, documents."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from markupsafe import Markup

from policysearch.corpus.listing import Listing
from policysearch.corpus.statistics.collocates import Collocates
from policysearch.corpus.statistics.table import Table
from policysearch.corpus.targets.target_table import Targets
from policysearch.output.statistics import statistic
from policysearch.serving.asked import Asked, Reply
from policysearch.serving.pages.forms import (
    FILTER_NAMES,
    active_filters,
    filter_fields,
    further_values,
    selection_of,
)
from policysearch.serving.texts import Marks, marked_text

__all__ = [
    "PAGE_ROWS",
    "collocates_page",
    "documents_page",
    "field_of",
    "keywords_page",
    "paging_of",
    "targets_page",
    "words_page",
]

_ROWS = 200  # maximum number of rows of statistics, which have no further pages
_LEAD = 30  # characters of a sentence before what is marked in it; a table has room for three lines
_SPECIAL = re.compile(r'[\\"*?]')  # in a phrase of a query
PAGE_ROWS = 100
"""Number of rows of a page of several."""


def field_of(asked: Asked, command: str, name: str) -> dict[str, Any]:
    """Return a form field for a parameter of a command, according to its declaration."""
    declared = next(one for one in asked.site.commands.parameters(command) if one.name == name)
    several = asked.all(name) if declared.multiple else [asked.get(name)]
    given, further = further_values(several, declared.choices)
    chosen = given or str(declared.default or "")
    choices = [(one, asked.t.of(name, one), one == chosen) for one in declared.choices]
    default = "" if declared.default is None else str(declared.default)
    return {
        "name": name,
        "label": asked.t.labelled(command, name),
        "kind": declared.kind,
        "choices": choices,
        "value": given,
        "further": further,
        "default": default,
        "multiple": declared.multiple,
        "on": given not in ("", "0"),
        "help": declared.help,
    }


def _form(asked: Asked, command: str, names: Sequence[str]) -> dict[str, Any]:
    return {
        "command": command,
        "own": [field_of(asked, command, name) for name in names],
        "fields": filter_fields(asked),
        "active": active_filters(asked, names),
    }


def _statistics(asked: Asked, command: str, names: Sequence[str], asked_for: bool) -> Reply:
    form = _form(asked, command, names)
    if not asked_for:
        return asked.page("table.html", columns=(), rows=None, totals=(), total=0, **form)
    found = asked.value(command, Table, asked.values("format", "shown"))
    columns = list(found.text_columns)
    rows = []
    selection: dict[str, Any] = {**selection_of(asked)}
    for row in list(found.rows())[:_ROWS]:
        term = row.get("term") or row.get("word")
        url = None
        if term and isinstance(found, Collocates):
            url = _together_url(asked, found, term)
        elif term:
            url = asked.url("/kwic", phrase=term, **selection)
        rows.append(
            [
                (_cell(name, row[name]), isinstance(row[name], (int, float)), url if row[name] == term else None)
                for name in columns
            ]
        )
    totals = [
        (name, value)
        for name, value in found.totals().items()
        if isinstance(value, int) and not isinstance(value, bool)
    ]
    return asked.page("table.html", columns=columns, rows=rows, totals=totals, total=len(found), **form)


def _together_url(asked: Asked, found: Collocates, term: str) -> str:
    """Return the address of a search for the sections that have a phrase and its collocate."""
    both = " ".join('"' + _SPECIAL.sub(r"\\\g<0>", one) + '"' for one in (found.phrase, term))
    both = f"句({both})" if found.window == "sentence" else both
    query = f"({where}) {both}" if (where := asked.get("where")) else both
    filters: dict[str, Any] = {name: asked.all(name) for name in FILTER_NAMES}
    return asked.url("/", q=query, match="all", **filters)


def _cell(name: str, value: Any) -> str:
    return "" if value is None else statistic(name, value)


def keywords_page(asked: Asked) -> Reply:
    """Answer ``/keywords``."""
    names = ("where", "against", "unit", "by", "limit", "min-documents", "negative")
    wanted = any(value for name, value in asked.parameters if name not in ("unit", "by", "limit", "min-documents"))
    return _statistics(asked, "keywords", names, wanted)


def collocates_page(asked: Asked) -> Reply:
    """Answer ``/collocates``."""
    return _statistics(
        asked, "collocates", ("phrase", "window", "where", "limit", "min-together"), bool(asked.get("phrase"))
    )


def words_page(asked: Asked) -> Reply:
    """Answer ``/words``."""
    return _statistics(asked, "words", ("where", "unit", "limit", "min-documents"), True)


def targets_page(asked: Asked) -> Reply:
    """Answer ``/targets``."""
    form = _form(asked, "targets", ("indicator", "kind", "where", "everywhere"))
    found = asked.value("targets", Targets, asked.values("format", "offset"))
    offset = asked.number("offset", 0)
    rows = []
    for row in found.rows[offset : offset + PAGE_ROWS]:
        url = None
        if row.section_id:
            query = {"q": row.indicator_as_written, "exact": "1"} if row.indicator_as_written else {}
            url = asked.section_url(row.section_id, **query)
        rows.append((row, url, _sentence(row)))
    return asked.page("targets.html", found=found, rows=rows, **paging_of(asked, offset, len(found)), **form)


def _sentence(row: Any) -> Markup:
    """Return a target's sentence with the indicator and the quantity marked; from their clause, if that comes late."""
    text = row.sentence or ""
    spans = []
    start = 0
    for part in (row.indicator_as_written, row.written):
        at = text.find(part, start) if part else -1
        if at >= 0:
            start = at + len(part)
            spans.append((at, start))
    spans.sort()
    first = spans[0][0] if spans else 0
    begin = max(text.rfind(mark, 0, first) for mark in "，；。,;") + 1 if first > _LEAD else 0
    return Markup("…" if begin else "") + marked_text(text, Marks(spans), begin)


def documents_page(asked: Asked) -> Reply:
    """Answer ``/list``: the documents."""
    form = _form(asked, "list", ("title", "where", "sort"))
    found = asked.value("list", Listing, asked.values("format", "offset", "by"))
    offset = asked.number("offset", 0)
    rows = [(row, asked.url("/show", id=row.document_id)) for row in found[offset : offset + PAGE_ROWS]]
    with_copies = len(found) + sum(len(row.duplicates or ()) for row in found)
    return asked.page(
        "list.html",
        rows=rows,
        total=len(found),
        with_copies=with_copies,
        **paging_of(asked, offset, len(found)),
        **form,
    )


def paging_of(asked: Asked, offset: int, total: int) -> dict[str, Any]:
    """Return the addresses of the previous and the next page of a table, or None."""
    return {
        "earlier": asked.here(offset=max(0, offset - PAGE_ROWS) or None) if offset else None,
        "later": asked.here(offset=offset + PAGE_ROWS) if offset + PAGE_ROWS < total else None,
    }
