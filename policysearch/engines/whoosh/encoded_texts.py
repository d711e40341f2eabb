"""The encoding of the texts of a segment."""

from __future__ import annotations

__all__ = ["ENCODING", "decode_text", "encode_text", "stands_in"]

ENCODING = "utf-16-le"
"""Of Chinese text, it takes two thirds of UTF-8."""


def encode_text(text: str) -> bytes:
    """Return a text in the encoding of a segment."""
    return text.encode(ENCODING, "surrogatepass")


def decode_text(text: bytes) -> str:
    """Return the text of an encoded one."""
    return text.decode(ENCODING, "surrogatepass")


def stands_in(text: bytes, wanted: bytes) -> bool:
    """Return whether an encoded text contains another one."""
    at = text.find(wanted)
    while at & 1 and at > 0:  # the second half of a character and the first of the next one
        at = text.find(wanted, at + 1)
    return at >= 0
