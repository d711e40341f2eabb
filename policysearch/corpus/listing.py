"""Listings: the documents of an index, or the values of one of their fields."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from policysearch.documents.metadata.record import Metadata
from policysearch.engines.protocol import Engine, Request
from policysearch.engines.tree import And, Contains, Node, falling, when
from policysearch.errors import InputError, QueryError
from policysearch.frozen import asdict, frozen
from policysearch.query.syntax import normalize_query
from policysearch.text.folding import reduce
from policysearch.vocabulary import DOCUMENT_FIELDS, DOCUMENT_SORTS, FILTER_COLUMNS, LIST_FIELDS

__all__ = ["COLUMNS", "DocumentRow", "FieldValue", "FieldValues", "Listing", "documents", "titled", "values"]

COLUMNS = (*DOCUMENT_FIELDS, "sections", "duplicates")


@frozen
class DocumentRow(Metadata):
    """A document of the index, without its text.

    Attributes:
        sections: Number of its selected sections; without a filter by part, all.
        duplicates: Ids of documents with equal text that are not listed because this one is; None unless duplicates are
            folded.

    The other attributes are those of ``Document``.
    """

    document_id: str
    source: str
    encoding: str | None
    sha256: str
    duplicate_of: str | None
    sections: int
    duplicates: tuple[str, ...] | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as plain values for JSON."""
        fields = asdict(self)
        duplicates = None if self.duplicates is None else list(self.duplicates)
        return {**{name: fields[name] for name in COLUMNS}, "inferred": list(self.inferred), "duplicates": duplicates}


class Listing(tuple[DocumentRow, ...]):
    """Documents, in order of their ids."""

    __slots__ = ()

    def to_frame(self) -> Any:
        """Return the documents as a pandas ``DataFrame``. Raises ``ImportError`` when pandas is not installed."""
        import pandas

        return pandas.DataFrame([one.to_dict() for one in self], columns=list(COLUMNS))

    def _repr_html_(self) -> str:
        from policysearch.notebook import table

        shown = ("document_id", "title", "type", "region", "year", "sections")
        return table(shown, (one.to_dict() for one in self))


@frozen
class FieldValue:
    """A value of a field.

    Attributes:
        value: The value; None for documents without one.
        documents: Number of selected documents with this value.
        sections: Number of their selected sections with this value.
    """

    value: str | int | None
    documents: int
    sections: int

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as plain values for JSON."""
        return asdict(self)


def titled(node: Node, title: str | None) -> Node:
    """Return a tree that selects the sections of ``node`` in documents whose title contains a text.

    Raises ``QueryError`` for an empty text.
    """
    if title is None:
        return node
    wanted = reduce(normalize_query(title))
    if not wanted:
        raise QueryError("Expected a text to search for in titles.", title, 0)
    return And((node, Contains(wanted, "title")))


class FieldValues(tuple[FieldValue, ...]):
    """Values of a field, in order."""

    __slots__ = ()

    def to_frame(self) -> Any:
        """Return the values as a pandas ``DataFrame``. Raises ``ImportError`` when pandas is not installed."""
        import pandas

        return pandas.DataFrame([one.to_dict() for one in self], columns=list(FieldValue.__match_args__))

    def _repr_html_(self) -> str:
        from policysearch.notebook import table

        return table(FieldValue.__match_args__, (one.to_dict() for one in self))


def documents(engine: Engine, node: Node, folded: bool = False, sort: str = "document") -> Listing:
    """Return the documents with a section that ``node`` selects, in an order of ``vocabulary.DOCUMENT_SORTS``.

    With ``folded``, only the first of documents with equal text, in order of ids; it lists the others.

    Raises ``InputError`` for an unknown order.
    """
    if sort not in DOCUMENT_SORTS:
        raise InputError(f"Unknown sort {sort!r}; expected one of: {', '.join(DOCUMENT_SORTS)}.")
    found = _in_order_of_ids(engine, node, folded)
    return found if sort == "document" else Listing(sorted(found, key=partial(_sort_key, sort)))


def _sort_key(sort: str, row: DocumentRow) -> tuple[Any, ...]:
    """Return the sort key of a document; one without a value comes last."""
    if sort == "title":
        return (row.title is None, row.title or "")
    if sort == "-sections":
        return (-row.sections,)
    value = row.year if sort.endswith("year") else when({"date": row.date, "year": row.year})
    if value is None:
        return (1,)
    if not sort.startswith("-"):
        return (0, value)
    return (0, -value if isinstance(value, int) else falling(value))


def _in_order_of_ids(engine: Engine, node: Node, folded: bool) -> Listing:
    if not folded:
        return Listing(_listed(document, sections, None) for document, sections in engine.documents(node))
    shown: dict[str, tuple[Mapping[str, Any], int, list[str]]] = {}
    for document, sections in engine.documents(node):
        name = document["document_id"]
        first = shown.setdefault(engine.duplicates.get(name, name), (document, sections, []))
        if first[0]["document_id"] != name:
            first[2].append(name)
    return Listing(_listed(document, sections, tuple(copies)) for document, sections, copies in shown.values())


def _listed(document: Mapping[str, Any], sections: int, duplicates: tuple[str, ...] | None) -> DocumentRow:
    known: dict[str, Any] = {name: document.get(name) for name in COLUMNS}
    known.update(inferred=tuple(document.get("inferred") or ()), sections=sections, duplicates=duplicates)
    return DocumentRow(**known)


def values(engine: Engine, node: Node, field: str) -> FieldValues:
    """Return the values of a field, one of ``vocabulary.LIST_FIELDS``.

    Values with the most documents come first, but years in order; unknown values last.

    Raises ``InputError`` for an unknown field.
    """
    if field not in LIST_FIELDS:
        raise InputError(f"Documents cannot be listed by '{field}'; expected one of: {', '.join(LIST_FIELDS)}.")
    rows = [FieldValue(one, *tally) for one, tally in _tallied(engine, node, field).items()]
    if field == "year":
        return FieldValues(sorted(rows, key=lambda row: (row.value is None, row.value or 0)))
    return FieldValues(sorted(rows, key=lambda row: (row.value is None, -row.documents, str(row.value))))


def _tallied(engine: Engine, node: Node, field: str) -> dict[Any, tuple[int, int]]:
    """Return the numbers of documents and sections of each value, None for documents without one."""
    if field == "part" or field in FILTER_COLUMNS:
        found = {one: (many, sections) for one, (sections, many) in engine.facets(node, (field,))[field].items()}
        if field == "part":
            return found
        units = ("document", "section")
        documents, sections = (engine.search(Request(node, limit=0, group=unit)).total for unit in units)
        others = documents - sum(many for many, _ in found.values())
        if others:
            found[None] = (others, sections - sum(having for _, having in found.values()))
        return found
    found = {}
    for document, having in engine.documents(node):
        many, sections = found.get(document.get(field), (0, 0))
        found[document.get(field)] = (many + 1, sections + having)
    return found
