"""Superscripts of formats with markup as characters: 5.2³%, not 5.23%."""

from __future__ import annotations

import re

__all__ = ["superscript"]

_PLAIN = "0123456789+-−–()"
_RAISED = dict(zip(map(ord, _PLAIN), "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁻⁽⁾", strict=True))
_FIGURES = re.compile(r"[0-9+−–-][0-9 ,、，+−–-]*|\([0-9]{1,3}\)")


def superscript(text: str) -> str:
    """Return a text that is printed raised, with digits and signs as superscripts; any other text as it is.

    >>> [superscript(text) for text in ("3", "-1", "[3]", "注1")]
    ['³', '⁻¹', '[3]', '注1']
    """
    return text.translate(_RAISED) if _FIGURES.fullmatch(text.strip()) else text
