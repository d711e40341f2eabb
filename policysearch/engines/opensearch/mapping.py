"""What a generation is on the cluster: three indices, and how their fields are kept.

Of an index ``name``, generation N is ``name-gN-sections``, ``name-gN-documents``
and ``name-gN-meta``. The alias ``name`` leads to the sections of the published
one, and so names all three.

While it is built, sections and documents are written to two drafts, and what
was done so far to a third, the notes. Whatever a build writes goes through
aliases that carry its own token: what writes ends when they do. The generation
is made of the drafts by cloning, because an index keeps what was deleted from
it, and the sources it was filled from, until half a minute after the last
write; its clone can be rid of both at once.
"""

from __future__ import annotations

import re
from base64 import urlsafe_b64encode
from hashlib import blake2b
from typing import Any

from policysearch.engines.scoring import K1, B
from policysearch.frozen import frozen
from policysearch.vocabulary import FILTER_COLUMNS

__all__ = ["DRAFTS", "FILTERS", "FORMAT", "KINDS", "Names", "document_key", "mappings", "section_key", "settings"]

FORMAT = 3
KINDS = ("sections", "documents")
DRAFTS = (*KINDS, "notes")

FILTERS = tuple(name for name in FILTER_COLUMNS if name != "year")
"""Fields of documents that are kept as they are, to be asked for."""

_NUMBERED = re.compile(r"-g([0-9]+)-(?:(?:draft-)?(?:sections|documents)|draft-notes|meta)$")


@frozen
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

    def draft(self, kind: str) -> str:
        """Return what the index of ``sections`` or ``documents`` is made of, or where the ``notes`` are."""
        return f"{self.name}-g{self.number}-draft-{kind}"

    @property
    def drafts(self) -> tuple[str, ...]:
        """All of these."""
        return tuple(map(self.draft, DRAFTS))

    def mark(self, index: str) -> str:
        """Return the alias that says of an index that this build, and no other, writes it."""
        return f"{index}-{self.token}"

    def alias(self, kind: str) -> str:
        """Return the one through which a draft is written."""
        return self.mark(self.draft(kind))

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
_FIGURE = {"type": "long", "index": False}
_UNSEEN = {"type": "object", "enabled": False}
# what scores: how often, and how long the field is
_SCORED = {"type": "text", "analyzer": "whitespace", "index_options": "freqs"}
# what phrases are found by: where
_PLACED = {"type": "text", "analyzer": "whitespace", "index_options": "positions", "norms": False}
# what groups as typed are scored by: at how many places, which a query scores; single characters are asked for apart
_COUNTED = {"similarity": "frequency", "type": "text", "analyzer": "whitespace", "norms": False}
_TEXT = {**_COUNTED, "index_options": "positions"}
_CHARACTERS = {**_COUNTED, "index_options": "freqs"}

_SECTIONS: dict[str, Any] = {
    "document_id": _SORTED,
    "ordinal": {"type": "integer", "index": False},
    "words": _SCORED,
    "grams": _SCORED,
    "text": _TEXT,
    "characters": _CHARACTERS,
    "rounded_length": _FIGURE,
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
    "text": _TEXT,
    "characters": _CHARACTERS,
    "rounded_length": _FIGURE,
    "words_length": _FIGURE,
    "grams_length": _FIGURE,
    **dict.fromkeys(FILTERS, _SORTED),
    "year": _NUMBER,
    "when": _SORTED,
    "latest": {"type": "keyword", "index": False},
    "written": _KEYWORD,
    "metadata": _UNSEEN,
    "account": _UNSEEN,
}


def mappings(kind: str) -> dict[str, Any]:
    """Return the fields of the ``sections``, ``documents`` or ``meta`` of a generation, or of ``notes``."""
    if kind in ("meta", "notes"):
        return {"dynamic": False, "properties": {"number": _NUMBER} if kind == "notes" else {}}
    fields, kept = (_SECTIONS, ["section"]) if kind == "sections" else (_DOCUMENTS, ["account"])
    # tokens are of no use once they are in the index
    return {"dynamic": "strict", "_source": {"includes": ["metadata", *kept]}, "properties": fields}


_FREQUENCY = "return query.boost * doc.freq;"


def settings(shards: int) -> dict[str, Any]:
    """Return how an index is kept; ``shards`` is for good, copies follow the number of nodes."""
    similarity = {"type": "BM25", "k1": K1, "b": B}
    return {
        "number_of_shards": shards,
        "auto_expand_replicas": "0-1",
        # LZ4: a tenth more disk than best_compression, and what is found is read four times as fast
        "codec": "default",
        "similarity": {"default": similarity, "frequency": {"type": "scripted", "script": {"source": _FREQUENCY}}},
        # nobody reads a generation before it is published
        "refresh_interval": "-1",
        # statistics count live sections only: what is deleted can be expunged, all of it
        "merge.policy.expunge_deletes_allowed": 0,
    }
