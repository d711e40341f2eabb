"""The answer to a query that is a citation: the cited section, its versions, sections citing it, and word matches."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from policysearch.citation.holding import holding
from policysearch.citation.queries import Citation, Found, NotCited, QueryReader
from policysearch.citation.section_marks import SectionMark, spelled, written
from policysearch.citation.typed import LOWER
from policysearch.engines.protocol import Answer, Engine, Request, ScoredKey
from policysearch.engines.tree import Listed, Node, Or
from policysearch.frozen import replace
from policysearch.query.marking import Marker
from policysearch.query.resolution import Resolved
from policysearch.search.options import SearchOptions
from policysearch.search.raised import Raised, SectionName, section_name, step_above
from policysearch.text.folding import reduce
from policysearch.text.shell import pasted

__all__ = ["Citation", "NotCited", "QueryReader", "Tiers", "others_named", "unknown"]

_MOST_NAMED = 10


class Tiers(Raised):
    """The union that answers a citation, in tiers.

    The tiers are: the cited sections, in the order of their numbers; those of other documents of the name and other
    versions, latest first; the sections that contain the reference; the others that contain all words of the query.
    Each section of the first two, and each of the last two tiers, is a step of its own.

    Attributes:
        citation: What the query cites.
        resolved: The query with the union as its tree.

    Args:
        engine: The open index.
        citation: What the query cites.
        resolved: The query in the mode ``all``.
        narrowed: Adds the filters to a tree.
    """

    def __init__(
        self, engine: Engine, citation: Citation, resolved: Resolved, narrowed: Callable[[Node], Node]
    ) -> None:
        self.citation = citation
        self._engine = engine
        own = [*_names([(citation.document, citation.sections)]), *_names(citation.copies)]
        versions = [name for name in dict.fromkeys(_names(citation.others)) if name not in own]
        self._holding = holding(citation)
        self._citing = narrowed(self._holding)
        # copies of a section are on one step
        equal = (
            (section_name(document, section), section_name(citation.document, first))
            for document, sections in citation.copies
            for section, first in zip(sections, citation.sections, strict=False)
        )
        super().__init__(dict.fromkeys(own, "self") | dict.fromkeys(versions, "version"), equal, step_above(resolved))
        self._held = frozenset(self._listed(narrowed(Listed(frozenset(self.own)))))
        self._citing_names = frozenset(self._listed(self._citing))
        node = self.union(resolved.node, narrowed)
        self.resolved = replace(resolved, node=node, marker=self._marker(resolved.marker))

    def union(self, words: Node, narrowed: Callable[[Node], Node]) -> Node:
        """Return the tree of the answer, given that of the words and a function that adds the filters to a tree."""
        return Or((narrowed(Or((Listed(frozenset(self.own)), self._holding))), words))

    def _listed(self, node: Node) -> Iterator[SectionName]:
        """Yield the names of the sections that a tree selects."""
        for hit in self._engine.search(Request(node, limit=None, sort="document")).hits:
            yield self._engine.name(hit.key)

    def label(self, name: SectionName) -> str | None:
        """Return ``self``, ``version`` or ``citing`` for a hit, None for one that only contains the words."""
        return super().label(name) or ("citing" if name in self._citing_names else None)

    def steps(self, name: SectionName) -> int:
        """Return the number of steps from the last tier up to a hit."""
        return super().steps(name) or int(name in self._citing_names)

    @property
    def left_out(self) -> bool:
        """Whether the filters leave out a cited section."""
        document_id = self.citation.document_id
        own = [name for name, label in self.own.items() if label == "self"]
        there = {self._steps[name] for name in own if name in self._held}
        return any(self._steps[name] not in there for name in own if name[0] == document_id)

    @property
    def read_as(self) -> Mapping[str, Any]:
        """The value of ``read_as`` in outputs."""
        return {
            "kind": "citation",
            "document_id": self.citation.document_id,
            "section_ids": [section.section_id for section in self.citation.sections],
            "numbers": ["".join(map(written, marks)) for marks in self.citation.numbers],
        }

    def _marker(self, marker: Marker) -> Marker:
        """Return a marker that also finds the numbers, which have the greatest weight in a snippet."""
        numbers = [spelling for marks in self.citation.numbers for spelling in spelled(marks)]
        numbers += [spelling for marks in self.citation.numbers for spelling in spelled(_section_of(marks))]
        if not numbers and self.citation.document["document_number"]:
            numbers = [reduce(self.citation.document["document_number"])]
        literals = (*marker.literals, *dict.fromkeys(numbers))
        return Marker(marker.groups, literals, marker.verified, marker.requirements, marker.word, heavy=numbers)

    # answering

    def answer(self, options: SearchOptions) -> Answer:
        """Return one page of the union."""
        resolved = self.resolved
        scoring: dict[str, Any] = {"groups": resolved.groups, "exact_boost": resolved.exact_boost}
        scoring |= {"sort": options.sort, "group": options.group}
        fold = options.duplicates == "fold"
        if options.limit == 0:
            return self._engine.search(Request(self.resolved.node, **scoring, limit=0, fold=fold))
        union = self._engine.search(Request(self.resolved.node, **scoring, limit=None, fold=fold))
        hits = list(union.hits)
        if options.grouped:
            best = {self._engine.name(hit.key)[0]: hit for hit in self._of_documents(scoring)}
            hits = [self._by_best(hit, best) for hit in hits]
        if options.sort == "score":
            named = [(self._engine.name(hit.key), hit) for hit in hits]
            raised = [(name, hit._replace(score=hit.score + self.steps(name) * self.step)) for name, hit in named]
            raised.sort(key=lambda one: (-one[1].score, one[0]))
            hits = [hit for _, hit in raised]
        stop = None if options.limit is None else options.offset + options.limit
        return Answer(union.total, tuple(hits[options.offset : stop]), union.folded)

    def _by_best(self, hit: ScoredKey, best: Mapping[str, ScoredKey]) -> ScoredKey:
        found = best.get(self._engine.name(hit.key)[0])
        return hit if found is None else hit._replace(key=found.key, score=found.score)

    def _of_documents(self, scoring: Mapping[str, Any]) -> Iterator[ScoredKey]:
        """Yield each document that cites or is cited, by its best section; those of the upper tiers last."""
        yield from self._engine.search(Request(self._citing, **scoring, limit=None)).hits
        first: dict[str, SectionName] = {}
        for name in sorted(self._held, key=self.steps, reverse=True):
            first.setdefault(name[0], name)
        if first:
            yield from self._engine.search(Request(Listed(frozenset(first.values())), **scoring, limit=None)).hits

    # notices

    def remarks(self) -> tuple[str, ...]:
        """Return notices of excluded, missing and further documents."""
        citation = self.citation
        said = []
        if self.left_out:
            number = _written(citation.numbers)
            said.append(f"The filters leave out {f'{number} of ' if number else ''}{_called(citation.document)}.")
        return (*said, *others_named(citation))


def others_named(citation: Citation) -> list[str]:
    """Return notices of numbers that a document does not have, and of other documents of its name."""
    said = []
    if citation.missing:
        said.append(f"{_called(citation.document)} has no {_written(citation.missing)}.")
    if citation.superseded is not None:
        number = _written(citation.numbers)
        said.append(f"{_called(citation.superseded)}, the latest version, has no {number}.")
    unsaid = {*(document["document_id"] for document, _ in citation.copies), *citation.excluded}
    ids = [document["document_id"] for document, _ in citation.others if document["document_id"] not in unsaid]
    if ids:
        more = f" and {len(ids) - _MOST_NAMED} more" if len(ids) > _MOST_NAMED else ""
        also = ", ".join(map(pasted, ids[:_MOST_NAMED]))
        taken = pasted(citation.document_id)
        said.append(f"'{citation.text}' fits {len(ids) + 1} documents; taken as {taken}. Also: {also}{more}")
    return said


def unknown(missing: NotCited) -> str:
    """Return the notice of a reference to something that the index does not have, without a full stop."""
    if missing.document is not None:
        return f"{_called(missing.document)} has no {_written(missing.numbers)}"
    if missing.numbers:
        return f"The parts of '{missing.name}' in the index have no {_written(missing.numbers)}"
    if missing.is_number:
        return f"No document has the number {missing.name}"
    return f"No document is called '{missing.name}'"


def _section_of(marks: Sequence[SectionMark]) -> Sequence[SectionMark]:
    """Return the number of the section alone, without those above and below it."""
    return [mark for mark in marks if mark.unit not in LOWER][-1:]


def _written(numbers: Iterable[Sequence[SectionMark]]) -> str:
    return "、".join("".join(map(written, marks)) for marks in numbers)


def _called(document: Mapping[str, Any]) -> str:
    title = document["title"]
    name = pasted(document["document_id"])
    return f"'{title}' ({name})" if title else name


def _names(found: Iterable[Found] | Sequence[Found]) -> list[SectionName]:
    return [section_name(document, section) for document, sections in found for section in sections]
