"""Checking a draft, and comparing two texts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from markupsafe import Markup, escape

from policysearch.errors import PolicySearchError
from policysearch.output.terminal import printable
from policysearch.quoting.comparison import Comparison
from policysearch.quoting.verification import Verification
from policysearch.serving.asked import Asked, Reply
from policysearch.serving.pages.forms import active_filters, filter_fields

__all__ = ["compare_page", "verify_page"]

_OPEN = ("not_in_collection", "not_compared")
_GOOD = frozenset(("verbatim", "folded", "found"))


def verify_page(asked: Asked) -> Reply:
    """Answer ``/verify``: a form, or the claims of the draft that was sent."""
    draft = asked.get("draft")
    values = asked.values("format") if draft.strip() else asked.values("format", "draft")
    # no link has the draft: addresses are kept in histories and logs
    kept = [one for one in asked.parameters if one[0] != "draft"]
    asked = Asked(asked.site, asked.generation, asked.path, kept, asked.language)
    form: dict[str, Any] = {"draft": draft, "fields": filter_fields(asked), "active": active_filters(asked)}
    if not draft.strip() and not asked.get("quote"):
        return asked.page("verify.html", found=None, claims=(), raised=0, **form)
    found = asked.value("verify", Verification, values)
    claims = []
    for claim in found.marked():
        name = claim.section_id
        query = {"q": claim.claim, "exact": "1"} if claim.kind == "quote" and claim.verdict in _GOOD else {}
        url = asked.section_url(name, **query) if name else None
        tone = "good" if claim.verdict in _GOOD else "open" if claim.verdict in _OPEN else "bad"
        later = asked.url("/show", id=claim.superseded_by) if claim.superseded_by else None
        claims.append((claim, url, later, tone, _changed(claim.changes)))
    return asked.page("verify.html", found=found, claims=claims, raised=len(found.raised()), **form)


def _changed(changes: Sequence[Any]) -> Markup:
    """Return the steps from one text to the other, as deletions and insertions."""
    pieces = []
    last = len(changes) - 1
    for number, change in enumerate(changes):
        # a line break after the last step would be an empty line of the page
        a, b = (escape(printable(one.rstrip("\n") if number == last else one)) for one in (change.a, change.b))
        if change.op == "equal":
            pieces.append(f"<span>{b}</span>")
        else:
            pieces += [f"<del>{a}</del>"] if change.a else []
            pieces += [f"<ins>{b}</ins>"] if change.b else []
    return Markup("".join(pieces))


def compare_page(asked: Asked) -> Reply:
    """Answer ``/compare``."""
    given = {name: asked.get(name) for name in ("a", "b", "versions")}
    form: dict[str, Any] = {"given": given, "comparisons": (), "error": None}
    if given["versions"] or (given["a"] and given["b"]):
        drop = ("a", "b") if given["versions"] else ("versions",)
        try:
            answer = asked.run("compare", asked.values("format", *drop, format="json"))
        except PolicySearchError as error:
            return asked.page("compare.html", 400, **{**form, "error": str(error)})
        last = answer.found[-1]
        several: Sequence[Comparison] = last if isinstance(last, tuple) else (answer.value(Comparison),)
        form["comparisons"] = [(one, [_row(asked, change) for change in one]) for one in several]
    return asked.page("compare.html", **form)


def _row(asked: Asked, change: Any) -> dict[str, Any]:
    links = [
        (number, asked.section_url(name) if name else None)
        for number, name in ((change.a_number, change.a_section_id), (change.b_number, change.b_section_id))
    ]
    return {"state": change.state, "links": links, "text": _changed(change.changes)}
