"""The syntax tree of a query: groups, phrases and filters, and their operators."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias

from policysearch.errors import QueryError
from policysearch.frozen import frozen
from policysearch.text import characters
from policysearch.text.folding import reduce

if TYPE_CHECKING:
    # the parser of quantities is imported only by queries that need it
    from policysearch.text.quantities import QuantityCondition

__all__ = [
    "ANY_ONE",
    "ANY_RUN",
    "AllOf",
    "AnyOf",
    "Expression",
    "Filter",
    "Group",
    "InField",
    "Measured",
    "Near",
    "NoneOf",
    "Phrase",
    "Within",
    "normalize_query",
]

ANY_RUN = "*"
ANY_ONE = "?"


@frozen
class Group:
    """A run of typed characters without a space.

    Attributes:
        text: The text as typed, with escapes resolved.
        position: Offset in the query, in characters.
    """

    text: str
    position: int

    @cached_property
    def reduced(self) -> str:
        """The reduced text."""
        return reduce(self.text)


@frozen
class Phrase:
    """An exact group.

    Attributes:
        text: The text between the quotes, with escapes resolved.
        pieces: Pairs of a reduced text and the wildcard after it: ``*``, ``?`` or an empty string.
        position: Offset in the query, in characters.
        unless: Longer reduced texts; a place inside one of these is not a match.
    """

    text: str
    pieces: tuple[tuple[str, str], ...]
    position: int
    unless: tuple[str, ...] = ()

    @property
    def wild(self) -> bool:
        """Return whether it contains a wildcard or ``unless``, so that its places must be verified."""
        return bool(self.pieces[0][1] or self.unless)


@frozen
class AllOf:
    """Conjunction."""

    children: tuple[Expression, ...]


@frozen
class AnyOf:
    """Disjunction.

    Attributes:
        children: The operands.
        named: The name as typed, if the operands are all names of one thing (``names:``).
    """

    children: tuple[Expression, ...]
    named: str | None = None


@frozen
class NoneOf:
    """Negation."""

    child: Expression


@frozen
class Near:
    """Proximity of operands, in any order, each to the one before in the list.

    Attributes:
        places: Two or more operands.
        distances: For each pair of neighbours, the maximum number of characters between them.
    """

    places: tuple[Group | Phrase, ...]
    distances: tuple[int, ...]


@frozen
class Within:
    """All in one ``sentence`` or one ``paragraph``."""

    unit: str
    child: Expression


@frozen
class Measured:
    """All in one sentence, with a quantity that satisfies a comparison.

    Attributes:
        child: The condition on the sentence; its groups match as typed.
        comparison: The condition on the quantity.
        typed: The comparison as typed.
    """

    child: Expression
    comparison: QuantityCondition
    typed: str


@frozen
class InField:
    """Only in the ``heading`` or the ``title``."""

    field: str
    child: Group | Phrase


@frozen
class Filter:
    """A filter by the value of a field.

    Attributes:
        field: The name of one of ``vocabulary.FILTERS``, or ``when`` for dates.
        value: The value as typed.
        low: For ``year`` and ``when``: the lower bound, or None.
        high: The upper bound, or None.
        others: For ``year``: bounds of further ranges, of which any may match.
        position: Offset of the value in the query, in characters.
    """

    field: str
    value: str
    position: int
    low: int | str | None = None
    high: int | str | None = None
    others: tuple[tuple[int | None, int | None], ...] = ()


Expression: TypeAlias = Group | Phrase | AllOf | AnyOf | NoneOf | Near | Within | Measured | InField | Filter


def normalize_query(query: str) -> str:
    """Normalize a query like a text: NFC, with line feeds only, without zero-width characters.

    Raises ``QueryError`` for a lone surrogate, which represents a byte that is
    not UTF-8.
    """
    for position, character in enumerate(query):
        if "\ud800" <= character <= "\udfff":
            raise QueryError("The query is not valid UTF-8 here.", query, position)
    return characters.normalize(query)
