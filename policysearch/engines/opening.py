"""The location of an index to what is behind it: a folder, or the address of an index on a cluster."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from policysearch.errors import InputError

if TYPE_CHECKING:
    from policysearch.engines.protocol import Engine, Store
    from policysearch.engines.whoosh.whoosh_bridge import SectionIndex

__all__ = ["open_engine", "open_store", "open_whoosh"]

_SCHEMES = ("opensearch", "http", "https", "file", "ftp", "s3")


def open_engine(location: str | Path) -> Engine:
    """Open what is published at a location, for asking.

    Raises ``IndexUnusableError`` when there is nothing that can be used, ``InputError`` for an address that is none.
    """
    if _is_address(location):
        from policysearch.engines.opensearch.address import parse_address
        from policysearch.engines.opensearch.engine import OpenSearchEngine

        return OpenSearchEngine(parse_address(str(location)))
    from policysearch.engines.whoosh.engine import WhooshEngine

    return WhooshEngine(Path(location))


def open_store(location: str | Path) -> Store:
    """Return a location as its one writer sees it. Raises ``InputError`` for an address that is none."""
    if _is_address(location):
        from policysearch.engines.opensearch.address import parse_address
        from policysearch.engines.opensearch.store import OpenSearchStore

        return OpenSearchStore(parse_address(str(location)))
    from policysearch.engines.whoosh.store import WhooshStore

    return WhooshStore(Path(location))


def open_whoosh(index: str | Path = "index") -> SectionIndex:
    """Open an index as a ``whoosh.index.Index``, for Whoosh's own queries, parsers, facets, highlights and weightings.

    Its documents are the sections. Nothing is unpickled; it cannot be written to (docs/whoosh.md).

    Raises ``IndexUnusableError`` when there is none that can be used, ``InputError`` for the address of a cluster.
    """
    if _is_address(index):
        raise InputError(f"Whoosh opens an index in a folder, not on a cluster ('{index}').")
    from policysearch.engines.whoosh.whoosh_bridge import SectionIndex

    return SectionIndex(Path(index))


def _is_address(location: str | Path) -> bool:
    """Whether this is the address of an index, not a folder. Raises ``InputError`` for an address of another kind."""
    scheme, colon, rest = str(location).partition(":")
    if scheme.startswith("opensearch+"):
        return True
    # a Path has made one slash of two
    if colon and (rest.startswith("//") or (rest.startswith("/") and scheme.lower() in _SCHEMES)) and "/" not in scheme:
        raise InputError(
            f"'{location}' is no place of an index: expected a folder, or opensearch+https://HOST:9200/NAME."
        )
    return False
