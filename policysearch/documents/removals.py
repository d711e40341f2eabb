"""Text removed from documents, counted by rule, and the removals that deserve a review."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from policysearch.documents.document import Document
from policysearch.frozen import asdict
from policysearch.sources.readers.reading import FURNITURE, Removed
from policysearch.text.characters import holds_text

__all__ = ["RemovedCount", "add_counts", "count_removed", "notable_rules"]

MOST = 0.02
"""The share of a source's characters that a rule outside ``FURNITURE`` may remove without a report."""

LEAST = 20
"""Number of characters up to which the share is not reported, in a source of any length: less than a line."""

LONG_LINE = 20
"""Minimum length of a line whose removal by such a rule is reported if it occurs nowhere else, in characters."""

_SURELY_COPIES = "repeated body"


class RemovedCount(NamedTuple):
    """The amount of text that a rule removed.

    Attributes:
        pieces: Number of pieces.
        characters: Number of their characters, without white space.
        unique_lines: Number of their lines with 20 significant characters or more that are neither in the text nor in
            the metadata. Always 0 for the rules in ``FURNITURE``, which are for such lines.
    """

    pieces: int = 0
    characters: int = 0
    unique_lines: int = 0


def count_removed(document: Document) -> dict[str, RemovedCount]:
    """Return the text that each rule removed from a document, by rule, in order of the first piece.

    Lines of front matter that became metadata are not counted: they were not lost.
    """
    counts: dict[str, RemovedCount] = {}
    kept: str | None = None
    for piece in document.removed:
        text, unique = piece.text, 0
        if piece.reason not in (*FURNITURE, _SURELY_COPIES):
            kept = _kept(document) if kept is None else kept
            lines = [line for line in text.split("\n") if not _became_metadata(piece, line, kept)]
            text = "\n".join(lines)
            unique = sum(_is_lost(line, kept) for line in lines)
        before = counts.get(piece.reason, RemovedCount())
        size = len("".join(text.split()))
        counts[piece.reason] = RemovedCount(before[0] + 1, before[1] + size, before[2] + unique)
    return counts


def _kept(document: Document) -> str:
    """Return the text and the metadata, without white space."""
    values = [str(value) for name, value in asdict(document).items() if name not in ("removed", "sections")]
    return "".join("\n".join(values).split())


def _became_metadata(piece: Removed, line: str, kept: str) -> bool:
    if piece.reason != "front matter":
        return False
    name, colon, stated = line.replace("：", ":").partition(":")
    value = "".join((stated if colon else name.strip("- \t")).split()).strip("\"'")
    return not value or value in kept


def _is_lost(line: str, kept: str) -> bool:
    squashed = "".join(line.split())
    return len(squashed) >= LONG_LINE and holds_text(squashed) and squashed not in kept


def add_counts(counts: Iterable[Mapping[str, RemovedCount]]) -> dict[str, RemovedCount]:
    """Return the sums of several counts, by rule, the largest first, ties by name."""
    sums: dict[str, RemovedCount] = {}
    for one in counts:
        for rule, count in one.items():
            pieces, characters, unique = sums.get(rule, RemovedCount())
            sums[rule] = RemovedCount(pieces + count[0], characters + count[1], unique + count[2])
    return dict(sorted(sums.items(), key=lambda item: (-item[1].characters, item[0])))


def notable_rules(counts: Mapping[str, RemovedCount], kept: int) -> tuple[str, ...]:
    """Return the rules to report for a source by name, in their order.

    They are the rules outside ``FURNITURE`` that removed a line which occurs nowhere else, or more than 2 % of the
    source (and more than 20 characters).

    Args:
        counts: The amount that each rule removed from a source.
        kept: Number of its characters in sections.
    """
    if not counts:
        return ()
    size = kept + sum(count.characters for count in counts.values())
    return tuple(
        rule
        for rule, count in counts.items()
        if rule not in FURNITURE and (count.unique_lines or count.characters > max(LEAST, MOST * size))
    )
