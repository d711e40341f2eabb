"""The query tree that an engine evaluates, with all names resolved and all groups tokenized."""

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
    "falling",
    "owned_terms",
    "when",
]


@frozen
class Contains:
    """Sections whose text contains ``text``; both reduced.

    Attributes:
        text: The reduced text, not empty.
        field: ``text``, ``heading`` (the section's own number and heading) or ``title`` (its document's).
        whole: Whether matches inside longer words or numbers do not count; an engine verifies that on the text.
    """

    text: str
    field: str = "text"
    whole: bool = False


@frozen
class MatchAll:
    """All sections."""


@frozen
class And:
    """Sections that all children select."""

    children: tuple[Node, ...]


@frozen
class Or:
    """Sections that at least one child selects."""

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
        values: The values as stored, without null.
    """

    field: str
    values: frozenset[str]


@frozen
class Range:
    """Sections of documents whose value of ``field`` lies in a range, both ends included.

    Attributes:
        field: ``year`` (numbers) or ``when`` (the date, or the year when there is no date, as ISO strings; a
            shorter bound covers all dates that start with it).
        low: Lower bound, or None.
        high: Upper bound, or None.
    """

    field: str
    low: int | str | None
    high: int | str | None

    def covers(self, value: Any) -> bool:
        """Return whether a value is in the range; null is in no range."""
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
    """Return a document's date, or its year when there is no date."""
    date: str | None = document["date"]
    return date or (str(document["year"]) if document["year"] is not None else None)


def falling(day: str) -> tuple[int, ...]:
    """Return the sort key of a date for descending order: a year alone, which is its first day, follows its dates."""
    return (*(-ord(c) for c in day), 1)


@frozen
class Verified:
    """Sections that ``candidates`` selects and that pass ``test``.

    An engine verifies on the texts what its terms cannot decide (words in one
    sentence, proximity, wildcards).

    Attributes:
        candidates: A superset.
        test: A function of a section's reduced text and of a function that returns the text as shown, which costs more.
    """

    candidates: Node
    test: Callable[[str, Callable[[], str]], bool]


Node: TypeAlias = Contains | MatchAll | And | Or | Not | ValueIn | Range | OfDocuments | Listed | Verified


class Term(NamedTuple):
    """A scored term.

    Attributes:
        field: ``words`` or ``grams``.
        text: The term, reduced.
        weight: The factor of its BM25 score.
    """

    field: str
    text: str
    weight: float = 1.0


@frozen
class ScoredGroup:
    """A scored group of a query.

    In a text that contains the group as typed, the group is scored as one term with its own frequency and document
    frequency, instead of its words and bigrams. In other texts these are scored. A term of several groups is scored
    where one of them does not occur as typed.

    Attributes:
        text: The group as typed, reduced; empty for a group without such a form (a phrase with wildcards).
        terms: The terms scored where the group does not occur as typed.
        raises: Whether a section that contains it as typed ranks above all with fewer such groups.
    """

    text: str
    terms: tuple[Term, ...]
    raises: bool = False


def owned_terms(
    groups: Sequence[ScoredGroup], stands: Callable[[str], bool]
) -> tuple[list[ScoredGroup], dict[Term, tuple[int, ...] | None]]:
    """Return the groups that occur somewhere as typed, and each term with those of them that it belongs to.

    Where all of these occur, the term is not scored; with None, it is always scored, since it also belongs to a group
    that occurs nowhere as typed.

    Args:
        groups: The scored groups of a query.
        stands: Returns whether a text occurs anywhere in the index.
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
