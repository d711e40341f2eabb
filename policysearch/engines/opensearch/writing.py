"""Entries to a generation that is being built, from any process."""

from __future__ import annotations

import random
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

from policysearch.engines.opensearch.address import Address
from policysearch.engines.opensearch.connection import Cluster, TooLargeError, dumps
from policysearch.engines.opensearch.encoding import all_grams, grams, key, token, tokens
from policysearch.engines.opensearch.mapping import FILTERS, KINDS, Names, document_key, section_key
from policysearch.entries import DocumentEntry, SectionEntry
from policysearch.errors import PolicySearchError
from policysearch.folding import reduce
from policysearch.tree import when

__all__ = ["OpenSearchSink", "Receipt", "digest_of", "write_all"]

_BYTES = 4_000_000  # of one bulk request
_LINES = 2_000
_PATIENCE = 180.0  # seconds in which a cluster that has too much to do, or lost a node, may take an entry
_LONGEST_KEY = 8_000  # characters; Lucene ends at 32,766 bytes


@dataclass(slots=True)
class Receipt:
    """What one task wrote.

    Attributes:
        task: Which one.
        documents: How many sections each of its documents has.
    """

    task: str
    documents: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OpenSearchSink:
    """Writes the documents of one task.

    Attributes:
        address: Where the index is.
        names: The generation.
        task: Which task; no other of any build has the same.
    """

    address: Address
    names: Names
    task: str

    def write(self, entries: Iterable[DocumentEntry]) -> Receipt:
        """Write the documents as they come; all that a receipt names was taken by the cluster."""
        receipt = Receipt(self.task)
        cluster = Cluster(self.address)

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
    """Yield the bulk operations that store a document: two lines each."""
    metadata = {name: _plain(value) for name, value in entry.fields.items()}
    filters = _filters(entry)
    title = " ".join(all_grams(reduce(entry.fields["title"] or "")))
    sections, documents = map(names.alias, KINDS)
    digests = blake2b(digest_size=16)
    of_metadata = digest_of(metadata)
    words: list[str] = []
    bigrams: list[str] = []
    lengths = [0, 0]
    for ordinal, section in enumerate(entry.sections, 1):
        kept = _section(section, ordinal, len(entry.sections))
        digests.update(digest_of(kept))
        digests.update(of_metadata)
        own_words, own_grams = tokens(section.words), " ".join(own := grams(section.compared.text))
        lengths[0] += len(section.words)
        lengths[1] += len(own)
        words.append(own_words)
        bigrams.append(own_grams)
        body = {
            **filters,
            "ordinal": ordinal,
            "words": own_words,
            "grams": own_grams,
            "text": " ".join(all_grams(section.compared.text)),
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
        "words_length": lengths[0],
        "grams_length": lengths[1],
        "written": task,
        "metadata": metadata,
        "account": {"sections": len(entry.sections), "digest": digests.hexdigest()},
    }
    yield _index(documents, document_key(entry.document_id), body)


def _index(index: str, name: str, body: Mapping[str, Any]) -> str:
    # a field without a token must not count among those that have the field
    head = {"index": {"_index": index, "_id": name, "require_alias": True}}
    return f"{dumps(head)}\n{dumps({k: v for k, v in body.items() if v not in ('', None)})}\n"


def _filters(entry: DocumentEntry) -> dict[str, Any]:
    """Return the fields of a document that are asked for and sorted by."""
    if len(entry.document_id) > _LONGEST_KEY:
        raise PolicySearchError(
            f"The id '{entry.document_id[:80]}…' has {len(entry.document_id)} characters; OpenSearch takes "
            f"{_LONGEST_KEY}. Give this document a shorter one."
        )
    day = when(entry.fields)
    return {
        "document_id": key(entry.document_id),
        **{name: keyword(entry.fields[name]) for name in FILTERS},
        "year": entry.fields["year"],
        "when": day,
        # falling order has 2023 before 2023-05, as rising order has
        "latest": None if day is None else day + "~",
    }


def keyword(text: str | None) -> str | None:
    """Return a value as it is kept; of one that no filter means, so much as is needed to tell it from others."""
    if text is None or len(text) <= _LONGEST_KEY:
        return None if text is None else key(text)
    return key(text[:_LONGEST_KEY]) + token(text)


def _section(section: SectionEntry, ordinal: int, last: int) -> dict[str, Any]:
    """Return what is kept of a section to be shown."""
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
    """Return a value fit for JSON that any program reads."""
    if isinstance(value, str):
        return key(value)
    return [_plain(one) for one in value] if isinstance(value, (list, tuple)) else value


def digest_of(kept: Mapping[str, Any]) -> bytes:
    """Return a fingerprint of what is kept of a section or a document."""
    text = dumps(dict(sorted(kept.items())))
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()


# bulk requests


def write_all(cluster: Cluster, operations: Iterable[str]) -> int:
    """Have the cluster do operations, some at a time, and return how many it did.

    The next request waits for the answer to the one before. Raises
    ``PolicySearchError`` when an operation cannot be done.
    """
    done = size = 0
    waiting: list[str] = []
    for one in operations:
        if waiting and (size + len(one) * 3 > _BYTES or len(waiting) >= _LINES):
            done += _write(cluster, waiting)
            waiting, size = [], 0
        waiting.append(one)
        size += len(one) * 3  # bytes of Han characters
    return done + (_write(cluster, waiting) if waiting else 0)


def _write(cluster: Cluster, operations: Sequence[str]) -> int:
    """Do all operations; those that are rejected for now are sent again."""
    waiting = list(operations)
    end = time.monotonic() + _PATIENCE
    pause = 0.2
    while waiting:
        waiting, why = _send(cluster, waiting)
        if waiting:
            if time.monotonic() + pause > end:
                raise PolicySearchError(
                    f"OpenSearch did not take {len(waiting)} entries in {_PATIENCE:g} seconds: {why}. See to the "
                    "cluster, then run it again. What was published is as it was."
                )
            time.sleep(pause * random.uniform(0.8, 1.2))
            pause = min(pause * 2, 10.0)
    return len(operations)


def _send(cluster: Cluster, operations: list[str]) -> tuple[list[str], str]:
    """Send operations once, and return those to be sent again, and why."""
    try:
        answer = cluster.request("POST", "/_bulk", "".join(operations), patience=_PATIENCE, seconds=300.0)
    except TooLargeError:
        if len(operations) > 1:
            half = len(operations) // 2
            first, why = _send(cluster, operations[:half])
            second, other = _send(cluster, operations[half:])
            return first + second, why or other
        raise PolicySearchError(
            f"A document is too large for this cluster ({len(operations[0].encode()) >> 20} MB with its tokens). "
            "Raise http.max_content_length there, or take the document out."
        ) from None
    again = []
    why = ""
    for operation, outcome in zip(operations, answer["items"], strict=True):
        ((action, item),) = outcome.items()
        status = item["status"]
        if status in (429, 502, 503, 504):
            again.append(operation)
            why = _said(item)
        elif not (status in (200, 201) or (action == "delete" and status == 404)):
            raise PolicySearchError(
                f"OpenSearch does not take '{item.get('_id')}' into '{item.get('_index')}': {_said(item)}. "
                "What was published is as it was."
            )
    return again, why


def _said(item: Mapping[str, Any]) -> str:
    error = item.get("error", {})
    if not isinstance(error, Mapping):
        return str(error)
    return f"{error.get('reason')} {(error.get('caused_by') or {}).get('reason', '')}".strip()
