"""The values that most records of the source manifest have, which it leaves out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

__all__ = ["usual_values"]

_OF_TEXT: dict[str, Any] = {
    "encoding": "utf-8",
    "confidence": 1.0,
    "reason": None,
    "skipped": {},
    "corrections": "",
    "removed": {},
    "notes": [],
}


def usual_values(roots: Iterable[str]) -> dict[str, Any]:
    """Return the values that the record of a source leaves out: those of a text file in UTF-8, and an only root."""
    named = list(roots)
    return {**_OF_TEXT, "root": named[0]} if len(named) == 1 else _OF_TEXT
