"""Detection of the documents of an index that are the draft itself, which is not evidence for its own claims."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from policysearch.engines.protocol import Engine, Request
from policysearch.engines.tree import And, Contains, Node
from policysearch.quoting.alignment import without_marks
from policysearch.quoting.claims import Quotation
from policysearch.text.folding import reduce

__all__ = ["documents_like"]

_MOST_TRIED = 24  # number of sentences of the draft that are searched for
_LEAST_SHARE = 0.6  # minimum share of these in a document that is the draft
_LEAST_SIZE = 10  # minimum length of a sentence that is searched for, in characters
_MOST_HITS = 200
_SENTENCE_END = re.compile(r"(?<=[。！？!?；;])|\n")


def documents_like(text: str, quotations: Sequence[Quotation], engine: Engine, node: Node) -> tuple[str, ...]:
    """Return the ids of documents that are a draft, or nearly: they contain most of its own sentences, and at most half
    of their text is different.

    Sentences from all over the draft are searched for. Quotations are searched for only within a sentence of the draft:
    a document is not the draft because both quote the same text.
    """
    sentences = _own_sentences(text, quotations)
    if not sentences:
        return ()
    step = max(1, len(sentences) // _MOST_TRIED)
    tried = sentences[::step][:_MOST_TRIED]
    having: Counter[str] = Counter()
    for sentence in tried:
        answer = engine.search(Request(And((node, Contains(sentence))), limit=_MOST_HITS, sort="document"))
        having.update({engine.name(hit.key)[0] for hit in answer.hits})
    size = len(reduce(text))
    found = []
    for document_id, many in having.items():
        if many >= _LEAST_SHARE * len(tried):
            sections = engine.stored(engine.find_document(document_id))
            whole = sum(len(section.reduced) for section in sections)
            if whole <= 2 * size and size <= 2 * whole:
                found.append(document_id)
    return tuple(sorted(found))


def _own_sentences(text: str, quotations: Sequence[Quotation]) -> list[str]:
    """Return the draft's sentences, reduced, except complete quotations."""
    inside = bytearray(len(text))
    for one in quotations:
        inside[one.start : one.end] = b"\1" * (one.end - one.start)
    out = []
    at = 0
    for piece in _SENTENCE_END.split(text):
        start = text.index(piece, at) if piece else at
        at = start + len(piece)
        quoted = sum(inside[start:at])
        sentence = reduce(piece)
        if len(sentence) >= _LEAST_SIZE and 2 * quoted <= len(piece) and len(without_marks(sentence)) >= _LEAST_SIZE:
            out.append(sentence)
    return out
