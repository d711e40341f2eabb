"""Detection of copies of the body: a scraper that saves nested elements repeats it."""

from __future__ import annotations

from collections.abc import Sequence

from policysearch.frozen import frozen

__all__ = ["BodyCopies", "find_copies"]

SMALLEST_BODY = 400
"""Minimum length of a body whose copies count as a scraper's, in characters."""

COPIES = 2
"""Minimum number of copies in addition to the body."""

WHOLE = 0.8
"""Minimum share of the body's characters in a copy: inner elements lack its first lines."""

EDGE = 12
"""Number of lines at either end of a body in which a copy may begin; maximum number of lines of a scrap."""


@frozen
class BodyCopies:
    """The copies of a body, from one line to the end of the text.

    Attributes:
        start: Number of the first line after the body.
        glued: Numbers of lines that consist of several of the body's first lines; each may occur once as a line.
    """

    start: int
    glued: frozenset[int]


def find_copies(lines: Sequence[str]) -> BodyCopies | None:
    """Return the copies of a body, None if the text as a whole is not such a repetition.

    The body is the start of the text. The rest must consist of at least two copies of it: the body from one of its
    first lines to its end, line by line. There may be scraps between and after them, a few of the body's first or last
    lines; the last copy may be cut off. If any other line occurs after the body, nothing is a copy: so every line from
    ``start`` on is one of the body's, or consists of some of them.

    Args:
        lines: Lines without white space at their ends, none of them empty.
    """
    if 2 * len(set(lines)) > len(lines):
        return None
    first: dict[str, int] = {}
    ids = [first.setdefault(line, number) for number, line in enumerate(lines)]
    glued = _glued(lines)
    end = max((number for line, number in first.items() if _squash(line) not in glued), default=-1) + 1
    for start in range(end, min(end + EDGE, len(lines) // 2 + 1)):
        rest: list[int] = []
        joined = set()
        for number in range(start, len(lines)):
            if ids[number] < start:
                rest.append(ids[number])
            else:
                begin, after = glued[_squash(lines[number])]
                rest += ids[begin:after]
                joined.add(number)
        if _is_copied(ids[:start], rest, [len(line) for line in lines[:start]]):
            return BodyCopies(start, frozenset(joined))
    return None


def _squash(line: str) -> str:
    return "".join(line.split())


def _glued(lines: Sequence[str]) -> dict[str, tuple[int, int]]:
    """Return every text that some of the first lines form on one line, with the first of them and the one after."""
    head = [_squash(line) for line in lines[:EDGE]]
    return {
        "".join(head[begin:after]): (begin, after)
        for begin in range(len(head))
        for after in range(begin + 2, len(head) + 1)
    }


def _is_copied(body: list[int], rest: list[int], sizes: list[int]) -> bool:
    """Return whether ``rest`` consists of copies of ``body`` and scraps of it, with enough copies."""
    size = sum(sizes)
    if size < SMALLEST_BODY:
        return False
    begins = []
    left = size
    for begin in range(min(EDGE, len(body))):
        if left >= WHOLE * size:
            begins.append(begin)
        left -= sizes[begin]
    copies = scraps = at = 0
    while at < len(rest):
        for begin in begins:
            length = len(body) - begin
            if rest[at] == body[begin] and rest[at : at + length] == body[begin:]:
                copies += 1
                at += length
                break
        else:
            if len(rest) - at < len(body) and rest[at:] == body[: len(rest) - at]:
                break  # the last copy, cut off
            scrap = _scrap(body, rest, at)
            scraps += scrap
            at += scrap
            if not scrap or scraps > EDGE * (copies + 1):
                return False
    return copies >= COPIES


def _scrap(body: list[int], rest: list[int], at: int) -> int:
    """Return the number of the body's first or last lines at a place."""
    for length in range(min(EDGE, len(body), len(rest) - at), 0, -1):
        piece = rest[at : at + length]
        if piece in (body[:length], body[-length:]):
            return length
    return 0
