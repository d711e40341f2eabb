"""Shell completion of values, from the index that the command line names."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import click

from policysearch.errors import PolicySearchError
from policysearch.vocabulary import COUNT_FIELDS, FACET_FIELDS, filter_named

__all__ = ["complete_document", "complete_facets", "complete_filter", "complete_groups"]

_MOST = 500

Complete = Callable[[click.Context, click.Parameter, str], "list[Any]"]


def complete_filter(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[Any]:
    """Return the values of a filter that begin as typed: those of the index, else the fixed ones."""
    declared = filter_named(param.name or "")
    if declared is None or declared.kind in ("since", "until"):
        return []
    if declared.kind == "documents":
        return complete_document(ctx, param, incomplete)
    names = list(declared.values) or _values(ctx, declared.field)
    return _beginning(incomplete, (*names, *declared.short))


def complete_document(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[Any]:
    """Return the ids of documents, or of the sections of the typed one, that begin as typed."""
    ids = _values(ctx, "document_id")
    document = incomplete.rpartition("#")[0]
    if param.name == "name" and document in ids:
        ids = [f"{document}#{number}" for number in range(1, _sections(ctx, document) + 1)]
    return _beginning(incomplete, ids)


def _of_fields(fields: Sequence[str]) -> Complete:
    """Return the completion of a list of fields separated by commas."""

    def complete(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[Any]:
        before, comma, last = incomplete.rpartition(",")
        given = before.split(",")
        return [before + comma + one for one in fields if one.startswith(last) and one not in given]

    return complete


def _beginning(incomplete: str, names: Iterable[str]) -> list[Any]:
    return sorted(dict.fromkeys(one for one in names if one.startswith(incomplete)))[:_MOST]


def _values(ctx: click.Context, field: str) -> list[str]:
    import policysearch

    try:
        with policysearch.open_index(ctx.params.get("index_folder") or "index", prepare=False) as index:
            return list(map(str, index.engine.values(field)))
    except PolicySearchError:  # without an index there is nothing to complete
        return []


def _sections(ctx: click.Context, document: str) -> int:
    import policysearch

    with policysearch.open_index(ctx.params.get("index_folder") or "index", prepare=False) as index:
        return len(index.engine.find_document(document))


complete_facets = _of_fields(FACET_FIELDS)
complete_groups = _of_fields(COUNT_FIELDS)
