"""Queries that are citations: the document of the index that a typed query names, and its sections."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from policysearch.citation.catalogue import Catalogue, CatalogueEntry, catalogue_of, latest_first
from policysearch.citation.cited_names import SHORT_FORMS, exact_names, name_key, without_issuer
from policysearch.citation.references import Reference
from policysearch.citation.resolving import ReferenceResolver, Resolution
from policysearch.citation.section_marks import SectionMark, leading_mark, spellings
from policysearch.citation.short_numbers import figures_of, is_short_for, split_lead
from policysearch.citation.typed import LOWER, Attempt, Typed, title_before_number
from policysearch.engines.protocol import Engine, Stored
from policysearch.engines.tree import And, Contains, Node, OfDocuments, Or, Range, ValueIn
from policysearch.frozen import frozen, replace
from policysearch.gazetteer.places import names_for_filter
from policysearch.text.folding import fold, reduce

__all__ = ["Citation", "NotCited", "QueryReader"]

_HOLDS_ANOTHER = re.compile("第.{1,9}[条章款项]|》.*《")
_SHORTEST = ("宪法", "刑法", "民法")
_MOST_GROUPS = 30  # of a query that may name an issuer in short; each is compared with the rest
_LOOKS_LIKE_A_NAME = re.compile("(?:法|法典|条例|规定|办法|细则|解释|规则|准则|章程)$")


Found: TypeAlias = "tuple[Mapping[str, Any], tuple[Stored, ...]]"
"""A document's metadata, and its sections that a citation means."""


@frozen
class Citation:
    """The document, and its sections, that a query cites.

    Attributes:
        text: The reference as typed.
        groups: The indices of the query's groups that it consists of.
        document: The metadata of the cited document; of several with the name, the latest.
        numbers: The numbers that it has, each as marks, outermost first; empty if only the document is named.
        missing: The numbers that it does not have.
        sections: The sections with the numbers, in the order of the numbers; the first section of the document if only
            its document number is given, all sections if only its title is given.
        whole: The same with the sections below them; all sections if only the document is named.
        copies: The documents with the same text, and their sections.
        others: The other documents that the reference may mean, and the other versions, latest first, and their
            sections with the numbers.
        catalogue: The documents with the names of the cited one.
        superseded: The latest version of the document, if it has none of the numbers; else None.
        excluded: Ids of those of ``others`` that are versions of another year than the reference names.
    """

    text: str
    groups: frozenset[int]
    document: Mapping[str, Any]
    numbers: tuple[tuple[SectionMark, ...], ...]
    missing: tuple[tuple[SectionMark, ...], ...]
    sections: tuple[Stored, ...]
    whole: tuple[Stored, ...]
    copies: tuple[Found, ...]
    others: tuple[Found, ...]
    catalogue: Catalogue
    superseded: Mapping[str, Any] | None = None
    excluded: frozenset[str] = frozenset()

    @property
    def document_id(self) -> str:
        """Id of the cited document."""
        found: str = self.document["document_id"]
        return found


@frozen
class NotCited:
    """A reference to a document or section that the index lacks.

    Attributes:
        name: The name or the document number as typed.
        numbers: The numbers that the document does not have; empty if the document is missing.
        document: The metadata of the document without such a number; None if it is missing, or is one of several parts
            of a code, none of which has the number.
        is_number: Whether ``name`` is a document number.
    """

    name: str
    numbers: tuple[tuple[SectionMark, ...], ...] = ()
    document: Mapping[str, Any] | None = None
    is_number: bool = False


class QueryReader:
    """Reads queries that are citations, in one open index.

    Args:
        engine: The open index.
        within: Only documents with a section that this tree selects are named; None: any.
        paths: Whether a name may be the path of a source on this machine.
    """

    def __init__(self, engine: Engine, within: Node | None = None, *, paths: bool = True) -> None:
        self.paths = paths
        self._engine = engine
        self._within = within
        self._resolvers: dict[tuple[Node, ...], tuple[Catalogue, ReferenceResolver]] = {}

    def read(self, groups: Sequence[str], *, names: bool = False) -> Citation | NotCited | None:
        """Return the citation of a query; ``NotCited`` if the index lacks its target, None if it is not a citation.

        A reference consists of complete groups, except for words that introduce or follow it (根据, 的规定).

        Args:
            groups: The runs of characters without a space that the query consists of.
            names: Whether a title without a number is a citation too.
        """
        typed = Typed(groups)
        missing: NotCited | None = None
        for reading in typed.numbered():
            found = self._resolved(typed, *reading)
            if isinstance(found, Citation):
                return found
            missing = missing or found
        for first, last, number in typed.document_numbers():
            attempt = Attempt(first, Reference("document_number", 0, 0, number, number=number))
            found = self._resolved(typed, [attempt], (), last)
            if isinstance(found, Citation):
                return replace(found, missing=missing.numbers) if missing else found
            shortened = self._shortened(typed, first, last, number) if len(groups) <= _MOST_GROUPS else None
            if shortened is not None:
                return shortened
            missing = missing or found
        if names and len(groups):
            found = self._resolved(typed, typed.attempts(len(typed.folded), names=True), (), len(groups) - 1)
            if isinstance(found, Citation):
                return found
        return missing

    def _shortened(self, typed: Typed, first: int, last: int, number: str) -> Citation | None:
        """Return the citation of a document number with a shortened issuer, which the rest of the query may complete.

        The rest is the title of the document, or its place: 市政府令第31号 means the order of any city, and with the
        name of a city only that one's.
        """
        rest = typed.without(first, last)
        tail = typed.between(first, last)
        for spelling, before in _spelled_apart(tail, number):
            around = [reduce(one) for one in (*before, *rest)]
            known = [one for one in self._engine.values("document_number") if figures_of(one) == figures_of(spelling)]
            node = ValueIn("document_number", frozenset(known))
            found = [
                document
                for document, _ in (self._engine.documents(node) if known else ())
                if is_short_for(spelling, document["document_number"], document["region"])
                and all(_is_about(one, document) for one in around)
            ]
            if not found:
                continue
            main, *others = latest_first(map(CatalogueEntry, found))
            reference = Reference("document_number", 0, 0, number, number=main.document["document_number"])
            cited = self._resolved(typed, [Attempt(first, reference)], (), last)
            if isinstance(cited, Citation):
                known_ids = {cited.document_id, *(one["document_id"] for one, _ in (*cited.copies, *cited.others))}
                more = [(one.document, self._first_section(one.document)) for one in others]
                return replace(
                    cited,
                    others=(*cited.others, *(one for one in more if one[0]["document_id"] not in known_ids)),
                )
        return None

    def _first_section(self, document: Mapping[str, Any]) -> tuple[Stored, ...]:
        return tuple(self._engine.stored(self._engine.find_document(document["document_id"])[:1]))

    def _resolved(
        self, typed: Typed, attempts: Sequence[Attempt], numbers: Sequence[tuple[SectionMark, ...]], last: int
    ) -> Citation | NotCited | None:
        """Resolve the first reading that names a document of the index."""
        for nodes in (_precisely(attempts), _broadly(attempts)):
            if not nodes:
                continue
            _, resolver = self._resolver(nodes)
            missing: NotCited | None = None
            for attempt in attempts:
                found = self._cited(typed, attempt, numbers, last, resolver)
                if isinstance(found, Citation):
                    return found
                missing = missing or found
            if missing:
                return missing
        return _unknown(attempts, numbers)

    def _resolver(self, nodes: tuple[Node, ...]) -> tuple[Catalogue, ReferenceResolver]:
        found = self._resolvers.get(nodes)
        if found is None:
            if len(self._resolvers) >= 64:
                self._resolvers.clear()
            named = Or(nodes)
            catalogue = catalogue_of(self._engine, named if self._within is None else And((named, self._within)))
            found = self._resolvers[nodes] = (catalogue, ReferenceResolver(self._engine, catalogue))
        return found

    def _cited(
        self,
        typed: Typed,
        attempt: Attempt,
        numbers: Sequence[tuple[SectionMark, ...]],
        last: int,
        resolver: ReferenceResolver,
    ) -> Citation | NotCited | None:
        reference = attempt.reference
        having: list[tuple[SectionMark, ...]] = []
        missing: list[tuple[SectionMark, ...]] = []
        resolution: Resolution | None = None
        for marks in numbers or [()]:
            one = resolver.resolve(replace(reference, marks=marks))
            if one.verdict == "not_in_collection" and not one.cited:
                return None
            if one.verdict in ("not_found", "not_in_collection"):
                missing.append(marks)
                resolution = resolution or one
                continue
            if not having:
                resolution = one
            having.append(marks)
        if resolution is None:  # pragma: no cover - there is one of each number
            return None
        if not having:
            name = reference.number or reference.name or reference.text
            first = resolution.cited[0].entry
            several = first.of_code and len(resolution.cited) > 1
            return NotCited(name, tuple(missing), None if several else first.document, reference.number is not None)
        main = resolution.cited[0].entry
        catalogue, by_name = self._resolver(_named_alike(main.document))
        named = {one.entry.document_id: one.entry for one in resolution.cited}
        excluded = set()
        for version in by_name.versions(main.document):
            if version["document_id"] not in named:
                named[version["document_id"]] = replace(main, document=version)
                if reference.year is not None:
                    excluded.add(version["document_id"])
        copies = self._equal(main)
        main, *copies = sorted((main, *copies), key=lambda one: one.document_id)
        equal = {one.document_id for one in (main, *copies)}
        others = {name: entry for name, entry in named.items() if name not in equal}
        for name, entry in list(others.items()):
            copied = {one.document_id: one for one in self._equal(entry)}
            others.update(copied)
            excluded.update(copied if name in excluded else ())

        def found(entry: CatalogueEntry) -> tuple[Stored, ...]:
            if not numbers and reference.number is not None:
                return by_name.sections(entry.document)[:1]
            return tuple(_tops(by_name, entry, having))

        latest = by_name.latest(main.document) if numbers and reference.year is None else main.document
        having_it = {entry.document_id: sections for entry in others.values() if (sections := found(entry))}
        return Citation(
            typed.between(attempt.first, last),
            frozenset(range(attempt.first, last + 1)),
            main.document,
            tuple(having) if numbers else (),
            tuple(missing),
            found(main),
            tuple(_once(section for marks in having for section in by_name.cited_in(main, marks))),
            tuple((one.document, found(one)) for one in copies),
            tuple(
                (one.document, having_it[one.document_id])
                for one in latest_first(others.values())
                if one.document_id in having_it
            ),
            catalogue,
            latest if latest["document_id"] not in {*equal, *having_it} else None,
            frozenset(excluded),
        )

    def _equal(self, entry: CatalogueEntry) -> list[CatalogueEntry]:
        """Return the other documents with the text of this one."""
        original = self._engine.duplicates.get(entry.document_id, entry.document_id)
        names = [name for name, first in self._engine.duplicates.items() if first == original]
        found = []
        for name in (original, *names) if names else ():
            if name != entry.document_id:
                (first, *_) = self._engine.stored(self._engine.find_document(name)[:1])
                found.append(replace(entry, document=first.document))
        return found


def _spelled_apart(typed: str, number: str) -> Iterator[tuple[str, list[str]]]:
    """Yield a typed number, and what the same groups have before it: 城市管理办法（市政府令第31号）."""
    title = title_before_number(typed)
    yield number, [title] if title else []
    apart = split_lead(number)
    if apart:
        yield apart[1], [apart[0]]


def _is_about(text: str, document: Mapping[str, Any]) -> bool:
    """Return whether a reduced text is a part of a document's title, or its place."""
    text = name_key(text)
    title, region = name_key(document["title"] or ""), reduce(document["region"] or "")
    return text in title or (len(title) > 3 and title in text) or (len(text) > 1 and region.startswith(text))


def _once(sections: Iterable[Stored]) -> Iterator[Stored]:
    known = set()
    for section in sections:
        if section.section_id not in known:
            known.add(section.section_id)
            yield section


def _tops(
    resolver: ReferenceResolver, entry: CatalogueEntry, numbers: Sequence[tuple[SectionMark, ...]]
) -> Iterator[Stored]:
    """Return the sections of a document that have the numbers themselves, in the order of the numbers."""
    found: list[Stored] = []
    for marks in numbers:
        upper = [mark for mark in marks if mark.unit not in LOWER]
        own = set(spellings(upper[-1])) if upper else set()
        having = [
            section
            for section in resolver.cited_in(entry, marks)
            if not marks or (section.number and leading_mark(section.number) in own)
        ]
        # 三是 is a number of another kind than 三、
        found += [section for section in having if not (section.number or "").endswith("是")] or having
    return _once(found)


def _unknown(attempts: Sequence[Attempt], numbers: Sequence[tuple[SectionMark, ...]]) -> NotCited | None:
    """Return the reference to an unknown document, if the query certainly is one."""
    for attempt in reversed(attempts):  # the shortest possible name
        reference = attempt.reference
        if reference.number is not None:
            return NotCited(reference.number, is_number=True)
        key = name_key(reference.name or "")
        marked = "《" in fold(reference.text)
        if _HOLDS_ANOTHER.search(fold(reference.text)):
            continue
        if numbers and (marked or key in _SHORTEST or (len(key) > 2 and _LOOKS_LIKE_A_NAME.search(key))):
            return NotCited(reference.text.strip("《》<>〈〉 "))
    return None


# candidates for the cited document


def _precisely(attempts: Iterable[Attempt]) -> tuple[Node, ...]:
    """Return trees of the documents whose titles contain a name exactly, and of those with a number."""
    nodes: dict[Node, None] = {}
    for attempt in attempts:
        reference = attempt.reference
        if reference.number is not None:
            nodes[ValueIn("document_number", frozenset((reference.number,)))] = None
        elif reference.kind == "report":
            nodes[_reports(reference)] = None
        else:
            for key in _keys(reference.name or ""):
                nodes[Contains(key, "title")] = None
    return tuple(nodes)


def _named_alike(document: Mapping[str, Any]) -> tuple[Node, ...]:
    """Return trees of the documents whose titles contain a name of this one, and of those with its number."""
    title = document["title"] or ""
    names = {key: None for key, _ in exact_names(title)} if title else {}
    nodes: list[Node] = [Contains(key, "title") for key in (*names, reduce(title)) if len(key) > 1]
    if document["document_number"]:
        nodes.append(ValueIn("document_number", frozenset((document["document_number"],))))
    return (*dict.fromkeys(nodes), OfDocuments(frozenset((document["document_id"],))))


def _broadly(attempts: Iterable[Attempt]) -> tuple[Node, ...]:
    """Return trees of the documents whose titles contain the start and the end of a name.

    Titles may contain marks, and names are shorter than titles: 民法典婚姻家庭编解释（一）.
    """
    nodes: dict[Node, None] = {}
    for attempt in attempts:
        if attempt.reference.name and attempt.reference.kind == "title":
            for key in _keys(attempt.reference.name):
                if len(key) > 4:
                    nodes[And((Contains(key[:2], "title"), Contains(key[-2:], "title")))] = None
    return tuple(nodes)


def _keys(name: str) -> Iterator[str]:
    key = name_key(name)
    yield key
    if reduce(name) != key and len(reduce(name)) > 1:
        yield reduce(name)
    law, _, rest = key.partition("法")
    full = SHORT_FORMS.get(f"{law}法")
    if full:
        yield full + rest if not rest else full
    shorter = without_issuer(name)
    if shorter:
        yield shorter


def _reports(reference: Reference) -> Node:
    parts: list[Node] = [ValueIn("type", frozenset(("政府工作报告",)))]
    if reference.year is not None:
        parts.append(Range("year", reference.year, reference.year))
    elif reference.place:
        regions = set(names_for_filter(reference.place)) | {reference.place}
        regions |= {reference.place + ending for ending in "省市县区州盟旗"}
        parts.append(ValueIn("region", frozenset(regions)))
    return And(tuple(parts))
