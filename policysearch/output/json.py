"""JSON that is safe to print: one line, without control characters that a terminal would execute."""

from __future__ import annotations

import json
from typing import Any

from policysearch.output.terminal import STEERING

__all__ = ["dump", "escaped"]

_encode = json.JSONEncoder(ensure_ascii=False).encode  # json.dumps creates an encoder for every call


def dump(value: Any) -> str:
    """Return a value as one line of JSON without terminal control sequences."""
    return escaped(_encode(value))


def escaped(text: str) -> str:
    """Return equivalent JSON, with control characters and characters that UTF-8 cannot encode escaped."""
    if text.replace("\u3000", "").isprintable():  # U+3000 indents most paragraphs
        return text
    return STEERING.sub(lambda found: json.dumps(found[0])[1:-1], text)
