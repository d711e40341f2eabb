"""The interface between the search and the engines.

Reading, sections, folding, tokens, the query tree, snippets, counting and
output are the same code for all engines. An engine stores entries and answers
query trees; it performs no analysis.
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
    # a search must not import the modules that read sources
    from pathlib import Path

    from policysearch.engines.entries import DocumentEntry
    from policysearch.engines.joined_texts import JoinedTexts, Numbers, Wanted
    from policysearch.engines.section_table import SectionTable
    from policysearch.text.shown import ShownText


__all__ = [
    "MOST_SECTIONS",
    "Accepts",
    "Answer",
    "CountsInSections",
    "DocumentTexts",
    "Engine",
    "Frequencies",
    "JoinsTexts",
    "KeepsFrequencies",
    "KeepsSizes",
    "Request",
    "ResumableStore",
    "ScoredKey",
    "Sink",
    "Store",
    "Stored",
    "TermScore",
    "headed",
    "may_begin_in_number",
    "passes",
    "section_id",
    "stands_whole",
]


Accepts = Callable[[Mapping[str, Any]], bool]
"""A predicate on the metadata of a document."""

MOST_SECTIONS = 65_536
"""Maximum number of sections of a document; engines number them in 16 bits."""


def section_id(document_id: str, number: int) -> str:
    """Return the id of a document's section; sections are numbered from 1."""
    return f"{document_id}#{number}"


@frozen
class Request:
    """A search request.

    Attributes:
        node: The query tree that selects the hits.
        groups: The scored groups, for ranking.
        exact_boost: The boost for each group that ``raises`` and occurs in a section as typed: greater than the sum of
            all scores.
        limit: Maximum number of hits; None for all.
        offset: Number of first hits to skip.
        sort: ``score``, or ``date``, ``year`` (a leading ``-`` for latest first; undated last), ``document``.
        group: ``section``, or ``document``: only each document's best section, in order of the scores of the
            documents as complete texts.
        fold: Whether of equal sections of documents with equal text (or of these documents) only the first in order
            of ids is a hit, among those that ``node`` selects.
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
    """A hit of an engine.

    Attributes:
        key: The engine's key of the section, for ``Engine.stored``.
        score: The score, 0 without scoring.
        sections: With ``group="document"``, the number of matching sections of the document; otherwise 1.
        copies: Document ids and ordinals of the duplicates folded into this hit, in order of the ids; for documents
            the ordinals have no meaning.
    """

    key: Any
    score: float
    sections: int = 1
    copies: tuple[tuple[str, int], ...] = ()


@frozen
class Answer:
    """The answer to a request.

    Attributes:
        total: Number of selected sections, or documents.
        hits: One page of hits, best first. Without a limit it may be a lazy iterator, to be consumed once.
        folded: Number of duplicates folded into other hits.
    """

    total: int
    hits: Iterable[ScoredKey]
    folded: int = 0


@frozen
class TermScore:
    """The part of a hit's score that is due to one term.

    Attributes:
        term: The term.
        document_frequency: Number of sections (documents, when grouped) of the index that contain it.
        idf: Its inverse document frequency.
        frequency: Its frequency in the hit.
        length: Length of the field in the hit, in terms, rounded as in the score.
        score: The part of the score.
        factor: The factor included in it: 1, or less for a section that is only a heading.
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
    """A stored section.

    Attributes:
        document: The document's metadata, by the names of ``Document``.
        ordinal: Its number in the document, from 1.
        last: The number of sections of the document.
        reduced: Its reduced text.
        shown: Its text as shown.

    The other attributes are those of ``sections.Section``.
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
    """Return whether ``node`` selects a section, by evaluating it on the section's text and metadata."""
    match node:
        case Contains(text, field, True):
            if field == "text":
                return stands_whole(text, section.reduced, lambda: section.text)
            shown = headed(section.number, section.heading) if field == "heading" else section.document["title"] or ""
            return stands_whole(text, reduce(shown), lambda: shown)
        case Contains(text, "text"):
            return text in section.reduced
        case Contains(text, "heading"):
            return text in section.reduced and text in reduce(headed(section.number, section.heading))
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


def headed(number: str | None, heading: str | None) -> str:
    """Return the number and the heading of a section, joined as in its text."""
    return f"{number or ''}{heading or ''}"


def may_begin_in_number(text: str) -> bool:
    """Return whether a reduced text may begin in the number of a section, as few Han characters can."""
    return text[0] in _OF_NUMBERS or not "一" <= text[0] <= "鿿"


_OF_NUMBERS = frozenset("第专栏附件之编篇分章节条款项部〇零一二三四五六七八九十百千万两壹贰叁参肆伍陆柒捌玖拾")


def stands_whole(text: str, reduced: str, show: Callable[[], str]) -> bool:
    """Return whether a text occurs in another one as whole words, not only inside longer words or numbers."""
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
    """The reduced texts of the selected sections of one document.

    Attributes:
        document: The document's metadata, by the names of ``Document``.
        parts: The part of each selected section, in document order.
        reduced: The reduced text of each.
        ordinals: The number of each in the document, from 1.
        line_breaks: Returns the ``line_breaks`` of the text as shown of each.
    """

    document: Mapping[str, Any]
    parts: tuple[str, ...]
    reduced: tuple[str, ...]
    ordinals: tuple[int, ...] = ()
    line_breaks: Callable[[], Sequence[Sequence[int]]] = tuple


class Engine(Protocol):
    """An open generation of an index. Results do not change while it is open.

    Every method may raise ``IndexUnusableError`` when the index is corrupt, and
    ``IndexClosedError`` after ``close``, including a concurrent one in another
    thread.
    """

    @property
    def description(self) -> Mapping[str, Any]:
        """Generation, counts, fingerprints and roots of the index."""

    @property
    def duplicates(self) -> Mapping[str, str]:
        """The id of each document with the same text as an earlier one, and the id of the first one."""

    def prepare(self) -> None:
        """Load the libraries that make many requests fast and a single one slow."""

    def search(self, request: Request) -> Answer:
        """Answer a request."""

    def stored(self, keys: Iterable[Any]) -> list[Stored]:
        """Return the sections of the keys of hits."""

    def name(self, key: Any) -> tuple[str, int]:
        """Return the document id and the ordinal of a key's section, without reading its text."""

    def ids(self, node: Node) -> list[str]:
        """Return the ids of all sections that ``node`` selects, in order of documents and sections."""

    def explain(self, key: Any | None, groups: Sequence[ScoredGroup], group: str) -> tuple[TermScore, ...]:
        """Return the score of each group as typed (a term of the field ``text``), then of each term, in a hit.

        Without a key, return their weights.
        """

    def find_document(self, document_id: str) -> tuple[Any, ...]:
        """Return the keys of a document's sections in order; empty for an unknown document."""

    def numbers(self, document_id: str) -> Sequence[str | None]:
        """Return the numbers of a document's sections in order, as in ``Stored``; empty for an unknown document."""

    def stream(self, node: Node) -> Iterator[Stored]:
        """Yield all sections that ``node`` selects, in order of their ids."""

    def texts(self, node: Node) -> Iterator[DocumentTexts]:
        """Yield the documents with a section that ``node`` selects, in order of their ids."""

    def documents(self, node: Node) -> Iterator[tuple[Mapping[str, Any], int]]:
        """Yield the metadata of the same documents, each with its number of selected sections."""

    def facets(self, node: Node, fields: Sequence[str]) -> Mapping[str, Mapping[Any, tuple[int, int]]]:
        """Return, for each field and each of its values, the numbers of selected sections and of their documents.

        Fields are ``part`` and those of ``vocabulary.FILTER_COLUMNS``. Null is not a value; values are in no particular
        order.
        """

    def values(self, field: str) -> Sequence[Any]:
        """Return the distinct values of a document field, without null, in no particular order."""

    def verify(self) -> None:
        """Read the entire index; raise ``IndexUnusableError`` when it is corrupt."""

    def close(self) -> None:
        """Close files and connections."""


class Frequencies(Protocol):
    """Frequencies in a set of sections, without reading them all."""

    def totals(self) -> tuple[int, int, int]:
        """Return the numbers of documents, sections and Han characters."""

    def words(self, wanted: Wanted | None = None) -> Mapping[str, int]:
        """Return the indexed words of the sections with their frequencies; optionally only the wanted ones."""

    def words_beside(self, other: Any) -> tuple[list[str], Numbers]:
        """Return the indexed words of these sections or others of the engine, and the frequency of each in both."""

    def of(self, strings: Sequence[str]) -> list[int]:
        """Return the frequency of each string in the sections; overlapping occurrences count once, left to right."""

    def documents(self, strings: Sequence[str]) -> list[int]:
        """Return the number of documents with a section that contains each string."""

    def pairs(self, pairs: Numbers) -> Numbers:
        """Return the frequency of pairs of characters, overlapping ones too.

        The code point of the first character is in the higher four bytes of a number, that of the second in the lower;
        0 there means the first character alone.
        """


@runtime_checkable
class KeepsFrequencies(Protocol):
    """An engine that computes the frequencies of words and other strings in some sections from its postings."""

    def frequencies(self, node: Node, accepts: Accepts | None = None) -> Frequencies:
        """Return the frequencies in the sections that ``node`` selects, of documents that ``accepts`` accepts."""


@runtime_checkable
class CountsInSections(Protocol):
    """An engine that counts strings in each section without reading all texts."""

    def section_tables(self, node: Node, accepts: Accepts | None = None) -> Iterator[SectionTable]:
        """Yield the same sections as arrays, of all parts of the index in a fixed order, also of those without any."""


@runtime_checkable
class KeepsSizes(Protocol):
    """An engine that stores the number of Han characters of each section."""

    def sizes(self, node: Node) -> Iterator[tuple[Mapping[str, Any], int, int]] | None:
        """Yield the metadata of the same documents, each with its numbers of selected sections and of Han characters.

        Returns None where sections are selected by reading their texts.
        """


@runtime_checkable
class JoinsTexts(Protocol):
    """An engine that reads the texts of many sections faster than one by one."""

    def joined_texts(self, node: Node, accepts: Accepts | None, characters: int) -> Iterator[JoinedTexts]:
        """Yield the texts of the same sections, of about so many characters at a time, in no particular order."""


class Sink(Protocol):
    """Stores entries; can be pickled for another process."""

    def write(self, entries: Iterable[DocumentEntry]) -> Any:
        """Store documents as they arrive; return a receipt for ``Store.publish``."""


class Store(Protocol):
    """The storage of an index, for its single writer.

    Attributes:
        folder: The folder of the index, whose files are not sources; None when it is not in a folder.
    """

    @property
    def folder(self) -> Path | None: ...

    def lock(self, wait: float, waiting: Callable[[str], None] | None = None) -> AbstractContextManager[None]:
        """Hold the write lock. Raises ``IndexUnusableError`` after ``wait`` seconds, naming the holder."""

    def exists(self) -> bool:
        """Return whether a generation is published, usable or not."""

    def current(self) -> tuple[Mapping[str, Any], Any] | None:
        """Return the published description and state, or None when nothing is published yet.

        The description has also the number of the ``generation`` and its ``duplicates``.
        """

    def salvage(self) -> tuple[Mapping[str, Any] | None, Sequence[Any]]:
        """Return the readable parts of an unusable index.

        These are the description, and states, latest first; they may be of any
        format and must be validated.
        """

    def damage(self) -> Sequence[str]:
        """Return a message for each corrupt part of the published generation: what, where, and what to do next.

        Raises ``IndexUnusableError`` when nothing is published.
        """

    def sink(self, task: int, fresh: bool) -> Sink:
        """Return a sink for one task of a build; task numbers are unique, ``fresh`` is as in ``publish``."""

    def publish(
        self,
        receipts: Sequence[Any],
        removed: Collection[str],
        description: Mapping[str, Any],
        duplicates: Mapping[str, str],
        state: Callable[[Callable[[], Engine] | None], Any],
        fresh: bool,
        jobs: int = 1,
    ) -> int:
        """Publish a new generation from the previous one, the stored and the removed documents; return its number.

        ``removed`` are ids of documents of the previous generation; ``fresh`` drops all of that. ``state`` returns the
        state, given a function that opens the new generation; None if it cannot be opened before it is published.
        ``jobs`` is the number of processes that it may use.
        """


@runtime_checkable
class ResumableStore(Store, Protocol):
    """A store with checkpoints: an interrupted build can be resumed with its finished tasks."""

    def unfinished_tasks(self, conditions: Any, fresh: bool) -> Sequence[tuple[Any, Any]]:
        """Return the receipts and outcomes in the checkpoints of a build that was interrupted.

        ``conditions`` are the inputs of the build besides the published generation, as JSON values: checkpoints of a
        build with other conditions are deleted. Call it before writing new ones. The entries of the returned tasks
        are complete.
        """

    def resume(self, receipts: Sequence[Any]) -> Collection[str]:
        """Resume that build, keeping these tasks and dropping the others.

        Returns ids of documents of the previous generation that the interrupted build overwrote or deleted, possibly
        more; each must be written again by some task, unless one that is kept has written it.
        """

    def checkpoint(self, receipt: Any, outcome: Any) -> None:
        """Record that a task is finished, and its outcome, a JSON value."""
