"""The scoring formula: BM25 as Lucene computes it.

Robertson and Zaragoza, The Probabilistic Relevance Framework: BM25 and
Beyond (2009), in the form of Lucene's BM25Similarity since version 8: without
the constant factor (k1 + 1), and with field lengths rounded to one byte as
Lucene's SmallFloat.intToByte4 does.
"""

from __future__ import annotations

from math import log

__all__ = ["HEADING_FACTOR", "K1", "LENGTHS", "B", "encode_length", "idf", "norms"]

K1 = 1.2
B = 0.75


HEADING_FACTOR = 2.0**-20
"""Factor of the term scores of a section that is only a heading, or a title page, so that it ranks after equally
matching sections with a body. A power of two, so that the product is exact."""


def _decode(code: int) -> int:
    """Return the length encoded by a byte: exact up to 40, then four significant bits."""
    if code < 24:
        return code
    code -= 24
    exponent = (code >> 3) - 1
    mantissa = code & 7
    value = mantissa if exponent == -1 else (mantissa | 8) << exponent
    return 24 + value


LENGTHS: tuple[int, ...] = tuple(map(_decode, range(256)))


def encode_length(length: int) -> int:
    """Return the byte that encodes a length: the greatest one whose length is not greater.

    >>> [LENGTHS[encode_length(n)] for n in (0, 39, 40, 41, 42, 1000)]
    [0, 39, 40, 40, 42, 984]
    """
    if length < 24:
        return length
    rest = length - 24
    bits = rest.bit_length()
    if bits < 4:
        return 24 + rest
    shift = bits - 4
    return min(255, 24 + ((rest >> shift & 7) | (shift + 1) << 3))


def idf(documents: int, document_frequency: int) -> float:
    """Return the inverse document frequency of a term in ``document_frequency`` of ``documents`` sections."""
    return log(1 + (documents - document_frequency + 0.5) / (document_frequency + 0.5))


def norms(average: float) -> tuple[float, ...]:
    """Return, for each length byte, the value added to a frequency in the denominator."""
    if not average:
        return (K1,) * 256
    return tuple(K1 * ((1 - B) + B * length / average) for length in LENGTHS)
