"""The way back from the reader to the results: the parameters of a search, as one parameter of other pages."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import parse_qsl

from policysearch.serving.asked import Asked, address

__all__ = ["results_url", "way_back"]

_ESCAPED = str.maketrans({one: f"%{ord(one):02X}" for one in "%&+"})


def way_back(parameters: Iterable[tuple[str, str]]) -> str:
    """Return the parameters of a search as one value.

    They are not parameters of their own, since the reader has some of the same names. Only what would divide them is
    escaped: the address escapes the value once more, in which a Chinese character would have fifteen letters.
    """
    return "&".join(f"{name}={value.translate(_ESCAPED)}" for name, value in parameters)


def results_url(asked: Asked, reading: Iterable[tuple[str, str]]) -> str | None:
    """Return the address of the results that a page of the reader was opened from, or None for none.

    Args:
        asked: The request to the reader.
        reading: The query and its options, which the reader has as its own parameters.
    """
    found: dict[str, list[str]] = {name: [value] for name, value in reading}
    others: dict[str, list[str]] = {}
    for name, value in parse_qsl(asked.get("from"), errors="surrogateescape"):
        others.setdefault(name, []).append(value)
    found.update(others)
    return address(asked.site.root, "/", found.items()) if others or found.get("q") else None
