"""The query tree: what is asked of an engine, every name resolved and every word cut."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

from policysearch.frozen import frozen

__all__ = [
    "And",
    "Contains",
    "Listed",
    "MatchAll",
    "Node",
    "Not",
    "OfDocuments",
    "Or",
    "Range",
    "ScoredGroup",
    "Term",
    "ValueIn",
    "Verified",
    "owned_terms",
    "when",
]


@frozen
class Contains:
    """Sections whose text holds ``text``; both reduced.

    Attributes:
        text: Reduced, not empty.
        field: ``text``, ``heading`` (the section's own) or ``title`` (its document's).
        whole: Whether it must not stand inside a longer word or number; an engine decides that by looking.
    """

    text: str
    field: str = "text"
    whole: bool = False


@frozen
class MatchAll:
    """All sections."""


@frozen
class And:
    """Sections that every child selects."""

    children: tuple[Node, ...]


@frozen
class Or:
    """Sections that some child selects."""

    children: tuple[Node, ...]


@frozen
class Not:
    """Sections that the child does not select."""

    child: Node


@frozen
class ValueIn:
    """Sections (``part``) or sections of documents (other fields) whose value is one of these.

    Attributes:
        field: A name of ``Document`` or ``part``.
        values: As stored; null is never among them.
    """

    field: str
    values: frozenset[str]


@frozen
class Range:
    """Sections of documents whose value of ``field`` lies in a range, both ends included.

    Attributes:
        field: ``year`` (numbers) or ``when`` (the date, or the year where there is none, as ISO strings; a bound
            that is shorter covers all it begins).
        low: Least value, or None for no bound.
        high: Greatest value, or None for no bound.
    """

    field: str
    low: int | str | None
    high: int | str | None

    def covers(self, value: Any) -> bool:
        """Tell whether a value lies in the range; null lies in none."""
        low, high = self.low, self.high
        if value is None:
            return False
        if isinstance(value, str):
            # 2023 as a bound covers all of 2023-…
            return (low is None or value >= str(low)) and (high is None or value[: len(str(high))] <= str(high))
        return (low is None or value >= low) and (high is None or value <= high)


@frozen
class OfDocuments:
    """Sections of these documents.

    Attributes:
        document_ids: Ids of documents, which the index need not have.
    """

    document_ids: frozenset[str]


@frozen
class Listed:
    """These sections.

    Attributes:
        names: Their document ids and ordinals; the index has them all.
    """

    names: frozenset[tuple[str, int]]


def when(document: Mapping[str, Any]) -> str | None:
    """Return a document's date, or its year where that is all that is known."""
    date: str | None = document["date"]
    return date or (str(document["year"]) if document["year"] is not None else None)


@frozen
class Verified:
    """Sections that ``candidates`` selects and that pass ``test``.

    What an engine cannot decide from its terms (words in one sentence,
    nearness, wildcards) it decides by looking.

    Attributes:
        candidates: A superset.
        test: Takes a section's text as compared, and what returns the text as shown, which costs more.
    """

    candidates: Node
    test: Callable[[str, Callable[[], str]], bool]


Node: TypeAlias = Contains | MatchAll | And | Or | Not | ValueIn | Range | OfDocuments | Listed | Verified


class Term(NamedTuple):
    """One term that scores.

    Attributes:
        field: ``words`` or ``grams``.
        text: The term, reduced.
        weight: What its BM25 score is multiplied by.
    """

    field: str
    text: str
    weight: float = 1.0


@frozen
class ScoredGroup:
    """A group of a query as it scores.

    Where the group stands in a text as it was typed, it scores as one term, by how often it stands there and by how
    many texts it stands in, and its words and bigrams do not. Elsewhere they do. A term of several groups scores where
    one of them does not stand as typed.

    Attributes:
        text: The group as typed, reduced; empty for what has no such form (a phrase with wildcards).
        terms: What scores where the group does not stand as typed.
        raises: Whether a section in which it stands as typed comes before all in which fewer such groups do.
    """

    text: str
    terms: tuple[Term, ...]
    raises: bool = False


def owned_terms(
    groups: Sequence[ScoredGroup], stands: Callable[[str], bool]
) -> tuple[list[ScoredGroup], dict[Term, tuple[int, ...] | None]]:
    """Return the groups that stand somewhere as typed, and each term with those of them that it is a term of.

    Where all of these stand, the term does not score; where it has None, it always does: it is also a term of a
    group that stands nowhere as typed.

    Args:
        groups: What a query is ranked by.
        stands: Whether a text stands anywhere in the index.
    """
    standing: list[ScoredGroup] = []
    places: dict[str, int] = {}
    owners: dict[Term, list[int] | None] = {}
    for group in groups:
        place = places.get(group.text)
        if place is None and group.text and stands(group.text):
            place = places[group.text] = len(standing)
            standing.append(group)
        for term in group.terms:
            known = owners.setdefault(term, [])
            if place is None:
                owners[term] = None
            elif known is not None and place not in known:
                known.append(place)
    return standing, {term: None if known is None else tuple(known) for term, known in owners.items()}
