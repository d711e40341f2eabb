"""JSON with bytes among its values: one line of JSON, then these bytes as they are, in the same order."""

from __future__ import annotations

import json
from typing import Any

__all__ = ["packed", "unpacked"]

_SIZE = ""  # the only key of an object that stands for so many bytes


def packed(value: Any) -> bytes:
    """Return a JSON value in which there may be ``bytes``."""
    pieces: list[bytes] = []

    def size_of(piece: Any) -> dict[str, int]:
        if not isinstance(piece, bytes):
            raise TypeError(f"{type(piece).__name__} is neither JSON nor bytes")
        pieces.append(piece)
        return {_SIZE: len(piece)}

    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=size_of)
    return b"\n".join((text.encode("utf-8", "surrogatepass"), b"".join(pieces)))


def unpacked(data: bytes) -> Any:
    """Return the value of ``packed`` bytes. Raises ``ValueError`` or ``RecursionError`` for others."""
    text, _, rest = data.partition(b"\n")
    at = 0

    def restored(found: dict[str, Any]) -> Any:
        nonlocal at
        if _SIZE not in found:
            return found
        size = found[_SIZE]
        if len(found) > 1 or type(size) is not int or not 0 <= size <= len(rest) - at:
            raise ValueError("a number of bytes expected")
        at += size
        return rest[at - size : at]

    value = json.loads(text, object_hook=restored)
    if at < len(rest):
        raise ValueError("more bytes than stated")
    return value
