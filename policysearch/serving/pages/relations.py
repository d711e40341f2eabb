"""Pages of relations between documents: citations, and shared passages."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from policysearch.quoting.citations import Citations, Mention
from policysearch.quoting.reuse import Passage, Reuse
from policysearch.serving.asked import Asked, Reply
from policysearch.serving.pages.forms import active_filters, filter_fields
from policysearch.serving.pages.tables import PAGE_ROWS, field_of, paging_of
from policysearch.serving.texts import Marks, marked_text

__all__ = ["citations_page", "relation_links", "reuse_page"]

_DOCUMENTS = 12  # maximum number of linked documents that share a passage


def citations_page(asked: Asked) -> Reply:
    """Answer ``/citations``."""
    form = _form(asked, "citations", ("to", "of", "where"))
    if not any(asked.get(name) for name in ("to", "of", "where")) and not form["active"]:
        return _page(asked, form, None)
    found = asked.value("citations", Citations, asked.values("format", "offset"))

    def row(one: Mention) -> dict[str, Any]:
        cited = f"{one.cited}{one.article or ''}"
        at = one.sentence.find("".join(one.cited.split()))
        spans = [(at, at + len(one.cited))] if at >= 0 else []
        return {
            "title": _title(asked, one.section_id),
            "url": asked.section_url(one.section_id, q=one.cited, exact="1"),
            "text": marked_text(one.sentence, Marks(spans)),
            "relation": one.relation,
            "documents": [(cited, _document_url(asked, one.document_id))],
            "more": 0,
        }

    return _page(asked, form, found, row)


def reuse_page(asked: Asked) -> Reply:
    """Answer ``/reuse``."""
    form = _form(asked, "reuse", ("of", "in", "min-length", "where"))
    if not asked.get("of"):
        return _page(asked, form, None)
    found = asked.value("reuse", Reuse, asked.values("format", "offset"))

    def row(one: Passage) -> dict[str, Any]:
        text = " ".join(one.text.split())
        return {
            "title": _title(asked, one.section_id),
            "url": asked.section_url(one.section_id, q=text[:200], exact="1"),
            "text": marked_text(text, Marks()),
            "relation": asked.t("characters_n", n=one.characters),
            "documents": [(_title(asked, name), _document_url(asked, name)) for name in one.document_ids[:_DOCUMENTS]],
            "more": max(0, one.documents - _DOCUMENTS),
        }

    return _page(asked, form, found, row)


def _page(
    asked: Asked, form: Mapping[str, Any], found: Sequence[Any] | None, row: Callable[[Any], dict[str, Any]] = dict
) -> Reply:
    """Return the page with the rows found; without rows for an empty form."""
    if found is None:
        return asked.page("relations.html", rows=None, total=0, **paging_of(asked, 0, 0), **form)
    offset, total = asked.number("offset", 0), len(found)
    rows = [row(one) for one in found[offset : offset + PAGE_ROWS]]
    return asked.page("relations.html", rows=rows, total=total, **paging_of(asked, offset, total), **form)


def _form(asked: Asked, command: str, names: Sequence[str]) -> dict[str, Any]:
    own = [field_of(asked, command, name) for name in names]
    return {"command": command, "own": own, "fields": filter_fields(asked), "active": active_filters(asked, names)}


def _document_url(asked: Asked, document_id: str | None) -> str | None:
    return None if document_id is None else asked.url("/show", id=document_id)


def _title(asked: Asked, name: str) -> str:
    """Return the title and the path of a section, or the title of a document."""
    view = asked.index.show(name if "#" in name else f"{name}#1")
    if view is None:
        return name
    title = str(view.document["title"] or view.document["document_id"])
    return " › ".join((title, *view.stored[0].path)) if "#" in name else title


def relation_links(
    asked: Asked, document: Any, section: Any
) -> tuple[list[tuple[str, str]], list[tuple[str, str, bool]]]:
    """Return the links from a document, or from a section of it, to others: labels with addresses; and its versions.

    Args:
        document: Its metadata.
        section: The current section of the reader, or None.

    A version consists of its label, its address, and whether it is the current document.
    """
    t, name = asked.t, document["document_id"]
    links = []
    if section is not None and section.number and "条" in section.number:
        links.append((t("cites_this_article"), asked.url("/citations", to=section.section_id)))
    links.append((t("cites_this"), asked.url("/citations", to=name)))
    links.append((t("cited_here"), asked.url("/citations", of=name)))
    links.append((t("shared_passages"), asked.url("/reuse", of=name)))
    ids = asked.index.versions(name)
    versions = []
    for one in ids if len(ids) > 1 else ():
        view = asked.index.show(f"{one}#1")
        if view is not None:
            of = view.document
            label = of.get("version") or of["date"] or of["year"] or one
            versions.append((str(label), asked.url("/show", id=one), one == name))
    at = ids.index(name) if name in ids else 0
    if at:
        links.insert(0, (t("compare_previous"), asked.url("/compare", a=ids[at - 1], b=name)))
    return links, versions
