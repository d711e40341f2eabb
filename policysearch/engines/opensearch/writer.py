"""Writing of entries to a generation being built, from any process."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

from policysearch.engines.entries import DocumentEntry, SectionEntry
from policysearch.engines.opensearch.address import Address
from policysearch.engines.opensearch.bulk import write_all
from policysearch.engines.opensearch.cluster import Cluster, dumps
from policysearch.engines.opensearch.encoding import (
    LONGEST_KEY,
    all_grams,
    characters,
    digest_of,
    grams,
    han_characters,
    key,
    keyword,
    tokens,
)
from policysearch.engines.opensearch.mapping import FILTERS, KINDS, Names, document_key, section_key
from policysearch.engines.scoring import LENGTHS, encode_length
from policysearch.engines.tree import when
from policysearch.errors import PolicySearchError
from policysearch.frozen import frozen
from policysearch.text.folding import reduce

__all__ = ["OpenSearchSink", "Receipt"]


@dataclass(slots=True)
class Receipt:
    """The receipt of one finished task.

    Attributes:
        task: The task's id.
        documents: The number of sections of each document that it wrote.
    """

    task: str
    documents: dict[str, int] = field(default_factory=dict)


@frozen
class OpenSearchSink:
    """Writes the documents of one task.

    Attributes:
        address: The address of the index.
        names: The indices of the generation.
        task: The task's id, unique among all builds.
    """

    address: Address
    names: Names
    task: str

    def write(self, entries: Iterable[DocumentEntry]) -> Receipt:
        """Write the documents as they arrive; the cluster has accepted everything that the receipt names."""
        receipt = Receipt(self.task)
        cluster = Cluster(self.address, answered=True)

        def operations() -> Iterator[str]:
            for entry in entries:
                receipt.documents[entry.document_id] = len(entry.sections)
                yield from _operations(entry, self.names, self.task)

        try:
            write_all(cluster, operations())
        finally:
            cluster.close()
        return receipt


def _operations(entry: DocumentEntry, names: Names, task: str) -> Iterator[str]:
    """Yield the bulk operations that store a document, of two lines each."""
    metadata = {name: _plain(value) for name, value in entry.fields.items()}
    filters = _filters(entry)
    title = " ".join(all_grams(reduce(entry.fields["title"] or "")))
    sections, documents = map(names.alias, KINDS)
    digests = blake2b(digest_size=16)
    of_metadata = digest_of(metadata)
    words: list[str] = []
    bigrams: list[str] = []
    places: list[str] = []
    single: list[str] = []
    lengths = [0, 0]
    for ordinal, section in enumerate(entry.sections, 1):
        kept = _section(section, ordinal, len(entry.sections))
        digests.update(digest_of(kept))
        digests.update(of_metadata)
        own_words, own_grams = tokens(section.words), " ".join(own := grams(section.compared.text))
        lengths[0] += len(section.words)
        lengths[1] += len(own)
        places.append(own_places := " ".join(all_grams(section.compared.text)))
        single.append(own_characters := characters(section.compared.text))
        words.append(own_words)
        bigrams.append(own_grams)
        body = {
            **filters,
            "ordinal": ordinal,
            "words": own_words,
            "grams": own_grams,
            "text": own_places,
            "characters": own_characters,
            "rounded_length": LENGTHS[encode_length(len(section.words))],
            "han_characters": han_characters(section.compared.text),
            "heading": " ".join(all_grams(reduce(section.heading or ""))),
            "title": title,
            "part": section.part,
            "only_heading": section.only_heading,
            "written": task,
            "section": kept,
            "metadata": metadata,
        }
        yield _index(sections, section_key(entry.document_id, ordinal), body)
    digests.update(of_metadata)
    body = {
        **filters,
        "words": " ".join(filter(None, words)),
        "grams": " ".join(filter(None, bigrams)),
        # no match crosses from one section into the next: the last bigram of each includes the section's end
        "text": " ".join(filter(None, places)),
        "characters": " ".join(filter(None, single)),
        "rounded_length": LENGTHS[encode_length(lengths[0])],
        "words_length": lengths[0],
        "grams_length": lengths[1],
        "written": task,
        "metadata": metadata,
        "account": {"sections": len(entry.sections), "digest": digests.hexdigest()},
    }
    yield _index(documents, document_key(entry.document_id), body)


def _index(index: str, name: str, body: Mapping[str, Any]) -> str:
    # an empty field must not count in the number of entries that have the field
    head = {"index": {"_index": index, "_id": name, "require_alias": True}}
    return f"{dumps(head)}\n{dumps({k: v for k, v in body.items() if v not in ('', None)})}\n"


def _filters(entry: DocumentEntry) -> dict[str, Any]:
    """Return the fields of a document for filters and sorting."""
    if len(entry.document_id) > LONGEST_KEY:
        raise PolicySearchError(
            f"The id '{entry.document_id[:80]}…' has {len(entry.document_id)} characters; OpenSearch allows "
            f"{LONGEST_KEY}. Give this document a shorter one."
        )
    return {
        "document_id": key(entry.document_id),
        **{name: keyword(entry.fields[name]) for name in FILTERS},
        "year": entry.fields["year"],
        "when": when(entry.fields),
    }


def _section(section: SectionEntry, ordinal: int, last: int) -> dict[str, Any]:
    """Return the stored fields of a section."""
    return {
        "ordinal": ordinal,
        "last": last,
        "number": _plain(section.number),
        "heading": _plain(section.heading),
        "level": section.level,
        "path": [_plain(one) for one in section.path],
        "part": section.part,
        "start": section.start,
        "page": section.page,
        "text": _plain(section.text),
    }


def _plain(value: Any) -> Any:
    """Return a value as plain JSON."""
    if isinstance(value, str):
        return key(value)
    return [_plain(one) for one in value] if isinstance(value, (list, tuple)) else value
