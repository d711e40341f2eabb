"""The search page: hits with marked matches, facets, and the reading of the query."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from markupsafe import Markup

from policysearch.errors import InputError, QueryError
from policysearch.frozen import frozen
from policysearch.query.syntax import normalize_query
from policysearch.search.advice import AbsentValue, Advice, with_value
from policysearch.search.hits import Hit, Hits
from policysearch.serving.asked import Asked, Reply
from policysearch.serving.pages.forms import FILTER_NAMES, active_filters, filter_fields
from policysearch.serving.pages.way_back import way_back
from policysearch.serving.texts import Marks, marked_text
from policysearch.vocabulary import DUPLICATES, GROUPS, MATCH_MODES, PLACES, SORTS

__all__ = ["search_page"]

FACETS = ("type", "year", "province", "region", "level", "part", "status", "issuer")
_SHOWN = 8  # number of values of a facet that are always visible
_MOST = 60  # maximum number of values of a facet
_READING = ("match", "exact", "plain", "word")
"""Options that determine the marks in the reader."""

_LIMITS = ("10", "20", "50", "100")
_DOWNLOADED = 10_000  # maximum number of hits of a file; more may exceed the limits of an answer


@frozen
class FacetLink:
    """A value of a facet: its label, its number of sections, its link, and whether it is chosen."""

    label: str
    sections: int
    url: str
    chosen: bool


@frozen
class HitShown:
    """A hit as the page shows it."""

    hit: Hit
    url: str
    snippet: Markup
    place: str
    duplicates: Sequence[tuple[str, str]]
    latest: str | None


def search_page(asked: Asked) -> Reply:
    """Answer ``/``: the search page."""
    options = _options(asked)
    if not asked.get("q") and not asked.get("query") and not any(asked.all(name) for name in FILTER_NAMES):
        about: dict[str, Any] = {"found": None, "error": None, "info": asked.index.info}
        return asked.page("search.html", options=options, fields=filter_fields(asked), **about)
    try:
        found, notes, advised = _found(asked)
    except (QueryError, InputError) as error:
        return _refused(asked, options, error)
    limit, offset = asked.number("limit", 10), asked.number("offset", 0)
    keep = reading_parameters(asked, found)
    shown = [_shown(asked, hit, keep) for hit in found.hits]
    return asked.page(
        "search.html",
        found=found,
        hits=shown,
        notes=notes,
        advice=advised,
        facets=_facets(asked, found),
        active=active_filters(asked),
        summary=_summary(asked, found),
        reading=_reading(asked, found),
        suggestion=found.suggestion,
        earlier=asked.here(offset=max(0, offset - limit) or None) if offset else None,
        download=_download(asked, found),
        later=asked.here(offset=offset + limit) if offset + limit < (found.distinct or 0) and limit else None,
        options=options,
        fields=filter_fields(asked),
        info=None,
        error=None,
    )


def _download(asked: Asked, found: Hits) -> dict[str, Any]:
    """Return the parameters by which a file has the hits of all pages, which a table would have with copies."""
    many = found.total if found.distinct is None else found.distinct
    return {"offset": None, "limit": min(many, _DOWNLOADED), "duplicates": asked.get("duplicates") or "fold"}


def _refused(asked: Asked, options: Any, error: QueryError | InputError) -> Reply:
    query = error.query if isinstance(error, QueryError) else None
    at = error.position if isinstance(error, QueryError) else 0
    return asked.page(
        "search.html",
        400,
        found=None,
        info=None,
        options=options,
        fields=filter_fields(asked),
        error={"kind": "query" if query is not None else "input", "message": str(error), "query": query, "at": at},
    )


def _found(asked: Asked) -> tuple[Hits, Sequence[str], Sequence[Advised]]:
    """Return the hits, the notices of the command that the page does not word itself, and alternative queries."""
    answer = asked.run("search", asked.values("format", facets=",".join(FACETS), format="json"))
    advice: Advice | None = next((one for one in answer.found if isinstance(one, Advice)), None)
    absent = advice.absent if advice else next((one for one in answer.found if _are_absent(one)), ())
    foreign = [note for note in answer.notes if not _OWN.match(note) and "pip install" not in note]
    return answer.value(Hits), foreign, list(_advised(asked, advice or Advice(absent)))


_OWN = re.compile(
    r"Read as a question|No section has all|Nothing found|Without |No document has (?!the number)|Did you mean \("
)
"""Notices of the command that the page words itself."""


def _are_absent(value: Any) -> bool:
    return isinstance(value, tuple) and bool(value) and all(isinstance(one, AbsentValue) for one in value)


Advised = tuple[str, Sequence[tuple[str, str, int]]]
"""A sentence followed by links: label, address, and number of results, 0 if unknown."""


def _advised(asked: Asked, advice: Advice) -> Iterator[Advised]:
    """Yield alternatives to a query that finds nothing."""
    t = asked.t
    given = {name for name, _ in asked.parameters}
    query = normalize_query(asked.get("q") or asked.get("query"))
    linked = set()

    def link(one: AbsentValue, name: str, value: str) -> str | None:
        if instead := with_value(query, one, value):
            linked.add(instead)
            return asked.here(q=instead, query=None, offset=None)
        if name not in given:
            return None
        wider, colon, place = value.partition(":")
        changed: dict[str, Any] = {name: None, wider: place} if colon and wider in PLACES else {name: value}
        return asked.here(**changed, offset=None)

    for one in advice.absent:
        name = one.filter.partition(" ")[0]
        near = [(t.of(name, value), link(one, name, value), many) for value, many in one.nearest]
        links = [(label, to, many) for label, to, many in near if to]
        said = t("absent_near" if near else "absent", field=t(name), value=one.value)
        plain = "" if links else "、".join(f"{label} ({many})" for label, _, many in near)
        yield said + plain, links
    links = []
    for name, many in advice.without:
        dropped = ("since", "until") if name == "when" else (name,) if name else FILTER_NAMES
        if given & set(dropped):
            without: dict[str, Any] = dict.fromkeys(dropped)
            label = t("without_filter", field=t(name)) if name else t("without_filters")
            links.append((label, asked.here(**without, offset=None), many))
    if links:
        yield t("found_without"), links
    others = [one for one in zip(advice.suggestions, advice.totals, strict=True) if one[0] not in linked]
    if others:
        yield t("did_you_mean"), [(one, asked.here(q=one, query=None, offset=None), many) for one, many in others]


def _options(asked: Asked) -> list[dict[str, Any]]:
    """Return the options next to the query: name, values with their labels, and the chosen one."""
    t = asked.t
    found = []
    choices: Mapping[str, tuple[str, Sequence[str]]] = {
        "sort": ("score", SORTS),
        "group": ("section", GROUPS),
        "match": ("auto", MATCH_MODES),
        "duplicates": ("fold", DUPLICATES),
        "limit": ("10", _LIMITS),
    }
    for name, (default, values) in choices.items():
        chosen = asked.get(name, default) or default
        known = values if chosen in values else (*values, chosen)
        found.append(
            {"name": name, "values": [(value, t.of(name, value), value == chosen, value == default) for value in known]}
        )
    return found


def _summary(asked: Asked, found: Hits) -> str:
    """Return both numbers in a sentence."""
    t, unit = asked.t, "document" if asked.get("group") == "document" else "section"
    parts = [t(f"total_{unit}", total=f"{found.total:,}")]
    typed = f"“{found.typed[0]}”" if len(found.typed) == 1 else t("the_query")
    if found.total_exact is not None and found.total and found.typed:
        if found.total_exact == found.total:
            parts.append(t("exact_all", typed=typed))
        else:
            parts.append(t(f"exact_{unit}", exact=f"{found.total_exact:,}", typed=typed))
    if found.distinct is not None and found.distinct < found.total:
        parts.append(t("copies", distinct=f"{found.distinct:,}"))
    if found.hits and len(found.hits) < (found.distinct or 0):
        parts.append(t("range", first=found.hits[0].rank, last=found.hits[-1].rank))
    return ("，" if asked.language == "zh" else "; ").join(parts)


def _reading(asked: Asked, found: Hits) -> str | None:
    """Return a sentence on a special reading of the query, or an empty one."""
    kind = (found.read_as or {}).get("kind")
    if kind == "citation":
        return asked.t("citation_read" if (found.read_as or {}).get("numbers") else "document_read")
    if kind == "question" or found.all_words is not None:
        return asked.t("question", count=found.all_words or 0)
    return asked.t("relaxed") if found.relaxed and found.total else None


def reading_parameters(asked: Asked, found: Hits | None = None) -> dict[str, str]:
    """Return the parameters with which the reader marks the same places as the search, and finds its way back."""
    query = asked.get("q") or asked.get("query")
    kept = {"q": query, **{name: asked.get(name) for name in _READING}}
    others = [one for one in asked.parameters if one[1] and one[0] not in ("q", "query", *_READING)]
    if found is not None and found.match == "any" and not kept["match"]:
        kept["match"] = "any"
        others.append(("match", "auto"))
    kept["from"] = way_back(others)
    return {name: value for name, value in kept.items() if value}


def _shown(asked: Asked, hit: Hit, keep: Mapping[str, str]) -> HitShown:
    def link(name: str) -> str:
        return asked.section_url(name, **keep) if "#" in name else asked.url("/show", id=name, **keep)

    title = hit.title or ""
    place = [str(one) for one in (hit.region, hit.year) if one is not None and str(one) not in title]
    first = asked.section_url(hit.section_id, **keep)
    snippet = marked_text(hit.snippet.text, Marks(hit.snippet.spans))
    lead, tail = "…" if hit.snippet.start else "", "…" if hit.snippet.cut else ""
    copies = [(one, link(one)) for one in hit.duplicates or ()]
    latest = link(hit.superseded_by) if hit.superseded_by else None
    return HitShown(hit, first, Markup(lead) + snippet + tail, " ".join(place), copies, latest)


def _facets(asked: Asked, found: Hits) -> list[dict[str, Any]]:
    if found.facets is None:
        return []
    made = []
    for name, values in found.facets.values.items():
        links = list(_links(asked, name, values))
        if len(links) > 1 or any(link.chosen for link in links):
            made.append({"name": name, "first": links[:_SHOWN], "rest": links[_SHOWN:_MOST]})
    return made


def _links(asked: Asked, name: str, values: Sequence[Any]) -> Iterator[FacetLink]:
    chosen = asked.all(name)
    ordered = sorted(values, key=lambda one: -int(one.value)) if name == "year" else values
    for one in ordered:
        value = str(one.value)
        picked = value in chosen
        rest = [other for other in chosen if other != value] if picked else [*chosen, value]
        changed: dict[str, Any] = {"offset": None, name: rest}
        url = asked.here(**changed)
        yield FacetLink(asked.t.of(name, value), one.sections, url, picked)
