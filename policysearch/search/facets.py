"""Facets: the numbers of sections and documents of an answer by the values of fields."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from policysearch.engines.protocol import Engine
from policysearch.engines.tree import Node
from policysearch.frozen import asdict, frozen
from policysearch.query.syntax import AllOf, Expression, Filter

__all__ = ["FacetValue", "Facets", "facets"]


@frozen
class FacetValue:
    """A value of a field.

    Attributes:
        value: The value; never None.
        sections: Number of sections of the answer with this value.
        documents: Number of their documents.
    """

    value: str | int
    sections: int
    documents: int


@frozen
class Facets:
    """The facets of an answer.

    Attributes:
        match: The matching mode of the sections that were counted: ``all``, ``any`` or ``exact``. For a question, which
            is answered as ``any``, those with ``all`` its words are counted, if there are any.
        values: For each field its values, by descending number of sections, then by value.
    """

    match: str
    values: Mapping[str, tuple[FacetValue, ...]]

    def to_dict(self) -> dict[str, Any]:
        """Return ``facets`` and ``facets_match`` as plain values for JSON."""
        listed = {field: [asdict(one) for one in values] for field, values in self.values.items()}
        return {"facets": listed, "facets_match": self.match}


def facets(
    engine: Engine, expression: Expression, match: str, fields: Sequence[str], node_of: Callable[[Expression], Node]
) -> Facets:
    """Count the sections that an expression selects in a mode by the values of fields.

    Each field is counted without the filters of its own name that apply to the complete query, so that its other values
    are included.

    Args:
        node_of: Returns the query tree of an expression in this mode.
    """
    together: dict[Expression, list[str]] = {}
    for field in dict.fromkeys(fields):
        together.setdefault(_without_filter(expression, field), []).append(field)
    found: dict[str, Mapping[Any, tuple[int, int]]] = {}
    for one, several in together.items():
        found.update(engine.facets(node_of(one), several))
    return Facets(match, {field: _in_order(found[field]) for field in dict.fromkeys(fields)})


def _without_filter(expression: Expression, field: str) -> Expression:
    if isinstance(expression, Filter) and expression.field == field:
        return AllOf(())
    if not isinstance(expression, AllOf):
        return expression
    kept = [child for child in expression.children if not (isinstance(child, Filter) and child.field == field)]
    return AllOf(tuple(_without_filter(child, field) if isinstance(child, AllOf) else child for child in kept))


def _in_order(values: Mapping[Any, tuple[int, int]]) -> tuple[FacetValue, ...]:
    rows = [FacetValue(value, sections, documents) for value, (sections, documents) in values.items()]
    return tuple(sorted(rows, key=lambda row: (-row.sections, row.value)))
