"""Resolution of references in an index: the cited document, and its sections with the numbers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from policysearch.citation.catalogue import Catalogue, CatalogueEntry
from policysearch.citation.cited_names import name_key
from policysearch.citation.references import Reference
from policysearch.citation.section_marks import SectionMark, leading_mark, spellings
from policysearch.citation.versions import Versions
from policysearch.engines.protocol import Engine, Stored
from policysearch.frozen import frozen

__all__ = ["Cited", "ReferenceResolver", "Resolution"]


@frozen
class Cited:
    """A document that a reference means, and what it cites of it.

    Attributes:
        entry: The document, by the name that the reference gives it.
        sections: The cited section with what belongs to it, in order; all of the document where no number is named;
            none where the document has no such number.
    """

    entry: CatalogueEntry
    sections: tuple[Stored, ...]


@frozen
class Resolution:
    """The resolution of a reference in an index.

    Attributes:
        verdict: ``found``; ``superseded`` (an old version is named, or the number is gone from the latest);
            ``ambiguous`` (it fits several documents that are no versions of one another); ``not_found`` (the document
            is here, the number is not in it); ``not_in_collection``.
        cited: The documents that the reference may mean, latest first: of ``found`` the one that is meant first.
        section: The section cited, or the first one of the document; None where there is none.
    """

    verdict: str
    cited: tuple[Cited, ...] = ()
    section: Stored | None = None

    @property
    def document_ids(self) -> frozenset[str]:
        """Ids of the documents that the reference may mean."""
        return frozenset(one.entry.document_id for one in self.cited)


_MOST_KEPT = 200  # documents whose sections are kept at hand
_LOWER = ("款", "项", "目")


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
        self._numbered: dict[str, dict[SectionMark, list[int]]] = {}
        self._versions = Versions(engine.description.get("versions", ()))

    def resolve(self, reference: Reference, *, placeless: bool = False) -> Resolution:
        """Resolve a reference. ``placeless`` as in ``Catalogue.named``."""
        entries = self._entries(reference, placeless)
        if reference.year is not None and reference.kind != "report":
            entries = tuple(one for one in entries if _is_of_year(one, reference.year)) or self._notices(entries)
        if not entries:
            return Resolution("not_in_collection")
        entries = tuple(sorted(entries, key=lambda one: bool(one.document["status"] == "尚未生效")))
        cited = tuple(Cited(one, self.cited_in(one, reference.marks)) for one in entries)
        having = tuple(one for one in cited if one.sections)
        if not having:
            if any(one.of_code for one in entries) and not self._may_have(entries, reference.marks):
                return Resolution("not_in_collection", cited)
            return Resolution("not_found", cited, self.sections(entries[0].document)[0])
        verdict = "found" if reference.kind == "report" else self._verdict(reference, entries, having)
        first = having[0]
        return Resolution(verdict, (first, *(one for one in cited if one is not first)), first.sections[0])

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
        """Return whether a document has the text of another one that is meant too."""
        original = one.document["duplicate_of"]
        return original is not None and any(other.entry.document_id == original for other in having)

    def _same_law(self, a: CatalogueEntry, b: CatalogueEntry) -> bool:
        return a.document_id == b.document_id or self.are_versions(a.document, b.document)

    def are_versions(self, a: Mapping[str, Any], b: Mapping[str, Any]) -> bool:
        """Return whether two documents are versions of one another."""
        return self._versions.are_versions(a["document_id"], b["document_id"])

    def versions(self, document: Mapping[str, Any]) -> tuple[Mapping[str, Any], ...]:
        """Return the versions of a document, itself among them, latest first."""
        if not document["title"]:
            return (document,)
        named = [one.document for one in self._catalogue.named(document["title"]) if one.within is None]
        return tuple(
            one for one in named if one["document_id"] == document["document_id"] or self.are_versions(one, document)
        ) or (document,)

    def latest(self, document: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the version that is in force instead of a document: itself, where no other one is."""
        successor = self._versions.superseded_by(document["document_id"])
        if successor is None:
            return document
        versions = self.versions(document)
        return next((one for one in versions if one["document_id"] == successor), versions[0])

    def _entries(self, reference: Reference, placeless: bool) -> tuple[CatalogueEntry, ...]:
        if reference.number is not None:
            return self._catalogue.numbered(reference.number)
        if reference.kind == "report":
            return self._catalogue.reports(reference.place, reference.year)
        return self._catalogue.named(reference.name or "", placeless=placeless)

    @staticmethod
    def _notices(entries: Sequence[CatalogueEntry]) -> tuple[CatalogueEntry, ...]:
        """Return those of which a year before the name says nothing, since they only issue what is named."""
        return tuple(one for one in entries if one.within is not None)

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

    def _marks(self, document: Mapping[str, Any]) -> dict[SectionMark, list[int]]:
        """Return where in a document each number stands, as places in ``sections``."""
        found = self._numbered.get(document["document_id"])
        if found is None:
            found = {}
            if len(self._numbered) >= _MOST_KEPT:
                self._numbered.clear()
            for at, section in enumerate(self.sections(document)):
                mark = leading_mark(section.number) if section.number else None
                if mark:
                    found.setdefault(mark, []).append(at)
            self._numbered[document["document_id"]] = found
        return found

    def _may_have(self, entries: Iterable[CatalogueEntry], marks: Sequence[SectionMark]) -> bool:
        """Return whether a number lies between numbers of one of the parts of a code that are here."""
        wanted = next((mark for mark in marks if mark.unit == "条"), None)
        if wanted is None:
            return True
        for one in entries:
            there = [mark.value for mark in self._marks(one.document) if mark.unit == "条"]
            if there and min(there) <= wanted.value <= max(there):
                return True
        return False

    def cited_in(self, entry: CatalogueEntry, marks: Sequence[SectionMark]) -> tuple[Stored, ...]:
        """Return the sections of a document with a number, and what belongs to them; all of it without a number."""
        sections = self.sections(entry.document)
        if entry.within is not None:
            inside = [s for s in sections if s.path and name_key(s.path[0]).endswith(entry.within)]
        else:
            inside = []
        if not marks:
            return tuple(inside) or sections
        upper = [mark for mark in marks if mark.unit not in _LOWER]
        lower = [mark for mark in marks if mark.unit in _LOWER]
        numbered = self._marks(entry.document)
        wanted = upper[-1] if upper else None
        if wanted is None:
            return ()
        places = [at for unit in spellings(wanted) for at in numbered.get(unit, ())]
        fitting = [at for at in places if _under(sections[at], upper[:-1])]
        own = [at for at in fitting if sections[at] in inside] if inside else fitting
        found: list[Stored] = []
        for at in own or fitting:
            whole = self._with_children(sections, at)
            if all(_has(whole, mark, marks) for mark in lower):
                found += whole
        return tuple(found)

    @staticmethod
    def _with_children(sections: Sequence[Stored], at: int) -> list[Stored]:
        whole = [sections[at]]
        for below in sections[at + 1 :]:
            if below.level <= sections[at].level:
                break
            whole.append(below)
        return whole


def _is_of_year(entry: CatalogueEntry, year: int) -> bool:
    document = entry.document
    years = {document["year"], int(document["date"][:4]) if document["date"] else None}
    return year in years


def _under(section: Stored, above: Sequence[SectionMark]) -> bool:
    """Return whether a section stands below some numbers, outermost first."""
    path = iter(section.path[:-1])
    return all(any(leading_mark(label) == mark for label in path) for mark in above)


_ITEM = re.compile(r"(?:^|\n|[:;。])[ \t\u3000]*[(（][一二三四五六七八九十百〇零0-9]{1,4}[)）]")
_ENDS = '。;；:：!！?？”」』"'


def _has(sections: Sequence[Stored], mark: SectionMark, marks: Sequence[SectionMark]) -> bool:
    """Return whether an article has a paragraph (款) or an item (项) with this number."""
    text = "\n".join(section.text for section in sections)
    if mark.unit == "项":
        items = [leading_mark(item[0].strip(" \t\u3000\n:;。")) for item in _ITEM.finditer(text)]
        return SectionMark("()", mark.value) in items
    if mark.unit == "款":
        return mark.value <= _paragraphs(text)
    return True


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
