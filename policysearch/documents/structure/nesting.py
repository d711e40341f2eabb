"""Levels by nesting: numbers in sequence, each inside the one that continues after it."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict

from policysearch.documents.structure.heads import Head
from policysearch.documents.structure.marks import own_rank

__all__ = ["nested"]

DEEPEST = 12
"""Maximum number of levels; below it a restarted number closes the one before."""

LEAST_INLINE = 60
"""Minimum distance of the first two numbers inside a line that are headings, in characters."""

GAP = 3
"""Maximum step from a number to the next: headings may be missing or misnumbered."""

ANY_GAP = 99
"""The same for numbers like 11.5.14, whose other parts show whether they continue."""


def nested(candidates: list[Head]) -> list[Head]:
    """Return the candidates whose numbers are in sequence, in order, with their levels.

    No style has a fixed level: one that is not open is placed below the open one, unless that does not continue and is
    usually deeper.
    """
    return _Nesting(candidates).heads()


class _Nesting:
    """One pass over candidates in the order of the text.

    ``_stack`` contains the open headings, outermost first; ``_closed`` the last number of each style that was closed.
    """

    def __init__(self, candidates: list[Head]) -> None:
        self._candidates = sorted(candidates, key=lambda head: head.start)
        self._stack: list[Head] = []
        self._closed: dict[str, int] = {}
        self._places: dict[tuple[str, int], list[int]] = defaultdict(list)
        for at, head in enumerate(self._candidates):
            self._places[head.style, head.value].append(at)

    def heads(self) -> list[Head]:
        kept = []
        for at, head in enumerate(self._candidates):
            depth = self._depth(head, at)
            if depth is None:
                continue
            for old in self._stack[depth:]:
                self._closed[old.style] = old.value
            del self._stack[depth:]
            self._stack.append(head)
            head.level = len(self._stack)
            kept.append(head)
        return kept

    def _next(self, style: str, value: int, at: int) -> int:
        """Return the place of the next candidate with this number; past the end if there is none."""
        found = self._places.get((style, value), [])
        k = bisect_right(found, at)
        return found[k] if k < len(found) else len(self._candidates)

    def _depth(self, head: Head, at: int) -> int | None:
        """Return how many open headings stay open around ``head``; None when it is out of sequence."""
        if head.style in ("part", "plain"):
            declared = self._declared_depth(head)
            return self._part_depth(head.style, at) if declared is None else declared
        same = self._same_style(head)
        if not self._in_sequence(head, at, same):
            return None
        if same is None:
            return self._new_depth(head, at)
        return len(self._stack) if head.value == 1 and self._is_inner(same, at) else same

    def _same_style(self, head: Head) -> int | None:
        """Return the depth of the heading that ``head`` follows: of its style, the innermost in sequence."""
        depths = [depth for depth, other in enumerate(self._stack) if other.style == head.style]
        following = [depth for depth in depths if self._stack[depth].value + 1 == head.value]
        return max(following or depths, default=None)

    def _in_sequence(self, head: Head, at: int, same: int | None) -> bool:
        if same is not None and head.value == self._stack[same].value + 1:
            return True
        if head.inline:
            goes_on = same is None and self._closed.get(head.style, -2) + 1 == head.value
            return goes_on or (head.value == 1 and self._has_second(head, at))
        if same is not None:
            last = self._stack[same].value
            gap = GAP if not head.style.startswith("decimal") else ANY_GAP
            return head.value == 1 or last <= head.value <= last + gap
        if head.value == 1 or self._closed.get(head.style, -2) + 1 == head.value:
            return True
        return self._next(head.style, head.value + 1, at) < self._next(head.style, 1, at)

    def _has_second(self, head: Head, at: int) -> bool:
        second = self._next(head.style, 2, at)
        if second >= min(len(self._candidates), self._next(head.style, 1, at)):
            return False
        return self._candidates[second].start - head.start >= LEAST_INLINE

    def _is_inner(self, same: int, at: int) -> bool:
        """Return whether a number one begins a list inside the last heading."""
        part = self._next("part", 0, at)
        return len(self._stack) < DEEPEST and any(
            other.value and self._next(other.style, other.value + 1, at) < min(self._next(other.style, 1, at), part)
            for other in self._stack[same + 1 :]
        )

    def _new_depth(self, head: Head, at: int) -> int:
        depth = len(self._stack)
        if head.declared is not None:  # after 前言 of the same level, not below it
            closed = (
                at
                for at, other in enumerate(self._stack)
                if not other.value and other.declared is not None and other.declared >= head.declared
            )
            depth = next(closed, depth)
        while (
            depth and own_rank(self._stack[depth - 1].style) > own_rank(head.style) and not self._goes_on(depth - 1, at)
        ):
            depth -= 1
        return depth

    def _declared_depth(self, head: Head) -> int | None:
        """Return the depth of a heading without number by the levels of the format; None if these do not tell.

        It is below the innermost with a smaller level, or in the place of one with the same.
        """
        found = None
        for depth, other in enumerate(self._stack):
            if head.declared is None or other.declared is None:
                continue
            if other.declared < head.declared:
                found = depth + 1
            elif other.declared == head.declared and found is None:
                found = depth
        return found

    def _part_depth(self, style: str, at: int) -> int:
        """Return the depth of a heading without number: in the innermost that continues, else outermost."""
        for depth in range(len(self._stack) - 1, -1, -1):
            if self._goes_on(depth, at):
                return depth + 1
        styles = [head.style for head in self._stack]
        if style in styles:
            return styles.index(style)
        return styles.index("part") + 1 if "part" in styles else 0

    def _goes_on(self, depth: int, at: int) -> bool:
        """Return whether the numbers of ``_stack[depth]`` continue after ``at``, in the same parent."""
        head = self._stack[depth]
        place = self._next(head.style, head.value + 1, at)
        if not head.value or place == len(self._candidates) or self._next(head.style, 1, at) < place:
            return False
        return all(place < self._next(s.style, s.value + 1, at) for s in self._stack[:depth] if s.value)
