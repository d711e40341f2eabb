"""Suggested commands in messages, which name the index that was given with ``-i``."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from typing import TextIO, cast

from policysearch.cli.command_names import COMMANDS
from policysearch.cli.session import GIVEN_INDEX
from policysearch.text.shell import pasted

__all__ = ["hinted", "in_order", "with_index", "without_option"]

_NAMES = "|".join(COMMANDS)
_COMMAND = re.compile(rf"(?<![\w./-])(?<!Usage: )(?<!Try ')policysearch (?:{_NAMES})(?![\w-])(?! (?:-i|--index)\b)")

_OPTION = re.compile(r"--?[\w=./:,-]+")


def with_index(text: str) -> str:
    """Return a text in which each suggested command names the index, if one was given as an option."""
    folder = GIVEN_INDEX.get()
    if folder is None:
        return text
    return _COMMAND.sub(lambda found: f"{found[0]} -i {pasted(folder)}", text)


_OPTIONS = {
    "list": "Words of a title are given with --title.",
    "citations": "A document is given with --of or --to.",
    "reuse": "A document is given with --of.",
    "words": "A query is given with --where.",
    "keywords": "Queries are given with --where and --against.",
    "targets": "An indicator is given with --indicator.",
    "export": "A file is given with --sqlite, a folder with --parquet.",
    "check": "The index is given with -i.",
    "info": "The index is given with -i.",
}
"""The options that take what is typed without an option, of commands without arguments."""


def without_option(name: str | None) -> str:
    """Return a sentence for a command that was given an argument without an option, after a space; or nothing."""
    said = _OPTIONS.get(name or "")
    return f". {said}" if said else ""


class _Hinted(io.TextIOBase):
    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str, /) -> int:
        return self._stream.write(with_index(text))


def hinted(stream: TextIO) -> TextIO:
    """Return a stream for lines of text, in which suggested commands name the index."""
    return stream if GIVEN_INDEX.get() is None else cast("TextIO", _Hinted(stream))


def in_order(arguments: Sequence[str]) -> str | None:
    """Return a command line with the command before its options; None if it has no command.

    >>> in_order(["-i", "my index", "search", "营商环境"])
    "policysearch search -i 'my index' 营商环境"
    """
    at = next((at for at, one in enumerate(arguments) if one in COMMANDS), None)
    if at is None:
        return None
    rest = (one if _OPTION.fullmatch(one) else pasted(one) for one in (*arguments[:at], *arguments[at + 1 :]))
    return " ".join(["policysearch", arguments[at], *rest])
