"""The seam between what is asked and what stores and searches.

Reading, sections, folding, tokens, the query tree, snippets, counting and
output are one code for all engines. An engine stores entries and answers a
tree; it analyses nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, runtime_checkable

from policysearch.engines.tree import (
    And,
    Contains,
    Listed,
    MatchAll,
    Node,
    Not,
    OfDocuments,
    Or,
    Range,
    ScoredGroup,
    Term,
    ValueIn,
    Verified,
    when,
)
from policysearch.frozen import frozen
from policysearch.text.folding import reduce

if TYPE_CHECKING:
    # a search must not wait for all that reading sources needs
    from pathlib import Path

    from policysearch.engines.entries import DocumentEntry
    from policysearch.text.shown import ShownText


__all__ = [
    "MOST_SECTIONS",
    "Accepts",
    "Answer",
    "DocumentTexts",
    "Engine",
    "Frequencies",
    "KeepsFrequencies",
    "Request",
    "ResumableStore",
    "ScoredKey",
    "Sink",
    "Store",
    "Stored",
    "TermScore",
    "passes",
    "section_id",
    "stands_whole",
]


Accepts = Callable[[Mapping[str, Any]], bool]
"""Tells of a document, by its metadata, whether it counts."""

MOST_SECTIONS = 65_536
"""How many sections a document may have; engines count them in 16 bits."""


def section_id(document_id: str, number: int) -> str:
    """Return the id of a document's section, counted from 1."""
    return f"{document_id}#{number}"


@frozen
class Request:
    """A search.

    Attributes:
        node: Which sections are hits.
        groups: What they are ranked by.
        exact_boost: What each group that ``raises`` and stands in a section adds to its score: more than all else can.
        limit: How many hits at most; None for all.
        offset: How many of the first hits to leave out.
        sort: ``score``, or ``date``, ``year`` (a leading ``-`` for latest first; no date comes last), ``document``.
        group: ``section``, or ``document``: each document's best section only, in the order of what the
            documents score as whole texts.
        fold: Whether of equal sections of documents with equal text (of these documents) only the first in order of
            ids is a hit, among those that ``node`` selects.
    """

    node: Node
    groups: tuple[ScoredGroup, ...] = ()
    exact_boost: float = 0.0
    limit: int | None = 10
    offset: int = 0
    sort: str = "score"
    group: str = "section"
    fold: bool = False


class ScoredKey(NamedTuple):
    """A hit as an engine gives it.

    Attributes:
        key: What ``Engine.stored`` takes.
        score: 0 where nothing scores.
        sections: With ``group="document"``, how many sections of the document are hits; else 1.
        copies: Document ids and ordinals of what is no hit because this one is, in order of the ids; the ordinals of
            documents say nothing.
    """

    key: Any
    score: float
    sections: int = 1
    copies: tuple[tuple[str, int], ...] = ()


@frozen
class Answer:
    """What an engine answers.

    Attributes:
        total: How many sections, or documents, are selected.
        hits: One page of them, best first. Where no limit was asked for, they may come one at a time, and once.
        folded: How many of them are no hits because an equal one is.
    """

    total: int
    hits: Iterable[ScoredKey]
    folded: int = 0


@frozen
class TermScore:
    """What one term adds to the score of a hit.

    Attributes:
        term: The term.
        document_frequency: How many sections (documents, when grouped) of the index hold it.
        idf: What that makes it weigh.
        frequency: How often the hit holds it.
        length: How many terms of this field the hit has, rounded as the score takes it.
        score: What it adds.
        factor: What that was multiplied by: 1, or less for a section that is only a heading.
    """

    term: Term
    document_frequency: int
    idf: float
    frequency: int
    length: int
    score: float
    factor: float = 1.0


@frozen
class Stored:
    """A section as an engine keeps it.

    Attributes:
        document: The document's metadata, by the names of ``Document``.
        ordinal: Its place in the document, from 1.
        last: How many sections the document has.
        reduced: Its text as compared.
        shown: Its text as shown.

    The rest as in ``sections.Section``.
    """

    document: Mapping[str, Any]
    ordinal: int
    last: int
    number: str | None
    heading: str | None
    level: int
    path: tuple[str, ...]
    part: str
    start: int
    page: int | None
    reduced: str
    shown: ShownText

    @property
    def text(self) -> str:
        """The text as shown."""
        return self.shown.text

    @property
    def section_id(self) -> str:
        """Document id, ``#``, ordinal."""
        return section_id(self.document["document_id"], self.ordinal)


def passes(node: Node, section: Stored) -> bool:
    """Tell whether ``node`` selects a section, by looking at it."""
    match node:
        case Contains(text, field, True):
            if field == "text":
                return stands_whole(text, section.reduced, lambda: section.text)
            shown = (section.heading if field == "heading" else section.document["title"]) or ""
            return stands_whole(text, reduce(shown), lambda: shown)
        case Contains(text, "text"):
            return text in section.reduced
        case Contains(text, "heading"):
            return text in section.reduced and text in reduce(section.heading or "")
        case Contains(text, _):
            return text in reduce(section.document["title"] or "")
        case MatchAll():
            return True
        case And(children):
            return all(passes(child, section) for child in sorted(children, key=lambda c: isinstance(c, Verified)))
        case Or(children):
            return any(passes(child, section) for child in children)
        case Not(child):
            return not passes(child, section)
        case ValueIn("part", values):
            return section.part in values
        case ValueIn(field, values):
            return section.document[field] in values
        case Range("when", _, _):
            return node.covers(when(section.document))
        case Range(field, _, _):
            return node.covers(section.document[field])
        case OfDocuments(document_ids):
            return section.document["document_id"] in document_ids
        case Listed(names):
            return (section.document["document_id"], section.ordinal) in names
        case Verified(candidates, test):
            return passes(candidates, section) and test(section.reduced, lambda: section.text)


def stands_whole(text: str, reduced: str, show: Callable[[], str]) -> bool:
    """Tell whether a text stands in another one, and not only inside longer words or numbers."""
    at = reduced.find(text)
    if at < 0:
        return False
    from policysearch.text.whole_words import Surroundings

    surroundings = Surroundings(reduced, show)
    while at >= 0:
        if not surroundings.inside_longer(at, at + len(text)):
            return True
        at = reduced.find(text, at + 1)
    return False


@frozen
class DocumentTexts:
    """The selected sections of one document, as they are compared.

    Attributes:
        document: The document's metadata, by the names of ``Document``.
        parts: Each selected section's part, in document order.
        reduced: Its text as compared.
        ordinals: Its place in the document, from 1.
    """

    document: Mapping[str, Any]
    parts: tuple[str, ...]
    reduced: tuple[str, ...]
    ordinals: tuple[int, ...] = ()


class Engine(Protocol):
    """An open generation of an index. Answers do not change while it is open.

    Every method may raise ``IndexUnusableError`` when what is stored is damaged,
    and ``IndexClosedError`` when it needs what was let go of by ``close``, also
    by one in another thread meanwhile.
    """

    @property
    def description(self) -> Mapping[str, Any]:
        """What the index is made of: generation, counts, fingerprints."""

    @property
    def duplicates(self) -> Mapping[str, str]:
        """Id of each document that repeats another one's text, and the first id that has it."""

    def prepare(self) -> None:
        """Load what makes many requests fast and a single one slow."""

    def search(self, request: Request) -> Answer:
        """Answer a request."""

    def stored(self, keys: Iterable[Any]) -> list[Stored]:
        """Return the sections behind the keys of hits."""

    def name(self, key: Any) -> tuple[str, int]:
        """Return the document id and the ordinal of the section behind a key, without a look at its text."""

    def explain(self, key: Any | None, groups: Sequence[ScoredGroup], group: str) -> tuple[TermScore, ...]:
        """Return what each group as typed (a term of the field ``text``), then each term, adds to the score of a hit.

        Without a key: what they weigh.
        """

    def find_document(self, document_id: str) -> tuple[Any, ...]:
        """Return the keys of a document's sections in order; none when there is no such document."""

    def stream(self, node: Node) -> Iterator[Stored]:
        """Yield all sections that ``node`` selects, in order of their ids."""

    def texts(self, node: Node) -> Iterator[DocumentTexts]:
        """Yield the documents of which ``node`` selects a section, in order of their ids."""

    def documents(self, node: Node) -> Iterator[tuple[Mapping[str, Any], int]]:
        """Yield the same documents' metadata, and how many sections are selected of each."""

    def values(self, field: str) -> Sequence[Any]:
        """Return a document field's distinct values, null left out, in no particular order."""

    def verify(self) -> None:
        """Raise ``IndexUnusableError`` when what is stored is not what was written; all of it is read."""

    def close(self) -> None:
        """Let go of what is open."""


class Frequencies(Protocol):
    """What is known of some sections without reading them all."""

    def totals(self) -> tuple[int, int, int]:
        """Return how many documents they are of, how many they are, and how many Han characters they have."""

    def words(self) -> Mapping[str, int]:
        """Return the words that were stored with them, and how often each."""

    def of(self, strings: Sequence[str]) -> list[int]:
        """Return at how many places each string stands in them, overlapping ones once, left to right."""


@runtime_checkable
class KeepsFrequencies(Protocol):
    """An engine that can tell from its postings how often words and other strings stand in some sections."""

    def frequencies(self, node: Node, accepts: Accepts | None = None) -> Frequencies:
        """Return what is known of the sections that ``node`` selects, of documents that ``accepts`` takes."""


class Sink(Protocol):
    """Stores entries; may be sent to another process."""

    def write(self, entries: Iterable[DocumentEntry]) -> Any:
        """Store documents as they come, and return a receipt for ``Store.publish``."""


class Store(Protocol):
    """The place of an index, as its one writer sees it.

    Attributes:
        folder: The folder that is all the index's, whose files are no sources; None when it is in no folder.
    """

    @property
    def folder(self) -> Path | None: ...

    def lock(self, wait: float, waiting: Callable[[str], None] | None = None) -> AbstractContextManager[None]:
        """Hold the right to write. Raises ``IndexUnusableError`` after ``wait`` seconds, naming the holder."""

    def exists(self) -> bool:
        """Tell whether anything was published, usable or not."""

    def current(self) -> tuple[Mapping[str, Any], Any] | None:
        """Return the published description and state, None when nothing was published yet."""

    def salvage(self) -> tuple[Mapping[str, Any] | None, Sequence[Any]]:
        """Return what can still be read where what is published cannot be used.

        That is the description, and states, latest first; they may be of any
        format and say anything.
        """

    def damage(self) -> Sequence[str]:
        """Return what of the published generation is not as it was written: what, where, and what to do next.

        Raises ``IndexUnusableError`` when nothing was published.
        """

    def sink(self, task: int, fresh: bool) -> Sink:
        """Return a sink for one task of a build; no two have the same number, all say ``fresh`` as ``publish`` will."""

    def publish(
        self,
        receipts: Sequence[Any],
        removed: Collection[str],
        description: Mapping[str, Any],
        duplicates: Mapping[str, str],
        state: Any,
        fresh: bool,
    ) -> int:
        """Make a new generation of what was there, what was stored and not what was removed; return its number.

        ``removed`` are ids of documents of the generation before; ``fresh``
        leaves out all of it.
        """


@runtime_checkable
class ResumableStore(Store, Protocol):
    """A store that keeps checkpoints: an interrupted build is resumed, and keeps the tasks that were finished."""

    def unfinished_tasks(self, conditions: Any, fresh: bool) -> Sequence[tuple[Any, Any]]:
        """Return the receipts and outcomes in the checkpoints of a build that was interrupted.

        ``conditions`` are what the build depends on besides what is published, fit for JSON: checkpoints of a build
        under others are deleted, and only now are new ones kept. What the returned tasks stored is all there.
        """

    def resume(self, receipts: Sequence[Any]) -> Collection[str]:
        """Resume that build, keeping these tasks and forgetting its others.

        Returns ids of documents of the previous generation that the interrupted build overwrote or deleted, possibly
        more; each must be written again by some task, unless one that is kept has written it.
        """

    def checkpoint(self, receipt: Any, outcome: Any) -> None:
        """Record that a task is finished, and its outcome, which is fit for JSON."""
