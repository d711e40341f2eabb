"""The intermediate results of the section parser: headings with their place and level."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field

from policysearch.documents.structure.marks import Mark, article_at, mark_at
from policysearch.text.patterns import lazy_pattern

__all__ = ["Head", "Lines", "heading_span", "numbered_lines"]

LONGEST_HEADING = 60
"""Maximum length of a numbered heading that is followed by body text on the same line, in characters."""

LONGEST_LINE = 80
"""Maximum length of a heading on a line of its own, in characters."""


@dataclass(slots=True)
class Head:
    """The start of a section.

    Attributes:
        start: Offset where the section begins.
        end: Offset after number and heading, without a final stop.
        style: A style of :mod:`policysearch.documents.structure.marks`, or one of the
            un-numbered ones (part, family, dash, ordinal, own, lead, none).
        value: The number, 0 without one.
        number: Span of the number, or None.
        heading: Span of the heading, or None.
        level: Depth from 1.
        part: The part of the document it opens, or None to inherit.
        inline: Whether it begins inside a line, after a sentence or a space.
        declared: The level that the format states, None for a heading that it does not mark.
    """

    start: int
    end: int
    style: str
    value: int = 0
    number: tuple[int, int] | None = None
    heading: tuple[int, int] | None = None
    level: int = 1
    part: str | None = None
    inline: bool = False
    declared: int | None = None


@dataclass(slots=True)
class Lines:
    """The lines of a text that are not empty, by number: start and end offsets, and the text itself."""

    text: str
    starts: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    _marks: dict[int, Mark | None] = field(default_factory=dict)
    _articles: dict[int, Mark | None] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.starts)

    def line(self, i: int) -> str:
        return self.text[self.starts[i] : self.ends[i]]

    def size(self, i: int) -> int:
        return self.ends[i] - self.starts[i]

    def mark(self, i: int) -> Mark | None:
        """Return the number that line ``i`` begins with, if any; cached, since several rules need it."""
        if i not in self._marks:
            self._marks[i] = mark_at(self.text, self.starts[i], self.ends[i])
        return self._marks[i]

    def article(self, i: int) -> Mark | None:
        """Return the article's number that line ``i`` begins with, if any."""
        if i not in self._articles:
            self._articles[i] = article_at(self.text, self.starts[i], self.ends[i])
        return self._articles[i]

    def at(self, offset: int) -> int:
        """Return the number of the line that contains ``offset``."""
        return bisect_right(self.starts, offset) - 1


def numbered_lines(text: str) -> Lines:
    lines = Lines(text)
    start = 0
    for line in text.split("\n"):
        if line:  # an empty one is a border
            lines.starts.append(start)
            lines.ends.append(start + len(line))
        start += len(line) + 1
    if not lines.starts:
        lines.starts.append(0)
        lines.ends.append(0)
    return lines


_STOP = lazy_pattern(r"[。！？!?]")
_SENTENCES = lazy_pattern(r"[。！!；;]")
_ANY_STOP = lazy_pattern(r"[。！？!?；;]")
_TRAILING = " \t\u3000。.：:；;，,、"


def heading_span(text: str, start: int, end: int, longest: int = LONGEST_HEADING) -> tuple[int, int] | None:
    """Return the span of the heading in ``text[start:end]`` (the rest of a line after its number).

    A line without a stop inside is a heading; else its first sentence, when
    it is short; else a few words before a colon or a wide space.
    """
    while start < end and text[start] in " \t\u3000\xa0":
        start += 1
    if start == end:
        return None
    inner = _ANY_STOP.search(text, start, min(end, start + LONGEST_LINE + 1))
    if inner is None and end - start <= LONGEST_LINE:
        return _trimmed(text, start, end)
    if inner is not None and inner.end() == end and end - start <= longest:
        return _trimmed(text, start, end)
    if end - start <= longest and text[end - 1] in "？?" and not _SENTENCES.search(text, start, end):
        return start, end
    stop = _STOP.search(text, start, min(end, start + longest + 1))
    colon = _first(text, "：:", start, min(end, start + 21))
    if stop and stop.group() in "？?":
        return (start, stop.end()) if text.startswith("答", stop.end()) else None
    if stop and (colon < 0 or stop.start() - start <= 40):
        semicolon = _first(text, "；;", start, stop.start())
        return _trimmed(text, start, stop.start()) if semicolon < 0 else None
    if colon > start:
        return _trimmed(text, start, colon)
    gap = re.compile(r"[ ]{2,}|\u3000").search(text, start, min(end, start + 31))
    return _trimmed(text, start, gap.start()) if gap else None


def _first(text: str, characters: str, start: int, end: int) -> int:
    found = [at for at in (text.find(c, start, end) for c in characters) if at >= 0]
    return min(found, default=-1)


def _trimmed(text: str, start: int, end: int) -> tuple[int, int] | None:
    while end > start and text[end - 1] in _TRAILING:
        end -= 1
    return (start, end) if end > start else None
