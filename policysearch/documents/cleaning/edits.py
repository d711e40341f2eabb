"""Edits inside lines: removal of remains of scrapers and converters, with a mapping of offsets."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import NamedTuple

from policysearch.frozen import frozen
from policysearch.sources.readers.reading import Removed
from policysearch.text.characters import holds_text
from policysearch.text.patterns import lazy_pattern

__all__ = ["Edit", "Edited", "edited", "markup_edits", "spaced_out"]


class Edit(NamedTuple):
    start: int
    end: int
    replacement: str
    removed: Removed | None


@frozen
class Edited:
    text: str
    old: tuple[int, ...]
    new: tuple[int, ...]
    removed: tuple[tuple[int, Removed], ...]  # each with its offset in the old text

    def source(self, offset: int) -> int:
        """Return the offset in the old text of the character at ``offset`` of the new one."""
        at = bisect_right(self.new, offset) - 1
        return self.old[at] + offset - self.new[at]

    def moved(self, offset: int) -> int:
        """Return the offset in the new text of the character at ``offset`` of the old one."""
        if len(self.old) == 1:  # nothing was edited
            return offset
        at = bisect_right(self.old, offset) - 1
        if at < 0:
            return offset
        end = self.new[at + 1] if at + 1 < len(self.new) else len(self.text)
        return min(self.new[at] + offset - self.old[at], end)


def edited(text: str, edits: Sequence[Edit]) -> Edited:
    if not edits:
        return Edited(text, (0,), (0,), ())
    pieces: list[str] = []
    old, new = [0], [0]
    length = at = 0
    for edit in edits:
        kept = text[at : edit.start]
        pieces += [kept, edit.replacement]
        length += len(kept) + len(edit.replacement)
        at = max(at, edit.end)
        old.append(at)
        new.append(length)
    pieces.append(text[at:])
    removed = tuple((text.index(e.removed.text, e.start), e.removed) for e in edits if e.removed)
    return Edited("".join(pieces), tuple(old), tuple(new), removed)


_LITERAL_SPACE = lazy_pattern(r"(?:<U\+(?:00A0|3000|2002|2003|200B|FEFF)>)+")
_COMMENT = lazy_pattern(r"<!--[^<>]{0,2000}-->|<!--|-->")


def markup_edits(text: str) -> list[Edit]:
    """Return edits for characters spelled out (``<U+00A0>``) and comments of a page's source.

    Of a comment with text only the marks are removed, since it may be part of the document.
    """
    edits = []
    if "<U+" in text:
        edits += [Edit(m.start(), m.end(), " ", Removed(m.group(), "markup")) for m in _LITERAL_SPACE.finditer(text)]
    if "<!--" in text or "-->" in text:
        for found in _COMMENT.finditer(text):
            start, end = found.span()
            spans = [(start, start + 4), (end - 3, end)] if holds_text(found[0]) else [(start, end)]
            edits += [Edit(a, b, "", Removed(text[a:b], "markup")) for a, b in spans]
        edits.sort(key=lambda edit: edit.start)
        edits = [e for e, before in zip(edits, [None, *edits], strict=False) if not before or before.end <= e.start]
    return edits


_SINGLE_SPACE = lazy_pattern(r"(?<=[^\s]) (?=[^\s])")


def spaced_out(text: str) -> list[Edit]:
    """Return edits for a text with a space after every character, as some converters write it."""
    if 5 * text.count(" ") < 2 * len(text):
        return []
    return [Edit(m.start(), m.end(), "", None) for m in _SINGLE_SPACE.finditer(text)]
