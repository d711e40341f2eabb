"""Rewriting of a query without hits: its places and years become filters."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from policysearch.query.parser import parse
from policysearch.query.resolution import WORDS_OF_A_QUESTION, Resolver
from policysearch.query.syntax import AllOf, Expression, Group, normalize_query
from policysearch.text.chinese import read_numeral
from policysearch.text.folding import fold
from policysearch.vocabulary import PLACES

__all__ = ["rewritten"]

_YEAR = r"(?:19|20)[0-9]{2}|[一二][〇零九][〇零一二三四五六七八九]{2}"
_YEARS = re.compile(rf"(?<![0-9])(?P<first>{_YEAR})年?(?:度|版)?(?:[至到~-](?P<last>{_YEAR})(?:年度?)?)?(?![0-9])")
_COMPARED = re.compile(r"(?<!\S)(?:year|年份?)\s*([<>＜＞][=＝]?|[=＝]{1,2})\s*([12][0-9]{3})年?(?!\S)")
_QUOTES = re.compile('["“”「」『』]')
_SIGNS = frozenset("<>=")
_REPORT = "政府工作报告"
_REPORT_IN = re.compile(rf"{_REPORT}[中里]?的?")
_REPORT_ALONE = re.compile(rf"(?<!\S){_REPORT}(?!\S)")
_LONGEST_PLACE = 12
_ENDING = re.compile("(?:省|市|县|区|州|盟|旗|兵团)$")

# Words that ask or join in a run, and are not terms.
_ASKED = re.compile(
    "^(?:请问|我想知道|查询|查一下|关于|的|在|对|和|与|及|、|,|:)+|(?:的|是|为|有|会|将)*(?:多少|什么|哪些|哪个|几个?|怎么样?|怎样|如何|何时|吗"
    "|呢|情况如何)+(?:[?!。的是]*)$|[?!。,、的在和与及]+$"
)


def rewritten(query: str, expression: Expression, resolver: Resolver) -> str | None:
    """Return a query with filters in place of the places and years that the index has, None if it has none.

    A group that is one place or one year becomes a filter; from a longer run (2025年广东省GDP增长目标是多少) places,
    years and words that only ask are removed. Beside them, 政府工作报告 becomes a filter too: reports do not name
    themselves.
    """
    parts = expression.children if isinstance(expression, AllOf) else (expression,)
    # positions are those of the normalized query; filters from options have none
    text = normalize_query(query)
    compared = text if _QUOTES.search(text) else _COMPARED.sub(_as_filter, text)
    if compared != text:
        return rewritten(compared, parse(compared), resolver) or compared
    at = 0
    pieces: list[str] = []
    for part in parts:
        if not isinstance(part, Group):
            continue
        field = _field_of(part.text, part.reduced, resolver)
        if field:
            pieces += [text[at : part.position], field, ":"]
            at = part.position
        elif text.startswith(part.text, part.position) and (apart := _taken_apart(part, resolver)):
            pieces += [text[at : part.position], apart]
            at = part.position + len(part.text)
    if not pieces:
        return None
    said = "".join([*pieces, text[at:]]).strip()
    return _REPORT_ALONE.sub(f"type:{_REPORT}", said) if resolver.filter_values("type", _REPORT) else said


def _as_filter(compared: re.Match[str]) -> str:
    """Return a comparison of years as a filter."""
    sign, year = fold(compared[1]), int(compared[2])
    if ">" in sign:
        return f"year:{year + ('=' not in sign)}.."
    if "<" in sign:
        return f"year:..{year - ('=' not in sign)}"
    return f"year:{year}"


def _field_of(text: str, reduced: str, resolver: Resolver) -> str | None:
    year = reduced.removesuffix("年")
    if len(year) == 4 and year.isascii() and year.isdigit():
        return "year" if int(year) in resolver.field_values("year") else None
    return next((field for field in PLACES if resolver.filter_values(field, text)), None)


def _taken_apart(group: Group, resolver: Resolver) -> str | None:
    """Return a run as filters and the remaining terms, None if it contains no place or year of the index."""
    reduced = group.reduced
    if len(reduced) != len(group.text) or len(reduced) < 4 or not _SIGNS.isdisjoint(reduced):
        return None
    found = sorted([*_years(reduced, resolver), *_places(group.text, reduced, resolver)])
    if not found:
        return None
    if resolver.filter_values("type", _REPORT):
        found = sorted([*found, *((*one.span(), f"type:{_REPORT}") for one in _REPORT_IN.finditer(reduced))])
    terms: list[str] = []
    at = 0
    for start, end, _ in [*found, (len(reduced), len(reduced), "")]:
        if start >= at:
            terms += _terms(group.text[at:start], reduced[at:start], resolver)
            at = end
    return " ".join([*dict.fromkeys(filter for _, _, filter in found), *terms])


def _terms(text: str, reduced: str, resolver: Resolver) -> Sequence[str]:
    """Return the terms in the rest of a run, without words that ask; as single words if they would be a question."""
    before = None
    while before != reduced:
        before = reduced
        asked = _ASKED.search(reduced)
        if asked:
            start, end = asked.span()
            text, reduced = (text[:start] + text[end:], reduced[:start] + reduced[end:])
    if not any(character.isalnum() for character in reduced):
        return ()
    words = [word for word in resolver.cut(reduced) if len(word) > 1]
    return list(dict.fromkeys(words)) if len(set(words)) >= WORDS_OF_A_QUESTION else (text,)


def _years(reduced: str, resolver: Resolver) -> Iterator[tuple[int, int, str]]:
    known = resolver.field_values("year")
    for found in _YEARS.finditer(reduced):
        first, last = (read_numeral(found[name] or "") for name in ("first", "last"))
        if first in known and last is None:
            yield *found.span(), f"year:{first}"
        elif first is not None and last is not None and any(first <= year <= last for year in known):
            yield *found.span(), f"year:{first}..{last}"


def _places(text: str, reduced: str, resolver: Resolver) -> Iterator[tuple[int, int, str]]:
    """Yield the places of the index in a run as typed, and reduced, the longest at each place.

    A short form counts only at the beginning or after a year or another place, since many are ordinary words too. There
    a name need not begin and end at word boundaries.
    """
    years = [found.span() for found in _YEARS.finditer(reduced)]
    taken = [any(a <= at < b for a, b in years) for at in range(len(reduced))]
    edges = {0, *(end for _, end in years)}
    ends = [end for _, end in _spans_of_words(reduced, resolver)]
    at = 0
    while at < len(reduced):
        known = at in edges
        if known or at in ends:
            longest = next((i for i in range(at, len(reduced)) if taken[i]), len(reduced))
            possible = range(at + 2, min(longest, at + _LONGEST_PLACE) + 1)
            for end in sorted(possible if known else set(possible).intersection(ends), reverse=True):
                name = reduced[at:end]
                if not known and not (len(name) > 2 and _ENDING.search(name)):
                    continue
                field = next((field for field in PLACES if resolver.filter_values(field, name)), None)
                if field:
                    yield at, end, f"{field}:{text[at:end]}"
                    edges.add(end)
                    at = end - 1
                    break
        at += 1


def _spans_of_words(reduced: str, resolver: Resolver) -> list[tuple[int, int]]:
    """Return the boundaries of words; between two words, each character is a word."""
    spans: list[tuple[int, int]] = []
    at = 0
    for word in resolver.cut(reduced):
        start = reduced.find(word, at)
        spans += [(i, i + 1) for i in range(at, start)]
        spans.append((start, start + len(word)))
        at = start + len(word)
    return spans
