"""HTML representations of values for notebooks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

__all__ = ["hits_html", "table"]

MOST_ROWS = 200


def table(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> str:
    """Return a table of at most 200 rows, everything escaped."""
    out = ["<table><thead><tr>", *(f"<th>{escape(name)}</th>" for name in columns), "</tr></thead><tbody>"]
    for at, row in enumerate(rows):
        if at == MOST_ROWS:
            out.append(f'<tr><td colspan="{len(columns)}">…</td></tr>')
            break
        cells = ("" if row[name] is None else escape(_said(row[name])) for name in columns)
        out.append("<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>")
    return "".join([*out, "</tbody></table>"])


def _said(cell: Any) -> str:
    return f"{cell:.4g}" if isinstance(cell, float) else str(cell)


def hits_html(found: Any) -> str:
    """Return ``Hits`` as an HTML list with the matches marked and all text escaped."""
    hits = "".join(map(_hit, found.hits))
    return f"<p>{escape(found.query)}: {found.total}</p><ol>{hits}</ol>"


def _hit(hit: Any) -> str:
    out = []
    at = 0
    text = hit.snippet.text
    for start, end in hit.snippet.spans:
        out += [escape(text[at:start]), "<mark>", escape(text[start:end]), "</mark>"]
        at = end
    out.append(escape(text[at:]))
    return (
        f'<li value="{hit.rank}"><b>{escape(hit.title or hit.document_id)}</b> {escape(" › ".join(hit.path))}'
        f"<br>{''.join(out)}<br><small>{escape(hit.section_id)}</small></li>"
    )
