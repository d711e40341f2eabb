"""Verdicts on drafts as a page: the drafts with their claims marked, and the source of each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from typing import TYPE_CHECKING

from policysearch.output.terminal import printable

if TYPE_CHECKING:
    from policysearch.quoting.verification import Claim, Verification

__all__ = ["page"]

_STYLE = """
body { font: 16px/1.7 sans-serif; max-width: 60em; margin: 2em auto; padding: 0 1em; color: #222; background: #fff; }
.draft { white-space: pre-wrap; overflow-wrap: anywhere; border: 1px solid #ccc; padding: 1em; }
mark { padding: 0 2px; border-radius: 2px; background: #d9f2dc; color: inherit; }
mark.raised { background: #ffd9d6; outline: 1px solid #c62828; }
mark.not_in_collection, mark.title { background: #e8eaf0; }
mark a { color: inherit; text-decoration: none; }
li { margin-bottom: 1em; } ins { background: #d9f2dc; text-decoration: none; } del { background: #ffd9d6; }
.about { color: #555; }
"""


def page(found: Sequence[Verification], strict: bool = False) -> str:
    """Return a self-contained page, without scripts, fonts or pictures."""
    body = "\n".join(part for number, one in enumerate(found, 1) for part in _draft(one, number, strict))
    return (
        '<!DOCTYPE html>\n<html lang="zh-CN">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width">\n<title>policysearch verify</title>\n'
        f"<style>{_STYLE}</style>\n</head>\n<body>\n{body}\n</body>\n</html>\n"
    )


def _draft(found: Verification, number: int, strict: bool) -> Iterator[str]:
    yield f"<h1>{_text(found.draft or '')}</h1>"
    yield f'<p class="about">{_text(found.summary(strict))}</p>'
    marked = []
    listed = []
    at = 0
    for i, claim in enumerate(found, 1):
        name = f"{number}-{i}"
        start, end = claim.start or 0, claim.end or 0
        if start >= at:
            marked.append(_text(found.text[at:start]))
            classes = " ".join((claim.verdict, claim.kind, *(("raised",) if claim.raises(strict) else ())))
            tip = " · ".join(filter(None, (claim.verdict, claim.title, claim.section_id)))
            marked.append(
                f'<mark class="{classes}" title="{_text(tip)}"><a href="#n{name}" id="c{name}">'
                f"{_text(found.text[start:end])}</a></mark>"
            )
            at = end
        listed.append(_note(claim, name, strict))
    marked.append(_text(found.text[at:]))
    yield f'<div class="draft">{"".join(marked)}</div>'
    yield f"<ol>{''.join(listed)}</ol>"


def _note(claim: Claim, name: str, strict: bool) -> str:
    about = " · ".join(filter(None, (claim.title, claim.date, claim.status, " › ".join(claim.path), claim.section_id)))
    parts = [f'<b><a href="#c{name}">{claim.verdict}</a></b> {claim.kind}']
    if claim.accepted:
        parts.append("accepted")
    if claim.attributed_to:
        parts.append(f"said to be of {_text(claim.attributed_to)} ({claim.attribution})")
    if about:
        parts.append(f'<span class="about">{_text(about)}</span>')
    if claim.notable:
        parts.append(f"<b>{_text('; '.join(claim.notable))}</b>")
    if claim.changes:
        steps = (
            _text(step.a)
            if step.op == "equal"
            else (f"<del>{_text(step.a)}</del>" if step.a else "") + (f"<ins>{_text(step.b)}</ins>" if step.b else "")
            for step in claim.changes
        )
        parts.append("".join(steps))
    elif claim.source_text and claim.raises(strict):
        parts.append(_text(claim.source_text))
    return f'<li id="n{name}">{"<br>".join(parts)}</li>'


def _text(text: str) -> str:
    return escape(printable(text))
