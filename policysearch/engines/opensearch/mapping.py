"""The indices of a generation on the cluster, and the mappings of their fields.

Generation N of an index ``name`` consists of ``name-gN-sections``,
``name-gN-documents`` and ``name-gN-meta``. The alias ``name`` points to the
sections of the published generation, and so identifies all three.

During a build, sections and documents are written to two drafts, and its
checkpoints to a third, the notes. A build writes only through aliases that
carry its own token: without them it can no longer write. The generation is
cloned from the drafts, because an index retains deleted entries, and the
sources it was filled from, until half a minute after the last write; its clone
can expunge both at once.
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

FORMAT = 9
KINDS = ("sections", "documents")
DRAFTS = (*KINDS, "notes")

FILTERS = tuple(name for name in FILTER_COLUMNS if name != "year")
"""Fields of documents that are stored unchanged, for filters."""

_NUMBERED = re.compile(r"-g([0-9]+)-(?:(?:draft-)?(?:sections|documents)|draft-notes|meta)$")


@frozen
class Names:
    """The names of the indices of one generation.

    Attributes:
        name: The index's name.
        number: The generation's number, from 1.
        token: The token of the build that writes it.
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
        """The index of documents: their metadata, and the fields for scoring complete texts."""
        return f"{self.name}-g{self.number}-documents"

    @property
    def meta(self) -> str:
        """The index of the generation's own metadata."""
        return f"{self.name}-g{self.number}-meta"

    @property
    def all(self) -> tuple[str, str, str]:
        """All three."""
        return self.sections, self.documents, self.meta

    def draft(self, kind: str) -> str:
        """Return the draft of the index of ``sections`` or ``documents``, or the index of the ``notes``."""
        return f"{self.name}-g{self.number}-draft-{kind}"

    @property
    def drafts(self) -> tuple[str, ...]:
        """All three drafts."""
        return tuple(map(self.draft, DRAFTS))

    def mark(self, index: str) -> str:
        """Return the alias that marks an index as written by this build and no other."""
        return f"{index}-{self.token}"

    def alias(self, kind: str) -> str:
        """Return the alias through which a draft is written."""
        return self.mark(self.draft(kind))

    @staticmethod
    def number_of(name: str, index: str) -> int | None:
        """Return the number of the generation of ``name`` that an index is part of, None for any other index."""
        found = _NUMBERED.search(index)
        return int(found[1]) if found and index[: found.start()] == name else None


def document_key(document_id: str) -> str:
    """Return the ``_id`` of a document; OpenSearch limits it to 512 bytes."""
    digest = blake2b(document_id.encode("utf-8", "surrogatepass"), digest_size=16).digest()
    return urlsafe_b64encode(digest).decode().rstrip("=")


def section_key(document_id: str, ordinal: int) -> str:
    """Return the ``_id`` of a section."""
    return f"{document_key(document_id)}-{ordinal}"


_KEYWORD = {"type": "keyword", "doc_values": False}
_SORTED = {"type": "keyword"}
_NUMBER = {"type": "integer"}
_FIGURE = {"type": "long", "index": False}
_UNSEEN = {"type": "object", "enabled": False}
# for scores: frequencies and field length
_SCORED = {"type": "text", "analyzer": "whitespace", "index_options": "freqs"}
# for phrases: positions
_PLACED = {"type": "text", "analyzer": "whitespace", "index_options": "positions", "norms": False}
# for scores of groups as typed: their number of places, by a query; single characters have a field of their own
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
    "han_characters": _FIGURE,
    "heading": _PLACED,
    "title": _PLACED,
    "part": _KEYWORD,
    **dict.fromkeys(FILTERS, _KEYWORD),
    "year": _NUMBER,
    "when": _SORTED,
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
    "written": _KEYWORD,
    "metadata": _UNSEEN,
    "account": _UNSEEN,
}


def mappings(kind: str) -> dict[str, Any]:
    """Return the fields of the ``sections``, ``documents`` or ``meta`` of a generation, or of ``notes``."""
    if kind in ("meta", "notes"):
        return {"dynamic": False, "properties": {"number": _NUMBER} if kind == "notes" else {}}
    fields, kept = (_SECTIONS, ["section"]) if kind == "sections" else (_DOCUMENTS, ["account"])
    # tokens are not needed once they are indexed
    return {"dynamic": "strict", "_source": {"includes": ["metadata", *kept]}, "properties": fields}


_FREQUENCY = "return query.boost * doc.freq;"


def settings(shards: int) -> dict[str, Any]:
    """Return the settings of an index; ``shards`` is fixed, the number of replicas follows the number of nodes."""
    similarity = {"type": "BM25", "k1": K1, "b": B}
    return {
        "number_of_shards": shards,
        "auto_expand_replicas": "0-1",
        # LZ4: a tenth more disk than best_compression, and stored fields are read four times as fast
        "codec": "default",
        "similarity": {"default": similarity, "frequency": {"type": "scripted", "script": {"source": _FREQUENCY}}},
        # nobody reads a generation before it is published
        "refresh_interval": "-1",
        # statistics count live sections only: all deleted entries can be expunged
        "merge.policy.expunge_deletes_allowed": 0,
    }
