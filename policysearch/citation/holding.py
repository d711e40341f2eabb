"""Selection of the sections that contain a reference, in any spelling."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from policysearch.citation.cited_names import NAME_ENDS, SHORT_FORMS, amended_names, exact_names, without_issuer
from policysearch.citation.queries import Citation
from policysearch.citation.references import Reference, read_references
from policysearch.citation.section_marks import SectionMark, spelled
from policysearch.citation.typed import LOWER, numbers_at
from policysearch.engines.tree import And, Contains, Node, OfDocuments, Or, Verified
from policysearch.text.chinese import write_numeral
from policysearch.text.folding import reduce

__all__ = ["holding"]

_OWN = re.compile(rf"本(?:{NAME_ENDS})(?:中的?|的|之)?")
_TAIL = 4
_DIGITS = re.compile(r"[0-9]+")


def holding(citation: Citation) -> Node:
    """Return a tree that selects the sections with a reference: the citation's document by any name, with the number.

    In the document itself, 本法第三条 is a name too. The pattern of a number matches numbers below it: 第三条第二款 is
    a reference to 第三条 as well.
    """
    documents = [citation.document, *(document for document, _ in (*citation.copies, *citation.others))]
    ids = frozenset(document["document_id"] for document in documents)
    catalogue = citation.catalogue

    def means(reference: Reference) -> bool:
        if reference.number is not None:
            named = catalogue.numbered(reference.number)
        else:
            named = catalogue.named(reference.name or "")
        return any(one.document_id in ids for one in named)

    def names_it(reduced: str, _: Callable[[], str]) -> bool:
        found = (one for one in read_references(reduced, catalogue, names=False) if one.kind != "report")
        return any(_is_within(citation.numbers, one.marks) and means(one) for one in found)

    def names_itself(reduced: str, _: Callable[[], str]) -> bool:
        rows = (numbers_at(reduced, own.end()) for own in _OWN.finditer(reduced))
        return any(_is_within(citation.numbers, marks) for row in rows for marks in row)

    names = _one_of(dict.fromkeys(Contains(name) for document in documents for name in _tails(document)))
    if not citation.numbers:
        return Verified(names, names_it)
    numbers = _one_of(
        Contains(spelling) for marks in citation.numbers for spelling in spelled(_upper(marks)[-1:] or marks[-1:])
    )
    return Or((Verified(And((numbers, names)), names_it), Verified(And((numbers, OfDocuments(ids))), names_itself)))


def _upper(marks: Sequence[SectionMark]) -> tuple[SectionMark, ...]:
    return tuple(mark for mark in marks if mark.unit not in LOWER)


def _is_within(numbers: Sequence[tuple[SectionMark, ...]], marks: Sequence[SectionMark]) -> bool:
    """Return whether one of some numbers is part of another one, ignoring chapters above an article."""
    if not numbers:
        return True
    for number in numbers:
        at = next((i for i, mark in enumerate(number) if mark.unit == "条"), 0)
        wanted = number[at:]
        if any(tuple(marks[i : i + len(wanted)]) == wanted for i in range(len(marks))):
            return True
    return False


def _tails(document: Mapping[str, Any]) -> Iterator[str]:
    """Yield texts of which a section that names the document contains at least one: ends of its names, its number."""
    title, number = document["title"], document["document_number"]
    if title:
        keys = [*(key for key, _ in exact_names(title)), *amended_names(title)]
        shorter = without_issuer(title)
        keys += [shorter] if shorter else []
        keys += [
            key.replace(full, short) for short, full in SHORT_FORMS.items() for key in keys if key.startswith(full)
        ]
        yield from (key[-_TAIL:] for key in keys if len(key) > 1)
    if number:
        figures = _DIGITS.findall(reduce(number))
        yield f"{figures[-1]}号"
        yield f"{write_numeral(int(figures[-1]))}号"


def _one_of(nodes: Iterable[Node]) -> Node:
    several = tuple(dict.fromkeys(nodes))
    return several[0] if len(several) == 1 else Or(several)
