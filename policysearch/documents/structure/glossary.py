"""Glossaries (名词解释): each term with its definition is a section."""

from __future__ import annotations

import re

from policysearch.documents.structure.heads import Head, Lines
from policysearch.text.patterns import lazy_pattern

__all__ = ["terms"]

_NUMBERED = lazy_pattern(
    r"(?P<number>[［\[【〔（(]?[ ]?(?P<value>\d{1,3})[ ]?[］\]】〕）)]?[ ]?(?:[、．.:：](?!\d))?|[①-⑳]"
    r"|[⒈-⒛])[ \u3000]*"
)
_TERM = lazy_pattern(r"[^。；;]{1,40}?(?=[:：]|——|[ ，,]?是?指(?!数|标|挥|导|南|引))")


def terms(lines: Lines, first: int, last: int, level: int) -> list[Head]:
    """Return the entries in lines ``first`` to ``last`` (exclusive).

    If the first entries are numbered, only lines with the next number begin an entry; else each line with a colon after
    a short term does.
    """
    numbered = [i for i in range(first, min(last, first + 3)) if _number(lines, i)]
    heads: list[Head] = []
    expected = 1
    for i in range(first, last):
        found = _number(lines, i) if numbered else None
        if numbered and (found is None or not _value(found, expected)):
            continue
        begin = found.end() if found else lines.starts[i]
        term = _TERM.match(lines.text, begin, lines.ends[i])
        if not numbered and (term is None or lines.text[term.end()] not in ":："):
            continue
        span = term.span() if term else None
        number = (lines.starts[i], found.end("number")) if found else None
        heads.append(
            Head(lines.starts[i], span[1] if span else begin, "term", expected, number, span, level, "glossary")
        )
        expected += 1
    return heads


def _number(lines: Lines, i: int) -> re.Match[str] | None:
    found = _NUMBERED.match(lines.text, lines.starts[i], lines.ends[i])
    return found if found and found.end("number") > lines.starts[i] else None


def _value(found: re.Match[str], expected: int) -> bool:
    """Return whether the number is the next one, or soon after it if some are missing."""
    return found["value"] is None or expected <= int(found["value"]) <= expected + 2
