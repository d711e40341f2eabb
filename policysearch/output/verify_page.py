"""Verdicts on drafts as a page: the drafts with their claims marked, and the source of each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from policysearch.output.html import as_html, html_page
from policysearch.output.labels import LABELS, labelled

if TYPE_CHECKING:
    from policysearch.quoting.verdicts import Claim
    from policysearch.quoting.verification import Verification

__all__ = ["page"]

_STYLE = """
body { max-width: 60em; }
.draft { white-space: pre-wrap; overflow-wrap: anywhere; border: 1px solid #ccc; padding: 1em; }
mark { padding: 0 2px; border-radius: 2px; background: #d9f2dc; color: inherit; }
mark.raised { background: #ffd9d6; outline: 1px solid #c62828; }
mark.not_in_collection, mark.not_compared, mark.title { background: #e8eaf0; }
mark a { color: inherit; text-decoration: none; }
li { margin-bottom: 1em; overflow-wrap: anywhere; }
"""


def page(found: Sequence[Verification], strict: bool = False) -> str:
    """Return a page with Chinese labels, each followed by the value or the field that it is a label of."""
    body = "\n".join(part for number, one in enumerate(found, 1) for part in _draft(one, number, strict))
    return html_page(
        " · ".join((f"{_label('verify')} verify", *(one.draft for one in found if one.draft))), _STYLE, body
    )


def _draft(found: Verification, number: int, strict: bool) -> Iterator[str]:
    yield f"<h1>{as_html(found.draft or _label('verify'))}</h1>"
    yield f"<p>{as_html(''.join(_summary(found, strict)))}</p>"
    yield f'<p class="about" lang="en">{as_html(found.summary(strict))}</p>'
    if any(claim.changes for claim in found):
        yield f'<p class="about"><del>{_label("draft")}</del> <ins>{_label("text")}</ins></p>'
    marked = []
    listed = []
    at = 0
    for i, claim in enumerate(found.marked(), 1):
        name = f"{number}-{i}"
        start, end = claim.start or 0, claim.end or 0
        if start >= at:
            marked.append(as_html(found.text[at:start]))
            classes = " ".join((claim.verdict, claim.kind, *(("raised",) if claim.raises(strict) else ())))
            verdict = labelled("verdict", claim.verdict)
            tip = " · ".join(filter(None, (verdict, claim.title, claim.section_id)))
            marked.append(
                f'<mark class="{classes}" title="{as_html(tip)}"><a href="#n{name}" id="c{name}">'
                f"{as_html(found.text[start:end])}</a></mark>"
            )
            at = end
        listed.append(_note(claim, name, strict))
    marked.append(as_html(found.text[at:]))
    yield f'<div class="draft">{"".join(marked)}</div>'
    yield f"<ol>{''.join(listed)}</ol>"


def _note(claim: Claim, name: str, strict: bool) -> str:
    about = " · ".join(filter(None, (claim.title, claim.date, claim.status, " › ".join(claim.path), claim.section_id)))
    verdict, kind = labelled("verdict", claim.verdict), labelled("kind", claim.kind)
    parts = [f'<b><a href="#c{name}">{verdict}</a></b> · {kind}']
    if claim.accepted:
        parts.append(f"{_label('accepted')} accepted")
    if claim.attributed_to and claim.attributed_to not in claim.claim:
        there = "" if claim.attribution == "none" else f" · {labelled('attribution', claim.attribution)}"
        parts.append(f"{_label('attributed_to')} attributed_to：{as_html(claim.attributed_to)}{there}")
    if claim.resembles:
        about = f"{_label('similarity')} similarity {claim.similarity:.2f}：{about}"
    if about:
        parts.append(f'<span class="about">{as_html(about)}</span>')
    if claim.superseded_by:
        parts.append(f"{_label('superseded_by')} superseded_by：{as_html(claim.superseded_by)}")
    if claim.notable:
        parts.append(f"{_label('notable')} notable：<b>{as_html('; '.join(claim.notable))}</b>")
    if claim.changes:
        steps = (
            as_html(step.a)
            if step.op == "equal"
            else (f"<del>{as_html(step.a)}</del>" if step.a else "")
            + (f"<ins>{as_html(step.b)}</ins>" if step.b else "")
            for step in claim.changes
        )
        parts.append("".join(steps))
    elif claim.source_text and claim.raises(strict):
        parts.append(f"{_label('text')} source_text：{as_html(claim.source_text)}")
    return f'<li id="n{name}">{"<br>".join(parts)}</li>'


def _summary(found: Verification, strict: bool) -> Iterator[str]:
    if not len(found):
        yield _label("no_claims")
    else:
        yield _label("claims").format(n=len(found), raised=len(found.raised(strict)))
    if found.not_compared:
        yield _label("not_compared").format(n=found.not_compared)
    yield _label("over").format(documents=f"{found.documents:,}")
    if found.failed_sources:
        yield _label("unread").format(failed=found.failed_sources)
    if found.left_out:
        yield f"{_label('left_out')}{'、'.join(found.left_out)}。"


def _label(name: str) -> str:
    return LABELS[name][0]
