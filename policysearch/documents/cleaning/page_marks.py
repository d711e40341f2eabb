"""Page marks: numbers in page form that ascend by one through a text."""

from __future__ import annotations

import re
from collections import deque

from policysearch.documents.cleaning.edits import Edit
from policysearch.sources.readers.reading import Removed
from policysearch.text.patterns import lazy_pattern

__all__ = ["DASHES", "page_mark_edits"]


_INDENT = " \t\u3000\xa0"
DASHES = "—–―‐‑─━－-"
_DASHED_MARK = lazy_pattern(rf"[{DASHES}]{{1,2}}[ \u3000]?(\d{{1,4}})[ \u3000]?[{DASHES}]{{1,2}}[ \t\u3000]*")
_WORDED_MARK = lazy_pattern(
    r"^[ \t\u3000]*(?:[#=*\[【（(\-]{1,6}[ ]?)?"
    r"(?:第[ \u3000]?(\d{1,4})[ \u3000]?页(?:[ \u3000,，/／]*共[ \u3000]?\d{1,4}[ \u3000]?页)?"
    r"|(\d{1,4})[ \u3000]?[/／][ \u3000]?\d{1,4}|[Pp]age[ ]?(\d{1,4})(?: of \d{1,4})?)"
    r"(?:[ ]?[:：=*\]】）)\-]{1,6})?[ \t\u3000]*$",
    re.M,
)
_BARE_MARK = lazy_pattern(r"^[ \t\u3000]*[·.]?(\d{1,4})[·.]?[ \t\u3000]*$", re.M)
# Without any of these a text has at most one such mark; this check takes a tenth of the time of the others.
_WORDS = ("页", "/", "／", "age")
_SECOND_BARE = lazy_pattern(r"\n[ \t\u3000]*[·.]?\d{1,4}[·.]?[ \t\u3000]*(?=\n|\Z)")

LEAST_PAGE = 150
"""Minimum average distance of bare numbers that are page marks, in characters."""


def page_mark_edits(text: str) -> list[Edit]:
    """Return edits for page marks: numbers in page form that ascend by one through the text."""
    spans: list[tuple[int, int]] = []
    if dashed := [(m.start(), m.end(), int(m[1])) for m in _DASHED_MARK.finditer(text)]:
        spans += _rising(_placed(text, dashed), least=1 if _ends_with(text, dashed) else 2)
    if any(word in text for word in _WORDS):
        worded = [(m.start(), m.end(), int(m[1] or m[2] or m[3])) for m in _WORDED_MARK.finditer(text)]
        spans += _rising(worded, least=2 if len(worded) > 1 else 1)
    if not spans and _SECOND_BARE.search(text):
        bare = [(m.start(), m.end(), int(m[1])) for m in _BARE_MARK.finditer(text)]
        found = _rising(bare, least=3)
        if found and found[-1][0] - found[0][0] >= LEAST_PAGE * len(found):
            spans += found
    return [_page_edit(text, start, end) for start, end in sorted(spans)]


def _ends_with(text: str, marks: list[tuple[int, int, int]]) -> bool:
    """Return whether a single mark is alone on the first or last line."""
    if len(marks) != 1:
        return False
    start, end, _ = marks[0]
    return (not text[:start].strip() and text[end : end + 1] == "\n") or (
        not text[end:].strip() and text[start - 1 : start] == "\n"
    )


def _placed(text: str, marks: list[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
    """Return the dashed marks at a line's start or end; all of them if there are many."""
    edged = [
        (start, end, number)
        for start, end, number in marks
        if text[end : end + 1] in ("\n", "") or text[max(0, start - 60) : start].rstrip(_INDENT)[-1:] in ("\n", "")
    ]
    return marks if len(marks) >= 3 and len(_rising(marks, least=3)) > len(edged) else edged


def _rising(marks: list[tuple[int, int, int]], least: int) -> list[tuple[int, int]]:
    """Return the spans of marks in runs whose numbers ascend by one: of the longest, if it has ``least``,
    and of others with three (a text printed twice has two series).
    """
    open_runs: dict[int, deque[list[tuple[int, int]]]] = {}
    runs: list[list[tuple[int, int]]] = []
    for start, end, number in marks:
        before = open_runs.get(number - 1)
        if before:
            run = before.popleft()
        else:
            run = []
            runs.append(run)
        run.append((start, end))
        open_runs.setdefault(number, deque()).append(run)
    best = max(runs, key=len, default=[])
    if len(best) < least:
        return []
    return sorted(span for run in runs if run is best or len(run) >= 3 for span in run)


_SPACE = " \t\u3000\xa0\n"


def _page_edit(text: str, start: int, end: int) -> Edit:
    """Return the edit that removes one page mark and the line breaks around it, except one."""
    removed = Removed(text[start:end].strip(), "page mark")
    before = start
    while before and text[before - 1] in _SPACE:
        before -= 1
    after = end
    while after < len(text) and text[after] in _SPACE:
        after += 1
    if not before or after == len(text):
        return Edit(before, after, "", removed)
    if "\n" not in text[before:after]:
        return Edit(start, end, "", removed)
    return Edit(before, after, "\n", removed)
