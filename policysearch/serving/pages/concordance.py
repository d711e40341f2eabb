"""The concordance: every place of a phrase in its context."""

from __future__ import annotations

import json
from typing import Any

from policysearch.corpus.concordance import ORDERS, Concordance, KwicLines
from policysearch.corpus.counts import Counts
from policysearch.serving.asked import Asked, Reply
from policysearch.serving.pages.forms import active_filters, filter_fields, further_values, is_on

__all__ = ["kwic_page"]

_LINES = 50
_ALL = 10**9
_OF_FILES = ("columns", "code", "raw", "bom", "format")
"""Options of the files of a concordance; the page has columns of its own."""

_OF_ORDER = ("sort", "duplicates")


def kwic_page(asked: Asked) -> Reply:
    """Answer ``/kwic``."""
    phrases = asked.all("phrase") + asked.all("q")
    phrase, further = further_values(phrases)
    sort = asked.get("sort") or "position"
    sorts = [(one, asked.t.of("sort", one), one == sort) for one in ORDERS]
    form: dict[str, Any] = {
        "phrase": {"name": "phrase", "value": phrase, "further": further},
        "sorts": sorts,
        "fields": filter_fields(asked),
        "active": active_filters(asked, ("phrase", "q")),
        "sentence": is_on(asked, "sentence"),
    }
    if not phrases:
        return asked.page("kwic.html", lines=None, total=0, **form)
    offset, limit = asked.number("offset", 0), asked.number("limit", _ALL)
    values = asked.values("offset", *_OF_FILES)
    if sort == "position" and not asked.get("sample"):
        # one line more than is shown, to detect further ones
        answer = asked.run("kwic", {**values, "format": ["jsonl"]}, lines=offset + _LINES + 1)
        lines = [json.loads(line) for line in answer.body.splitlines()[offset:]]
        with_copies = _counted(asked, values, phrases)
        total = with_copies - answer.value(KwicLines).of_copies
    else:
        concordance = asked.value("kwic", Concordance, values)
        limit = min(limit, len(concordance.lines))
        lines = [line.to_dict() for line in concordance.lines[offset : min(offset + _LINES + 1, limit)]]
        total, with_copies = concordance.distinct, concordance.total
    later = asked.here(offset=offset + _LINES) if len(lines) > _LINES else None
    earlier = asked.here(offset=max(0, offset - _LINES) or None) if offset else None
    return asked.page(
        "kwic.html",
        lines=[_shown(asked, line) for line in lines[:_LINES]],
        total=total,
        summary=_summary(asked, total, with_copies, limit),
        later=later,
        earlier=earlier,
        **form,
    )


def _counted(asked: Asked, values: dict[str, list[str]], phrases: list[str]) -> int:
    """Return the number of all places, which are counted without reading their lines."""
    known = {one.name for one in asked.site.commands.parameters("count")} - {*_OF_ORDER}
    hidden = ["hide"] if asked.get("duplicates") == "hide" else ["fold"]
    shared = {name: given for name, given in values.items() if name in known and name not in ("term", "q")}
    counts = asked.value("count", Counts, {**shared, "term": phrases, "duplicates": hidden})
    return sum(row.occurrences or 0 for row in counts)


def _shown(asked: Asked, line: dict[str, Any]) -> dict[str, Any]:
    """Return a line with its link, which marks what was matched."""
    about = " ".join(str(one) for one in (line["region"], line["year"]) if one is not None)
    literal = not any(is_on(asked, name) for name in ("patterns", "expand")) and not asked.get("terms")
    word = {"word": "1"} if is_on(asked, "word") else {}
    matched = line["term"] if literal else line["match"]
    url = asked.section_url(line["section_id"], q=matched, exact="1", **word)
    title = line["title"] or line["document_id"]
    return {**line, "about": about or title, "full": " › ".join((title, *line["path"])), "url": url}


def _summary(asked: Asked, total: int, with_copies: int, limit: int) -> str:
    """Return the number of lines that the list has on all its pages, and what it leaves out."""
    t = asked.t
    parts = [t("total_places", total=f"{total:,}")]
    if with_copies > total:
        parts.append(t("places_with_copies", total=f"{with_copies:,}"))
    if limit < total:
        parts.append(t("places_listed", shown=f"{limit:,}"))
    return ("，" if asked.language == "zh" else "; ").join(parts)
