"""The verdicts on references of a draft: articles, document numbers and titles."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate
from typing import Any

from policysearch.citation.cited_names import name_key
from policysearch.citation.references import Reference
from policysearch.citation.resolving import ReferenceResolver, Resolution
from policysearch.citation.short_numbers import is_short_for
from policysearch.engines.protocol import Stored
from policysearch.frozen import replace
from policysearch.quoting.claims import names_the_same
from policysearch.quoting.verdicts import Claim
from policysearch.text.folding import fold, reduce

__all__ = ["DraftLines", "ReferenceClaims", "with_section"]


class DraftLines:
    """Line numbers of a text."""

    def __init__(self, text: str) -> None:
        self._ends = list(accumulate(len(line) + 1 for line in text.split("\n")))

    def of(self, at: int) -> int:
        """Return the number of the line that an offset lies in, from 1."""
        return bisect_right(self._ends, at) + 1


_AMENDS = re.compile(r"[^();。]{0,16}(?:修[正订改]|公布|发布)")  # （国务院令第588号修订）: the number of an amendment


class ReferenceClaims:
    """Resolves the references of drafts against one index."""

    def __init__(self, resolver: ReferenceResolver) -> None:
        self._resolver = resolver

    def claims(self, draft: str, prose: str, references: Sequence[Reference], lines: DraftLines) -> Iterator[Claim]:
        """Yield the verdicts on the references of a draft; ``prose`` is its text without quotations."""
        for at, one in enumerate(references):
            line = lines.of(one.start)
            if one.marks:
                made = self._article(one, line)
            elif one.kind == "document_number":
                amends = _AMENDS.match(fold(prose[one.end : one.end + 24]))
                made = self._number(one, [] if amends else _titles_of(prose, references, at), line)
            elif one.text.startswith("《") and not one.defines:
                made = self._title(one, line)
            else:
                continue
            yield replace(made, claim=draft[made.start : made.end])  # with the marks of notes in it

    def _article(self, one: Reference, line: int) -> Claim:
        resolution = self._resolver.resolve(one)
        text = resolution.section.text.strip() if resolution.section and resolution.verdict != "not_found" else None
        made = Claim("article", one.text, one.start, one.end, line, resolution.verdict, source_text=text)
        return self._of(replace(made, attributed_to=one.name or one.number), resolution)

    def _number(self, one: Reference, titles: Sequence[Reference], line: int) -> Claim:
        """Return the verdict on a document number; ``titles`` stand with it, of which it may be of any."""
        numbered = self._resolver.resolve(one)
        made = Claim(one.kind, one.text, one.start, one.end, line, numbered.verdict)
        resolutions = [self._resolver.resolve(titled) for titled in titles]
        if not titles or any(named.document_ids & numbered.document_ids for named in resolutions):
            return self._of(made, numbered)
        if not numbered.cited:
            for titled, named in zip(titles, resolutions, strict=True):
                placed = named if named.cited else self._resolver.resolve(titled, placeless=True)
                if self._may_have_number(placed, one.number or ""):
                    return self._of(replace(made, verdict=placed.verdict), placed)
        documents = [cited.entry.document for named in resolutions for cited in named.cited]
        numbers = dict.fromkeys(document["document_number"] for document in documents)
        known = [number for number in numbers if number is not None]
        others = dict.fromkeys(cited.entry.document["title"] for cited in numbered.cited)
        other = [title for title in others if title]
        if any(self._may_be_called(titled, numbered) for titled in titles):
            other = []
        if not other and (not known or None in numbers or not all(named.cited for named in resolutions)):
            return self._of(made, numbered)
        names = "、".join(titled.name or "" for titled in titles)
        notable = [f"{one.number} → {number}" for number in known] + [f"{names} → {title}" for title in other]
        made = replace(made, verdict="not_found", attributed_to=names, notable=tuple(notable))
        return self._of(made, next((named for named in resolutions if named.cited), numbered))

    def _may_have_number(self, named: Resolution, number: str) -> bool:
        """Return whether a number is short for a document's, or stands at the beginning of one without a number."""
        for cited in named.cited:
            document = cited.entry.document
            if document["document_number"]:
                if is_short_for(number, document["document_number"], document["region"]):
                    return True
            elif any(reduce(number) in one.reduced for one in self._resolver.sections(document)[:3]):
                return True
        return False

    def _may_be_called(self, titled: Reference, numbered: Resolution) -> bool:
        """Return whether a title may be a short form of that of a document, or the name of a text that it issues."""
        key = name_key(titled.name or "")
        for cited in numbered.cited:
            title = name_key(cited.entry.document["title"] or "")
            if _is_subsequence(key, title) or key.endswith(title):
                return True
            sections = self._resolver.sections(cited.entry.document)
            if any(name_key(label).endswith(key) for one in sections for label in (one.heading or "", *one.path)):
                return True
            if key in name_key(sections[0].text.replace("\n", "")):
                return True
        return False

    def _title(self, one: Reference, line: int) -> Claim:
        """Return the verdict on a title: found or not in the collection."""
        resolution = self._resolver.resolve(one)
        start, end = one.start, one.end
        claim = one.text
        if claim.endswith("》"):
            start, end, claim = start + 1, end - 1, claim[1:-1]
        verdict = "found" if resolution.section else "not_in_collection"
        return self._of(Claim("title", claim, start, end, line, verdict), resolution)

    def _of(self, made: Claim, resolution: Resolution) -> Claim:
        return with_section(made, resolution.section, self._resolver) if resolution.section else made


def with_section(claim: Claim, section: Stored, resolver: ReferenceResolver) -> Claim:
    """Return a claim with the section that it was compared with."""
    document: Mapping[str, Any] = section.document
    return replace(
        claim,
        section_id=section.section_id,
        title=document["title"],
        path=section.path,
        date=document["date"],
        status=document["status"],
        superseded_by=resolver.superseded_by(document),
    )


def _titles_of(text: str, references: Sequence[Reference], at: int) -> list[Reference]:
    """Return the titles that a document number stands with; several where they and their numbers are in a row.

    《甲》和《乙》（国发〔2024〕5号、国发〔2024〕6号）
    """
    number = references[at]
    first = at
    while first and references[first - 1].kind == number.kind and _is_row(text, references[first - 1], number, "、"):
        first -= 1
        number = references[first]
    following = next((one for one in references[at + 1 : at + 2] if names_the_same(text, one, references[at])), None)
    place = next((i for i in range(first - 1, max(-1, first - 4), -1) if not references[i].defines), None)
    before = None if place is None else references[place]
    if before and before.kind == "article" and before.start < number.start < before.end and before.name:
        return [replace(before, kind="title", marks=())]  # 《…》（国发〔2024〕5号）第五条
    if before is None or place is None or not names_the_same(text, before, number):
        return [following] if following else []
    if not fold(text[before.end : number.start]).strip() and following:
        return [following]
    row = [before]
    several = first < at or (references[at + 1 : at + 2] and _is_row(text, number, references[at + 1], "、"))
    while several and place and references[place - 1].kind == "title" and _is_row(text, references[place - 1], row[0]):
        place -= 1
        row.insert(0, references[place])
    return row


def _is_row(text: str, one: Reference, following: Reference, marks: str = "、,和与及") -> bool:
    """Return whether only a mark or a conjunction is between two references."""
    between = fold(text[one.end : following.start]).strip()
    return one.end <= following.start and len(between) == 1 and between in marks


def _is_subsequence(short: str, long: str) -> bool:
    rest = iter(long)
    return all(character in rest for character in short)
