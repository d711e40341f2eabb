"""Opening of an index by its location: a folder, or the address of an index on a cluster."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from policysearch.errors import IndexUnusableError, InputError

if TYPE_CHECKING:
    from policysearch.engines.protocol import Engine, Store
    from policysearch.engines.whoosh.whoosh_bridge import SectionIndex

__all__ = ["is_address", "open_engine", "open_store", "open_whoosh", "published_state"]

_SCHEMES = ("opensearch", "http", "https", "file", "ftp", "s3")


def open_engine(location: str | Path) -> Engine:
    """Open the published generation at a location.

    Raises ``IndexUnusableError`` when there is no usable index, ``InputError`` for a malformed address.
    """
    if is_address(location):
        from policysearch.engines.opensearch.address import parse_address
        from policysearch.engines.opensearch.engine import OpenSearchEngine

        return OpenSearchEngine(parse_address(str(location)))
    from policysearch.engines.whoosh.engine import WhooshEngine

    return WhooshEngine(Path(location))


def open_store(location: str | Path) -> Store:
    """Return the store at a location, for writing. Raises ``InputError`` for a malformed address."""
    if is_address(location):
        from policysearch.engines.opensearch.address import parse_address
        from policysearch.engines.opensearch.store import OpenSearchStore

        return OpenSearchStore(parse_address(str(location)))
    from policysearch.engines.whoosh.store import WhooshStore

    return WhooshStore(Path(location))


def published_state(location: str | Path) -> Any:
    """Return the state that was published with the current generation at a location.

    Raises ``IndexUnusableError`` when there is no index or it is corrupt, ``InputError`` for a malformed address.
    """
    current = open_store(location).current()
    if current is None:
        raise IndexUnusableError(f"No index at '{location}'. Build one with: policysearch index FOLDER")
    return current[1]


def open_whoosh(index: str | Path = "index") -> SectionIndex:
    """Open an index as a ``whoosh.index.Index``, for Whoosh's own queries, parsers, facets, highlights and weightings.

    Its documents are the sections. Nothing is unpickled; it is read-only (docs/whoosh.md).

    Raises ``IndexUnusableError`` when there is no usable index, ``InputError`` for the address of a cluster.
    """
    if is_address(index):
        raise InputError(f"Whoosh opens an index in a folder, not on a cluster ('{index}').")
    from policysearch.engines.whoosh.whoosh_bridge import SectionIndex

    return SectionIndex(Path(index))


def is_address(location: str | Path) -> bool:
    """Return whether a location is an address, not a folder. Raises ``InputError`` for another kind of address."""
    scheme, colon, rest = str(location).partition(":")
    if scheme.startswith("opensearch+"):
        return True
    # a Path collapses two slashes to one
    if colon and (rest.startswith("//") or (rest.startswith("/") and scheme.lower() in _SCHEMES)) and "/" not in scheme:
        raise InputError(
            f"'{location}' is not a location of an index: expected a folder, or opensearch+https://HOST:9200/NAME."
        )
    return False
