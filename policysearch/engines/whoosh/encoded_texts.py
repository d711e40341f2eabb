"""The encoding of the texts of a segment."""

from __future__ import annotations

from codecs import utf_16_le_decode

__all__ = ["decode_text", "encode_text", "stands_in"]

_ENCODING = "utf-16-le"  # of Chinese text, it takes two thirds of UTF-8


def encode_text(text: str) -> bytes:
    """Return a text in the encoding of a segment."""
    return text.encode(_ENCODING, "surrogatepass")


def decode_text(text: bytes | memoryview) -> str:
    """Return the text of an encoded one."""
    # bytes.decode would look up the codec by its name, which takes as long as the text of a section
    return utf_16_le_decode(text, "surrogatepass", True)[0]


def stands_in(text: bytes, wanted: bytes) -> bool:
    """Return whether an encoded text contains another one."""
    at = text.find(wanted)
    while at & 1 and at > 0:  # the second half of a character and the first of the next one
        at = text.find(wanted, at + 1)
    return at >= 0
