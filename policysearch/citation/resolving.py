"""Resolution of references in an index: the cited document, and its sections with the numbers."""

from __future__ import annotations

import datetime
import re
from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from itertools import chain
from typing import Any

from policysearch.citation.article_parts import LOWER_UNITS, below_article, cited_parts, parts_in
from policysearch.citation.catalogue import Catalogue, CatalogueEntry
from policysearch.citation.cited_names import amended_names, name_key, version_year
from policysearch.citation.references import Reference
from policysearch.citation.section_marks import SectionMark, leading_mark, spellings
from policysearch.citation.versions import Versions
from policysearch.engines.protocol import Engine, Stored

__all__ = ["Cited", "ReferenceResolver", "Resolution"]


class Cited:
    """A document that a reference means, with the cited sections.

    Attributes:
        entry: The document, by the name in the reference.
        here: Whether the document has the cited number.
        below: The cited parts of an article, each as the numbers of a paragraph, an item and a point; empty for all.
    """

    def __init__(
        self,
        entry: CatalogueEntry,
        here: bool,
        sections: Callable[[], tuple[Stored, ...]],
        below: tuple[tuple[SectionMark, ...], ...] = (),
    ) -> None:
        self.entry = entry
        self.here = here
        self.below = below
        self._read = sections

    @cached_property
    def sections(self) -> tuple[Stored, ...]:
        """The cited section with the sections that belong to it, in order; all of the document if no number is named.

        Empty if the document has no such number. Read on first use.
        """
        return self._read() if self.here else ()


class Resolution:
    """The resolution of a reference in an index.

    Attributes:
        verdict: ``found``; ``superseded`` (an old version is named, or the latest no longer has the number);
            ``ambiguous`` (it fits several documents that are not versions of one another); ``not_found`` (the document
            is in the index, but not the number); ``not_in_collection``.
        cited: The documents that the reference may mean, latest first; for ``found`` the one that is meant is first.
    """

    def __init__(
        self, verdict: str, cited: tuple[Cited, ...] = (), section: Callable[[], Stored | None] = lambda: None
    ) -> None:
        self.verdict = verdict
        self.cited = cited
        self._section = section

    @cached_property
    def section(self) -> Stored | None:
        """The cited section, or the first one of the document; None if there is none. Read on first use."""
        return self._section()

    @property
    def document_ids(self) -> frozenset[str]:
        """Ids of the documents that the reference may mean."""
        return frozenset(one.entry.document_id for one in self.cited)


_MOST_KEPT = 200  # number of documents whose sections are cached
_MOST_NUMBERED = 500_000  # number of sections whose numbers are cached


class ReferenceResolver:
    """Resolves references against one open index.

    Args:
        engine: The open index.
        catalogue: Its documents, or those of a selection.
    """

    def __init__(self, engine: Engine, catalogue: Catalogue) -> None:
        self._engine = engine
        self._catalogue = catalogue
        self._sections: dict[str, tuple[Stored, ...]] = {}
        self._numbered: dict[str, dict[SectionMark, array[int]]] = {}
        self._many_numbered = 0
        self._versions = Versions(engine.description.get("versions", ()))

    def resolve(self, reference: Reference, *, placeless: bool = False) -> Resolution:
        """Resolve a reference. ``placeless`` as in ``Catalogue.named``."""
        entries = self._entries(reference, placeless)
        if reference.year is not None and reference.kind != "report":
            entries = tuple(one for one in entries if _is_of_year(one, reference.year)) or self._notices(entries)
        if not entries:
            return Resolution("not_in_collection")
        entries = tuple(sorted(entries, key=lambda one: bool(one.document["status"] == "尚未生效")))
        below = below_article(reference.text, reference.marks)
        cited = tuple(self._cited(one, reference.marks, below, reference.number is not None) for one in entries)
        having = tuple(one for one in cited if one.here)
        if not having:
            if any(one.of_code for one in entries) and not self._may_have(entries, reference.marks):
                return Resolution("not_in_collection", cited)
            return Resolution("not_found", cited, lambda: self.cited_in(entries[0], ())[0])
        verdict = "found" if reference.kind == "report" else self._verdict(reference, entries, having)
        first = having[0]
        return Resolution(verdict, (first, *(one for one in cited if one is not first)), lambda: first.sections[0])

    def _verdict(self, reference: Reference, entries: Sequence[CatalogueEntry], having: Sequence[Cited]) -> str:
        if reference.marks and any(one.of_code for one in entries):
            return "found" if len(having) == 1 else "ambiguous"
        distinct = [one for one in having if not self._repeats(one.entry, having)]
        latest = self.latest(having[0].entry.document)
        if any(not self._same_law(having[0].entry, one.entry) for one in distinct[1:]):
            return "ambiguous" if reference.marks or reference.number else "found"
        if reference.year is None:
            latest = entries[0].document if self._same_law(entries[0], having[0].entry) else having[0].entry.document
        return "found" if latest["document_id"] == having[0].entry.document_id else "superseded"

    def _repeats(self, one: CatalogueEntry, having: Sequence[Cited]) -> bool:
        """Return whether a document has the text of another one that may be meant."""
        original = one.document["duplicate_of"]
        return original is not None and any(other.entry.document_id == original for other in having)

    def _same_law(self, a: CatalogueEntry, b: CatalogueEntry) -> bool:
        if a.amends or b.amends:  # of one name
            return True
        return a.document_id == b.document_id or self.are_versions(a.document, b.document)

    def are_versions(self, a: Mapping[str, Any], b: Mapping[str, Any]) -> bool:
        """Return whether two documents are versions of one another."""
        return self._versions.are_versions(a["document_id"], b["document_id"])

    def versions(self, document: Mapping[str, Any]) -> tuple[Mapping[str, Any], ...]:
        """Return the versions of a document, itself included, latest first."""
        if not document["title"]:
            return (document,)
        named = [one.document for one in self._catalogue.named(document["title"]) if one.within is None]
        return tuple(
            one for one in named if one["document_id"] == document["document_id"] or self.are_versions(one, document)
        ) or (document,)

    def superseded_by(self, document: Mapping[str, Any]) -> str | None:
        """Return the id of the version that superseded a document, also if it is not in the catalogue; or None."""
        successor = self._versions.superseded_by(document["document_id"])
        decision = self._decision_after(document) if successor is None else None
        return decision["document_id"] if decision else successor

    def _decision_after(self, document: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """Return the latest decision to amend a document that contains its new text, if the index has no later one."""
        if document["status"] == "有效" or not document["title"]:
            return None
        for one in self._catalogue.amending(document["title"]):
            alike = one.document["region"] == document["region"] and _is_later(one.document, document)
            if alike and self._contains(one):
                return one.document
        return None

    def latest(self, document: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the version that is in force instead of a document; itself if there is no other one."""
        successor = self._versions.superseded_by(document["document_id"])
        if successor is None:
            return self._decision_after(document) or document
        versions = self.versions(document)
        latest = next((one for one in versions if one["document_id"] == successor), versions[0])
        return self._decision_after(latest) or latest

    def _entries(self, reference: Reference, placeless: bool) -> tuple[CatalogueEntry, ...]:
        if reference.number is not None:
            return self._catalogue.numbered(reference.number)
        if reference.kind == "report":
            return self._catalogue.reports(reference.place, reference.year)
        named = self._catalogue.named(reference.name or "", placeless=placeless)
        return tuple(one for one in named if not one.amends or self._contains(one))

    def _contains(self, entry: CatalogueEntry) -> bool:
        """Return whether a decision to amend a statute contains its new text: articles below its name."""
        inside = self._inside(entry.document, (entry.within or "",))
        sections = self.sections(entry.document)
        return any((mark := leading_mark(sections[at].number or "")) and mark.unit == "条" for at in inside)

    def _inside(self, document: Mapping[str, Any], names: Sequence[str]) -> list[int]:
        """Return the places of the sections below a heading that is one of some names."""
        paths = ((at, one.path) for at, one in enumerate(self.sections(document)) if one.path)
        return [at for at, path in paths if name_key(path[0]).endswith(tuple(names))]

    @staticmethod
    def _notices(entries: Sequence[CatalogueEntry]) -> tuple[CatalogueEntry, ...]:
        """Return the documents that only issue the named one, so that a year before the name is not theirs."""
        return tuple(one for one in entries if one.within is not None and not one.amends)

    # sections

    def sections(self, document: Mapping[str, Any]) -> tuple[Stored, ...]:
        """Return a document's sections in order."""
        document_id = document["document_id"]
        found = self._sections.get(document_id)
        if found is None:
            found = tuple(self._engine.stored(self._engine.find_document(document_id)))
            if len(self._sections) >= _MOST_KEPT:
                self._sections.clear()
            self._sections[document_id] = found
        return found

    def _marks(self, document: Mapping[str, Any]) -> dict[SectionMark, array[int]]:
        """Return the places of each number in a document, as indices of ``sections``."""
        found = self._numbered.get(document["document_id"])
        if found is None:
            found = {}
            numbers = self._engine.numbers(document["document_id"])
            self._many_numbered += len(numbers)
            if self._many_numbered > _MOST_NUMBERED:
                self._numbered.clear()
                self._many_numbered = len(numbers)
            for at, number in enumerate(numbers):
                mark = leading_mark(number) if number else None
                if mark:
                    found.setdefault(mark, array("I")).append(at)
            self._numbered[document["document_id"]] = found
        return found

    def _has_numbers(self, document: Mapping[str, Any]) -> bool:
        """Return whether the parts or the articles of a document are numbered, so that 第二部分 can be told."""
        return any(mark.unit in ("、", "条") for mark in self._marks(document))

    def _may_have(self, entries: Iterable[CatalogueEntry], marks: Sequence[SectionMark]) -> bool:
        """Return whether a number is between numbers of one of the parts of a code in the index."""
        wanted = next((mark for mark in marks if mark.unit == "条"), None)
        if wanted is None:
            return True
        for one in entries:
            there = [mark.value for mark in self._marks(one.document) if mark.unit == "条"]
            if there and min(there) <= wanted.value <= max(there):
                return True
        return False

    def _cited(
        self,
        entry: CatalogueEntry,
        marks: Sequence[SectionMark],
        below: tuple[tuple[SectionMark, ...], ...],
        numbered: bool,
    ) -> Cited:
        """Return a document as cited. Its texts are read only if they decide whether it has the number.

        ``numbered``: whether it is cited by its document number, and not by its name.
        """

        def sections() -> tuple[Stored, ...]:
            return self.cited_in(entry, marks)

        if not marks or (marks[0].unit == "、" and not self._has_numbers(entry.document)):
            return Cited(entry, True, lambda: self.cited_in(entry, ()))
        places = self._places(entry.document, marks)
        if places and entry.amends:
            places = [at for at in self._inside(entry.document, (entry.within or "",)) if at in places]
        elif places and not numbered and (amended := amended_names(entry.document["title"] or "")):
            # 第三条 of a decision is none of the statute that it contains
            appended = self._inside(entry.document, amended)
            places = [at for at in places if at not in appended]
        if not places:
            return Cited(entry, False, sections)
        if len(marks) == 1:
            return Cited(entry, True, sections)
        read = sections()
        return Cited(entry, bool(read), lambda: read, below)

    def _places(self, document: Mapping[str, Any], marks: Sequence[SectionMark]) -> list[int]:
        """Return the places of the sections of a document with the innermost number of a section."""
        upper = [mark for mark in marks if mark.unit not in LOWER_UNITS]
        if not upper:
            return []
        numbered = self._marks(document)
        return [at for unit in spellings(upper[-1]) for at in numbered.get(unit, ())]

    def cited_in(self, entry: CatalogueEntry, marks: Sequence[SectionMark]) -> tuple[Stored, ...]:
        """Return the sections of a document with a number, and those that belong to them; all without a number."""
        inside = self._inside(entry.document, (entry.within,)) if entry.within is not None else []
        if not marks:
            sections = self.sections(entry.document)
            return tuple(sections[at] for at in inside) or sections
        above = [mark for mark in marks if mark.unit not in LOWER_UNITS][:-1]
        lower = tuple(mark for mark in marks if mark.unit in LOWER_UNITS)
        places = self._places(entry.document, marks)
        if above and places:
            sections = self.sections(entry.document)
            places = [at for at in places if _under(sections[at], above)]
        found: list[Stored] = []
        for at in [at for at in places if at in inside] or places:
            whole = self._with_children(entry.document, at)
            if not lower or _has(whole, lower):
                found += whole
        return tuple(found)

    def _with_children(self, document: Mapping[str, Any], at: int) -> list[Stored]:
        """Return the section at a place with those below it, without reading the rest of the document."""
        known = self._sections.get(document["document_id"])
        if known is not None:
            following = iter(known[at:])
        else:
            keys = self._engine.find_document(document["document_id"])[at:]
            following = chain.from_iterable(self._engine.stored([key]) for key in keys)
        whole = [next(following)]
        for below in following:
            if below.level <= whole[0].level:
                break
            whole.append(below)
        return whole


_SAME_CHANGE = datetime.timedelta(days=90)
"""Time between the days that a decision and the text that it amends may state for one change: passing, promulgation."""


def _is_later(decision: Mapping[str, Any], document: Mapping[str, Any]) -> bool:
    """Return whether a decision to amend a document was made after the text that the document has."""
    if not decision["date"] or not document["date"]:
        return False
    days = (datetime.date.fromisoformat(one["date"]) for one in (decision, document))
    return next(days) - next(days) > _SAME_CHANGE


def _is_of_year(entry: CatalogueEntry, year: int) -> bool:
    document = entry.document
    dated = int(document["date"][:4]) if document["date"] else None
    years = {document["year"], dated, version_year(document["title"] or "")}  # 目录（2024年本） may be of 2023
    return year in years


def _under(section: Stored, above: Sequence[SectionMark]) -> bool:
    """Return whether a section is below some numbers, outermost first."""
    path = iter(section.path[:-1])
    return all(any(leading_mark(label) == mark for label in path) for mark in above)


_ITEM = re.compile(r"(?:^|\n|[:;。])[ \t\u3000]*[(（][一二三四五六七八九十百〇零0-9]{1,4}[)）]")
_ENDS = '。;；:：!！?？”」』"'


def _has(sections: Sequence[Stored], lower: tuple[SectionMark, ...]) -> bool:
    """Return whether an article has a paragraph (款), an item (项) or a point (目) with this number."""
    text = "\n".join(section.text for section in sections)
    if parts_in(text):
        return cited_parts(text, (lower,)) is not None
    items = [leading_mark(item[0].strip(" \t\u3000\n:;。")) for item in _ITEM.finditer(text)]
    return all(
        mark.value <= _paragraphs(text) if mark.unit == "款" else SectionMark("()", mark.value) in items
        for mark in lower
        if mark.unit != "目"
    )


def _paragraphs(text: str) -> int:
    """Return the number of paragraphs of a text, without items; a line that ends within a sentence continues."""
    many = 0
    goes_on = False
    for line in text.split("\n"):
        line = line.strip()
        if not line:
            continue
        item = re.match(r"[(（][一二三四五六七八九十百〇零0-9]{1,4}[)）]", line)
        if not item and not goes_on:
            many += 1
        goes_on = line[-1] not in _ENDS
    return many
