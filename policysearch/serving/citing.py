"""How a document and its sections are cited."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

__all__ = ["citation"]


def citation(document: Mapping[str, Any], path: Sequence[str] = ()) -> str:
    """Return how a section, or a document, is cited."""
    title = " ".join(str(document["title"] or document["document_id"]).split())
    marked = title if title.startswith("《") else f"《{title}》"
    rest = [marked, document["document_number"], document["date"], "，".join(path[-2:])]
    said = "，".join(str(one) for one in rest if one)
    return f"{document['issuer']}：{said}" if document["issuer"] else said
