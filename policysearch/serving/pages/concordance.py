"""The concordance: every place of a phrase in its context."""

from __future__ import annotations

import json
from typing import Any

from policysearch.corpus.concordance import ORDERS, Concordance
from policysearch.corpus.counts import Counts
from policysearch.serving.asked import Asked, Reply
from policysearch.serving.pages.forms import active_filters, filter_fields

__all__ = ["kwic_page"]

_LINES = 50
_NOT_OF_COUNT = ("sort", "width", "sample", "seed", "format", "offset", "phrase", "q")


def kwic_page(asked: Asked) -> Reply:
    """Answer ``/kwic``."""
    phrase = asked.get("phrase") or asked.get("q")
    sort = asked.get("sort") or "position"
    sorts = [(one, asked.t.of("sort", one), one == sort) for one in ORDERS]
    form: dict[str, Any] = {
        "phrase": phrase,
        "sorts": sorts,
        "fields": filter_fields(asked),
        "active": active_filters(asked),
    }
    if not phrase:
        return asked.page("kwic.html", lines=None, total=0, **form)
    offset = asked.number("offset", 0)
    values = asked.values("offset", "format")
    if sort == "position" and not asked.get("sample"):
        # one line more than is shown, to detect further ones
        answer = asked.run("kwic", {**values, "format": ["jsonl"]}, lines=offset + _LINES + 1)
        lines = [json.loads(line) for line in answer.body.splitlines()[offset:]]
        counts = asked.value("count", Counts, {**asked.values(*_NOT_OF_COUNT), "term": [phrase]})
        total = sum(row.occurrences or 0 for row in counts)
    else:
        concordance = asked.value("kwic", Concordance, values)
        lines = [line.to_dict() for line in concordance.lines[offset : offset + _LINES + 1]]
        total = concordance.total
    word = {"word": "1"} if asked.get("word") not in ("", "0") else {}
    shown: list[dict[str, Any]] = []
    for line in lines[:_LINES]:
        name = line["section_id"]
        about = " ".join(str(one) for one in (line["region"], line["year"]) if one is not None)
        url = asked.section_url(name, q=phrase, exact="1", **word)
        title = line["title"] or line["document_id"]
        shown.append({**line, "about": about or title, "full": " › ".join((title, *line["path"])), "url": url})
    later = asked.here(offset=offset + _LINES) if len(lines) > _LINES else None
    earlier = asked.here(offset=max(0, offset - _LINES) or None) if offset else None
    return asked.page("kwic.html", lines=shown, total=total, later=later, earlier=earlier, **form)
