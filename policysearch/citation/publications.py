"""Communiqués, five-year plans and reports of party congresses by the names that drafts use for them without 《》."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from policysearch.citation.cited_names import name_key
from policysearch.citation.references import Reference, place_and_year
from policysearch.gazetteer.places import names_for_filter
from policysearch.text.chinese import NUMERAL, read_numeral
from policysearch.text.folding import fold
from policysearch.vocabulary import NATIONAL_LEADS

__all__ = ["Publications"]


class _Publication(NamedTuple):
    """A publication that is issued again and again.

    Attributes:
        kind: ``communique``, ``plan`` or ``congress``.
        number: The year that a communiqué is about; the number of a plan or a congress.
        place: Full name of the place; empty for the nation.
    """

    kind: str
    number: int
    place: str


_COMMUNIQUE = re.compile(r"(?:国民经济和社会发展)?统计公报")
_PLAN = re.compile(
    rf'"?(?:(?P<short>十[一二三四五六七八九]?)五"?(?:时期)?|第?(?P<long>[{NUMERAL}]{{1,3}})个五年)'
    r"(?:国民经济和社会发展)?(?:规划纲要|规划和20[0-9]{2}年远景目标纲要|规划(?![年期区建草编]|中期|实施|目标))"
)
_CONGRESS = re.compile(
    rf"(?:中国共产党|中共|党的)?(?:第(?P<long>[{NUMERAL}]{{1,3}})次全国代表大会(?:上的)?|(?<!第)(?P<short>[一二]?十[一二三四五六七八九]?)大)报告"
)
_TITLE = {
    "communique": re.compile(r"(?P<number>(?:19|20)[0-9]{2})年?.{0,20}国民经济和社会发展统计公报"),
    "plan": re.compile(rf"国民经济和社会发展第?(?P<number>[{NUMERAL}]{{1,3}})个五年规划"),
    "congress": re.compile(rf"中国共产党第(?P<number>[{NUMERAL}]{{1,3}})次全国代表大会上的报告"),
}
_LONGEST_LEAD = 30


class Publications:
    """The publications among some documents."""

    def __init__(self, documents: Sequence[Mapping[str, Any]]) -> None:
        self._titles: dict[_Publication, list[str]] = {}
        for document in documents:
            if document["title"] and (found := _of_title(document["title"], document["region"])):
                self._titles.setdefault(found, []).append(document["title"])
        self._kinds = {one.kind for one in self._titles}

    def read(self, text: str, references: Sequence[Reference]) -> list[Reference]:
        """Return the references of a text with those to publications of a kind that the documents have.

        A name of a publication within another reference is part of that.
        """
        if not self._titles:
            return list(references)
        taken = bytearray(len(text))
        for one in references:
            taken[one.start : one.end] = b"\1" * (one.end - one.start)
        found = [one for one in self._read(text) if not any(taken[one.start : one.end])]
        return sorted([*references, *found], key=lambda one: (one.start, one.end))

    def _read(self, text: str) -> Iterator[Reference]:
        folded = fold(text)
        for kind, pattern in (("communique", _COMMUNIQUE), ("plan", _PLAN), ("congress", _CONGRESS)):
            if kind not in self._kinds:
                continue
            for found in pattern.finditer(folded):
                lead = folded[max(0, found.start() - _LONGEST_LEAD) : found.start()]
                of_bureau = lead.endswith("国家统计局")
                place, year, length = place_and_year(lead.removesuffix("国家统计局"))
                number = year if kind == "communique" else read_numeral(found["short"] or found["long"])
                if number is None:
                    continue
                start = found.start() - (0 if of_bureau else length)
                title = self._title(kind, number, "" if of_bureau else place)
                yield Reference(
                    "name", start, found.end(), text[start : found.end()], title or text[start : found.end()]
                )

    def _title(self, kind: str, number: int, place: str | None) -> str | None:
        """Return the title of a publication; without a place that of the nation, or the only one."""
        if kind == "congress" or place in NATIONAL_LEADS:
            return next(iter(self._titles.get(_Publication(kind, number, ""), ())), None)
        if place is not None:
            names = names_for_filter(place) or {place}
            known = (titles for one, titles in self._titles.items() if one[:2] == (kind, number) and one.place in names)
            return next((title for titles in known for title in titles), None)
        every = [titles for one, titles in self._titles.items() if one[:2] == (kind, number)]
        found = self._titles.get(_Publication(kind, number, "")) or (every[0] if len(every) == 1 else None)
        return found[0] if found else None


def _of_title(title: str, region: str | None) -> _Publication | None:
    key = name_key(title)
    for kind, pattern in _TITLE.items():
        found = pattern.search(key)
        number = read_numeral(found["number"]) if found else None
        if number is not None:
            place = "" if region in (None, *NATIONAL_LEADS) or kind == "congress" else region
            return _Publication(kind, number, place or "")
    return None
