"""Full-text search for Chinese policy documents.

>>> import policysearch
>>> index = policysearch.open_index("index")            # doctest: +SKIP
>>> index.search("营商环境").hits[0].title                # doctest: +SKIP
'2024年澜泽市政府工作报告'
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from policysearch.errors import IndexUnusableError, InputError, PolicySearchError, QueryError, SourceError

if TYPE_CHECKING:
    from policysearch.engine import Engine, Store
    from policysearch.engines.whoosh.whoosh_bridge import SectionIndex
    from policysearch.library import Index

__version__ = "0.1.0"
__all__ = [
    "IndexUnusableError",
    "InputError",
    "PolicySearchError",
    "QueryError",
    "SourceError",
    "__version__",
    "open_index",
    "open_store",
    "open_whoosh",
]


def open_index(location: str | Path = "index", *, prepare: bool = True) -> Index:
    """Open an index for asking.

    Args:
        location: A folder, or ``opensearch+https://host:9200/name``.
        prepare: Whether to load now, in about 0.2 seconds, what makes many questions fast; a program that asks only
            one is done sooner without.

    Raises ``IndexUnusableError`` when there is none that can be used.
    """
    from policysearch.library import Index

    index = Index(_open_engine(location))
    if prepare:
        index.prepare()
    return index


def _open_engine(location: str | Path) -> Engine:
    if _is_address(location):
        from policysearch.engines.opensearch.address import parse_address
        from policysearch.engines.opensearch.searching import OpenSearchEngine

        return OpenSearchEngine(parse_address(str(location)))
    from policysearch.engines.whoosh.searching import WhooshEngine

    return WhooshEngine(Path(location))


def open_store(location: str | Path = "index") -> Store:
    """Return the place of an index, for ``policysearch.index.refresh``."""
    if _is_address(location):
        from policysearch.engines.opensearch.address import parse_address
        from policysearch.engines.opensearch.storing import OpenSearchStore

        return OpenSearchStore(parse_address(str(location)))
    from policysearch.engines.whoosh.storing import WhooshStore

    return WhooshStore(Path(location))


def open_whoosh(location: str | Path = "index") -> SectionIndex:
    """Open an index as a ``whoosh.index.Index``, for Whoosh's own queries, parsers, facets, highlights and weightings.

    Its documents are the sections. Nothing is unpickled; it cannot be written to (docs/whoosh.md).

    Raises ``IndexUnusableError`` when there is none that can be used, ``InputError`` for the address of a cluster.
    """
    if _is_address(location):
        raise InputError(f"Whoosh opens an index in a folder, not on a cluster ('{location}').")
    from policysearch.engines.whoosh.whoosh_bridge import SectionIndex

    return SectionIndex(Path(location))


def _is_address(location: str | Path) -> bool:
    return str(location).startswith("opensearch+")
