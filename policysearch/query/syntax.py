"""What a query says: groups, phrases and filters, and how they are combined."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias

from policysearch.errors import QueryError
from policysearch.frozen import frozen
from policysearch.text import characters
from policysearch.text.folding import reduce

if TYPE_CHECKING:
    # what reads quantities is loaded by queries that ask for one
    from policysearch.text.quantities import Comparison

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
    "clean",
]

ANY_RUN = "*"
ANY_ONE = "?"


@frozen
class Group:
    """A run of typed characters without a space.

    Attributes:
        text: As typed, escapes resolved.
        position: Offset in the query, in characters.
    """

    text: str
    position: int

    @cached_property
    def reduced(self) -> str:
        """The text as it is compared."""
        return reduce(self.text)


@frozen
class Phrase:
    """An exact group.

    Attributes:
        text: As typed between the quotes, escapes resolved.
        pieces: Reduced text and wildcards in turn, as (text, "" or ``*`` or ``?`` that follows it).
        position: Offset in the query, in characters.
    """

    text: str
    pieces: tuple[tuple[str, str], ...]
    position: int

    @property
    def wild(self) -> bool:
        """Return whether it holds a wildcard."""
        return bool(self.pieces[0][1])


@frozen
class AllOf:
    """All of these."""

    children: tuple[Expression, ...]


@frozen
class AnyOf:
    """At least one of these."""

    children: tuple[Expression, ...]


@frozen
class NoneOf:
    """Not this."""

    child: Expression


@frozen
class Near:
    """Places near one another, in any order, each next to the one before in the list.

    Attributes:
        places: Two or more.
        distances: For each two neighbours, the most characters between them.
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
        child: What the sentence must have; its terms are taken as they were typed.
        comparison: What the quantity must be.
        typed: The comparison as typed.
    """

    child: Expression
    comparison: Comparison
    typed: str


@frozen
class InField:
    """Only in the ``heading`` or the ``title``."""

    field: str
    child: Group | Phrase


@frozen
class Filter:
    """A value that a field must have.

    Attributes:
        field: The name of one of ``vocabulary.FILTERS``, or ``when`` for dates.
        value: As typed.
        low: For ``year`` and ``when``: the least value, or None.
        high: The greatest, or None.
        position: Offset of the value in the query, in characters.
    """

    field: str
    value: str
    position: int
    low: int | str | None = None
    high: int | str | None = None


Expression: TypeAlias = Group | Phrase | AllOf | AnyOf | NoneOf | Near | Within | Measured | InField | Filter


def clean(query: str) -> str:
    """Return a query as texts are cleaned: NFC, with line feeds only, without characters that have no width.

    Raises ``QueryError`` for a lone surrogate, which stands for a byte that
    is no UTF-8.
    """
    for position, character in enumerate(query):
        if "\ud800" <= character <= "\udfff":
            raise QueryError("The query is not valid UTF-8 here.", query, position)
    return characters.clean(query)
