"""Full-text search for Chinese policy documents.

>>> import policysearch
>>> index = policysearch.open_index("index")            # doctest: +SKIP
>>> index.search("营商环境").hits[0].title                # doctest: +SKIP
'2024年澜泽市政府工作报告'
"""

# ``python -m policysearch`` runs this file while modules are still looked for in the current folder first. So nothing
# is imported here, not even ``__future__``; what comes from elsewhere is imported when it is asked for.

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

    from policysearch.engines.protocol import Engine, Store
    from policysearch.engines.whoosh.whoosh_bridge import SectionIndex
    from policysearch.errors import (
        IndexClosedError,
        IndexUnusableError,
        InputError,
        PolicySearchError,
        QueryError,
        SourceError,
    )
    from policysearch.library import Index
else:

    def __getattr__(name: str) -> "Any":
        if name not in (*__all__, "errors"):
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        import policysearch.errors as errors

        globals()[name] = errors if name == "errors" else getattr(errors, name)
        return globals()[name]

    def __dir__() -> "list[str]":
        return sorted({*globals(), *__all__})


__version__ = "0.1.0"
__all__ = [
    "IndexClosedError",
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


def open_index(location: "str | Path" = "index", *, prepare: bool = True) -> "Index":
    """Open an index for asking.

    Args:
        location: A folder, or ``opensearch+https://host:9200/name``.
        prepare: Whether to load now, in about 0.2 seconds, what makes many questions fast; a program that asks only
            one is done sooner without.

    Raises ``IndexUnusableError`` when there is none that can be used, ``InputError`` for an address that is none.
    """
    from policysearch.library import Index

    index = Index(_open_engine(location))
    if prepare:
        index.prepare()
    return index


def _open_engine(location: "str | Path") -> "Engine":
    if _is_address(location):
        from policysearch.engines.opensearch.address import parse_address
        from policysearch.engines.opensearch.engine import OpenSearchEngine

        return OpenSearchEngine(parse_address(str(location)))
    from pathlib import Path

    from policysearch.engines.whoosh.engine import WhooshEngine

    return WhooshEngine(Path(location))


def open_store(location: "str | Path" = "index") -> "Store":
    """Return the place of an index, for ``policysearch.indexing.refresh.refresh``.

    Raises ``InputError`` for an address that is none.
    """
    if _is_address(location):
        from policysearch.engines.opensearch.address import parse_address
        from policysearch.engines.opensearch.store import OpenSearchStore

        return OpenSearchStore(parse_address(str(location)))
    from pathlib import Path

    from policysearch.engines.whoosh.store import WhooshStore

    return WhooshStore(Path(location))


def open_whoosh(location: "str | Path" = "index") -> "SectionIndex":
    """Open an index as a ``whoosh.index.Index``, for Whoosh's own queries, parsers, facets, highlights and weightings.

    Its documents are the sections. Nothing is unpickled; it cannot be written to (docs/whoosh.md).

    Raises ``IndexUnusableError`` when there is none that can be used, ``InputError`` for the address of a cluster.
    """
    if _is_address(location):
        from policysearch.errors import InputError

        raise InputError(f"Whoosh opens an index in a folder, not on a cluster ('{location}').")
    from pathlib import Path

    from policysearch.engines.whoosh.whoosh_bridge import SectionIndex

    return SectionIndex(Path(location))


def _is_address(location: "str | Path") -> bool:
    """Whether this is the address of an index, not a folder. Raises ``InputError`` for an address of another kind."""
    scheme, colon, rest = str(location).partition(":")
    if scheme.startswith("opensearch+"):
        return True
    # a Path has made one slash of two
    if colon and (rest.startswith("//") or (rest.startswith("/") and scheme.lower() in _SCHEMES)) and "/" not in scheme:
        from policysearch.errors import InputError

        raise InputError(
            f"'{location}' is no place of an index: expected a folder, or opensearch+https://HOST:9200/NAME."
        )
    return False


_SCHEMES = ("opensearch", "http", "https", "file", "ftp", "s3")
