"""Passages that documents share: parts of one that occur word for word in others."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from policysearch.engines.protocol import Engine, Stored
from policysearch.engines.tree import And, Node, Not, OfDocuments
from policysearch.errors import InputError
from policysearch.frozen import asdict, frozen
from policysearch.query.filters import id_matches
from policysearch.text.folding import BORDER

__all__ = ["COLUMNS", "LEAST", "Passage", "Reuse", "shared_passages"]

LEAST = 15
"""Minimum length of a passage, in folded characters without white space."""

_FEW = 3  # minimum number of different characters: dots and lines occur everywhere
_STEP = 8  # any passage of at least 15 characters contains a string of eight at a multiple of eight


@frozen
class Passage:
    """A passage of a document that occurs in others too.

    Attributes:
        section_id: The section that contains it.
        text: As written there.
        start: Its offset in the section's text, in characters.
        end: Its end.
        characters: Number of its folded characters, without white space.
        documents: Number of other documents that contain it.
        document_ids: Their ids, in order.
    """

    section_id: str
    text: str
    start: int
    end: int
    characters: int
    documents: int
    document_ids: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as plain values for JSON."""
        return {**asdict(self), "document_ids": list(self.document_ids)}


COLUMNS = Passage.__match_args__


class Reuse(tuple[Passage, ...]):
    """The passages of documents that others share, in order of section ids and places; longer ones first."""

    __slots__ = ()

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return {"passages": [one.to_dict() for one in self]}

    def to_frame(self) -> Any:
        """Return the passages as a pandas ``DataFrame``. Raises ``ImportError`` when pandas is not installed."""
        import pandas

        return pandas.DataFrame([one.to_dict() for one in self], columns=list(COLUMNS))


def shared_passages(
    engine: Engine, of: Sequence[str], node: Node, among: Sequence[str] = (), least: int = LEAST
) -> Reuse:
    """Return the passages of some documents that occur word for word in sections of others that ``node`` selects.

    A passage is within one section and one block of both documents, and maximal. Copies of a document are ignored, and
    so are passages of three different characters or fewer (dots, lines).

    Args:
        engine: The open index.
        of: Patterns of the ids of the documents whose passages are searched for; several count as one text.
        node: Selects the sections of the others.
        among: Patterns of the ids of the others; all others without any.
        least: Minimum length of a passage, in folded characters.

    Raises ``InputError`` if no document has such an id, or ``least`` is below 15.
    """
    if least < LEAST:
        raise InputError(f"A passage has at least {LEAST} characters, not {least}.")
    ids = _matching(engine, of)
    own = [section for name in ids for section in engine.stored(engine.find_document(name))]
    left_out = {*ids, *(engine.duplicates.get(name, name) for name in ids)}
    left_out |= {copy for copy, first in engine.duplicates.items() if first in left_out}
    texts = [section.reduced for section in own]
    places: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for number, text in enumerate(texts):
        for at in range(len(text) - _STEP + 1):
            gram = text[at : at + _STEP]
            if BORDER not in gram and len(set(gram)) > _FEW:
                places[gram].append((number, at))
    spans: dict[int, dict[tuple[int, int], set[str]]] = defaultdict(lambda: defaultdict(set))
    for other in engine.texts(And((node, Not(OfDocuments(frozenset(left_out)))))):
        name = other.document["document_id"]
        if id_matches(name, among):
            for theirs in other.reduced:
                for number, start, end in _spans(texts, theirs, places, least):
                    spans[number][start, end].add(name)
    return Reuse(passage for number in sorted(spans) for passage in _passages(own[number], spans[number]))


def _matching(engine: Engine, patterns: Sequence[str]) -> list[str]:
    exact = [one for one in patterns if engine.find_document(one)]
    wild = [one for one in patterns if one not in exact]
    found = list(exact)
    if wild:
        found += [one for one in engine.values("document_id") if id_matches(one, wild)]
    if not found:
        raise InputError(f"There is no document '{', '.join(patterns)}'. List the documents with: policysearch list")
    return sorted(dict.fromkeys(found))


def _spans(
    texts: Sequence[str], theirs: str, places: dict[str, list[tuple[int, int]]], least: int
) -> Iterator[tuple[int, int, int]]:
    """Yield the longest spans of some texts that occur in another one, each with the number of its text."""
    seen: dict[tuple[int, int], int] = {}  # the end in the other text of the last span on each diagonal
    for at in range(0, len(theirs) - _STEP + 1, _STEP):
        for number, start in places.get(theirs[at : at + _STEP], ()):
            diagonal = (number, start - at)
            if seen.get(diagonal, -1) > at:
                continue
            text = texts[number]
            low, high = 0, _STEP
            while start > low and at > low and text[start - low - 1] == theirs[at - low - 1] != BORDER:
                low += 1
            while (
                start + high < len(text)
                and at + high < len(theirs)
                and text[start + high] == theirs[at + high] != BORDER
            ):
                high += 1
            seen[diagonal] = at + high
            if low + high >= least:
                yield number, start - low, start + high


def _passages(section: Stored, spans: dict[tuple[int, int], set[str]]) -> Iterator[Passage]:
    ordered = sorted(spans, key=lambda span: (span[0], -span[1]))
    holders = {
        (start, end): frozenset().union(
            *(holding for (low, high), holding in spans.items() if low <= start and end <= high)
        )
        for start, end in ordered
    }
    for start, end in ordered:
        names = holders[start, end]
        longer = ((low, high) for low, high in ordered if low <= start and end <= high and high - low > end - start)
        if any(holders[one] == names for one in longer):
            continue  # a longer passage occurs in as many
        ((first, last),) = section.shown.way_back.spans([(start, end)])
        text = section.text[first:last]
        yield Passage(section.section_id, text, first, last, end - start, len(names), tuple(sorted(names)))
