"""The reader: a document with its outline and all matches marked, opened at a section."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from typing import Any

from markupsafe import Markup

from policysearch.citation.citing import citation
from policysearch.engines.protocol import Stored
from policysearch.errors import InputError
from policysearch.frozen import frozen, replace
from policysearch.search.hits import View
from policysearch.search.options import SearchOptions
from policysearch.serving.asked import Asked, Reply
from policysearch.serving.pages.relations import relation_links
from policysearch.serving.pages.way_back import results_url
from policysearch.serving.problems import NOT_FOUND, RefusedError
from policysearch.serving.texts import Marks, marked_text, paragraphs

__all__ = ["reader_page"]

_PAGE = 30_000  # maximum number of characters of a document on one page
_PIECE = 20_000  # maximum length of a section that is not divided, in characters
_ENTRIES = 240  # maximum number of entries of the outline
_QUERY = ("q", "match", "exact", "plain", "word")
_FACTS = (
    "type",
    "issuer",
    "document_number",
    "date",
    "year",
    "region",
    "province",
    "city",
    "level",
    "status",
    "speaker",
    "url",
    "source",
)


@frozen
class Piece:
    """A section, or a part of a long one, on a page."""

    ordinal: int
    start: int
    end: int


@frozen
class SectionShown:
    """A section, or a part of it, as the page shows it."""

    id: str
    ordinal: int
    level: int
    heading: Markup | None
    body: Markup
    page: int | None
    target: bool
    begins: bool
    matches: int
    citation: str
    url: str


def reader_page(asked: Asked) -> Reply:
    """Answer ``/show``: the document with this id, or that of the section, at the section."""
    name = asked.get("id")
    known = {"id", "at", "only", "part", "format", "from", *_QUERY}
    for given, _ in asked.parameters:
        if given not in known:
            raise InputError(f"Unknown parameter '{given}'; expected one of: {', '.join(sorted(known))}.")
    view = asked.index.show(name) if name else None
    if view is None:
        raise RefusedError(replace(NOT_FOUND, detail=f"There is no section or document '{name}'."))
    target = 0
    whole = view
    if view.one or len(view.stored) < view.stored[0].last:  # a section, or several that a citation names
        target = view.stored[0].ordinal
        whole = asked.index.show(view.document["document_id"]) or view
    return _document(asked, whole, target)


def _document(asked: Asked, view: View, target: int) -> Reply:
    stored = view.stored
    spans = _spans(asked, stored)
    firsts = _numbered(spans)
    total = sum(map(len, spans))
    at = min(asked.number("at", 0), total)
    if at:
        target_now = next(n for n, first in enumerate(firsts, 1) if first <= at < first + len(spans[n - 1]))
    else:
        target_now = target
        at = next((firsts[n - 1] for n in range(max(target, 1), len(stored) + 1) if spans[n - 1]), 0)
        at = at or (1 if total else 0)
    pages = _pages(stored)
    only = bool(asked.get("only")) and target > 0
    if only:
        pieces: Sequence[Piece] = [Piece(target, 0, len(stored[target - 1].text))]
        number = 1
    else:
        number = _page_of(asked, pages, target_now, stored, spans, firsts, at)
        pieces = pages[number - 1]
    document = view.document
    shown = [_shown(asked, document, stored[one.ordinal - 1], one, spans, firsts, at, target) for one in pieces]
    query = {name: asked.get(name) for name in _QUERY if asked.get(name)}
    keep = {**query, "from": asked.get("from")}
    here = document["document_id"] if not target else stored[target - 1].section_id
    cited = stored[target - 1].path if target else ()

    def match_link(n: int) -> str | None:
        return asked.url("/show", f"m{n}", id=here, at=n, **keep) if 1 <= n <= total else None

    def part_link(n: int) -> str | None:
        if not 1 <= n <= len(pages) or only:
            return None
        return asked.url("/show", id=stored[pages[n - 1][0].ordinal - 1].section_id, part=n, **keep)

    relations, versions = relation_links(asked, document, stored[target - 1] if target else None)
    return asked.page(
        "reader.html",
        relations=relations,
        versions=versions,
        document=document,
        title=document["title"],
        facts=[(one, document[one], one in document["inferred"]) for one in _FACTS if document.get(one) is not None],
        sections=shown,
        outline=_outline(asked, stored, pieces, spans, keep),
        total=total,
        at=at,
        previous=match_link(at - 1),
        following=match_link(at + 1),
        number=number,
        parts=len(pages),
        earlier=part_link(number - 1),
        later=part_link(number + 1),
        only=only,
        whole_url=asked.url("/show", f"s{target}" if target else "", id=here, **keep),
        keep=keep,
        here_id=here,
        results=results_url(asked, query.items()),
        cited=citation(document, cited),
        original=asked.url("/original", id=document["document_id"]),
        path=stored[target - 1].path if target else (),
    )


def _spans(asked: Asked, stored: Sequence[Stored]) -> list[list[tuple[int, int]]]:
    query = asked.get("q")
    if not query:
        return [[] for _ in stored]
    on: dict[str, Any] = {name: asked.get(name) not in ("", "0", "false") for name in ("exact", "plain", "word")}
    options = SearchOptions(match=asked.get("match") or "auto", count_exact=False, **on)
    return list(asked.index.marks(query, stored, options))


def _numbered(spans: Sequence[Sequence[Any]]) -> list[int]:
    """Return the number of the first match of each section."""
    firsts, number = [], 1
    for one in spans:
        firsts.append(number)
        number += len(one)
    return firsts


def _pages(stored: Sequence[Stored]) -> list[list[Piece]]:
    """Return the pieces of a document by pages: sections in order, long ones divided at a line."""
    pages: list[list[Piece]] = [[]]
    room = _PAGE
    for section in stored:
        for start, end in _pieces(section.text):
            if end - start > room and pages[-1]:
                pages.append([])
                room = _PAGE
            pages[-1].append(Piece(section.ordinal, start, end))
            room -= end - start
    return pages


def _pieces(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    while len(text) - start > _PIECE:
        end = text.rfind("\n", start + 1, start + _PIECE)
        end = start + _PIECE if end < 0 else end + 1
        yield start, end
        start = end
    yield start, len(text)


def _page_of(
    asked: Asked,
    pages: Sequence[Sequence[Piece]],
    target: int,
    stored: Sequence[Stored],
    spans: Sequence[Sequence[tuple[int, int]]],
    firsts: Sequence[int],
    at: int,
) -> int:
    """Return the number of the page with the requested match, part or section."""
    part = asked.number("part", 0)
    if 1 <= part <= len(pages):
        return part
    offset = 0
    if target and asked.get("at"):
        offset = spans[target - 1][at - firsts[target - 1]][0]
    for number, pieces in enumerate(pages, 1):
        for one in pieces:
            if one.ordinal == max(target, 1) and one.start <= offset < max(one.end, one.start + 1):
                return number
    return 1


def _shown(
    asked: Asked,
    document: Any,
    section: Stored,
    piece: Piece,
    spans: Sequence[Sequence[tuple[int, int]]],
    firsts: Sequence[int],
    at: int,
    target: int,
) -> SectionShown:
    ordinal = section.ordinal
    marks = Marks(spans[ordinal - 1], firsts[ordinal - 1], at)
    text, start = section.text, piece.start
    heading = None
    strong = 0
    if not start:
        end = _heading_end(section)
        if text[:end].endswith("\n") or end == len(text) != 0:
            heading = marked_text(text, marks, 0, len(text[:end].rstrip()))
            start = end
        else:  # the text continues on the line of its heading, or of its number
            strong = end
    return SectionShown(
        section.section_id,
        ordinal,
        min(section.level, 5),
        heading,
        paragraphs(text, marks, start, piece.end, strong),
        section.page,
        ordinal == target,
        piece.start == 0,
        len(spans[ordinal - 1]),
        citation(document, section.path),
        asked.url("/show", f"s{ordinal}", id=section.section_id),
    )


def _heading_end(section: Stored) -> int:
    """Return the end of the number and heading at the start of a section's text."""
    text = section.text
    said = len("".join(f"{section.number or ''}{section.heading or ''}".split()))
    seen = at = 0
    while at < len(text) and seen < said:
        seen += not text[at].isspace()
        at += 1
    line = text.find("\n", at)
    line = len(text) if line < 0 else line
    return at if not said or text[at:line].strip() else min(line + 1, len(text))


def _outline(
    asked: Asked,
    stored: Sequence[Stored],
    pieces: Sequence[Piece],
    spans: Sequence[Sequence[Any]],
    keep: dict[str, str],
) -> list[dict[str, Any]]:
    """Return the entries of the outline; of a long document only the upper levels, and all sections on the page."""
    on_page = {one.ordinal for one in pieces}
    named = [one for one in stored if one.number or one.heading]
    deepest = max((one.level for one in named), default=1)
    while deepest > 1 and sum(one.level <= deepest for one in named) > _ENTRIES:
        deepest -= 1
    listed = [one for one in named if one.level <= deepest or one.ordinal in on_page][: 3 * _ENTRIES]
    counts = _counts(stored, {one.ordinal for one in listed}, spans)
    entries = []
    if counts.get(0):
        first = stored[0]
        url = "#s1" if 1 in on_page else asked.url("/show", "s1", id=first.section_id, **keep)
        entries.append({"level": 1, "label": asked.t("beginning"), "url": url, "matches": counts[0]})
    for one in listed:
        fragment = f"s{one.ordinal}"
        url = f"#{fragment}" if one.ordinal in on_page else asked.url("/show", fragment, id=one.section_id, **keep)
        label = one.path[-1] if one.path else one.heading or one.number or ""
        matches = counts[one.ordinal]
        entries.append({"level": min(one.level, 4), "label": _short(label), "url": url, "matches": matches})
    return entries


def _counts(stored: Sequence[Stored], listed: Set[int], spans: Sequence[Sequence[Any]]) -> dict[int, int]:
    """Return the number of matches of each listed section by ordinal, 0 for the sections before the first.

    The matches of a section that is not listed are those of the listed section that it is below, or else of the last.
    """
    counts = {0: 0, **dict.fromkeys(listed, 0)}
    above: list[Stored] = []
    last = 0
    for one, matches in zip(stored, spans, strict=True):
        if one.number or one.heading:
            while above and above[-1].level >= one.level:
                above.pop()
        if one.ordinal in listed:
            above.append(one)
            last = one.ordinal
        counts[above[-1].ordinal if above else last] += len(matches)
    return counts


def _short(label: str) -> str:
    return label if len(label) <= 40 else label[:39] + "…"
