"""What a generation is on the cluster: three indices, and how their fields are kept.

Of an index ``name``, generation N is ``name-gN-sections``, ``name-gN-documents``
and ``name-gN-meta``. The alias ``name`` leads to the sections of the published
one, and so names all three. While a generation is built, two more aliases lead
to it that carry a token of the build: all writing goes through them, and so
ends when they do.
"""

from __future__ import annotations

import re
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from hashlib import blake2b
from typing import Any

from policysearch.values import value

__all__ = ["FILTERS", "FORMAT", "Names", "document_key", "mappings", "section_key", "settings"]

FORMAT = 1

FILTERS = ("type", "issuer", "document_number", "region", "city", "province", "level", "status")
"""Fields of documents that are kept as they are, to be asked for."""

_NUMBERED = re.compile(r"-g([0-9]+)-(?:sections|documents|meta)$")


@value
class Names:
    """The indices of one generation.

    Attributes:
        name: The index's name.
        number: Of the generation, from 1.
        token: Of the build that writes it.
    """

    name: str
    number: int
    token: str = ""

    @property
    def sections(self) -> str:
        """The index of sections."""
        return f"{self.name}-g{self.number}-sections"

    @property
    def documents(self) -> str:
        """The index of documents: their metadata, and what they score as whole texts."""
        return f"{self.name}-g{self.number}-documents"

    @property
    def meta(self) -> str:
        """The index of what the generation is made of."""
        return f"{self.name}-g{self.number}-meta"

    @property
    def all(self) -> tuple[str, str, str]:
        """All three."""
        return self.sections, self.documents, self.meta

    def while_written(self, index: str) -> str:
        """Return the alias through which an index is written."""
        return f"{index}-{self.token}"

    @staticmethod
    def number_of(name: str, index: str) -> int | None:
        """Return which generation of ``name`` an index is part of, None for something else."""
        found = _NUMBERED.search(index)
        return int(found[1]) if found and index[: found.start()] == name else None


def document_key(document_id: str) -> str:
    """Return what a document is stored under: ids of OpenSearch end at 512 bytes."""
    digest = blake2b(document_id.encode("utf-8", "surrogatepass"), digest_size=16).digest()
    return urlsafe_b64encode(digest).decode().rstrip("=")


def section_key(document_id: str, ordinal: int) -> str:
    """Return what a section is stored under."""
    return f"{document_key(document_id)}-{ordinal}"


_KEYWORD = {"type": "keyword", "doc_values": False}
_SORTED = {"type": "keyword"}
_NUMBER = {"type": "integer"}
_UNSEEN = {"type": "object", "enabled": False}
# what scores: how often, and how long the field is
_SCORED = {"type": "text", "analyzer": "whitespace", "index_options": "freqs"}
# what phrases are found by: where
_PLACED = {"type": "text", "analyzer": "whitespace", "index_options": "positions", "norms": False}

_SECTIONS: dict[str, Any] = {
    "document_id": _SORTED,
    "ordinal": {"type": "integer", "index": False},
    "words": _SCORED,
    "grams": _SCORED,
    "text": _PLACED,
    "heading": _PLACED,
    "title": _PLACED,
    "part": _KEYWORD,
    **dict.fromkeys(FILTERS, _KEYWORD),
    "year": _NUMBER,
    "when": _SORTED,
    "latest": {"type": "keyword", "index": False},
    "only_heading": {"type": "boolean", "doc_values": False},
    "written": _KEYWORD,
    "section": _UNSEEN,
    "metadata": _UNSEEN,
}

_DOCUMENTS: dict[str, Any] = {
    "document_id": _SORTED,
    "words": _SCORED,
    "grams": _SCORED,
    "words_length": {"type": "long", "index": False},
    "grams_length": {"type": "long", "index": False},
    **dict.fromkeys(FILTERS, _SORTED),
    "year": _NUMBER,
    "when": _SORTED,
    "latest": {"type": "keyword", "index": False},
    "written": _KEYWORD,
    "metadata": _UNSEEN,
    "account": _UNSEEN,
}


def mappings(kind: str) -> dict[str, Any]:
    """Return the fields of the ``sections``, ``documents`` or ``meta`` of a generation."""
    if kind == "meta":
        return {"dynamic": False}
    fields, kept = (_SECTIONS, ["section"]) if kind == "sections" else (_DOCUMENTS, ["account"])
    # tokens are of no use once they are in the index
    return {"dynamic": "strict", "_source": {"includes": ["metadata", *kept]}, "properties": fields}


def settings(shards: int) -> dict[str, Any]:
    """Return how an index is kept; ``shards`` is for good, copies follow the number of nodes."""
    similarity = {"type": "BM25", "k1": 1.2, "b": 0.75}
    return {
        "number_of_shards": shards,
        "auto_expand_replicas": "0-1",
        "codec": "best_compression",
        "similarity": {"default": similarity},
        # nobody reads a generation before it is published
        "refresh_interval": "-1",
        # statistics count live sections only: what is deleted can be expunged, all of it and at once
        "merge.policy.expunge_deletes_allowed": 0,
        "soft_deletes.retention_lease.period": "0s",
    }


def whole(created: Mapping[str, Any]) -> bool:
    """Tell whether an index that was made is ready."""
    return bool(created.get("acknowledged") and created.get("shards_acknowledged", True))
