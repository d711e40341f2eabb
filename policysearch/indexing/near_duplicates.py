"""Detection of documents that share nearly all of their sentences, such as a report as DOCX and as text.

Of two documents that share 95 % of the sentences of the longer one, each has
a shared sentence among any twentieth of its own and one more, in any global order of sentences (the prefix filter of
Chaudhuri, Ganti and Kaushik, "A primitive operator for similarity joins in data cleaning", 2006). So the longest
twentieth of each document's sentences, which the index stores, shows which documents may be nearly equal. Documents of
up to 18 sentences share all of them or too few, so the index stores one hash of all of theirs: records of a collection
often share one sentence. Only documents that share a hash are read again, and compared by the twentieth that is rarest
among them, so that forms which differ in few sentences are not all compared with each other. The result is complete and
exact.
"""

from __future__ import annotations

import heapq
import re
import tempfile
from array import array
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, NamedTuple

from policysearch.engines.protocol import DocumentTexts, Engine
from policysearch.engines.tree import OfDocuments
from policysearch.files.numbers import numbers_of
from policysearch.indexing.duplicates import is_record
from policysearch.indexing.record_columns import SENTENCE_BYTES
from policysearch.indexing.source_records import SourceRecord
from policysearch.sources.hash_set import repeated
from policysearch.text.folding import reduce, reduce_folded

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Hashes = NDArray[np.uint64]

__all__ = [
    "NearDuplicate",
    "compare_again",
    "longest_sentences",
    "may_be_near",
    "near_duplicates_among",
    "shared_hashes",
]

_ENDS = re.compile("[。!?;]+")  # folded
_HASH_BYTES = 8
_DIGITS = 2 * SENTENCE_BYTES  # of a hash in hexadecimal
_FEW = 18  # sentences; 95 % of 19 are 19, and of 20 are 19
_BUCKETS = 1 << 22  # number of buckets in which sentences are counted: rarity need not be exact


class NearDuplicate(NamedTuple):
    """A document that shares at least 95 % of its sentences with one whose text is not equal.

    Attributes:
        document_id: Its id.
        near_duplicate_of: Id of the first document, in order of ids, with which it shares so many.
        shared: Number of different sentences that both contain.
        sentences: Number of different sentences of the one with more.
    """

    document_id: str
    near_duplicate_of: str
    shared: int
    sentences: int


def longest_sentences(texts: Iterable[str]) -> str:
    """Return hashes of the longest twentieth of a document's sentences, in hexadecimal, given its reduced sections.

    For up to 18 sentences it is one hash of all, see above.
    """
    sentences = _sentences(texts)
    if len(sentences) <= _FEW:
        return _hash("\n".join(sorted(sentences)))[:SENTENCE_BYTES].hex() if sentences else ""
    longest = heapq.nlargest(_kept(len(sentences)), sentences, key=lambda sentence: (len(sentence), sentence))
    return "".join(_hash(sentence)[:SENTENCE_BYTES].hex() for sentence in longest)


def shared_hashes(records: Mapping[str, SourceRecord], duplicates: Container[str]) -> list[tuple[str, int]]:
    """Return the ids of documents that may be nearly equal to another one, each with each hash that they share.

    Args:
        records: All sources by their ids.
        duplicates: The documents that repeat the text of another one, which are excluded.
    """
    every = array("Q")
    for _, numbers in _hashed(records):
        every.extend(iter(numbers))
    shared = repeated(every)  # some of them by duplicates only
    found = [
        (name, one)
        for names, numbers in (_hashed(records) if shared else ())
        for name, one in zip(names, numbers, strict=True)
        if one in shared and name not in duplicates
    ]
    shared = repeated(array("Q", [one for _, one in found]))
    return [(name, one) for name, one in found if one in shared]


def may_be_near(records: Mapping[str, SourceRecord], duplicates: Container[str]) -> frozenset[str]:
    """Return the ids of the documents of ``shared_hashes``."""
    return frozenset(name for name, _ in shared_hashes(records, duplicates))


def _hashed(records: Mapping[str, SourceRecord]) -> Iterator[tuple[Sequence[str], Sequence[int]]]:
    """Yield hashes of the longest sentences of documents, each once for a document, and the document's id for each."""
    for record in records.values():
        for block in record.documents.blocks():
            yield block.sentence_numbers()
    rest = [(one.document_id, one.longest_sentences) for record in records.values() for one in record.documents.rest]
    short = [one for one in rest if len(one[1]) == _DIGITS]  # converted together, in a third of the time
    yield [name for name, _ in short], _numbers("".join([hashes for _, hashes in short]))
    several = [(name, set(_numbers(hashes))) for name, hashes in rest if len(hashes) > _DIGITS]
    yield [name for name, own in several for _ in own], [one for _, own in several for one in own]


def _numbers(hashes: str) -> array[int]:
    return numbers_of("I", bytes.fromhex(hashes))


def compare_again(
    shared: Sequence[tuple[str, int]], changed: Container[str], known: Iterable[NearDuplicate]
) -> tuple[frozenset[str], list[NearDuplicate]]:
    """Return the ids of the documents to compare, and the known near-duplicates that remain without that.

    Two documents can only be nearly equal if a hash, or a chain of documents that share hashes, connects them. So those
    that are connected to a changed document are compared again, and those that were nearly equal to one that is gone.

    Args:
        shared: The result of ``shared_hashes``.
        changed: Ids of new and changed documents, and of those that were duplicates before or are now.
        known: The near-duplicates before.
    """
    of_hash: dict[int, list[str]] = {}
    of_name: dict[str, list[int]] = {}
    for name, one in shared:
        of_hash.setdefault(one, []).append(name)
        of_name.setdefault(name, []).append(one)
    as_before = {name for name in of_name if name not in changed}
    partner = {one.document_id: one for one in known if one.document_id in as_before}
    waiting = [name for name in of_name if name not in as_before]
    waiting += [name for name, one in partner.items() if one.near_duplicate_of not in as_before]
    reached = set(waiting)
    while waiting:
        for one in of_name[waiting.pop()]:
            new = set(of_hash.pop(one, ())) - reached
            reached |= new
            waiting += new
    return frozenset(reached), [one for name, one in partner.items() if name not in reached]


def near_duplicates_among(engine: Engine, document_ids: frozenset[str]) -> tuple[NearDuplicate, ...]:
    """Compare documents of an index and return those that are nearly equal to an earlier one, in order of their ids.

    Records of collections are compared only with documents of the same title.
    Sentences are stored in a temporary file, eight bytes each; memory is needed for those of the rarest twentieth that
    occur in several documents.
    """
    if not document_ids:
        return ()
    import numpy as np

    documents: list[tuple[str, tuple[str | None, ...]]] = []
    ends = [0]
    counts = np.zeros(_BUCKETS, np.uint32)
    with tempfile.TemporaryFile() as file:
        for texts in engine.texts(OfDocuments(document_ids)):
            hashes = np.frombuffer(b"".join(map(_hash, _sentences(texts.reduced))), np.uint64)
            counts[hashes % _BUCKETS] += 1  # a bucket counts once per document
            np.sort(hashes).tofile(file)
            ends.append(ends[-1] + len(hashes))
            documents.append((texts.document["document_id"], _compared_with(texts)))
        file.flush()
        if not ends[-1]:
            return ()
        every = np.asarray(np.memmap(file, np.uint64, "r"))
        return tuple(_compared(documents, every, ends, counts))


def _compared(
    documents: Sequence[tuple[str, tuple[str | None, ...]]], every: Hashes, ends: Sequence[int], counts: Any
) -> Iterator[NearDuplicate]:
    """Yield the near-duplicates among documents, given their ids, their comparison keys, and ascending hashes."""
    import numpy as np

    places: dict[tuple[str | None, int], list[int]] = {}  # the documents of each rare sentence, ascending
    for at, (name, kinds) in enumerate(documents):
        own = every[ends[at] : ends[at + 1]]
        count = counts[own % _BUCKETS]
        rare = np.lexsort((own, count))[: _kept(len(own))]
        rarest = own[rare[count[rare] > 1]].tolist()  # the others occur in one document only
        lists = [places.setdefault((kind, one), []) for kind in kinds for one in rarest]
        before = -1
        for other in heapq.merge(*lists):
            if other == before:
                continue
            before = other
            theirs = every[ends[other] : ends[other + 1]]
            longer = max(len(own), len(theirs))
            if _required(longer) > min(len(own), len(theirs)):
                continue
            shared = len(np.intersect1d(own, theirs, assume_unique=True))
            if shared >= _required(longer):
                yield NearDuplicate(name, documents[other][0], shared, longer)
                break
        for one in lists:
            one.append(at)


def _compared_with(texts: DocumentTexts) -> tuple[str | None, ...]:
    """Return the comparison keys, of which two documents must share one: None except for records, or the title."""
    document: Mapping[str, Any] = texts.document
    title = reduce(document["title"] or "")
    return (title,) if is_record(document["document_id"], document["source"]) else (None, title)


def _sentences(texts: Iterable[str]) -> set[str]:
    """Return a document's different sentences, given its reduced sections; line breaks and borders do not end one.

    Only some formats mark borders.
    """
    return {sentence for sentence in _ENDS.split("".join(map(reduce_folded, texts))) if sentence}


def _required(sentences: int) -> int:
    """Return 95 % of a number of sentences, rounded up."""
    return -(-19 * sentences // 20)


def _kept(sentences: int) -> int:
    """Return the number of sentences of which one must be shared if 95 % are."""
    return sentences - _required(sentences) + 1 if sentences else 0


def _hash(sentence: str) -> bytes:
    return blake2b(sentence.encode("utf-8", "surrogatepass"), digest_size=_HASH_BYTES).digest()
